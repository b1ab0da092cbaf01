//! Inbox: from files people dropped to arrivals that are whole and identified by their bytes.
//!
//! In: the inbox folder. Out: arrivals with bytes, hash and time of receipt; after parsing they are
//! moved into the archive under the months they report. Nothing received is ever lost: a file
//! leaves the inbox only by standing in the archive.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};
use std::{fs, io};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use crate::files::{self, FileError};

/// Names that systems and office programs leave behind: no submissions.
const JUNK: [&str; 3] = ["thumbs.db", "desktop.ini", "readme.md"];

/// How long a file is left unchanged that is whole.
const QUIET: Duration = Duration::from_secs(2);

/// How far a sender's clock may be ahead of ours, and a file be younger than the run that takes it.
const AHEAD: TimeDelta = TimeDelta::minutes(10);

/// Files so many times as large as the largest workbook that is read are not even archived.
const ARCHIVED_MAX: u64 = 16;

/// A file of the inbox, read while nobody wrote to it.
#[derive(Debug)]
pub struct Arrival {
    /// Where it lies.
    pub path: PathBuf,
    /// Its path below the inbox, with `/` between folders: how its sender named it.
    pub received_as: String,
    /// SHA-256 of its bytes, 64 hexadecimal digits.
    pub sha256: String,
    /// Its modification time as found, in microseconds; the time it was read where that lies ahead.
    pub received_at: DateTime<Utc>,
    /// Its first bytes, at most one more than the limit asked for.
    pub bytes: Vec<u8>,
    size: u64,
    modified: SystemTime,
}

impl Arrival {
    /// The name of the file without its folders.
    pub fn file_name(&self) -> &str {
        self.received_as.rsplit('/').next().unwrap_or_default()
    }

    /// Whether what was read still lies where it lay: its sender may have written to it, put another
    /// version in its place or taken it back.
    pub fn is_still_there(&self) -> bool {
        mark(&self.path) == Some((self.size, self.modified))
    }
}

/// What lies in an inbox.
#[derive(Debug, Default)]
pub struct Listing {
    /// The files in a stable order, without what systems leave behind.
    pub files: Vec<PathBuf>,
    /// What cannot be taken and stays, each with the reason: no files but pipes or links, and folders
    /// nobody may list.
    pub left: Vec<(PathBuf, String)>,
}

/// Looks through an inbox. Only the inbox itself must be readable; opens nothing, so that a pipe
/// nobody writes to holds up nobody.
pub fn look(inbox: &Path) -> Result<Listing, FileError> {
    let mut found = Listing::default();
    sort_out(files::list(inbox)?, &mut found);
    Ok(found)
}

fn sort_out(paths: Vec<PathBuf>, found: &mut Listing) {
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
            found.left.push((path, files::kind(kind).to_owned()));
        } else {
            match files::list(&path) {
                Ok(paths) => sort_out(paths, found),
                Err(error) => found.left.push((path, error.cause().to_string())),
            }
        }
    }
}

/// Leaves out what somebody is still writing to: a file that changed just before `now` is looked at
/// again a moment later, and half an upload is not taken for the whole. Waits only if there is such a
/// file. A writer that pauses for longer cannot be told from one that has ended.
pub fn settled(mut files: Vec<PathBuf>, now: DateTime<Utc>) -> Vec<PathBuf> {
    let quiet_since = SystemTime::from(now) - QUIET;
    let young = files.iter().filter_map(|path| Some((path.clone(), mark(path)?)));
    let young: BTreeMap<PathBuf, (u64, SystemTime)> =
        young.filter(|(_, (_, modified))| quiet_since < *modified).collect();
    if !young.is_empty() {
        thread::sleep(QUIET);
        files.retain(|path| young.get(path).is_none_or(|before| mark(path) == Some(*before)));
    }
    files
}

/// Size and modification time of a file; `None` where none lies.
fn mark(path: &Path) -> Option<(u64, SystemTime)> {
    let known = fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file)?;
    Some((known.len(), known.modified().ok()?))
}

fn is_junk(name: &str) -> bool {
    name.starts_with('.') || name.starts_with("~$") || JUNK.contains(&name.to_lowercase().as_str())
}

/// Reads one file; `None` when it vanished or is being written to: the next run takes it.
///
/// At most `bytes_max` and one byte are kept; the hash is that of all bytes. What is far larger than
/// that is not read at all: hashing it would hold up everybody else's workbooks.
/// A file of the future came `now`: else it would stand before every correction until then.
pub fn read(
    inbox: &Path,
    path: &Path,
    (bytes_max, now): (u64, DateTime<Utc>),
) -> Result<Option<Arrival>, FileError> {
    let failed = |source| FileError::new("read", path, source);
    let mut start = match files::read_start(path, bytes_max) {
        // Gone, or a file server keeps it for the one who writes.
        Err(error) if is_passing(error.cause()) => return Ok(None),
        read => read?,
    };
    let size = start.known.len();
    if bytes_max.saturating_mul(ARCHIVED_MAX) < size {
        let reason = format!("{size} bytes, no workbook is that large: take it away");
        return Err(failed(io::Error::other(reason)));
    }
    let (sha256, hashed) = start.digest(path)?;
    let below = path.strip_prefix(inbox).unwrap_or(path);
    let names: Vec<_> = below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let modified = start.known.modified().map_err(failed)?;
    let dated = DateTime::<Utc>::from(modified).trunc_subsecs(6);
    let is_ahead = now + AHEAD < dated;
    if is_ahead {
        tracing::warn!(file = %below.display(), %dated, "bears a time that lies ahead: taken as received now");
    }
    let arrival = Arrival {
        path: path.to_owned(),
        received_as: names.join("/"),
        sha256,
        received_at: if is_ahead { now } else { dated },
        bytes: start.bytes,
        size,
        modified,
    };
    let is_whole = hashed == size && arrival.is_still_there();
    Ok(is_whole.then_some(arrival))
}

fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::WouldBlock)
}
