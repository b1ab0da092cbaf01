//! The archive: what was sent, byte for byte, by month and hash, with when and how it came.
//!
//! `archive/<month>/<sha256>.<ext>` holds the bytes; `archive/<month>/received.csv` beside them has a
//! line for each receipt of them: the same bytes sent again later are said again. The list is written
//! before a file is put in place, so that a file in the archive always has its line. The archive
//! alone rebuilds the lake.

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
        let dot = if self.extension.is_empty() { "" } else { "." };
        let name = format!("{}{dot}{}", self.sha256, self.extension);
        archive.join(place.to_string()).join(name)
    }
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
    let path = list_path(archive, partition);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let bytes = files::read(&path)?;
    let mut listed = csv::Reader::from_reader(bytes.as_slice())
        .into_deserialize()
        .collect::<Result<Vec<Receipt>, _>>()
        .map_err(|error| FileError::new("understand", &path, std::io::Error::other(error)))?;
    listed.sort();
    let folder = archive.join(partition.to_string());
    let present: BTreeSet<PathBuf> = files::list(&folder)?.into_iter().collect();
    listed.retain(|entry| present.contains(&entry.path(archive, partition)));
    Ok(listed)
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

/// Puts arrivals on their partitions and takes them out of the inbox. Bytes that are there already are
/// noted as received again; a receipt that is known is dropped from the inbox and changes nothing.
/// What is no longer what was read stays for the next run.
pub fn claim(
    archive: &Path,
    arrivals: &[(Arrival, BTreeSet<Partition>)],
) -> Result<Claimed, FileError> {
    let present: Vec<_> = arrivals.iter().filter(|(it, _)| it.is_still_there()).collect();
    let mut by_partition: BTreeMap<Partition, Vec<Receipt>> = BTreeMap::new();
    for (arrival, partitions) in &present {
        for partition in partitions {
            by_partition.entry(*partition).or_default().push(Receipt::of(arrival));
        }
    }
    let folders: Vec<PathBuf> =
        by_partition.keys().map(|partition| archive.join(partition.to_string())).collect();
    let mut paths = BTreeMap::new();
    let mut noted = BTreeSet::new();
    for (partition, arrived) in by_partition {
        for (receipt, is_noted) in list(archive, partition, arrived)? {
            let path = receipt.path(archive, partition);
            noted.extend(is_noted.then(|| receipt.identity()));
            paths.insert((partition, receipt.sha256), path);
        }
    }
    let mut claimed = Claimed::default();
    for (arrival, partitions) in present {
        let key = |partition: &Partition| (*partition, arrival.sha256.clone());
        let places = partitions.iter().filter_map(|partition| paths.get(&key(partition)));
        if let Some(is_absent) = place(arrival, places)? {
            let is_noted = noted.remove(&Receipt::of(arrival).identity());
            claimed.taken += 1;
            claimed.new += usize::from(is_absent || is_noted);
        }
    }
    for folder in folders {
        files::sync_folder(&folder)?;
    }
    Ok(claimed)
}

/// Puts receipts of one partition on another as well, their bytes with them; says how many were not there.
pub fn share(
    archive: &Path,
    (from, to): (Partition, Partition),
    receipts: &[&Receipt],
) -> Result<usize, FileError> {
    let listed = list(archive, to, receipts.iter().map(|entry| (*entry).clone()).collect())?;
    let paths: BTreeMap<&str, PathBuf> =
        listed.keys().map(|entry| (entry.sha256.as_str(), entry.path(archive, to))).collect();
    for entry in receipts {
        if let Some(path) = paths.get(entry.sha256.as_str()).filter(|path| !path.exists()) {
            files::copy_file(&entry.path(archive, from), path)?;
        }
    }
    Ok(listed.into_values().filter(|is_new| *is_new).count())
}

/// Adds the lines of receipts that are new to a partition. Returns all lines, each with whether it is new.
fn list(
    archive: &Path,
    partition: Partition,
    mut arrived: Vec<Receipt>,
) -> Result<BTreeMap<Receipt, bool>, FileError> {
    let known = entries(archive, partition)?;
    let mut receipts: BTreeSet<_> = known.iter().map(Receipt::identity).collect();
    let mut extensions: BTreeMap<_, _> =
        known.iter().map(|entry| (entry.sha256.clone(), entry.extension.clone())).collect();
    arrived.sort();
    for entry in &mut arrived {
        // One file stands for all receipts of its bytes, under the extension of the first.
        let first = extensions.entry(entry.sha256.clone()).or_insert(entry.extension.clone());
        entry.extension.clone_from(first);
    }
    let arrived = arrived.iter().filter(|entry| receipts.insert(entry.identity()));
    let mut all: BTreeMap<Receipt, bool> = arrived.map(|entry| (entry.clone(), true)).collect();
    let has_new = !all.is_empty();
    all.extend(known.iter().map(|entry| (entry.clone(), false)));
    if !has_new {
        return Ok(all);
    }
    let path = list_path(archive, partition);
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| FileError::new("list", &path, std::io::Error::other(error));
    for entry in all.keys() {
        writer.serialize(entry).map_err(failed)?;
    }
    let bytes = writer.into_inner().expect("writing to memory does not fail");
    files::write(&path, &bytes)?;
    Ok(all)
}

/// Copies to all places but the last, then moves: the file leaves the inbox in the last step.
/// Returns whether it was missing anywhere; `None` when it stays, since it is another by now.
fn place<'a>(
    arrival: &Arrival,
    places: impl Iterator<Item = &'a PathBuf>,
) -> Result<Option<bool>, FileError> {
    // Hundreds of workbooks are read and parsed before the first is filed: time enough for a sender
    // to save a correction under the same name, which must not pass for the bytes that were read.
    if !arrival.is_still_there() {
        return Ok(None);
    }
    let absent: Vec<&PathBuf> = places.filter(|path| !path.exists()).collect();
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
