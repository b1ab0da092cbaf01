//! Whether the daemon's lock and its ledger are still the files it opened.
//!
//! In: paths. Out: the first that was removed or replaced. A deleted file that is held open goes on to
//! take what is written, and nobody else sees it: then the daemon has to end and be started anew.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Files with the device and the number of the one that was there.
#[derive(Debug, Default)]
pub(super) struct Originals {
    files: Vec<(PathBuf, (u64, u64))>,
}

impl Originals {
    /// Takes note of files; one that cannot be looked at is not watched.
    pub(super) fn note(paths: &[PathBuf]) -> Self {
        let known = |path: &PathBuf| Some((path.clone(), identity(path)?));
        Self { files: paths.iter().filter_map(known).collect() }
    }

    /// The first file that is no longer the one noted.
    pub(super) fn lost(&self) -> Option<&Path> {
        let lost = self.files.iter().find(|(path, noted)| identity(path) != Some(*noted));
        lost.map(|(path, _)| path.as_path())
    }
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    fs::metadata(path).ok().map(|known| (known.dev(), known.ino()))
}
