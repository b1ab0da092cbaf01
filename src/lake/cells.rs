//! Reads single cells of a table, tolerant of how wide its integers and texts are.
//!
//! In: a record batch, a column's name. Out: the value, or `None` for a null, a column that is not
//! there or one of another kind: who reads leaves out what is not known.

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Int32Array, Int64Array,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Date32Type};
use arrow::record_batch::RecordBatch;
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

use crate::domain::period::Period;
use crate::texts::Locale;

/// Below this every sum and product of readers stays far inside the range of `Decimal`; above it
/// lies nothing a district produces.
const DIGITS_MAX: u32 = 20;

/// One row of a table.
#[derive(Clone, Copy)]
pub(crate) struct TableRow<'a> {
    batch: &'a RecordBatch,
    index: usize,
}

/// The rows of a table in their order.
pub(crate) fn rows(batch: &RecordBatch) -> impl Iterator<Item = TableRow<'_>> {
    (0..batch.num_rows()).map(|index| TableRow { batch, index })
}

/// One row of a table by its place.
pub(crate) fn row(batch: &RecordBatch, index: usize) -> TableRow<'_> {
    TableRow { batch, index }
}

impl<'a> TableRow<'a> {
    /// The column, unless the row is null in it.
    fn column(self, name: &str) -> Option<&'a ArrayRef> {
        self.batch.column_by_name(name).filter(|array| array.is_valid(self.index))
    }

    /// A text; an empty one counts as none.
    pub(crate) fn text(self, name: &str) -> Option<String> {
        let array = self.column(name)?;
        let value = match array.data_type() {
            DataType::Utf8 => array.as_string::<i32>().value(self.index),
            DataType::LargeUtf8 => array.as_string::<i64>().value(self.index),
            DataType::Utf8View => array.as_string_view().value(self.index),
            _ => return None,
        };
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// A text with a column for each language (`name_zh`, `name_en`), else the one it has.
    pub(crate) fn name(self, column: &str, locale: Locale) -> Option<String> {
        self.text(&format!("{column}_{}", locale.name())).or_else(|| self.text(column))
    }

    /// An exact number: a decimal or an integer.
    pub(crate) fn decimal(self, name: &str) -> Option<Decimal> {
        let array = self.column(name)?;
        let Some(decimals) = array.as_any().downcast_ref::<Decimal128Array>() else {
            return self.integer(name).map(Decimal::from);
        };
        let scale = u32::try_from(decimals.scale()).ok()?;
        let value = Decimal::try_from_i128_with_scale(decimals.value(self.index), scale).ok()?;
        let limit = Decimal::try_from_i128_with_scale(10_i128.pow(DIGITS_MAX), 0).ok()?;
        (value.abs() < limit).then_some(value)
    }

    pub(crate) fn integer(self, name: &str) -> Option<i64> {
        let array = self.column(name)?.as_any();
        if let Some(integers) = array.downcast_ref::<Int64Array>() {
            return Some(integers.value(self.index));
        }
        array.downcast_ref::<Int32Array>().map(|integers| i64::from(integers.value(self.index)))
    }

    pub(crate) fn flag(self, name: &str) -> Option<bool> {
        let flags = self.column(name)?.as_any().downcast_ref::<BooleanArray>()?;
        Some(flags.value(self.index))
    }

    /// A flag; an unknown one is not set.
    pub(crate) fn is(self, name: &str) -> bool {
        self.flag(name).unwrap_or_default()
    }

    /// The month of a date column.
    pub(crate) fn period(self, name: &str) -> Option<Period> {
        Period::of(self.date(name)?)
    }

    pub(crate) fn date(self, name: &str) -> Option<NaiveDate> {
        let dates = self.column(name)?.as_any().downcast_ref::<Date32Array>()?;
        Date32Type::to_naive_date_opt(dates.value(self.index))
    }

    pub(crate) fn instant(self, name: &str) -> Option<DateTime<Utc>> {
        let instants = self.column(name)?.as_any().downcast_ref::<TimestampMicrosecondArray>()?;
        DateTime::from_timestamp_micros(instants.value(self.index))
    }
}
