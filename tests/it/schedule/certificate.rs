//! The certificate of a month: complete, each instant once, sums that add up.

use chrono::{DateTime, TimeDelta, Utc};
use yuebao::domain::activation::{ActivationState, TriggerKind};
use yuebao::project::schedules::Schedule;
use yuebao::project::seeds::roster::Calendar;
use yuebao::schedule::basis::Basis;
use yuebao::schedule::certificate::{
    Certificate, Evidence, Fate, Gone, LINES_MAX, Record, Term, certificate, month,
};

use super::{almanac, at, calendar, schedule, utc};

fn daily() -> Schedule {
    schedule("cron = \"0 12 * * *\"")
}

fn term(schedule: Schedule, since: &str, until: Option<&str>, decided_until: &str) -> Term {
    let until = until.map(at);
    let basis = Basis::of(&schedule, &almanac(&Calendar::default()));
    Term { schedule, basis, since: at(since), until, decided_until: at(decided_until) }
}

fn record(scheduled_at: &str, kind: &str, state: &str, reason: Option<&str>) -> Record {
    let scheduled_at = at(scheduled_at);
    let late = if kind == "catch_up" { TimeDelta::hours(5) } else { TimeDelta::seconds(1) };
    Record {
        activation_id: scheduled_at.timestamp(),
        scheduled_at,
        trigger_kind: TriggerKind::named(kind).unwrap(),
        months: None,
        decided_at: scheduled_at + late,
        state: ActivationState::named(state).unwrap(),
        reason: reason.map(str::to_owned),
        attempts: 1,
        run: None,
    }
}

/// March 2025 in Shanghai, as of an instant.
fn march(evidence: &Evidence, file: Option<&Schedule>, now: &str) -> Certificate {
    let calendar = Calendar::default();
    let stretch = month("2025-03".parse().unwrap(), chrono_tz::Asia::Shanghai);
    certificate(evidence, file, &almanac(&calendar), stretch, at(now))
}

const LATER: &str = "2025-05-01T00:00:00Z";

#[test]
fn a_month_is_that_of_the_jobs_zone() {
    let (from, until) = month("2025-03".parse().unwrap(), chrono_tz::Asia::Shanghai);
    assert_eq!(
        (utc(from), utc(until)),
        ("2025-02-28T16:00:00Z".into(), "2025-03-31T16:00:00Z".into())
    );
    let (from, until) = month("2025-03".parse().unwrap(), chrono_tz::Europe::Berlin);
    assert_eq!(until - from, TimeDelta::hours(31 * 24 - 1));
    let last = month("2099-12".parse().unwrap(), chrono_tz::Asia::Shanghai);
    assert_eq!(last.1 - last.0, TimeDelta::days(31));
}

#[test]
fn each_fate_is_told() {
    let file = daily();
    let evidence = Evidence {
        terms: vec![term(daily(), "2025-02-01T00:00:00Z", None, "2025-03-20T00:00:00Z")],
        records: vec![
            record("2025-03-01T04:00:00Z", "clock", "done", None),
            record("2025-03-02T04:00:00Z", "clock", "failed", None),
            record("2025-03-03T04:00:00Z", "catch_up", "done", Some("nobody was running")),
            record("2025-03-04T04:00:00Z", "clock", "skipped", Some("the one before runs")),
            record("2025-03-05T04:00:00Z", "clock", "waiting", Some("a retry waits")),
            record("2025-03-06T04:00:00Z", "clock", "running", None),
        ],
        watches: vec![(at("2025-02-01T00:00:00Z"), at("2025-03-10T00:00:00Z"))],
    };
    let told = march(&evidence, Some(&file), "2025-03-25T00:00:00Z");
    assert_eq!(told.lines.len(), 31, "a line for each day");
    let fates: Vec<&Fate> = told.lines.iter().map(|line| &line.fate).collect();
    assert!(matches!(fates[0], Fate::Ran { outcome, .. } if *outcome == ActivationState::Done));
    assert!(matches!(fates[1], Fate::Ran { outcome, .. } if *outcome == ActivationState::Failed));
    assert!(
        matches!(fates[2], Fate::MadeUp { reason: Some(why), .. } if why == "nobody was running")
    );
    assert!(matches!(fates[3], Fate::Skipped { reason } if reason == "the one before runs"));
    assert!(matches!(fates[4], Fate::Waiting { .. }));
    assert!(matches!(fates[5], Fate::Running { .. }));
    // Watched and decided, yet not kept; not watched; not yet decided; to come.
    assert_eq!(fates[6], &Fate::NoRecord { why: Gone::Unexplained });
    assert_eq!(fates[10], &Fate::NoRecord { why: Gone::NobodyRan });
    assert_eq!(fates[21], &Fate::NoRecord { why: Gone::NobodyRuns });
    assert_eq!(fates[24], &Fate::ToCome);
    let totals = &told.totals;
    let parts = [totals.ran, totals.made_up, totals.skipped, totals.waiting, totals.no_record];
    assert_eq!(parts, [2, 1, 1, 2, 18]);
    assert_eq!((totals.due, totals.failed, totals.to_come), (24, 1, 7));
    assert_eq!(totals.skipped_by_reason["the one before runs"], 1);
}

