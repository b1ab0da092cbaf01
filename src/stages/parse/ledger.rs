//! The ledger layout (台账): free rows under a row of headings.
//!
//! In: a sheet known to be a ledger. Out: one report; a record a row, each entry with its cell. What
//! cannot be read, is missing or contradicts another row of its key is in its findings.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::figures;
use super::grid::{Row, Sheet, Value};
use super::header::Margin;
use super::labels;
use super::rows::is_footer;
use super::sheet::hidden_by_merge;
use super::{Found, Layout, LedgerRecord, Report};
use crate::domain::cell::Cell;
use crate::domain::credit_code::{self, CodeState};
use crate::domain::dates;
use crate::domain::entry::Entry;
use crate::domain::period::Period;
use crate::domain::text;
use crate::domain::unit::Unit;
use crate::findings::{Code, Finding};
use crate::project::forms::{EntryKind, Form, Label, LedgerColumn};
use crate::texts::{self, Text};

/// Rows with content that are searched for headings.
const SEARCHED: usize = 60;

/// Headings from which on a row is that of the headings.
const HEADINGS_MIN: usize = 2;

/// What joins the parts of a key.
const JOINT: &str = " / ";

/// Reads a sheet of this layout.
pub(super) fn read(sheet: &Sheet, form: &Form) -> Report {
    let headings = LedgerHeadings::find(sheet, form);
    let start = headings.as_ref().map_or(u32::MAX, |headings| headings.row);
    let mut reader = RecordReader { sheet, form, records: Vec::new(), findings: Vec::new() };
    let mut end = u32::MAX;
    if let Some(headings) = &headings {
        reader.findings.extend(headings.faults(sheet));
        end = reader.table(headings);
    } else {
        reader.findings.extend(form.column.iter().map(|column| missing(sheet, column)));
    }
    reader.findings.extend(hidden_by_merge(sheet));
    let (above, margin) = (Margin { sheet, start, end: u32::MAX }, Margin { sheet, start, end });
    let fields = &form.sheet.fields;
    let squeezed = |it: Found<String>| Found { value: text::squeeze(&it.value), cell: it.cell };
    let records = reader.unique();
    let columns = headings.map(|headings| {
        let places = headings.columns.into_iter();
        places.filter_map(|(it, places, _)| Some((it.column.clone(), *places.first()?)))
    });
    Report {
        form: form.form.clone(),
        layout: Layout::Ledger,
        sheet: sheet.name.clone(),
        document: margin.field(&fields.document).map(squeezed),
        credit_code: margin.credit_code(fields),
        firm_name: margin.field(&fields.firm_name),
        period: above.period(form),
        explanation: margin.explanation(form),
        reported_on: margin.day(&fields.reported_on),
        figures: Vec::new(),
        records,
        columns: columns.into_iter().flatten().collect(),
        row_names: BTreeMap::new(),
        findings: reader.findings,
        is_named_by_sheet: false,
    }
}

/// Where the columns of a ledger stand.
struct LedgerHeadings<'a> {
    row: u32,
    /// Each column of the form with the cells headed by it, and the unit in the brackets of its heading.
    columns: Vec<(&'a LedgerColumn, Vec<u32>, Option<Unit>)>,
}

impl<'a> LedgerHeadings<'a> {
    /// The first row that bears most headings.
    fn find(sheet: &Sheet, form: &'a Form) -> Option<Self> {
        let mut best: Option<Self> = None;
        for (number, row) in sheet.rows_from(0).take(SEARCHED) {
            let found = Self::of(number, row, form);
            if found.count() > best.as_ref().map_or(HEADINGS_MIN - 1, Self::count) {
                best = Some(found);
            }
        }
        best
    }

