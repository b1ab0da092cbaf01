//! The roster and the calendar as values the stages ask questions of.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};

use crate::domain::period::Period;
use crate::domain::words::words;

/// What becomes of the prior-year base of a firm that leaves the roster within a year (留基数).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BaseRule {
    /// Its base stays in the prior-year sums.
    Keep,
    /// Its base leaves them with the firm.
    Drop,
}

/// A spell of a firm: months in which all of it was so.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
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
    /// First month of the spell.
    pub roster_from: Period,
    /// Last month of the spell; `None` while it lasts.
    pub roster_to: Option<Period>,
    /// What becomes of its base when it leaves.
    pub base_rule: BaseRule,
    /// The forms it is asked for.
    #[serde(deserialize_with = "split")]
    pub forms: Vec<String>,
    /// Yuan a year, as known when it was admitted.
    pub annual_revenue_cny: Option<Decimal>,
    /// Whom to call.
    pub contact: String,
    /// Whether it may be named where others read.
    #[serde(deserialize_with = "flag")]
    pub may_be_named: bool,
}

fn split<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let cell = String::deserialize(deserializer)?;
    let forms = cell.split(';').map(str::trim).filter(|form| !form.is_empty());
    Ok(forms.map(str::to_owned).collect())
}

fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl Firm {
    /// Whether the spell holds in a month.
    pub fn is_on_roster(&self, period: Period) -> bool {
        self.roster_from <= period && self.roster_to.is_none_or(|last| period <= last)
    }

    /// Whether the firm is asked for a form.
    pub fn files(&self, form: &str) -> bool {
        self.forms.iter().any(|asked| asked == form)
    }
}

words! {
    /// How a firm came to be what it is.
    #[derive(Deserialize)]
    RestructuringKind {
        /// It goes on under another code: the predecessor's history is its own.
        CodeChange = "code_change",
        /// It took in the predecessor, whose history is part of its own.
        Merger = "merger",
        /// It came out of the predecessor, which goes on: its base is what it states.
        Split = "split",
        /// Its base is what it states, for another reason.
        Base = "base",
    }
}

impl RestructuringKind {
    /// Whether it names another firm.
    pub fn needs_predecessor(self) -> bool {
        self != Self::Base
    }

    /// Whether it is a new code for the same firm.
    pub fn is_code_change(self) -> bool {
        self == Self::CodeChange
    }

    /// Whether the predecessor's reports are part of the firm's history.
    pub fn continues(self) -> bool {
        matches!(self, Self::CodeChange | Self::Merger)
    }
}

/// An approved change of what a firm is, in force for the twelve months from `period` on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Restructuring {
    /// The firm: the successor.
    pub credit_code: String,
    /// The first month that is reported so.
    pub period: Period,
    /// Which kind.
    pub kind: RestructuringKind,
    /// The other firm; `None` for a mere base.
    pub predecessor: Option<String>,
}

impl Restructuring {
    /// Whether it holds in a month: a change that states a base does for twelve months.
    fn is_in_force(&self, period: Period) -> bool {
        self.period <= period
            && period.months_before(12).is_none_or(|last_year| last_year < self.period)
    }
}

/// Whose reports are a firm's history: those of the filer for months before `until`, for whoever looks
/// back from a month `since` or later. Before a merger, the other firm's reports are its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ancestor<'a> {
    /// Who filed.
    pub filer: &'a str,
    /// The first month that looks back at them; `None` for a firm's own, which it always did.
    pub since: Option<Period>,
    /// The first month whose reports are not the firm's; `None` for its own, which all are.
    pub until: Option<Period>,
}

/// What a firm's prior-year figures are held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastYear {
    /// What was filed for the same month last year by those whose reports make up its history.
    Filed,
    /// Nothing: it states its base.
    Stated,
}

/// The firms by credit code.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    /// Every firm that ever was on it: its spells, the oldest first, never none.
    pub firms: BTreeMap<String, Vec<Firm>>,
    /// Approved changes, sorted.
    pub restructurings: Vec<Restructuring>,
    /// The first month anybody is on it.
    began: Option<Period>,
}

impl Roster {
    /// A roster of spells and changes, in any order.
    pub fn new(
        spells: impl IntoIterator<Item = Firm>,
        mut restructurings: Vec<Restructuring>,
    ) -> Self {
        let mut firms: BTreeMap<String, Vec<Firm>> = BTreeMap::new();
        for spell in spells {
            firms.entry(spell.credit_code.clone()).or_default().push(spell);
        }
        for spells in firms.values_mut() {
            spells.sort_by_key(|spell| spell.roster_from);
        }
        restructurings.sort();
        let began = firms.values().flatten().map(|spell| spell.roster_from).min();
        Self { firms, restructurings, began }
    }

    /// Adds the bureau, which files the ledgers: for ever, and no firm of `firms.csv`. Whether its code is
    /// none of a firm's.
    pub(super) fn add_bureau(
        &mut self,
        code: &str,
        (name, contact): (&str, String),
        forms: Vec<String>,
    ) -> bool {
        let began = Period::new(1990, 1).expect("the first month there is");
        let bureau = Firm {
            credit_code: code.to_owned(),
            name: name.to_owned(),
            zone: String::new(),
            chain: String::new(),
            industry_code: String::new(),
            size_class: 0,
            is_leading: false,
            roster_from: began,
            roster_to: None,
            base_rule: BaseRule::Drop,
            forms,
            annual_revenue_cny: None,
            contact,
            may_be_named: true,
        };
        self.firms.insert(code.to_owned(), vec![bureau]).is_none()
    }

    /// The spells of a firm, the oldest first; none of an unknown one.
    pub fn spells(&self, code: &str) -> &[Firm] {
        self.firms.get(code).map(Vec::as_slice).unwrap_or_default()
    }

