//! One partition of the lake from its workbooks: parse, validate, normalize, store.
//!
//! A function of the workbooks on a partition, the project and what counted in earlier months; nothing
//! else goes in.

use std::collections::BTreeMap;

use super::context::Context;
use super::plan::Work;
use super::workbooks;
use super::{RunError, Site, Workshop};
use crate::domain::partition::Partition;
use crate::domain::period::Period;
use crate::stages::normalize::{self, Checked, Revision, Unreadable};
use crate::stages::parse::Book;
use crate::stages::store;
use crate::stages::validate::{self, Candidate, Desk, History, State};

pub use super::workbooks::Origin;

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

/// What a partition holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How much of what.
    pub tally: Tally,
    /// Receipts of its workbooks that turned out to belong to other months as well.
    pub shared: usize,
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
    let shared = workbooks::share(site, work.partition, &read)?;
    let period = match work.partition {
        Partition::Month(period) => Some(period),
        Partition::Unreadable => None,
    };
    let (candidates, unreadable) =
        workbooks::sort_out(period, read, &site.workshop.project.seeds.roster);
    if let Some(period) = period {
        context.leave_out(period);
    }
    let checked = judge(site.workshop, context, period, candidates)?;
    let tally = tally(work, &checked, &unreadable);
    let tables = normalize::shape(period, &checked, &unreadable);
    let partition = work.partition.to_string();
    let marks =
        store::write(&site.output.lake(), &partition, &tables, (&work.inputs, &work.received))?;
    context.renew(&partition, marks);
    Ok(Outcome { tally, shared })
}

/// Judges the reports of a month, and settles which of them count. Forms that are held against what
/// counts of another in the same month come after the others.
pub fn judge(
    workshop: &Workshop,
    context: &mut Context,
    period: Option<Period>,
    reports: Vec<(Origin, Candidate)>,
) -> Result<Vec<Checked>, RunError> {
    let looks_beside = |(_, it): &(Origin, Candidate)| workshop.rules.looks_beside(&it.report.form);
    let (beside, alone): (Vec<_>, Vec<_>) = reports.into_iter().partition(looks_beside);
    let mut checked = check(workshop, context, period, alone)?;
    if !beside.is_empty() {
        if let Some(period) = period {
            context.put_beside(period, &checked);
        }
        checked.extend(check(workshop, context, period, beside)?);
    }
    Ok(checked)
}

fn check(
    workshop: &Workshop,
    context: &mut Context,
    period: Option<Period>,
    candidates: Vec<(Origin, Candidate)>,
) -> Result<Vec<Checked>, RunError> {
    let project = &workshop.project;
    let none = History::default();
    let history = period.map_or(Ok(&none), |period| context.history(period))?;
    let desk = Desk::of(project, history);
    let (origins, candidates): (Vec<Origin>, Vec<Candidate>) = candidates.into_iter().unzip();
    let verdicts = validate::check(&candidates, &workshop.rules, &desk)?;
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
