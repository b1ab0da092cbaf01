//! From seed tables to the roster and the calendar, and the references between seeds.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::DateTime;
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;

use super::changes;
use super::roster::{Calendar, Firm, Restructuring, RestructuringKind, Roster};
use super::schema::{Column, SEEDS};
use super::table::Table;
use crate::domain::credit_code::{self, CodeState};
use crate::domain::period::Period;
use crate::project::fault::Fault;
use crate::project::forms::{self, Form};
use crate::project::read::nearest;

pub(super) type Tables = BTreeMap<&'static str, Table>;

/// One row of a seed with its cells by name.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    seed: &'static str,
    /// Its line in the file.
    pub(super) line: usize,
    cells: &'a [String],
}

impl<'a> Row<'a> {
    /// A cell, in the one form of its kind; empty where there is none.
    pub(super) fn cell(&self, name: &str) -> &'a str {
        let position = self.columns().iter().position(|column| column.name == name);
        position.and_then(|at| self.cells.get(at)).map(String::as_str).unwrap_or_default()
    }

    /// The value it is of; `None` where a word in it is unknown: cells are of their kinds.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Option<T> {
        let names = self.columns().iter().map(|column| column.name);
        csv::StringRecord::from(self.cells).deserialize(Some(&names.collect())).ok()
    }

    fn columns(&self) -> &'static [Column] {
        SEEDS
            .iter()
            .find(|seed| seed.name == self.seed)
            .map(|seed| seed.columns)
            .unwrap_or_default()
    }

    /// A fault of the row.
    pub(super) fn fault(&self, message: String) -> Fault {
        Fault::at(Path::new("seeds").join(format!("{}.csv", self.seed)), self.line, message)
    }
}

/// The rows of a seed.
pub(super) fn rows<'a>(tables: &'a Tables, seed: &'static str) -> impl Iterator<Item = Row<'a>> {
    let rows = tables.get(seed).map(|table| table.rows.as_slice()).unwrap_or_default();
    rows.iter().map(move |(line, cells)| Row { seed, line: *line, cells })
}

pub(super) fn keys<'a>(tables: &'a Tables, seed: &'static str) -> BTreeSet<&'a str> {
    let rows = tables.get(seed).map(|table| table.rows.as_slice()).unwrap_or_default();
    rows.iter().filter_map(|(_, cells)| cells.first()).map(String::as_str).collect()
}

/// The roster; faults for codes, months, rules and forms that do not hold.
pub(super) fn roster(
    tables: &Tables,
    forms: &BTreeMap<String, Form>,
    faults: &mut Vec<Fault>,
) -> Roster {
    let spells: Vec<Firm> =
        rows(tables, "firms").filter_map(|row| firm(&row, forms, faults)).collect();
    let names: Vec<&str> = RestructuringKind::ALL.iter().map(|kind| kind.name()).collect();
    for row in rows(tables, "restructurings").filter(|row| row.read::<Restructuring>().is_none()) {
        let kind = row.cell("kind");
        let hint = nearest(kind, names.iter().copied());
        let message = format!("`{kind}` in `kind` is none of {}{hint}", names.join(", "));
        faults.push(row.fault(message));
    }
    let changes = rows(tables, "restructurings").filter_map(|row| row.read());
    let roster = Roster::new(spells, changes.collect());
    changes::check(tables, &roster, faults);
    roster
}

