//! Why reports do not count: what the lake holds against them.
//!
//! In: the lake, a month. Out: the findings of each submission, gravest first; none where the lake
//! lacks the month, or was deleted to be rebuilt.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::domain::period::Period;
use crate::files::parquet::TableError;
use crate::findings::Severity;
use crate::lake::rows::{self, FindingRow};
use crate::texts::Text;

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
    for partition in [period.to_string(), rows::UNREADABLE.to_owned()] {
        let found = rows::findings(lake, &partition)?.into_iter();
        for FindingRow { submission_id, finding } in
            found.filter(|it| it.finding.severity != Severity::Note)
        {
            let problem = Problem {
                code: finding.code,
                severity: finding.severity.name().to_owned(),
                sheet: finding.sheet,
                cell: finding.cell.map(|cell| cell.to_string()),
                message: finding.message,
                hint: finding.hint,
            };
            problems.entry(submission_id).or_default().push(problem);
        }
    }
    for found in problems.values_mut() {
        found.sort_by_key(|problem| problem.severity != "error");
    }
    Ok(problems)
}
