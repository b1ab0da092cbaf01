//! The archive: what was sent, byte for byte, by month and hash, with when and how it came.
//!
//! `archive/<month>/<sha256>.<ext>` holds the bytes; `archive/<month>/received.csv` beside them has a
//! line for each receipt of them: the same bytes sent again later are said again. Lines are added, after
//! the bytes are durable and before a file is put in place, so that a file in the archive always has its
//! line. The archive alone rebuilds the lake.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::inbox::Arrival;
use crate::domain::partition::Partition;
use crate::files::{self, FileError};

/// One receipt of a workbook: a line of `received.csv`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Receipt {
    /// When it was received: the file's modification time as found in the inbox, unless that lay ahead.
    pub received_at: DateTime<Utc>,
    /// SHA-256 of its bytes, 64 hexadecimal digits.
    pub sha256: String,
    /// Its extension as first received, lower case, without the dot; may be empty.
    pub extension: String,
    /// Its path below the inbox.
    pub received_as: String,
}

impl Receipt {
    /// The receipt of an arrival.
    pub fn of(arrival: &Arrival) -> Self {
        let extension = Path::new(arrival.file_name()).extension().unwrap_or_default();
        let extension = extension.to_string_lossy().to_lowercase();
        let is_plain =
            extension.len() <= 8 && extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
        Self {
            received_at: arrival.received_at,
            sha256: arrival.sha256.clone(),
            extension: if is_plain { extension } else { String::new() },
            received_as: arrival.received_as.clone(),
        }
    }

    /// The name of the file as received, without folders.
    pub fn file_name(&self) -> &str {
        self.received_as.rsplit('/').next().unwrap_or_default()
    }

    /// What makes it one of its own: which bytes came when, under which name.
    fn identity(&self) -> (DateTime<Utc>, String, String) {
        (self.received_at, self.sha256.clone(), self.file_name().to_owned())
    }

    /// The path of its bytes in an archive.
    pub fn path(&self, archive: &Path, place: Partition) -> PathBuf {
        path(archive, place, &self.sha256, &self.extension)
    }
}

fn path(archive: &Path, place: Partition, sha256: &str, extension: &str) -> PathBuf {
    let dot = if extension.is_empty() { "" } else { "." };
    archive.join(place.to_string()).join(format!("{sha256}{dot}{extension}"))
}

/// The partitions of an archive, in order.
pub fn partitions(archive: &Path) -> Result<Vec<Partition>, FileError> {
    let folders = files::list(archive)?;
    let named =
        folders.iter().filter_map(|it| Partition::named(&it.file_name()?.to_string_lossy()));
    let partitions: BTreeSet<Partition> = named.collect();
    Ok(partitions.into_iter().collect())
}

/// The receipts of a partition whose bytes are there, by time and hash.
pub fn entries(archive: &Path, partition: Partition) -> Result<Vec<Receipt>, FileError> {
    let mut listed = lines(archive, partition)?;
    if listed.is_empty() {
        return Ok(listed);
    }
    listed.sort();
    let folder = archive.join(partition.to_string());
    let present: BTreeSet<PathBuf> = files::list(&folder)?.into_iter().collect();
    listed.retain(|entry| present.contains(&entry.path(archive, partition)));
    Ok(listed)
}

/// Every line of a list, in the order they were added.
fn lines(archive: &Path, partition: Partition) -> Result<Vec<Receipt>, FileError> {
    let path = list_path(archive, partition);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let bytes = files::read(&path)?;
    csv::Reader::from_reader(files::whole_lines(&bytes))
        .into_deserialize()
        .collect::<Result<_, _>>()
        .map_err(|error| FileError::new("understand", &path, std::io::Error::other(error)))
}

fn list_path(archive: &Path, partition: Partition) -> PathBuf {
    archive.join(partition.to_string()).join("received.csv")
}

/// What became of arrivals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Claimed {
    /// Those taken out of the inbox.
    pub taken: usize,
    /// Those of them whose bytes had not come before, or not at that time and under that name.
    pub new: usize,
}

/// The lists of an archive while workbooks are put into it: each is read once, then added to.
#[derive(Debug)]
pub struct Register {
    archive: PathBuf,
    listed: BTreeMap<Partition, ListedReceipts>,
}

/// What a list says.
#[derive(Debug, Default)]
struct ListedReceipts {
    lines: BTreeSet<Receipt>,
    /// The receipts whose bytes are there or about to be.
    known: BTreeSet<(DateTime<Utc>, String, String)>,
    /// One file stands for all receipts of its bytes, under the extension of the first.
    extensions: BTreeMap<String, String>,
}

impl Register {
    /// The register of an archive, nothing read yet.
    pub fn new(archive: impl Into<PathBuf>) -> Self {
        Self { archive: archive.into(), listed: BTreeMap::new() }
    }

