//! When enough of a month had been received.
//!
//! In: who was due, with the value each had last month, and when each firm's report first counted.
//! Out: the instant at which the share was reached, the same whenever one looks.

use std::collections::BTreeMap;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use rust_decimal::Decimal;

use super::DueInstant;
use crate::domain::period::Period;
use crate::ledger::orders::AskedBy;
use crate::project::schedules::Coverage;

/// The instant, in whole seconds, at which the share of a rule was reached; `None` while it is not,
/// where nobody is due, and where last month's value is nothing.
///
/// `due` holds last month's value of each firm due: it weighs for `value_percent`, where less than
/// nothing weighs nothing. `receipts` holds when a firm's report first counted; those of firms that
/// are not due do not matter. A share is reached exactly: 95 percent of 20 firms is 19 firms.
pub fn reached(
    rule: &Coverage,
    due: &BTreeMap<String, Decimal>,
    receipts: &BTreeMap<String, DateTime<Utc>>,
) -> Option<DateTime<Utc>> {
    let percent = Decimal::from(rule.firms_percent.or(rule.value_percent)?);
    let is_by_firms = rule.firms_percent.is_some();
    let weight = |value: Decimal| if is_by_firms { Decimal::ONE } else { value.max(Decimal::ZERO) };
    let whole: Decimal = due.values().map(|value| weight(*value)).sum();
    if whole <= Decimal::ZERO {
        return None;
    }
    let came = |(firm, value): (&String, &Decimal)| Some((*receipts.get(firm)?, weight(*value)));
    let mut received: Vec<(DateTime<Utc>, Decimal)> = due.iter().filter_map(came).collect();
    received.sort_unstable();
    let mut sum = Decimal::ZERO;
    let at = received.into_iter().find_map(|(at, weight)| {
        sum += weight;
        (percent * whole <= sum * Decimal::ONE_HUNDRED).then_some(at)
    })?;
    // Up to a whole second: at that instant the last report is surely in.
    let second = at.trunc_subsecs(0);
    Some(if second < at { second + TimeDelta::seconds(1) } else { second })
}

/// The occasions of months that reached the share of a rule. Months in a row that reached it in the same
/// second are one occasion: it is about these months and no other.
pub fn occasions(reached: impl IntoIterator<Item = (Period, DateTime<Utc>)>) -> Vec<DueInstant> {
    let mut reached: Vec<(DateTime<Utc>, Period)> =
        reached.into_iter().map(|(period, at)| (at, period)).collect();
    reached.sort_unstable();
    let is_next = |one: &(DateTime<Utc>, Period), other: &(DateTime<Utc>, Period)| {
        one.0 == other.0 && one.1.next() == Some(other.1)
    };
    let occasion = |in_a_row: &[(DateTime<Utc>, Period)]| {
        let ((at, first), (_, last)) = in_a_row.first().zip(in_a_row.last())?;
        Some(DueInstant { at: *at, asked_by: AskedBy::Coverage, months: Some((*first, *last)) })
    };
    reached.chunk_by(is_next).filter_map(occasion).collect()
}
