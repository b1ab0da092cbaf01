//! Publish: from marts to an edition that readers see: Parquet, briefs, a manifest.
//!
//! In: mart batches and what they were made from. Out: an immutable folder `editions/<n>`, to which
//! `marts` points in one step. The same marts give the same bytes; only the manifest knows the time.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;
use rayon::prelude::*;

use self::editions::NewFile;
use crate::files::parquet::{self, TableError};
use crate::project::settings::Settings;
use crate::stages::marts::StepFile;

pub mod brief;

pub mod dictionary;

pub mod editions;

pub mod manifest;
pub mod pages;

pub mod workbook;

pub mod views;

/// What the files of an edition say of where they come from.
#[derive(Clone, Copy, Debug)]
pub struct Stamp<'a> {
    /// The fingerprint of what it was made from.
    pub inputs: &'a str,
    /// The version of the program that made it.
    pub program: &'a str,
}

/// The files of an edition's tables, and what tells of them: views for `DuckDB`, the dictionary as a page.
/// What the build left of a mart is copied.
pub fn tables(
    marts: &BTreeMap<String, RecordBatch>,
    left: &BTreeMap<String, StepFile>,
    settings: &Settings,
    stamp: &Stamp<'_>,
) -> Result<Vec<NewFile>, TableError> {
    let synthetic = settings.district.is_synthetic.to_string();
    let encode = |(name, batch): (&String, &RecordBatch)| -> Result<NewFile, TableError> {
        let provenance = [
            ("yuebao.mart", name.as_str()),
            ("yuebao.program", stamp.program),
            ("yuebao.region_code", settings.district.region_code.as_str()),
            ("yuebao.is_synthetic", synthetic.as_str()),
            ("yuebao.inputs", stamp.inputs),
        ];
        let bytes = match left.get(name) {
            Some(it) => parquet::encode_groups(&batch.schema(), it.file.groups(), &provenance)?,
            None => parquet::encode(batch, &provenance)?,
        };
        Ok(NewFile { name: format!("{name}.parquet"), bytes, rows: Some(batch.num_rows()) })
    };
    let mut files: Vec<_> = marts.par_iter().map(encode).collect::<Result<_, _>>()?;
    let mut add = |name: &str, text: String| {
        files.push(NewFile { name: name.to_owned(), bytes: text.into_bytes(), rows: None });
    };
    add(views::FILE, views::text(marts));
    if let Some(columns) = marts.get("dictionary") {
        add(dictionary::FILE, dictionary::page(columns));
    }
    Ok(files)
}
