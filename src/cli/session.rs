//! What every command starts from: the project, the output folder, the log.

use std::io;
use std::path::PathBuf;

use chrono::{DateTime, SubsecRound, Utc};

use super::{Failure, LogFormat};
use crate::files::lock::Lock;
use crate::pipeline::output::Output;
use crate::pipeline::{self, Workshop};

/// The project and the output folder a command was called with.
pub(super) struct Session {
    /// The folder with `jobs/` and `seeds/`.
    pub(super) root: PathBuf,
    /// The output folder.
    pub(super) output: Output,
}

impl Session {
    /// The session of a project; its output folder is `<project>/output` unless named.
    pub(super) fn new(root: PathBuf, output: Option<PathBuf>) -> Self {
        let output = Output::new(output.unwrap_or_else(|| root.join("output")));
        Self { root, output }
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

    /// The one writer's lock, the folders ready and what a killed run left removed.
    pub(super) fn lock(&self, command: &str) -> Result<Lock, Failure> {
        let since = now().format("%Y-%m-%dT%H:%M:%SZ");
        let who = format!("`yuebao {command}`, process {}, since {since}", std::process::id());
        let lock = Lock::take(self.output.root(), &who)?;
        self.output.prepare()?;
        Ok(lock)
    }
}

/// The clock of the commands, in seconds.
pub(super) fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(0)
}

/// Starts the log on standard error.
pub(super) fn start_log(format: LogFormat, verbose: u8) {
    let level = match verbose {
        0 => tracing::Level::WARN,
        1 => tracing::Level::INFO,
        _ => tracing::Level::DEBUG,
    };
    let log = tracing_subscriber::fmt().with_max_level(level).with_writer(io::stderr);
    match format {
        LogFormat::Text => log.with_target(false).init(),
        LogFormat::Json => log.json().init(),
    }
}
