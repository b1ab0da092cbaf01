//! The rows of `submissions` and `findings` as values: the one place that decodes them.
//!
//! In: the lake and a partition (`2024-07`, or [`UNREADABLE`]). Out: its rows in their order; none for
//! a partition that the lake lacks. A file that is damaged, or holds a word nobody wrote, is an error.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use arrow::record_batch::RecordBatch;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::cells::{self, TableRow};
use crate::domain::period::Period;
use crate::domain::words::words;
use crate::files::parquet::{self, TableError};
use crate::files::{self, FileError};
use crate::findings::{Finding, Severity};
use crate::project::lake::Table;
use crate::texts::Text;

/// The partition of workbooks and reports that bear no readable month.
pub use crate::domain::partition::UNREADABLE;

/// Codes whose queries no explanation lifts: an unknown document number, reports that conflict.
const UNEXPLAINABLE: [&str; 2] = ["H2", "R1"];

words! {
    /// What became of what was sent.
    SubmissionState {
        /// It counts, or did, or repeats what does.
        Accepted = "accepted",
        /// It waits for an explanation.
        Queried = "queried",
        /// It has to be corrected.
        Refused = "refused",
        /// Nothing in the workbook could be read.
        Unreadable = "unreadable",
    }
}

/// A row of `submissions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SubmissionRow {
    /// Its id.
    pub submission_id: String,
    /// SHA-256 of its workbook.
    pub sha256: String,
    /// The workbook's name as received.
    pub file_name: String,
    /// The form; `None` where none could be read, as all that follow.
    pub form: Option<String>,
    /// The credit code as typed.
    pub credit_code: Option<String>,
    /// The firm's name as typed.
    pub firm_name: Option<String>,
    /// The month.
    pub period: Option<Period>,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// Which one it is of its form, firm and month, from 1.
    pub revision: i64,
    /// `sheet` or `table`.
    pub layout: Option<String>,
    /// What became of it.
    pub state: SubmissionState,
    /// Errors found in it.
    pub errors: i64,
    /// Queries found in it, also those that the explanation lifts.
    pub queries: i64,
    /// The firm's explanation.
    pub explanation: Option<String>,
    /// The day of reporting that stands on the form.
    pub reported_on: Option<NaiveDate>,
    /// Whether it is the revision that counts.
    pub is_current: bool,
    /// Whether it counted when it came.
    pub has_counted: bool,
}

/// A row of `findings`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingRow {
    /// The submission it is about.
    pub submission_id: String,
    /// What it says.
    pub finding: Finding,
}

/// The partitions that have submissions, in order.
pub fn partitions(lake: &Path) -> Result<Vec<String>, FileError> {
    let names = files::list(&lake.join(Table::Submissions.name()))?.into_iter();
    let name = |folder: std::path::PathBuf| {
        let name = folder.file_name()?.to_string_lossy().into_owned();
        name.strip_prefix("period=").map(str::to_owned)
    };
    Ok(names.filter_map(name).collect())
}

/// The first and the last month of each form that has figures or rows.
pub fn months_of_forms(lake: &Path) -> Result<BTreeMap<String, (Period, Period)>, FileError> {
    let mut months = BTreeMap::new();
    let named = |path: &Path, prefix: &str| {
        path.file_name()?.to_string_lossy().strip_prefix(prefix).map(str::to_owned)
    };
    let mut folders = files::list(&lake.join(Table::Observations.name()))?;
    folders.extend(files::list(&lake.join(Table::Records.name()))?);
    for folder in folders {
        let of_form = files::list(&folder)?;
        let of_form = || of_form.iter().filter_map(|path| named(path, "period=")?.parse().ok());
        let span = of_form().min().zip(of_form().max());
        months.extend(named(&folder, "form=").zip(span));
    }
    Ok(months)
}

