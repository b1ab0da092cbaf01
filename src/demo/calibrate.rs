//! Brings the sample to the totals a published review of the district names, and to nothing more.
//!
//! In: every firm's raw output. Out: the same, scaled group by group and rounded so that the sums
//! agree to the 千元. Published figures (亿元, one decimal) are the only reason for a constant here;
//! what the sample needs beside them are growth rates of whole groups, marked as made up.

use std::ops::RangeInclusive;

use crate::domain::period::Period;
use crate::project::seeds::roster::{Firm, Roster};

use super::figures::{self, Outputs, month, number};

/// District, 2024-07 year to date, 千元: published as 277.4 亿元, growth 7.6 %.
const DISTRICT_2024_07: (i64, i64) = (27_740_138, 1_076);
/// The two zones, full year 2023, 千元: published as 435.3 亿元.
const ZONES_2023: i64 = 43_530_217;
/// The district, full year 2023, 千元: 435.3 亿元 are published to be 84.69 % of it.
const DISTRICT_2023: i64 = 51_399_471;
/// Growth of the district in 2023 and 2024, of a thousand (made up: short of the target of 8.5 %).
const GROWTH_2023: i64 = 1_064;
const GROWTH_2024: i64 = 1_082;
/// Growth in 2025 of the firms that file in December, of a thousand (made up: a kept base takes off
/// some 0.3 points and still leaves the target of 8 % met).
const GROWTH_2025: i64 = 1_087;

/// A firm whose own total is published.
struct Leader {
    number: u32,
    /// 2024-07 year to date, 千元.
    ytd_2024_07: i64,
    /// Its published growth, of a thousand.
    growth_2024_07: i64,
    /// Growth 2023, of the rest of 2024, and 2025 (made up), of a thousand.
    growth: [i64; 3],
}

const LEADERS: [Leader; 2] = [
    // Published: 117.1 亿元, +10.3 %
    Leader {
        number: 1,
        ytd_2024_07: 11_710_142,
        growth_2024_07: 1_103,
        growth: [1_088, 1_106, 1_084],
    },
    // Published: 81.7 亿元, +7.1 %
    Leader {
        number: 2,
        ytd_2024_07: 8_169_935,
        growth_2024_07: 1_071,
        growth: [1_057, 1_074, 1_068],
    },
];

/// The firm that wants more than 5 亿元 in 2024, and what it reaches (made up), 千元.
const MINTH: (u32, i64) = (3, 503_862);
/// Its growth in 2023, 2024 and 2025 (made up), of a thousand.
const MINTH_GROWTH: [i64; 3] = [1_058, 1_090, 1_072];

/// January to July and August to December of a year.
fn halves(year: i32) -> (RangeInclusive<Period>, RangeInclusive<Period>) {
    (month(year, 1)..=month(year, 7), month(year, 8)..=month(year, 12))
}

/// Which firms a total is about.
type Members<'m> = &'m dyn Fn(&Firm) -> bool;

/// A total to be met: whose, over which months, and within which of them ordinary firms may change.
struct Scope<'m> {
    members: Members<'m>,
    months: RangeInclusive<Period>,
    free: RangeInclusive<Period>,
}

impl<'m> Scope<'m> {
    /// A total whose months may all change.
    fn all(members: Members<'m>, months: RangeInclusive<Period>) -> Self {
        Self { members, free: months.clone(), months }
    }
}

fn full(year: i32) -> RangeInclusive<Period> {
    month(year, 1)..=month(year, 12)
}

/// Scales all firms to the published totals.
pub(super) fn calibrate(roster: &Roster, outputs: &mut Outputs<'_>) {
    for leader in &LEADERS {
        lead(roster, outputs, leader);
    }
    let is_minth = |firm: &Firm| number(&firm.credit_code) == MINTH.0;
    let [growth_2023, growth_2024, growth_2025] = MINTH_GROWTH;
    let before = divide(MINTH.1 * 1_000, growth_2024);
    settle(pick(roster, outputs, is_minth, &full(2022)), divide(before * 1_000, growth_2023));
    settle(pick(roster, outputs, is_minth, &full(2023)), before);
    settle(pick(roster, outputs, is_minth, &full(2024)), MINTH.1);
    settle(pick(roster, outputs, is_minth, &full(2025)), divide(MINTH.1 * growth_2025, 1_000));

    let groups = [(true, ZONES_2023), (false, DISTRICT_2023 - ZONES_2023)];
    let is_of = |firm: &Firm, in_zones: bool| firm.zone.is_empty() != in_zones;
    for (in_zones, total) in groups {
        stretch_group(roster, outputs, &|firm| is_of(firm, in_zones), total);
    }
    base_of_2023(roster, outputs);
    for (in_zones, total) in groups {
        let filed = |firm: &Firm| is_of(firm, in_zones) && firm.is_on_roster(month(2023, 12));
        let scope = Scope { members: &filed, months: full(2023), free: halves(2023).1 };
        close(roster, outputs, &scope, total);
    }
    years_after(roster, outputs);
}

