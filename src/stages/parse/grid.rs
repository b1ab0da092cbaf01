//! Sheets as sparse grids of cells: what the readers of all formats give, in one shape.
//!
//! Memory follows the cells that are there, never the bounding box.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Deref;

use chrono::NaiveDate;

use crate::domain::cell::Cell;
use crate::domain::text;

/// A text as typed, and squeezed once: labels are looked for again and again.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CellText {
    typed: String,
    /// `None` where squeezing changes nothing.
    squeezed: Option<Box<str>>,
}

impl From<String> for CellText {
    fn from(typed: String) -> Self {
        let squeezed = text::squeeze(&typed);
        let squeezed = (squeezed != typed).then(|| squeezed.into_boxed_str());
        Self { typed, squeezed }
    }
}

impl Deref for CellText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.typed
    }
}

impl CellText {
    fn squeezed(&self) -> &str {
        self.squeezed.as_deref().unwrap_or(&self.typed)
    }
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(CellText),
    Number(f64),
    /// A number that is formatted as a date, and the day it shows.
    Date(f64, Option<NaiveDate>),
    Bool(bool),
    /// An error, as shown (`#REF!`).
    Error(String),
    /// A formula whose result was not saved.
    Formula(String),
}

impl Value {
    /// The content as a person would write it.
    pub(super) fn typed(&self) -> String {
        match self {
            Self::Text(text) => text.to_string(),
            Self::Error(shown) => shown.clone(),
            Self::Formula(formula) => format!("={formula}"),
            Self::Number(number) | Self::Date(number, _) => number.to_string(),
            Self::Bool(true) => "TRUE".to_owned(),
            Self::Bool(false) => "FALSE".to_owned(),
        }
    }

    /// The content squeezed, for comparison.
    pub(super) fn label(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text.squeezed()),
            other => Cow::Owned(other.typed()),
        }
    }

    /// Whether there is anything but white space.
    pub(super) fn is_blank(&self) -> bool {
        matches!(self, Self::Text(text) if text.squeezed().is_empty())
    }
}

/// The cells of a row by column, blank ones left out.
pub(super) type Row = BTreeMap<u32, Value>;

/// One visible sheet.
#[derive(Clone, Debug, Default)]
pub(super) struct Sheet {
    pub(super) name: String,
    /// Values that a merge hides, left out of `rows`.
    pub(super) hidden_by_merge: Vec<(Cell, Value)>,
    rows: BTreeMap<u32, Row>,
}

impl Sheet {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Puts a value in its place; the one that was there, if any.
    pub(super) fn put(&mut self, cell: Cell, value: Value) -> Option<Value> {
        self.rows.entry(cell.row).or_default().insert(cell.column, value)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows that hold something, from one on.
    pub(super) fn rows_from(&self, first: u32) -> impl Iterator<Item = (u32, &Row)> {
        self.rows.range(first..).map(|(number, row)| (*number, row))
    }

    /// The rows that hold something, up to but without one.
    pub(super) fn rows_before(&self, end: u32) -> impl Iterator<Item = (u32, &Row)> {
        self.rows.range(..end).map(|(number, row)| (*number, row))
    }

    /// The sheet left of a column, and the rest of it; cells keep their places.
    pub(super) fn split_at(mut self, column: u32) -> (Self, Self) {
        let mut right = Self::new(&self.name);
        for (number, row) in &mut self.rows {
            let rest = row.split_off(&column);
            if !rest.is_empty() {
                right.rows.insert(*number, rest);
            }
        }
        self.rows.retain(|_, row| !row.is_empty());
        (self, right)
    }

    /// The sheet above a row, and the rest of it; cells keep their places.
    pub(super) fn split_above(mut self, row: u32) -> (Self, Self) {
        let mut lower = Self::new(&self.name);
        lower.rows = self.rows.split_off(&row);
        let hidden = self.hidden_by_merge.into_iter();
        (self.hidden_by_merge, lower.hidden_by_merge) = hidden.partition(|(at, _)| at.row < row);
        (self, lower)
    }

    /// Takes out what merges hide, so that no figure counts twice; of each the first cell, which shows,
    /// and the last.
    pub(super) fn hide(&mut self, merges: impl Iterator<Item = (Cell, Cell)>) {
        for (first, last) in merges {
            if first.row > last.row || first.column > last.column {
                continue;
            }
            for (number, row) in self.rows.range_mut(first.row..=last.row) {
                let cell = |column| Cell::new(*number, column);
                let columns = first.column..=last.column;
                let hidden = row.extract_if(columns, |column, _| cell(*column) != first);
                self.hidden_by_merge.extend(hidden.map(|(column, value)| (cell(column), value)));
            }
        }
        self.rows.retain(|_, row| !row.is_empty());
        self.hidden_by_merge.sort_by_key(|(cell, _)| *cell);
    }
}
