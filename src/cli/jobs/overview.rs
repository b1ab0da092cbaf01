//! The list of jobs: trigger, next and last activation, what is open.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use super::super::{Failure, output};
use super::{Asked, past, words};
use crate::domain::period::Period;
use crate::ledger::activations::{Activation, ActivationState, TriggerKind};
use crate::project::schedules::Schedule;
use crate::schedule::certificate::Record;
use crate::schedule::{Occasion, triggers};
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

/// The next activation.
#[derive(Debug, Serialize)]
struct Next {
    at: String,
    period_from: Option<Period>,
    period_to: Option<Period>,
}

/// An activation that came.
#[derive(Debug, Serialize)]
struct Past {
    activation_id: i64,
    scheduled_at: String,
    trigger_kind: TriggerKind,
    period_from: Option<Period>,
    period_to: Option<Period>,
    state: ActivationState,
    reason: Option<String>,
    attempts: u32,
    not_before: Option<DateTime<Utc>>,
    run: Option<crate::schedule::certificate::Ran>,
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
        let almanac = asked.almanac();
        let zone = almanac.zone_of(schedule);
        let (last, open) = past(asked, schedule, zone).await?;
        jobs.push(Job {
            schedule,
            trigger: words::trigger(schedule),
            zone: zone.name().to_owned(),
            next: triggers::next(schedule, &almanac, asked.now).map(|next| upcoming(&next, zone)),
            last,
            open,
            shown_in: zone,
        });
    }
    Ok(jobs)
}

fn upcoming(next: &Occasion, zone: Tz) -> Next {
    Next {
        at: next.at.with_timezone(&zone).to_rfc3339(),
        period_from: next.months.map(|(first, _)| first),
        period_to: next.months.map(|(_, last)| last),
    }
}

async fn past(
    asked: &Asked<'_>,
    schedule: &Schedule,
    zone: Tz,
) -> Result<(Option<Past>, Vec<Past>), Failure> {
    let Some(ledger) = asked.ledger else { return Ok((None, Vec::new())) };
    let last = match ledger.last_activation(&schedule.job).await? {
        Some(activation) => Some(with_run(asked, activation, zone).await?),
        None => None,
    };
    let mut open = Vec::new();
    for activation in ledger.open_activations().await? {
        if activation.job == schedule.job {
            open.push(with_run(asked, activation, zone).await?);
        }
    }
    Ok((last, open))
}

async fn with_run(asked: &Asked<'_>, activation: Activation, zone: Tz) -> Result<Past, Failure> {
    let at = activation.scheduled_at;
    let instant = TimeDelta::milliseconds(1);
    let records = past::records(asked.ledger, &activation.job, at, at + instant).await?;
    let is_same = |record: &Record| record.activation_id == activation.activation_id;
    let run = records.into_iter().find(is_same).and_then(|record| record.run);
    let waits = activation.state == ActivationState::Waiting && asked.now < activation.not_before;
    Ok(Past {
        activation_id: activation.activation_id,
        scheduled_at: at.with_timezone(&zone).to_rfc3339(),
        trigger_kind: activation.trigger_kind,
        period_from: activation.months.map(|(first, _)| first),
        period_to: activation.months.map(|(_, last)| last),
        not_before: waits.then_some(activation.not_before),
        state: activation.state,
        reason: activation.reason,
        attempts: activation.attempts,
        run,
    })
}

/// The jobs as people read them.
pub(super) fn text(jobs: &[Job<'_>], locale: Locale) -> String {
    let say = |key: &str| texts::text(key).get(locale).to_owned();
    let header = ["job", "trigger", "next", "last"].map(|name| say(&format!("jobs.column.{name}")));
    let row = |job: &Job<'_>| {
        let next = match (&job.next, job.schedule.coverage()) {
            (Some(next), _) => with_months(&next.at, next.period_from, next.period_to),
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

/// An activation in words: when it was due, how it stands, its run, why.
fn past_text(past: &Past, zone: Tz, locale: Locale) -> String {
    let at = with_months(&past.scheduled_at, past.period_from, past.period_to);
    let state = match &past.run {
        Some(run) => words::run(run, zone),
        None => words::state(past.state.name()),
    };
    let reason = past.reason.as_deref().filter(|reason| !reason.is_empty());
    let said = words::because(&state, reason).get(locale).to_owned();
    match past.not_before {
        Some(at) => format!("{} {said}, >= {}", short(&past.scheduled_at), words::clock(at, zone)),
        None => format!("{at}: {said}"),
    }
}

/// `2025-03-01 12:30 (2025-02)`.
fn with_months(at: &str, first: Option<Period>, last: Option<Period>) -> String {
    let at = short(at);
    match (first, last) {
        (Some(first), Some(last)) if first == last => format!("{at} ({first})"),
        (Some(first), Some(last)) => format!("{at} ({first} … {last})"),
        _ => at,
    }
}

/// An instant of RFC 3339 as far as people want it.
fn short(at: &str) -> String {
    at.get(..16).unwrap_or(at).replace('T', " ")
}
