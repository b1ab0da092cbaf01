//! The loop: one thing at a time, each turn short.
//!
//! In: pulses, the end of a run, what the watch sees, signals. Out: its parts turned, each with what it
//! needs. Whatever fails in a turn is kept for the board, logged once a minute, and tried again at the
//! next turn.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::signal::unix::Signal;
use tokio::sync::mpsc::{Receiver, Sender};
use tokio_cron_scheduler::JobScheduler;

use super::agenda::{Agenda, lasting};
use super::board::Board;
use super::child::Ended;
use super::coverage::CoverageWatch;
use super::current::{self, Current, Refused};
use super::intake::Intake;
use super::notify::Manager;
use super::originals::Originals;
use super::outcome::Fate;
use super::post::Post;
use super::queue::Queue;
use super::reload::{self, Reload};
use super::watch::{FileMarks, Sight};
use super::worker::Worker;
use super::{DaemonError, Setup, World, now, ticker};
use crate::ledger::reason::Reason;
use crate::ledger::{Ledger, LedgerError};
use crate::orders;
use crate::schedule::dispatch;

/// The session's sign of life is renewed, and everything looked at again, at this interval.
const MINUTE: Duration = Duration::from_mins(1);
/// A ticker that is silent for this long is started anew.
const SILENCE_MAX: Duration = Duration::from_secs(10);
/// Two turns further apart are worth a line in the log.
const GAP_MIN: TimeDelta = TimeDelta::seconds(10);

/// What the loop listens to.
pub(super) struct Signals {
    pub(super) terminate: Signal,
    pub(super) interrupt: Signal,
    pub(super) hang_up: Signal,
    pub(super) pulses: Receiver<()>,
    pub(super) sights: Receiver<Sight>,
    /// When the ticker was last heard.
    pub(super) heard: Instant,
}

/// The loop and its parts; each part owns its state.
pub(super) struct Daemon {
    pub(super) setup: Setup,
    pub(super) ledger: Ledger,
    pub(super) session_id: i64,
    pub(super) current: Arc<Current>,
    pub(super) agenda: Agenda,
    pub(super) post: Post,
    pub(super) board: Board,
    pub(super) originals: Originals,
    pub(super) manager: Manager,
    pub(super) queue: Queue,
    pub(super) worker: Worker,
    pub(super) reload: Reload,
    pub(super) intake: Intake,
    pub(super) coverage: CoverageWatch,
    pub(super) times: Times,
}

/// When the loop did what.
#[derive(Default)]
pub(super) struct Times {
    /// The project changed since the agenda was aligned with it.
    is_agenda_stale: bool,
    /// Since when the daemon is about to end.
    drain: Option<Instant>,
    last_turn: Option<(DateTime<Utc>, Instant)>,
    last_minute: Option<Instant>,
    last_complaint: Option<Instant>,
}

/// What woke the loop.
enum Wake {
    Pulse,
    Silence,
    Ended(Box<Ended>),
    Sight(Sight),
    HangUp,
    Terminate(&'static str),
    Loaded(Box<Result<Current, Refused>>),
}

impl Daemon {
    /// Turns until asked to end and the run, if any, has ended.
    pub(super) async fn run(
        mut self,
        mut sources: Signals,
        mut ticker: JobScheduler,
        pulse: Sender<()>,
    ) -> Result<(), DaemonError> {
        self.manager.ready();
        loop {
            let event = self.event(&mut sources).await;
            if matches!(event, Wake::Pulse | Wake::Silence) {
                sources.heard = Instant::now();
            }
            match event {
                Wake::Pulse => self.look_at_originals(),
                Wake::Silence => {
                    tracing::error!("the ticker fell silent: started anew");
                    match ticker::start(pulse.clone()).await {
                        Ok(new) => ticker::stop(std::mem::replace(&mut ticker, new)).await,
                        Err(error) => tracing::error!(%error, "could not start the ticker"),
                    }
                }
                Wake::Ended(ended) => self.worker.keep(*ended),
                Wake::Sight(Sight::Project) | Wake::HangUp => self.reload.want(),
                Wake::Sight(Sight::Inbox(marks)) => self.see_inbox(marks).await,
                Wake::Terminate(signal) => self.begin_to_end(signal),
                Wake::Loaded(loaded) => self.put_in_force(*loaded),
            }
            self.turn().await;
            if self.times.drain.is_some() && self.worker.is_idle() {
                break;
            }
        }
        ticker::stop(ticker).await;
        self.post.end().await;
        let ended = self.ledger.end_session(self.session_id, now()).await;
        if let Err(error) = ended {
            tracing::error!(error = %orders::chain(&error), "could not end the session");
        }
        tracing::info!("daemon ended");
        self.originals.lost().map_or(Ok(()), |path| Err(DaemonError::Lost(path.to_owned())))
    }

