//! From bytes of a known format to sheets, by the reading library; `plain` goes before it.
//!
//! Formats that can be streamed are streamed: two far corners of a sheet are two cells, not a box of
//! seventeen milliards. Hidden sheets are left unread with a note. The library may panic on hostile
//! bytes; that is a damaged file like any other.

use std::io::Cursor;
use std::panic::{self, AssertUnwindSafe};

use calamine::{
    Data, Dimensions, Ods, OdsError, Reader, SheetType, SheetVisible, Xls, XlsError, XlsOptions,
    Xlsb, XlsbError, Xlsx, XlsxError, XlsxFormulaMetadata,
};
use chrono::NaiveDate;

use super::Format;
use super::grid::{Sheet, Value};
use super::trouble::{Bound, Trouble};
use crate::domain::cell::Cell;
use crate::findings::{Code, Finding};
use crate::project::settings::Limits;
use crate::texts::Text;

/// The sheets of a workbook, and notes on those left unread.
#[derive(Debug, Default)]
pub(super) struct Workbook {
    /// Visible work sheets that hold something, in their order.
    pub(super) sheets: Vec<Sheet>,
    pub(super) findings: Vec<Finding>,
}

pub(super) fn load(
    bytes: &[u8],
    (format, codepage): (Format, Option<u16>),
    limits: &Limits,
) -> Result<Workbook, Trouble> {
    let read = || match format {
        Format::Xlsx => xlsx(bytes, limits),
        Format::Xlsb => xlsb(bytes, limits),
        Format::Xls => {
            let mut options = XlsOptions::default();
            options.force_codepage = codepage;
            let book = Xls::new_with_options(Cursor::new(bytes), options)?;
            ranges(book, |book, name| book.merge_cells_by_sheet_name(name), limits)
        }
        Format::Ods => ranges(Ods::new(Cursor::new(bytes))?, |_, _| Ok(Vec::new()), limits),
    };
    let panicked = |_| Err(Trouble::damaged("the reader gave up on the file's structure"));
    panic::catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(panicked)
}

fn xlsx(bytes: &[u8], limits: &Limits) -> Result<Workbook, Trouble> {
    let mut book = Xlsx::new(Cursor::new(bytes))?;
    let (names, mut workbook) = visible(book.sheets_metadata(), limits)?;
    for name in names {
        let merges = book.merge_cells_by_sheet_name(&name)?;
        let mut reader = book.worksheet_cells_reader(&name)?;
        let mut filling = Filling::new(&name, limits);
        // Shared formulas are not expanded: their numbers come from the file and could be huge.
        while let Some(cell) = reader.next_cell_with_formula_metadata()? {
            let formula = || cell.formula.as_ref().map(not_calculated);
            filling.add(cell.pos, value(cell.value.into()).or_else(formula))?;
        }
        workbook.sheets.extend(filling.finish(&merges));
    }
    Ok(workbook)
}

fn xlsb(bytes: &[u8], limits: &Limits) -> Result<Workbook, Trouble> {
    let mut book = Xlsb::new(Cursor::new(bytes))?;
    let (names, mut workbook) = visible(book.sheets_metadata(), limits)?;
    for name in names {
        let mut reader = book.worksheet_cells_reader(&name)?;
        let mut filling = Filling::new(&name, limits);
        while let Some(cell) = reader.next_cell()? {
            filling.add(cell.get_position(), value(cell.get_value().clone().into()))?;
        }
        workbook.sheets.extend(filling.finish(&[]));
    }
    Ok(workbook)
}

/// The sheets of a format that cannot be streamed.
fn ranges<'a, R: Reader<Cursor<&'a [u8]>, Error: Into<Trouble>>>(
    mut book: R,
    merges: impl Fn(&mut R, &str) -> Result<Vec<Dimensions>, R::Error>,
    limits: &Limits,
) -> Result<Workbook, Trouble> {
    let (names, mut workbook) = visible(book.sheets_metadata(), limits)?;
    for name in names {
        let merges = merges(&mut book, &name).map_err(Into::into)?;
        let range = book.worksheet_range(&name).map_err(Into::into)?;
        let mut filling = Filling::new(&name, limits);
        let (top, left) = range.start().unwrap_or_default();
        for (row, column, data) in range.used_cells() {
            let below = u32::try_from(row).unwrap_or(u32::MAX);
            let beside = u32::try_from(column).unwrap_or(u32::MAX);
            let at = (top.saturating_add(below), left.saturating_add(beside));
            filling.add(at, value(data.clone()))?;
        }
        workbook.sheets.extend(filling.finish(&merges));
    }
    Ok(workbook)
}

