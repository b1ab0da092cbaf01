//! Pausing, cancelling, resuming: from other processes than the one at work.
//!
//! What is said here stands in the ledger; the process at work looks there between two months.

use chrono::{DateTime, Utc};

use super::BackfillError;
use crate::files::lock::Lock;
use crate::ledger::Ledger;
use crate::ledger::backfills::{Backfill, BackfillState, MonthState};
use crate::pipeline::output::Output;
use crate::project::Project;

/// What a process writes into the lock of backfills: which one it works at, and who it is.
pub fn sign(lock: &Lock, output: &Output, id: i64, holder: &str) -> Result<String, BackfillError> {
    let holder = format!("backfill {id}: {holder}");
    lock.sign(&output.backfill_lock(), &holder)?;
    Ok(holder)
}

/// Whether a process works at a backfill now.
pub fn is_at_work(output: &Output, backfill_id: i64) -> bool {
    let holder = Lock::holder(&output.backfill_lock());
    holder.is_some_and(|holder| holder.starts_with(&format!("backfill {backfill_id}: ")))
}

/// Lets a backfill stop after the month it is at.
pub async fn pause(
    ledger: &Ledger,
    backfill_id: i64,
    now: DateTime<Utc>,
) -> Result<(), BackfillError> {
    let backfill = known(ledger, backfill_id).await?;
    let from = [BackfillState::Running];
    if ledger.turn_backfill(backfill_id, &from, BackfillState::Paused, now).await? {
        return Ok(());
    }
    let state = backfill.state.name();
    Err(BackfillError::Call(format!(
        "backfill {backfill_id} is {state}: only one that runs can be paused"
    )))
}

/// Ends a backfill for good after the month it is at; what was done stays.
pub async fn cancel(
    ledger: &Ledger,
    backfill_id: i64,
    now: DateTime<Utc>,
) -> Result<(), BackfillError> {
    let backfill = known(ledger, backfill_id).await?;
    let from = [BackfillState::Running, BackfillState::Paused, BackfillState::Failed];
    if ledger.turn_backfill(backfill_id, &from, BackfillState::Cancelled, now).await? {
        ledger.cancel_months(backfill_id).await?;
        return Ok(());
    }
    let state = backfill.state.name();
    Err(BackfillError::Call(format!(
        "backfill {backfill_id} is {state}: there is nothing to cancel"
    )))
}

/// Makes a backfill ready to go on: what failed waits once more, another reason is kept. The caller
/// holds the lock of backfills and then calls `carry_on`.
pub async fn resume(
    ledger: &Ledger,
    project: &Project,
    backfill_id: i64,
    why: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Backfill, BackfillError> {
    let backfill = known(ledger, backfill_id).await?;
    if !matches!(backfill.state, BackfillState::Done | BackfillState::Cancelled) {
        let job = &backfill.asked.job;
        let advise = |said| {
            format!(
                "{said}; put jobs/schedules/{job}.toml back as it was, or give the backfill up with `yuebao backfill cancel {backfill_id}`"
            )
        };
        super::steps(project, job).map_err(|said| BackfillError::Call(advise(said)))?;
    }
    let from = [BackfillState::Running, BackfillState::Paused, BackfillState::Failed];
    if !ledger.turn_backfill(backfill_id, &from, BackfillState::Running, now).await? {
        let state = backfill.state.name();
        return Err(BackfillError::Call(format!(
            "backfill {backfill_id} is {state}: begin another one with `yuebao backfill {} --from {} --to {}`",
            backfill.asked.job, backfill.asked.from, backfill.asked.to
        )));
    }
    if let Some(why) = why {
        ledger.keep_backfill_why(backfill_id, why).await?;
    }
    let months = ledger.months(backfill_id).await?;
    let failed = months.iter().filter(|month| month.state == MonthState::Failed);
    let failed: Vec<_> = failed.map(|month| (month.period, month.cause)).collect();
    ledger.queue_months(backfill_id, &failed).await?;
    known(ledger, backfill_id).await
}

/// A backfill by its number, or which numbers there are.
pub(super) async fn known(ledger: &Ledger, backfill_id: i64) -> Result<Backfill, BackfillError> {
    if let Some(backfill) = ledger.backfill(backfill_id).await? {
        return Ok(backfill);
    }
    let all = ledger.backfills().await?;
    let newest = all.iter().map(|known| known.backfill_id).max();
    Err(BackfillError::Call(unknown(backfill_id, newest)))
}

/// What is said of a number that no backfill has; `newest` is the highest there is.
pub fn unknown(backfill_id: i64, newest: Option<i64>) -> String {
    newest.map_or_else(
        || format!("there is no backfill {backfill_id}: none was begun yet"),
        |newest| {
            format!(
                "there is no backfill {backfill_id}: the newest is {newest}, `yuebao backfill list` has them all"
            )
        },
    )
}
