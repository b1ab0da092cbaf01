//! Activations: every instant at which a job was due and what was decided; and the promises, the
//! schedules these instants were reckoned by.

use chrono::{DateTime, Utc};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Column, ColumnIndex, Row};

use super::error::UnknownWord;
use super::runs::{AskedBy, Begun, End, NewRun, State, who};
use super::{Ledger, LedgerError, instant, stamp};
pub use crate::domain::activation::{ActivationState, TriggerKind};
use crate::domain::period::Period;

/// What a job's file promises now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// The job.
    pub job: String,
    /// The schedule as JSON.
    pub schedule: String,
    /// What it is reckoned by as JSON.
    pub basis: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Every instant up to here has been decided upon.
    pub decided_until: DateTime<Utc>,
}

/// An activation to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewActivation {
    /// The job.
    pub job: String,
    /// The instant it was due.
    pub scheduled_at: DateTime<Utc>,
    /// What it comes from.
    pub trigger_kind: TriggerKind,
    /// What makes it the only one of its job.
    pub occasion: String,
    /// The months it is about, first and last.
    pub months: Option<(Period, Period)>,
    /// 0 last, 9 first.
    pub priority: u8,
    /// Waiting or skipped.
    pub state: ActivationState,
    /// Why it was skipped or caught up.
    pub reason: Option<String>,
}

/// An activation as the ledger keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activation {
    /// Its number.
    pub activation_id: i64,
    /// The job.
    pub job: String,
    /// The instant it was due.
    pub scheduled_at: DateTime<Utc>,
    /// What it comes from.
    pub trigger_kind: TriggerKind,
    /// The months it is about, first and last.
    pub months: Option<(Period, Period)>,
    /// 0 last, 9 first.
    pub priority: u8,
    /// When it was decided upon.
    pub decided_at: DateTime<Utc>,
    /// How it stands.
    pub state: ActivationState,
    /// Why it was skipped, waits or was caught up.
    pub reason: Option<String>,
    /// Not before this instant.
    pub not_before: DateTime<Utc>,
    /// Attempts made so far.
    pub attempts: u32,
}

impl Activation {
    /// The run that carries it out; `None` when it stands for many: these are skipped.
    pub fn run(&self) -> Option<NewRun> {
        let (from, to) = self.months.unzip();
        Some(NewRun {
            activation_id: Some(self.activation_id),
            backfill_id: None,
            job: self.job.clone(),
            asked_by: AskedBy::trigger(self.trigger_kind)?,
            who: who(),
            why: self.reason.clone(),
            from,
            to,
        })
    }
}

/// An attempt at an activation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its run and number.
    pub begun: Begun,
    /// How it stands.
    pub state: State,
    /// The chain of causes, one a line.
    pub error: Option<String>,
}

pub(super) const COLUMNS: &str = "SELECT activation_id, job, scheduled_at, trigger_kind, period_from, \
     period_to, priority, decided_at, state, reason, not_before, attempts FROM activations";

impl Ledger {
    /// The promises that hold now, by job.
    pub async fn promises(&self) -> Result<Vec<Promise>, LedgerError> {
        let rows = sqlx::query(
            "SELECT job, schedule, basis, since, decided_until FROM promises \
             WHERE until IS NULL ORDER BY job",
        )
        .fetch_all(&self.pool)
        .await
        .map_err(self.failed("read"))?;
        let read = |row: &AnyRow| -> Result<Promise, sqlx::Error> {
            Ok(Promise {
                job: row.try_get(0)?,
                schedule: row.try_get(1)?,
                basis: row.try_get(2)?,
                since: time(row, 3)?,
                decided_until: time(row, 4)?,
            })
        };
        rows.iter().map(read).collect::<Result<_, _>>().map_err(self.failed("read"))
    }

    /// Ends the promise of a job.
    pub async fn end_promise(&self, job: &str, now: DateTime<Utc>) -> Result<(), LedgerError> {
        sqlx::query("UPDATE promises SET until = $2 WHERE job = $1 AND until IS NULL")
            .bind(job)
            .bind(stamp(now))
            .execute(&self.pool)
            .await
            .map_err(self.failed("write"))?;
        Ok(())
    }

    /// Begins a promise, of a schedule and what it is reckoned by as JSON: nothing before `now` is
    /// owed.
    pub async fn begin_promise(
        &self,
        job: &str,
        schedule: &str,
        basis: &str,
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        self.end_promise(job, now).await?;
        sqlx::query(
            "INSERT INTO promises (job, since, schedule, basis, decided_until) \
             VALUES ($1, $2, $3, $4, $2) \
             ON CONFLICT (job, since) DO UPDATE SET schedule = $3, basis = $4, until = NULL",
        )
        .bind(job)
        .bind(stamp(now))
        .bind(schedule)
        .bind(basis)
        .execute(&self.pool)
        .await
        .map_err(self.failed("write"))?;
        Ok(())
    }

