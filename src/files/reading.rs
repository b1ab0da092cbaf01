//! Files that people put down, opened without waiting and read to an end.
//!
//! In: a path, of which a list said a moment ago that a file lies there. Out: its bytes, or what lies
//! there now. A pipe would keep its reader waiting for somebody to write, a device may never end: so
//! a file is opened without waiting, and what was opened, not its name, is asked what it is.

use std::fs::{self, File, FileType, Metadata};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;
use sha2::{Digest, Sha256};

use super::{FileError, hexadecimal};

/// The beginning of a file, and how it stood when it was opened.
#[derive(Debug)]
pub struct Start {
    /// Its first bytes.
    pub bytes: Vec<u8>,
    /// Where the rest is read from.
    pub file: File,
    /// Its size and times.
    pub known: Metadata,
}

impl Start {
    /// The SHA-256 of the whole file, to be asked once, and how many bytes went into it.
    ///
    /// One byte beyond its size is enough to see that it grows; a writer in a hurry is not pursued.
    pub fn digest(&mut self, path: &Path) -> Result<(String, u64), FileError> {
        let mut hasher = Sha256::new();
        hasher.update(&self.bytes);
        let begun = u64::try_from(self.bytes.len()).unwrap_or(u64::MAX);
        let left = self.known.len().saturating_sub(begun).saturating_add(1);
        let rest = io::copy(&mut (&mut self.file).take(left), &mut Hashing(&mut hasher))
            .map_err(|source| FileError::new("read", path, source))?;
        Ok((hexadecimal(&hasher.finalize()), begun.saturating_add(rest)))
    }
}

/// Opens a regular file for reading. Links are followed; what is no file is an error, never a wait.
pub fn open(path: &Path) -> Result<File, FileError> {
    let (file, _) = open_known(path)?;
    Ok(file)
}

fn open_known(path: &Path) -> Result<(File, Metadata), FileError> {
    let failed = |source| FileError::new("read", path, source);
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let flags = i32::try_from(flags.bits()).expect("these flags are small numbers");
    let file = match File::options().read(true).custom_flags(flags).open(path) {
        Ok(file) => file,
        // A socket cannot be opened at all; that it is one says more than the system's error.
        Err(source) => {
            return Err(match fs::metadata(path) {
                Ok(known) if !known.is_file() => no_file(path, &known),
                _ => failed(source),
            });
        }
    };
    let known = file.metadata().map_err(failed)?;
    if known.is_file() { Ok((file, known)) } else { Err(no_file(path, &known)) }
}

fn no_file(path: &Path, known: &Metadata) -> FileError {
    FileError::new("read", path, io::Error::other(kind(known.file_type())))
}

/// Reads a whole file. One that has grown since it was opened is an error: somebody is writing.
pub fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    let Start { bytes, known, .. } = read_start(path, u64::MAX)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > known.len() {
        let source = io::Error::other("it grew while it was read: somebody is writing to it");
        return Err(FileError::new("read", path, source));
    }
    Ok(bytes)
}

/// Reads the beginning of a file: at most `bytes_max` and one byte, so that what is larger can be
/// told from what is not; and never more than one byte beyond the size it had when it was opened.
pub fn read_start(path: &Path, bytes_max: u64) -> Result<Start, FileError> {
    let (mut file, known) = open_known(path)?;
    let most = known.len().min(bytes_max).saturating_add(1);
    let mut bytes = Vec::new();
    (&mut file)
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(|source| FileError::new("read", path, source))?;
    Ok(Start { bytes, file, known })
}

/// What lies at a path that is no file, as a reason for not reading it.
pub fn kind(kind: FileType) -> &'static str {
    if kind.is_dir() {
        "a folder, not a file"
    } else if kind.is_symlink() {
        "a link, not a file"
    } else if kind.is_fifo() {
        "a pipe, not a file"
    } else if kind.is_socket() {
        "a socket, not a file"
    } else {
        "a device, not a file"
    }
}

/// Lets `io::copy` feed a hasher.
struct Hashing<'a>(&'a mut Sha256);

impl Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
