//! What is said of a report beside others of the same form, firm and month.
//!
//! In: the report, the other it is held against. Out: a finding: the query of a conflict that names
//! the cells that differ, or the note why an accepted report does not count.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;

use super::Checked;
use crate::domain::cell::Cell;
use crate::domain::entry::Entry;
use crate::domain::measure::Measure;
use crate::findings::{Code, Finding, format};
use crate::stages::parse::{Figure, Report};
use crate::stages::validate::Candidate;
use crate::texts::{self, Text};

/// Cells named before the rest is counted.
const CELLS_SHOWN: usize = 3;

/// Whether an item is one of the form's own, not a row of an open group such as `industry:3714`.
pub(super) fn is_fixed(item: &str) -> bool {
    !item.contains(':')
}

/// R1: other reports, of which `other` is the first, came at the same time and differ.
pub(super) fn conflict(own: &Checked, other: &Checked, count: usize) -> Finding {
    let differences = differences(own, other);
    let figures = differences.iter().map(|(own, other)| disagreement(*own, *other));
    let rows = rows(&own.candidate.report, &other.candidate.report);
    let mut cells: Vec<Text> = figures.chain(rows).collect();
    let more = cells.len().saturating_sub(CELLS_SHOWN);
    cells.truncate(CELLS_SHOWN);
    if more > 0 {
        let count = Text::same(more.to_string());
        cells.push(texts::text("finding.R1.more").fill(&[("count", &count)]));
    }
    let (zh, en): (Vec<String>, Vec<String>) = cells.into_iter().map(|it| (it.zh, it.en)).unzip();
    let cells = Text { zh: zh.join("、"), en: en.join(", ") };
    let count = Text::same(count.to_string());
    let [file, sheet] = place(&other.candidate);
    let arguments = [("file", &file), ("sheet", &sheet), ("count", &count), ("cells", &cells)];
    let finding = Finding::new(Code::Conflict, &arguments);
    match differences.first().and_then(|(own, _)| *own) {
        Some(figure) => finding
            .at(&own.candidate.report.sheet, Some(figure.cell))
            .about(&figure.item, Some(figure.measure)),
        None => finding.at(&own.candidate.report.sheet, None),
    }
}

/// R2: why an accepted report does not count, with the one that does.
pub(super) fn note(code: Code, own: &Checked, other: Option<(&Checked, Tz)>) -> Finding {
    let [file, sheet] = other.map(|(other, _)| place(&other.candidate)).unwrap_or_default();
    let time = other.map(|(other, zone)| {
        let received_at = other.candidate.submission.received_at.with_timezone(&zone);
        Text::same(received_at.format("%Y-%m-%d %H:%M:%S").to_string())
    });
    let arguments = [("file", &file), ("sheet", &sheet), ("time", &time.unwrap_or_default())];
    Finding::new(code, &arguments).at(&own.candidate.report.sheet, None)
}

fn place(candidate: &Candidate) -> [Text; 2] {
    [&candidate.submission.file_name, &candidate.report.sheet].map(Text::same)
}

/// A figure that two reports do not share: the one's own, the other's.
type FigurePair<'a> = (Option<&'a Figure>, Option<&'a Figure>);

/// `D9: 1,010 here, 1,020 there`, both in the unit of the first.
fn disagreement(own: Option<&Figure>, other: Option<&Figure>) -> Text {
    let Some(named) = own.or(other) else { return Text::default() };
    let shown = |figure: Option<&Figure>| match figure {
        None => Text::same(format::NONE),
        Some(it) if it.unit.is_money() && named.unit.is_money() => {
            Text::same(format::grouped(named.unit.express(it.canonical())))
        }
        Some(it) => format::figure(it.canonical(), &it.unit),
    };
    differing(named.cell, &shown(own), &shown(other))
}

fn differing(cell: Cell, own: &Text, other: &Text) -> Text {
    let cell = Text::same(cell.to_string());
    texts::text("finding.R1.cell").fill(&[("cell", &cell), ("own", own), ("other", other)])
}

/// What differs in the rows of two ledgers, by key and column.
fn rows(own: &Report, other: &Report) -> Vec<Text> {
    let laid = |report: &'_ Report| -> BTreeMap<(String, String), (Cell, Entry)> {
        let cells = report.records.iter().flat_map(|record| {
            let entries = record.entries.iter();
            entries.map(|(column, found)| {
                ((record.key.clone(), column.clone()), (found.cell, found.value.clone()))
            })
        });
        cells.collect()
    };
    let (own, other) = (laid(own), laid(other));
    let shown = |known: Option<&(Cell, Entry)>| {
        Text::same(known.map_or(format::NONE.to_owned(), |(_, entry)| entry.to_string()))
    };
    let places: BTreeSet<_> = own.keys().chain(other.keys()).collect();
    let differing = |place| {
        let (own, other) = (own.get(place), other.get(place));
        let (cell, _) = own.or(other)?;
        let is_same = own.map(|it| &it.1) == other.map(|it| &it.1);
        (!is_same).then(|| differing(*cell, &shown(own), &shown(other)))
    };
    places.into_iter().filter_map(differing).collect()
}

/// What differs, in the order of the sheet. An export has one row for what a form has in many: where
/// the items that both bear differ, only these.
fn differences<'a>(own: &'a Checked, other: &'a Checked) -> Vec<FigurePair<'a>> {
    let (own, other) = (&own.candidate.report, &other.candidate.report);
    let key = |figure: &'a Figure| (figure.item.as_str(), figure.measure);
    let mut others: BTreeMap<(&str, Measure), &Figure> =
        other.figures.iter().map(|figure| (key(figure), figure)).collect();
    let mut all: Vec<FigurePair<'_>> =
        own.figures.iter().map(|figure| (Some(figure), others.remove(&key(figure)))).collect();
    let alone = other.figures.iter().filter(|figure| others.contains_key(&key(figure)));
    all.extend(alone.map(|figure| (None, Some(figure))));
    let value = |figure: &Figure| {
        let unit = (!figure.unit.is_money()).then(|| figure.unit.name().to_owned());
        (figure.canonical(), unit)
    };
    all.retain(|(own, other)| own.map(value) != other.map(value));
    let is_fixed =
        |(own, other): &FigurePair<'_>| own.or(*other).is_some_and(|figure| is_fixed(&figure.item));
    if own.layout != other.layout && all.iter().any(is_fixed) {
        all.retain(is_fixed);
    }
    all
}
