//! One partition of the lake from its workbooks: parse, validate, normalize, store.
//!
//! A function of the workbooks on a shelf, the project and what counted in earlier months; nothing
//! else goes in.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rayon::prelude::*;

use super::context::Context;
use super::plan::Work;
use super::{RunError, Site};
use crate::domain::period::Period;
use crate::files;
use crate::findings::Finding;
use crate::stages::inbox::archive::{Entry, Shelf};
use crate::stages::normalize::{self, Checked, Unreadable};
use crate::stages::parse::{self, Book, Report};
use crate::stages::store;
use crate::stages::validate::{self, Candidate, Desk, History, State};
use crate::texts::Text;

/// What a partition holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tally {
    /// Workbooks.
    pub workbooks: usize,
    /// Reports in them.
    pub reports: usize,
    /// Reports that were accepted.
    pub accepted: usize,
    /// Reports that wait for an explanation.
    pub queried: usize,
    /// Reports that were refused.
    pub refused: usize,
    /// Workbooks in which nothing could be read.
    pub unreadable: usize,
}

/// What a partition holds, and what of it does not count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How much of what.
    pub tally: Tally,
    /// What was refused, waits for an explanation, or could not be read, oldest first; not what a
    /// later accepted report has settled.
    pub rejected: Vec<Rejected>,
}

/// A report or workbook that does not count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Rejected {
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// The name of the file as received.
    pub file_name: String,
    /// Its form; `None` where none could be read.
    pub form: Option<String>,
    /// `refused`, `queried` or `unreadable`.
    pub state: &'static str,
    /// The gravest thing that is wrong with it.
    pub message: Text,
}

/// Builds a partition and writes it.
pub(super) fn build(
    site: &Site<'_>,
    work: &Work,
    context: &mut Context,
    books: &mut BTreeMap<String, Book>,
) -> Result<Outcome, RunError> {
    let project = &site.workshop.project;
    let read = read_books(site, work, books)?;
    let (period, history) = match work.shelf {
        Shelf::Month(period) => (Some(period), context.history(period)?),
        Shelf::Unreadable => (None, &History::default()),
    };
    let (candidates, unreadable) = sort_out(period, read);
    let desk = Desk {
        forms: &project.forms,
        roster: &project.seeds.roster,
        calendar: &project.seeds.calendar,
        history,
        explanation_chars_min: project.settings.checks.explanation_chars_min,
    };
    let (origins, candidates): (Vec<Origin>, Vec<Candidate>) = candidates.into_iter().unzip();
    let verdicts = validate::check(&candidates, &site.workshop.rules, &desk)?;
    let reports = origins.into_iter().zip(candidates).zip(verdicts);
    let checked: Vec<Checked> = reports
        .map(|((origin, candidate), verdict)| {
            let Origin { sha256, is_enclosed } = origin;
            Checked { sha256, candidate, verdict, is_enclosed }
        })
        .collect();
    let tally = tally(work, &checked, &unreadable);
    let tables = normalize::shape(period, &checked, &unreadable);
    let partition = work.shelf.to_string();
    let marks = store::write(&site.output.lake(), &partition, &tables, &work.inputs)?;
    context.renew(&partition, marks);
    Ok(Outcome { tally, rejected: rejected(&checked, &unreadable) })
}

/// The workbooks of the shelf, parsed; those just taken in are not opened again.
fn read_books<'a>(
    site: &Site<'_>,
    work: &'a Work,
    books: &BTreeMap<String, Book>,
) -> Result<Vec<(&'a Entry, Book)>, RunError> {
    let project = &site.workshop.project;
    let archive = site.output.archive();
    let read = work.entries.par_iter().map(|entry| {
        if let Some(book) = books.get(&entry.sha256) {
            return Ok((entry, book.clone()));
        }
        let limits = &project.settings.limits;
        let path = entry.path(&archive, work.shelf);
        let mut start = files::read_start(&path, limits.file_bytes)?;
        if start.digest(&path)?.0 != entry.sha256 {
            return Err(RunError::Altered { path });
        }
        Ok((entry, parse::read(&start.bytes, &project.forms, limits)))
    });
    read.collect()
}