    fn of(row: u32, cells: &Row, form: &'a Form) -> Self {
        let labels: Vec<(u32, Cow<'_, str>)> =
            cells.iter().map(|(column, value)| (*column, value.label())).collect();
        let columns = form.column.iter().map(|column| {
            let (mut places, mut unit) = (Vec::new(), None);
            for (place, label) in &labels {
                let (bare, bracket) = labels::without_bracket(label);
                let is_money = column.kind == EntryKind::Money;
                let typed = bracket.filter(|_| is_money).and_then(Unit::read);
                let typed = typed.filter(Unit::is_money);
                if column.is_headed(label) || typed.is_some() && column.is_headed(bare) {
                    places.push(*place);
                    unit = unit.or(typed);
                }
            }
            (column, places, unit)
        });
        Self { row, columns: columns.collect() }
    }

    fn count(&self) -> usize {
        self.columns.iter().filter(|(_, places, _)| !places.is_empty()).count()
    }

    /// Columns that are missing, and headings that stand there twice.
    fn faults(&self, sheet: &Sheet) -> Vec<Finding> {
        let fault = |(column, places, _): &(&LedgerColumn, Vec<u32>, Option<Unit>)| match **places {
            [] => Some(missing(sheet, column)),
            [_] => None,
            [.., last] => {
                let cell = Cell::new(self.row, last);
                let finding = Finding::new(Code::ColumnTwice, &[("column", &column.name)]);
                Some(finding.at(&sheet.name, Some(cell)))
            }
        };
        self.columns.iter().filter_map(fault).collect()
    }
}

fn missing(sheet: &Sheet, column: &LedgerColumn) -> Finding {
    Finding::new(Code::ColumnMissing, &[("column", &column.name)]).at(&sheet.name, None)
}

struct RecordReader<'a> {
    sheet: &'a Sheet,
    form: &'a Form,
    records: Vec<LedgerRecord>,
    findings: Vec<Finding>,
}

impl RecordReader<'_> {
    /// Reads the rows below the headings; the first row behind them. Headings that stand there again, on
    /// another page, and totals are passed over.
    fn table(&mut self, headings: &LedgerHeadings<'_>) -> u32 {
        for (number, row) in self.sheet.rows_from(headings.row.saturating_add(1)) {
            let first = row.values().next().map(Value::label).unwrap_or_default();
            let is_word = |word: &Label| word.squeezed() == first.trim_end_matches(':');
            if is_footer(row, self.form) {
                return number;
            }
            let is_total = self.form.words.totals.iter().any(is_word);
            let is_heading = self.form.column.iter().any(|column| column.is_headed(&first))
                && LedgerHeadings::of(number, row, self.form).count() >= HEADINGS_MIN;
            if !is_total && !is_heading {
                self.row((number, row), headings);
            }
        }
        u32::MAX
    }

    fn row(&mut self, (number, row): (u32, &Row), headings: &LedgerHeadings<'_>) {
        let mut entries = BTreeMap::new();
        let (mut missing, mut unread) = (Vec::new(), Vec::new());
        for (column, places, unit) in &headings.columns {
            let Some(place) = places.first() else { continue };
            let cell = Cell::new(number, *place);
            let value = row.get(place);
            match value.map_or(Ok(None), |value| entry(value, column, unit.as_ref(), self.form)) {
                Ok(Some(value)) => {
                    entries.insert(column.column.clone(), Found { value, cell });
                }
                Ok(None) if column.key || column.required => {
                    let arguments = [("column", &column.name)];
                    missing.push(Finding::new(Code::EntryMissing, &arguments).at("", Some(cell)));
                }
                Ok(None) => {}
                Err(code) => {
                    let arguments = [("column", &column.name), ("expected", &expected(column))];
                    let finding = Finding::new(code, &arguments).at("", Some(cell));
                    let typed = value.map(Value::typed).unwrap_or_default();
                    unread.push(finding.found(typed, None));
                }
            }
        }
        // A row with nothing in the columns of the form is no row of it.
        if entries.is_empty() && unread.is_empty() {
            return;
        }
        let keys = self.form.column.iter().filter(|column| column.key);
        let parts = keys.filter_map(|column| entries.get(&column.column));
        let key = parts.map(|it| it.value.to_string()).collect::<Vec<_>>().join(JOINT);
        let about = |finding: Finding| {
            let cell = finding.cell;
            finding.at(&self.sheet.name, cell).about(&key, None)
        };
        self.findings.extend(missing.into_iter().chain(unread).map(about));
        let mut keys = self.form.column.iter().filter(|column| column.key);
        if keys.all(|column| entries.contains_key(&column.column)) {
            self.records.push(LedgerRecord { row: number, key, entries });
        }
    }

    /// Each key once: a row that says the same again is noted, rows that contradict each other are errors.
    fn unique(&mut self) -> Vec<LedgerRecord> {
        let is_told = |column: &str| {
            self.form.column.iter().any(|known| known.column == column && !known.remark)
        };
        let told = |record: &LedgerRecord| -> Vec<(String, Entry)> {
            let entries = record.entries.iter().filter(|(column, _)| is_told(column));
            entries.map(|(column, found)| (column.clone(), found.value.clone())).collect()
        };
        let mut kept: Vec<LedgerRecord> = Vec::new();
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        for record in std::mem::take(&mut self.records) {
            let before = known.get(&record.key).and_then(|at| kept.get(*at));
            let Some(before) = before else {
                known.insert(record.key.clone(), kept.len());
                kept.push(record);
                continue;
            };
            let mut say = |code: Code, own: &LedgerRecord, other: &LedgerRecord| {
                let cell = |record: &LedgerRecord| record.entries.values().map(|it| it.cell).min();
                let other = cell(other).map(|cell| cell.to_string()).unwrap_or_default();
                let arguments = [("key", &Text::same(&own.key)), ("other", &Text::same(other))];
                let finding = Finding::new(code, &arguments);
                self.findings.push(finding.at(&self.sheet.name, cell(own)).about(&own.key, None));
            };
            if told(before) == told(&record) {
                say(Code::RecordRepeated, &record, before);
            } else {
                say(Code::KeyTwice, before, &record);
                say(Code::KeyTwice, &record, before);
            }
        }
        kept
    }
}

