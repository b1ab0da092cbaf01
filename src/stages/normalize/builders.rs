//! Arrow columns from iterators, so that each table reads as a list of its columns.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int32Array, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::Date32Type;
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

use crate::project::lake;

/// Text without nulls.
pub(super) fn text<'a>(values: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

/// Text with nulls.
pub(super) fn texts<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

/// Text made on the way, with nulls.
pub(super) fn made(values: impl Iterator<Item = Option<String>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

/// Whole numbers.
pub(super) fn integers(values: impl Iterator<Item = i32>) -> ArrayRef {
    Arc::new(Int32Array::from_iter_values(values))
}

/// True or false.
pub(super) fn booleans(values: impl Iterator<Item = bool>) -> ArrayRef {
    Arc::new(values.map(Some).collect::<BooleanArray>())
}

/// Days.
pub(super) fn dates(values: impl Iterator<Item = Option<NaiveDate>>) -> ArrayRef {
    Arc::new(values.map(|date| date.map(Date32Type::from_naive_date)).collect::<Date32Array>())
}

/// Instants in microseconds, UTC.
pub(super) fn instants(values: impl Iterator<Item = DateTime<Utc>>) -> ArrayRef {
    let micros = values.map(|instant| instant.timestamp_micros());
    Arc::new(TimestampMicrosecondArray::from_iter_values(micros).with_timezone("UTC"))
}

/// Exact decimals in the scale of the lake's values.
pub(super) fn values(values: impl Iterator<Item = Decimal>) -> ArrayRef {
    let array = Decimal128Array::from_iter_values(values.map(mantissa));
    Arc::new(
        array
            .with_precision_and_scale(lake::VALUE_DIGITS, lake::VALUE_SCALE)
            .expect("a valid precision"),
    )
}

/// 18 digits before the point and 6 behind always fit: `Unit::canonical` lets no more pass.
fn mantissa(mut value: Decimal) -> i128 {
    value.rescale(u32::try_from(lake::VALUE_SCALE).unwrap_or_default());
    value.mantissa()
}
