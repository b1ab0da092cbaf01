//! Sessions: from when to when a daemon watched over the schedules, and what it needs at its start.
//!
//! In: signs of life. Out: who ran last and until when; what each job achieved last; backfills that
//! were being carried out when their process ended.

use chrono::{DateTime, Utc};
use sqlx::Row;

use super::activations::word;
use super::runs::{State, host};
use super::{Ledger, LedgerError, instant, stamp};

/// The daemon before this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastSession {
    /// Its last sign of life.
    pub seen_at: DateTime<Utc>,
    /// Whether it ended in order; otherwise it was killed or the machine went down.
    pub has_ended: bool,
}

/// Attempts of one job that ended alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptsEnded {
    /// The job.
    pub job: String,
    /// How they ended, or that they go on.
    pub state: State,
    /// Whether another attempt followed.
    pub is_tried_again: bool,
    /// How many.
    pub count: u64,
}

impl Ledger {
    /// Begins the session of this process; returns its number.
    pub async fn begin_session(&self, now: DateTime<Utc>) -> Result<i64, LedgerError> {
        sqlx::query_scalar(
            "INSERT INTO sessions (session_id, host, process, program, started_at, seen_at) \
             SELECT COALESCE(MAX(session_id), 0) + 1, $1, $2, $3, $4, $4 \
             FROM sessions RETURNING session_id",
        )
        .bind(host())
        .bind(i64::from(std::process::id()))
        .bind(env!("CARGO_PKG_VERSION"))
        .bind(stamp(now))
        .fetch_one(&self.pool)
        .await
        .map_err(self.failed("write"))
    }

    /// A sign of life.
    pub async fn see_session(&self, id: i64, now: DateTime<Utc>) -> Result<(), LedgerError> {
        self.touch_session("UPDATE sessions SET seen_at = $2 WHERE session_id = $1", id, now).await
    }

    /// Ends a session in order.
    pub async fn end_session(&self, id: i64, now: DateTime<Utc>) -> Result<(), LedgerError> {
        let sql = "UPDATE sessions SET seen_at = $2, ended_at = $2 WHERE session_id = $1";
        self.touch_session(sql, id, now).await
    }

    async fn touch_session(
        &self,
        sql: &'static str,
        id: i64,
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        sqlx::query(sql)
            .bind(id)
            .bind(stamp(now))
            .execute(&self.pool)
            .await
            .map_err(self.failed("write"))?;
        Ok(())
    }

    /// The newest session; `None` before the first.
    pub async fn last_session(&self) -> Result<Option<LastSession>, LedgerError> {
        let sql = "SELECT seen_at, ended_at FROM sessions ORDER BY session_id DESC LIMIT 1";
        let row = sqlx::query(sql).fetch_optional(&self.pool).await.map_err(self.failed("read"))?;
        let Some(row) = row else { return Ok(None) };
        let seen: String = row.try_get(0).map_err(self.failed("read"))?;
        let ended: Option<String> = row.try_get(1).map_err(self.failed("read"))?;
        Ok(instant(&seen).map(|seen_at| LastSession { seen_at, has_ended: ended.is_some() }))
    }

    /// When each job last did what it was to do.
    pub async fn last_successes(&self) -> Result<Vec<(String, DateTime<Utc>)>, LedgerError> {
        let sql = "SELECT job, MAX(ended_at) FROM runs \
             WHERE state = 'done' AND job <> '' AND ended_at IS NOT NULL GROUP BY job";
        let rows = sqlx::query(sql).fetch_all(&self.pool).await.map_err(self.failed("read"))?;
        let mut found = Vec::new();
        for row in rows {
            let job: String = row.try_get(0).map_err(self.failed("read"))?;
            let ended: String = row.try_get(1).map_err(self.failed("read"))?;
            found.extend(instant(&ended).map(|ended| (job, ended)));
        }
        Ok(found)
    }

    /// How the attempts of activations ended so far, counted.
    pub async fn attempts_ended(&self) -> Result<Vec<AttemptsEnded>, LedgerError> {
        let sql = "SELECT r.job, a.state, CASE WHEN n.run_id IS NULL THEN 0 ELSE 1 END, COUNT(*) \
             FROM attempts a JOIN runs r ON r.run_id = a.run_id \
             LEFT JOIN attempts n ON n.run_id = a.run_id AND n.attempt = a.attempt + 1 \
             WHERE r.activation_id IS NOT NULL GROUP BY 1, 2, 3";
        let rows = sqlx::query(sql).fetch_all(&self.pool).await.map_err(self.failed("read"))?;
        let read = |row: &sqlx::any::AnyRow| -> Result<AttemptsEnded, sqlx::Error> {
            Ok(AttemptsEnded {
                job: row.try_get(0)?,
                state: word(row, 1, State::named)?,
                is_tried_again: row.try_get::<i64, _>(2)? == 1,
                count: u64::try_from(row.try_get::<i64, _>(3)?).unwrap_or_default(),
            })
        };
        rows.iter().map(read).collect::<Result<_, _>>().map_err(self.failed("read"))
    }

    /// The backfills whose process ended before they did, oldest first; only while nobody holds the
    /// lock of backfills.
    pub async fn interrupted_backfills(&self) -> Result<Vec<i64>, LedgerError> {
        let sql = "SELECT backfill_id FROM backfills WHERE state = 'running' ORDER BY backfill_id";
        sqlx::query_scalar(sql).fetch_all(&self.pool).await.map_err(self.failed("read"))
    }
}
