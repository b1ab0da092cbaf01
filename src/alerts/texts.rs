//! The texts of alerts, from their values.
//!
//! What other parts of the program say (errors, failing tests) may hold figures of firms; only what
//! cannot hold any is taken over from them. See [`harmless`].

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::content::{Absent, Alert, DaemonTrouble, FailedTest, Filing, Subject};
use crate::domain::period::Period;
use crate::ledger::reason::Reason;
use crate::project::inputs::Input;
use crate::project::settings::Settings;
use crate::texts::{Text, text};

/// Firms named in one alert; of the rest it says how many there are.
const NAMED_MAX: usize = 20;

impl Alert {
    /// What there is to say, lines apart.
    pub fn text(&self, settings: &Settings) -> Text {
        let values = match self {
            Self::UnknownDocument(unknown) => return unknown.text(),
            Self::RunFailed { order_id, reasons, .. } => {
                vec![("run", same(order_id)), ("error", harmless(reasons))]
            }
            Self::JobOverdue { due_at, .. } => vec![("at", same(local(*due_at, settings)))],
            Self::FirmsMissing(filing) | Self::Reminder { filing, .. } => {
                of_filing(filing, settings)
            }
            Self::EditionHeldBack { tests } => {
                let lines = tests.iter().map(FailedTest::text).collect();
                vec![("tests", named(lines, "alert.more_tests"))]
            }
            Self::EditionAwaitsReason { causes } => {
                let line = |(period, kinds): (&Period, &BTreeSet<Input>)| {
                    text("alert.moved")
                        .fill(&[("period", &same(period)), ("kinds", &inputs(kinds))])
                };
                let lines = causes.iter().map(line).collect();
                vec![("months", named(lines, "alert.more_months"))]
            }
            Self::BriefPublished { period, edition, page } => {
                vec![("period", same(period)), ("edition", same(edition)), ("file", same(page))]
            }
            Self::DaemonTrouble(trouble) => vec![("error", trouble.text())],
            Self::Test { channel } => vec![("channel", same(channel))],
        };
        let about = self.subject().text();
        let mut arguments: Vec<(&str, &Text)> =
            values.iter().map(|(name, value)| (*name, value)).collect();
        arguments.push(("subject", &about));
        text(&format!("alert.{}", self.kind().name())).fill(&arguments)
    }

    /// That it ceased to hold.
    pub fn settled(&self) -> Text {
        let key = format!("alert.{}.settled", self.kind().name());
        text(&key).fill(&[("subject", &self.subject().text())])
    }
}

impl DaemonTrouble {
    fn text(&self) -> Text {
        match self {
            Self::Reload { faults, place } => {
                let values = [("faults", &same(faults)), ("place", &same(place))];
                text("alert.trouble.reload").fill(&values)
            }
            Self::Files(reasons) | Self::Backfill { reasons, .. } => harmless(reasons),
        }
    }
}

impl Subject {
    /// What an alert is about, as people call it.
    fn text(&self) -> Text {
        match self {
            Self::Reload => text("alert.about.reload").clone(),
            Self::Backfill(id) => text("alert.about.backfill").fill(&[("id", &same(id))]),
            other => same(other),
        }
    }
}

impl FailedTest {
    fn text(&self) -> Text {
        let (mart, test) = (same(&self.mart), same(&self.test));
        let Some(rows) = self.rows else {
            return text("alert.not_computed").fill(&[("mart", &mart)]);
        };
        text("alert.failed_test").fill(&[("mart", &mart), ("test", &test), ("rows", &same(rows))])
    }
}

/// Kinds of input as people call them.
pub fn inputs(kinds: &BTreeSet<Input>) -> Text {
    let names: Vec<&Text> =
        kinds.iter().map(|kind| text(&format!("input.{}", kind.name()))).collect();
    joined(&names, "、", ", ")
}

fn joined(texts: &[&Text], zh: &str, en: &str) -> Text {
    let join = |one: fn(&Text) -> &str, comma: &str| {
        texts.iter().map(|text| one(text)).collect::<Vec<_>>().join(comma)
    };
    Text { zh: join(|text| &text.zh, zh), en: join(|text| &text.en, en) }
}

fn of_filing(filing: &Filing, settings: &Settings) -> Vec<(&'static str, Text)> {
    let firms = named(filing.missing.iter().map(Absent::text).collect(), "alert.more");
    vec![
        ("form", same(&filing.form)),
        ("period", same(filing.period)),
        ("deadline", same(local(filing.deadline, settings))),
        ("due", same(filing.due)),
        ("missing", same(filing.missing.len())),
        ("firms", firms),
    ]
}

impl Absent {
    fn text(&self) -> Text {
        let name = same(&self.name);
        match &self.state {
            None => text("alert.firm").fill(&[("firm", &name)]),
            Some(state) => {
                let state = text(&format!("state.{state}"));
                text("alert.firm.received").fill(&[("firm", &name), ("state", state)])
            }
        }
    }
}

/// The first of some lines, and how many more there are.
fn named(mut lines: Vec<Text>, more: &str) -> Text {
    let left = lines.len().saturating_sub(NAMED_MAX);
    lines.truncate(NAMED_MAX);
    if left > 0 {
        lines.push(text(more).fill(&[("more", &same(left))]));
    }
    joined(&lines.iter().collect::<Vec<_>>(), "\n", "\n")
}

/// A value that reads the same in both languages.
#[expect(clippy::needless_pass_by_value, reason = "numbers and names are handed over as they are")]
fn same(value: impl ToString) -> Text {
    Text::same(value.to_string())
}

/// An instant in the project's zone, to the minute.
fn local(instant: DateTime<Utc>, settings: &Settings) -> String {
    let zone = settings.time_zone;
    instant.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string()
}

/// What of reasons cannot hold a figure of a firm: what failed, in our own words, and what the operating
/// system says of it. Engines quote the values they choke on, and panics say anything: their words stay
/// in the ledger. Numbers are kept in names between backticks and in the codes of the system, elsewhere
/// they become `#`.
pub fn harmless(reasons: &[Reason]) -> Text {
    let first = |lines: &[String]| lines.first().map(|line| masked(line)).unwrap_or_default();
    let harmless = |reason: &Reason| match reason {
        Reason::Words { words } => Reason::Words { words: vec![first(words)] },
        Reason::Panicked { step, .. } => Reason::Panicked { step: *step, said: "…".to_owned() },
        Reason::Error { chain, system } => Reason::Error {
            chain: std::iter::once(first(chain)).chain(system.clone()).collect(),
            system: Vec::new(),
        },
        other => other.clone(),
    };
    Reason::texts(&reasons.iter().map(harmless).collect::<Vec<_>>())
}

/// A text with each number outside of backticks replaced by `#`.
fn masked(text: &str) -> String {
    let part = |(at, part): (usize, &str)| {
        if at % 2 == 1 { part.to_owned() } else { without_numbers(part) }
    };
    text.split('`').enumerate().map(part).collect::<Vec<_>>().join("`")
}

fn without_numbers(text: &str) -> String {
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
