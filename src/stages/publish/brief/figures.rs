//! How figures are printed: rounding, units, signs.
//!
//! In: exact decimals (yuan, fractions, percentage points). Out: text in one language. Rounding
//! happens once, here, half away from zero. Chinese counts money in 亿 and 万, English in billions
//! and millions, each to the same exactness: 277.40亿 is 27.740 billion, 1万 is 0.01 million.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::findings::format::separated;
use crate::texts::{Locale, Text, text};

/// Yuan in a sentence, with the unit: `277.40亿元`, `CNY 27.740 billion`; below 0.1 亿 or one billion,
/// where two decimals would hide too much, in 万 or millions.
pub(super) fn money(yuan: Decimal, locale: Locale) -> String {
    let large_from = Decimal::from(match locale {
        Locale::Zh => 10_000_000_i64,
        Locale::En => 1_000_000_000,
    });
    let (key, value) = if yuan.is_zero() || large_from <= yuan.abs() {
        ("brief.unit.level", large(yuan, locale))
    } else {
        ("brief.unit.small_level", medium(yuan, locale))
    };
    text(key).fill(&[("value", &Text::same(value))]).get(locale).to_owned()
}

/// Yuan in a table of large figures: 亿 to two decimals, billions to three.
pub(super) fn large(yuan: Decimal, locale: Locale) -> String {
    let places = match locale {
        Locale::Zh => 2,
        Locale::En => 3,
    };
    separated(&fixed(in_large_units(yuan, locale), places))
}

/// Yuan in the unit of large figures (亿, billions), exact: what charts draw.
pub(super) fn in_large_units(yuan: Decimal, locale: Locale) -> Decimal {
    yuan / Decimal::from(match locale {
        Locale::Zh => 100_000_000_i64,
        Locale::En => 1_000_000_000,
    })
}

/// Yuan in an ordinary table: 万 without decimals, millions to two.
pub(super) fn medium(yuan: Decimal, locale: Locale) -> String {
    separated(&match locale {
        Locale::Zh => fixed(yuan / Decimal::from(10_000), 0),
        Locale::En => fixed(yuan / Decimal::from(1_000_000), 2),
    })
}

/// A fraction in per cent: to one decimal, 0.076 is `7.6%`; to two, 0.8469 is `84.69%`.
pub(super) fn percent(fraction: Decimal, places: u32) -> String {
    format!("{}%", fixed(fraction * Decimal::ONE_HUNDRED, places))
}

/// Percentage points to one decimal, to two below a tenth: `4.3`, `0.04`.
pub(super) fn points(points: Decimal) -> String {
    let is_small = !points.is_zero() && points.abs() < Decimal::new(1, 1);
    fixed(points, if is_small { 2 } else { 1 })
}

/// Rounds half away from zero; never gives a negative zero.
pub(super) fn round(value: Decimal, places: u32) -> Decimal {
    let rounded = value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    if rounded.is_zero() { Decimal::ZERO } else { rounded }
}

/// Rounds and prints with exactly so many decimals.
pub(super) fn fixed(value: Decimal, places: u32) -> String {
    let width = usize::try_from(places).unwrap_or_default();
    format!("{:.width$}", round(value, places))
}
