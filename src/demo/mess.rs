//! What people do to forms: the same figures, written the way real workbooks write them.
//!
//! In: a clean sheet. Out: the same report, harder to read. No mess changes what a figure is worth.

use rust_decimal::Decimal;

use crate::domain::period::Period;

use super::dice;
use super::figures::number;
use super::layout::{Cell, Content, Role, Sheet};
use super::plan::{Delivery, Packing};

/// One way to be untidy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mess {
    /// Figures in 元.
    Yuan,
    /// Figures in 万元.
    TenThousandYuan,
    /// A dash or 无 for what is zero or not filled.
    MissingMarks,
    /// Numbers stored as text.
    TextNumbers,
    /// Thousands separators.
    Thousands,
    /// Full-width digits.
    FullWidth,
    /// The unit typed behind the number.
    UnitBehind,
    /// The year to date as a formula with its stored result.
    Formulas,
    /// Labels indented and letter-spaced.
    SpacedLabels,
    /// Another spelling of the heading 1-本月.
    Headings,
    /// Codes stored as numbers.
    NumericCodes,
    /// Blank rows inside the table.
    BlankRows,
    /// The credit code in 18 boxes.
    CodeBoxes,
    /// Everything some rows down and columns right.
    Shifted,
    /// A hidden sheet with notes in front.
    HiddenNotes,
}

/// All of them, in the order in which they are made; of one group only one is.
const MESSES: [(Mess, u8); 15] = [
    (Mess::Yuan, 1),
    (Mess::TenThousandYuan, 1),
    (Mess::MissingMarks, 2),
    (Mess::TextNumbers, 3),
    (Mess::Thousands, 3),
    (Mess::FullWidth, 3),
    (Mess::UnitBehind, 3),
    (Mess::Formulas, 3),
    (Mess::SpacedLabels, 4),
    (Mess::Headings, 5),
    (Mess::NumericCodes, 6),
    (Mess::BlankRows, 7),
    (Mess::CodeBoxes, 8),
    (Mess::Shifted, 9),
    (Mess::HiddenNotes, 10),
];

/// Which messes a delivery is in: a third of the workbooks, one to three each.
pub fn messes(delivery: &Delivery) -> Vec<Mess> {
    let Some(report) = delivery.reports.first() else { return Vec::new() };
    let form = delivery.reports.iter().map(|report| report.kind.form()).collect::<String>();
    let keys = [number(&report.credit_code), dice::key(report.period), delivery.revision];
    let topic = |what: &str| format!("{what} {form}");
    if delivery.packing != Packing::Workbook || !dice::one_in(3, &topic("messy"), &keys) {
        return Vec::new();
    }
    let count = dice::between(&topic("messes"), &keys, 1, 3);
    let mut chosen: Vec<(usize, Mess, u8)> = Vec::new();
    for nth in 0..count {
        let drawn = dice::between(&topic(&format!("mess {nth}")), &keys, 0, 14);
        let place = usize::try_from(drawn).unwrap_or_default();
        let Some((mess, group)) = MESSES.get(place) else { continue };
        if chosen.iter().all(|(_, _, taken)| taken != group) {
            chosen.push((place, *mess, *group));
        }
    }
    chosen.sort_by_key(|(place, ..)| *place);
    chosen.into_iter().map(|(_, mess, _)| mess).collect()
}

