//! What must become of a paper: refused, queried or accepted, by the specification and nothing else.
//!
//! Queries that depend on history are not modelled one by one: a paper that is surely clean is filed
//! without an explanation, any other with one, so that it counts either way.

use std::collections::BTreeMap;

use super::months::{Month, number, open_at};
use super::paper::{Four, Paper, Rows};
use super::town::{FormNo, LinkKind, Town};
use super::world::World;

/// What became of a paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Accepted,
    Queried,
    Refused,
    /// Without an explanation nobody can say whether there is a query.
    Unsure,
}

/// Beyond this no figure of a firm lies, in yuan.
const BOUND: i64 = 10_000_000_000_000;

/// Judges a paper received at an instant against what had counted by then.
pub(super) fn judge(town: &Town, world: &World, paper: &Paper, at: i64) -> Verdict {
    if is_wrong(town, world, paper, at) {
        return Verdict::Refused;
    }
    if !paper.is_known_edition {
        return Verdict::Queried;
    }
    if paper.is_explained {
        return Verdict::Accepted;
    }
    if is_out_of_proportion(paper) {
        return Verdict::Queried;
    }
    if is_clean(town, world, paper, at) { Verdict::Accepted } else { Verdict::Unsure }
}

fn is_wrong(town: &Town, world: &World, paper: &Paper, at: i64) -> bool {
    let form = paper.draft.form;
    let is_slip =
        paper.named.is_some_and(|named| named != paper.month) && open_at(at) != paper.month;
    !town.is_asked(&paper.code, form, paper.month)
        || open_at(at) < paper.month
        || is_slip
        || bears_other_name(town, paper)
        || paper.rows.values().flatten().flatten().any(|yuan| *yuan > BOUND)
        || is_incomplete(town, paper)
        || is_inconsistent(paper)
        || supplies_itself(town, paper)
        || changes_base(town, world, paper, at)
        || moves_base(town, world, paper, at)
}

/// Under its own code or one it had before.
fn supplies_itself(town: &Town, paper: &Paper) -> bool {
    buyers(&paper.rows).any(|code| {
        code == paper.code
            || town.goes_on_as(code, paper.month, &[LinkKind::CodeChange]) == paper.code
    })
}

fn buyers(rows: &Rows) -> impl Iterator<Item = &str> {
    rows.keys().filter_map(|item| item.strip_prefix("supply:"))
}

fn bears_other_name(town: &Town, paper: &Paper) -> bool {
    let mut own = vec![paper.code.clone()];
    for month in town.first - 1..=town.last {
        own.extend(town.filers(&paper.code, month, Month::MAX));
    }
    let is_borne = |code: &str| town.firms[code].iter().any(|stay| stay.name == paper.name);
    !own.iter().any(|code| is_borne(code)) && town.firms.keys().any(|code| is_borne(code))
}

fn bears_base(town: &Town, paper: &Paper) -> bool {
    town.bears_base(paper.draft.form, paper.draft.is_export)
}

/// H3: 01 and 03 in all four columns, 04 in all or none; in February the months may stay empty.
fn is_incomplete(town: &Town, paper: &Paper) -> bool {
    let asked: &[usize] = match (number(paper.month) == 2, bears_base(town, paper)) {
        (false, true) => &[0, 1, 2, 3],
        (true, true) => &[1, 3],
        (false, false) => &[0, 1],
        (true, false) => &[1],
    };
    let lacks = |item: &str, places: &[usize]| {
        paper.rows.get(item).is_none_or(|row| places.iter().any(|place| row[*place].is_none()))
    };
    match paper.draft.form {
        FormNo::B204 => {
            let exports = paper.rows.get("exports");
            let is_partly = exports.is_some_and(|row| row.iter().any(Option::is_some))
                && lacks("exports", asked);
            lacks("output", asked) || lacks("sales", asked) || is_partly
        }
        FormNo::Ly01 => {
            asked.iter().any(|place| paper.rows.values().all(|row| row[*place].is_none()))
        }
        FormNo::Ly02 => lacks("purchases", asked) || lacks("local_purchases", asked),
    }
}

