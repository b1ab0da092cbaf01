//! What the instants of one schedule depend on besides the schedule: kept with its promise, so that
//! they can be reckoned anew when calendar and settings say something else by then.
//!
//! In: a schedule and an local. Out: the part of the local that matters to it, and back; as JSON
//! `{"zone":"Asia/Shanghai","deadlines":{"B204-1":{"2025-07":"2025-08-07T12:00:00+08:00"}}}`. A zone
//! that this version does not know cannot be read.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{LocalCalendar, triggers};
use crate::domain::period::Period;
use crate::project::schedules::{Schedule, Trigger};
use crate::project::seeds::roster::Calendar;

/// The part of an local that one schedule is reckoned by.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(into = "BasisJson", try_from = "BasisJson")]
pub struct Basis {
    /// The project's zone, for a schedule that names none.
    zone: Option<Tz>,
    /// The deadlines of its form, for a schedule that goes by them.
    calendar: Calendar,
}

impl Basis {
    /// What a schedule is reckoned by.
    pub fn of(schedule: &Schedule, local: &LocalCalendar<'_>) -> Self {
        let matters =
            |form: &str| matches!(&schedule.trigger, Trigger::Deadline(rule) if rule.form == form);
        let rows = local.calendar.deadlines.iter().filter(|((form, _), _)| matters(form));
        Self {
            zone: schedule.time_zone.is_none().then_some(local.zone),
            calendar: Calendar { deadlines: rows.map(|(key, at)| (key.clone(), *at)).collect() },
        }
    }

    /// What to reckon the schedule with.
    pub fn local_calendar(&self) -> LocalCalendar<'_> {
        LocalCalendar { zone: self.zone.unwrap_or(Tz::UTC), calendar: &self.calendar }
    }

    /// Whether a schedule has the same instants after one by this basis and by another. What was
    /// edited of deadlines that are over makes no difference.
    pub fn is_as_good(&self, schedule: &Schedule, other: &Self, after: DateTime<Utc>) -> bool {
        let by_deadlines = |basis: &Self| -> Vec<_> {
            triggers::deadlines_after(schedule, &basis.local_calendar(), after)
        };
        self.zone == other.zone && by_deadlines(self) == by_deadlines(other)
    }
}

/// A basis as JSON.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct BasisJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    deadlines: BTreeMap<String, BTreeMap<Period, DateTime<FixedOffset>>>,
}

impl From<Basis> for BasisJson {
    fn from(basis: Basis) -> Self {
        let mut deadlines: BTreeMap<String, BTreeMap<_, _>> = BTreeMap::new();
        for ((form, period), deadline) in basis.calendar.deadlines {
            deadlines.entry(form).or_default().insert(period, deadline);
        }
        Self { zone: basis.zone.map(|zone| zone.name().to_owned()), deadlines }
    }
}

impl TryFrom<BasisJson> for Basis {
    type Error = String;

    fn try_from(written: BasisJson) -> Result<Self, String> {
        let unknown = |zone: &str| format!("`{zone}` is no time zone that this version knows");
        let zone = written.zone.map(|zone| zone.parse().map_err(|_| unknown(&zone))).transpose()?;
        let rows = written.deadlines.into_iter().flat_map(|(form, months)| {
            months.into_iter().map(move |(period, deadline)| ((form.clone(), period), deadline))
        });
        Ok(Self { zone, calendar: Calendar { deadlines: rows.collect() } })
    }
}
