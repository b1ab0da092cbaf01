//! Ending: asked, asked twice, killed. Nothing stays open, what was cut short is resumed.

use yuebao::files::lock::Lock;

use super::harness::{Daemon, asked, command, holder, kill, scene, wait_until_gone};
use crate::support::scene::{Scene, b204_book};
use crate::support::wait;

/// A scene with a workbook in the inbox, whose intake cannot begin as long as the lock is held.
fn held() -> (Scene, Lock) {
    let scene = scene(&[("intake", "")]);
    scene.drop_file("1.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2400);
    let lock = Lock::take(&scene.out(".lock"), &holder("a test")).unwrap();
    (scene, lock)
}

const STATES: &str = "FROM orders";

#[test]
fn a_second_daemon_is_told_who_runs_and_since_when() {
    let scene = scene(&[("intake", "")]);
    let daemon = Daemon::start(&scene, &[]);
    let second = command(&scene, &[]).output().unwrap();
    assert_eq!(second.status.code(), Some(3));
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(said.contains("`yuebao daemon`, process") && said.contains("since 20"), "{said}");
    assert!(said.contains(" +08:00: wait"), "by the project's clock: {said}");
    daemon.end();
}

#[test]
fn a_run_that_goes_on_is_waited_for() {
    let (scene, lock) = held();
    let mut daemon = Daemon::start(&scene, &["--drain", "600"]);
    daemon.wait_for(&["waiting for the output", "a test"]);
    daemon.signal("TERM");
    daemon.wait_for(&["ending: no new runs", "intake"]);
    wait::until("not ready", || (daemon.get("/readyz").0 == 503).then_some(()), || daemon.log());
    drop(lock);
    assert_eq!(daemon.wait().code(), Some(0), "{}", daemon.log());
    assert_eq!(asked(&scene, &["state", "tries"], STATES), ["done|1"]);
}

#[test]
fn beyond_the_limit_a_run_is_interrupted_and_resumed_at_the_next_start() {
    let (scene, lock) = held();
    let mut daemon = Daemon::start(&scene, &["--drain", "0"]);
    daemon.wait_for(&["waiting for the output"]);
    daemon.signal("INT");
    assert_eq!(daemon.wait().code(), Some(0), "{}", daemon.log());
    let left = asked(&scene, &["state", "tries", "reasons"], STATES);
    assert!(left[0].starts_with(r#"waiting|0|[{"reason":"interrupted"}"#), "{left:?}");
    drop(lock);
    let again = Daemon::start(&scene, &[]);
    again.wait_for_rows(&["state", "tries"], STATES, |rows| rows == ["done|1"]);
    again.end();
}

#[test]
fn asked_twice_it_ends_at_once() {
    let (scene, lock) = held();
    let mut daemon = Daemon::start(&scene, &["--drain", "600"]);
    daemon.wait_for(&["waiting for the output"]);
    daemon.signal("TERM");
    daemon.wait_for(&["ending: no new runs"]);
    daemon.signal("TERM");
    assert_eq!(daemon.wait().code(), Some(0), "{}", daemon.log());
    assert_eq!(asked(&scene, &["state", "tries"], STATES), ["waiting|0"]);
    drop(lock);
}

#[test]
fn a_daemon_that_is_killed_takes_its_run_with_it_and_the_next_resumes() {
    let scene = scene(&[("intake", "")]);
    for month in 2..=12 {
        let figures = [1010, 1010 * i64::from(month), 900, 900 * i64::from(month)];
        let name = format!("{month}.xlsx");
        scene.drop_file(&name, &b204_book(0, month, figures), 2400 + 720 * u64::from(month));
    }
    let mut daemon = Daemon::start(&scene, &[]);
    let run = daemon.wait_for(&["run started"])["fields"]["process"].as_u64().unwrap();
    // Some months are done, more are to come.
    daemon.wait_for(&["month brought up to date"]);
    daemon.signal("KILL");
    daemon.wait();
    wait_until_gone(run);
    let cut = asked(&scene, &["state"], "FROM attempts");
    assert_eq!(cut, ["interrupted"], "the run closed its attempt itself");
    drop(daemon);

    let again = Daemon::start(&scene, &[]);
    again.wait_for(&["closed what the daemon before left open"]);
    again.wait_for_rows(&["state", "tries"], STATES, |rows| rows == ["done|1"]);
    let attempts =
        asked(&scene, &["order_id", "attempt", "state"], "FROM attempts ORDER BY attempt");
    assert_eq!(attempts, ["1|1|interrupted", "1|2|done"]);
    again.end();
    assert_eq!(scene.files("lake/submissions").len(), 11);
}

#[test]
fn a_run_that_is_killed_harms_nobody_and_is_tried_again() {
    let scene = scene(&[("intake", "retries = 1\nretry_wait_secs = 1")]);
    scene.drop_file("1.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2400);
    let lock = Lock::take(&scene.out(".lock"), &holder("a test")).unwrap();
    let daemon = Daemon::start(&scene, &[]);
    let run = daemon.wait_for(&["run started"])["fields"]["process"].as_u64().unwrap();
    daemon.wait_for(&["waiting for the output"]);
    kill("KILL", run.try_into().unwrap());
    daemon.wait_for(&["run ended", "retried", "killed by signal `9`"]);
    drop(lock);
    daemon.wait_for_rows(&["state", "tries"], STATES, |rows| rows == ["done|2"]);
    daemon.end();
}