    /// Keeps what was decided for a job up to an instant, all at once; what is known already stays
    /// as it is. Returns how many are new.
    pub async fn decide(
        &self,
        job: &str,
        activations: &[NewActivation],
        until: DateTime<Utc>,
    ) -> Result<u64, LedgerError> {
        let failed = |error| self.failed("write")(error);
        let mut all = self.pool.begin().await.map_err(failed)?;
        sqlx::query("UPDATE promises SET decided_until = $2 WHERE job = $1 AND until IS NULL")
            .bind(job)
            .bind(stamp(until))
            .execute(&mut *all)
            .await
            .map_err(failed)?;
        let mut new = 0;
        for activation in activations {
            new += insert(&mut all, activation, until).await.map_err(failed)?;
        }
        all.commit().await.map_err(failed)?;
        Ok(new)
    }

    /// Goes back to an instant for a job, since the clock was ahead: what it skipped of the time after
    /// it is forgotten and comes again. What was begun stays. Returns how many were forgotten.
    pub async fn set_back(&self, job: &str, now: DateTime<Utc>) -> Result<u64, LedgerError> {
        let failed = |error| self.failed("write")(error);
        let mut all = self.pool.begin().await.map_err(failed)?;
        let mut forgotten = 0;
        for sql in [
            "UPDATE promises SET decided_until = $2 WHERE job = $1 AND until IS NULL",
            "DELETE FROM activations WHERE job = $1 AND $2 < scheduled_at \
             AND state = 'skipped' AND attempts = 0",
        ] {
            let done = sqlx::query(sql).bind(job).bind(stamp(now));
            forgotten = done.execute(&mut *all).await.map_err(failed)?.rows_affected();
        }
        all.commit().await.map_err(failed)?;
        Ok(forgotten)
    }

    /// Puts activations whose daemon is gone back among those that wait; what was begun and not
    /// ended counts as no attempt. Returns how many there were.
    pub async fn requeue_running(&self, reason: &str) -> Result<u64, LedgerError> {
        let done = sqlx::query(
            "UPDATE activations SET state = 'waiting', reason = $1, \
             attempts = CASE WHEN attempts > 0 THEN attempts - 1 ELSE 0 END WHERE state = 'running'",
        )
        .bind(reason)
        .execute(&self.pool)
        .await
        .map_err(self.failed("write"))?;
        Ok(done.rows_affected())
    }

    /// The newest attempt that a process made at an activation; `None` when the process ended before
    /// it began one.
    pub async fn attempt_of(
        &self,
        activation_id: i64,
        process: u32,
    ) -> Result<Option<Attempt>, LedgerError> {
        let sql = "SELECT a.run_id, a.attempt, a.state, a.error FROM attempts a \
             JOIN runs r ON r.run_id = a.run_id \
             WHERE r.activation_id = $1 AND a.process = $2 ORDER BY a.attempt DESC LIMIT 1";
        let row = sqlx::query(sql)
            .bind(activation_id)
            .bind(i64::from(process))
            .fetch_optional(&self.pool)
            .await
            .map_err(self.failed("read"))?;
        let read = |row: AnyRow| -> Result<Attempt, sqlx::Error> {
            let begun = Begun { run_id: row.try_get(0)?, attempt: row.try_get(1)? };
            Ok(Attempt { begun, state: word(&row, 2, State::named)?, error: row.try_get(3)? })
        };
        row.map(read).transpose().map_err(self.failed("read"))
    }

    /// Says how an attempt and its run ended whose process did not, or could not know.
    pub async fn close_attempt(&self, begun: Begun, end: &End<'_>) -> Result<(), LedgerError> {
        let failed = |error| self.failed("write")(error);
        let mut all = self.pool.begin().await.map_err(failed)?;
        for sql in [
            "UPDATE attempts SET ended_at = $3, state = $4, error = $5 \
             WHERE run_id = $1 AND attempt = $2",
            "UPDATE steps SET ended_at = $3, state = $4, error = $5 \
             WHERE run_id = $1 AND attempt = $2 AND state IN ('running', 'interrupted')",
        ] {
            sqlx::query(sql)
                .bind(begun.run_id)
                .bind(begun.attempt)
                .bind(stamp(end.at))
                .bind(end.state.name())
                .bind(end.error)
                .execute(&mut *all)
                .await
                .map_err(failed)?;
        }
        sqlx::query("UPDATE runs SET ended_at = $2, state = $3 WHERE run_id = $1")
            .bind(begun.run_id)
            .bind(stamp(end.at))
            .bind(end.state.name())
            .execute(&mut *all)
            .await
            .map_err(failed)?;
        all.commit().await.map_err(failed)
    }

