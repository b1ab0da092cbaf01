//! From a delivery to the bytes of its file.
//!
//! In: a delivery. Out: bytes, the same on every run: the creation time in the document's
//! properties is that of the pretended receipt. Fails only if the writer refuses what it is given.

use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Workbook, Worksheet,
    XlsxError,
};

use super::layout::{self, Cell, Content, Role, Sheet};
use super::plan::{Delivery, Fate, Line, Packing, Report};
use super::{export, mess};

/// The bytes of a delivery's file.
pub(super) fn bytes(delivery: &Delivery) -> Result<Vec<u8>, XlsxError> {
    match delivery.packing {
        Packing::Workbook => write(delivery, &sheets(delivery)),
        Packing::Export => write(delivery, &[export::lay_out(&delivery.reports)]),
        Packing::Truncated => {
            let mut whole = write(delivery, &sheets(delivery))?;
            whole.truncate(whole.len() * 3 / 5);
            Ok(whole)
        }
        Packing::Html => Ok(delivery.reports.iter().map(web_page).collect::<String>().into_bytes()),
    }
}

fn sheets(delivery: &Delivery) -> Vec<Sheet> {
    let messes = mess::messes(delivery);
    let mut in_front = Vec::new();
    let mut sheets = Vec::new();
    for report in &delivery.reports {
        let mut sheet = layout::lay_out(report);
        if report.fate == Fate::Repeated {
            sheet.name = format!("{}年{}月", report.period.year(), report.period.month());
        } else {
            for mess in &messes {
                in_front.extend(mess::make(*mess, &mut sheet, report.period));
            }
        }
        sheets.push(sheet);
    }
    in_front.truncate(1);
    in_front.into_iter().chain(sheets).collect()
}

struct Formats {
    title: Format,
    text: Format,
    boxed: Format,
}

fn write(delivery: &Delivery, sheets: &[Sheet]) -> Result<Vec<u8>, XlsxError> {
    let formats = Formats {
        title: Format::new().set_bold().set_font_size(16).set_align(FormatAlign::Center),
        text: Format::new(),
        boxed: Format::new().set_border(FormatBorder::Thin),
    };
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_timestamp(delivery.received_at.timestamp())?;
    let properties =
        DocProperties::new().set_title("示例数据（合成）").set_creation_datetime(&created);
    workbook.set_properties(&properties);
    let visible = sheets.iter().position(|sheet| !sheet.is_hidden);
    for (place, sheet) in sheets.iter().enumerate() {
        let worksheet = workbook.add_worksheet().set_name(&sheet.name)?;
        if sheet.is_hidden {
            worksheet.set_hidden(true);
        } else if visible == Some(place) && place > 0 {
            worksheet.set_active(true).set_first_tab(true);
        }
        for cell in &sheet.cells {
            write_cell(worksheet, cell, &formats)?;
        }
    }
    workbook.save_to_buffer()
}

fn write_cell(worksheet: &mut Worksheet, cell: &Cell, formats: &Formats) -> Result<(), XlsxError> {
    let format = match cell.role {
        Role::Title => &formats.title,
        Role::Text | Role::CreditCode => &formats.text,
        Role::Heading | Role::Label | Role::Unit | Role::Code | Role::Figure { .. } => {
            &formats.boxed
        }
    };
    let (row, column) = (cell.row, cell.column);
    let (rows, columns) = cell.span;
    match &cell.content {
        Content::Text(text) if rows > 1 || columns > 1 => {
            let (last_row, last_column) = (row + rows - 1, column + columns - 1);
            worksheet.merge_range(row, column, last_row, last_column, text, format)?
        }
        Content::Empty => worksheet.write_blank(row, column, format)?,
        Content::Text(text) => worksheet.write_string_with_format(row, column, text, format)?,
        Content::Number(number) => {
            let number = number.to_f64().unwrap_or_default();
            worksheet.write_number_with_format(row, column, number, format)?
        }
        Content::Formula(formula, result) => {
            let formula = Formula::new(formula).set_result(result.to_string());
            worksheet.write_formula_with_format(row, column, formula, format)?
        }
    };
    Ok(())
}

/// What some systems call an Excel file.
fn web_page(report: &Report) -> String {
    let row = |line: &Line| {
        let cell = |value: Option<i64>| {
            let text = value.map_or_else(String::new, |value| value.to_string());
            format!("<td>{text}</td>")
        };
        let (label, code) = (&line.label, &line.code);
        format!("<tr><td>{label}</td><td>{code}</td>{}</tr>\n", line.values.map(cell).concat())
    };
    let rows: String = report.lines.iter().map(row).collect();
    format!(
        "<html><head><meta charset=\"utf-8\"></head><body><p>示例数据（合成）</p>\n\
         <table border=\"1\">\n{rows}</table></body></html>\n"
    )
}
