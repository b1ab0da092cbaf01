//! Marts as read back against what the model wants, cell by cell.

use std::collections::BTreeMap;
use std::path::Path;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use arrow::record_batch::RecordBatch;
use chrono::{Datelike, NaiveDate};

use super::story::Story;
use super::world::World;
use super::{firms, headline, status, targets, totals};
use yuebao::files::parquet;

/// Cells that differ are named up to so many.
const SHOWN: usize = 30;
const MILLION: i128 = 1_000_000;

/// What a cell must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Want {
    Null,
    /// Millionths, exact.
    Exact(i128),
    /// Millionths, give or take the last two.
    Near(i128),
    /// Millionths, give or take one.
    Close(i128),
    Text(String),
    Flag(bool),
}

impl Want {
    /// An amount of yuan.
    pub(super) fn yuan(yuan: Option<i64>) -> Self {
        yuan.map_or(Self::Null, |yuan| Self::Exact(i128::from(yuan) * MILLION))
    }

    /// A number of things.
    pub(super) fn count(count: usize) -> Self {
        Self::Exact(i128::try_from(count).unwrap() * MILLION)
    }

    /// A quotient, times ten so often.
    pub(super) fn ratio(of: i64, by: i64, tens: u32) -> Self {
        Self::Near(i128::from(of) * MILLION * 10_i128.pow(tens) / i128::from(by))
    }

    /// A quotient, if there is one.
    pub(super) fn quotient(pair: Option<(i64, i64)>) -> Self {
        pair.map_or(Self::Null, |(of, by)| Self::ratio(of, by, 0))
    }

    /// An amount that was scaled: to the yuan, in millionths.
    pub(super) fn close(millionths: Option<i128>) -> Self {
        millionths.map_or(Self::Null, Self::Close)
    }

    /// A text.
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// A key that may be none.
    pub(super) fn key(text: &str) -> Self {
        Self::text(if text.is_empty() { "none" } else { text })
    }

    /// An instant in seconds.
    pub(super) fn instant(at: Option<i64>) -> Self {
        Self::yuan(at)
    }

    fn is(&self, seen: &Seen) -> bool {
        match (self, seen) {
            (Self::Null, Seen::Null) => true,
            (Self::Exact(want), Seen::Number(seen)) => want == seen,
            (Self::Near(want), Seen::Number(seen)) => (want - seen).abs() <= 2,
            (Self::Close(want), Seen::Number(seen)) => (want - seen).abs() <= MILLION,
            (Self::Text(want), Seen::Text(seen)) => want == seen,
            (Self::Flag(want), Seen::Flag(seen)) => want == seen,
            _ => false,
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Null => "nothing".to_owned(),
            Self::Exact(value) | Self::Near(value) | Self::Close(value) => plain(*value),
            Self::Text(text) => text.clone(),
            Self::Flag(flag) => flag.to_string(),
        }
    }
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    Null,
    Number(i128),
    Text(String),
    Flag(bool),
}

impl Seen {
    fn shown(&self) -> String {
        match self {
            Self::Null => "nothing".to_owned(),
            Self::Number(value) => plain(*value),
            Self::Text(text) => text.clone(),
            Self::Flag(flag) => flag.to_string(),
        }
    }
}

fn plain(millionths: i128) -> String {
    let text = format!(
        "{}{}.{:06}",
        if millionths < 0 { "-" } else { "" },
        millionths.abs() / MILLION,
        millionths.abs() % MILLION
    );
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What a mart must hold: rows by key, each with the columns that are compared.
pub(super) struct Table {
    mart: &'static str,
    keys: &'static [&'static str],
    rows: BTreeMap<String, Vec<(&'static str, Want)>>,
}

impl Table {
    /// A mart with its key.
    pub(super) fn new(mart: &'static str, keys: &'static [&'static str]) -> Self {
        Self { mart, keys, rows: BTreeMap::new() }
    }

    /// Adds a row.
    pub(super) fn push(&mut self, key: &str, row: Vec<(&'static str, Want)>) {
        let twice = self.rows.insert(key.to_owned(), row);
        assert!(twice.is_none(), "the model has {key} twice");
    }

    fn differences(&self, batch: &RecordBatch) -> Vec<String> {
        let mut differences = Vec::new();
        let mut left: Vec<&String> = self.rows.keys().collect();
        for row in 0..batch.num_rows() {
            let key: Vec<String> =
                self.keys.iter().map(|column| cell(batch, column, row).unwrap().shown()).collect();
            let key = key.join(" ");
            let Some(wanted) = self.rows.get(&key) else {
                differences.push(format!("{} {key}: is there and must not be", self.mart));
                continue;
            };
            left.retain(|other| **other != key);
            for (column, want) in wanted {
                let Some(seen) = cell(batch, column, row) else { continue };
                if !want.is(&seen) {
                    differences.push(format!(
                        "{} {key} {column}: {} instead of {}",
                        self.mart,
                        seen.shown(),
                        want.shown()
                    ));
                }
            }
        }
        differences.extend(left.into_iter().map(|key| format!("{} {key}: is missing", self.mart)));
        differences
    }
}

/// A cell; nothing where the mart has no such column.
fn cell(batch: &RecordBatch, column: &str, row: usize) -> Option<Seen> {
    let array = batch.column_by_name(column)?;
    if array.is_null(row) {
        return Some(Seen::Null);
    }
    Some(match array.data_type() {
        DataType::Utf8 => Seen::Text(array.as_string::<i32>().value(row).to_owned()),
        DataType::Boolean => Seen::Flag(array.as_boolean().value(row)),
        DataType::Int32 => {
            Seen::Number(i128::from(array.as_primitive::<Int32Type>().value(row)) * MILLION)
        }
        DataType::Int64 => {
            Seen::Number(i128::from(array.as_primitive::<Int64Type>().value(row)) * MILLION)
        }
        DataType::Decimal128(_, scale) => {
            let value = array.as_primitive::<Decimal128Type>().value(row);
            let scale = i32::from(*scale) - 6;
            let tens = 10_i128.pow(scale.unsigned_abs());
            Seen::Number(if scale > 0 { value / tens } else { value * tens })
        }
        DataType::Timestamp(..) => {
            Seen::Number(i128::from(array.as_primitive::<TimestampMicrosecondType>().value(row)))
        }
        DataType::Date32 => {
            let day = NaiveDate::from_num_days_from_ce_opt(
                array.as_primitive::<Date32Type>().value(row) + 719_163,
            );
            let day = day.unwrap();
            Seen::Text(format!("{}-{:02}", day.year(), day.month()))
        }
        other => panic!("{column} is {other}"),
    })
}

/// What differs between the marts of a folder and the model.
pub(super) fn compare(story: &Story, world: &World, marts: &Path) -> Vec<String> {
    let town = &story.town;
    let tables = [
        totals::table(town, world),
        headline::table(town, world),
        status::table(town, world),
        targets::table(town, world),
        firms::months(town, world),
        firms::supply_chain(town, world),
        firms::supply_rates(town, world),
    ];
    let mut differences = Vec::new();
    for table in tables {
        let batch = parquet::read(&marts.join(format!("{}.parquet", table.mart))).unwrap();
        differences.extend(table.differences(&batch));
    }
    let more = differences.len().saturating_sub(SHOWN);
    differences.truncate(SHOWN);
    if more > 0 {
        differences.push(format!("and {more} more"));
    }
    differences
}
