//! From seed tables to the roster and the calendar, and the references between seeds; what contradicts
//! itself in a firm's history, or would count a firm twice.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::DateTime;
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;

use super::roster::{Calendar, Firm, Restructuring, RestructuringKind, Roster};
use super::schema::{SEEDS, SeedColumn};
use super::table::SeedTable;
use crate::domain::credit_code::{self, CodeState};
use crate::domain::period::Period;
use crate::project::fault::Fault;
use crate::project::forms::{self, Form};
use crate::project::read::{among, nearest};

/// The member of `dim_zone` and `dim_chain` that firms of none belong to.
const NONE: &str = "none";

pub(super) type SeedTables = BTreeMap<&'static str, SeedTable>;

/// One row of a seed with its cells by name.
#[derive(Clone, Copy)]
pub(super) struct SeedRow<'a> {
    seed: &'static str,
    /// Its line in the file.
    pub(super) line: usize,
    cells: &'a [String],
}

impl<'a> SeedRow<'a> {
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

    fn columns(&self) -> &'static [SeedColumn] {
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
pub(super) fn rows<'a>(
    tables: &'a SeedTables,
    seed: &'static str,
) -> impl Iterator<Item = SeedRow<'a>> {
    let rows = tables.get(seed).map(|table| table.rows.as_slice()).unwrap_or_default();
    rows.iter().map(move |(line, cells)| SeedRow { seed, line: *line, cells })
}

pub(super) fn keys<'a>(tables: &'a SeedTables, seed: &'static str) -> BTreeSet<&'a str> {
    let rows = tables.get(seed).map(|table| table.rows.as_slice()).unwrap_or_default();
    rows.iter().filter_map(|(_, cells)| cells.first()).map(String::as_str).collect()
}

/// The roster; faults for codes, months, rules and forms that do not hold.
pub(super) fn roster(
    tables: &SeedTables,
    forms: &BTreeMap<String, Form>,
    faults: &mut Vec<Fault>,
) -> Roster {
    let spells: Vec<Firm> =
        rows(tables, "firms").filter_map(|row| firm(&row, forms, faults)).collect();
    for row in rows(tables, "restructurings").filter(|row| row.read::<Restructuring>().is_none()) {
        let kind = row.cell("kind");
        let known = among(kind, RestructuringKind::ALL.iter().map(|kind| kind.name()));
        faults.push(row.fault(format!("`{kind}` in `kind` is none of {known}")));
    }
    let changes = rows(tables, "restructurings").filter_map(|row| row.read());
    let roster = Roster::new(spells, changes.collect());
    check_changes(tables, &roster, faults);
    roster
}

