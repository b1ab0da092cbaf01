//! Store: the lake, one Parquet file a table and partition, each replaced in one step.
//!
//! In: the tables of one month. Out: files, and later their rows again. The submissions file is
//! written last and carries the fingerprint of the partition's inputs: a partition that was begun
//! and not finished bears the old fingerprint and is done again. It also says which other files belong
//! to the partition, so that one that is cut off, altered or gone is found (`condition.rs`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use arrow::record_batch::RecordBatch;

use crate::files::parquet::{self, TableError};
use crate::files::{self, FileError};
use crate::lake::counted;
use crate::stages::normalize::Tables;

mod condition;

pub use self::condition::{Condition, Depth, condition};

/// Key of the fingerprint of a partition's inputs in its submissions file.
pub const INPUTS: &str = "yuebao.inputs";
/// Key of the fingerprint of what the partition holds: other months depend on it.
pub const CONTENT: &str = "yuebao.content";

/// Key of the fingerprint of what was received for the partition.
const RECEIVED: &str = "yuebao.received";

/// Key of the other files of the partition, one a line: bytes, SHA-256, table.
const FILES: &str = "yuebao.files";

/// What a partition was made from and holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marks {
    /// Fingerprint of the inputs.
    pub inputs: String,
    /// Fingerprint of what was received, which is one of the inputs.
    pub received: String,
    /// Fingerprint of the figures that count.
    pub content: String,
}

/// Writes all tables of a partition (`2024-07`, or `unreadable`), made from inputs and, among them,
/// what was `received`; returns its marks.
pub fn write(
    lake: &Path,
    partition: &str,
    tables: &Tables,
    (inputs, received): (&str, &str),
) -> Result<Marks, TableError> {
    let leaf = format!("period={partition}");
    let mut listed = String::new();
    for (form, batch) in &tables.observations {
        let bytes = parquet::encode(batch, &[])?;
        let folder = format!("observations/form={form}");
        files::write(&lake.join(&folder).join(&leaf).join("part.parquet"), &bytes)?;
        listed += &condition::line(&folder, &bytes);
    }
    remove_vanished(lake, &leaf, &tables.observations)?;
    let findings = parquet::encode(&tables.findings, &[])?;
    files::write(&lake.join("findings").join(&leaf).join("part.parquet"), &findings)?;
    listed += &condition::line("findings", &findings);
    let content = counted::fingerprint(&tables.submissions, tables.observations.values());
    let marked =
        [(INPUTS, inputs), (RECEIVED, received), (CONTENT, &content), (FILES, listed.as_str())];
    let submissions = parquet::encode(&tables.submissions, &marked)?;
    files::write(&submissions_path(lake, partition), &submissions)?;
    Ok(Marks { inputs: inputs.to_owned(), received: received.to_owned(), content })
}

/// The marks of a partition; `None` when it was never finished.
pub fn marks(lake: &Path, partition: &str) -> Result<Option<Marks>, TableError> {
    let path = submissions_path(lake, partition);
    if !path.exists() {
        return Ok(None);
    }
    Ok(marks_of(&parquet::provenance(&path)?))
}

fn marks_of(pairs: &BTreeMap<String, String>) -> Option<Marks> {
    let get = |key: &str| pairs.get(key).cloned();
    let received = get(RECEIVED).unwrap_or_default();
    Some(Marks { inputs: get(INPUTS)?, received, content: get(CONTENT)? })
}

fn submissions_path(lake: &Path, partition: &str) -> PathBuf {
    lake.join("submissions").join(format!("period={partition}")).join("part.parquet")
}

/// Removes the files of forms that the partition no longer bears.
fn remove_vanished(
    lake: &Path,
    leaf: &str,
    forms: &BTreeMap<String, RecordBatch>,
) -> Result<(), FileError> {
    for folder in files::list(&lake.join("observations"))? {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_kept = name.strip_prefix("form=").is_some_and(|form| forms.contains_key(form));
        if !is_kept {
            files::remove_folder(&folder.join(leaf))?;
        }
    }
    Ok(())
}
