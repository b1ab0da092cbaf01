//! Sheets as sparse grids of cells: what the readers of all formats give, in one shape.
//!
//! Memory follows the cells that are there, never the bounding box.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::domain::cell::Cell;
use crate::domain::text;

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// Text as typed.
    Text(String),
    /// A number.
    Number(f64),
    /// A number that is formatted as a date, and the day it shows.
    Date(f64, Option<NaiveDate>),
    /// A truth value.
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
            Self::Text(text) | Self::Error(text) => text.clone(),
            Self::Formula(formula) => format!("={formula}"),
            Self::Number(number) | Self::Date(number, _) => number.to_string(),
            Self::Bool(true) => "TRUE".to_owned(),
            Self::Bool(false) => "FALSE".to_owned(),
        }
    }

    /// The content squeezed, for comparison.
    pub(super) fn label(&self) -> String {
        match self {
            Self::Text(typed) => text::squeeze(typed),
            other => other.typed(),
        }
    }

    /// Whether there is anything but white space.
    pub(super) fn is_blank(&self) -> bool {
        matches!(self, Self::Text(typed) if text::squeeze(typed).is_empty())
    }
}

/// The cells of a row by column, blank ones left out.
pub(super) type Row = BTreeMap<u32, Value>;

/// One visible sheet.
#[derive(Clone, Debug, Default)]
pub(super) struct Sheet {
    /// Its name.
    pub(super) name: String,
    /// Values that a merge hides, left out of `rows`.
    pub(super) hidden_by_merge: Vec<(Cell, Value)>,
    rows: BTreeMap<u32, Row>,
}

/// A rectangle of merged cells: first and last row, first and last column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Merge {
    /// Its top left cell, the one that shows.
    pub(super) first: Cell,
    /// Its bottom right cell.
    pub(super) last: Cell,
}

impl Sheet {
    /// An empty sheet.
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// Puts a value in its place; the one that was there, if any.
    pub(super) fn put(&mut self, cell: Cell, value: Value) -> Option<Value> {
        self.rows.entry(cell.row).or_default().insert(cell.column, value)
    }

    /// Whether the sheet has no cell at all.
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

    /// Takes out what a merge hides, so that no figure counts twice.
    pub(super) fn hide(&mut self, merges: &[Merge]) {
        for merge in merges {
            let columns = merge.first.column..=merge.last.column;
            if columns.is_empty() || merge.first.row > merge.last.row {
                continue;
            }
            for (number, row) in self.rows.range_mut(merge.first.row..=merge.last.row) {
                let covered: Vec<u32> = row
                    .range(columns.clone())
                    .map(|(column, _)| *column)
                    .filter(|column| Cell::new(*number, *column) != merge.first)
                    .collect();
                for column in covered {
                    let value = row.remove(&column);
                    let cell = Cell::new(*number, column);
                    self.hidden_by_merge.extend(value.map(|value| (cell, value)));
                }
            }
        }
        self.rows.retain(|_, row| !row.is_empty());
        self.hidden_by_merge.sort_by_key(|(cell, _)| *cell);
    }
}
