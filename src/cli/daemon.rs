//! `daemon`: schedules and inbox watched over until SIGTERM.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use super::session::{self, CliSession};
use super::{CliError, LogFormat};
use crate::daemon::child::{self, Program};
use crate::daemon::{self, DaemonError, Setup};

#[derive(Debug, clap::Args)]
pub(super) struct DaemonArguments {
    /// Where to answer /healthz, /readyz and /metrics, instead of `listen` in jobs/pipeline.toml. 监听地址
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = address)]
    listen: Option<SocketAddr>,
    /// Seconds a run may go on after SIGTERM; then it is interrupted, and resumed at the next start. 停止等待秒数
    #[arg(long, value_name = "SECS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(..=DRAIN_MAX))]
    drain: u64,
}

/// A week: no run may take longer.
const DRAIN_MAX: u64 = 604_800;

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("`{text}` is no address like 127.0.0.1:8470"))
}

pub(super) fn run(
    session: &CliSession,
    command: &DaemonArguments,
    log: LogFormat,
    verbose: u8,
) -> Result<ExitCode, CliError> {
    // Before anything is written: a mistyped project leaves no trace.
    session.sound_workshop()?;
    let mut arguments: Vec<OsString> = vec!["--output".into(), session.output.root().into()];
    let is_json = log == LogFormat::Json;
    arguments.extend(["--log".into(), if is_json { "json".into() } else { "text".into() }]);
    arguments.extend((0..verbose.max(1)).map(|_| "-v".into()));
    let setup = Setup {
        root: session.root.clone(),
        output: session.output.clone(),
        listen: command.listen,
        drain: Duration::from_secs(command.drain),
        program: Program { path: child::this_program()?, arguments, is_json },
        holder: session.holder("daemon"),
    };
    session::block_on(async {
        match daemon::run(setup).await {
            Err(DaemonError::Faults(faults)) => Err(CliError::Faults(faults)),
            ended => Ok(ended.map(|()| ExitCode::SUCCESS)?),
        }
    })
}
