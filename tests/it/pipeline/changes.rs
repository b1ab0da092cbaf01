//! What is done again when something changed, and what is not.

use std::fs;
use std::path::Path;

use yuebao::domain::partition::Partition;
use yuebao::pipeline::edition::Publication;
use yuebao::pipeline::plan::{self, Scope, StaleReason};

use crate::support::scene::{Scene, assert_same, b204_book};

fn partition(month: &str) -> Partition {
    Partition::Month(month.parse().unwrap())
}

fn two_months() -> Scene {
    let scene = Scene::new();
    scene.drop_file("3.xlsx", &b204_book(1, 3, [1010, 3030, 900, 2700]), 2400);
    scene.drop_file("4.xlsx", &b204_book(1, 4, [1020, 4050, 900, 3600]), 3100);
    scene.take_in();
    scene.publish();
    scene
}

#[test]
fn a_run_without_changes_opens_no_workbook() {
    let scene = two_months();
    // Nobody could read these any more: opening one would be noticed.
    for (name, _) in scene.files("archive") {
        if Path::new(&name).extension().is_some_and(|it| it == "xlsx") {
            fs::write(scene.out("archive").join(name), "gone").unwrap();
        }
    }
    let taken = scene.take_in();
    assert!(taken.months.is_empty(), "{taken:?}");
    assert_eq!(scene.publish(), Publication::Unchanged(1));
}

#[test]
fn a_correction_overturns_no_verdict_given_before_it_came() {
    let scene = two_months();
    scene.drop_file("3b.xlsx", &b204_book(1, 3, [1110, 3130, 900, 2700]), 3200);
    let taken = scene.take_in();
    // April is looked at again, but held against what counted when it was received.
    assert_eq!(
        taken.months.keys().copied().collect::<Vec<_>>(),
        [partition("2024-03"), partition("2024-04")]
    );
    assert_eq!(taken.months[&partition("2024-03")].tally.accepted, 2);
    assert_eq!(taken.months[&partition("2024-04")].tally.accepted, 1);
    assert_eq!(scene.publish(), Publication::Published(2));
}

#[test]
fn what_comes_after_a_correction_is_held_against_it() {
    let scene = two_months();
    scene.drop_file("3b.xlsx", &b204_book(1, 3, [1110, 3130, 900, 2700]), 3200);
    // The year to date of the uncorrected March: it no longer adds up.
    scene.drop_file("4b.xlsx", &b204_book(1, 4, [1030, 4060, 900, 3600]), 3300);
    let taken = scene.take_in();
    let april = &taken.months[&partition("2024-04")];
    assert_eq!((april.tally.accepted, april.tally.queried), (1, 1));
    let matters = scene.matters();
    assert!(matters[0].findings[0].message.en.contains("3,130"), "{matters:?}");
}

#[test]
fn months_taken_in_together_are_held_against_one_another_in_any_order() {
    let scene = Scene::new();
    // Copied with one date, and April's even before March's.
    scene.drop_file("3.xlsx", &b204_book(1, 3, [1010, 3030, 900, 2700]), 9000);
    scene.drop_file("4.xlsx", &b204_book(1, 4, [1010, 5050, 900, 3600]), 8000);
    let taken = scene.take_in();
    assert_eq!(
        taken.months[&partition("2024-04")].tally.queried,
        1,
        "3,030 and 1,010 make no 5,050"
    );
}

#[test]
fn a_refused_resubmission_leaves_later_months_alone() {
    let scene = two_months();
    scene.drop_file("bad.xlsx", &b204_book(1, 3, [1100, -3, 900, 2600]), 3200);
    let taken = scene.take_in();
    assert_eq!(taken.months.keys().copied().collect::<Vec<_>>(), [partition("2024-03")]);
}

#[test]
fn the_plan_says_why_and_changes_nothing() {
    let scene = two_months();
    let before = scene.files("");
    let plan = |is_forced| {
        let scope = Scope { is_forced, ..Scope::default() };
        scene.with_site(|site| plan::preview(site.workshop, site.output, scope)).unwrap()
    };
    assert_eq!(plan(false), [(partition("2024-03"), None), (partition("2024-04"), None)]);
    assert_eq!(plan(true)[0], (partition("2024-03"), Some(StaleReason::Forced)));
    assert_same(&scene.files(""), &before);
    scene.append("seeds/firms.csv", "");
    scene.touch_rules();
    let reasons: Vec<_> = plan(false).into_iter().map(|(_, reason)| reason).collect();
    assert_eq!(reasons, [Some(StaleReason::Changed), Some(StaleReason::Changed)]);
}

#[test]
fn a_month_outside_the_scope_is_left_alone() {
    let scene = two_months();
    scene.touch_rules();
    let april = "2024-04".parse().ok();
    let scope = Scope { from: april, to: april, is_forced: false };
    let taken = scene.with_site(|site| crate::support::scene::take_in(site, scope)).unwrap();
    assert_eq!(taken.months.keys().copied().collect::<Vec<_>>(), [partition("2024-04")]);
}

#[test]
fn a_failing_test_of_a_mart_holds_the_edition_back_and_names_the_rows() {
    let scene = two_months();
    scene.write(
        "jobs/marts/doubtful.sql",
        "-- mart: doubtful
-- purpose: rows that break their promise
-- grain: period
-- inputs: submissions
-- columns:
--   period | date | The month | 月份
-- reconcile nothing_in_april:
--   select period from this where period = date '2024-04-01'
select distinct period from submissions
",
    );
    assert_eq!(scene.faults(), "");
    let Publication::HeldBack(failures) = scene.publish() else { panic!("it was published") };
    assert_eq!(failures.len(), 1);
    assert!(failures[0].rows[0].contains("2024-04-01"), "{failures:?}");
    assert_eq!(fs::read_link(scene.out("marts")).unwrap().to_str(), Some("editions/1"));
}
