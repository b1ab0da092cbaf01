//! What counts in the lake, read back: the context of later months.

use std::collections::BTreeSet;
use std::path::Path;

use super::{cells, rows};
use crate::domain::measure::Measure;
use crate::domain::period::Period;
use crate::files;
use crate::files::parquet::{self, TableError};
use crate::project::forms::Form;
use crate::project::lake as schemas;
use arrow::record_batch::RecordBatch;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

/// An accepted revision of a report, read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The form.
    pub form: String,
    /// The firm.
    pub credit_code: String,
    /// Its submission.
    pub submission_id: String,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// Whether it stood in the bureau-side export.
    pub is_export: bool,
    /// Its figures: item, column, yuan or quantity.
    pub figures: Vec<(String, Measure, Decimal)>,
}

impl Counted {
    /// A figure of an item, yuan or quantity; that of the sum of open rows, e.g. `supply`, is the sum
    /// of `supply:<code>`. `None` where the report bears none of it.
    pub fn figure(&self, form: &Form, item: &str, measure: Measure) -> Option<Decimal> {
        let sums = form.rows.iter().filter(|rows| rows.sum.as_deref() == Some(item));
        let prefixes: Vec<String> = sums.map(|rows| format!("{}:", rows.rows)).collect();
        let is_meant = |name: &str| {
            name == item || prefixes.iter().any(|prefix| name.starts_with(prefix.as_str()))
        };
        let figures = self.figures.iter().filter(|(name, of, _)| is_meant(name) && *of == measure);
        figures.map(|(_, _, value)| *value).reduce(|sum, value| sum + value)
    }
}

/// All revisions of a month's reports that count or have counted; empty for a month the lake lacks.
pub fn counted(lake: &Path, period: Period) -> Result<Vec<Counted>, TableError> {
    flagged(lake, period, "has_counted")
}

/// The reports of a month that count now, one a form and firm.
pub fn current(lake: &Path, period: Period) -> Result<Vec<Counted>, TableError> {
    flagged(lake, period, "is_current")
}

fn flagged(lake: &Path, period: Period, flag: &str) -> Result<Vec<Counted>, TableError> {
    let partition = period.to_string();
    let Some(submissions) = rows::table(lake, schemas::Table::Submissions, &partition)? else {
        return Ok(Vec::new());
    };
    let counting = flagged_ids(&submissions, flag);
    let mut reports = Vec::new();
    for folder in files::list(&lake.join("observations"))? {
        let path = folder.join(format!("period={partition}")).join("part.parquet");
        if path.exists() {
            collect(&parquet::read(&path)?, &counting, &mut reports);
        }
    }
    let exported = cells::rows(&submissions)
        .filter(|row| row.text("layout").as_deref() == Some("table"))
        .filter_map(|row| row.text("submission_id"));
    let exported: BTreeSet<String> = exported.collect();
    for report in &mut reports {
        report.is_export = exported.contains(&report.submission_id);
    }
    Ok(reports)
}

/// One fingerprint of the figures of a month that count or have counted: what later months depend on,
/// and nothing else.
pub fn fingerprint<'a>(
    submissions: &RecordBatch,
    observations: impl Iterator<Item = &'a RecordBatch>,
) -> String {
    let counting = flagged_ids(submissions, "has_counted");
    let mut reports = Vec::new();
    for batch in observations {
        collect(batch, &counting, &mut reports);
    }
    let mut text = String::new();
    for Counted { form, credit_code, submission_id, received_at, figures, .. } in &reports {
        let received_at = received_at.timestamp_micros();
        text.extend([form, "\t", credit_code, "\t", submission_id, "\t"]);
        text.extend([received_at.to_string().as_str(), "\n"]);
        for (item, measure, value) in figures {
            text.extend([item, "\t", measure.name(), "\t", value.to_string().as_str(), "\n"]);
        }
    }
    files::digest(text.as_bytes())
}

/// The ids of the submissions that bear a flag.
fn flagged_ids(submissions: &RecordBatch, flag: &str) -> BTreeSet<String> {
    let rows = cells::rows(submissions).filter(|row| row.is(flag));
    rows.filter_map(|row| row.text("submission_id")).collect()
}

/// Adds the reports of a batch whose submission is among `counting`; their rows stand together.
fn collect(observations: &RecordBatch, counting: &BTreeSet<String>, reports: &mut Vec<Counted>) {
    for row in cells::rows(observations) {
        let text = |name| row.text(name).unwrap_or_default();
        let Some(submission_id) = row.text("submission_id").filter(|id| counting.contains(id))
        else {
            continue;
        };
        let (Ok(measure), Some(value)) = (text("measure").parse(), row.decimal("value")) else {
            continue;
        };
        let figure = (text("item"), measure, value.normalize());
        match reports.last_mut().filter(|last| last.submission_id == submission_id) {
            Some(last) => last.figures.push(figure),
            None => reports.push(Counted {
                form: text("form"),
                credit_code: text("credit_code"),
                submission_id,
                received_at: row.instant("received_at").unwrap_or_default(),
                is_export: false,
                figures: vec![figure],
            }),
        }
    }
}