fn firm(
    row: &SeedRow<'_>,
    forms: &BTreeMap<String, Form>,
    faults: &mut Vec<Fault>,
) -> Option<Firm> {
    faults.extend(no_code(row.cell("credit_code")).map(|message| row.fault(message)));
    let Some(spell) = row.read::<Firm>() else {
        let rule = row.cell("base_rule");
        faults.push(row.fault(format!("`{rule}` in `base_rule` is neither `keep` nor `drop`")));
        return None;
    };
    let unknown = spell.forms.iter().filter_map(|form| forms::unknown(form, forms));
    faults.extend(unknown.map(|message| row.fault(message)));
    let is_ledger = |form: &&String| forms.get(*form).is_some_and(Form::is_ledger);
    faults.extend(spell.forms.iter().filter(is_ledger).map(|form| {
        row.fault(format!("`{form}` in `forms` is a ledger: the bureau files it, no firm does"))
    }));
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

/// What is wrong with a credit code.
fn no_code(code: &str) -> Option<String> {
    match credit_code::examine(code) {
        CodeState::Valid => None,
        CodeState::WrongCheck(expected) => Some(format!(
            "credit code `{code}` has a wrong check character: it should end in `{expected}`"
        )),
        CodeState::Malformed => Some(format!(
            "`{code}` is no credit code: 18 characters of 0-9 and A-Y without I, O, S, V, Z; if Excel made a number of it, make the column text and type it again"
        )),
    }
}

/// The calendar; a fault for a form without a file and for an exempt month.
pub(super) fn calendar(
    tables: &SeedTables,
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
    tables: &SeedTables,
    forms: &BTreeMap<String, Form>,
    region: Option<&str>,
    faults: &mut Vec<Fault>,
) {
    let references = [
        ("firms", "zone", "zones"),
        ("firms", "chain", "chains"),
        ("firms", "industry_code", "industries"),
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
    for row in rows(tables, "leaders") {
        let months = ["from", "to"].map(|name| row.cell(name).parse::<Period>().ok());
        if let [Some(from), Some(to)] = months {
            faults.extend(forms::months_reversed(from, to).map(|message| row.fault(message)));
        }
    }
    super::targets::check(tables, forms, region, faults);
    check_qualified(tables, faults);
    for seed in ["zones", "chains"] {
        let taken =
            rows(tables, seed).filter(|row| row.cells.first().is_some_and(|key| key == NONE));
        faults.extend(taken.map(|row| {
            row.fault(format!("`{NONE}` stands for firms outside all {seed}: choose another key"))
        }));
    }
    // Figures of the higher bureau about another district would silently be shown nowhere.
    for row in rows(tables, "feedback") {
        let digits = match row.cell("scope_kind") {
            "district" => 6,
            "city" => 4,
            "province" => 2,
            _ => continue,
        };
        let region = region.and_then(|code| code.get(..digits)).map(|code| format!("{code:0<6}"));
        check_region(&row, region.as_deref(), faults);
    }
}

/// A qualified firm need not be on the roster, but nobody else knows its name then.
fn check_qualified(tables: &SeedTables, faults: &mut Vec<Fault>) {
    let known = keys(tables, "firms");
    for row in rows(tables, "qualifications") {
        let code = row.cell("credit_code");
        faults.extend(no_code(code).map(|message| row.fault(message)));
        if tables.contains_key("firms") && !known.contains(code) && row.cell("firm_name").is_empty()
        {
            let hint = nearest(code, known.iter().copied());
            faults.push(row.fault(format!(
                "`{code}` in `credit_code` is not in firms.csv{hint}; a firm off the roster needs its `firm_name`"
            )));
        }
    }
}

/// A row about a district, a city or a province must be about ours, whose code `region` is; nothing to
/// compare with where the settings are faulty.
pub(super) fn check_region(row: &SeedRow<'_>, region: Option<&str>, faults: &mut Vec<Fault>) {
    let scope = row.cell("scope_id");
    if let Some(region) = region.filter(|region| *region != scope) {
        faults.push(row.fault(format!(
            "`{scope}` in `scope_id` is not this {kind}: by `region_code` in jobs/pipeline.toml it is `{region}`",
            kind = row.cell("scope_kind"),
        )));
    }
}

/// Every contradiction.
fn check_changes(tables: &SeedTables, roster: &Roster, faults: &mut Vec<Fault>) {
    faults.extend(spells(tables));
    if !tables.contains_key("firms") {
        return;
    }
    let changes: Vec<(SeedRow<'_>, Restructuring)> =
        rows(tables, "restructurings").filter_map(|row| Some((row, row.read()?))).collect();
    for (at, (row, change)) in changes.iter().enumerate() {
        let above = changes.get(..at).unwrap_or_default();
        faults.extend(of_change(row, change, roster).map(|message| row.fault(message)));
        faults.extend(twice(change, above).map(|message| row.fault(message)));
        let all = changes.iter().map(|(_, change)| change);
        faults.extend(unshrunk(change, all, roster).map(|message| row.fault(message)));
    }
}

/// Spells of a firm that overlap: rows stand in the order of firms and first months.
fn spells(tables: &SeedTables) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut before: Option<SeedRow<'_>> = None;
    for row in rows(tables, "firms") {
        let above = before.filter(|above| above.cell("credit_code") == row.cell("credit_code"));
        let last = above.map(|above| (above.line, above.cell("roster_to").parse::<Period>()));
        let from: Option<Period> = row.cell("roster_from").parse().ok();
        match (last, from) {
            (Some((line, Err(_))), Some(from)) => faults.push(row.fault(format!(
                "two spells overlap: that of line {line} has no `roster_to`, this one begins in {from}"
            ))),
            (Some((line, Ok(last))), Some(from)) if from <= last => faults.push(row.fault(format!(
                "two spells overlap: that of line {line} ends in {last}, this one begins in {from}"
            ))),
            _ => {}
        }
        before = Some(row);
    }
    faults
}

/// What is wrong with one change by itself.
fn of_change(
    row: &SeedRow<'_>,
    change: &Restructuring,
    roster: &Roster,
) -> impl Iterator<Item = String> {
    let Restructuring { credit_code: code, period, kind, predecessor } = change;
    let name = row.cell("kind");
    let mut wrong = Vec::new();
    let is_known = |code: &str| !roster.spells(code).is_empty();
    if is_known(code) && roster.at(code, *period).is_none() {
        wrong.push(format!(
            "`{code}` is not on the roster in {period}: the month it reports so first"
        ));
    }
    if kind.is_code_change() && roster.entered(code).is_some_and(|entered| entered < *period) {
        wrong.push(format!(
            "`{code}` was on the roster before {period}: a `code_change` begins a firm, a `merger` joins one to it"
        ));
    }
    match predecessor {
        None if kind.needs_predecessor() => {
            wrong.push(format!("`{name}` needs a `predecessor`: whom it goes on from"));
        }
        Some(_) if !kind.needs_predecessor() => {
            wrong.push(format!("`{name}` has no `predecessor`: the firm states its own base"));
        }
        Some(other) if other == code => wrong.push(format!("`{code}` is its own predecessor")),
        Some(other) if kind.continues() => {
            if roster.lineage(other).iter().any(|ancestor| ancestor.filer == code) {
                wrong.push(format!("`{code}` and `{other}` are each other's predecessors"));
            }
            let stays = |spell: &Firm| spell.roster_to.is_none_or(|last| *period <= last);
            if roster.spells(other).iter().any(stays) {
                wrong.push(format!(
                    "`{other}` is on the roster in {period} or later: it would count twice, end it before"
                ));
            }
        }
        _ => {}
    }
    wrong.into_iter()
}

/// A split whose other side states no base anew, though it goes on: both would report the whole of it.
fn unshrunk<'a>(
    change: &Restructuring,
    mut all: impl Iterator<Item = &'a Restructuring>,
    roster: &Roster,
) -> Option<String> {
    let shrunk =
        change.predecessor.as_deref().filter(|_| change.kind == RestructuringKind::Split)?;
    let period = change.period;
    let states = |it: &Restructuring| {
        it.credit_code == shrunk && it.period == period && !it.kind.continues()
    };
    (roster.at(shrunk, period).is_some() && !all.any(states)).then(|| {
        format!(
            "`{shrunk}` shrank by this split and its base would be stated twice: add the row `{shrunk},{period},base,,`"
        )
    })
}

/// What contradicts a change further up.
fn twice<'a>(
    change: &'a Restructuring,
    above: &'a [(SeedRow<'a>, Restructuring)],
) -> impl Iterator<Item = String> + 'a {
    above.iter().filter_map(|(row, other)| {
        let line = row.line;
        let both = |is: fn(RestructuringKind) -> bool| is(change.kind) && is(other.kind);
        if let Some(predecessor) = change.predecessor.as_ref()
            && other.predecessor.as_ref() == Some(predecessor)
            && both(RestructuringKind::continues)
        {
            return Some(format!(
                "`{predecessor}` went on in another firm already, by line {line}: it would count twice"
            ));
        }
        let code = &change.credit_code;
        (both(RestructuringKind::is_code_change) && *code == other.credit_code).then(|| {
            format!("`{code}` has another `code_change` in line {line}: a firm had one code before")
        })
    })
}
