//! What `monthly_totals` must say, added up firm by firm.

use std::collections::{BTreeMap, BTreeSet};

use super::basis::{Line, industries_of, lines};
use super::compare::{Table, Want};
use super::months::{Month, label};
use super::share;
use super::town::{FormNo, Stay, Town};
use super::world::World;

/// A scope of a month: its kind and its id.
pub(super) type Scope = (&'static str, String);

/// The region of the shipped settings.
pub(super) const REGION: &str = "220106";
const FORM: FormNo = FormNo::B204;

/// The scopes a firm belongs to as what it is.
pub(super) fn scopes(code: &str, stay: &Stay) -> Vec<Scope> {
    let mut scopes = vec![("district", REGION.to_owned()), ("size", stay.size.to_string())];
    if !stay.zone.is_empty() {
        scopes.push(("zone", stay.zone.to_owned()));
    }
    if !stay.chain.is_empty() {
        scopes.push(("chain", stay.chain.to_owned()));
    }
    if stay.is_leading {
        scopes.push(("leading", code.to_owned()));
    }
    scopes
}

/// Sums of one scope, month and item.
#[derive(Clone, Debug, Default)]
pub(super) struct Sums {
    /// Month and year to date.
    pub(super) level: [Option<i64>; 2],
    /// Both sides of both.
    pub(super) pair: [Option<(i64, i64)>; 2],
    pub(super) growing: BTreeSet<String>,
    pub(super) falling: BTreeSet<String>,
    pub(super) compared: BTreeSet<String>,
    pub(super) without_base: BTreeSet<String>,
}

impl Sums {
    fn add(&mut self, line: &Line<'_>) {
        for place in [0, 1] {
            if let Some(yuan) = line.cells[place] {
                *self.level[place].get_or_insert(0) += yuan;
            }
            if let Some((now, then)) = line.pair(place) {
                let pair = self.pair[place].get_or_insert((0, 0));
                *pair = (pair.0 + now, pair.1 + then);
            }
        }
        if line.cells[1].is_some() && line.pair(1).is_none() {
            self.without_base.insert(line.code.to_owned());
        }
    }
}

/// The sums of every month, scope and item of B204-1.
pub(super) fn sums(lines: &[Line<'_>]) -> BTreeMap<(Month, Scope, String), Sums> {
    let mut sums: BTreeMap<(Month, Scope, String), Sums> = BTreeMap::new();
    let mut changes: BTreeMap<(Month, Scope, String, String), i64> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.form == FORM) {
        let places: Vec<(Scope, String)> = if line.item.starts_with("industry:") {
            line.industries().into_iter().map(|scope| (scope, "output".to_owned())).collect()
        } else {
            let scopes = scopes(line.code, line.stay).into_iter();
            scopes.map(|scope| (scope, line.item.clone())).collect()
        };
        for (scope, item) in places {
            let key = (line.month, scope.clone(), item.clone());
            sums.entry(key).or_default().add(line);
            if let Some((now, then)) = line.pair(1).filter(|_| line.is_reported) {
                let key = (line.month, scope, item, line.code.to_owned());
                *changes.entry(key).or_default() += now - then;
            }
        }
    }
    for ((month, scope, item, code), change) in changes {
        let sums = sums.get_mut(&(month, scope, item)).unwrap();
        sums.compared.insert(code.clone());
        match change {
            1.. => drop(sums.growing.insert(code)),
            0 => {}
            _ => drop(sums.falling.insert(code)),
        }
    }
    sums
}

/// Who is due, who sent something, whose report counts, in a scope.
pub(super) struct Response {
    pub(super) due: usize,
    pub(super) received: usize,
    pub(super) reported: usize,
}

fn response(town: &Town, world: &World, month: Month, members: &BTreeSet<String>) -> Response {
    let family = |code: &String| (FORM, code.clone(), month);
    let has_sent = |code: &String| world.families.contains_key(&family(code));
    let due = share::due(town, world, (FORM, month));
    let due: Vec<&String> = members.iter().filter(|code| due.contains(*code)).collect();
    let received = due.iter().filter(|code| has_sent(code)).count();
    let counts = |code: &&String| world.current(&family(code)).is_some();
    let reported = members.iter().filter(counts).count();
    Response { due: due.len(), received, reported }
}

/// As of the whole district.
pub(super) fn response_of_all(town: &Town, world: &World, month: Month) -> Response {
    let is_on = |stays: &[Stay]| stays.iter().any(|stay| stay.covers(month));
    let firms = town.firms.iter().filter(|(_, stays)| is_on(stays));
    response(town, world, month, &firms.map(|(code, _)| code.clone()).collect())
}

/// The firms of each scope in a month.
fn members(town: &Town, lines: &[Line<'_>], month: Month) -> BTreeMap<Scope, BTreeSet<String>> {
    let mut members: BTreeMap<Scope, BTreeSet<String>> = BTreeMap::new();
    for (code, stays) in &town.firms {
        for stay in stays.iter().filter(|stay| stay.covers(month)) {
            for scope in scopes(code, stay).into_iter().chain(industries_of(stay.industry)) {
                members.entry(scope).or_default().insert(code.clone());
            }
        }
    }
    for line in lines.iter().filter(|line| line.month == month && line.is_reported) {
        for scope in line.industries() {
            members.entry(scope).or_default().insert(line.code.to_owned());
        }
    }
    members
}

/// The industries a firm belongs to in a month: of its main one and of the rows it reports.
pub(super) fn industries(town: &Town, world: &World, code: &str, month: Month) -> BTreeSet<Scope> {
    let main = town.stay(code, month).map(|stay| stay.industry.to_owned());
    let rows = world.current(&(FORM, code.to_owned(), month)).into_iter().flatten();
    let reported = rows.filter_map(|(item, _)| Some(item.strip_prefix("industry:")?.to_owned()));
    main.into_iter().chain(reported).flat_map(|code| industries_of(&code)).collect()
}

/// The whole mart.
pub(super) fn table(town: &Town, world: &World) -> Table {
    let lines = lines(town, world);
    let sums = sums(&lines);
    let mut table = Table::new("monthly_totals", &["period", "scope_kind", "scope_id", "item"]);
    let months: BTreeSet<Month> = sums.keys().map(|(month, _, _)| *month).collect();
    for month in months {
        let members = members(town, &lines, month);
        let none = BTreeSet::new();
        for ((_, scope, item), sum) in sums.iter().filter(|((of, _, _), _)| *of == month) {
            let district = &sums[&(month, ("district", REGION.to_owned()), item.clone())];
            let firms = members.get(scope).unwrap_or(&none);
            let response = response(town, world, month, firms);
            let share = share::of(town, world, (FORM, month), (scope, item));
            let key = format!("{} {} {} {item}", label(month), scope.0, scope.1);
            let mut row = figures(sum, district);
            row.extend([
                ("firms_due", Want::count(response.due)),
                ("firms_received", Want::count(response.received)),
                ("firms_reported", Want::count(response.reported)),
                ("firms_growing", Want::count(sum.growing.len())),
                ("firms_compared", Want::count(sum.compared.len())),
                ("firms_without_base", Want::count(sum.without_base.len())),
            ]);
            if share.1 == 0 {
                row.push(("is_complete", Want::Flag(true)));
            } else {
                row.push(("reported_value_share", Want::ratio(share.0, share.1, 0)));
                row.push(("is_complete", Want::Flag(share.1 * 95 <= share.0 * 100)));
            }
            table.push(&key, row);
        }
    }
    table
}

fn figures(sum: &Sums, district: &Sums) -> Vec<(&'static str, Want)> {
    let side = |place: usize, is_prior: bool| {
        Want::yuan(sum.pair[place].map(|pair| if is_prior { pair.1 } else { pair.0 }))
    };
    let growth = |place: usize| match sum.pair[place] {
        Some((now, then)) if then > 0 => Want::ratio(now - then, then, 0),
        _ => Want::Null,
    };
    let change = sum.pair[1].map(|(now, then)| now - then);
    let (points, share) = match (change, district.pair[1]) {
        (Some(change), Some((now, then))) if then > 0 => {
            let is_told = (now - then) * 100 >= then;
            let share = if is_told { Want::ratio(change, now - then, 0) } else { Want::Null };
            (Want::ratio(change, then, 2), share)
        }
        _ => (Want::Null, Want::Null),
    };
    let of_district = match (sum.level[1], district.level[1]) {
        (Some(part), Some(whole)) if whole > 0 => Want::ratio(part, whole, 0),
        _ => Want::Null,
    };
    vec![
        ("month_cny", Want::yuan(sum.level[0])),
        ("ytd_cny", Want::yuan(sum.level[1])),
        ("comparable_month_cny", side(0, false)),
        ("comparable_ytd_cny", side(1, false)),
        ("prior_month_cny", side(0, true)),
        ("prior_ytd_cny", side(1, true)),
        ("yoy_month", growth(0)),
        ("yoy_ytd", growth(1)),
        ("contribution_points", points),
        ("contribution_share", share),
        ("share_of_district", of_district),
    ]
}
