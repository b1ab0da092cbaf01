//! The bureau-side export: many firms, one a row, headings joined with `;`.
//!
//! In: a sheet with such headings. Out: one report a firm and month. Rows without a credit code are
//! totals and growth rates of the export and left out; derived columns as well.

use std::collections::BTreeMap;

use super::columns;
use super::figures::{self, FigurePlace};
use super::grid::{Row, Sheet, Value};
use super::labels;
use super::sheet::{column_missing, hidden_by_merge, row_missing};
use super::{Figure, Found, Layout, Report};
use crate::domain::cell::Cell;
use crate::domain::dates;
use crate::domain::measure::Measure;
use crate::domain::period::Period;
use crate::domain::text;
use crate::domain::unit::Unit;
use crate::findings::{Code, Finding};
use crate::project::forms::{Form, Label, TableLayout};
use crate::texts::{self, Text};

/// Rows with content that are searched for headings.
const SEARCHED: usize = 40;

/// Where the columns of an export stand, and the month of those whose headings bear none.
pub(super) struct Headings {
    row: u32,
    credit_code: u32,
    firm_name: Option<u32>,
    industry_code: Option<u32>,
    figures: Vec<Heading>,
    default: Option<Found<Period>>,
}

/// A column of figures.
struct Heading {
    column: u32,
    item: String,
    measure: Measure,
    period: Option<Period>,
}

/// The headings of an export: a credit code, and at least one item with its measure.
pub(super) fn headings(sheet: &Sheet, form: &Form, layout: &TableLayout) -> Option<Headings> {
    let mut rows = sheet.rows_from(0).take(SEARCHED);
    let mut found = rows.find_map(|(number, row)| headings_of(number, row, form, layout))?;
    found.default = month_above(sheet, 0, found.row).or_else(|| {
        let cell = Cell::new(found.row, found.credit_code);
        dates::month_within(&sheet.name).map(|value| Found { value, cell })
    });
    Some(found)
}

fn headings_of(number: u32, row: &Row, form: &Form, layout: &TableLayout) -> Option<Headings> {
    let position = |known: &[Label]| {
        let is = |value: &Value| {
            let label = value.label();
            known.iter().any(|known| known.squeezed() == label)
        };
        row.iter().find(|(_, value)| is(value)).map(|(column, _)| *column)
    };
    let credit_code = position(&layout.credit_code)?;
    let figures: Vec<Heading> = row
        .iter()
        .filter_map(|(column, value)| heading(*column, &value.label(), form, layout))
        .collect();
    (!figures.is_empty()).then(|| Headings {
        row: number,
        credit_code,
        firm_name: position(&layout.firm_name),
        industry_code: position(&layout.industry_code),
        figures,
        default: None,
    })
}

/// `2024年;12月;工业总产值(当年价格);本年-本月` to item, measure and month.
fn heading(column: u32, label: &str, form: &Form, layout: &TableLayout) -> Option<Heading> {
    if layout.derived.iter().any(|derived| label.contains(derived.squeezed())) {
        return None;
    }
    let (mut date, mut rest) = (String::new(), String::new());
    let mut item = None;
    for part in label.split(';') {
        let known = || form.item.iter().find(|item| labels::is_any(part, &item.labels));
        if is_date_part(part) {
            date.push_str(part);
        } else if let Some(known) = item.is_none().then(known).flatten() {
            item = Some(known.item.clone());
        } else {
            rest.push_str(part);
        }
    }
    let (measure, _) = labels::without_bracket(&rest);
    let measure = columns::joined(measure, &form.sheet.measures)?;
    let is_borne = layout.measures.is_empty() || layout.measures.contains(&measure);
    if !is_borne {
        return None;
    }
    Some(Heading { column, item: item?, measure, period: dates::whole_month(&date) })
}

/// `2024年`, `12月`, `2024年12月`.
fn is_date_part(part: &str) -> bool {
    let digits =
        part.trim_end_matches(|letter: char| letter.is_ascii_digit() || "年月".contains(letter));
    digits.is_empty() && part.starts_with(|letter: char| letter.is_ascii_digit())
}

