//! Backfills and the daemon: publishing waits for them, what was left is carried on.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use yuebao::files::lock::{Holder, Lock};
use yuebao::ledger::orders::{Reprocess, Sequence, State};
use yuebao::orders::backfill::Range;

use super::harness::{Daemon, asked, block_on, execute, ledger, scene};
use crate::support::scene::{Scene, assert_same, b204_book};
use crate::support::wait;

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

/// Begins a backfill of all months and kills it after so many; the daemon need not wait until it is sure
/// that nobody is at it.
#[track_caller]
fn begin_and_kill(scene: &Scene, months: usize) {
    let mut child = program(scene).arg("--force").spawn().unwrap();
    let log = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let done = log.filter(|line| line.contains("month of a backfill")).take(months).count();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(done, months);
    execute(scene, "UPDATE orders SET not_before = due_at WHERE asked_by = 'backfill'");
}

/// The lake, and tables and briefs of the newest edition.
fn figures(scene: &Scene) -> BTreeMap<String, Vec<u8>> {
    let mut files = scene.files("lake");
    let newest = std::fs::read_link(scene.out("marts")).unwrap();
    files.extend(scene.files(newest.to_str().unwrap()));
    files.remove("manifest.json");
    files
}

/// A backfill that somebody began and left: its number.
fn left(scene: &Scene, [from, to]: [&str; 2]) -> i64 {
    let (workshop, now) = (scene.open().unwrap(), chrono::Utc::now());
    let range = Range {
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        reprocess: Reprocess::Stale,
        order: Sequence::Newest,
        threads: 0,
        failed: BTreeSet::new(),
    };
    let mut asked = range.asked(&workshop.project, "publish", now).unwrap();
    asked.why = Some("a test".to_owned());
    block_on(async {
        let ledger = ledger(scene).await;
        let id = ledger.add_order(&asked, State::Waiting, now).await.unwrap().unwrap();
        ledger.close().await;
        id
    })
}

const STATES: &str =
    "FROM orders WHERE asked_by = 'backfill' AND parent_id IS NULL ORDER BY order_id";

