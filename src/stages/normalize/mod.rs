//! Normalize: from checked reports to the tables of the lake, one batch a table.
//!
//! In: the candidates of one month with their verdicts, and what could not be read. Out: sorted
//! Arrow batches in the lake's schemas, revisions numbered and the one that counts marked. Pure;
//! the same reports in any order give the same batches.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;
use chrono::{DateTime, Utc};

use crate::domain::period::Period;
use crate::findings::Finding;
use crate::stages::validate::{Candidate, Verdict};

mod builders;

mod revisions;

mod rows;

/// A report and what became of it.
#[derive(Debug)]
pub struct Checked {
    /// SHA-256 of the workbook it stood in.
    pub sha256: String,
    /// The report.
    pub candidate: Candidate,
    /// The verdict on it.
    pub verdict: Verdict,
    /// Whether its workbook bears a later month of the same form and firm: then it was sent along
    /// for comparison, and counts only where nothing else has come.
    pub is_enclosed: bool,
}

/// A workbook in which no report could be read.
#[derive(Debug)]
pub struct Unreadable {
    /// Its submission id.
    pub submission_id: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Its name as received.
    pub file_name: String,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// Why nothing could be read.
    pub findings: Vec<Finding>,
}

/// The tables of one partition of the lake.
#[derive(Debug)]
pub struct Tables {
    /// One row per report received.
    pub submissions: RecordBatch,
    /// One row per figure, by form.
    pub observations: BTreeMap<String, RecordBatch>,
    /// One row per finding.
    pub findings: RecordBatch,
}

/// Shapes the reports of one month into the lake's tables.
///
/// `period` is `None` for the partition of what bears no month; its figures are kept out of the
/// observations, since nobody knows when they hold.
pub fn shape(period: Option<Period>, reports: &[Checked], unreadable: &[Unreadable]) -> Tables {
    let revisions = revisions::number(reports);
    let mut ordered: Vec<(&Checked, revisions::Revision)> = reports.iter().zip(revisions).collect();
    ordered.sort_by(|(one, _), (other, _)| order(one).cmp(&order(other)));
    let mut unread: Vec<&Unreadable> = unreadable.iter().collect();
    unread.sort_by_key(|book| (book.received_at, &book.submission_id));
    Tables {
        submissions: rows::submissions(period, &ordered, &unread),
        observations: rows::observations(period, &ordered),
        findings: rows::findings(period, &ordered, &unread),
    }
}

/// Form, firm, time of receipt, id: the order of all tables.
fn order(checked: &Checked) -> (&str, Option<&str>, DateTime<Utc>, &str) {
    let candidate = &checked.candidate;
    (
        &candidate.report.form,
        checked.verdict.credit_code.as_deref(),
        candidate.received_at,
        &candidate.submission_id,
    )
}
