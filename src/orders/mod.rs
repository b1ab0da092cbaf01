//! Orders carried out: the one path that leads to work being done, whoever asked for it.
//!
//! In: an order of the ledger, the lock of the output folder. Out: a report; every attempt and step stands
//! in the ledger with its times, counts and outcome. A step that fails or panics ends its attempt, nothing
//! else; its causes are kept.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use crate::alerts;
use crate::files::FileError;
use crate::files::lock::{Holder, Lock, LockError};
use crate::files::parquet::TableError;
use crate::ledger::attempts::{Attempt, StepRun};
use crate::ledger::orders::{Asked, Order, OrderStep, State};
use crate::ledger::reason::Reason;
use crate::ledger::{Ledger, LedgerError, retention};
use crate::pipeline::output::Output;
use crate::pipeline::stop::Stop;
use crate::pipeline::{Event, RunError, Site, Workshop};

pub mod backfill;

pub mod plan;

pub mod rehearsal;

pub mod report;

mod steps;

use self::report::OrderReport;
use self::steps::StepProgress;

/// Why an order could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// A step failed.
    #[error(transparent)]
    Step(#[from] RunError),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Somebody else writes to the output.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A step panicked: a fault of the program.
    #[error("step `{}` panicked: {said}; this is a fault of the program, please report it", step.name())]
    Panicked {
        /// The step.
        step: OrderStep,
        /// What the panic said.
        said: String,
    },
    /// The call asks for what is not there or cannot be.
    #[error("{0}")]
    Call(String),
}

impl From<FileError> for OrderError {
    fn from(error: FileError) -> Self {
        Self::Step(error.into())
    }
}

impl From<TableError> for OrderError {
    fn from(error: TableError) -> Self {
        Self::Step(error.into())
    }
}

impl OrderError {
    /// As the ledger keeps it.
    fn reason(&self) -> Reason {
        match self {
            Self::Panicked { step, said } => Reason::Panicked { step: *step, said: said.clone() },
            other => Reason::error(other),
        }
    }

    /// Whether it was asked to stop: what is left is done another time.
    fn is_stop(&self) -> bool {
        matches!(self, Self::Step(RunError::Stopped))
    }
}

/// What orders are carried out with.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// The project.
    pub workshop: &'a Workshop,
    /// The output folder.
    pub output: &'a Output,
    /// Who this process is, for others that want the lock of the output.
    pub holder: &'a Holder,
    /// Waits so long for others that write to the output.
    pub patience: Duration,
    /// The clock.
    pub now: &'a (dyn Fn() -> DateTime<Utc> + Sync),
    /// Called as work goes on.
    pub report: &'a (dyn Fn(Event) + Sync),
    /// Called with who holds the lock of the output when it is not free at once.
    pub waiting: &'a (dyn Fn(&Holder) + Sync),
    /// Raised when it is to end at the next place where it may.
    pub stop: &'a Stop,
}

impl<'a> Means<'a> {
    /// Where a step takes place, now.
    pub fn site(&self) -> Site<'a> {
        let Self { workshop, output, report, stop, .. } = *self;
        Site { workshop, output, now: (self.now)(), report, stop }
    }

    /// The lock of the output as soon as it is free, the folders ready and what a killed run left
    /// removed.
    pub fn lock(&self) -> Result<Lock, OrderError> {
        let lock = tokio::task::block_in_place(|| {
            Lock::wait(&self.output.lock(), self.holder, self.patience, |it| (self.waiting)(it))
        })?;
        self.output.prepare()?;
        Ok(lock)
    }
}

/// Takes in the order of a command and carries it out.
pub async fn command(
    ledger: &Ledger,
    lock: &Lock,
    site: &Site<'_>,
    asked: &Asked,
) -> Result<OrderReport, OrderError> {
    let clock = Clock::new(site.now);
    let order_id = ledger.add_order(asked, State::Running, site.now).await?.unwrap_or_default();
    let order = known(ledger, order_id).await?;
    let outcome = carry_out(ledger, lock, site, &order).await;
    let state = ended(&outcome);
    let kept = ledger.turn_order(order_id, &[State::Running], state, clock.now()).await;
    let report = outcome.inspect_err(|_| warn(&kept))?;
    kept?;
    Ok(report)
}

