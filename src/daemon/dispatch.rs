//! Dispatch: what the pure decisions of `schedule::dispatch` and `outcome` mean for processes and
//! ledger.
//!
//! In: open activations, the run that goes on or that ended. Out: a run started, skipped, given up;
//! of one that ended, what became of it. The ledger is written before a run starts and after it has
//! ended; each step may be repeated.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use super::child::{self, Ended, Why};
use super::current;
use super::notices::Notice;
use super::outcome::{self, Fate};
use super::supervisor::Daemon;
use crate::files::lock::Lock;
use crate::ledger::LedgerError;
use crate::ledger::activations::{Activation, ActivationState};
use crate::ledger::runs::{End, State};
use crate::project::schedules::Overlap;
use crate::runs;
use crate::schedule::dispatch::{self, Action, Waiting};
use crate::schedule::retry;
use crate::texts::reasons;

/// An activation that has waited for so long without being begun is overdue.
const OVERDUE: TimeDelta = TimeDelta::minutes(30);

/// A run that has not begun after so long may be waiting for the output.
const LOOK_AFTER: Duration = Duration::from_secs(2);

impl Daemon {
    /// Starts, skips and gives up what is to be.
    pub(super) async fn dispatch(&mut self, now: DateTime<Utc>) -> Result<(), LedgerError> {
        if self.open.is_empty() {
            return Ok(());
        }
        self.mend_open().await?;
        self.look_whether_it_waits().await?;
        let running = self.running.as_ref().map(as_running);
        let held = self.held_by_backfill();
        let waits = self.open.iter().filter(|it| it.state == ActivationState::Waiting);
        let waiting: Vec<Waiting> =
            waits.map(|it| as_waiting(it, held.contains(&it.activation_id), now)).collect();
        let schedules = &self.current.project.schedules;
        for action in dispatch::actions(&waiting, running.as_ref(), schedules, now) {
            match action {
                Action::Start(id) => self.start(id, now).await?,
                Action::Skip(id) => self.skip(id, reasons::kept("overlap", &[])).await?,
                Action::Crowded(id) => {
                    let most = dispatch::WAITING_MAX.to_string();
                    self.skip(id, reasons::kept("crowded", &[("most", &most)])).await?;
                }
                Action::GiveUp(_) => self.give_up(),
            }
        }
        self.say_why_queued().await?;
        self.say_why_held(&held).await?;
        self.tell_overdue(now);
        Ok(())
    }

    /// Gives up a run that has had its time, whatever becomes of the ledger: it may be this very run
    /// that keeps it locked.
    pub(super) fn mind_time_out(&mut self, now: DateTime<Utc>) {
        let running = self.running.as_ref().map(as_running);
        let schedules = &self.current.project.schedules;
        if !dispatch::actions(&[], running.as_ref(), schedules, now).is_empty() {
            self.give_up();
        }
    }

    fn give_up(&mut self) {
        if let Some(run) = &mut self.running {
            run.ask_to_stop(Why::TimeOut, Instant::now());
        }
    }

    /// Puts right what the ledger says and nobody does: a run that is not ours, a job without a file.
    async fn mend_open(&mut self) -> Result<(), LedgerError> {
        let ours = self.running.as_ref().map(|run| run.activation.activation_id);
        let mut orphans = Vec::new();
        let mut gone = Vec::new();
        for it in &self.open {
            if it.state == ActivationState::Running && Some(it.activation_id) != ours {
                orphans.push(it.activation_id);
            } else if it.state == ActivationState::Waiting
                && !self.current.project.schedules.contains_key(&it.job)
            {
                gone.push(it.activation_id);
            }
        }
        for id in orphans {
            self.change(id, |it| {
                it.state = ActivationState::Waiting;
                it.attempts = it.attempts.saturating_sub(1);
            })
            .await?;
        }
        for id in gone {
            self.skip(id, reasons::kept("job_is_gone", &[])).await?;
        }
        Ok(())
    }

    /// Skips an activation for a reason.
    async fn skip(&mut self, id: i64, reason: String) -> Result<(), LedgerError> {
        self.change(id, |it| {
            it.state = ActivationState::Skipped;
            it.reason = Some(reason);
        })
        .await
    }

    /// Lets the time of a run count only once it has the output, and says who has it till then.
    async fn look_whether_it_waits(&mut self) -> Result<(), LedgerError> {
        let Some(run) = &mut self.running else { return Ok(()) };
        let is_time = LOOK_AFTER <= run.counts_since.elapsed();
        if run.has_begun || run.is_given_up() || !is_time {
            return Ok(());
        }
        let (id, began) = (run.activation.activation_id, run.activation.reason.clone());
        run.has_begun = self.ledger.attempt_of(id, run.process).await?.is_some();
        let its_own = format!("process {},", run.process);
        let holder = Lock::holder(&self.setup.output.lock());
        let holder = holder.filter(|holder| !run.has_begun && !holder.contains(&its_own));
        run.awaits_output = holder.is_some();
        let reason = match &holder {
            Some(holder) => {
                run.counts_since = Instant::now();
                let waits = reasons::kept("output", &[("holder", holder)]);
                Some(began.map_or(waits.clone(), |began| format!("{began}; {waits}")))
            }
            None => began,
        };
        if self.open.iter().any(|it| it.activation_id == id && it.reason != reason) {
            self.change(id, |it| it.reason = reason).await?;
        }
        Ok(())
    }

