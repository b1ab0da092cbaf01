//! A workbook judged as a run would judge it; nothing is written.
//!
//! In: the bytes of a file, and what the lake has of months before its own. Out: its reports with what
//! became of each, in the order of the workbook.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::context::Context;
use super::month;
use super::{RunError, Workshop};
use crate::domain::period::Period;
use crate::files::Start;
use crate::findings::Finding;
use crate::stages::parse;
use crate::stages::validate::{Candidate, State, Submission};

/// What became of one file.
#[derive(Debug, Serialize)]
pub struct CheckedFile {
    /// Its name.
    pub file: String,
    /// Its reports; none where nothing could be read.
    pub reports: Vec<CheckedReport>,
    /// What is wrong with the file as a whole.
    pub findings: Vec<Finding>,
}

/// What became of one report.
#[derive(Debug, Serialize)]
pub struct CheckedReport {
    /// Its form.
    pub form: String,
    /// The firm's credit code, where one was found.
    pub credit_code: Option<String>,
    /// Its month, where one was found.
    pub period: Option<Period>,
    /// What a run would do with it.
    pub state: State,
    /// What stands against it.
    pub findings: Vec<Finding>,
}

/// Judges a workbook by its name and bytes, as if it came in now.
pub fn check(
    workshop: &Workshop,
    context: &mut Context,
    file: String,
    start: &Start,
    now: DateTime<Utc>,
) -> Result<CheckedFile, RunError> {
    let project = &workshop.project;
    let book = parse::read(&start.bytes, &project.forms, &project.settings.limits);
    // As a run judges it, which takes a time that lies ahead for now.
    let modified = start.known.modified().ok().map(DateTime::<Utc>::from);
    let received_at = modified.filter(|modified| *modified < now).unwrap_or(now);
    let is_alone_in_file = book.reports.len() == 1;
    let mut months: BTreeMap<Option<Period>, Vec<Candidate>> = BTreeMap::new();
    for (number, report) in (1..).zip(book.reports) {
        let (id, file_name) = (format!("{number:06}"), file.clone());
        let submission = Submission { id, sha256: String::new(), file_name, received_at };
        let of_month = months.entry(report.month()).or_default();
        of_month.push(Candidate { submission, is_alone_in_file, is_enclosed: false, report });
    }
    let mut judged = Vec::new();
    for (period, reports) in months {
        // What the lake has of the month itself is for rules that look at another form.
        if let Some(next) = period.and_then(Period::next) {
            context.history(next)?;
        }
        judged.extend(month::judge(workshop, context, period, reports)?);
    }
    judged.sort_by(|a, b| a.candidate.submission.id.cmp(&b.candidate.submission.id));
    let reports = judged.into_iter().map(|it| CheckedReport {
        form: it.candidate.report.form,
        credit_code: it.verdict.credit_code,
        period: it.candidate.report.period.map(|found| found.value),
        state: it.verdict.state,
        findings: it.verdict.findings,
    });
    Ok(CheckedFile { file, reports: reports.collect(), findings: book.findings })
}
