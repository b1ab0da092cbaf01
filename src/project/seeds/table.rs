//! One seed file as an Arrow batch, checked cell by cell against its schema.
//!
//! In: CSV text. Out: a batch with one column per column of the seed, or every fault with its line.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Int32Builder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow::datatypes::Date32Type;
use arrow::record_batch::RecordBatch;
use chrono::{DateTime, NaiveDate};
use rust_decimal::Decimal;

use super::schema::{Column, Kind, Seed};
use crate::domain::period::Period;
use crate::project::fault::Fault;
use crate::project::read::nearest;

/// A seed's rows as text with their lines, and as an Arrow batch.
#[derive(Clone, Debug)]
pub struct Table {
    /// Each row: its line in the file and its cells in the order of the schema.
    pub rows: Vec<(usize, Vec<String>)>,
    /// The same rows, typed.
    pub batch: RecordBatch,
}

/// Reads a seed: header, cells, key order and uniqueness.
pub fn read(seed: &Seed, file: &Path, text: &str) -> Result<Table, Vec<Fault>> {
    let mut faults = Vec::new();
    let rows = rows(seed, file, text, &mut faults);
    check_keys(seed, file, &rows, &mut faults);
    let mut columns = Vec::new();
    for (position, column) in seed.columns.iter().enumerate() {
        let cells = rows.iter().map(|(line, cells)| {
            (*line, cells.get(position).map(String::as_str).unwrap_or_default())
        });
        columns.push(typed(column, file, cells, &mut faults));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let batch = RecordBatch::try_new(seed.arrow_schema(), columns)
        .expect("the columns were built from the schema");
    Ok(Table { rows, batch })
}

fn rows(
    seed: &Seed,
    file: &Path,
    text: &str,
    faults: &mut Vec<Fault>,
) -> Vec<(usize, Vec<String>)> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut places = None;
    let mut rows = Vec::new();
    for (number, record) in reader.records().enumerate() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                faults.push(Fault::at(file, number + 1, format!("no CSV in UTF-8: {error}")));
                continue;
            }
        };
        let line = record
            .position()
            .map_or(number + 1, |position| usize::try_from(position.line()).unwrap_or(number + 1));
        let cells: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
        let Some(header) = &places else {
            let found = Header::read(seed, &cells, |message| Fault::at(file, line, message));
            match found {
                Ok(header) => places = Some(header),
                Err(found) => {
                    faults.extend(found);
                    return rows;
                }
            }
            continue;
        };
        if cells.len() == header.width {
            rows.push((line, header.sorted(&cells)));
        } else {
            let message = format!("{} cells, the header has {}", cells.len(), header.width);
            faults.push(Fault::at(file, line, message));
        }
    }
    if places.is_none() && faults.is_empty() {
        faults.push(Fault::new(file, format!("is empty: its header is `{}`", seed.header())));
    }
    rows
}

/// Where a file has which column.
struct Header {
    /// How many columns it has.
    width: usize,
    /// For each column of the seed its place in the file; none where it may be absent and is.
    places: Vec<Option<usize>>,
}

impl Header {
    fn read(
        seed: &Seed,
        names: &[String],
        fault: impl Fn(String) -> Fault,
    ) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let known = || seed.columns.iter().map(|column| column.name);
        for (at, name) in names.iter().enumerate() {
            if known().all(|other| other != name) {
                let hint = nearest(name, known());
                faults.push(fault(format!("column `{name}` is none of `{}`{hint}", seed.header())));
            } else if names.iter().take(at).any(|other| other == name) {
                faults.push(fault(format!("column `{name}` stands twice")));
            }
        }
        let mut places = Vec::new();
        for column in seed.columns {
            let place = names.iter().position(|name| name == column.name);
            if place.is_none() && !column.is_nullable {
                faults.push(fault(format!("the column `{}` is missing", column.name)));
            }
            places.push(place);
        }
        if faults.is_empty() { Ok(Self { width: names.len(), places }) } else { Err(faults) }
    }

    /// The cells of a row in the order of the seed.
    fn sorted(&self, cells: &[String]) -> Vec<String> {
        let cell = |place: &Option<usize>| place.and_then(|at| cells.get(at)).cloned();
        self.places.iter().map(|place| cell(place).unwrap_or_default()).collect()
    }
}

fn check_keys(seed: &Seed, file: &Path, rows: &[(usize, Vec<String>)], faults: &mut Vec<Fault>) {
    let key = |cells: &[String]| seed.key_of(cells);
    for pair in rows.windows(2) {
        let [(first, above), (line, below)] = pair else { continue };
        let (above, below) = (key(above), key(below));
        let names = below.join(",");
        if above == below {
            faults.push(Fault::at(
                file,
                *line,
                format!("`{names}` stands twice, first in line {first}"),
            ));
        } else if below < above {
            let message =
                format!("`{names}` is out of order: rows are sorted by their key, sort the file");
            faults.push(Fault::at(file, *line, message));
        }
    }
}

