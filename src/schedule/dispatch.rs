//! What to do next with the activations that are open: start, skip, give up.
//!
//! In: what waits and what runs, as the ledger says. Out: actions, which are asked for again until they
//! were carried out. Never two at once; nothing waits for ever.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::misfire::ON_TIME;
use crate::project::schedules::{CatchUp, Overlap, Schedule};

/// An activation that waits to be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its number in the ledger.
    pub activation_id: i64,
    /// The job.
    pub job: String,
    /// The instant it was due.
    pub scheduled_at: DateTime<Utc>,
    /// When it was decided upon: it waits since then. Later than due when it was missed.
    pub decided_at: DateTime<Utc>,
    /// 0 last, 9 first.
    pub priority: u8,
    /// Not before this instant.
    pub not_before: DateTime<Utc>,
    /// Attempts made so far: one that was begun is never skipped for overlap.
    pub attempts: u32,
}

/// An activation whose run is going on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// Its number in the ledger.
    pub activation_id: i64,
    /// The job.
    pub job: String,
    /// How long this attempt has gone on, by no clock that anybody sets.
    pub ran_for: TimeDelta,
    /// Whether it was given up already and is only being ended.
    pub is_given_up: bool,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Start this activation: nothing else runs.
    Start(i64),
    /// Skip it: the job's activation before still runs.
    Skip(i64),
    /// Skip it: too many of its job wait already.
    Crowded(i64),
    /// The running one has had its time.
    GiveUp(i64),
}

/// Waiting so long lifts an activation by one priority: what waits is carried out in the end, however
/// much of higher priority keeps coming.
const LIFT: TimeDelta = TimeDelta::minutes(10);

/// So many activations of one job may wait; those that come later are skipped. A job that comes more
/// often than its runs end would otherwise fill the ledger.
pub const WAITING_MAX: usize = 1000;

/// The seconds a run may take whose job has no file any more.
const TIME_OUT_SECS: u64 = 3600;

/// Decides on all open activations; at most one is started, since one writes at a time: that of the
/// highest priority, among these the oldest.
pub fn actions(
    waiting: &[Waiting],
    running: Option<&Running>,
    schedules: &BTreeMap<String, Schedule>,
    now: DateTime<Utc>,
) -> Vec<Action> {
    let mut actions = Vec::new();
    if let Some(running) = running
        && !running.is_given_up
        && time_out(schedules.get(&running.job)) <= running.ran_for
    {
        actions.push(Action::GiveUp(running.activation_id));
    }
    let (skipped, left): (Vec<&Waiting>, Vec<&Waiting>) = waiting.iter().partition(|waits| {
        let schedule = schedules.get(&waits.job);
        schedule.is_some_and(|schedule| overlaps(waits, schedule, waiting, running))
    });
    actions.extend(skipped.into_iter().map(|waits| Action::Skip(waits.activation_id)));
    let crowded = crowded(&left, schedules);
    actions.extend(crowded.iter().map(|id| Action::Crowded(*id)));
    if running.is_none() {
        let ready = left
            .into_iter()
            .filter(|waits| waits.not_before <= now && !crowded.contains(&waits.activation_id));
        let first = ready.min_by_key(|waits| {
            (Reverse(lifted(waits, now)), waits.scheduled_at, waits.activation_id)
        });
        actions.extend(first.map(|waits| Action::Start(waits.activation_id)));
    }
    actions
}

fn time_out(schedule: Option<&Schedule>) -> TimeDelta {
    let secs = schedule.map_or(TIME_OUT_SECS, |schedule| schedule.time_out_secs);
    i64::try_from(secs).ok().and_then(TimeDelta::try_seconds).unwrap_or(TimeDelta::MAX)
}

/// Its priority, lifted by the time it has waited.
fn lifted(waits: &Waiting, now: DateTime<Utc>) -> i64 {
    let waited = (now - waits.decided_at).max(TimeDelta::zero());
    (i64::from(waits.priority) + waited.num_seconds() / LIFT.num_seconds()).min(9)
}

/// What waits behind [`WAITING_MAX`] others of its job and is neither owed nor begun.
fn crowded(waiting: &[&Waiting], schedules: &BTreeMap<String, Schedule>) -> BTreeSet<i64> {
    let mut of_job: BTreeMap<&str, Vec<&Waiting>> = BTreeMap::new();
    for waits in waiting {
        of_job.entry(&waits.job).or_default().push(waits);
    }
    let mut crowded = BTreeSet::new();
    for (job, mut waiting) in of_job {
        waiting.sort_unstable_by_key(|waits| (waits.scheduled_at, waits.activation_id));
        let Some(schedule) = schedules.get(job) else { continue };
        let late = waiting.into_iter().skip(WAITING_MAX);
        let late = late.filter(|waits| waits.attempts == 0 && !is_owed(waits, schedule));
        crowded.extend(late.map(|waits| waits.activation_id));
    }
    crowded
}

/// Whether an activation was missed and each is made up for.
fn is_owed(waits: &Waiting, schedule: &Schedule) -> bool {
    schedule.catch_up == CatchUp::All && ON_TIME < waits.decided_at - waits.scheduled_at
}

/// Whether an activation is skipped because the job's activation before has not ended. What was missed
/// and of which each is made up for waits in any case; so does what was begun.
fn overlaps(
    waits: &Waiting,
    schedule: &Schedule,
    waiting: &[Waiting],
    running: Option<&Running>,
) -> bool {
    if schedule.overlap != Overlap::Skip || 0 < waits.attempts || is_owed(waits, schedule) {
        return false;
    }
    let place = |it: &Waiting| (it.scheduled_at, it.activation_id);
    running.is_some_and(|running| running.job == waits.job)
        || waiting.iter().any(|other| other.job == waits.job && place(other) < place(waits))
}
