//! The set of files in force: the last sound `jobs/` and `seeds/`, kept as a copy of their own.
//!
//! In: a project folder. Out: the checked project and a folder below `output/.project` with its very
//! texts, from which runs read it. So a faulty edit, even half a save, reaches no run: the set before
//! stays in force until the faults are put right.

use std::path::{Path, PathBuf};

use crate::files::{self, FileError, UNFINISHED};
use crate::pipeline::output::Output;
use crate::pipeline::{self, Workshop};
use crate::project::Project;
use crate::project::fault::Fault;

/// A sound project and where its copy lies.
#[derive(Debug)]
pub struct Current {
    /// The project.
    pub project: Project,
    /// The folder that runs read it from.
    pub copy: PathBuf,
}

/// Why a project cannot be put in force.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Its files are faulty.
    #[error("{} faults in the project", .0.len())]
    Faults(Vec<Fault>),
    /// Its copy could not be written.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Reads, checks and copies a project. Takes a second or two: not for the loop's own thread.
pub fn load(root: &Path, output: &Output) -> Result<Current, Refused> {
    let workshop = pipeline::open(root).map_err(Refused::Faults)?;
    let faults = pipeline::faults_of_marts(&workshop);
    if !faults.is_empty() {
        return Err(Refused::Faults(faults));
    }
    let project = workshop.project;
    let copy = keep(&project, output)?;
    Ok(Current { project, copy })
}

/// The last sound set that a daemon kept, newest first; `None` where there is none that this program
/// can read. For whoever only looks while the files of the project are faulty.
pub fn last_sound(output: &Output) -> Option<Workshop> {
    let written = |copy: &PathBuf| copy.metadata().and_then(|it| it.modified()).ok();
    let is_whole = |copy: &PathBuf| {
        copy.file_name().is_some_and(|it| !it.to_string_lossy().starts_with(UNFINISHED))
    };
    let mut copies = files::list(&output.project_copies()).ok()?;
    copies.retain(is_whole);
    copies.sort_by_key(written);
    copies.iter().rev().find_map(|copy| pipeline::open(copy).ok())
}

/// Removes the copies of sets that are no longer in force; `running` is read by a run.
pub fn prune(output: &Output, current: &Path, running: Option<&Path>) -> Result<(), FileError> {
    for copy in files::list(&output.project_copies())? {
        if copy != current && Some(copy.as_path()) != running {
            files::remove_folder(&copy)?;
        }
    }
    Ok(())
}

/// Writes the files of a project under their fingerprint, in a folder that appears whole; one that is
/// there already stays.
pub fn keep(project: &Project, output: &Output) -> Result<PathBuf, FileError> {
    let fingerprint = project.texts.fingerprint(&[""]);
    let copy = output.project_copies().join(fingerprint.get(..16).unwrap_or(&fingerprint));
    if copy.is_dir() {
        return Ok(copy);
    }
    let beside = files::beside(&copy)?;
    files::remove_folder(&beside)?;
    for (path, bytes) in project.texts.files() {
        files::write(&beside.join(path), bytes)?;
    }
    files::put_in_place(&beside, &copy)?;
    Ok(copy)
}
