//! Paused, cancelled, listed; several at once.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use yuebao::files::lock::Lock;
use yuebao::ledger::orders::State;
use yuebao::orders::rehearsal;
use yuebao::pipeline::stop::Stop;
use yuebao::pipeline::{Event, Step};

use super::{
    ID, Played, Scene, all, carry_on, code, command, correct, done, err, json, months, published,
    range, with_means, yuebao,
};
use crate::daemon::harness::holder;
use crate::support::scene::assert_same;
use crate::support::wait;

/// A forced backfill of March to May; a command is given by another process during its first month.
pub(super) fn with_command(scene: &Scene, command: &str) -> Played {
    let begun = AtomicUsize::new(0);
    carry_on(scene, "publish", &all("2024-03", "2024-05"), &|event, _| {
        let is_month = matches!(event, Event::Began { step: Step::Checking, .. });
        if is_month && begun.fetch_add(1, Ordering::Relaxed) == 0 {
            done(&yuebao(scene, &["backfill", command, ID]));
        }
    })
}

#[test]
fn a_paused_backfill_stops_after_its_month_and_goes_on() {
    let scene = published();
    correct(&scene, 1, (2024, 5), 110);
    let report = with_command(&scene, "pause");
    assert_eq!((report.state(), report.waiting()), (State::Paused, 2));
    let list = done(&yuebao(&scene, &["backfill", "list"]));
    assert!(list.contains("paused") && list.contains("1/3"), "{list}");
    let said = done(&yuebao(&scene, &["backfill", "resume", ID, "--why", "go on"]));
    assert!(said.contains("第 2 版已发布"), "{said}");
    let asked = ["2024-03 done asked", "2024-04 done asked", "2024-05 done asked"];
    assert_eq!(months(&scene)[..3], asked);
    let manifest = json(&done(&yuebao(&scene, &["edition", "show", "2", "--json"])));
    assert_eq!(manifest["why"], "go on");
}

#[test]
fn a_cancelled_backfill_keeps_what_was_done_and_ends_for_good() {
    let scene = published();
    let report = with_command(&scene, "cancel");
    assert_eq!(report.state(), State::Cancelled);
    let states = ["2024-03 done asked", "2024-04 cancelled asked", "2024-05 cancelled asked"];
    assert_eq!(months(&scene), states);
    let again = yuebao(&scene, &["backfill", "resume", ID]);
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
    let report = carry_on(&scene, "publish", &range("2024-03", "2024-03"), &|event, _| {
        let is_month = matches!(event, Event::Began { step: Step::Checking, .. });
        if is_month && begun.fetch_add(1, Ordering::Relaxed) == 0 {
            done(&yuebao(&scene, &["backfill", "cancel", ID]));
        }
    });
    assert_eq!((report.state(), report.waiting()), (State::Cancelled, 0));
    let states = months(&scene);
    assert_eq!(states[0], "2024-03 done asked");
    assert!(states[1..].iter().all(|it| it.ends_with("cancelled cascade")), "{states:?}");
}

#[test]
fn a_stopped_backfill_is_shown_as_interrupted_and_resumed() {
    let scene = published();
    let report = carry_on(&scene, "intake", &all("2024-03", "2024-05"), &|event, stop| {
        if matches!(event, Event::Advanced) {
            stop.ask();
        }
    });
    assert_eq!((report.state(), report.waiting()), (State::Waiting, 2));
    let list = done(&yuebao(&scene, &["backfill", "list"]));
    assert!(list.contains("interrupted; resume with `yuebao backfill resume 2`"), "{list}");
    let shown = json(&done(&yuebao(&scene, &["backfill", "show", ID, "--json"])));
    assert_eq!(shown["is_interrupted"], true);
    done(&yuebao(&scene, &["backfill", "resume", ID]));
    let shown = json(&done(&yuebao(&scene, &["backfill", "show", ID, "--json"])));
    assert_eq!((&shown["state"], &shown["is_interrupted"]), (&"done".into(), &false.into()));
}

