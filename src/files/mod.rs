//! Files that no reader ever sees half-written: write beside, sync, rename; list in a stable order.
//!
//! Everything the program writes goes through here, and all it reads of what people put down.
//! Errors name the operation and the path.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

pub mod lock;
pub mod parquet;
mod reading;
pub mod room;

pub use self::reading::{Start, kind, open, read, read_start};

/// What could not be done to which file.
#[derive(Debug, thiserror::Error)]
#[error("could not {operation} `{}`{}", path.display(), advice(source))]
pub struct FileError {
    operation: &'static str,
    path: PathBuf,
    source: io::Error,
}

impl FileError {
    /// A failed operation on a path.
    pub fn new(operation: &'static str, path: impl AsRef<Path>, source: io::Error) -> Self {
        Self { operation, path: path.as_ref().to_owned(), source }
    }

    /// Why, as the system says it.
    pub fn cause(&self) -> &io::Error {
        &self.source
    }
}

/// What to do where the machine's own words do not say it.
fn advice(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::PermissionDenied => ": give the account of yuebao the right to do so",
        io::ErrorKind::ReadOnlyFilesystem => ": that disk is read-only; name another with --output",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            ": make room on that disk, then try again"
        }
        _ => "",
    }
}

/// From more files on, syncing a whole disk takes less than syncing each.
const SYNCED_SINGLY: usize = 64;

/// Prefix of what is being written: never read, removed at the next start.
pub const UNFINISHED: &str = ".unfinished-";

/// Writes a file in one step: readers see the old bytes or the new, never a part.
///
/// Creates the folders above it. Synced before it is put in place.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let beside = beside(path)?;
    let mut file =
        File::create(&beside).map_err(|source| FileError::new("create", &beside, source))?;
    file.write_all(bytes).map_err(|source| FileError::new("write", &beside, source))?;
    file.sync_all().map_err(|source| FileError::new("sync", &beside, source))?;
    put_in_place(&beside, path)
}

/// Writes a file that may be lost: in one step, and not synced. Whoever reads it knows its digest.
pub fn write_unsynced(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let beside = beside(path)?;
    let failed = |source| FileError::new("write", &beside, source);
    File::create(&beside).and_then(|mut file| file.write_all(bytes)).map_err(failed)?;
    rename(&beside, path)
}

/// Writes a folder in one step: its files below `path`, by name, and what `kept` brings there by links.
/// All are synced together, then the folder is put in place.
#[expect(clippy::disallowed_methods, reason = "nobody reads the folder before it is in its place")]
pub fn write_folder<'a>(
    path: &Path,
    files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    kept: &[(PathBuf, &str)],
) -> Result<(), FileError> {
    let beside = beside(path)?;
    remove_folder(&beside)?;
    create_folder(&beside)?;
    for (from, name) in kept {
        link(from, &beside.join(name))?;
    }
    for (name, bytes) in files {
        let file = beside.join(name);
        create_folder(file.parent().unwrap_or(&beside))?;
        fs::write(&file, bytes).map_err(|source| FileError::new("write", &file, source))?;
    }
    sync_disk(&beside)?;
    put_in_place(&beside, path)
}

/// Adds lines to the end of a file, synced. Half a line, left by a power cut, is dropped; what another
/// folder holds as well is written anew, so that it stays there as it is.
pub fn append(path: &Path, lines: &[u8]) -> Result<(), FileError> {
    let failed = |source| FileError::new("add to", path, source);
    let opened = match File::options().read(true).append(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return write(path, lines),
        opened => opened,
    };
    let mut file = opened.map_err(failed)?;
    let mut last = [0];
    let is_whole = file.seek(SeekFrom::End(-1)).is_ok() && file.read_exact(&mut last).is_ok();
    if last != *b"\n" || !is_whole || file.metadata().map_err(failed)?.nlink() > 1 {
        let known = read(path)?;
        return write(path, &[whole_lines(&known), lines].concat());
    }
    file.write_all(lines).and_then(|()| file.sync_all()).map_err(failed)
}

/// Text up to its last line's end.
pub fn whole_lines(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    text.get(..end).unwrap_or_default()
}

/// The path beside `path` under which it is written; its folder exists afterwards.
pub fn beside(path: &Path) -> Result<PathBuf, FileError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    create_folder(folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(folder.join(format!("{UNFINISHED}{name}")))
}

