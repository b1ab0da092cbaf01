//! Inbox, parse and archive: every file of the inbox read, recognised and moved into the archive.
//!
//! Files are read in parallel over all cores, a few thousand at a time. What was parsed is handed on
//! by hash, so that a month built right afterwards does not open its workbooks again. What cannot be
//! read stays in the inbox, is warned of and counted, and holds up nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rayon::prelude::*;

use super::{Event, RunError, Site, Step};
use crate::domain::partition::Partition;
use crate::files::FileError;
use crate::stages::archive::Register;
use crate::stages::inbox::{self, Arrival};
use crate::stages::parse::{self, Book};

/// Files read before they are archived: bounds what is held in memory at a time.
const BATCH_FILES: usize = 2048;

/// What came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// Files taken from the inbox.
    pub files: usize,
    /// Those whose bytes the archive did not have yet.
    pub new: usize,
    /// What could not be read and stays in the inbox.
    pub left: usize,
}

/// Empties the inbox into the archive, and leaves the lake as it is; also what was read, by hash.
pub fn receive(site: &Site<'_>) -> Result<(Received, BTreeMap<String, Book>), RunError> {
    let inbox = site.output.inbox();
    let found = inbox::look(&inbox)?;
    let mut received = Received { left: found.left.len(), ..Received::default() };
    for (path, reason) in &found.left {
        warn_of(&inbox, path, reason);
    }
    let mut books = BTreeMap::new();
    let mut register = Register::new(site.output.archive());
    let files = inbox::settled(found.files, site.now);
    (site.report)(Event::Began { step: Step::Reading, pieces: files.len() });
    let mut arrivals: Vec<(Arrival, BTreeSet<Partition>)> = Vec::new();
    // Some are filed while the next are read; nothing is read beside the last.
    for batch in files.chunks(BATCH_FILES).chain([&[][..]]) {
        site.stop.check()?;
        let filed = std::mem::take(&mut arrivals);
        let file = || {
            let _span = tracing::debug_span!("file", files = filed.len()).entered();
            register.claim(&filed)
        };
        let read = || -> Vec<_> {
            let _span = tracing::debug_span!("read", files = batch.len()).entered();
            batch.par_iter().map(|path| read(site, &inbox, path)).collect()
        };
        let (claimed, read) = rayon::join(file, read);
        let claimed = claimed?;
        received.new += claimed.new;
        received.files += claimed.taken;
        for (path, read) in batch.iter().zip(read) {
            match read {
                Ok(Some((arrival, book))) => {
                    let partitions = partitions(&book);
                    books.insert(arrival.sha256.clone(), book);
                    arrivals.push((arrival, partitions));
                }
                Ok(None) => {}
                Err(error) => {
                    received.left += 1;
                    warn_of(&inbox, path, error.cause());
                }
            }
            (site.report)(Event::Advanced);
        }
    }
    (site.report)(Event::Ended);
    Ok((received, books))
}

fn warn_of(inbox: &Path, path: &Path, reason: &dyn std::fmt::Display) {
    let file = path.strip_prefix(inbox).unwrap_or(path).display();
    tracing::warn!(%file, %reason, "cannot be read and stays in the inbox");
}

fn read(site: &Site<'_>, inbox: &Path, path: &Path) -> Result<Option<(Arrival, Book)>, FileError> {
    let project = &site.workshop.project;
    let limits = &project.settings.limits;
    let Some(mut arrival) = inbox::read(inbox, path, (limits.file_bytes, site.now))? else {
        return Ok(None);
    };
    let book = parse::read(&arrival.bytes, &project.forms, limits);
    arrival.bytes = Vec::new();
    Ok(Some((arrival, book)))
}

/// The partitions a workbook belongs on: the months it reports, or the one for what has none.
pub(super) fn partitions(book: &Book) -> BTreeSet<Partition> {
    if book.reports.is_empty() {
        return BTreeSet::from([Partition::Unreadable]);
    }
    book.reports.iter().map(|report| Partition::of(report.month())).collect()
}
