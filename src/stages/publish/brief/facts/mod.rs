//! What the brief knows: the rows of the marts that concern its month, under names.
//!
//! In: the marts. Out: `Facts`. Every figure is an `Option`: unknown stays unknown.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;
use rust_decimal::Decimal;

use super::mart::Row;
use crate::domain::period::Period;
use crate::texts::Locale;

pub(crate) mod firms;
pub(crate) mod headline;
pub(crate) mod roster;
pub(crate) mod submissions;
pub(crate) mod supply;
pub(crate) mod targets;
pub(crate) mod totals;

use firms::FirmMonth;
use headline::Headline;
use roster::Left;
use submissions::Submission;
use supply::Supply;
use targets::Target;
use totals::Total;

/// Everything a brief may say.
pub(crate) struct Facts {
    /// The month.
    pub(crate) period: Period,
    /// The district as a whole.
    pub(crate) headline: Headline,
    /// Totals of the month in every scope.
    pub(crate) totals: Vec<Total>,
    /// The district's output up to the month, oldest first.
    pub(crate) history: Vec<(Period, Total)>,
    /// Zones that reported in last year's December.
    pub(crate) previous_year_zones: usize,
    /// The firms of the month.
    pub(crate) firms: Vec<FirmMonth>,
    /// Firms that left the roster earlier in the year.
    pub(crate) left: Left,
    /// What became of each firm's forms.
    pub(crate) submissions: Vec<Submission>,
    /// The targets.
    pub(crate) targets: Vec<Target>,
    /// Local supply, where any is reported.
    pub(crate) supply: Supply,
}

impl Facts {
    /// The totals of an item in the scopes of a kind.
    pub(crate) fn scope<'a>(&'a self, kind: &'a str, item: &'a str) -> Vec<&'a Total> {
        let wanted = |total: &&Total| total.scope_kind == kind && total.item == item;
        self.totals.iter().filter(wanted).collect()
    }
}

/// Of a row about an incomplete month, how much of what is due is in; none where it is complete.
fn incomplete(row: Row<'_>) -> Option<Decimal> {
    row.decimal("reported_value_share").filter(|_| !row.is("is_complete"))
}

/// Gathers the facts of a month.
pub(crate) fn read(marts: &BTreeMap<String, RecordBatch>, period: Period, locale: Locale) -> Facts {
    let names = totals::Names::read(marts, locale);
    let totals = totals::read(marts, &names, period);
    Facts {
        period,
        headline: headline::read(marts, period, &totals),
        history: totals::history(marts, &names, period),
        previous_year_zones: totals::zones_in_december_before(marts, period),
        firms: firms::read(marts, &names, period),
        left: roster::left(marts, period),
        submissions: submissions::read(marts, period),
        targets: targets::read(marts, period, locale),
        supply: supply::read(marts, period),
        totals,
    }
}
