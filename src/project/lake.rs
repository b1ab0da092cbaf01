//! The tables of the lake: names, columns, types. The one place that knows their shape.
//!
//! In: nothing. Out: Arrow schemas, whose order of columns is that of the Parquet files. Nothing
//! can go wrong. Widening a column or adding a nullable one at the end keeps older files readable;
//! anything else does not.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

use super::settings::Thresholds;

/// A table that marts read beside lake and seeds: made from both when they are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Given {
    /// One row: region code, names, and the newest deadline that has passed.
    District,
    /// One row: what totals and targets are held against.
    Thresholds,
    /// One row a form and month of the year: whether it is filed, and whether it covers those before.
    FormMonths,
    /// One row a form, month and firm that owes the report.
    Owed,
    /// One row a firm and filer whose reports belong to the firm's history, itself included.
    Lineage,
}

impl Given {
    /// Every one.
    pub const ALL: [Self; 5] =
        [Self::District, Self::Thresholds, Self::FormMonths, Self::Owed, Self::Lineage];

    /// The name in SQL.
    pub fn name(self) -> &'static str {
        match self {
            Self::District => "district",
            Self::Thresholds => "thresholds",
            Self::FormMonths => "form_months",
            Self::Owed => "owed",
            Self::Lineage => "lineage",
        }
    }

    /// Its columns.
    pub fn schema(self) -> SchemaRef {
        let columns = match self {
            Self::District => vec![
                required("region_code", DataType::Utf8),
                required("name_zh", DataType::Utf8),
                required("name_en", DataType::Utf8),
                // The first month anybody is expected to report here; null: there is none.
                optional("since", DataType::Date32),
                // Null: none has passed.
                optional("last_deadline", instant()),
            ],
            Self::Thresholds => {
                let share = |(name, _): &(&str, _)| required(name, DataType::Decimal128(18, 6));
                Thresholds::NAMES.iter().map(share).collect()
            }
            Self::FormMonths => vec![
                required("form", DataType::Utf8),
                required("month", DataType::Int32),
                required("is_exempt", DataType::Boolean),
                required("is_cumulative", DataType::Boolean),
            ],
            Self::Owed => vec![
                required("form", DataType::Utf8),
                required("period", DataType::Date32),
                required("credit_code", DataType::Utf8),
                // Null: the calendar has none, or the month lies before `since`.
                optional("deadline", instant()),
            ],
            Self::Lineage => vec![
                required("credit_code", DataType::Utf8),
                required("filer", DataType::Utf8),
                // The filer's reports of months before this one belong to the firm; null: all.
                optional("until", DataType::Date32),
                // From this month on they do, before it they are the filer's own; null: always.
                optional("since", DataType::Date32),
            ],
        };
        Arc::new(Schema::new(columns))
    }
}

/// One table of the lake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// One row a report found in a workbook, whatever became of it.
    Submissions,
    /// One row a figure of an accepted report, every revision kept.
    Observations,
    /// One row a finding.
    Findings,
}

impl Table {
    /// Every table, in the order of the flow.
    pub const ALL: [Self; 3] = [Self::Submissions, Self::Observations, Self::Findings];

    /// The folder below `output/lake` and the name in SQL.
    pub fn name(self) -> &'static str {
        match self {
            Self::Submissions => "submissions",
            Self::Observations => "observations",
            Self::Findings => "findings",
        }
    }

    /// Its columns.
    pub fn schema(self) -> SchemaRef {
        let columns = match self {
            Self::Submissions => submissions(),
            Self::Observations => observations(),
            Self::Findings => findings(),
        };
        Arc::new(Schema::new(columns))
    }
}

/// The type of `observations.value`: money in yuan and quantities in one column.
///
/// 18 digits before the point, which is what `domain::unit` lets pass, and the six decimals of
/// quantities. Money uses two of them, so that a cast to Decimal128(20,2) loses nothing.
pub const VALUE: DataType = DataType::Decimal128(VALUE_DIGITS, VALUE_SCALE);

/// Digits of `observations.value`.
pub const VALUE_DIGITS: u8 = 24;

/// Decimals of `observations.value`.
pub const VALUE_SCALE: i8 = 6;

/// The type of instants: microseconds, UTC.
pub fn instant() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

fn required(name: &str, data_type: DataType) -> Field {
    Field::new(name, data_type, false)
}

fn optional(name: &str, data_type: DataType) -> Field {
    Field::new(name, data_type, true)
}

fn submissions() -> Vec<Field> {
    vec![
        required("submission_id", DataType::Utf8),
        required("sha256", DataType::Utf8),
        required("file_name", DataType::Utf8),
        optional("form", DataType::Utf8),
        optional("edition", DataType::Utf8),
        optional("credit_code", DataType::Utf8),
        optional("firm_name", DataType::Utf8),
        optional("period", DataType::Date32),
        required("received_at", instant()),
        required("revision", DataType::Int32),
        optional("layout", DataType::Utf8),
        required("state", DataType::Utf8),
        required("errors", DataType::Int32),
        required("queries", DataType::Int32),
        optional("explanation", DataType::Utf8),
        optional("reported_on", DataType::Date32),
        // The revision that counts for its form, firm and month: the newest accepted one.
        required("is_current", DataType::Boolean),
        // Whether it counted when it came, until another one did: reports received meanwhile were
        // held against it.
        required("has_counted", DataType::Boolean),
    ]
}

fn observations() -> Vec<Field> {
    vec![
        required("period", DataType::Date32),
        required("form", DataType::Utf8),
        required("credit_code", DataType::Utf8),
        required("item", DataType::Utf8),
        required("measure", DataType::Utf8),
        required("value", VALUE),
        required("unit", DataType::Utf8),
        required("submission_id", DataType::Utf8),
        required("sheet", DataType::Utf8),
        required("cell", DataType::Utf8),
        required("received_at", instant()),
    ]
}

fn findings() -> Vec<Field> {
    vec![
        required("submission_id", DataType::Utf8),
        required("code", DataType::Utf8),
        required("severity", DataType::Utf8),
        optional("form", DataType::Utf8),
        optional("credit_code", DataType::Utf8),
        optional("period", DataType::Date32),
        optional("item", DataType::Utf8),
        optional("measure", DataType::Utf8),
        optional("sheet", DataType::Utf8),
        optional("cell", DataType::Utf8),
        optional("value", DataType::Utf8),
        optional("expected", DataType::Utf8),
        required("message_zh", DataType::Utf8),
        required("message_en", DataType::Utf8),
        required("hint", DataType::Utf8),
        required("hint_en", DataType::Utf8),
    ]
}