#[test]
fn without_a_ledger_nothing_was_promised() {
    let told = march(&Evidence::default(), Some(&daily()), LATER);
    assert_eq!(told.lines.len(), 31);
    assert!(
        told.lines.iter().all(|line| line.fate == Fate::NotPromised { why: Gone::NoDaemonYet })
    );
    assert_eq!((told.totals.due, told.totals.not_promised), (0, 31));
    assert_eq!(march(&Evidence::default(), None, LATER), Certificate::default());
}

#[test]
fn what_was_promised_when_is_reckoned_from_the_promise_of_then() {
    let noon_and_six = || schedule("cron = \"0 12,18 * * *\"");
    let evidence = Evidence {
        terms: vec![
            // Begun at noon of the 5th: that noon is not owed. Changed at noon of the 10th: owed by
            // the first, and by it alone.
            term(
                daily(),
                "2025-03-05T04:00:00Z",
                Some("2025-03-10T04:00:00Z"),
                "2025-03-10T04:00:00Z",
            ),
            term(
                noon_and_six(),
                "2025-03-10T04:00:00Z",
                Some("2025-03-20T05:00:00.500Z"),
                "2025-03-20T05:00:00Z",
            ),
        ],
        records: Vec::new(),
        watches: Vec::new(),
    };
    let told = march(&evidence, Some(&daily()), LATER);
    let days =
        |fate: &Fate| -> usize { told.lines.iter().filter(|line| line.fate == *fate).count() };
    // 6 to 10 at noon; from 10, 18:00 to 20, noon: 10 at six, 10 at noon.
    assert_eq!(days(&Fate::NoRecord { why: Gone::NobodyRan }), 5 + 20);
    assert_eq!(days(&Fate::NotPromised { why: Gone::BegunLater }), 5);
    assert_eq!(days(&Fate::NotPromised { why: Gone::NoPromise }), 11);
    assert!(told.lines.windows(2).all(|pair| pair[0].scheduled_at < pair[1].scheduled_at));
    assert_eq!((told.totals.due, told.totals.not_promised), (25, 16));
}

