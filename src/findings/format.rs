//! Figures as people write them: thousands separated, with their unit, fractions in per cent.
//!
//! In: exact decimals. Out: text in both languages. Nothing is rounded but fractions.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::domain::unit::Unit;
use crate::texts::{self, Text};

/// What stands for a figure that is not there.
pub const NONE: &str = "—";

/// A number with its thousands separated by commas, without trailing zeros: `1,234,567.8`.
pub fn grouped(number: Decimal) -> String {
    separated(&number.normalize().to_string())
}

/// A number as printed with commas between its thousands.
pub fn separated(number: &str) -> String {
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

/// A canonical figure (yuan, or a quantity) in a unit: `12,034 千元`, `12,034 thousand yuan`.
pub fn figure(canonical: Decimal, unit: &Unit) -> Text {
    let number = grouped(unit.express(canonical));
    let unit = self::unit(unit);
    Text { zh: format!("{number} {}", unit.zh), en: format!("{number} {}", unit.en) }
}

/// A fraction in per cent with one decimal, half away from zero: 0.0764 is `7.6%`.
pub fn percent(fraction: Decimal) -> String {
    let points = fraction.saturating_mul(Decimal::ONE_HUNDRED);
    let rounded = points.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero);
    format!("{}%", grouped(rounded))
}

/// A unit in both languages; physical units as they stand on the form.
pub fn unit(unit: &Unit) -> Text {
    let key = match unit {
        Unit::Yuan => "unit.yuan",
        Unit::ThousandYuan => "unit.thousand_yuan",
        Unit::TenThousandYuan => "unit.ten_thousand_yuan",
        Unit::HundredMillionYuan => "unit.hundred_million_yuan",
        Unit::Quantity(name) => return Text::same(name),
    };
    texts::text(key).clone()
}
