//! What `firm_months`, `supply_chain` and `supply_rates` must say.

use std::collections::{BTreeMap, BTreeSet};

use super::basis::{Line, lines};
use super::compare::{Table, Want};
use super::months::{Month, label};
use super::paper::Four;
use super::status;
use super::town::{FormNo, Town};
use super::world::World;

const NAMES: [[&str; 4]; 3] = [
    ["output_month_cny", "output_ytd_cny", "output_prior_month_cny", "output_prior_ytd_cny"],
    ["sales_month_cny", "sales_ytd_cny", "sales_prior_month_cny", "sales_prior_ytd_cny"],
    ["exports_month_cny", "exports_ytd_cny", "exports_prior_month_cny", "exports_prior_ytd_cny"],
];
const SUPPLY: [&str; 4] =
    ["supply_month_cny", "supply_ytd_cny", "supply_prior_month_cny", "supply_prior_ytd_cny"];

const OUTSIDE: [&str; 4] = [
    "outside_supply_month_cny",
    "outside_supply_ytd_cny",
    "outside_supply_prior_month_cny",
    "outside_supply_prior_ytd_cny",
];

/// `firm_months`.
pub(super) fn months(town: &Town, world: &World) -> Table {
    let mut table = Table::new("firm_months", &["period", "credit_code"]);
    let lines = lines(town, world);
    let of = |form: FormNo, code: &str, month: Month| -> Vec<&Line<'_>> {
        let is = |line: &&Line<'_>| {
            line.is_reported && (line.form, line.code, line.month) == (form, code, month)
        };
        lines.iter().filter(is).collect()
    };
    let lake_from = world.first_month().unwrap_or_default();
    for (month, code) in firms(town, world) {
        let stay = town.stay(code, month).unwrap();
        let history = world.families.get(&(FormNo::B204, code.to_owned(), month));
        let main = of(FormNo::B204, code, month);
        let mut row = vec![
            status::outcome(history).into_iter().find(|(name, _)| *name == "state").unwrap(),
            ("is_reported", Want::Flag(!main.is_empty())),
            ("firm_name", Want::text(&stay.name)),
            ("zone", Want::key(stay.zone)),
            ("chain", Want::key(stay.chain)),
            ("industry_code", Want::text(stay.industry)),
            ("size_class", Want::count(usize::try_from(stay.size).unwrap())),
            ("is_leading", Want::Flag(stay.is_leading)),
            ("base_rule", Want::text(if stay.keeps_base { "keep" } else { "drop" })),
            ("is_new", Want::Flag(town.is_new(code, month, lake_from))),
        ];
        for (item, names) in FormNo::B204.items().iter().zip(NAMES) {
            row.extend(cells(names, main.iter().filter(|line| line.item == *item)));
        }
        let is_left = stay.to == Some(month) && town.stay(code, month + 1).is_none();
        row.push(("has_left", Want::Flag(is_left)));
        let supply = of(FormNo::Ly01, code, month);
        let (inside, outside): (Vec<_>, Vec<_>) =
            supply.iter().partition(|line| town.is_inside(&line.item[7..], month));
        row.extend(cells(SUPPLY, inside.into_iter()));
        row.extend(cells(OUTSIDE, outside.into_iter()));
        let output = main.iter().find(|line| line.item == "output").and_then(|line| line.pair(1));
        if let Some((now, then)) = output.filter(|(_, then)| *then > 0) {
            row.push(("yoy_ytd", Want::ratio(now - then, then, 0)));
        }
        table.push(&format!("{} {code}", label(month)), row);
    }
    table
}

/// Every firm and month that owes the form, whether or not it reported.
fn firms<'a>(town: &'a Town, world: &World) -> BTreeSet<(Month, &'a str)> {
    let last = world.families.keys().map(|(_, _, month)| *month).max();
    let months = last.map(|last| town.first..=last).into_iter().flatten();
    let all = months.flat_map(|month| town.firms.keys().map(move |code| (month, code.as_str())));
    let is_owed = |(month, code): &(Month, &str)| {
        let family = (FormNo::B204, (*code).to_owned(), *month);
        status::is_owed(town, &family, world.families.get(&family))
    };
    all.filter(is_owed).collect()
}

fn cells<'a>(
    names: [&'static str; 4],
    lines: impl Iterator<Item = &'a &'a Line<'a>>,
) -> Vec<(&'static str, Want)> {
    let mut sum: Four = [None; 4];
    for line in lines {
        for (known, cell) in sum.iter_mut().zip(line.cells) {
            if let Some(yuan) = cell {
                *known.get_or_insert(0) += yuan;
            }
        }
    }
    names.into_iter().zip(sum.map(Want::yuan)).collect()
}

/// `supply_chain`: one row a supplier, buyer and month.
pub(super) fn supply_chain(town: &Town, world: &World) -> Table {
    let mut table = Table::new("supply_chain", &["period", "supplier_code", "buyer_code"]);
    for line in lines(town, world) {
        let Some(buyer) = line.item.strip_prefix("supply:") else { continue };
        if !line.is_reported {
            continue;
        }
        let mut row: Vec<(&str, Want)> =
            SUPPLY.into_iter().zip(line.cells.map(Want::yuan)).collect();
        // Its name in that month, the last one when it is off the roster.
        row.push(("is_outside", Want::Flag(!town.is_inside(buyer, line.month))));
        let stays = town.firms.get(buyer).into_iter().flatten();
        let stay = stays.rev().find(|stay| stay.from <= line.month);
        row.push(("supplier_name", Want::text(&line.stay.name)));
        row.push(("buyer_name", stay.map_or(Want::Null, |stay| Want::text(&stay.name))));
        table.push(&format!("{} {} {buyer}", label(line.month), line.code), row);
    }
    table
}

/// `supply_rates`: one row a buyer and month.
pub(super) fn supply_rates(town: &Town, world: &World) -> Table {
    let mut table = Table::new("supply_rates", &["period", "buyer_code"]);
    let mut buyers: BTreeMap<(Month, &str), [Four; 2]> = BTreeMap::new();
    let lines = lines(town, world);
    for line in lines.iter().filter(|line| line.is_reported && line.form == FormNo::Ly02) {
        let four = buyers.entry((line.month, line.code)).or_default();
        four[usize::from(line.item != "purchases")] = line.cells;
    }
    for ((month, code), [all, local]) in buyers {
        let rate = |place: usize| match (local[place], all[place]) {
            (Some(local), Some(all)) if all > 0 => Want::ratio(local, all, 0),
            _ => Want::Null,
        };
        table.push(
            &format!("{} {code}", label(month)),
            vec![
                ("purchases_ytd_cny", Want::yuan(all[1])),
                ("purchases_prior_ytd_cny", Want::yuan(all[3])),
                ("local_purchases_ytd_cny", Want::yuan(local[1])),
                ("local_purchases_prior_ytd_cny", Want::yuan(local[3])),
                ("local_supply_rate", rate(1)),
                ("prior_local_supply_rate", rate(3)),
            ],
        );
    }
    table
}
