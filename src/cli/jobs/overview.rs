//! The list of jobs: trigger, when it is due next, its last order, what is open.

use chrono::TimeDelta;
use chrono_tz::Tz;
use serde::Serialize;

use super::super::{Failure, output};
use super::{Asked, words};
use crate::domain::period::Period;
use crate::ledger::orders::{Order, State};
use crate::ledger::reason::Reason;
use crate::project::schedules::Schedule;
use crate::schedule::certificate::Ran;
use crate::schedule::{DueInstant, triggers};
use crate::texts::{self, Locale, Text};

/// A job, as `--json` prints it.
#[derive(Debug, Serialize)]
pub(super) struct Job<'a> {
    #[serde(flatten)]
    schedule: &'a Schedule,
    trigger: Text,
    zone: String,
    next: Option<Next>,
    last: Option<Past>,
    open: Vec<Past>,
    #[serde(skip)]
    shown_in: Tz,
}

/// When it is due next.
#[derive(Debug, Serialize)]
struct Next {
    at: String,
    months: Option<(Period, Period)>,
}

/// An order that came.
#[derive(Debug, Serialize)]
struct Past {
    #[serde(flatten)]
    order: Order,
    /// Whether it waits for a later instant.
    is_put_off: bool,
    run: Option<Ran>,
}

/// The jobs, or one of them.
pub(super) async fn jobs<'a>(
    asked: &Asked<'a>,
    only: Option<&str>,
) -> Result<Vec<Job<'a>>, Failure> {
    let mut jobs = Vec::new();
    let project = asked.project;
    let schedules = project.schedules.values();
    for schedule in schedules.filter(|schedule| only.is_none_or(|job| job == schedule.job)) {
        let local = asked.local_calendar();
        let zone = local.zone_of(schedule);
        let (last, open) = past(asked, schedule).await?;
        jobs.push(Job {
            schedule,
            trigger: words::trigger(schedule),
            zone: zone.name().to_owned(),
            next: triggers::next(schedule, &local, asked.now).map(|next| upcoming(&next, zone)),
            last,
            open,
            shown_in: zone,
        });
    }
    Ok(jobs)
}

fn upcoming(next: &DueInstant, zone: Tz) -> Next {
    Next { at: next.at.with_timezone(&zone).to_rfc3339(), months: next.months }
}

async fn past(
    asked: &Asked<'_>,
    schedule: &Schedule,
) -> Result<(Option<Past>, Vec<Past>), Failure> {
    let Some(ledger) = asked.ledger else { return Ok((None, Vec::new())) };
    let last = match ledger.last_order(&schedule.job).await? {
        Some(order) => Some(with_run(asked, order).await?),
        None => None,
    };
    let mut open = Vec::new();
    for order in ledger.open_orders().await? {
        if order.asked.job == schedule.job {
            open.push(with_run(asked, order).await?);
        }
    }
    Ok((last, open))
}

async fn with_run(asked: &Asked<'_>, order: Order) -> Result<Past, Failure> {
    let mut runs = match asked.ledger {
        Some(ledger) => {
            let due_at = order.asked.due_at;
            let until = due_at + TimeDelta::milliseconds(1);
            Ran::of(&ledger.past_attempts(&order.asked.job, due_at, until).await?)
        }
        None => std::collections::BTreeMap::new(),
    };
    let is_put_off = order.state == State::Waiting && asked.now < order.not_before;
    Ok(Past { run: runs.remove(&order.order_id), is_put_off, order })
}

/// The jobs as people read them.
pub(super) fn text(jobs: &[Job<'_>], locale: Locale) -> String {
    let say = |key: &str| texts::text(key).get(locale).to_owned();
    let header = ["job", "trigger", "next", "last"].map(|name| say(&format!("jobs.column.{name}")));
    let row = |job: &Job<'_>| {
        let next = match (&job.next, job.schedule.coverage()) {
            (Some(next), _) => with_months(&short(&next.at), next.months),
            (None, Some(_)) => say("jobs.next.coverage"),
            (None, None) => say("jobs.next.none"),
        };
        let last = job.last.as_ref().map(|last| past_text(last, job.shown_in, locale));
        let trigger = job.trigger.get(locale).to_owned();
        vec![job.schedule.job.clone(), trigger, next, last.unwrap_or_else(|| say("jobs.last.none"))]
    };
    let rows: Vec<Vec<String>> = jobs.iter().map(row).collect();
    let mut lines = vec![output::table(&header.each_ref().map(String::as_str), &rows)];
    let open: Vec<String> = jobs
        .iter()
        .flat_map(|job| job.open.iter().map(move |open| (job, open)))
        .map(|(job, open)| {
            format!("  {} {}", job.schedule.job, past_text(open, job.shown_in, locale))
        })
        .collect();
    if !open.is_empty() {
        lines.push(say("jobs.open"));
        lines.extend(open);
    }
    lines.join("\n")
}

/// An order in words: when it was due, how it stands, its run, why.
fn past_text(past: &Past, zone: Tz, locale: Locale) -> String {
    let Order { asked, state, reasons, not_before, .. } = &past.order;
    let due = short(&asked.due_at.with_timezone(&zone).to_rfc3339());
    let state = match &past.run {
        Some(run) => words::run(run, zone),
        None => words::state(state.name()),
    };
    let said = words::because(&state, &Reason::texts(reasons)).get(locale).to_owned();
    if past.is_put_off {
        return format!("{due} {said}, >= {}", words::clock(*not_before, zone));
    }
    format!("{}: {said}", with_months(&due, asked.months))
}

/// `2025-03-01 12:30 (2025-02)`.
fn with_months(at: &str, months: Option<(Period, Period)>) -> String {
    format!("{at}{}", words::months(months))
}

/// An instant of RFC 3339 as far as people want it.
fn short(at: &str) -> String {
    at.get(..16).unwrap_or(at).replace('T', " ")
}
