//! The revision sheet for people: targets first, then mart by mart, the rest as a count.

use std::collections::BTreeSet;

use super::output::{self, filled, said};
use crate::alerts;
use crate::domain::period::Period;
use crate::pipeline::reason::Causes;
use crate::pipeline::revision::{Change, Flip, MartRevision, Revision};
use crate::project::inputs::Input;
use crate::texts::Locale;

/// Lines shown of each mart.
const LINES_SHOWN: usize = 40;

/// A revision sheet as text; `title` is what is compared with what.
pub(super) fn text(title: &str, revision: &Revision, locale: Locale) -> String {
    if revision.marts.is_empty() {
        return format!("{title}\n{}", said("sheet.nothing", locale));
    }
    let mut parts = vec![title.to_owned()];
    if !revision.flips.is_empty() {
        parts.push(said("sheet.flips", locale));
        let rows: Vec<_> = revision.flips.iter().map(|flip| flip_row(flip, locale)).collect();
        parts.push(lines(&output::table(&[], &rows), 0, locale));
    }
    parts.extend(revision.marts.iter().map(|mart| mart_text(mart, locale)));
    parts.join("\n")
}

/// What moves which month, a line each.
pub(super) fn causes(causes: &Causes, locale: Locale) -> String {
    let line = |(period, kinds): (&Period, &BTreeSet<Input>)| {
        format!("  {period}  {}", alerts::inputs(kinds).get(locale))
    };
    causes.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn flip_row(flip: &Flip, locale: Locale) -> Vec<String> {
    let [zh, en] = &flip.name;
    let name = match locale {
        Locale::Zh => zh,
        Locale::En => en,
    };
    let key = flip.key.join("  ");
    let name = name.clone().unwrap_or_default();
    let status = |status: Option<&String>| {
        status.map_or_else(|| shown(None), |status| output::target_status(status, locale))
    };
    vec![key, name, format!("{} → {}", status(flip.old.as_ref()), status(flip.new.as_ref()))]
}

fn mart_text(mart: &MartRevision, locale: Locale) -> String {
    let count = |list: usize| list.to_string();
    let heading = filled(
        "sheet.mart",
        &[
            ("mart", mart.mart.clone()),
            ("changed", count(mart.changed.len())),
            ("appeared", count(mart.appeared.len())),
            ("gone", count(mart.gone.len())),
        ],
        locale,
    );
    let mut parts = vec![String::new(), heading];
    if !mart.columns.is_empty() {
        let columns = mart.columns.join(", ");
        parts.push(filled("sheet.columns", &[("columns", columns)], locale));
    }
    let all = mart.changed.len() + mart.appeared.len() + mart.gone.len();
    let changed = mart.changed.iter().map(change_row);
    let rows = |keys: &[Vec<String>], key: &str| -> Vec<Vec<String>> {
        let word = said(key, locale);
        keys.iter()
            .take(LINES_SHOWN)
            .map(|key| [key.clone(), vec![word.clone()]].concat())
            .collect()
    };
    let appeared = rows(&mart.appeared, "sheet.appeared");
    let gone = rows(&mart.gone, "sheet.gone");
    let shown: Vec<_> = changed.chain(gone).chain(appeared).take(LINES_SHOWN).collect();
    if !shown.is_empty() {
        let columns = ["column", "old", "new", "unit", "points"];
        let names = columns.map(|name| said(&format!("sheet.column.{name}"), locale));
        let header: Vec<&str> =
            mart.key.iter().map(String::as_str).chain(names.iter().map(String::as_str)).collect();
        parts.push(lines(&output::table(&header, &shown), all - shown.len(), locale));
    }
    parts.join("\n")
}

fn change_row(change: &Change) -> Vec<String> {
    let Change { key, column, unit, old, new, points } = change;
    let cells = [
        column.clone(),
        shown(old.as_ref()),
        shown(new.as_ref()),
        unit.clone(),
        points.clone().unwrap_or_default(),
    ];
    key.iter().cloned().chain(cells).collect()
}

/// A value, or a dash where there is none.
fn shown(value: Option<&String>) -> String {
    value.cloned().unwrap_or_else(|| "-".to_owned())
}

fn lines(table: &str, more: usize, locale: Locale) -> String {
    if more == 0 {
        return table.to_owned();
    }
    format!("{table}\n {}", filled("sheet.more", &[("count", more.to_string())], locale))
}
