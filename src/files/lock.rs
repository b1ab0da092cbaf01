//! One holder at a time of a lock file, between processes.
//!
//! In: the file and who asks. Out: a lock that is given back however the process ends, or who holds
//! it and since when.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::{FileError, create_folder};

/// Time between two looks at a lock somebody else holds.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Held while a run writes; given back when dropped or when the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

/// Why the lock was not to be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody else holds it.
    #[error("`{path}` is held by {holder}: wait until that has ended, then try again")]
    Held {
        /// The lock file.
        path: String,
        /// Who holds it, as that run wrote it down.
        holder: String,
    },
    /// The lock file itself failed.
    #[error(transparent)]
    File(#[from] FileError),
}

impl Lock {
    /// Takes the lock, or says who holds it; `who` tells others who does now and since when.
    pub fn take(path: &Path, who: &str) -> Result<Self, LockError> {
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
                let mut holder = String::new();
                file.read_to_string(&mut holder).map_err(failed)?;
                return Err(LockError::Held { path: path.display().to_string(), holder });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source).into()),
        }
        file.set_len(0).and_then(|()| file.rewind()).map_err(failed)?;
        file.write_all(who.as_bytes()).map_err(failed)?;
        Ok(Self { file })
    }

    /// Who holds the lock, as they wrote it down; `None` when nobody does. Changes nothing.
    pub fn holder(path: &Path) -> Option<String> {
        let mut file = super::open(path).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder).ok()?;
                Some(holder)
            }
            _ => None,
        }
    }

    /// Says anew who holds the lock; `path` is where it lies.
    pub fn sign(&self, path: &Path, who: &str) -> Result<(), FileError> {
        let mut file = &self.file;
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(who.as_bytes()))
            .map_err(|source| FileError::new("sign", path, source))
    }

    /// Takes the lock as soon as it is free, for at most `patience`; calls `held` once with who
    /// holds it when it is not free at once.
    ///
    /// Whoever waits goes before whoever comes later: a backfill, which gives the lock back after
    /// each month and wants it again at once, would let nobody in otherwise.
    pub fn wait(
        path: &Path,
        who: &str,
        patience: Duration,
        held: impl FnOnce(&str),
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
