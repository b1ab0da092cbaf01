//! The revision sheet: every figure that differs between two editions, or an edition and a rehearsal.
//!
//! In: the marts before and after. Out: changed cells old → new, rows that appear or disappear, by
//! mart and in the order of importance. Rows are matched by the grain each mart declares in its own
//! metadata. Figures are compared and shown exactly as they stand in the marts.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use arrow::array::{Array, ArrayRef, AsArray, UInt32Array};
use arrow::compute::{filter, kernels::cmp, take};
use arrow::datatypes::Field;
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use rust_decimal::Decimal;
use serde::Serialize;

use super::RunError;
use crate::domain::period::Period;
use crate::files::{self, FileError};
use crate::stages::marts::StepFile;
use crate::stages::publish::editions;

/// The tables of an edition by name.
pub type Marts = BTreeMap<String, RecordBatch>;

/// What differs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Revision {
    /// Targets whose status changes.
    pub flips: Vec<Flip>,
    /// The marts in which anything differs, most important first.
    pub marts: Vec<MartRevision>,
}

/// A target whose status changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Flip {
    /// The month and the target's key.
    pub key: Vec<String>,
    /// Its name in Chinese and English.
    pub name: [Option<String>; 2],
    /// The status before.
    pub old: Option<String>,
    /// The status after.
    pub new: Option<String>,
}

/// What differs in a mart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MartRevision {
    /// The mart.
    pub mart: String,
    /// The columns of its key.
    pub key: Vec<String>,
    /// Changed cells, by importance of the row, then its key.
    pub changed: Vec<Change>,
    /// Keys of rows that appear.
    pub appeared: Vec<Vec<String>>,
    /// Keys of rows that disappear.
    pub gone: Vec<Vec<String>>,
    /// Columns that only one side has.
    pub columns: Vec<String>,
    /// Months that lose a column with figures.
    #[serde(skip)]
    pub losing: BTreeSet<Period>,
}

impl Revision {
    /// The months that differ: those of which a published figure changes or disappears, and those of which
    /// only something is added or called otherwise.
    pub fn months(&self) -> BTreeMap<Period, bool> {
        let mut months = BTreeMap::new();
        for mart in &self.marts {
            let Some(place) = mart.key.iter().position(|column| column == PERIOD) else { continue };
            let month = |key: &[String]| key.get(place).and_then(|text| text.parse().ok());
            let changed = mart.changed.iter().map(|it| (month(&it.key), it.is_figure()));
            let appeared = mart.appeared.iter().map(|key| (month(key), false));
            let gone = mart.gone.iter().map(|key| (month(key), true));
            let losing = mart.losing.iter().map(|month| (Some(*month), true));
            let is_of_filing = FILING.contains(&mart.mart.as_str());
            for (month, is_figure) in changed.chain(appeared).chain(gone).chain(losing) {
                let Some(month) = month else { continue };
                *months.entry(month).or_default() |= is_figure && !is_of_filing;
            }
        }
        months
    }
}

/// The marts that say how far filing has come. Where that moves figures, others say so.
const FILING: [&str; 2] = ["dim_period", "submission_status"];

/// The column of the month a row is about.
const PERIOD: &str = "period";

/// Whether what stands in a column is a figure, or how something stands; names, days and instants are not.
fn is_figure(column: &str, unit: &str) -> bool {
    match unit {
        "CNY" | "fraction" | "pp" | "count" | "number" => true,
        // That a month is a firm's last is a fact of the month after.
        "flag" => column != "has_left",
        "code" => column == "status",
        _ => false,
    }
}

/// One cell that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The key of its row.
    pub key: Vec<String>,
    /// Its column.
    pub column: String,
    /// What it is counted in.
    pub unit: String,
    /// The value before; `None` for no value.
    pub old: Option<String>,
    /// The value after.
    pub new: Option<String>,
    /// Of fractions (growth, shares): the difference in percentage points.
    pub points: Option<String>,
}

impl Change {
    /// Whether a figure that stood there is another or gone; where none stood, one is added.
    fn is_figure(&self) -> bool {
        self.old.is_some() && is_figure(&self.column, &self.unit)
    }
}

/// The mart and the column in which a target's status stands.
const STATUS: (&str, &str) = ("target_progress", "status");

/// The marts people look at first.
const FIRST: [&str; 3] = ["headline", "monthly_totals", "target_progress"];

/// Reads the tables of an edition.
pub fn of_edition(output: &Path, edition: u32) -> Result<Marts, RunError> {
    let mut marts = Marts::new();
    for path in tables_of(output, edition)? {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        marts.insert(name, editions::table(&path)?);
    }
    Ok(marts)
}