/// January to July 2023 follows from the published growth of 2024-07; 2022 from that of 2023.
fn base_of_2023(roster: &Roster, outputs: &mut Outputs<'_>) {
    let (level, growth) = DISTRICT_2024_07;
    let filing_2024_07 = |firm: &Firm| firm.is_on_roster(month(2024, 7));
    let base = divide(level * 1_000, growth);
    close(roster, outputs, &Scope::all(&filing_2024_07, halves(2023).0), base);
    let filing_2023_12 = |firm: &Firm| firm.is_on_roster(month(2023, 12));
    let base = divide(DISTRICT_2023 * 1_000, GROWTH_2023);
    close(roster, outputs, &Scope::all(&filing_2023_12, full(2022)), base);
}

/// 2024 by its published half and a made-up whole, 2025 by a made-up whole.
fn years_after(roster: &Roster, outputs: &mut Outputs<'_>) {
    let filing_2024 = |firm: &Firm| firm.is_on_roster(month(2024, 7));
    let (first, second) = halves(2024);
    close(roster, outputs, &Scope::all(&filing_2024, first), DISTRICT_2024_07.0);
    let base = total(roster, outputs, filing_2024, &full(2023));
    let year = divide(base * GROWTH_2024, 1_000);
    let scope = Scope { members: &filing_2024, months: full(2024), free: second };
    close(roster, outputs, &scope, year);
    let filing_2025 = |firm: &Firm| firm.is_on_roster(month(2025, 12));
    let base = total(roster, outputs, filing_2025, &full(2024));
    let year = divide(base * GROWTH_2025, 1_000);
    close(roster, outputs, &Scope::all(&filing_2025, full(2025)), year);
}

fn lead(roster: &Roster, outputs: &mut Outputs<'_>, leader: &Leader) {
    let is_leader = |firm: &Firm| number(&firm.credit_code) == leader.number;
    let base = divide(leader.ytd_2024_07 * 1_000, leader.growth_2024_07);
    let [growth_2023, growth_rest, growth_2025] = leader.growth;
    let (first, second) = halves(2023);
    let raw = |months: &RangeInclusive<Period>| total(roster, outputs, is_leader, months);
    let rest = base * raw(&second) / raw(&first).max(1);
    let grown = divide(rest * growth_rest, 1_000);
    let parts = [
        (halves(2022).0, divide(base * 1_000, growth_2023)),
        (halves(2022).1, divide(rest * 1_000, growth_2023)),
        (first, base),
        (second, rest),
        (halves(2024).0, leader.ytd_2024_07),
        (halves(2024).1, grown),
        (halves(2025).0, divide(leader.ytd_2024_07 * growth_2025, 1_000)),
        (halves(2025).1, divide(grown * growth_2025, 1_000)),
    ];
    for (months, target) in parts {
        settle(pick(roster, outputs, is_leader, &months), target);
    }
}

/// Brings the level of a group's ordinary firms, in all years alike, near its total of 2023.
fn stretch_group(roster: &Roster, outputs: &mut Outputs<'_>, is_member: Members<'_>, target: i64) {
    let filed = |firm: &Firm| is_member(firm) && firm.is_on_roster(month(2023, 12));
    let pinned = total(roster, outputs, |firm| filed(firm) && !is_ordinary(firm), &full(2023));
    let raw = total(roster, outputs, |firm| filed(firm) && is_ordinary(firm), &full(2023)).max(1);
    let everything = month(2022, 1)..=month(2025, 12);
    let ordinary = |firm: &Firm| is_member(firm) && is_ordinary(firm);
    for value in pick(roster, outputs, ordinary, &everything) {
        *value = *value * (target - pinned) / raw;
    }
}

/// Makes the sum of a scope the target by scaling its ordinary firms.
fn close(roster: &Roster, outputs: &mut Outputs<'_>, scope: &Scope<'_>, target: i64) {
    let Scope { members, months, free } = scope;
    let ordinary = |firm: &Firm| members(firm) && is_ordinary(firm);
    let now = total(roster, outputs, members, months);
    let movable = total(roster, outputs, ordinary, free);
    settle(pick(roster, outputs, ordinary, free), movable + target - now);
}

/// A firm without a published or wanted figure of its own.
fn is_ordinary(firm: &Firm) -> bool {
    let number = number(&firm.credit_code);
    number != MINTH.0 && LEADERS.iter().all(|leader| leader.number != number)
}

fn total(
    roster: &Roster,
    outputs: &Outputs<'_>,
    is_member: impl Fn(&Firm) -> bool,
    months: &RangeInclusive<Period>,
) -> i64 {
    let members = outputs.iter().filter(|(code, _)| roster.newest(code).is_some_and(&is_member));
    members.map(|(_, series)| figures::sum(series, months.clone())).sum()
}

fn pick<'o>(
    roster: &Roster,
    outputs: &'o mut Outputs<'_>,
    is_member: impl Fn(&Firm) -> bool,
    months: &RangeInclusive<Period>,
) -> Vec<&'o mut i64> {
    let members =
        outputs.iter_mut().filter(|(code, _)| roster.newest(code).is_some_and(&is_member));
    members
        .flat_map(|(_, series)| series.range_mut(months.clone()))
        .map(|(_, value)| value)
        .collect()
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

/// Rounds half up; both positive.
fn divide(numerator: i64, denominator: i64) -> i64 {
    (numerator + denominator / 2) / denominator
}
