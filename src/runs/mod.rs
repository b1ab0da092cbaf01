//! Runs: the one path that leads to work being done, whoever asked for it.
//!
//! In: an order (steps, months, who asked and why), the ledger, the lock of the output folder. Out: a
//! report; every attempt and step stands in the ledger with its times, counts and outcome. A step that
//! fails or panics ends its run, nothing else; its causes are kept.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

use crate::alerts::{self, Notice};
use crate::files::lock::Lock;
use crate::ledger::runs::{Begun, End, NewRun, State};
use crate::ledger::{Ledger, LedgerError, retention};
use crate::pipeline::plan::Scope;
use crate::pipeline::{RunError, Site};
use crate::project::schedules::Step;

pub mod report;

mod steps;

use self::report::Report;

/// What is to be done and who asked for it.
#[derive(Clone, Debug)]
pub struct Order {
    /// What the ledger keeps of it.
    pub run: NewRun,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The months.
    pub scope: Scope,
}

/// Why a run could not go on.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// A step failed.
    #[error(transparent)]
    Step(#[from] RunError),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A step panicked: a fault of the program.
    #[error("step `{step}` panicked: {said}; this is a fault of the program, please report it")]
    Panicked {
        /// The step.
        step: &'static str,
        /// What the panic said.
        said: String,
    },
}

/// Carries out an order; the lock shows that nobody else writes to the output.
pub async fn carry_out(
    ledger: &Ledger,
    _lock: &Lock,
    site: &Site<'_>,
    order: &Order,
) -> Result<Report, OrderError> {
    let clock = Clock::new(site.now);
    ledger.close_interrupted(site.now).await?;
    let begun = ledger.begin_run(&order.run, site.now).await?;
    let outcome = all_steps(ledger, begun, site, order, &clock).await;
    let (state, error) = match &outcome {
        Ok(report) => match report.held_back() {
            None => (State::Done, None),
            held_back => (State::HeldBack, held_back),
        },
        Err(OrderError::Step(RunError::Stopped)) => (State::Interrupted, None),
        Err(error) => (State::Failed, Some(chain(error))),
    };
    let end = End { at: clock.now(), state, error: error.as_deref() };
    let kept = keep(ledger, begun, outcome.as_ref().ok(), &end).await;
    // Why the run failed says more than that the ledger, on the same full disk perhaps, did too.
    let report = outcome.inspect_err(|_| warn(&kept))?;
    kept?;
    if report.is_new_edition {
        // Seldom enough to cost nothing, often enough for a ledger that does not grow for ever.
        ledger.tidy(site.now - retention::KEPT).await?;
    }
    Ok(report)
}

/// Keeps how a run ended.
async fn keep(
    ledger: &Ledger,
    begun: Begun,
    report: Option<&Report>,
    end: &End<'_>,
) -> Result<(), LedgerError> {
    if let Some((edition, inputs)) = report.and_then(|report| report.made_from.as_ref()) {
        ledger.keep_edition(begun.run_id, *edition, inputs).await?;
    }
    ledger.end_run(begun, end).await
}

fn warn(kept: &Result<(), LedgerError>) {
    if let Err(error) = kept {
        tracing::warn!(error = %chain(error), "the ledger could not keep how this ended");
    }
}

async fn all_steps(
    ledger: &Ledger,
    begun: Begun,
    site: &Site<'_>,
    order: &Order,
    clock: &Clock,
) -> Result<Report, OrderError> {
    let span = tracing::info_span!("run", run = begun.run_id, attempt = begun.attempt);
    let mut report = Report { run_id: begun.run_id, ..Report::default() };
    for (position, step) in (1..).zip(&order.steps) {
        ledger.begin_step(begun, position, step.name(), clock.now()).await?;
        let before = report.counts();
        let outcome = tokio::task::block_in_place(|| {
            span.in_scope(|| one_step(*step, site, order, &mut report))
        });
        let (state, error) = match &outcome {
            Ok(_) => (State::Done, None),
            Err(OrderError::Step(RunError::Stopped)) => (State::Interrupted, None),
            Err(error) => (State::Failed, Some(chain(error))),
        };
        let counts = report.counts_since(&before);
        let end = End { at: clock.now(), state, error: error.as_deref() };
        let kept = ledger.end_step(begun, position, &end, Some(&counts)).await;
        match &outcome {
            Ok(_) => kept?,
            Err(_) => warn(&kept),
        }
        for notice in outcome? {
            let channels = &site.workshop.project.channels;
            alerts::tell(ledger, channels, &notice, clock.now()).await?;
        }
    }
    Ok(report)
}

fn one_step(
    step: Step,
    site: &Site<'_>,
    order: &Order,
    report: &mut Report,
) -> Result<Vec<Notice>, OrderError> {
    let work = AssertUnwindSafe(|| steps::carry_out(step, site, order, report));
    match catch_unwind(work) {
        Ok(outcome) => outcome.map_err(OrderError::from),
        Err(panic) => {
            let said = panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()))
                .unwrap_or_else(|| "nothing".to_owned());
            Err(OrderError::Panicked { step: step.name(), said })
        }
    }
}

/// An error and its causes, one a line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let mut lines: Vec<String> = causes.map(ToString::to_string).collect();
    lines.dedup();
    lines.join("\n")
}

/// Counts on from the one clock reading a run was given.
struct Clock {
    began: DateTime<Utc>,
    since: Instant,
}

impl Clock {
    fn new(began: DateTime<Utc>) -> Self {
        Self { began, since: Instant::now() }
    }

    fn now(&self) -> DateTime<Utc> {
        self.began + TimeDelta::from_std(self.since.elapsed()).unwrap_or_default()
    }
}
