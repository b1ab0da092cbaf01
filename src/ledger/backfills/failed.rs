//! Which months failed last, from the runs of the ledger.

use std::collections::BTreeSet;

use sqlx::Row;
use sqlx::any::AnyRow;

use super::super::{Ledger, LedgerError};
use crate::domain::period::Period;

impl Ledger {
    /// The months whose last run failed: a later run that brought them up to date settles it, also
    /// one over every month.
    pub async fn failed_months(&self) -> Result<BTreeSet<Period>, LedgerError> {
        let rows = sqlx::query(
            "SELECT r.period_from, r.period_to, r.asked_by, s.state FROM steps s \
             JOIN runs r ON r.run_id = s.run_id \
             WHERE s.step = 'intake' ORDER BY r.run_id, s.attempt, s.position",
        )
        .fetch_all(&self.pool)
        .await
        .map_err(self.failed("read"))?;
        let mut failed = BTreeSet::new();
        for row in &rows {
            settle(row, &mut failed).map_err(self.failed("read"))?;
        }
        Ok(failed)
    }
}

/// Lets one intake put a month among the failed or take months from them.
fn settle(row: &AnyRow, failed: &mut BTreeSet<Period>) -> Result<(), sqlx::Error> {
    let period = |name| -> Result<Option<Period>, sqlx::Error> {
        Ok(row.try_get::<Option<String>, _>(name)?.and_then(|text| text.parse().ok()))
    };
    let (from, to) = (period("period_from")?, period("period_to")?);
    let asked_by: String = row.try_get("asked_by")?;
    let state: String = row.try_get("state")?;
    match state.as_str() {
        "failed" | "timed_out" => {
            failed.extend(from.filter(|from| Some(*from) == to));
        }
        // A backfill's run without a month only emptied the inbox.
        "done" if !(from.is_none() && asked_by == "backfill") => failed.retain(|period| {
            from.is_some_and(|from| *period < from) || to.is_some_and(|to| to < *period)
        }),
        _ => {}
    }
    Ok(())
}
