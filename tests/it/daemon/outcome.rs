//! What becomes of an order whose run ended, and what counts as settled.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use yuebao::alerts::harmless;
use yuebao::daemon::child::{Ended, Why};
use yuebao::daemon::outcome::{Fate, attempt_state, fate, reasons};
use yuebao::daemon::watch::{Arrivals, Settling};
use yuebao::ledger::orders::{Order, OrderStep, State};
use yuebao::ledger::reason::Reason;
use yuebao::project::schedules::Schedule;
use yuebao::texts::{self, Text};

use super::harness::holder;
use crate::schedule::order;

fn now() -> DateTime<Utc> {
    "2025-07-10T04:00:00Z".parse().unwrap()
}

fn ended(code: Option<i32>, given_up: Option<Why>, tries: u32) -> Ended {
    let order = Order { state: State::Running, tries, ..order(7, "intake", now()) };
    let signal = code.is_none().then_some(9);
    let last_words = Vec::new();
    Ended { order, started_at: now(), process: 1, code, signal, last_words, given_up }
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
fn how_a_run_ended_is_kept_and_told_in_both_languages() {
    let told = |ended: &Ended| Reason::texts(&reasons(ended));
    let said = |code, given_up| told(&ended(code, given_up, 1));
    let both = |zh: &str, en: &str| Text { zh: zh.to_owned(), en: en.to_owned() };
    assert_eq!(said(Some(0), None), Text::default());
    assert_eq!(said(Some(101), None), both("以退出码 `101` 结束", "ended with exit code `101`"));
    assert_eq!(said(None, None), both("被信号 `9` 终止", "killed by signal `9`"));
    let time_out = both("超过时限，已放弃", "given up after its time-out");
    assert_eq!(said(None, Some(Why::TimeOut)), time_out);
    assert_eq!(said(Some(1), None).zh, "新版本没有发布：汇总表检查未通过，或等待说明原因");
    assert_eq!(said(None, Some(Why::Drain)).zh, "守护进程结束，被中断");
    let last_words = vec!["could not read `a; b`: gone".to_owned(), "value 98765".to_owned()];
    let died = Ended { last_words, ..ended(Some(101), None, 1) };
    let all = "ended with exit code `101`: could not read `a; b`: gone: value 98765";
    assert_eq!(told(&died).en, all);
    assert_eq!(harmless(&reasons(&died)).zh, "以退出码 `101` 结束：could not read `a; b`: gone");
    let unborn = Ended { code: None, process: 0, ..died };
    assert!(told(&unborn).en.starts_with("the run could not be started: "), "{unborn:?}");
    let unseen = Ended { signal: None, ..ended(None, None, 1) };
    assert_eq!(reasons(&unseen), [Reason::Unobserved]);
}

#[test]
fn an_attempt_left_open_ended_as_its_process_did() {
    let of = |given_up| attempt_state(&ended(None, given_up, 1));
    assert_eq!(of(None), State::Failed);
    assert_eq!(of(Some(Why::TimeOut)), State::TimedOut);
    assert_eq!(of(Some(Why::Drain)), State::Interrupted);
}

#[test]
fn every_reason_is_kept_as_json_and_has_its_text() {
    let words = || vec!["gone".to_owned()];
    let all = [
        Reason::NotCaughtUp,
        Reason::LaterStands,
        Reason::BeyondGrace,
        Reason::Gap { count: 3320, first: now(), before: now() },
        Reason::MadeUp,
        Reason::Overlap,
        Reason::Queued,
        Reason::Crowded { most: 1000 },
        Reason::Output { holder: holder("run") },
        Reason::JobIsGone,
        Reason::Backfill,
        Reason::Interrupted,
        Reason::Requeued,
        Reason::TimeOut,
        Reason::HeldBack,
        Reason::ExitCode { code: 3 },
        Reason::Signal { signal: 9 },
        Reason::Unobserved,
        Reason::NotStarted,
        Reason::Words { words: words() },
        Reason::Panicked { step: OrderStep::Publish, said: "gone".to_owned() },
        Reason::Error { chain: words(), system: Vec::new() },
    ];
    let mut names = BTreeSet::new();
    for reason in all {
        let kept = serde_json::to_value(&reason).unwrap();
        names.insert(format!("reason.{}", kept["reason"].as_str().unwrap()));
        assert_eq!(serde_json::from_value::<Reason>(kept).unwrap(), reason);
        let Text { zh, en } = reason.text();
        assert!(!zh.is_empty() && !en.is_empty() && !format!("{zh}{en}").contains('{'), "{en}");
    }
    let known = texts::keys().filter(|key| key.starts_with("reason."));
    assert_eq!(names, known.map(str::to_owned).collect());
}

#[test]
fn settled_is_what_two_looks_in_a_row_found_the_same() {
    let marks = |marks: &[u64]| marks.iter().copied().collect::<BTreeSet<u64>>();
    let mut inbox = Arrivals::default();
    assert_eq!(inbox.look(marks(&[1])), marks(&[]));
    assert_eq!(inbox.look(marks(&[1, 2])), marks(&[1]), "the other may still grow");
    assert_eq!(inbox.look(marks(&[1, 3])), marks(&[1]), "it has grown");
    assert_eq!(inbox.look(marks(&[3])), marks(&[3]), "the first was taken in");

    let mut project = Settling::default();
    assert!(!project.has_changed(marks(&[1])));
    assert!(!project.has_changed(marks(&[1])), "the first set is no change");
    assert!(!project.has_changed(marks(&[3])), "not settled yet");
    assert!(project.has_changed(marks(&[3])));
    assert!(!project.has_changed(marks(&[3])), "told once");
}
