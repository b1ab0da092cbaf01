//! The loop: one thing at a time, each turn short.
//!
//! In: pulses, the end of a run, what the watch sees, signals. Out: decisions in the ledger, runs
//! started and stopped. Whatever fails in a turn is kept for the board, logged once a minute, and
//! tried again at the next turn.

use std::collections::HashSet;
use std::future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use tokio::signal::unix::Signal;
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::task::JoinHandle;
use tokio_cron_scheduler::JobScheduler;

use super::agenda::{Agenda, lasting};
use super::backfills::Backfills;
use super::board::Board;
use super::child::{self, Ended, Running, Why};
use super::current::{Current, Refused};
use super::ground::Ground;
use super::messenger::Messenger;
use super::notify::Manager;
use super::watch::{Marks, Sight};
use super::{DaemonError, Setup, now, ticker};
use crate::ledger::activations::{Activation, ActivationState};
use crate::ledger::{Ledger, LedgerError};
use crate::runs;

/// The session's sign of life, and everything looked at again, so often.
const MINUTE: Duration = Duration::from_mins(1);
/// A ticker that is silent for so long is started anew.
const SILENCE_MAX: Duration = Duration::from_secs(10);
/// Two turns further apart are worth a line in the log.
const GAP_MIN: TimeDelta = TimeDelta::seconds(10);

/// What the loop listens to.
pub(super) struct Ears {
    pub(super) terminate: Signal,
    pub(super) interrupt: Signal,
    pub(super) hang_up: Signal,
    pub(super) pulses: Receiver<()>,
    pub(super) sights: Receiver<Sight>,
    /// When the ticker was last heard.
    pub(super) heard: Instant,
}

/// What is to be looked at again.
pub(super) struct Stale {
    /// The project changed since the agenda was aligned with it.
    pub(super) agenda: bool,
    /// The open activations changed since they were read.
    pub(super) open: bool,
    /// The lake may have changed since coverage was looked at.
    pub(super) coverage: bool,
}

/// The state of the loop.
pub(super) struct Daemon {
    pub(super) setup: Setup,
    pub(super) ledger: Ledger,
    pub(super) session_id: i64,
    pub(super) current: Arc<Current>,
    pub(super) agenda: Agenda,
    /// The activations that wait or run, as the ledger has them.
    pub(super) open: Vec<Activation>,
    pub(super) stale: Stale,
    pub(super) running: Option<Running>,
    /// The copy the run reads.
    pub(super) running_copy: Option<PathBuf>,
    /// A run whose end the ledger does not know yet.
    pub(super) ended: Option<(Ended, DateTime<Utc>)>,
    pub(super) reload: Option<JoinHandle<Result<Current, Refused>>>,
    pub(super) is_reload_wanted: bool,
    /// Files of the inbox for which a run was already asked.
    pub(super) tried: Marks,
    /// Activations told to be overdue.
    pub(super) overdue: HashSet<i64>,
    pub(super) backfills: Backfills,
    pub(super) messenger: Messenger,
    /// The day on which the lake was last looked at.
    pub(super) looked_at_lake: Option<NaiveDate>,
    pub(super) board: Board,
    pub(super) manager: Manager,
    pub(super) ground: Ground,
    /// Since when the daemon is about to end.
    drain: Option<Instant>,
    last_turn: Option<(DateTime<Utc>, Instant)>,
    last_minute: Option<Instant>,
    last_complaint: Option<Instant>,
}

/// What woke the loop.
enum Event {
    Pulse,
    Silence,
    Ended(Box<Ended>),
    Sight(Sight),
    HangUp,
    Terminate(&'static str),
    Loaded(Box<Result<Current, Refused>>),
}

impl Daemon {
    pub(super) fn new(
        setup: Setup,
        ledger: Ledger,
        session_id: i64,
        current: Arc<Current>,
        board: Board,
    ) -> Self {
        Self {
            setup,
            ledger,
            session_id,
            current,
            agenda: Agenda::default(),
            open: Vec::new(),
            stale: Stale { agenda: false, open: true, coverage: true },
            running: None,
            running_copy: None,
            ended: None,
            reload: None,
            is_reload_wanted: false,
            tried: Marks::new(),
            overdue: HashSet::new(),
            backfills: Backfills::default(),
            messenger: Messenger::default(),
            looked_at_lake: None,
            board,
            manager: Manager::new(),
            ground: Ground::default(),
            drain: None,
            last_turn: None,
            last_minute: None,
            last_complaint: None,
        }
    }