/// What a report's workbook says about it.
struct Origin {
    sha256: String,
    is_enclosed: bool,
}

/// The reports of the month as candidates with their origin, and what nobody could read.
fn sort_out(
    period: Option<Period>,
    books: Vec<(&Entry, Book)>,
) -> (Vec<(Origin, Candidate)>, Vec<Unreadable>) {
    let mut candidates = Vec::new();
    let mut unreadable = Vec::new();
    for (entry, book) in books {
        let prefix = entry.sha256.get(..16).unwrap_or(&entry.sha256);
        if book.reports.is_empty() {
            unreadable.push(Unreadable {
                submission_id: format!("{prefix}-1"),
                sha256: entry.sha256.clone(),
                file_name: entry.file_name().to_owned(),
                received_at: entry.received_at,
                findings: book.findings,
            });
            continue;
        }
        let newest = newest_months(&book.reports);
        let mut of_book = Some(book.findings);
        for (number, mut report) in (1..).zip(book.reports) {
            // What concerns the workbook as a whole is said once, with its first report.
            let said = of_book.take().unwrap_or_default();
            report.findings.splice(0..0, said);
            if month_of(&report) == period {
                let candidate = Candidate {
                    submission_id: format!("{prefix}-{number}"),
                    file_name: entry.file_name().to_owned(),
                    received_at: entry.received_at,
                    report,
                };
                let is_enclosed = newest.get(&family(&candidate.report)).copied() > Some(period);
                candidates.push((Origin { sha256: entry.sha256.clone(), is_enclosed }, candidate));
            }
        }
    }
    (candidates, unreadable)
}

/// The newest month of each form and firm in a workbook.
fn newest_months(reports: &[Report]) -> BTreeMap<(String, Option<String>), Option<Period>> {
    let mut newest = BTreeMap::new();
    for report in reports {
        let month = newest.entry(family(report)).or_default();
        *month = month_of(report).max(*month);
    }
    newest
}

fn family(report: &Report) -> (String, Option<String>) {
    let code = report.credit_code.as_ref().map(|found| found.value.clone());
    (report.form.clone(), code)
}

fn month_of(report: &Report) -> Option<Period> {
    report.period.as_ref().map(|found| found.value)
}

/// What does not count and has not been put right since.
fn rejected(checked: &[Checked], unreadable: &[Unreadable]) -> Vec<Rejected> {
    let mut settled = BTreeMap::new();
    for report in checked.iter().filter(|report| report.verdict.state == State::Accepted) {
        let accepted = settled.entry(family(&report.candidate.report)).or_default();
        *accepted = report.candidate.received_at.max(*accepted);
    }
    let is_open = |report: &&Checked| {
        let accepted = settled.get(&family(&report.candidate.report));
        report.verdict.state != State::Accepted
            && accepted.is_none_or(|accepted| *accepted < report.candidate.received_at)
    };
    let reports = checked.iter().filter(is_open).map(|report| Rejected {
        received_at: report.candidate.received_at,
        file_name: report.candidate.file_name.clone(),
        form: Some(report.candidate.report.form.clone()),
        state: report.verdict.state.name(),
        message: gravest(&report.verdict.findings),
    });
    let books = unreadable.iter().map(|book| Rejected {
        received_at: book.received_at,
        file_name: book.file_name.clone(),
        form: None,
        state: "unreadable",
        message: gravest(&book.findings),
    });
    let mut rejected: Vec<Rejected> = reports.chain(books).collect();
    rejected.sort();
    rejected
}

/// The first of the gravest findings.
fn gravest(findings: &[Finding]) -> Text {
    let first = findings.iter().min_by_key(|finding| finding.severity);
    first.map(|finding| finding.message.clone()).unwrap_or_default()
}

fn tally(work: &Work, checked: &[Checked], unreadable: &[Unreadable]) -> Tally {
    let count = |state| checked.iter().filter(|report| report.verdict.state == state).count();
    Tally {
        workbooks: work.entries.len(),
        reports: checked.len(),
        accepted: count(State::Accepted),
        queried: count(State::Queried),
        refused: count(State::Refused),
        unreadable: unreadable.len(),
    }
}
