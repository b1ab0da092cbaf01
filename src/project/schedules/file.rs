//! A schedule as its file has it, what is wrong with its values, each with the nearest that is valid, and
//! from there to one whose values are resolved.
//!
//! In: TOML of `jobs/schedules`, or the JSON the ledger keeps. Out: a [`Schedule`], or what is wrong.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::{CatchUp, Coverage, Cron, Deadline, Overlap, PeriodRule, Schedule, Step, Trigger};
use crate::project::forms::{self, Form};
use crate::project::read::nearest;

/// The keys of a file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScheduleFile {
    pub(super) job: String,
    about: String,
    #[serde(default)]
    pub(super) cron: Option<String>,
    #[serde(default)]
    pub(super) deadline: Option<Deadline>,
    #[serde(default)]
    pub(super) coverage: Option<Coverage>,
    #[serde(default)]
    time_zone: Option<String>,
    #[serde(default = "period")]
    pub(super) period: PeriodRule,
    pub(super) steps: Vec<Step>,
    catch_up: CatchUp,
    #[serde(default)]
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

impl ScheduleFile {
    /// Resolves its values and adds what is wrong with them; with anything wrong it is not to be used.
    pub(super) fn resolve(self, wrong: &mut Vec<Wrong>) -> Option<Schedule> {
        wrong.extend(of_values(&self));
        let mut sound = |key: &str, error: String| wrong.push((key.to_owned(), error));
        let zone = self.time_zone.map(|zone| zone.parse().map_err(|_| unknown_zone(&zone)));
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

impl TryFrom<ScheduleFile> for Schedule {
    type Error = String;

    fn try_from(written: ScheduleFile) -> Result<Self, String> {
        let mut wrong = Vec::new();
        let schedule = written.resolve(&mut wrong).filter(|_| wrong.is_empty());
        schedule
            .ok_or_else(|| wrong.into_iter().map(|(_, said)| said).collect::<Vec<_>>().join("; "))
    }
}

/// Days from a deadline: more is a slip of the keyboard.
const DAYS_MAX: u32 = 366;
/// Retries of one run.
const RETRIES_MAX: u32 = 100;
/// Seconds a run may take: a week.
const TIME_OUT_MAX: u64 = 604_800;

/// What may stand where `yuebao backfill` expects a job.
const WORDS_OF_BACKFILL: [&str; 5] = ["list", "show", "pause", "resume", "cancel"];

/// A key, and what is wrong with its value.
pub(super) type Wrong = (String, String);

/// What is wrong with a schedule's values, but for those that are read further.
fn of_values(schedule: &ScheduleFile) -> Vec<Wrong> {
    let triggers = [
        ("cron", schedule.cron.is_some()),
        ("deadline", schedule.deadline.is_some()),
        ("coverage", schedule.coverage.is_some()),
    ];
    let named: Vec<&str> = triggers.iter().filter(|it| it.1).map(|it| it.0).collect();
    let mut wrong = of_steps(schedule);
    if named.len() != 1 {
        let message = "names none or several of `cron`, `deadline`, `coverage`: give one";
        // The last one named is the one too many.
        wrong.push((named.last().copied().unwrap_or_default().to_owned(), message.to_owned()));
    }
    wrong.extend(schedule.deadline.as_ref().map(of_deadline).unwrap_or_default());
    wrong.extend(schedule.coverage.as_ref().map(of_coverage).unwrap_or_default());
    let mut range = |key: &str, is_right: bool, value: u64, valid: String| {
        if !is_right {
            wrong.push((key.to_owned(), format!("`{key}` is {value}: give {valid}")));
        }
    };
    let (priority, retries, time_out) =
        (schedule.priority, schedule.retries, schedule.time_out_secs);
    range("priority", priority <= 9, priority.into(), "0 (last) to 9 (first)".to_owned());
    range("retries", retries <= RETRIES_MAX, retries.into(), format!("0 to {RETRIES_MAX}"));
    let is_right = (1..=TIME_OUT_MAX).contains(&time_out);
    range("time_out_secs", is_right, time_out, format!("1 to {TIME_OUT_MAX}, a week"));
    wrong
}

fn of_deadline(deadline: &Deadline) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    if deadline.days_before > 0 && deadline.days_after > 0 {
        let message = "`deadline` names `days_before` and `days_after`: give one";
        wrong.push(("deadline.days_after".to_owned(), message.to_owned()));
    }
    for (name, days) in [("days_before", deadline.days_before), ("days_after", deadline.days_after)]
    {
        if DAYS_MAX < days {
            let message = format!("`{name}` is {days}: give 0 to {DAYS_MAX}");
            wrong.push((format!("deadline.{name}"), message));
        }
    }
    if let Some(at) = &deadline.at
        && (at.len() != 5 || deadline.time().is_none())
    {
        let padded = Deadline { at: Some(format!("0{at}")), ..deadline.clone() };
        let hint = match padded.time() {
            Some(time) if at.len() == 4 => format!("; did you mean `{}`?", time.format("%H:%M")),
            _ => String::new(),
        };
        let message = format!("`{at}` in `at` is no time of day: `00:00` to `23:59`{hint}");
        wrong.push(("deadline.at".to_owned(), message));
    }
    wrong
}

fn of_coverage(coverage: &Coverage) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let mut add = |key: &str, message: String| wrong.push((format!("coverage.{key}"), message));
    let shares =
        [("firms_percent", coverage.firms_percent), ("value_percent", coverage.value_percent)];
    if shares.iter().filter(|(_, share)| share.is_some()).count() != 1 {
        let message = "`coverage` names none or both of `firms_percent`, `value_percent`: give one";
        add("value_percent", message.to_owned());
    }
    for (name, share) in shares {
        if let Some(share) = share.filter(|share| !(1..=100).contains(share)) {
            add(name, format!("`{name}` is {share}: give 1 to 100"));
        }
    }
    match (&coverage.item, coverage.value_percent) {
        (None, Some(_)) => {
            add("value_percent", "`value_percent` needs `item`, e.g. \"output\"".to_owned());
        }
        (Some(_), None) => add("item", "`item` goes with `value_percent`: leave it out".to_owned()),
        _ => {}
    }
    wrong
}

