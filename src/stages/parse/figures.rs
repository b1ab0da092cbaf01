//! One cell to one figure: the number as typed, and the unit typed behind it.
//!
//! In: a cell's value, and what it is about. Out: a figure, nothing (the marks for missing), or the
//! finding that says why not. Nothing is guessed: what can be read in two ways (`12 34`, `1,2034`,
//! `~120`) is no number.

use rust_decimal::Decimal;

use super::Figure;
use super::grid::Value;
use crate::domain::cell::Cell;
use crate::domain::measure::Measure;
use crate::domain::text;
use crate::domain::unit::Unit;
use crate::findings::{Code, Finding};
use crate::texts;

/// Marks for a missing figure, squeezed.
const MISSING: [&str; 4] = ["", "-", "/", "无"];
/// From here on a number does not fit the lake in any unit.
const HUGE: f64 = 1e24;

/// What a cell is about.
#[derive(Clone, Copy)]
pub(super) struct FigurePlace<'a> {
    pub(super) sheet: &'a str,
    pub(super) cell: Cell,
    pub(super) item: &'a str,
    pub(super) measure: Measure,
    /// Whether a figure has to stand there.
    pub(super) is_required: bool,
}

/// Reads a figure, or says why it is none; nothing for a mark of missing.
pub(super) fn read(
    value: &Value,
    place: &FigurePlace<'_>,
    unit: &Unit,
    figures: &mut Vec<Figure>,
    findings: &mut Vec<Finding>,
) {
    let FigurePlace { cell, item, measure, .. } = *place;
    match figure(value, unit) {
        Ok(None) => {}
        Ok(Some((number, unit))) => {
            figures.push(Figure { item: item.to_owned(), measure, number, unit, cell });
        }
        Err(code) => {
            let mut finding = Finding::new(code, &[]).at(place.sheet, Some(cell));
            if code == Code::NotANumber && !place.is_required {
                finding.hint = texts::text("finding.H3.number.optional").clone();
            }
            findings.push(finding.about(item, Some(measure)).found(value.typed(), None));
        }
    }
}

/// A number and its unit: the one typed behind it, else the one given.
pub(super) fn figure(value: &Value, unit: &Unit) -> Result<Option<(Decimal, Unit)>, Code> {
    let Some((number, typed)) = number(value)? else { return Ok(None) };
    // Tonnes typed behind an amount of money are a slip, not a unit.
    if typed.as_ref().is_some_and(|typed| unit.is_money() && !typed.is_money()) {
        return Err(Code::NotANumber);
    }
    let unit = typed.unwrap_or_else(|| unit.clone());
    unit.canonical(number).ok_or(Code::NumberTooLarge)?;
    Ok(Some((number, unit)))
}

/// Whether anything stands in a cell but a mark for missing.
pub(super) fn is_filled(value: &Value) -> bool {
    number(value) != Ok(None)
}

/// Whether a text is a mark for missing.
pub(super) fn is_missing(squeezed: &str) -> bool {
    MISSING.contains(&squeezed)
}

/// A number and the unit typed behind it; `None` for a mark for missing, or nothing.
type Typed = Option<(Decimal, Option<Unit>)>;

fn number(value: &Value) -> Result<Typed, Code> {
    match value {
        Value::Number(number) | Value::Date(number, _) => binary(*number),
        Value::Text(typed) => typed_number(typed),
        Value::Bool(_) | Value::Error(_) => Err(Code::NotANumber),
        Value::Formula(_) => Err(Code::NotCalculated),
    }
}

/// A binary number to the fifteen digits a spreadsheet keeps: `73557.53999999999` is 73557.54.
fn binary(number: f64) -> Result<Typed, Code> {
    if !number.is_finite() {
        return Err(Code::NotANumber);
    }
    if number.abs() >= HUGE {
        return Err(Code::NumberTooLarge);
    }
    if number.abs() < 1e-12 {
        return Ok(Some((Decimal::ZERO, None)));
    }
    let decimal = Decimal::from_scientific(&format!("{number:.14e}"));
    decimal.map(|decimal| Some((decimal.normalize(), None))).map_err(|_| Code::NotANumber)
}

