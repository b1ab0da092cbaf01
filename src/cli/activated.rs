//! `run JOB --activation ID`: how the daemon starts a run, as a process of its own.
//!
//! In: an activation of the ledger. Out: exit code 0, 1, 2 or 3, from which the daemon sees what
//! becomes of it. Standard input is a pipe that the daemon holds: when it closes, because the daemon
//! wants the run to stop or has died, the run ends between two pieces of work.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tracing::Instrument;

use super::run::exit_code;
use super::session::{self, Session};
use super::{Failure, arguments};
use crate::files::lock::{Lock, LockError};
use crate::ledger::Ledger;
use crate::ledger::activations::Activation;
use crate::pipeline::plan::Scope;
use crate::pipeline::stop::Stop;
use crate::pipeline::{RunError, Site, Workshop};
use crate::runs::report::Report;
use crate::runs::{self, Order};

/// Time between two looks at whether the run is to stop while it waits for the output.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Runs the command.
pub(super) fn run(session: &Session, job: &str, id: i64) -> Result<ExitCode, Failure> {
    let stop = Arc::new(Stop::new());
    stop_at_end_of_input(Arc::clone(&stop));
    // The daemon checked the copy of the project that is read here before it put it in force.
    let workshop = session.workshop()?;
    let span = tracing::info_span!("activation", activation = id, job);
    session::block_on(
        async {
            let ledger = session.ledger().await?;
            let outcome = carry_out(session, &workshop, &ledger, (job, id), &stop).await;
            ledger.close().await;
            let report = outcome?;
            tracing::info!(
                run = report.run_id,
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
        }
        .instrument(span),
    )
}

async fn carry_out(
    session: &Session,
    workshop: &Workshop,
    ledger: &Ledger,
    (job, id): (&str, i64),
    stop: &Stop,
) -> Result<Report, Failure> {
    let activation = match ledger.activation(id).await? {
        Some(activation) if activation.job == job => activation,
        Some(other) => {
            let wanted = format!("activation {id} is one of job `{}`, not of `{job}`", other.job);
            return Err(Failure::Call(wanted));
        }
        None => return Err(Failure::Call(format!("the ledger has no activation {id}"))),
    };
    let order = order(workshop, &activation)?;
    let lock = tokio::task::block_in_place(|| wait_for_output(session, stop))?;
    session.output.prepare()?;
    let site =
        Site { workshop, output: &session.output, now: session::now(), report: &|_| {}, stop };
    Ok(runs::carry_out(ledger, &lock, &site, &order).await?)
}

fn order(workshop: &Workshop, activation: &Activation) -> Result<Order, Failure> {
    let steps = arguments::steps(&workshop.project, Some(&activation.job))?;
    let Some(run) = activation.run() else {
        let id = activation.activation_id;
        return Err(Failure::Call(format!("activation {id} stands for many that were missed")));
    };
    let scope = Scope { from: run.from, to: run.to, is_forced: false };
    Ok(Order { run, steps, scope })
}

/// Waits for whoever writes to the output; the daemon knows how long and asks to stop then.
fn wait_for_output(session: &Session, stop: &Stop) -> Result<Lock, Failure> {
    let (path, who) = (session.output.lock(), session.holder("run"));
    let mut is_told = false;
    loop {
        let held = |holder: &str| {
            if !is_told {
                tracing::info!(holder, "waiting for the output");
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
