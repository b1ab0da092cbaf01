//! The lake brought up to date, partition by partition: parse, validate, normalize, store.
//!
//! In: partitions, in any order. Out: what became of each. What a partition holds is a function of the
//! workbooks on it, the project and what counted in earlier months; nothing else goes in. A stale month is
//! held against sound ones only: a damaged month it looks back at is made anew first, from the archive,
//! whatever the scope. What the archive has nothing of stays as it is and is an error.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::context::{Context, months_back};
use super::plan::{self, Scope, Work};
use super::workbooks;
use super::{Event, RunError, Site, Step, Workshop};
use crate::domain::partition::Partition;
use crate::domain::period::Period;
use crate::files::parquet::TableError;
use crate::lake::rows;
use crate::stages::normalize::{self, Checked, RevisionState, Unreadable};
use crate::stages::parse::Book;
use crate::stages::store::{self, Depth};
use crate::stages::validate::{self, Candidate, History, References, State};

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

/// What became of a partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How much of what it holds.
    pub tally: Tally,
    /// Receipts of its workbooks that turned out to belong to other months as well.
    pub shared: usize,
}

/// Brings every stale month of the scope up to date, oldest first: later months look back at it. `books`
/// are workbooks read already, by hash.
pub fn bring_up_to_date(
    site: &Site<'_>,
    scope: Scope,
    books: BTreeMap<String, Book>,
) -> Result<BTreeMap<Partition, Outcome>, RunError> {
    let mut partitions = plan::partitions(site.output, scope)?;
    (site.report)(Event::Began { step: Step::Checking, pieces: partitions.len() });
    let mut rebuild = Rebuild::new(site, books);
    let mut is_forced = scope.is_forced;
    loop {
        for partition in partitions {
            site.stop.check()?;
            rebuild.bring(partition, is_forced)?;
            (site.report)(Event::Advanced);
        }
        // What was put on other partitions makes these stale.
        if !std::mem::take(&mut rebuild.has_shared) {
            break;
        }
        (partitions, is_forced) = (plan::partitions(site.output, scope)?, false);
    }
    (site.report)(Event::Ended);
    Ok(rebuild.done)
}

/// Makes anew whatever is damaged in the lake; says whether anything was.
pub(super) fn mend(site: &Site<'_>, depth: Depth) -> Result<bool, RunError> {
    let folder = site.output.lake();
    let mut rebuild = Rebuild::new(site, BTreeMap::new());
    for name in rows::partitions(&folder)? {
        let Some(damage) = store::condition(&folder, &name, depth)?.damage else { continue };
        let partition = Partition::named(&name);
        if let Some(partition) = partition.filter(|it| !rebuild.done.contains_key(it)) {
            rebuild.mend(partition, damage)?;
        }
    }
    Ok(!rebuild.done.is_empty())
}

/// The lake while it is worked at.
struct Rebuild<'a> {
    site: &'a Site<'a>,
    context: Context,
    books: BTreeMap<String, Book>,
    done: BTreeMap<Partition, Outcome>,
    /// Whether workbooks have been put on other partitions.
    has_shared: bool,
}

impl<'a> Rebuild<'a> {
    fn new(site: &'a Site<'a>, books: BTreeMap<String, Book>) -> Self {
        let context = Context::new(site.output.lake());
        Self { site, context, books, done: BTreeMap::new(), has_shared: false }
    }

    /// Brings a partition up to date; one that is so already only if `is_forced`.
    fn bring(&mut self, partition: Partition, is_forced: bool) -> Result<(), RunError> {
        let is_done = |work: &Work| !is_forced && work.is_up_to_date();
        let mut work = self.look(partition)?;
        if !is_done(&work) && self.mend_before(partition)? {
            work = self.look(partition)?;
        }
        if is_done(&work) {
            return Ok(());
        }
        let outcome = self.build(&work, is_forced)?;
        let reports = outcome.tally.reports;
        tracing::info!(period = %partition, reports, "month brought up to date");
        self.has_shared |= outcome.shared > 0;
        self.done.insert(partition, outcome);
        Ok(())
    }

    fn look(&mut self, partition: Partition) -> Result<Work, RunError> {
        Work::look(self.site.workshop, self.site.output, partition, &mut self.context)
    }

    /// Makes anew what is damaged of the months a month looks back at; says whether anything was.
    fn mend_before(&mut self, partition: Partition) -> Result<bool, RunError> {
        let mut has_mended = false;
        let Some(period) = partition.month() else { return Ok(false) };
        let mut months: BTreeSet<Period> = months_back(period).collect();
        months.extend(rows::months_of_ledgers(&self.site.output.lake(), period)?);
        for back in months.into_iter().rev().map(Partition::Month) {
            if let Some(damage) = self.context.look_through(back)? {
                self.mend(back, damage)?;
                has_mended = true;
            }
        }
        Ok(has_mended)
    }

    fn mend(&mut self, partition: Partition, damage: TableError) -> Result<(), RunError> {
        if self.look(partition)?.entries.is_empty() {
            return Err(RunError::Lost { partition: partition.to_string(), source: damage });
        }
        if let TableError::Damaged { path, source } = &damage {
            let path =
                Path::new(path).strip_prefix(self.site.output.root()).unwrap_or(path.as_ref());
            tracing::warn!(period = %partition, file = %path.display(), reason = %source, "damaged or incomplete: made anew from the archive");
        }
        self.bring(partition, true)
    }

    /// Builds a partition and writes it; `is_anew` trusts nothing but the archive.
    fn build(&mut self, work: &Work, is_anew: bool) -> Result<Outcome, RunError> {
        let (site, period) = (self.site, work.partition.month());
        let span = |name| tracing::debug_span!("month", %work.partition, step = name).entered();
        let reading = span("collect");
        let read = workbooks::read(site, work, &mut self.books, is_anew)?;
        // Before the partition is marked as done, so that a run killed here does it again.
        let shared = workbooks::share(site, work.partition, &read)?;
        let roster = &site.workshop.project.seeds.roster;
        let (candidates, unreadable) = workbooks::sort_out(period, &read, roster);
        if let Some(period) = period {
            self.context.leave_out(period);
        }
        drop(reading);
        let checking = span("check");
        let checked = judge(site.workshop, &mut self.context, period, candidates)?;
        drop(checking);
        let _writing = span("write");
        let tables = normalize::shape(period, &checked, &unreadable);
        let made_from = (work.inputs.as_str(), work.received.as_str());
        let marks = store::write(&site.output.lake(), work.partition, &tables, made_from)?;
        self.context.renew(work.partition, marks);
        Ok(Outcome { tally: tally(work, &checked, &unreadable), shared })
    }
}

/// Judges the reports of a month, and settles which of them count. Forms that are held against what
/// counts of another in the same month come after the others.
pub fn judge(
    workshop: &Workshop,
    context: &mut Context,
    period: Option<Period>,
    reports: Vec<Candidate>,
) -> Result<Vec<Checked>, RunError> {
    let looks_beside = |it: &Candidate| workshop.rules.looks_beside(&it.report.form);
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
    candidates: Vec<Candidate>,
) -> Result<Vec<Checked>, RunError> {
    let project = &workshop.project;
    let none = History::default();
    let history = period.map_or(Ok(&none), |period| context.history(period))?;
    let against = References::of(project, history);
    let verdicts = validate::check(&candidates, &workshop.rules, &against)?;
    let checked = candidates.into_iter().zip(verdicts).map(|(candidate, verdict)| Checked {
        candidate,
        verdict,
        revision: RevisionState::default(),
    });
    let mut checked: Vec<Checked> = checked.collect();
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
