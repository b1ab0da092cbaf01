//! Inbox: from files people dropped to arrivals that are whole and identified by their bytes.
//!
//! In: the inbox folder. Out: arrivals with bytes, hash and time of receipt; after parsing they are
//! moved into the archive under the months they report. Nothing received is ever lost: a file
//! leaves the inbox only by standing in the archive.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use chrono::{DateTime, SubsecRound, Utc};
use sha2::{Digest, Sha256};

use crate::files::{self, FileError};

pub mod archive;

/// Names that systems and office programs leave behind: no submissions.
const JUNK: [&str; 3] = ["thumbs.db", "desktop.ini", "readme.md"];

/// A file of the inbox, read while nobody wrote to it.
#[derive(Debug)]
pub struct Arrival {
    /// Where it lies.
    pub path: PathBuf,
    /// Its path below the inbox, with `/` between folders: how its sender named it.
    pub received_as: String,
    /// SHA-256 of its bytes, 64 hexadecimal digits.
    pub sha256: String,
    /// Its modification time as found, in microseconds.
    pub received_at: DateTime<Utc>,
    /// Its first bytes, at most one more than the limit asked for.
    pub bytes: Vec<u8>,
}

impl Arrival {
    /// The name of the file without its folders.
    pub fn file_name(&self) -> &str {
        self.received_as.rsplit('/').next().unwrap_or_default()
    }
}

/// What lies in an inbox.
#[derive(Debug, Default)]
pub struct Found {
    /// The files in a stable order, without what systems leave behind.
    pub files: Vec<PathBuf>,
    /// What cannot be taken and stays, each with the reason: no files but pipes or links, and folders
    /// nobody may list.
    pub left: Vec<(PathBuf, String)>,
}

/// Looks through an inbox. Only the inbox itself must be readable; opens nothing, so that a pipe
/// nobody writes to holds up nobody.
pub fn look(inbox: &Path) -> Result<Found, FileError> {
    let mut found = Found::default();
    sort_out(files::list(inbox)?, &mut found);
    Ok(found)
}

fn sort_out(paths: Vec<PathBuf>, found: &mut Found) {
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if is_junk(&name) {
            continue;
        }
        let kind = match fs::symlink_metadata(&path) {
            Ok(known) => known.file_type(),
            // Its sender took it back.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => {
                found.left.push((path, error.to_string()));
                continue;
            }
        };
        if kind.is_file() {
            found.files.push(path);
        } else if !kind.is_dir() {
            let what = if kind.is_symlink() { "a link" } else { "a pipe or device" };
            found.left.push((path, format!("{what}, not a file")));
        } else {
            match files::list(&path) {
                Ok(paths) => sort_out(paths, found),
                Err(error) => found.left.push((path, reason(&error))),
            }
        }
    }
}

/// Why a file could not be read, as the system says it.
pub fn reason(error: &FileError) -> String {
    let cause = std::error::Error::source(error);
    cause.map_or_else(|| error.to_string(), ToString::to_string)
}

fn is_junk(name: &str) -> bool {
    name.starts_with('.') || name.starts_with("~$") || JUNK.contains(&name.to_lowercase().as_str())
}

/// Reads one file; `None` when it vanished or was written to meanwhile: the next run takes it.
///
/// At most `bytes_max` and one byte are kept; the hash is that of all bytes.
pub fn read(inbox: &Path, path: &Path, bytes_max: u64) -> Result<Option<Arrival>, FileError> {
    let failed = |source| FileError::new("read", path, source);
    let mut file = match File::open(path) {
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(failed)?,
    };
    let before = file.metadata().map_err(failed)?;
    let mut bytes = Vec::new();
    (&mut file).take(bytes_max.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    let mut hasher = Sha256::new();
    hasher.update(&bytes);
    let rest = io::copy(&mut file, &mut Hashing(&mut hasher)).map_err(failed)?;
    let size = rest.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    let modified = |known: &fs::Metadata| known.modified().map_err(failed);
    let Ok(after) = fs::metadata(path) else { return Ok(None) };
    if after.len() != size || modified(&after)? != modified(&before)? {
        return Ok(None);
    }
    let below = path.strip_prefix(inbox).unwrap_or(path);
    let names: Vec<_> = below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    Ok(Some(Arrival {
        path: path.to_owned(),
        received_as: names.join("/"),
        sha256: files::hexadecimal(&hasher.finalize()),
        received_at: DateTime::<Utc>::from(modified(&before)?).trunc_subsecs(6),
        bytes,
    }))
}

/// Lets `io::copy` feed a hasher.
struct Hashing<'a>(&'a mut Sha256);

impl io::Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
