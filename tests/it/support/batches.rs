//! Record batches from a few lines of text: a column is `name:kind`, a row its cells between `|`; and rows
//! of a batch as text.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int32Array, Int64Array, StringArray,
    TimestampMicrosecondArray,
};
use arrow::compute::{SortColumn, lexsort_to_indices, take_record_batch};
use arrow::record_batch::RecordBatch;
use chrono::{DateTime, NaiveDate};
use rust_decimal::Decimal;
use yuebao::domain::period::Period;

/// A batch of rows; an empty cell is null, and so are those that a row ends before. Kinds: `text`, `month` (2024-07), `money` (yuan),
/// `fraction`, `int`, `long`, `flag`, `time` (RFC 3339).
pub(crate) fn batch(columns: &str, rows: &[String]) -> RecordBatch {
    let cells: Vec<Vec<&str>> =
        rows.iter().map(|row| row.split('|').map(str::trim).collect()).collect();
    let arrays = columns.split_whitespace().enumerate().map(|(place, column)| {
        let (name, kind) = column.split_once(':').unwrap();
        let values: Vec<Option<&str>> = cells
            .iter()
            .map(|row| row.get(place).copied().filter(|cell| !cell.is_empty()))
            .collect();
        (name, array(kind, &values), true)
    });
    RecordBatch::try_from_iter_with_nullable(arrays).unwrap()
}

fn array(kind: &str, values: &[Option<&str>]) -> ArrayRef {
    let cells = values.iter().copied();
    match kind {
        "text" => Arc::new(cells.collect::<StringArray>()),
        "int" => Arc::new(cells.map(|cell| Some(cell?.parse().unwrap())).collect::<Int32Array>()),
        "long" => Arc::new(cells.map(|cell| Some(cell?.parse().unwrap())).collect::<Int64Array>()),
        "flag" => {
            Arc::new(cells.map(|cell| cell.map(|cell| cell == "true")).collect::<BooleanArray>())
        }
        "money" => decimals(values, 20, 2),
        "fraction" => decimals(values, 18, 6),
        "month" => {
            let days = cells.map(|cell| {
                let first = cell?.parse::<Period>().unwrap().first_day();
                Some(
                    i32::try_from(first.signed_duration_since(NaiveDate::default()).num_days())
                        .unwrap(),
                )
            });
            Arc::new(days.collect::<Date32Array>())
        }
        "time" => {
            let moments = cells
                .map(|cell| Some(DateTime::parse_from_rfc3339(cell?).unwrap().timestamp_micros()));
            Arc::new(moments.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
        }
        other => panic!("no such kind of column: {other}"),
    }
}

fn decimals(values: &[Option<&str>], precision: u8, scale: i8) -> ArrayRef {
    let value = |cell: Option<&str>| {
        let mut number: Decimal = cell?.parse().unwrap();
        number.rescale(u32::try_from(scale).unwrap());
        Some(number.mantissa())
    };
    let array: Decimal128Array = values.iter().copied().map(value).collect();
    Arc::new(array.with_precision_and_scale(precision, scale).unwrap())
}

/// Some columns of the rows of a batch that are kept, `-` for null; conditions such as `item=output period=2024-07`.
pub(crate) fn cells(batch: &RecordBatch, keep: &str, columns: &str) -> Vec<String> {
    let value = |column: &str, row: usize| {
        let array = batch.column_by_name(column).unwrap_or_else(|| panic!("no column {column}"));
        let options = arrow::util::display::FormatOptions::new().with_null("-");
        arrow::util::display::ArrayFormatter::try_new(array, &options)
            .unwrap()
            .value(row)
            .to_string()
    };
    let is_kept = |row: usize| {
        keep.split_whitespace().all(|condition| {
            let (column, wanted) = condition.split_once('=').unwrap();
            let found = value(column, row);
            found == wanted || (column == "period" && found == format!("{wanted}-01"))
        })
    };
    (0..batch.num_rows())
        .filter(|row| is_kept(*row))
        .map(|row| {
            columns.split_whitespace().map(|name| value(name, row)).collect::<Vec<_>>().join(" ")
        })
        .collect()
}

/// Rows by the grain: those of steps come in no order.
pub(crate) fn by_grain(batch: &RecordBatch) -> RecordBatch {
    let schema = batch.schema();
    let key = schema.metadata()["grain"].split(", ").map(|name| batch[name].clone());
    let key: Vec<_> = key.map(|values| SortColumn { values, options: None }).collect();
    let order = lexsort_to_indices(&key, None).unwrap();
    take_record_batch(batch, &order).unwrap()
}
