//! Backfills and the daemon: publishing waits for them, what was interrupted is resumed.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use yuebao::files::lock::Lock;

use super::harness::{Daemon, asked, execute, scene};
use crate::support::scene::{Scene, assert_same, b204_book};

const ARGUMENTS: [&str; 8] =
    ["backfill", "publish", "--from", "2024-02", "--to", "2024-12", "--why", "a test"];

/// A scene with a year of workbooks in the inbox.
fn year() -> Scene {
    let scene = scene(&[("intake", ""), ("publish", "steps = [\"intake\", \"publish\"]")]);
    for month in 2..=12 {
        let figures = [1010, 1010 * i64::from(month), 900, 900 * i64::from(month)];
        let name = format!("{month}.xlsx");
        scene.drop_file(&name, &b204_book(0, month, figures), 2400 + 720 * u64::from(month));
    }
    scene
}

fn program(scene: &Scene) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yuebao"));
    command.arg("-v").arg("--project").arg(scene.path("")).args(ARGUMENTS);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// Begins a backfill of all months and kills it after so many.
#[track_caller]
fn begin_and_kill(scene: &Scene, months: usize) {
    let mut child = program(scene).arg("--force").spawn().unwrap();
    let log = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let done = log.filter(|line| line.contains("month of a backfill")).take(months).count();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(done, months);
}

/// The lake, and tables and briefs of the newest edition.
fn figures(scene: &Scene) -> BTreeMap<String, Vec<u8>> {
    let mut files = scene.files("lake");
    let newest = std::fs::read_link(scene.out("marts")).unwrap();
    files.extend(scene.files(newest.to_str().unwrap()));
    files.remove("manifest.json");
    files
}

#[test]
fn publishing_waits_while_a_backfill_is_at_work_and_the_inbox_does_not() {
    let publish = "cron = \"* * * * * *\"\nsteps = [\"publish\"]\noverlap = \"skip\"";
    let scene = scene(&[("intake", ""), ("publish", publish)]);
    let lock = Lock::take(&scene.out(".backfill.lock"), "backfill 1: a test").unwrap();
    let daemon = Daemon::start(&scene, &[]);
    let held = "FROM activations WHERE job = 'publish' AND state = 'waiting'";
    let reason = "a backfill is at work: publishing waits for its end";
    daemon.wait_for_rows(&["reason"], held, |rows| rows == [reason]);
    scene.drop_file("1.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2400);
    let taken_in = "FROM activations WHERE job = 'intake'";
    daemon.wait_for_rows(&["state"], taken_in, |rows| rows == ["done"]);
    assert_eq!(asked(&scene, &["job"], "FROM runs WHERE job = 'publish'"), Vec::<String>::new());
    drop(lock);
    let published = "FROM activations WHERE job = 'publish' AND state = 'done'";
    let rows = daemon.wait_for_rows(&["reason"], published, |rows| !rows.is_empty());
    assert_eq!(rows[0], reason, "what it waited for is kept");
    daemon.end();
}

#[test]
fn killed_backfills_are_resumed_one_after_another_and_end_in_the_same_bytes() {
    let whole = year();
    assert!(program(&whole).output().unwrap().status.success());
    let scene = year();
    begin_and_kill(&scene, 3);
    // Another one had been begun before.
    let columns = "backfill_id, job, period_from, period_to, reprocess, work_order, threads, who, \
         why, program, state, created_at";
    execute(
        &scene,
        &format!(
            "INSERT INTO backfills ({columns}) VALUES (7, 'publish', '2024-03', '2024-05', \
             'stale', 'newest', 0, 'a test', 'a test', '0', 'running', '2025-01-01T00:00:00.000Z')"
        ),
    );
    let daemon = Daemon::start(&scene, &[]);
    let states = "FROM backfills ORDER BY backfill_id";
    daemon.wait_for_rows(&["state"], states, |rows| rows == ["done", "done"]);
    assert_same(&figures(&scene), &figures(&whole));
    daemon.end();
}

#[test]
fn a_backfill_that_is_killed_under_a_running_daemon_is_resumed() {
    let scene = year();
    let daemon = Daemon::start(&scene, &[]);
    let intake = "FROM activations WHERE job = 'intake'";
    daemon.wait_for_rows(&["state"], intake, |rows| rows == ["done"]);
    begin_and_kill(&scene, 2);
    daemon.wait_for(&["resuming a backfill that was interrupted"]);
    daemon.wait_for_rows(&["state"], "FROM backfills", |rows| rows == ["done"]);
    daemon.end();
}

#[test]
fn at_its_end_the_daemon_interrupts_a_backfill_and_the_next_start_resumes_it() {
    let scene = year();
    begin_and_kill(&scene, 1);
    let daemon = Daemon::start(&scene, &[]);
    daemon.wait_for(&["month of a backfill"]);
    daemon.end();
    assert_eq!(asked(&scene, &["state"], "FROM backfills"), ["running"]);
    assert!(
        Lock::holder(&scene.out(".backfill.lock")).is_none(),
        "its process outlived the daemon"
    );
    let daemon = Daemon::start(&scene, &[]);
    daemon.wait_for_rows(&["state"], "FROM backfills", |rows| rows == ["done"]);
    daemon.end();
}
