//! The table of a single-firm sheet, row by row.
//!
//! In: a sheet, its columns, the form's items and open groups. Out: figures, what could not be read,
//! and where the table ends. A row is known by its code, or by its label where it has none; a row
//! that bears figures and is not known is noted, never dropped in silence.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::Figure;
use super::columns::{self, Columns, FigureColumn};
use super::figures::{self, FigurePlace};
use super::grid::{Row, Sheet, Value};
use super::labels;
use crate::domain::cell::Cell;
use crate::domain::unit::Unit;
use crate::findings::{Code, Finding, format};
use crate::project::forms::{CodeKind, Counts, Form, Item, OpenRows};
use crate::texts::{self, Text};

/// The largest number that stands for a column in that row.
const LAST_COLUMN: u32 = 9;

/// What a table held.
#[derive(Debug, Default)]
pub(super) struct SheetTable {
    pub(super) figures: Vec<Figure>,
    pub(super) findings: Vec<Finding>,
    /// The labels of rows that bear a firm's code, by item.
    pub(super) row_names: BTreeMap<String, String>,
    /// The items and codes whose rows are there, with figures or without.
    pub(super) items: BTreeSet<String>,
    pub(super) end: u32,
}

/// Reads all rows below the headings.
pub(super) fn read(
    sheet: &Sheet,
    form: &Form,
    columns: &Columns,
    unit: Option<Unit>,
) -> SheetTable {
    let mut reader = RowReader {
        sheet,
        form,
        columns,
        unit,
        group: form.rows.iter().find(|rows| rows.section.is_empty()),
        table: SheetTable { end: u32::MAX, ..SheetTable::default() },
    };
    let mut is_open = true;
    let mut headed = columns.last_row;
    for (number, row) in sheet.rows_from(columns.last_row.saturating_add(1)) {
        if let Some(again) = columns::headed(sheet, number, &form.sheet) {
            // The headings again: the table goes on, on another page.
            (is_open, headed) = (true, again.last_row);
        }
        if number <= headed {
            continue;
        }
        if is_footer(row, form) {
            reader.table.end = reader.table.end.min(number);
            is_open = false;
        }
        if is_open {
            reader.row(number, row);
        }
    }
    reader.table
}

struct RowReader<'a> {
    sheet: &'a Sheet,
    form: &'a Form,
    columns: &'a Columns,
    unit: Option<Unit>,
    group: Option<&'a OpenRows>,
    table: SheetTable,
}

/// A row with its texts squeezed.
struct Line<'a> {
    number: u32,
    row: &'a Row,
    label: Cow<'a, str>,
    code: String,
}

impl<'a> RowReader<'a> {
    fn row(&mut self, number: u32, row: &'a Row) {
        let text = |column: Option<u32>| {
            column.and_then(|column| row.get(&column)).map(Value::label).unwrap_or_default()
        };
        let mut label = text(self.columns.label);
        if label.is_empty() {
            // Labels that slipped out of their column: the first text before the figures.
            let measures = self.columns.measures.values();
            let figures = measures.map(|column| column.number).min().unwrap_or(u32::MAX);
            let mut texts = row.range(..figures).filter(|(column, value)| {
                let is_key = [self.columns.code, self.columns.unit].contains(&Some(**column));
                matches!(value, Value::Text(_)) && !is_key
            });
            label = texts.next().map(|(_, value)| value.label()).unwrap_or_default();
        }
        let line = Line { number, row, label, code: labels::code(&text(self.columns.code)) };
        if self.is_letters(&line) {
            return;
        }
        let mut sections = self.form.rows.iter().filter(|rows| !rows.section.is_empty());
        if let Some(group) = sections.find(|rows| labels::is_any(&line.label, &rows.section)) {
            self.group = Some(group);
        } else if !self.is_total(&line) {
            self.known_row(&line);
        }
    }

