//! What counts in the lake, read back: the context of later months.

use std::collections::BTreeSet;
use std::path::Path;

use arrow::array::AsArray;
use arrow::datatypes::{Decimal128Type, TimestampMicrosecondType};
use arrow::record_batch::RecordBatch;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::domain::measure::Measure;
use crate::domain::period::Period;
use crate::files;
use crate::files::parquet::{self, TableError};
use crate::project::lake as schemas;
use crate::stages::normalize::Tables;

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
    /// Its figures: item, column, yuan or quantity.
    pub figures: Vec<(String, Measure, Decimal)>,
}

/// All revisions of a month's reports that count or have counted; empty for a month the lake lacks.
pub fn counted(lake: &Path, period: Period) -> Result<Vec<Counted>, TableError> {
    let partition = period.to_string();
    if super::marks(lake, &partition)?.is_none() {
        return Ok(Vec::new());
    }
    let counting = counting(&super::submissions(lake, &partition)?);
    let mut reports = Vec::new();
    for folder in files::list(&lake.join("observations"))? {
        let path = folder.join(format!("period={partition}")).join("part.parquet");
        if path.exists() {
            collect(&parquet::read(&path)?, &counting, &mut reports);
        }
    }
    Ok(reports)
}

/// One fingerprint of the accepted figures: what later months depend on, and nothing else.
pub(super) fn fingerprint(tables: &Tables) -> String {
    let counting = counting(&tables.submissions);
    let mut reports = Vec::new();
    for batch in tables.observations.values() {
        collect(batch, &counting, &mut reports);
    }
    let mut text = String::new();
    for Counted { form, credit_code, submission_id, received_at, figures } in &reports {
        let received_at = received_at.timestamp_micros();
        text.extend([form, "\t", credit_code, "\t", submission_id, "\t"]);
        text.extend([received_at.to_string().as_str(), "\n"]);
        for (item, measure, value) in figures {
            text.extend([item, "\t", measure.name(), "\t", value.to_string().as_str(), "\n"]);
        }
    }
    files::digest(text.as_bytes())
}

/// The ids of the submissions that count or have counted.
fn counting(submissions: &RecordBatch) -> BTreeSet<String> {
    let (Some(ids), Some(flags)) =
        (submissions.column_by_name("submission_id"), submissions.column_by_name("has_counted"))
    else {
        return BTreeSet::new();
    };
    let (ids, flags) = (ids.as_string::<i32>(), flags.as_boolean());
    let rows = (0..submissions.num_rows()).filter(|row| flags.value(*row));
    rows.map(|row| ids.value(row).to_owned()).collect()
}

/// Adds the reports of a batch whose submission is among `counting`; their rows stand together.
fn collect(observations: &RecordBatch, counting: &BTreeSet<String>, reports: &mut Vec<Counted>) {
    let text = |name: &str| observations.column_by_name(name).map(AsArray::as_string::<i32>);
    let values = observations.column_by_name("value").map(AsArray::as_primitive::<Decimal128Type>);
    let instants = observations
        .column_by_name("received_at")
        .map(AsArray::as_primitive::<TimestampMicrosecondType>);
    let (Some(ids), Some(forms), Some(codes), Some(items), Some(measures)) =
        (text("submission_id"), text("form"), text("credit_code"), text("item"), text("measure"))
    else {
        return;
    };
    let (Some(values), Some(instants)) = (values, instants) else { return };
    let scale = u32::try_from(schemas::VALUE_SCALE).unwrap_or_default();
    for row in (0..observations.num_rows()).filter(|row| counting.contains(ids.value(*row))) {
        let Ok(measure) = measures.value(row).parse() else { continue };
        let value = Decimal::from_i128_with_scale(values.value(row), scale).normalize();
        let figure = (items.value(row).to_owned(), measure, value);
        match reports.last_mut().filter(|last| last.submission_id == ids.value(row)) {
            Some(last) => last.figures.push(figure),
            None => reports.push(Counted {
                form: forms.value(row).to_owned(),
                credit_code: codes.value(row).to_owned(),
                submission_id: ids.value(row).to_owned(),
                received_at: DateTime::from_timestamp_micros(instants.value(row))
                    .unwrap_or_default(),
                figures: vec![figure],
            }),
        }
    }
}