/// What stands in a cell, or the code that says why not; nothing for a mark of missing.
fn entry(
    value: &Value,
    column: &LedgerColumn,
    unit: Option<&Unit>,
    form: &Form,
) -> Result<Option<Entry>, Code> {
    let label = value.label();
    if matches!(value, Value::Text(_)) && figures::is_missing(&label) {
        return Ok(None);
    }
    let read = match column.kind {
        EntryKind::Text if matches!(value, Value::Error(_) | Value::Formula(_)) => None,
        // What a row is known by is the same whatever its blanks.
        EntryKind::Text if column.key => Some(Entry::Text(label.into_owned())),
        EntryKind::Text => Some(Entry::Text(text::tidy(&value.typed()))),
        EntryKind::Code => {
            let known = column.values.iter().find(|(word, _)| word.squeezed() == label);
            known.map(|(_, code)| Entry::Text(code.clone()))
        }
        EntryKind::Date => day(value).map(Entry::Day),
        EntryKind::CreditCode => {
            let code = label.to_ascii_uppercase();
            (credit_code::examine(&code) != CodeState::Malformed).then_some(Entry::Text(code))
        }
        EntryKind::Money => {
            let own = unit.cloned().or_else(|| Unit::read(&form.sheet.unit));
            let read = figures::figure(value, &own.unwrap_or(Unit::TenThousandYuan))?;
            return Ok(read.and_then(|(number, unit)| unit.canonical(number)).map(Entry::Money));
        }
    };
    read.map(Some).ok_or(Code::EntryUnread)
}

/// What a column holds, for whoever typed something else.
fn expected(column: &LedgerColumn) -> Text {
    match column.kind {
        EntryKind::Code => {
            let words: Vec<&str> = column.values.keys().map(Label::squeezed).collect();
            Text { zh: words.join("、"), en: words.join(", ") }
        }
        EntryKind::CreditCode => texts::text("finding.H6.code.credit_code").clone(),
        EntryKind::Date => texts::text("finding.L2.date").clone(),
        EntryKind::Text | EntryKind::Money => texts::text("finding.L2.text").clone(),
    }
}

/// A day, as a date of the sheet or as typed: `2024-07-05`, `2024.7.5`, `2024年7月5日`, `20240705`.
fn day(value: &Value) -> Option<NaiveDate> {
    let day = match value {
        Value::Date(_, day) => *day,
        Value::Text(_) | Value::Number(_) => {
            let typed = text::tidy(&value.typed());
            // Programs write midnight behind a day.
            let timed = typed.split_once(' ');
            let timed = timed.filter(|(_, time)| time.trim_matches(['0', ':', '.']).is_empty());
            let typed = timed.map_or(typed.as_str(), |(day, _)| day);
            let eight = (typed.len() == 8).then(|| NaiveDate::parse_from_str(typed, "%Y%m%d").ok());
            eight.flatten().or_else(|| dates::typed_day(typed))
        }
        _ => None,
    };
    // Years no ledger is about are slips of the keyboard.
    day.filter(|day| Period::of(*day).is_some())
}
