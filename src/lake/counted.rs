//! What counts in the lake, read back: the figures that later months are held against.

use std::collections::BTreeMap;
use std::path::Path;

use super::cells::{self, TableRow};
use super::rows;
use crate::domain::measure::Measure;
use crate::domain::period::Period;
use crate::files;
use crate::files::parquet::{self, TableError};
use crate::project::forms::Form;
use crate::project::lake::Table;
use arrow::record_batch::RecordBatch;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

/// The figures of one report, canonical: yuan, or quantities in their unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    pub(crate) items: BTreeMap<String, BTreeMap<Measure, Decimal>>,
    /// Whether they are an export's, which has one row for what a form has in many.
    pub is_export: bool,
}

impl Figures {
    /// Sets one figure.
    pub fn insert(&mut self, item: &str, measure: Measure, value: Decimal) {
        self.items.entry(item.to_owned()).or_default().insert(measure, value);
    }

    /// The figure of an item and measure.
    pub fn get(&self, item: &str, measure: Measure) -> Option<Decimal> {
        self.items.get(item)?.get(&measure).copied()
    }

    /// The sum over the rows `<group>:<code>` that bear a measure; `None` when none does.
    pub fn sum(&self, group: &str, measure: Measure) -> Option<Decimal> {
        self.rows(group, measure).map(|(_, value)| value).reduce(Decimal::saturating_add)
    }

    /// The rows `<group>:<code>` that bear a measure, by code.
    pub fn rows(&self, group: &str, measure: Measure) -> impl Iterator<Item = (&str, Decimal)> {
        let rows = self.items.range(format!("{group}:")..);
        rows.map_while(move |(item, values)| {
            Some((item.strip_prefix(group)?.strip_prefix(':')?, values))
        })
        .filter_map(move |(code, values)| Some((code, *values.get(&measure)?)))
    }

    /// How many rows bear figures.
    pub fn row_count(&self) -> usize {
        self.items.len()
    }

    /// The figures of one measure, by item.
    pub fn measure(&self, measure: Measure) -> impl Iterator<Item = (&str, Decimal)> {
        let of = move |values: &BTreeMap<Measure, Decimal>| values.get(&measure).copied();
        self.items.iter().filter_map(move |(item, values)| Some((item.as_str(), of(values)?)))
    }

    /// Adds the figures of another report, item by item.
    pub fn add(&mut self, other: &Self) {
        self.is_export |= other.is_export;
        for (item, values) in &other.items {
            let sums = self.items.entry(item.clone()).or_default();
            for (measure, value) in values {
                let sum = sums.entry(*measure).or_default();
                *sum = sum.saturating_add(*value);
            }
        }
    }
}

/// An accepted revision of a firm's report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The form.
    pub form: String,
    /// The firm.
    pub credit_code: String,
    /// Its submission, which orders revisions received at the same instant.
    pub submission_id: String,
    /// When it was received: reports received later are held against it.
    pub received_at: DateTime<Utc>,
    /// Its figures.
    pub figures: Figures,
}

/// All revisions of a month's reports that count or have counted; empty for a month the lake lacks.
pub fn counted(lake: &Path, period: Period) -> Result<Vec<Counted>, TableError> {
    flagged(lake, period, "has_counted")
}

/// What the reports of a form and month that count now bear of an item, by credit code: yuan or
/// quantity; that of the sum of open rows, e.g. `supply`, is the sum of `supply:<code>`. 0 where a
/// report bears none of it.
pub fn values(
    lake: &Path,
    (form, period): (&Form, Period),
    item: Option<&str>,
    measure: Measure,
) -> Result<BTreeMap<String, Decimal>, TableError> {
    let sums = form.rows.iter().filter(|rows| item.is_some() && rows.sum.as_deref() == item);
    let value = |figures: &Figures| {
        let own = item.and_then(|item| figures.get(item, measure)).unwrap_or_default();
        own + sums.clone().filter_map(|rows| figures.sum(&rows.rows, measure)).sum::<Decimal>()
    };
    let reports =
        flagged(lake, period, "is_current")?.into_iter().filter(|it| it.form == form.form);
    Ok(reports.map(|report| (report.credit_code, value(&report.figures))).collect())
}

fn flagged(lake: &Path, period: Period, flag: &str) -> Result<Vec<Counted>, TableError> {
    let partition = period.to_string();
    let Some(submissions) = rows::table(lake, Table::Submissions, &partition)? else {
        return Ok(Vec::new());
    };
    let counting = layouts(&submissions, flag);
    let mut reports: Vec<Counted> = Vec::new();
    for folder in files::list(&lake.join("observations"))? {
        let path = folder.join(format!("period={partition}")).join("part.parquet");
        if !path.exists() {
            continue;
        }
        let batch = parquet::read(&path)?;
        for observation in observations(&batch, &counting) {
            let Observation { row, submission_id, item, measure, value } = observation;
            if reports.last().is_none_or(|last| last.submission_id != submission_id) {
                let is_export = counting.get(&submission_id).is_some_and(|it| it == "table");
                reports.push(Counted {
                    form: row.text("form").unwrap_or_default(),
                    credit_code: row.text("credit_code").unwrap_or_default(),
                    submission_id,
                    received_at: row.instant("received_at").unwrap_or_default(),
                    figures: Figures { is_export, ..Figures::default() },
                });
            }
            if let Some(last) = reports.last_mut() {
                last.figures.insert(&item, measure, value);
            }
        }
    }
    Ok(reports)
}

/// One fingerprint of the figures of a month that count or have counted: what later months depend on,
/// and nothing else.
pub fn fingerprint<'a>(
    submissions: &RecordBatch,
    batches: impl Iterator<Item = &'a RecordBatch>,
) -> String {
    let counting = layouts(submissions, "has_counted");
    let (mut text, mut last) = (String::new(), String::new());
    for observation in batches.flat_map(|batch| observations(batch, &counting)) {
        let Observation { row, submission_id, item, measure, value } = observation;
        if submission_id != last {
            let keys = ["form", "credit_code"].map(|key| row.text(key).unwrap_or_default() + "\t");
            let received_at = row.instant("received_at").unwrap_or_default().timestamp_micros();
            text.extend(keys);
            text.extend([submission_id.as_str(), "\t", &received_at.to_string(), "\n"]);
            last = submission_id;
        }
        text.extend([item.as_str(), "\t", measure.name(), "\t", &value.to_string(), "\n"]);
    }
    files::digest(text.as_bytes())
}

/// The layouts of the submissions that bear a flag, by id.
fn layouts(submissions: &RecordBatch, flag: &str) -> BTreeMap<String, String> {
    let rows = cells::rows(submissions).filter(|row| row.is(flag));
    let layout = |row: TableRow<'_>| row.text("layout").unwrap_or_default();
    rows.filter_map(|row| Some((row.text("submission_id")?, layout(row)))).collect()
}

/// A row of `observations`.
struct Observation<'a> {
    row: TableRow<'a>,
    submission_id: String,
    item: String,
    measure: Measure,
    value: Decimal,
}

/// The rows of a batch whose submission is among `counting`; those of a report stand together.
fn observations<'a>(
    batch: &'a RecordBatch,
    counting: &BTreeMap<String, String>,
) -> impl Iterator<Item = Observation<'a>> {
    cells::rows(batch).filter_map(|row| {
        let submission_id = row.text("submission_id").filter(|id| counting.contains_key(id))?;
        let measure = row.text("measure")?.parse().ok()?;
        let value = row.decimal("value")?.normalize();
        let item = row.text("item").unwrap_or_default();
        Some(Observation { row, submission_id, item, measure, value })
    })
}
