//! The district's targets in a month, from `target_progress`.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;
use rust_decimal::Decimal;

use crate::domain::period::Period;
use crate::stages::publish::brief::mart::{Row, rows};
use crate::texts::Locale;

/// How a target stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    /// Reached.
    Met,
    /// Before its time.
    Ahead,
    /// In time.
    OnTrack,
    /// After its time.
    Behind,
    /// The year is over without it.
    Missed,
    /// Too few reports are in to tell.
    Incomplete,
}

/// One target in a month. Money is yuan, the rest are fractions.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// Its name.
    pub(crate) name: String,
    /// `level`, `growth`, `level_and_growth`, `ratio` or `count`.
    pub(crate) kind: String,
    /// The value to reach.
    pub(crate) level: Option<Decimal>,
    /// The value reached so far.
    pub(crate) ytd: Option<Decimal>,
    /// The part reached.
    pub(crate) attained: Option<Decimal>,
    /// 序时进度: the part of the year gone by.
    pub(crate) time: Option<Decimal>,
    /// The part of last year's value reached at the same month of it.
    pub(crate) seasonal: Option<Decimal>,
    /// What is left to reach.
    pub(crate) gap: Option<Decimal>,
    /// Average of each month left.
    pub(crate) required_month: Option<Decimal>,
    /// Growth so far.
    pub(crate) growth_so_far: Option<Decimal>,
    /// Growth to reach.
    pub(crate) wanted_growth: Option<Decimal>,
    /// Of a ratio, its value so far.
    pub(crate) ratio: Option<Decimal>,
    /// Of a ratio, its value in the baseline year.
    pub(crate) baseline_ratio: Option<Decimal>,
    /// How it stands.
    pub(crate) status: Option<Status>,
    /// Of last year's value to date, the part whose full year is known.
    pub(crate) base_coverage: Option<Decimal>,
    /// Whether last year's full year was estimated for the rest.
    pub(crate) is_estimated: bool,
    /// Of an incomplete month, how much of what is due is in, by last year's value.
    pub(crate) incomplete: Option<Decimal>,
}

impl Target {
    /// Whether it is about a ratio, such as a local supply rate, and not about an amount.
    pub(crate) fn is_ratio(&self) -> bool {
        self.kind == "ratio"
    }

    /// Of a ratio, the value to reach.
    pub(crate) fn ratio_target(&self) -> Option<Decimal> {
        Some(self.baseline_ratio? + self.wanted_growth?)
    }
}

/// The targets of a month, in the order of the mart.
pub(crate) fn read(
    marts: &BTreeMap<String, RecordBatch>,
    period: Period,
    locale: Locale,
) -> Vec<Target> {
    let of_month = |row: &Row<'_>| row.period("period") == Some(period);
    let read = |row: Row<'_>| {
        Some(Target {
            name: row.name("name", locale).or_else(|| row.text("target_id"))?,
            kind: row.text("kind").unwrap_or_default(),
            level: row.decimal("target_cny"),
            ytd: row.decimal("ytd_cny"),
            attained: row.decimal("attained_share"),
            time: row.decimal("time_progress"),
            seasonal: row.decimal("seasonal_progress"),
            gap: row.decimal("gap_cny"),
            required_month: row.decimal("required_month_cny"),
            growth_so_far: row.decimal("growth_so_far"),
            wanted_growth: row.decimal("growth_target"),
            ratio: row.decimal("ratio_ytd"),
            baseline_ratio: row.decimal("baseline_ratio"),
            status: row.text("status").and_then(|status| read_status(&status)),
            base_coverage: row.decimal("base_coverage"),
            is_estimated: row.is("is_estimated"),
            incomplete: super::incomplete(row),
        })
    };
    rows(marts, "target_progress").filter(of_month).filter_map(read).collect()
}

fn read_status(name: &str) -> Option<Status> {
    match name {
        "met" => Some(Status::Met),
        "ahead" => Some(Status::Ahead),
        "on_track" => Some(Status::OnTrack),
        "behind" => Some(Status::Behind),
        "missed" => Some(Status::Missed),
        "incomplete" => Some(Status::Incomplete),
        _ => None,
    }
}