/// The months before one that have rows of ledgers.
pub fn months_of_ledgers(lake: &Path, before: Period) -> Result<BTreeSet<Period>, FileError> {
    let mut months = BTreeSet::new();
    for folder in files::list(&lake.join(Table::Records.name()))? {
        let names = files::list(&folder)?;
        months.extend(names.iter().filter_map(|path| {
            path.file_name()?.to_string_lossy().strip_prefix("period=")?.parse::<Period>().ok()
        }));
    }
    months.retain(|month| *month < before);
    Ok(months)
}

/// The submissions of a partition.
pub fn submissions(lake: &Path, partition: &str) -> Result<Vec<SubmissionRow>, TableError> {
    read(lake, Table::Submissions, partition, submission)
}

/// The submissions of all partitions.
pub fn all(lake: &Path) -> Result<Vec<SubmissionRow>, TableError> {
    let mut all = Vec::new();
    for partition in partitions(lake)? {
        all.extend(submissions(lake, &partition)?);
    }
    Ok(all)
}

/// The findings of a partition.
pub fn findings(lake: &Path, partition: &str) -> Result<Vec<FindingRow>, TableError> {
    read(lake, Table::Findings, partition, finding)
}

/// A table of a partition; `None` where the lake lacks it.
pub(super) fn table(
    lake: &Path,
    table: Table,
    partition: &str,
) -> Result<Option<RecordBatch>, TableError> {
    // Submissions are written last: without them the partition was begun and not finished.
    let leaf = format!("period={partition}");
    let path = |table: Table| lake.join(table.name()).join(&leaf).join("part.parquet");
    if !path(Table::Submissions).exists() {
        return Ok(None);
    }
    parquet::read(&path(table)).map(Some)
}

fn read<T>(
    lake: &Path,
    of: Table,
    partition: &str,
    decode: impl Fn(TableRow<'_>) -> Option<T>,
) -> Result<Vec<T>, TableError> {
    let Some(batch) = table(lake, of, partition)? else { return Ok(Vec::new()) };
    let row = |row| {
        let said = "a row lacks what every row has";
        decode(row).ok_or_else(|| TableError::damaged(&lake.join(of.name()).join(partition), said))
    };
    cells::rows(&batch).map(row).collect()
}

fn submission(row: TableRow<'_>) -> Option<SubmissionRow> {
    Some(SubmissionRow {
        submission_id: row.text("submission_id")?,
        sha256: row.text("sha256")?,
        file_name: row.text("file_name").unwrap_or_default(),
        form: row.text("form"),
        credit_code: row.text("credit_code"),
        firm_name: row.text("firm_name"),
        period: row.period("period"),
        received_at: row.instant("received_at")?,
        revision: row.integer("revision")?,
        layout: row.text("layout"),
        state: SubmissionState::named(&row.text("state")?)?,
        errors: row.integer("errors")?,
        queries: row.integer("queries")?,
        explanation: row.text("explanation"),
        reported_on: row.date("reported_on"),
        is_current: row.is("is_current"),
        has_counted: row.is("has_counted"),
    })
}

fn finding(row: TableRow<'_>) -> Option<FindingRow> {
    let text = |name| row.text(name).unwrap_or_default();
    let code = row.text("code")?;
    let severity = Severity::named(&row.text("severity")?)?;
    let finding = Finding {
        is_explainable: severity == Severity::Query && !UNEXPLAINABLE.contains(&code.as_str()),
        code,
        severity,
        item: row.text("item"),
        measure: row.text("measure").and_then(|name| name.parse().ok()),
        sheet: row.text("sheet"),
        cell: row.text("cell").and_then(|cell| cell.parse().ok()),
        value: row.text("value"),
        expected: row.text("expected"),
        message: Text { zh: text("message_zh"), en: text("message_en") },
        hint: Text { zh: text("hint"), en: text("hint_en") },
    };
    Some(FindingRow { submission_id: row.text("submission_id")?, finding })
}
