//! Units of figures, and exact conversion to the canonical ones.
//!
//! Money is yuan with two decimals whatever unit the form bore; quantities keep their unit and have
//! six decimals. Parsing goes through `Decimal`, so that `73557.53999999999`, as some writers store
//! 73557.54, becomes what was meant.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use super::text;

/// Decimals of canonical money (yuan): Decimal128(20,2).
pub const MONEY_SCALE: u32 = 2;
/// Decimals of canonical quantities: Decimal128(24,6).
pub const QUANTITY_SCALE: u32 = 6;

/// What a figure is counted in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Unit {
    /// 元
    Yuan,
    /// 千元, the rule on statistical forms.
    ThousandYuan,
    /// 万元, the rule on sheets for leaders.
    TenThousandYuan,
    /// 亿元, the rule in sentences.
    HundredMillionYuan,
    /// Anything else: a physical unit, kept as written (`吨`, `台`).
    Quantity(String),
}

impl Unit {
    /// Reads a unit as typed; `None` for an empty text or a dash, a quantity for what is no money.
    pub fn read(typed: &str) -> Option<Self> {
        let name = text::squeeze(typed);
        let name = name.trim_start_matches("单位:").trim_start_matches("计量单位:");
        match name.trim_matches(['(', ')', ':', '人', '民', '币']) {
            "" | "-" | "/" => None,
            "元" => Some(Self::Yuan),
            "千元" => Some(Self::ThousandYuan),
            "万元" => Some(Self::TenThousandYuan),
            "亿元" => Some(Self::HundredMillionYuan),
            other => Some(Self::Quantity(other.to_owned())),
        }
    }

    /// The unit as it stands on forms.
    pub fn name(&self) -> &str {
        match self {
            Self::Yuan => "元",
            Self::ThousandYuan => "千元",
            Self::TenThousandYuan => "万元",
            Self::HundredMillionYuan => "亿元",
            Self::Quantity(name) => name,
        }
    }

    /// Whether the unit counts money.
    pub fn is_money(&self) -> bool {
        !matches!(self, Self::Quantity(_))
    }

    /// Yuan in one of this unit; 1 for a quantity.
    pub fn factor(&self) -> Decimal {
        Decimal::from(match self {
            Self::Yuan | Self::Quantity(_) => 1_i64,
            Self::ThousandYuan => 1_000,
            Self::TenThousandYuan => 10_000,
            Self::HundredMillionYuan => 100_000_000,
        })
    }

    /// A number in this unit as canonical value: yuan to the fen, or a quantity to six decimals.
    ///
    /// Rounds half away from zero; `None` when the value has more than 18 digits before the point.
    pub fn canonical(&self, number: Decimal) -> Option<Decimal> {
        let scale = if self.is_money() { MONEY_SCALE } else { QUANTITY_SCALE };
        let value = number.checked_mul(self.factor())?;
        let limit = Decimal::from(1_000_000_000_000_000_000_i64);
        let rounded = value.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero);
        (rounded.abs() < limit).then_some(rounded)
    }

    /// A canonical value expressed in this unit, exact, without trailing zeros.
    pub fn express(&self, canonical: Decimal) -> Decimal {
        canonical.checked_div(self.factor()).unwrap_or(canonical).normalize()
    }
}
