//! What `doctor` tells whoever is called at night: room, backfills, the daemon, alerts, the inbox.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use chrono::{DateTime, Utc};
use yuebao::alerts::{Alert, DaemonTrouble};
use yuebao::files::lock::Lock;
use yuebao::files::room;
use yuebao::ledger::Ledger;
use yuebao::ledger::orders::State;

use super::doctor::{code, doctor, json, said, taken_in, yuebao};
use super::values::{backfill, pieces};
use super::{NOW, at, holder, values, wait};
use crate::support::scene::Scene;

async fn ledger(scene: &Scene) -> Ledger {
    Ledger::open(&scene.out("ledger.sqlite")).await.unwrap()
}

/// The line that holds these words.
#[track_caller]
fn line(scene: &Scene, words: &str) -> String {
    let text = said(&doctor(scene, &[]));
    let found = text.lines().find(|line| line.contains(words)).map(ToOwned::to_owned);
    found.unwrap_or_else(|| panic!("no `{words}` in {text}"))
}

#[test]
fn little_room_is_warned_of_and_is_no_fault_yet() {
    let scene = taken_in();
    assert!(line(&scene, "are free on its disk").ends_with("B are free on its disk"));
    let (health, code) = json(&scene, &[]);
    assert_eq!((code, &health["disk"]["needed_bytes"]), (0, &(256 << 20).into()));
    // Larger than any disk it may lie on, and takes no room: there is nothing in it.
    let path = scene.out("lake/large");
    fs::File::create(&path).unwrap().set_len(1 << 43).unwrap();
    assert_eq!(room::size(&scene.out("lake")).unwrap() >> 43, 1);
    let warning = line(&scene, "warning: ");
    assert!(warning.contains("one more edition may take 8.7 TB: make room"), "{warning}");
    let (health, code) = json(&scene, &[]);
    assert_eq!((code, health["warnings"].as_array().unwrap().len()), (0, 1));
    fs::remove_file(path).unwrap();
}

#[test]
fn room_is_known_also_where_nothing_lies_yet() {
    let folder = tempfile::tempdir().unwrap();
    let here = room::room(folder.path()).unwrap();
    let there = room::room(&folder.path().join("not/there/yet")).unwrap();
    assert!(0 < there.bytes && !there.is_read_only);
    assert_eq!(here.files.is_some(), there.files.is_some());
    assert!(room::room("relative".as_ref()).is_some());
    assert!(room::room("/proc".as_ref()).is_some());
}

#[test]
fn backfills_without_an_end_are_named_with_the_command_that_carries_them_on() {
    let scene = taken_in();
    let [running, paused] = wait(async {
        let ledger = ledger(&scene).await;
        let mut ids = Vec::new();
        for state in [State::Running, State::Paused, State::Done, State::Cancelled, State::Failed] {
            let id = ledger.add_order(&backfill(), state, at(NOW)).await.unwrap().unwrap();
            ledger.set_pieces(&pieces(id), &[], None, at(NOW)).await.unwrap();
            ids.push(id);
        }
        ledger.close().await;
        [ids[0], ids[1]]
    });
    let what = |id: i64| format!("backfill {id} (publish, 2024-03 … 2024-04, months that wait: 2)");
    let interrupted = line(&scene, &what(running));
    let resume = |id| format!("`yuebao backfill resume {id}`");
    let said = format!("was interrupted: {}", resume(running));
    assert!(interrupted.contains(&said), "{interrupted}");
    let said = line(&scene, &what(paused));
    assert!(said.contains(&format!("is paused: {}", resume(paused))), "{said}");
    let (health, code) = json(&scene, &[]);
    assert_eq!((code, health["backfills"].as_array().unwrap().len()), (0, 2));

    let lock = Lock::take(&scene.out(".lock"), &holder("backfill")).unwrap();
    assert!(line(&scene, &what(running)).ends_with("is at work"));
    drop(lock);
    let lock = Lock::take(&scene.out(".daemon.lock"), &holder("daemon")).unwrap();
    assert!(line(&scene, &what(running)).contains("the daemon carries it on"));
    drop(lock);
}

