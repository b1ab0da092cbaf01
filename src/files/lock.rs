//! One holder at a time of a lock file, between processes.
//!
//! In: the file and who asks. Out: a lock that is given back however the process ends, or who holds
//! it and since when.

use std::fmt;
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, FixedOffset, TimeZone, Utc};
use serde::{Deserialize, Serialize};

use super::{FileError, create_folder};

/// Time between two looks at a lock somebody else holds.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Held while a run writes; given back when dropped or when the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Who holds a lock, as they wrote it into the file: JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Holder {
    /// The command, without the program's name; empty where the file does not say.
    pub command: String,
    /// The process.
    pub pid: u32,
    /// Since when, with the offset of the project's zone.
    pub since: DateTime<FixedOffset>,
}

impl Holder {
    /// This process.
    pub fn this(command: impl Into<String>, now: DateTime<Utc>, zone: &impl TimeZone) -> Self {
        let since = now.with_timezone(zone).fixed_offset();
        Self { command: command.into(), pid: std::process::id(), since }
    }

    fn read(file: &mut File) -> std::io::Result<Self> {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(serde_json::from_slice(&bytes).unwrap_or_default())
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command, pid, since } = self;
        if command.is_empty() {
            return f.write_str("another process");
        }
        let since = since.format("%Y-%m-%d %H:%M:%S %:z");
        write!(f, "`yuebao {command}`, process {pid}, since {since}")
    }
}

/// Why the lock was not to be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody else holds it.
    #[error("`{path}` is held by {holder}: wait until that has ended, then try again")]
    Held {
        /// The lock file.
        path: String,
        /// Who holds it.
        holder: Holder,
    },
    /// The lock file itself failed.
    #[error(transparent)]
    File(#[from] FileError),
}

impl Lock {
    /// Takes the lock, or says who holds it; `who` tells others who does now and since when.
    pub fn take(path: &Path, who: &Holder) -> Result<Self, LockError> {
        if let Some(folder) = path.parent() {
            create_folder(folder)?;
        }
        let failed = |source| FileError::new("lock", path, source);
        let mut file = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = Holder::read(&mut file).map_err(failed)?;
                return Err(LockError::Held { path: path.display().to_string(), holder });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source).into()),
        }
        file.set_len(0).and_then(|()| file.rewind()).map_err(failed)?;
        let who = serde_json::to_string(who).expect("a holder is JSON");
        file.write_all(who.as_bytes()).map_err(failed)?;
        Ok(Self { _file: file })
    }

    /// Who holds the lock; `None` when nobody does. Changes nothing.
    pub fn holder(path: &Path) -> Option<Holder> {
        let mut file = super::open(path).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Holder::read(&mut file).ok(),
            _ => None,
        }
    }

    /// Takes the lock as soon as it is free, for at most `patience`; calls `held` once with who
    /// holds it when it is not free at once.
    ///
    /// Whoever waits goes before whoever comes later: a backfill, which gives the lock back after
    /// each month and wants it again at once, would let nobody in otherwise.
    pub fn wait(
        path: &Path,
        who: &Holder,
        patience: Duration,
        held: impl FnOnce(&Holder),
    ) -> Result<Self, LockError> {
        let began = Instant::now();
        let queue = queue_of(path);
        let mut held = Some(held);
        let mut place = None;
        loop {
            let first = if place.is_some() { None } else { Self::holder(&queue) };
            let taken = match first {
                Some(holder) => Err(LockError::Held { path: path.display().to_string(), holder }),
                None => Self::take(path, who),
            };
            match taken {
                Err(LockError::Held { holder, .. }) if began.elapsed() < patience => {
                    if let Some(held) = held.take() {
                        held(&holder);
                    }
                    // Without a place in the queue it still waits, only not in turn.
                    place = place.or_else(|| Self::take(&queue, who).ok());
                    thread::sleep(LOOK_AGAIN);
                }
                outcome => return outcome,
            }
        }
    }
}

/// Held by whoever is next to have a lock; there only once somebody had to wait.
fn queue_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".next");
    name.into()
}
