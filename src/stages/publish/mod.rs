//! Publish: from marts to an edition that readers see: Parquet, briefs, a manifest.
//!
//! In: mart batches and what they were made from. Out: an immutable folder `editions/<n>`, to which
//! `marts` points in one step. The same marts give the same bytes; only the manifest knows the time.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::AsArray;
use arrow::datatypes::Date32Type;
use arrow::record_batch::RecordBatch;
use rayon::prelude::*;

use self::brief::{BriefError, Issue};
use self::editions::NewFile;
use crate::domain::period::Period;
use crate::files::parquet::{self, TableError};
use crate::project::Project;
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

/// The briefs of an edition: Markdown and HTML for each month and language.
pub fn briefs(
    marts: &BTreeMap<String, RecordBatch>,
    project: &Project,
    edition: u32,
) -> Result<Vec<NewFile>, BriefError> {
    let settings = &project.settings;
    let months = months(marts);
    let pages: Vec<(Period, Locale)> = months
        .iter()
        .flat_map(|period| settings.locales.iter().map(|locale| (*period, *locale)))
        .collect();
    let write = |(period, locale): (Period, Locale)| {
        let issue = Issue {
            period,
            district: &settings.district,
            edition,
            time_zone: settings.time_zone,
            locales: &settings.locales,
            texts: &project.texts,
        };
        let page = brief::write(marts, &issue, locale)?;
        let stem = brief::file_stem(period, locale, &settings.locales);
        let file = |ending: &str, text: String| NewFile {
            name: format!("{stem}.{ending}"),
            bytes: text.into_bytes(),
            rows: None,
        };
        Ok([file("md", page.markdown), file("html", page.html)])
    };
    let written: Result<Vec<_>, BriefError> = pages.into_par_iter().map(write).collect();
    Ok(written?.into_iter().flatten().collect())
}

/// The months that have a row in `headline`, in order.
fn months(marts: &BTreeMap<String, RecordBatch>) -> Vec<Period> {
    let column = marts.get("headline").and_then(|headline| headline.column_by_name("period"));
    let days = column.and_then(|column| column.as_primitive_opt::<Date32Type>());
    let dates = days.into_iter().flat_map(|days| days.iter().flatten());
    let months: BTreeSet<Period> =
        dates.filter_map(|days| Period::of(Date32Type::to_naive_date_opt(days)?)).collect();
    months.into_iter().collect()
}
