//! What headline must say: the district's month in one row.

use std::collections::BTreeMap;

use super::basis::{Line, lines};
use super::compare::{Table, Want};
use super::months::{Month, label, month, year};
use super::totals::{REGION, Sums, response_of_all, sums};
use super::town::{FormNo, Town};
use super::world::World;

type Key = (Month, (&'static str, String), String);

/// The whole mart.
pub(super) fn table(town: &Town, world: &World) -> Table {
    let lines = lines(town, world);
    let sums = sums(&lines);
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
        let response = response_of_all(town, world, of);
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
            ("firms_due", Want::count(response.due)),
            ("firms_received", Want::count(response.received)),
            ("firms_reported", Want::count(response.reported)),
            ("response_rate", part(response.received, response.due)),
            ("accepted_rate", part(response.reported, response.due)),
            ("growth_breadth", part(output.growing.len(), output.compared.len())),
            ("sales_ratio_ytd", sales_ratio(&lines, of)),
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

fn part(of: usize, by: usize) -> Want {
    let [of, by] = [of, by].map(|count| i64::try_from(count).unwrap());
    if by == 0 { Want::Null } else { Want::ratio(of, by, 0) }
}

/// Sales over output, year to date, of the firms that have both.
fn sales_ratio(lines: &[Line<'_>], of: Month) -> Want {
    let mut firms: BTreeMap<&str, [Option<i64>; 2]> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.form == FormNo::B204 && line.month == of) {
        if let Some(place) = ["sales", "output"].iter().position(|item| *item == line.item) {
            firms.entry(line.code).or_default()[place] = line.cells[1];
        }
    }
    let both = firms.into_values().filter_map(|[sales, output]| sales.zip(output));
    let (sales, output) =
        both.fold((0, 0), |(sales, output), (more, made)| (sales + more, output + made));
    if output > 0 { Want::ratio(sales, output, 0) } else { Want::Null }
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
