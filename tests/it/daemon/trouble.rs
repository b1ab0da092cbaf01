//! Trouble with the machine under a running daemon: it says so, waits, and goes on.

use std::process::Command;

use sqlx::{Connection, Executor, SqliteConnection};
use yuebao::files::lock::Lock;

use super::harness::{Daemon, add_job, asked, block_on, holder, kill, scene};
use crate::support::scene::{Scene, b204_book};
use crate::support::wait;

#[test]
fn what_may_pass_is_tried_again_and_every_attempt_is_kept() {
    let scene = scene(&[("intake", "retries = 50\nretry_wait_secs = 1")]);
    scene.write("output/archive", "in the way");
    scene.drop_file("1.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2400);
    let daemon = Daemon::start(&scene, &[]);
    daemon.wait_for(&["run ended", "retried", "exit code `3`"]);
    std::fs::remove_file(scene.out("archive")).unwrap();
    let states = "FROM orders";
    daemon.wait_for_rows(&["state"], states, |rows| rows == ["done"]);
    daemon.end();
    let attempts = asked(&scene, &["state", "reasons"], "FROM attempts ORDER BY attempt");
    assert!(attempts[0].starts_with("failed|") && attempts[0].contains("archive"), "{attempts:?}");
    assert_eq!(attempts.last().unwrap(), "done|[]");
    assert_eq!(asked(&scene, &["order_id"], "FROM orders").len(), 1, "one order, several attempts");
}

/// A scene whose inbox asks for a run.
fn asking(differs: &str) -> Scene {
    let scene = scene(&[("intake", differs)]);
    scene.drop_file("1.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2400);
    scene
}

/// A daemon whose run of `intake` hangs for good: held up by a lock until its process is stopped.
fn hanging(scene: &Scene) -> Daemon<'_> {
    let lock = Lock::take(&scene.out(".lock"), &holder("a test")).unwrap();
    let daemon = Daemon::start(scene, &[]);
    let started = daemon.wait_for(&["run started", "\"intake\""]);
    kill("STOP", started["fields"]["process"].as_u64().unwrap().try_into().unwrap());
    drop(lock);
    daemon
}

#[test]
fn a_run_that_hangs_is_given_up_also_while_the_ledger_is_locked() {
    let scene = asking("time_out_secs = 8");
    let daemon = hanging(&scene);
    // Something to write down each second.
    let ticking = "cron = \"* * * * * *\"\nsteps = [\"remind\"]\nperiod = \"reporting\"";
    add_job(&scene, "ticking", ticking);
    daemon.wait_for(&["new set of jobs and seeds in force"]);
    block_on(async {
        let url = format!("sqlite://{}", scene.out("ledger.sqlite").display());
        let mut other = SqliteConnection::connect(&url).await.unwrap();
        other.execute("PRAGMA busy_timeout = 60000; BEGIN IMMEDIATE").await.unwrap();
        daemon.wait_for(&["the ledger cannot be used"]);
        daemon.wait_for(&["run asked to stop", "TimeOut"]);
        other.execute("COMMIT").await.unwrap();
    });
    let asked = "FROM orders WHERE job = 'intake'";
    daemon.wait_for_rows(&["state"], asked, |rows| rows == ["failed"]);
    daemon.end();
}

#[test]
fn a_run_that_has_had_its_time_is_given_up() {
    let scene = asking("time_out_secs = 1");
    let daemon = hanging(&scene);
    let rows = daemon.wait_for_rows(&["state", "reasons"], "FROM orders", |rows| {
        rows.iter().any(|row| row.starts_with("failed"))
    });
    assert!(rows[0].contains(r#"{"reason":"time_out"}"#), "{rows:?}");
    daemon.end();
}

#[test]
fn time_does_not_count_while_somebody_else_has_the_output() {
    let scene = scene(&[("intake", "time_out_secs = 3")]);
    scene.drop_file("1.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2400);
    let lock = Lock::take(&scene.out(".lock"), &holder("a test")).unwrap();
    let daemon = Daemon::start(&scene, &[]);
    let says = r#"running|[{"reason":"output","holder":{"command":"a test","#;
    let is_said = |rows: &[String]| rows.iter().all(|row| row.starts_with(says));
    daemon.wait_for_rows(&["state", "reasons"], "FROM orders WHERE reasons <> '[]'", |rows| {
        !rows.is_empty() && is_said(rows)
    });
    daemon.wait_for_turns(8);
    drop(lock);
    let ended = "FROM orders WHERE state <> 'running'";
    let columns = ["state", "tries", "reasons"];
    let rows = daemon.wait_for_rows(&columns, ended, |rows| !rows.is_empty());
    assert_eq!(rows, ["done|1|[]"]);
    daemon.end();
}

#[test]
fn a_locked_ledger_is_waited_for() {
    let scene = scene(&[("ticking", "cron = \"* * * * * *\"")]);
    let daemon = Daemon::start(&scene, &[]);
    block_on(async {
        let url = format!("sqlite://{}", scene.out("ledger.sqlite").display());
        let mut other = SqliteConnection::connect(&url).await.unwrap();
        other.execute("PRAGMA busy_timeout = 60000; BEGIN IMMEDIATE").await.unwrap();
        let not_ready = || (daemon.get("/readyz").0 == 503).then_some(());
        wait::until("not ready", not_ready, || daemon.log());
        let (_, said) = daemon.get("/readyz");
        assert!(said.contains("another program keeps it locked"), "{said}");
        assert_eq!(daemon.get("/healthz").0, 200);
        other.execute("COMMIT").await.unwrap();
    });
    daemon.wait_for(&["the ledger can be used again"]);
    let after = asked(&scene, &["order_id"], "FROM orders WHERE state = 'done'").len();
    let done = "FROM orders WHERE state = 'done'";
    daemon.wait_for_rows(&["order_id"], done, |rows| after < rows.len());
    daemon.end();
}

#[test]
fn a_ledger_taken_away_ends_the_daemon_instead_of_writing_where_nobody_reads() {
    let scene = scene(&[("intake", "")]);
    let mut daemon = Daemon::start(&scene, &[]);
    daemon.wait_for_turns(1);
    for name in ["ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"] {
        let _ = std::fs::remove_file(scene.out(name));
    }
    assert_eq!(daemon.wait().code(), Some(3));
    let told = daemon.log();
    assert!(told.contains("removed or replaced") && told.contains("start it again"), "{told}");
}

#[test]
fn a_mistyped_project_leaves_no_trace() {
    let scene = scene(&[("intake", "")]);
    let wrong = scene.path("typing-error");
    let mut command = Command::new(env!("CARGO_BIN_EXE_yuebao"));
    command.arg("--project").arg(&wrong).arg("daemon");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(!wrong.exists());
}
