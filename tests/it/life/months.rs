//! Months as numbers, and the instants at which they begin by the clock of Shanghai.

use chrono::{DateTime, NaiveDate};

/// Months since the year 0.
pub(super) type Month = i32;

/// Seconds of a day.
pub(super) const DAY: i64 = 86_400;
/// How far Shanghai is ahead.
const AHEAD: i64 = 8 * 3600;

/// A month of a year, 1 to 12.
pub(super) const fn month(year: i32, number: i32) -> Month {
    year * 12 + number - 1
}

/// The year of a month.
pub(super) const fn year(month: Month) -> i32 {
    month.div_euclid(12)
}

/// The number of a month in its year, 1 to 12.
pub(super) const fn number(month: Month) -> i32 {
    month.rem_euclid(12) + 1
}

/// `2024-07`
pub(super) fn label(month: Month) -> String {
    format!("{}-{:02}", year(month), number(month))
}

/// When a month begins, in seconds since 1970.
pub(super) fn begins(month: Month) -> i64 {
    let number = u32::try_from(number(month)).unwrap();
    let day = NaiveDate::from_ymd_opt(year(month), number, 1).unwrap();
    day.and_hms_opt(0, 0, 0).unwrap().and_utc().timestamp() - AHEAD
}

/// The last month that had ended at an instant.
pub(super) fn open_at(at: i64) -> Month {
    let local = DateTime::from_timestamp(at + AHEAD, 0).unwrap().date_naive();
    let text = local.format("%Y %m").to_string();
    let (year, number) = text.split_once(' ').unwrap();
    month(year.parse().unwrap(), number.parse().unwrap()) - 1
}

/// An instant as seeds write it: `2024-08-07T12:00:00+08:00`.
pub(super) fn written(at: i64) -> String {
    let local = DateTime::from_timestamp(at + AHEAD, 0).unwrap();
    format!("{}+08:00", local.format("%Y-%m-%dT%H:%M:%S"))
}
