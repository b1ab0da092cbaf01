//! How figures are printed: rounding, units, signs.
//!
//! In: exact decimals (yuan, fractions, percentage points). Out: text in one language. Rounding
//! happens once, here, half away from zero. Chinese counts money in 亿 and 万, English in billions
//! and millions, each to the same exactness: 277.40亿 is 27.740 billion, 1万 is 0.01 million.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::texts::{Locale, Text, text};

/// What stands in a table where there is no figure.
pub(crate) const NONE: &str = "—";

/// Prints figures in one language.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    locale: Locale,
}

impl Figures {
    /// Figures for readers of a language.
    pub(crate) fn new(locale: Locale) -> Self {
        Self { locale }
    }

    /// Yuan in a sentence, with the unit: `277.40亿元`, `CNY 27.740 billion`.
    pub(crate) fn level(self, yuan: Decimal) -> String {
        let is_large = yuan.is_zero() || Decimal::from(self.large_from()) <= yuan.abs();
        let (key, value) = if is_large {
            ("brief.unit.level", self.large(yuan))
        } else {
            ("brief.unit.small_level", self.medium(yuan))
        };
        self.unit(key, value)
    }

    /// Yuan from which a sentence counts in 亿 or billions; less is said in 万 or millions, where two
    /// decimals would hide too much of it.
    fn large_from(self) -> i64 {
        match self.locale {
            Locale::Zh => 10_000_000,
            Locale::En => 1_000_000_000,
        }
    }

    /// Yuan in a table of large figures: 亿 to two decimals, billions to three.
    pub(crate) fn large(self, yuan: Decimal) -> String {
        grouped(&fixed(self.in_large_units(yuan), self.large_places()))
    }

    /// Yuan in the unit of large figures (亿, billions), exact: what charts draw.
    pub(crate) fn in_large_units(self, yuan: Decimal) -> Decimal {
        yuan / Decimal::from(match self.locale {
            Locale::Zh => 100_000_000_i64,
            Locale::En => 1_000_000_000,
        })
    }

    fn large_places(self) -> u32 {
        match self.locale {
            Locale::Zh => 2,
            Locale::En => 3,
        }
    }

    /// Yuan in an ordinary table: 万 without decimals, millions to two.
    pub(crate) fn medium(self, yuan: Decimal) -> String {
        grouped(&match self.locale {
            Locale::Zh => fixed(yuan / Decimal::from(10_000), 0),
            Locale::En => fixed(yuan / Decimal::from(1_000_000), 2),
        })
    }

    fn unit(self, key: &str, value: String) -> String {
        text(key).fill(&[("value", &Text::same(value))]).get(self.locale).to_owned()
    }
}

/// A fraction as a rate to one decimal: 0.076 is `7.6%`.
pub(crate) fn rate(fraction: Decimal) -> String {
    format!("{}%", fixed(fraction * Decimal::ONE_HUNDRED, 1))
}

/// A fraction as a share to two decimals: 0.8469 is `84.69%`.
pub(crate) fn share(fraction: Decimal) -> String {
    format!("{}%", fixed(fraction * Decimal::ONE_HUNDRED, 2))
}

/// Percentage points to one decimal, to two below a tenth: `4.3`, `0.04`.
pub(crate) fn points(points: Decimal) -> String {
    let is_small = points.abs() < Decimal::new(1, 1);
    if points.is_zero() { fixed(points, 1) } else { fixed(points, if is_small { 2 } else { 1 }) }
}

/// A part of a whole as a fraction; none of nothing.
pub(crate) fn ratio(part: i64, whole: i64) -> Option<Decimal> {
    Decimal::from(part).checked_div(Decimal::from(whole))
}

/// Rounds half away from zero; never gives a negative zero.
pub(crate) fn round(value: Decimal, places: u32) -> Decimal {
    let rounded = value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    if rounded.is_zero() { Decimal::ZERO } else { rounded }
}

/// Rounds and prints with exactly so many decimals.
pub(crate) fn fixed(value: Decimal, places: u32) -> String {
    let width = usize::try_from(places).unwrap_or_default();
    format!("{:.width$}", round(value, places))
}

/// Commas between thousands.
fn grouped(number: &str) -> String {
    let (sign, digits) = number.split_at(usize::from(number.starts_with('-')));
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut text = sign.to_owned();
    for (place, digit) in whole.chars().enumerate() {
        if 0 < place && (whole.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + fraction
}
