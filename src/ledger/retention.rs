//! What need not be kept for ever: old attempts that did nothing.
//!
//! In: an instant. Out: how many attempts before it were forgotten. Whatever brought something in,
//! published, failed, was tried more than once, was asked for by a person, a deadline or a backfill
//! stays; so do the orders of all, which prove that a job met its instants.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Ledger, LedgerError, query, stamp};

/// Uneventful attempts are kept so long: the year, and time to close it.
pub const KEPT: TimeDelta = TimeDelta::days(400);

/// A step that did anything has counts.
const UNEVENTFUL: &str = "DELETE FROM attempts WHERE started_at < $1 AND state = 'done' \
     AND steps NOT LIKE '%\"counts\"%' AND order_id IN (SELECT order_id FROM orders \
         WHERE asked_by IN ('clock', 'catch_up', 'inbox') AND why IS NULL) \
     AND NOT EXISTS (SELECT 1 FROM attempts other \
         WHERE other.order_id = attempts.order_id AND other.attempt <> attempts.attempt)";

impl Ledger {
    /// Forgets attempts that began before an instant and did nothing; returns how many. The room they
    /// took is used again.
    pub async fn tidy(&self, before: DateTime<Utc>) -> Result<u64, LedgerError> {
        self.write(query(UNEVENTFUL).bind(stamp(before))).await
    }
}
