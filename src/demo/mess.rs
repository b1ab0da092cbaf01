//! What people do to forms: the same figures, written the way real workbooks write them.
//!
//! In: a clean sheet. Out: the same report, harder to read. No mess changes what a figure is worth.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::figures::number;
use super::plan::{Packing, PlannedFile};
use super::sample::{between, key, one_in};
use super::sheets::CellContent::{self, Day, Empty, Formula, Number, Text};
use super::sheets::{SampleCell, SampleSheet};
use crate::domain::period::Period;
use crate::findings::format::grouped;

/// One way to be untidy: its name, its group, of which only one is made, and what it does to a sheet of a
/// month of the year.
type Mess = (&'static str, u8, fn(&mut SampleSheet, u32));

/// All of them, in the order in which they are made.
const MESSES: [Mess; 15] = [
    ("yuan", 1, |sheet, _| in_unit(sheet, "元", Decimal::ONE_THOUSAND)),
    ("ten_thousand_yuan", 1, |sheet, _| in_unit(sheet, "万元", Decimal::new(1, 1))),
    ("missing_marks", 2, mark_missing),
    ("text_numbers", 3, |sheet, _| type_figures(sheet, |number, _| number.to_string())),
    ("thousands", 3, |sheet, _| type_figures(sheet, |number, _| grouped(number))),
    ("full_width", 3, |sheet, _| type_figures(sheet, |number, _| widen(&number.to_string()))),
    ("unit_behind", 3, |sheet, _| type_figures(sheet, |number, unit| format!("{number}{unit}"))),
    ("formulas", 3, |sheet, _| add_up(sheet)),
    ("spaced_labels", 4, |sheet, _| retype(sheet, "label", space)),
    ("headings", 5, respell_headings),
    ("numeric_codes", 6, |sheet, _| retype(sheet, "code", number_code)),
    ("blank_rows", 7, |sheet, _| blank_rows(sheet)),
    ("code_boxes", 8, |sheet, _| box_code(sheet)),
    ("shifted", 9, shift),
    // Made by the workbook: a hidden sheet in front.
    (HIDDEN_NOTES, 10, |_, _| ()),
];

pub(super) const HIDDEN_NOTES: &str = "hidden_notes";

/// Which messes a file is in: a third of the workbooks, one to three each.
pub fn messes(file: &PlannedFile) -> Vec<&'static str> {
    let Some(report) = file.reports.first() else { return Vec::new() };
    let form: String = file.reports.iter().map(|report| report.form).collect();
    let keys = [number(&report.credit_code), key(report.period), file.revision];
    let draw = |what: &str, low, high| between(&format!("{what} {form}"), &keys, low, high);
    if file.packing != Packing::Workbook || !one_in(3, &format!("messy {form}"), &keys) {
        return Vec::new();
    }
    let mut chosen: BTreeMap<u8, &str> = BTreeMap::new();
    for nth in 0..draw("messes", 1, 3) {
        let place = usize::try_from(draw(&format!("mess {nth}"), 0, 14)).unwrap_or_default();
        if let Some((name, group, _)) = MESSES.get(place) {
            chosen.entry(*group).or_insert(name);
        }
    }
    chosen.into_values().collect()
}

/// Makes a mess of a sheet.
pub(super) fn make(mess: &str, sheet: &mut SampleSheet, month: u32) {
    let known = MESSES.iter().filter(|(name, ..)| *name == mess);
    known.for_each(|(.., edit)| edit(sheet, month));
}

/// Makes a mess of a ledger: days as people type them, amounts as texts, marks for what is blank.
pub(super) fn make_ledger(sheet: &mut SampleSheet, form: &str, period: Period) {
    let keys = [key(period)];
    for mess in ["missing_marks", "thousands", "shift", "code_boxes"] {
        if one_in(3, &format!("{form} {mess}"), &keys) {
            make(mess, sheet, period.month());
        }
    }
    let typed = match between(&format!("{form} days"), &keys, 0, 5) {
        0 => "%Y.%-m.%-d",
        1 => "%Y年%-m月%-d日",
        2 => "%Y/%-m/%-d",
        3 => "%Y-%m-%d",
        _ => return,
    };
    for cell in of_role(sheet, "figure") {
        if let Day(day) = cell.content {
            cell.content = Text(day.format(typed).to_string());
        }
    }
}

/// The cells that play a part.
fn of_role<'a>(
    sheet: &'a mut SampleSheet,
    role: &'a str,
) -> impl Iterator<Item = &'a mut SampleCell> {
    sheet.cells.iter_mut().filter(move |cell| cell.role == role)
}

/// Types the texts of a part anew.
fn retype(sheet: &mut SampleSheet, role: &str, typed: impl Fn(&str) -> CellContent) {
    for cell in of_role(sheet, role) {
        if let Text(text) = &cell.content {
            cell.content = typed(text);
        }
    }
}

