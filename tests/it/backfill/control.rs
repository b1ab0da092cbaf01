//! Paused, cancelled, listed; one at a time.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use yuebao::backfill::Report;
use yuebao::files::lock::Lock;
use yuebao::ledger::backfills::{BackfillState, Reprocess};
use yuebao::pipeline::{Event, Step};

use super::{
    Scene, asked, backfill, carry_on, code, correct, done, err, json, months, out, published,
    yuebao,
};
use crate::support::wait;

/// A forced backfill of March to May; a command is given by another process during its first month.
pub(super) fn with_command(scene: &Scene, command: &str) -> Report {
    let asked = yuebao::ledger::backfills::NewBackfill {
        reprocess: Reprocess::All,
        ..asked("publish", "2024-03", "2024-05")
    };
    let begun = AtomicUsize::new(0);
    carry_on(scene, &asked, &|event, _| {
        let is_month = matches!(event, Event::Began { step: Step::Checking, .. });
        if is_month && begun.fetch_add(1, Ordering::Relaxed) == 0 {
            done(&yuebao(scene, &["backfill", command, "1"]));
        }
    })
}

#[test]
fn a_paused_backfill_stops_after_its_month_and_goes_on() {
    let scene = published();
    correct(&scene, 1, (2024, 5), 110);
    let report = with_command(&scene, "pause");
    assert_eq!(report.state, BackfillState::Paused);
    assert_eq!(report.waiting.len(), 2);
    let list = done(&yuebao(&scene, &["backfill", "list"]));
    assert!(list.contains("paused") && list.contains("1/3"), "{list}");
    let said = done(&yuebao(&scene, &["backfill", "resume", "1", "--why", "go on"]));
    assert!(said.contains("第 2 版已发布"), "{said}");
    let asked = ["2024-03 done asked", "2024-04 done asked", "2024-05 done asked"];
    assert_eq!(months(&scene, 1)[..3], asked);
    let manifest = json(&done(&yuebao(&scene, &["edition", "show", "2", "--json"])));
    assert_eq!(manifest["why"], "go on");
}

#[test]
fn a_cancelled_backfill_keeps_what_was_done_and_ends_for_good() {
    let scene = published();
    let report = with_command(&scene, "cancel");
    assert_eq!(report.state, BackfillState::Cancelled);
    let states = ["2024-03 done asked", "2024-04 cancelled asked", "2024-05 cancelled asked"];
    assert_eq!(months(&scene, 1), states);
    let again = yuebao(&scene, &["backfill", "resume", "1"]);
    assert_eq!(code(&again), 2);
    assert!(
        err(&again).contains("backfill publish --from 2024-03 --to 2024-05"),
        "{}",
        err(&again)
    );
}

#[test]
fn months_that_follow_the_one_at_work_are_cancelled_too() {
    let scene = published();
    correct(&scene, 0, (2024, 3), 110);
    let begun = AtomicUsize::new(0);
    let report = carry_on(&scene, &asked("publish", "2024-03", "2024-03"), &|event, _| {
        let is_month = matches!(event, Event::Began { step: Step::Checking, .. });
        if is_month && begun.fetch_add(1, Ordering::Relaxed) == 0 {
            done(&yuebao(&scene, &["backfill", "cancel", "1"]));
        }
    });
    assert_eq!((report.state, report.waiting.len()), (BackfillState::Cancelled, 0));
    let states = months(&scene, 1);
    assert_eq!(states[0], "2024-03 done asked");
    assert!(states[1..].iter().all(|it| it.ends_with("cancelled cascade")), "{states:?}");
}

#[test]
fn a_stopped_backfill_is_shown_as_interrupted_and_resumed() {
    let scene = published();
    let asked = yuebao::ledger::backfills::NewBackfill {
        reprocess: Reprocess::All,
        ..asked("intake", "2024-03", "2024-05")
    };
    let report = carry_on(&scene, &asked, &|event, stop| {
        if matches!(event, Event::Advanced) {
            stop.ask();
        }
    });
    assert_eq!((report.state, report.waiting.len()), (BackfillState::Running, 2));
    let list = done(&yuebao(&scene, &["backfill", "list"]));
    assert!(list.contains("interrupted; resume with `yuebao backfill resume 1`"), "{list}");
    let shown = json(&done(&yuebao(&scene, &["backfill", "show", "1", "--json"])));
    assert_eq!(shown["is_interrupted"], true);
    done(&yuebao(&scene, &["backfill", "resume", "1"]));
    let shown = json(&done(&yuebao(&scene, &["backfill", "show", "1", "--json"])));
    assert_eq!((&shown["state"], &shown["is_interrupted"]), (&"done".into(), &false.into()));
}

