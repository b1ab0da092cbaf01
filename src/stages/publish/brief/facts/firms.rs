//! The firms of a month, from `firm_months`: who adds to the district's growth and who takes.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;
use rust_decimal::Decimal;

use super::totals::Names;
use crate::domain::period::Period;
use crate::stages::publish::brief::mart::{Row, rows};

/// One firm in a month.
#[derive(Clone, Debug)]
pub(crate) struct FirmMonth {
    /// Its credit code.
    pub(crate) credit_code: String,
    /// Its name.
    pub(crate) name: String,
    /// Its chain's name, if it belongs to one.
    pub(crate) chain: Option<String>,
    /// Output of the year to date, yuan.
    pub(crate) ytd: Option<Decimal>,
    /// Growth, a fraction; none from zero.
    pub(crate) yoy_ytd: Option<Decimal>,
    /// What it adds to the district's growth, percentage points.
    pub(crate) points: Option<Decimal>,
}

/// The firms of a month.
pub(crate) fn read(
    marts: &BTreeMap<String, RecordBatch>,
    names: &Names,
    period: Period,
) -> Vec<FirmMonth> {
    let of_month = |row: &Row<'_>| row.period("period") == Some(period);
    let read = |row: Row<'_>| {
        let credit_code = row.text("credit_code")?;
        Some(FirmMonth {
            name: row.text("firm_name").unwrap_or_else(|| credit_code.clone()),
            credit_code,
            chain: row.text("chain").map(|chain| names.chain(&chain)),
            ytd: row.decimal("output_ytd_cny"),
            yoy_ytd: row.decimal("yoy_ytd"),
            points: row.decimal("contribution_points"),
        })
    };
    rows(marts, "firm_months").filter(of_month).filter_map(read).collect()
}
