//! One seed file as an Arrow batch, checked cell by cell against its schema.
//!
//! In: CSV text, as people or Excel saved it: columns and rows in any order, empty ones among them,
//! line ends of either kind. Out: a batch with one column per column of the seed, its rows sorted by
//! their key, or every fault with its line.

use std::collections::BTreeMap;
use std::path::Path;

use arrow::array::{ArrayRef, StringArray};
use arrow::compute::cast;
use arrow::record_batch::RecordBatch;
use chrono_tz::Tz;

use super::cell;
use super::schema::{Kind, Seed};
use crate::project::fault::Fault;
use crate::project::read::nearest;

/// A seed's rows as text with their lines, and as an Arrow batch.
#[derive(Clone, Debug)]
pub struct Table {
    /// Each row: its line in the file and its cells in the order of the schema, each in the one form of
    /// its kind; sorted by key.
    pub rows: Vec<Row>,
    /// The same rows, typed.
    pub batch: RecordBatch,
}

/// A row: its line in the file, and its cells.
pub type Row = (usize, Vec<String>);

impl Table {
    /// The table as a file that says just this: the same however it was saved.
    pub fn text(&self, seed: &Seed) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let header = seed.columns.iter().map(|column| column.name);
        let rows = self.rows.iter().map(|(_, cells)| cells);
        let written = writer
            .write_record(header)
            .and_then(|()| rows.into_iter().try_for_each(|cells| writer.write_record(cells)));
        written.expect("memory takes every row");
        String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
    }
}

/// Reads a seed: header, cells, keys. `zone` is that of deadlines without an offset.
pub fn read(seed: &Seed, file: &Path, text: &str, zone: Tz) -> Result<Table, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut rows = rows(seed, file, text, &mut faults);
    for (line, cells) in &mut rows {
        for (column, cell) in seed.columns.iter().zip(cells) {
            if cell.is_empty() && !column.is_nullable {
                faults.push(Fault::at(file, *line, format!("`{}` is empty", column.name)));
            } else if !cell.is_empty() {
                match cell::canonical(column.kind, cell, zone) {
                    Some(canonical) => *cell = canonical,
                    None => faults.push(Fault::at(
                        file,
                        *line,
                        format!(
                            "`{cell}` in `{}` is no {}",
                            column.name,
                            cell::wanted(column.kind)
                        ),
                    )),
                }
            }
        }
    }
    check_keys(seed, file, &rows, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    rows.sort_by_cached_key(|(_, cells)| seed.key_of(cells));
    let columns = seed.columns.iter().enumerate().map(|(position, column)| {
        let cells = rows.iter().map(|(_, cells)| cells.get(position).map_or("", String::as_str));
        typed(column.kind, cells)
    });
    let batch = RecordBatch::try_new(seed.arrow_schema(), columns.collect())
        .expect("the columns were built from the schema");
    Ok(Table { rows, batch })
}

/// The rows below the header, cells in the order of the schema.
fn rows(seed: &Seed, file: &Path, text: &str, faults: &mut Vec<Fault>) -> Vec<Row> {
    let mut records = records(file, text, faults).into_iter();
    let Some((line, names)) = records.next() else {
        faults.push(Fault::new(file, format!("is empty: its header is `{}`", seed.header())));
        return Vec::new();
    };
    let header = match Header::read(seed, &names, |message| Fault::at(file, line, message)) {
        Ok(header) => header,
        Err(found) => {
            faults.extend(found);
            return Vec::new();
        }
    };
    let mut rows = Vec::new();
    for (line, cells) in records {
        match header.sorted(&cells) {
            Ok(cells) => rows.push((line, cells)),
            Err(cell) => {
                let message = format!("`{cell}` stands in a column without a name");
                faults.push(Fault::at(file, line, message));
            }
        }
    }
    rows
}

/// Every record that is not blank, and the line it begins in.
fn records(file: &Path, text: &str, faults: &mut Vec<Fault>) -> Vec<Row> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let (mut records, mut line, mut counted) = (Vec::new(), 1, 0);
    // A text that is UTF-8 has no record that cannot be read.
    for record in reader.records().filter_map(Result::ok) {
        let at = record.position().map_or(0, csv::Position::byte);
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        let rest = text.get(at..).unwrap_or_default();
        // The reader stands before the line ends it has yet to skip.
        let start = at + rest.len() - rest.trim_start_matches(['\r', '\n']).len();
        let between = text.get(counted..start).unwrap_or_default();
        line += between.bytes().filter(|byte| *byte == b'\n').count();
        counted = start;
        let cells: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            records.push((line, cells));
        }
    }
    if text.bytes().filter(|byte| *byte == b'"').count() % 2 == 1 {
        faults.push(Fault::at(file, line, "a quotation mark is not closed, here or further up"));
    }
    records
}

/// Where a file has which column.
struct Header {
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
        // Excel adds columns without a name, and takes the last ones away where they are empty.
        for (at, name) in names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            if known().all(|other| other != name) {
                let hint = nearest(name, known());
                let message = format!("column `{name}` is none of `{}`{hint}", seed.header());
                faults.push(fault(message));
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
        if faults.is_empty() { Ok(Self { places }) } else { Err(faults) }
    }

    /// The cells of a row in the order of the seed; else one that has no column.
    fn sorted<'a>(&self, cells: &'a [String]) -> Result<Vec<String>, &'a str> {
        let is_stray =
            |(at, cell): &(usize, &String)| !cell.is_empty() && !self.places.contains(&Some(*at));
        if let Some((_, stray)) = cells.iter().enumerate().find(is_stray) {
            return Err(stray);
        }
        let cell = |place: &Option<usize>| place.and_then(|at| cells.get(at)).cloned();
        Ok(self.places.iter().map(|place| cell(place).unwrap_or_default()).collect())
    }
}

fn check_keys(seed: &Seed, file: &Path, rows: &[Row], faults: &mut Vec<Fault>) {
    let mut known: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for (line, cells) in rows {
        let key = seed.key_of(cells);
        if let Some(first) = known.get(&key) {
            let names = key.join(",");
            let message = format!("`{names}` stands twice, first in line {first}");
            faults.push(Fault::at(file, *line, message));
        } else {
            known.insert(key, *line);
        }
    }
}

/// A column of cells, each in the one form of its kind; empty ones are null.
fn typed<'a>(kind: Kind, cells: impl Iterator<Item = &'a str>) -> ArrayRef {
    let day = if kind == Kind::Month { "-01" } else { "" };
    let cells = cells.map(|cell| (!cell.is_empty()).then(|| format!("{cell}{day}")));
    cast(&cells.collect::<StringArray>(), &kind.data_type()).expect("text becomes every kind")
}
