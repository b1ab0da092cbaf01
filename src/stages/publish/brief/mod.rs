//! The monthly brief: the marts of one month as sentences, tables and charts.
//!
//! In: the marts as record batches, the month, the district, the language. Out: one Markdown text
//! and one self-contained HTML page that say the same. Pure: no clock, no file, no setting is read,
//! so the same marts give the same bytes. Nothing can fail: a mart, a column or a figure that is
//! not there leaves its sentence, its column or its section out; no figure is ever made up.
//!
//! The way of a figure: `mart` reads a cell, `facts` gives it a name, `sections` puts it in words
//! (`words`, `figures`) and into a `document`, which `markdown` and `html` (with `chart`) render.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;
use chrono_tz::Tz;

use crate::domain::period::Period;
use crate::project::settings::District;
use crate::texts::Locale;

mod chart;
mod document;
mod facts;
mod figures;
mod html;
mod markdown;
mod mart;
mod sections;
mod words;

/// What a brief is about, beside the marts.
#[derive(Clone, Copy, Debug)]
pub struct Issue<'a> {
    /// The month reported on.
    pub period: Period,
    /// The district, its bureau, and whether its data is synthetic.
    pub district: &'a District,
    /// Number of the edition the brief belongs to.
    pub edition: u32,
    /// The zone in which deadlines are shown.
    pub time_zone: Tz,
    /// Every language the brief is published in, the principal one first: each links to the others.
    pub locales: &'a [Locale],
}

/// One brief in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brief {
    /// As Markdown: also what a terminal shows.
    pub markdown: String,
    /// As one HTML page without any outside reference.
    pub html: String,
}

/// Writes the brief of one month in one language.
///
/// `marts` holds each mart under its name (`headline`, `monthly_totals`, `firm_months`,
/// `submission_status`, `target_progress`, `supply_chain`, `supply_rates`, `dim_zone`, `dim_chain`),
/// with any number of months in it; any may be missing.
pub fn write(marts: &BTreeMap<String, RecordBatch>, issue: &Issue<'_>, locale: Locale) -> Brief {
    let facts = facts::read(marts, issue.period, locale);
    let document = sections::compose(&facts, issue, locale);
    Brief { markdown: markdown::render(&document), html: html::render(&document) }
}

/// The brief as a terminal shows it: its Markdown, whose tables are padded to stand in columns.
pub fn terminal(brief: &Brief) -> &str {
    &brief.markdown
}

/// The file name of a brief without its extension: `brief-2024-07` for the principal language,
/// `brief-2024-07.en` for another.
pub fn file_stem(period: Period, locale: Locale, locales: &[Locale]) -> String {
    if locales.first().is_none_or(|principal| *principal == locale) {
        return format!("brief-{period}");
    }
    match locale {
        Locale::Zh => format!("brief-{period}.zh"),
        Locale::En => format!("brief-{period}.en"),
    }
}