    /// Writes down why an activation waits for the one before it.
    async fn say_why_queued(&mut self) -> Result<(), LedgerError> {
        let Some(run) = &self.running else { return Ok(()) };
        let (ours, job) = (run.activation.activation_id, run.activation.job.clone());
        let schedule = self.current.project.schedules.get(&job);
        if schedule.is_none_or(|schedule| schedule.overlap != Overlap::Queue) {
            return Ok(());
        }
        let queued: Vec<i64> = self
            .open
            .iter()
            .filter(|it| it.job == job && it.activation_id != ours && it.reason.is_none())
            .map(|it| it.activation_id)
            .collect();
        for id in queued {
            let reason = reasons::kept("queued", &[]);
            self.change(id, |it| it.reason = Some(reason)).await?;
        }
        Ok(())
    }

    fn tell_overdue(&mut self, now: DateTime<Utc>) {
        // One whose process waits for the output has not run either.
        let waits = self.running.as_ref().filter(|run| run.awaits_output);
        let waits = waits.map(|run| run.activation.activation_id);
        let is_overdue = |it: &&Activation| {
            let is_unbegun = it.state == ActivationState::Waiting && it.attempts == 0;
            (is_unbegun || waits == Some(it.activation_id)) && it.decided_at + OVERDUE < now
        };
        let overdue: Vec<Activation> = self.open.iter().filter(is_overdue).cloned().collect();
        for Activation { job, activation_id, scheduled_at, .. } in overdue {
            if self.overdue.insert(activation_id) {
                self.messenger.alarmed.insert(job.clone());
                self.tell(&Notice::Overdue { job, activation_id, scheduled_at });
            }
        }
    }

    async fn start(&mut self, id: i64, now: DateTime<Utc>) -> Result<(), LedgerError> {
        let known = self.open.iter_mut().find(|it| it.activation_id == id);
        let Some(known) = known else { return Ok(()) };
        let mut activation = known.clone();
        activation.attempts += 1;
        activation.state = ActivationState::Running;
        self.ledger.set_activation(&activation).await?;
        // Nobody takes it for one that waits in what is left of this turn.
        known.clone_from(&activation);
        self.stale.open = true;
        let copy = current::keep(&self.current.project, &self.setup.output);
        let started = copy.map_err(std::io::Error::other).and_then(|copy| {
            self.running_copy = Some(copy.clone());
            self.setup.program.start(&copy, activation.clone(), now)
        });
        match started {
            Ok(running) => {
                tracing::info!(job = %activation.job, activation = id, attempt = activation.attempts, process = running.process, scheduled_at = %activation.scheduled_at, "run started");
                self.running = Some(running);
            }
            Err(error) => {
                let last_words = runs::chain(&error);
                let ended = Ended {
                    activation,
                    started_at: now,
                    process: 0,
                    code: None,
                    signal: None,
                    last_words,
                    given_up: None,
                };
                self.ended = Some((ended, now));
            }
        }
        Ok(())
    }

    /// Writes down what became of a run that ended.
    pub(super) async fn settle(
        &mut self,
        ended: &Ended,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let schedule = self.current.project.schedules.get(&ended.activation.job);
        let fate = outcome::fate(ended, schedule, at);
        let sentence = outcome::sentence(ended);
        let mut attempt = None;
        if matches!(fate, Fate::Done | Fate::HeldBack) {
            self.stale.coverage = true;
        } else {
            attempt = self.close_attempt(ended, &sentence, at).await?;
        }
        let notice = self.notice(ended, &fate, attempt.unwrap_or((0, sentence.clone())));
        if let Some(notice) = &notice {
            // Before the activation is closed: a daemon killed in between tells it again, not never.
            self.alert(notice);
            self.pass_on().await?;
        }
        let mut activation = ended.activation.clone();
        let (state, reason) = match &fate {
            Fate::Done => (ActivationState::Done, activation.reason.take()),
            Fate::HeldBack => (ActivationState::Done, Some(sentence)),
            Fate::Failed => (ActivationState::Failed, Some(sentence)),
            Fate::Retry { .. } | Fate::Interrupted => (ActivationState::Waiting, Some(sentence)),
        };
        (activation.state, activation.reason) = (state, reason);
        match fate {
            Fate::Retry { not_before } => activation.not_before = not_before,
            Fate::Interrupted => activation.attempts = activation.attempts.saturating_sub(1),
            _ => {}
        }
        self.ledger.set_activation(&activation).await?;
        self.stale.open = true;
        self.running_copy = None;
        self.account(ended, &activation, &fate, at);
        if let Some(notice) = &notice {
            notice.log();
        }
        Ok(())
    }