#[test]
fn what_the_ledger_kept_beside_the_plan_is_told_too() {
    let coverage = schedule("coverage = { form = \"B204-1\", firms_percent = 95 }");
    let evidence = Evidence {
        terms: vec![term(coverage.clone(), "2025-01-01T00:00:00Z", None, LATER)],
        records: vec![
            record("2025-03-06T03:21:07Z", "coverage", "done", None),
            record("2025-04-06T03:21:07Z", "coverage", "done", None),
        ],
        watches: Vec::new(),
    };
    let told = march(&evidence, Some(&coverage), LATER);
    assert_eq!((told.lines.len(), told.totals.ran), (1, 1), "April is another month");
    // Put there by nobody's plan.
    let closing = schedule("deadline.form = \"B204-1\"");
    let rows = calendar(&[("B204-1", "2025-02", "2025-03-10T12:00:00+08:00")]);
    let evidence = Evidence {
        terms: vec![Term {
            basis: Basis::of(&closing, &almanac(&rows)),
            ..term(closing.clone(), "2025-01-01T00:00:00Z", None, LATER)
        }],
        records: vec![
            record("2025-03-08T04:00:00Z", "deadline", "done", None),
            record("2025-03-10T04:00:00Z", "deadline", "done", None),
        ],
        watches: Vec::new(),
    };
    let stretch = month("2025-03".parse().unwrap(), chrono_tz::Asia::Shanghai);
    let told = certificate(&evidence, Some(&closing), &almanac(&rows), stretch, at(LATER));
    let instants: Vec<String> = told.lines.iter().map(|line| utc(line.scheduled_at)).collect();
    assert_eq!(instants, ["2025-03-08T04:00:00Z", "2025-03-10T04:00:00Z"]);
}

#[test]
fn a_job_that_comes_every_second_is_counted_to_the_end() {
    let often = schedule("cron = \"* * * * * *\"");
    let now: DateTime<Utc> = at(LATER);
    let evidence = Evidence {
        terms: vec![term(often.clone(), "2025-03-31T00:00:00Z", None, LATER)],
        ..Evidence::default()
    };
    let calendar = Calendar::default();
    let stretch = (at("2025-03-31T00:00:00Z"), at("2025-03-31T16:00:00Z"));
    let told = certificate(&evidence, Some(&often), &almanac(&calendar), stretch, now);
    assert_eq!(told.lines.len(), LINES_MAX);
    // The instant at which the promise began is the one that it does not owe.
    assert_eq!(told.totals.due + told.totals.not_promised, 16 * 3600);
    assert_eq!(told.totals.unlisted, 16 * 3600 - LINES_MAX as u64);
}

#[test]
fn a_clock_set_back_makes_no_instant_count_twice() {
    // Begun on the 1st, changed on the 20th; the clock was set back to the 10th and the file changed
    // again: the 10th to the 20th come twice. Then a clock that was a year ahead.
    let terms = [
        ("2025-03-01T00:00:00Z", Some("2025-03-20T00:00:00Z")),
        ("2025-03-10T00:00:00Z", None),
        ("2026-02-01T00:00:00Z", Some("2026-03-01T00:00:00Z")),
    ];
    let told = |terms: &[(&str, Option<&str>)]| {
        let terms = terms.iter().map(|(since, until)| term(daily(), since, *until, LATER));
        let evidence = Evidence { terms: terms.collect(), ..Evidence::default() };
        march(&evidence, Some(&daily()), LATER)
    };
    let all = told(&terms);
    assert!(all.lines.windows(2).all(|pair| pair[0].scheduled_at < pair[1].scheduled_at));
    assert_eq!((all.lines.len(), all.totals.due, all.totals.not_promised), (31, 31, 0));
    // Taken away while the clock was behind: ended before it began, it never held.
    let gone = told(&[("2025-03-10T00:00:00Z", Some("2025-03-05T00:00:00Z"))]);
    assert_eq!((gone.lines.len(), gone.totals.not_promised), (31, 31));
}

