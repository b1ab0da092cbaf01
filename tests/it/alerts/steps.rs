//! The steps that tell people: who has not reported, before and after the deadline; what is out.

use yuebao::alerts::Subject;
use yuebao::project::schedules::Step;

use super::{alerts, at, carry_out, ledger, take_in, text};
use crate::support::scene::{FIRMS, Scene, b204, b204_book};
use crate::support::workbook::Book;

/// The deadline of 2024-03 is 2024-04-10 12:00 in Shanghai.
const BEFORE: &str = "2024-04-08T01:00:00Z";
const AFTER: &str = "2024-04-10T04:00:00Z";
const MARCH: Option<&str> = Some("2024-03");

/// A district where the first firm has reported March, the others nothing.
fn one_of_three() -> Scene {
    Scene::like("alerts", || {
        let scene = Scene::new();
        scene.drop_file("1.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2300);
        take_in(&scene);
        scene
    })
}

fn report_the_others(scene: &Scene) {
    for firm in [1, 2] {
        let book = b204_book(firm, 3, [1010, 3030, 900, 2700]);
        scene.drop_file(&format!("{firm}-late.xlsx"), &book, 2500);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn remind_names_who_has_not_reported() {
    let scene = one_of_three();
    let ledger = ledger(&scene).await;
    let report = carry_out(&scene, &ledger, &[Step::Remind], MARCH, BEFORE).await.unwrap();
    assert_eq!((report.firms_due, report.firms_missing), (3, 2));
    let all = alerts(&ledger).await;
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].kind, "reminder");
    assert_eq!(Subject::shown(&all[0].subject), "B204-1 2024-03 2024-04-08");
    assert_eq!(
        text(&scene, &all[0]).zh,
        "B204-1 表 2024-03：截止时间 2024-04-10 12:00，应报 3 家，还有 2 家未报送通过：\n\
         - 示例汽车零部件有限公司\n- 示例轨道配件有限公司"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn before_anybody_has_filed_all_firms_are_due() {
    let scene = Scene::new();
    let ledger = ledger(&scene).await;
    let report = carry_out(&scene, &ledger, &[Step::Remind], MARCH, BEFORE).await.unwrap();
    assert_eq!((report.firms_due, report.firms_missing), (3, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_day_of_reminding_is_told_and_a_repeated_run_is_not() {
    let scene = one_of_three();
    let ledger = ledger(&scene).await;
    for now in [BEFORE, "2024-04-08T15:00:00Z", "2024-04-08T16:00:00Z"] {
        carry_out(&scene, &ledger, &[Step::Remind], MARCH, now).await.unwrap();
    }
    let times: Vec<i64> = alerts(&ledger).await.iter().map(|alert| alert.times).collect();
    assert_eq!(times, [1, 2], "the day ends at midnight in Shanghai");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_reminded_when_all_is_in_or_the_deadline_has_passed() {
    let scene = one_of_three();
    let ledger = ledger(&scene).await;
    carry_out(&scene, &ledger, &[Step::Remind], MARCH, AFTER).await.unwrap();
    report_the_others(&scene);
    carry_out(&scene, &ledger, &[Step::Intake, Step::Remind], MARCH, BEFORE).await.unwrap();
    assert!(alerts(&ledger).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn close_waits_for_the_deadline_and_is_settled_by_the_last_report() {
    let scene = one_of_three();
    let ledger = ledger(&scene).await;
    carry_out(&scene, &ledger, &[Step::Close], MARCH, BEFORE).await.unwrap();
    assert!(alerts(&ledger).await.is_empty());
    let report = carry_out(&scene, &ledger, &[Step::Close], MARCH, AFTER).await.unwrap();
    assert_eq!((report.firms_due, report.firms_missing), (3, 2));
    let open = alerts(&ledger).await.remove(0);
    assert_eq!(open.kind, "firms_missing");
    assert_eq!(Subject::shown(&open.subject), "B204-1 2024-03");
    assert_eq!(open.settled_at, None);
    report_the_others(&scene);
    let settled = "2024-04-15T00:00:00Z";
    carry_out(&scene, &ledger, &[Step::Intake], None, settled).await.unwrap();
    let all = alerts(&ledger).await;
    assert_eq!(all.len(), 1);
    assert!(at(settled) <= all[0].settled_at.unwrap(), "{all:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn close_settles_what_is_complete() {
    let scene = one_of_three();
    let ledger = ledger(&scene).await;
    carry_out(&scene, &ledger, &[Step::Close], MARCH, AFTER).await.unwrap();
    let text = std::fs::read_to_string(scene.path("seeds/firms.csv")).unwrap();
    scene.seed("firms.csv", &text.replace(",3,false,2020-01,,", ",3,false,2020-01,2024-02,"));
    carry_out(&scene, &ledger, &[Step::Close], MARCH, "2024-04-12T00:00:00Z").await.unwrap();
    assert!(alerts(&ledger).await[0].settled_at.is_some(), "the others left the roster");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_and_does_not_count_is_missing_with_its_state() {
    let scene = Scene::new();
    let wrong = b204(1, 3, [1010, 3030, 900, 2700]).replace("'04|0|0|0|0", "'04|0|5000|0|0");
    scene.drop_file("wrong.xlsx", &Book::of(&wrong), 2300);
    take_in(&scene);
    let ledger = ledger(&scene).await;
    carry_out(&scene, &ledger, &[Step::Close], MARCH, AFTER).await.unwrap();
    let text = text(&scene, &alerts(&ledger).await[0]).zh;
    assert!(text.contains(&format!("- {}（退回）", FIRMS[1].1)), "{text}");
    assert!(text.contains(&format!("- {}\n", FIRMS[0].1)), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_revision_does_not_undo_an_accepted_one() {
    let scene = one_of_three();
    let wrong = b204(0, 3, [1010, 3030, 900, 2700]).replace("'04|0|0|0|0", "'04|0|5000|0|0");
    scene.drop_file("worse.xlsx", &Book::of(&wrong), 2350);
    take_in(&scene);
    let ledger = ledger(&scene).await;
    let report = carry_out(&scene, &ledger, &[Step::Close], MARCH, AFTER).await.unwrap();
    assert_eq!((report.firms_due, report.firms_missing), (3, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_firms_on_the_roster_that_are_asked_for_the_form_are_due() {
    let scene = one_of_three();
    scene.ship("forms/LY-01.toml");
    let text = std::fs::read_to_string(scene.path("seeds/firms.csv")).unwrap();
    let text = text.replace("3714,3,false,2020-01,,", "3714,3,false,2024-04,,");
    scene.seed(
        "firms.csv",
        &text.replace("3670,3,false,2020-01,,keep,B204-1", "3670,3,false,2020-01,,keep,LY-01"),
    );
    let ledger = ledger(&scene).await;
    let report = carry_out(&scene, &ledger, &[Step::Close], MARCH, AFTER).await.unwrap();
    assert_eq!((report.firms_due, report.firms_missing), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brief_is_announced_once_for_each_edition_that_changed_its_month() {
    let scene = one_of_three();
    let ledger = ledger(&scene).await;
    let both = [Step::Intake, Step::Publish, Step::Announce];
    let subjects = async || {
        let all = alerts(&ledger).await;
        all.iter().map(|alert| Subject::shown(&alert.subject)).collect::<Vec<_>>()
    };
    for _ in 0..2 {
        carry_out(&scene, &ledger, &both, MARCH, AFTER).await.unwrap();
    }
    assert_eq!(subjects().await, ["2024-03 edition 1"]);
    scene.drop_file("4.xlsx", &b204_book(0, 4, [1020, 4050, 910, 3610]), 2900);
    carry_out(&scene, &ledger, &[Step::Intake], None, AFTER).await.unwrap();
    let report = carry_out(&scene, &ledger, &both, MARCH, AFTER).await.unwrap();
    assert_eq!((report.edition, report.is_new_edition), (Some(2), true));
    assert_eq!(subjects().await, ["2024-03 edition 1"], "April changed, not March");
    report_the_others(&scene);
    carry_out(&scene, &ledger, &both, MARCH, AFTER).await.unwrap();
    let mut found = subjects().await;
    found.sort();
    assert_eq!(found, ["2024-03 edition 1", "2024-03 edition 3"]);
    let text = text(&scene, &alerts(&ledger).await[0]).en;
    let (_, page) = text.split_once("): ").unwrap();
    assert!(std::path::Path::new(page.trim()).is_file(), "a page that can be opened: {text}");
    assert!(page.ends_with("/briefs/brief-2024-03.html"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_announced_without_an_edition_or_a_brief_of_the_month() {
    let scene = one_of_three();
    let ledger = ledger(&scene).await;
    carry_out(&scene, &ledger, &[Step::Announce], MARCH, AFTER).await.unwrap();
    let steps = [Step::Publish, Step::Announce];
    carry_out(&scene, &ledger, &steps, Some("2024-09"), AFTER).await.unwrap();
    assert!(alerts(&ledger).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edition_that_awaits_a_reason_is_told_once_without_figures_and_settled() {
    let scene = one_of_three();
    let ledger = ledger(&scene).await;
    let steps = [Step::Intake, Step::Publish];
    carry_out(&scene, &ledger, &steps, None, AFTER).await.unwrap();
    let firms = std::fs::read_to_string(scene.path("seeds/firms.csv")).unwrap();
    scene.seed("firms.csv", &firms.replacen("green", "", 1));
    for _ in 0..2 {
        let report = carry_out(&scene, &ledger, &steps, None, AFTER).await.unwrap();
        let causes = &report.awaits_reason.as_ref().unwrap().causes;
        let causes = serde_json::to_value(causes).unwrap();
        assert_eq!(causes, serde_json::json!({"2024-03": ["roster"]}));
    }
    let all = alerts(&ledger).await;
    let [alert] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((alert.kind.as_str(), &alert.settled_at), ("edition_awaits_reason", &None));
    let told = text(&scene, alert);
    assert!(told.zh.contains("- 2024-03：企业名录"), "{}", told.zh);
    assert!(told.en.contains("- 2024-03: roster"), "{}", told.en);
    scene.seed("firms.csv", &firms);
    carry_out(&scene, &ledger, &steps, None, AFTER).await.unwrap();
    assert!(alerts(&ledger).await[0].settled_at.is_some(), "taken back, it waits no longer");
}
