//! Publish: from marts to an edition that readers see: Parquet, briefs, a manifest.
//!
//! In: mart batches and what they were made from. Out: an immutable folder `editions/<n>`, to which
//! `marts` points in one step. The same marts give the same bytes; only the manifest knows the time.

use std::collections::{BTreeMap, BTreeSet};

use arrow::record_batch::RecordBatch;
use rayon::prelude::*;

use self::brief::{Issue, Paper};
use self::editions::NewFile;
use crate::domain::period::Period;
use crate::files::parquet::{self, TableError};
use crate::lake::cells;
use crate::project::Project;
use crate::project::fault::Fault;
use crate::project::settings::Settings;
use crate::texts::Locale;

pub mod brief;

pub mod editions;

pub mod manifest;

/// What the files of an edition say of where they come from.
#[derive(Clone, Copy, Debug)]
pub struct Stamp<'a> {
    /// The edition's number.
    pub edition: u32,
    /// The fingerprint of what it was made from.
    pub inputs: &'a str,
    /// The version of the program that made it.
    pub program: &'a str,
}

/// The files of an edition's tables.
pub fn tables(
    marts: &BTreeMap<String, RecordBatch>,
    settings: &Settings,
    stamp: &Stamp<'_>,
) -> Result<Vec<NewFile>, TableError> {
    let synthetic = settings.district.is_synthetic.to_string();
    let encode = |(name, batch): (&String, &RecordBatch)| {
        let provenance = [
            ("yuebao.mart", name.as_str()),
            ("yuebao.program", stamp.program),
            ("yuebao.region_code", settings.district.region_code.as_str()),
            ("yuebao.is_synthetic", synthetic.as_str()),
            ("yuebao.inputs", stamp.inputs),
        ];
        let bytes = parquet::encode(batch, &provenance)?;
        Ok(NewFile { name: format!("{name}.parquet"), bytes, rows: Some(batch.num_rows()) })
    };
    marts.iter().map(encode).collect()
}

/// The briefs of an edition and their annexes: Markdown and HTML for each month that has a row in `headline`, and each
/// language.
pub fn briefs(
    marts: &BTreeMap<String, RecordBatch>,
    project: &Project,
    edition: u32,
) -> Result<Vec<NewFile>, Fault> {
    let locales = &project.settings.locales;
    let rows = marts.get("headline").into_iter().flat_map(cells::rows);
    let months: BTreeSet<Period> = rows.filter_map(|row| row.period("period")).collect();
    let papers = months.into_iter().flat_map(|period| {
        Paper::ALL.iter().map(move |paper| Issue { paper: *paper, period, edition, project })
    });
    let pages = papers.flat_map(|issue| locales.iter().map(move |locale| (issue, *locale)));
    let pages: Vec<(Issue<'_>, Locale)> =
        pages.filter(|(issue, locale)| brief::has(project, issue.paper, *locale)).collect();
    let write = |(issue, locale): (Issue<'_>, Locale)| {
        let page = brief::write(marts, &issue, locale)?;
        let stem = brief::file_stem(issue.paper, issue.period, locale, locales);
        let file = |ending: &str, text: String| NewFile {
            name: format!("{stem}.{ending}"),
            bytes: text.into_bytes(),
            rows: None,
        };
        Ok([file("md", page.markdown), file("html", page.html)])
    };
    let written: Result<Vec<_>, Fault> = pages.into_par_iter().map(write).collect();
    Ok(written?.into_iter().flatten().collect())
}