/// How an attempt ended.
fn ended(outcome: &Result<OrderReport, OrderError>) -> State {
    match outcome {
        Ok(report) if report.is_held_back() => State::HeldBack,
        Ok(_) => State::Done,
        Err(error) if error.is_stop() => State::Interrupted,
        Err(_) => State::Failed,
    }
}

/// An order that must be there.
async fn known(ledger: &Ledger, order_id: i64) -> Result<Order, OrderError> {
    let missing = || OrderError::Call(format!("the ledger has no order {order_id}"));
    ledger.order(order_id).await?.ok_or_else(missing)
}

/// Makes one attempt at an order; the lock shows that nobody else writes to the output. How the order
/// stands afterwards is for the caller to say.
pub async fn carry_out(
    ledger: &Ledger,
    _lock: &Lock,
    site: &Site<'_>,
    order: &Order,
) -> Result<OrderReport, OrderError> {
    let clock = Clock::new(site.now);
    ledger.close_interrupted(site.now).await?;
    let mut attempt = ledger.begin_attempt(order.order_id, site.now).await?;
    let outcome = all_steps(ledger, &mut attempt, site, order, &clock).await;
    let state = ended(&outcome);
    if let (State::Failed, Err(error)) = (state, &outcome) {
        attempt.reasons = vec![error.reason()];
    }
    attempt.end(state, clock.now());
    let kept = ledger.keep_attempt(&attempt).await;
    // Why it failed says more than that the ledger, on the same full disk perhaps, did too.
    let report = outcome.inspect_err(|_| warn(&kept))?;
    kept?;
    if let Some(edition) = report.edition {
        ledger.keep_edition(order.order_id, edition).await?;
    }
    if report.is_new_edition {
        // Seldom enough to cost nothing, often enough for a ledger that does not grow for ever.
        ledger.tidy(site.now - retention::KEPT).await?;
    }
    Ok(report)
}

fn warn<T>(kept: &Result<T, LedgerError>) {
    if let Err(error) = kept {
        tracing::warn!(error = %chain(error), "the ledger could not keep how this ended");
    }
}

async fn all_steps(
    ledger: &Ledger,
    attempt: &mut Attempt,
    site: &Site<'_>,
    order: &Order,
    clock: &Clock,
) -> Result<OrderReport, OrderError> {
    let span = tracing::info_span!("attempt", order = order.order_id, attempt = attempt.attempt);
    let mut progress = StepProgress::default();
    progress.report.order_id = order.order_id;
    for step in &order.asked.steps {
        let before = progress.report.counts();
        let (started_at, state, counts) = (clock.now(), State::Running, BTreeMap::new());
        attempt.steps.push(StepRun { step: *step, started_at, ended_at: None, state, counts });
        ledger.keep_attempt(attempt).await?;
        let outcome = tokio::task::block_in_place(|| {
            span.in_scope(|| one_step(*step, site, order, &mut progress))
        });
        if let Some(run) = attempt.steps.last_mut() {
            run.counts = progress.report.counts_since(&before);
            if outcome.is_ok() {
                (run.state, run.ended_at) = (State::Done, Some(clock.now()));
            }
        }
        for notice in outcome? {
            alerts::tell(ledger, &site.workshop.project, &notice, clock.now()).await?;
        }
    }
    Ok(progress.report)
}

fn one_step(
    step: OrderStep,
    site: &Site<'_>,
    order: &Order,
    progress: &mut StepProgress,
) -> Result<Vec<alerts::Notice>, OrderError> {
    let work = AssertUnwindSafe(|| steps::carry_out(step, site, order, progress));
    match catch_unwind(work) {
        Ok(outcome) => outcome.map_err(OrderError::from),
        Err(panic) => {
            let said = panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()))
                .unwrap_or_else(|| "nothing".to_owned());
            Err(OrderError::Panicked { step, said })
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

/// Counts on from the one clock reading an order was given.
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
