//! The tables marts read, from a lake, a project and a moment.

use std::future::Future;
use std::io;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int32Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Date32Type};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::{RunError, Site};
use crate::domain::period::Period;
use crate::files;
use crate::lake::owed::{self, Filed, Owed};
use crate::project::Project;
use crate::project::forms::Form;
use crate::project::lake::{Given, Table};
use crate::project::settings::Thresholds;
use crate::runtime;
use crate::stages::marts::Tables;

/// The lake by URL; the seeds, and what follows from both, by value.
pub(super) fn of(site: &Site<'_>) -> Result<Tables, RunError> {
    let (project, output) = (&site.workshop.project, site.output);
    let mut tables = Tables::default();
    for table in Table::ALL {
        let folder = output.lake().join(table.name());
        files::create_folder(&folder)?;
        let failed = |source: io::Error| files::FileError::new("find", &folder, source);
        let place = folder.canonicalize().map_err(failed)?;
        let url = format!("file://{}/", encoded(&place.to_string_lossy()));
        tables.add_parquet(table.name(), url, table.schema());
    }
    for (name, seed) in &project.seeds.tables {
        tables.add_batches(name, seed.batch.schema(), vec![seed.batch.clone()]);
    }
    let filed = Filed::of(&output.lake(), project.settings.time_zone)?;
    for (table, columns) in given(project, &filed, site.now) {
        let schema = table.schema();
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns)
            .expect("the columns were built as the schema has them");
        tables.add_batches(table.name(), schema, vec![batch]);
    }
    Ok(tables)
}

/// What follows from project, lake and moment.
fn given(project: &Project, filed: &Filed, now: DateTime<Utc>) -> [(Given, Vec<ArrayRef>); 5] {
    let district = &project.settings.district;
    let district = vec![
        texts([district.region_code.as_str()]),
        texts([district.name.zh.as_str()]),
        texts([district.name.en.as_str()]),
        months([district.since]),
        instants([project.seeds.calendar.last_deadline(now)]),
    ];
    let thresholds = &project.settings.thresholds;
    let thresholds = Thresholds::NAMES.iter().map(|(_, of)| share_of_six(of(thresholds))).collect();
    let owed: Vec<Owed<'_>> = owed::up_to_lake(project, filed).collect();
    let owed = vec![
        texts(owed.iter().map(|owed| owed.form)),
        months(owed.iter().map(|owed| Some(owed.period))),
        texts(owed.iter().map(|owed| owed.firm.credit_code.as_str())),
        instants(owed.iter().map(|owed| owed.deadline)),
    ];
    let roster = &project.seeds.roster;
    let of_firm = |code| roster.lineage(code).into_iter().map(move |ancestor| (code, ancestor));
    let lineage: Vec<_> = roster.firms.keys().map(String::as_str).flat_map(of_firm).collect();
    let lineage = vec![
        texts(lineage.iter().map(|(code, ..)| *code)),
        texts(lineage.iter().map(|(_, ancestor)| ancestor.filer)),
        months(lineage.iter().map(|(_, ancestor)| ancestor.until)),
        months(lineage.iter().map(|(_, ancestor)| ancestor.since)),
    ];
    [
        (Given::District, district),
        (Given::Thresholds, thresholds),
        (Given::FormMonths, form_months(project)),
        (Given::Owed, owed),
        (Given::Lineage, lineage),
    ]
}

/// The months of the year of each form.
fn form_months(project: &Project) -> Vec<ArrayRef> {
    let of_form = |form| (1..=12).map(move |month: u32| (form, month));
    let rows: Vec<(&Form, u32)> = project.forms.values().flat_map(of_form).collect();
    let flags = |of: fn(&Form) -> &[u32]| -> ArrayRef {
        let flag = |(form, month): &(&Form, u32)| Some(of(form).contains(month));
        Arc::new(rows.iter().map(flag).collect::<BooleanArray>())
    };
    let numbers = rows.iter().map(|(_, month)| i32::try_from(*month).ok());
    vec![
        texts(rows.iter().map(|(form, _)| form.form.as_str())),
        Arc::new(numbers.collect::<Int32Array>()),
        flags(|form| &form.exempt_months),
        flags(|form| &form.cumulative_months),
    ]
}

fn texts<'a>(values: impl IntoIterator<Item = &'a str>) -> ArrayRef {
    Arc::new(values.into_iter().map(Some).collect::<StringArray>())
}

fn months(values: impl IntoIterator<Item = Option<Period>>) -> ArrayRef {
    let days = |month: Period| Date32Type::from_naive_date(month.first_day());
    Arc::new(values.into_iter().map(|month| month.map(days)).collect::<Date32Array>())
}

fn instants(values: impl IntoIterator<Item = Option<DateTime<Utc>>>) -> ArrayRef {
    let micros = values.into_iter().map(|at| at.map(|at| at.timestamp_micros()));
    Arc::new(micros.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
}

fn share_of_six(mut share: Decimal) -> ArrayRef {
    share.rescale(6);
    let value = Decimal128Array::from(vec![share.mantissa()]);
    Arc::new(value.with_data_type(DataType::Decimal128(18, 6)))
}

/// A path as the path of a URL: what has a meaning there is escaped.
fn encoded(path: &str) -> String {
    let mut url = String::with_capacity(path.len());
    for letter in path.chars() {
        if matches!(letter, '%' | '?' | '#' | '*' | '[' | ' ') {
            url.extend(['%', digit(u32::from(letter) / 16), digit(u32::from(letter) % 16)]);
        } else {
            url.push(letter);
        }
    }
    url
}

fn digit(value: u32) -> char {
    char::from_digit(value, 16).unwrap_or('0').to_ascii_uppercase()
}

/// Runs queries to their end.
pub(super) fn block_on<T>(work: impl Future<Output = T>) -> Result<T, RunError> {
    runtime::block_on(work).map_err(RunError::Threads)
}
