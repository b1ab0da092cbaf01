//! From a planned file to its bytes: the printed forms and the bureau's export, filled and untidied.
//!
//! In: a planned file. Out: bytes, the same on every run: the creation time in the document's properties
//! is that of the pretended receipt. A cell knows the part it plays, so that whoever makes a mess of the
//! sheet knows what to touch. Fails only if the writer refuses what it is given.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{
    ColNum, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Workbook,
    Worksheet, XlsxError,
};

use super::ledgers::PlannedLedger;
use super::mess::{HIDDEN_NOTES, make, make_ledger, messes};
use super::plan::{Expected, FormRow, Packing, PlannedFile, PlannedReport};
use super::sample::{Print, SAMPLE};
use crate::domain::cell::Cell;
use crate::domain::measure::Measure::{self, Month, PriorMonth, PriorYtd, Ytd};
use crate::project::seeds::roster::Firm;

/// One sheet before it is written.
#[derive(Debug, Default)]
pub(super) struct SampleSheet {
    name: String,
    is_hidden: bool,
    /// In any order.
    pub(super) cells: Vec<SampleCell>,
}

/// One cell, or a merged range by its first cell.
#[derive(Debug)]
pub(super) struct SampleCell {
    pub(super) row: u32,
    pub(super) column: u32,
    /// Rows and columns it spans.
    span: (u32, u32),
    /// The part it plays, as `sample.toml` calls it, or `figure`.
    pub(super) role: &'static str,
    pub(super) content: CellContent,
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CellContent {
    /// Nothing but a border.
    Empty,
    Text(String),
    Number(Decimal),
    /// A date of the sheet.
    Day(NaiveDate),
    /// A formula with the result Excel stored.
    Formula(String, Decimal),
}

/// The bytes of a file.
pub(super) fn bytes(file: &PlannedFile) -> Result<Vec<u8>, XlsxError> {
    match file.packing {
        Packing::Workbook => write(file.received_at, &sheets(file)),
        Packing::Export => write(file.received_at, &[export(&file.reports)]),
        Packing::Truncated => {
            let mut whole = write(file.received_at, &sheets(file))?;
            whole.truncate(whole.len() * 3 / 5);
            Ok(whole)
        }
        Packing::Html => Ok(file.reports.iter().map(web_page).collect::<String>().into_bytes()),
    }
}

fn sheets(file: &PlannedFile) -> Vec<SampleSheet> {
    let messes = messes(file);
    let mut sheets = Vec::new();
    if messes.contains(&HIDDEN_NOTES) {
        let mut notes = SampleSheet::named("填报说明".to_owned());
        notes.is_hidden = true;
        notes.print(&SAMPLE.hidden_notes, 0, &[]);
        sheets.push(notes);
    }
    for report in &file.reports {
        let (year, month) = (report.period.year(), report.period.month());
        if report.expected == Expected::Repeated {
            let mut sheet = lay_out(report, report.period.last_day());
            sheet.name = format!("{year}年{month}月");
            sheets.push(sheet);
        } else {
            let mut sheet = lay_out(report, file.received_at.date_naive());
            for mess in &messes {
                make(mess, &mut sheet, month);
            }
            sheets.push(sheet);
        }
    }
    sheets
}

impl SampleSheet {
    fn named(name: String) -> Self {
        Self { name, ..Self::default() }
    }

    pub(super) fn put(&mut self, row: u32, column: u32, role: &'static str, content: CellContent) {
        self.cells.push(SampleCell { row, column, span: (1, 1), role, content });
    }

    /// Puts what is printed, some rows down, with its fields filled.
    fn print(&mut self, print: &'static Print, down: u32, fields: &[(&str, &str)]) {
        for entry in print {
            let [range, role, texts @ ..] = entry.as_slice() else { continue };
            let (first, last) = range.split_once(':').unwrap_or((range, range));
            let (Ok(first), Ok(last)) = (first.parse::<Cell>(), last.parse::<Cell>()) else {
                continue;
            };
            let span = (last.row - first.row + 1, last.column - first.column + 1);
            for (text, nth) in texts.iter().zip(0..) {
                let filled = |text: String, (name, value): &(&str, &str)| text.replace(name, value);
                let content = CellContent::Text(fields.iter().fold(text.clone(), filled));
                let (row, column) = (down + first.row, first.column + nth * span.1);
                self.cells.push(SampleCell { row, column, span, role, content });
            }
        }
    }

