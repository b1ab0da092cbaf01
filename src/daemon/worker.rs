//! The worker: the one run that goes on, as a process of its own.
//!
//! In: an order that is to be begun. Out: a process, asked to stop and killed when it had its time or the
//! daemon ends; how it ended, kept until the ledger knows.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use super::child::{self, Ended, RunProcess, Why};
use super::current;
use super::{World, now};
use crate::files::lock::{Holder, Lock};
use crate::ledger::LedgerError;
use crate::ledger::orders::Order;
use crate::schedule::dispatch;

/// A run that has not begun after so long may be waiting for the output.
const LOOK_AFTER: Duration = Duration::from_secs(2);

/// The run that goes on, and the one that ended.
#[derive(Debug, Default)]
pub(super) struct Worker {
    running: Option<RunProcess>,
    /// The copy of the project that the run reads.
    copy: Option<PathBuf>,
    /// A run whose end the ledger does not know yet.
    ended: Option<(Ended, DateTime<Utc>)>,
}

impl Worker {
    /// The order that is being carried out.
    pub(super) fn order(&self) -> Option<&Order> {
        self.running.as_ref().map(|run| &run.order)
    }

    /// The copy of the project that must not be removed.
    pub(super) fn copy(&self) -> Option<&Path> {
        self.copy.as_deref()
    }

    /// Whether nothing goes on and everything that ended is known.
    pub(super) fn is_idle(&self) -> bool {
        self.running.is_none() && self.ended.is_none()
    }

    /// Waits for the end of the run; for ever when there is none. Losing the wait loses nothing.
    pub(super) async fn end_of_run(&mut self) -> Ended {
        child::ended(&mut self.running).await
    }

    /// Keeps how a run ended until the ledger knows.
    pub(super) fn keep(&mut self, ended: Ended) {
        self.ended = Some((ended, now()));
    }

    /// A run whose end the ledger does not know yet.
    pub(super) fn ended(&self) -> Option<(Ended, DateTime<Utc>)> {
        self.ended.clone()
    }

    /// The ledger knows, or need not: the next start puts the order back.
    pub(super) fn forget(&mut self) {
        (self.ended, self.copy) = (None, None);
    }

    /// Starts the run of an order.
    pub(super) fn start(&mut self, world: &World<'_>, order: Order) {
        let copy = current::keep(&world.current.project, &world.setup.output);
        let started = copy.map_err(std::io::Error::other).and_then(|copy| {
            self.copy = Some(copy.clone());
            world.setup.program.start(&copy, order.clone(), world.now)
        });
        match started {
            Ok(running) => {
                let Order { order_id, asked, tries, .. } = order;
                tracing::info!(job = %asked.job, order = order_id, attempt = tries, process = running.process, due_at = %asked.due_at, "run started");
                self.running = Some(running);
            }
            Err(error) => self.keep(Ended::not_started(order, &error, world.now)),
        }
    }

    /// The run as decisions see it.
    pub(super) fn as_running(&self) -> Option<dispatch::Running> {
        self.running.as_ref().map(|run| dispatch::Running {
            order_id: run.order.order_id,
            job: run.order.asked.job.clone(),
            ran_for: TimeDelta::from_std(run.counts_since.elapsed()).unwrap_or(TimeDelta::MAX),
            is_given_up: run.is_given_up(),
        })
    }

    /// Asks the run to stop because it had its time.
    pub(super) fn give_up(&mut self) {
        if let Some(run) = &mut self.running {
            run.ask_to_stop(Why::TimeOut, Instant::now());
        }
    }

    /// Asks the run to stop if the daemon has been ending for long enough, and kills one that was asked
    /// and does not.
    pub(super) fn enforce(&mut self, drain: Option<Instant>, patience: Duration, instant: Instant) {
        let Some(run) = &mut self.running else { return };
        if drain.is_some_and(|asked| patience <= instant.duration_since(asked)) {
            run.ask_to_stop(Why::Drain, instant);
        }
        run.enforce(instant);
    }

    /// Kills the run.
    pub(super) fn kill(&mut self) {
        if let Some(run) = &mut self.running {
            run.kill();
        }
    }

    /// Lets the time of a run count only once it has the output; `Some` when it was looked, with who has
    /// the output till then.
    pub(super) async fn look_whether_it_waits(
        &mut self,
        world: &World<'_>,
    ) -> Result<Option<Option<Holder>>, LedgerError> {
        let Some(run) = &mut self.running else { return Ok(None) };
        let is_time = LOOK_AFTER <= run.counts_since.elapsed();
        if run.has_begun || run.is_given_up() || !is_time {
            return Ok(None);
        }
        let attempt = world.ledger.attempt_of(run.order.order_id, run.process).await?;
        run.has_begun = attempt.is_some();
        let holder = Lock::holder(&world.setup.output.lock());
        let holder = holder.filter(|holder| !run.has_begun && holder.pid != run.process);
        run.awaits_output = holder.is_some();
        if run.awaits_output {
            run.counts_since = Instant::now();
        }
        Ok(Some(holder))
    }

    /// The order whose process waits for the output.
    pub(super) fn waiting(&self) -> Option<i64> {
        self.running.as_ref().filter(|run| run.awaits_output).map(|run| run.order.order_id)
    }
}
