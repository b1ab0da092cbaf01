//! The shipped `jobs/` and `seeds/`, embedded, so that one binary can lay out a working project.

use std::path::Path;

use include_dir::{Dir, include_dir};

use crate::files::{self, FileError};

static JOBS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/jobs");
static SEEDS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/seeds");

/// Writes the shipped project into a folder that has neither `jobs/` nor `seeds/`; returns whether
/// it did. Never touches what is there.
pub fn lay_out(root: &Path) -> Result<bool, FileError> {
    if root.join("jobs").exists() || root.join("seeds").exists() {
        return Ok(false);
    }
    for (name, folder) in [("jobs", &JOBS), ("seeds", &SEEDS)] {
        lay_out_folder(&root.join(name), folder)?;
    }
    Ok(true)
}

fn lay_out_folder(target: &Path, folder: &Dir<'_>) -> Result<(), FileError> {
    for file in folder.files() {
        let name = file.path().file_name().unwrap_or_default();
        files::write(&target.join(name), file.contents())?;
    }
    for inner in folder.dirs() {
        let name = inner.path().file_name().unwrap_or_default();
        lay_out_folder(&target.join(name), inner)?;
    }
    Ok(())
}
