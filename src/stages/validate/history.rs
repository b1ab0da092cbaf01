//! What counted in earlier months: the context the rules compare a report with.
//!
//! In: canonical figures of accepted reports, one at a time. Out: lookups by form, month and firm.
//! Knows nothing of files; a month nobody inserted is simply not there.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::domain::measure::Measure;
use crate::domain::period::Period;
use crate::stages::parse::{Layout, Report};

/// The figures of one report, canonical: yuan, or quantities in their unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    items: BTreeMap<String, [Option<Decimal>; 4]>,
    /// Whether they are an export's, which has one row for what a form has in many.
    pub is_export: bool,
}

impl Figures {
    /// The figures of a report; of two that bear the same item and measure the first stands.
    pub fn of(report: &Report) -> Self {
        let is_export = report.layout == Layout::Table;
        let mut figures = Self { is_export, ..Self::default() };
        for figure in &report.figures {
            let place = figures.place(&figure.item, figure.measure);
            *place = place.or(Some(figure.canonical()));
        }
        figures
    }

    /// Sets one figure.
    pub fn insert(&mut self, item: &str, measure: Measure, value: Decimal) {
        *self.place(item, measure) = Some(value);
    }

    /// The figure of an item and measure.
    pub fn get(&self, item: &str, measure: Measure) -> Option<Decimal> {
        self.items.get(item).and_then(|measures| pick(measures, measure))
    }

    /// The sum over the rows `<group>:<code>` that bear a measure; `None` when none does.
    pub fn sum(&self, group: &str, measure: Measure) -> Option<Decimal> {
        self.rows(group, measure).map(|(_, value)| value).reduce(Decimal::saturating_add)
    }

    /// The rows `<group>:<code>` that bear a measure, by code.
    pub fn rows(&self, group: &str, measure: Measure) -> impl Iterator<Item = (&str, Decimal)> {
        let rows = self.items.range(format!("{group}:")..);
        rows.map_while(move |(item, measures)| {
            Some((item.strip_prefix(group)?.strip_prefix(':')?, measures))
        })
        .filter_map(move |(code, measures)| Some((code, pick(measures, measure)?)))
    }

    /// How many rows bear figures.
    pub fn row_count(&self) -> usize {
        self.items.len()
    }

    /// The figures of one measure, by item.
    pub fn measure(&self, measure: Measure) -> impl Iterator<Item = (&str, Decimal)> {
        self.items.iter().filter_map(move |(item, measures)| {
            pick(measures, measure).map(|value| (item.as_str(), value))
        })
    }

    /// Adds the figures of another report, item by item.
    pub(super) fn add(&mut self, other: &Self) {
        self.is_export |= other.is_export;
        for measure in Measure::ALL {
            for (item, value) in other.measure(measure) {
                let place = self.place(item, measure);
                *place = Some(place.unwrap_or_default().saturating_add(value));
            }
        }
    }

    fn place(&mut self, item: &str, measure: Measure) -> &mut Option<Decimal> {
        if !self.items.contains_key(item) {
            self.items.insert(item.to_owned(), [None; 4]);
        }
        let measures = self.items.get_mut(item).expect("the item was inserted above");
        let [month, ytd, prior_month, prior_ytd] = measures;
        match measure {
            Measure::Month => month,
            Measure::Ytd => ytd,
            Measure::PriorMonth => prior_month,
            Measure::PriorYtd => prior_ytd,
        }
    }
}

fn pick(measures: &[Option<Decimal>; 4], measure: Measure) -> Option<Decimal> {
    let [month, ytd, prior_month, prior_ytd] = measures;
    match measure {
        Measure::Month => *month,
        Measure::Ytd => *ytd,
        Measure::PriorMonth => *prior_month,
        Measure::PriorYtd => *prior_ytd,
    }
}

/// One accepted revision of a firm's report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// When it was received: reports received later are held against it.
    pub received_at: DateTime<Utc>,
    /// Its submission, which orders revisions received at the same instant.
    pub submission_id: String,
    /// Its figures.
    pub figures: Figures,
}

/// The accepted reports of earlier months, every revision of them.
///
/// A report is held against what counted when it was received: a correction that arrives later
/// overturns no verdict that was given before. Thirteen months before the one being checked are
/// enough for every field of the rules.
#[derive(Clone, Debug, Default)]
pub struct History {
    forms: BTreeMap<String, BTreeMap<Period, BTreeMap<String, Vec<Version>>>>,
}

impl History {
    /// Forgets a month: it was made anew and is read again.
    pub fn forget(&mut self, period: Period) {
        for months in self.forms.values_mut() {
            months.remove(&period);
        }
    }

    /// Takes in an accepted revision; the order of calls does not matter.
    pub fn insert(&mut self, form: &str, period: Period, credit_code: &str, version: Version) {
        let months = self.forms.entry(form.to_owned()).or_default();
        let firms = months.entry(period).or_default();
        let versions = firms.entry(credit_code.to_owned()).or_default();
        versions.push(version);
        versions.sort_by(|a, b| {
            (a.received_at, &a.submission_id).cmp(&(b.received_at, &b.submission_id))
        });
    }

    /// The figures of a firm's newest revision, to be filled; one from the beginning of time when
    /// there is none.
    pub fn report(&mut self, form: &str, period: Period, credit_code: &str) -> &mut Figures {
        let months = self.forms.entry(form.to_owned()).or_default();
        let versions = months.entry(period).or_default().entry(credit_code.to_owned()).or_default();
        if versions.is_empty() {
            let received_at = DateTime::UNIX_EPOCH;
            let figures = Figures::default();
            versions.push(Version { received_at, submission_id: String::new(), figures });
        }
        &mut versions.last_mut().expect("one was pushed above").figures
    }

    /// What counted of a firm for a month at an instant; where nothing had come yet, what came
    /// first: workbooks of past years are often taken in together, in no order.
    pub fn figures(
        &self,
        form: &str,
        period: Period,
        credit_code: &str,
        at: DateTime<Utc>,
    ) -> Option<&Figures> {
        let versions = self.forms.get(form)?.get(&period)?.get(credit_code)?;
        let known = versions.iter().rfind(|version| version.received_at <= at);
        known.or(versions.first()).map(|version| &version.figures)
    }

    /// The sums over all firms whose report of a month counts today; `None` when no report does.
    pub fn district(&self, form: &str, period: Period) -> Option<Figures> {
        self.counting(form, period).map(|(_, figures)| figures.clone()).reduce(
            |mut sums, figures| {
                sums.add(&figures);
                sums
            },
        )
    }

    /// What counts today for a month, by firm.
    pub fn counting(&self, form: &str, period: Period) -> impl Iterator<Item = (&str, &Figures)> {
        let reports = self.forms.get(form).and_then(|months| months.get(&period));
        let versions = reports.into_iter().flatten();
        versions.filter_map(|(code, versions)| Some((code.as_str(), &versions.last()?.figures)))
    }
}
