//! The printed forms and the bureau's export: where a clean sheet bears what.
//!
//! In: reports. Out: the cells of a sheet, each with the part it plays, so that whoever makes a mess of
//! the sheet knows what to touch. Nothing can go wrong.

use rust_decimal::Decimal;

use crate::domain::cell::Cell as Place;
use crate::domain::measure::Measure::{self, Month, PriorMonth, PriorYtd, Ytd};

use crate::project::seeds::roster::Firm;

use super::plan::{Report, Row};
use super::sample::{Print, SAMPLE};

/// One sheet before it is written.
#[derive(Clone, Debug, Default)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) is_hidden: bool,
    /// In any order.
    pub(super) cells: Vec<Cell>,
}

/// One cell, or a merged range by its first cell.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) row: u32,
    pub(super) column: u32,
    /// Rows and columns it spans.
    pub(super) span: (u32, u32),
    /// The part it plays, as `sample.toml` calls it, or `figure`.
    pub(super) role: &'static str,
    pub(super) content: Content,
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Nothing but a border.
    Empty,
    Text(String),
    Number(Decimal),
    /// A formula with the result Excel stored.
    Formula(String, Decimal),
}

impl Sheet {
    pub(super) fn put(&mut self, row: u32, column: u32, role: &'static str, content: Content) {
        self.cells.push(Cell { row, column, span: (1, 1), role, content });
    }

    /// Puts what is printed, some rows down, with its fields filled.
    pub(super) fn print(&mut self, print: &'static Print, down: u32, fields: &[(&str, &str)]) {
        for entry in print {
            let [range, role, texts @ ..] = entry.as_slice() else { continue };
            let (first, last) = range.split_once(':').unwrap_or((range, range));
            let (Ok(first), Ok(last)) = (first.parse::<Place>(), last.parse::<Place>()) else {
                continue;
            };
            let span = (last.row - first.row + 1, last.column - first.column + 1);
            for (text, nth) in texts.iter().zip(0..) {
                let filled = |text: String, (name, value): &(&str, &str)| text.replace(name, value);
                let content = Content::Text(fields.iter().fold(text.clone(), filled));
                let (row, column) = (down + first.row, first.column + nth * span.1);
                self.cells.push(Cell { row, column, span, role, content });
            }
        }
    }

    fn line(&mut self, columns: &'static [String], line: &Row<Measure>, row: u32, nth: i64) {
        for (role, column) in columns.iter().zip(0..) {
            let content = match role.as_str() {
                "label" => Content::Text(line.label.clone()),
                "unit" => Content::Text(line.unit.to_owned()),
                "code" => Content::Text(line.code.clone()),
                _ => Content::Number(nth.into()),
            };
            self.put(row, column, role, content);
        }
        let decimals = u32::from(!line.is_money());
        for (measure, column) in Measure::ALL.iter().zip((0..).skip(columns.len())) {
            let figure = line.figures.get(measure);
            let number = figure.map(|value| Decimal::new(*value, decimals).normalize());
            self.put(row, column, "figure", number.map_or(Content::Empty, Content::Number));
        }
    }
}

/// A clean sheet of a report.
pub(super) fn lay_out(report: &Report) -> Sheet {
    let mut sheet = Sheet { name: report.form.to_owned(), ..Sheet::default() };
    let Some(form) = SAMPLE.forms.get(report.form) else { return sheet };
    let year = report.period.year().to_string();
    let (document, expiry) = SAMPLE.editions.get(&year).cloned().unwrap_or_default();
    let fields = [
        ("{credit_code}", report.credit_code.as_str()),
        ("{firm_name}", &report.firm.name),
        ("{document}", &document),
        ("{expiry}", &expiry),
        ("{month}", &format!("{year} 年 {} 月", report.period.month())),
        ("{day}", &report.reported_on.format("报出日期：%Y 年 %-m 月 %-d 日").to_string()),
        ("{explanation}", report.explanation),
    ];
    sheet.print(&form.head, 0, &fields);
    let mut row = sheet.cells.iter().map(|cell| cell.row + cell.span.0).max().unwrap_or_default();
    let mut nth = 0;
    for section in &form.sections {
        let [group, heading @ ..] = section.as_slice() else { continue };
        for (text, column) in heading.iter().zip(0..) {
            let role = if column == 0 { "label" } else { "text" };
            sheet.put(row, column, role, Content::Text(text.clone()));
        }
        row += u32::from(!heading.is_empty());
        for line in report.rows(group) {
            nth += 1;
            sheet.line(&form.row, line, row, nth);
            row += 1;
        }
    }
    sheet.print(&SAMPLE.foot, row, &fields);
    sheet
}

/// The bureau's export of one month: many firms on one sheet, a row each, headings joined with `;`, every
/// number stored as text, a 合计 row at the end.
pub(super) fn export(reports: &[Report]) -> Sheet {
    let month = reports.first().map(|it| format!("{}年{}月", it.period.year(), it.period.month()));
    let mut sheet = Sheet { name: month.unwrap_or_default(), ..Sheet::default() };
    let mut rows = vec![SAMPLE.export.clone()];
    for report in reports {
        // The platform writes some industries with the letter of their section: C up to division 43,
        // D from 44 on.
        let Firm { name, industry_code, size_class, .. } = &report.firm;
        let section = if industry_code.as_str() < "44" { "C" } else { "D" };
        let letter = if *size_class == 2 { section } else { "" };
        let mut row = vec!["220106000000".to_owned(), report.credit_code.clone(), name.clone()];
        row.extend([format!("{letter}{industry_code}"), size_class.to_string()]);
        row.extend(export_figures(std::slice::from_ref(report), growth));
        rows.push(row);
    }
    let mut totals = ["", "", "合计", "", ""].map(str::to_owned).to_vec();
    totals.extend(export_figures(reports, |_, _| String::new()));
    rows.push(totals);
    rows.push(["", "", "示例数据（合成）"].map(str::to_owned).to_vec());
    for (texts, row) in rows.into_iter().zip(0..) {
        for (text, column) in texts.into_iter().zip(0..).filter(|(text, _)| !text.is_empty()) {
            sheet.put(row, column, "text", Content::Text(text));
        }
    }
    sheet
}

fn export_figures(reports: &[Report], growth: impl Fn(i64, i64) -> String) -> Vec<String> {
    let items = ["output", "sales", "exports"].into_iter().flat_map(|item| {
        let sum = |measure| reports.iter().filter_map(|it| it.value(item, measure)).sum::<i64>();
        let [month, before, ytd, base] = [Month, PriorMonth, Ytd, PriorYtd].map(sum);
        let figures = [month, before, ytd, base].into_iter().map(|figure| figure.to_string());
        figures.chain([growth(ytd, base)])
    });
    items.collect()
}

/// Growth of the year to date in percent, two decimals; empty without a base.
fn growth(now: i64, base: i64) -> String {
    let change = Decimal::from(now - base) * Decimal::ONE_HUNDRED;
    let growth = change.checked_div(Decimal::from(base));
    growth.map_or_else(String::new, |growth| format!("{:.2}", growth.round_dp(2)))
}
