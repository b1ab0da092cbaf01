//! Histories of the daemon: ticks, times without a daemon, clocks set back and forward, runs that
//! succeed, fail, hang and are killed.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use proptest::prelude::*;

use super::at;
use super::model::{Daemon, Outcome};

const ZONE: &str = "time_zone = \"Europe/Berlin\"\n";

/// Jobs of every policy, in a zone that shifts.
fn jobs() -> Vec<(&'static str, String)> {
    let of = |keys: &str| format!("{ZONE}{keys}");
    vec![
        ("all", of("cron = \"30 * * * *\"\npriority = 2")),
        ("all_skip", of("cron = \"45 */3 * * *\"\noverlap = \"skip\"")),
        ("closing", of("deadline.form = \"B204-1\"\npriority = 9")),
        ("grace", of("cron = \"10 2 * * *\"\ngrace_secs = 7200")),
        ("last", of("cron = \"0 */2 * * *\"\ncatch_up = \"last\"")),
        (
            "last_grace",
            of("cron = \"15 * * * *\"\ncatch_up = \"last\"\ngrace_secs = 600\noverlap = \"skip\""),
        ),
        (
            "none",
            of("cron = \"*/20 * * * *\"\ncatch_up = \"none\"\noverlap = \"skip\"\npriority = 7"),
        ),
    ]
}

#[derive(Clone, Debug)]
enum Event {
    Ticks(i64, usize),
    Down(i64),
    ClockBack(i64),
    ClockForward(i64),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => (1_i64..=60, 1_usize..120).prop_map(|(secs, times)| Event::Ticks(secs, times)),
        2 => (1_i64..40_000).prop_map(Event::Down),
        1 => (1_i64..10_000).prop_map(Event::ClockBack),
        1 => (1_i64..20_000).prop_map(Event::ClockForward),
    ]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let code = prop_oneof![
        6 => Just(Some(0)),
        2 => Just(Some(3)),
        1 => Just(Some(2)),
        1 => Just(Some(101)),
        1 => Just(None),
    ];
    prop_oneof![
        8 => (1_i64..900, code).prop_map(|(secs, code)| Outcome::After(secs, code)),
        1 => Just(Outcome::Never),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn whatever_happens_every_instant_is_decided_upon_once(
        hours in 0_i64..72,
        events in prop::collection::vec(event(), 1..25),
        outcomes in prop::collection::vec(outcome(), 1..20),
    ) {
        let jobs = jobs();
        let jobs: Vec<(&str, &str)> = jobs.iter().map(|(name, keys)| (*name, keys.as_str())).collect();
        // Around the night of 30 March, when the clocks of Berlin go forward.
        let start = at("2025-03-28T12:00:00Z") + TimeDelta::hours(hours);
        let mut daemon = Daemon::new(start, &jobs, outcomes);
        for event in events {
            match event {
                Event::Ticks(secs, times) => {
                    (0..times).for_each(|_| daemon.tick(TimeDelta::seconds(secs)));
                }
                Event::Down(secs) => {
                    daemon.down(TimeDelta::seconds(secs));
                    daemon.tick(TimeDelta::seconds(1));
                }
                // Never before its first day: nothing was promised then.
                Event::ClockBack(secs) => {
                    let back = TimeDelta::seconds(secs).min(daemon.now - daemon.began);
                    daemon.tick(-back);
                }
                Event::ClockForward(secs) => daemon.tick(TimeDelta::seconds(secs)),
            }
        }
        daemon.drain();
        daemon.check_complete();
        daemon.check_promises();
    }
}

fn always(secs: i64, code: i32) -> Vec<Outcome> {
    vec![Outcome::After(secs, Some(code))]
}

/// The states of a job's orders, in the order of their instants.
fn states(daemon: &Daemon, job: &str) -> Vec<&'static str> {
    daemon.of(job).iter().map(|kept| kept.order.state.name()).collect()
}

/// A daily job at 00:30 in Shanghai whose daemon is down from one instant to another.
fn down_over(policy: &str, from: &str, until: &str) -> Vec<&'static str> {
    let keys = format!("cron = \"30 0 * * *\"\ncatch_up = \"{policy}\"");
    let mut daemon = Daemon::new(at(from), &[("daily", &keys)], always(5, 0));
    daemon.down(at(until) - at(from));
    daemon.tick(TimeDelta::seconds(1));
    daemon.drain();
    daemon.check_complete();
    states(&daemon, "daily")
}

#[test]
fn down_over_one_instant_and_over_several() {
    let (one, three) = ("2025-07-01T18:00:00Z", "2025-07-03T18:00:00Z");
    let from = "2025-07-01T12:00:00Z";
    assert_eq!(down_over("all", from, one), ["done"]);
    assert_eq!(down_over("last", from, one), ["done"]);
    assert_eq!(down_over("none", from, one), ["skipped"]);
    assert_eq!(down_over("all", from, three), ["done", "done", "done"]);
    assert_eq!(down_over("last", from, three), ["skipped", "skipped", "done"]);
    assert_eq!(down_over("none", from, three), ["skipped", "skipped", "skipped"]);
}

