//! What was read of workbooks, kept, so that none is read twice.
//!
//! In: the unjudged content of a partition's workbooks. Out: the same, as long as their bytes, the forms,
//! the limits and the part of the program that reads are the same. `parsed/<month>` holds files with a row
//! a workbook: its hash, its content as JSON. A file is named by what read it and by its own hash.
//! No figure depends on it: what is missing, damaged or read otherwise is read anew from the archive.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::record_batch::RecordBatch;
use rayon::prelude::*;

use super::Site;
use crate::domain::partition::Partition;
use crate::files;
use crate::files::parquet::{self, TableError};
use crate::stages::parse::Book;

/// Workbooks of a file at most: bounds what is held in memory of one.
const ROWS: usize = 8192;

/// Files of a partition, beyond the full ones, before all are put together.
const FILES: usize = 8;

/// Hexadecimal digits of what read the workbooks, in a file's name.
const DIGITS: usize = 16;

/// What is kept of a partition.
pub(super) struct Shelf {
    folder: PathBuf,
    /// How the names of files begin that were read as they would be now.
    reading: String,
}

impl Shelf {
    pub(super) fn of(site: &Site<'_>, partition: Partition) -> Self {
        let project = &site.workshop.project;
        let read_by = format!("{:?}", (&project.forms, &project.settings.limits));
        let parts = [("program", env!("YUEBAO_READER")), ("project", &read_by)];
        let mut reading = files::fingerprint(parts);
        reading.truncate(DIGITS);
        reading.push('-');
        Self { folder: site.output.parsed().join(partition.to_string()), reading }
    }

    /// The books that are kept, by the hash of their workbooks. A damaged file is removed.
    pub(super) fn books(&self) -> Result<BTreeMap<String, Book>, TableError> {
        let mut books = BTreeMap::new();
        for path in files::list(&self.folder)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let Some(digest) = name.strip_prefix(&self.reading) else { continue };
            let is_sound = files::read(&path)
                .is_ok_and(|bytes| digest.strip_suffix(".parquet") == Some(&files::digest(&bytes)));
            if is_sound {
                books.par_extend(rows(&parquet::read(&path)?));
            } else {
                tracing::warn!(file = %path.display(), "damaged: its workbooks are read again");
                files::remove(&path)?;
            }
        }
        Ok(books)
    }

    /// Keeps books, by the hash of their workbooks: those that are new, unless it is time to put all of
    /// them together. Removes what was read otherwise.
    pub(super) fn keep(
        &self,
        books: &[(&str, &Book)],
        new: &BTreeSet<&str>,
    ) -> Result<(), TableError> {
        let (mut kept, mut stale): (Vec<PathBuf>, _) =
            files::list(&self.folder)?.into_iter().partition(|path| {
                path.file_name().is_some_and(|it| it.to_string_lossy().starts_with(&self.reading))
            });
        let mut chosen: Vec<_> = books.iter().filter(|(hash, _)| new.contains(hash)).collect();
        if new.len() == books.len() || FILES + books.len() / ROWS <= kept.len() {
            chosen = books.iter().collect();
            stale.append(&mut kept);
        }
        for some in chosen.chunks(ROWS) {
            let bytes = parquet::encode(&table(some), &[])?;
            let name = format!("{}{}.parquet", self.reading, files::digest(&bytes));
            let path = self.folder.join(name);
            files::write(&path, &bytes)?;
            stale.retain(|other| *other != path);
        }
        stale.iter().try_for_each(|path| files::remove(path))?;
        Ok(())
    }
}

fn table(books: &[&(&str, &Book)]) -> RecordBatch {
    let hashes = StringArray::from_iter_values(books.iter().map(|(hash, _)| hash));
    let json = |(_, book): &&(&str, &Book)| serde_json::to_string(book).expect("a book is JSON");
    let json: Vec<String> = books.par_iter().map(json).collect();
    let columns: [(&str, ArrayRef); 2] =
        [("sha256", Arc::new(hashes)), ("book", Arc::new(StringArray::from(json)))];
    RecordBatch::try_from_iter(columns).expect("both columns have a row a book")
}

/// The rows of a file; what is no book is left out.
fn rows(table: &RecordBatch) -> Vec<(String, Book)> {
    let column = |name| table.column_by_name(name).and_then(|it| it.as_string_opt::<i32>());
    let Some((hashes, books)) = column("sha256").zip(column("book")) else { return Vec::new() };
    let row = |row| {
        let book = serde_json::from_str(books.value(row)).ok()?;
        Some((hashes.value(row).to_owned(), book))
    };
    (0..hashes.len().min(books.len())).into_par_iter().filter_map(row).collect()
}
