//! Activations that no promise foresaw: new files in the inbox, months of which enough came in.
//!
//! In: one such activation. Out: whether it is new; and which months a job was due for already.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::activations::{COLUMNS, NewActivation, TriggerKind, activation, insert};
use super::{Ledger, LedgerError};
use crate::domain::period::Period;

/// Instants are kept to the millisecond.
const LEAST: TimeDelta = TimeDelta::milliseconds(1);

impl Ledger {
    /// Keeps one activation that no promise foresaw. `false` when the job has one of the same occasion
    /// already, or of the same instant.
    ///
    /// Coverage is another matter than its instant: several months may reach it in the same second,
    /// seen one after another. Such an activation takes the next millisecond that is free.
    pub async fn admit(
        &self,
        activation: &NewActivation,
        now: DateTime<Utc>,
    ) -> Result<bool, LedgerError> {
        let mut activation = activation.clone();
        let is_of_coverage = activation.trigger_kind == TriggerKind::Coverage;
        let failed = |error| self.failed("write")(error);
        let mut connection = self.pool.acquire().await.map_err(failed)?;
        while insert(&mut connection, &activation, now).await.map_err(failed)? == 0 {
            let known = "SELECT COUNT(*) FROM activations WHERE job = $1 AND occasion = $2";
            let known = sqlx::query_scalar::<_, i64>(known)
                .bind(&activation.job)
                .bind(&activation.occasion)
                .fetch_one(&mut *connection)
                .await
                .map_err(self.failed("read"))?;
            if !is_of_coverage || 0 < known {
                return Ok(false);
            }
            activation.scheduled_at += LEAST;
        }
        Ok(true)
    }

    /// The months for which a job was due by coverage, whatever became of it.
    pub async fn covered_months(&self, job: &str) -> Result<BTreeSet<Period>, LedgerError> {
        let sql = format!("{COLUMNS} WHERE job = $1 AND trigger_kind = $2");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(job)
            .bind(TriggerKind::Coverage.name())
            .fetch_all(&self.pool)
            .await
            .map_err(self.failed("read"))?;
        let kept: Vec<_> =
            rows.iter().map(activation).collect::<Result<_, _>>().map_err(self.failed("read"))?;
        Ok(kept.iter().filter_map(|it| it.months).flat_map(|(from, to)| from.to(to)).collect())
    }
}
