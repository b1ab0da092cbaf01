//! The rows of ledgers in the lake, read back: what later ledgers are held against.
//!
//! In: the lake, or the tables of a month. Out: ledgers that count or have counted, and one fingerprint of
//! what they say. A damaged file is an error.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use arrow::record_batch::RecordBatch;
use chrono::{DateTime, Utc};

use super::cells::{self, TableRow};
use super::rows;
use crate::domain::entry::{Entries, Entry};
use crate::domain::period::Period;
use crate::files;
use crate::files::parquet::{self, TableError};
use crate::project::lake::Table;

/// An accepted revision of a ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CountedLedger {
    /// The form.
    pub form: String,
    /// Who filed it.
    pub credit_code: String,
    /// Its submission, which orders revisions received at the same instant.
    pub submission_id: String,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// What its rows say, by key.
    pub rows: BTreeMap<String, Entries>,
}

/// The ledgers of a month that count or have counted, in the order of receipt.
pub fn counted(lake: &Path, period: Period) -> Result<Vec<CountedLedger>, TableError> {
    let partition = period.to_string();
    let Some(submissions) = rows::table(lake, Table::Submissions, &partition)? else {
        return Ok(Vec::new());
    };
    let counting = counting(&submissions);
    let mut ledgers = Vec::new();
    for folder in files::list(&lake.join(Table::Records.name()))? {
        let path = folder.join(format!("period={partition}")).join("part.parquet");
        if path.exists() {
            ledgers.extend(of_batch(&parquet::read(&path)?, &counting));
        }
    }
    ledgers
        .sort_by(|a, b| (a.received_at, &a.submission_id).cmp(&(b.received_at, &b.submission_id)));
    Ok(ledgers)
}

/// One fingerprint of the ledgers of a month that count or have counted; empty where there is none.
pub fn fingerprint<'a>(
    submissions: &RecordBatch,
    batches: impl Iterator<Item = &'a RecordBatch>,
) -> String {
    let counting = counting(submissions);
    let ledgers: Vec<CountedLedger> =
        batches.flat_map(|batch| of_batch(batch, &counting)).collect();
    if ledgers.is_empty() {
        String::new()
    } else {
        files::digest(format!("{ledgers:?}").as_bytes())
    }
}

fn counting(submissions: &RecordBatch) -> BTreeSet<String> {
    let rows = cells::rows(submissions).filter(|row| row.is("has_counted"));
    rows.filter_map(|row| row.text("submission_id")).collect()
}

/// The ledgers of a batch; the rows of one stand together.
fn of_batch(batch: &RecordBatch, counting: &BTreeSet<String>) -> Vec<CountedLedger> {
    let mut ledgers: Vec<CountedLedger> = Vec::new();
    for row in cells::rows(batch) {
        let text = |name| row.text(name).unwrap_or_default();
        let submission_id = text("submission_id");
        if !counting.contains(&submission_id) {
            continue;
        }
        if ledgers.last().is_none_or(|last| last.submission_id != submission_id) {
            ledgers.push(CountedLedger {
                form: text("form"),
                credit_code: text("credit_code"),
                submission_id,
                received_at: row.instant("received_at").unwrap_or_default(),
                rows: BTreeMap::new(),
            });
        }
        if let Some((last, entry)) = ledgers.last_mut().zip(entry(row)) {
            last.rows.entry(text("record_key")).or_default().insert(text("column_name"), entry);
        }
    }
    ledgers
}

fn entry(row: TableRow<'_>) -> Option<Entry> {
    let money = || row.decimal("value_cny").map(|yuan| Entry::Money(yuan.normalize()));
    let day = || row.date("value_date").map(Entry::Day);
    row.text("value_text").map(Entry::Text).or_else(day).or_else(money)
}
