//! Backfills: a range of past months done again, as an order with orders of its own.
//!
//! In: a job, a range, which of its months and in which order. Out: the lake brought up to date month
//! by month, each a piece that holds the lock of the output only while it lasts; then one edition. A month
//! whose figures changed brings in the later months that look back at it, also beyond the range. A month
//! that fails leaves the others alone, but no edition is published before it has been put right. What is
//! to be done next follows from the ledger alone, so anybody may go on after a kill: the terminal, a
//! daemon, both.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::report::OrderReport;
use super::{Means, OrderError};
use crate::domain::period::Period;
use crate::ledger::Ledger;
use crate::ledger::orders::{
    Asked, AskedBy, Cause, Details, Order, OrderStep, Reprocess, Sequence, State,
};
use crate::project::Project;

mod turn;

use self::turn::give_up;
pub use self::turn::{Turn, one_turn};

/// Whoever is at a backfill is let alone so long before a daemon takes its next piece.
const TURN: TimeDelta = TimeDelta::seconds(20);

/// What is asked of a backfill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// First month.
    pub from: Period,
    /// Last month, included.
    pub to: Period,
    /// Which of these months are done again.
    pub reprocess: Reprocess,
    /// Which goes first.
    pub order: Sequence,
    /// Workbooks read at the same time; 0 for one on each core.
    pub threads: u32,
    /// The months whose last attempt failed, where these are asked for.
    pub failed: BTreeSet<Period>,
}

impl Range {
    /// The order of a backfill of a job.
    pub fn asked(
        &self,
        project: &Project,
        job: &str,
        now: DateTime<Utc>,
    ) -> Result<Asked, OrderError> {
        let Self { reprocess, order, threads, .. } = *self;
        let (failed, is_planned) = (self.failed.clone(), false);
        let details = Details::Backfill { reprocess, order, threads, failed, is_planned };
        let (months, steps) = (Some((self.from, self.to)), steps(project, job)?);
        Ok(Asked { months, steps, details, ..Asked::new(job, AskedBy::Backfill, now) })
    }
}

/// The steps of a job, if a backfill can do anything with them.
pub fn steps(project: &Project, job: &str) -> Result<Vec<OrderStep>, OrderError> {
    let able = |steps: &[_]| {
        let mut steps = OrderStep::of(steps);
        steps.retain(|it| {
            matches!(it, OrderStep::Receive | OrderStep::Rebuild | OrderStep::Publish)
        });
        steps
    };
    let said = match project.schedules.get(job).map(|schedule| able(&schedule.steps)) {
        Some(steps) if !steps.is_empty() => return Ok(steps),
        Some(_) => {
            let others = project.schedules.iter().filter(|(_, it)| !able(&it.steps).is_empty());
            let names: Vec<&str> = others.map(|(name, _)| name.as_str()).collect();
            format!(
                "job `{job}` neither takes in nor publishes, so there is nothing to do again: use one of {}",
                names.join(", ")
            )
        }
        None => format!("there is no job `{job}` in jobs/schedules any more"),
    };
    Err(OrderError::Call(said))
}

/// Later months that were added because of a changed one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Follow {
    /// The month that changed.
    pub changed: Period,
    /// Those that look back at it, oldest first.
    pub months: Vec<Period>,
}

/// One month of a backfill, as its piece has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BackfillMonth {
    /// The month.
    pub period: Period,
    /// Why it is among them.
    pub cause: Cause,
    /// Of a cascade: the changed month it looks back at.
    pub because: Option<Period>,
    /// Its order.
    #[serde(flatten)]
    pub piece: Order,
}

/// How a backfill and its months stand.
#[derive(Debug, Serialize)]
pub struct Backfill {
    /// Its order.
    #[serde(flatten)]
    pub order: Order,
    /// Its months, in the order in which they were queued.
    pub months: Vec<BackfillMonth>,
    /// Which months follow from which.
    pub follow: Vec<Follow>,
}