#[test]
fn after_an_interruption_what_became_stale_is_done_again() {
    let scene = published();
    carry_on(&scene, "intake", &all("2024-03", "2024-05"), &|event, stop| {
        if matches!(event, Event::Advanced) {
            stop.ask();
        }
    });
    // As another version of the program would: every fingerprint is another one.
    scene.touch_rules();
    let resumed = json(&done(&yuebao(&scene, &["backfill", "resume", ID, "--json"])));
    let names: Vec<&String> = resumed["months"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["2024-03", "2024-04", "2024-05"]);
}

#[test]
fn two_at_once_take_turns_and_end_in_the_same_bytes() {
    let undisturbed = published();
    undisturbed.touch_rules();
    carry_on(&undisturbed, "intake", &all("2024-03", "2024-06"), &|_, _| {});
    let scene = published();
    scene.touch_rules();
    // Another one is begun in the first month of the first, and ends before it goes on.
    let begun = AtomicUsize::new(0);
    let first = carry_on(&scene, "intake", &all("2024-03", "2024-06"), &|event, _| {
        let is_month = matches!(event, Event::Began { step: Step::Checking, .. });
        if is_month && begun.fetch_add(1, Ordering::Relaxed) == 1 {
            let child =
                command(&scene, &["backfill", "intake", "--from", "2024-03", "--to", "2024-06"])
                    .stderr(std::process::Stdio::piped())
                    .spawn()
                    .unwrap();
            thread::spawn(move || child.wait_with_output().unwrap());
        }
    });
    assert_eq!(first.state(), State::Done);
    let ended = || {
        let list = json(&done(&yuebao(&scene, &["backfill", "list", "--json"])));
        let states: Vec<_> =
            list.as_array().unwrap().iter().map(|it| it["state"].clone()).collect();
        (states == ["done", "done"]).then_some(())
    };
    wait::until("the end of the second", ended, String::new);
    assert_same(&scene.files("lake"), &undisturbed.files("lake"));
}

#[test]
fn a_backfill_lets_others_write_between_its_months() {
    let scene = published();
    let taken = AtomicUsize::new(0);
    carry_on(&scene, "intake", &all("2024-03", "2024-05"), &|event, _| {
        // Held while a month is being done; taken anew for each.
        if matches!(event, Event::Began { step: Step::Checking, .. }) {
            assert!(Lock::take(&scene.out(".lock"), &holder("another")).is_err());
            taken.fetch_add(1, Ordering::Relaxed);
        }
    });
    assert_eq!(taken.load(Ordering::Relaxed), 3);
    assert!(Lock::take(&scene.out(".lock"), &holder("another")).is_ok());
}

#[test]
fn a_waiter_goes_before_a_backfill_that_comes_back_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".lock");
    let patience = Duration::from_mins(1);
    let first = Lock::take(&path, &holder("backfill")).unwrap();
    let order = Mutex::new(Vec::new());
    thread::scope(|threads| {
        threads.spawn(|| {
            let held = Lock::wait(&path, &holder("run"), patience, |_| {}).unwrap();
            order.lock().unwrap().push("run");
            drop(held);
        });
        let queue = folder.path().join(".lock.next");
        let queued = || Lock::holder(&queue).filter(|holder| holder.command == "run");
        wait::until("the waiter to queue", queued, String::new);
        drop(first);
        let again = Lock::wait(&path, &holder("backfill"), patience, |_| {}).unwrap();
        order.lock().unwrap().push("backfill");
        drop(again);
    });
    assert_eq!(order.into_inner().unwrap(), ["run", "backfill"]);
}

#[test]
fn a_rehearsal_says_what_it_is_at_also_while_it_builds_the_marts() {
    let scene = published();
    let seen = Mutex::new(Vec::new());
    let watch = |event, _: &Stop| {
        if let Event::Began { step, .. } = event {
            seen.lock().unwrap().push(step);
        }
    };
    with_means(&scene, &watch, async |means| {
        let asked = all("2024-03", "2024-03");
        let asked = asked.asked(&means.workshop.project, "publish", (means.now)()).unwrap();
        rehearsal::rehearse(means, &asked).await.unwrap();
    });
    assert_eq!(*seen.lock().unwrap().last().unwrap(), Step::Building);
}
