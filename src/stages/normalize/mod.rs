//! Normalize: from checked reports to the tables of the lake, one batch a table.
//!
//! In: the candidates of one month with their verdicts, and what could not be read. Out: revisions
//! numbered, the one that counts marked and said why others do not; then sorted Arrow batches in the
//! lake's schemas. Pure; the same reports in any order give the same batches.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;

use crate::domain::period::Period;
use crate::findings::Finding;
use crate::project::Project;
use crate::stages::validate::{Candidate, Submission, Verdict};

mod notes;
mod revisions;
mod rows;

pub use revisions::RevisionState;

/// A report and what became of it.
#[derive(Debug)]
pub struct Checked {
    /// The report.
    pub candidate: Candidate,
    /// The verdict on it.
    pub verdict: Verdict,
    /// What it is among the reports of its form and firm, once all of them are settled.
    pub revision: RevisionState,
}

/// A workbook in which no report could be read.
#[derive(Debug)]
pub struct Unreadable {
    /// The workbook.
    pub submission: Submission,
    /// Why nothing could be read.
    pub findings: Vec<Finding>,
}

/// The tables of one partition of the lake.
#[derive(Debug)]
pub struct LakeTables {
    /// One row per report received.
    pub submissions: RecordBatch,
    /// One row per figure, by form.
    pub observations: BTreeMap<String, RecordBatch>,
    /// One row per cell of a ledger, by form.
    pub records: BTreeMap<String, RecordBatch>,
    /// One row per finding.
    pub findings: RecordBatch,
}

/// Settles which of the reports of one month count: all of a form at once. What is to be said of a
/// report beside others is added to its verdict.
pub fn settle(reports: &mut [Checked], project: &Project) {
    let settled = revisions::settle(reports, project);
    for (checked, (revision, finding)) in reports.iter_mut().zip(settled) {
        checked.revision = revision;
        if let Some(finding) = finding {
            checked.verdict.add(finding);
        }
    }
}

/// Shapes the settled reports of one month into the lake's tables.
///
/// `period` is `None` for the partition of what bears no month; its figures are kept out of the
/// observations, since nobody knows when they hold.
pub fn shape(period: Option<Period>, reports: &[Checked], unreadable: &[Unreadable]) -> LakeTables {
    let mut ordered: Vec<&Checked> = reports.iter().collect();
    // Form, firm, time of receipt, id: the order of all tables.
    ordered.sort_by_key(|it| {
        let Candidate { submission, report, .. } = &it.candidate;
        (&report.form, &it.verdict.credit_code, submission.received_at, &submission.id)
    });
    let mut unread: Vec<&Unreadable> = unreadable.iter().collect();
    unread.sort_by_key(|it| (it.submission.received_at, &it.submission.id));
    LakeTables {
        submissions: rows::submissions(period, &ordered, &unread),
        observations: rows::observations(period, &ordered),
        records: rows::records(period, &ordered),
        findings: rows::findings(period, &ordered, &unread),
    }
}
