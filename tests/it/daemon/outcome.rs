//! What becomes of an activation whose run ended, and what counts as settled.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use yuebao::daemon::child::{Ended, Why};
use yuebao::daemon::outcome::{Fate, fate, sentence};
use yuebao::daemon::watch::Settling;
use yuebao::ledger::activations::{Activation, ActivationState, TriggerKind};
use yuebao::project::schedules::Schedule;

fn now() -> DateTime<Utc> {
    "2025-07-10T04:00:00Z".parse().unwrap()
}

fn ended(code: Option<i32>, given_up: Option<Why>, attempts: u32) -> Ended {
    let activation = Activation {
        activation_id: 7,
        job: "intake".to_owned(),
        scheduled_at: now(),
        trigger_kind: TriggerKind::Clock,
        months: None,
        priority: 5,
        decided_at: now(),
        state: ActivationState::Running,
        reason: None,
        not_before: now(),
        attempts,
    };
    let signal = code.is_none().then_some(9);
    let last_words = String::new();
    Ended { activation, started_at: now(), process: 1, code, signal, last_words, given_up }
}

fn schedule(retries: u32) -> Schedule {
    toml::from_str(&format!(
        "job = 'intake'\nabout = ''\ncron = '* * * * *'\nsteps = ['intake']\ncatch_up = 'none'\n\
         overlap = 'skip'\nretries = {retries}\ntime_out_secs = 60"
    ))
    .unwrap()
}

#[test]
fn the_fate_follows_from_the_exit_code_and_the_retries_left() {
    let of = |code, given_up, attempts| {
        let fate = fate(&ended(code, given_up, attempts), Some(&schedule(2)), now());
        fate.name()
    };
    assert_eq!(of(Some(0), None, 1), "done");
    assert_eq!(of(Some(1), None, 1), "held_back");
    assert_eq!(of(Some(2), None, 1), "failed", "faulty settings do not mend themselves");
    for code in [Some(3), Some(101), None] {
        assert_eq!(of(code, None, 1), "retried");
        assert_eq!(of(code, None, 2), "retried");
        assert_eq!(of(code, None, 3), "failed", "both retries are used up");
    }
    assert_eq!(of(None, Some(Why::TimeOut), 1), "retried");
    assert_eq!(of(Some(3), Some(Why::Drain), 3), "interrupted", "no attempt is lost to a restart");
    assert_eq!(of(Some(0), Some(Why::Drain), 1), "done", "it ended before it was stopped");
}

#[test]
fn a_retry_waits_and_a_job_without_a_file_has_none() {
    let Fate::Retry { not_before } = fate(&ended(Some(3), None, 1), Some(&schedule(1)), now())
    else {
        panic!("a retry is left");
    };
    let wait = not_before - now();
    assert!(TimeDelta::seconds(30) <= wait && wait <= TimeDelta::seconds(38), "{wait}");
    assert_eq!(fate(&ended(Some(3), None, 1), None, now()), Fate::Failed);
}

#[test]
fn the_sentence_says_how_a_run_died() {
    let mut died = ended(Some(101), None, 1);
    died.last_words = "thread panicked at x".to_owned();
    assert_eq!(sentence(&died), "ended with exit code `101`: thread panicked at x");
    assert_eq!(sentence(&ended(None, None, 1)), "killed by signal `9`");
    assert_eq!(sentence(&ended(None, Some(Why::TimeOut), 1)), "given up after its time-out");
}

#[test]
fn settled_is_what_two_looks_in_a_row_found_the_same() {
    let marks = |marks: &[u64]| marks.iter().copied().collect::<BTreeSet<u64>>();
    let mut inbox = Settling::default();
    assert!(inbox.look(marks(&[1])).is_none());
    assert!(inbox.look(marks(&[1, 2])).is_none(), "still growing");
    assert_eq!(inbox.look(marks(&[1, 2])), Some(&marks(&[1, 2])));

    let mut project = Settling::default();
    assert!(!project.has_changed(marks(&[1])));
    assert!(!project.has_changed(marks(&[1])), "the first set is no change");
    assert!(!project.has_changed(marks(&[3])), "not settled yet");
    assert!(project.has_changed(marks(&[3])));
    assert!(!project.has_changed(marks(&[3])), "told once");
}
