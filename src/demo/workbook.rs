//! From a delivery to the bytes of its file.
//!
//! In: a delivery. Out: bytes, the same on every run: the creation time in the document's
//! properties is that of the pretended receipt. Fails only if the writer refuses what it is given.

use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{
    ColNum, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Workbook,
    Worksheet, XlsxError,
};

use crate::domain::measure::Measure;

use super::layout::{Cell, Content, Sheet, export, lay_out};
use super::mess::{HIDDEN_NOTES, make, messes};
use super::plan::{Delivery, Fate, Packing, Report};
use super::sample::SAMPLE;

/// The bytes of a delivery's file.
pub(super) fn bytes(delivery: &Delivery) -> Result<Vec<u8>, XlsxError> {
    match delivery.packing {
        Packing::Workbook => write(delivery, &sheets(delivery)),
        Packing::Export => write(delivery, &[export(&delivery.reports)]),
        Packing::Truncated => {
            let mut whole = write(delivery, &sheets(delivery))?;
            whole.truncate(whole.len() * 3 / 5);
            Ok(whole)
        }
        Packing::Html => Ok(delivery.reports.iter().map(web_page).collect::<String>().into_bytes()),
    }
}

fn sheets(delivery: &Delivery) -> Vec<Sheet> {
    let messes = messes(delivery);
    let mut sheets = Vec::new();
    if messes.contains(&HIDDEN_NOTES) {
        let mut notes =
            Sheet { name: "填报说明".to_owned(), is_hidden: true, ..Sheet::default() };
        notes.print(&SAMPLE.hidden_notes, 0, &[]);
        sheets.push(notes);
    }
    for report in &delivery.reports {
        let mut sheet = lay_out(report);
        let (year, month) = (report.period.year(), report.period.month());
        if report.fate == Fate::Repeated {
            sheet.name = format!("{year}年{month}月");
        } else {
            for mess in &messes {
                make(mess, &mut sheet, month);
            }
        }
        sheets.push(sheet);
    }
    sheets
}

fn write(delivery: &Delivery, sheets: &[Sheet]) -> Result<Vec<u8>, XlsxError> {
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
        sheet.cells.iter().try_for_each(|cell| write_cell(worksheet, cell))?;
    }
    workbook.save_to_buffer()
}

fn write_cell(worksheet: &mut Worksheet, cell: &Cell) -> Result<(), XlsxError> {
    let format = match cell.role {
        "title" => Format::new().set_bold().set_font_size(16).set_align(FormatAlign::Center),
        "text" | "credit_code" => Format::new(),
        _ => Format::new().set_border(FormatBorder::Thin),
    };
    let (row, (rows, columns)) = (cell.row, cell.span);
    let column = |at: u32| ColNum::try_from(at).unwrap_or(ColNum::MAX);
    let (first, last) = (column(cell.column), column(cell.column + columns - 1));
    match &cell.content {
        Content::Text(text) if rows > 1 || columns > 1 => {
            worksheet.merge_range(row, first, row + rows - 1, last, text, &format)?
        }
        Content::Empty => worksheet.write_blank(row, first, &format)?,
        Content::Text(text) => worksheet.write_string_with_format(row, first, text, &format)?,
        Content::Number(number) => {
            let number = number.to_f64().unwrap_or_default();
            worksheet.write_number_with_format(row, first, number, &format)?
        }
        Content::Formula(formula, result) => {
            let formula = Formula::new(formula).set_result(result.to_string());
            worksheet.write_formula_with_format(row, first, formula, &format)?
        }
    };
    Ok(())
}

/// What some systems call an Excel file.
fn web_page(report: &Report) -> String {
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
