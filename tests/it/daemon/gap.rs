//! After years away: a quick start, bounded work, and every instant accounted for.

use std::process::Command;

use chrono::{DateTime, TimeDelta, Utc};
use yuebao::daemon::agenda::Agenda;

use super::harness::{Daemon, asked, block_on, ledger, scene};
use crate::support::scene::Scene;

/// The totals of a job's certificate of a month.
fn totals(scene: &Scene, month: &str) -> serde_json::Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yuebao"));
    command.arg("--project").arg(scene.path(""));
    let output = command.args(["jobs", "minutely", "--month", month, "--json"]).output().unwrap();
    let shown: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    shown["certificate"]["totals"].clone()
}

#[test]
fn ten_years_of_seconds_are_decided_at_the_start() {
    let scene = scene(&[("ticking", "cron = \"* * * * * *\"\ncatch_up = \"none\"")]);
    let project = scene.open().unwrap().project;
    let since: DateTime<Utc> = Utc::now() - TimeDelta::days(3650);
    block_on(async {
        let ledger = ledger(&scene).await;
        let text = serde_json::to_string(&project.schedules["ticking"]).unwrap();
        ledger.begin_promise("ticking", &text, r#"{"zone":"Asia/Shanghai"}"#, since).await.unwrap();
        ledger.close().await;
    });
    let daemon = Daemon::start(&scene, &[]);
    let done = "FROM orders WHERE state = 'done'";
    daemon.wait_for_rows(&["job"], done, |rows| !rows.is_empty());
    daemon.end();
    let gap = asked(&scene, &["state", "reasons"], "FROM orders WHERE asked_by = 'gap'");
    assert_eq!(gap.len(), 1);
    assert!(gap[0].starts_with(r#"skipped|[{"reason":"gap","count":3153"#), "{gap:?}");
    let missed = "FROM orders WHERE reasons LIKE '%not_caught_up%'";
    let kept: usize = asked(&scene, &["COUNT(*)"], missed).concat().parse().unwrap();
    assert!((900..=1000).contains(&kept), "{kept}");
}

#[test]
fn the_certificate_accounts_for_what_was_not_kept_one_by_one() {
    let scene = scene(&[("minutely", "cron = \"* * * * *\"\ncatch_up = \"none\"")]);
    let from: DateTime<Utc> = "2025-07-10T00:00:00Z".parse().unwrap();
    let now: DateTime<Utc> = "2025-09-15T00:00:30Z".parse().unwrap();
    block_on(async {
        let ledger = ledger(&scene).await;
        let project = tokio::task::block_in_place(|| scene.open()).unwrap().project;
        let mut agenda = Agenda::align(&ledger, &project, from).await.unwrap();
        agenda.keep_up(&ledger, now).await.unwrap();
        ledger.close().await;
    });
    let august = totals(&scene, "2025-08");
    assert_eq!((&august["due"], &august["skipped"]), (&44_640.into(), &44_640.into()), "{august}");
    assert_eq!(august["unlisted"], 44_639, "{august}");
    // September begins and ends at midnight in Shanghai, and nobody ran after the 15th.
    let september = totals(&scene, "2025-09");
    let decided = now - "2025-08-31T16:00:00Z".parse::<DateTime<Utc>>().unwrap();
    assert_eq!(september["skipped"], decided.num_minutes(), "{september}");
    assert_eq!(september["waiting"], 1, "the one that had come just then: {september}");
    assert_eq!(september["undecided"], 43_200 - decided.num_minutes() - 1, "{september}");
    assert_eq!(september["due"], 43_200, "{september}");
}
