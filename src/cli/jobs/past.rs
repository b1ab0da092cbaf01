//! From what the ledger kept of a job to the values that a certificate is made from.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::super::Failure;
use crate::ledger::Ledger;
use crate::ledger::activations::Activation;
use crate::ledger::history::PastRun;
use crate::schedule::certificate::{Ran, Record, Term};

/// What the job's file promised, oldest first. A schedule that this program cannot read any more is
/// an error: a certificate without it would be incomplete.
pub(super) async fn terms(ledger: Option<&Ledger>, job: &str) -> Result<Vec<Term>, Failure> {
    let Some(ledger) = ledger else { return Ok(Vec::new()) };
    let promises = ledger.past_promises(job).await?;
    let read = promises.into_iter().map(|promise| {
        let unreadable = |error: serde_json::Error| {
            let since = promise.since.format("%Y-%m-%d %H:%M:%SZ");
            let what = format!("what job `{job}` promised since {since} cannot be read");
            Failure::machine(anyhow::Error::new(error).context(what))
        };
        let schedule = serde_json::from_str(&promise.schedule).map_err(unreadable)?;
        let basis = serde_json::from_str(&promise.basis).map_err(unreadable)?;
        let (since, until) = (promise.since, promise.until);
        Ok(Term { schedule, basis, since, until, decided_until: promise.decided_until })
    });
    read.collect()
}

/// The activations of `[from, until)` with their runs.
pub(super) async fn records(
    ledger: Option<&Ledger>,
    job: &str,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<Record>, Failure> {
    let Some(ledger) = ledger else { return Ok(Vec::new()) };
    let runs = ledger.past_runs(job, from, until).await?;
    let runs: BTreeMap<i64, Ran> = runs.iter().map(|run| (run.activation_id, ran(run))).collect();
    let activations = ledger.past_activations(job, from, until).await?;
    Ok(activations
        .into_iter()
        .map(|activation| {
            let run = runs.get(&activation.activation_id).cloned();
            record(activation, run)
        })
        .collect())
}

fn ran(run: &PastRun) -> Ran {
    let PastRun { run_id, state, started_at, ended_at, .. } = *run;
    Ran { run_id, state, started_at, ended_at }
}

fn record(activation: Activation, run: Option<Ran>) -> Record {
    Record {
        activation_id: activation.activation_id,
        scheduled_at: activation.scheduled_at,
        trigger_kind: activation.trigger_kind,
        months: activation.months,
        decided_at: activation.decided_at,
        state: activation.state,
        reason: activation.reason,
        attempts: activation.attempts,
        run,
    }
}
