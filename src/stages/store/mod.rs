//! Store: the lake, one Parquet file a table and partition, each replaced in one step.
//!
//! In: the tables of one month. Out: files, and later whether they are as they were written. The
//! submissions file is written last and carries the fingerprint of the partition's inputs: a partition
//! that was begun and not finished bears the old fingerprint and is done again. It also says which other
//! files belong to the partition, so that one that is cut off, altered or gone is found; damaged and
//! half-written ones look the same, and are made anew from the archive.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::{fs, io};

use arrow::record_batch::RecordBatch;

use crate::files::parquet::{self, TableError};
use crate::files::{self, FileError};
use crate::lake::{counted, records};
use crate::project::lake::Table;
use crate::stages::normalize::LakeTables;

/// Keys of the submissions file: fingerprints of what the partition was made from, of what was received
/// for it, of what it holds, and of the ledgers in that.
const INPUTS: &str = "yuebao.inputs";
const RECEIVED: &str = "yuebao.received";
const CONTENT: &str = "yuebao.content";
const RECORDS: &str = "yuebao.records";
/// Key of the other files of the partition, one a line: bytes, SHA-256, table.
const FILES: &str = "yuebao.files";

/// What a partition was made from and holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marks {
    /// Fingerprint of the inputs.
    pub inputs: String,
    /// Fingerprint of what was received, which is one of the inputs.
    pub received: String,
    /// Fingerprint of the figures and rows that count.
    pub content: String,
    /// Fingerprint of the rows of ledgers among them; empty where there are none.
    pub records: String,
}

/// How closely the files of a partition are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// What is cheap enough for every run: whether each is there and as long as it was written.
    Sizes,
    /// Every byte.
    Bytes,
}

/// How a partition stands.
#[derive(Debug, Default)]
pub struct Condition {
    /// Its marks; `None` when it was never finished or they cannot be read.
    pub marks: Option<Marks>,
    /// The first file that is not as it was written.
    pub damage: Option<TableError>,
}

/// Writes all tables of a partition (`2024-07`, or `unreadable`), made from inputs and, among them,
/// what was `received`; returns its marks.
pub fn write(
    lake: &Path,
    partition: impl Display,
    tables: &LakeTables,
    (inputs, received): (&str, &str),
) -> Result<Marks, TableError> {
    let mut listed = String::new();
    let mut put = |table: &str, batch: &RecordBatch| -> Result<(), TableError> {
        let bytes = parquet::encode(batch, &[])?;
        files::write(&path(lake, table, &partition), &bytes)?;
        let (size, digest) = (bytes.len().to_string(), files::digest(&bytes));
        listed.extend([&size, " ", &digest, " ", table, "\n"]);
        Ok(())
    };
    for (table, batches) in
        [(Table::Observations, &tables.observations), (Table::Records, &tables.records)]
    {
        let table = table.name();
        for (form, batch) in batches {
            put(&format!("{table}/form={form}"), batch)?;
        }
        // Files of forms that the partition no longer bears.
        for folder in files::list(&lake.join(table))? {
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let form = name.strip_prefix("form=").unwrap_or_default();
            if !batches.contains_key(form) {
                files::remove_folder(&folder.join(format!("period={partition}")))?;
            }
        }
    }
    put("findings", &tables.findings)?;
    let figures = counted::fingerprint(&tables.submissions, tables.observations.values());
    let records = records::fingerprint(&tables.submissions, tables.records.values());
    let content = files::fingerprint([("figures", &*figures), ("records", &*records)]);
    let marks = [(INPUTS, inputs), (RECEIVED, received), (CONTENT, &content), (RECORDS, &records)];
    let marked: Vec<_> = marks.into_iter().chain([(FILES, listed.as_str())]).collect();
    let submissions = parquet::encode(&tables.submissions, &marked)?;
    files::write(&path(lake, "submissions", &partition), &submissions)?;
    Ok(Marks { inputs: inputs.to_owned(), received: received.to_owned(), content, records })
}

/// The marks of a partition; `None` when it was never finished.
pub fn marks(lake: &Path, partition: impl Display) -> Result<Option<Marks>, TableError> {
    let path = path(lake, "submissions", partition);
    if path.exists() { Ok(marks_of(&parquet::provenance(&path)?)) } else { Ok(None) }
}

/// Looks at a partition; an `Err` is about the machine.
pub fn condition(
    lake: &Path,
    partition: impl Display,
    depth: Depth,
) -> Result<Condition, TableError> {
    let mut condition = Condition::default();
    match look(lake, &partition, depth, &mut condition.marks) {
        Ok(()) => {}
        Err(damage @ TableError::Damaged { .. }) => condition.damage = Some(damage),
        Err(error) => return Err(error),
    }
    Ok(condition)
}

/// Fails at the first file that is not as it was written; what an older program wrote lists none.
fn look(
    lake: &Path,
    partition: impl Display,
    depth: Depth,
    marks: &mut Option<Marks>,
) -> Result<(), TableError> {
    let submissions = path(lake, "submissions", &partition);
    if !submissions.exists() {
        return Ok(());
    }
    let pairs = parquet::provenance(&submissions)?;
    *marks = marks_of(&pairs);
    if depth == Depth::Bytes {
        parquet::read(&submissions)?;
    }
    for line in pairs.get(FILES).into_iter().flat_map(|listed| listed.lines()) {
        let parts: Vec<&str> = line.splitn(3, ' ').collect();
        let parts = parts.as_slice();
        let [bytes, digest, table] = *parts else { continue };
        let path = path(lake, table, &partition);
        let found = match fs::metadata(&path) {
            Err(source) if source.kind() == io::ErrorKind::NotFound => {
                return Err(TableError::damaged(&path, "it is gone"));
            }
            found => found.map_err(|source| FileError::new("look at", &path, source))?.len(),
        };
        if found.to_string() != bytes {
            let said = format!("it has {found} bytes, and {bytes} were written");
            return Err(TableError::damaged(&path, said));
        }
        if depth == Depth::Bytes && files::digest(&files::read(&path)?) != digest {
            return Err(TableError::damaged(&path, "its bytes are not those that were written"));
        }
    }
    Ok(())
}

fn marks_of(pairs: &BTreeMap<String, String>) -> Option<Marks> {
    let get = |key: &str| pairs.get(key).cloned();
    let [received, records] = [RECEIVED, RECORDS].map(|key| get(key).unwrap_or_default());
    Some(Marks { inputs: get(INPUTS)?, received, content: get(CONTENT)?, records })
}

fn path(lake: &Path, table: &str, partition: impl Display) -> PathBuf {
    lake.join(table).join(format!("period={partition}")).join("part.parquet")
}