impl Backfill {
    /// Reads a backfill; `None` where the ledger has none of this number.
    pub async fn read(ledger: &Ledger, order_id: i64) -> Result<Option<Self>, OrderError> {
        let order = ledger.order(order_id).await?.filter(Order::is_backfill);
        let Some(order) = order else { return Ok(None) };
        let pieces = ledger.pieces(order_id).await?.into_iter();
        let month = |piece: Order| match piece.asked.details {
            Details::Month { cause, because, .. } => {
                let (period, _) = piece.asked.months?;
                Some(BackfillMonth { period, cause, because, piece })
            }
            _ => None,
        };
        let months: Vec<BackfillMonth> = pieces.filter_map(month).collect();
        let mut follow: BTreeMap<Period, Vec<Period>> = BTreeMap::new();
        for month in &months {
            if let (Cause::Cascade, Some(changed)) = (month.cause, month.because) {
                follow.entry(changed).or_default().push(month.period);
            }
        }
        let follow = follow.into_iter().map(|(changed, mut months)| {
            months.sort_unstable();
            Follow { changed, months }
        });
        Ok(Some(Self { order, follow: follow.collect(), months }))
    }

    /// Its months in a state.
    pub fn in_state(&self, state: State) -> impl Iterator<Item = &BackfillMonth> {
        self.months.iter().filter(move |month| month.piece.state == state)
    }
}

/// Works at a backfill until it has ended, somebody pauses it, or it is to stop; what was done.
pub async fn drain(
    means: &Means<'_>,
    ledger: &Ledger,
    order_id: i64,
) -> Result<OrderReport, OrderError> {
    let mut report = OrderReport { order_id, ..OrderReport::default() };
    while !means.stop.is_asked() {
        let lock = means.lock()?;
        let turn = one_turn(means, ledger, &lock, order_id).await;
        drop(lock);
        match turn {
            Ok(Turn::Piece(done)) => report.add(*done),
            Ok(Turn::Over) => break,
            Err(error) if error.is_stop() => break,
            Err(error) => return Err(error),
        }
    }
    Ok(report)
}

/// Makes a backfill ready to go on: what failed waits once more, another reason is kept.
pub async fn resume(
    ledger: &Ledger,
    project: &Project,
    order_id: i64,
    why: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Order, OrderError> {
    let mut order = super::known(ledger, order_id).await?;
    let Asked { job, months, .. } = &order.asked;
    if matches!(order.state, State::Done | State::Cancelled) {
        let (from, to) = months.map(|it| (it.0.to_string(), it.1.to_string())).unwrap_or_default();
        let state = order.state.name();
        return Err(OrderError::Call(format!(
            "backfill {order_id} is {state}: begin another one with `yuebao backfill {job} --from {from} --to {to}`"
        )));
    }
    steps(project, job).map_err(|said| {
        OrderError::Call(format!(
            "{said}; put jobs/schedules/{job}.toml back as it was, or give the backfill up with `yuebao backfill cancel {order_id}`"
        ))
    })?;
    let mut pieces = ledger.pieces(order_id).await?;
    pieces.retain(|piece| matches!(piece.state, State::Failed | State::HeldBack));
    for piece in &mut pieces {
        piece.turn(State::Waiting, now);
    }
    ledger.set_pieces(&[], &pieces, None, now).await?;
    ledger.keep_why(order_id, why, now + TURN).await?;
    ledger.turn_order(order_id, &[order.state], State::Waiting, now).await?;
    order.turn(State::Waiting, now);
    Ok(order)
}

/// Lets a backfill stop after the month it is at, or ends it for good; what was done stays.
pub async fn halt(
    ledger: &Ledger,
    order_id: i64,
    to: State,
    now: DateTime<Utc>,
) -> Result<(), OrderError> {
    let order = super::known(ledger, order_id).await?;
    let from: &[State] = match to {
        State::Paused => &[State::Waiting, State::Running],
        _ => &[State::Waiting, State::Running, State::Paused, State::Failed],
    };
    if ledger.turn_order(order_id, from, to, now).await? {
        let turned = super::known(ledger, order_id).await?;
        let waiting = |piece: &Order| piece.state == State::Waiting;
        let pieces = ledger.pieces(order_id).await?.into_iter().filter(waiting).collect();
        return give_up(ledger, &turned, pieces, now).await;
    }
    let what = match to {
        State::Paused => "only one that runs can be paused",
        _ => "there is nothing to cancel",
    };
    let state = order.state.name();
    Err(OrderError::Call(format!("backfill {order_id} is {state}: {what}")))
}
