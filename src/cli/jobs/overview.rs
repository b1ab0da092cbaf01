//! The list of jobs: trigger, when it is due next, its last order, what is open.

use chrono::TimeDelta;
use chrono_tz::Tz;
use serde::Serialize;

use super::{JobsQuery, words};
use crate::cli::CliError;
use crate::cli::arguments::no_job;
use crate::cli::session::CliSession;
use crate::domain::period::Period;
use crate::ledger::orders::{Order, State};
use crate::ledger::reason::Reason;
use crate::project::schedules::Schedule;
use crate::schedule::certificate::Ran;
use crate::schedule::{DueInstant, triggers};
use crate::texts::{Locale, Text};

/// A job, as `--json` prints it.
#[derive(Debug, Serialize)]
pub(super) struct ListedJob<'a> {
    #[serde(flatten)]
    schedule: &'a Schedule,
    trigger: Text,
    zone: String,
    next: Option<NextInstant>,
    last: Option<PastOrder>,
    open: Vec<PastOrder>,
    #[serde(skip)]
    shown_in: Tz,
}

/// When it is due next.
#[derive(Debug, Serialize)]
struct NextInstant {
    at: String,
    months: Option<(Period, Period)>,
}

/// An order that came.
#[derive(Debug, Serialize)]
struct PastOrder {
    #[serde(flatten)]
    order: Order,
    /// Whether it waits for a later instant.
    is_put_off: bool,
    run: Option<Ran>,
}

/// The jobs, or one of them.
pub(super) async fn jobs<'a>(
    query: &JobsQuery<'a>,
    only: Option<&str>,
) -> Result<Vec<ListedJob<'a>>, CliError> {
    let schedules = &query.project.schedules;
    if let Some(job) = only.filter(|job| !schedules.contains_key(*job)) {
        let has_history = !query.terms(job).await?.is_empty();
        return Err(if has_history {
            let asked = "ask for a month of it with `--month`";
            CliError::Call(format!("job `{job}` has no file any more: {asked}"))
        } else {
            no_job(query.project, job)
        });
    }
    let mut jobs = Vec::new();
    let almanac = query.almanac();
    for schedule in schedules.values().filter(|it| only.is_none_or(|job| job == it.job)) {
        let zone = almanac.zone_of(schedule);
        let next = |DueInstant { at, months, .. }: DueInstant| NextInstant {
            at: at.with_timezone(&zone).to_rfc3339(),
            months,
        };
        let (last, open) = past(query, schedule).await?;
        let [zh, en] = [Locale::Zh, Locale::En].map(|locale| words::trigger(schedule, locale));
        jobs.push(ListedJob {
            schedule,
            trigger: Text { zh, en },
            zone: zone.name().to_owned(),
            next: triggers::next(schedule, &almanac, query.now).map(next),
            last,
            open,
            shown_in: zone,
        });
    }
    Ok(jobs)
}

async fn past(
    query: &JobsQuery<'_>,
    schedule: &Schedule,
) -> Result<(Option<PastOrder>, Vec<PastOrder>), CliError> {
    let Some(ledger) = query.ledger else { return Ok((None, Vec::new())) };
    let last = ledger.last_order(&schedule.job).await?;
    let mut orders = ledger.open_orders().await?;
    orders.retain(|order| order.asked.job == schedule.job);
    let has_last = last.is_some();
    let mut past = Vec::new();
    for order in last.into_iter().chain(orders) {
        let due_at = order.asked.due_at;
        let until = due_at + TimeDelta::milliseconds(1);
        let mut runs = Ran::of(&ledger.past_attempts(&order.asked.job, due_at, until).await?);
        let is_put_off = order.state == State::Waiting && query.now < order.not_before;
        past.push(PastOrder { run: runs.remove(&order.order_id), is_put_off, order });
    }
    let open = past.split_off(usize::from(has_last));
    Ok((past.pop(), open))
}

/// The jobs as people read them.
pub(super) fn text(session: &CliSession, jobs: &[ListedJob<'_>]) -> String {
    let said = |key: &str| session.said(key).to_owned();
    let row = |job: &ListedJob<'_>| {
        let next = match (&job.next, job.schedule.coverage()) {
            (Some(next), _) => format!("{}{}", short(&next.at), words::months(next.months)),
            (None, Some(_)) => said("jobs.next.coverage"),
            (None, None) => said("jobs.next.none"),
        };
        let last = job.last.as_ref().map(|last| past_text(session, last, job.shown_in));
        let last = last.unwrap_or_else(|| said("jobs.last.none"));
        vec![job.schedule.job.clone(), session.get(&job.trigger).to_owned(), next, last]
    };
    let names = ["job", "trigger", "next", "last"];
    let mut lines = vec![session.table("jobs.column", &names, jobs.iter().map(row))];
    let open = jobs.iter().flat_map(|job| job.open.iter().map(move |open| (job, open)));
    let mut open = open.map(|(job, open)| {
        format!("  {} {}", job.schedule.job, past_text(session, open, job.shown_in))
    });
    if let Some(first) = open.next() {
        lines.extend([said("jobs.open"), first]);
        lines.extend(open);
    }
    lines.join("\n")
}

/// An order in words: when it was due, how it stands, its run, why.
fn past_text(session: &CliSession, past: &PastOrder, zone: Tz) -> String {
    let Order { asked, state, reasons, not_before, .. } = &past.order;
    let due = short(&asked.due_at.with_timezone(&zone).to_rfc3339());
    let state = match &past.run {
        Some(run) => words::run(session, run, zone),
        None => words::state(session, state.name()),
    };
    let said = words::because(session, state, &Reason::texts(reasons));
    if past.is_put_off {
        return format!("{due} {said}, >= {}", words::clock(*not_before, zone));
    }
    format!("{due}{}: {said}", words::months(asked.months))
}

/// An instant of RFC 3339 to the minute.
fn short(at: &str) -> String {
    at.get(..16).unwrap_or(at).replace('T', " ")
}
