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
use rust_decimal::Decimal;

use super::schema::{CellKind, Seed};
use crate::domain::{dates, text};
use crate::project::fault::Fault;
use crate::project::read::nearest;

/// A seed's rows as text with their lines, and as an Arrow batch.
#[derive(Clone, Debug)]
pub struct SeedTable {
    /// Each row: its line in the file and its cells in the order of the schema, each in the one form of
    /// its kind; sorted by key.
    pub rows: Vec<NumberedRow>,
    /// The same rows, typed.
    pub batch: RecordBatch,
}

/// A row: its line in the file, and its cells.
pub type NumberedRow = (usize, Vec<String>);

impl SeedTable {
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
pub fn read(seed: &Seed, file: &Path, text: &str, zone: Tz) -> Result<SeedTable, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut rows = rows(seed, file, text, &mut faults);
    for (line, cells) in &mut rows {
        for (column, cell) in seed.columns.iter().zip(cells) {
            if cell.is_empty() && !column.is_nullable {
                faults.push(Fault::at(file, *line, format!("`{}` is empty", column.name)));
            } else if !cell.is_empty() {
                match canonical(column.kind, cell, zone) {
                    Some(canonical) => *cell = canonical,
                    None => faults.push(Fault::at(
                        file,
                        *line,
                        format!("`{cell}` in `{}` is no {}", column.name, wanted(column.kind)),
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
    Ok(SeedTable { rows, batch })
}

/// The rows below the header, cells in the order of the schema.
fn rows(seed: &Seed, file: &Path, text: &str, faults: &mut Vec<Fault>) -> Vec<NumberedRow> {
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
fn records(file: &Path, text: &str, faults: &mut Vec<Fault>) -> Vec<NumberedRow> {
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

fn check_keys(seed: &Seed, file: &Path, rows: &[NumberedRow], faults: &mut Vec<Fault>) {
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
fn typed<'a>(kind: CellKind, cells: impl Iterator<Item = &'a str>) -> ArrayRef {
    let day = if kind == CellKind::Month { "-01" } else { "" };
    let cells = cells.map(|cell| (!cell.is_empty()).then(|| format!("{cell}{day}")));
    cast(&cells.collect::<StringArray>(), &kind.data_type()).expect("text becomes every kind")
}

/// What Excel writes where a formula failed.
const FAILED: [&str; 7] = ["#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!"];

/// The cell's value as its one text; `None` where it is not of the kind.
fn canonical(kind: CellKind, cell: &str, zone: Tz) -> Option<String> {
    let squeezed = || text::squeeze(cell);
    match kind {
        CellKind::Text => (!FAILED.contains(&cell)).then(|| cell.to_owned()),
        CellKind::Industry => Some(industry(&squeezed())),
        CellKind::Integer => Some(squeezed().parse::<i32>().ok()?.to_string()),
        CellKind::Boolean => match squeezed().to_lowercase().as_str() {
            "true" | "是" => Some("true".to_owned()),
            "false" | "否" => Some("false".to_owned()),
            _ => None,
        },
        CellKind::Month => Some(dates::typed_month(cell)?.to_string()),
        CellKind::Date => Some(dates::typed_day(cell)?.to_string()),
        CellKind::Instant => Some(dates::typed_instant(cell, &zone)?.to_rfc3339()),
        CellKind::Money => decimal(&squeezed(), 2),
        CellKind::Fraction => match squeezed().strip_suffix('%') {
            Some(percent) => {
                let value = decimal(percent, 4)?.parse::<Decimal>().ok()?;
                Some((value / Decimal::ONE_HUNDRED).normalize().to_string())
            }
            None => decimal(&squeezed(), 6),
        },
    }
}

/// What a cell of a kind should be, for a fault; and what to do where Excel made something else of it.
fn wanted(kind: CellKind) -> &'static str {
    match kind {
        CellKind::Text | CellKind::Industry => "text",
        CellKind::Integer => "whole number",
        CellKind::Boolean => "`true` or `false`",
        CellKind::Month => {
            "month like 2024-07; if Excel changed it, make the column text and type it again"
        }
        CellKind::Date => {
            "date like 2024-07-31; if Excel changed it, make the column text and type it again"
        }
        CellKind::Instant => {
            "instant like 2024-08-07T12:00:00+08:00 or 2024-08-07 12:00; if Excel changed it, make the column text and type it again"
        }
        CellKind::Money => {
            "amount in yuan with at most two decimals; if Excel cut it short, make the column text and type it again"
        }
        CellKind::Fraction => "fraction like 0.085 with at most six decimals",
    }
}

/// A code of GB/T 4754 without the letter of its section, and with the zero that Excel takes away.
fn industry(code: &str) -> String {
    let digits = code.strip_prefix(|letter: char| letter.is_ascii_uppercase()).unwrap_or(code);
    let is_number = digits.bytes().all(|digit| digit.is_ascii_digit());
    match digits.len() {
        1 | 3 if is_number => format!("0{digits}"),
        2 | 4 if is_number => digits.to_owned(),
        _ => code.to_owned(),
    }
}

/// A decimal with at most that many places; commas may stand between thousands.
fn decimal(cell: &str, places: u32) -> Option<String> {
    let mut groups = cell.split('.').next()?.split(',').skip(1);
    // `2.7E+10` is what Excel shows of an amount that does not fit its column.
    if cell.contains(['e', 'E']) || groups.any(|group| group.len() != 3) {
        return None;
    }
    let value = cell.replace(',', "").parse::<Decimal>().ok()?.normalize();
    let limit = Decimal::from(10_i64.pow(if places == 2 { 18 } else { 12 }));
    (value.scale() <= places && value.abs() < limit).then(|| value.to_string())
}
