//! The rows of the marts as a template sees them: exact numbers, months, texts, by the mart's columns.
//!
//! In: record batches. Out: values of the template engine, read when a template asks for them. What is
//! null, or a column that is not there, is undefined; a figure stays the decimal that the mart has.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;
use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr, Value};
use rust_decimal::Decimal;

use crate::domain::period::Period;
use crate::lake::cells;

/// An exact number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exact(pub(super) Decimal);

impl Object for Exact {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some(self.0.cmp(&other.downcast_ref::<Self>()?.0))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.normalize())
    }
}

/// A month: `{{ period.year }}`, `{{ period.month }}`, and months that a brief compares with.
#[derive(Clone, Copy, Debug)]
pub(super) struct CalendarMonth(pub(super) Period);

impl Object for CalendarMonth {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let month = |period: Option<Period>| period.map(|it| Value::from_object(Self(it)));
        match key.as_str()? {
            "year" => Some(Value::from(self.0.year())),
            "month" => Some(Value::from(self.0.month())),
            "january" => month(Period::new(self.0.year(), 1)),
            "previous" => month(self.0.months_before(1)),
            "last_december" => month(Period::new(self.0.year() - 1, 12)),
            _ => None,
        }
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some(self.0.cmp(&other.downcast_ref::<Self>()?.0))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A row of a mart: `{{ row.output_ytd_cny }}`.
#[derive(Debug)]
struct MartRow {
    batch: Arc<RecordBatch>,
    index: usize,
}

impl Object for MartRow {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let (row, name) = (cells::row(&self.batch, self.index), key.as_str()?);
        match self.batch.column_by_name(name)?.data_type() {
            DataType::Decimal128(..) => row.decimal(name).map(|it| Value::from_object(Exact(it))),
            DataType::Int32 | DataType::Int64 => row.integer(name).map(Value::from),
            DataType::Boolean => Some(Value::from(row.is(name))),
            DataType::Date32 => row.period(name).map(|it| Value::from_object(CalendarMonth(it))),
            DataType::Timestamp(..) => row.instant(name).map(|it| Value::from(it.to_rfc3339())),
            _ => row.text(name).map(Value::from),
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let names =
            self.batch.schema_ref().fields().iter().map(|it| Value::from(it.name().as_str()));
        Enumerator::Values(names.collect())
    }
}

/// The rows of a mart in their order: those of a month, where one is asked for and the mart has months.
pub(super) fn rows(batch: &Arc<RecordBatch>, month: Option<Period>) -> Vec<Value> {
    let month = month.filter(|_| batch.column_by_name("period").is_some());
    let is_wanted = |index: &usize| {
        month.is_none_or(|month| cells::row(batch, *index).period("period") == Some(month))
    };
    let row = |index| Value::from_object(MartRow { batch: batch.clone(), index });
    (0..batch.num_rows()).filter(is_wanted).map(row).collect()
}

/// The number that a value is; `None` for what is unknown, and for what is no number.
pub(super) fn number(value: &Value) -> Option<Decimal> {
    if let Some(exact) = value.downcast_object_ref::<Exact>() {
        return Some(exact.0);
    }
    if value.is_number() || value.as_str().is_some() {
        return value.to_string().parse().ok();
    }
    None
}

/// The month that a value is.
pub(super) fn month(value: &Value) -> Option<Period> {
    value.downcast_object_ref::<CalendarMonth>().map(|month| month.0)
}

/// A number as a value; unknown stays unknown.
pub(super) fn exact(number: Option<Decimal>) -> Value {
    number.map_or(Value::UNDEFINED, |number| Value::from_object(Exact(number)))
}