fn of_steps(schedule: &ScheduleFile) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    if schedule.steps.is_empty() {
        let message = "`steps` is empty: name at least one, e.g. \"intake\"";
        wrong.push(("steps".to_owned(), message.to_owned()));
    }
    let at = |place: usize, message| (format!("steps.{place}"), message);
    for (place, step) in schedule.steps.iter().enumerate() {
        if schedule.steps.iter().take(place).any(|other| other == step) {
            let message = format!("step \"{}\" stands twice: name it once", step.name());
            wrong.push(at(place, message));
        }
    }
    let has_period = schedule.deadline.is_some()
        || schedule.coverage.is_some()
        || schedule.period == PeriodRule::Reporting;
    let first = schedule.steps.iter().enumerate().find(|(_, step)| step.needs_period());
    if let Some((place, step)) = first.filter(|_| !has_period) {
        wrong.push(at(place, needs_period(*step)));
    }
    wrong
}

fn needs_period(step: Step) -> String {
    format!(
        "step \"{}\" is about one month: use `deadline`, `coverage`, or `period = \"reporting\"`",
        step.name()
    )
}

/// What is wrong with names: the job's, and those of forms and items that no form file knows.
pub(super) fn of_names(
    schedule: &ScheduleFile,
    file: &Path,
    known: &BTreeMap<String, Form>,
) -> Vec<Wrong> {
    let job = schedule.job.as_str();
    let mut wrong = Vec::new();
    if file.file_stem().is_none_or(|stem| stem != job) {
        wrong.push(("job".to_owned(), format!("job `{job}` must bear the file's name")));
    }
    if WORDS_OF_BACKFILL.contains(&job) {
        let message = format!(
            "a job cannot be called `{job}`: `yuebao backfill {job}` is a command; give it another name"
        );
        wrong.push(("job".to_owned(), message));
    }
    let named = [
        schedule.deadline.as_ref().map(|rule| ("deadline.form", &rule.form)),
        schedule.coverage.as_ref().map(|rule| ("coverage.form", &rule.form)),
    ];
    let unknown =
        |(key, form): (&str, &String)| Some((key.to_owned(), forms::unknown(form, known)?));
    wrong.extend(named.into_iter().flatten().filter_map(unknown));
    let coverage = schedule.coverage.as_ref();
    let measured = coverage.and_then(|it| known.get(&it.form).zip(it.item.as_deref()));
    if let Some((form, item)) = measured
        && form.fields().all(|known| known != item)
    {
        let hint = nearest(item, form.fields());
        let known = form.fields().collect::<Vec<_>>().join(", ");
        let message = format!("`{item}` in `item` is none of {known} of {}{hint}", form.form);
        wrong.push(("coverage.item".to_owned(), message));
    }
    wrong
}

/// The message for a time zone nobody knows, with the nearest that is known.
pub fn unknown_zone(zone: &str) -> String {
    // What people in China look for first; the zone is named after another city.
    let is_beijing = zone.to_ascii_lowercase().ends_with("beijing") || zone.contains("北京");
    let looked_for = if is_beijing { "Asia/Shanghai" } else { zone };
    let known = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    let hint = nearest(looked_for, known);
    if hint.is_empty() {
        return format!("`{zone}` is no time zone: give an IANA name such as `Asia/Shanghai`");
    }
    format!("`{zone}` is no time zone{hint}")
}