#[test]
fn a_daemon_that_is_gone_is_said_with_its_last_sign_of_life() {
    let scene = taken_in();
    line(&scene, "no daemon has watched over this output folder yet");
    let seen = at(NOW);
    let session = wait(async {
        let ledger = ledger(&scene).await;
        let session = ledger.begin_session(seen).await.unwrap();
        ledger.close().await;
        session
    });
    let killed = line(&scene, "no daemon is at work");
    assert!(killed.contains("was killed") && killed.contains("2025-01-01T00:00:00"), "{killed}");
    let lock = Lock::take(&scene.out(".daemon.lock"), &holder("daemon")).unwrap();
    let running = said(&doctor(&scene, &[]));
    assert!(!running.contains("no daemon") && running.contains("process 77"), "{running}");
    drop(lock);
    wait(async {
        let ledger = ledger(&scene).await;
        ledger.end_session(session, seen).await.unwrap();
        ledger.close().await;
    });
    assert!(line(&scene, "no daemon is at work").contains("ended in order"));
}

#[test]
fn alerts_that_hold_are_named_and_settled_ones_are_not() {
    let scene = taken_in();
    wait(async {
        let ledger = ledger(&scene).await;
        let alerts = [
            DaemonTrouble::Files(Vec::new()),
            DaemonTrouble::Backfill { order_id: 3, reasons: Vec::new() },
        ]
        .map(|trouble| values::new(&Alert::DaemonTrouble(trouble)));
        for alert in &alerts {
            ledger.raise_alert(alert, &[], at(NOW)).await.unwrap();
        }
        let settled = &alerts[0];
        ledger.settle_alert(settled.kind, &settled.subject, at(NOW)).await.unwrap();
        ledger.close().await;
    });
    let holding = line(&scene, "alert 2 holds since 2025-01-01");
    assert!(holding.contains("backfill 3; `yuebao alerts`"), "{holding}");
    let (health, _) = json(&scene, &[]);
    assert_eq!(health["alerts"].as_array().unwrap().len(), 1);
}

#[test]
fn what_readers_see_is_said_where_it_is_not_the_newest() {
    let scene = taken_in();
    assert_eq!(code(&yuebao(&scene, &["run"])), 0);
    assert_eq!(line(&scene, "the newest edition"), "the newest edition is 1");
    fs::create_dir(scene.out("editions/2")).unwrap();
    let other = line(&scene, "the newest edition");
    assert_eq!(other, "the newest edition is 2; output/marts points at edition 1");
    fs::remove_dir(scene.out("editions/2")).unwrap();
    for target in [None, Some("editions/7")] {
        fs::remove_file(scene.out("marts")).unwrap();
        if let Some(target) = target {
            symlink(target, scene.out("marts")).unwrap();
        }
        let warning = line(&scene, "warning: output/marts leads to no edition");
        assert!(warning.contains("`yuebao run` points it at edition 1"), "{warning}");
        assert_eq!(code(&yuebao(&scene, &["run"])), 0);
        assert!(scene.out("marts/manifest.json").exists());
    }
}

#[test]
fn what_waits_in_the_inbox_and_what_no_run_takes_is_said() {
    let scene = taken_in();
    assert!(!said(&doctor(&scene, &[])).contains("inbox"));
    let pipe = scene.out("inbox/sub/a.xlsx");
    scene.drop_file("sub/b.xlsx", b"x", 2400);
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    line(&scene, "one file waits in the inbox");
    let warning = line(&scene, "warning: ");
    assert_eq!(
        warning,
        "warning: `sub/a.xlsx` stays in the inbox, a pipe, not a file: take it away"
    );
    assert_eq!(json(&scene, &[]).1, 0);
}

#[test]
fn a_probe_is_told_whether_a_daemon_is_at_work() {
    let scene = taken_in();
    let alive = |scene: &Scene| doctor(scene, &["--alive"]);
    let none = alive(&scene);
    assert_eq!(code(&none), 3);
    assert!(said(&none).contains("no daemon is at work on `"), "{}", said(&none));
    let lock = Lock::take(&scene.out(".daemon.lock"), &holder("daemon")).unwrap();
    assert_eq!(code(&alive(&scene)), 0, "it has just been started");
    let see = |at: DateTime<Utc>| {
        wait(async {
            let ledger = ledger(&scene).await;
            ledger.begin_session(at).await.unwrap();
            ledger.close().await;
        });
    };
    see(at(NOW));
    let silent = alive(&scene);
    assert_eq!(code(&silent), 3);
    let said = |output| said(&output);
    let text = said(silent);
    let words = ["process 77", "has given no sign of life since 2025-01-01T"];
    assert!(words.iter().all(|words| text.contains(words)), "{text}");
    see(Utc::now());
    // A faulty edit stops no daemon.
    scene.append("jobs/pipeline.toml", "\nnonsense = 1\n");
    let well = alive(&scene);
    assert_eq!(code(&well), 0);
    assert!(said(well).starts_with("at work: `yuebao daemon`, process 77, since "));
    drop(lock);
}