    fn line(&mut self, columns: &'static [String], line: &FormRow<Measure>, row: u32, nth: i64) {
        for (role, column) in columns.iter().zip(0..) {
            let content = match role.as_str() {
                "label" => CellContent::Text(line.label.clone()),
                "unit" => CellContent::Text(line.unit.to_owned()),
                "code" => CellContent::Text(line.code.clone()),
                _ => CellContent::Number(nth.into()),
            };
            self.put(row, column, role, content);
        }
        let decimals = u32::from(!line.is_money());
        for (measure, column) in Measure::ALL.iter().zip((0..).skip(columns.len())) {
            let figure = line.figures.get(measure);
            let number = figure.map(|value| Decimal::new(*value, decimals).normalize());
            let content = number.map_or(CellContent::Empty, CellContent::Number);
            self.put(row, column, "figure", content);
        }
    }
}

/// A clean sheet of a report, filed on a day.
fn lay_out(report: &PlannedReport, day: NaiveDate) -> SampleSheet {
    let mut sheet = SampleSheet::named(report.form.to_owned());
    let Some(form) = SAMPLE.forms.get(report.form) else { return sheet };
    let year = report.period.year().to_string();
    let (document, expiry) = SAMPLE.editions.get(&year).cloned().unwrap_or_default();
    let fields = [
        ("{credit_code}", report.credit_code.as_str()),
        ("{firm_name}", &report.firm.name),
        ("{document}", &document),
        ("{expiry}", &expiry),
        ("{month}", &format!("{year} 年 {} 月", report.period.month())),
        ("{day}", &day.format("报出日期：%Y 年 %-m 月 %-d 日").to_string()),
        ("{explanation}", report.explanation),
    ];
    sheet.print(&form.head, 0, &fields);
    let mut row = sheet.cells.iter().map(|cell| cell.row + cell.span.0).max().unwrap_or_default();
    let mut nth = 0;
    for section in &form.sections {
        let [group, heading @ ..] = section.as_slice() else { continue };
        for (text, column) in heading.iter().zip(0..) {
            let role = if column == 0 { "label" } else { "text" };
            sheet.put(row, column, role, CellContent::Text(text.clone()));
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

/// The bytes of a ledger.
pub(super) fn ledger(file: &PlannedLedger) -> Result<Vec<u8>, XlsxError> {
    let mut sheet = SampleSheet::named(file.form.to_owned());
    let (year, month) = (file.period.year().to_string(), file.period.month());
    let expiry = SAMPLE.editions.get(&year).map(|(_, expiry)| expiry.as_str());
    let fields = [
        ("{credit_code}", file.bureau.credit_code.as_str()),
        ("{firm_name}", &file.bureau.name),
        ("{expiry}", expiry.unwrap_or_default()),
        ("{month}", &format!("{year} 年 {month} 月")),
        ("{explanation}", file.explanation),
    ];
    if let Some(form) = SAMPLE.forms.get(file.form) {
        sheet.print(&form.head, 0, &fields);
    }
    let mut row = sheet.cells.iter().map(|cell| cell.row + 1).max().unwrap_or_default();
    for cells in &file.rows {
        for (content, column) in cells.iter().zip(0..) {
            sheet.put(row, column, "figure", content.clone());
        }
        row += 1;
    }
    sheet.print(&SAMPLE.ledger_foot, row, &fields);
    make_ledger(&mut sheet, file.form, file.period);
    write(file.received_at, &[sheet])
}

/// The bureau's export of one month: many firms on one sheet, a row each, headings joined with `;`, every
/// number stored as text, a 合计 row at the end.
fn export(reports: &[PlannedReport]) -> SampleSheet {
    let month = reports.first().map(|it| format!("{}年{}月", it.period.year(), it.period.month()));
    let mut sheet = SampleSheet::named(month.unwrap_or_default());
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
    rows.extend([totals, ["", "", "示例数据（合成）"].map(str::to_owned).to_vec()]);
    for (texts, row) in rows.into_iter().zip(0..) {
        for (text, column) in texts.into_iter().zip(0..).filter(|(text, _)| !text.is_empty()) {
            sheet.put(row, column, "text", CellContent::Text(text));
        }
    }
    sheet
}

fn export_figures(
    reports: &[PlannedReport],
    growth: impl Fn(i64, i64) -> String,
) -> impl Iterator<Item = String> {
    ["output", "sales", "exports"].into_iter().flat_map(move |item| {
        let sum = |measure| reports.iter().filter_map(|it| it.value(item, measure)).sum::<i64>();
        let [month, before, ytd, base] = [Month, PriorMonth, Ytd, PriorYtd].map(sum);
        let figures = [month, before, ytd, base].into_iter().map(|figure| figure.to_string());
        figures.chain([growth(ytd, base)])
    })
}

/// Growth of the year to date in percent, two decimals; empty without a base.
fn growth(now: i64, base: i64) -> String {
    let change = Decimal::from(now - base) * Decimal::ONE_HUNDRED;
    let growth = change.checked_div(Decimal::from(base));
    growth.map_or_else(String::new, |growth| format!("{:.2}", growth.round_dp(2)))
}

fn write(received_at: DateTime<FixedOffset>, sheets: &[SampleSheet]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_timestamp(received_at.timestamp())?;
    let properties = DocProperties::new().set_title("示例数据（合成）");
    workbook.set_properties(&properties.set_creation_datetime(&created));
    let visible = sheets.iter().position(|sheet| !sheet.is_hidden);
    for (place, sheet) in sheets.iter().enumerate() {
        let worksheet = workbook.add_worksheet().set_name(&sheet.name)?;
        if sheet.is_hidden {
            worksheet.set_hidden(true);
        } else if visible == Some(place) && place > 0 {
            worksheet.set_active(true).set_first_tab(true);
        }
        sheet.cells.iter().try_for_each(|cell| write_cell(worksheet, cell))?;
    }
    workbook.save_to_buffer()
}

fn write_cell(worksheet: &mut Worksheet, cell: &SampleCell) -> Result<(), XlsxError> {
    let format = match cell.role {
        "title" => Format::new().set_bold().set_font_size(16).set_align(FormatAlign::Center),
        "text" | "credit_code" => Format::new(),
        _ => Format::new().set_border(FormatBorder::Thin),
    };
    let (row, (rows, columns)) = (cell.row, cell.span);
    let column = |at: u32| ColNum::try_from(at).unwrap_or(ColNum::MAX);
    let (first, last) = (column(cell.column), column(cell.column + columns - 1));
    match &cell.content {
        CellContent::Text(text) if rows > 1 || columns > 1 => {
            worksheet.merge_range(row, first, row + rows - 1, last, text, &format)?
        }
        CellContent::Empty => worksheet.write_blank(row, first, &format)?,
        CellContent::Text(text) => worksheet.write_string_with_format(row, first, text, &format)?,
        CellContent::Number(number) => {
            let number = number.to_f64().unwrap_or_default();
            worksheet.write_number_with_format(row, first, number, &format)?
        }
        CellContent::Day(day) => {
            let year = u16::try_from(day.year()).unwrap_or_default();
            let (month, number) = (day.month0() + 1, day.day());
            let date = ExcelDateTime::from_ymd(
                year,
                u8::try_from(month).unwrap_or_default(),
                u8::try_from(number).unwrap_or_default(),
            )?;
            let format = format.set_num_format("yyyy-mm-dd");
            worksheet.write_datetime_with_format(row, first, &date, &format)?
        }
        CellContent::Formula(formula, result) => {
            let formula = Formula::new(formula).set_result(result.to_string());
            worksheet.write_formula_with_format(row, first, formula, &format)?
        }
    };
    Ok(())
}

/// What some systems call an Excel file.
fn web_page(report: &PlannedReport) -> String {
    let rows = report.lines.iter().map(|line| {
        let cells = Measure::ALL.map(|measure| {
            let figure = line.figures.get(&measure).map(ToString::to_string);
            format!("<td>{}</td>", figure.unwrap_or_default())
        });
        format!("<tr><td>{}</td><td>{}</td>{}</tr>\n", line.label, line.code, cells.concat())
    });
    format!(
        "<html><head><meta charset=\"utf-8\"></head><body><p>示例数据（合成）</p>\n\
         <table border=\"1\">\n{}</table></body></html>\n",
        rows.collect::<String>()
    )
}
