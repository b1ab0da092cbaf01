//! What happened that somebody should be told: in the words of the log, and as alerts.
//!
//! In: notices of the loop. Out: lines in the log, and what is raised or settled for people. An
//! edition that was held back is raised by its run, which knows the tests; here it is logged only.

use chrono::{DateTime, Utc};

use crate::alerts;
use crate::project::alerts::Kind;
use crate::project::settings::Settings;

/// Something worth telling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A run failed and is not tried again.
    RunFailed {
        /// The job.
        job: String,
        /// Its activation.
        activation_id: i64,
        /// Its run; 0 when the ledger has none.
        run_id: i64,
        /// The chain of causes, one a line.
        reason: String,
    },
    /// A job did what it was to do after people had been told that it failed or was late.
    Recovered {
        /// The job.
        job: String,
    },
    /// Tests of marts that fail, or a reason that nobody gave, held an edition back.
    HeldBack {
        /// The job.
        job: String,
        /// Its activation.
        activation_id: i64,
    },
    /// A job was due long ago and has not been begun.
    Overdue {
        /// The job.
        job: String,
        /// Its activation.
        activation_id: i64,
        /// The instant it was due.
        scheduled_at: DateTime<Utc>,
    },
    /// The project's files are faulty: the set before stays in force.
    ReloadRefused {
        /// Every fault, its place first.
        faults: Vec<String>,
    },
    /// The project's files are sound again.
    ReloadMended,
    /// A backfill was resumed again and again and did not come to its end.
    BackfillStuck {
        /// Its number.
        backfill_id: i64,
        /// What its process said last.
        reason: String,
    },
    /// Such a backfill came to its end after all.
    BackfillMended {
        /// Its number.
        backfill_id: i64,
    },
}

/// What alerts of a refused reload are about.
pub const RELOAD: &str = "reload";

/// What alerts of a backfill are about, before its number.
const BACKFILL: &str = "backfill ";

fn of_backfill(backfill_id: i64) -> String {
    format!("{BACKFILL}{backfill_id}")
}

/// The backfill that an alert is about.
pub(super) fn backfill_of(subject: &str) -> Option<i64> {
    subject.strip_prefix(BACKFILL)?.parse().ok()
}

impl Notice {
    /// Says it in the log.
    pub fn log(&self) {
        match self {
            Self::RunFailed { job, activation_id, run_id, reason } => {
                tracing::error!(%job, activation = activation_id, run = run_id, %reason, "job failed for good");
            }
            Self::Recovered { job } => tracing::info!(%job, "job recovered"),
            Self::HeldBack { job, activation_id } => {
                tracing::error!(%job, activation = activation_id, "edition held back: tests of marts fail, or it awaits a reason");
            }
            Self::Overdue { job, activation_id, scheduled_at } => {
                tracing::error!(%job, activation = activation_id, %scheduled_at, "job is overdue");
            }
            Self::ReloadRefused { faults } => {
                for fault in faults {
                    tracing::error!(%fault, "fault in the project");
                }
                tracing::error!(
                    faults = faults.len(),
                    "reload refused: the set before stays in force until these are put right"
                );
            }
            Self::ReloadMended => tracing::info!("the project is sound again"),
            Self::BackfillStuck { backfill_id, reason } => {
                tracing::error!(backfill = backfill_id, %reason, "a backfill cannot be resumed: put the cause right, then `yuebao backfill resume`");
            }
            Self::BackfillMended { backfill_id } => {
                tracing::info!(backfill = backfill_id, "the backfill came to its end");
            }
        }
    }

    /// What of it people are alerted to, or need no longer be.
    pub fn alerts(&self, settings: &Settings) -> Vec<alerts::Notice> {
        let raise = |alert| vec![alerts::Notice::Raise(alert)];
        let settle = |kind, subject: &str| alerts::Notice::Settle { kind, subject: subject.into() };
        match self {
            Self::RunFailed { job, run_id, reason, .. } => {
                raise(alerts::run_failed(job, *run_id, reason))
            }
            Self::Recovered { job } => {
                vec![settle(Kind::RunFailed, job), settle(Kind::JobOverdue, job)]
            }
            Self::HeldBack { .. } => Vec::new(),
            Self::Overdue { job, scheduled_at, .. } => {
                raise(alerts::job_overdue(job, *scheduled_at, settings))
            }
            Self::ReloadRefused { faults } => {
                raise(alerts::daemon_trouble(RELOAD, &in_short(faults)))
            }
            Self::ReloadMended => vec![settle(Kind::DaemonTrouble, RELOAD)],
            Self::BackfillStuck { backfill_id, reason } => {
                raise(alerts::daemon_trouble(&of_backfill(*backfill_id), reason))
            }
            Self::BackfillMended { backfill_id } => {
                vec![settle(Kind::DaemonTrouble, &of_backfill(*backfill_id))]
            }
        }
    }
}

/// Faults without their words, which may repeat what a file holds: how many, and where the first is.
fn in_short(faults: &[String]) -> String {
    let place = faults.first().and_then(|fault| fault.split_once(": ")).map(|(place, _)| place);
    let count = faults.len();
    match place {
        Some(place) => format!("`{count}` × `{place}`").replace("`1` × ", ""),
        None => format!("`{count}` ×"),
    }
}