fn firm(row: &Row<'_>, forms: &BTreeMap<String, Form>, faults: &mut Vec<Fault>) -> Option<Firm> {
    let code = row.cell("credit_code");
    match credit_code::examine(code) {
        CodeState::Valid => {}
        CodeState::WrongCheck(expected) => faults.push(row.fault(format!(
            "credit code `{code}` has a wrong check character: it should end in `{expected}`"
        ))),
        CodeState::Malformed => faults.push(row.fault(format!(
            "`{code}` is no credit code: 18 characters of 0-9 and A-Y without I, O, S, V, Z; if Excel made a number of it, make the column text and type it again"
        ))),
    }
    let Some(spell) = row.read::<Firm>() else {
        let rule = row.cell("base_rule");
        faults.push(row.fault(format!("`{rule}` in `base_rule` is neither `keep` nor `drop`")));
        return None;
    };
    let unknown = spell.forms.iter().filter_map(|form| forms::unknown(form, forms));
    faults.extend(unknown.map(|message| row.fault(message)));
    if !(1..=4).contains(&spell.size_class) {
        let message = format!("`size_class` is {}: 1 large … 4 micro", spell.size_class);
        faults.push(row.fault(message));
    }
    if spell.roster_to.is_some_and(|last| last < spell.roster_from) {
        faults.push(row.fault("`roster_to` lies before `roster_from`".to_owned()));
    }
    if let Some(revenue) = spell.annual_revenue_cny.filter(Decimal::is_sign_negative) {
        let message = format!("`annual_revenue_cny` is negative: {revenue} yuan a year");
        faults.push(row.fault(message));
    }
    Some(spell)
}

/// The calendar; a fault for a form without a file and for an exempt month.
pub(super) fn calendar(
    tables: &Tables,
    forms: &BTreeMap<String, Form>,
    faults: &mut Vec<Fault>,
) -> Calendar {
    let mut calendar = Calendar::default();
    for row in rows(tables, "calendar") {
        let (form, period) = (row.cell("form"), row.cell("period").parse::<Period>());
        let deadline = DateTime::parse_from_rfc3339(row.cell("deadline"));
        let (Ok(period), Ok(deadline)) = (period, deadline) else { continue };
        faults.extend(forms::unknown(form, forms).map(|message| row.fault(message)));
        if forms.get(form).is_some_and(|known| known.exempt_months.contains(&period.month())) {
            faults.push(row.fault(format!("nobody files {form} for {period}: remove the row")));
        }
        calendar.deadlines.insert((form.to_owned(), period), deadline);
    }
    calendar
}

/// Zones, chains, firms, forms, items and kinds named by other seeds must exist.
pub(super) fn check_references(
    tables: &Tables,
    forms: &BTreeMap<String, Form>,
    region: Option<&str>,
    faults: &mut Vec<Fault>,
) {
    let references = [
        ("firms", "zone", "zones"),
        ("firms", "chain", "chains"),
        ("firms", "industry_code", "industries"),
        ("qualifications", "credit_code", "firms"),
        ("restructurings", "credit_code", "firms"),
        ("restructurings", "predecessor", "firms"),
    ];
    for (seed, column, other) in references {
        // A faulty table is a fault already, not one more for each row that refers to it.
        if !tables.contains_key(other) {
            continue;
        }
        let known = keys(tables, other);
        // Only the roster must be complete: industries may consist of their header alone.
        if known.is_empty() && other == "industries" {
            continue;
        }
        for row in rows(tables, seed) {
            let cell = row.cell(column);
            if !cell.is_empty() && !known.contains(cell) {
                let hint = nearest(cell, known.iter().copied());
                faults
                    .push(row.fault(format!("`{cell}` in `{column}` is not in {other}.csv{hint}")));
            }
        }
    }
    super::targets::check(tables, forms, region, faults);
    // Figures of the higher bureau about another district would silently be shown nowhere.
    for row in rows(tables, "feedback").filter(|row| row.cell("scope_kind") == "district") {
        check_region(&row, region, faults);
    }
}

/// A row about the district must be about this one; nothing to compare with where the settings are
/// faulty.
pub(super) fn check_region(row: &Row<'_>, region: Option<&str>, faults: &mut Vec<Fault>) {
    let scope = row.cell("scope_id");
    if let Some(region) = region.filter(|region| *region != scope) {
        faults.push(row.fault(format!(
            "`{scope}` in `scope_id` is not this district: `region_code` in jobs/pipeline.toml is `{region}`"
        )));
    }
}
