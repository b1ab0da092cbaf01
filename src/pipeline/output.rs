//! The folders of `output/`: the one place that knows where what lies.

use std::path::{Path, PathBuf};

use crate::files::lock::Lock;
use crate::files::{self, FileError, UNFINISHED};

/// An output folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    root: PathBuf,
}

impl Output {
    /// The output folder at a path, which need not exist yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where a backfill is rehearsed: on this disk, so that files can be linked, and out of sight.
    #[must_use]
    pub fn rehearsal(&self) -> Self {
        Self::new(self.root.join(format!("{UNFINISHED}rehearsal-{}", std::process::id())))
    }

    /// Creates the folders people look for, and removes what a killed run left half-written.
    pub fn prepare(&self) -> Result<(), FileError> {
        files::create_folder(&self.inbox())?;
        for folder in [self.root.clone(), self.root.join("editions")] {
            remove_unfinished(&folder, 0)?;
        }
        remove_unfinished(&self.archive(), 1)?;
        remove_unfinished(&self.parsed(), 1)?;
        remove_unfinished(&self.steps(), 0)?;
        remove_unfinished(&self.lake(), 3)
    }
}

macro_rules! places {
    ($($(#[$about:meta])* $place:ident = $name:literal;)*) => {
        impl Output {
            $($(#[$about])*
            pub fn $place(&self) -> PathBuf {
                self.root.join($name)
            })*
        }
    };
}

places! {
    /// Where people drop workbooks.
    inbox = "inbox";
    /// What was sent, byte for byte.
    archive = "archive";
    /// What was read of it: may be lost.
    parsed = "parsed";
    /// Rows of marts that the next build need not compute: may be lost.
    steps = "steps";
    /// The lake.
    lake = "lake";
    /// The ledger.
    ledger = "ledger.sqlite";
    /// The copies of `jobs/` and `seeds/` that the daemon's runs read.
    project_copies = ".project";
    /// The lock of whoever writes.
    lock = ".lock";
    /// The lock of the daemon.
    daemon_lock = ".daemon.lock";
}

/// Removes unfinished files and folders down to `depth` folders below `folder`.
fn remove_unfinished(folder: &Path, depth: usize) -> Result<(), FileError> {
    for path in files::list(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_folder = path.is_dir() && !path.is_symlink();
        if name.starts_with(UNFINISHED) {
            match is_folder {
                true if is_rehearsed_in(&path) => {}
                true => files::remove_folder(&path)?,
                false => files::remove(&path)?,
            }
        } else if is_folder && depth > 0 {
            remove_unfinished(&path, depth - 1)?;
        }
    }
    Ok(())
}

/// Whether a process is at work on a rehearsal in this folder.
fn is_rehearsed_in(folder: &Path) -> bool {
    let lock = Output::new(folder).daemon_lock();
    lock.exists() && Lock::holder(&lock).is_some()
}
