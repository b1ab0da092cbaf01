//! Finds the columns of a single-firm sheet by its headings, in one storey or two.
//!
//! In: a sheet and the labels of its form. Out: where the label, unit and code stand and where the
//! four measures do; a measure without a column is simply absent.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::grid::{Row, Sheet, Value};
use super::labels;
use crate::domain::measure::Measure;
use crate::domain::unit::Unit;
use crate::project::forms::{Label, MeasureLabels, SheetLayout};

/// Rows with content that are searched for headings.
const SEARCHED: usize = 60;

type MeasureColumns = BTreeMap<Measure, MeasureLabels>;

/// Where the columns of a sheet stand.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    /// The first and the last row of headings.
    pub(super) first_row: u32,
    pub(super) last_row: u32,
    /// The columns that say what a row is.
    pub(super) label: Option<u32>,
    pub(super) unit: Option<u32>,
    pub(super) code: Option<u32>,
    pub(super) measures: BTreeMap<Measure, FigureColumn>,
}

/// A column of figures.
#[derive(Clone, Debug)]
pub(super) struct FigureColumn {
    pub(super) number: u32,
    /// The unit of money in brackets behind its heading.
    pub(super) unit: Option<Unit>,
}

/// Columns of figures from which on headings count as those of a form.
const MEASURES_MIN: usize = 2;

/// Finds the headings: the first rows that name most measures.
pub(super) fn find(sheet: &Sheet, layout: &SheetLayout) -> Option<Columns> {
    find_measures(sheet, layout).map(|columns| with_keys(columns, sheet, layout))
}

/// The same without the columns that say what a row is.
pub(super) fn find_measures(sheet: &Sheet, layout: &SheetLayout) -> Option<Columns> {
    let mut best: Option<Columns> = None;
    for (number, row) in sheet.rows_from(0).take(SEARCHED) {
        let columns = named(sheet, (number, row), layout);
        if columns.measures.len() > best.as_ref().map_or(0, |best| best.measures.len()) {
            best = Some(columns);
        }
    }
    best
}

/// The columns of figures whose headings begin in a row, if they are those of the form.
pub(super) fn headed(sheet: &Sheet, number: u32, layout: &SheetLayout) -> Option<Columns> {
    let row = sheet.rows_from(number).next().filter(|row| row.0 == number)?;
    let columns = named(sheet, row, layout);
    is_form(&columns, layout).then_some(columns)
}

/// Whether headings name enough measures to be those of a form.
pub(super) fn is_form(columns: &Columns, layout: &SheetLayout) -> bool {
    columns.measures.len() >= MEASURES_MIN.min(layout.measures.len()).max(1)
}

/// The columns of figures that a row names, alone or with the one below.
fn named(sheet: &Sheet, (number, row): (u32, &Row), layout: &SheetLayout) -> Columns {
    let below = sheet.rows_from(number.saturating_add(1)).next();
    let two = below.map(|(last, lower)| (last, two_storeys(row, lower, &layout.measures)));
    let one = one_storey(row, &layout.measures);
    let (last_row, measures) = match two {
        Some((last, found)) if found.len() >= one.len() && !found.is_empty() => (last, found),
        _ => (number, one),
    };
    Columns { first_row: number, last_row, label: None, unit: None, code: None, measures }
}

/// Adds the columns that say what a row is.
fn with_keys(columns: Columns, sheet: &Sheet, layout: &SheetLayout) -> Columns {
    let rows = || sheet.rows_from(columns.first_row).take_while(|row| row.0 <= columns.last_row);
    let position = |labels: &[Label], matches: fn(&str, &str) -> bool| {
        let is_heading = |text: &str| labels.iter().any(|label| matches(text, label.squeezed()));
        let mut cells = rows().flat_map(|(_, row)| row.iter());
        cells.find(|(_, value)| is_heading(&value.label())).map(|(column, _)| *column)
    };
    // An exact heading before one that ends so (指标代码).
    let key = |labels: &[Label]| {
        position(labels, |text, label| text == label)
            .or_else(|| position(labels, |text, label| text.ends_with(label)))
    };
    let keys = &layout.columns;
    Columns { label: key(&keys.label), unit: key(&keys.unit), code: key(&keys.code), ..columns }
}

