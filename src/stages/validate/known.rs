//! What is known of a report: its own figures, what counted of the firm before, and what a firm without a
//! history of its own is held against: the months of all others before it.
//!
//! In: a candidate and what reports are held against. Out: what the fields of rules ask for. Of other
//! firms only what counts today for earlier months is looked at: the order in which reports of the month
//! itself arrive decides no verdict.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::fields::{Base, Fields};
use super::ledger::LedgerKnown;
use super::{Candidate, References};
use crate::domain::measure::Measure;
use crate::domain::period::Period;
use crate::lake::counted::Figures;
use crate::project::forms::Form;
use crate::project::seeds::roster::Firm;
use crate::stages::parse::{Figure, Layout, Report};

/// Months that are looked back at.
const MONTHS: u32 = 12;

/// What the district makes of the months before one, computed once for a whole check.
#[derive(Debug, Default)]
pub(super) struct DistrictMonth {
    last_year: Option<Figures>,
    /// Filled where a firm without a history needs it.
    peers: OnceLock<Peers>,
}

impl DistrictMonth {
    /// What reports of a form and month are held against.
    pub(super) fn of(form: &str, period: Period, against: &References<'_>) -> Self {
        let month = period.months_before(MONTHS);
        let last_year = month.and_then(|month| against.history.district(form, month));
        Self { last_year, peers: OnceLock::new() }
    }
}

/// A report and all that is known about it.
#[derive(Clone)]
pub(super) struct Known<'a> {
    pub(super) against: References<'a>,
    form: &'a Form,
    fields: &'a Fields,
    district: Option<&'a DistrictMonth>,
    pub(super) received_at: DateTime<Utc>,
    code: Option<&'a str>,
    pub(super) report: &'a Report,
    pub(super) period: Option<Period>,
    pub(super) own: Figures,
    /// What counted of the last twelve months, the newest first.
    pub(super) recent: Vec<Cow<'a, Figures>>,
    previous: Option<Cow<'a, Figures>>,
    last_year: Option<Cow<'a, Figures>>,
    /// Of a ledger, the row that is looked at.
    pub(super) row: Option<LedgerKnown<'a>>,
}

impl<'a> Known<'a> {
    pub(super) fn of(
        candidate: &'a Candidate,
        (form, fields): (&'a Form, &'a Fields),
        against: &References<'a>,
        districts: &'a BTreeMap<Period, DistrictMonth>,
    ) -> Self {
        let report = &candidate.report;
        let (code, period) = (report.code(), report.month());
        let counted = |back: u32| {
            let (code, period) = code.zip(period)?;
            let month = period.months_before(back)?;
            against.counted(&form.form, (code, period), (month, candidate.submission.received_at))
        };
        let mut known = Self {
            against: *against,
            form,
            fields,
            district: period.and_then(|period| districts.get(&period)),
            received_at: candidate.submission.received_at,
            code,
            report,
            period,
            own: report.canonical(),
            recent: (1..=MONTHS).filter_map(counted).collect(),
            previous: None,
            last_year: counted(MONTHS),
            row: None,
        };
        if is_cumulative(&known) == Some(false) {
            known.previous = counted(1);
        }
        known
    }

    /// The same with the row of the ledger that is looked at.
    pub(super) fn with_row(&self, row: LedgerKnown<'a>) -> Self {
        Self { row: Some(row), ..self.clone() }
    }

    pub(super) fn previous(&self) -> Option<&Figures> {
        self.previous.as_deref()
    }

    pub(super) fn last_year(&self) -> Option<&Figures> {
        self.last_year.as_deref()
    }

    pub(super) fn district_last_year(&self) -> Option<&Figures> {
        self.district?.last_year.as_ref()
    }

    /// What counts of another form in the same month, as far as rules look at it.
    pub(super) fn beside(&self, form: &str) -> Option<&Figures> {
        let is_looked_at = self.fields.looked_at.contains(form);
        let period = self.period.filter(|_| is_looked_at)?;
        self.against.history.figures(form, period, self.code?, self.received_at)
    }

    /// The spell of the month, else the newest.
    pub(super) fn firm(&self) -> Option<&Firm> {
        let (roster, code) = (self.against.roster, self.code?);
        let spell = self.period.and_then(|period| roster.at(code, period));
        spell.or_else(|| roster.newest(code))
    }

    pub(super) fn has(&self, measure: Measure) -> bool {
        let is_table = self.report.layout == Layout::Table;
        self.form.measures(is_table, self.period).contains(&measure)
    }

