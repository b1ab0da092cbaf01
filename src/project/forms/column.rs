//! The columns of a ledger form (台账): `[[column]]`, which make a form one of free rows.
//!
//! In: TOML. Out: columns, and what is wrong with them beyond their keys, each fault with its line.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{Form, Label};
use crate::project::fault::Fault;
use crate::project::read::{Source, nearest};
use crate::project::seeds::schema::SEEDS;
use crate::texts::Text;

/// A column of a ledger.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerColumn {
    /// Its name in rules, lake and marts (`raised_on`).
    pub column: String,
    /// What people call it.
    pub name: Text,
    /// Its headings.
    pub labels: Vec<Label>,
    /// What stands in it.
    #[serde(rename = "type")]
    pub kind: EntryKind,
    /// The words of a code with what each stands for.
    #[serde(default)]
    pub values: BTreeMap<Label, String>,
    /// Whether rows are known by it, alone or with other such columns.
    #[serde(default)]
    pub key: bool,
    /// Whether it must not be blank; the columns of the key must not be anyway.
    #[serde(default)]
    pub required: bool,
    /// Whether rows that differ in nothing else are the same row.
    #[serde(default)]
    pub remark: bool,
    /// The seed it is looked up in, for the report's month: rules know whether it stands there.
    pub seed: Option<String>,
}

/// What stands in a column of a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Any text.
    Text,
    /// One of the words listed, kept as its code.
    Code,
    /// A day.
    Date,
    /// An amount of money.
    Money,
    /// A unified social credit code.
    CreditCode,
}

impl LedgerColumn {
    /// Whether a squeezed heading is its.
    pub fn is_headed(&self, heading: &str) -> bool {
        self.labels.iter().any(|label| label.squeezed() == heading)
    }
}

impl Form {
    /// Whether it is a ledger: free rows under headings, filed by the bureau.
    pub fn is_ledger(&self) -> bool {
        !self.column.is_empty()
    }

    /// What is wrong with the columns of a ledger.
    pub(super) fn faults_of_columns(&self, source: &Source<'_>) -> Vec<Fault> {
        let mut faults = Vec::new();
        if !(self.item.is_empty() && self.rows.is_empty() && self.table.is_none()) {
            let message =
                "a form with [[column]] is a ledger: it has no [[item]], [[rows]], [table]";
            faults.push(source.fault("column", message));
        }
        if !self.column.iter().any(|column| column.key) {
            let message = "no [[column]] has `key = true`: by what is a row known again?";
            faults.push(source.fault("column", message));
        }
        let mut known = BTreeSet::new();
        for (at, column) in self.column.iter().enumerate() {
            let name = &column.column;
            let mut wrong = |key: &str, message: String| {
                faults.push(source.fault(&format!("column.{at}.{key}"), message));
            };
            if !known.insert(name) {
                wrong("column", format!("column `{name}` stands twice"));
            }
            let is_plain =
                |letter: char| letter.is_ascii_lowercase() || "_0123456789".contains(letter);
            if name.is_empty() || !name.chars().all(is_plain) {
                wrong("column", format!("`{name}` is no name for SQL: a-z, 0-9 and `_`"));
            }
            if (column.kind == EntryKind::Code) == column.values.is_empty() {
                let message =
                    "`values` lists the words of a column of type `code`, and of no other";
                wrong("values", message.to_owned());
            }
            let seeds = || SEEDS.iter().map(|seed| seed.name);
            if let Some(seed) = column.seed.as_deref().filter(|it| seeds().all(|name| name != *it))
            {
                wrong("seed", format!("`{seed}` is no seed{}", nearest(seed, seeds())));
            }
        }
        faults
    }
}
