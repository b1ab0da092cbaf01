//! One cell of a known row and column to a figure, or to the finding that says why not.

use super::Figure;
use super::grid::Value;
use super::number::{self, Reading};
use crate::domain::cell::Cell;
use crate::domain::measure::Measure;
use crate::domain::unit::Unit;
use crate::findings::{Code, Finding};
use crate::texts;

/// What a cell is about.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// The sheet's name.
    pub(super) sheet: &'a str,
    /// The cell.
    pub(super) cell: Cell,
    /// The item of its row.
    pub(super) item: &'a str,
    /// The measure of its column.
    pub(super) measure: Measure,
    /// Whether a figure has to stand there.
    pub(super) is_required: bool,
}

/// Reads a figure; nothing for a mark of missing.
pub(super) fn read(
    value: &Value,
    place: &Place<'_>,
    unit: &Unit,
) -> Result<Option<Figure>, Box<Finding>> {
    let fail = |code| {
        let mut finding = Finding::new(code, &[]).at(place.sheet, Some(place.cell));
        if code == Code::NotANumber && !place.is_required {
            finding.hint = texts::text("finding.H3.number.optional").clone();
        }
        Err(Box::new(finding.about(place.item, Some(place.measure)).found(value.typed(), None)))
    };
    let (number, typed) = match number::read(value) {
        Reading::Missing => return Ok(None),
        Reading::NotANumber => return fail(Code::NotANumber),
        Reading::NotCalculated => return fail(Code::NotCalculated),
        Reading::TooLarge => return fail(Code::NumberTooLarge),
        Reading::Number(number, typed) => (number, typed),
    };
    // Tonnes typed behind an amount of money are a slip, not a unit.
    if typed.as_ref().is_some_and(|typed| unit.is_money() && !typed.is_money()) {
        return fail(Code::NotANumber);
    }
    let unit = typed.unwrap_or_else(|| unit.clone());
    if unit.canonical(number).is_none() {
        return fail(Code::NumberTooLarge);
    }
    let Place { cell, item, measure, .. } = *place;
    Ok(Some(Figure { item: item.to_owned(), measure, number, unit, cell }))
}
