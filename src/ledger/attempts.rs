//! Attempts: one try at an order by one process, step by step.
//!
//! In: what is being done. Out: what was done. An attempt is open while it is `running`; whoever holds the
//! lock of the output folder closes what a killed process left open.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::orders::State;
use super::reason::Reason;
use super::row::LedgerRow;
use super::words::OrderStep;
use super::{Ledger, LedgerError, Statement, host, json, query, stamp};
use crate::domain::period::Period;

/// One step of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRun {
    /// What it does.
    pub step: OrderStep,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// How it stands.
    pub state: State,
    /// What was done, by name; what is none is left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counts: BTreeMap<String, usize>,
}

/// One try at an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// The order.
    pub order_id: i64,
    /// From 1.
    pub attempt: i64,
    /// The machine.
    pub host: String,
    /// Its process there.
    pub process: u32,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// How it stands.
    pub state: State,
    /// Its steps so far.
    pub steps: Vec<StepRun>,
    /// Why it failed.
    pub reasons: Vec<Reason>,
}

impl Attempt {
    /// Ends it, and the step it is at.
    pub fn end(&mut self, state: State, now: DateTime<Utc>) {
        (self.state, self.ended_at) = (state, Some(now));
        for step in self.steps.iter_mut().filter(|step| step.state == State::Running) {
            (step.state, step.ended_at) = (state, Some(now));
        }
    }
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

fn attempt(row: LedgerRow<'_>) -> Result<Attempt, sqlx::Error> {
    Ok(Attempt {
        order_id: row.at("order_id")?,
        attempt: row.at("attempt")?,
        host: row.at("host")?,
        process: row.count("process")?,
        started_at: row.time("started_at")?,
        ended_at: row.time_if("ended_at")?,
        state: row.word("state", State::named)?,
        steps: row.json("steps")?,
        reasons: row.json("reasons")?,
    })
}

/// The statement that writes how an attempt stands.
fn update(it: &Attempt) -> Statement {
    query(
        "UPDATE attempts SET ended_at = $3, state = $4, steps = $5, reasons = $6 \
         WHERE order_id = $1 AND attempt = $2",
    )
    .bind(it.order_id)
    .bind(it.attempt)
    .bind(it.ended_at.map(stamp))
    .bind(it.state.name())
    .bind(json(&it.steps))
    .bind(json(&it.reasons))
}

/// The statement that lets an order run, or ends it.
fn turn(order_id: i64, state: State, ended_at: Option<DateTime<Utc>>) -> Statement {
    query("UPDATE orders SET state = $2, ended_at = $3 WHERE order_id = $1")
        .bind(order_id)
        .bind(state.name())
        .bind(ended_at.map(stamp))
}

impl Ledger {
    /// Begins the next attempt at an order; only for whoever holds the output's lock.
    pub async fn begin_attempt(
        &self,
        order_id: i64,
        now: DateTime<Utc>,
    ) -> Result<Attempt, LedgerError> {
        self.write(turn(order_id, State::Running, None)).await?;
        let begin = query(
            "INSERT INTO attempts (order_id, attempt, host, process, started_at, state, steps, reasons) \
             SELECT $1, COALESCE(MAX(attempt), 0) + 1, $2, $3, $4, 'running', '[]', '[]' \
             FROM attempts WHERE order_id = $1 RETURNING attempt",
        );
        let process = std::process::id();
        let begin = begin.bind(order_id).bind(host()).bind(i64::from(process)).bind(stamp(now));
        Ok(Attempt {
            order_id,
            attempt: self.insert(begin).await?,
            host: host(),
            process,
            started_at: now,
            ended_at: None,
            state: State::Running,
            steps: Vec::new(),
            reasons: Vec::new(),
        })
    }

    /// Writes how an attempt stands.
    pub async fn keep_attempt(&self, attempt: &Attempt) -> Result<(), LedgerError> {
        self.write(update(attempt)).await.map(|_| ())
    }

    /// Closes what processes that are gone left open; only for whoever holds the output's lock. The
    /// pieces of backfills wait again, commands are over; what a daemon began is its own to judge.
    /// Returns how many attempts there were.
    pub async fn close_interrupted(&self, now: DateTime<Utc>) -> Result<usize, LedgerError> {
        let mut open = self.open_attempts().await?;
        for (attempt, _) in &mut open {
            attempt.end(State::Interrupted, now);
        }
        // Also those killed before their attempt began, or between its end and their own.
        let pieces =
            "UPDATE orders SET state = 'waiting' WHERE state = 'running' AND parent_id IS NOT NULL";
        let commands = "UPDATE orders SET state = 'interrupted', ended_at = $1 \
             WHERE state = 'running' AND asked_by = 'command'";
        let attempts = open.iter().map(|(attempt, _)| update(attempt));
        let orders = [query(pieces), query(commands).bind(stamp(now))];
        self.write_all(attempts.chain(orders).collect()).await?;
        Ok(open.len())
    }

