//! The agenda over time: every instant decided once, whatever the clock and the files do.

use std::fs;

use chrono::{DateTime, TimeDelta, Utc};
use yuebao::daemon::agenda::Agenda;
use yuebao::ledger::Ledger;

use super::harness::{add_job, asked, block_on, ledger, scene};
use crate::support::scene::Scene;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Aligns at each of the instants and keeps up until nothing more is due.
async fn live(ledger: &Ledger, scene: &Scene, instants: &[&str]) {
    let project = tokio::task::block_in_place(|| scene.open()).unwrap().project;
    let mut agenda = Agenda::align(ledger, &project, at(instants[0])).await.unwrap();
    for instant in instants {
        while agenda.keep_up(ledger, at(instant)).await.unwrap() {}
    }
}

fn kept(scene: &Scene) -> Vec<String> {
    let columns = ["job", "due_at", "asked_by", "state"];
    asked(scene, &columns, "FROM orders ORDER BY job, due_at")
}

#[test]
fn nothing_before_a_promise_is_owed_and_each_instant_after_it_once() {
    let scene = scene(&[("hourly", "cron = \"0 * * * *\"\ncatch_up = \"all\"")]);
    block_on(async {
        let ledger = ledger(&scene).await;
        let instants = [
            "2025-07-10T00:30:00Z",
            "2025-07-10T01:00:00Z",
            "2025-07-10T01:00:01Z",
            "2025-07-10T03:30:00Z",
        ];
        live(&ledger, &scene, &instants).await;
        ledger.close().await;
    });
    assert_eq!(
        kept(&scene),
        [
            "hourly|2025-07-10T01:00:00.000Z|clock|waiting",
            "hourly|2025-07-10T02:00:00.000Z|catch_up|waiting",
            "hourly|2025-07-10T03:00:00.000Z|catch_up|waiting",
        ]
    );
}

#[test]
fn a_clock_set_back_repeats_nothing() {
    let scene = scene(&[("hourly", "cron = \"0 * * * *\"\ncatch_up = \"all\"")]);
    block_on(async {
        let ledger = ledger(&scene).await;
        // To 02:00, back to 00:50, on to 03:00: 01:00 and 02:00 come twice on the clock.
        let instants = [
            "2025-07-10T00:30:00Z",
            "2025-07-10T01:00:00Z",
            "2025-07-10T02:00:00Z",
            "2025-07-10T00:50:00Z",
            "2025-07-10T01:00:00Z",
            "2025-07-10T02:00:00Z",
            "2025-07-10T03:00:00Z",
        ];
        live(&ledger, &scene, &instants).await;
        ledger.close().await;
    });
    let instants: Vec<String> = kept(&scene).iter().map(|row| row[7..20].to_owned()).collect();
    assert_eq!(instants, ["2025-07-10T01", "2025-07-10T02", "2025-07-10T03"]);
}

#[test]
fn a_changed_schedule_is_held_to_until_it_was_changed() {
    let scene = scene(&[("job", "cron = \"0 * * * *\"\ncatch_up = \"all\"")]);
    block_on(async {
        let ledger = ledger(&scene).await;
        live(&ledger, &scene, &["2025-07-10T00:30:00Z"]).await;
        // While no daemon runs, the file is changed; it begins again at 02:30.
        add_job(&scene, "job", "cron = \"45 * * * *\"\ncatch_up = \"all\"");
        live(&ledger, &scene, &["2025-07-10T02:30:00Z", "2025-07-10T02:45:00Z"]).await;
        ledger.close().await;
    });
    let instants: Vec<String> = kept(&scene).iter().map(|row| row[15..20].to_owned()).collect();
    assert_eq!(instants, ["01:00", "02:00", "02:45"]);
}

