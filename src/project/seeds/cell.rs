//! One cell of a seed, as people and Excel write it, in the one form everything else knows.
//!
//! In: the cell's kind and text, the project's time zone. Out: the text of the value, the same however it
//! was written (`2024/7/1`, `Jul-24` and `2024-07` are one month), or nothing where it is none of the
//! kind, or could be two.

use chrono_tz::Tz;
use rust_decimal::Decimal;

use super::schema::Kind;
use crate::domain::{dates, text};

/// What Excel writes where a formula failed.
const FAILED: [&str; 7] = ["#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!"];

/// The cell's value as its one text; `None` where it is not of the kind.
pub(super) fn canonical(kind: Kind, cell: &str, zone: Tz) -> Option<String> {
    let squeezed = || text::squeeze(cell);
    match kind {
        Kind::Text => (!FAILED.contains(&cell)).then(|| cell.to_owned()),
        Kind::Industry => Some(industry(&squeezed())),
        Kind::Integer => Some(squeezed().parse::<i32>().ok()?.to_string()),
        Kind::Boolean => match squeezed().to_lowercase().as_str() {
            "true" | "是" => Some("true".to_owned()),
            "false" | "否" => Some("false".to_owned()),
            _ => None,
        },
        Kind::Month => Some(dates::typed_month(cell)?.to_string()),
        Kind::Date => Some(dates::typed_day(cell)?.to_string()),
        Kind::Instant => Some(dates::typed_instant(cell, &zone)?.to_rfc3339()),
        Kind::Money => decimal(&squeezed(), 2),
        Kind::Fraction => match squeezed().strip_suffix('%') {
            Some(percent) => {
                let value = decimal(percent, 4)?.parse::<Decimal>().ok()?;
                Some((value / Decimal::ONE_HUNDRED).normalize().to_string())
            }
            None => decimal(&squeezed(), 6),
        },
    }
}

/// What a cell of a kind should be, for a fault; and what to do where Excel made something else of it.
pub(super) fn wanted(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Industry => "text",
        Kind::Integer => "whole number",
        Kind::Boolean => "`true` or `false`",
        Kind::Month => {
            "month like 2024-07; if Excel changed it, make the column text and type it again"
        }
        Kind::Date => {
            "date like 2024-07-31; if Excel changed it, make the column text and type it again"
        }
        Kind::Instant => {
            "instant like 2024-08-07T12:00:00+08:00 or 2024-08-07 12:00; if Excel changed it, make the column text and type it again"
        }
        Kind::Money => {
            "amount in yuan with at most two decimals; if Excel cut it short, make the column text and type it again"
        }
        Kind::Fraction => "fraction like 0.085 with at most six decimals",
    }
}

/// A code of GB/T 4754 without the letter of its section, and with the zero that Excel takes away.
fn industry(code: &str) -> String {
    let digits = code.strip_prefix(|letter: char| letter.is_ascii_uppercase()).unwrap_or(code);
    let is_number = digits.bytes().all(|digit| digit.is_ascii_digit());
    match digits.len() {
        1 | 3 if is_number => format!("0{digits}"),
        2 | 4 if is_number => digits.to_owned(),
        _ => code.to_owned(),
    }
}

/// A decimal with at most so many places; commas may stand between thousands.
fn decimal(cell: &str, places: u32) -> Option<String> {
    let mut groups = cell.split('.').next()?.split(',').skip(1);
    // `2.7E+10` is what Excel shows of an amount that does not fit its column.
    if cell.contains(['e', 'E']) || groups.any(|group| group.len() != 3) {
        return None;
    }
    let value = cell.replace(',', "").parse::<Decimal>().ok()?.normalize();
    let limit = Decimal::from(10_i64.pow(if places == 2 { 18 } else { 12 }));
    (value.scale() <= places && value.abs() < limit).then(|| value.to_string())
}
