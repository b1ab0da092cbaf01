//! Rows to a table: the one place that builds Arrow columns from values.
//!
//! In: a schema, and rows whose cells stand in its order. Out: a record batch; what is none of a
//! column's type is null there.

use std::borrow::Cow;

use arrow::array::{
    ArrayBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, Int32Builder, StringBuilder,
    TimestampMicrosecondBuilder, make_builder,
};
use arrow::datatypes::{DataType, Date32Type, SchemaRef};
use arrow::record_batch::RecordBatch;
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

use crate::domain::period::Period;

/// What a row holds in a column.
pub(crate) enum Datum<'a> {
    Null,
    Text(Cow<'a, str>),
    Integer(i32),
    Truth(bool),
    Day(NaiveDate),
    Instant(DateTime<Utc>),
    Number(Decimal),
}

macro_rules! datum_from {
    ($($type:ty, $it:ident => $datum:expr;)*) => {$(
        impl<'a> From<$type> for Datum<'a> {
            fn from($it: $type) -> Self {
                $datum
            }
        }
    )*};
}

datum_from! {
    &'a str, it => Self::Text(it.into());
    &'a String, it => Self::Text(it.into());
    String, it => Self::Text(it.into());
    i32, it => Self::Integer(it);
    bool, it => Self::Truth(it);
    NaiveDate, it => Self::Day(it);
    Period, it => Self::Day(it.first_day());
    DateTime<Utc>, it => Self::Instant(it);
    Decimal, it => Self::Number(it);
}

impl<'a, T: Into<Datum<'a>>> From<Option<T>> for Datum<'a> {
    fn from(it: Option<T>) -> Self {
        it.map_or(Self::Null, Into::into)
    }
}

/// A table of rows; a row has a cell for each column.
pub(crate) fn batch<'a, R: IntoIterator<Item = Datum<'a>>>(
    schema: SchemaRef,
    rows: impl IntoIterator<Item = R>,
) -> RecordBatch {
    let kinds: Vec<DataType> = schema.fields().iter().map(|it| it.data_type().clone()).collect();
    let mut builders: Vec<_> = kinds.iter().map(|kind| make_builder(kind, 0)).collect();
    for row in rows {
        for ((builder, kind), datum) in builders.iter_mut().zip(&kinds).zip(row) {
            append(builder.as_mut(), kind, datum);
        }
    }
    let columns = builders.iter_mut().map(ArrayBuilder::finish).collect();
    RecordBatch::try_new(schema, columns).expect("a row has what the schema says")
}

fn append(builder: &mut dyn ArrayBuilder, kind: &DataType, datum: Datum<'_>) {
    macro_rules! append {
        ($builder:ty, $datum:pat => $value:expr) => {{
            let builder = builder.as_any_mut().downcast_mut::<$builder>();
            let builder = builder.expect("the builder was made for the type");
            match datum {
                $datum => builder.append_value($value),
                _ => builder.append_null(),
            }
        }};
    }
    match kind {
        DataType::Int32 => append!(Int32Builder, Datum::Integer(it) => it),
        DataType::Boolean => append!(BooleanBuilder, Datum::Truth(it) => it),
        DataType::Date32 => {
            append!(Date32Builder, Datum::Day(it) => Date32Type::from_naive_date(it));
        }
        DataType::Timestamp(..) => {
            append!(TimestampMicrosecondBuilder, Datum::Instant(it) => it.timestamp_micros());
        }
        DataType::Decimal128(_, scale) => {
            append!(Decimal128Builder, Datum::Number(it) => mantissa(it, *scale));
        }
        _ => append!(StringBuilder, Datum::Text(it) => it),
    }
}

/// 18 digits before the point and 6 behind always fit: `Unit::canonical` lets no more pass.
fn mantissa(mut value: Decimal, scale: i8) -> i128 {
    value.rescale(u32::try_from(scale).unwrap_or_default());
    value.mantissa()
}