#[test]
fn what_nobody_owed_takes_no_line_from_what_ran() {
    let often = schedule("cron = \"*/20 * * * * *\"");
    let file = often.clone();
    // Taken up on the 23rd: 95,000 instants of the month before were never promised.
    let begun = "2025-03-22T16:00:00Z";
    let mut records = vec![record("2025-03-30T00:00:00Z", "clock", "done", None)];
    records.push(record("2025-03-30T00:00:20Z", "clock", "failed", None));
    let evidence = Evidence {
        terms: vec![term(often, begun, None, "2025-03-30T00:00:20Z")],
        records,
        watches: vec![(at("2025-03-29T23:59:59Z"), at("2025-03-30T00:00:30Z"))],
    };
    let told = march(&evidence, Some(&file), "2025-03-30T00:00:30Z");
    let count = |is_it: fn(&Fate) -> bool| -> u64 {
        told.lines.iter().filter(|line| is_it(&line.fate)).count() as u64
    };
    assert_eq!(count(|fate| matches!(fate, Fate::Ran { .. })), 2);
    assert_eq!(count(|fate| matches!(fate, Fate::NoRecord { .. })), told.totals.no_record);
    assert_eq!((told.lines.len(), told.totals.to_come), (LINES_MAX, 40 * 180 - 2));
    assert_eq!(told.totals.not_promised, 22 * 4320 + 1);
    assert_eq!(told.totals.due + told.totals.not_promised + told.totals.to_come, 31 * 4320);
    assert_eq!(told.totals.unlisted, 31 * 4320 - LINES_MAX as u64);
    assert!(told.lines.windows(2).all(|pair| pair[0].scheduled_at < pair[1].scheduled_at));
}

#[test]
fn what_is_counted_at_once_is_counted_as_one_by_one() {
    let often = || schedule("cron = \"* * * * * *\"");
    let gap = Record {
        decided_at: at("2025-03-20T10:30:00Z"),
        ..record("2025-03-05T00:00:01Z", "gap", "skipped", Some("nobody was running"))
    };
    let evidence = Evidence {
        // Watched for two days in two turns, then away; owed and never decided from the 25th on.
        terms: vec![term(often(), "2025-03-02T12:00:00Z", None, "2025-03-25T00:00:00Z")],
        records: vec![gap, record("2025-03-30T00:00:00Z", "clock", "done", None)],
        watches: vec![
            (at("2025-03-02T13:00:00Z"), at("2025-03-03T09:30:00Z")),
            (at("2025-03-22T00:00:00Z"), at("2025-03-23T00:00:00Z")),
        ],
    };
    let told = march(&evidence, Some(&often()), "2025-03-31T00:00:00Z");
    let instants = |from: &str, to: &str| (at(to) - at(from)).num_seconds() as u64;
    let totals = &told.totals;
    assert_eq!(totals.not_promised, instants("2025-02-28T16:00:00Z", "2025-03-02T12:00:01Z"));
    assert_eq!(totals.skipped, instants("2025-03-05T00:00:01Z", "2025-03-20T10:30:01Z"));
    assert_eq!((totals.ran, totals.to_come), (1, 16 * 3600 - 1));
    assert_eq!(totals.due, instants("2025-03-02T12:00:01Z", "2025-03-31T00:00:01Z"));
    assert_eq!(totals.no_record, totals.due - totals.ran - totals.skipped);
    assert!(told.lines.iter().any(|line| matches!(line.fate, Fate::Ran { .. })));
    assert_eq!(told.lines.len() as u64 + totals.unlisted, 31 * 86_400);
}

#[test]
fn what_lies_in_the_future_is_to_come_by_the_file_of_today() {
    let told = |terms: Vec<Term>, file: Option<&Schedule>| {
        let evidence = Evidence { terms, ..Evidence::default() };
        let told = march(&evidence, file, "2025-03-11T00:00:00Z");
        (told.lines.len(), told.totals.to_come, told.totals.not_promised)
    };
    // Never watched over, or the ledger was lost.
    assert_eq!(told(Vec::new(), Some(&daily())), (31, 21, 10));
    // The file was edited and no daemon has read it yet; it was taken away; it came back.
    let held = || term(daily(), "2025-02-01T00:00:00Z", None, "2025-03-10T00:00:00Z");
    assert_eq!(told(vec![held()], Some(&schedule("cron = \"0 12,18 * * *\""))), (52, 42, 0));
    assert_eq!(told(vec![held()], None), (10, 0, 0));
    let ended = Term { until: Some(at("2025-03-05T00:00:00Z")), ..held() };
    assert_eq!(told(vec![ended], Some(&daily())), (31, 21, 6));
}
