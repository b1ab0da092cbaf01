//! Room on the output's disk, and whether it is enough for the work ahead.
//!
//! In: the output folder. Out: what is free, what is needed, and a warning where that is more.

use serde::Serialize;

use crate::files::FileError;
use crate::files::room::{self, Room};
use crate::pipeline::output::Output;
use crate::stages::publish::editions;

/// Less than this is too little for anybody: the ledger and the inbox grow as well. In bytes.
const BYTES_MIN: u64 = 256 << 20;

/// Fewer files than this are used up by one delivery. ext4 fixes their number when it is made.
const FILES_MIN: u64 = 10_000;

/// The disk of the output folder.
#[derive(Debug, Serialize)]
pub(super) struct Disk {
    free_bytes: u64,
    /// Files that can still be made; absent where the file system knows no limit.
    free_files: Option<u64>,
    /// What all months done again and one more edition would take.
    needed_bytes: u64,
}

/// Looks at the disk; `None` where the system tells nothing.
pub(super) fn look(output: &Output) -> Result<Option<Disk>, FileError> {
    let Some(Room { bytes, files, .. }) = room::room(output.root()) else { return Ok(None) };
    let edition = match editions::numbers(output.root())?.last() {
        Some(newest) => room::size(&editions::folder(output.root(), *newest))?,
        None => 0,
    };
    let needed = room::size(&output.lake())?.saturating_add(edition);
    let needed_bytes = needed.max(BYTES_MIN);
    Ok(Some(Disk { free_bytes: bytes, free_files: files, needed_bytes }))
}

impl Disk {
    pub(super) fn note(&self) -> String {
        format!("{} are free on its disk", shown(self.free_bytes))
    }

    pub(super) fn warnings(&self) -> Vec<String> {
        let remedy = "make room before a run fails (output/README.md says what may be deleted)";
        let mut warnings = Vec::new();
        if self.free_bytes < self.needed_bytes {
            let needed = shown(self.needed_bytes);
            warnings.push(format!(
                "{}, and all months done again with one more edition may take {needed}: {remedy}",
                self.note()
            ));
        }
        if let Some(files) = self.free_files.filter(|files| *files < FILES_MIN) {
            warnings.push(format!("only {files} more files fit on its disk: {remedy}"));
        }
        warnings
    }
}

/// Bytes for people, with one decimal, rounded down.
fn shown(bytes: u64) -> String {
    let (unit, name) = match bytes {
        0..1_000_000_000 => (1_000_000, "MB"),
        1_000_000_000..1_000_000_000_000 => (1_000_000_000, "GB"),
        _ => (1_000_000_000_000, "TB"),
    };
    format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit)
}
