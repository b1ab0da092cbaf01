//! Backfills under the daemon: those that were interrupted are resumed, one after another.
//!
//! In: what the ledger calls running, and whether anybody holds the lock of backfills. Out: `backfill
//! resume` as a process of its own, looked after beside the runs: it takes the output month by month,
//! so that the inbox is taken in meanwhile. Publishing waits for its end: an edition of half a backfill
//! is nobody's wish. A backfill survives its process, so at the end of the daemon it is killed.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::child::Resumed;
use super::notices::Notice;
use super::now;
use super::supervisor::Daemon;
use crate::files::lock::Lock;
use crate::ledger::LedgerError;
use crate::ledger::activations::{Activation, ActivationState};
use crate::project::schedules::Step;
use crate::runs;
use crate::texts::reasons;

/// Time between two looks at whether one was interrupted.
const LOOK_EVERY: Duration = Duration::from_secs(20);

/// A backfill is resumed so often; then somebody has to look at it.
const TRIES: u32 = 3;

/// The backfills the daemon knows of.
#[derive(Debug, Default)]
pub(super) struct Backfills {
    resumed: Option<Resumed>,
    looked: Option<Instant>,
    /// How often each was resumed by this daemon, and what its process said last.
    tries: BTreeMap<i64, (u32, String)>,
}

impl Daemon {
    /// Resumes the oldest backfill that was interrupted, if none is at work.
    pub(super) async fn resume_backfills(&mut self, instant: Instant) -> Result<(), LedgerError> {
        self.bury_backfill(instant).await;
        let looked = self.backfills.looked;
        let is_time = looked.is_none_or(|looked| LOOK_EVERY <= instant.duration_since(looked));
        if !is_time || self.is_backfill_at_work() {
            return Ok(());
        }
        let interrupted = self.ledger.interrupted_backfills().await?;
        self.backfills.looked = Some(instant);
        self.tell_of_stuck(&interrupted);
        let is_hopeful = |id: &&i64| self.tries(**id) < TRIES;
        let Some(&backfill_id) = interrupted.iter().find(is_hopeful) else { return Ok(()) };
        let tries = self.backfills.tries.entry(backfill_id).or_default();
        tries.0 += 1;
        tracing::warn!(
            backfill = backfill_id,
            attempt = tries.0,
            "resuming a backfill that was interrupted"
        );
        match self.setup.program.resume_backfill(&self.current.copy, backfill_id) {
            Ok(resumed) => self.backfills.resumed = Some(resumed),
            Err(error) => {
                let why = reasons::kept("backfill_not_started", &[]);
                tries.1 = format!("{why}: {}", runs::chain(&error));
            }
        }
        Ok(())
    }

    fn tries(&self, backfill_id: i64) -> u32 {
        self.backfills.tries.get(&backfill_id).map_or(0, |(tries, _)| *tries)
    }

    /// Takes note of the end of the process that was resumed.
    async fn bury_backfill(&mut self, instant: Instant) {
        let Some(resumed) = &mut self.backfills.resumed else { return };
        let Some((code, said)) = resumed.ended().await else { return };
        let backfill_id = resumed.backfill_id;
        self.backfills.resumed = None;
        self.stale.coverage = true;
        self.messenger.is_due = true;
        // What ended in order makes room for the next at once; what failed is given time.
        let is_orderly = matches!(code, Some(0 | 1));
        self.backfills.looked = (!is_orderly).then_some(instant);
        tracing::info!(backfill = backfill_id, code, "the process of a backfill ended");
        if let Some((_, last_said)) = self.backfills.tries.get_mut(&backfill_id) {
            *last_said = if said.is_empty() { reasons::kept("backfill_killed", &[]) } else { said };
        }
    }

    /// Tells of those that do not come to their end, once, and of those that did after all.
    fn tell_of_stuck(&mut self, interrupted: &[i64]) {
        let tried = std::mem::take(&mut self.backfills.tries);
        for (backfill_id, (tries, said)) in &tried {
            let is_stuck = TRIES <= *tries && interrupted.contains(backfill_id);
            if is_stuck && self.messenger.stuck.insert(*backfill_id) {
                let (backfill_id, reason) = (*backfill_id, said.clone());
                self.tell(&Notice::BackfillStuck { backfill_id, reason });
            }
        }
        self.backfills.tries = tried;
        self.backfills.tries.retain(|id, _| interrupted.contains(id));
        let mended = |id: &i64| !interrupted.contains(id);
        let mended: Vec<i64> = self.messenger.stuck.iter().copied().filter(mended).collect();
        for backfill_id in mended {
            self.messenger.stuck.remove(&backfill_id);
            self.tell(&Notice::BackfillMended { backfill_id });
        }
    }

    /// Whether a process works at a backfill: ours, or one of the terminal.
    pub(super) fn is_backfill_at_work(&self) -> bool {
        self.backfills.resumed.is_some()
            || Lock::holder(&self.setup.output.backfill_lock()).is_some()
    }

    /// The activations that wait for the end of a backfill, because they publish. Nobody looks whether
    /// one is at work unless an activation asks for it.
    pub(super) fn held_by_backfill(&self) -> Vec<i64> {
        let schedules = &self.current.project.schedules;
        let publishes = |it: &&Activation| {
            let schedule = schedules.get(&it.job);
            let steps = schedule.map(|schedule| schedule.steps.as_slice()).unwrap_or_default();
            it.state == ActivationState::Waiting && steps.contains(&Step::Publish)
        };
        let publishing: Vec<i64> =
            self.open.iter().filter(publishes).map(|it| it.activation_id).collect();
        let is_held =
            !publishing.is_empty() && self.running.is_none() && self.is_backfill_at_work();
        if is_held { publishing } else { Vec::new() }
    }

    /// Writes down why activations wait for a backfill; why they were late stays before it.
    pub(super) async fn say_why_held(&mut self, held: &[i64]) -> Result<(), LedgerError> {
        let at_work = reasons::kept("backfill", &[]);
        for id in held {
            // One that was skipped meanwhile waits no longer.
            let waits =
                |it: &&Activation| it.activation_id == *id && it.state == ActivationState::Waiting;
            let Some(known) = self.open.iter().find(waits) else { continue };
            let reason = known.reason.clone().unwrap_or_default();
            if reason.contains(&at_work) {
                continue;
            }
            let reason = match reason.as_str() {
                "" => at_work.clone(),
                before => format!("{before}; {at_work}"),
            };
            self.change(*id, |it| it.reason = Some(reason)).await?;
        }
        Ok(())
    }

    /// Ends the backfill that was resumed; the next start resumes it.
    pub(super) async fn end_backfill(&mut self) {
        let Some(resumed) = self.backfills.resumed.take() else { return };
        let backfill_id = resumed.backfill_id;
        tracing::info!(
            backfill = backfill_id,
            "the backfill is interrupted: the next start resumes it"
        );
        resumed.kill().await;
        let Ok(_lock) = Lock::take(&self.setup.output.lock(), &self.setup.holder) else { return };
        if let Err(error) = self.ledger.close_interrupted(now()).await {
            tracing::warn!(error = %runs::chain(&error), "the next run closes what the backfill left open");
        }
    }
}
