//! Orders: whatever is to be done, in one queue; a backfill is one with orders of its own below it.
//! An instant of a job is kept once: `(job, occasion)` is unique.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::reason::Reason;
use super::row::LedgerRow;
pub use super::words::{AskedBy, Cause, OrderStep, Reprocess, Sequence, State};
use super::{Ledger, LedgerError, Statement, json, query, stamp};
use crate::domain::period::Period;
use crate::project::schedules::Schedule;

/// What of an order depends on its kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Details {
    /// Nothing more.
    #[default]
    Plain,
    /// A range of past months done again.
    Backfill {
        /// Which of them.
        reprocess: Reprocess,
        /// Which goes first.
        order: Sequence,
        /// Workbooks read at the same time; 0 for one on each core.
        threads: u32,
        /// Those whose last attempt had failed when it was asked for.
        failed: BTreeSet<Period>,
        /// Whether its months are queued.
        is_planned: bool,
    },
    /// What begins or ends a backfill.
    Ending {
        /// Whether what is up to date is done again.
        is_forced: bool,
    },
    /// One month of a backfill.
    Month {
        /// Whether it is done also where it is up to date.
        is_forced: bool,
        /// Why it is among them.
        cause: Cause,
        /// Of a cascade: the changed month it looks back at.
        because: Option<Period>,
        /// Fingerprint of what the lake held for it before; empty for nothing, `None` before its turn.
        content: Option<String>,
    },
    /// Readers are pointed at an earlier edition.
    Rollback {
        /// Which.
        to: u32,
    },
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// The backfill it is a piece of.
    pub parent_id: Option<i64>,
    /// The job; empty for `run` without one.
    pub job: String,
    /// Who or what asks.
    pub asked_by: AskedBy,
    /// What makes it the only one of its job; `None` where there may be any number.
    pub occasion: Option<String>,
    /// When it is due.
    pub due_at: DateTime<Utc>,
    /// The months it is about, first and last.
    #[serde(rename = "range")]
    pub months: Option<(Period, Period)>,
    /// What is to be done, in order.
    pub steps: Vec<OrderStep>,
    /// What depends on its kind.
    pub details: Details,
    /// 0 last, 9 first.
    pub priority: u8,
    /// The account and machine.
    pub who: String,
    /// The reason given.
    pub why: Option<String>,
}

impl Asked {
    /// What a job is asked to do now by this process: no instant, no months.
    pub fn new(job: &str, asked_by: AskedBy, due_at: DateTime<Utc>) -> Self {
        Self {
            parent_id: None,
            job: job.to_owned(),
            asked_by,
            occasion: None,
            due_at,
            months: None,
            steps: Vec::new(),
            details: Details::Plain,
            priority: 0,
            who: super::who(),
            why: None,
        }
    }

    /// What the schedule of a job asks for at an instant.
    pub fn of(schedule: &Schedule, asked_by: AskedBy, due_at: DateTime<Utc>) -> Self {
        let mut asked = Self::new(&schedule.job, asked_by, due_at);
        asked.steps = OrderStep::of(&schedule.steps);
        asked.priority = schedule.priority;
        asked
    }
}

/// An order of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Order {
    /// Its number.
    pub order_id: i64,
    /// What is asked for.
    #[serde(flatten)]
    pub asked: Asked,
    /// Version of the program that took it in.
    pub program: String,
    /// When it was decided upon.
    pub decided_at: DateTime<Utc>,
    /// How it stands.
    pub state: State,
    /// Why.
    pub reasons: Vec<Reason>,
    /// Not before this instant.
    pub not_before: DateTime<Utc>,
    /// Attempts that count.
    pub tries: u32,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// The newest edition when it ended.
    pub edition: Option<u32>,
}

impl Order {
    /// Whether it does a range of months again.
    pub fn is_backfill(&self) -> bool {
        matches!(self.asked.details, Details::Backfill { .. })
    }

    /// Gives it another state; a final one ends it.
    pub fn turn(&mut self, state: State, now: DateTime<Utc>) {
        self.state = state;
        self.ended_at = state.is_final().then_some(now);
    }
}

const INSERT: &str = "INSERT INTO orders (order_id, parent_id, job, asked_by, occasion, due_at, \
     period_from, period_to, steps, details, priority, who, why, program, decided_at, state, reasons, \
     not_before, tries, ended_at) SELECT COALESCE(MAX(order_id), 0) + 1, $1, $2, $3, $4, $5, $6, $7, $8, \
     $9, $10, $11, $12, $13, $14, $15, $16, $17, 0, $18 FROM orders WHERE 1 = 1 \
     ON CONFLICT DO NOTHING RETURNING order_id";