    /// The spell that holds in a month; `None` while the firm is off the roster.
    pub fn at(&self, code: &str, period: Period) -> Option<&Firm> {
        self.spells(code).iter().find(|spell| spell.is_on_roster(period))
    }

    /// The newest spell of a firm, over or not.
    pub fn newest(&self, code: &str) -> Option<&Firm> {
        self.spells(code).last()
    }

    /// The first month of a firm's first spell.
    pub fn entered(&self, code: &str) -> Option<Period> {
        self.spells(code).first().map(|spell| spell.roster_from)
    }

    /// The spells of the firms asked for a form in a month, by credit code.
    pub fn due(&self, form: &str, period: Period) -> impl Iterator<Item = &Firm> {
        let spells = self.firms.values().flatten();
        spells.filter(move |spell| spell.is_on_roster(period) && spell.files(form))
    }

    /// Whose reports of `month` make up a firm's history as of a later month: its own and, where a
    /// change of code or a merger has come between the two, those of its predecessors.
    pub fn filers<'a>(&'a self, code: &'a str, month: Period, as_of: Period) -> Vec<&'a str> {
        let lineage = self.lineage(code).into_iter();
        let belongs = |ancestor: &Ancestor<'_>| {
            ancestor.since.is_none_or(|since| since <= as_of)
                && ancestor.until.is_none_or(|until| month < until)
        };
        lineage.filter(belongs).map(|ancestor| ancestor.filer).collect()
    }

    /// Who ever filed what is a firm's history.
    pub fn lineage<'a>(&'a self, code: &'a str) -> Vec<Ancestor<'a>> {
        let mut lineage = vec![Ancestor { filer: code, since: None, until: None }];
        let mut next = 0;
        while let Some(Ancestor { filer, since, until }) = lineage.get(next).copied() {
            for change in self.changes(filer).iter().filter(|change| change.kind.continues()) {
                let since = Some(since.map_or(change.period, |since| since.max(change.period)));
                let until = Some(until.map_or(change.period, |until| until.min(change.period)));
                // Nobody is his own predecessor, not by a detour either; `doctor` names who is.
                let is_known = |code: &&str| lineage.iter().any(|known| known.filer == *code);
                let predecessor = change.predecessor.as_deref().filter(|code| !is_known(code));
                lineage.extend(predecessor.map(|filer| Ancestor { filer, since, until }));
            }
            next += 1;
        }
        lineage
    }

    /// Against what a firm's prior-year figures of a month are held.
    pub fn base(&self, code: &str, period: Period) -> LastYear {
        if self.is_restructured(code, period) || self.is_new(code, period) {
            LastYear::Stated
        } else {
            LastYear::Filed
        }
    }

    /// Whether a split of a firm, or a base it states anew, is in force in a month.
    pub fn is_restructured(&self, code: &str, period: Period) -> bool {
        let states =
            |change: &Restructuring| !change.kind.continues() && change.is_in_force(period);
        self.changes(code).iter().any(states)
    }

    /// Who goes on with a firm in a month by changes of some kinds: itself, where none has come.
    pub fn goes_on_as<'a>(
        &'a self,
        code: &'a str,
        period: Period,
        by: fn(RestructuringKind) -> bool,
    ) -> &'a str {
        let mut known = code;
        // No longer than there are changes: `doctor` names those that go in a circle.
        for _ in &self.restructurings {
            let mut changes = self.restructurings.iter();
            let next = changes.find(|it| {
                by(it.kind) && it.period <= period && it.predecessor.as_deref() == Some(known)
            });
            known = next.map_or(known, |change| change.credit_code.as_str());
        }
        known
    }

    /// The firm out of which one came by a split that is in force in a month, else itself.
    pub fn split_from<'a>(&'a self, code: &'a str, period: Period) -> &'a str {
        let mut changes = self.changes(code).iter();
        let split =
            changes.find(|it| it.kind == RestructuringKind::Split && it.is_in_force(period));
        split.and_then(|change| change.predecessor.as_deref()).unwrap_or(code)
    }

    /// Whether a firm came on the roster in the year of a month, without a predecessor. Those who
    /// were on it from its beginning came before.
    pub fn is_new(&self, code: &str, period: Period) -> bool {
        let Some(entered) = self.entered(code) else { return false };
        let mut known = self.changes(code).iter().filter(|change| change.period <= period);
        let has_predecessor = known.any(|change| change.predecessor.is_some());
        entered.year() == period.year() && !has_predecessor && self.began < Some(entered)
    }

    /// Names a firm bore in any of its spells, and those of its predecessors.
    pub fn other_names<'a>(&'a self, code: &'a str) -> BTreeSet<&'a str> {
        let predecessors =
            self.changes(code).iter().filter_map(|change| change.predecessor.as_deref());
        let codes = self.lineage(code).into_iter().map(|it| it.filer).chain(predecessors);
        codes.flat_map(|code| self.spells(code)).map(|spell| spell.name.as_str()).collect()
    }

    /// The changes of a firm, the oldest first.
    pub fn changes(&self, code: &str) -> &[Restructuring] {
        let all = &self.restructurings;
        let from = all.partition_point(|change| change.credit_code.as_str() < code);
        let to = all.partition_point(|change| change.credit_code.as_str() <= code);
        all.get(from..to).unwrap_or_default()
    }
}

/// Deadlines by form and month.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    /// The deadline of each form and month that is filed.
    pub deadlines: BTreeMap<(String, Period), DateTime<FixedOffset>>,
}

impl Calendar {
    /// The newest deadline that lies behind an instant.
    pub fn last_deadline(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.deadlines.values().map(DateTime::to_utc).filter(|deadline| *deadline <= now).max()
    }
}