#[test]
fn publishing_waits_while_a_backfill_is_at_work_and_the_inbox_does_not() {
    let publish = "cron = \"* * * * * *\"\nsteps = [\"publish\"]\noverlap = \"skip\"";
    let scene = scene(&[("intake", ""), ("publish", publish)]);
    let id = left(&scene, ["2024-03", "2024-05"]);
    // Somebody at a terminal is at it.
    let later = yuebao::ledger::stamp(chrono::Utc::now() + chrono::TimeDelta::hours(1));
    execute(&scene, &format!("UPDATE orders SET not_before = '{later}' WHERE order_id = {id}"));
    let daemon = Daemon::start(&scene, &[]);
    let held = "FROM orders WHERE job = 'publish' AND asked_by = 'clock' AND state = 'waiting'";
    let reason = r#"[{"reason":"backfill"}]"#;
    daemon.wait_for_rows(&["reasons"], held, |rows| rows == [reason]);
    scene.drop_file("1.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2400);
    let taken_in = "FROM orders WHERE job = 'intake'";
    daemon.wait_for_rows(&["state"], taken_in, |rows| rows == ["done"]);
    let runs = "FROM attempts a JOIN orders o ON o.order_id = a.order_id WHERE o.job = 'publish'";
    assert_eq!(asked(&scene, &["o.job"], runs), Vec::<String>::new());
    execute(&scene, &format!("UPDATE orders SET state = 'paused' WHERE order_id = {id}"));
    let published = "FROM orders WHERE job = 'publish' AND state = 'done'";
    let rows = daemon.wait_for_rows(&["reasons"], published, |rows| !rows.is_empty());
    assert_eq!(rows[0], reason, "what it waited for is kept");
    daemon.end();
}

#[test]
fn killed_backfills_are_carried_on_one_after_another_and_end_in_the_same_bytes() {
    let whole = year();
    assert!(program(&whole).output().unwrap().status.success());
    let scene = year();
    begin_and_kill(&scene, 3);
    left(&scene, ["2024-03", "2024-05"]);
    let daemon = Daemon::start(&scene, &[]);
    daemon.wait_for_rows(&["state"], STATES, |rows| rows == ["done", "done"]);
    assert_same(&figures(&scene), &figures(&whole));
    daemon.end();
}

#[test]
fn a_backfill_that_is_killed_under_a_running_daemon_is_carried_on_and_intake_goes_between() {
    let scene = year();
    let daemon = Daemon::start(&scene, &[]);
    let intake = "FROM orders WHERE job = 'intake'";
    daemon.wait_for_rows(&["state"], intake, |rows| rows == ["done"]);
    begin_and_kill(&scene, 2);
    // A workbook has the queue looked at before the minute is over.
    scene.drop_file("early.xlsx", &b204_book(1, 2, [1010, 2020, 900, 1800]), 2400);
    daemon.wait_for(&["run started", "\"publish\""]);
    // Its next month waits for the output until the workbook was seen.
    let holder = Holder::this("a test", chrono::Utc::now(), &chrono::Utc);
    let take = || Lock::take(&scene.out(".lock"), &holder).ok();
    let lock = wait::until("the output", take, || daemon.log());
    scene.drop_file("late.xlsx", &b204_book(1, 3, [1010, 3030, 900, 2700]), 2401);
    daemon.wait_for_rows(&["state"], intake, |rows| rows == ["done", "done", "waiting"]);
    drop(lock);
    daemon.wait_for_rows(&["state"], STATES, |rows| rows == ["done"]);
    daemon.wait_for_rows(&["state"], intake, |rows| rows == ["done", "done", "done"]);
    let after = "FROM orders p WHERE p.parent_id IS NOT NULL AND p.ended_at > \
         (SELECT MAX(ended_at) FROM orders WHERE job = 'intake')";
    assert!(!asked(&scene, &["1"], after).is_empty(), "the inbox waited for the backfill's end");
    daemon.end();
}

#[test]
fn at_its_end_the_daemon_leaves_a_backfill_and_the_next_start_carries_it_on() {
    let scene = year();
    begin_and_kill(&scene, 1);
    let daemon = Daemon::start(&scene, &[]);
    daemon.wait_for(&["month of a backfill"]);
    daemon.end();
    assert_eq!(asked(&scene, &["state"], STATES), ["waiting"]);
    assert!(Lock::holder(&scene.out(".lock")).is_none(), "its process outlived the daemon");
    let daemon = Daemon::start(&scene, &[]);
    daemon.wait_for_rows(&["state"], STATES, |rows| rows == ["done"]);
    daemon.end();
}

#[test]
fn a_backfill_that_fails_is_told_and_so_is_its_end_by_somebody_at_a_terminal() {
    let scene = year();
    let id = left(&scene, ["2024-03", "2024-05"]);
    scene.write("output/archive", "in the way");
    let daemon = Daemon::start(&scene, &[]);
    let alert = "FROM alerts WHERE kind = 'daemon_trouble'";
    let told = format!("{{\"backfill\":{id}}}");
    let columns = ["subject", "settled_at IS NOT NULL"];
    daemon.wait_for_rows(&columns, alert, |rows| rows == [format!("{told}|0")]);
    assert_eq!(asked(&scene, &["state"], STATES), ["failed"]);
    std::fs::remove_file(scene.out("archive")).unwrap();
    let mut resume = Command::new(env!("CARGO_BIN_EXE_yuebao"));
    resume.arg("--project").arg(scene.path("")).args(["backfill", "resume", &id.to_string()]);
    assert!(resume.stdin(Stdio::null()).output().unwrap().status.success());
    // A workbook has the alerts looked at before the minute is over.
    scene.drop_file("late.xlsx", &b204_book(1, 2, [1010, 2020, 900, 1800]), 2400);
    daemon.wait_for_rows(&columns, alert, |rows| rows == [format!("{told}|1")]);
    daemon.end();
}
