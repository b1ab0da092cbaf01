//! No figure of any firm ever in any alert: looked for in everything that leaves the program.

use chrono::TimeDelta;
use yuebao::alerts::{Alert, DaemonTrouble, deliver, harmless, raise};
use yuebao::files::FileError;
use yuebao::ledger::orders::OrderStep;
use yuebao::ledger::reason::Reason;
use yuebao::pipeline::RunError;
use yuebao::project::schedules::Step;
use yuebao::stages::marts::MartError;

use super::server::Server;
use super::{alerts, at, carry_out, channel, ledger, project, sender, text};
use crate::support::scene::{Scene, b204_book};

/// A figure nobody mistakes: 98765 thousand yuan.
const FIGURE: &str = "98765";

/// A mart that promises what its rows do not keep: the test's rows bear figures.
const BROKEN: &str = "-- mart: zone_output
-- purpose: a test
-- grain: period, zone
-- inputs: monthly_totals
-- columns:
--   period | month | Month | 月份
--   zone | code | Zone | 开发区
--   ytd_cny | CNY | Output | 产值
-- accepted ytd_cny: 0.00
-- reconcile nothing_is_positive:
--   select period, zone, ytd_cny from this where ytd_cny > 0
select period, scope_id as zone, ytd_cny
from monthly_totals
where scope_kind = 'zone' and item = 'output'
";

/// A district whose figures are easy to find, with a mart that fails on them.
fn scene() -> Scene {
    let scene = Scene::new();
    scene.drop_file("1.xlsx", &b204_book(0, 3, [98765, 98765, 98765, 98765]), 2300);
    scene.write("jobs/marts/zone_output.sql", BROKEN);
    scene
}

#[tokio::test(flavor = "multi_thread")]
async fn no_figure_of_any_firm_ever_in_any_alert() {
    let scene = scene();
    let ledger = ledger(&scene).await;
    let server = Server::answering(&[(200, r#"{"errcode":0,"code":0}"#)]);
    let kinds = ["json", "wecom", "dingtalk", "feishu"];
    let channels: Vec<String> = kinds
        .iter()
        .flat_map(|kind| ["zh", "en"].map(|locale| (kind, locale)))
        .map(|(kind, locale)| {
            let more = format!("locale = \"{locale}\"");
            channel(kind, &server.url("/"), &more).replace("duty", &format!("{kind}-{locale}"))
        })
        .collect();
    let project = project(&scene, &channels.concat());
    let month = Some("2024-03");
    let before = "2024-04-08T01:00:00Z";
    carry_out(&scene, &ledger, &[Step::Intake, Step::Remind], month, before).await.unwrap();
    let after = "2024-04-11T00:00:00Z";
    let held =
        carry_out(&scene, &ledger, &[Step::Close, Step::Publish], month, after).await.unwrap();
    assert!(held.failed_tests.concat().contains(FIGURE), "the rows of the test bear the figure");
    let reasons = vec![with_a_figure()];
    for alert in [
        Alert::RunFailed { job: "publish".to_owned(), order_id: 9, reasons: reasons.clone() },
        Alert::DaemonTrouble(DaemonTrouble::Files(reasons)),
    ] {
        raise(&ledger, &project, &alert, at(after)).await.unwrap();
    }
    deliver(&ledger, &sender(), &project, at(after)).await.unwrap();
    std::fs::remove_file(scene.path("jobs/marts/zone_output.sql")).unwrap();
    carry_out(&scene, &ledger, &[Step::Publish, Step::Announce], month, after).await.unwrap();
    deliver(&ledger, &sender(), &project, at(after) + TimeDelta::hours(2)).await.unwrap();
    let texts: Vec<String> =
        alerts(&ledger).await.iter().map(|it| format!("{:?}", text(&scene, it))).collect();
    let sent = server.sent();
    assert_eq!((texts.len(), sent.len()), (6, 8 * 7), "six alerts, one recovery");
    for text in texts.iter().chain(sent.iter().map(|(_, body)| body)) {
        assert!(!digits(text).contains(FIGURE), "{text}");
    }
}

/// A text without what people put between digits.
fn digits(text: &str) -> String {
    text.chars().filter(|letter| !matches!(letter, ',' | '.' | '_' | ' ')).collect()
}

/// An engine quotes the value it choked on, as the ledger keeps it.
fn with_a_figure() -> Reason {
    let cause = "Cast error: Cannot cast string '98,765.00' to value of Decimal128(20, 2) type";
    let source = Box::new(datafusion::error::DataFusionError::Execution(cause.to_owned()));
    let error = RunError::Mart(MartError::Query { mart: "headline".to_owned(), source });
    let reason = Reason::error(&error);
    assert!(reason.text().en.contains("98,765"), "{reason:?}");
    reason
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edition_held_back_names_mart_test_and_count_and_is_settled_by_the_next() {
    let scene = scene();
    let ledger = ledger(&scene).await;
    let now = "2024-04-11T00:00:00Z";
    carry_out(&scene, &ledger, &[Step::Intake, Step::Publish], None, now).await.unwrap();
    let open = alerts(&ledger).await.remove(0);
    assert_eq!((open.kind.as_str(), open.settled_at), ("edition_held_back", None));
    let told = text(&scene, &open).en;
    assert!(told.contains("- zone_output: nothing_is_positive, 1 rows"), "{told}");
    std::fs::remove_file(scene.path("jobs/marts/zone_output.sql")).unwrap();
    carry_out(&scene, &ledger, &[Step::Publish], None, now).await.unwrap();
    assert!(alerts(&ledger).await[0].settled_at.is_some());
}

#[test]
fn of_errors_only_our_words_and_those_of_the_system_are_told() {
    let full = std::io::Error::from_raw_os_error(28);
    let full = Reason::error(&FileError::new("write", "output/lake/period=2024-03", full));
    let said = "index 98765 out of range".to_owned();
    let words = vec!["value 98765.43 and ９８７６５ of `a1`".to_owned(), "98765".to_owned()];
    let cases = [
        (
            full,
            "could not write `output/lake/period=2024-03`: make room on that disk, then try again: \
             No space left on device (os error 28)",
        ),
        (with_a_figure(), "could not compute mart `headline`"),
        (
            Reason::Panicked { step: OrderStep::Publish, said },
            "step `publish` panicked: …; this is a fault of the program, please report it",
        ),
        (Reason::TimeOut, "given up after its time-out"),
        (Reason::Words { words }, "value #.# and # of `a1`"),
    ];
    for (reason, told) in cases {
        assert_eq!(harmless(&[reason]).en, told);
    }
    assert_eq!(harmless(&[]).en, "");
}
