//! The tables of the lake: names, columns, types. The one place that knows their shape.
//!
//! In: nothing. Out: Arrow schemas, whose order of columns is that of the Parquet files. Nothing
//! can go wrong. Widening a column or adding a nullable one at the end keeps older files readable;
//! anything else does not.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::seeds::schema::{CellKind, SeedColumn, columns};
use super::settings::Thresholds;
use crate::domain::words::words;

words! {
    /// A table that marts read beside lake and seeds: made from both when they are built.
    Given {
        /// One row: region code, names, and the newest deadline that has passed.
        District = "district",
        /// One row: what totals and targets are held against.
        Thresholds = "thresholds",
        /// One row a form and month of the year: whether it is filed, and whether it covers those before.
        FormMonths = "form_months",
        /// One row a form: what people call it.
        Forms = "forms",
        /// One row a column of a published mart, as its header has it.
        MartColumns = "mart_columns",
        /// One row a form, month and firm that owes the report.
        Owed = "owed",
        /// One row a firm and filer whose reports belong to the firm's history, itself included.
        Lineage = "lineage",
    }
}

impl Given {
    /// Its columns.
    pub fn schema(self) -> SchemaRef {
        let columns = match self {
            Self::District => fields(columns![
                region_code Text, name_zh Text, name_en Text,
                // Who files the ledgers; null: nobody.
                bureau_code Text null, bureau_zh Text,
                // The first month anybody is expected to report here; null: there is none.
                since Date null,
                // Null: none has passed.
                last_deadline Instant null,
            ]),
            Self::Thresholds => {
                let share = |(name, _): &(&str, _)| {
                    Field::new(*name, CellKind::Fraction.data_type(), false)
                };
                Thresholds::NAMES.iter().map(share).collect()
            }
            Self::FormMonths => fields(columns![
                form Text, month Integer, is_exempt Boolean, is_cumulative Boolean,
            ]),
            Self::Forms => fields(columns![form Text, name_zh Text, name_en Text]),
            Self::MartColumns => fields(columns![
                mart Text, purpose Text, inputs Text, rules Text, position Integer,
                column_name Text, unit Text, description_en Text, name_zh Text, is_key Boolean,
                is_required Boolean, purpose_zh Text, rules_zh Text, sources Text,
                sort_position Integer null,
            ]),
            Self::Owed => fields(columns![
                form Text, period Date, credit_code Text,
                // Null: the calendar has none, or the month lies before `since`.
                deadline Instant null,
            ]),
            Self::Lineage => fields(columns![
                credit_code Text, filer Text,
                // The filer's reports of months before this one belong to the firm; null: all.
                until Date null,
                // From this month on they do, before it they are the filer's own; null: always.
                since Date null,
            ]),
        };
        Arc::new(Schema::new(columns))
    }
}

words! {
    /// One table of the lake; its word is the folder below `output/lake` and the name in SQL.
    Table {
        /// One row a report found in a workbook, whatever became of it.
        Submissions = "submissions",
        /// One row a figure of an accepted report, every revision kept.
        Observations = "observations",
        /// One row a cell of a ledger, every revision kept.
        Records = "records",
        /// One row a finding.
        Findings = "findings",
    }
}

impl Table {
    /// Its columns.
    pub fn schema(self) -> SchemaRef {
        let columns = match self {
            Self::Submissions => submissions(),
            Self::Observations => observations(),
            Self::Records => records(),
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

fn fields(columns: &[SeedColumn]) -> Vec<Field> {
    columns.iter().map(SeedColumn::field).collect()
}

fn submissions() -> Vec<Field> {
    fields(columns![
        submission_id Text, sha256 Text, file_name Text, form Text null, edition Text null,
        credit_code Text null, firm_name Text null, period Date null, received_at Instant,
        revision Integer, layout Text null, state Text, errors Integer, queries Integer,
        explanation Text null, reported_on Date null,
        // The revision that counts for its form, firm and month: the newest accepted one.
        is_current Boolean,
        // Whether it counted when it came, until another one did: reports received meanwhile were
        // held against it.
        has_counted Boolean,
    ])
}

fn observations() -> Vec<Field> {
    let mut all = fields(columns![
        period Date, form Text, credit_code Text, item Text, measure Text,
    ]);
    all.push(Field::new("value", VALUE, false));
    all.extend(fields(columns![
        unit Text, submission_id Text, sheet Text, cell Text, received_at Instant,
    ]));
    all
}

fn records() -> Vec<Field> {
    fields(columns![
        period Date, form Text, credit_code Text,
        // What the row is known by, and where it stands in its sheet, counted from 1.
        record_key Text, row_number Integer,
        // A column of the form; one that was left blank has no row here. One of the three that follow
        // bears what stands there.
        column_name Text, value_text Text null, value_date Date null, value_cny Money null,
        submission_id Text, sheet Text, cell Text, received_at Instant,
    ])
}

fn findings() -> Vec<Field> {
    fields(columns![
        submission_id Text, code Text, severity Text, form Text null, credit_code Text null,
        period Date null, item Text null, measure Text null, sheet Text null, cell Text null,
        value Text null, expected Text null, message_zh Text, message_en Text, hint Text,
        hint_en Text,
    ])
}
