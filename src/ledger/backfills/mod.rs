//! Backfills and their months: begun, worked through, paused, found again.
//!
//! In: which months are to be done again, who asked and why, and what became of each. Out: the same,
//! after however many processes. A backfill is `running` from its start to its end: whether a process
//! is at work on it tells the lock `output/.backfill.lock`, not the ledger.

use chrono::{DateTime, Utc};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::activations::word;
use super::{Ledger, LedgerError, instant, stamp};
use crate::domain::period::Period;

mod failed;

mod names;

pub use self::names::{BackfillState, Cause, MonthState, Reprocess, WorkOrder};

/// A backfill to be begun.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct NewBackfill {
    /// The job.
    pub job: String,
    /// First month asked for.
    pub from: Period,
    /// Last month asked for, included.
    pub to: Period,
    /// Which of these months are done again.
    pub reprocess: Reprocess,
    /// Which goes first.
    pub order: WorkOrder,
    /// Workbooks read at the same time; 0 for one on each core.
    pub threads: u32,
    /// The account and machine.
    pub who: String,
    /// The reason given.
    pub why: Option<String>,
}

/// A backfill of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Backfill {
    /// Its number.
    pub backfill_id: i64,
    /// What was asked for.
    #[serde(flatten)]
    pub asked: NewBackfill,
    /// Version of the program that began it.
    pub program: String,
    /// How it stands.
    pub state: BackfillState,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// The edition it ended with.
    pub edition: Option<u32>,
}

/// One month of a backfill.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Month {
    /// The month.
    pub period: Period,
    /// Its place among the months, from 1, in the order in which they were queued.
    pub position: i64,
    /// Why it is among them.
    pub cause: Cause,
    /// Of a cascade: the changed month it looks back at.
    pub because: Option<Period>,
    /// How it stands.
    pub state: MonthState,
    /// Fingerprint of what the lake held for it before; empty for nothing, `None` before its turn.
    #[serde(skip)]
    pub content: Option<String>,
    /// Its run.
    pub run_id: Option<i64>,
    /// The chain of causes, one a line.
    pub error: Option<String>,
}

/// What became of a month.
#[derive(Clone, Debug)]
pub struct MonthEnd<'a> {
    /// How it ended.
    pub state: MonthState,
    /// Its run.
    pub run_id: Option<i64>,
    /// The chain of causes, one a line.
    pub error: Option<&'a str>,
    /// Later months that look back at it and are stale now.
    pub follow: &'a [Period],
}

const COLUMNS: &str = "SELECT backfill_id, job, period_from, period_to, reprocess, work_order, \
     threads, who, why, program, state, created_at, ended_at, edition FROM backfills";

impl Ledger {
    /// Begins a backfill; its months are planned later.
    pub async fn begin_backfill(
        &self,
        new: &NewBackfill,
        now: DateTime<Utc>,
    ) -> Result<i64, LedgerError> {
        sqlx::query_scalar(
            "INSERT INTO backfills (backfill_id, job, period_from, period_to, reprocess, \
             work_order, threads, who, why, program, state, created_at) \
             SELECT COALESCE(MAX(backfill_id), 0) + 1, $1, $2, $3, $4, $5, $6, $7, $8, $9, \
             'running', $10 FROM backfills RETURNING backfill_id",
        )
        .bind(&new.job)
        .bind(new.from.to_string())
        .bind(new.to.to_string())
        .bind(new.reprocess.name())
        .bind(new.order.name())
        .bind(i64::from(new.threads))
        .bind(&new.who)
        .bind(&new.why)
        .bind(env!("CARGO_PKG_VERSION"))
        .bind(stamp(now))
        .fetch_one(&self.pool)
        .await
        .map_err(self.failed("write"))
    }

    /// Every backfill, oldest first.
    pub async fn backfills(&self) -> Result<Vec<Backfill>, LedgerError> {
        let all = format!("{COLUMNS} ORDER BY backfill_id");
        let rows = sqlx::query(sqlx::AssertSqlSafe(all)).fetch_all(&self.pool).await;
        let rows = rows.map_err(self.failed("read"))?;
        rows.iter().map(backfill_of).collect::<Result<_, _>>().map_err(self.failed("read"))
    }

    /// One backfill.
    pub async fn backfill(&self, backfill_id: i64) -> Result<Option<Backfill>, LedgerError> {
        let one = format!("{COLUMNS} WHERE backfill_id = $1");
        let row = sqlx::query(sqlx::AssertSqlSafe(one))
            .bind(backfill_id)
            .fetch_optional(&self.pool)
            .await
            .map_err(self.failed("read"))?;
        row.as_ref().map(backfill_of).transpose().map_err(self.failed("read"))
    }