fn typed<'a>(
    column: &Column,
    file: &Path,
    cells: impl Iterator<Item = (usize, &'a str)>,
    faults: &mut Vec<Fault>,
) -> ArrayRef {
    let mut builder = Builder::new(column.kind);
    for (line, cell) in cells {
        if cell.is_empty() {
            if !column.is_nullable {
                faults.push(Fault::at(file, line, format!("`{}` is empty", column.name)));
            }
            builder.append(None);
            continue;
        }
        if builder.append(Some(cell)).is_none() {
            let message = format!("`{cell}` in `{}` is no {}", column.name, wanted(column.kind));
            faults.push(Fault::at(file, line, message));
        }
    }
    builder.finish()
}

fn wanted(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Integer => "whole number",
        Kind::Boolean => "`true` or `false`",
        Kind::Month => "month like 2024-07",
        Kind::Date => "date like 2024-07-31",
        Kind::Instant => "instant like 2024-08-07T12:00:00+08:00",
        Kind::Money => "amount in yuan with at most two decimals",
        Kind::Fraction => "fraction like 0.085 with at most six decimals",
    }
}

enum Builder {
    Text(StringBuilder),
    Integer(Int32Builder),
    Boolean(BooleanBuilder),
    Month(Date32Builder),
    Date(Date32Builder),
    Instant(TimestampMicrosecondBuilder),
    Decimal(Decimal128Builder, u32),
}

impl Builder {
    fn new(kind: Kind) -> Self {
        let decimal = |precision, scale| {
            Decimal128Builder::new()
                .with_precision_and_scale(precision, scale)
                .expect("a valid precision")
        };
        match kind {
            Kind::Text => Self::Text(StringBuilder::new()),
            Kind::Integer => Self::Integer(Int32Builder::new()),
            Kind::Boolean => Self::Boolean(BooleanBuilder::new()),
            Kind::Month => Self::Month(Date32Builder::new()),
            Kind::Date => Self::Date(Date32Builder::new()),
            Kind::Instant => Self::Instant(TimestampMicrosecondBuilder::new().with_timezone("UTC")),
            Kind::Money => Self::Decimal(decimal(20, 2), 2),
            Kind::Fraction => Self::Decimal(decimal(18, 6), 6),
        }
    }

    /// Appends a cell or a null; `None` when the cell is not of the kind (a null is appended).
    fn append(&mut self, cell: Option<&str>) -> Option<()> {
        match self {
            Self::Text(builder) => {
                builder.append_option(cell);
                Some(())
            }
            Self::Integer(builder) => {
                keep(cell, |cell| cell.parse().ok(), |value| builder.append_option(value))
            }
            Self::Boolean(builder) => {
                keep(cell, |cell| cell.parse().ok(), |value| builder.append_option(value))
            }
            Self::Month(builder) => {
                let read = |cell: &str| {
                    cell.parse::<Period>()
                        .ok()
                        .map(|month| Date32Type::from_naive_date(month.first_day()))
                };
                keep(cell, read, |value| builder.append_option(value))
            }
            Self::Date(builder) => {
                let read =
                    |cell: &str| cell.parse::<NaiveDate>().ok().map(Date32Type::from_naive_date);
                keep(cell, read, |value| builder.append_option(value))
            }
            Self::Instant(builder) => {
                let read = |cell: &str| {
                    DateTime::parse_from_rfc3339(cell)
                        .ok()
                        .map(|instant| instant.timestamp_micros())
                };
                keep(cell, read, |value| builder.append_option(value))
            }
            Self::Decimal(builder, scale) => {
                let scale = *scale;
                keep(cell, |cell| mantissa(cell, scale), |value| builder.append_option(value))
            }
        }
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Text(mut builder) => Arc::new(builder.finish()),
            Self::Integer(mut builder) => Arc::new(builder.finish()),
            Self::Boolean(mut builder) => Arc::new(builder.finish()),
            Self::Month(mut builder) | Self::Date(mut builder) => Arc::new(builder.finish()),
            Self::Instant(mut builder) => Arc::new(builder.finish()),
            Self::Decimal(mut builder, _) => Arc::new(builder.finish()),
        }
    }
}

fn keep<T>(
    cell: Option<&str>,
    read: impl Fn(&str) -> Option<T>,
    mut append: impl FnMut(Option<T>),
) -> Option<()> {
    let value = cell.and_then(read);
    let is_fine = cell.is_none() || value.is_some();
    append(value);
    is_fine.then_some(())
}

fn mantissa(cell: &str, scale: u32) -> Option<i128> {
    let mut value: Decimal = cell.parse().ok()?;
    if value.normalize().scale() > scale {
        return None;
    }
    value.rescale(scale);
    Some(value.mantissa())
}
