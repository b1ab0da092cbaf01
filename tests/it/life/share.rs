//! How much of a month is in: last year's value of those that count over that of all due.

use std::collections::BTreeSet;

use super::months::Month;
use super::totals::scopes;
use super::town::{FormNo, Town};
use super::world::World;

/// The firms that owe a form for a month; before the first month of reporting only who sent something.
pub(super) fn due(town: &Town, world: &World, (form, month): (FormNo, Month)) -> BTreeSet<String> {
    let is_due = |code: &&String| {
        let family = (form, (*code).clone(), month);
        town.is_asked(code, form, month)
            && (town.since.is_none_or(|since| since <= month)
                || world.families.contains_key(&family))
    };
    town.firms.keys().filter(is_due).cloned().collect()
}

/// Both values; where nobody has one, the firms; nothing and nothing where nobody is due.
pub(super) fn of(
    town: &Town,
    world: &World,
    (form, month): (FormNo, Month),
    (scope, item): (&(&'static str, String), &str),
) -> (i64, i64) {
    let counts = |code: &str| world.current(&(form, code.to_owned(), month)).is_some();
    let is_member = |code: &&String| match scope.0 {
        kind if kind.starts_with("industry") => true,
        "firm" => **code == scope.1,
        _ => scopes(code, town.stay(code, month).unwrap()).contains(scope),
    };
    let due = due(town, world, (form, month));
    let due: Vec<&String> = due.iter().filter(is_member).collect();
    let (mut all, mut of) = (0, 0);
    for code in &due {
        let is_item = |known: &str| match scope.0 {
            "industry_section" => known.starts_with("industry:"),
            "industry" | "industry_class" => known.starts_with(&format!("industry:{}", scope.1)),
            _ => match known.strip_prefix("supply:") {
                Some(buyer) => item == "supply" && town.is_inside(buyer, month - 12),
                None => known == item,
            },
        };
        // Whatever counted of it, whoever of those who filed then is missing.
        let filers = town.filers(code, month - 12, month).into_iter();
        let rows = filers.filter_map(|filer| world.current(&(form, filer, month - 12)));
        let cells = rows.flatten().filter(|(known, _)| is_item(known));
        let weight: i64 = cells.filter_map(|(_, row)| row[1]).sum();
        all += weight;
        of += if counts(code) { weight } else { 0 };
    }
    if all > 0 {
        return (of, all);
    }
    let is_of_industry = |code: &str| {
        !scope.0.starts_with("industry")
            || super::totals::industries(town, world, code, month).contains(scope)
    };
    let due: Vec<&&String> = due.iter().filter(|code| is_of_industry(code)).collect();
    let reported = due.iter().filter(|code| counts(code)).count();
    (i64::try_from(reported).unwrap(), i64::try_from(due.len()).unwrap())
}