/// The statement that keeps an order unless its job has one of the same occasion.
fn insert(asked: &Asked, state: State, reasons: &[Reason], now: DateTime<Utc>) -> Statement {
    let month = |month: Option<Period>| month.map(|month| month.to_string());
    let (from, to) = asked.months.unzip();
    query(INSERT)
        .bind(asked.parent_id)
        .bind(asked.job.clone())
        .bind(asked.asked_by.name())
        .bind(asked.occasion.clone())
        .bind(stamp(asked.due_at))
        .bind(month(from))
        .bind(month(to))
        .bind(json(&asked.steps))
        .bind(json(&asked.details))
        .bind(i64::from(asked.priority))
        .bind(asked.who.clone())
        .bind(asked.why.clone())
        .bind(env!("CARGO_PKG_VERSION"))
        .bind(stamp(now))
        .bind(state.name())
        .bind(json(&reasons))
        .bind(stamp(asked.due_at))
        .bind(state.is_final().then(|| stamp(now)))
}

/// What somebody paused or gave up meanwhile stays so.
const HELD: &str = "state IN ('paused', 'cancelled')";

/// The statement that writes what became of an order; `with_details` also what depends on its kind.
fn update(order: &Order, with_details: bool) -> Statement {
    let details = if with_details { ", details = $7" } else { "" };
    let update = query(format!(
        "UPDATE orders SET state = CASE WHEN {HELD} THEN state ELSE $2 END, reasons = $3, \
         not_before = $4, tries = $5, ended_at = CASE WHEN {HELD} THEN ended_at ELSE $6 END{details} \
         WHERE order_id = $1"
    ))
    .bind(order.order_id)
    .bind(order.state.name())
    .bind(json(&order.reasons))
    .bind(stamp(order.not_before))
    .bind(i64::from(order.tries))
    .bind(order.ended_at.map(stamp));
    if with_details { update.bind(json(&order.asked.details)) } else { update }
}

fn order(row: LedgerRow<'_>) -> Result<Order, sqlx::Error> {
    let edition: Option<i64> = row.at("edition")?;
    Ok(Order {
        order_id: row.at("order_id")?,
        asked: Asked {
            parent_id: row.at("parent_id")?,
            job: row.at("job")?,
            asked_by: row.word("asked_by", AskedBy::named)?,
            occasion: row.at("occasion")?,
            due_at: row.time("due_at")?,
            months: row.parsed("period_from")?.zip(row.parsed("period_to")?),
            steps: row.json("steps")?,
            details: row.json("details")?,
            priority: row.count("priority")?,
            who: row.at("who")?,
            why: row.at("why")?,
        },
        program: row.at("program")?,
        decided_at: row.time("decided_at")?,
        state: row.word("state", State::named)?,
        reasons: row.json("reasons")?,
        not_before: row.time("not_before")?,
        tries: row.count("tries")?,
        ended_at: row.time_if("ended_at")?,
        edition: edition.and_then(|edition| edition.try_into().ok()),
    })
}

fn select(rest: &str) -> Statement {
    query(format!("SELECT * FROM orders WHERE {rest}"))
}

impl Ledger {
    /// Takes in an order; `None` when its job has one of the same occasion already.
    pub async fn add_order(
        &self,
        asked: &Asked,
        state: State,
        now: DateTime<Utc>,
    ) -> Result<Option<i64>, LedgerError> {
        let failed = self.failed("write");
        let row = insert(asked, state, &[], now).fetch_optional(&self.pool).await;
        let row = row.and_then(|row| row.map(|row| LedgerRow(&row).at("order_id")).transpose());
        row.map_err(failed)
    }

    /// Keeps what was decided for a job up to an instant, all at once; what is known already stays as
    /// it is.
    pub async fn decide(
        &self,
        job: &str,
        decided: &[(Asked, State, Vec<Reason>)],
        until: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let mark = query("UPDATE promises SET decided_until = $2 WHERE job = $1 AND until IS NULL")
            .bind(job.to_owned())
            .bind(stamp(until));
        let orders =
            decided.iter().map(|(asked, state, reasons)| insert(asked, *state, reasons, until));
        self.write_all(std::iter::once(mark).chain(orders).collect()).await.map(|_| ())
    }

    /// Goes back to an instant for a job, since the clock was ahead: what it skipped of the time after
    /// it is forgotten and comes again. What was begun stays. Returns how many were forgotten.
    pub async fn set_back(&self, job: &str, now: DateTime<Utc>) -> Result<u64, LedgerError> {
        let statements = [
            "UPDATE promises SET decided_until = $2 WHERE job = $1 AND until IS NULL",
            "DELETE FROM orders WHERE job = $1 AND $2 < due_at AND state = 'skipped' AND tries = 0",
        ];
        let bound = statements.map(|sql| query(sql).bind(job.to_owned()).bind(stamp(now)));
        self.write_all(bound.into()).await
    }

    /// Writes what became of an order.
    pub async fn set_order(&self, order: &Order) -> Result<(), LedgerError> {
        self.write(update(order, false)).await.map(|_| ())
    }

    /// Keeps another reason given for an order, and when it may be taken up.
    pub async fn keep_why(
        &self,
        order_id: i64,
        why: Option<&str>,
        not_before: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let keep =
            query("UPDATE orders SET why = COALESCE($2, why), not_before = $3 WHERE order_id = $1");
        let keep = keep.bind(order_id).bind(why.map(ToOwned::to_owned)).bind(stamp(not_before));
        self.write(keep).await.map(|_| ())
    }

