//! The revision sheet for people: targets first, then mart by mart, the rest as a count.

use std::collections::BTreeSet;

use super::output;
use super::session::CliSession;
use crate::alerts;
use crate::domain::period::Period;
use crate::pipeline::reason::Causes;
use crate::pipeline::revision::{Change, Flip, MartRevision, Revision};
use crate::project::inputs::Input;
use crate::texts::Locale;

/// Lines shown of each mart.
const LINES_SHOWN: usize = 40;

/// A revision sheet as text; `title` is what is compared with what.
pub(super) fn text(session: &CliSession, title: &str, revision: &Revision) -> String {
    let mut parts = vec![title.to_owned()];
    if revision.marts.is_empty() {
        parts.push(session.said("sheet.nothing").to_owned());
    }
    if !revision.flips.is_empty() {
        parts.push(session.said("sheet.flips").to_owned());
        let rows = revision.flips.iter().map(|flip| flip_row(session, flip));
        parts.push(output::table(&[], rows));
    }
    parts.extend(revision.marts.iter().map(|mart| mart_text(session, mart)));
    parts.join("\n")
}

/// What moves which month, a line each.
pub(super) fn causes(session: &CliSession, causes: &Causes) -> String {
    let line = |(period, kinds): (&Period, &BTreeSet<Input>)| {
        format!("  {period}  {}", session.get(&alerts::inputs(kinds)))
    };
    causes.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn flip_row(session: &CliSession, flip: &Flip) -> Vec<String> {
    let [zh, en] = &flip.name;
    let name = match session.locale() {
        Locale::Zh => zh,
        Locale::En => en,
    };
    let status = |status: Option<&String>| shown(status.map(|it| session.target_status(it)));
    let turn = format!("{} → {}", status(flip.old.as_ref()), status(flip.new.as_ref()));
    vec![flip.key.join("  "), name.clone().unwrap_or_default(), turn]
}

fn mart_text(session: &CliSession, mart: &MartRevision) -> String {
    let [changed, appeared, gone] = [mart.changed.len(), mart.appeared.len(), mart.gone.len()];
    let heading = session.fill(
        "sheet.mart",
        &[("mart", &mart.mart), ("changed", &changed), ("appeared", &appeared), ("gone", &gone)],
    );
    let mut parts = vec![String::new(), heading];
    if !mart.columns.is_empty() {
        parts.push(session.fill("sheet.columns", &[("columns", &mart.columns.join(", "))]));
    }
    let keyed =
        |key: &Vec<String>, word| [key.clone(), vec![session.said(word).to_owned()]].concat();
    let gone_rows = mart.gone.iter().map(|key| keyed(key, "sheet.gone"));
    let appeared_rows = mart.appeared.iter().map(|key| keyed(key, "sheet.appeared"));
    let rows = mart.changed.iter().map(change_row).chain(gone_rows).chain(appeared_rows);
    let all = changed + appeared + gone;
    if all > 0 {
        let columns = ["column", "old", "new", "unit", "points"];
        let names = columns.map(|name| session.said(&format!("sheet.column.{name}")));
        let header: Vec<&str> = mart.key.iter().map(String::as_str).chain(names).collect();
        parts.push(output::table(&header, rows.take(LINES_SHOWN)));
    }
    if all > LINES_SHOWN {
        let more = session.fill("sheet.more", &[("count", &(all - LINES_SHOWN))]);
        parts.push(format!(" {more}"));
    }
    parts.join("\n")
}

fn change_row(change: &Change) -> Vec<String> {
    let Change { key, column, unit, old, new, points } = change.clone();
    let cells = [column, shown(old), shown(new), unit, points.unwrap_or_default()];
    key.into_iter().chain(cells).collect()
}

/// A value, or a dash where there is none.
fn shown(value: Option<String>) -> String {
    value.unwrap_or_else(|| "-".to_owned())
}
