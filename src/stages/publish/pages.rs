//! What people open of an edition: briefs in a folder of their own, with a page that lists their months.
//!
//! In: marts, project, the edition's number, what an edition before has. Out: files by name. A month whose
//! pages would be the same is kept as that edition has it: they name the edition that made them. The same
//! input gives the same bytes. Only a template can fail.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray};
use arrow::datatypes::Date32Type;
use arrow::record_batch::RecordBatch;
use arrow::row::{RowConverter, SortField};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::brief::{self, Issue, Paper, index};
use super::editions::NewFile;
use super::manifest::{FileEntry, Manifest};
use super::workbook::{self, DeskBook};
use crate::domain::period::Period;
use crate::files;
use crate::project::Project;
use crate::project::fault::Fault;
use crate::project::marts::PERIOD;
use crate::stages::marts::StepFile;

/// The folder of an edition in which its briefs lie.
pub const FOLDER: &str = "briefs";

/// The path of a page of an edition, from the output folder.
pub fn path(edition: u32, name: &str) -> String {
    format!("editions/{edition}/{FOLDER}/{name}")
}

/// The marts of an edition by name.
type MartBatches = BTreeMap<String, RecordBatch>;

/// One fingerprint a month of what its pages are made from.
pub type PageInputs = BTreeMap<Period, String>;

/// Where the pages of a month come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageOrigin {
    /// The edition that made them, which they name.
    pub edition: u32,
    /// One fingerprint of what they were made from.
    pub inputs: String,
}

/// What still holds of the pages of an edition.
#[derive(Debug, Default)]
pub struct Kept {
    /// Its months.
    pub origins: BTreeMap<Period, PageOrigin>,
    /// Their files.
    pub files: Vec<FileEntry>,
}

/// What of an edition's pages would be just so again: the same inputs, else the same bytes.
pub fn kept(
    marts: &MartBatches,
    inputs: &PageInputs,
    project: &Project,
    of: &Manifest,
) -> Result<Kept, Fault> {
    let book = book(project)?;
    let inputs: Vec<(Period, String)> = inputs.clone().into_iter().collect();
    let kept = |(period, inputs): (Period, String)| {
        let Some(PageOrigin { edition, inputs: known }) = of.pages.get(&period) else {
            return Ok(None);
        };
        let files: Vec<FileEntry> =
            of.files.iter().filter(|it| is_of(it, period)).cloned().collect();
        let is_same = *known == inputs || {
            let made = of_month(marts, &book, project, (period, *edition))?;
            files.iter().eq(made.iter().map(NewFile::entry).collect::<Vec<_>>().iter())
        };
        let origin = PageOrigin { edition: *edition, inputs };
        Ok(is_same.then_some((period, origin, files)))
    };
    let months: Result<Vec<_>, Fault> = inputs.into_par_iter().map(kept).collect();
    let mut all = Kept::default();
    for (period, origin, files) in months?.into_iter().flatten() {
        all.origins.insert(period, origin);
        all.files.extend(files);
    }
    Ok(all)
}

/// The pages that an edition makes, and the months of all it has: each month that has a row in `headline`
/// and is not kept, and the page that lists them.
pub fn made(
    marts: &MartBatches,
    inputs: &PageInputs,
    project: &Project,
    (edition, kept): (u32, &Kept),
) -> Result<(Vec<NewFile>, BTreeMap<Period, PageOrigin>), Fault> {
    let book = book(project)?;
    let mut inputs = inputs.clone();
    inputs.retain(|period, _| !kept.origins.contains_key(period));
    let make = |period: &Period| of_month(marts, &book, project, (*period, edition));
    let months: Vec<&Period> = inputs.keys().collect();
    let pages: Result<Vec<_>, Fault> = months.into_par_iter().map(make).collect();
    let mut pages: Vec<NewFile> = pages?.into_iter().flatten().collect();
    let origin = |(period, inputs)| (period, PageOrigin { edition, inputs });
    let new = inputs.into_iter().map(origin);
    let origins: BTreeMap<_, _> = kept.origins.clone().into_iter().chain(new).collect();
    pages.push(index(project, edition, &origins)?);
    Ok((pages, origins))
}

/// The page that lists the months of an edition.
pub fn index(
    project: &Project,
    edition: u32,
    origins: &BTreeMap<Period, PageOrigin>,
) -> Result<NewFile, Fault> {
    let months = origins.iter().rev().map(|(period, origin)| (*period, origin.edition));
    let html = index::of_months(project, edition, months)?;
    Ok(page(index::FILE, html.into_bytes()))
}

