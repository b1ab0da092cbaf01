//! What becomes of occasions that nobody was there for.

use chrono::{DateTime, TimeDelta, Utc};
use yuebao::ledger::reason::Reason;
use yuebao::project::schedules::Schedule;
use yuebao::project::seeds::roster::Calendar;
use yuebao::schedule::misfire::{self, Decision, NEWEST_MAX};
use yuebao::schedule::triggers;

use super::{at, local_calendar, schedule};

/// An hourly job with a policy.
fn hourly(policy: &str) -> Schedule {
    schedule(&format!("cron = \"0 * * * *\"\n{policy}"))
}

/// Verdicts over the hours since 00:00 at a time of the day.
fn verdicts(policy: &str, now: &str) -> Vec<Decision> {
    let calendar = Calendar::default();
    let schedule = hourly(policy);
    let from = at("2025-07-01T00:00:00Z");
    let now = at(&format!("2025-07-01T{now}Z"));
    let occasions = triggers::occasions(&schedule, &local_calendar(&calendar), from, now, 100);
    misfire::decide(&schedule, occasions, now).into_iter().map(|(_, verdict)| verdict).collect()
}

const MADE_UP: Decision = Decision::CatchUp;
const LATER: Decision = Decision::Skipped(Reason::LaterStands);
const BEYOND: Decision = Decision::Skipped(Reason::BeyondGrace);
const NOT: Decision = Decision::Skipped(Reason::NotCaughtUp);

#[test]
fn within_a_minute_it_was_not_missed() {
    for policy in ["all", "last", "none"] {
        let policy = format!("catch_up = \"{policy}\"");
        assert_eq!(verdicts(&policy, "01:00:00"), [Decision::Due], "{policy}");
        assert_eq!(verdicts(&policy, "01:01:00"), [Decision::Due], "{policy}");
        assert_ne!(verdicts(&policy, "01:01:01"), [Decision::Due], "{policy}");
    }
}

#[test]
fn one_missed() {
    assert_eq!(verdicts("catch_up = \"all\"", "01:30:00"), [MADE_UP]);
    assert_eq!(verdicts("catch_up = \"last\"", "01:30:00"), [MADE_UP]);
    assert_eq!(verdicts("catch_up = \"none\"", "01:30:00"), [NOT]);
}

#[test]
fn several_missed() {
    assert_eq!(verdicts("catch_up = \"all\"", "03:30:00"), [MADE_UP; 3]);
    assert_eq!(verdicts("catch_up = \"last\"", "03:30:00"), [LATER, LATER, MADE_UP]);
    assert_eq!(verdicts("catch_up = \"none\"", "03:30:00"), [NOT; 3]);
}

#[test]
fn the_one_due_now_stands_for_those_missed() {
    assert_eq!(verdicts("catch_up = \"last\"", "03:00:30"), [LATER, LATER, Decision::Due]);
    let all = [MADE_UP, MADE_UP, Decision::Due];
    assert_eq!(verdicts("catch_up = \"all\"", "03:00:30"), all);
    assert_eq!(verdicts("catch_up = \"none\"", "03:00:30"), [NOT, NOT, Decision::Due]);
}

#[test]
fn what_is_beyond_grace_is_not_made_up_for() {
    let grace = |policy: &str| format!("catch_up = \"{policy}\"\ngrace_secs = 5400");
    assert_eq!(verdicts(&grace("all"), "03:30:00"), [BEYOND, MADE_UP, MADE_UP]);
    assert_eq!(verdicts(&grace("last"), "03:30:00"), [LATER, LATER, MADE_UP]);
    let short = "catch_up = \"last\"\ngrace_secs = 900";
    // Nothing stands for them: not even the last is made up for.
    assert_eq!(verdicts(short, "03:30:00"), [BEYOND; 3]);
    assert_eq!(verdicts(short, "03:15:00"), [LATER, LATER, MADE_UP]);
    assert_eq!(verdicts(short, "03:15:01"), [BEYOND; 3]);
    assert_eq!(verdicts("catch_up = \"all\"\ngrace_secs = 0", "01:00:59"), [Decision::Due]);
    assert_eq!(verdicts("catch_up = \"none\"\ngrace_secs = 900", "01:30:00"), [NOT]);
}

#[test]
fn nothing_came_nothing_is_judged() {
    assert_eq!(verdicts("catch_up = \"all\"", "00:59:59"), []);
}

#[test]
fn a_gap_of_ten_years_is_a_thousand_and_a_number() {
    let calendar = Calendar::default();
    let schedule = schedule("cron = \"* * * * *\"");
    let (from, until) = (at("2015-03-01T00:00:30Z"), at("2025-03-01T00:00:30Z"));
    let gap = misfire::gap(&schedule, &local_calendar(&calendar), from, until);
    assert_eq!(gap.newest.len(), NEWEST_MAX);
    assert_eq!(gap.newest.last().unwrap().at, at("2025-03-01T00:00:00Z"));
    let earlier = gap.earlier.unwrap();
    assert_eq!(earlier.count + 1000, (until - from).num_minutes() as u64);
    assert_eq!(earlier.first, at("2015-03-01T00:01:00Z"));
    assert_eq!(earlier.before, gap.newest[0].at);
}

#[test]
fn a_gap_of_few_is_listed_whole() {
    let calendar = Calendar::default();
    let check = |cron: &str, from: DateTime<Utc>, until: DateTime<Utc>| {
        let schedule = schedule(&format!("cron = \"{cron}\""));
        let local = local_calendar(&calendar);
        let gap = misfire::gap(&schedule, &local, from, until);
        let listed = triggers::occasions(&schedule, &local, from, until, usize::MAX);
        let earlier = gap.earlier.map_or(0, |earlier| earlier.count);
        assert_eq!(earlier + gap.newest.len() as u64, listed.len() as u64, "{cron}");
        assert_eq!(gap.newest, listed[listed.len() - gap.newest.len()..], "{cron}");
        assert_eq!(gap.newest.len(), listed.len().min(NEWEST_MAX), "{cron}");
    };
    let from = at("2025-01-01T00:00:00Z");
    check("0 12 * * *", from, from + TimeDelta::days(900));
    check("0 12 * * *", from, from + TimeDelta::days(1000));
    check("0 12 * * *", from, from + TimeDelta::days(1001));
    check("0 12 * * *", from, from);
    check("*/7 8 * * *", from, from + TimeDelta::days(300));
    check("*/5 * * * * *", from, from + TimeDelta::hours(30));
    check("0 0 29 2 *", from, from + TimeDelta::days(3000));
}