fn typed_number(typed: &str) -> Result<Typed, Code> {
    // Squeezing makes a tilde a dash; here it means "about".
    if typed.contains(['~', '～', '〜', '∼']) {
        return Err(Code::NotANumber);
    }
    if is_missing(&text::squeeze(typed)) {
        return Ok(None);
    }
    // Spaces are kept for now: they may separate thousands, or two numbers.
    let tidy = text::tidy(typed).replace(['−', '－', '﹣', '–', '—', '‐', '‑'], "-");
    let body = tidy.trim_start_matches(['\'', '’', '‘', '`']).trim();
    let body = body.strip_prefix('¥').unwrap_or(body).trim();
    let (body, is_negative) = match body.strip_prefix('(') {
        Some(rest) => match rest.split_once(')') {
            Some((inner, tail)) if starts_with_digit(inner) => (format!("{inner}{tail}"), true),
            _ => return Err(Code::NotANumber),
        },
        None => (body.to_owned(), false),
    };
    let (digits, unit) = split_unit(&body);
    let squeezed = text::squeeze(unit);
    let unit = read_unit(&squeezed);
    if unit.is_none() && !squeezed.is_empty() {
        return Err(Code::NotANumber);
    }
    let number = parse(digits.trim())?;
    Ok(Some((if is_negative { -number } else { number }.normalize(), unit)))
}

fn starts_with_digit(text: &str) -> bool {
    text.trim_start().starts_with(|letter: char| letter.is_ascii_digit() || letter == '.')
}

/// Splits `12,034 千元` before the first letter of the unit; an exponent belongs to the number.
fn split_unit(body: &str) -> (&str, &str) {
    let is_part = |letter: char| letter.is_ascii_digit() || "+-., '".contains(letter);
    let end = body.find(|letter: char| !is_part(letter)).unwrap_or(body.len());
    let (digits, rest) = body.split_at(end);
    let exponent = rest.strip_prefix(['e', 'E']).filter(|power| {
        let power = power.strip_prefix(['+', '-']).unwrap_or(power);
        !power.is_empty() && power.len() <= 2 && power.bytes().all(|byte| byte.is_ascii_digit())
    });
    if exponent.is_some() { (body, "") } else { (digits, rest) }
}

/// The unit typed behind a number, if it is one.
fn read_unit(squeezed: &str) -> Option<Unit> {
    let is_letter = |letter: char| letter.is_alphabetic() || "()/·".contains(letter);
    let is_word = squeezed.chars().all(is_letter);
    is_word.then(|| Unit::read(squeezed.trim_end_matches('整'))).flatten()
}

/// Digits with separators to a number.
fn parse(digits: &str) -> Result<Decimal, Code> {
    if digits.contains(['e', 'E']) {
        return Decimal::from_scientific(digits).map_err(|_| Code::NotANumber);
    }
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits).trim_start();
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let whole = ungroup(whole.trim()).ok_or(Code::NotANumber)?;
    let fraction: String = fraction.split(' ').collect();
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !is_digits(&whole) || !is_digits(&fraction) {
        return Err(Code::NotANumber);
    }
    let significant = whole.trim_start_matches('0');
    if significant.len() > 24 {
        return Err(Code::NumberTooLarge);
    }
    // Twelve decimals are six more than any unit keeps.
    let fraction = fraction.get(..12).unwrap_or(&fraction);
    let number: Result<Decimal, _> = format!("0{significant}.{fraction}0").parse();
    let number = number.map_err(|_| Code::NotANumber)?;
    Ok(if digits.starts_with('-') { -number } else { number })
}

/// Takes out separators of thousands, all of one kind and in their places, or blanks between
/// single digits.
fn ungroup(whole: &str) -> Option<String> {
    let tight = whole.replace(", ", ",").replace(" ,", ",");
    let separator = [',', ' ', '\''].into_iter().find(|mark| tight.contains(*mark));
    let Some(separator) = separator else { return Some(tight) };
    let groups: Vec<&str> = tight.split(separator).collect();
    let (first, rest) = groups.split_first()?;
    let is_thousands = (1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3);
    let is_spaced = separator == ' ' && groups.iter().all(|group| group.len() == 1);
    (is_thousands || is_spaced).then(|| groups.concat())
}
