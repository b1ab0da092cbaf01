//! Workbooks from a few lines of text, so that a case is a diff.
//!
//! A line is a row, `|` separates cells. `12` is a number, `'12` a text, `@2024-07-01` a date,
//! `#REF!` an error, `=TRUE` a truth value; anything else is text, nothing is no cell.
#![expect(clippy::cast_possible_truncation, reason = "test workbooks are small")]

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Formula, Workbook, Worksheet};

/// A workbook while it is described.
#[derive(Default)]
pub(crate) struct Book {
    workbook: Workbook,
}

impl Book {
    /// An empty workbook.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A workbook of one sheet.
    pub(crate) fn of(rows: &str) -> Vec<u8> {
        Self::new().sheet("Sheet1", rows).bytes()
    }

    /// The same workbook with one more sheet.
    pub(crate) fn sheet(self, name: &str, rows: &str) -> Self {
        self.shaped(name, rows, |_| {})
    }

    /// The same workbook with one more sheet that is changed after its cells are written.
    pub(crate) fn shaped(
        mut self,
        name: &str,
        rows: &str,
        shape: impl FnOnce(&mut Worksheet),
    ) -> Self {
        let sheet = self.workbook.add_worksheet().set_name(name).unwrap();
        for (row, line) in rows.trim_matches('\n').lines().enumerate() {
            for (column, cell) in line.split('|').enumerate() {
                write(sheet, row as u32, column as u16, cell.trim_matches(' '));
            }
        }
        shape(sheet);
        self
    }

    /// The file.
    pub(crate) fn bytes(mut self) -> Vec<u8> {
        // The same description gives the same bytes at any time of day.
        let created = ExcelDateTime::parse_from_str("2024-01-01").unwrap();
        let properties = DocProperties::new().set_creation_datetime(&created);
        self.workbook.set_properties(&properties);
        self.workbook.save_to_buffer().unwrap()
    }
}

/// The rows moved down and right.
pub(crate) fn shifted(rows: &str, down: usize, right: usize) -> String {
    let lines = rows.trim_matches('\n').lines();
    let moved: Vec<String> = lines.map(|line| format!("{}{line}", "|".repeat(right))).collect();
    format!("{}{}", " \n".repeat(down), moved.join("\n"))
}

/// Writes one described cell.
pub(crate) fn write(sheet: &mut Worksheet, row: u32, column: u16, cell: &str) {
    if cell.is_empty() {
        return;
    }
    if let Some(text) = cell.strip_prefix('\'') {
        sheet.write_string(row, column, text).unwrap();
    } else if let Some(date) = cell.strip_prefix('@') {
        let date = ExcelDateTime::parse_from_str(date).unwrap();
        let format = Format::new().set_num_format("yyyy-mm-dd");
        sheet.write_datetime_with_format(row, column, &date, &format).unwrap();
    } else if let Some(truth) = cell.strip_prefix('=') {
        sheet.write_boolean(row, column, truth == "TRUE").unwrap();
    } else if cell.starts_with('#') {
        sheet.write_formula(row, column, Formula::new("=A1").set_result(cell)).unwrap();
    } else if let Ok(number) = cell.parse::<f64>() {
        sheet.write_number(row, column, number).unwrap();
    } else {
        sheet.write_string(row, column, cell).unwrap();
    }
}
