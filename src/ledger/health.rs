//! Whether a ledger can be trusted, and what in it is open.
//!
//! In: an open ledger. Out: that the database finds its own pages and indexes sound, or what it
//! found; the attempts that nobody has ended.

use chrono::{DateTime, Utc};
use sqlx::Row;

use super::{Ledger, LedgerError, instant};

/// An attempt that has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Its run.
    pub run_id: i64,
    /// Which attempt of the run, from 1.
    pub attempt: i64,
    /// The run's job; empty for `run` without one.
    pub job: String,
    /// The machine it ran on.
    pub host: String,
    /// Its process.
    pub process: i64,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
}

impl Ledger {
    /// Has the database look through itself; what it finds is an error.
    pub async fn check(&self) -> Result<(), LedgerError> {
        let said: Vec<String> = sqlx::query_scalar("PRAGMA quick_check(5)")
            .fetch_all(&self.pool)
            .await
            .map_err(self.failed("read"))?;
        if said.iter().all(|line| line == "ok") {
            return Ok(());
        }
        Err(LedgerError::damaged(&self.path, said.join("; ")))
    }

    /// The attempts that have not ended: at most one is being carried out, by whoever holds the
    /// output's lock; the others were killed.
    pub async fn open_attempts(&self) -> Result<Vec<Open>, LedgerError> {
        let rows = sqlx::query(
            "SELECT a.run_id, a.attempt, r.job, a.host, a.process, a.started_at \
             FROM attempts a JOIN runs r ON r.run_id = a.run_id \
             WHERE a.state = 'running' ORDER BY a.run_id, a.attempt",
        )
        .fetch_all(&self.pool)
        .await
        .map_err(self.failed("read"))?;
        let open = |row: &sqlx::any::AnyRow| {
            let started: String = row.try_get(5)?;
            Ok(Open {
                run_id: row.try_get(0)?,
                attempt: row.try_get(1)?,
                job: row.try_get(2)?,
                host: row.try_get(3)?,
                process: row.try_get(4)?,
                started_at: instant(&started),
            })
        };
        rows.iter().map(open).collect::<Result<_, _>>().map_err(self.failed("read"))
    }
}
