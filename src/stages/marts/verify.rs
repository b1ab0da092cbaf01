//! A mart's promises against its rows: unique grain, no nulls, accepted values, reconciliations.
//!
//! In: the rows of a mart as built. Out: the promises they break, each with offending rows. A broken
//! promise is no error: who builds decides what becomes of the edition.

use std::collections::HashSet;

use arrow::array::{Array, BooleanArray, RecordBatch};
use arrow::compute::{cast, filter_record_batch, not};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use arrow::row::{RowConverter, SortField};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::common::cast::as_string_array;

use crate::project::marts::{Accepted, Mart};

/// Offending rows shown for one failed test; the rest is counted.
pub const ROWS_SHOWN: usize = 20;

/// A promise of a mart that its rows break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The mart.
    pub mart: String,
    /// The test: `grain`, `not_null x`, `accepted x`, or the name of a reconciliation.
    pub test: String,
    /// How many rows offend.
    pub count: usize,
    /// The first of them, `column=value, …`, at most [`ROWS_SHOWN`]; where the mart cannot be computed
    /// the largest figures of the lake.
    pub rows: Vec<String>,
    /// Why the mart, or this test of it, cannot be computed from the figures there are.
    pub cause: Option<String>,
}

/// The name of the test that a mart fails which cannot be computed.
pub(super) const COMPUTED: &str = "computed";

/// The promises that need no query.
pub(super) fn promises(mart: &Mart, rows: &RecordBatch) -> Result<Vec<Failure>, ArrowError> {
    let mut failures = Vec::new();
    failures.extend(grain(mart, rows)?);
    for column in mart.grain.iter().chain(&mart.not_null) {
        let Some(values) = rows.column_by_name(column) else { continue };
        if values.null_count() > 0 {
            let nulls = arrow::compute::is_null(values)?;
            failures.extend(selected(mart, &format!("not_null {column}"), rows, &nulls)?);
        }
    }
    for accepted in &mart.accepted {
        failures.extend(unaccepted(mart, accepted, rows)?);
    }
    Ok(failures)
}

/// A failure that lists the given rows; none when there are none.
pub(super) fn failure(mart: &Mart, test: &str, rows: &RecordBatch) -> Option<Failure> {
    (rows.num_rows() > 0).then(|| Failure {
        mart: mart.name.clone(),
        test: test.to_owned(),
        count: rows.num_rows(),
        rows: rendered(rows),
        cause: None,
    })
}

/// The first rows of a batch, each as `column=value, …`.
pub(super) fn rendered(rows: &RecordBatch) -> Vec<String> {
    (0..rows.num_rows().min(ROWS_SHOWN)).map(|row| render(rows, row)).collect()
}

/// Rows whose key an earlier row has too.
fn grain(mart: &Mart, rows: &RecordBatch) -> Result<Option<Failure>, ArrowError> {
    let keys: Vec<_> =
        mart.grain.iter().filter_map(|name| rows.column_by_name(name).cloned()).collect();
    if keys.is_empty() || rows.num_rows() == 0 {
        return Ok(None);
    }
    let fields = keys.iter().map(|values| SortField::new(values.data_type().clone())).collect();
    let keys = RowConverter::new(fields)?.convert_columns(&keys)?;
    let mut known = HashSet::with_capacity(rows.num_rows());
    let is_repeated: Vec<bool> = keys.iter().map(|key| !known.insert(key)).collect();
    selected(mart, "grain", rows, &BooleanArray::from(is_repeated))
}

fn unaccepted(
    mart: &Mart,
    accepted: &Accepted,
    rows: &RecordBatch,
) -> Result<Option<Failure>, ArrowError> {
    let Some(values) = rows.column_by_name(&accepted.column) else { return Ok(None) };
    let texts = cast(values, &DataType::Utf8)?;
    let texts =
        as_string_array(&texts).map_err(|error| ArrowError::from_external_error(error.into()))?;
    let is_known = |text: &str| accepted.values.iter().any(|value| value == text);
    let known: BooleanArray = texts.iter().map(|text| Some(text.is_none_or(is_known))).collect();
    selected(mart, &format!("accepted {}", accepted.column), rows, &not(&known)?)
}

/// The failure of the rows where `offends` is true, shown by grain and the columns tested.
fn selected(
    mart: &Mart,
    test: &str,
    rows: &RecordBatch,
    offends: &BooleanArray,
) -> Result<Option<Failure>, ArrowError> {
    let tested = test.split_once(' ').map(|(_, column)| column);
    let is_shown = |name: &String| mart.grain.contains(name) || tested == Some(name.as_str());
    let schema = rows.schema();
    let shown = schema.fields().iter().enumerate();
    let shown: Vec<usize> =
        shown.filter(|(_, field)| is_shown(field.name())).map(|(index, _)| index).collect();
    let offending = filter_record_batch(&rows.project(&shown)?, offends)?;
    Ok(failure(mart, test, &offending))
}

fn render(rows: &RecordBatch, row: usize) -> String {
    let options = FormatOptions::new().with_null("null");
    let schema = rows.schema();
    let columns = schema.fields().iter().zip(rows.columns());
    let shown = columns.map(|(field, values)| {
        let value = ArrayFormatter::try_new(values, &options)
            .map_or_else(|error| error.to_string(), |formatter| formatter.value(row).to_string());
        format!("{}={value}", field.name())
    });
    shown.collect::<Vec<_>>().join(", ")
}