    /// Puts arrivals on their partitions and takes them out of the inbox. Bytes that are there already are
    /// noted as received again; a receipt that is known is dropped from the inbox and changes nothing.
    /// What is no longer what was read stays for the next run.
    pub fn claim(
        &mut self,
        arrivals: &[(Arrival, BTreeSet<Partition>)],
    ) -> Result<Claimed, FileError> {
        let present: Vec<_> = arrivals.iter().filter(|(it, _)| it.is_still_there()).collect();
        // What a list calls received outlives a power cut.
        files::create_folder(&self.archive)?;
        let paths: Vec<&Path> = present.iter().map(|(it, _)| it.path.as_path()).collect();
        files::sync_for(&self.archive, &paths)?;
        let mut by_partition: BTreeMap<Partition, Vec<Receipt>> = BTreeMap::new();
        for (arrival, partitions) in &present {
            for partition in partitions {
                by_partition.entry(*partition).or_default().push(Receipt::of(arrival));
            }
        }
        let partitions: Vec<Partition> = by_partition.keys().copied().collect();
        let mut noted = BTreeSet::new();
        for (partition, arrived) in by_partition {
            noted.extend(self.list(partition, arrived)?.iter().map(Receipt::identity));
        }
        let mut claimed = Claimed::default();
        for (arrival, partitions) in present {
            let places = partitions.iter().map(|it| self.path(*it, &arrival.sha256));
            if let Some(is_absent) = place(arrival, &places.collect::<Vec<_>>())? {
                let is_noted = noted.remove(&Receipt::of(arrival).identity());
                claimed.taken += 1;
                claimed.new += usize::from(is_absent || is_noted);
            }
        }
        for partition in partitions {
            files::sync_folder(&self.archive.join(partition.to_string()))?;
        }
        Ok(claimed)
    }

    /// Puts receipts of one partition on another as well, their bytes with them; says how many were not
    /// there.
    pub fn share(
        &mut self,
        (from, to): (Partition, Partition),
        receipts: &[&Receipt],
    ) -> Result<usize, FileError> {
        let new = self.list(to, receipts.iter().map(|entry| (*entry).clone()).collect())?;
        for entry in receipts {
            let path = self.path(to, &entry.sha256);
            if !path.exists() {
                files::copy_file(&entry.path(&self.archive, from), &path)?;
            }
        }
        Ok(new.len())
    }

    /// Where bytes lie whose receipt is listed.
    fn path(&self, partition: Partition, sha256: &str) -> PathBuf {
        let extension = self.listed.get(&partition).and_then(|it| it.extensions.get(sha256));
        path(&self.archive, partition, sha256, extension.map_or("", String::as_str))
    }

    /// Adds the lines of receipts to a list; those that are new, bytes or line.
    fn list(
        &mut self,
        partition: Partition,
        mut arrived: Vec<Receipt>,
    ) -> Result<Vec<Receipt>, FileError> {
        let listed = match self.listed.entry(partition) {
            Entry::Occupied(read) => read.into_mut(),
            Entry::Vacant(unread) => unread.insert(ListedReceipts::read(&self.archive, partition)?),
        };
        arrived.sort();
        for entry in &mut arrived {
            let first =
                listed.extensions.entry(entry.sha256.clone()).or_insert(entry.extension.clone());
            entry.extension.clone_from(first);
        }
        arrived.retain(|entry| listed.known.insert(entry.identity()));
        // A line whose file never came stands there already.
        let added: Vec<&Receipt> =
            arrived.iter().filter(|entry| listed.lines.insert((*entry).clone())).collect();
        if !added.is_empty() {
            add(&list_path(&self.archive, partition), &added)?;
        }
        Ok(arrived)
    }
}

impl ListedReceipts {
    fn read(archive: &Path, partition: Partition) -> Result<Self, FileError> {
        let mut listed = Self::default();
        for entry in entries(archive, partition)? {
            listed.known.insert(entry.identity());
            listed.extensions.insert(entry.sha256, entry.extension);
        }
        listed.lines = lines(archive, partition)?.into_iter().collect();
        Ok(listed)
    }
}

/// Adds lines to a list, below its headings.
fn add(path: &Path, receipts: &[&Receipt]) -> Result<(), FileError> {
    let mut writer = csv::WriterBuilder::new().has_headers(!path.exists()).from_writer(Vec::new());
    let failed = |error: csv::Error| FileError::new("list", path, std::io::Error::other(error));
    receipts.iter().try_for_each(|entry| writer.serialize(entry)).map_err(failed)?;
    files::append(path, &writer.into_inner().expect("writing to memory does not fail"))
}

/// Copies to all places but the last, then moves: the file leaves the inbox in the last step.
/// Returns whether it was missing anywhere; `None` when it stays, since it is another by now.
fn place(arrival: &Arrival, places: &[PathBuf]) -> Result<Option<bool>, FileError> {
    // Hundreds of workbooks are read and parsed before the first is filed: time enough for a sender
    // to save a correction under the same name, which must not pass for the bytes that were read.
    if !arrival.is_still_there() {
        return Ok(None);
    }
    let absent: Vec<&PathBuf> = places.iter().filter(|path| !path.exists()).collect();
    let Some((last, others)) = absent.split_last() else {
        files::remove(&arrival.path)?;
        return Ok(Some(false));
    };
    for other in others {
        files::copy_file(&arrival.path, other)?;
    }
    if !arrival.is_still_there() {
        for other in others {
            files::remove(other)?;
        }
        return Ok(None);
    }
    files::move_file(&arrival.path, last)?;
    Ok(Some(true))
}
