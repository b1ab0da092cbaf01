//! The fields outside the table of a single-firm sheet: who reports, which month, which edition.
//!
//! In: the sheet and the rows of its table. Out: each field with its cell, or nothing. A value
//! stands behind its label in the same cell or in the next cells to the right, whole or letter by
//! letter; an explanation may also stand in the line below.

use chrono::NaiveDate;

use super::Found;
use super::figures;
use super::grid::{Row, Sheet, Value};
use super::labels;
use crate::domain::cell::Cell;
use crate::domain::dates;
use crate::domain::period::Period;
use crate::domain::text;
use crate::domain::unit::Unit;
use crate::project::forms::{FieldLabels, Form, Label};

/// Characters of a credit code.
const CODE: usize = 18;

/// The rows of a sheet that are not its table.
#[derive(Clone, Copy)]
pub(super) struct Margin<'a> {
    pub(super) sheet: &'a Sheet,
    /// The first row of the table, and the first behind it.
    pub(super) start: u32,
    pub(super) end: u32,
}

impl<'a> Margin<'a> {
    fn above(self) -> impl Iterator<Item = (u32, &'a Row)> {
        self.sheet.rows_before(self.start)
    }

    /// Above the table, then below.
    fn all(self) -> impl Iterator<Item = (u32, &'a Row)> {
        self.above().chain(self.sheet.rows_from(self.end))
    }

    /// The cells that bear one of the labels.
    fn labelled(self, labels: &[Label]) -> impl Iterator<Item = Labelled<'a>> {
        self.all().flat_map(move |(number, row)| {
            row.iter().filter_map(move |(column, value)| {
                let behind = labels::value_behind(value, labels)?;
                Some(Labelled { cell: Cell::new(number, *column), behind, row })
            })
        })
    }

    pub(super) fn credit_code(self, fields: &FieldLabels) -> Option<Found<String>> {
        self.labelled(&fields.credit_code).find_map(|found| {
            let (code, column) = joined_code(&text::squeeze(&found.behind), found.right())?;
            let cell = Cell::new(found.cell.row, column.unwrap_or(found.cell.column));
            Some(Found { value: code.to_ascii_uppercase(), cell })
        })
    }

    /// A field of one text, tidied.
    pub(super) fn field(self, labels: &[Label]) -> Option<Found<String>> {
        self.labelled(labels).find_map(|found| {
            let (value, cell) = if found.behind.is_empty() {
                let (column, neighbour) = found.right().next()?;
                (neighbour_text(neighbour)?, Cell::new(found.cell.row, *column))
            } else {
                (found.behind, found.cell)
            };
            let value = labels::unspaced(&value);
            (!figures::is_missing(&text::squeeze(&value))).then_some(Found { value, cell })
        })
    }

    /// The firm's explanation: behind its label, beside it, or in the line below.
    pub(super) fn explanation(self, form: &Form) -> Option<Found<String>> {
        let labels = &form.sheet.fields.explanation;
        self.field(labels).or_else(|| {
            self.labelled(labels).find_map(|found| {
                let number = found.cell.row.checked_add(1)?;
                let below = self.sheet.rows_from(number).next().filter(|row| row.0 == number)?.1;
                let (column, value) = below.range(found.cell.column..).next()?;
                // Not a line of the form itself: a signature or a numbered note.
                let label = value.label();
                let is_note = |letter: char| letter.is_ascii_digit() || letter == '(';
                let is_free = matches!(value, Value::Text(_))
                    && !(form.words.is_footer(&label) || label.starts_with(is_note));
                let stands_alone = found.behind.is_empty() && found.right().next().is_none();
                (is_free && stands_alone).then(|| Found {
                    value: labels::unspaced(&text::tidy(&value.typed())),
                    cell: Cell::new(number, *column),
                })
            })
        })
    }

    pub(super) fn day(self, labels: &[Label]) -> Option<Found<NaiveDate>> {
        self.labelled(labels).find_map(|found| {
            if let Some(value) = dates::day_within(&found.behind) {
                return Some(Found { value, cell: found.cell });
            }
            let mut typed = found.behind.clone();
            found.right().find_map(|(column, value)| {
                typed.push_str(&value.label());
                let shown = if let Value::Date(_, day) = value { *day } else { None };
                let value = shown.or_else(|| dates::day_within(&typed))?;
                Some(Found { value, cell: Cell::new(found.cell.row, *column) })
            })
        })
    }

    /// The month reported: a cell that is a month, else one that contains one, else one that is
    /// spread over the cells of a row.
    pub(super) fn period(self, form: &Form) -> Option<Found<Period>> {
        let rows = self.above().map(|(number, row)| without_other_dates(number, row, form));
        let rows: Vec<Vec<(Cell, &Value)>> = rows.collect();
        let read = |month: fn(&Value) -> Option<Period>| {
            let mut cells = rows.iter().flatten();
            cells.find_map(|(cell, value)| Some(Found { value: month(value)?, cell: *cell }))
        };
        read(whole_month)
            .or_else(|| read(month_within))
            .or_else(|| rows.iter().find_map(|cells| spread_month(cells)))
    }

    /// The unit of money that holds for the whole sheet (`计量单位：万元`).
    pub(super) fn unit(self) -> Option<Unit> {
        self.above().find_map(|(_, row)| {
            row.iter().find_map(|(column, value)| {
                let label = value.label();
                let (_, rest) = label.split_once("单位:")?;
                let end = rest.find([')', ',', ';', '(']).unwrap_or(rest.len());
                let typed = match rest.get(..end)? {
                    "" => row.range(column + 1..).next()?.1.label().into_owned(),
                    unit => unit.to_owned(),
                };
                Unit::read(&typed).filter(Unit::is_money)
            })
        })
    }
}