    /// Ends when the lock or the ledger was taken away: what is written then is lost.
    fn look_at_originals(&mut self) {
        if self.times.drain.is_none()
            && let Some(path) = self.originals.lost()
        {
            tracing::error!(path = %path.display(), "removed or replaced under the daemon: it ends");
            self.begin_to_end("lost files");
        }
    }

    async fn event(&mut self, sources: &mut Signals) -> Wake {
        tokio::select! {
            // In this order: signals are never starved, a run's end is known before the next start.
            biased;
            _ = sources.terminate.recv() => Wake::Terminate("SIGTERM"),
            _ = sources.interrupt.recv() => Wake::Terminate("SIGINT"),
            ended = self.worker.end_of_run() => Wake::Ended(Box::new(ended)),
            loaded = self.reload.loaded() => Wake::Loaded(Box::new(loaded)),
            _ = sources.hang_up.recv() => Wake::HangUp,
            Some(()) = sources.pulses.recv() => Wake::Pulse,
            Some(sight) = sources.sights.recv() => Wake::Sight(sight),
            () = tokio::time::sleep_until((sources.heard + SILENCE_MAX).into()) => Wake::Silence,
        }
    }

    /// Acts on what the watch saw in the inbox.
    async fn see_inbox(&mut self, marks: FileMarks) {
        self.board.write(|facts| facts.inbox_files = marks.len());
        if self.times.drain.is_some() {
            return;
        }
        let Self { setup, ledger, current, queue, intake, .. } = self;
        let world = World { setup, ledger, current, now: now() };
        if let Err(error) = intake.ask(marks, &world, queue).await {
            // The watch tells it again at its next look.
            tracing::debug!(error = %orders::chain(&error), "could not ask for an intake");
        }
    }

    /// Puts in force what was read, or says why not.
    fn put_in_force(&mut self, loaded: Result<Current, Refused>) {
        if let Some(new) = reload::judge(loaded, &self.current, &self.board, &mut self.post) {
            self.current = new;
            self.times.is_agenda_stale = true;
            let (output, copy) = (&self.setup.output, &self.current.copy);
            if let Err(error) = current::prune(output, copy, self.worker.copy()) {
                tracing::warn!(error = %orders::chain(&error), "could not remove the set before");
            }
        }
        self.manager.ready();
    }

    /// One turn; never fails, what failed is tried again at the next.
    async fn turn(&mut self) {
        let (now, instant) = (now(), Instant::now());
        self.times.note_gap(now, instant);
        self.worker.enforce(self.times.drain, self.setup.drain, instant);
        let fault = match self.work(now, instant).await {
            Ok(()) => None,
            Err(error) => Some(orders::chain(&error)),
        };
        if let Some(fault) = &fault {
            self.queue.forget();
            // Whatever becomes of the ledger: it may be this very run that keeps it locked.
            let schedules = &self.current.project.schedules;
            let running = self.worker.as_running();
            if !dispatch::actions(&[], running.as_ref(), schedules, now).is_empty() {
                self.worker.give_up();
            }
            self.times.complain(fault);
            if self.times.drain.is_some() && self.worker.order().is_none() {
                // The next start puts the order back: nothing is lost by ending now.
                self.worker.forget();
            }
        } else if self.times.last_complaint.take().is_some() {
            tracing::info!("the ledger can be used again");
        }
        self.show(now, fault);
        self.manager.turned(Instant::now());
    }

