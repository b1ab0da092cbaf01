//! What an order did, as `--json` prints it and the ledger counts it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::lake::matters::{Matter, MatterKind, UnknownDocument};
use crate::pipeline::month::Tally;
use crate::pipeline::reason::Awaited;
use crate::stages::marts::Failure;
use crate::texts::Text;

/// A report or workbook that does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// The name of the file as received.
    pub file_name: String,
    /// Its form; `None` where none could be read.
    pub form: Option<String>,
    /// What kind of matter it is.
    pub state: MatterKind,
    /// The gravest thing that is wrong with it.
    pub message: Text,
}

impl From<&Matter> for Rejected {
    fn from(matter: &Matter) -> Self {
        let gravest = matter.findings.first();
        Self {
            received_at: matter.submission.received_at,
            file_name: matter.submission.file_name.clone(),
            form: matter.submission.form.clone(),
            state: matter.kind,
            message: gravest.map(|finding| finding.message.clone()).unwrap_or_default(),
        }
    }
}

/// What a run did.
#[derive(Debug, Default, Serialize)]
pub struct OrderReport {
    /// Its number in the ledger.
    pub order_id: i64,
    /// Files taken from the inbox.
    pub received: usize,
    /// Those of them whose bytes were not known.
    pub new: usize,
    /// What could not be read and stays in the inbox. Not counted in the ledger: a run that finds the
    /// same again did nothing.
    pub left_in_inbox: usize,
    /// The months brought up to date, with what they hold.
    pub months: BTreeMap<String, Tally>,
    /// What of these months, and of what came in, does not count and is open.
    pub rejected: Vec<Rejected>,
    /// How much is open in all; `None` after a month of a backfill, which looks at itself alone.
    pub open: Option<usize>,
    /// Document numbers that jobs/forms lacks.
    pub unknown_documents: Vec<UnknownDocument>,
    /// The newest edition.
    pub edition: Option<u32>,
    /// Whether this run published it.
    pub is_new_edition: bool,
    /// Tests of marts that fail: they held the edition back.
    pub failed_tests: Vec<String>,
    /// What published figures would change without a reason: it held the edition back.
    pub awaits_reason: Option<Box<Awaited>>,
    /// Whether no report counts, so that there was nothing to publish.
    pub is_nothing_reported: bool,
    /// Reports that were due from firms, as `remind` and `close` count them.
    pub firms_due: usize,
    /// Those of them that are missing.
    pub firms_missing: usize,
}

impl OrderReport {
    /// Whether an edition was held back: tests of marts fail, or it awaits a reason.
    pub fn is_held_back(&self) -> bool {
        !self.failed_tests.is_empty() || self.awaits_reason.is_some()
    }

    /// Adds what another order did.
    pub fn add(&mut self, other: Self) {
        self.received += other.received;
        self.new += other.new;
        self.left_in_inbox += other.left_in_inbox;
        self.months.extend(other.months);
        self.rejected.extend(other.rejected);
        self.edition = other.edition.or(self.edition);
        self.is_new_edition |= other.is_new_edition;
        self.failed_tests.extend(other.failed_tests);
        self.awaits_reason = other.awaits_reason;
        self.is_nothing_reported = other.is_nothing_reported;
    }

    /// What was done so far, by name.
    pub fn counts(&self) -> BTreeMap<&'static str, usize> {
        let sum = |count: fn(&Tally) -> usize| self.months.values().map(count).sum();
        BTreeMap::from([
            ("files_received", self.received),
            ("files_new", self.new),
            ("months_done", self.months.len()),
            ("reports", sum(|tally| tally.reports)),
            ("accepted", sum(|tally| tally.accepted)),
            ("queried", sum(|tally| tally.queried)),
            ("refused", sum(|tally| tally.refused)),
            ("unreadable", sum(|tally| tally.unreadable)),
            ("editions_published", usize::from(self.is_new_edition)),
            ("firms_due", self.firms_due),
            ("firms_missing", self.firms_missing),
            ("failed_tests", self.failed_tests.len()),
        ])
    }

    /// What was done since; what stayed the same is left out.
    pub fn counts_since(&self, before: &BTreeMap<&'static str, usize>) -> BTreeMap<String, usize> {
        let changed = self.counts().into_iter().filter_map(|(name, count)| {
            let since = count.saturating_sub(before.get(name).copied().unwrap_or_default());
            (since > 0).then(|| (name.to_owned(), since))
        });
        changed.collect()
    }
}

/// A failing test of a mart, with the first rows that break it; or why the mart cannot be computed,
/// with the largest figures.
pub fn failed_test(failed: &Failure) -> String {
    let Failure { mart, test, count, rows, cause } = failed;
    let said = match cause {
        None => format!("mart `{mart}`: test `{test}` fails on {count} rows"),
        Some(cause) => format!(
            "mart `{mart}` cannot be computed: {cause}; if a figure is wrong, the report has to be sent again, and the largest that count are:"
        ),
    };
    std::iter::once(&said).chain(rows).map(String::as_str).collect::<Vec<_>>().join("\n  ")
}
