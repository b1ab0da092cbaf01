//! What enters the sums of the model: the rows of every report that counts, and kept bases.

use std::collections::BTreeSet;

use super::months::{Month, number, year};
use super::paper::{Four, Rows};
use super::totals::Scope;
use super::town::{FormNo, Stay, Town};
use super::world::World;

/// A row of a firm and month.
#[derive(Clone, Debug)]
pub(super) struct Line<'a> {
    pub(super) form: FormNo,
    pub(super) month: Month,
    pub(super) code: &'a str,
    /// What the firm was in that month; of a kept base what it was last.
    pub(super) stay: &'a Stay,
    /// `output`, or the whole item of an open row.
    pub(super) item: String,
    pub(super) is_reported: bool,
    pub(super) cells: Four,
}

impl Line<'_> {
    /// The scopes of industries that an industry row is in; a kept one is in that of its code alone.
    pub(super) fn industries(&self) -> Vec<Scope> {
        let Some(code) = self.item.strip_prefix("industry:") else { return Vec::new() };
        let scopes = industries_of(code);
        scopes.into_iter().filter(|(_, id)| self.is_reported || id == code).collect()
    }

    /// Both sides of the month (0) or of the year to date (1), if both are there.
    pub(super) fn pair(&self, place: usize) -> Option<(i64, i64)> {
        self.cells[place].zip(self.cells[place + 2])
    }
}

/// Section, division and class of a code of four digits; all that happens here is of section C.
pub(super) fn industries_of(code: &str) -> Vec<Scope> {
    let levels = [("industry_section", 0, "C"), ("industry", 2, ""), ("industry_class", 4, "")];
    let of = |(kind, digits, section): (_, usize, &str)| {
        (kind, format!("{section}{}", code.get(..digits).unwrap_or_default()))
    };
    levels.into_iter().map(of).filter(|(_, id)| !id.is_empty()).collect()
}

/// Every line known to a world.
pub(super) fn lines<'a>(town: &'a Town, world: &World) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    let mut filed = BTreeSet::new();
    for family in world.families.keys() {
        let (form, code, month) = family;
        let Some(rows) = world.current(family) else { continue };
        let (code, stays) = town.firms.get_key_value(code).unwrap();
        let stay = stays.iter().find(|stay| stay.covers(*month)).unwrap();
        filed.insert((*form, *month));
        for (item, cells) in rows {
            let item = item.clone();
            let cells = bare(*month, *cells);
            lines.push(Line {
                form: *form,
                month: *month,
                code,
                stay,
                item,
                is_reported: true,
                cells,
            });
        }
    }
    for (form, month) in filed {
        for code in town.firms.keys() {
            lines.extend(kept(town, world, (form, month), code));
        }
    }
    lines
}

/// February's report has no month figures, whatever was typed.
fn bare(month: Month, cells: Four) -> Four {
    if number(month) == 2 { [None, cells[1], None, cells[3]] } else { cells }
}

/// The base kept of a firm that left earlier in the year.
fn kept<'a>(
    town: &'a Town,
    world: &World,
    (form, month): (FormNo, Month),
    code: &'a str,
) -> Vec<Line<'a>> {
    let gone = town.firms[code].iter().rfind(|stay| stay.to.is_some_and(|to| to < month));
    let Some(stay) = gone else { return Vec::new() };
    let left = stay.to.unwrap();
    let is_kept = stay.keeps_base
        && year(left) == year(month)
        && town.stay(code, month).is_none()
        && !town.is_predecessor(code, month);
    if !is_kept {
        return Vec::new();
    }
    let current = |of: Month| {
        let rows = world.current(&(form, code.to_owned(), of))?;
        Some(grouped(town, rows, of))
    };
    let months = super::months::month(year(month), 1)..=left;
    let year_ago = year_ago(town, world, (form, code), month);
    let year_ago = year_ago.map(|rows| grouped(town, &rows, month - 12));
    let last = match (months.rev().find_map(current), &year_ago) {
        (Some(last), _) => last,
        // Who left in January had nothing to report before.
        (None, Some(rows)) if number(left) == 1 => {
            rows.keys().map(|item| (item.clone(), [Some(0), Some(0), None, None])).collect()
        }
        _ => return Vec::new(),
    };
    let line = |(item, now): (&String, &Four)| {
        let (then_month, then_ytd) = match &year_ago {
            Some(rows) => rows.get(item).map_or((None, None), |row| (row[0], row[1])),
            None => (None, now[3]),
        };
        let cells = bare(month, [Some(0).and(now[1]).map(|_| 0), now[1], then_month, then_ytd]);
        Line { form, month, code, stay, item: item.clone(), is_reported: false, cells }
    };
    last.iter().map(line).collect()
}

/// Open rows added up, as a base that is kept has them: section, division and class, supply inside or outside.
fn grouped(town: &Town, rows: &Rows, of: Month) -> Rows {
    let mut sums = Rows::new();
    for (item, cells) in rows {
        let items = match (item.strip_prefix("industry:"), item.strip_prefix("supply:")) {
            (Some(code), _) => {
                industries_of(code).into_iter().map(|(_, id)| format!("industry:{id}")).collect()
            }
            (_, Some(buyer)) if town.is_inside(buyer, of) => vec!["supply".to_owned()],
            (_, Some(_)) => vec!["outside_supply".to_owned()],
            _ => vec![item.clone()],
        };
        for item in items {
            super::world::add(&mut sums, &Rows::from([(item, *cells)]));
        }
    }
    sums
}

/// What counts of the same month last year, of all who make up a firm's history.
pub(super) fn year_ago(
    town: &Town,
    world: &World,
    (form, code): (FormNo, &str),
    month: Month,
) -> Option<Rows> {
    world.history(town, form, (code, month, 12), i64::MAX)
}
