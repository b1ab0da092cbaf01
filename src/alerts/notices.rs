//! The texts of alerts: one function a kind, from values to an alert in both languages.
//!
//! What other parts of the program say (errors, failing tests) may hold figures of firms; only what
//! cannot hold any is taken over from them. See [`harmless`].

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::domain::period::Period;
use crate::lake::matters::UnknownDocument;
use crate::ledger::alerts::NewAlert;
use crate::pipeline::reason::Causes;
use crate::project::alerts::Kind;
use crate::project::inputs::Input;
use crate::project::settings::Settings;
use crate::texts::{Text, reasons, text};

/// Firms named in one alert; of the rest it says how many there are.
pub const NAMED_MAX: usize = 20;

/// A firm whose report does not count, or not yet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Absent {
    /// What became of what it sent: `queried`, `refused`; `None` when it sent nothing.
    pub state: Option<String>,
    /// Its name.
    pub name: String,
}

/// How the filing of one form for one month stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filing {
    /// The form.
    pub form: String,
    /// The month.
    pub period: Period,
    /// Until when it is due.
    pub deadline: DateTime<Utc>,
    /// How many firms it is due from.
    pub due: usize,
    /// Those whose report does not count, in order.
    pub missing: Vec<Absent>,
}

impl Filing {
    /// What an alert about firms that missed its deadline is about: `B204-1 2025-07`.
    pub fn subject(&self) -> String {
        format!("{} {}", self.form, self.period)
    }
}

/// A test of a mart that fails, without the rows: they hold figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedTest<'a> {
    /// The mart.
    pub mart: &'a str,
    /// The test.
    pub test: &'a str,
    /// How many rows offend; `None` where the mart cannot be computed at all.
    pub rows: Option<usize>,
}

/// A run failed for good; `error` is the chain of causes as the ledger keeps it, one a line.
pub fn run_failed(job: &str, run_id: i64, error: &str) -> NewAlert {
    let values =
        [("run", Text::same(run_id.to_string())), ("error", reasons::told(&harmless(error)))];
    alert(Kind::RunFailed, job, &values)
}

/// An activation that was due at an instant did not run within its time.
pub fn job_overdue(job: &str, scheduled_at: DateTime<Utc>, settings: &Settings) -> NewAlert {
    alert(Kind::JobOverdue, job, &[("at", Text::same(local(scheduled_at, settings)))])
}

/// The daemon is in trouble, e.g. it refused a faulty reload: subject `reload`.
pub fn daemon_trouble(subject: &str, error: &str) -> NewAlert {
    alert(Kind::DaemonTrouble, subject, &[("error", reasons::told(&harmless(error)))])
}

/// Firms did not report by the deadline.
pub fn firms_missing(filing: &Filing, settings: &Settings) -> NewAlert {
    alert(Kind::FirmsMissing, &filing.subject(), &of_filing(filing, settings))
}

/// Firms have not reported yet. Each day of reminding is a subject of its own.
pub fn reminder(filing: &Filing, settings: &Settings, now: DateTime<Utc>) -> NewAlert {
    let today = now.with_timezone(&settings.time_zone).date_naive();
    let subject = format!("{} {today}", filing.subject());
    alert(Kind::Reminder, &subject, &of_filing(filing, settings))
}

/// What alerts of editions that were held back are about: there is one newest edition.
pub const EDITION: &str = "edition";

/// Failing tests of marts held an edition back.
pub fn edition_held_back(failed: &[FailedTest<'_>]) -> NewAlert {
    let line = |failed: &FailedTest<'_>| {
        let [mart, test] = [failed.mart, failed.test].map(Text::same);
        let Some(rows) = failed.rows else {
            return text("alert.not_computed").fill(&[("mart", &mart)]);
        };
        let rows = Text::same(rows.to_string());
        text("alert.failed_test").fill(&[("mart", &mart), ("test", &test), ("rows", &rows)])
    };
    let lines = failed.iter().map(line).collect();
    let tests = named(lines, "alert.more_tests");
    alert(Kind::EditionHeldBack, EDITION, &[("tests", tests)])
}

/// Reports bear a document number that jobs/forms lacks.
pub fn unknown_document(unknown: &UnknownDocument) -> NewAlert {
    let Text { zh, en } = unknown.text();
    let subject = unknown.document.clone();
    NewAlert { kind: Kind::UnknownDocument, subject, text_zh: zh, text_en: en }
}

/// Published figures of some months would change, moved by these kinds of input, and nobody gave a reason.
pub fn edition_awaits_reason(causes: &Causes) -> NewAlert {
    let line = |(period, kinds): (&Period, &BTreeSet<Input>)| {
        let period = Text::same(period.to_string());
        text("alert.moved").fill(&[("period", &period), ("kinds", &inputs(kinds))])
    };
    let months = named(causes.iter().map(line).collect(), "alert.more_months");
    alert(Kind::EditionAwaitsReason, EDITION, &[("months", months)])
}