    /// Changes how a backfill stands, if it stands in one of `from`; says whether it did.
    pub async fn turn_backfill(
        &self,
        backfill_id: i64,
        from: &[BackfillState],
        to: BackfillState,
        now: DateTime<Utc>,
    ) -> Result<bool, LedgerError> {
        let ended_at = to.is_final().then(|| stamp(now));
        let mut has_turned = false;
        for state in from {
            let turned = sqlx::query(
                "UPDATE backfills SET state = $3, ended_at = $4 \
                 WHERE backfill_id = $1 AND state = $2",
            )
            .bind(backfill_id)
            .bind(state.name())
            .bind(to.name())
            .bind(&ended_at)
            .execute(&self.pool)
            .await
            .map_err(self.failed("write"))?;
            has_turned |= turned.rows_affected() > 0;
        }
        Ok(has_turned)
    }

    /// Keeps the edition a backfill ended with.
    pub async fn keep_backfill_edition(
        &self,
        backfill_id: i64,
        edition: u32,
    ) -> Result<(), LedgerError> {
        sqlx::query("UPDATE backfills SET edition = $2 WHERE backfill_id = $1")
            .bind(backfill_id)
            .bind(i64::from(edition))
            .execute(&self.pool)
            .await
            .map_err(self.failed("write"))?;
        Ok(())
    }

    /// Keeps another reason for a backfill.
    pub async fn keep_backfill_why(&self, backfill_id: i64, why: &str) -> Result<(), LedgerError> {
        sqlx::query("UPDATE backfills SET why = $2 WHERE backfill_id = $1")
            .bind(backfill_id)
            .bind(why)
            .execute(&self.pool)
            .await
            .map_err(self.failed("write"))?;
        Ok(())
    }

    /// Queues months, in the order given, all or none; those queued already wait once more, and keep
    /// their cause if they are merely asked for.
    pub async fn queue_months(
        &self,
        backfill_id: i64,
        months: &[(Period, Cause)],
    ) -> Result<(), LedgerError> {
        let queued = async {
            let mut transaction = self.pool.begin().await?;
            for (period, cause) in months {
                queue(&mut transaction, backfill_id, *period, (*cause, None)).await?;
            }
            transaction.commit().await
        };
        queued.await.map_err(self.failed("write"))
    }

    /// The months of a backfill, in the order in which they were queued.
    pub async fn months(&self, backfill_id: i64) -> Result<Vec<Month>, LedgerError> {
        let rows = sqlx::query(
            "SELECT period, position, cause, because, state, content, run_id, error \
             FROM backfill_periods WHERE backfill_id = $1 ORDER BY position",
        )
        .bind(backfill_id)
        .fetch_all(&self.pool)
        .await
        .map_err(self.failed("read"))?;
        rows.iter().map(month_of).collect::<Result<_, _>>().map_err(self.failed("read"))
    }

    /// Keeps what the lake holds for a month before it is touched: whether its figures changed can
    /// be told then even if the process is killed in between.
    pub async fn begin_month(
        &self,
        backfill_id: i64,
        period: Period,
        content: &str,
    ) -> Result<(), LedgerError> {
        sqlx::query(
            "UPDATE backfill_periods SET content = $3 \
             WHERE backfill_id = $1 AND period = $2 AND content IS NULL",
        )
        .bind(backfill_id)
        .bind(period.to_string())
        .bind(content)
        .execute(&self.pool)
        .await
        .map_err(self.failed("write"))?;
        Ok(())
    }

    /// Ends a month and queues those that follow, both or neither.
    pub async fn end_month(
        &self,
        backfill_id: i64,
        period: Period,
        end: &MonthEnd<'_>,
    ) -> Result<(), LedgerError> {
        let ended = async {
            let mut transaction = self.pool.begin().await?;
            sqlx::query(
                "UPDATE backfill_periods SET state = $3, run_id = $4, error = $5 \
                 WHERE backfill_id = $1 AND period = $2",
            )
            .bind(backfill_id)
            .bind(period.to_string())
            .bind(end.state.name())
            .bind(end.run_id)
            .bind(end.error)
            .execute(&mut *transaction)
            .await?;
            for follower in end.follow {
                let cause = (Cause::Cascade, Some(period));
                queue(&mut transaction, backfill_id, *follower, cause).await?;
            }
            transaction.commit().await
        };
        ended.await.map_err(self.failed("write"))
    }