/// Renames what was written beside to its place, and syncs the folder.
pub fn put_in_place(from: &Path, to: &Path) -> Result<(), FileError> {
    rename(from, to)?;
    sync_folder(to.parent().unwrap_or(Path::new(".")))
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that renames")]
fn rename(from: &Path, to: &Path) -> Result<(), FileError> {
    fs::rename(from, to).map_err(|source| FileError::new("put in place", to, source))
}

/// Moves a file as it is, keeping its modification time; copies across file systems.
#[expect(clippy::disallowed_methods, reason = "this is the one place that renames")]
pub fn move_file(from: &Path, to: &Path) -> Result<(), FileError> {
    if fs::rename(from, to).is_ok() {
        return Ok(());
    }
    copy_file(from, to)?;
    remove(from)
}

/// Copies a file in one step, with its modification time.
pub fn copy_file(from: &Path, to: &Path) -> Result<(), FileError> {
    let bytes = read(from)?;
    write(to, &bytes)?;
    let failed = |source| FileError::new("keep the time of", to, source);
    let modified = fs::metadata(from).and_then(|known| known.modified()).map_err(failed)?;
    File::options()
        .write(true)
        .open(to)
        .and_then(|file| file.set_modified(modified))
        .map_err(failed)
}

/// Removes a file; one that is gone already is no error.
pub fn remove(path: &Path) -> Result<(), FileError> {
    removed(path, fs::remove_file(path))
}

/// Removes a folder with all in it; one that is gone already is no error.
pub fn remove_folder(path: &Path) -> Result<(), FileError> {
    removed(path, fs::remove_dir_all(path))
}

fn removed(path: &Path, outcome: io::Result<()>) -> Result<(), FileError> {
    match outcome {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(FileError::new("remove", path, source))
        }
        _ => Ok(()),
    }
}

/// Creates a folder and those above it.
pub fn create_folder(path: &Path) -> Result<(), FileError> {
    fs::create_dir_all(path).map_err(|source| FileError::new("create the folder", path, source))
}

/// Makes the contents of files durable that are about to be moved into a folder: a few one by one, many with
/// all else on its disk in one go. What lies on another disk is copied, and synced then.
pub fn sync_for(folder: &Path, paths: &[&Path]) -> Result<(), FileError> {
    if SYNCED_SINGLY < paths.len() {
        return sync_disk(folder);
    }
    for path in paths {
        // One that is gone, or may no longer be read, is not moved either.
        let Ok(file) = open(path) else { continue };
        file.sync_data().map_err(|source| FileError::new("sync", path, source))?;
    }
    Ok(())
}

/// Makes all durable that was written to the disk a folder lies on.
fn sync_disk(folder: &Path) -> Result<(), FileError> {
    let failed = |source| FileError::new("sync", folder, source);
    let opened = File::open(folder).map_err(failed)?;
    rustix::fs::syncfs(opened).map_err(|error| failed(error.into()))
}

/// Makes the names in a folder durable.
pub fn sync_folder(path: &Path) -> Result<(), FileError> {
    let folder = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    File::open(folder)
        .and_then(|opened| opened.sync_all())
        .map_err(|source| FileError::new("sync the folder", folder, source))
}

/// What stands in a folder, sorted by name; an absent folder is empty.
pub fn list(path: &Path) -> Result<Vec<PathBuf>, FileError> {
    let failed = |source| FileError::new("list", path, source);
    let entries = match fs::read_dir(path) {
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        listed => listed.map_err(failed)?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(failed)?.path());
    }
    paths.sort();
    Ok(paths)
}

/// All regular files below a folder, sorted; links are not followed. What vanishes meanwhile, as what
/// an editor keeps beside the file it is saving, is left out.
pub fn list_deep(path: &Path) -> Result<Vec<PathBuf>, FileError> {
    let mut files = Vec::new();
    for entry in list(path)? {
        let kind = match fs::symlink_metadata(&entry) {
            Err(source) if source.kind() == io::ErrorKind::NotFound => continue,
            known => known.map_err(|source| FileError::new("look at", &entry, source))?.file_type(),
        };
        if kind.is_dir() {
            files.extend(list_deep(&entry)?);
        } else if kind.is_file() {
            files.push(entry);
        }
    }
    Ok(files)
}

/// Lets a second folder hold what a folder holds: by hard links, so that nothing is copied, or by
/// copies where the file system knows no links. Safe because no file is ever written in place. What
/// is half-written is left out, and so are symbolic links.
pub fn link_folder(from: &Path, to: &Path) -> Result<(), FileError> {
    create_folder(to)?;
    for entry in list(from)? {
        let name = entry.file_name().unwrap_or_default();
        let place = to.join(name);
        let kind = fs::symlink_metadata(&entry)
            .map_err(|source| FileError::new("look at", &entry, source))?
            .file_type();
        if name.to_string_lossy().starts_with(UNFINISHED) {
            continue;
        }
        if kind.is_dir() {
            link_folder(&entry, &place)?;
        } else if kind.is_file() {
            link(&entry, &place)?;
        }
    }
    Ok(())
}

/// Lets a second name lead to a file, whose folder is made where there is none: a hard link, or a copy
/// where the file system knows no links.
pub fn link(from: &Path, to: &Path) -> Result<(), FileError> {
    create_folder(to.parent().unwrap_or(Path::new(".")))?;
    if fs::hard_link(from, to).is_err() { copy_file(from, to) } else { Ok(()) }
}

/// SHA-256 of bytes as 64 hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Bytes as hexadecimal digits, two a byte.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// One fingerprint of several named inputs; depends on every byte and on the order.
pub fn fingerprint<'a>(parts: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut hasher = Sha256::new();
    for (name, value) in parts {
        // With its length before it, no part can pass for the end of another.
        hasher.update(format!("{}:{name}={}:{value}\n", name.len(), value.len()));
    }
    hexadecimal(&hasher.finalize())
}
