//! Brings the ledger's index of submissions in step with the lake.
//!
//! In: the lake and an open ledger. Out: how many partitions were taken over or taken out. A
//! partition whose fingerprint the index has already costs a look at its file's footer.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{Date32Type, Int32Type, TimestampMicrosecondType};
use arrow::record_batch::RecordBatch;
use chrono::DateTime;

use crate::domain::period::Period;
use crate::files::parquet::TableError;
use crate::ledger::Ledger;
use crate::ledger::submissions::Submission;
use crate::pipeline::RunError;
use crate::pipeline::output::Output;
use crate::stages::store::{self, Depth};

use super::OrderError;

/// Partitions in which index and lake differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Behind {
    /// Those whose rows are to be taken over, each with the fingerprint it bears.
    pub changed: Vec<(String, String)>,
    /// Those the lake no longer has.
    pub gone: Vec<String>,
}

impl Behind {
    /// All of them, in order.
    pub fn partitions(self) -> Vec<String> {
        let changed = self.changed.into_iter().map(|(partition, _)| partition);
        let mut partitions: Vec<String> = changed.chain(self.gone).collect();
        partitions.sort();
        partitions
    }
}

/// Looks where the index is behind the lake; reads footers only.
pub async fn behind(ledger: &Ledger, output: &Output) -> Result<Behind, OrderError> {
    let mut indexed = ledger.indexed().await?;
    let lake = output.lake();
    let mut behind = Behind::default();
    for partition in store::partitions(&lake).map_err(RunError::from)? {
        // A partition that was never finished has no marks; the next run finishes it.
        // One that is damaged is made anew before anything is published; its rows stay till then.
        let known = indexed.remove(&partition);
        let found = store::condition(&lake, &partition, Depth::Sizes).map_err(RunError::from)?;
        let Some(marks) = found.marks.filter(|_| found.damage.is_none()) else { continue };
        if known.as_ref() != Some(&marks.inputs) {
            behind.changed.push((partition, marks.inputs));
        }
    }
    behind.gone = indexed.into_keys().collect();
    Ok(behind)
}

/// Brings the index in step with the lake; only for whoever holds the output's lock. Returns how
/// many partitions were taken over or taken out.
pub async fn sync(ledger: &Ledger, output: &Output) -> Result<usize, OrderError> {
    let Behind { changed, gone } = behind(ledger, output).await?;
    for (partition, inputs) in &changed {
        let rows = rows(output, partition).map_err(RunError::from)?;
        ledger.index(partition, inputs, &rows).await?;
    }
    for partition in &gone {
        ledger.unindex(partition).await?;
    }
    Ok(changed.len() + gone.len())
}

/// The rows of a partition as the index has them.
fn rows(output: &Output, partition: &str) -> Result<Vec<Submission>, TableError> {
    let batch = store::submissions(&output.lake(), partition)?;
    Ok((0..batch.num_rows()).filter_map(|row| submission(&batch, row)).collect())
}

/// A row; `None` where a column is missing, which the lake's schema rules out.
fn submission(batch: &RecordBatch, row: usize) -> Option<Submission> {
    let column = |name: &str| batch.column_by_name(name);
    let text = |name: &str| Some(column(name)?.as_string_opt::<i32>()?.value(row).to_owned());
    let known = |name: &str| column(name).is_some_and(|column: &ArrayRef| column.is_valid(row));
    let number =
        |name: &str| Some(column(name)?.as_primitive_opt::<Int32Type>()?.value(row).into());
    let day = column("period")?.as_primitive_opt::<Date32Type>()?;
    let received = column("received_at")?.as_primitive_opt::<TimestampMicrosecondType>()?;
    Some(Submission {
        submission_id: text("submission_id")?,
        sha256: text("sha256")?,
        file_name: text("file_name")?,
        form: text("form").filter(|_| known("form")),
        credit_code: text("credit_code").filter(|_| known("credit_code")),
        period: day.is_valid(row).then(|| day.value_as_date(row)).flatten().and_then(Period::of),
        received_at: DateTime::from_timestamp_micros(received.value(row))?,
        revision: number("revision")?,
        state: text("state")?,
        is_current: column("is_current")?.as_boolean_opt()?.value(row),
        errors: number("errors")?,
        queries: number("queries")?,
    })
}
