//! What became of each form due, from `submission_status`.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;
use chrono::{DateTime, Utc};

use crate::domain::period::Period;
use crate::stages::publish::brief::mart::{Row, rows};

/// What became of one firm's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// Nothing came.
    Missing,
    /// What came is no workbook.
    Unreadable,
    /// An error: sent back.
    Refused,
    /// A query: waits for an explanation.
    Queried,
    /// It counts.
    Accepted,
}

/// One form due.
#[derive(Clone, Debug)]
pub(crate) struct Submission {
    /// The form.
    pub(crate) form: String,
    /// The firm's name.
    pub(crate) firm_name: String,
    /// What became of it.
    pub(crate) state: State,
    /// What became of a correction that came after the report that counts, unless that counts too.
    pub(crate) correction: Option<State>,
    /// When it was due.
    pub(crate) deadline: Option<DateTime<Utc>>,
    /// Whether it came after that, or never.
    pub(crate) is_late: bool,
    /// Months up to this one in which it was late or missing.
    pub(crate) months_late_in_row: i64,
}

/// Every form due in a month.
pub(crate) fn read(marts: &BTreeMap<String, RecordBatch>, period: Period) -> Vec<Submission> {
    let of_month = |row: &Row<'_>| row.period("period") == Some(period);
    let read = |row: Row<'_>| {
        let state_of_it = state(&row.text("state")?)?;
        let latest = row.text("latest_state").and_then(|latest| state(&latest));
        Some(Submission {
            form: row.text("form")?,
            firm_name: row.text("firm_name").or_else(|| row.text("credit_code"))?,
            state: state_of_it,
            correction: latest.filter(|latest| *latest != state_of_it),
            deadline: row.instant("deadline"),
            is_late: row.is("is_late"),
            months_late_in_row: row.integer("months_late_in_row").unwrap_or_default(),
        })
    };
    rows(marts, "submission_status").filter(of_month).filter_map(read).collect()
}

fn state(name: &str) -> Option<State> {
    match name {
        "missing" => Some(State::Missing),
        "unreadable" => Some(State::Unreadable),
        "refused" => Some(State::Refused),
        "queried" => Some(State::Queried),
        "accepted" => Some(State::Accepted),
        _ => None,
    }
}