    /// Changes how an order stands, if it stands in one of `from`; says whether it did.
    pub async fn turn_order(
        &self,
        order_id: i64,
        from: &[State],
        to: State,
        now: DateTime<Utc>,
    ) -> Result<bool, LedgerError> {
        let from: Vec<String> = from.iter().map(|state| format!("'{}'", state.name())).collect();
        let turn = query(format!(
            "UPDATE orders SET state = $2, ended_at = $3 WHERE order_id = $1 AND state IN ({})",
            from.join(", ")
        ));
        let ended = to.is_final().then(|| stamp(now));
        Ok(self.write(turn.bind(order_id).bind(to.name()).bind(ended)).await? > 0)
    }

    /// Puts orders back among those that wait which a daemon that is gone had begun; what was begun and
    /// not ended counts as no attempt. Returns how many there were.
    pub async fn requeue_running(&self) -> Result<u64, LedgerError> {
        let requeue = query(
            "UPDATE orders SET state = 'waiting', reasons = $1, \
             tries = CASE WHEN tries > 0 THEN tries - 1 ELSE 0 END \
             WHERE state = 'running' AND asked_by <> 'command' AND parent_id IS NULL",
        );
        self.write(requeue.bind(json(&[Reason::Requeued]))).await
    }

    /// Keeps the newest edition when an order ended.
    pub async fn keep_edition(&self, order_id: i64, edition: u32) -> Result<(), LedgerError> {
        let keep = query("UPDATE orders SET edition = $2 WHERE order_id = $1");
        self.write(keep.bind(order_id).bind(i64::from(edition))).await.map(|_| ())
    }

    /// One order.
    pub async fn order(&self, order_id: i64) -> Result<Option<Order>, LedgerError> {
        self.row(select("order_id = $1").bind(order_id), order).await
    }

    /// The orders that wait or run, oldest first; not those of commands, which nobody else carries out,
    /// nor the pieces of backfills.
    pub async fn open_orders(&self) -> Result<Vec<Order>, LedgerError> {
        let open = "state IN ('waiting', 'running') AND parent_id IS NULL \
             AND asked_by <> 'command' ORDER BY due_at, order_id";
        self.rows(select(open), order).await
    }

    /// The months for which a job was due by coverage, whatever became of it.
    pub async fn covered_months(&self, job: &str) -> Result<BTreeSet<Period>, LedgerError> {
        let covered = select("job = $1 AND asked_by = 'coverage'").bind(job.to_owned());
        let kept = self.rows(covered, order).await?.into_iter();
        Ok(kept.filter_map(|it| it.asked.months).flat_map(|(from, to)| from.to(to)).collect())
    }

    /// The orders of a job that its schedule or the inbox asked for and that were due in `[from, until)`,
    /// oldest first; before them the one that stands for a gap reaching into that time.
    pub async fn past_orders(
        &self,
        job: &str,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<Order>, LedgerError> {
        let past = "job = $1 AND occasion IS NOT NULL AND due_at < $3 AND ($2 <= due_at \
             OR (asked_by = 'gap' AND NOT EXISTS (SELECT 1 FROM orders AS later \
             WHERE later.job = $1 AND later.occasion IS NOT NULL AND later.due_at > orders.due_at \
             AND later.due_at < $2))) ORDER BY due_at, order_id";
        let past = select(past).bind(job.to_owned()).bind(stamp(from)).bind(stamp(until));
        self.rows(past, order).await
    }

    /// The newest order of a job's schedule that waits no longer.
    pub async fn last_order(&self, job: &str) -> Result<Option<Order>, LedgerError> {
        let last = "job = $1 AND occasion IS NOT NULL AND state <> 'waiting' \
             ORDER BY due_at DESC, order_id DESC LIMIT 1";
        self.row(select(last).bind(job.to_owned()), order).await
    }

    /// Every backfill, oldest first.
    pub async fn backfills(&self) -> Result<Vec<Order>, LedgerError> {
        let all = "asked_by = 'backfill' AND parent_id IS NULL ORDER BY order_id";
        self.rows(select(all), order).await
    }

    /// The pieces of a backfill, in the order in which they were queued.
    pub async fn pieces(&self, order_id: i64) -> Result<Vec<Order>, LedgerError> {
        self.rows(select("parent_id = $1 ORDER BY order_id").bind(order_id), order).await
    }

    /// Takes in pieces of a backfill and writes how others stand, and that it is planned; all or none.
    pub async fn set_pieces(
        &self,
        new: &[Asked],
        changed: &[Order],
        planned: Option<&Order>,
        now: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let mut statements: Vec<Statement> =
            new.iter().map(|asked| insert(asked, State::Waiting, &[], now)).collect();
        statements.extend(changed.iter().map(|piece| update(piece, true)));
        if let Some(Order { order_id, asked, .. }) = planned {
            let plan = query("UPDATE orders SET details = $2 WHERE order_id = $1");
            statements.push(plan.bind(*order_id).bind(json(&asked.details)));
        }
        self.write_all(statements).await.map(|_| ())
    }
}