    /// Whether it was asked to end.
    pub(super) fn is_ending(&self) -> bool {
        self.drain.is_some()
    }

    /// Turns until asked to end and the run, if any, has ended.
    pub(super) async fn run(
        mut self,
        mut ears: Ears,
        mut ticker: JobScheduler,
        pulse: Sender<()>,
    ) -> Result<(), DaemonError> {
        self.manager.ready();
        loop {
            let event = self.event(&mut ears).await;
            if matches!(event, Event::Pulse | Event::Silence) {
                ears.heard = Instant::now();
            }
            match event {
                Event::Pulse => self.feel_the_ground(),
                Event::Silence => {
                    tracing::error!("the ticker fell silent: started anew");
                    match ticker::start(pulse.clone()).await {
                        Ok(new) => ticker::stop(std::mem::replace(&mut ticker, new)).await,
                        Err(error) => tracing::error!(%error, "could not start the ticker"),
                    }
                }
                Event::Ended(ended) => self.ended = Some((*ended, now())),
                Event::Sight(sight) => self.see(sight).await,
                Event::HangUp => self.is_reload_wanted = true,
                Event::Terminate(signal) => self.begin_to_end(signal),
                Event::Loaded(loaded) => self.put_in_force(*loaded),
            }
            self.turn().await;
            if self.drain.is_some() && self.running.is_none() && self.ended.is_none() {
                break;
            }
        }
        ticker::stop(ticker).await;
        self.end_backfill().await;
        self.end_delivery().await;
        let ended = self.ledger.end_session(self.session_id, now()).await;
        if let Err(error) = ended {
            tracing::error!(error = %runs::chain(&error), "could not end the session");
        }
        tracing::info!("daemon ended");
        self.ground.lost().map_or(Ok(()), |path| Err(DaemonError::Lost(path.to_owned())))
    }

    /// Ends when the lock or the ledger was taken away: what is written then is lost.
    fn feel_the_ground(&mut self) {
        if self.drain.is_none()
            && let Some(path) = self.ground.lost()
        {
            tracing::error!(path = %path.display(), "removed or replaced under the daemon: it ends");
            self.begin_to_end("lost ground");
        }
    }

    async fn event(&mut self, ears: &mut Ears) -> Event {
        tokio::select! {
            // In this order: signals are never starved, a run's end is known before the next start.
            biased;
            _ = ears.terminate.recv() => Event::Terminate("SIGTERM"),
            _ = ears.interrupt.recv() => Event::Terminate("SIGINT"),
            ended = child::ended(&mut self.running) => Event::Ended(Box::new(ended)),
            loaded = loaded(&mut self.reload) => Event::Loaded(Box::new(loaded)),
            _ = ears.hang_up.recv() => Event::HangUp,
            Some(()) = ears.pulses.recv() => Event::Pulse,
            Some(sight) = ears.sights.recv() => Event::Sight(sight),
            () = tokio::time::sleep_until((ears.heard + SILENCE_MAX).into()) => Event::Silence,
        }
    }

    /// One turn; never fails, what failed is tried again at the next.
    async fn turn(&mut self) {
        let (now, instant) = (now(), Instant::now());
        self.note_gap(now, instant);
        self.enforce(instant);
        let fault = match self.work(now, instant).await {
            Ok(()) => None,
            Err(error) => Some(runs::chain(&error)),
        };
        if let Some(fault) = &fault {
            self.mind_time_out(now);
            self.stale.open = true;
            let is_news = self.last_complaint.is_none_or(|last| MINUTE <= last.elapsed());
            if is_news {
                tracing::error!(error = %fault, "the ledger cannot be used: tried again each second");
                self.last_complaint = Some(Instant::now());
            }
            if self.drain.is_some() && self.running.is_none() {
                // The next start puts the activation back: nothing is lost by ending now.
                self.ended = None;
            }
        } else if self.last_complaint.take().is_some() {
            tracing::info!("the ledger can be used again");
        }
        self.show(now, fault);
        self.manager.turned(Instant::now());
    }

