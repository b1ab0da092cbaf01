//! Runs, their attempts and steps: begun, ended, found.
//!
//! In: what is being done. Out: numbers, and what was done. A run is open while its attempt is
//! `running`; whoever holds the lock of the output folder closes what a killed process left open.

use chrono::{DateTime, Utc};
use sqlx::{AnyConnection, Row};

use super::{Ledger, LedgerError, stamp};
use crate::domain::activation::TriggerKind;
use crate::domain::period::Period;
use crate::domain::words::words;

pub use crate::domain::activation::RunState as State;

words! {
    /// Who or what asked for a run.
    AskedBy {
        /// A cron instant, on time.
        Clock = "clock",
        /// An activation that was missed.
        CatchUp = "catch_up",
        /// A deadline of the calendar.
        Deadline = "deadline",
        /// Enough firms, or enough of last month's value, had reported.
        Coverage = "coverage",
        /// New files in the inbox.
        Inbox = "inbox",
        /// A command of the terminal.
        Command = "command",
        /// A backfill.
        Backfill = "backfill",
    }
}

impl AskedBy {
    /// The trigger of an activation; `None` for one that stands for many and is never carried out.
    pub fn trigger(kind: TriggerKind) -> Option<Self> {
        match kind {
            TriggerKind::Clock => Some(Self::Clock),
            TriggerKind::CatchUp => Some(Self::CatchUp),
            TriggerKind::Deadline => Some(Self::Deadline),
            TriggerKind::Coverage => Some(Self::Coverage),
            TriggerKind::Inbox => Some(Self::Inbox),
            TriggerKind::Gap => None,
        }
    }
}

/// A run to be begun.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// The activation it carries out.
    pub activation_id: Option<i64>,
    /// The backfill it belongs to.
    pub backfill_id: Option<i64>,
    /// The job; empty for `run` without one.
    pub job: String,
    /// Who or what asked for it.
    pub asked_by: AskedBy,
    /// The account and machine.
    pub who: String,
    /// The reason given.
    pub why: Option<String>,
    /// First month it is about.
    pub from: Option<Period>,
    /// Last month it is about.
    pub to: Option<Period>,
}

/// A run that was begun: its number and that of its attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begun {
    /// The run.
    pub run_id: i64,
    /// Its attempt, from 1.
    pub attempt: i64,
}

/// How something ended.
#[derive(Clone, Debug)]
pub struct End<'a> {
    /// When.
    pub at: DateTime<Utc>,
    /// How.
    pub state: State,
    /// The chain of causes, one a line.
    pub error: Option<&'a str>,
}

impl Ledger {
    /// Begins a run, or the next attempt of the run of an activation.
    pub async fn begin_run(&self, run: &NewRun, now: DateTime<Utc>) -> Result<Begun, LedgerError> {
        let known = match run.activation_id {
            Some(activation_id) => self.run_of(activation_id).await?,
            None => None,
        };
        let begun = self.insert_attempt(run, known, now).await;
        begun.map_err(self.failed("write"))
    }

    /// The run and its attempt in one transaction: a run without an attempt would tell nothing.
    async fn insert_attempt(
        &self,
        run: &NewRun,
        known: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<Begun, sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        let run_id = match known {
            Some(run_id) => {
                let reopen = "UPDATE runs SET state = 'running', ended_at = NULL WHERE run_id = $1";
                sqlx::query(reopen).bind(run_id).execute(&mut *transaction).await?;
                run_id
            }
            None => insert_run(&mut transaction, run, now).await?,
        };
        let attempt: i64 = sqlx::query_scalar(
            "INSERT INTO attempts (run_id, attempt, host, process, started_at, state) \
             SELECT $1, COALESCE(MAX(attempt), 0) + 1, $2, $3, $4, 'running' \
             FROM attempts WHERE run_id = $1 RETURNING attempt",
        )
        .bind(run_id)
        .bind(host())
        .bind(i64::from(std::process::id()))
        .bind(stamp(now))
        .fetch_one(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Begun { run_id, attempt })
    }

    async fn run_of(&self, activation_id: i64) -> Result<Option<i64>, LedgerError> {
        sqlx::query_scalar("SELECT run_id FROM runs WHERE activation_id = $1")
            .bind(activation_id)
            .fetch_optional(&self.pool)
            .await
            .map_err(self.failed("read"))
    }

    /// Ends an attempt and its run.
    pub async fn end_run(&self, begun: Begun, end: &End<'_>) -> Result<(), LedgerError> {
        self.end_attempt(begun, end).await.map_err(self.failed("write"))
    }

    async fn end_attempt(&self, begun: Begun, end: &End<'_>) -> Result<(), sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        let attempt = "UPDATE attempts SET ended_at = $3, state = $4, error = $5 \
             WHERE run_id = $1 AND attempt = $2 AND state = 'running'";
        sqlx::query(attempt)
            .bind(begun.run_id)
            .bind(begun.attempt)
            .bind(stamp(end.at))
            .bind(end.state.name())
            .bind(end.error)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("UPDATE runs SET ended_at = $2, state = $3 WHERE run_id = $1")
            .bind(begun.run_id)
            .bind(stamp(end.at))
            .bind(end.state.name())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
    }

