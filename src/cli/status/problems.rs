//! Why reports do not count: what the lake holds against them.
//!
//! In: the lake, a month. Out: the findings of each submission, gravest first; none where the lake
//! lacks the month, or was deleted to be rebuilt.

use std::collections::BTreeMap;
use std::path::Path;

use arrow::array::{Array, AsArray};
use serde::Serialize;

use crate::domain::period::Period;
use crate::files::parquet::TableError;
use crate::stages::store;
use crate::texts::Text;

/// The partition of workbooks that bear no readable month.
const UNREADABLE: &str = "unreadable";

/// A finding that keeps a report from counting.
#[derive(Debug, Serialize)]
pub(super) struct Problem {
    /// The check.
    code: String,
    /// `error` or `query`.
    severity: String,
    /// The sheet it stands in, where there is one.
    sheet: Option<String>,
    /// The cell it stands in, where there is one.
    cell: Option<String>,
    /// What is so.
    pub(super) message: Text,
    /// What to do.
    hint: Text,
}

/// The problems of a month's submissions by id; notes are none.
pub(super) fn read(
    lake: &Path,
    period: Period,
) -> Result<BTreeMap<String, Vec<Problem>>, TableError> {
    let mut problems: BTreeMap<String, Vec<Problem>> = BTreeMap::new();
    for partition in [period.to_string(), UNREADABLE.to_owned()] {
        if store::marks(lake, &partition)?.is_none() {
            continue;
        }
        let findings = store::findings(lake, &partition)?;
        let text = |name: &str, row: usize| {
            let column = findings.column_by_name(name)?.as_string_opt::<i32>()?;
            (!column.is_null(row)).then(|| column.value(row).to_owned())
        };
        let required = |name: &str, row: usize| text(name, row).unwrap_or_default();
        for row in (0..findings.num_rows()).filter(|row| required("severity", *row) != "note") {
            let problem = Problem {
                code: required("code", row),
                severity: required("severity", row),
                sheet: text("sheet", row),
                cell: text("cell", row),
                message: Text { zh: required("message_zh", row), en: required("message_en", row) },
                hint: Text { zh: required("hint", row), en: required("hint_en", row) },
            };
            problems.entry(required("submission_id", row)).or_default().push(problem);
        }
    }
    for found in problems.values_mut() {
        found.sort_by_key(|problem| problem.severity != "error");
    }
    Ok(problems)
}
