//! Whether a partition of the lake is as it was written.
//!
//! In: a partition. Out: its marks, and the first of its files that is cut off, altered or gone. A
//! partition whose writer was killed half-way looks the same: both are made anew from the archive.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use super::{FILES, Marks, marks_of, submissions_path};
use crate::files::parquet::{self, TableError};
use crate::files::{self, FileError};

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

/// Looks at a partition; an `Err` is about the machine.
pub fn condition(lake: &Path, partition: &str, depth: Depth) -> Result<Condition, TableError> {
    let path = submissions_path(lake, partition);
    if !path.exists() {
        return Ok(Condition::default());
    }
    let pairs = match parquet::provenance(&path) {
        Ok(pairs) => pairs,
        Err(damage @ TableError::Damaged { .. }) => {
            return Ok(Condition { marks: None, damage: Some(damage) });
        }
        Err(error) => return Err(error),
    };
    let looked = match depth {
        Depth::Sizes => Ok(()),
        Depth::Bytes => parquet::read(&path).map(|_| ()),
    };
    let damage = match looked.and_then(|()| others(lake, partition, &pairs, depth)) {
        Ok(()) => None,
        Err(damage @ TableError::Damaged { .. }) => Some(damage),
        Err(error) => return Err(error),
    };
    Ok(Condition { marks: marks_of(&pairs), damage })
}

/// Another file of a partition, as its submissions file lists it.
pub(super) fn line(table: &str, bytes: &[u8]) -> String {
    format!("{} {} {table}\n", bytes.len(), files::digest(bytes))
}

/// Looks at the other files; what an older program wrote lists none.
fn others(
    lake: &Path,
    partition: &str,
    pairs: &BTreeMap<String, String>,
    depth: Depth,
) -> Result<(), TableError> {
    for line in pairs.get(FILES).into_iter().flat_map(|listed| listed.lines()) {
        let mut parts = line.splitn(3, ' ');
        let (Some(bytes), Some(digest), Some(table)) = (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let path = lake.join(table).join(format!("period={partition}")).join("part.parquet");
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
