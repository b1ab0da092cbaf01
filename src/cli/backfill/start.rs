//! A backfill rehearsed, begun or carried on: one process, one backfill.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Duration;

use super::super::progress::Progress;
use super::super::session::{self, Session};
use super::super::{Failure, interrupt, output, run};
use super::{control, shown};
use crate::backfill::{self, Bench, Report};
use crate::files::lock::Lock;
use crate::ledger::Ledger;
use crate::ledger::backfills::{NewBackfill, Reprocess};
use crate::pipeline::Workshop;
use crate::pipeline::stop::Stop;

/// Somebody who only looks whether a backfill is at work holds its lock no longer than this.
const A_LOOK: Duration = Duration::from_millis(500);

/// Shows what a backfill would do and every published figure it would change.
pub(super) fn rehearse(
    session: &Session,
    workshop: &Workshop,
    asked: &NewBackfill,
    is_json: bool,
) -> Result<ExitCode, Failure> {
    interrupt::says("nothing was changed");
    use_threads(asked.threads);
    let rehearsal = session::block_on(async {
        let mut failed = BTreeSet::new();
        // The ledger is opened only where it is needed: a rehearsal leaves it as it is.
        if asked.reprocess == Reprocess::Failed && session.output.ledger().exists() {
            let ledger = session.ledger().await?;
            failed = ledger.failed_months().await?;
            ledger.close().await;
        }
        let progress = Progress::new(session.locale());
        let bench = Bench {
            workshop,
            output: &session.output,
            failed: &failed,
            holder: &session.holder("backfill --dry-run"),
            now: &session::now,
            report: &|event| progress.report(event),
            waiting: &|holder| output::error(&format!("waiting for {holder}")),
            stop: &Stop::new(),
        };
        Ok(backfill::rehearse(&bench, asked).await?)
    })?;
    Ok(shown::rehearsed(&rehearsal, session.locale(), is_json))
}

/// Begins a backfill and carries it out.
pub(super) fn begin(
    session: &Session,
    workshop: &Workshop,
    asked: &NewBackfill,
    is_json: bool,
) -> Result<ExitCode, Failure> {
    let command = format!("backfill {}", asked.job);
    let lock = lock(session, &command)?;
    use_threads(asked.threads);
    let report = session::block_on(async {
        let ledger = session.ledger().await?;
        let backfill_id = ledger.begin_backfill(asked, session::now()).await?;
        let report = carry_on(session, workshop, &ledger, (&lock, &command, backfill_id)).await;
        ledger.close().await;
        report
    })?;
    Ok(shown::ended(&report, session.locale(), is_json))
}

/// Carries an earlier backfill on.
pub(super) fn resume(
    session: &Session,
    backfill_id: i64,
    why: Option<&str>,
    is_json: bool,
) -> Result<ExitCode, Failure> {
    control::check_known(session, backfill_id)?;
    let workshop = session.sound_workshop()?;
    let command = format!("backfill resume {backfill_id}");
    let lock = lock(session, &command)?;
    let report = session::block_on(async {
        let ledger = session.ledger().await?;
        let resumed =
            backfill::resume(&ledger, &workshop.project, backfill_id, why, session::now()).await;
        let report = match resumed {
            Ok(resumed) => {
                use_threads(resumed.asked.threads);
                carry_on(session, &workshop, &ledger, (&lock, &command, backfill_id)).await
            }
            Err(error) => Err(error.into()),
        };
        ledger.close().await;
        report
    })?;
    Ok(shown::ended(&report, session.locale(), is_json))
}

async fn carry_on(
    session: &Session,
    workshop: &Workshop,
    ledger: &Ledger,
    (lock, command, backfill_id): (&Lock, &str, i64),
) -> Result<Report, Failure> {
    interrupt::says(format!(
        "backfill {backfill_id} goes on with `yuebao backfill resume {backfill_id}`"
    ));
    let holder = session.holder(command);
    let holder = backfill::sign(lock, &session.output, backfill_id, &holder)?;
    let failed = ledger.failed_months().await?;
    let progress = Progress::new(session.locale());
    let bench = Bench {
        workshop,
        output: &session.output,
        failed: &failed,
        holder: &holder,
        now: &session::now,
        report: &|event| progress.report(event),
        waiting: &|holder| output::error(&format!("waiting for {holder}")),
        stop: &Stop::new(),
    };
    let report = backfill::carry_on(&bench, ledger, backfill_id).await;
    // An edition held back is told at once, also where no daemon runs.
    run::tell(ledger, workshop).await;
    Ok(report?)
}

/// The lock of backfills: one at a time.
fn lock(session: &Session, command: &str) -> Result<Lock, Failure> {
    let holder = session.holder(command);
    Ok(Lock::wait(&session.output.backfill_lock(), &holder, A_LOOK, |_| {})?)
}

/// Lets as many workbooks be read at the same time; 0 is one on each core.
fn use_threads(threads: u32) {
    let threads = usize::try_from(threads).unwrap_or_default();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    if let Err(error) = pool {
        tracing::debug!(%error, "the threads were there already");
    }
}