/// H4 and H5: no part larger than its whole, no sum that is none.
fn is_inconsistent(paper: &Paper) -> bool {
    let (whole, part) = match paper.draft.form {
        FormNo::B204 => ("sales", "exports"),
        FormNo::Ly01 => return false,
        FormNo::Ly02 => ("purchases", "local_purchases"),
    };
    let cell = |item: &str, place: usize| paper.rows.get(item).and_then(|row| row[place]);
    let is_larger = |place: usize| {
        cell(part, place).zip(cell(whole, place)).is_some_and(|(part, whole)| whole < part)
    };
    let differs = |place: usize| {
        let industries = paper.rows.iter().filter(|(item, _)| item.starts_with("industry:"));
        let sum: i64 = industries.filter_map(|(_, row)| row[place]).sum();
        cell("output", place).is_some_and(|output| 500 <= (output - sum).abs())
    };
    (0..4).any(is_larger) || paper.draft.form == FormNo::B204 && (0..4).any(differs)
}

/// H7: last year's columns are those that counted.
fn changes_base(town: &Town, world: &World, paper: &Paper, at: i64) -> bool {
    let Some(known) = world.last_year(town, paper.draft.form, (&paper.code, paper.month), at)
    else {
        return false;
    };
    if !bears_base(town, paper) {
        return false;
    }
    let (is, was) = (summed(paper.draft.form, &paper.rows), summed(paper.draft.form, &known));
    let places: &[usize] = if number(paper.month) == 2 { &[1] } else { &[0, 1] };
    was.iter().any(|(item, was)| {
        let is = is.get(item).copied().unwrap_or_default();
        places.iter().any(|place| {
            let Some(accepted) = was[*place] else { return false };
            500 <= (is[place + 2].unwrap_or(0) - accepted).abs()
        })
    })
}

/// H7 row by row: a base that stands in other rows than last year, whoever goes on with a buyer by now;
/// buyers outside are one. An export has one row for many.
fn moves_base(town: &Town, world: &World, paper: &Paper, at: i64) -> bool {
    let of = (paper.code.as_str(), paper.month);
    let known = world.last_year(town, paper.draft.form, of, at);
    let is_export = paper.draft.is_export || world.was_exported(town, paper.draft.form, of, at);
    let Some(known) = known.filter(|_| !is_export && bears_base(town, paper)) else { return false };
    let places: &[usize] = if number(paper.month) == 2 { &[1] } else { &[0, 1] };
    places.iter().any(|place| {
        let was = by_row(town, paper.month, &known, *place);
        let is = by_row(town, paper.month, &paper.rows, place + 2);
        let cell =
            |rows: &BTreeMap<String, i64>, row: &String| rows.get(row).copied().unwrap_or_default();
        let differs = |row: &String| 500 <= (cell(&was, row) - cell(&is, row)).abs();
        !was.is_empty() && !is.is_empty() && was.keys().chain(is.keys()).any(differs)
    })
}

/// A column of the open rows.
fn by_row(town: &Town, month: Month, rows: &Rows, place: usize) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for (item, row) in rows.iter().filter(|(item, _)| item.contains(':')) {
        let Some(yuan) = row[place] else { continue };
        let row = item.strip_prefix("supply:").map(|code| buyer(town, month, code));
        *sums.entry(row.unwrap_or_else(|| item.clone())).or_default() += yuan;
    }
    sums
}

/// Who is meant by a buyer in a month: whoever goes on with it, or what it was split from.
fn buyer(town: &Town, month: Month, code: &str) -> String {
    let kinds = [LinkKind::CodeChange, LinkKind::Merger];
    let meant = town.goes_on_as(code, month, &kinds);
    let split = town.links.iter().find(|link| {
        let is_in_force = (link.month..link.month + 12).contains(&month);
        link.code == meant && link.kind == LinkKind::Split && is_in_force
    });
    let meant = split.and_then(|link| link.predecessor.clone()).unwrap_or(meant);
    if town.stay(&meant, month).is_some() { meant } else { "outside".to_owned() }
}

