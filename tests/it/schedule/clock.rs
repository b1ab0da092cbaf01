//! Crons in zones that shift: against expected instants, and against a search over every minute.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use yuebao::project::schedules::Cron;
use yuebao::project::seeds::roster::Calendar;
use yuebao::schedule::triggers;

use super::{at, cron, local_calendar, shown, utc};

/// What a zone's clocks show at the instants of a cron in `(from, until]`.
fn instants(pattern: &str, zone: &str, from: &str, until: &str) -> Vec<String> {
    let calendar = Calendar::default();
    let schedule = cron(pattern, zone);
    let found =
        triggers::occasions(&schedule, &local_calendar(&calendar), at(from), at(until), 10_000);
    shown(&found, zone)
}

/// The second path: walks every minute and looks what the wall clock shows.
fn searched(
    pattern: &str,
    zone: Tz,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Vec<DateTime<Utc>> {
    let cron = Cron::parse(pattern).unwrap().parsed().clone();
    let is_named = |reading: NaiveDateTime| cron.is_time_matching(&reading.and_utc()).unwrap();
    let is_every_hour = cron.pattern.hours.is_all_set();
    let minute = TimeDelta::minutes(1);
    // Begins two days earlier, to know which readings have been shown.
    let mut now = from - TimeDelta::days(2);
    let mut shown = HashSet::new();
    let mut found = BTreeSet::new();
    let mut before = (now - minute).with_timezone(&zone).naive_local();
    while now <= until {
        let reading = now.with_timezone(&zone).naive_local();
        let is_new = shown.insert(reading);
        if is_named(reading) && (is_every_hour || is_new) {
            found.insert(now);
        }
        let mut skipped = before + minute;
        while !is_every_hour && skipped < reading {
            if is_named(skipped) {
                found.insert(now);
            }
            skipped += minute;
        }
        before = reading;
        now += minute;
    }
    found.into_iter().filter(|it| from < *it).collect()
}

/// Zones with a night or day in which they shift.
const SHIFTS: [(&str, &str); 22] = [
    ("Asia/Shanghai", "1986-05-03T18:00:00Z"),
    ("Asia/Shanghai", "1986-09-13T17:00:00Z"),
    ("Asia/Shanghai", "1991-04-13T18:00:00Z"),
    ("Asia/Shanghai", "1991-09-14T17:00:00Z"),
    ("Europe/Berlin", "2025-03-30T01:00:00Z"),
    ("Europe/Berlin", "2025-10-26T01:00:00Z"),
    ("America/New_York", "2025-03-09T07:00:00Z"),
    ("America/New_York", "2025-11-02T06:00:00Z"),
    // Half an hour.
    ("Australia/Lord_Howe", "2025-10-04T15:30:00Z"),
    ("Australia/Lord_Howe", "2025-04-05T15:00:00Z"),
    // 30 December 2011 was left out.
    ("Pacific/Apia", "2011-12-30T10:00:00Z"),
    // At midnight and a minute after it: readings go into the day before.
    ("America/St_Johns", "2010-11-07T02:31:00Z"),
    ("America/Goose_Bay", "2010-11-07T03:01:00Z"),
    ("America/Havana", "2025-03-09T05:00:00Z"),
    ("America/Havana", "2025-11-02T05:00:00Z"),
    ("America/Sao_Paulo", "2018-11-04T03:00:00Z"),
    ("America/Sao_Paulo", "2018-02-18T02:00:00Z"),
    // A quarter of an hour, for good.
    ("Asia/Kathmandu", "1985-12-31T18:30:00Z"),
    ("Atlantic/Azores", "2025-10-26T01:00:00Z"),
    ("Africa/Casablanca", "2025-02-23T02:00:00Z"),
    // Two hours.
    ("Antarctica/Troll", "2025-03-30T01:00:00Z"),
    ("Asia/Pyongyang", "2018-05-04T15:00:00Z"),
];

const CRONS: [&str; 14] = [
    "*/10 * * * *",
    "0 * * * *",
    "15 * * * *",
    "45 * * * *",
    "30 2 * * *",
    "0 2 * * *",
    "15 1-3 * * *",
    "*/20 */2 * * *",
    "0 0 * * *",
    "30 0,23 * * *",
    "45 23 * * *",
    "0 9 30 12 *",
    "30 1 * * SUN",
    "5 0 L * *",
];

#[test]
fn around_every_shift_the_instants_are_those_a_search_finds() {
    let calendar = Calendar::default();
    for (zone, shift) in SHIFTS {
        let name: Tz = zone.parse().unwrap();
        let shift = at(shift);
        let offset = |at: DateTime<Utc>| at.with_timezone(&name).naive_local() - at.naive_utc();
        assert_ne!(offset(shift - TimeDelta::minutes(1)), offset(shift), "{zone} at {shift}");
        let (from, until) = (shift - TimeDelta::days(3), shift + TimeDelta::days(3));
        for pattern in CRONS {
            let schedule = cron(pattern, zone);
            let local = local_calendar(&calendar);
            let found = triggers::occasions(&schedule, &local, from, until, usize::MAX);
            let found: Vec<_> = found.into_iter().map(|it| it.at).collect();
            let searched = searched(pattern, name, from, until);
            assert_eq!(found, searched, "{pattern} in {zone} around {shift}");
            let count = triggers::count(&schedule, &local, from, until);
            assert_eq!(count, searched.len() as u64, "{pattern} in {zone} around {shift}");
        }
    }
}

#[test]
fn a_fixed_time_in_a_gap_comes_once_right_after_it() {
    let (from, until) = ("2025-03-29T12:00:00Z", "2025-03-31T12:00:00Z");
    assert_eq!(
        instants("30 2 * * *", "Europe/Berlin", from, until),
        ["03-30 03:00 +0200", "03-31 02:30 +0200"]
    );
    // 2:30 in the gap and 3:00 after it fall together.
    assert_eq!(
        instants("0,30 2-3 * * *", "Europe/Berlin", from, "2025-03-30T12:00:00Z"),
        ["03-30 03:00 +0200", "03-30 03:30 +0200"]
    );
}

#[test]
fn a_fixed_time_that_comes_twice_is_kept_the_first_time() {
    assert_eq!(
        instants("30 1 * * *", "America/New_York", "2025-11-01T12:00:00Z", "2025-11-03T12:00:00Z"),
        ["11-02 01:30 -0400", "11-03 01:30 -0500"]
    );
    assert_eq!(
        instants("30 1 * * *", "Asia/Shanghai", "1986-09-13T04:00:00Z", "1986-09-14T04:00:00Z"),
        ["09-14 01:30 +0900"]
    );
}

#[test]
fn an_interval_goes_by_time_that_passes() {
    for (zone, shift) in SHIFTS {
        let shift = at(shift);
        let (from, until) = (shift - TimeDelta::hours(5), shift + TimeDelta::hours(5));
        let calendar = Calendar::default();
        let schedule = cron("*/5 * * * *", zone);
        let found = triggers::occasions(&schedule, &local_calendar(&calendar), from, until, 1000);
        assert_eq!(found.len(), 120, "{zone}");
        for pair in found.windows(2) {
            assert_eq!(pair[1].at - pair[0].at, TimeDelta::minutes(5), "{zone} at {}", pair[0].at);
        }
    }
}

#[test]
fn a_day_that_was_left_out_is_not_lost() {
    assert_eq!(
        instants("0 9 * * *", "Pacific/Apia", "2011-12-28T20:00:00Z", "2012-01-01T00:00:00Z"),
        ["12-29 09:00 -1000", "12-31 00:00 +1400", "12-31 09:00 +1400", "01-01 09:00 +1400"]
    );
}

#[test]
fn month_ends_leap_days_and_year_ends() {
    assert_eq!(
        instants("0 12 L * *", "Asia/Shanghai", "2023-12-15T00:00:00Z", "2024-04-01T00:00:00Z"),
        ["12-31 12:00 +0800", "01-31 12:00 +0800", "02-29 12:00 +0800", "03-31 12:00 +0800"]
    );
    let calendar = Calendar::default();
    let leap = cron("0 0 29 2 *", "Asia/Shanghai");
    let found = triggers::occasions(
        &leap,
        &local_calendar(&calendar),
        at("2095-01-01T00:00:00Z"),
        at("2109-01-01T00:00:00Z"),
        9,
    );
    // 2100 is no leap year.
    let found: Vec<_> = found.iter().map(|it| utc(it.at)).collect();
    assert_eq!(found, ["2096-02-28T16:00:00Z", "2104-02-28T16:00:00Z", "2108-02-28T16:00:00Z"]);
    assert_eq!(
        instants("59 23 31 12 *", "Asia/Shanghai", "2024-12-31T15:58:00Z", "2026-01-01T00:00:00Z"),
        ["12-31 23:59 +0800", "12-31 23:59 +0800"]
    );
    // The 31st is left out where a month has none.
    let of_31st = ("2025-03-01T00:00:00Z", "2025-06-01T00:00:00Z");
    assert_eq!(
        instants("0 0 31 * *", "Asia/Shanghai", of_31st.0, of_31st.1),
        ["03-31 00:00 +0800", "05-31 00:00 +0800"]
    );
}

#[test]
fn seconds_are_the_sixth_field_in_front() {
    let calendar = Calendar::default();
    let schedule = cron("*/20 30 12 * * *", "Asia/Shanghai");
    let from = at("2025-07-01T04:30:00Z");
    let found = triggers::occasions(
        &schedule,
        &local_calendar(&calendar),
        from,
        from + TimeDelta::days(1),
        9,
    );
    let found: Vec<_> = found.iter().map(|it| utc(it.at)).collect();
    assert_eq!(found, ["2025-07-01T04:30:20Z", "2025-07-01T04:30:40Z", "2025-07-02T04:30:00Z"]);
}

#[test]
fn the_reporting_month_is_the_one_before_in_the_jobs_zone() {
    let calendar = Calendar::default();
    let months = |zone: &str| {
        let mut schedule = cron("30 0 1 * *", zone);
        schedule.period = yuebao::project::schedules::PeriodRule::Reporting;
        let next =
            triggers::next(&schedule, &local_calendar(&calendar), at("2025-07-15T00:00:00Z"));
        next.unwrap().months.unwrap().0.to_string()
    };
    // Half past midnight of 1 August in Shanghai is 31 July in UTC.
    assert_eq!(months("Asia/Shanghai"), "2025-07");
    assert_eq!(months("America/New_York"), "2025-07");
}

#[test]
fn a_limit_cuts_the_list_and_nothing_else() {
    let calendar = Calendar::default();
    let schedule = cron("* * * * *", "Asia/Shanghai");
    let from = at("2020-01-01T00:00:00Z");
    let found = triggers::occasions(
        &schedule,
        &local_calendar(&calendar),
        from,
        at("2030-01-01T00:00:00Z"),
        3,
    );
    assert_eq!(found.last().unwrap().at, from + TimeDelta::minutes(3));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Over any three days of seventy years, in any zone.
    #[test]
    fn any_cron_in_any_zone_agrees_with_a_search(
        zone in 0..chrono_tz::TZ_VARIANTS.len(),
        start in 0_i64..2_200_000_000,
        minute in prop::sample::select(vec!["0", "*/10", "7,37", "*", "59"]),
        hour in prop::sample::select(vec!["*", "0", "1-3", "*/6", "23", "2"]),
        day in prop::sample::select(vec!["* * *", "L * *", "* * SUN", "1,15 * *", "* * FRI#2"]),
    ) {
        let zone = chrono_tz::TZ_VARIANTS[zone];
        let from = DateTime::from_timestamp(start - start % 60, 0).unwrap();
        let until = from + TimeDelta::days(3);
        // Offsets of seconds are of a time before crons.
        prop_assume!((from.with_timezone(&zone).naive_local() - from.naive_utc()).num_seconds() % 60 == 0);
        let pattern = format!("{minute} {hour} {day}");
        let calendar = Calendar::default();
        let schedule = cron(&pattern, zone.name());
        let local = local_calendar(&calendar);
        let found = triggers::occasions(&schedule, &local, from, until, usize::MAX);
        let found: Vec<_> = found.into_iter().map(|it| it.at).collect();
        prop_assert!(found.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert_eq!(triggers::count(&schedule, &local, from, until), found.len() as u64);
        prop_assert_eq!(&found, &searched(&pattern, zone, from, until), "{} in {}", pattern, zone);
        // Asking again from each instant leads to the next.
        for pair in found.windows(2).take(20) {
            let next = triggers::next(&schedule, &local, pair[0]).unwrap();
            prop_assert_eq!(next.at, pair[1]);
        }
    }
}
