//! Which months of a range are done again and why: pure but for reading fingerprints.

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use crate::domain::partition::Partition;
use crate::domain::period::Period;
use crate::ledger::orders::{Asked, Cause, Details, Reprocess};
use crate::ledger::reason::Reason;
use crate::pipeline::output::Output;
use crate::pipeline::plan::{self, Scope, StaleReason};
use crate::pipeline::{RunError, Site};
use crate::project::Project;
use crate::stages::archive;
use crate::texts::{Text, text};

/// What is to become of a month, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Done: its files in the lake are damaged.
    Damaged,
    /// Done: its last attempt failed.
    Failed,
    /// Left: its last attempt did not fail.
    NotFailed,
    /// Done: it never was.
    New,
    /// Done: its list of what was received cannot be read.
    Unreadable,
    /// Left: it was done before.
    Done,
    /// Done: its inputs changed.
    Changed,
    /// Done: asked for.
    Forced,
    /// Nobody knows before its turn whether it is up to date.
    Unknown,
    /// Left: it is up to date.
    UpToDate,
    /// Done: it looks back at a month that changes.
    Follows(Period),
    /// It fails.
    Fails(Vec<Reason>),
}

impl Action {
    /// Whether anything is done.
    pub fn is_done(&self) -> bool {
        !matches!(self, Self::NotFailed | Self::Done | Self::UpToDate)
    }

    /// What is done and why, for people.
    pub fn text(&self) -> Text {
        let key = match self {
            Self::Damaged => "plan.damaged",
            Self::Failed => "plan.failed",
            Self::NotFailed => "plan.not_failed",
            Self::New => "plan.new",
            Self::Unreadable => "plan.unreadable",
            Self::Done => "plan.done",
            Self::Changed => "plan.changed",
            Self::Forced => "plan.forced",
            Self::Unknown => "plan.unknown",
            Self::UpToDate => "plan.up_to_date",
            Self::Follows(changed) => {
                let changed = Text::same(changed.to_string());
                return text("plan.follows").fill(&[("changed", &changed)]);
            }
            Self::Fails(why) => {
                return text("plan.fails").fill(&[("error", &Reason::texts(why))]);
            }
        };
        text(key).clone()
    }
}

/// A month of the range, and what is to become of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedMonth {
    /// The month.
    pub period: Period,
    /// What is done and why.
    #[serde(serialize_with = "in_english")]
    pub action: Action,
    /// Whether anything is done.
    pub is_done: bool,
}

impl PlannedMonth {
    /// A month and what becomes of it.
    pub fn new(period: Period, action: Action) -> Self {
        Self { period, is_done: action.is_done(), action }
    }

    /// Why it is among the months of a backfill.
    pub fn cause(&self) -> Cause {
        if self.action == Action::Damaged { Cause::Damaged } else { Cause::Asked }
    }
}

/// What scripts read is one language.
fn in_english<S: Serializer>(action: &Action, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&action.text().en)
}

/// The months of a backfill's range that have anything in the archive, oldest first.
pub(super) fn plan(site: &Site<'_>, asked: &Asked) -> Result<Vec<PlannedMonth>, RunError> {
    let (Details::Backfill { reprocess, failed, .. }, Some((from, to))) =
        (&asked.details, asked.months)
    else {
        return Ok(Vec::new());
    };
    let scope = Scope { from: Some(from), to: Some(to), is_forced: *reprocess == Reprocess::All };
    let previewed = plan::preview(site.workshop, site.output, scope)?;
    let months = previewed.into_iter().filter_map(|(partition, reason)| match partition {
        Partition::Month(period) => Some((period, reason)),
        Partition::Unreadable => None,
    });
    let planned = months.map(|(period, reason)| {
        PlannedMonth::new(period, decide(*reprocess, reason, failed.contains(&period)))
    });
    Ok(planned.collect())
}

fn decide(reprocess: Reprocess, reason: Option<StaleReason>, has_failed: bool) -> Action {
    match (reprocess, reason) {
        (_, Some(StaleReason::Damaged)) => Action::Damaged,
        (Reprocess::Failed, _) if has_failed => Action::Failed,
        (Reprocess::Failed, _) => Action::NotFailed,
        (_, Some(StaleReason::New)) => Action::New,
        (_, Some(StaleReason::Unreadable)) => Action::Unreadable,
        (Reprocess::Missing, _) => Action::Done,
        (_, Some(StaleReason::Changed)) => Action::Changed,
        (Reprocess::All, _) => Action::Forced,
        (_, Some(StaleReason::Unknown)) => Action::Unknown,
        // Months that follow a changed one are added when it has changed.
        (Reprocess::Stale, _) => Action::UpToDate,
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
    let received = archive::partitions(&output.archive())?.into_iter().filter_map(|it| match it {
        Partition::Month(period) => Some(period),
        Partition::Unreadable => None,
    });
    let last = Period::of(today).or(Period::new(2099, 12)).expect("2099-12 is a period");
    Ok((due.chain(received).min().unwrap_or(last), last))
}
