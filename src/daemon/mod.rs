//! The daemon: a small supervisor that decides what is due and starts each run as a process.
//!
//! In: a project, an output folder, signals, the clock. Out: runs, each a child process of the same
//! program, and a ledger that says of every instant what became of it. It computes nothing itself, so
//! a run that panics, aborts, hangs or eats the memory harms neither the daemon nor the next run.
//! What fails in one turn of its loop is logged and tried again at the next; only its start can fail.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};
use tokio_cron_scheduler::JobSchedulerError;

use crate::files::FileError;
use crate::files::lock::{Holder, Lock, LockError};
use crate::ledger::{Ledger, LedgerError};
use crate::pipeline::output::Output;
use crate::project::fault::Fault;

pub mod agenda;

pub mod board;

pub mod child;

pub mod current;

pub mod http;

pub mod metrics;

pub mod notify;

pub mod outcome;

pub mod standing;

pub mod ticker;

pub mod watch;

mod coverage;

mod intake;

mod originals;

mod post;

mod queue;

mod reload;

mod start;

mod supervisor;

mod worker;

use self::child::Program;
use self::current::{Current, Refused};

/// What a daemon is told.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The folder with `jobs/` and `seeds/`.
    pub root: PathBuf,
    /// The output folder.
    pub output: Output,
    /// Where to listen instead of where the settings say.
    pub listen: Option<SocketAddr>,
    /// How long a run may go on after the daemon was asked to end.
    pub drain: Duration,
    /// How runs are started.
    pub program: Program,
    /// Who this is, for others who want the lock.
    pub holder: Holder,
}

/// What every part of the loop looks at in one turn.
struct World<'a> {
    setup: &'a Setup,
    ledger: &'a Ledger,
    current: &'a Arc<Current>,
    now: DateTime<Utc>,
}

/// Why a daemon could not be started.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// The project's files are faulty.
    #[error("{} faults in the project", .0.len())]
    Faults(Vec<Fault>),
    /// Another daemon watches over this output.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The ledger cannot be used.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The address is taken or not ours.
    #[error(
        "could not listen on {address}: give another with --listen or `listen` in jobs/pipeline.toml"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The machine refused signals or threads.
    #[error("could not set up signals and threads")]
    Machine(#[from] std::io::Error),
    /// The ledger or the lock is no longer where it was.
    #[error(
        "`{}` was removed or replaced under the daemon, which has ended: start it again; what is missing is made anew from archive and lake",
        .0.display()
    )]
    Lost(PathBuf),
    /// The ticker could not be started.
    #[error("could not start the ticker")]
    Ticker(#[from] JobSchedulerError),
}

impl From<Refused> for DaemonError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Faults(faults) => Self::Faults(faults),
            Refused::File(error) => Self::File(error),
        }
    }
}

/// Watches over the schedules until it is asked to end; returns after the last run has ended.
pub async fn run(setup: Setup) -> Result<(), DaemonError> {
    let _only_one = Lock::take(&setup.output.daemon_lock(), &setup.holder)?;
    let ledger = Ledger::open(&setup.output.ledger()).await?;
    let outcome = start::start(setup, ledger.clone()).await;
    ledger.close().await;
    outcome
}

/// The clock of the daemon, in milliseconds as the ledger keeps them.
fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(3)
}
