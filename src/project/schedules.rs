//! Scheduled jobs as data: `jobs/schedules/<job>.toml`.
//!
//! A job names its steps and when they run. Cron is five or six fields, in the zone named; a day of
//! the month together with a day of the week is refused, because programs disagree on its meaning.

use std::path::Path;
use std::str::FromStr;

use serde::Deserialize;

use super::fault::Fault;

/// One scheduled job.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// The job's name; the file bears the same.
    pub job: String,
    /// What it does, in a sentence.
    pub about: String,
    /// Five- or six-field cron.
    pub cron: String,
    /// IANA time zone of the cron; the project's when absent.
    pub time_zone: Option<String>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// What becomes of activations missed while nothing ran.
    pub catch_up: CatchUp,
    /// What happens when the run before has not ended.
    pub overlap: Overlap,
    /// How often a step that failed for a passing reason is tried again.
    pub retries: u32,
    /// Seconds after which a run is given up.
    pub time_out_secs: u64,
}

/// A step of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Takes the inbox in and brings the lake up to date.
    Intake,
    /// Builds the marts and publishes an edition when anything changed.
    Publish,
}

/// What becomes of missed activations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatchUp {
    /// Each is made up for.
    All,
    /// Only the last is.
    Last,
    /// None is.
    None,
}

/// What happens when the run before has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// The new activation is skipped.
    Skip,
    /// It waits.
    Queue,
}

impl Schedule {
    /// What is wrong with it beyond its keys: name, cron, zone, steps.
    pub fn faults(&self, file: &Path) -> Vec<Fault> {
        let mut faults = Vec::new();
        if file.file_stem().is_none_or(|stem| stem != self.job.as_str()) {
            faults.push(Fault::new(file, format!("job `{}` must bear the file's name", self.job)));
        }
        if let Err(message) = check_cron(&self.cron) {
            faults.push(Fault::new(file, message));
        }
        if let Some(zone) = &self.time_zone
            && chrono_tz::Tz::from_str(zone).is_err()
        {
            faults.push(Fault::new(file, unknown_zone(zone)));
        }
        if self.steps.is_empty() {
            faults.push(Fault::new(file, "`steps` is empty: name at least one, e.g. \"intake\""));
        }
        faults
    }
}

/// The message for a time zone nobody knows, with the nearest that is known.
pub fn unknown_zone(zone: &str) -> String {
    let known = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    format!("`{zone}` is no time zone{}", super::read::nearest(zone, known))
}

fn check_cron(cron: &str) -> Result<(), String> {
    let fields: Vec<&str> = cron.split_whitespace().collect();
    let (day_of_month, day_of_week) = match fields.as_slice() {
        [_, _, day, _, weekday] | [_, _, _, day, _, weekday] => (*day, *weekday),
        _ => {
            return Err(format!(
                "`{cron}` has {} fields: cron is `minute hour day month weekday`, with seconds in front if need be",
                fields.len()
            ));
        }
    };
    if !matches!(day_of_month, "*" | "?") && !matches!(day_of_week, "*" | "?") {
        return Err(format!(
            "`{cron}` names both a day of the month and a day of the week: use one, the other is `*`"
        ));
    }
    let parser = croner::parser::CronParser::builder()
        .seconds(croner::parser::Seconds::Optional)
        .dom_and_dow(true)
        .build();
    parser.parse(cron).map(|_| ()).map_err(|error| format!("`{cron}` is no cron: {error}"))
}
