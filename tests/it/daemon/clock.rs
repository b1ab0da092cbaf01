//! Runs by the clock: begun when due, once, one at a time, and what was missed made up for.

use std::collections::BTreeSet;

use chrono::{TimeDelta, Timelike, Utc};

use super::harness::{Daemon, asked, block_on, holder, ledger, scene};

#[test]
fn a_job_of_every_second_runs_once_an_instant_and_never_beside_another() {
    let scene = scene(&[
        ("skipper", "cron = \"* * * * * *\"\noverlap = \"skip\"\npriority = 7"),
        ("queuer", "cron = \"*/2 * * * * *\"\noverlap = \"queue\"\npriority = 3"),
    ]);
    let lock = yuebao::files::lock::Lock::take(&scene.out(".lock"), &holder("a test")).unwrap();
    let daemon = Daemon::start(&scene, &["--drain", "600"]);
    let first = daemon.wait_for(&["run started"]);
    let first_job = first["fields"]["job"].as_str().unwrap().to_owned();
    // While the first one waits for the output, others come due.
    let skipped = "FROM orders WHERE job = 'skipper' AND state = 'skipped'";
    let queued = "FROM orders WHERE job = 'queuer' AND reasons LIKE '%\"queued\"%'";
    if first_job == "skipper" {
        let rows = daemon.wait_for_rows(&["reasons"], skipped, |rows| 2 <= rows.len());
        assert!(rows[0].contains(r#""overlap""#), "{rows:?}");
    } else {
        daemon.wait_for_rows(&["reasons"], queued, |rows| 2 <= rows.len());
    }
    drop(lock);
    let done = "FROM orders WHERE state = 'done' AND job =";
    daemon.wait_for_rows(&["job"], &format!("{done} 'skipper'"), |rows| !rows.is_empty());
    daemon.wait_for_rows(&["reasons"], skipped, |rows| !rows.is_empty());
    daemon.signal("TERM");
    daemon.end();

    let tried = asked(&scene, &["order_id"], "FROM attempts");
    assert_eq!(tried.iter().collect::<BTreeSet<_>>().len(), tried.len(), "one attempt an order");
    let kinds = asked(&scene, &["asked_by"], "FROM orders GROUP BY asked_by");
    assert_eq!(kinds, ["clock"]);
    let instants = asked(&scene, &["due_at"], "FROM orders WHERE job = 'skipper'");
    assert!(instants.iter().all(|at| at.ends_with(".000Z")), "{instants:?}");
    let times =
        asked(&scene, &["started_at", "ended_at"], "FROM attempts ORDER BY started_at, order_id");
    for pair in times.windows(2) {
        let (ended, began) = (pair[0].split_once('|').unwrap().1, &pair[1]);
        // Runs begin in whole seconds, rounded down.
        assert!(ended[..19] <= began[..19], "two runs at once: {times:?}");
    }
}

#[test]
fn a_queued_order_says_why_it_waited_and_is_carried_out() {
    let scene = scene(&[("queuer", "cron = \"* * * * * *\"\noverlap = \"queue\"")]);
    let lock = yuebao::files::lock::Lock::take(&scene.out(".lock"), &holder("a test")).unwrap();
    let daemon = Daemon::start(&scene, &["--drain", "600"]);
    daemon.wait_for(&["waiting for the output", "a test"]);
    let queued = "FROM orders WHERE reasons LIKE '%\"queued\"%'";
    let waiting = daemon.wait_for_rows(&["order_id"], queued, |rows| !rows.is_empty());
    drop(lock);
    let done = format!("FROM orders WHERE state = 'done' AND order_id = {}", waiting[0]);
    daemon.wait_for_rows(&["job"], &done, |rows| rows.len() == 1);
    daemon.end();
}

#[test]
fn five_fields_are_a_cron_and_the_next_instant_is_told() {
    let scene = scene(&[("hourly", "cron = \"0 * * * *\"")]);
    let daemon = Daemon::start(&scene, &[]);
    daemon.wait_for_turns(1);
    let next = daemon.metric("yuebao_next_activation_timestamp_seconds{job=\"hourly\"}");
    assert_eq!(next % 3600, 0);
    let ahead = i64::try_from(next).unwrap() - Utc::now().timestamp();
    assert!((-5..=3600).contains(&ahead), "{ahead}");
    daemon.end();
}

#[test]
fn what_was_missed_is_decided_at_the_start_by_each_jobs_policy_and_never_twice() {
    // Half an hour from now, so that no instant comes while the test runs.
    let newest = (Utc::now() - TimeDelta::minutes(30)).with_second(0).unwrap();
    let cron = format!("{} * * * *", newest.minute());
    let policy = |policy: &str| format!("cron = \"{cron}\"\ncatch_up = \"{policy}\"");
    let (all, last, none) = (policy("all"), policy("last"), policy("none"));
    let scene = scene(&[("all", &all), ("last", &last), ("none", &none)]);
    let project = scene.open().unwrap().project;
    // Down since three instants.
    let since = newest - TimeDelta::minutes(150);
    block_on(async {
        let ledger = ledger(&scene).await;
        for (job, schedule) in &project.schedules {
            let text = serde_json::to_string(schedule).unwrap();
            ledger.begin_promise(job, &text, r#"{"zone":"Asia/Shanghai"}"#, since).await.unwrap();
        }
        ledger.close().await;
    });
    let daemon = Daemon::start(&scene, &[]);
    let done = "FROM orders WHERE state = 'done' AND asked_by = 'catch_up'";
    daemon.wait_for_rows(&["job"], done, |rows| 4 <= rows.len());
    daemon.end();
    let sql = "FROM orders GROUP BY job, state, asked_by ORDER BY job, state";
    let columns = ["job", "state", "asked_by", "COUNT(*)"];
    let kept = asked(&scene, &columns, sql);
    let expected = [
        "all|done|catch_up|3",
        "last|done|catch_up|1",
        "last|skipped|clock|2",
        "none|skipped|clock|3",
    ];
    assert_eq!(kept, expected);
    let reasons = asked(&scene, &["reasons"], "FROM orders WHERE job = 'none'");
    assert_eq!(reasons, [r#"[{"reason":"not_caught_up"}]"#; 3]);

    let again = Daemon::start(&scene, &[]);
    again.wait_for_turns(2);
    again.end();
    assert_eq!(asked(&scene, &columns, sql), expected);
}
