//! The output of every firm, month by month.
//!
//! In: the roster. Out: whole 千元 for each month from 2022-01 (the base of the first year) to 2025-12,
//! smooth enough that no check speaks unless a story makes it, brought to the totals of `sample.toml` so
//! that the sums agree to the 千元. Nothing can go wrong.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::domain::period::Period;
use crate::project::seeds::roster::{Firm, Roster};

use super::sample::{Event, SAMPLE, Total, between, key, story};

/// Figures by month, whole 千元 (tenths of the unit for quantities).
pub type Series = BTreeMap<Period, i64>;

/// The year whose level is drawn; growth leads from it to the others.
pub(super) const LEVEL_YEAR: i32 = 2023;

/// The number in a firm's code: `91220106MA000064…` is 64; 0 when there is none.
pub fn number(credit_code: &str) -> u32 {
    credit_code.get(10..16).and_then(|digits| digits.parse().ok()).unwrap_or_default()
}

/// A month that is known to exist.
pub(super) fn month(year: i32, month: u32) -> Period {
    Period::new(year, month).expect("the sample's months are valid")
}

/// Each firm once, as its newest spell has it.
pub(super) fn newest(roster: &Roster) -> impl Iterator<Item = &Firm> {
    roster.firms.values().filter_map(|spells| spells.last())
}

/// Output of every firm of the roster.
pub(super) fn outputs(roster: &Roster) -> Vec<(&Firm, Series)> {
    let mut outputs: Vec<_> = newest(roster).map(|firm| (firm, output(firm))).collect();
    for total in &SAMPLE.totals {
        meet(&mut outputs, total);
    }
    outputs
}

/// The output of a firm before totals are met.
fn output(firm: &Firm) -> Series {
    let number = number(&firm.credit_code);
    let [large, medium, small, micro] = SAMPLE.levels;
    let (low, high) = match firm.size_class {
        1 => large,
        2 => medium,
        3 => small,
        _ => micro,
    };
    let level = between("level", &[number], low, high);
    let mut series = Series::new();
    for year in 2022..=2025 {
        let grown = grow(number, level, year);
        for (share, nth) in SAMPLE.season.iter().zip(1..) {
            let period = month(year, nth);
            let (by_firm, by_year) = if firm.is_leading { (20, 3) } else { (50, 30) };
            let habit = between("habit", &[number, nth], -by_firm, by_firm);
            let luck = between("luck", &[number, key(period)], -by_year, by_year);
            let made = grown * share / 10_000 * (1_000 + habit + luck) / 1_000;
            let before = series.last_key_value().map(|(_, before)| *before);
            let lived = match (story(number, period).event, before) {
                (Event::Stopped, _) => 0,
                (Event::Surge, Some(before)) => before * SAMPLE.surge_percent / 100,
                _ if merged_in(number) == Some(year) => made * SAMPLE.merged_percent / 100,
                _ => made,
            };
            series.insert(period, lived);
        }
    }
    let [outside, within] = SAMPLE.stretch;
    if is_ordinary(number) {
        let (times, by) = if firm.zone.is_empty() { outside } else { within };
        for made in series.values_mut() {
            *made = *made * times / by;
        }
    }
    series
}

/// The level of another year: growth of −8 to +20 % a year, drawn per firm.
fn grow(number: u32, level: i64, year: i32) -> i64 {
    let growth =
        |year: i32| 1_000 + between("growth", &[number, key(month(year, 1)) / 100], -80, 200);
    if year < LEVEL_YEAR {
        return (year..LEVEL_YEAR).fold(level, |level, year| level * 1_000 / growth(year + 1));
    }
    (LEVEL_YEAR..year).fold(level, |level, year| level * growth(year + 1) / 1_000)
}

/// The year in which the firm merged with another.
pub(super) fn merged_in(number: u32) -> Option<i32> {
    let mut stories = SAMPLE.stories.iter();
    let merger = stories.find(|it| it.firm == number && it.event == Event::Restructured);
    merger.map(|story| story.from.year())
}

/// A firm without a total of its own.
fn is_ordinary(number: u32) -> bool {
    SAMPLE.totals.iter().all(|total| total.firm != Some(number))
}

/// Makes the sum of a total's firms and months what it should be by scaling what may change.
fn meet(outputs: &mut [(&Firm, Series)], total: &Total) {
    let (mut fixed, mut free) = (0, Vec::new());
    for (firm, series) in outputs {
        let number = number(&firm.credit_code);
        let is_member = total.firm.is_none_or(|wanted| wanted == number)
            && total.filing.is_none_or(|month| firm.is_on_roster(month))
            && total.in_zones.is_none_or(|wanted| wanted != firm.zone.is_empty());
        let is_free = total.firm.is_some() || is_ordinary(number);
        let first_free = total.free.unwrap_or(total.from);
        for (month, made) in series.range_mut(total.from..=total.to).filter(|_| is_member) {
            if is_free && first_free <= *month {
                free.push(made);
            } else {
                fixed += *made;
            }
        }
    }
    settle(free, total.total - fixed);
}

/// Scales values to a total; what rounding leaves over goes to the first ones, 1 each.
///
/// Zeros stay zeros. Without any value but zeros, nothing changes.
pub(super) fn settle(mut values: Vec<&mut i64>, target: i64) {
    let now: i64 = values.iter().map(|value| **value).sum();
    if now == 0 {
        return;
    }
    for value in &mut values {
        let scaled = i128::from(**value) * i128::from(target) / i128::from(now);
        **value = i64::try_from(scaled).expect("a part of the target fits where the target fits");
    }
    let reached: i64 = values.iter().map(|value| **value).sum();
    let left_over = usize::try_from(target - reached).unwrap_or_default();
    for value in values.into_iter().filter(|value| **value != 0).take(left_over) {
        *value += 1;
    }
}

/// The months of a year, up to one of them.
pub(super) fn months(year: i32, last: u32) -> RangeInclusive<Period> {
    month(year, 1)..=month(year, last)
}
