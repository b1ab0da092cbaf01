//! The roster and the calendar as values the stages ask questions of.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};

use crate::domain::period::Period;

/// What becomes of the prior-year base of a firm that leaves the roster within a year (留基数).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaseRule {
    /// Its base stays in the prior-year sums.
    Keep,
    /// Its base leaves them with the firm.
    Drop,
}

/// A firm on the roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Firm {
    /// Unified social credit code.
    pub credit_code: String,
    /// Full name.
    pub name: String,
    /// Key of `zones.csv`; empty outside the zones.
    pub zone: String,
    /// Key of `chains.csv`; empty for none.
    pub chain: String,
    /// Four-digit code of GB/T 4754: the firm's main industry.
    pub industry_code: String,
    /// 1 large, 2 medium, 3 small, 4 micro.
    pub size_class: i32,
    /// Whether it is a leading firm, a row of its own in the totals.
    pub is_leading: bool,
    /// First month on the roster.
    pub roster_from: Period,
    /// Last month on the roster; `None` while it is on it.
    pub roster_to: Option<Period>,
    /// What becomes of its base when it leaves.
    pub base_rule: BaseRule,
    /// The forms it is asked for.
    pub forms: Vec<String>,
    /// Whom to call.
    pub contact: String,
}

impl Firm {
    /// Whether the firm is on the roster in a month.
    pub fn is_on_roster(&self, period: Period) -> bool {
        self.roster_from <= period && self.roster_to.is_none_or(|last| period <= last)
    }
}

/// The firms by credit code.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    /// Every firm that ever was on it.
    pub firms: BTreeMap<String, Firm>,
    /// Approved splits and mergers: per firm the months from which its base was restated.
    pub restructurings: BTreeMap<String, Vec<Period>>,
}

impl Roster {
    /// The firm of a credit code, on the roster or not.
    pub fn firm(&self, credit_code: &str) -> Option<&Firm> {
        self.firms.get(credit_code)
    }

    /// Whether a split or merger was approved for a firm in the year of `period`, up to that month:
    /// then its prior-year figures may differ from what it filed last year.
    pub fn is_restructured(&self, credit_code: &str, period: Period) -> bool {
        self.restructurings.get(credit_code).is_some_and(|months| {
            months.iter().any(|month| month.year() == period.year() && *month <= period)
        })
    }
}

/// Deadlines by form and month.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    /// The deadline of each form and month that is filed.
    pub deadlines: BTreeMap<(String, Period), DateTime<FixedOffset>>,
}
