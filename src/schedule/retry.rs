//! Whether and when a failed run is tried again.
//!
//! In: how it ended, how often it was tried. Out: how long to wait; the same whenever one asks.

use chrono::{DateTime, TimeDelta, Utc};

use crate::project::schedules::Schedule;

/// The longest wait between two tries, in seconds.
const WAIT_MAX_SECS: u64 = 3600;

/// Whether a failure may pass by itself: the machine failed (exit code 3), the program panicked
/// (101), or the process was killed (no code). Faulty settings (2) do not mend themselves.
pub fn may_pass(exit_code: Option<i32>) -> bool {
    !matches!(exit_code, Some(0..=2))
}

/// When an attempt that was put off to an instant is made: one further away than any wait was reckoned
/// by a clock that has been set back since, and is made now.
pub fn not_before(not_before: DateTime<Utc>, attempts: u32, now: DateTime<Utc>) -> DateTime<Utc> {
    let longest = TimeDelta::seconds(WAIT_MAX_SECS.cast_signed() / 4 * 5);
    if 0 < attempts && now + longest < not_before { now } else { not_before }
}

/// How long to wait before attempt `attempts + 1`: doubled for each attempt, up to an hour, plus up to
/// a quarter as jitter, which depends on the order only; `None` when no retry is left.
pub fn wait(schedule: &Schedule, order_id: i64, attempts: u32) -> Option<TimeDelta> {
    if attempts > schedule.retries {
        return None;
    }
    let doubled = schedule.retry_wait_secs.saturating_mul(1 << attempts.saturating_sub(1).min(20));
    let secs = doubled.min(WAIT_MAX_SECS);
    // A share of the wait, the same for each attempt: so the waits grow.
    let share = order_id.unsigned_abs().wrapping_mul(2_654_435_761) % 1001;
    let jitter = secs * share / 4000;
    i64::try_from(secs + jitter).ok().map(TimeDelta::seconds)
}
