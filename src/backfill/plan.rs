//! Which months of a range are done again and why: pure but for reading fingerprints.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::Serialize;

use super::Bench;
use crate::domain::period::Period;
use crate::ledger::backfills::{Cause, NewBackfill, Reprocess};
use crate::pipeline::RunError;
use crate::pipeline::output::Output;
use crate::pipeline::plan::{self, Reason, Scope};
use crate::project::Project;
use crate::stages::inbox::archive::{self, Shelf};

/// A month of the range, and what is to become of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Planned {
    /// The month.
    pub period: Period,
    /// What is done and why.
    pub action: String,
    /// Whether anything is done.
    pub is_done: bool,
    /// Why it is among the months of the backfill.
    #[serde(skip)]
    pub cause: Cause,
}

/// What is said of a month of which nobody knows before its turn whether it is up to date.
pub(super) const UNKNOWN: &str = "do if stale: it looks back at a damaged month";

/// The months of the range that have anything in the archive, oldest first.
pub(super) fn plan(bench: &Bench<'_>, asked: &NewBackfill) -> Result<Vec<Planned>, RunError> {
    let is_forced = asked.reprocess == Reprocess::All;
    let scope = Scope { from: Some(asked.from), to: Some(asked.to), is_forced };
    let previewed = plan::preview(bench.workshop, bench.output, scope)?;
    let months = previewed.into_iter().filter_map(|(shelf, reason)| match shelf {
        Shelf::Month(period) => Some((period, reason)),
        Shelf::Unreadable => None,
    });
    let planned = months.map(|(period, reason)| {
        let (is_done, action) = decide(asked.reprocess, reason, period, bench.failed);
        let is_damaged = reason == Some(Reason::Damaged);
        let cause = if is_damaged { Cause::Damaged } else { Cause::Asked };
        Planned { period, action: action.to_owned(), is_done, cause }
    });
    Ok(planned.collect())
}

fn decide(
    reprocess: Reprocess,
    reason: Option<Reason>,
    period: Period,
    failed: &BTreeSet<Period>,
) -> (bool, &'static str) {
    match (reprocess, reason) {
        (_, Some(Reason::Damaged)) => (true, "do: its files in the lake are damaged or incomplete"),
        (Reprocess::Failed, _) if failed.contains(&period) => (true, "do: its last run failed"),
        (Reprocess::Failed, _) => (false, "skip: its last run did not fail"),
        (_, Some(Reason::New)) => (true, "do: never done"),
        (_, Some(Reason::Unreadable)) => (true, "do: its list of what was received cannot be read"),
        (Reprocess::Missing, _) => (false, "skip: done before"),
        (_, Some(Reason::Changed)) => (true, "do: workbooks, rules, forms or roster changed"),
        (Reprocess::All, _) => (true, "do: forced"),
        (_, Some(Reason::Unknown)) => (true, UNKNOWN),
        // Months that follow a changed one are added when it has changed.
        (Reprocess::Stale, _) => (false, "skip: up to date"),
    }
}

/// The first and last month that can be asked for: from the first ever due or received to that of
/// `today`.
pub fn askable(
    project: &Project,
    output: &Output,
    today: NaiveDate,
) -> Result<(Period, Period), RunError> {
    let due = project.seeds.calendar.deadlines.keys().map(|(_, period)| *period);
    let received = archive::shelves(&output.archive())?.into_iter().filter_map(|it| match it {
        Shelf::Month(period) => Some(period),
        Shelf::Unreadable => None,
    });
    let last = Period::of(today).or(Period::new(2099, 12)).expect("2099-12 is a period");
    Ok((due.chain(received).min().unwrap_or(last), last))
}
