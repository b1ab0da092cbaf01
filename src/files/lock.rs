//! One writer at a time on an output folder, between processes.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use super::{FileError, create_folder};

/// Held while a run writes; given back when dropped or when the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Why the lock was not to be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody else writes.
    #[error("another run holds `{path}` ({holder}): wait until it has ended, then try again")]
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
    /// Takes the lock of an output folder; `who` tells others who holds it and since when.
    pub fn take(output: &Path, who: &str) -> Result<Self, LockError> {
        create_folder(output)?;
        let path = output.join(".lock");
        let failed = |source| FileError::new("lock", &path, source);
        let mut file = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
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
        Ok(Self { _file: file })
    }
}
