//! Reload: another set of `jobs/` and `seeds/` put in force, or refused as a whole.
//!
//! In: SIGHUP, or word that the files changed and settled. Out: the new set in force, or every fault
//! told and the set before still in force. Read and checked beside the loop, which goes on turning.

use std::future;
use std::sync::Arc;

use tokio::task::JoinHandle;

use super::Setup;
use super::board::Board;
use super::current::{self, Current, Refused};
use super::notify::Manager;
use super::post::Post;
use crate::alerts::{Alert, DaemonTrouble, Subject};
use crate::ledger::reason::Reason;
use crate::orders;
use crate::project::alerts::Kind;
use crate::project::fault::Fault;

/// What a project is read into.
type Loaded = Result<Current, Refused>;

/// The reading that is wanted or goes on.
#[derive(Debug, Default)]
pub(super) struct Reload {
    is_wanted: bool,
    task: Option<JoinHandle<Loaded>>,
}

impl Reload {
    /// The files may have changed.
    pub(super) fn want(&mut self) {
        self.is_wanted = true;
    }

    /// Begins to read the project if that is wanted and not going on.
    pub(super) fn begin(&mut self, setup: &Setup, manager: &Manager) {
        if !self.is_wanted || self.task.is_some() {
            return;
        }
        self.is_wanted = false;
        manager.reloading();
        tracing::info!("reading jobs and seeds again");
        let (root, output) = (setup.root.clone(), setup.output.clone());
        self.task = Some(tokio::task::spawn_blocking(move || current::load(&root, &output)));
    }

    /// Waits for a reload; for ever when none is going on.
    pub(super) async fn loaded(&mut self) -> Loaded {
        let Some(task) = &mut self.task else { return future::pending().await };
        let outcome = task.await;
        self.task = None;
        outcome.unwrap_or_else(|error| {
            let message = format!("reading the project failed: {error}; please report it");
            Err(Refused::Faults(vec![Fault::new("jobs", message)]))
        })
    }
}

/// What was read, if it is to be put in force, or word to everybody why not.
pub(super) fn judge(
    loaded: Loaded,
    before: &Current,
    board: &Board,
    post: &mut Post,
) -> Option<Arc<Current>> {
    let new = match loaded {
        Ok(new) => new,
        Err(refused) => {
            refuse(&refused, board, post);
            return None;
        }
    };
    if !board.read().faults.is_empty() {
        board.write(|facts| facts.faults.clear());
        tracing::info!("the project is sound again");
        post.settle(Kind::DaemonTrouble, Subject::Reload);
    }
    if new.copy == before.copy {
        tracing::info!("jobs and seeds are as before");
        return None;
    }
    if new.project.settings.listen != before.project.settings.listen {
        tracing::warn!(listen = %new.project.settings.listen, "`listen` takes effect at the next start");
    }
    tracing::info!(jobs = new.project.schedules.len(), "new set of jobs and seeds in force");
    Some(Arc::new(new))
}

fn refuse(refused: &Refused, board: &Board, post: &mut Post) {
    let (said, trouble) = match refused {
        Refused::Faults(faults) => {
            let place = faults.first().map(Fault::place).unwrap_or_default();
            let said = faults.iter().map(ToString::to_string).collect();
            (said, DaemonTrouble::Reload { faults: faults.len(), place })
        }
        // The disk may be full for the moment: tried again with the next change or SIGHUP.
        Refused::File(error) => {
            (vec![orders::chain(error)], DaemonTrouble::Files(vec![Reason::error(error)]))
        }
    };
    for fault in &said {
        tracing::error!(%fault, "fault in the project");
    }
    tracing::error!(
        faults = said.len(),
        "reload refused: the set before stays in force until these are put right"
    );
    board.write(|facts| {
        facts.faults = said;
        facts.reloads_refused += 1;
    });
    post.raise(Alert::DaemonTrouble(trouble));
}
