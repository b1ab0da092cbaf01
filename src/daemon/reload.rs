//! Reload: another set of `jobs/` and `seeds/` put in force, or refused as a whole.
//!
//! In: SIGHUP, or word that the files changed and settled. Out: the new set in force, or every fault
//! told and the set before still in force. Read and checked beside the loop, which goes on turning.

use std::sync::Arc;

use super::current::{self, Current, Refused};
use super::notices::Notice;
use super::supervisor::Daemon;
use crate::runs;

impl Daemon {
    /// Begins to read the project if that is wanted and not going on.
    pub(super) fn begin_reload(&mut self) {
        if !self.is_reload_wanted || self.reload.is_some() {
            return;
        }
        self.is_reload_wanted = false;
        self.manager.reloading();
        tracing::info!("reading jobs and seeds again");
        let (root, output) = (self.setup.root.clone(), self.setup.output.clone());
        self.reload = Some(tokio::task::spawn_blocking(move || current::load(&root, &output)));
    }

    /// Puts in force what was read, or says why not.
    pub(super) fn put_in_force(&mut self, loaded: Result<Current, Refused>) {
        match loaded {
            Ok(new) => self.swap(new),
            Err(Refused::Faults(faults)) => {
                self.refuse(faults.iter().map(ToString::to_string).collect());
            }
            // The disk may be full for the moment: tried again with the next change or SIGHUP.
            Err(Refused::File(error)) => self.refuse(vec![runs::chain(&error)]),
        }
        self.manager.ready();
    }

    fn swap(&mut self, new: Current) {
        let was_faulty = !self.board.read().faults.is_empty();
        if was_faulty {
            self.board.write(|facts| facts.faults.clear());
            self.tell(&Notice::ReloadMended);
        }
        if new.copy == self.current.copy {
            tracing::info!("jobs and seeds are as before");
            return;
        }
        if new.project.settings.listen != self.current.project.settings.listen {
            tracing::warn!(listen = %new.project.settings.listen, "`listen` takes effect at the next start");
        }
        self.current = Arc::new(new);
        self.stale.agenda = true;
        let running = self.running_copy.as_deref();
        if let Err(error) = current::prune(&self.setup.output, &self.current.copy, running) {
            tracing::warn!(error = %runs::chain(&error), "could not remove the set before");
        }
        let jobs = self.current.project.schedules.len();
        tracing::info!(jobs, "new set of jobs and seeds in force");
    }

    fn refuse(&mut self, faults: Vec<String>) {
        self.board.write(|facts| {
            facts.faults.clone_from(&faults);
            facts.reloads_refused += 1;
        });
        self.tell(&Notice::ReloadRefused { faults });
    }
}