/// Makes a mess of a sheet; what comes back stands in front of it in the workbook.
pub(super) fn make(mess: Mess, sheet: &mut Sheet, period: Period) -> Option<Sheet> {
    match mess {
        Mess::Yuan => in_unit(sheet, "元", Decimal::from(1_000)),
        Mess::TenThousandYuan => in_unit(sheet, "万元", Decimal::new(1, 1)),
        Mess::MissingMarks => mark_missing(sheet, period),
        Mess::TextNumbers => type_figures(sheet, |number, _| number.to_string()),
        Mess::Thousands => type_figures(sheet, |number, _| group_thousands(number)),
        Mess::FullWidth => type_figures(sheet, |number, _| widen(&number.to_string())),
        Mess::UnitBehind => type_figures(sheet, |number, unit| format!("{number}{unit}")),
        Mess::Formulas => add_up(sheet),
        Mess::SpacedLabels => space_labels(sheet),
        Mess::Headings => respell_headings(sheet, period),
        Mess::NumericCodes => number_codes(sheet),
        Mess::BlankRows => blank_rows(sheet),
        Mess::CodeBoxes => box_code(sheet),
        Mess::Shifted => shift(sheet, period),
        Mess::HiddenNotes => return Some(hidden_notes()),
    }
    None
}

fn in_unit(sheet: &mut Sheet, unit: &str, factor: Decimal) {
    for cell in &mut sheet.cells {
        match (cell.role, &mut cell.content) {
            (Role::Unit, Content::Text(text)) if text == "千元" => unit.clone_into(text),
            (Role::Figure { is_money: true }, Content::Number(number)) => {
                *number = (*number * factor).normalize();
            }
            _ => {}
        }
    }
}

/// Marks empty places, and zeros where a whole row is zero (a firm that exports nothing). The
/// first rows stay: a zero there is a figure that must be filed.
fn mark_missing(sheet: &mut Sheet, period: Period) {
    let marks = ["—", "无", "-", "——"];
    let turn = usize::try_from(period.month()).unwrap_or_default();
    let mark = marks.get(turn % marks.len()).copied().unwrap_or("-");
    let exports =
        |cell: &Cell| cell.role == Role::Code && cell.content == Content::Text("04".to_owned());
    let row = sheet.cells.iter().find(|cell| exports(cell)).map(|cell| cell.row);
    let is_zero = |cell: &Cell| {
        cell.content == Content::Number(Decimal::ZERO) || cell.content == Content::Empty
    };
    let figures = |cell: &Cell| matches!(cell.role, Role::Figure { .. });
    let is_all_zero =
        sheet.cells.iter().filter(|cell| Some(cell.row) == row && figures(cell)).all(is_zero);
    for cell in sheet.cells.iter_mut().filter(|cell| figures(cell)) {
        if cell.content == Content::Empty || (is_all_zero && Some(cell.row) == row) {
            cell.content = Content::Text(mark.to_owned());
        }
    }
}

fn type_figures(sheet: &mut Sheet, typed: impl Fn(Decimal, &str) -> String) {
    let units: Vec<(u32, String)> = sheet
        .cells
        .iter()
        .filter_map(|cell| match (cell.role, &cell.content) {
            (Role::Unit, Content::Text(unit)) => Some((cell.row, unit.clone())),
            _ => None,
        })
        .collect();
    for cell in &mut sheet.cells {
        if let (Role::Figure { .. }, Content::Number(number)) = (cell.role, &cell.content) {
            let unit = units.iter().find(|(row, _)| *row == cell.row);
            let unit = unit.map_or("", |(_, unit)| unit.as_str());
            cell.content = Content::Text(typed(*number, unit));
        }
    }
}

