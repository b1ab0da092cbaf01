//! What people are told by a daemon, by a real webhook on this machine.

use std::io::{ErrorKind, Read};
use std::net::TcpListener;

use serde_json::Value;
use yuebao::ledger::orders::{Asked, AskedBy, OrderStep, State};

use super::harness::{Daemon, asked, scene};
use crate::alerts::server::{Server, dead};
use crate::support::scene::{Scene, b204_book};
use crate::support::wait;

/// A scene whose every intake fails, and what is told goes to a URL.
fn failing(url: &str) -> Scene {
    let scene = scene(&[("intake", "")]);
    let channel = format!("[[channels]]\nname = \"duty\"\nkind = \"json\"\nurl = \"{url}\"\n");
    scene.write("jobs/alerts.toml", &channel);
    scene.write("output/archive", "in the way");
    scene.drop_file("1.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2400);
    scene
}

/// Waits until so many messages came.
#[track_caller]
fn sent(server: &Server, count: usize, daemon: &Daemon<'_>) -> Vec<Value> {
    let enough = || (count <= server.sent().len()).then(|| server.sent());
    let sent = wait::until("messages", enough, || daemon.log());
    sent.iter().map(|(_, body)| serde_json::from_str(body).unwrap()).collect()
}

#[test]
fn a_failure_for_good_is_posted_once_and_so_is_the_recovery() {
    let server = Server::answering(&[(200, "")]);
    let scene = failing(&server.url("/hook"));
    let daemon = Daemon::start(&scene, &[]);
    let told = sent(&server, 1, &daemon);
    assert_eq!((&told[0]["kind"], &told[0]["subject"]), (&"run_failed".into(), &"intake".into()));
    let text = told[0]["text"].as_str().unwrap();
    let run = asked(&scene, &["MAX(order_id)"], "FROM orders").concat();
    assert!(text.contains(&run) && text.contains("archive"), "{text}");

    // It fails once more, under another daemon, and it is the same failure.
    daemon.end();
    let daemon = Daemon::start(&scene, &[]);
    daemon.wait_for(&["job failed for good"]);
    let times = "FROM alerts WHERE kind = 'run_failed'";
    daemon.wait_for_rows(&["times"], times, |rows| rows == ["2"]);
    daemon.wait_for_turns(2);
    assert_eq!(server.sent().len(), 1, "told once: {:?}", server.sent());

    // What the daemon before told is known to this one.
    std::fs::remove_file(scene.out("archive")).unwrap();
    scene.drop_file("2.xlsx", &b204_book(1, 3, [1010, 3030, 900, 2700]), 2401);
    daemon.wait_for(&["recovered", "intake"]);
    let told = sent(&server, 2, &daemon);
    assert_eq!((&told[1]["kind"], &told[1]["is_settled"]), (&"run_failed".into(), &true.into()));
    daemon.wait_for_turns(2);
    daemon.end();
    assert_eq!(server.sent().len(), 2, "told once: {:?}", server.sent());
}

#[test]
fn a_webhook_that_never_answers_holds_up_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let scene = failing(&format!("http://{}/hook", listener.local_addr().unwrap()));
    let daemon = Daemon::start(&scene, &[]);
    let (mut webhook, _) = listener.accept().unwrap();
    daemon.wait_for_turns(3);
    // The daemon still waits for an answer: its turns did not wait with it.
    webhook.set_nonblocking(true).unwrap();
    let mut bytes = [0; 4096];
    let end = loop {
        match webhook.read(&mut bytes) {
            Ok(1..) => {}
            end => break end.map_err(|error| error.kind()),
        }
    };
    assert_eq!(end, Err(ErrorKind::WouldBlock), "the attempt was over too early to show anything");
    let states = asked(&scene, &["state", "attempts"], "FROM deliveries");
    assert_eq!(states, ["waiting|1"]);
    drop(webhook);
    daemon.end();
}

#[test]
fn a_webhook_that_is_down_is_tried_again_later() {
    let scene = failing(&dead());
    let daemon = Daemon::start(&scene, &[]);
    daemon.wait_for(&["alert not delivered, is tried again"]);
    let is_noted = |rows: &[String]| rows == ["waiting|1|1"];
    daemon.wait_for_rows(&["state", "attempts", "error IS NOT NULL"], "FROM deliveries", is_noted);
    daemon.end();
}

#[test]
fn a_refused_reload_is_trouble_until_the_files_are_sound_also_after_a_restart() {
    let scene = scene(&[("yearly", "")]);
    let daemon = Daemon::start(&scene, &[]);
    let sound = std::fs::read_to_string(scene.path("seeds/zones.csv")).unwrap();
    scene.append("seeds/zones.csv", "a,,A\n");
    let trouble = "FROM alerts WHERE kind = 'daemon_trouble'";
    let columns = ["subject", "settled_at IS NOT NULL"];
    daemon.wait_for_rows(&columns, trouble, |rows| rows == ["\"reload\"|0"]);
    let text = asked(&scene, &["content"], trouble).concat();
    assert!(text.contains("seeds/zones.csv:3"), "{text}");
    daemon.end();
    scene.seed("zones.csv", &sound);
    let daemon = Daemon::start(&scene, &[]);
    daemon.wait_for_rows(&columns, trouble, |rows| rows == ["\"reload\"|1"]);
    daemon.end();
}

#[test]
fn what_an_older_daemon_left_waiting_is_begun_and_not_told_to_be_overdue() {
    let scene = waiting_for_an_hour();
    let daemon = Daemon::start(&scene, &[]);
    daemon.wait_for_rows(&["state"], "FROM orders", |rows| rows == ["done"]);
    daemon.wait_for_turns(2);
    assert!(!daemon.log().contains("job is overdue"), "{}", daemon.log());
    daemon.end();
    assert_eq!(asked(&scene, &["kind"], "FROM alerts"), Vec::<String>::new());
}

/// A scene with an order that was decided upon an hour ago and that nobody began.
fn waiting_for_an_hour() -> Scene {
    let scene = scene(&[("intake", "")]);
    let hour_ago = chrono::Utc::now() - chrono::TimeDelta::hours(1);
    super::harness::block_on(async {
        let ledger = super::harness::ledger(&scene).await;
        let mut asked = Asked::new("intake", AskedBy::Clock, hour_ago);
        asked.occasion = Some("an hour ago".to_owned());
        asked.steps = vec![OrderStep::Receive, OrderStep::Rebuild];
        assert!(ledger.add_order(&asked, State::Waiting, hour_ago).await.unwrap().is_some());
        ledger.close().await;
    });
    scene
}

#[test]
fn a_job_that_waits_for_too_long_is_overdue_until_it_has_run() {
    let scene = waiting_for_an_hour();
    // Something holds it up.
    let in_an_hour = chrono::Utc::now() + chrono::TimeDelta::hours(1);
    let later = yuebao::ledger::stamp(in_an_hour);
    super::harness::execute(&scene, &format!("UPDATE orders SET not_before = '{later}'"));
    let daemon = Daemon::start(&scene, &[]);
    daemon.wait_for(&["job is overdue"]);
    let alert = "FROM alerts WHERE kind = 'job_overdue'";
    let columns = ["subject", "settled_at IS NOT NULL"];
    daemon.wait_for_rows(&columns, alert, |rows| rows == ["{\"job\":\"intake\"}|0"]);
    daemon.end();
    super::harness::execute(&scene, "UPDATE orders SET not_before = due_at");
    let daemon = Daemon::start(&scene, &[]);
    daemon.wait_for_rows(&columns, alert, |rows| rows == ["{\"job\":\"intake\"}|1"]);
    daemon.end();
}