/// The names of visible work sheets; the others become notes.
pub(super) fn visible(
    sheets: &[calamine::Sheet],
    limits: &Limits,
) -> Result<(Vec<String>, Workbook), Trouble> {
    let mut names: Vec<String> = Vec::new();
    let mut workbook = Workbook::default();
    for sheet in sheets {
        if names.contains(&sheet.name) {
            return Err(Trouble::damaged(format!("two sheets are named {}", sheet.name)));
        }
        match (sheet.typ, sheet.visible) {
            (SheetType::WorkSheet, SheetVisible::Visible) => names.push(sheet.name.clone()),
            (SheetType::WorkSheet, _) => {
                let name = Text::same(&sheet.name);
                let note = Finding::new(Code::SheetHidden, &[("sheet", &name)]);
                workbook.findings.push(note.at(&sheet.name, None));
            }
            _ => {}
        }
    }
    if names.len() > limits.sheets {
        let limit = u64::try_from(limits.sheets).unwrap_or(u64::MAX);
        return Err(Trouble::TooLarge(Bound::Sheets, limit));
    }
    Ok((names, workbook))
}

/// A sheet while its cells come in, counted against the limits.
pub(super) struct Filling<'a> {
    sheet: Sheet,
    left: usize,
    limits: &'a Limits,
}

impl<'a> Filling<'a> {
    pub(super) fn new(name: &str, limits: &'a Limits) -> Self {
        Self { sheet: Sheet::new(name), left: limits.cells, limits }
    }

    pub(super) fn add(
        &mut self,
        (row, column): (u32, u32),
        value: Option<Value>,
    ) -> Result<(), Trouble> {
        let limit = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        // Blank cells are dropped, yet counted: a sheet of formatted blanks costs time as well.
        self.left = self
            .left
            .checked_sub(1)
            .ok_or(Trouble::TooLarge(Bound::Cells, limit(self.limits.cells)))?;
        let Some(value) = value.filter(|value| !value.is_blank()) else { return Ok(()) };
        // Bytes are at least as many as characters, so most texts need no counting.
        let most = self.limits.text_chars;
        if matches!(&value, Value::Text(text) if text.len() > most && text.chars().count() > most) {
            return Err(Trouble::TooLarge(Bound::TextChars, limit(most)));
        }
        let cell = Cell::new(row, column);
        match self.sheet.put(cell, value) {
            // Two programs would read two figures from one cell.
            Some(_) => Err(Trouble::damaged(format!("cell {cell} is there twice"))),
            None => Ok(()),
        }
    }

    pub(super) fn finish(mut self, merges: &[Dimensions]) -> Option<Sheet> {
        let cell = |(row, column)| Cell::new(row, column);
        self.sheet.hide(merges.iter().map(|merge| (cell(merge.start), cell(merge.end))));
        (!self.sheet.is_empty()).then_some(self.sheet)
    }
}

/// What a cell holds, from what the library gives.
pub(super) fn value(data: Data) -> Option<Value> {
    match data {
        Data::Empty => None,
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
            Some(Value::Text(text.into()))
        }
        // Integers of these formats have 30 bits; what does not fit is kept as text, digits and all.
        Data::Int(number) => Some(match i32::try_from(number) {
            Ok(small) => Value::Number(f64::from(small)),
            Err(_) => Value::Text(number.to_string().into()),
        }),
        Data::Float(number) => Some(Value::Number(number)),
        Data::Bool(truth) => Some(Value::Bool(truth)),
        Data::DateTime(serial) => {
            // An amount in a badly formatted cell, or a real date.
            let (year, month, day, ..) = serial.to_ymd_hms_milli();
            let day = NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day));
            Some(Value::Date(serial.as_f64(), day))
        }
        Data::Error(error) => Some(Value::Error(error.to_string())),
    }
}

/// A formula without a result, by its text; that of a shared one stands in another cell.
fn not_calculated(formula: &XlsxFormulaMetadata) -> Value {
    Value::Formula(match formula {
        XlsxFormulaMetadata::Normal { formula } | XlsxFormulaMetadata::Shared { formula, .. } => {
            formula.clone()
        }
        _ => "…".to_owned(),
    })
}

macro_rules! trouble_from {
    ($($error:ident),*) => {$(
        impl From<$error> for Trouble {
            fn from(error: $error) -> Self {
                match error {
                    $error::Password => Self::Encrypted,
                    other => Self::damaged(other),
                }
            }
        }
    )*};
}

trouble_from!(XlsxError, XlsbError, XlsError, OdsError);
