//! What becomes of an activation whose run ended, and what counts as settled.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use yuebao::daemon::child::{Ended, Why};
use yuebao::daemon::outcome::{Fate, fate, sentence};
use yuebao::daemon::watch::{Arrivals, Settling};
use yuebao::ledger::activations::{Activation, ActivationState, TriggerKind};
use yuebao::project::schedules::Schedule;
use yuebao::texts::{self, reasons};

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
    let not_started = Ended { signal: None, process: 0, ..died };
    let not_started = Ended { code: None, last_words: "no memory".to_owned(), ..not_started };
    assert_eq!(sentence(&not_started), "the run could not be started: no memory");
}

#[test]
fn what_the_daemon_says_of_a_run_is_told_in_both_languages() {
    let zh = |ended: &Ended| reasons::told(&sentence(ended)).zh;
    let mut died = ended(Some(101), None, 1);
    assert_eq!(zh(&died), "以退出码 `101` 结束");
    died.last_words = "could not read `a; b`: gone".to_owned();
    assert_eq!(zh(&died), "以退出码 `101` 结束：could not read `a; b`: gone");
    assert_eq!(zh(&ended(None, None, 1)), "被信号 `9` 终止");
    assert_eq!(zh(&ended(None, Some(Why::TimeOut), 1)), "超过时限，已放弃");
    assert_eq!(zh(&ended(Some(1), None, 1)), "新版本没有发布：汇总表检查未通过，或等待说明原因");
    assert_eq!(zh(&ended(None, Some(Why::Drain), 1)), "守护进程结束，被中断");
    let failed = yuebao::alerts::run_failed("intake", 7, &sentence(&ended(Some(3), None, 1)));
    assert!(failed.text_zh.contains("原因：以退出码 `3` 结束"), "{}", failed.text_zh);
    assert!(failed.text_en.contains("ended with exit code `3`"), "{}", failed.text_en);
}

#[test]
fn every_reason_is_found_again_from_its_english_sentence() {
    let reasons: Vec<&str> = texts::keys().filter_map(|key| key.strip_prefix("reason.")).collect();
    assert!(15 < reasons.len());
    let values = [("count", "3320"), ("first", "2025-07-10T00:01:00Z"), ("newest", "1000")];
    let holder = ("holder", "`yuebao run`, process 7, since 2025-07-10T00:01:00Z");
    let values =
        [&values[..], &[("code", "3"), ("signal", "9"), ("most", "1000"), holder]].concat();
    for name in reasons {
        let kept = reasons::kept(name, &values);
        assert!(!kept.contains('{'), "{kept}");
        let arguments = values.iter().map(|(name, value)| (*name, texts::Text::same(*value)));
        let arguments: Vec<_> = arguments.collect();
        let arguments: Vec<_> = arguments.iter().map(|(name, text)| (*name, text)).collect();
        let text = texts::text(&format!("reason.{name}")).fill(&arguments);
        assert_eq!(reasons::told(&kept), text, "{name}");
        let two = format!("{kept}; {kept}");
        assert_eq!(reasons::told(&two).zh, format!("{0}；{0}", text.zh), "{name}");
    }
    assert_eq!(reasons::told("some day; or never: so").zh, "some day; or never: so");
    assert_eq!(reasons::told("").zh, "");
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
