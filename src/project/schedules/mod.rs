//! Scheduled jobs as data: `jobs/schedules/<job>.toml`.
//!
//! A job names what triggers it (a cron, a deadline of the calendar, or coverage), the months it is
//! about, its steps, and what becomes of it when the machine was off, busy, or failing. What is wrong
//! with a file is a fault that names the nearest that is right; a faulty file is no schedule.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use self::file::ScheduleFile;
use super::fault::Fault;
use super::forms::Form;
use super::read::Source;
use crate::domain::period::Period;
use crate::domain::words::words;
use crate::project::read::among;

mod cron;
mod file;

pub use self::cron::{Cron, YEARS_MAX};
pub use self::file::unknown_zone;

/// One scheduled job.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(try_from = "ScheduleFile")]
pub struct Schedule {
    /// The job's name; the file bears the same.
    pub job: String,
    /// What it does, in a sentence.
    pub about: String,
    /// When it comes.
    #[serde(flatten)]
    pub trigger: Trigger,
    /// The zone in which a cron and `deadline.at` are meant; the project's when absent.
    #[serde(serialize_with = "zone_name", skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<Tz>,
    /// The months a cron's order is about; the other triggers bring their own month.
    pub period: PeriodRule,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// What becomes of orders missed while nothing ran.
    pub catch_up: CatchUp,
    /// An order missed by more than this is not made up for, in seconds; always when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grace_secs: Option<u64>,
    /// What happens when the job's order before has not ended.
    pub overlap: Overlap,
    /// How often a run that failed for a passing reason is tried again.
    pub retries: u32,
    /// Seconds before the first retry; doubled for each further one, up to an hour, with jitter.
    pub retry_wait_secs: u64,
    /// Seconds after which a run is given up; they do not count while somebody else has the output.
    pub time_out_secs: u64,
    /// Which of several waiting jobs goes first: 0 last, 9 first.
    pub priority: u8,
}

fn zone_name<S: Serializer>(
    zone: &(impl Copy + Into<Option<Tz>>),
    serializer: S,
) -> Result<S::Ok, S::Error> {
    (*zone).into().map(Tz::name).serialize(serializer)
}

/// When a job comes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// By the clock.
    Cron(Cron),
    /// Relative to the deadline of a form in `seeds/calendar.csv`.
    Deadline(Deadline),
    /// Once enough of a month has been received.
    Coverage(Coverage),
}

/// Relative to the deadline of each month in `seeds/calendar.csv`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Deadline {
    /// The form whose deadline it is.
    pub form: String,
    /// Calendar days before the deadline's day, in the job's zone.
    #[serde(default)]
    pub days_before: u32,
    /// Calendar days after it.
    #[serde(default)]
    pub days_after: u32,
    /// Time of day `HH:MM` in the job's zone; the deadline's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

impl Deadline {
    /// The time of day, if one is named and is one.
    pub fn time(&self) -> Option<chrono::NaiveTime> {
        chrono::NaiveTime::parse_from_str(self.at.as_deref()?, "%H:%M").ok()
    }
}

/// Once enough of a month has been received; at most once a month.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// The form that counts.
    pub form: String,
    /// Share of the firms due whose report counts, in percent, 1 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firms_percent: Option<u8>,
    /// Share of the value of last month that the firms whose report counts then had, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_percent: Option<u8>,
    /// The item whose value it is, e.g. `output`; with `value_percent` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
}

words! {
    /// The months a cron's order is about.
    PeriodRule {
        /// Whatever became stale.
        All = "all",
        /// The reporting month: the month before that of the scheduled instant, in the job's zone.
        Reporting = "reporting",
    }
}

words! {
    /// A step of a job.
    Step {
        /// Takes the inbox in and brings the lake up to date.
        Intake = "intake",
        /// Builds the marts and publishes an edition, with the briefs, when anything changed.
        Publish = "publish",
        /// Tells who has not reported yet, before the deadline.
        Remind = "remind",
        /// Tells who did not report, after the deadline.
        Close = "close",
        /// Tells that the brief of a month is out.
        Announce = "announce",
    }
}

impl Step {
    /// Whether it is about one month and cannot do without.
    pub fn needs_period(self) -> bool {
        matches!(self, Self::Remind | Self::Close | Self::Announce)
    }
}

words! {
    /// What becomes of missed orders.
    CatchUp {
        /// Each is made up for.
        All = "all",
        /// Only the last is.
        Last = "last",
        /// None is.
        None = "none",
    }
}

words! {
    /// What happens when the job's order before has not ended.
    Overlap {
        /// The new order is skipped.
        Skip = "skip",
        /// It waits.
        Queue = "queue",
    }
}

impl Schedule {
    /// The schedule of a file; else its faults: names, triggers, words, and forms and items that the
    /// project lacks.
    pub fn read(source: &Source<'_>, forms: &BTreeMap<String, Form>) -> Result<Self, Vec<Fault>> {
        let written: ScheduleFile = source.parse().map_err(|fault| vec![fault])?;
        let mut wrong = file::of_names(&written, source.file, forms);
        match written.resolve(&mut wrong) {
            Some(schedule) if wrong.is_empty() => Ok(schedule),
            _ => Err(wrong.into_iter().map(|(key, said)| source.fault(&key, said)).collect()),
        }
    }

    /// Whether an order of it is about one month.
    pub fn has_period(&self) -> bool {
        !matches!(self.trigger, Trigger::Cron(_)) || self.period == PeriodRule::Reporting
    }

    /// The share it waits for, if that is what triggers it.
    pub fn coverage(&self) -> Option<&Coverage> {
        match &self.trigger {
            Trigger::Coverage(coverage) => Some(coverage),
            _ => None,
        }
    }

    /// The reporting month of a day: the month before.
    pub fn reporting_month(day: chrono::NaiveDate) -> Option<Period> {
        Period::of(day)?.months_before(1)
    }
}

macro_rules! read {
    ($($set:ident in $key:literal),+) => { $(
        impl<'de> Deserialize<'de> for $set {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                let unknown = || {
                    let known = among(&text, Self::ALL.iter().map(|known| known.name()));
                    serde::de::Error::custom(format!("`{text}` in `{}` is none of {known}", $key))
                };
                Self::named(&text).ok_or_else(unknown)
            }
        }
    )+ };
}

read!(Step in "steps", PeriodRule in "period", CatchUp in "catch_up", Overlap in "overlap");