    async fn work(&mut self, now: DateTime<Utc>, instant: Instant) -> Result<(), LedgerError> {
        let Self { setup, ledger, current, agenda, post, board, queue, worker, times, .. } = self;
        let world = World { setup, ledger, current, now };
        if let Some((ended, at)) = worker.ended() {
            let (fate, reasons) = queue.settle(&world, &ended, at, post).await?;
            account(&ended, fate, &reasons, at, board);
            worker.forget();
            if matches!(fate, Fate::Done | Fate::HeldBack) {
                self.coverage.forget();
            }
        }
        post.pass_on(ledger, current).await?;
        if times.drain.is_some() {
            return Ok(());
        }
        self.reload.begin(setup, &self.manager);
        if times.is_agenda_stale {
            *agenda = Agenda::align(ledger, &current.project, now).await?;
            times.is_agenda_stale = false;
            self.coverage.forget();
            queue.forget();
        }
        let mut is_new = agenda.keep_up(ledger, now).await?;
        if worker.order().is_none() {
            is_new |= self.coverage.look(&world, agenda, board).await?;
        }
        if times.is_minute(instant) {
            ledger.see_session(self.session_id, now).await?;
            times.last_minute = Some(instant);
            post.look_after(ledger).await?;
            is_new = true;
        }
        if is_new {
            queue.forget();
        }
        queue.refresh(ledger).await?;
        queue.dispatch(&world, worker, post).await?;
        post.pass_on(ledger, current).await?;
        post.deliver(ledger, current, instant);
        Ok(())
    }

    fn begin_to_end(&mut self, signal: &'static str) {
        if self.times.drain.is_some() {
            tracing::warn!(signal, "asked again: the run is killed");
            self.worker.kill();
            return;
        }
        let job = self.worker.order().map(|order| order.asked.job.as_str());
        tracing::info!(signal, running = job, "ending: no new runs");
        self.manager.stopping();
        self.times.drain = Some(Instant::now());
    }

    fn show(&mut self, now: DateTime<Utc>, fault: Option<String>) {
        let running = self.worker.order().map(|order| order.asked.job.clone());
        let next = self.agenda.next();
        let first = next.iter().min_by_key(|(_, at)| **at);
        let is_draining = self.times.drain.is_some();
        let status = match (is_draining, &running, first) {
            (true, Some(job), _) => format!("ending after the run of {job}"),
            (true, None, _) => "ending".to_owned(),
            (false, Some(job), _) => format!("running {job}"),
            (false, None, Some((job, at))) => format!("next: {job} at {at}"),
            (false, None, None) => "nothing is scheduled".to_owned(),
        };
        self.manager.status(&status);
        let waiting = self.queue.waiting();
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

impl Times {
    fn is_minute(&self, instant: Instant) -> bool {
        self.last_minute.is_none_or(|last| MINUTE <= instant.duration_since(last))
    }

    /// Says once a minute that the ledger cannot be used.
    fn complain(&mut self, fault: &str) {
        if self.last_complaint.is_none_or(|last| MINUTE <= last.elapsed()) {
            tracing::error!(error = %fault, "the ledger cannot be used: tried again each second");
            self.last_complaint = Some(Instant::now());
        }
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
}

/// Logs and counts what became of a run.
fn account(ended: &Ended, fate: Fate, reasons: &[Reason], at: DateTime<Utc>, board: &Board) {
    let (order, job) = (ended.order.order_id, &ended.order.asked.job);
    let took = (at - ended.started_at).num_milliseconds().max(0);
    let outcome = fate.name();
    if fate == Fate::Done {
        tracing::info!(%job, order, outcome, duration_ms = took, "run ended");
    } else {
        let reason = Reason::texts(reasons).en;
        tracing::warn!(%job, order, outcome, duration_ms = took, %reason, "run ended");
    }
    board.write(|facts| {
        *facts.runs.entry((job.clone(), outcome)).or_default() += 1;
        let secs = Duration::from_millis(u64::try_from(took).unwrap_or_default());
        *facts.durations.entry(job.clone()).or_default() += secs.as_secs_f64();
        if fate == Fate::Done {
            facts.last_success.insert(job.clone(), at);
        }
    });
}
