//! The history of one job, read and never written: what its file promised when, its activations with
//! their runs, and when a daemon ran.
//!
//! Read also beside a running daemon, from a folder that cannot be written, and where there is no
//! ledger yet: then there is no history, and none is begun.

use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::activations::{Activation, COLUMNS, activation, time, word};
use super::runs::State;
use super::{Ledger, LedgerError, instant, stamp};

/// What a job's file promised for a stretch of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastPromise {
    /// The schedule as JSON.
    pub schedule: String,
    /// What it is reckoned by as JSON.
    pub basis: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Until when; `None`: it holds now.
    pub until: Option<DateTime<Utc>>,
    /// Every instant up to here has been decided upon.
    pub decided_until: DateTime<Utc>,
}

/// The run that carried out an activation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastRun {
    /// The activation.
    pub activation_id: i64,
    /// Its number.
    pub run_id: i64,
    /// How it stands.
    pub state: State,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

impl Ledger {
    /// Everything a job's file ever promised, oldest first.
    pub async fn past_promises(&self, job: &str) -> Result<Vec<PastPromise>, LedgerError> {
        let rows = sqlx::query(
            "SELECT schedule, basis, since, until, decided_until FROM promises \
             WHERE job = $1 ORDER BY since",
        )
        .bind(job)
        .fetch_all(&self.pool)
        .await
        .map_err(self.failed("read"))?;
        let read = |row: &AnyRow| -> Result<PastPromise, sqlx::Error> {
            Ok(PastPromise {
                schedule: row.try_get(0)?,
                basis: row.try_get(1)?,
                since: time(row, 2)?,
                until: time_if_any(row, 3)?,
                decided_until: time(row, 4)?,
            })
        };
        rows.iter().map(read).collect::<Result<_, _>>().map_err(self.failed("read"))
    }

    /// The activations of a job that were due in `[from, until)`, oldest first; before them the one
    /// that stands for a gap reaching into that time.
    pub async fn past_activations(
        &self,
        job: &str,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<Activation>, LedgerError> {
        let sql = format!(
            "{COLUMNS} WHERE job = $1 AND scheduled_at < $3 AND ($2 <= scheduled_at \
             OR (trigger_kind = 'gap' AND NOT EXISTS (SELECT 1 FROM activations AS later \
             WHERE later.job = $1 AND later.scheduled_at > activations.scheduled_at \
             AND later.scheduled_at < $2))) ORDER BY scheduled_at, activation_id"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(job)
            .bind(stamp(from))
            .bind(stamp(until))
            .fetch_all(&self.pool)
            .await
            .map_err(self.failed("read"))?;
        rows.iter().map(activation).collect::<Result<_, _>>().map_err(self.failed("read"))
    }

    /// The newest activation of a job that waits no longer.
    pub async fn last_activation(&self, job: &str) -> Result<Option<Activation>, LedgerError> {
        let sql = format!(
            "{COLUMNS} WHERE job = $1 AND state <> 'waiting' \
             ORDER BY scheduled_at DESC, activation_id DESC LIMIT 1"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(job)
            .fetch_optional(&self.pool)
            .await
            .map_err(self.failed("read"))?;
        row.as_ref().map(activation).transpose().map_err(self.failed("read"))
    }

    /// The runs of the activations of a job that were due in `[from, until)`.
    pub async fn past_runs(
        &self,
        job: &str,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<PastRun>, LedgerError> {
        let rows = sqlx::query(
            "SELECT r.activation_id, r.run_id, r.state, r.started_at, r.ended_at FROM runs AS r \
             JOIN activations AS a ON a.activation_id = r.activation_id \
             WHERE a.job = $1 AND $2 <= a.scheduled_at AND a.scheduled_at < $3",
        )
        .bind(job)
        .bind(stamp(from))
        .bind(stamp(until))
        .fetch_all(&self.pool)
        .await
        .map_err(self.failed("read"))?;
        let read = |row: &AnyRow| -> Result<PastRun, sqlx::Error> {
            Ok(PastRun {
                activation_id: row.try_get(0)?,
                run_id: row.try_get(1)?,
                state: word(row, 2, State::named)?,
                started_at: time(row, 3)?,
                ended_at: time_if_any(row, 4)?,
            })
        };
        rows.iter().map(read).collect::<Result<_, _>>().map_err(self.failed("read"))
    }

    /// When daemons ran in `[from, until)`: first and last sign of life of each.
    pub async fn watches(
        &self,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<(DateTime<Utc>, DateTime<Utc>)>, LedgerError> {
        let rows = sqlx::query(
            "SELECT started_at, COALESCE(ended_at, seen_at) FROM sessions \
             WHERE started_at < $2 AND $1 <= COALESCE(ended_at, seen_at) ORDER BY started_at",
        )
        .bind(stamp(from))
        .bind(stamp(until))
        .fetch_all(&self.pool)
        .await
        .map_err(self.failed("read"))?;
        let read = |row: &AnyRow| Ok((time(row, 0)?, time(row, 1)?));
        rows.iter().map(read).collect::<Result<_, _>>().map_err(self.failed("read"))
    }
}

fn time_if_any(row: &AnyRow, column: usize) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let text: Option<String> = row.try_get(column)?;
    let read = |text: String| {
        instant(&text).ok_or_else(|| sqlx::Error::Decode(format!("`{text}` is no instant").into()))
    };
    text.map(read).transpose()
}