    /// Gives up the months of a backfill that still wait.
    pub async fn cancel_months(&self, backfill_id: i64) -> Result<(), LedgerError> {
        sqlx::query(
            "UPDATE backfill_periods SET state = 'cancelled' \
             WHERE backfill_id = $1 AND state = 'waiting'",
        )
        .bind(backfill_id)
        .execute(&self.pool)
        .await
        .map_err(self.failed("write"))?;
        Ok(())
    }

    /// The run in which a backfill last worked at a month.
    pub async fn run_of_month(
        &self,
        backfill_id: i64,
        period: Period,
    ) -> Result<Option<i64>, LedgerError> {
        sqlx::query_scalar(
            "SELECT MAX(run_id) FROM runs WHERE backfill_id = $1 AND period_from = $2 AND period_to = $2",
        )
        .bind(backfill_id)
        .bind(period.to_string())
        .fetch_one(&self.pool)
        .await
        .map_err(self.failed("read"))
    }
}

/// Queues a month at the end, with its cause and, of a cascade, the changed month.
async fn queue(
    connection: &mut AnyConnection,
    backfill_id: i64,
    period: Period,
    (cause, because): (Cause, Option<Period>),
) -> Result<(), sqlx::Error> {
    let position: i64 = sqlx::query_scalar(
        "SELECT COALESCE(MAX(position), 0) + 1 FROM backfill_periods WHERE backfill_id = $1",
    )
    .bind(backfill_id)
    .fetch_one(&mut *connection)
    .await?;
    sqlx::query(
        "INSERT INTO backfill_periods (backfill_id, period, position, cause, because, state) \
         VALUES ($1, $2, $3, $4, $5, 'waiting') \
         ON CONFLICT (backfill_id, period) DO UPDATE SET position = excluded.position, \
         because = COALESCE(excluded.because, backfill_periods.because), cause = CASE WHEN excluded.cause = 'asked' \
         THEN backfill_periods.cause ELSE excluded.cause END, \
         state = 'waiting', content = NULL, run_id = NULL, error = NULL",
    )
    .bind(backfill_id)
    .bind(period.to_string())
    .bind(position)
    .bind(cause.name())
    .bind(because.map(|period| period.to_string()))
    .execute(&mut *connection)
    .await?;
    Ok(())
}

fn backfill_of(row: &AnyRow) -> Result<Backfill, sqlx::Error> {
    let text = |name| row.try_get::<String, _>(name);
    let number = |name| row.try_get::<Option<i64>, _>(name);
    let ended_at: Option<String> = row.try_get("ended_at")?;
    let edition = number("edition")?.and_then(|edition| u32::try_from(edition).ok());
    Ok(Backfill {
        backfill_id: row.try_get("backfill_id")?,
        asked: NewBackfill {
            job: text("job")?,
            from: understood("period_from", text("period_from")?.parse().ok())?,
            to: understood("period_to", text("period_to")?.parse().ok())?,
            reprocess: word(row, "reprocess", Reprocess::named)?,
            order: word(row, "work_order", WorkOrder::named)?,
            threads: u32::try_from(row.try_get::<i64, _>("threads")?).unwrap_or_default(),
            who: text("who")?,
            why: row.try_get("why")?,
        },
        program: text("program")?,
        state: word(row, "state", BackfillState::named)?,
        created_at: understood("created_at", instant(&text("created_at")?))?,
        ended_at: ended_at.as_deref().and_then(instant),
        edition,
    })
}

fn month_of(row: &AnyRow) -> Result<Month, sqlx::Error> {
    let period: String = row.try_get("period")?;
    let because: Option<String> = row.try_get("because")?;
    Ok(Month {
        period: understood("period", period.parse().ok())?,
        position: row.try_get("position")?,
        cause: word(row, "cause", Cause::named)?,
        because: because.and_then(|period| period.parse().ok()),
        state: word(row, "state", MonthState::named)?,
        content: row.try_get("content")?,
        run_id: row.try_get("run_id")?,
        error: row.try_get("error")?,
    })
}

/// A month or instant the program wrote, or an error that names its column. Words of a closed set are
/// another matter: a newer program may know more of them.
fn understood<T>(column: &str, value: Option<T>) -> Result<T, sqlx::Error> {
    value.ok_or_else(|| sqlx::Error::ColumnDecode {
        index: column.to_owned(),
        source: "not a value this program writes".into(),
    })
}
