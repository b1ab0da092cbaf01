//! A run as a process of its own: started, asked to stop, killed, its end observed.
//!
//! In: an order. Out: exit code or signal, and the last words on standard error that were no log
//! lines (an error, a panic). Its standard input is a pipe we hold: it closes when we ask it to stop
//! and when we die, however we die, so no run outlives the daemon that watches over it.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::future;
use std::io::{self, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, Command};
use tokio::task::JoinHandle;

use crate::ledger::orders::Order;

/// Time between asking a run to stop and killing it.
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// Lines of its last words that are kept.
const LAST_WORDS_MAX: usize = 20;

/// How runs are started.
#[derive(Clone, Debug)]
pub struct Program {
    /// The program itself.
    pub path: PathBuf,
    /// What it is told before the command: output folder, log format, verbosity.
    pub arguments: Vec<OsString>,
    /// Whether its log is JSON, one object a line.
    pub is_json: bool,
}

/// This program, also after its file was replaced by a newer one: runs stay of the daemon's version
/// until the daemon itself is started anew.
pub fn this_program() -> io::Result<PathBuf> {
    let same = Path::new("/proc/self/exe");
    if same.exists() { Ok(same.to_owned()) } else { std::env::current_exe() }
}

/// Why a run is asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It had its time.
    TimeOut,
    /// The daemon ends.
    Drain,
}

/// A run that is going on.
#[derive(Debug)]
pub struct RunProcess {
    /// What it carries out.
    pub order: Order,
    /// When it was started.
    pub started_at: DateTime<Utc>,
    /// Its process.
    pub process: u32,
    /// Since when its time counts: it does not while somebody else has the output.
    pub counts_since: Instant,
    /// Whether it is known to have had the output and begun.
    pub has_begun: bool,
    /// Whether somebody else had the output at the last look.
    pub awaits_output: bool,
    child: Child,
    input: Option<ChildStdin>,
    last_words: JoinHandle<VecDeque<String>>,
    given_up: Option<(Why, Instant)>,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// What it carried out.
    pub order: Order,
    /// When it was started.
    pub started_at: DateTime<Utc>,
    /// Its process; 0 when it could not be started.
    pub process: u32,
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// What it said last besides its log, line by line.
    pub last_words: Vec<String>,
    /// Whether it had been asked to stop.
    pub given_up: Option<Why>,
}

impl Program {
    /// Starts the run of an order over a project's files.
    pub fn start(
        &self,
        project: &Path,
        order: Order,
        now: DateTime<Utc>,
    ) -> io::Result<RunProcess> {
        let mut child = self
            .command(project)
            .args(["run", &order.asked.job, "--order", &order.order_id.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let process = child.id().unwrap_or_default();
        let input = child.stdin.take();
        let last_words = tokio::spawn(pass_on(child.stderr.take(), self.is_json));
        Ok(RunProcess {
            order,
            started_at: now,
            process,
            counts_since: Instant::now(),
            has_begun: false,
            awaits_output: false,
            child,
            input,
            last_words,
            given_up: None,
        })
    }

    fn command(&self, project: &Path) -> Command {
        let mut command = Command::new(&self.path);
        // A group of its own: Ctrl-C in a terminal reaches the daemon, which then asks the run.
        command.arg0("yuebao").process_group(0).kill_on_drop(true);
        for ours in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] {
            command.env_remove(ours);
        }
        command.arg("--project").arg(project).args(&self.arguments);
        command
    }
}

impl Ended {
    /// An order whose process could not be started.
    pub fn not_started(order: Order, error: &io::Error, now: DateTime<Utc>) -> Self {
        Self {
            order,
            started_at: now,
            process: 0,
            code: None,
            signal: None,
            last_words: vec![error.to_string()],
            given_up: None,
        }
    }
}

impl RunProcess {
    /// Asks the run to stop by closing its input; it ends between two pieces of work.
    pub fn ask_to_stop(&mut self, why: Why, now: Instant) {
        if self.given_up.is_none() {
            let (job, order) = (&self.order.asked.job, self.order.order_id);
            tracing::warn!(%job, order, ?why, "run asked to stop");
            self.input = None;
            self.given_up = Some((why, now));
        }
    }

    /// Whether it was asked to stop.
    pub fn is_given_up(&self) -> bool {
        self.given_up.is_some()
    }

    /// Kills the run if it was asked to stop and has not in time.
    pub fn enforce(&mut self, now: Instant) {
        if let Some((_, asked)) = self.given_up
            && STOP_PATIENCE <= now.duration_since(asked)
        {
            self.kill();
        }
    }

    /// Kills the run.
    pub fn kill(&mut self) {
        self.given_up = self.given_up.or_else(|| Some((Why::Drain, Instant::now())));
        if let Err(error) = self.child.start_kill() {
            tracing::warn!(%error, process = self.process, "could not kill the run");
        }
    }
}

/// Waits for the end of the run; for ever when there is none. Losing the wait loses nothing.
pub async fn ended(running: &mut Option<RunProcess>) -> Ended {
    let Some(run) = running else { return future::pending().await };
    let status = run.child.wait().await;
    let last_words = words(&mut run.last_words).await;
    let (code, signal) = match &status {
        Ok(status) => (ExitStatus::code(status), status.signal()),
        Err(_) => (None, None),
    };
    let ended = Ended {
        order: run.order.clone(),
        started_at: run.started_at,
        process: run.process,
        code,
        signal,
        last_words,
        given_up: run.given_up.map(|(why, _)| why),
    };
    *running = None;
    ended
}

/// The last words of a process that ended; a child of its own may hold the pipe open.
async fn words(from: &mut JoinHandle<VecDeque<String>>) -> Vec<String> {
    let words = tokio::time::timeout(Duration::from_secs(2), from).await;
    words.ok().and_then(Result::ok).unwrap_or_default().into()
}

/// Passes the log of a run on to ours; keeps the last lines that are none.
async fn pass_on(from: Option<ChildStderr>, is_json: bool) -> VecDeque<String> {
    let mut kept = VecDeque::new();
    let Some(from) = from else { return kept };
    let mut from = BufReader::new(from);
    let mut bytes = Vec::new();
    while let Ok(1..) = from.read_until(b'\n', &mut bytes).await {
        let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
        bytes.clear();
        let is_log = is_json && line.starts_with('{');
        if is_log || !is_json {
            let _ = writeln!(io::stderr().lock(), "{line}");
        } else {
            tracing::warn!(%line, "a run said");
        }
        if !is_log && !line.is_empty() {
            kept.push_back(line);
            if kept.len() > LAST_WORDS_MAX {
                kept.pop_front();
            }
        }
    }
    kept
}