    /// Keeps which edition a run ended with, and the fingerprint it was made from.
    pub async fn keep_edition(
        &self,
        run_id: i64,
        edition: u32,
        inputs: &str,
    ) -> Result<(), LedgerError> {
        sqlx::query("UPDATE runs SET edition = $2, inputs = $3 WHERE run_id = $1")
            .bind(run_id)
            .bind(i64::from(edition))
            .bind(inputs)
            .execute(&self.pool)
            .await
            .map_err(self.failed("write"))?;
        Ok(())
    }

    /// Begins a step of an attempt.
    pub async fn begin_step(
        &self,
        begun: Begun,
        position: i64,
        step: &str,
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        sqlx::query(
            "INSERT INTO steps (run_id, attempt, position, step, started_at, state) \
             VALUES ($1, $2, $3, $4, $5, 'running')",
        )
        .bind(begun.run_id)
        .bind(begun.attempt)
        .bind(position)
        .bind(step)
        .bind(stamp(now))
        .execute(&self.pool)
        .await
        .map_err(self.failed("write"))?;
        Ok(())
    }

    /// Ends a step; `counts` is a JSON object of what was done.
    pub async fn end_step(
        &self,
        begun: Begun,
        position: i64,
        end: &End<'_>,
        counts: Option<&str>,
    ) -> Result<(), LedgerError> {
        let started: String = sqlx::query(
            "SELECT started_at FROM steps WHERE run_id = $1 AND attempt = $2 AND position = $3",
        )
        .bind(begun.run_id)
        .bind(begun.attempt)
        .bind(position)
        .fetch_one(&self.pool)
        .await
        .and_then(|row| row.try_get(0))
        .map_err(self.failed("read"))?;
        let took = super::instant(&started).map(|from| (end.at - from).num_milliseconds());
        sqlx::query(
            "UPDATE steps SET ended_at = $4, state = $5, error = $6, counts = $7, duration_ms = $8 \
             WHERE run_id = $1 AND attempt = $2 AND position = $3",
        )
        .bind(begun.run_id)
        .bind(begun.attempt)
        .bind(position)
        .bind(stamp(end.at))
        .bind(end.state.name())
        .bind(end.error)
        .bind(counts)
        .bind(took)
        .execute(&self.pool)
        .await
        .map_err(self.failed("write"))?;
        Ok(())
    }

    /// Closes what processes that are gone left open; only for whoever holds the output's lock.
    /// Returns how many attempts there were.
    pub async fn close_interrupted(&self, now: DateTime<Utc>) -> Result<u64, LedgerError> {
        self.close_open(now).await.map_err(self.failed("write"))
    }

    async fn close_open(&self, now: DateTime<Utc>) -> Result<u64, sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        let mut closed = 0;
        // The attempts last: their number is what is told.
        for statement in [
            "UPDATE steps SET ended_at = $1, state = 'interrupted' WHERE state = 'running'",
            "UPDATE runs SET ended_at = $1, state = 'interrupted' WHERE state = 'running'",
            "UPDATE attempts SET ended_at = $1, state = 'interrupted' WHERE state = 'running'",
        ] {
            let done = sqlx::query(statement).bind(stamp(now)).execute(&mut *transaction).await?;
            closed = done.rows_affected();
        }
        transaction.commit().await?;
        Ok(closed)
    }
}

/// A new run; returns its number.
async fn insert_run(
    connection: &mut AnyConnection,
    run: &NewRun,
    now: DateTime<Utc>,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "INSERT INTO runs (run_id, activation_id, backfill_id, job, asked_by, who, why, \
         period_from, period_to, program, state, started_at) \
         SELECT COALESCE(MAX(run_id), 0) + 1, $1, $2, $3, $4, $5, $6, $7, $8, $9, 'running', $10 \
         FROM runs RETURNING run_id",
    )
    .bind(run.activation_id)
    .bind(run.backfill_id)
    .bind(&run.job)
    .bind(run.asked_by.name())
    .bind(&run.who)
    .bind(&run.why)
    .bind(run.from.map(|period| period.to_string()))
    .bind(run.to.map(|period| period.to_string()))
    .bind(env!("CARGO_PKG_VERSION"))
    .bind(stamp(now))
    .fetch_one(connection)
    .await
}

/// The name of this machine.
pub fn host() -> String {
    whoami::hostname().unwrap_or_else(|_| "unknown".to_owned())
}

/// The account and the machine, `user@host`.
pub fn who() -> String {
    format!("{}@{}", whoami::username().unwrap_or_else(|_| "unknown".to_owned()), host())
}