/// A cell that bears a label, and what stands behind it.
struct Labelled<'a> {
    cell: Cell,
    behind: String,
    row: &'a Row,
}

impl<'a> Labelled<'a> {
    fn right(&self) -> impl Iterator<Item = (&'a u32, &'a Value)> + use<'a> {
        self.row.range(self.cell.column.saturating_add(1)..)
    }
}

/// A code of 18 characters from what stands behind the label and the cells to the right; with it
/// the column of its first cell, if that is not the label's own.
fn joined_code<'a>(
    behind: &str,
    right: impl Iterator<Item = (&'a u32, &'a Value)>,
) -> Option<(String, Option<u32>)> {
    let is_part =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if behind.len() >= CODE || (!behind.is_empty() && !is_part(behind)) {
        return Some((behind.to_owned(), None));
    }
    let mut joined = behind.to_owned();
    let mut first: Option<(String, u32)> = None;
    for (column, value) in right {
        let part = value.label();
        if !is_part(&part) {
            // Something that is no code stands alone: it is the value, wrong as it is.
            let lone = first.is_none() && joined.is_empty() && !part.contains(':');
            first = first.or_else(|| lone.then_some((part.into_owned(), *column)));
            break;
        }
        joined.push_str(&part);
        first.get_or_insert_with(|| (part.into_owned(), *column));
        if joined.len() >= CODE {
            break;
        }
    }
    let at = if behind.is_empty() { first.as_ref().map(|(_, column)| *column) } else { None };
    // Pieces that do not make up a code: single letters are one anyway, else the first piece.
    let is_boxes = behind.len() + first.as_ref().map_or(0, |(part, _)| part.len()) <= 2;
    let alone =
        if behind.is_empty() { first.map(|(part, _)| part) } else { Some(behind.to_owned()) };
    let is_whole = joined.len() == CODE || is_boxes && !joined.is_empty();
    let code = if is_whole { Some(joined) } else { alone };
    code.filter(|code| !code.is_empty()).map(|code| (code, at))
}

/// A value to the right of its label, unless it is the next label or the month.
fn neighbour_text(value: &Value) -> Option<String> {
    let is_other = value.label().contains(':') || whole_month(value).is_some();
    (!is_other).then(|| text::tidy(&value.typed()))
}

fn whole_month(value: &Value) -> Option<Period> {
    match value {
        Value::Date(_, day) => day.and_then(Period::of),
        Value::Text(typed) => dates::whole_month(typed),
        _ => None,
    }
}

fn month_within(value: &Value) -> Option<Period> {
    if let Value::Text(typed) = value { dates::month_within(typed) } else { None }
}

/// `2024` | `年` | `7` | `月`: the cells of a row read as one text.
fn spread_month(cells: &[(Cell, &Value)]) -> Option<Found<Period>> {
    cells.iter().enumerate().find_map(|(at, (cell, first))| {
        if !first.label().starts_with(|letter: char| letter.is_ascii_digit()) {
            return None;
        }
        let rest = cells.get(at..)?;
        let joined: String = rest.iter().map(|(_, value)| value.label()).collect();
        // The number must be the year: digits of the next cell would lengthen it.
        let value = dates::month_within(&joined)?;
        let is_year = joined.starts_with(&value.year().to_string());
        is_year.then_some(Found { value, cell: *cell })
    })
}

/// The cells of a row without those that name another date, nor that date when it stands beside.
fn without_other_dates<'a>(number: u32, row: &'a Row, form: &Form) -> Vec<(Cell, &'a Value)> {
    let fields = &form.sheet.fields;
    let is_other = |label: &str| {
        form.words.other_dates.iter().any(|other| label.contains(other.squeezed()))
            || labels::starts_with_any(label, &fields.document)
            || labels::starts_with_any(label, &fields.reported_on)
    };
    let mut kept = Vec::new();
    let mut is_beside = false;
    for (column, value) in row {
        let label = value.label();
        if is_other(&label) {
            is_beside = label.ends_with(':') || !label.contains(':');
        } else if !is_beside {
            kept.push((Cell::new(number, *column), value));
        }
    }
    kept
}