/// Reads every firm's row. Headings that stand there again go on with another page, or with another
/// month if one stands above them.
pub(super) fn read(
    sheet: &Sheet,
    form: &Form,
    layout: &TableLayout,
    headings: Headings,
) -> Vec<Report> {
    let mut reports = Vec::new();
    let mut notes = hidden_by_merge(sheet);
    let mut page = Some(headings);
    while let Some(headings) = page.take() {
        let reader = ExportReader { sheet, layout, headings: &headings };
        let months = headings.months(form, layout);
        let mut last = headings.row;
        for (number, row) in sheet.rows_from(headings.row.saturating_add(1)) {
            if let Some(again) = headings.again(number, row, form, layout) {
                let month = month_above(sheet, last.saturating_add(1), number);
                page = Some(Headings { default: month.or(headings.default.clone()), ..again });
                break;
            }
            let Some(code) = credit_code((number, row), &headings, form) else {
                notes.extend(ignored(sheet, (number, row), &headings, form));
                continue;
            };
            last = number;
            reports.extend(months.iter().map(|it| reader.report((number, row), &code, it)));
        }
    }
    if let Some(first) = reports.first_mut() {
        first.findings.extend(notes);
    }
    reports
}

impl Headings {
    /// The months whose columns they bear, as far as the form has the layout then.
    fn months(&self, form: &Form, layout: &TableLayout) -> Vec<ExportMonth<'_>> {
        let mut months: BTreeMap<Option<Period>, Vec<&Heading>> = BTreeMap::new();
        for heading in &self.figures {
            let period = heading.period.or(self.default.as_ref().map(|found| found.value));
            months.entry(period).or_default().push(heading);
        }
        months.retain(|it, _| it.is_none_or(|period| period.is_within(layout.from, layout.to)));
        let of_month = |(period, columns)| ExportMonth { form: form.at(period), period, columns };
        months.into_iter().map(of_month).collect()
    }

    /// The headings that stand in a row again.
    fn again(&self, number: u32, row: &Row, form: &Form, layout: &TableLayout) -> Option<Self> {
        let label = row.get(&self.credit_code)?.label();
        let is_heading = layout.credit_code.iter().any(|known| known.squeezed() == label);
        is_heading.then(|| headings_of(number, row, form, layout)).flatten()
    }
}

/// The note that a row bears figures and a name, and nobody's code.
fn ignored(
    sheet: &Sheet,
    (number, row): (u32, &Row),
    headings: &Headings,
    form: &Form,
) -> Option<Finding> {
    let name = row.get(&headings.firm_name?)?.label();
    let is_total = form.words.is_total(&name);
    let mut figures = headings.figures.iter().filter_map(|heading| row.get(&heading.column));
    let has_figures = figures.any(figures::is_filled);
    let has_code =
        row.get(&headings.credit_code).is_some_and(|it| !figures::is_missing(&it.label()));
    if figures::is_missing(&name) || is_total || has_code || !has_figures {
        return None;
    }
    let note = Finding::new(Code::RowIgnored, &[("row", &Text::same(&*name))]);
    Some(note.at(&sheet.name, Some(Cell::new(number, headings.credit_code))))
}

/// The month that stands above headings, from a row on.
fn month_above(sheet: &Sheet, from: u32, headings: u32) -> Option<Found<Period>> {
    sheet.rows_from(from).take_while(|(number, _)| *number < headings).find_map(|(number, row)| {
        row.iter().find_map(|(column, value)| {
            let period = match value {
                Value::Date(_, day) => day.and_then(Period::of),
                other => dates::month_within(&other.typed()),
            };
            Some(Found { value: period?, cell: Cell::new(number, *column) })
        })
    })
}

/// The credit code of a firm's row; a title of the next page may stand where codes do.
fn credit_code(
    (number, row): (u32, &Row),
    headings: &Headings,
    form: &Form,
) -> Option<Found<String>> {
    let value = row.get(&headings.credit_code)?.label().to_ascii_uppercase();
    let is_none = figures::is_missing(&value)
        || form.words.is_total(&value)
        || dates::month_within(&value).is_some();
    let cell = Cell::new(number, headings.credit_code);
    (!is_none).then_some(Found { value, cell })
}

fn text((number, row): (u32, &Row), column: Option<u32>) -> Option<Found<String>> {
    let column = column?;
    let value = text::tidy(&row.get(&column)?.typed());
    let is_text = !figures::is_missing(&text::squeeze(&value));
    is_text.then_some(Found { value, cell: Cell::new(number, column) })
}

