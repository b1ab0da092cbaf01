//! What every command starts from: the project, the output folder, the log.

use std::fs;
use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};
use chrono_tz::Tz;
use tracing::Level;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use super::{Failure, LogFormat, output};
use crate::files::lock::Lock;
use crate::ledger::{Ledger, LedgerError};
use crate::pipeline::output::Output;
use crate::pipeline::{self, Workshop};

/// The project and the output folder a command was called with.
pub(super) struct Session {
    /// The folder with `jobs/` and `seeds/`.
    pub(super) root: PathBuf,
    /// The output folder.
    pub(super) output: Output,
    /// Waits so long for another run before that is an error.
    patience: Duration,
}

impl Session {
    /// The session of a project; its output folder is `<project>/output` unless named.
    pub(super) fn new(root: PathBuf, output: Option<PathBuf>, patience: Duration) -> Self {
        let output = Output::new(output.unwrap_or_else(|| root.join("output")));
        Self { root, output, patience }
    }

    /// The output folder must not be something else, nor lie below something else.
    pub(super) fn check_output(&self) -> Result<(), Failure> {
        let root = self.output.root();
        let there = root.ancestors().find_map(|path| fs::metadata(path).ok());
        if there.is_some_and(|there| !there.is_dir()) {
            return Err(Failure::Call(format!(
                "a file lies where the output folder `{}` should be: move it away, or name another folder with --output",
                root.display()
            )));
        }
        Ok(())
    }

    /// The project with its rules, checked but for the SQL of marts: enough to check workbooks.
    pub(super) fn workshop(&self) -> Result<Workshop, Failure> {
        pipeline::open(&self.root).map_err(Failure::Faults)
    }

    /// The project, every check passed: what a run starts from.
    pub(super) fn sound_workshop(&self) -> Result<Workshop, Failure> {
        let workshop = self.workshop()?;
        let faults = pipeline::faults_of_marts(&workshop);
        if faults.is_empty() { Ok(workshop) } else { Err(Failure::Faults(faults)) }
    }

    /// The one writer's lock, the folders ready and what a killed run left removed. Waits a while
    /// for whoever holds it, and says who that is.
    pub(super) fn lock(&self, command: &str) -> Result<Lock, Failure> {
        let held = |holder: &str| output::error(&format!("waiting for {holder}"));
        let lock = Lock::wait(&self.output.lock(), &Self::holder(command), self.patience, held)?;
        self.output.prepare()?;
        Ok(lock)
    }

    /// Who this process is, for others that want its lock.
    pub(super) fn holder(command: &str) -> String {
        let since = now().format("%Y-%m-%dT%H:%M:%SZ");
        format!("`yuebao {command}`, process {}, since {since}", std::process::id())
    }

    /// The zone in which times are shown: the project's; UTC while its files are faulty, since what was
    /// done can be looked at all the same.
    pub(super) fn zone(&self) -> Tz {
        let zone = self.workshop().ok().and_then(|workshop| workshop.project.settings.zone());
        zone.unwrap_or(Tz::UTC)
    }

    /// The ledger of the output folder, opened.
    pub(super) async fn ledger(&self) -> Result<Ledger, LedgerError> {
        Ledger::open(&self.output.ledger()).await
    }
}

/// A crate that logs under its own name.
const TICKER: &str = "tokio_cron_scheduler";

/// Runs what waits for the ledger to its end.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let threads =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    match threads {
        Ok(threads) => threads.block_on(work),
        Err(error) => Err(Failure::machine(error)),
    }
}

/// The clock of the commands, in seconds.
pub(super) fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(0)
}

/// An instant by the clock of a zone, with the zone's short name: `2026-11-23 12:10:05 CST`.
pub(super) fn local(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S %Z").to_string()
}

/// Starts the log on standard error.
pub(super) fn start_log(format: LogFormat, verbose: u8) {
    let level = match verbose {
        0 => Level::WARN,
        1 => Level::INFO,
        _ => Level::DEBUG,
    };
    // A line that cannot be written, because the daemon that reads it is gone, must end no run.
    let lines = fmt::layer().with_writer(io::stderr).log_internal_errors(false);
    // The ticker speaks of its own inside.
    let shown = Targets::new().with_default(level).with_target(TICKER, level.min(Level::WARN));
    let log = tracing_subscriber::registry();
    match format {
        LogFormat::Text => log.with(lines.with_target(false).with_filter(shown)).init(),
        LogFormat::Json => log.with(lines.json().with_filter(shown)).init(),
    }
}
