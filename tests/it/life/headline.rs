//! What headline must say: the district's month in one row.

use std::collections::BTreeMap;

use super::basis::lines;
use super::compare::{Table, Want};
use super::months::{Month, label, month, year};
use super::totals::{REGION, Sums, sums};
use super::town::Town;
use super::world::World;

type Key = (Month, (&'static str, String), String);

/// The whole mart.
pub(super) fn table(town: &Town, world: &World) -> Table {
    let sums = sums(&lines(town, world));
    let mut table = Table::new("headline", &["period"]);
    let months: Vec<Month> = {
        let all = sums.keys().filter(|(_, scope, _)| scope.0 == "district");
        let mut months: Vec<Month> = all.map(|(month, _, _)| *month).collect();
        months.dedup();
        months
    };
    let mut before = Want::Null;
    for of in months {
        let nothing = Sums::default();
        let item = |month: Month, item: &str| {
            sums.get(&(month, ("district", REGION.to_owned()), item.to_owned())).unwrap_or(&nothing)
        };
        let [output, sales, exports] = ["output", "sales", "exports"].map(|name| item(of, name));
        let last_december = month(year(of) - 1, 12);
        let growth = growth(output, 1);
        let row = vec![
            ("output_month_cny", Want::yuan(output.level[0])),
            ("output_ytd_cny", Want::yuan(output.level[1])),
            ("yoy_month", self::growth(output, 0)),
            ("yoy_ytd", growth.clone()),
            ("previous_yoy_ytd", before),
            ("sales_ytd_cny", Want::yuan(sales.level[1])),
            ("sales_yoy_ytd", self::growth(sales, 1)),
            ("exports_ytd_cny", Want::yuan(exports.level[1])),
            ("exports_yoy_ytd", self::growth(exports, 1)),
            ("firms_growing", Want::count(output.growing.len())),
            ("firms_falling", Want::count(output.falling.len())),
            ("firms_compared", Want::count(output.compared.len())),
            ("firms_without_base", Want::count(output.without_base.len())),
            ("output_comparable_ytd_cny", Want::yuan(output.pair[1].map(|pair| pair.0))),
            ("output_prior_ytd_cny", Want::yuan(output.pair[1].map(|pair| pair.1))),
            ("zones_ytd_cny", zones(&sums, of)),
            ("previous_year_output_cny", Want::yuan(item(last_december, "output").level[1])),
            ("previous_year_zones_cny", zones(&sums, last_december)),
        ];
        before = growth;
        table.push(&label(of), row);
    }
    table
}

fn growth(sums: &Sums, place: usize) -> Want {
    match sums.pair[place] {
        Some((now, then)) if then > 0 => Want::ratio(now - then, then, 0),
        _ => Want::Null,
    }
}

/// Output of all development zones.
fn zones(sums: &BTreeMap<Key, Sums>, of: Month) -> Want {
    let is = |key: &&Key| key.0 == of && key.1.0 == "zone" && key.2 == "output";
    let mut levels = sums.keys().filter(is).filter_map(|key| sums[key].level[1]).peekable();
    match levels.peek() {
        None => Want::Null,
        Some(_) => Want::yuan(Some(levels.sum())),
    }
}
