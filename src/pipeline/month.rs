//! One partition of the lake from its workbooks: parse, validate, normalize, store.
//!
//! A function of the workbooks on a shelf, the project and what counted in earlier months; nothing
//! else goes in.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::context::Context;
use super::plan::Work;
use super::workbooks::{self, Origin};
use super::{RunError, Site};
use crate::domain::period::Period;
use crate::findings::Finding;
use crate::stages::inbox::archive::Shelf;
use crate::stages::normalize::{self, Checked, Revision, Unreadable};
use crate::stages::parse::Book;
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
    /// Receipts of its workbooks that turned out to belong to other months as well.
    pub shared: usize,
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
    let read = workbooks::read(site, work, books)?;
    // Before the partition is marked as done, so that a run killed here does it again.
    let shared = workbooks::share(site, work.shelf, &read)?;
    let period = match work.shelf {
        Shelf::Month(period) => Some(period),
        Shelf::Unreadable => None,
    };
    let (candidates, unreadable) =
        workbooks::sort_out(period, read, &site.workshop.project.seeds.roster);
    let (beside, alone): (Vec<_>, Vec<_>) = candidates
        .into_iter()
        .partition(|(_, candidate)| site.workshop.rules.looks_beside(&candidate.report.form));
    let mut checked = check(site, context, period, alone)?;
    if !beside.is_empty() {
        if let Some(period) = period {
            context.put_beside(period, &checked);
        }
        checked.extend(check(site, context, period, beside)?);
    }
    let tally = tally(work, &checked, &unreadable);
    let tables = normalize::shape(period, &checked, &unreadable);
    let partition = work.shelf.to_string();
    let marks = store::write(&site.output.lake(), &partition, &tables, &work.inputs)?;
    context.renew(&partition, marks);
    Ok(Outcome { tally, rejected: rejected(&checked, &unreadable), shared })
}

/// Judges reports, and settles which of them count.
fn check(
    site: &Site<'_>,
    context: &mut Context,
    period: Option<Period>,
    candidates: Vec<(Origin, Candidate)>,
) -> Result<Vec<Checked>, RunError> {
    let project = &site.workshop.project;
    let none = History::default();
    let desk = Desk {
        forms: &project.forms,
        roster: &project.seeds.roster,
        calendar: &project.seeds.calendar,
        history: period.map_or(Ok(&none), |period| context.history(period))?,
        explanation_chars_min: project.settings.checks.explanation_chars_min,
    };
    let (origins, candidates): (Vec<Origin>, Vec<Candidate>) = candidates.into_iter().unzip();
    let verdicts = validate::check(&candidates, &site.workshop.rules, &desk)?;
    let reports = origins.into_iter().zip(candidates).zip(verdicts);
    let mut checked: Vec<Checked> = reports
        .map(|((origin, candidate), verdict)| {
            let Origin { sha256, is_enclosed } = origin;
            Checked { sha256, candidate, verdict, is_enclosed, revision: Revision::default() }
        })
        .collect();
    normalize::settle(&mut checked, project);
    Ok(checked)
}

/// What does not count and has not been put right since: by a later report that counted when it came
/// or repeats what counts, not by one that was only enclosed or exported.
fn rejected(checked: &[Checked], unreadable: &[Unreadable]) -> Vec<Rejected> {
    let mut settled: BTreeMap<_, DateTime<Utc>> = BTreeMap::new();
    for report in checked.iter().filter(|report| report.revision.is_settling) {
        let at = report.candidate.received_at;
        let last = settled.entry(family(report)).or_insert(at);
        *last = at.max(*last);
    }
    let is_open = |report: &&Checked| {
        let last = settled.get(&family(report));
        report.verdict.state != State::Accepted
            && last.is_none_or(|last| *last <= report.candidate.received_at)
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

fn family(report: &Checked) -> (&str, Option<&str>) {
    (&report.candidate.report.form, report.verdict.credit_code.as_deref())
}

/// The first of the gravest findings; what no explanation lifts goes before what one does.
fn gravest(findings: &[Finding]) -> Text {
    let first = findings.iter().min_by_key(|finding| (finding.severity, finding.is_explainable));
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
