//! Totals by scope, from `monthly_totals`, with the names of scopes in the reader's language.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;
use rust_decimal::Decimal;

use crate::domain::period::Period;
use crate::stages::publish::brief::mart::{Row, rows};
use crate::texts::{self, Locale};

/// One scope's total of one item.
#[derive(Clone, Debug)]
pub(crate) struct Total {
    /// `district`, `zone`, `chain`, `industry`, `size` or `leading`.
    pub(crate) scope_kind: String,
    /// The key within the kind.
    pub(crate) scope_id: String,
    /// The scope's name.
    pub(crate) name: String,
    /// `output`, `sales` or `exports`.
    pub(crate) item: String,
    /// The month, yuan; none in February.
    pub(crate) month: Option<Decimal>,
    /// The year to date, yuan.
    pub(crate) ytd: Option<Decimal>,
    /// Growth of the month, a fraction.
    pub(crate) yoy_month: Option<Decimal>,
    /// Growth of the year to date, a fraction.
    pub(crate) yoy_ytd: Option<Decimal>,
    /// What it adds to the district's growth, percentage points.
    pub(crate) points: Option<Decimal>,
    /// Its part of the district's year to date, a fraction.
    pub(crate) share: Option<Decimal>,
    /// Firms due.
    pub(crate) firms_due: Option<i64>,
    /// Of these, firms of which a report came, whatever became of it.
    pub(crate) firms_received: Option<i64>,
    /// Firms whose report counts.
    pub(crate) firms_reported: Option<i64>,
    /// Of these, firms with this year's and last year's figures.
    pub(crate) firms_compared: Option<i64>,
    /// Of these, firms with more than a year before.
    pub(crate) firms_growing: Option<i64>,
}

/// Names of zones and chains by key.
pub(crate) struct Names {
    locale: Locale,
    zones: BTreeMap<String, String>,
    chains: BTreeMap<String, String>,
}

impl Names {
    /// Reads the names from the dimensions.
    pub(crate) fn read(marts: &BTreeMap<String, RecordBatch>, locale: Locale) -> Self {
        let read = |mart: &str, key: &str| {
            let name = |row: Row<'_>| Some((row.text(key)?, row.name("name", locale)?));
            rows(marts, mart).filter_map(name).collect()
        };
        Self { locale, zones: read("dim_zone", "zone"), chains: read("dim_chain", "chain") }
    }

    /// The name of a chain; its key when it has none.
    pub(crate) fn chain(&self, chain: &str) -> String {
        self.chains.get(chain).cloned().unwrap_or_else(|| chain.to_owned())
    }

    fn scope(&self, kind: &str, id: &str, written: Option<String>) -> String {
        let named = match kind {
            "zone" => self.zones.get(id).cloned(),
            "chain" => self.chains.get(id).cloned(),
            "size" => self.catalogued(&format!("brief.size.{id}")),
            "industry" => self.catalogued(&format!("brief.division.{id}")),
            _ => None,
        };
        named.or(written).unwrap_or_else(|| id.to_owned())
    }

    /// A name the catalogue may have: codes in data are not always codes of the standard.
    fn catalogued(&self, key: &str) -> Option<String> {
        let known = texts::keys().find(|known| *known == key)?;
        Some(texts::text(known).get(self.locale).to_owned())
    }
}

/// Every total of a month.
pub(crate) fn read(
    marts: &BTreeMap<String, RecordBatch>,
    names: &Names,
    period: Period,
) -> Vec<Total> {
    let of_month = |row: &Row<'_>| row.period("period") == Some(period);
    let read = |row: Row<'_>| total(row, names);
    rows(marts, "monthly_totals").filter(of_month).filter_map(read).collect()
}

/// The district's output of every month up to `last`, oldest first.
pub(crate) fn history(
    marts: &BTreeMap<String, RecordBatch>,
    names: &Names,
    last: Period,
) -> Vec<(Period, Total)> {
    let read = |row: Row<'_>| {
        let period = row.period("period").filter(|period| *period <= last)?;
        let total = total(row, names)?;
        (total.scope_kind == "district" && total.item == "output").then_some((period, total))
    };
    let mut months: Vec<_> = rows(marts, "monthly_totals").filter_map(read).collect();
    months.sort_by_key(|(period, _)| *period);
    months
}

/// How many zones reported output in the December before the year of `period`.
pub(crate) fn zones_in_december_before(
    marts: &BTreeMap<String, RecordBatch>,
    period: Period,
) -> usize {
    let december = Period::new(period.year() - 1, 12);
    let is_zone = |row: &Row<'_>| {
        row.period("period") == december
            && row.text("scope_kind").as_deref() == Some("zone")
            && row.text("item").as_deref() == Some("output")
    };
    rows(marts, "monthly_totals").filter(is_zone).count()
}

fn total(row: Row<'_>, names: &Names) -> Option<Total> {
    let scope_kind = row.text("scope_kind")?;
    let scope_id = row.text("scope_id")?;
    let written = row.name("scope_name", names.locale);
    Some(Total {
        name: names.scope(&scope_kind, &scope_id, written),
        scope_kind,
        scope_id,
        item: row.text("item")?,
        month: row.decimal("month_cny"),
        ytd: row.decimal("ytd_cny"),
        yoy_month: row.decimal("yoy_month"),
        yoy_ytd: row.decimal("yoy_ytd"),
        points: row.decimal("contribution_points"),
        share: row.decimal("share_of_district"),
        firms_due: row.integer("firms_due"),
        firms_received: row.integer("firms_received"),
        firms_reported: row.integer("firms_reported"),
        firms_compared: row.integer("firms_compared"),
        firms_growing: row.integer("firms_growing"),
    })
}
