//! The board: what the loop knows of itself, for whoever asks over HTTP.
//!
//! The loop writes, requests read; neither waits for the other longer than it takes to copy a few
//! values. Nothing here names a firm or a figure.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::standing::Standing;

/// The loop counts as hanging when it has not turned for so long. A turn that waits for a locked
/// ledger takes up to 15 s before it gives up.
pub const TURN_MAX: Duration = Duration::from_secs(30);

/// What the loop knows.
#[derive(Clone, Debug)]
pub struct Facts {
    /// When the daemon was started.
    pub started_at: DateTime<Utc>,
    /// When the loop last turned.
    pub turned: Instant,
    /// The same on the clock.
    pub turned_at: DateTime<Utc>,
    /// Pulses taken.
    pub pulses: u64,
    /// Faults of the files on disk; the set before is in force while there are any.
    pub faults: Vec<String>,
    /// Reloads refused since the start.
    pub reloads_refused: u64,
    /// Why the ledger cannot be used.
    pub ledger_fault: Option<String>,
    /// Whether the daemon is about to end.
    pub is_draining: bool,
    /// The next instant of each job.
    pub next: BTreeMap<String, DateTime<Utc>>,
    /// Orders that wait.
    pub waiting: usize,
    /// The job whose run is going on.
    pub running: Option<String>,
    /// Runs that ended, by job and outcome: what the ledger had at the start, and since.
    pub runs: BTreeMap<(String, &'static str), u64>,
    /// Seconds that runs took since the start, by job.
    pub durations: BTreeMap<String, f64>,
    /// When each job last did what it was to do.
    pub last_success: BTreeMap<String, DateTime<Utc>>,
    /// Files that wait in the inbox.
    pub inbox_files: usize,
    /// How the newest month stands, by form.
    pub standings: Vec<Standing>,
}

/// What the ledger tells of the time before the daemon's start.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// Runs that ended, by job and outcome.
    pub runs: BTreeMap<(String, &'static str), u64>,
    /// When each job last did what it was to do.
    pub last_success: BTreeMap<String, DateTime<Utc>>,
}

/// The board, shared between the loop and the requests.
#[derive(Clone, Debug)]
pub struct Board(Arc<Mutex<Facts>>);

impl Board {
    /// A board of a daemon that starts now.
    pub fn new(started_at: DateTime<Utc>, past: Past) -> Self {
        Self(Arc::new(Mutex::new(Facts {
            started_at,
            turned: Instant::now(),
            turned_at: started_at,
            pulses: 0,
            faults: Vec::new(),
            reloads_refused: 0,
            ledger_fault: None,
            is_draining: false,
            next: BTreeMap::new(),
            waiting: 0,
            running: None,
            runs: past.runs,
            durations: BTreeMap::new(),
            last_success: past.last_success,
            inbox_files: 0,
            standings: Vec::new(),
        })))
    }

    /// Writes to it.
    pub fn write(&self, change: impl FnOnce(&mut Facts)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// A copy of all it says.
    pub fn read(&self) -> Facts {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Facts {
    /// Whether the loop turns.
    pub fn is_alive(&self) -> bool {
        self.turned.elapsed() < TURN_MAX
    }

    /// Why the daemon cannot do all of its work; empty when it can.
    pub fn obstacles(&self) -> Vec<String> {
        let mut obstacles = self.faults.clone();
        obstacles.extend(self.ledger_fault.clone());
        if self.is_draining {
            obstacles.push("the daemon is about to end".to_owned());
        }
        if !self.is_alive() {
            obstacles.push("the loop hangs".to_owned());
        }
        obstacles
    }
}
