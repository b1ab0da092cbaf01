//! What to do next with the orders that are open: start, skip, give up.
//!
//! In: what waits and what runs, as the ledger says. Out: actions, which are asked for again until they
//! were carried out. Never two at once; nothing waits for ever.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::misfire::ON_TIME;
use super::retry;
use crate::ledger::orders::{Order, OrderStep, State};
use crate::ledger::reason::Reason;
use crate::project::schedules::{CatchUp, Overlap, Schedule};

/// An order that is being carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// Its number in the ledger.
    pub order_id: i64,
    /// The job.
    pub job: String,
    /// How long this attempt has gone on, by no clock that anybody sets.
    pub ran_for: TimeDelta,
    /// Whether it was given up already and is only being ended.
    pub is_given_up: bool,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueAction {
    /// Start this order: nothing else runs.
    Start(i64),
    /// Skip it: the job's order before still runs, or too many of its job wait already.
    Skip(i64, Reason),
    /// The running one has had its time.
    GiveUp(i64),
}

/// Waiting so long lifts an order by one priority: what waits is carried out in the end, however much of
/// higher priority keeps coming.
const LIFT: TimeDelta = TimeDelta::minutes(10);

/// So many orders of one job may wait; those that come later are skipped. A job that comes more often
/// than its runs end would otherwise fill the ledger.
pub const WAITING_MAX: usize = 1000;

/// The seconds a run may take whose job has no file any more.
const TIME_OUT_SECS: u64 = 3600;

/// Decides on all open orders; at most one is started, since one writes at a time: that of the highest
/// priority, among these the oldest. What publishes waits for the end of a backfill.
pub fn actions(
    open: &[Order],
    running: Option<&Running>,
    schedules: &BTreeMap<String, Schedule>,
    now: DateTime<Utc>,
) -> Vec<QueueAction> {
    let mut actions = Vec::new();
    if let Some(running) = running
        && !running.is_given_up
        && time_out(schedules.get(&running.job)) <= running.ran_for
    {
        actions.push(QueueAction::GiveUp(running.order_id));
    }
    let waiting: Vec<&Order> = open.iter().filter(|it| it.state == State::Waiting).collect();
    let (skipped, left): (Vec<&Order>, Vec<&Order>) = waiting.iter().partition(|waits| {
        let schedule = schedules.get(&waits.asked.job);
        schedule.is_some_and(|schedule| overlaps(waits, schedule, &waiting, running))
    });
    let skip = |it: &&Order| QueueAction::Skip(it.order_id, Reason::Overlap);
    actions.extend(skipped.iter().map(skip));
    let crowded = crowded(&left, schedules);
    let most = Reason::Crowded { most: WAITING_MAX };
    actions.extend(crowded.iter().map(|id| QueueAction::Skip(*id, most.clone())));
    if running.is_none() {
        let held = held(open);
        let ready = left.into_iter().filter(|it| {
            retry::not_before(it.not_before, it.tries, now) <= now
                && !crowded.contains(&it.order_id)
                && !held.contains(&it.order_id)
        });
        let first = ready.min_by_key(|it| (Reverse(lifted(it, now)), it.asked.due_at, it.order_id));
        actions.extend(first.map(|it| QueueAction::Start(it.order_id)));
    }
    actions
}

/// The orders that wait for the end of a backfill, because they publish: an edition of half a backfill
/// is nobody's wish.
pub fn held(open: &[Order]) -> Vec<i64> {
    if !open.iter().any(Order::is_backfill) {
        return Vec::new();
    }
    let publishes = |it: &&Order| {
        let is_idle = it.state == State::Waiting && !it.is_backfill();
        is_idle && it.asked.steps.contains(&OrderStep::Publish)
    };
    open.iter().filter(publishes).map(|it| it.order_id).collect()
}

fn time_out(schedule: Option<&Schedule>) -> TimeDelta {
    let secs = schedule.map_or(TIME_OUT_SECS, |schedule| schedule.time_out_secs);
    i64::try_from(secs).ok().and_then(TimeDelta::try_seconds).unwrap_or(TimeDelta::MAX)
}

/// Its priority, lifted by the time it has waited since it might have been begun.
fn lifted(waits: &Order, now: DateTime<Utc>) -> i64 {
    let since = waits.decided_at.max(waits.not_before);
    let waited = (now - since).max(TimeDelta::zero());
    (i64::from(waits.asked.priority) + waited.num_seconds() / LIFT.num_seconds()).min(9)
}

/// What waits behind [`WAITING_MAX`] others of its job and is neither owed nor begun.
fn crowded(waiting: &[&Order], schedules: &BTreeMap<String, Schedule>) -> BTreeSet<i64> {
    let mut of_job: BTreeMap<&str, Vec<&Order>> = BTreeMap::new();
    for waits in waiting.iter().filter(|it| !it.is_backfill()) {
        of_job.entry(&waits.asked.job).or_default().push(waits);
    }
    let mut crowded = BTreeSet::new();
    for (job, mut waiting) in of_job {
        waiting.sort_unstable_by_key(|it| (it.asked.due_at, it.order_id));
        let Some(schedule) = schedules.get(job) else { continue };
        let late = waiting.into_iter().skip(WAITING_MAX);
        let late = late.filter(|it| it.tries == 0 && !is_owed(it, schedule));
        crowded.extend(late.map(|it| it.order_id));
    }
    crowded
}

/// Whether an order was missed and each is made up for.
fn is_owed(waits: &Order, schedule: &Schedule) -> bool {
    schedule.catch_up == CatchUp::All && ON_TIME < waits.decided_at - waits.asked.due_at
}

/// Whether an order is skipped because the job's order before has not ended. What was missed and of
/// which each is made up for waits in any case; so does what was begun, and so do backfills.
fn overlaps(
    waits: &Order,
    schedule: &Schedule,
    waiting: &[&Order],
    running: Option<&Running>,
) -> bool {
    let is_let = waits.is_backfill() || 0 < waits.tries || is_owed(waits, schedule);
    if schedule.overlap != Overlap::Skip || is_let {
        return false;
    }
    let place = |it: &Order| (it.asked.due_at, it.order_id);
    let is_before = |other: &&&Order| {
        other.asked.job == waits.asked.job && !other.is_backfill() && place(other) < place(waits)
    };
    running.is_some_and(|running| running.job == waits.asked.job)
        || waiting.iter().any(|other| is_before(&other))
}