#[test]
fn down_over_the_ends_of_month_leap_february_and_year() {
    for (from, until, days) in [
        ("2025-04-29T12:00:00Z", "2025-05-01T18:00:00Z", 3),
        ("2024-02-27T12:00:00Z", "2024-03-01T18:00:00Z", 4),
        ("2025-02-27T12:00:00Z", "2025-03-01T18:00:00Z", 3),
        ("2025-12-30T12:00:00Z", "2026-01-01T18:00:00Z", 3),
    ] {
        assert_eq!(down_over("all", from, until), vec!["done"; days], "from {from}");
    }
}

#[test]
fn a_clock_set_back_does_nothing_twice() {
    let mut daemon =
        Daemon::new(at("2025-07-01T00:00:00Z"), &[("a", "cron = \"0 * * * *\"")], always(1, 0));
    (0..150).for_each(|_| daemon.tick(TimeDelta::minutes(1)));
    assert_eq!(daemon.kept.len(), 2);
    daemon.tick(-TimeDelta::minutes(140));
    (0..150).for_each(|_| daemon.tick(TimeDelta::minutes(1)));
    assert_eq!((daemon.kept.len(), daemon.started), (2, 2));
    daemon.drain();
    daemon.check_complete();
}

#[test]
fn a_clock_set_forward_leaves_nothing_out() {
    let jobs =
        [("all", "cron = \"0 * * * *\""), ("none", "cron = \"0 * * * *\"\ncatch_up = \"none\"")];
    let mut daemon = Daemon::new(at("2025-07-01T00:30:00Z"), &jobs, always(1, 0));
    daemon.tick(TimeDelta::hours(3));
    daemon.drain();
    assert_eq!(states(&daemon, "all"), ["done", "done", "done"]);
    assert_eq!(states(&daemon, "none"), ["skipped", "skipped", "skipped"]);
    daemon.check_complete();
}

#[test]
fn a_failing_run_is_tried_again_as_often_as_it_says_and_then_fails() {
    let keys = "cron = \"0 0 * * *\"\nretries = 2\nretry_wait_secs = 60";
    let mut daemon = Daemon::new(at("2025-07-01T12:00:00Z"), &[("a", keys)], always(1, 3));
    (0..600).for_each(|_| daemon.tick(TimeDelta::minutes(1)));
    assert_eq!((states(&daemon, "a"), daemon.started), (vec!["failed"], 3));
    // Faulty settings do not mend themselves.
    let mut daemon = Daemon::new(at("2025-07-01T12:00:00Z"), &[("a", keys)], always(1, 2));
    (0..600).for_each(|_| daemon.tick(TimeDelta::minutes(1)));
    assert_eq!((states(&daemon, "a"), daemon.started), (vec!["failed"], 1));
}

#[test]
fn a_run_that_hangs_is_given_up_and_tried_again() {
    let keys = "cron = \"0 0 * * *\"\nretries = 1\ntime_out_secs = 300";
    let outcomes = vec![Outcome::Never, Outcome::After(1, Some(0))];
    let mut daemon = Daemon::new(at("2025-07-01T12:00:00Z"), &[("a", keys)], outcomes);
    (0..600).for_each(|_| daemon.tick(TimeDelta::minutes(1)));
    assert_eq!((states(&daemon, "a"), daemon.started), (vec!["done"], 2));
    assert_eq!(daemon.kept[0].given_up, 1);
}

#[test]
fn a_run_longer_than_its_interval_skips_or_queues() {
    let start = at("2025-07-01T00:00:30Z");
    let job = |overlap: &str| {
        format!("cron = \"*/10 * * * *\"\noverlap = \"{overlap}\"\ntime_out_secs = 3600")
    };
    let mut skips = Daemon::new(start, &[("a", &job("skip"))], always(1500, 0));
    (0..60).for_each(|_| skips.tick(TimeDelta::minutes(1)));
    assert_eq!(
        states(&skips, "a"),
        ["done", "skipped", "skipped", "running", "skipped", "skipped"]
    );
    let mut queues = Daemon::new(start, &[("a", &job("queue"))], always(1500, 0));
    (0..60).for_each(|_| queues.tick(TimeDelta::minutes(1)));
    assert_eq!(states(&queues, "a"), ["done", "done", "running", "waiting", "waiting", "waiting"]);
}

#[test]
fn the_night_the_clocks_change_with_and_without_a_daemon() {
    for (start, hours) in [("2025-03-29T20:00:00Z", 10), ("2025-10-25T20:00:00Z", 12)] {
        let jobs = [
            ("nightly", "time_zone = \"Europe/Berlin\"\ncron = \"30 2 * * *\""),
            ("often", "time_zone = \"Europe/Berlin\"\ncron = \"*/30 * * * *\""),
        ];
        let mut there = Daemon::new(at(start), &jobs, always(1, 0));
        (0..hours * 60).for_each(|_| there.tick(TimeDelta::minutes(1)));
        let mut away = Daemon::new(at(start), &jobs, always(1, 0));
        away.down(TimeDelta::hours(hours));
        away.tick(TimeDelta::seconds(0));
        for daemon in [&mut there, &mut away] {
            daemon.drain();
            daemon.check_complete();
            assert_eq!(states(daemon, "nightly"), ["done"], "{start}");
            assert_eq!(states(daemon, "often").len() as i64, hours * 2, "{start}");
        }
        let instants = |daemon: &Daemon| -> BTreeSet<_> {
            let asked = daemon.kept.iter().map(|kept| &kept.order.asked);
            asked.map(|asked| (asked.job.clone(), asked.due_at)).collect()
        };
        assert_eq!(instants(&there), instants(&away), "{start}");
    }
}
