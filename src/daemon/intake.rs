//! New files in the inbox: a run of its own within seconds, one a look, whatever lies there.
//!
//! In: what the watch saw settled. Out: an order of the job that takes the inbox in. A file that no run
//! could take (locked, unreadable) is not tried again until it changes; the job's clock still tries it.

use super::World;
use super::queue::Queue;
use super::watch::FileMarks;
use crate::ledger::orders::{Asked, AskedBy, State};
use crate::ledger::{LedgerError, stamp};
use crate::project::schedules::{Schedule, Step};

/// The files of the inbox for which a run was already asked.
#[derive(Debug, Default)]
pub(super) struct Intake {
    tried: FileMarks,
}

impl Intake {
    /// Asks for a run where there are files that none was asked for.
    pub(super) async fn ask(
        &mut self,
        marks: FileMarks,
        world: &World<'_>,
        queue: &mut Queue,
    ) -> Result<(), LedgerError> {
        self.tried.retain(|mark| marks.contains(mark));
        if marks.is_subset(&self.tried) {
            return Ok(());
        }
        let schedules = world.current.project.schedules.values();
        let Some(schedule) = intake_job(schedules) else { return Ok(()) };
        queue.refresh(world.ledger).await?;
        // What takes the inbox in just now may take these files with it.
        if queue.takes_in(&schedule.job) {
            return Ok(());
        }
        let mut asked = Asked::of(schedule, AskedBy::Inbox, world.now);
        asked.occasion = Some(format!("inbox {}", stamp(world.now)));
        tracing::info!(job = %schedule.job, files = marks.len(), "new files in the inbox");
        queue.forget();
        if world.ledger.add_order(&asked, State::Waiting, world.now).await?.is_some() {
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
