//! An axis: the round numbers it runs between, and where a value lies on it.

use rust_decimal::Decimal;

/// A stretch of numbers from one round number to another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    low: Decimal,
    high: Decimal,
    step: Decimal,
}

impl Scale {
    /// The shortest scale of about so many round steps that holds zero and all values.
    pub(super) fn around(values: impl IntoIterator<Item = Decimal>, steps: u32) -> Self {
        let (mut low, mut high) = (Decimal::ZERO, Decimal::ZERO);
        for value in values {
            low = low.min(value);
            high = high.max(value);
        }
        if low == high {
            high = Decimal::ONE;
        }
        let step = round_step((high - low) / Decimal::from(steps.max(1)));
        Self { low: (low / step).floor() * step, high: (high / step).ceil() * step, step }
    }

    /// Where a value lies: 0 at the low end, `length` at the high end.
    pub(super) fn place(&self, value: Decimal, length: i64) -> Decimal {
        (value - self.low) / (self.high - self.low) * Decimal::from(length)
    }

    /// The round numbers from low to high.
    pub(super) fn ticks(&self) -> Vec<Decimal> {
        let next = |tick: &Decimal| Some(tick + self.step);
        std::iter::successors(Some(self.low), next).take_while(|tick| *tick <= self.high).collect()
    }

    /// Decimals that tell the ticks apart.
    pub(super) fn places(&self) -> u32 {
        self.step.normalize().scale()
    }
}

/// The next of 1, 2, 2.5, 5, 10 times a power of ten; the smallest step is a millionth.
fn round_step(least: Decimal) -> Decimal {
    let mut power = Decimal::new(1, 6);
    while power * Decimal::TEN <= least {
        power *= Decimal::TEN;
    }
    let steps = [Decimal::ONE, Decimal::TWO, Decimal::new(25, 1), Decimal::new(5, 0)];
    let fitting = steps.into_iter().map(|step| step * power).find(|step| least <= *step);
    fitting.unwrap_or(power * Decimal::TEN)
}