/// The tables of an edition and those that are held against them, without what is the same: of marts whose
/// files are at hand the months in which nothing differs.
pub fn since(
    output: &Path,
    edition: u32,
    (marts, left): (&Marts, &BTreeMap<String, StepFile>),
) -> Result<(Marts, Marts), RunError> {
    let (mut before, mut after) = (Marts::new(), Marts::new());
    for path in tables_of(output, edition)? {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let pair = match (left.get(&name), marts.get(&name)) {
            (Some(left), Some(_)) => {
                let known = StepFile::open(&path).map_err(editions::damaged)?;
                let months = left.differing(&known);
                (known.rows(&months).map_err(editions::damaged)?, Some(left.rows(&months)?))
            }
            (_, mart) => (editions::table(&path)?, mart.cloned()),
        };
        before.insert(name.clone(), pair.0);
        after.extend(pair.1.map(|rows| (name, rows)));
    }
    let new = marts.iter().filter(|(name, _)| !before.contains_key(*name));
    after.extend(new.map(|(name, rows)| (name.clone(), rows.clone())));
    Ok((before, after))
}

/// The files of an edition's tables.
fn tables_of(output: &Path, edition: u32) -> Result<Vec<PathBuf>, FileError> {
    let mut paths = files::list(&editions::folder(output, edition))?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "parquet"));
    Ok(paths)
}

/// Everything that differs.
pub fn compare(before: &Marts, after: &Marts) -> Result<Revision, RunError> {
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort_by_key(|name| {
        let place = FIRST.iter().position(|first| first == name);
        (place.unwrap_or(FIRST.len()), *name)
    });
    names.dedup();
    let mut revision = Revision::default();
    for name in names {
        let failed = |source| RunError::Compare { mart: name.clone(), source };
        let (old, new) = (before.get(name), after.get(name));
        let Some(some) = new.or(old) else { continue };
        let empty = RecordBatch::new_empty(some.schema());
        let pair = Pair::of(old.unwrap_or(&empty), new.unwrap_or(&empty)).map_err(failed)?;
        let found = pair.compare(name).map_err(failed)?;
        if name == STATUS.0 {
            revision.flips = pair.flips(&found).map_err(failed)?;
        }
        let MartRevision { changed, appeared, gone, columns, .. } = &found;
        if !(changed.is_empty() && appeared.is_empty() && gone.is_empty() && columns.is_empty()) {
            revision.marts.push(found);
        }
    }
    Ok(revision)
}

/// Two states of a mart with their rows by key.
struct Pair<'a> {
    old: &'a RecordBatch,
    new: &'a RecordBatch,
    key: Vec<String>,
    old_keys: Vec<Vec<String>>,
    new_rows: HashMap<Vec<String>, u32>,
}

impl<'a> Pair<'a> {
    fn of(old: &'a RecordBatch, new: &'a RecordBatch) -> Result<Self, ArrowError> {
        let key = key_columns(new);
        let old_keys = keys(old, &key)?;
        let new_rows = keys(new, &key)?.into_iter().zip(0..).collect();
        Ok(Self { old, new, key, old_keys, new_rows })
    }

    fn compare(&self, mart: &str) -> Result<MartRevision, ArrowError> {
        let mut found = MartRevision {
            mart: mart.to_owned(),
            key: self.key.clone(),
            ..MartRevision::default()
        };
        let (mut old_rows, mut new_rows, mut matched) = (Vec::new(), Vec::new(), Vec::new());
        let mut appeared = self.new_rows.clone();
        for (key, row) in self.old_keys.iter().zip(0..) {
            match appeared.remove(key) {
                Some(new_row) => {
                    old_rows.push(row);
                    new_rows.push(new_row);
                    matched.push(key);
                }
                None => found.gone.push(key.clone()),
            }
        }
        found.appeared = appeared.into_keys().collect();
        found.appeared.sort();
        let (old_rows, new_rows) = (UInt32Array::from(old_rows), UInt32Array::from(new_rows));
        for field in self.new.schema().fields() {
            let column = field.name();
            let Some(old) = self.old.column_by_name(column) else { continue };
            let Some(new) = self.new.column_by_name(column) else { continue };
            let unit = field.metadata().get("unit").map_or("", String::as_str);
            let (old, new) = (take(old, &old_rows, None)?, take(new, &new_rows, None)?);
            let rows = differing(&old, &new)?;
            let old = texts(&take(&old, &rows, None)?, unit)?;
            let new = texts(&take(&new, &rows, None)?, unit)?;
            for ((row, old), new) in rows.values().iter().zip(old).zip(new) {
                if old == new {
                    continue;
                }
                let points = points(unit, old.as_deref(), new.as_deref());
                let key = usize::try_from(*row).ok().and_then(|row| matched.get(row));
                let key = key.map_or_else(Vec::new, |key| (*key).clone());
                let (column, unit) = (column.clone(), unit.to_owned());
                found.changed.push(Change { key, column, unit, old, new, points });
            }
        }
        self.sort(&mut found);
        found.columns = self.columns_of_one_side();
        found.losing = self.losing();
        Ok(found)
    }

