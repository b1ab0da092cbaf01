//! What is wrong with a schedule beyond its keys, each fault with the nearest valid value.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

use super::{Coverage, Deadline, Schedule, Step, parse_cron};
use crate::project::fault::Fault;
use crate::project::forms::Form;
use crate::project::read::nearest;

/// Days from a deadline: more is a slip of the keyboard.
const DAYS_MAX: u32 = 366;
/// Retries of one run.
const RETRIES_MAX: u32 = 100;
/// Seconds a run may take: a week.
const TIME_OUT_MAX: u64 = 604_800;

/// What may stand where `yuebao backfill` expects a job.
const WORDS_OF_BACKFILL: [&str; 5] = ["list", "show", "pause", "resume", "cancel"];

/// The faults of a schedule.
pub(super) fn faults(schedule: &Schedule, file: &Path) -> Vec<Fault> {
    let mut messages = Vec::new();
    if file.file_stem().is_none_or(|stem| stem != schedule.job.as_str()) {
        messages.push(format!("job `{}` must bear the file's name", schedule.job));
    }
    if WORDS_OF_BACKFILL.contains(&schedule.job.as_str()) {
        messages.push(format!(
            "a job cannot be called `{}`: `yuebao backfill {0}` is a command; give it another name",
            schedule.job
        ));
    }
    let triggers =
        [schedule.cron.is_some(), schedule.deadline.is_some(), schedule.coverage.is_some()];
    if triggers.iter().filter(|is_there| **is_there).count() != 1 {
        messages
            .push("names none or several of `cron`, `deadline`, `coverage`: give one".to_owned());
    }
    if let Some(Err(message)) = schedule.cron.as_deref().map(parse_cron) {
        messages.push(message);
    }
    messages.extend(schedule.deadline.as_ref().map(of_deadline).unwrap_or_default());
    messages.extend(schedule.coverage.as_ref().map(of_coverage).unwrap_or_default());
    if let Some(zone) = &schedule.time_zone
        && chrono_tz::Tz::from_str(zone).is_err()
    {
        messages.push(unknown_zone(zone));
    }
    messages.extend(of_steps(schedule));
    messages.extend(of_numbers(schedule));
    messages.into_iter().map(|message| Fault::new(file, message)).collect()
}

fn of_deadline(deadline: &Deadline) -> Vec<String> {
    let mut messages = Vec::new();
    if deadline.days_before > 0 && deadline.days_after > 0 {
        messages.push("`deadline` names `days_before` and `days_after`: give one".to_owned());
    }
    for (key, days) in [("days_before", deadline.days_before), ("days_after", deadline.days_after)]
    {
        if DAYS_MAX < days {
            messages.push(format!("`{key}` is {days}: give 0 to {DAYS_MAX}"));
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
        messages.push(format!("`{at}` in `at` is no time of day: `00:00` to `23:59`{hint}"));
    }
    messages
}

fn of_coverage(coverage: &Coverage) -> Vec<String> {
    let mut messages = Vec::new();
    let shares =
        [("firms_percent", coverage.firms_percent), ("value_percent", coverage.value_percent)];
    if shares.iter().filter(|(_, share)| share.is_some()).count() != 1 {
        messages.push(
            "`coverage` names none or both of `firms_percent`, `value_percent`: give one"
                .to_owned(),
        );
    }
    for (key, share) in shares {
        if let Some(share) = share.filter(|share| !(1..=100).contains(share)) {
            messages.push(format!("`{key}` is {share}: give 1 to 100"));
        }
    }
    match (&coverage.item, coverage.value_percent) {
        (None, Some(_)) => {
            messages.push("`value_percent` needs `item`, e.g. \"output\"".to_owned());
        }
        (Some(_), None) => {
            messages.push("`item` goes with `value_percent`: leave it out".to_owned());
        }
        _ => {}
    }
    messages
}

fn of_steps(schedule: &Schedule) -> Vec<String> {
    let mut messages = Vec::new();
    if schedule.steps.is_empty() {
        messages.push("`steps` is empty: name at least one, e.g. \"intake\"".to_owned());
    }
    for (place, step) in schedule.steps.iter().enumerate() {
        if schedule.steps.iter().skip(place + 1).any(|other| other == step) {
            messages.push(format!("step \"{}\" stands twice: name it once", step.name()));
        }
    }
    if let Some(step) = schedule.steps.iter().find(|step| step.needs_period())
        && !schedule.has_period()
    {
        messages.push(needs_period(*step));
    }
    messages
}

fn of_numbers(schedule: &Schedule) -> Vec<String> {
    let mut messages = Vec::new();
    if schedule.priority > 9 {
        messages.push(format!("`priority` is {}: give 0 (last) to 9 (first)", schedule.priority));
    }
    if RETRIES_MAX < schedule.retries {
        messages.push(format!("`retries` is {}: give 0 to {RETRIES_MAX}", schedule.retries));
    }
    if !(1..=TIME_OUT_MAX).contains(&schedule.time_out_secs) {
        messages.push(format!(
            "`time_out_secs` is {}: give 1 to {TIME_OUT_MAX}, a week",
            schedule.time_out_secs
        ));
    }
    messages
}

fn needs_period(step: Step) -> String {
    format!(
        "step \"{}\" is about one month: use `deadline`, `coverage`, or `period = \"reporting\"`",
        step.name()
    )
}

/// Forms and items that no form file knows.
pub(super) fn faults_of_forms(
    schedule: &Schedule,
    file: &Path,
    forms: &BTreeMap<String, Form>,
) -> Vec<Fault> {
    let named = [
        schedule.deadline.as_ref().map(|rule| &rule.form),
        schedule.coverage.as_ref().map(|rule| &rule.form),
    ];
    let mut faults = Vec::new();
    for form in named.into_iter().flatten().filter(|form| !forms.contains_key(*form)) {
        let hint = nearest(form, forms.keys().map(String::as_str));
        let message = format!("form `{form}` has no file in jobs/forms{hint}");
        faults.push(Fault::new(file, message));
    }
    let Some(coverage) = &schedule.coverage else { return faults };
    if let Some((form, item)) = forms.get(&coverage.form).zip(coverage.item.as_deref())
        && form.fields().all(|known| known != item)
    {
        let hint = nearest(item, form.fields());
        let known = form.fields().collect::<Vec<_>>().join(", ");
        let message = format!("`{item}` in `item` is none of {known} of {}{hint}", form.form);
        faults.push(Fault::new(file, message));
    }
    faults
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
