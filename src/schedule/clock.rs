//! A cron's instants in a zone, in order, each once.
//!
//! Which readings of the wall clock a cron names is arithmetic without zones; [`super::wall`] says
//! when they come. Two meanings, told apart by the hour field alone:
//! - A cron that names *every hour* (`*/10 * * * *`) goes by time that passes: it comes at every
//!   matching reading, so also in both passes of an hour that comes twice, and not in one that is
//!   skipped.
//! - A cron that names *certain hours* (`30 2 * * *`) goes by the readings: each once a day, the first
//!   time it comes; if it is skipped, at the first instant after the shift.

use std::collections::VecDeque;

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::wall;
use crate::project::schedules::{Cron, YEARS_MAX};

/// A cron in a zone.
#[derive(Clone, Debug)]
pub(super) struct CronWalk {
    cron: Cron,
    zone: Tz,
    hours: Vec<u32>,
    minutes: Vec<u32>,
    seconds: Vec<u32>,
}

/// Marks the values of a field that are named plainly.
const NAMED: u8 = 1;

/// A shift moves readings into a neighbouring day at most: such days are reckoned together.
const SHIFT_DAYS: u64 = 3;

impl CronWalk {
    /// A cron in a zone.
    pub(super) fn new(cron: Cron, zone: Tz) -> Self {
        let values =
            |set: Vec<u16>| -> Vec<u32> { set.into_iter().map(u32::from).collect::<Vec<_>>() };
        let pattern = &cron.parsed().pattern;
        let hours = values(pattern.hours.get_set_values(NAMED));
        let minutes = values(pattern.minutes.get_set_values(NAMED));
        let seconds = values(pattern.seconds.get_set_values(NAMED));
        Self { cron, zone, hours, minutes, seconds }
    }

    /// Its instants after one, oldest first.
    pub(super) fn after(self, after: DateTime<Utc>) -> Instants {
        // A day back: an hour that comes twice may belong to yesterday.
        let today = after.with_timezone(&self.zone).date_naive();
        let day = today.pred_opt().unwrap_or(today);
        Instants { clock: self, day, hour: 0, last: after, ready: VecDeque::new() }
    }

    /// How many instants there are in `(after, until]`; whole days and hours are multiplied, not listed.
    pub(super) fn count(&self, after: DateTime<Utc>, until: DateTime<Utc>) -> u64 {
        let of_day = [&self.hours, &self.minutes, &self.seconds].map(Vec::len);
        let of_day = u64::try_from(of_day.iter().product::<usize>()).unwrap_or(u64::MAX);
        let mut instants = self.clone().after(after);
        let mut count = 0;
        while let Some(day) = instants.seek_day() {
            let bounds = day.and_hms_opt(0, 0, 0).zip(day.and_hms_opt(23, 59, 59));
            let offset = wall::steady_offset(self.zone, day);
            let Some((offset, (first, last))) = offset.zip(bounds) else {
                instants.fill_around_shift();
                count += instants.take_ready(until);
                continue;
            };
            let (first, last) = (first.and_utc() - offset, last.and_utc() - offset);
            if until < first {
                break;
            }
            if instants.hour == 0 && after < first && last <= until {
                count += of_day;
                instants.day = day.succ_opt().unwrap_or(NaiveDate::MAX);
                instants.last = last;
            } else {
                let of_hour = instants.skip_hour(offset, until);
                if of_hour.is_none() {
                    instants.fill_hour(offset);
                }
                count += of_hour.unwrap_or_else(|| instants.take_ready(until));
            }
        }
        count
    }

    fn is_every_hour(&self) -> bool {
        self.hours.len() == 24
    }

    /// Its readings in one hour of a day.
    fn readings(&self, day: NaiveDate, hour: u32) -> impl Iterator<Item = NaiveDateTime> {
        let minute = move |minute: &u32| {
            let minute = *minute;
            let reading = move |second: &u32| NaiveTime::from_hms_opt(hour, minute, *second);
            self.seconds.iter().filter_map(reading)
        };
        self.minutes.iter().flat_map(minute).map(move |time| day.and_time(time))
    }