/// The items that a form is compared by: LY-01 by its sum.
fn summed(form: FormNo, rows: &Rows) -> Rows {
    if form != FormNo::Ly01 {
        return rows
            .iter()
            .filter(|(item, _)| form.items().contains(&item.as_str()))
            .map(own)
            .collect();
    }
    let add = |sum: Four, row: &Four| {
        let one = |place: usize| match (sum[place], row[place]) {
            (None, None) => None,
            (one, other) => Some(one.unwrap_or(0) + other.unwrap_or(0)),
        };
        [one(0), one(1), one(2), one(3)]
    };
    Rows::from([("supply".to_owned(), rows.values().fold([None; 4], add))])
}

fn own((item, row): (&String, &Four)) -> (String, Four) {
    (item.clone(), *row)
}

/// Q3, far outside its band.
fn is_out_of_proportion(paper: &Paper) -> bool {
    let (Some(output), Some(sales)) = (paper.rows.get("output"), paper.rows.get("sales")) else {
        return false;
    };
    let exceeds = |place: usize| {
        output[place].zip(sales[place]).is_some_and(|(output, sales)| output * 14 < sales * 10)
    };
    exceeds(1)
}

/// Whether no query can be raised, with some room to each bound.
fn is_clean(town: &Town, world: &World, paper: &Paper, at: i64) -> bool {
    let form = paper.draft.form;
    let rows = summed(form, &paper.rows);
    let history: Vec<Option<Rows>> = (1..=12)
        .map(|back| world.history(town, form, (&paper.code, paper.month, back), at))
        .collect();
    if history.iter().flatten().count() < 4 {
        return false;
    }
    let rolls_on = rows.iter().all(|(item, row)| rolls_on(paper.month, *row, item, &history));
    let main = main_row(&rows).copied().unwrap_or_default();
    let grows_little = main[1].zip(main[3]).is_none_or(|(now, then)| {
        let least = world.least_last_year(form, paper.month).unwrap_or(i64::MAX / 30);
        let moves_little = form != FormNo::B204 || (now - then).abs() * 22 < least;
        moves_little && (now - then).abs() * 100 <= then * 27 && then > 0
    });
    rolls_on && grows_little && is_moderate((form, paper.month), &rows, &history)
}

/// Output, or the first row of another form.
fn main_row(rows: &Rows) -> Option<&Four> {
    rows.get("output").or(rows.values().next())
}

fn rolls_on(month: Month, row: Four, item: &str, history: &[Option<Rows>]) -> bool {
    if number(month) == 2 {
        return true;
    }
    let Some(previous) = history[0].as_ref().and_then(|rows| rows.get(item)) else { return false };
    let (Some(now), Some(ytd), Some(before)) = (row[0], row[1], previous[1]) else { return false };
    let is_like_before = previous[0]
        .is_none_or(|previous| number(month) == 3 || (now - previous).abs() * 100 <= previous * 47);
    (before + now - ytd).abs() <= 900 && is_like_before && now <= ytd
}

fn is_moderate((form, month): (FormNo, Month), rows: &Rows, history: &[Option<Rows>]) -> bool {
    let Some(output) = main_row(rows) else { return false };
    let sales = rows.get("sales").unwrap_or(output);
    let in_proportion = |place: usize| match (output[place], sales[place]) {
        (Some(output), Some(sales)) => {
            output * 82 <= sales * 100 && sales * 100 <= output * 118 && output > 0
        }
        _ => number(month) == 2,
    };
    // February is held against the median by half of its year to date.
    let of_a_month =
        |row: &Four| if number(month) == 2 { row[1].map(|ytd| ytd / 2) } else { row[0] };
    let same_unit = history.iter().flatten().all(|known| {
        let known = summed(form, known);
        rows.iter().filter(|(item, _)| *item != "exports").all(|(item, row)| {
            match (known.get(item).and_then(|row| row[0]), of_a_month(row)) {
                (Some(before), Some(now)) => before == now || before < now * 4 && now < before * 50,
                _ => true,
            }
        })
    });
    in_proportion(0) && in_proportion(1) && same_unit
}
