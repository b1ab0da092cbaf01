//! A calendar month, the unit every report, mart and edition is about.
//!
//! Comes in as text (`2024-07`, `2024年7月`), goes out as text, a date or its neighbours. Years run
//! from 1990 to 2099: anything else in a workbook is a slip of the keyboard.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Days, NaiveDate};

/// A calendar month between 1990-01 and 2099-12.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    year: i32,
    month: u32,
}

/// Why a text is no period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a month: write it as 2024-07, years 1990 to 2099")]
pub struct NotAPeriod(String);

impl Period {
    /// The month of a year; `None` outside 1990-01 … 2099-12.
    pub fn new(year: i32, month: u32) -> Option<Self> {
        ((1990..=2099).contains(&year) && (1..=12).contains(&month)).then_some(Self { year, month })
    }

    /// The month a date falls in; `None` outside the years of a period.
    pub fn of(date: NaiveDate) -> Option<Self> {
        Self::new(date.year(), date.month())
    }

    /// The calendar year, 1990 to 2099.
    pub fn year(self) -> i32 {
        self.year
    }

    /// The month of the year, 1 to 12.
    pub fn month(self) -> u32 {
        self.month
    }

    /// The first day of the month: how the lake and the marts store a period.
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, self.month, 1).expect("a period is a valid month")
    }

    /// The last day of the month.
    pub fn last_day(self) -> NaiveDate {
        let next = self.first_day().checked_add_months(chrono::Months::new(1));
        next.and_then(|day| day.checked_sub_days(Days::new(1))).expect("2099-12-31 is a date")
    }

    /// The month `count` months before; `None` before 1990-01.
    pub fn months_before(self, count: u32) -> Option<Self> {
        Self::of(self.first_day().checked_sub_months(chrono::Months::new(count))?)
    }

    /// The month after; `None` after 2099-12.
    pub fn next(self) -> Option<Self> {
        Self::of(self.first_day().checked_add_months(chrono::Months::new(1))?)
    }

    /// Whether the month lies between two, both included; an open end holds for ever.
    pub fn is_within(self, from: Option<Self>, to: Option<Self>) -> bool {
        from.is_none_or(|first| first <= self) && to.is_none_or(|last| self <= last)
    }

    /// All months from this one to `last`, both included; empty when `last` is earlier.
    pub fn to(self, last: Self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |period| period.next())
            .take_while(move |period| *period <= last)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Period {
    type Err = NotAPeriod;

    fn from_str(text: &str) -> Result<Self, NotAPeriod> {
        let refuse = || NotAPeriod(text.to_owned());
        let (year, month) = text.split_once('-').ok_or_else(refuse)?;
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if year.len() != 4 || month.len() != 2 || !digits(year) || !digits(month) {
            return Err(refuse());
        }
        let year = year.parse().map_err(|_| refuse())?;
        let month = month.parse().map_err(|_| refuse())?;
        Self::new(year, month).ok_or_else(refuse)
    }
}

impl serde::Serialize for Period {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Period {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
