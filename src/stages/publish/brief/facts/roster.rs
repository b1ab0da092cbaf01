//! The firms that left the roster earlier in the year, from `dim_firm`: they carry the base rule.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;

use crate::domain::period::Period;
use crate::stages::publish::brief::mart::{Row, rows};

/// Firms whose last month on the roster lies earlier in the year, by what becomes of their base.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Left {
    /// Firms whose base of last year is kept (留基数).
    pub(crate) kept: usize,
    /// Firms whose base of last year is dropped.
    pub(crate) dropped: usize,
}

/// Who left before a month of its year.
pub(crate) fn left(marts: &BTreeMap<String, RecordBatch>, period: Period) -> Left {
    let has_left = |row: &Row<'_>| {
        row.period("roster_to").is_some_and(|last| last.year() == period.year() && last < period)
    };
    let mut left = Left::default();
    for row in rows(marts, "dim_firm").filter(has_left) {
        match row.text("base_rule").as_deref() {
            Some("keep") => left.kept += 1,
            Some("drop") => left.dropped += 1,
            _ => {}
        }
    }
    left
}