    async fn work(&mut self, now: DateTime<Utc>, instant: Instant) -> Result<(), LedgerError> {
        if let Some((ended, at)) = self.ended.clone() {
            self.settle(&ended, at).await?;
            self.ended = None;
        }
        self.pass_on().await?;
        if self.drain.is_some() {
            return Ok(());
        }
        self.begin_reload();
        if self.stale.agenda {
            self.agenda = Agenda::align(&self.ledger, &self.current.project, now).await?;
            (self.stale.agenda, self.stale.open) = (false, true);
            self.stale.coverage = true;
        }
        let is_new = self.agenda.keep_up(&self.ledger, now).await?;
        self.look_at_lake(now).await?;
        let is_minute = self.last_minute.is_none_or(|last| MINUTE <= instant.duration_since(last));
        if is_minute {
            self.ledger.see_session(self.session_id, now).await?;
            self.last_minute = Some(instant);
        }
        self.resume_backfills(instant).await?;
        if is_new || is_minute || self.stale.open {
            self.open = self.ledger.open_activations().await?;
            self.stale.open = false;
        }
        self.dispatch(now).await?;
        self.deliver(now, instant);
        Ok(())
    }

    /// Says so when the machine slept, the clock jumped, or the loop was held up.
    fn note_gap(&mut self, now: DateTime<Utc>, instant: Instant) {
        if let Some((last, last_instant)) = self.last_turn {
            let on_clock = now - last;
            let passed = TimeDelta::from_std(instant.duration_since(last_instant));
            let passed = passed.unwrap_or(TimeDelta::MAX);
            if GAP_MIN < on_clock - passed {
                tracing::warn!(gap = %lasting(on_clock), "the machine slept or its clock jumped ahead: what was missed is decided upon");
            } else if GAP_MIN < passed - on_clock {
                tracing::warn!(back = %lasting(passed - on_clock), "the clock was set back");
            } else if GAP_MIN < passed {
                tracing::warn!(gap = %lasting(passed), "the loop was held up");
            }
        }
        self.last_turn = Some((now, instant));
    }

    /// A run that had its time is asked to stop, then killed; so is any when the daemon ends.
    fn enforce(&mut self, instant: Instant) {
        let Some(running) = &mut self.running else { return };
        if let Some(asked) = self.drain
            && self.setup.drain <= instant.duration_since(asked)
        {
            running.ask_to_stop(Why::Drain, instant);
        }
        running.enforce(instant);
    }

    fn begin_to_end(&mut self, signal: &'static str) {
        if self.drain.is_some() {
            tracing::warn!(signal, "asked again: the run is killed");
            if let Some(running) = &mut self.running {
                running.kill();
            }
            return;
        }
        let job = self.running.as_ref().map(|running| running.activation.job.as_str());
        tracing::info!(signal, running = job, "ending: no new runs");
        self.manager.stopping();
        self.drain = Some(Instant::now());
    }

    fn show(&mut self, now: DateTime<Utc>, fault: Option<String>) {
        let running = self.running.as_ref().map(|running| running.activation.job.clone());
        let waiting = self.open.iter().filter(|it| it.state == ActivationState::Waiting).count();
        let next = self.agenda.next();
        let first = next.iter().min_by_key(|(_, at)| **at);
        let status = match (&self.drain, &running, first) {
            (Some(_), Some(job), _) => format!("ending after the run of {job}"),
            (Some(_), None, _) => "ending".to_owned(),
            (None, Some(job), _) => format!("running {job}"),
            (None, None, Some((job, at))) => format!("next: {job} at {at}"),
            (None, None, None) => "nothing is scheduled".to_owned(),
        };
        self.manager.status(&status);
        let is_draining = self.drain.is_some();
        self.board.write(|facts| {
            facts.turned = Instant::now();
            facts.turned_at = now;
            facts.pulses += 1;
            facts.ledger_fault = fault;
            facts.is_draining = is_draining;
            facts.next = next;
            facts.waiting = waiting;
            facts.running = running;
        });
    }
}

/// Waits for a reload; for ever when none is going on.
async fn loaded(
    reload: &mut Option<JoinHandle<Result<Current, Refused>>>,
) -> Result<Current, Refused> {
    let Some(task) = reload else { return future::pending().await };
    let outcome = task.await;
    *reload = None;
    outcome.unwrap_or_else(|error| {
        let message = format!("reading the project failed: {error}; please report it");
        Err(Refused::Faults(vec![crate::project::fault::Fault::new("jobs", message)]))
    })
}