    /// The attempts that have not ended, with their jobs: at most one is being carried out, by whoever
    /// holds the output's lock; the others were killed.
    pub async fn open_attempts(&self) -> Result<Vec<(Attempt, String)>, LedgerError> {
        let open = query(
            "SELECT a.*, o.job FROM attempts a JOIN orders o ON o.order_id = a.order_id \
             WHERE a.state = 'running' ORDER BY a.order_id, a.attempt",
        );
        self.rows(open, |row| Ok((attempt(row)?, row.at("job")?))).await
    }

    /// The newest attempt that a process made at an order or a piece of it; `None` when the process ended
    /// before it began one.
    pub async fn attempt_of(
        &self,
        order_id: i64,
        process: u32,
    ) -> Result<Option<Attempt>, LedgerError> {
        let newest = query(
            "SELECT a.* FROM attempts a JOIN orders o ON o.order_id = a.order_id \
             WHERE (o.order_id = $1 OR o.parent_id = $1) AND a.process = $2 \
             ORDER BY a.started_at DESC, a.order_id DESC, a.attempt DESC LIMIT 1",
        );
        self.row(newest.bind(order_id).bind(i64::from(process)), attempt).await
    }

    /// The attempts at the orders of a job that were due in `[from, until)`, oldest first.
    pub async fn past_attempts(
        &self,
        job: &str,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<Attempt>, LedgerError> {
        let past = query(
            "SELECT a.* FROM attempts a JOIN orders o ON o.order_id = a.order_id \
             WHERE o.job = $1 AND $2 <= o.due_at AND o.due_at < $3 ORDER BY a.order_id, a.attempt",
        );
        let past = past.bind(job.to_owned()).bind(stamp(from)).bind(stamp(until));
        self.rows(past, attempt).await
    }

    /// When each job last did what it was to do.
    pub async fn last_successes(&self) -> Result<BTreeMap<String, DateTime<Utc>>, LedgerError> {
        let last = query(
            "SELECT o.job, MAX(a.ended_at) AS ended_at FROM attempts a \
             JOIN orders o ON o.order_id = a.order_id \
             WHERE a.state = 'done' AND o.job <> '' AND a.ended_at IS NOT NULL GROUP BY o.job",
        );
        let last = self.rows(last, |row| Ok((row.at("job")?, row.time("ended_at")?))).await?;
        Ok(last.into_iter().collect())
    }

    /// How the attempts at what schedules and the inbox asked for ended so far, counted.
    pub async fn attempts_ended(&self) -> Result<Vec<AttemptsEnded>, LedgerError> {
        let counted = query(
            "SELECT o.job, a.state, CASE WHEN n.order_id IS NULL THEN 0 ELSE 1 END AS again, \
             COUNT(*) AS times FROM attempts a JOIN orders o ON o.order_id = a.order_id \
             LEFT JOIN attempts n ON n.order_id = a.order_id AND n.attempt = a.attempt + 1 \
             WHERE o.occasion IS NOT NULL GROUP BY 1, 2, 3",
        );
        let read = |row: LedgerRow<'_>| {
            Ok(AttemptsEnded {
                job: row.at("job")?,
                state: row.word("state", State::named)?,
                is_tried_again: row.at::<i64>("again")? == 1,
                count: row.count("times")?,
            })
        };
        self.rows(counted, read).await
    }

    /// The months whose last rebuilding failed: a later one that brought them up to date settles it,
    /// also one over every month.
    pub async fn failed_months(&self) -> Result<BTreeSet<Period>, LedgerError> {
        let rebuilding = query(
            "SELECT a.steps, o.period_from, o.period_to FROM attempts a \
             JOIN orders o ON o.order_id = a.order_id WHERE a.steps LIKE '%\"rebuild\"%' \
             ORDER BY a.started_at, a.order_id, a.attempt",
        );
        let read = |row: LedgerRow<'_>| {
            let steps: Vec<StepRun> = row.json("steps")?;
            Ok((steps, row.parsed("period_from")?, row.parsed("period_to")?))
        };
        let mut failed: BTreeSet<Period> = BTreeSet::new();
        for (steps, from, to) in self.rows(rebuilding, read).await? {
            let rebuild = steps.iter().find(|step| step.step == OrderStep::Rebuild);
            match rebuild.map(|step| step.state) {
                Some(State::Failed | State::TimedOut) => {
                    failed.extend(from.filter(|from: &Period| Some(*from) == to));
                }
                Some(State::Done) => failed.retain(|period| {
                    from.is_some_and(|from| *period < from) || to.is_some_and(|to| to < *period)
                }),
                _ => {}
            }
        }
        Ok(failed)
    }
}
