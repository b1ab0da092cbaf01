//! New files in the inbox: a run of its own within seconds, once for each file.
//!
//! In: what the watch saw settled. Out: an activation of the job that takes the inbox in. A file that
//! no run could take (locked, unreadable) is not tried again until it changes; the job's clock still
//! tries it.

use super::now;
use super::supervisor::Daemon;
use super::watch::{Marks, Sight};
use crate::ledger::LedgerError;
use crate::ledger::activations::{Activation, ActivationState, NewActivation, TriggerKind};
use crate::project::schedules::{Schedule, Step};
use crate::runs;

impl Daemon {
    /// Acts on what the watch saw.
    pub(super) async fn see(&mut self, sight: Sight) {
        match sight {
            Sight::Project => self.is_reload_wanted = true,
            Sight::Inbox(marks) => {
                self.board.write(|facts| facts.inbox_files = marks.len());
                if let Err(error) = self.ask_for_intake(marks).await {
                    // The watch tells it again at its next look.
                    tracing::debug!(error = %runs::chain(&error), "could not ask for an intake");
                }
            }
        }
    }

    async fn ask_for_intake(&mut self, marks: Marks) -> Result<(), LedgerError> {
        self.tried.retain(|mark| marks.contains(mark));
        if self.is_ending() || marks.is_subset(&self.tried) {
            return Ok(());
        }
        let Some(schedule) = intake_job(self.current.project.schedules.values()) else {
            return Ok(());
        };
        if self.stale.open {
            self.open = self.ledger.open_activations().await?;
            self.stale.open = false;
        }
        // Whatever takes the inbox in just now may take these files with it. Another job's activation
        // that only waits may wait for long.
        let takes_in = |it: &Activation| {
            let running = self.current.project.schedules.get(&it.job);
            let steps = running.map(|schedule| schedule.steps.as_slice()).unwrap_or_default();
            it.state == ActivationState::Running && steps.contains(&Step::Intake)
        };
        if self.open.iter().any(|it| it.job == schedule.job || takes_in(it)) {
            return Ok(());
        }
        let now = now();
        let activation = NewActivation {
            job: schedule.job.clone(),
            scheduled_at: now,
            trigger_kind: TriggerKind::Inbox,
            occasion: format!("inbox {}", crate::ledger::stamp(now)),
            months: None,
            priority: schedule.priority,
            state: ActivationState::Waiting,
            reason: None,
        };
        tracing::info!(job = %schedule.job, files = marks.len(), "new files in the inbox");
        self.stale.open = true;
        if self.ledger.admit(&activation, now).await? {
            self.tried = marks;
        }
        Ok(())
    }
}

/// The job that takes the inbox in and does the least besides. One that is about one month is none:
/// nobody knows yet which months lie in the inbox.
fn intake_job<'a>(schedules: impl Iterator<Item = &'a Schedule>) -> Option<&'a Schedule> {
    schedules
        .filter(|schedule| schedule.steps.contains(&Step::Intake) && !schedule.has_period())
        .min_by_key(|schedule| (schedule.steps.len(), &schedule.job))
}