    /// The activations that wait or run, oldest first.
    pub async fn open_activations(&self) -> Result<Vec<Activation>, LedgerError> {
        let sql = format!("{COLUMNS} WHERE state IN ('waiting', 'running') ORDER BY scheduled_at");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .fetch_all(&self.pool)
            .await
            .map_err(self.failed("read"))?;
        rows.iter().map(activation).collect::<Result<_, _>>().map_err(self.failed("read"))
    }

    /// One activation.
    pub async fn activation(&self, id: i64) -> Result<Option<Activation>, LedgerError> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE activation_id = $1")))
            .bind(id)
            .fetch_optional(&self.pool)
            .await
            .map_err(self.failed("read"))?;
        row.as_ref().map(activation).transpose().map_err(self.failed("read"))
    }

    /// Writes what became of an activation.
    pub async fn set_activation(&self, it: &Activation) -> Result<(), LedgerError> {
        sqlx::query(
            "UPDATE activations SET state = $2, reason = $3, not_before = $4, attempts = $5 \
             WHERE activation_id = $1",
        )
        .bind(it.activation_id)
        .bind(it.state.name())
        .bind(&it.reason)
        .bind(stamp(it.not_before))
        .bind(i64::from(it.attempts))
        .execute(&self.pool)
        .await
        .map_err(self.failed("write"))?;
        Ok(())
    }
}

/// Keeps an activation unless its job has one of the same instant or occasion; returns 1 or 0.
pub(super) async fn insert(
    connection: &mut AnyConnection,
    activation: &NewActivation,
    decided_at: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    let kept = sqlx::query(
        "INSERT INTO activations (activation_id, job, scheduled_at, trigger_kind, occasion, \
         period_from, period_to, priority, decided_at, state, reason, not_before, attempts) \
         SELECT COALESCE(MAX(activation_id), 0) + 1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $2, 0 \
         FROM activations WHERE 1 = 1 ON CONFLICT DO NOTHING",
    )
    .bind(&activation.job)
    .bind(stamp(activation.scheduled_at))
    .bind(activation.trigger_kind.name())
    .bind(&activation.occasion)
    .bind(activation.months.map(|(from, _)| from.to_string()))
    .bind(activation.months.map(|(_, to)| to.to_string()))
    .bind(i64::from(activation.priority))
    .bind(stamp(decided_at))
    .bind(activation.state.name())
    .bind(&activation.reason)
    .execute(connection)
    .await?;
    Ok(kept.rows_affected())
}

pub(super) fn activation(row: &AnyRow) -> Result<Activation, sqlx::Error> {
    let month = |column: usize| -> Result<Option<Period>, sqlx::Error> {
        let text: Option<String> = row.try_get(column)?;
        Ok(text.and_then(|text| text.parse().ok()))
    };
    Ok(Activation {
        activation_id: row.try_get(0)?,
        job: row.try_get(1)?,
        scheduled_at: time(row, 2)?,
        trigger_kind: word(row, 3, TriggerKind::named)?,
        months: month(4)?.zip(month(5)?),
        priority: u8::try_from(row.try_get::<i64, _>(6)?).unwrap_or(u8::MAX),
        decided_at: time(row, 7)?,
        state: word(row, 8, ActivationState::named)?,
        reason: row.try_get(9)?,
        not_before: time(row, 10)?,
        attempts: u32::try_from(row.try_get::<i64, _>(11)?).unwrap_or(u32::MAX),
    })
}

pub(super) fn time(row: &AnyRow, column: usize) -> Result<DateTime<Utc>, sqlx::Error> {
    let text: String = row.try_get(column)?;
    instant(&text).ok_or_else(|| sqlx::Error::Decode(format!("`{text}` is no instant").into()))
}

/// A word of a closed set, or an error that names its column and says that a newer program knows it.
pub(super) fn word<T>(
    row: &AnyRow,
    column: impl ColumnIndex<AnyRow> + Copy,
    named: impl Fn(&str) -> Option<T>,
) -> Result<T, sqlx::Error> {
    let text: String = row.try_get(column)?;
    named(&text).ok_or_else(|| {
        let column = row.column(column).name().to_owned();
        sqlx::Error::Decode(UnknownWord { column, word: text }.into())
    })
}
