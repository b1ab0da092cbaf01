//! What contradicts itself in a firm's history, or would count a firm twice: spells and restructurings.
//!
//! In: the rows of `firms.csv` and `restructurings.csv`, and the roster they make. Out: faults, each
//! at the line to edit.

use super::people::{Row, Tables, rows};
use super::roster::{Firm, Restructuring, RestructuringKind, Roster};
use crate::domain::period::Period;
use crate::project::fault::Fault;

/// Every contradiction.
pub(super) fn check(tables: &Tables, roster: &Roster, faults: &mut Vec<Fault>) {
    faults.extend(spells(tables));
    if !tables.contains_key("firms") {
        return;
    }
    let changes: Vec<(Row<'_>, Restructuring)> =
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
fn spells(tables: &Tables) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut before: Option<Row<'_>> = None;
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
    row: &Row<'_>,
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
    above: &'a [(Row<'a>, Restructuring)],
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
