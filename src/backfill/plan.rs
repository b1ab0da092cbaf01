//! Which months of a range are done again and why: pure but for reading fingerprints.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use super::Bench;
use crate::domain::period::Period;
use crate::ledger::backfills::{Cause, NewBackfill, Reprocess};
use crate::pipeline::RunError;
use crate::pipeline::output::Output;
use crate::pipeline::plan::{self, Reason, Scope};
use crate::project::Project;
use crate::stages::inbox::archive::{self, Shelf};
use crate::texts::{Text, text};

/// A month of the range, and what is to become of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Planned {
    /// The month.
    pub period: Period,
    /// What is done and why.
    #[serde(serialize_with = "in_english")]
    pub action: Text,
    /// Whether anything is done.
    pub is_done: bool,
    /// Why it is among the months of the backfill.
    #[serde(skip)]
    pub cause: Cause,
}

/// What scripts read is one language.
fn in_english<S: Serializer>(text: &Text, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&text.en)
}

/// Said of a month of which nobody knows before its turn whether it is up to date.
pub(super) const UNKNOWN: &str = "plan.unknown";
/// Said of a month to which nothing is done.
pub(super) const UP_TO_DATE: &str = "plan.up_to_date";

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
        Planned { period, action: text(action).clone(), is_done, cause }
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
        (_, Some(Reason::Damaged)) => (true, "plan.damaged"),
        (Reprocess::Failed, _) if failed.contains(&period) => (true, "plan.failed"),
        (Reprocess::Failed, _) => (false, "plan.not_failed"),
        (_, Some(Reason::New)) => (true, "plan.new"),
        (_, Some(Reason::Unreadable)) => (true, "plan.unreadable"),
        (Reprocess::Missing, _) => (false, "plan.done"),
        (_, Some(Reason::Changed)) => (true, "plan.changed"),
        (Reprocess::All, _) => (true, "plan.forced"),
        (_, Some(Reason::Unknown)) => (true, UNKNOWN),
        // Months that follow a changed one are added when it has changed.
        (Reprocess::Stale, _) => (false, UP_TO_DATE),
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
