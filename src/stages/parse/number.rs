//! One cell to one figure: the number as typed, and the unit typed behind it.
//!
//! In: a cell's value. Out: a number, nothing (the marks for missing), or "no number". Nothing is
//! guessed: what can be read in two ways (`12 34`, `1,2034`, `~120`) is no number.

use rust_decimal::Decimal;

use super::grid::Value;
use crate::domain::text;
use crate::domain::unit::Unit;

/// What a cell says as a figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// A mark for missing, or nothing.
    Missing,
    /// A number, and the unit typed behind it.
    Number(Decimal, Option<Unit>),
    /// A number of more digits than can be kept.
    TooLarge,
    /// No number: words, a percentage, an error value.
    NotANumber,
    /// A formula of which only the text was saved.
    NotCalculated,
}

/// Marks for a missing figure, squeezed.
const MISSING: [&str; 4] = ["", "-", "/", "无"];
/// From here on a number does not fit the lake in any unit.
const HUGE: f64 = 1e24;

/// Reads a cell as a figure.
pub(super) fn read(value: &Value) -> Reading {
    match value {
        Value::Number(number) | Value::Date(number, _) => binary(*number),
        Value::Text(typed) => typed_number(typed),
        Value::Bool(_) | Value::Error(_) => Reading::NotANumber,
        Value::Formula(_) => Reading::NotCalculated,
    }
}

/// Whether a text is a mark for missing.
pub(super) fn is_missing(squeezed: &str) -> bool {
    MISSING.contains(&squeezed)
}

/// A binary number to the fifteen digits a spreadsheet keeps: `73557.53999999999` is 73557.54.
fn binary(number: f64) -> Reading {
    if !number.is_finite() {
        return Reading::NotANumber;
    }
    if number.abs() >= HUGE {
        return Reading::TooLarge;
    }
    if number.abs() < 1e-12 {
        return Reading::Number(Decimal::ZERO, None);
    }
    match Decimal::from_scientific(&format!("{number:.14e}")) {
        Ok(decimal) => Reading::Number(decimal.normalize(), None),
        Err(_) => Reading::NotANumber,
    }
}

fn typed_number(typed: &str) -> Reading {
    // Squeezing makes a tilde a dash; here it means "about".
    if typed.contains(['~', '～', '〜', '∼']) {
        return Reading::NotANumber;
    }
    if is_missing(&text::squeeze(typed)) {
        return Reading::Missing;
    }
    // Spaces are kept for now: they may separate thousands, or two numbers.
    let tidy = text::tidy(typed).replace(is_minus, "-");
    let body = tidy.trim_start_matches(['\'', '’', '‘', '`']).trim();
    let body = body.strip_prefix('¥').unwrap_or(body).trim();
    let (body, is_negative) = match body.strip_prefix('(') {
        Some(rest) => match rest.split_once(')') {
            Some((inner, tail)) if starts_with_digit(inner) => (format!("{inner}{tail}"), true),
            _ => return Reading::NotANumber,
        },
        None => (body.to_owned(), false),
    };
    let (digits, unit) = split_unit(&body);
    let squeezed = text::squeeze(unit);
    let unit = read_unit(&squeezed);
    if unit.is_none() && !squeezed.is_empty() {
        return Reading::NotANumber;
    }
    match parse(digits.trim()) {
        Some(Ok(number)) => {
            let number = if is_negative { -number } else { number };
            Reading::Number(number.normalize(), unit)
        }
        Some(Err(())) => Reading::TooLarge,
        None => Reading::NotANumber,
    }
}

fn is_minus(letter: char) -> bool {
    matches!(letter, '−' | '－' | '﹣' | '–' | '—' | '‐' | '‑')
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

/// Digits with separators to a number: `None` for no number, `Err` for too many digits.
fn parse(digits: &str) -> Option<Result<Decimal, ()>> {
    if digits.contains(['e', 'E']) {
        return Decimal::from_scientific(digits).ok().map(Ok);
    }
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits).trim_start();
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let whole = ungroup(whole.trim())?;
    let fraction: String = fraction.split(' ').collect();
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !is_digits(&whole) || !is_digits(&fraction) {
        return None;
    }
    let significant = whole.trim_start_matches('0');
    if significant.len() > 24 {
        return Some(Err(()));
    }
    // Twelve decimals are six more than any unit keeps.
    let fraction = fraction.get(..12).unwrap_or(&fraction);
    let number: Decimal = format!("0{significant}.{fraction}0").parse().ok()?;
    Some(Ok(if digits.starts_with('-') { -number } else { number }))
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