/// Group headings above, each reaching right to the next; headings of measures below.
fn two_storeys(
    upper: &Row,
    lower: &Row,
    measures: &MeasureColumns,
) -> BTreeMap<Measure, FigureColumn> {
    let mut found = BTreeMap::new();
    let mut groups: Vec<(u32, Cow<'_, str>)> = Vec::new();
    for (column, label) in texts(upper.iter()) {
        let (group, _) = labels::without_bracket(&label);
        let is_group = |labels: &MeasureLabels| is_one(group, &labels.group);
        if measures.values().any(is_group) {
            groups.push((column, label));
        }
    }
    for (at, (start, group)) in groups.iter().enumerate() {
        let end = groups.get(at + 1).map_or(u32::MAX, |(next, _)| *next);
        let (group, group_unit) = labels::without_bracket(group);
        for (column, label) in texts(lower.range(*start..end)) {
            let (heading, unit) = labels::without_bracket(&label);
            let is_measure = |labels: &MeasureLabels| {
                is_one(group, &labels.group) && is_heading(heading, labels)
            };
            if let Some((measure, _)) = measures.iter().find(|(_, labels)| is_measure(labels)) {
                let unit = unit.or(group_unit).and_then(money);
                found.entry(*measure).or_insert(FigureColumn { number: column, unit });
            }
        }
    }
    found
}

/// The texts among some cells: no heading is a number.
fn texts<'a>(
    cells: impl Iterator<Item = (&'a u32, &'a Value)>,
) -> impl Iterator<Item = (u32, Cow<'a, str>)> {
    let texts = cells.filter(|(_, value)| matches!(value, Value::Text(_)));
    texts.map(|(column, value)| (*column, value.label()))
}

/// Headings that name group and measure at once: `本年-1-本月`.
fn one_storey(row: &Row, measures: &MeasureColumns) -> BTreeMap<Measure, FigureColumn> {
    let mut found = BTreeMap::new();
    for (column, label) in texts(row.iter()) {
        let (heading, unit) = labels::without_bracket(&label);
        if let Some(measure) = joined(heading, measures).or_else(|| joined(&label, measures)) {
            found
                .entry(measure)
                .or_insert(FigureColumn { number: column, unit: unit.and_then(money) });
        }
    }
    found
}

/// The measure a heading of one storey names.
pub(super) fn joined(heading: &str, measures: &MeasureColumns) -> Option<Measure> {
    let names = |labels: &MeasureLabels| {
        let behind_group = labels.group.iter().any(|group| {
            let rest = heading.strip_prefix(group.squeezed());
            let rest =
                rest.map(|rest| rest.trim_start_matches(['-', ':', ';', '.', '/', '_', '(']));
            rest.is_some_and(|rest| is_heading(rest.trim_end_matches(')'), labels))
        });
        // 上年同月 names its group itself.
        let is_alone = |label: &Label| {
            label.squeezed() == heading && labels::starts_with_any(heading, &labels.group)
        };
        behind_group || labels.heading.iter().any(is_alone)
    };
    measures.iter().find(|(_, labels)| names(labels)).map(|(measure, _)| *measure)
}

fn is_one(text: &str, labels: &[Label]) -> bool {
    labels.iter().any(|label| label.squeezed() == text)
}

fn is_heading(heading: &str, labels: &MeasureLabels) -> bool {
    let mut heading = Cow::Borrowed(heading);
    if heading.contains(['至', '到']) || heading.contains("1月-") {
        heading = heading.replace(['至', '到'], "-").replace("1月-", "1-").into();
    }
    let is = |text: &str| labels.heading.iter().any(|label| matches(text, label.squeezed()));
    is(&heading) || heading.strip_suffix("累计").is_some_and(is)
}

/// Compares with a label in which `#` stands for a month.
fn matches(heading: &str, label: &str) -> bool {
    let Some((before, after)) = label.split_once('#') else { return heading == label };
    let month = heading.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    month.and_then(|month| month.parse().ok()).is_some_and(|month: u32| (1..=12).contains(&month))
}

fn money(bracket: &str) -> Option<Unit> {
    Unit::read(bracket).filter(Unit::is_money)
}
