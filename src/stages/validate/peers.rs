//! What a firm without a history of its own is held against: the months of all others before it.
//!
//! In: what counts today for the twelve months before one, and the roster. Out: how many of them
//! anything counts for, the median of a size class, and the newest month's sum. Reports of the month
//! itself are in none of these: the order in which they arrive decides no verdict.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::Desk;
use super::fields::Base;
use super::history::Figures;
use crate::domain::measure::Measure;
use crate::domain::period::Period;

/// Months that are looked back at.
const MONTHS: u32 = 12;

/// The twelve months before one; numbers are places in `Fields::bases`.
#[derive(Debug, Default)]
pub(super) struct Peers {
    /// Months for which anything counts.
    pub(super) months: usize,
    medians: BTreeMap<(i32, usize), Decimal>,
    newest: BTreeMap<usize, Decimal>,
}

impl Peers {
    /// What counts before a month.
    pub(super) fn before(period: Period, form: &str, bases: &[Base], desk: &Desk<'_>) -> Self {
        let mut values: BTreeMap<(i32, usize), Vec<Decimal>> = BTreeMap::new();
        let mut peers = Self::default();
        for month in months_before(period) {
            let mut sums: BTreeMap<usize, Decimal> = BTreeMap::new();
            for (key, value) in values_of(month, form, bases, desk) {
                values.entry(key).or_default().push(value);
                let sum = sums.entry(key.1).or_default();
                *sum = sum.saturating_add(value);
            }
            if sums.is_empty() {
                continue;
            }
            if peers.months == 0 {
                peers.newest = sums;
            }
            peers.months += 1;
        }
        let medians = values.into_iter().filter_map(|(key, mut it)| Some((key, median(&mut it)?)));
        peers.medians = medians.collect();
        peers
    }

    /// The median of what a firm of a size class made in a month.
    pub(super) fn class_median(&self, size_class: i32, base: usize) -> Option<Decimal> {
        self.medians.get(&(size_class, base)).copied()
    }

    /// What all made in the newest month.
    pub(super) fn newest_month(&self, base: usize) -> Option<Decimal> {
        self.newest.get(&base).copied()
    }
}

/// What counts for a month: the size class of its firm, which base, how much.
fn values_of<'a>(
    month: Period,
    form: &'a str,
    bases: &'a [Base],
    desk: &'a Desk<'_>,
) -> impl Iterator<Item = ((i32, usize), Decimal)> + 'a {
    desk.history.counting(form, month).flat_map(move |(code, figures)| {
        let class = desk.roster.at(code, month).map(|spell| spell.size_class);
        bases
            .iter()
            .enumerate()
            .filter_map(move |(at, base)| Some(((class?, at), of_a_month(base, figures, month)?)))
    })
}

/// The months before one, the newest first.
pub(super) fn months_before(period: Period) -> impl Iterator<Item = Period> {
    (1..=MONTHS).filter_map(move |back| period.months_before(back))
}

/// The figure of the month; without one the year to date by month.
fn of_a_month(base: &Base, figures: &Figures, month: Period) -> Option<Decimal> {
    base.value(figures, Measure::Month)
        .or_else(|| base.value(figures, Measure::Ytd)?.checked_div(Decimal::from(month.month())))
}

/// The middle of some values, or the middle between the two middle ones.
pub(super) fn median(values: &mut [Decimal]) -> Option<Decimal> {
    values.sort_unstable();
    let upper = *values.get(values.len() / 2)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = values.get(values.len() / 2 - 1)?;
    upper.checked_add(*lower)?.checked_div(Decimal::TWO)
}
