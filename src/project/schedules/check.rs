//! What is wrong with a schedule beyond its keys, each fault with the nearest valid value.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::{Coverage, Deadline, Schedule, Step, parse_cron};
use crate::project::fault::Fault;
use crate::project::forms::Form;
use crate::project::read::{Source, nearest};

/// Days from a deadline: more is a slip of the keyboard.
const DAYS_MAX: u32 = 366;
/// Retries of one run.
const RETRIES_MAX: u32 = 100;
/// Seconds a run may take: a week.
const TIME_OUT_MAX: u64 = 604_800;

/// What may stand where `yuebao backfill` expects a job.
const WORDS_OF_BACKFILL: [&str; 5] = ["list", "show", "pause", "resume", "cancel"];

/// What is wrong with the value of a key.
type Wrong = (&'static str, String);

/// The faults of a schedule.
pub(super) fn faults(schedule: &Schedule, source: &Source<'_>) -> Vec<Fault> {
    let mut wrong = Vec::new();
    if source.file.file_stem().is_none_or(|stem| stem != schedule.job.as_str()) {
        wrong.push(("job", format!("job `{}` must bear the file's name", schedule.job)));
    }
    if WORDS_OF_BACKFILL.contains(&schedule.job.as_str()) {
        let message = format!(
            "a job cannot be called `{}`: `yuebao backfill {0}` is a command; give it another name",
            schedule.job
        );
        wrong.push(("job", message));
    }
    wrong.extend(of_triggers(schedule));
    wrong.extend(schedule.deadline.as_ref().map(of_deadline).unwrap_or_default());
    wrong.extend(schedule.coverage.as_ref().map(of_coverage).unwrap_or_default());
    if let Some(zone) = &schedule.time_zone
        && chrono_tz::Tz::from_str(zone).is_err()
    {
        wrong.push(("time_zone", unknown_zone(zone)));
    }
    wrong.extend(of_numbers(schedule));
    let faults = wrong.into_iter().map(|(key, message)| source.fault(key, message));
    faults.chain(of_steps(schedule, source)).collect()
}

fn of_triggers(schedule: &Schedule) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let triggers = [
        ("cron", schedule.cron.is_some()),
        ("deadline", schedule.deadline.is_some()),
        ("coverage", schedule.coverage.is_some()),
    ];
    let named: Vec<&str> = triggers.iter().filter(|it| it.1).map(|it| it.0).collect();
    if named.len() != 1 {
        let message = "names none or several of `cron`, `deadline`, `coverage`: give one";
        // The last one named is the one too many.
        wrong.push((named.last().copied().unwrap_or_default(), message.to_owned()));
    }
    if let Some(Err(message)) = schedule.cron.as_deref().map(parse_cron) {
        wrong.push(("cron", message));
    }
    wrong
}

fn of_deadline(deadline: &Deadline) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    if deadline.days_before > 0 && deadline.days_after > 0 {
        let message = "`deadline` names `days_before` and `days_after`: give one";
        wrong.push(("deadline.days_after", message.to_owned()));
    }
    let days = [
        ("deadline.days_before", "days_before", deadline.days_before),
        ("deadline.days_after", "days_after", deadline.days_after),
    ];
    for (key, name, days) in days {
        if DAYS_MAX < days {
            wrong.push((key, format!("`{name}` is {days}: give 0 to {DAYS_MAX}")));
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
        wrong.push(("deadline.at", message));
    }
    wrong
}

fn of_coverage(coverage: &Coverage) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let shares = [
        ("coverage.firms_percent", "firms_percent", coverage.firms_percent),
        ("coverage.value_percent", "value_percent", coverage.value_percent),
    ];
    if shares.iter().filter(|(.., share)| share.is_some()).count() != 1 {
        let message = "`coverage` names none or both of `firms_percent`, `value_percent`: give one";
        wrong.push(("coverage.value_percent", message.to_owned()));
    }
    for (key, name, share) in shares {
        if let Some(share) = share.filter(|share| !(1..=100).contains(share)) {
            wrong.push((key, format!("`{name}` is {share}: give 1 to 100")));
        }
    }
    match (&coverage.item, coverage.value_percent) {
        (None, Some(_)) => {
            let message = "`value_percent` needs `item`, e.g. \"output\"";
            wrong.push(("coverage.value_percent", message.to_owned()));
        }
        (Some(_), None) => {
            let message = "`item` goes with `value_percent`: leave it out";
            wrong.push(("coverage.item", message.to_owned()));
        }
        _ => {}
    }
    wrong
}

fn of_steps(schedule: &Schedule, source: &Source<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    if schedule.steps.is_empty() {
        let message = "`steps` is empty: name at least one, e.g. \"intake\"";
        faults.push(source.fault("steps", message));
    }
    let at = |place: usize, message| source.fault(&format!("steps.{place}"), message);
    for (place, step) in schedule.steps.iter().enumerate() {
        if schedule.steps.iter().take(place).any(|other| other == step) {
            let message = format!("step \"{}\" stands twice: name it once", step.name());
            faults.push(at(place, message));
        }
    }
    if let Some(place) = schedule.steps.iter().position(|step| step.needs_period())
        && let Some(step) = schedule.steps.get(place)
        && !schedule.has_period()
    {
        faults.push(at(place, needs_period(*step)));
    }
    faults
}

fn of_numbers(schedule: &Schedule) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    if schedule.priority > 9 {
        let message = format!("`priority` is {}: give 0 (last) to 9 (first)", schedule.priority);
        wrong.push(("priority", message));
    }
    if RETRIES_MAX < schedule.retries {
        let message = format!("`retries` is {}: give 0 to {RETRIES_MAX}", schedule.retries);
        wrong.push(("retries", message));
    }
    if !(1..=TIME_OUT_MAX).contains(&schedule.time_out_secs) {
        let secs = schedule.time_out_secs;
        let message = format!("`time_out_secs` is {secs}: give 1 to {TIME_OUT_MAX}, a week");
        wrong.push(("time_out_secs", message));
    }
    wrong
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
    source: &Source<'_>,
    forms: &BTreeMap<String, Form>,
) -> Vec<Fault> {
    let named = [
        schedule.deadline.as_ref().map(|rule| ("deadline.form", &rule.form)),
        schedule.coverage.as_ref().map(|rule| ("coverage.form", &rule.form)),
    ];
    let mut faults = Vec::new();
    for (key, form) in named.into_iter().flatten().filter(|(_, form)| !forms.contains_key(*form)) {
        let hint = nearest(form, forms.keys().map(String::as_str));
        let message = format!("form `{form}` has no file in jobs/forms{hint}");
        faults.push(source.fault(key, message));
    }
    let Some(coverage) = &schedule.coverage else { return faults };
    if let Some((form, item)) = forms.get(&coverage.form).zip(coverage.item.as_deref())
        && form.fields().all(|known| known != item)
    {
        let hint = nearest(item, form.fields());
        let known = form.fields().collect::<Vec<_>>().join(", ");
        let message = format!("`{item}` in `item` is none of {known} of {}{hint}", form.form);
        faults.push(source.fault("coverage.item", message));
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