fn group_thousands(number: Decimal) -> String {
    let text = number.abs().to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::new();
    for (digit, left) in whole.chars().zip((0..whole.len()).rev()) {
        grouped.push(digit);
        if left > 0 && left.is_multiple_of(3) {
            grouped.push(',');
        }
    }
    let sign = if number.is_sign_negative() && !number.is_zero() { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{grouped}{point}{fraction}")
}

fn widen(text: &str) -> String {
    let wide = |letter: char| match letter {
        '0'..='9' | '.' | '-' => char::from_u32(u32::from(letter) + 0xFEE0).unwrap_or(letter),
        _ => letter,
    };
    text.chars().map(wide).collect()
}

/// Year to date as last month's total plus the month, the way people keep it going.
fn add_up(sheet: &mut Sheet) {
    let mut before: Option<(u32, u16, Decimal)> = None;
    for cell in &mut sheet.cells {
        let Content::Number(number) = cell.content else { continue };
        if !matches!(cell.role, Role::Figure { .. }) {
            continue;
        }
        if let Some((row, column, month)) = before
            && row == cell.row
            && column + 1 == cell.column
            && month <= number
        {
            cell.content = Content::Formula(format!("={}+{month}", number - month), number);
            before = None;
        } else {
            before = Some((cell.row, cell.column, number));
        }
    }
}

fn space_labels(sheet: &mut Sheet) {
    for cell in sheet.cells.iter_mut().filter(|cell| cell.role == Role::Label) {
        if let Content::Text(text) = &mut cell.content {
            let indent = (text.len() - text.trim_start().len()) / 2;
            let letters: Vec<String> = text.trim().chars().map(String::from).collect();
            *text = format!("{}{}", "\u{3000}".repeat(indent), letters.join(" "));
        }
    }
}

fn respell_headings(sheet: &mut Sheet, period: Period) {
    let month = period.month();
    let spelling = match month % 3 {
        0 => "1—本月".to_owned(),
        1 => format!("1-{month}月"),
        _ => "1－本月".to_owned(),
    };
    for cell in sheet.cells.iter_mut().filter(|cell| cell.role == Role::Heading) {
        if cell.content == Content::Text("1-本月".to_owned()) {
            cell.content = Content::Text(spelling.clone());
        }
    }
}

/// `01` becomes 1; credit codes are no numbers and stay.
fn number_codes(sheet: &mut Sheet) {
    for cell in sheet.cells.iter_mut().filter(|cell| cell.role == Role::Code) {
        if let Content::Text(text) = &cell.content
            && let Ok(code) = text.parse::<u32>()
        {
            cell.content = Content::Number(Decimal::from(code));
        }
    }
}

fn blank_rows(sheet: &mut Sheet) {
    let labels = sheet.cells.iter().filter(|cell| cell.role == Role::Label);
    let mut rows: Vec<u32> = labels.map(|cell| cell.row).skip(1).step_by(3).collect();
    rows.sort_unstable();
    for row in rows.into_iter().rev() {
        insert_row(sheet, row);
    }
}

fn insert_row(sheet: &mut Sheet, at: u32) {
    for cell in sheet.cells.iter_mut().filter(|cell| cell.row >= at) {
        cell.row += 1;
    }
}

/// The code on a row of its own above the table, a character a cell.
fn box_code(sheet: &mut Sheet) {
    let place = sheet.cells.iter().position(|cell| cell.role == Role::CreditCode);
    let Some(removed) = place.map(|place| sheet.cells.remove(place)) else { return };
    let Content::Text(text) = removed.content else { return };
    let (label, code) = text.split_once('：').unwrap_or((&text, ""));
    let headings = sheet.cells.iter().filter(|cell| cell.role == Role::Heading);
    let row = headings.map(|cell| cell.row).min().unwrap_or_default();
    insert_row(sheet, row);
    let boxes = std::iter::once(label.to_owned()).chain(code.chars().map(String::from));
    for (text, column) in boxes.zip(0..) {
        let content = Content::Text(text);
        sheet.cells.push(Cell { row, column, span: (1, 1), role: Role::Text, content });
    }
}

fn shift(sheet: &mut Sheet, period: Period) {
    let down = 1 + period.month() % 3;
    for cell in &mut sheet.cells {
        cell.row += down;
        cell.column += if period.month().is_multiple_of(2) { 1 } else { 2 };
    }
}

fn hidden_notes() -> Sheet {
    let texts = ["填报说明（示例）", "1.本页为上级下发模板自带，请勿修改。", "2.金额单位：千元。"];
    let cells = texts.into_iter().zip(0..).map(|(text, row)| Cell {
        row,
        column: 0,
        span: (1, 1),
        role: Role::Text,
        content: Content::Text(text.to_owned()),
    });
    Sheet { name: "填报说明".to_owned(), is_hidden: true, cells: cells.collect() }
}