#[test]
fn what_a_removed_job_owed_is_skipped_with_the_reason() {
    let scene = scene(&[("job", "cron = \"0 * * * *\"\ncatch_up = \"all\""), ("other", "")]);
    block_on(async {
        let ledger = ledger(&scene).await;
        live(&ledger, &scene, &["2025-07-10T00:30:00Z"]).await;
        fs::remove_file(scene.path("jobs/schedules/job.toml")).unwrap();
        live(&ledger, &scene, &["2025-07-10T02:30:00Z"]).await;
        assert_eq!(ledger.promises().await.unwrap().len(), 1);
        ledger.close().await;
    });
    let reasons = asked(&scene, &["state", "reasons"], "FROM orders");
    assert_eq!(reasons, [r#"skipped|[{"reason":"job_is_gone"}]"#; 2]);
}

#[test]
fn of_years_of_absence_the_newest_thousand_are_kept_and_the_rest_is_one_line() {
    let scene = scene(&[("minutely", "cron = \"* * * * *\"\ncatch_up = \"last\"")]);
    let from = at("2025-07-10T00:00:00Z");
    block_on(async {
        let ledger = ledger(&scene).await;
        let project = tokio::task::block_in_place(|| scene.open()).unwrap().project;
        let mut agenda = Agenda::align(&ledger, &project, from).await.unwrap();
        let now = from + TimeDelta::days(3) + TimeDelta::seconds(30);
        assert!(agenda.keep_up(&ledger, now).await.unwrap());
        assert!(!agenda.keep_up(&ledger, now).await.unwrap(), "all in one turn");
        ledger.close().await;
    });
    let sql = "FROM orders GROUP BY state, asked_by ORDER BY state, asked_by";
    let kept = asked(&scene, &["state", "asked_by", "COUNT(*)"], sql);
    assert_eq!(kept, ["skipped|clock|999", "skipped|gap|1", "waiting|clock|1"]);
    let last = asked(&scene, &["due_at"], "FROM orders WHERE state = 'waiting'");
    assert_eq!(last, ["2025-07-13T00:00:00.000Z"]);
    let gap = asked(&scene, &["due_at", "reasons"], "FROM orders WHERE asked_by = 'gap'");
    let said = r#"{"reason":"gap","count":3320,"first":"2025-07-10T00:01:00Z","before":"2025-07-12T07:21:00Z"}"#;
    assert_eq!(gap, [format!("2025-07-10T00:01:00.000Z|[{said}]")]);
}

#[test]
fn a_clock_that_was_a_year_ahead_silences_no_job() {
    let scene = scene(&[("daily", "cron = \"0 12 * * *\"\ncatch_up = \"last\"")]);
    block_on(async {
        let ledger = ledger(&scene).await;
        let instants = [
            "2025-07-10T00:00:00Z",
            "2026-07-09T00:00:00Z",
            "2025-07-10T01:00:00Z",
            "2025-07-10T01:10:00Z",
            "2025-07-10T04:00:00Z",
            "2025-07-11T04:00:00Z",
        ];
        live(&ledger, &scene, &instants).await;
        ledger.close().await;
    });
    assert_eq!(
        kept(&scene),
        [
            "daily|2025-07-10T04:00:00.000Z|clock|waiting",
            "daily|2025-07-11T04:00:00.000Z|clock|waiting",
            // Decided upon while the clock was ahead: it waits for its time and is not done twice.
            "daily|2026-07-08T04:00:00.000Z|catch_up|waiting",
        ]
    );
}

#[test]
fn a_clock_that_is_years_behind_after_a_boot_makes_nothing_owed_from_before_the_promise() {
    let scene = scene(&[("hourly", "cron = \"0 * * * *\"\ncatch_up = \"all\"")]);
    block_on(async {
        let ledger = ledger(&scene).await;
        live(&ledger, &scene, &["2025-07-10T00:30:00Z", "2025-07-10T01:00:00Z"]).await;
        // The daemon starts before the clock is set.
        let boot = ["2020-01-01T00:00:00Z", "2020-01-01T00:00:40Z", "2025-07-10T02:30:00Z"];
        live(&ledger, &scene, &boot).await;
        ledger.close().await;
    });
    let instants: Vec<String> = kept(&scene).iter().map(|row| row[7..23].to_owned()).collect();
    assert_eq!(instants, ["2025-07-10T01:00", "2025-07-10T02:00"]);
}

#[test]
fn a_promise_begun_with_a_clock_that_was_ahead_begins_anew() {
    let scene = scene(&[("hourly", "cron = \"0 * * * *\"\ncatch_up = \"all\"")]);
    block_on(async {
        let ledger = ledger(&scene).await;
        let instants = [
            "2026-01-01T00:30:00Z",
            "2025-07-10T00:30:00Z",
            "2025-07-10T00:40:00Z",
            "2025-07-10T01:00:00Z",
        ];
        live(&ledger, &scene, &instants).await;
        ledger.close().await;
    });
    assert_eq!(kept(&scene), ["hourly|2025-07-10T01:00:00.000Z|clock|waiting"]);
}
