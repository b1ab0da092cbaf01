//! What becomes of occasions that have come: on time, made up for, or skipped for a stated reason.
//!
//! The contract with whoever keeps the ledger:
//! - Every occasion in `(decided_until, now]` is judged, then `decided_until` becomes `now`, together
//!   with the orders. So each is judged once, also by a process that was killed in between.
//! - A clock set *forward* makes occasions overdue at once: they are judged as if nobody had run.
//! - A clock set *back* leaves `decided_until` after `now`: nothing is due before it. If the clock stays
//!   behind, it was ahead before: `decided_until` becomes `now`, and what was skipped of the time after
//!   it is forgotten. Occasions that come a second time bear the same instant, and an instant is kept
//!   once per job, so nothing is done twice.
//! - After a long time `gap` lists the newest [`NEWEST_MAX`] and counts what lies before.

use chrono::{DateTime, TimeDelta, Utc};

use super::{DueInstant, LocalCalendar, triggers};
use crate::ledger::reason::Reason;
use crate::project::schedules::{CatchUp, Schedule};

/// An occasion decided upon within this time was not missed.
pub const ON_TIME: TimeDelta = TimeDelta::seconds(60);

/// Missed occasions that are kept one by one; those before them are counted.
pub const NEWEST_MAX: usize = 1000;

/// What becomes of an occasion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It came just now.
    Due,
    /// It was missed and is made up for.
    CatchUp,
    /// It was missed and is not made up for, for this reason.
    Skipped(Reason),
}

/// Judges the occasions that have come since the last look, oldest first. Of a `last` job no missed one
/// is made up for but the newest, and not even that if one is due just now.
pub fn decide(
    schedule: &Schedule,
    occasions: Vec<DueInstant>,
    now: DateTime<Utc>,
) -> Vec<(DueInstant, Decision)> {
    let newest = occasions.last().map(|occasion| on_its_own(schedule, occasion, now));
    let newest_is_done = newest.is_some_and(|verdict| !matches!(verdict, Decision::Skipped(_)));
    let last = occasions.len().saturating_sub(1);
    let judge = |(place, occasion): (usize, DueInstant)| {
        let stands_for_it = schedule.catch_up == CatchUp::Last && place < last && newest_is_done;
        let verdict = match on_its_own(schedule, &occasion, now) {
            Decision::Due => Decision::Due,
            _ if stands_for_it => Decision::Skipped(Reason::LaterStands),
            verdict => verdict,
        };
        (occasion, verdict)
    };
    occasions.into_iter().enumerate().map(judge).collect()
}

/// What would become of an occasion if it were the only one.
fn on_its_own(schedule: &Schedule, occasion: &DueInstant, now: DateTime<Utc>) -> Decision {
    let late = now - occasion.at;
    let grace = schedule.grace_secs.and_then(|secs| i64::try_from(secs).ok());
    let grace = grace.and_then(TimeDelta::try_seconds);
    match schedule.catch_up {
        _ if late <= ON_TIME => Decision::Due,
        CatchUp::None => Decision::Skipped(Reason::NotCaughtUp),
        _ if grace.is_some_and(|grace| grace < late) => Decision::Skipped(Reason::BeyondGrace),
        CatchUp::All | CatchUp::Last => Decision::CatchUp,
    }
}

/// Occasions after a time in which nobody may have run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gap {
    /// The newest, at most [`NEWEST_MAX`], oldest first.
    pub newest: Vec<DueInstant>,
    /// What lies before them.
    pub earlier: Option<Earlier>,
}

/// Occasions that are counted instead of kept one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// How many, at least 1.
    pub count: u64,
    /// The instant of the first.
    pub first: DateTime<Utc>,
    /// They lie before this instant: that of the first that is kept.
    pub before: DateTime<Utc>,
}

/// The occasions in `(after, until]`, however long that is: years of a job that comes every minute
/// are a thousand occasions and a number.
pub fn gap(
    schedule: &Schedule,
    local: &LocalCalendar<'_>,
    after: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Gap {
    let mut reach = TimeDelta::hours(1);
    let newest = loop {
        let from = after.max(until - reach);
        let listed = triggers::occasions(schedule, local, from, until, usize::MAX);
        if NEWEST_MAX <= listed.len() || from == after {
            break listed;
        }
        // Doubled, so that the last look costs as much as all before it.
        reach = reach * 2;
    };
    let surplus = newest.len().saturating_sub(NEWEST_MAX);
    let newest: Vec<DueInstant> = newest.into_iter().skip(surplus).collect();
    let earlier = newest.first().and_then(|kept| {
        let before = kept.at;
        let all = triggers::count(schedule, local, after, before);
        let first = triggers::next(schedule, local, after)?.at;
        (1 < all).then(|| Earlier { count: all - 1, first, before })
    });
    Gap { newest, earlier }
}