#[test]
fn after_an_interruption_what_became_stale_is_done_again() {
    let scene = published();
    let asked = yuebao::ledger::backfills::NewBackfill {
        reprocess: Reprocess::All,
        ..asked("intake", "2024-03", "2024-05")
    };
    carry_on(&scene, &asked, &|event, stop| {
        if matches!(event, Event::Advanced) {
            stop.ask();
        }
    });
    // As another version of the program would: every fingerprint is another one.
    scene.touch_rules();
    let resumed = json(&done(&yuebao(&scene, &["backfill", "resume", "1", "--json"])));
    let names: Vec<&String> = resumed["months"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["2024-03", "2024-04", "2024-05"]);
}

#[test]
fn a_second_backfill_is_told_who_is_at_work() {
    let scene = published();
    let holder = "backfill 7: `yuebao backfill publish`, process 1, since 2026-01-01T00:00:00Z";
    let _lock = Lock::take(&scene.out(".backfill.lock"), holder).unwrap();
    let second = backfill(&scene, "publish", ["2024-03", "2024-05"], &[]);
    assert_eq!(code(&second), 3);
    assert!(err(&second).contains(holder), "{}", err(&second));
    let none = out(&yuebao(&scene, &["backfill", "list"]));
    assert!(none.contains("no backfill yet"), "{none}");
}

#[test]
fn a_backfill_lets_others_write_between_its_months() {
    let scene = published();
    let asked = yuebao::ledger::backfills::NewBackfill {
        reprocess: Reprocess::All,
        ..asked("intake", "2024-03", "2024-05")
    };
    let taken = AtomicUsize::new(0);
    carry_on(&scene, &asked, &|event, _| {
        // Held while a month is being done; taken anew for each.
        if matches!(event, Event::Began { step: Step::Checking, .. }) {
            assert!(Lock::take(&scene.out(".lock"), "another").is_err());
            taken.fetch_add(1, Ordering::Relaxed);
        }
    });
    assert_eq!(taken.load(Ordering::Relaxed), 3);
    assert!(Lock::take(&scene.out(".lock"), "another").is_ok());
}

#[test]
fn a_waiter_goes_before_a_backfill_that_comes_back_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".lock");
    let patience = Duration::from_mins(1);
    let first = Lock::take(&path, "backfill").unwrap();
    let order = Mutex::new(Vec::new());
    thread::scope(|threads| {
        threads.spawn(|| {
            let held = Lock::wait(&path, "run", patience, |_| {}).unwrap();
            order.lock().unwrap().push("run");
            drop(held);
        });
        let queue = folder.path().join(".lock.next");
        let queued = || Lock::holder(&queue).filter(|holder| holder == "run");
        wait::until("the waiter to queue", queued, String::new);
        drop(first);
        let again = Lock::wait(&path, "backfill", patience, |_| {}).unwrap();
        order.lock().unwrap().push("backfill");
        drop(again);
    });
    assert_eq!(order.into_inner().unwrap(), ["run", "backfill"]);
}

#[test]
fn a_rehearsal_says_what_it_is_at_also_while_it_builds_the_marts() {
    let scene = published();
    let workshop = scene.open().unwrap();
    let output = yuebao::pipeline::output::Output::new(scene.out(""));
    let seen = Mutex::new(Vec::new());
    let bench = backfill::Bench {
        workshop: &workshop,
        output: &output,
        failed: &std::collections::BTreeSet::new(),
        holder: "a test",
        now: &chrono::Utc::now,
        report: &|event| {
            if let Event::Began { step, .. } = event {
                seen.lock().unwrap().push(step);
            }
        },
        waiting: &|_| {},
        stop: &yuebao::pipeline::stop::Stop::new(),
    };
    let asked = yuebao::ledger::backfills::NewBackfill {
        reprocess: Reprocess::All,
        ..asked("publish", "2024-03", "2024-03")
    };
    let threads = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    threads.block_on(backfill::rehearse(&bench, &asked)).unwrap();
    assert_eq!(*seen.lock().unwrap().last().unwrap(), Step::Building);
}