/// Kinds of input as people call them.
pub fn inputs(kinds: &BTreeSet<Input>) -> Text {
    let names: Vec<&Text> =
        kinds.iter().map(|kind| text(&format!("input.{}", kind.name()))).collect();
    let join = |one: fn(&Text) -> &str, comma| {
        names.iter().map(|name| one(name)).collect::<Vec<_>>().join(comma)
    };
    Text { zh: join(|name| &name.zh, "、"), en: join(|name| &name.en, ", ") }
}

/// The brief of a month is out, new in an edition.
pub fn brief_published(period: Period, edition: u32, file: &str) -> NewAlert {
    let values = [
        ("period", Text::same(period.to_string())),
        ("edition", Text::same(edition.to_string())),
        ("file", Text::same(file)),
    ];
    alert(Kind::BriefPublished, &format!("{period} edition {edition}"), &values)
}

/// What a channel is sent when it is tried.
pub(super) fn test(channel: &str) -> NewAlert {
    alert(Kind::Test, channel, &[("channel", Text::same(channel))])
}

/// The text that says that an alert ceased to hold.
pub(super) fn settled(kind: Kind, subject: &str) -> Text {
    debug_assert!(!kind.is_event(), "what merely happened cannot cease to hold");
    let key = format!("alert.{}.settled", kind.name());
    text(&key).fill(&[("subject", &about(kind, subject))])
}

/// What an alert is about, as people call it; the ledger keeps the subject itself.
fn about(kind: Kind, subject: &str) -> Text {
    let id = subject.strip_prefix("backfill ").map(Text::same);
    match (kind, subject, id) {
        (Kind::DaemonTrouble, "reload", _) => text("alert.about.reload").clone(),
        (Kind::DaemonTrouble, _, Some(id)) => text("alert.about.backfill").fill(&[("id", &id)]),
        _ => Text::same(subject),
    }
}

fn alert(kind: Kind, subject: &str, values: &[(&str, Text)]) -> NewAlert {
    let about = about(kind, subject);
    let mut arguments: Vec<(&str, &Text)> =
        values.iter().map(|(name, value)| (*name, value)).collect();
    arguments.push(("subject", &about));
    let Text { zh, en } = text(&format!("alert.{}", kind.name())).fill(&arguments);
    NewAlert { kind, subject: subject.to_owned(), text_zh: zh, text_en: en }
}

fn of_filing(filing: &Filing, settings: &Settings) -> [(&'static str, Text); 6] {
    let firms = named(filing.missing.iter().map(firm).collect(), "alert.more");
    [
        ("form", Text::same(&filing.form)),
        ("period", Text::same(filing.period.to_string())),
        ("deadline", Text::same(local(filing.deadline, settings))),
        ("due", Text::same(filing.due.to_string())),
        ("missing", Text::same(filing.missing.len().to_string())),
        ("firms", firms),
    ]
}

fn firm(absent: &Absent) -> Text {
    let name = Text::same(&absent.name);
    match &absent.state {
        None => text("alert.firm").fill(&[("firm", &name)]),
        Some(state) => {
            let state = text(&format!("state.{state}"));
            text("alert.firm.received").fill(&[("firm", &name), ("state", state)])
        }
    }
}

/// The first of some lines, and how many more there are.
fn named(mut lines: Vec<Text>, more: &str) -> Text {
    let left = lines.len().saturating_sub(NAMED_MAX);
    lines.truncate(NAMED_MAX);
    if left > 0 {
        lines.push(text(more).fill(&[("more", &Text::same(left.to_string()))]));
    }
    let join = |one: fn(&Text) -> &str| lines.iter().map(one).collect::<Vec<_>>().join("\n");
    Text { zh: join(|line| &line.zh), en: join(|line| &line.en) }
}

/// An instant in the project's zone, to the minute.
fn local(instant: DateTime<Utc>, settings: &Settings) -> String {
    let zone = settings.time_zone;
    instant.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string()
}

/// What of a chain of causes, one a line, cannot hold a figure of a firm: what failed, in our own
/// words, and what the operating system says of it. Engines quote the values they choke on, and
/// panics say anything: their words stay in the log. Numbers are kept in names between backticks and
/// in the codes of the system, elsewhere they become `#`.
pub fn harmless(chain: &str) -> String {
    let mut lines = chain.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let first = match first.split_once(" panicked:") {
        Some((step, _)) => format!("{step} panicked"),
        None => without_numbers(first),
    };
    let system = lines.filter(|line| line.ends_with(')') && line.contains(" (os error "));
    std::iter::once(first).chain(system.map(str::to_owned)).collect::<Vec<_>>().join(": ")
}

/// A text with each number outside of backticks replaced by `#`.
fn without_numbers(text: &str) -> String {
    let part = |(at, part): (usize, &str)| {
        if at % 2 == 1 { part.to_owned() } else { mask(part) }
    };
    text.split('`').enumerate().map(part).collect::<Vec<_>>().join("`")
}

fn mask(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    for letter in text.chars() {
        if !letter.is_numeric() {
            masked.push(letter);
        } else if !masked.ends_with('#') {
            masked.push('#');
        }
    }
    masked
}
