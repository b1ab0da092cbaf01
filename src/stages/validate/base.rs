//! H7 row by row: a base that was moved from one row of a group to another leaves every sum as it was.
//!
//! In: a report beside what it is held against. Out: a finding for each row that differs from last
//! year's, where the sums of the group agree: where these differ, a rule says so. An export has one row
//! for what a form has in many, so that its rows say nothing.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::evaluate;
use super::structure::Review;
use crate::domain::measure::Measure;
use crate::domain::period::Period;
use crate::findings::{Code, Finding, format};
use crate::lake::counted::Figures;
use crate::project::forms::{CodeKind, Counts, OpenRows};
use crate::project::seeds::roster::{LastYear, RestructuringKind, Roster};
use crate::stages::parse::{Figure, Layout};
use crate::texts::{self, Text};

/// Yuan from which on figures differ: half of what forms are rounded to.
const TOLERANCE: Decimal = Decimal::from_parts(500, 0, 0, false, 0);

/// What stands for all firms outside the roster: who of them was supplied moves no figure.
const OUTSIDE: &str = "";

/// The value of each row of a group.
type BaseRows = BTreeMap<String, Decimal>;

impl Review<'_> {
    /// The findings about the rows of the report's base.
    pub(super) fn base(&self, received_at: DateTime<Utc>) -> Vec<Finding> {
        let roster = self.against.roster;
        let Some((code, period)) = self.report.code().zip(self.report.month()) else {
            return Vec::new();
        };
        let is_held =
            self.report.layout == Layout::Sheet && roster.base(code, period) == LastYear::Filed;
        let last_year = period.months_before(12).filter(|_| is_held).and_then(|month| {
            self.against.counted(&self.form.form, (code, period), (month, received_at))
        });
        let Some(last_year) = last_year.filter(|it| !it.is_export) else { return Vec::new() };
        let own = self.report.canonical();
        let mut measures = vec![(Measure::Ytd, Measure::PriorYtd)];
        if !self.form.cumulative_months.contains(&period.month()) {
            measures.push((Measure::Month, Measure::PriorMonth));
        }
        let mut findings = Vec::new();
        for rows in self.form.rows.iter().filter(|rows| rows.counts == Counts::Money) {
            let group = Group { rows, roster, period };
            for (before, prior) in &measures {
                let (was, is) = (group.sums(&last_year, *before), group.sums(&own, *prior));
                let unlike = differing(&was, &is).into_iter();
                findings.extend(unlike.map(|row| self.moved(&group, (row, *prior), [&is, &was])));
            }
        }
        findings
    }

    /// That a row differs, at its first cell: in the column, else in its row.
    fn moved(
        &self,
        group: &Group<'_>,
        (row, measure): (&str, Measure),
        values: [&BaseRows; 2],
    ) -> Finding {
        let figures = &self.report.figures;
        let its = figures.iter().filter(|it| group.row_of(&it.item) == Some(row));
        let its: Vec<&Figure> = its.collect();
        let figure = its.iter().find(|it| it.measure == measure).or(its.first()).copied();
        let typed = figure.or(figures.first()).map(|it| &it.unit);
        let [is, was] = values.map(|rows| {
            let value = rows.get(row).copied().unwrap_or_default();
            typed.map_or_else(Text::default, |unit| format::figure(value, unit))
        });
        let name = &group.rows.name;
        let row = if row == OUTSIDE { texts::text("row.outside").clone() } else { Text::same(row) };
        let row =
            Text { zh: format!("{} {}", name.zh, row.zh), en: format!("{} {}", name.en, row.en) };
        let measured = evaluate::measure(measure);
        let arguments = [("row", &row), ("measure", &measured), ("value", &is), ("expected", &was)];
        let finding = self.said(Code::BaseMoved, &arguments, figure.map(|it| it.cell));
        let finding = finding.found(is.zh.clone(), Some(was.zh.clone()));
        Finding { item: figure.map(|it| it.item.clone()), measure: Some(measure), ..finding }
    }
}

/// An open group of rows as it is compared between two years.
struct Group<'a> {
    rows: &'a OpenRows,
    roster: &'a Roster,
    period: Period,
}

impl Group<'_> {
    /// What the row of a code is compared as: of firms supplied, whoever goes on with them.
    fn row<'b>(&'b self, code: &'b str) -> &'b str {
        if self.rows.code != CodeKind::CreditCode {
            return code;
        }
        let meant = self.roster.goes_on_as(code, self.period, RestructuringKind::continues);
        let meant = self.roster.split_from(meant, self.period);
        self.roster.at(meant, self.period).map_or(OUTSIDE, |_| meant)
    }

    /// What one of its items is compared as.
    fn row_of<'b>(&'b self, item: &'b str) -> Option<&'b str> {
        Some(self.row(item.strip_prefix(&self.rows.rows)?.strip_prefix(':')?))
    }

    fn sums(&self, figures: &Figures, measure: Measure) -> BaseRows {
        let mut sums = BaseRows::new();
        for (code, value) in figures.rows(&self.rows.rows, measure) {
            let sum = sums.entry(self.row(code).to_owned()).or_default();
            *sum = sum.saturating_add(value);
        }
        sums
    }
}

/// The rows that differ between two years whose sums do not; none where one of them is not known.
fn differing<'a>(was: &'a BaseRows, is: &'a BaseRows) -> Vec<&'a str> {
    let differ = |one: Decimal, other: Decimal| TOLERANCE <= one.saturating_sub(other).abs();
    let sum = |rows: &BaseRows| rows.values().copied().reduce(Decimal::saturating_add);
    if sum(was).zip(sum(is)).is_none_or(|(was, is)| differ(was, is)) {
        return Vec::new();
    }
    let of = |rows: &BaseRows, row: &str| rows.get(row).copied().unwrap_or_default();
    let rows: BTreeSet<&str> = was.keys().chain(is.keys()).map(String::as_str).collect();
    rows.into_iter().filter(|row| differ(of(was, row), of(is, row))).collect()
}