/// The columns of one month, and the form as it was then.
struct ExportMonth<'a> {
    form: Form,
    period: Option<Period>,
    columns: Vec<&'a Heading>,
}

impl ExportMonth<'_> {
    /// The month and where it is said: in a heading of its own, or for the whole sheet.
    fn found(&self, headings: &Headings) -> Option<Found<Period>> {
        let own = self.columns.iter().find(|heading| heading.period.is_some());
        match (own, &headings.default) {
            (None, Some(default)) => Some(default.clone()),
            (own, _) => {
                let column = own.map_or(0, |heading| heading.column);
                Some(Found { value: self.period?, cell: Cell::new(headings.row, column) })
            }
        }
    }
}

struct ExportReader<'a> {
    sheet: &'a Sheet,
    layout: &'a TableLayout,
    headings: &'a Headings,
}

impl ExportReader<'_> {
    fn report(
        &self,
        (number, row): (u32, &Row),
        credit_code: &Found<String>,
        month: &ExportMonth<'_>,
    ) -> Report {
        let mut report = Report {
            form: month.form.form.clone(),
            layout: Layout::Table,
            sheet: self.sheet.name.clone(),
            document: None,
            credit_code: Some(credit_code.clone()),
            firm_name: text((number, row), self.headings.firm_name),
            period: month.found(self.headings),
            explanation: None,
            reported_on: None,
            figures: Vec::new(),
            records: Vec::new(),
            columns: BTreeMap::new(),
            row_names: BTreeMap::new(),
            findings: self.missing(month),
            is_named_by_sheet: false,
        };
        let unit = Unit::read(&self.layout.unit).unwrap_or(Unit::ThousandYuan);
        for heading in &month.columns {
            let item = month.form.item.iter().find(|item| item.item == heading.item);
            let Some(item) = item else { continue };
            let Some(value) = row.get(&heading.column) else { continue };
            let place = FigurePlace {
                sheet: &self.sheet.name,
                cell: Cell::new(number, heading.column),
                item: &heading.item,
                measure: heading.measure,
                is_required: item.required,
            };
            figures::read(value, &place, &unit, &mut report.figures, &mut report.findings);
        }
        let industry = text((number, row), self.headings.industry_code);
        if let Some(typed) = industry {
            self.add_industry(typed, &month.form, &mut report);
        }
        report
    }

    /// The firm's one industry gets the figures of the item it equals.
    fn add_industry(&self, typed: Found<String>, form: &Form, report: &mut Report) {
        let rows = form.rows.iter().find(|rows| rows.rows == self.layout.industry.rows);
        let Some(rows) = rows else { return };
        let Some(code) = labels::open_code(&text::squeeze(&typed.value), rows.code, &form.words)
        else {
            let name = form.item_name(&self.layout.industry.item);
            let finding = Finding::new(Code::RowCode, &[("row", &name), ("group", &rows.name)]);
            let expected = texts::text(labels::expected_key(rows.code)).zh.clone();
            let finding = finding.at(&self.sheet.name, Some(typed.cell));
            report.findings.push(finding.found(typed.value, Some(expected)));
            return;
        };
        let item = format!("{}:{code}", rows.rows);
        let equal = report.figures.iter().filter(|figure| figure.item == self.layout.industry.item);
        let copies: Vec<Figure> =
            equal.map(|figure| Figure { item: item.clone(), ..figure.clone() }).collect();
        report.figures.extend(copies);
    }

    /// Required items and measures for which the export has no column.
    fn missing(&self, month: &ExportMonth<'_>) -> Vec<Finding> {
        let has_item = |item: &str| month.columns.iter().any(|heading| heading.item == item);
        let has_measure = |measure| month.columns.iter().any(|heading| heading.measure == measure);
        let items = month.form.item.iter().filter(|item| item.required && !has_item(&item.item));
        let rows = items.map(|item| row_missing(&self.sheet.name, &item.item, &item.name));
        let borne = month.form.measures(true, month.period).into_iter();
        let measures = borne.filter(|measure| !has_measure(*measure));
        let columns = measures.map(|measure| column_missing(&self.sheet.name, measure));
        rows.chain(columns).collect()
    }
}