    pub(super) fn is_all_round(&self) -> bool {
        let figures = self.report.figures.iter();
        let money = figures.filter(|figure| figure.measure.is_current() && figure.unit.is_money());
        let values: Vec<Decimal> = money.map(Figure::canonical).collect();
        let round = Decimal::from(self.against.checks.round_cny);
        values.iter().all(|value| (value % round).is_zero())
            && values.iter().any(|value| !value.is_zero())
    }

    /// The months of all others; `None` for a firm with a history of its own.
    pub(super) fn peers(&self) -> Option<&Peers> {
        let (district, period) = self.district.zip(self.period)?;
        let is_asked = self.recent.len() < self.against.checks.own_months_min;
        let before = || Peers::before(period, &self.form.form, &self.fields.bases, &self.against);
        is_asked.then(|| district.peers.get_or_init(before))
    }
}

pub(super) fn is_new(known: &Known<'_>) -> Option<bool> {
    let (roster, code, period) = (known.against.roster, known.code?, known.period?);
    roster.newest(code).map(|_| roster.is_new(code, period))
}

pub(super) fn is_restructured(known: &Known<'_>) -> Option<bool> {
    Some(known.against.roster.is_restructured(known.code?, known.period?))
}

pub(super) fn is_cumulative(known: &Known<'_>) -> Option<bool> {
    Some(known.form.cumulative_months.contains(&known.period?.month()))
}

/// Null where nothing is known of the month before.
pub(super) fn is_same_as_previous(known: &Known<'_>) -> Option<bool> {
    let is_same = known.own.measure(Measure::Month).eq(known.previous()?.measure(Measure::Month));
    Some(is_same && known.own.measure(Measure::Month).any(|(_, value)| !value.is_zero()))
}

pub(super) fn own_median(known: &Known<'_>, base: &Base) -> Option<Decimal> {
    let past = known.recent.iter().filter_map(|past| base.value(past, Measure::Month));
    let mut values: Vec<Decimal> = past.collect();
    if values.len() < known.against.checks.own_months_min { None } else { median(&mut values) }
}

pub(super) fn class_median(known: &Known<'_>, base: &Base) -> Option<Decimal> {
    known.peers()?.medians.get(&(known.firm()?.size_class, base.at)).copied()
}

/// The twelve months before one; numbers are places of bases.
#[derive(Debug, Default)]
pub(super) struct Peers {
    /// Months for which anything counts.
    pub(super) months: usize,
    /// What all made in the newest of them.
    pub(super) newest: BTreeMap<usize, Decimal>,
    /// The medians of what a firm of a size class made in a month.
    medians: BTreeMap<(i32, usize), Decimal>,
}

impl Peers {
    fn before(period: Period, form: &str, bases: &[Base], against: &References<'_>) -> Self {
        let mut values: BTreeMap<(i32, usize), Vec<Decimal>> = BTreeMap::new();
        let mut peers = Self::default();
        for month in (1..=MONTHS).filter_map(|back| period.months_before(back)) {
            let mut sums: BTreeMap<usize, Decimal> = BTreeMap::new();
            for (code, figures) in against.history.counting(form, month) {
                let Some(spell) = against.roster.at(code, month) else { continue };
                let made = |base: &Base| Some((base.at, of_a_month(base, figures, month)?));
                for (at, value) in bases.iter().filter_map(made) {
                    values.entry((spell.size_class, at)).or_default().push(value);
                    let sum = sums.entry(at).or_default();
                    *sum = sum.saturating_add(value);
                }
            }
            if !sums.is_empty() {
                peers.months += 1;
                if peers.months == 1 {
                    peers.newest = sums;
                }
            }
        }
        let medians = values.into_iter().filter_map(|(key, mut it)| Some((key, median(&mut it)?)));
        peers.medians = medians.collect();
        peers
    }
}

/// The figure of the month; without one the year to date by month.
fn of_a_month(base: &Base, figures: &Figures, month: Period) -> Option<Decimal> {
    base.value(figures, Measure::Month)
        .or_else(|| base.value(figures, Measure::Ytd)?.checked_div(Decimal::from(month.month())))
}

/// The middle of some values, or the middle between the two middle ones.
fn median(values: &mut [Decimal]) -> Option<Decimal> {
    values.sort_unstable();
    let upper = *values.get(values.len() / 2)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = values.get(values.len() / 2 - 1)?;
    upper.checked_add(*lower)?.checked_div(Decimal::TWO)
}