/// Writes the numbers anew, each with the unit of its row.
fn rewrite(sheet: &mut SampleSheet, written: impl Fn(Decimal, &str) -> CellContent) {
    let units = of_role(sheet, "unit").filter_map(|cell| match &cell.content {
        Text(unit) => Some((cell.row, unit.clone())),
        _ => None,
    });
    let units: BTreeMap<u32, String> = units.collect();
    for cell in of_role(sheet, "figure") {
        if let Number(number) = cell.content {
            cell.content = written(number, units.get(&cell.row).map_or("", String::as_str));
        }
    }
}

fn in_unit(sheet: &mut SampleSheet, unit: &str, factor: Decimal) {
    rewrite(sheet, |number, unit| {
        Number(if unit == "千元" { (number * factor).normalize() } else { number })
    });
    retype(sheet, "unit", |old| Text(if old == "千元" { unit } else { old }.to_owned()));
}

fn type_figures(sheet: &mut SampleSheet, typed: impl Fn(Decimal, &str) -> String) {
    rewrite(sheet, |number, unit| Text(typed(number, unit)));
}

/// Marks empty places, and zeros where a whole row is zero (a firm that exports nothing). The
/// first rows stay: a zero there is a figure that must be filed.
fn mark_missing(sheet: &mut SampleSheet, month: u32) {
    let mark = ["—", "无", "-", "——"].into_iter().cycle().nth(usize::try_from(month).unwrap_or(0));
    let exports = Text("04".to_owned());
    let row = of_role(sheet, "code").find(|cell| cell.content == exports).map(|cell| cell.row);
    let is_nothing = |it: &CellContent| *it == Empty || *it == Number(Decimal::ZERO);
    let is_all_zero = of_role(sheet, "figure")
        .filter(|cell| Some(cell.row) == row)
        .all(|cell| is_nothing(&cell.content));
    for cell in of_role(sheet, "figure") {
        if cell.content == Empty || (is_all_zero && Some(cell.row) == row) {
            cell.content = Text(mark.unwrap_or_default().to_owned());
        }
    }
}

fn widen(text: &str) -> String {
    let wide = |letter: char| match letter {
        '0'..='9' | '.' | '-' => char::from_u32(u32::from(letter) + 0xFEE0).unwrap_or(letter),
        _ => letter,
    };
    text.chars().map(wide).collect()
}

/// Year to date as last month's total plus the month, the way people keep it going.
fn add_up(sheet: &mut SampleSheet) {
    let mut before: Option<(u32, u32, Decimal)> = None;
    for cell in of_role(sheet, "figure") {
        let Number(number) = cell.content else { continue };
        let beside = |(row, column, month): &(u32, u32, Decimal)| {
            (*row, *column + 1) == (cell.row, cell.column) && *month <= number
        };
        if let Some((.., month)) = before.filter(beside) {
            cell.content = Formula(format!("={}+{month}", number - month), number);
            before = None;
        } else {
            before = Some((cell.row, cell.column, number));
        }
    }
}

fn space(label: &str) -> CellContent {
    let indent = (label.len() - label.trim_start().len()) / 2;
    let letters: Vec<String> = label.trim().chars().map(String::from).collect();
    Text("\u{3000}".repeat(indent) + &letters.join(" "))
}

fn respell_headings(sheet: &mut SampleSheet, month: u32) {
    let spelling = match month % 3 {
        0 => "1—本月".to_owned(),
        1 => format!("1-{month}月"),
        _ => "1－本月".to_owned(),
    };
    retype(sheet, "heading", |text| {
        Text(if text == "1-本月" { spelling.clone() } else { text.to_owned() })
    });
}

/// `01` becomes 1; credit codes are no numbers and stay.
fn number_code(code: &str) -> CellContent {
    let number = code.parse::<u32>();
    number.map_or_else(|_| Text(code.to_owned()), |code| Number(code.into()))
}

fn blank_rows(sheet: &mut SampleSheet) {
    let labels = of_role(sheet, "label").map(|cell| cell.row);
    let rows: Vec<u32> = labels.skip(1).step_by(3).collect();
    rows.into_iter().rev().for_each(|row| insert_row(sheet, row));
}

fn insert_row(sheet: &mut SampleSheet, at: u32) {
    sheet.cells.iter_mut().filter(|cell| at <= cell.row).for_each(|cell| cell.row += 1);
}

/// The code on a row of its own above the table, a character a cell.
fn box_code(sheet: &mut SampleSheet) {
    let row = of_role(sheet, "heading").map(|cell| cell.row).min().unwrap_or_default();
    let place = sheet.cells.iter().position(|cell| cell.role == "credit_code");
    let Some(Text(text)) = place.map(|place| sheet.cells.remove(place).content) else { return };
    let (label, code) = text.split_once('：').unwrap_or((&text, ""));
    insert_row(sheet, row);
    let boxes = std::iter::once(label.to_owned()).chain(code.chars().map(String::from));
    boxes.zip(0..).for_each(|(text, column)| sheet.put(row, column, "text", Text(text)));
}

fn shift(sheet: &mut SampleSheet, month: u32) {
    for cell in &mut sheet.cells {
        cell.row += 1 + month % 3;
        cell.column += if month.is_multiple_of(2) { 1 } else { 2 };
    }
}
