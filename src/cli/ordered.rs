//! `run JOB --order ID`: how the daemon starts a run, as a process of its own.
//!
//! In: an order of the ledger; of a backfill its next piece is done. Out: exit code 0, 1, 2 or 3, from
//! which the daemon sees what becomes of it. Standard input is a pipe that the daemon holds: when it closes, because the daemon
//! wants the run to stop or has died, the run ends between two pieces of work.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tracing::Instrument;

use super::CliError;
use super::run::exit_code;
use super::session::{self, CliSession};
use crate::files::lock::{Holder, Lock, LockError};
use crate::ledger::Ledger;
use crate::orders::backfill::{self, Turn};
use crate::orders::report::OrderReport;
use crate::orders::{self, Means};
use crate::pipeline::stop::Stop;
use crate::pipeline::{RunError, Site, Workshop};

/// Time between two looks at whether the run is to stop while it waits for the output.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

pub(super) fn run(session: &CliSession, job: &str, id: i64) -> Result<ExitCode, CliError> {
    let stop = Arc::new(Stop::new());
    stop_at_end_of_input(Arc::clone(&stop));
    // The daemon checked the copy of the project that is read here before it put it in force.
    let workshop = session.workshop()?;
    let span = tracing::info_span!("order", order = id, job);
    session.write(async |ledger| {
        let report =
            carry_out(session, &workshop, ledger, (job, id), &stop).instrument(span).await?;
        tracing::info!(
            order = id,
            received = report.received,
            left_in_inbox = report.left_in_inbox,
            months = report.months.len(),
            rejected = report.rejected.len(),
            edition = report.edition,
            is_new_edition = report.is_new_edition,
            failed_tests = report.failed_tests.len(),
            "all steps carried out"
        );
        Ok(exit_code(&report))
    })
}

async fn carry_out(
    session: &CliSession,
    workshop: &Workshop,
    ledger: &Ledger,
    (job, id): (&str, i64),
    stop: &Stop,
) -> Result<OrderReport, CliError> {
    let order = ledger.order(id).await?;
    let order = order.ok_or_else(|| CliError::Call(format!("the ledger has no order {id}")))?;
    if order.asked.job != job {
        let other = &order.asked.job;
        return Err(CliError::Call(format!("order {id} is one of job `{other}`, not of `{job}`")));
    }
    let output = &session.output;
    let lock = tokio::task::block_in_place(|| wait_for_output(session, stop))?;
    output.prepare()?;
    if !order.is_backfill() {
        let site = Site { workshop, output, now: session::now(), report: &|_| {}, stop };
        return Ok(orders::carry_out(ledger, &lock, &site, &order).await?);
    }
    let holder = session.holder("run");
    let means = Means {
        workshop,
        output,
        holder: &holder,
        patience: LOOK_AGAIN,
        now: &session::now,
        report: &|_| {},
        waiting: &|_| {},
        stop,
    };
    // How the edition of a backfill came out stands with its order.
    Ok(match backfill::one_turn(&means, ledger, &lock, id).await? {
        Turn::Piece(report) => {
            OrderReport { failed_tests: Vec::new(), awaits_reason: None, ..*report }
        }
        Turn::Over => OrderReport::default(),
    })
}

/// Waits for whoever writes to the output; the daemon knows how long and asks to stop then.
fn wait_for_output(session: &CliSession, stop: &Stop) -> Result<Lock, CliError> {
    let (path, who) = (session.output.lock(), session.holder("run"));
    let mut is_told = false;
    loop {
        let held = |holder: &Holder| {
            if !is_told {
                tracing::info!(%holder, "waiting for the output");
                is_told = true;
            }
        };
        match Lock::wait(&path, &who, LOOK_AGAIN, held) {
            Err(LockError::Held { .. }) if stop.is_asked() => return Err(RunError::Stopped.into()),
            Err(LockError::Held { .. }) => {}
            outcome => return Ok(outcome?),
        }
    }
}

/// Raises the flag when standard input ends.
fn stop_at_end_of_input(stop: Arc<Stop>) {
    thread::spawn(move || {
        // Nothing is ever written to it: whatever ends the reading means that the daemon let go.
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        stop.ask();
    });
}
