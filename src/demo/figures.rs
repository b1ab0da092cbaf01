//! The output of every firm, month by month, before it is calibrated.
//!
//! In: the roster. Out: whole 千元 for each month from 2022-01 (the base of the first year) to
//! 2025-12, smooth enough that no check speaks unless a story makes it. Nothing can go wrong.

use std::collections::BTreeMap;

use crate::domain::period::Period;
use crate::project::seeds::roster::{Firm, Roster};

use super::dice;
use super::story::{self, Event, MERGED_PERCENT, SURGE_PERCENT};

/// Figures by month, whole 千元 (tenths of the unit for quantities).
pub type Series = BTreeMap<Period, i64>;

/// The output of each firm by credit code.
pub(super) type Outputs<'a> = BTreeMap<&'a str, Series>;

/// The years figures are made for; nobody files the first, it is the base of the second.
pub(super) const YEARS: std::ops::RangeInclusive<i32> = 2022..=2025;

/// The year whose level is drawn; growth leads from it to the others.
pub(super) const LEVEL_YEAR: i32 = 2023;

/// Each month's part of a year, of ten thousand: half of the year's output is made after July, as
/// the published totals of 2023-07 and 2023-12 demand.
const SEASON: [i64; 12] = [640, 590, 750, 720, 730, 820, 766, 890, 970, 990, 1050, 1084];

/// The number in a firm's code: `91220106MA000064…` is 64; 0 when there is none.
pub fn number(credit_code: &str) -> u32 {
    credit_code.get(10..16).and_then(|digits| digits.parse().ok()).unwrap_or_default()
}

/// A month that is known to exist.
pub(super) fn month(year: i32, month: u32) -> Period {
    Period::new(year, month).expect("the sample's months are valid")
}

/// Output of every firm of the roster.
pub(super) fn outputs(roster: &Roster) -> Outputs<'_> {
    newest(roster).map(|firm| (firm.credit_code.as_str(), output(firm))).collect()
}

/// Each firm once, as its newest spell has it.
pub(super) fn newest(roster: &Roster) -> impl Iterator<Item = &Firm> {
    roster.firms.values().filter_map(|spells| spells.last())
}

fn output(firm: &Firm) -> Series {
    let number = number(&firm.credit_code);
    let level = level(firm, number);
    let mut series = Series::new();
    for year in YEARS {
        let grown = grow(number, level, year);
        for (share, nth) in SEASON.iter().zip(1..) {
            let period = month(year, nth);
            let (by_firm, by_year) = if firm.is_leading { (20, 3) } else { (50, 30) };
            let habit = dice::between("habit", &[number, nth], -by_firm, by_firm);
            let luck = dice::between("luck", &[number, dice::key(period)], -by_year, by_year);
            series.insert(period, grown * share / 10_000 * (1_000 + habit + luck) / 1_000);
        }
    }
    live(number, &mut series);
    series
}

/// A year's output, 千元, by size class.
fn level(firm: &Firm, number: u32) -> i64 {
    let (low, high) = match firm.size_class {
        1 => (520_000, 680_000),
        2 => (180_000, 420_000),
        3 => (45_000, 150_000),
        _ => (27_000, 42_000),
    };
    dice::between("level", &[number], low, high)
}

/// The level of another year: growth of −8 to +20 % a year, drawn per firm.
fn grow(number: u32, level: i64, year: i32) -> i64 {
    let growth = |year: i32| {
        let key = u32::try_from(year).expect("years are positive");
        1_000 + dice::between("growth", &[number, key], -80, 200)
    };
    if year < LEVEL_YEAR {
        return (year..LEVEL_YEAR).fold(level, |level, year| level * 1_000 / growth(year + 1));
    }
    (LEVEL_YEAR..year).fold(level, |level, year| level * growth(year + 1) / 1_000)
}

/// Lets the stories happen that change what a firm makes.
fn live(number: u32, series: &mut Series) {
    let months: Vec<Period> = series.keys().copied().collect();
    for period in months {
        let before = period.months_before(1).and_then(|month| series.get(&month).copied());
        let Some(made) = series.get_mut(&period) else { continue };
        match story::event(number, period) {
            Some(Event::Stopped) => *made = 0,
            Some(Event::Surge(_)) => {
                *made = before.map_or(*made, |before| before * SURGE_PERCENT / 100);
            }
            Some(Event::Restructured) => *made = *made * MERGED_PERCENT / 100,
            _ if period == month(2025, 1) && is_merged(number) => {
                *made = *made * MERGED_PERCENT / 100;
            }
            _ => {}
        }
    }
}

/// Whether the firm merged with another in 2025; January is not filed, yet is part of the year.
pub(super) fn is_merged(number: u32) -> bool {
    story::event(number, month(2025, 2)) == Some(Event::Restructured)
}

/// The months from January up to `period`.
pub(super) fn year_to(period: Period) -> std::ops::RangeInclusive<Period> {
    month(period.year(), 1)..=period
}

/// The sum of a series over months.
pub(super) fn sum(series: &Series, months: std::ops::RangeInclusive<Period>) -> i64 {
    series.range(months).map(|(_, value)| value).sum()
}
