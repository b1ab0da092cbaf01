//! What need not be kept for ever: old runs that did nothing.
//!
//! In: an instant. Out: how many runs before it were forgotten. Whatever brought something in,
//! published, failed, was tried more than once, was asked for by a person, a deadline or a backfill
//! stays; so do the activations of all, which prove that a job met its instants.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::AssertSqlSafe;

use super::{Ledger, LedgerError, stamp};

/// Uneventful runs are kept so long: the year, and time to close it.
pub const KEPT: TimeDelta = TimeDelta::days(400);

/// Which runs did nothing. The newest run always stays: numbers are given from it. `$1`: before when.
/// A step that did anything has counts; one that did nothing has an empty object.
const UNEVENTFUL: &str = "SELECT run_id FROM runs \
     WHERE started_at < $1 AND state = 'done' AND backfill_id IS NULL AND why IS NULL \
     AND asked_by IN ('clock', 'catch_up', 'inbox') \
     AND run_id < (SELECT MAX(run_id) FROM runs) \
     AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.run_id = runs.run_id \
         AND (a.state <> 'done' OR a.attempt > 1)) \
     AND NOT EXISTS (SELECT 1 FROM steps s WHERE s.run_id = runs.run_id \
         AND (s.state <> 'done' OR s.error IS NOT NULL OR COALESCE(s.counts, '{}') <> '{}'))";

impl Ledger {
    /// Forgets runs that began before an instant and did nothing, in one transaction; returns how
    /// many. The room they took is used again.
    pub async fn tidy(&self, before: DateTime<Utc>) -> Result<u64, LedgerError> {
        self.forget(before).await.map_err(self.failed("write"))
    }

    async fn forget(&self, before: DateTime<Utc>) -> Result<u64, sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        let mut forgotten = 0;
        // The runs last: they tell which ones. A run without steps and attempts is uneventful still.
        for table in ["steps", "attempts", "runs"] {
            let statement = format!("DELETE FROM {table} WHERE run_id IN ({UNEVENTFUL})");
            let statement = sqlx::query(AssertSqlSafe(statement)).bind(stamp(before));
            forgotten = statement.execute(&mut *transaction).await?.rows_affected();
        }
        transaction.commit().await?;
        Ok(forgotten)
    }
}
