//! The output folder, its disk, the lake and the inbox: whether they can be worked with.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;

use serde_json::json;

use super::Health;
use crate::cli::session::CliSession;
use crate::files::FileError;
use crate::files::lock::Lock;
use crate::files::room::{self, Room};
use crate::lake::rows;
use crate::pipeline::output::Output;
use crate::pipeline::workbooks;
use crate::stages::inbox;
use crate::stages::publish::editions;
use crate::stages::store::{self, Depth};

/// Less than this is too little for anybody: the ledger and the inbox grow as well. In bytes.
const BYTES_MIN: u64 = 256 << 20;

/// Fewer files than this are used up by one delivery. ext4 fixes their number when it is made.
const FILES_MIN: u64 = 10_000;

/// Looks at the output folder, at what is damaged in its lake, and at its disk.
pub(super) fn look_at_output(session: &CliSession, health: &mut Health) {
    let root = session.output.root();
    let path = root.display().to_string();
    let state = if !root.exists() {
        health.note(format!("the output folder `{path}` is not there yet: the first run makes it"));
        "absent"
    } else if is_read_only(root) {
        health.faults.push(format!(
            "the output folder `{path}` is read-only: give the account of yuebao the right to write there"
        ));
        "read_only"
    } else {
        health.note(format!("the output folder `{path}` can be written"));
        "writable"
    };
    health.put("output", json!({ "path": path, "state": state }));
    // While somebody writes, a partition may just be in the making.
    if Lock::holder(&session.output.lock()).is_none() {
        let lake = session.output.lake();
        // That the lake cannot be listed is said with the ledger.
        for partition in rows::partitions(&lake).unwrap_or_default() {
            let found = store::condition(&lake, &partition, Depth::Bytes);
            health.none_or(found.and_then(|found| found.damage.map_or(Ok(()), Err)));
        }
        let damage = health.none_or(workbooks::damage(&session.output.archive()));
        for damage in damage.into_iter().flatten() {
            health.none_or::<(), _>(Err(damage));
        }
    }
    look_at_disk(session, health);
}

/// Whether a folder may not be written, by its permissions and by opening what lies in it for writing.
fn is_read_only(root: &Path) -> bool {
    let refused = |name: &str| {
        let opened = File::options().write(true).open(root.join(name));
        opened.is_err_and(|error| {
            matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
        })
    };
    room::room(root).is_some_and(|room| room.is_read_only)
        || fs::metadata(root).is_ok_and(|known| known.permissions().readonly())
        || refused(".lock")
        || refused("ledger.sqlite")
}

/// Whether the disk has room for the work ahead; nothing where the system tells nothing.
fn look_at_disk(session: &CliSession, health: &mut Health) {
    let needed = health.none_or(needed(&session.output));
    let known = needed.zip(room::room(session.output.root()));
    let Some((needed_bytes, Room { bytes, files, .. })) = known else {
        return health.put("disk", json!(null));
    };
    health.put(
        "disk",
        json!({ "free_bytes": bytes, "free_files": files, "needed_bytes": needed_bytes }),
    );
    let free = format!("{} are free on its disk", in_words(bytes));
    let remedy = "make room before a run fails (output/README.md says what may be deleted)";
    if bytes < needed_bytes {
        let needed = in_words(needed_bytes);
        health.warn(format!(
            "{free}, and all months done again with one more edition may take {needed}: {remedy}"
        ));
    }
    if let Some(files) = files.filter(|files| *files < FILES_MIN) {
        health.warn(format!("only {files} more files fit on its disk: {remedy}"));
    }
    health.note(free);
}

/// What all months done again and one more edition would take, in bytes.
fn needed(output: &Output) -> Result<u64, FileError> {
    let edition = match editions::numbers(output.root())?.last() {
        Some(newest) => room::size(&editions::folder(output.root(), *newest))?,
        None => 0,
    };
    Ok(room::size(&output.lake())?.saturating_add(edition).max(BYTES_MIN))
}

/// Bytes for people, with one decimal, rounded down.
fn in_words(bytes: u64) -> String {
    let (unit, name) = match bytes {
        0..1_000_000_000 => (1_000_000, "MB"),
        1_000_000_000..1_000_000_000_000 => (1_000_000_000, "GB"),
        _ => (1_000_000_000_000, "TB"),
    };
    format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit)
}

/// Looks at what waits in the inbox, and at what no run can take from it.
pub(super) fn look_into_inbox(session: &CliSession, health: &mut Health) {
    let place = session.output.inbox();
    let found = health.none_or(inbox::look(&place)).unwrap_or_default();
    let mut left = Vec::new();
    for (path, reason) in found.left {
        let name = path.strip_prefix(&place).unwrap_or(&path).display().to_string();
        health.warn(format!("`{name}` stays in the inbox, {reason}: take it away"));
        left.push((name, reason));
    }
    health.put("inbox", json!({ "files": found.files.len(), "left": left }));
    match found.files.len() {
        0 => {}
        1 => health.note("one file waits in the inbox: the next run takes it in"),
        many => health.note(format!("{many} files wait in the inbox: the next run takes them in")),
    }
}
