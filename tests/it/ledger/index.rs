//! The index of submissions says what the lake says, and costs nothing when that is unchanged.

use std::fs;
use std::path::Path;

use yuebao::lake::rows::{SubmissionRow, SubmissionState};
use yuebao::ledger::Ledger;
use yuebao::pipeline::output::Output;
use yuebao::runs::index;

use super::{ask, tell, wait};
use crate::support::scene::{Scene, b204_book};

/// Three workbooks over two months, and one that is none.
fn scene() -> Scene {
    let scene = Scene::new();
    scene.drop_file("3.xlsx", &b204_book(1, 3, [1010, 3030, 900, 2700]), 2400);
    scene.drop_file("3b.xlsx", &b204_book(0, 3, [1110, -3, 900, 2700]), 2401);
    scene.drop_file("4.xlsx", &b204_book(1, 4, [1020, 4050, 900, 3600]), 3100);
    scene.drop_file("page.xls", b"<html></html>", 2500);
    scene.take_in();
    scene
}

/// Brings the index in step and says how many partitions that took.
fn sync(scene: &Scene) -> usize {
    wait(async {
        let ledger = Ledger::open(&scene.out("ledger.sqlite")).await.unwrap();
        let output = Output::new(scene.out(""));
        let done = index::sync(&ledger, &output).await.unwrap();
        assert_eq!(index::behind(&ledger, &output).await.unwrap(), index::Behind::default());
        ledger.close().await;
        done
    })
}

/// The whole index as text.
pub(super) fn dump(path: &Path) -> Vec<String> {
    let rows = "SELECT partition || ' ' || submission_id || ' ' || sha256 || ' ' || file_name \
         || ' ' || COALESCE(form, '-') || ' ' || COALESCE(credit_code, '-') || ' ' \
         || COALESCE(period, '-') || ' ' || received_at || ' ' || revision || ' ' || state || ' ' \
         || is_current || ' ' || errors || ' ' || queries FROM submissions ORDER BY 1";
    let marks = "SELECT period || ' ' || inputs FROM partitions ORDER BY 1";
    [ask(path, rows), ask(path, marks)].concat()
}

#[test]
fn the_index_holds_what_the_lake_holds() {
    let scene = scene();
    assert_eq!(sync(&scene), 3);
    let states = "SELECT file_name || ' ' || partition || ' ' || COALESCE(period, '-') || ' ' \
         || state || ' ' || is_current || ' ' || COALESCE(credit_code, '-') \
         FROM submissions ORDER BY received_at";
    assert_eq!(
        ask(&scene.out("ledger.sqlite"), states),
        [
            "3.xlsx 2024-03 2024-03 accepted 1 91220106MA0000429W",
            "3b.xlsx 2024-03 2024-03 refused 0 91220106MA0000015Q",
            "page.xls unreadable - unreadable 0 -",
            "4.xlsx 2024-04 2024-04 accepted 1 91220106MA0000429W",
        ]
    );
}

#[test]
fn only_what_changed_is_taken_over_again() {
    let scene = scene();
    sync(&scene);
    assert_eq!(sync(&scene), 0);
    scene.drop_file("4b.xlsx", &b204_book(2, 4, [1020, 4050, 900, 3600]), 3200);
    scene.take_in();
    // Rows past the ledger's back: those of a month that did not change are not looked at.
    tell(&scene.out("ledger.sqlite"), "UPDATE submissions SET state = 'touched'");
    assert_eq!(sync(&scene), 1);
    let states = "SELECT partition || ' ' || state FROM submissions ORDER BY 1";
    assert_eq!(
        ask(&scene.out("ledger.sqlite"), states),
        [
            "2024-03 touched",
            "2024-03 touched",
            "2024-04 accepted",
            "2024-04 accepted",
            "unreadable touched"
        ]
    );
}

#[test]
fn what_the_lake_no_longer_has_leaves_the_index() {
    let scene = scene();
    sync(&scene);
    fs::remove_dir_all(scene.out("lake/submissions/period=2024-04")).unwrap();
    assert_eq!(sync(&scene), 1);
    let partitions = "SELECT DISTINCT partition FROM submissions ORDER BY 1";
    assert_eq!(ask(&scene.out("ledger.sqlite"), partitions), ["2024-03", "unreadable"]);
}

#[test]
fn a_month_of_many_submissions_goes_in_whole() {
    let scene = Scene::new();
    for number in 0..103 {
        let name = format!("{number}.xlsx");
        let name = name.as_bytes();
        scene.drop_file(&format!("{number}.xls"), name, 2400);
    }
    scene.take_in();
    sync(&scene);
    let count = "SELECT CAST(COUNT(*) AS TEXT) FROM submissions";
    assert_eq!(ask(&scene.out("ledger.sqlite"), count), ["103"]);
}

#[test]
fn a_workbook_of_two_months_that_nobody_can_read_any_more_stands_in_both() {
    let scene = Scene::new();
    let row = |partition: &str| SubmissionRow {
        submission_id: "0123456789abcdef-1".to_owned(),
        sha256: "00".to_owned(),
        file_name: partition.to_owned(),
        form: None,
        credit_code: None,
        firm_name: None,
        period: None,
        layout: None,
        explanation: None,
        reported_on: None,
        has_counted: false,
        received_at: "2024-04-01T00:00:00Z".parse().unwrap(),
        revision: 1,
        state: SubmissionState::Unreadable,
        is_current: false,
        errors: 1,
        queries: 0,
    };
    let path = scene.path("ledger.sqlite");
    wait(async {
        let ledger = Ledger::open(&path).await.unwrap();
        for partition in ["2024-03", "2024-04"] {
            ledger.index(partition, "hash", &[row(partition)]).await.unwrap();
        }
        ledger.close().await;
    });
    assert_eq!(dump(&path).len(), 4);
}