    /// The instants at which a reading is meant.
    fn meant(&self, reading: NaiveDateTime) -> Vec<DateTime<Utc>> {
        if self.is_every_hour() {
            wall::instants(self.zone, reading)
        } else {
            vec![wall::instant(self.zone, reading)]
        }
    }
}

/// The instants of a cron, strictly increasing.
pub(super) struct Instants {
    clock: CronWalk,
    /// The day whose readings come next, and the place of its hour among those named.
    day: NaiveDate,
    hour: usize,
    last: DateTime<Utc>,
    ready: VecDeque<DateTime<Utc>>,
}

impl Iterator for Instants {
    type Item = DateTime<Utc>;

    fn next(&mut self) -> Option<DateTime<Utc>> {
        loop {
            if let Some(next) = self.ready.pop_front() {
                self.last = next;
                return Some(next);
            }
            let day = self.seek_day()?;
            match wall::steady_offset(self.clock.zone, day) {
                Some(offset) => self.fill_hour(offset),
                None => self.fill_around_shift(),
            }
        }
    }
}

impl Instants {
    /// Moves on to a day that the cron names; `None` when there is none for decades.
    fn seek_day(&mut self) -> Option<NaiveDate> {
        let days_max = usize::try_from(YEARS_MAX * 366).unwrap_or(usize::MAX);
        let day = self.day.iter_days().take(days_max).find(|day| self.clock.cron.names_day(*day));
        let day = day.filter(|day| *day < NaiveDate::MAX)?;
        if day != self.day {
            (self.day, self.hour) = (day, 0);
        }
        Some(day)
    }

    /// Readies the next hour of a day without a shift.
    fn fill_hour(&mut self, offset: TimeDelta) {
        let Some(hour) = self.clock.hours.get(self.hour) else {
            (self.day, self.hour) = (self.day.succ_opt().unwrap_or(NaiveDate::MAX), 0);
            return;
        };
        self.hour += 1;
        let end = self.day.and_hms_opt(*hour, 59, 59).map(|end| end.and_utc() - offset);
        if end.is_some_and(|end| end <= self.last) {
            return;
        }
        let instants = self.clock.readings(self.day, *hour).map(|at| at.and_utc() - offset);
        self.ready = instants.filter(|at| self.last < *at).collect();
    }

    /// Passes over the next hour of a day without a shift and says how many instants it has, if all of
    /// them come after the last one and not after `until`.
    fn skip_hour(&mut self, offset: TimeDelta, until: DateTime<Utc>) -> Option<u64> {
        let hour = *self.clock.hours.get(self.hour)?;
        let (first, end) =
            self.day.and_hms_opt(hour, 0, 0).zip(self.day.and_hms_opt(hour, 59, 59))?;
        let (first, end) = (first.and_utc() - offset, end.and_utc() - offset);
        if first <= self.last || until < end {
            return None;
        }
        (self.hour, self.last) = (self.hour + 1, end);
        u64::try_from(self.clock.minutes.len() * self.clock.seconds.len()).ok()
    }

    /// Readies a day with a shift and those after it: their readings may come in any order, or
    /// together.
    fn fill_around_shift(&mut self) {
        let clock = &self.clock;
        let days = self.day.iter_days().take(usize::try_from(SHIFT_DAYS).unwrap_or_default());
        let days = days.filter(|day| clock.cron.names_day(*day));
        let hours = days.flat_map(|day| clock.hours.iter().map(move |hour| (day, *hour)));
        let readings = hours.flat_map(|(day, hour)| clock.readings(day, hour));
        let mut instants: Vec<_> = readings.flat_map(|reading| clock.meant(reading)).collect();
        instants.sort_unstable();
        instants.dedup();
        self.ready = instants.into_iter().filter(|at| self.last < *at).collect();
        let next = self.day.checked_add_days(Days::new(SHIFT_DAYS));
        (self.day, self.hour) = (next.unwrap_or(NaiveDate::MAX), 0);
    }

    /// Takes what is ready and says how much of it is not after `until`.
    fn take_ready(&mut self, until: DateTime<Utc>) -> u64 {
        self.last = self.ready.back().copied().unwrap_or(self.last);
        let ready = std::mem::take(&mut self.ready);
        u64::try_from(ready.into_iter().filter(|at| *at <= until).count()).unwrap_or(u64::MAX)
    }
}
