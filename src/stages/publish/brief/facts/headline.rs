//! The district as a whole, from `headline`; what that lacks, from the district's rows of
//! `monthly_totals`.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;
use rust_decimal::Decimal;

use super::totals::Total;
use crate::domain::period::Period;
use crate::stages::publish::brief::figures;
use crate::stages::publish::brief::mart::rows;

/// The district in a month. Money is yuan, growth and shares are fractions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Headline {
    /// Output of the month; none in February.
    pub(crate) output_month: Option<Decimal>,
    /// Output of the year to date.
    pub(crate) output_ytd: Option<Decimal>,
    /// Growth of the month's output.
    pub(crate) yoy_month: Option<Decimal>,
    /// Growth of the year's output to date.
    pub(crate) yoy_ytd: Option<Decimal>,
    /// The filed month before, in this year or the last.
    pub(crate) previous_period: Option<Period>,
    /// Growth of the year to date, as of the filed month before.
    pub(crate) previous_yoy_ytd: Option<Decimal>,
    /// Change of that growth since, percentage points.
    pub(crate) yoy_change_points: Option<Decimal>,
    /// Sales of the year to date.
    pub(crate) sales_ytd: Option<Decimal>,
    /// Growth of sales.
    pub(crate) sales_yoy_ytd: Option<Decimal>,
    /// 产销率: sales per output, year to date.
    pub(crate) sales_ratio_ytd: Option<Decimal>,
    /// Exports of the year to date.
    pub(crate) exports_ytd: Option<Decimal>,
    /// Growth of exports.
    pub(crate) exports_yoy_ytd: Option<Decimal>,
    /// Firms due.
    pub(crate) firms_due: Option<i64>,
    /// Of these, firms of which a report came, whatever became of it.
    pub(crate) firms_received: Option<i64>,
    /// Firms whose report counts.
    pub(crate) firms_reported: Option<i64>,
    /// 上报率: firms received per firms due.
    pub(crate) response_rate: Option<Decimal>,
    /// Firms with this year's and last year's figures.
    pub(crate) firms_compared: Option<i64>,
    /// Of these, firms with more than a year before.
    pub(crate) firms_growing: Option<i64>,
    /// 增长面: firms growing per firms compared.
    pub(crate) growth_breadth: Option<Decimal>,
    /// Share of the firms compared whose year to date fell.
    pub(crate) share_falling: Option<Decimal>,
    /// Firms whose output is in the level and not in its growth.
    pub(crate) firms_without_base: Option<i64>,
    /// Of an incomplete month, how much of what is due is in, by last year's value.
    pub(crate) incomplete: Option<Decimal>,
    /// The zones' output of the year to date.
    pub(crate) zones_ytd: Option<Decimal>,
    /// The zones' share of the district.
    pub(crate) zones_share: Option<Decimal>,
    /// The last full year.
    pub(crate) previous_year: Option<i32>,
    /// The zones' output in it.
    pub(crate) previous_year_zones: Option<Decimal>,
    /// The zones' share in it.
    pub(crate) previous_year_zones_share: Option<Decimal>,
    /// The higher bureau's figure for the year to date (反馈数).
    pub(crate) feedback_ytd: Option<Decimal>,
    /// Its growth.
    pub(crate) feedback_yoy_ytd: Option<Decimal>,
}

/// The headline of a month.
pub(crate) fn read(
    marts: &BTreeMap<String, RecordBatch>,
    period: Period,
    totals: &[Total],
) -> Headline {
    let headline = from_mart(marts, period).unwrap_or_default();
    completed(&headline, totals)
}

fn from_mart(marts: &BTreeMap<String, RecordBatch>, period: Period) -> Option<Headline> {
    let row = rows(marts, "headline").find(|row| row.period("period") == Some(period))?;
    let months = rows(marts, "headline").filter_map(|row| row.period("period"));
    Some(Headline {
        output_month: row.decimal("output_month_cny"),
        output_ytd: row.decimal("output_ytd_cny"),
        yoy_month: row.decimal("yoy_month"),
        yoy_ytd: row.decimal("yoy_ytd"),
        previous_period: months.filter(|month| *month < period).max(),
        previous_yoy_ytd: row.decimal("previous_yoy_ytd"),
        yoy_change_points: row.decimal("yoy_change_points"),
        sales_ytd: row.decimal("sales_ytd_cny"),
        sales_yoy_ytd: row.decimal("sales_yoy_ytd"),
        sales_ratio_ytd: row.decimal("sales_ratio_ytd"),
        exports_ytd: row.decimal("exports_ytd_cny"),
        exports_yoy_ytd: row.decimal("exports_yoy_ytd"),
        firms_due: row.integer("firms_due"),
        firms_received: row.integer("firms_received"),
        firms_reported: row.integer("firms_reported"),
        response_rate: None,
        firms_compared: row.integer("firms_compared"),
        firms_growing: row.integer("firms_growing"),
        growth_breadth: row.decimal("growth_breadth"),
        share_falling: row.decimal("share_falling"),
        firms_without_base: row.integer("firms_without_base"),
        incomplete: super::incomplete(row),
        zones_ytd: row.decimal("zones_ytd_cny"),
        zones_share: row.decimal("zones_share"),
        previous_year: row.integer("previous_year").and_then(|year| i32::try_from(year).ok()),
        previous_year_zones: row.decimal("previous_year_zones_cny"),
        previous_year_zones_share: row.decimal("previous_year_zones_share"),
        feedback_ytd: row.decimal("feedback_ytd_cny"),
        feedback_yoy_ytd: row.decimal("feedback_yoy_ytd"),
    })
}

/// Fills what the headline lacks from the district's totals: the same figures by another way.
fn completed(headline: &Headline, totals: &[Total]) -> Headline {
    let district = |item: &str| {
        totals.iter().find(|total| total.scope_kind == "district" && total.item == item)
    };
    let (output, sales) = (district("output"), district("sales"));
    let exports = district("exports");
    let firms_due = headline.firms_due.or_else(|| output?.firms_due);
    let firms_received = headline.firms_received.or_else(|| output?.firms_received);
    let firms_compared = headline.firms_compared.or_else(|| output?.firms_compared);
    let firms_growing = headline.firms_growing.or_else(|| output?.firms_growing);
    Headline {
        output_month: headline.output_month.or_else(|| output?.month),
        output_ytd: headline.output_ytd.or_else(|| output?.ytd),
        yoy_month: headline.yoy_month.or_else(|| output?.yoy_month),
        yoy_ytd: headline.yoy_ytd.or_else(|| output?.yoy_ytd),
        sales_ytd: headline.sales_ytd.or_else(|| sales?.ytd),
        sales_yoy_ytd: headline.sales_yoy_ytd.or_else(|| sales?.yoy_ytd),
        exports_ytd: headline.exports_ytd.or_else(|| exports?.ytd),
        exports_yoy_ytd: headline.exports_yoy_ytd.or_else(|| exports?.yoy_ytd),
        response_rate: firms_received
            .zip(firms_due)
            .and_then(|(some, all)| figures::ratio(some, all)),
        growth_breadth: headline
            .growth_breadth
            .or_else(|| figures::ratio(firms_growing?, firms_compared?)),
        firms_due,
        firms_received,
        firms_reported: headline.firms_reported.or_else(|| output?.firms_reported),
        firms_compared,
        firms_growing,
        ..headline.clone()
    }
}
