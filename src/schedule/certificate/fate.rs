//! What became of one instant, and the sums over many.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Ran;
use crate::domain::activation::ActivationState;

/// What became of an instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "fate", rename_all = "snake_case")]
pub enum Fate {
    /// It was carried out when it was due, or as soon as what ran then had ended.
    Ran {
        /// Done or failed.
        outcome: ActivationState,
        /// What was noted about it.
        reason: Option<String>,
        /// The run.
        run: Option<Ran>,
    },
    /// It was missed and carried out later.
    MadeUp {
        /// Done or failed.
        outcome: ActivationState,
        /// Why it was late.
        reason: Option<String>,
        /// The run.
        run: Option<Ran>,
    },
    /// It was not carried out, for a reason.
    Skipped {
        /// The reason.
        reason: String,
    },
    /// It is still to be carried out.
    Waiting {
        /// Why it waits.
        reason: Option<String>,
        /// Its run so far, when it is tried again.
        run: Option<Ran>,
    },
    /// It is being carried out.
    Running {
        /// The run.
        run: Option<Ran>,
    },
    /// It was promised, and the ledger says nothing.
    NoRecord {
        /// Why.
        why: Gone,
    },
    /// Nothing promised it then.
    NotPromised {
        /// Why not.
        why: Gone,
    },
    /// It lies in the future.
    ToCome,
}

/// Why the ledger says nothing of an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gone {
    /// No daemon ever kept watch over this job.
    NoDaemonYet,
    /// The promise began later.
    BegunLater,
    /// The job had no file then.
    NoPromise,
    /// Nobody was running, and it was not kept one by one.
    NobodyRan,
    /// Nobody is running: it is decided upon when the daemon starts.
    NobodyRuns,
    /// It came just now: the daemon decides upon it within a minute.
    NotDecidedYet,
    /// A daemon was running and kept no record: a fault.
    Unexplained,
}

impl Gone {
    /// Its name in `--json` and in the catalogue of texts.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoDaemonYet => "no_daemon_yet",
            Self::BegunLater => "begun_later",
            Self::NoPromise => "no_promise",
            Self::NobodyRan => "nobody_ran",
            Self::NobodyRuns => "nobody_runs",
            Self::NotDecidedYet => "not_decided_yet",
            Self::Unexplained => "unexplained",
        }
    }
}

/// Sums: `due` is `ran + made_up + skipped + waiting + no_record`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Instants that had come and were promised.
    pub due: u64,
    /// Carried out when they were due.
    pub ran: u64,
    /// Carried out later.
    pub made_up: u64,
    /// Of those carried out: failed.
    pub failed: u64,
    /// Skipped.
    pub skipped: u64,
    /// Skipped, by reason.
    pub skipped_by_reason: BTreeMap<String, u64>,
    /// Still to be carried out, or under way.
    pub waiting: u64,
    /// Without a record.
    pub no_record: u64,
    /// Nothing promised them.
    pub not_promised: u64,
    /// In the future.
    pub to_come: u64,
    /// Counted here, not listed.
    pub unlisted: u64,
}

impl Totals {
    /// All instants.
    pub(super) fn all(&self) -> u64 {
        self.due + self.not_promised + self.to_come
    }

    /// Counts instants that fared alike.
    pub(super) fn add(&mut self, fate: &Fate, count: u64) {
        let is_due = !matches!(fate, Fate::NotPromised { .. } | Fate::ToCome);
        self.due += if is_due { count } else { 0 };
        match fate {
            Fate::Ran { outcome, .. } => {
                self.ran += count;
                self.failed += if *outcome == ActivationState::Failed { count } else { 0 };
            }
            Fate::MadeUp { outcome, .. } => {
                self.made_up += count;
                self.failed += if *outcome == ActivationState::Failed { count } else { 0 };
            }
            Fate::Skipped { reason } => {
                self.skipped += count;
                *self.skipped_by_reason.entry(reason.clone()).or_default() += count;
            }
            Fate::Waiting { .. } | Fate::Running { .. } => self.waiting += count,
            Fate::NoRecord { .. } => self.no_record += count,
            Fate::NotPromised { .. } => self.not_promised += count,
            Fate::ToCome => self.to_come += count,
        }
    }
}
