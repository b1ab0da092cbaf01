//! A schedule as its file has it, and from there to one whose values are resolved.
//!
//! In: TOML of `jobs/schedules`, or the JSON the ledger keeps. Out: a [`Schedule`], or what is wrong.

use serde::{Deserialize, Serialize};

use super::check::{self, Wrong};
use super::{CatchUp, Coverage, Cron, Deadline, Overlap, PeriodRule, Schedule, Step, Trigger};

/// The keys of a file.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    pub(super) job: String,
    about: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) cron: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) deadline: Option<Deadline>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) coverage: Option<Coverage>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    time_zone: Option<String>,
    #[serde(default = "period")]
    pub(super) period: PeriodRule,
    pub(super) steps: Vec<Step>,
    catch_up: CatchUp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    grace_secs: Option<u64>,
    overlap: Overlap,
    pub(super) retries: u32,
    #[serde(default = "retry_wait_secs")]
    retry_wait_secs: u64,
    pub(super) time_out_secs: u64,
    #[serde(default = "priority")]
    pub(super) priority: u8,
}

const fn period() -> PeriodRule {
    PeriodRule::All
}

const fn retry_wait_secs() -> u64 {
    30
}

const fn priority() -> u8 {
    5
}

impl Written {
    /// Resolves its values and adds what is wrong with them; with anything wrong it is not to be used.
    pub(super) fn resolve(self, wrong: &mut Vec<Wrong>) -> Option<Schedule> {
        wrong.extend(check::of_values(&self));
        let mut sound = |key: &str, error: String| wrong.push((key.to_owned(), error));
        let zone = self.time_zone.map(|zone| zone.parse().map_err(|_| check::unknown_zone(&zone)));
        let time_zone = zone.transpose().map_err(|error| sound("time_zone", error));
        let cron = self.cron.as_deref().map(Cron::parse).transpose();
        let cron = cron.map_err(|error| sound("cron", error));
        let trigger = match (cron.ok()?, self.deadline, self.coverage) {
            (Some(cron), ..) => Trigger::Cron(cron),
            (_, Some(deadline), _) => Trigger::Deadline(deadline),
            (.., Some(coverage)) => Trigger::Coverage(coverage),
            _ => return None,
        };
        Some(Schedule {
            job: self.job,
            about: self.about,
            trigger,
            time_zone: time_zone.ok()?,
            period: self.period,
            steps: self.steps,
            catch_up: self.catch_up,
            grace_secs: self.grace_secs,
            overlap: self.overlap,
            retries: self.retries,
            retry_wait_secs: self.retry_wait_secs,
            time_out_secs: self.time_out_secs,
            priority: self.priority,
        })
    }
}

impl TryFrom<Written> for Schedule {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let mut wrong = Vec::new();
        let schedule = written.resolve(&mut wrong).filter(|_| wrong.is_empty());
        schedule
            .ok_or_else(|| wrong.into_iter().map(|(_, said)| said).collect::<Vec<_>>().join("; "))
    }
}

impl From<Schedule> for Written {
    fn from(schedule: Schedule) -> Self {
        let (mut cron, mut deadline, mut coverage) = (None, None, None);
        match schedule.trigger {
            Trigger::Cron(it) => cron = Some(it.to_string()),
            Trigger::Deadline(it) => deadline = Some(it),
            Trigger::Coverage(it) => coverage = Some(it),
        }
        Self {
            job: schedule.job,
            about: schedule.about,
            cron,
            deadline,
            coverage,
            time_zone: schedule.time_zone.map(|zone| zone.name().to_owned()),
            period: schedule.period,
            steps: schedule.steps,
            catch_up: schedule.catch_up,
            grace_secs: schedule.grace_secs,
            overlap: schedule.overlap,
            retries: schedule.retries,
            retry_wait_secs: schedule.retry_wait_secs,
            time_out_secs: schedule.time_out_secs,
            priority: schedule.priority,
        }
    }
}