    /// The cells of a row in the columns of figures.
    fn cells<'b>(&'b self, line: &'b Line<'_>) -> impl Iterator<Item = &'b Value> {
        self.columns.measures.values().filter_map(|column| line.row.get(&column.number))
    }

    /// The row 甲 乙 丙 1 2 3 4, whole or only its numbers.
    fn is_letters(&self, line: &Line<'_>) -> bool {
        let texts: Vec<Cow<'_, str>> = line.row.values().map(Value::label).collect();
        let letters = &self.form.words.column_letters;
        let is_letter = |text: &str| text.chars().count() == 1 && letters.contains(text);
        let is_number = |text: &str| {
            let bare = text.trim_matches(['(', ')']);
            bare == "-" || bare.parse().is_ok_and(|number: u32| (1..=LAST_COLUMN).contains(&number))
        };
        let numbers = self.cells(line).filter_map(|value| value.label().parse().ok());
        let numbers: Vec<u32> = numbers.collect();
        let is_counted = !numbers.is_empty()
            && numbers.len() == self.columns.measures.len()
            && numbers.windows(2).all(|pair| matches!(pair, [one, next] if *next == one + 1))
            && numbers.iter().all(|number| *number <= LAST_COLUMN);
        texts.iter().any(|text| is_letter(text))
            && texts.iter().all(|text| is_letter(text) || is_number(text))
            || is_counted && line.label.is_empty() && line.code.is_empty()
    }

    fn is_total(&self, line: &Line<'_>) -> bool {
        line.code.is_empty()
            && self.group.is_some_and(|group| labels::is_any(&line.label, &group.totals))
    }

    /// Outside the open groups a code names an item; inside only together with the label.
    fn known_row(&mut self, line: &Line<'_>) {
        let has_label = |item: &&Item| labels::is_any(&line.label, &item.labels);
        let has_code = |item: &&Item| labels::is_code(&line.code, &item.codes);
        let form = self.form;
        let items = || form.item.iter();
        let item = match self.group {
            None => items().find(has_code).or_else(|| items().find(has_label)),
            Some(_) => {
                items().find(|item| has_label(item) && (line.code.is_empty() || has_code(item)))
            }
        };
        match (item, self.group) {
            (Some(item), _) => self.item_row(line, &item.item, Counts::Money),
            (None, Some(group)) => self.group_row(line, group),
            (None, None) if self.has_figures(line) => {
                let label =
                    Text::same(if line.label.is_empty() { &*line.code } else { &*line.label });
                let note = Finding::new(Code::RowIgnored, &[("row", &label)]);
                let cell = line.row.keys().next().map(|column| Cell::new(line.number, *column));
                self.table.findings.push(note.at(&self.sheet.name, cell));
            }
            (None, None) => {}
        }
    }

    fn has_figures(&self, line: &Line<'_>) -> bool {
        self.cells(line).any(figures::is_filled)
    }

    fn group_row(&mut self, line: &Line<'_>, group: &OpenRows) {
        match labels::open_code(&line.code, group.code, &self.form.words) {
            Some(code) => {
                let item = format!("{}:{code}", group.rows);
                if group.code == CodeKind::CreditCode && !line.label.is_empty() {
                    self.table.row_names.insert(item.clone(), line.label.to_string());
                }
                self.item_row(line, &item, group.counts);
            }
            None if self.has_figures(line) => {
                let column = self.columns.code.or_else(|| line.row.keys().next().copied());
                let cell = column.map(|column| Cell::new(line.number, column));
                let arguments = [("row", &Text::same(&*line.label)), ("group", &group.name)];
                let finding = Finding::new(Code::RowCode, &arguments).at(&self.sheet.name, cell);
                let expected = texts::text(labels::expected_key(group.code));
                self.table.findings.push(finding.found(&line.code, Some(expected.zh.clone())));
            }
            None => {}
        }
    }

    fn item_row(&mut self, line: &Line<'_>, item: &str, counts: Counts) {
        let is_required = self.is_required(item);
        if !self.table.items.insert(item.to_owned()) {
            let column = self.columns.code.or(self.columns.label).unwrap_or_default();
            let code = Text::same(if line.code.is_empty() { &*line.label } else { &*line.code });
            let finding = Finding::new(Code::RowTwice, &[("code", &code)])
                .at(&self.sheet.name, Some(Cell::new(line.number, column)))
                .about(item, None);
            self.table.findings.push(finding);
            return;
        }
        if counts == Counts::Money && self.has_figures(line) {
            self.table.findings.extend(self.strange_unit(line, item));
        }
        for (measure, column) in &self.columns.measures {
            let Some(value) = line.row.get(&column.number) else { continue };
            let place = FigurePlace {
                sheet: &self.sheet.name,
                cell: Cell::new(line.number, column.number),
                item,
                measure: *measure,
                is_required,
            };
            let unit = self.unit_of(line, column, counts);
            let SheetTable { figures, findings, .. } = &mut self.table;
            figures::read(value, &place, &unit, figures, findings);
        }
    }

    /// Whether a figure of the row has to be there: the rows of a form that is nothing but a group
    /// are what it is about.
    fn is_required(&self, item: &str) -> bool {
        match self.form.item.iter().find(|known| known.item == item) {
            Some(fixed) => fixed.required,
            None => self.group.is_some_and(|group| group.section.is_empty()),
        }
    }

    /// A unit of money that nobody knows (`百万元`) is not passed over in silence: which unit the
    /// figures were read in is for the firm to confirm.
    fn strange_unit(&self, line: &Line<'_>, item: &str) -> Option<Finding> {
        let column = self.columns.unit?;
        let Unit::Quantity(typed) = Unit::read(&line.row.get(&column)?.typed())? else {
            return None;
        };
        let (_, figures) = self.columns.measures.iter().next()?;
        let unit = self.unit_of(line, figures, Counts::Money);
        let arguments = [("unit", &Text::same(&typed)), ("read", &format::unit(&unit))];
        let finding = Finding::new(Code::UnitUnknown, &arguments);
        let cell = Cell::new(line.number, column);
        Some(finding.at(&self.sheet.name, Some(cell)).about(item, None).found(&typed, None))
    }

    /// The row's unit, else the column's, else the sheet's, else the form's; money takes only money.
    fn unit_of(&self, line: &Line<'_>, column: &FigureColumn, counts: Counts) -> Unit {
        let typed = self.columns.unit.and_then(|column| line.row.get(&column));
        let typed = typed.and_then(|value| Unit::read(&value.typed()));
        if counts == Counts::Quantity {
            return typed.unwrap_or_else(|| Unit::Quantity(String::new()));
        }
        typed
            .filter(Unit::is_money)
            .or_else(|| column.unit.clone())
            .or_else(|| self.unit.clone())
            .or_else(|| Unit::read(&self.form.sheet.unit))
            .unwrap_or(Unit::ThousandYuan)
    }
}

/// Whether a row stands behind the table: signatures, explanation, notes.
pub(super) fn is_footer(row: &Row, form: &Form) -> bool {
    let Some((_, first)) = row.iter().next() else { return false };
    let label = first.label();
    let fields = &form.sheet.fields;
    form.words.is_footer(&label)
        || labels::starts_with_any(&label, &fields.explanation)
        || labels::starts_with_any(&label, &fields.reported_on)
}
