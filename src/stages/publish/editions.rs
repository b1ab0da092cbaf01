//! Editions on disk: built beside, put in place whole, `marts` pointed at the newest in one step.

use std::path::{Path, PathBuf};

use arrow::record_batch::RecordBatch;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::manifest::{FileEntry, Manifest};
use crate::files::parquet::{self, TableError};
use crate::files::{self, FileError, UNFINISHED};
use crate::project::inputs::Inputs;

/// A file of an edition before it is written.
#[derive(Debug)]
pub struct NewFile {
    /// Its name below the edition's folder.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Rows of a table; `None` for a page.
    pub rows: Option<usize>,
}

impl NewFile {
    /// Its line in the manifest.
    pub fn entry(&self) -> FileEntry {
        FileEntry {
            name: self.name.clone(),
            rows: self.rows,
            bytes: self.bytes.len(),
            sha256: files::digest(&self.bytes),
        }
    }
}

/// The numbers of the editions that are there, in order.
pub fn numbers(output: &Path) -> Result<Vec<u32>, FileError> {
    let folders = files::list(&output.join("editions"))?;
    let names = folders.iter().filter_map(|folder| folder.file_name()?.to_str()?.parse().ok());
    let mut numbers: Vec<u32> = names.collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// The folder of an edition.
pub fn folder(output: &Path, edition: u32) -> PathBuf {
    output.join("editions").join(edition.to_string())
}

/// A table of an edition.
pub fn table(path: &Path) -> Result<RecordBatch, TableError> {
    parquet::read(path).map_err(damaged)
}

/// What went wrong with a table of an edition: that one is never made anew.
pub fn damaged(error: TableError) -> TableError {
    match error {
        TableError::Damaged { path, source } => TableError::Edition { path, source },
        other => other,
    }
}

/// The manifest of an edition.
pub fn manifest(output: &Path, edition: u32) -> Result<Manifest, FileError> {
    let path = folder(output, edition).join("manifest.json");
    let bytes = files::read(&path)?;
    serde_json::from_slice(&bytes)
        .map_err(|error| FileError::new("understand", &path, error.into()))
}

/// Inputs other than those of an edition that would give the same: found out by building the marts, and
/// kept so that the next run need not. Where it is lost or older, they are built once more.
#[derive(Debug, Serialize, Deserialize)]
pub struct Equal {
    /// The edition.
    pub edition: u32,
    /// One fingerprint of the inputs.
    pub inputs: String,
    /// What its figures depend on, by kind and month.
    pub kinds: Inputs,
}

/// The inputs that were last found to give an edition again.
pub fn equal(output: &Path) -> Option<Equal> {
    serde_json::from_slice(&files::read(&equal_path(output)).ok()?).ok()
}

/// Keeps inputs that give an edition again.
pub fn keep_equal(output: &Path, equal: &Equal) -> Result<(), FileError> {
    files::write(&equal_path(output), &serde_json::to_vec(equal).expect("texts are JSON"))
}

fn equal_path(output: &Path) -> PathBuf {
    output.join("editions").join(".equal.json")
}

/// Whether some files of an edition are as its manifest has them.
pub fn are_sound(output: &Path, edition: u32, entries: &[FileEntry]) -> bool {
    let folder = folder(output, edition);
    let is_sound = |entry: &FileEntry| {
        let bytes = files::read(&folder.join(&entry.name));
        bytes.is_ok_and(|bytes| files::digest(&bytes) == entry.sha256)
    };
    entries.par_iter().all(is_sound)
}

/// Writes an edition: its files and its manifest, in a folder that appears whole. Files that the edition
/// `before` has just so are linked, which is safe since no file is ever written in place.
pub fn write(
    output: &Path,
    manifest: &Manifest,
    new: &[NewFile],
    before: (u32, &[FileEntry]),
) -> Result<(), FileError> {
    let (before, kept) = (folder(output, before.0), before.1);
    let kept: Vec<_> = kept.iter().map(|it| (before.join(&it.name), it.name.as_str())).collect();
    let json = serde_json::to_vec_pretty(manifest).expect("a manifest is JSON");
    let new = new.iter().map(|file| (file.name.as_str(), file.bytes.as_slice()));
    let new = new.chain([("manifest.json", json.as_slice())]);
    files::write_folder(&folder(output, manifest.edition), new, &kept)
}

/// Points `marts` at an edition, in one step.
pub fn point_at(output: &Path, edition: u32) -> Result<(), FileError> {
    let link = output.join("marts");
    let beside = output.join(format!("{UNFINISHED}marts"));
    files::remove(&beside)?;
    std::os::unix::fs::symlink(Path::new("editions").join(edition.to_string()), &beside)
        .map_err(|source| FileError::new("link", &beside, source))?;
    files::put_in_place(&beside, &link)
}

/// The edition `marts` points at; `None` before the first, and where that edition was deleted.
pub fn current(output: &Path) -> Option<u32> {
    let target = std::fs::read_link(output.join("marts")).ok()?;
    let edition = target.file_name()?.to_str()?.parse().ok()?;
    folder(output, edition).is_dir().then_some(edition)
}
