//! Promises: the schedules by which instants were reckoned, and from when to when each held.

use chrono::{DateTime, Utc};

use super::row::LedgerRow;
use super::{Ledger, LedgerError, query, stamp};

/// What a job's file promised for a stretch of time.
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
    /// Until when; `None`: it holds now.
    pub until: Option<DateTime<Utc>>,
    /// Every instant up to here has been decided upon.
    pub decided_until: DateTime<Utc>,
}

fn promise(row: LedgerRow<'_>) -> Result<Promise, sqlx::Error> {
    Ok(Promise {
        job: row.at("job")?,
        schedule: row.at("schedule")?,
        basis: row.at("basis")?,
        since: row.time("since")?,
        until: row.time_if("until")?,
        decided_until: row.time("decided_until")?,
    })
}

impl Ledger {
    /// The promises that hold now, by job.
    pub async fn promises(&self) -> Result<Vec<Promise>, LedgerError> {
        let held = query("SELECT * FROM promises WHERE until IS NULL ORDER BY job");
        self.rows(held, promise).await
    }

    /// Everything a job's file ever promised, oldest first.
    pub async fn past_promises(&self, job: &str) -> Result<Vec<Promise>, LedgerError> {
        let all = query("SELECT * FROM promises WHERE job = $1 ORDER BY since");
        self.rows(all.bind(job.to_owned()), promise).await
    }

    /// Ends the promise of a job.
    pub async fn end_promise(&self, job: &str, now: DateTime<Utc>) -> Result<(), LedgerError> {
        let end = query("UPDATE promises SET until = $2 WHERE job = $1 AND until IS NULL");
        self.write(end.bind(job.to_owned()).bind(stamp(now))).await.map(|_| ())
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
        let begin = query(
            "INSERT INTO promises (job, since, schedule, basis, decided_until) \
             VALUES ($1, $2, $3, $4, $2) \
             ON CONFLICT (job, since) DO UPDATE SET schedule = $3, basis = $4, until = NULL",
        );
        let begin = begin.bind(job.to_owned()).bind(stamp(now)).bind(schedule.to_owned());
        self.write(begin.bind(basis.to_owned())).await.map(|_| ())
    }
}
