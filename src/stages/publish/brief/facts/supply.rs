//! Local supply (本地配套), from `supply_chain` and `supply_rates`; empty when nobody files it.

use std::collections::{BTreeMap, BTreeSet};

use arrow::record_batch::RecordBatch;
use rust_decimal::Decimal;

use crate::domain::period::Period;
use crate::stages::publish::brief::mart::{Row, rows};

/// Local supply of a month, over all suppliers and buyers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Supply {
    /// Firms that supplied another of the district this year.
    pub(crate) suppliers: usize,
    /// What they supplied in the year to date, yuan.
    pub(crate) ytd: Option<Decimal>,
    /// Its growth, a fraction.
    pub(crate) yoy_ytd: Option<Decimal>,
    /// How far each firm buys within the district.
    pub(crate) rates: Vec<Rate>,
}

/// 本地化配套率 of one buyer.
#[derive(Clone, Debug)]
pub(crate) struct Rate {
    /// The buyer's name.
    pub(crate) buyer: String,
    /// Purchases of the year to date, yuan.
    pub(crate) purchases: Option<Decimal>,
    /// Of these, purchases within the district.
    pub(crate) local_purchases: Option<Decimal>,
    /// Their share, a fraction.
    pub(crate) local_share: Option<Decimal>,
    /// Change against the year before, percentage points.
    pub(crate) change_points: Option<Decimal>,
}

/// The supply of a month.
pub(crate) fn read(marts: &BTreeMap<String, RecordBatch>, period: Period) -> Supply {
    let of_month = |row: &Row<'_>| row.period("period") == Some(period);
    let mut suppliers = BTreeSet::new();
    let (mut ytd, mut comparable, mut prior) = (None, None, None);
    let is_local = |row: &Row<'_>| !row.is("is_outside");
    for row in rows(marts, "supply_chain").filter(of_month).filter(is_local) {
        let supplied = row.decimal("supply_ytd_cny");
        if supplied.is_some_and(|yuan| !yuan.is_zero()) {
            suppliers.extend(row.text("supplier_code"));
        }
        ytd = plus(ytd, supplied);
        // what has no figure of last year is on neither side of growth
        if let Some(both) = supplied.zip(row.decimal("supply_prior_ytd_cny")) {
            comparable = plus(comparable, Some(both.0));
            prior = plus(prior, Some(both.1));
        }
    }
    let mut rates: Vec<Rate> =
        rows(marts, "supply_rates").filter(of_month).filter_map(rate).collect();
    rates.sort_by(|a, b| b.purchases.cmp(&a.purchases).then_with(|| a.buyer.cmp(&b.buyer)));
    Supply { suppliers: suppliers.len(), ytd, yoy_ytd: growth(comparable, prior), rates }
}

fn rate(row: Row<'_>) -> Option<Rate> {
    Some(Rate {
        buyer: row.text("buyer_name").or_else(|| row.text("buyer_code"))?,
        purchases: row.decimal("purchases_ytd_cny"),
        local_purchases: row.decimal("local_purchases_ytd_cny"),
        local_share: row.decimal("local_supply_rate"),
        change_points: row.decimal("change_points"),
    })
}

/// A sum that is unknown only when all its parts are.
fn plus(sum: Option<Decimal>, part: Option<Decimal>) -> Option<Decimal> {
    match (sum, part) {
        (Some(sum), Some(part)) => Some(sum + part),
        (known, None) | (None, known) => known,
    }
}

/// Growth `X/X′ − 1`; none from a base that is not positive.
fn growth(comparable: Option<Decimal>, prior: Option<Decimal>) -> Option<Decimal> {
    let prior = prior.filter(Decimal::is_sign_positive)?;
    comparable?.checked_div(prior).map(|quotient| quotient - Decimal::ONE)
}
