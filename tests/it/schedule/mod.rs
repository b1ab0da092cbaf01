//! Schedules under a virtual clock: every instant is a value, nothing waits.
#![expect(
    clippy::cast_possible_wrap,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small counts, and places as numbers of orders"
)]

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use yuebao::ledger::orders::{Asked, AskedBy, Order, State};
use yuebao::project::schedules::Schedule;
use yuebao::project::seeds::roster::Calendar;
use yuebao::schedule::{DueInstant, LocalCalendar};

mod certificate;
mod clock;
mod coverage;
mod deadline;
mod dispatch;
mod faults;
mod jobs;
mod misfire;
mod model;
mod shipped;
mod simulation;

/// A schedule of TOML keys over sensible ones: each day, where they name no trigger.
pub(crate) fn schedule(keys: &str) -> Schedule {
    let is_trigger = |line: &str| {
        ["cron", "deadline", "coverage"].iter().any(|trigger| line.starts_with(trigger))
    };
    let cron = if keys.lines().any(is_trigger) { "" } else { "cron = \"0 0 * * *\"\n" };
    let text = text_of(&format!("{cron}{keys}"));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// TOML keys over sensible ones.
fn text_of(keys: &str) -> String {
    let common = [
        ("job", "job = \"a\""),
        ("about", "about = \"a test\""),
        ("steps", "steps = [\"intake\"]"),
        ("catch_up", "catch_up = \"all\""),
        ("overlap", "overlap = \"queue\""),
        ("retries", "retries = 3"),
        ("time_out_secs", "time_out_secs = 600"),
    ];
    let named = |key: &str| keys.lines().any(|line| line.starts_with(&format!("{key} =")));
    let common = common.iter().filter(|(key, _)| !named(key)).map(|(_, line)| *line);
    common.chain([keys]).collect::<Vec<_>>().join("\n")
}

/// A cron in a zone.
pub(crate) fn cron(cron: &str, zone: &str) -> Schedule {
    schedule(&format!("cron = \"{cron}\"\ntime_zone = \"{zone}\""))
}

/// An order of a job's clock that waits, decided upon when it was due.
pub(crate) fn order(order_id: i64, job: &str, due_at: DateTime<Utc>) -> Order {
    Order {
        order_id,
        asked: Asked { priority: 5, ..Asked::new(job, AskedBy::Clock, due_at) },
        program: String::new(),
        decided_at: due_at,
        state: State::Waiting,
        reasons: Vec::new(),
        not_before: due_at,
        tries: 0,
        ended_at: None,
        edition: None,
    }
}

/// An instant of RFC 3339.
pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// An instant as RFC 3339 in UTC.
pub(crate) fn utc(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Instants as a zone's clocks show them.
pub(crate) fn shown(occasions: &[DueInstant], zone: &str) -> Vec<String> {
    let zone: Tz = zone.parse().unwrap();
    let show = |it: &DueInstant| it.at.with_timezone(&zone).format("%m-%d %H:%M %z").to_string();
    occasions.iter().map(show).collect()
}

/// The local of Changchun with a calendar.
pub(crate) fn local_calendar(calendar: &Calendar) -> LocalCalendar<'_> {
    LocalCalendar { zone: chrono_tz::Asia::Shanghai, calendar }
}

/// A calendar of deadlines: form, month, instant.
pub(crate) fn calendar(rows: &[(&str, &str, &str)]) -> Calendar {
    let row = |(form, period, deadline): &(&str, &str, &str)| {
        let deadline = DateTime::parse_from_rfc3339(deadline).unwrap();
        (((*form).to_owned(), period.parse().unwrap()), deadline)
    };
    Calendar { deadlines: rows.iter().map(row).collect() }
}
