//! Triggers, states and runs in words; and a month of a job: one line an instant, then the sums.

use std::fmt::Display;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::JobListing;
use crate::cli::session::CliSession;
use crate::domain::period::Period;
use crate::ledger::reason::Reason;
use crate::project::schedules::{Coverage, Deadline, Schedule, Trigger};
use crate::schedule::certificate::{Certificate, CertificateLine, InstantFate, Ran};
use crate::texts::{self, Locale, Text};

/// What triggers a job.
pub(super) fn trigger(schedule: &Schedule, locale: Locale) -> String {
    let fill = |key: &str, arguments: &[(&str, &dyn Display)]| {
        texts::text(&format!("jobs.trigger.{key}")).say(locale, arguments)
    };
    let said = match &schedule.trigger {
        // The commonest crons in words, others as they are written.
        Trigger::Cron(cron) => match cron.to_string().split_whitespace().collect::<Vec<_>>()[..] {
            [minutes, "*", "*", "*", "*"] if minutes.starts_with("*/") => {
                fill("minutes", &[("count", &minutes.trim_start_matches("*/"))])
            }
            [minute, hour, "*", "*", "*"] if is_number(minute) && is_number(hour) => {
                fill("daily", &[("time", &format!("{hour:0>2}:{minute:0>2}"))])
            }
            _ => fill("cron", &[("cron", cron)]),
        },
        Trigger::Deadline(Deadline { form, days_before, days_after, at }) => {
            let key = match (days_before, days_after) {
                (0, 0) => "deadline",
                (0, _) => "after",
                _ => "before",
            };
            let key = if at.is_some() { format!("{key}_at") } else { key.to_owned() };
            let time = at.as_deref().unwrap_or_default();
            let days = days_before.max(days_after);
            fill(&key, &[("form", form), ("days", days), ("time", &time)])
        }
        Trigger::Coverage(Coverage { form, firms_percent, value_percent, item }) => {
            let key = if value_percent.is_some() { "value" } else { "firms" };
            let percent = value_percent.or(*firms_percent).unwrap_or_default();
            let item = item.as_deref().unwrap_or_default();
            fill(key, &[("form", form), ("percent", &percent), ("item", &item)])
        }
    };
    match &schedule.time_zone {
        Some(zone) => fill("zone", &[("trigger", &said), ("zone", &zone.name())]),
        None => said,
    }
}

fn is_number(field: &str) -> bool {
    field.bytes().all(|byte| byte.is_ascii_digit())
}

/// A state of an order or run, by its name.
pub(super) fn state(session: &CliSession, name: &str) -> String {
    session.said(&format!("jobs.state.{name}")).to_owned()
}

/// A run: its number, when it began, how it ended and after how long.
pub(super) fn run(session: &CliSession, run: &Ran, zone: Tz) -> String {
    let (began, state) = (clock(run.started_at, zone), state(session, run.state.name()));
    let secs = run.ended_at.map(|end| (end - run.started_at).num_seconds());
    let key = if secs.is_some() { "jobs.run_lasted" } else { "jobs.run" };
    let secs = secs.unwrap_or_default();
    session
        .fill(key, &[("run", &run.order_id), ("began", &began), ("state", &state), ("secs", &secs)])
}

/// Something said, with its reason if there is one.
pub(super) fn because(session: &CliSession, said: String, why: &Text) -> String {
    match session.get(why) {
        "" => said,
        reason => session.fill("jobs.because", &[("said", &said), ("reason", &reason)]),
    }
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

/// How many instants to come in a row stand in one line.
const FOLDED_MIN: usize = 4;

/// A month of a job.
pub(super) fn listing(session: &CliSession, listing: &JobListing) -> String {
    let JobListing { job, month, zone, certificate } = listing;
    let title = session
        .fill("jobs.certificate.title", &[("job", job), ("month", month), ("zone", &zone.name())]);
    let since = certificate
        .since
        .map(|since| session.fill("jobs.certificate.since", &[("since", &clock(since, *zone))]));
    let since = since.unwrap_or_else(|| session.said("jobs.certificate.never").to_owned());
    let mut lines = vec![title, since];
    for alike in certificate.lines.chunk_by(is_alike) {
        match alike {
            [first, .., last] if FOLDED_MIN <= alike.len() => {
                let said = said(session, first, *zone);
                let [first, last] = [first, last].map(|it| clock(it.due_at, *zone));
                let count = alike.len();
                lines.push(session.fill(
                    "jobs.folded",
                    &[("first", &first), ("last", &last), ("said", &said), ("count", &count)],
                ));
            }
            _ => lines.extend(alike.iter().map(|it| {
                let (at, said) = (clock(it.due_at, *zone), said(session, it, *zone));
                format!("  {at}{}  {said}", months(it.months))
            })),
        }
    }
    lines.extend(totals(session, certificate));
    lines.join("\n")
}

/// Whether two neighbours may stand in one line: nothing is decided about either. What was decided has a
/// line of its own, whatever became of it.
fn is_alike(one: &CertificateLine, next: &CertificateLine) -> bool {
    one.order.is_none()
        && next.order.is_none()
        && (one.fate, one.months) == (next.fate, next.months)
}

/// What became of an instant, and why.
fn said(session: &CliSession, line: &CertificateLine, zone: Tz) -> String {
    let order = line.order.as_ref();
    let ran = match &line.run {
        Some(ran) => run(session, ran, zone),
        None => order.map(|order| state(session, order.state.name())).unwrap_or_default(),
    };
    let fate = session.fill(&format!("jobs.fate.{}", line.fate.name()), &[("run", &ran)]);
    let reasons = order.filter(|_| line.fate != InstantFate::Running).map(|order| &*order.reasons);
    because(session, fate, &Reason::texts(reasons.unwrap_or_default()))
}

fn totals(session: &CliSession, certificate: &Certificate) -> Vec<String> {
    let totals = &certificate.totals;
    let mut lines = vec![session.fill(
        "jobs.totals",
        &[
            ("due", &totals.due),
            ("ran", &totals.ran),
            ("made_up", &totals.made_up),
            ("skipped", &totals.skipped),
            ("waiting", &totals.waiting),
            ("undecided", &totals.undecided),
            ("failed", &totals.failed),
        ],
    )];
    for (reason, count) in &certificate.skipped_by_reason {
        let reason = session.get(&reason.text()).to_owned();
        lines.push(session.fill("jobs.totals.reason", &[("count", count), ("reason", &reason)]));
    }
    let others =
        [("jobs.totals.to_come", totals.to_come), ("jobs.totals.unlisted", totals.unlisted)];
    let counted = others.into_iter().filter(|(_, count)| 0 < *count);
    lines.extend(counted.map(|(key, count)| session.fill(key, &[("count", &count)])));
    lines
}
