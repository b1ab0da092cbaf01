//! From seed tables to the roster and the calendar, and the references between seeds.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::DateTime;
use rust_decimal::Decimal;

use super::changes;
use super::roster::{BaseRule, Calendar, Firm, Restructuring, RestructuringKind, Roster};
use super::schema::SEEDS;
use super::table::Table;
use crate::domain::credit_code::{self, CodeState};
use crate::domain::period::Period;
use crate::project::fault::Fault;
use crate::project::forms::Form;
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
        let columns = SEEDS.iter().find(|seed| seed.name == self.seed).map(|seed| seed.columns);
        let position = columns.and_then(|all| all.iter().position(|column| column.name == name));
        position.and_then(|at| self.cells.get(at)).map(String::as_str).unwrap_or_default()
    }

    /// The change that a row of `restructurings.csv` is about; `None` where its kind is unknown.
    pub(super) fn restructuring(&self) -> Option<Restructuring> {
        let kind = self.cell("kind");
        Some(Restructuring {
            credit_code: self.cell("credit_code").to_owned(),
            period: self.cell("period").parse().ok()?,
            kind: RestructuringKind::ALL.into_iter().find(|(_, name)| *name == kind)?.0,
            predecessor: Some(self.cell("predecessor").to_owned()).filter(|code| !code.is_empty()),
        })
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
    let names = RestructuringKind::ALL.map(|(_, name)| name);
    for row in rows(tables, "restructurings").filter(|row| row.restructuring().is_none()) {
        let kind = row.cell("kind");
        let hint = nearest(kind, names);
        let message = format!("`{kind}` in `kind` is none of {}{hint}", names.join(", "));
        faults.push(row.fault(message));
    }
    let changes = rows(tables, "restructurings").filter_map(|row| row.restructuring());
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
    let base_rule = match row.cell("base_rule") {
        "keep" => BaseRule::Keep,
        "drop" => BaseRule::Drop,
        other => {
            faults
                .push(row.fault(format!("`{other}` in `base_rule` is neither `keep` nor `drop`")));
            return None;
        }
    };
    let asked: Vec<String> = split_forms(row.cell("forms"));
    for form in asked.iter().filter(|form| !forms.contains_key(form.as_str())) {
        let hint = nearest(form, forms.keys().map(String::as_str));
        faults.push(row.fault(format!("form `{form}` has no file in jobs/forms{hint}")));
    }
    let size_class = row.cell("size_class").parse().unwrap_or_default();
    if !(1..=4).contains(&size_class) {
        faults.push(row.fault(format!("`size_class` is {size_class}: 1 large … 4 micro")));
    }
    let roster_from: Period = row.cell("roster_from").parse().ok()?;
    let roster_to: Option<Period> = row.cell("roster_to").parse().ok();
    if roster_to.is_some_and(|last| last < roster_from) {
        faults.push(row.fault("`roster_to` lies before `roster_from`".to_owned()));
    }
    Some(Firm {
        credit_code: code.to_owned(),
        name: row.cell("name").to_owned(),
        zone: row.cell("zone").to_owned(),
        chain: row.cell("chain").to_owned(),
        industry_code: row.cell("industry_code").to_owned(),
        size_class,
        is_leading: row.cell("is_leading") == "true",
        roster_from,
        roster_to,
        base_rule,
        forms: asked,
        annual_revenue_cny: revenue(row, faults),
        contact: row.cell("contact").to_owned(),
        may_be_named: row.cell("may_be_named") == "true",
    })
}

fn revenue(row: &Row<'_>, faults: &mut Vec<Fault>) -> Option<Decimal> {
    let revenue: Decimal = row.cell("annual_revenue_cny").parse().ok()?;
    if revenue < Decimal::ZERO {
        faults.push(row.fault(format!("`annual_revenue_cny` is negative: {revenue} yuan a year")));
    }
    Some(revenue)
}

fn split_forms(cell: &str) -> Vec<String> {
    cell.split(';').map(str::trim).filter(|form| !form.is_empty()).map(str::to_owned).collect()
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
        match forms.get(form) {
            None => {
                let hint = nearest(form, forms.keys().map(String::as_str));
                faults.push(row.fault(format!("form `{form}` has no file in jobs/forms{hint}")));
            }
            Some(known) if known.exempt_months.contains(&period.month()) => {
                faults.push(row.fault(format!("nobody files {form} for {period}: remove the row")));
            }
            Some(_) => {}
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
