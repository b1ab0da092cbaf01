//! Room on a disk: what is free, and what a folder takes.
//!
//! In: a path that need not exist yet. Out: numbers as the file system tells them, or `None` where it
//! tells nothing.

use std::fs;
use std::path::Path;

use rustix::fs::StatVfsMountFlags;

use super::{FileError, list_deep};

/// What is free on a disk for accounts without privileges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Bytes.
    pub bytes: u64,
    /// Files that can still be made; `None` where the file system knows no limit.
    pub files: Option<u64>,
    /// Whether the disk is mounted for reading only.
    pub is_read_only: bool,
}

/// What is free where a path lies or would lie.
pub fn room(path: &Path) -> Option<Room> {
    let known = path.ancestors().find_map(|folder| {
        // Above the first part of a relative path lies the working folder.
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        rustix::fs::statvfs(folder).ok()
    })?;
    Some(Room {
        bytes: known.f_bavail.saturating_mul(known.f_frsize),
        files: (known.f_files > 0).then_some(known.f_favail),
        is_read_only: known.f_flag.contains(StatVfsMountFlags::RDONLY),
    })
}

/// What the files below a folder hold, in bytes; an absent folder holds none. Files that vanish
/// meanwhile are not counted.
pub fn size(folder: &Path) -> Result<u64, FileError> {
    let files = list_deep(folder)?;
    let sizes = files.iter().filter_map(|file| fs::symlink_metadata(file).ok());
    Ok(sizes.map(|known| known.len()).sum())
}
