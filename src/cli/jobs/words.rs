//! Triggers, states and runs in words, in both languages.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::domain::period::Period;

use crate::project::schedules::{Coverage, Deadline, Schedule, Trigger};
use crate::schedule::certificate::Ran;
use crate::texts::{self, Text};

/// What triggers a job.
pub(super) fn trigger(schedule: &Schedule) -> Text {
    let said = match &schedule.trigger {
        Trigger::Cron(cron) => of_cron(&cron.to_string()),
        Trigger::Deadline(deadline) => of_deadline(deadline),
        Trigger::Coverage(coverage) => of_coverage(coverage),
    };
    match &schedule.time_zone {
        Some(zone) => fill("jobs.trigger.zone", &[("trigger", &said), ("zone", &same(zone))]),
        None => said,
    }
}

/// The commonest crons in words, others as they are written.
fn of_cron(cron: &str) -> Text {
    let fields: Vec<&str> = cron.split_whitespace().collect();
    let number = |text: &str| text.parse::<u32>().ok();
    match fields.as_slice() {
        [minutes, "*", "*", "*", "*"] if minutes.strip_prefix("*/").is_some() => {
            let count = minutes.trim_start_matches("*/");
            fill("jobs.trigger.minutes", &[("count", &same(count))])
        }
        [minute, hour, "*", "*", "*"] if number(minute).is_some() && number(hour).is_some() => {
            let (hour, minute) = (number(hour).unwrap_or(0), number(minute).unwrap_or(0));
            fill("jobs.trigger.daily", &[("time", &same(format!("{hour:02}:{minute:02}")))])
        }
        _ => fill("jobs.trigger.cron", &[("cron", &same(cron))]),
    }
}

fn of_deadline(deadline: &Deadline) -> Text {
    let key = match (deadline.days_before, deadline.days_after, &deadline.at) {
        (0, 0, None) => "jobs.trigger.deadline",
        (0, 0, Some(_)) => "jobs.trigger.deadline_at",
        (0, _, None) => "jobs.trigger.after",
        (0, _, Some(_)) => "jobs.trigger.after_at",
        (_, _, None) => "jobs.trigger.before",
        (_, _, Some(_)) => "jobs.trigger.before_at",
    };
    let days = deadline.days_before.max(deadline.days_after);
    let time = same(deadline.at.as_deref().unwrap_or_default());
    fill(key, &[("form", &same(&deadline.form)), ("days", &same(days)), ("time", &time)])
}

fn of_coverage(coverage: &Coverage) -> Text {
    let form = same(&coverage.form);
    match (coverage.firms_percent, coverage.value_percent) {
        (_, Some(percent)) => {
            let item = same(coverage.item.as_deref().unwrap_or_default());
            let percent = same(percent);
            fill("jobs.trigger.value", &[("form", &form), ("percent", &percent), ("item", &item)])
        }
        (percent, None) => {
            let percent = same(percent.unwrap_or_default());
            fill("jobs.trigger.firms", &[("form", &form), ("percent", &percent)])
        }
    }
}

/// A state of an order or run, by its name.
pub(super) fn state(name: &str) -> Text {
    texts::text(&format!("jobs.state.{name}")).clone()
}

/// A run: its number, when it began, how it ended and after how long.
pub(super) fn run(run: &Ran, zone: Tz) -> Text {
    let (id, began) = (same(run.order_id), same(clock(run.started_at, zone)));
    let state = state(run.state.name());
    let mut arguments = vec![("run", &id), ("began", &began), ("state", &state)];
    let secs = run.ended_at.map(|end| same((end - run.started_at).num_seconds()));
    match &secs {
        Some(secs) => {
            arguments.push(("secs", secs));
            fill("jobs.run_lasted", &arguments)
        }
        None => fill("jobs.run", &arguments),
    }
}

/// Something said, with its reason if there is one.
pub(super) fn because(said: &Text, why: &Text) -> Text {
    if why.en.is_empty() {
        return said.clone();
    }
    fill("jobs.because", &[("said", said), ("reason", why)])
}

/// The months something is about, in brackets.
pub(super) fn months(months: Option<(Period, Period)>) -> String {
    match months {
        Some((first, last)) if first == last => format!(" ({first})"),
        Some((first, last)) => format!(" ({first} … {last})"),
        None => String::new(),
    }
}

/// An instant in a zone, to the second.
pub(super) fn clock(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// A text of the catalogue with its placeholders filled.
pub(super) fn fill(key: &str, arguments: &[(&str, &Text)]) -> Text {
    texts::text(key).fill(arguments)
}

/// A value that reads the same in both languages.
#[expect(clippy::needless_pass_by_value, reason = "numbers and names are handed over as they are")]
pub(super) fn same(value: impl ToString) -> Text {
    Text::same(value.to_string())
}