    /// The whole district first, then by key; cells of a row as the columns stand.
    fn sort(&self, found: &mut MartRevision) {
        let kind = self.key.iter().position(|column| column == "scope_kind");
        let is_part = |key: &[String]| {
            kind.is_some_and(|kind| key.get(kind).is_none_or(|kind| kind != "district"))
        };
        found.changed.sort_by(|one, other| {
            (is_part(&one.key), &one.key).cmp(&(is_part(&other.key), &other.key))
        });
    }

    /// The months of a mart that loses a column with figures: all it has.
    fn losing(&self) -> BTreeSet<Period> {
        let (old, new) = (self.old.schema(), self.new.schema());
        let unit = |field: &Field| field.metadata().get("unit").cloned().unwrap_or_default();
        let lost = old.fields().iter().filter(|field| new.field_with_name(field.name()).is_err());
        let place = self.key.iter().position(|column| column == PERIOD);
        match place {
            Some(place) if lost.clone().any(|field| is_figure(field.name(), &unit(field))) => {
                let months = self.old_keys.iter().filter_map(|key| key.get(place));
                months.filter_map(|month| month.parse().ok()).collect()
            }
            _ => BTreeSet::new(),
        }
    }

    fn columns_of_one_side(&self) -> Vec<String> {
        let of = |batch: &RecordBatch| -> Vec<String> {
            batch.schema().fields().iter().map(|field| field.name().clone()).collect()
        };
        let (old, new) = (of(self.old), of(self.new));
        let gone = old.iter().filter(|name| !new.contains(name)).map(|name| format!("- {name}"));
        let fresh = new.iter().filter(|name| !old.contains(name)).map(|name| format!("+ {name}"));
        gone.chain(fresh).collect()
    }

    fn flips(&self, found: &MartRevision) -> Result<Vec<Flip>, ArrowError> {
        let changes = found.changed.iter().filter(|change| change.column == STATUS.1);
        let flip = |change: &Change| {
            let row = self.new_rows.get(&change.key).copied().unwrap_or_default();
            let row = usize::try_from(row).unwrap_or_default();
            let name = |column| match self.new.column_by_name(column) {
                Some(names) => Ok(texts(&names.slice(row, 1), "text")?.pop().flatten()),
                None => Ok::<_, ArrowError>(None),
            };
            let (old, new) = (change.old.clone(), change.new.clone());
            Ok(Flip { key: change.key.clone(), name: [name("name")?, name("name_en")?], old, new })
        };
        changes.map(flip).collect()
    }
}

/// The columns of a mart's key, as its metadata declares them; all when it declares none.
fn key_columns(batch: &RecordBatch) -> Vec<String> {
    let schema = batch.schema();
    match schema.metadata().get("grain").filter(|grain| !grain.is_empty()) {
        Some(grain) => grain.split(", ").map(str::to_owned).collect(),
        None => schema.fields().iter().map(|field| field.name().clone()).collect(),
    }
}

/// The key of each row as text.
fn keys(batch: &RecordBatch, key: &[String]) -> Result<Vec<Vec<String>>, ArrowError> {
    let mut keys = vec![Vec::with_capacity(key.len()); batch.num_rows()];
    for name in key {
        let Some(column) = batch.column_by_name(name) else { continue };
        let schema = batch.schema();
        let unit = schema.field_with_name(name)?.metadata().get("unit");
        let texts = texts(column, unit.map_or("", String::as_str))?;
        for (parts, text) in keys.iter_mut().zip(texts) {
            parts.push(text.unwrap_or_default());
        }
    }
    Ok(keys)
}

/// The rows in which two columns of equal length may differ: those of other types in all of them.
fn differing(old: &ArrayRef, new: &ArrayRef) -> Result<UInt32Array, ArrowError> {
    let rows = UInt32Array::from_iter_values((0..).take(old.len()));
    if old.data_type() != new.data_type() {
        return Ok(rows);
    }
    Ok(filter(&rows, &cmp::distinct(old, new)?)?.as_primitive().clone())
}

/// The cells of a column as text: exact, a month as `2024-07`.
fn texts(column: &ArrayRef, unit: &str) -> Result<Vec<Option<String>>, ArrowError> {
    let options = FormatOptions::new();
    let formatter = ArrayFormatter::try_new(column.as_ref(), &options)?;
    let text = |row| {
        let mut text = formatter.value(row).to_string();
        if unit == "month" {
            text.truncate("2024-07".len());
        }
        column.is_valid(row).then_some(text)
    };
    Ok((0..column.len()).map(text).collect())
}

/// The difference of two fractions in percentage points.
fn points(unit: &str, old: Option<&str>, new: Option<&str>) -> Option<String> {
    if unit != "fraction" {
        return None;
    }
    let [old, new] = [old?, new?].map(|text| Decimal::from_str(text).ok());
    let points = (new? - old?) * Decimal::ONE_HUNDRED;
    let sign = if points.is_sign_positive() { "+" } else { "" };
    Some(format!("{sign}{}", points.normalize()))
}