/// The pages of a month by name: its papers in each language, the workbook in the first.
fn of_month(
    marts: &MartBatches,
    book: &DeskBook,
    project: &Project,
    (period, edition): (Period, u32),
) -> Result<Vec<NewFile>, Fault> {
    let locales = &project.settings.locales;
    let issue = |paper| Issue { paper, period, edition, project };
    let workbook = book.write(marts, &issue(Paper::Brief))?;
    let mut pages = vec![page(&workbook::file_name(period), workbook)];
    for paper in Paper::ALL {
        for locale in locales.iter().filter(|it| brief::has(project, *paper, **it)) {
            let written = brief::write(marts, &issue(*paper), *locale)?;
            let stem = brief::file_stem(*paper, period, *locale, locales);
            pages.push(page(&format!("{stem}.docx"), written.document));
            pages.push(page(&format!("{stem}.html"), written.html.into_bytes()));
            pages.push(page(&format!("{stem}.md"), written.markdown.into_bytes()));
        }
    }
    pages.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(pages)
}

/// The plan of the workbooks; only its first fault is told here, `doctor` tells all.
fn book(project: &Project) -> Result<DeskBook, Fault> {
    DeskBook::read(project).map_err(|faults| faults.into_iter().next().expect("a fault is why"))
}

fn page(name: &str, bytes: Vec<u8>) -> NewFile {
    NewFile { name: format!("{FOLDER}/{name}"), bytes, rows: None }
}

/// Whether a file is one of a month's pages.
fn is_of(file: &FileEntry, period: Period) -> bool {
    let name = file.name.strip_prefix(FOLDER).and_then(|name| name.strip_prefix('/'));
    name.is_some_and(|name| name.contains(&period.to_string()))
}

/// One fingerprint a month of what its pages are made from: program, templates, settings, the bureau's
/// words, the months beside it, and what the marts have up to it.
pub fn inputs(
    marts: &MartBatches,
    left: &BTreeMap<String, StepFile>,
    project: &Project,
) -> Result<PageInputs, Fault> {
    let book = book(project)?;
    let months = brief::months(marts);
    let texts = &project.texts;
    let common = texts.fingerprint(&["jobs/brief/", "jobs/marts/", "jobs/pipeline.toml"]);
    let read = marts.iter().filter(|(name, _)| brief::reads(name) || book.reads(name));
    let read: Vec<_> = read.collect();
    let rows_of = |(name, batch): (&String, &RecordBatch)| match left.get(name) {
        Some(left) => left.months.iter().map(|(it, rows)| (Some(*it), rows.clone())).collect(),
        None => by_month(batch),
    };
    let rows: Vec<_> = read.into_par_iter().map(|it| (it.0, rows_of(it))).collect();
    let mut seen = vec![String::new(); rows.len()];
    let mut from = None;
    let mut inputs = BTreeMap::new();
    for period in &months {
        for (seen, (_, rows)) in seen.iter_mut().zip(&rows) {
            let more = rows.iter().filter(|(of, _)| from < Some(**of) && **of <= Some(*period));
            *seen = files::fingerprint(
                [("", seen.as_str())].into_iter().chain(more.map(|(_, rows)| ("", rows.as_str()))),
            );
        }
        from = Some(Some(*period));
        let beside = brief::beside(&months, *period);
        let beside = beside.map(|it| it.map(|it| it.to_string()).unwrap_or_default()).join(" ");
        let notes = texts.fingerprint(&[&format!("seeds/notes/{period}.")]);
        let parts = [env!("CARGO_PKG_VERSION"), &common, &notes, &beside].map(|part| ("", part));
        let marts = rows.iter().zip(&seen).map(|((name, _), seen)| (name.as_str(), seen.as_str()));
        inputs.insert(*period, files::fingerprint(parts.into_iter().chain(marts)));
    }
    Ok(inputs)
}

/// One fingerprint of the rows of each month, in their order; those of no month come first.
fn by_month(batch: &RecordBatch) -> BTreeMap<Option<Period>, String> {
    let fields = batch.schema_ref().fields().iter();
    let types = fields.map(|field| SortField::new(field.data_type().clone())).collect();
    let converter = RowConverter::new(types).expect("marts have flat columns");
    let rows = converter.convert_columns(batch.columns()).expect("of the types just named");
    let days = batch.column_by_name(PERIOD).and_then(|it| it.as_primitive_opt::<Date32Type>());
    let mut bytes: BTreeMap<Option<i32>, Vec<u8>> = BTreeMap::new();
    for (place, row) in rows.iter().enumerate() {
        let day = days.filter(|days| days.is_valid(place)).map(|days| days.value(place));
        bytes.entry(day).or_default().extend_from_slice(row.as_ref());
    }
    let period = |day| Period::of(Date32Type::to_naive_date_opt(day)?);
    bytes.into_iter().map(|(day, rows)| (day.and_then(period), files::digest(&rows))).collect()
}
