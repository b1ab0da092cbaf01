//! Schedules as arithmetic: which instants a job is due at, and what becomes of them.
//!
//! In: schedules, the calendar, the present instant as a value. Out: occasions, verdicts, actions.
//! Nothing here reads a clock, a disk or the ledger, so that a test plays ten years in a second.

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;

use crate::domain::period::Period;
use crate::ledger::orders::AskedBy;
use crate::project::schedules::Schedule;
use crate::project::seeds::roster::Calendar;

pub mod basis;

pub mod certificate;

mod clock;

pub mod coverage;

pub mod dispatch;

pub mod misfire;

pub mod retry;

pub mod triggers;

pub mod wall;

/// What a schedule's times are reckoned by.
#[derive(Clone, Copy, Debug)]
pub struct LocalCalendar<'a> {
    /// The project's time zone, for schedules that name none.
    pub zone: Tz,
    /// The deadlines.
    pub calendar: &'a Calendar,
}

impl LocalCalendar<'_> {
    /// The zone of a schedule.
    pub fn zone_of(&self, schedule: &Schedule) -> Tz {
        schedule.time_zone.unwrap_or(self.zone)
    }
}

/// One instant at which a job is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueInstant {
    /// The instant, in whole seconds.
    pub at: DateTime<Utc>,
    /// What asks for it: a cron, a deadline, coverage.
    pub asked_by: AskedBy,
    /// The months it is about, first and last; `None` for whatever became stale.
    pub months: Option<(Period, Period)>,
}

impl DueInstant {
    /// What makes it the only one of its job: the instant, or the month of a coverage.
    pub fn key(&self) -> String {
        match (self.asked_by, self.months) {
            (AskedBy::Coverage, Some((_, month))) => format!("coverage {month}"),
            _ => self.at.to_rfc3339_opts(SecondsFormat::Secs, true),
        }
    }
}