    /// Says in the ledger how the attempt of a process ended that could not say so itself; returns
    /// its run and the causes kept there.
    async fn close_attempt(
        &self,
        ended: &Ended,
        sentence: &str,
        at: DateTime<Utc>,
    ) -> Result<Option<(i64, String)>, LedgerError> {
        let state = outcome::attempt_state(ended);
        let end = End { at, state, error: Some(sentence) };
        let activation = &ended.activation;
        let known = self.ledger.attempt_of(activation.activation_id, ended.process).await?;
        match (known, activation.run()) {
            (Some(it), _) if matches!(it.state, State::Running | State::Interrupted) => {
                self.ledger.close_attempt(it.begun, &end).await?;
                Ok(Some((it.begun.run_id, sentence.to_owned())))
            }
            (Some(it), _) => {
                let error = it.error.unwrap_or_else(|| sentence.to_owned());
                Ok(Some((it.begun.run_id, error)))
            }
            // It failed before it could begin an attempt: it was one all the same.
            (None, Some(run)) if ended.given_up != Some(Why::Drain) => {
                let begun = self.ledger.begin_run(&run, ended.started_at).await?;
                self.ledger.end_run(begun, &end).await?;
                Ok(Some((begun.run_id, sentence.to_owned())))
            }
            _ => Ok(None),
        }
    }

    /// What is to be told of a run that ended, if anything.
    fn notice(
        &mut self,
        ended: &Ended,
        fate: &Fate,
        (run_id, reason): (i64, String),
    ) -> Option<Notice> {
        let (job, activation_id) = (ended.activation.job.clone(), ended.activation.activation_id);
        match fate {
            Fate::Done if self.messenger.alarmed.contains(&job) => Some(Notice::Recovered { job }),
            Fate::HeldBack => Some(Notice::HeldBack { job, activation_id }),
            Fate::Failed => Some(Notice::RunFailed { job, activation_id, run_id, reason }),
            _ => None,
        }
    }

    /// Logs and counts what became of a run.
    fn account(&mut self, ended: &Ended, after: &Activation, fate: &Fate, at: DateTime<Utc>) {
        let Activation { activation_id, job, .. } = &ended.activation;
        let took = (at - ended.started_at).num_milliseconds().max(0);
        let reason = after.reason.as_deref().unwrap_or_default();
        let outcome = fate.name();
        match fate {
            Fate::Done => {
                tracing::info!(%job, activation = activation_id, outcome, duration_ms = took, "run ended");
            }
            _ => {
                tracing::warn!(%job, activation = activation_id, outcome, duration_ms = took, %reason, "run ended");
            }
        }
        self.board.write(|facts| {
            *facts.runs.entry((job.clone(), outcome)).or_default() += 1;
            let spent = facts.durations.entry(job.clone()).or_default();
            let secs = Duration::from_millis(u64::try_from(took).unwrap_or_default());
            *spent += secs.as_secs_f64();
            if *fate == Fate::Done {
                facts.last_success.insert(job.clone(), at);
            }
        });
        // The run may have raised alerts of its own.
        self.messenger.is_due = true;
        match fate {
            Fate::Done => self.messenger.alarmed.remove(job),
            Fate::Failed => self.messenger.alarmed.insert(job.clone()),
            _ => false,
        };
    }

    /// Changes an open activation, in the ledger first.
    pub(super) async fn change(
        &mut self,
        id: i64,
        change: impl FnOnce(&mut Activation),
    ) -> Result<(), LedgerError> {
        let Some(it) = self.open.iter_mut().find(|it| it.activation_id == id) else {
            return Ok(());
        };
        let mut changed = it.clone();
        change(&mut changed);
        self.ledger.set_activation(&changed).await?;
        let (job, state) = (&changed.job, changed.state.name());
        tracing::info!(%job, activation = id, state, reason = changed.reason, "activation changed");
        *it = changed;
        self.stale.open = true;
        Ok(())
    }
}

/// The run that goes on.
fn as_running(run: &child::Running) -> dispatch::Running {
    dispatch::Running {
        activation_id: run.activation.activation_id,
        job: run.activation.job.clone(),
        ran_for: TimeDelta::from_std(run.counts_since.elapsed()).unwrap_or(TimeDelta::MAX),
        is_given_up: run.is_given_up(),
    }
}

/// An activation that waits; one that is held is not begun, whatever the time.
fn as_waiting(it: &Activation, is_held: bool, now: DateTime<Utc>) -> Waiting {
    let not_before = retry::not_before(it.not_before, it.attempts, now);
    Waiting {
        activation_id: it.activation_id,
        job: it.job.clone(),
        scheduled_at: it.scheduled_at,
        decided_at: it.decided_at,
        priority: it.priority,
        not_before: if is_held { DateTime::<Utc>::MAX_UTC } else { not_before },
        attempts: it.attempts,
    }
}
