//! H7 row by row: a base that was moved from one row of a group to another leaves every sum as it was.
//!
//! In: a report, its form, the desk. Out: a finding for each row that differs from last year's, where
//! the sums of the group agree: where these differ, a rule says so. An export has one row for what a
//! form has in many, so that its rows say nothing.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::history::Figures;
use super::{Candidate, Desk, batch, evaluate};
use crate::domain::measure::Measure;
use crate::domain::period::Period;
use crate::findings::{Code, Finding, format};
use crate::project::forms::{CodeKind, Counts, Form, OpenRows};
use crate::project::seeds::roster::{LastYear, RestructuringKind, Roster};
use crate::stages::parse::Figure;
use crate::texts::{self, Text};

/// Yuan from which on figures differ: half of what forms are rounded to.
const TOLERANCE: Decimal = Decimal::from_parts(500, 0, 0, false, 0);

/// What stands for all firms outside the roster: who of them was supplied moves no figure.
const OUTSIDE: &str = "";

/// The findings about the rows of a report's base.
pub(super) fn check(candidate: &Candidate, form: &Form, desk: &Desk<'_>) -> Vec<Finding> {
    let code = candidate.report.credit_code.as_ref().map(|code| code.value.as_str());
    let Some((code, period)) = code.zip(candidate.report.month()) else { return Vec::new() };
    let own = Figures::of(&candidate.report);
    let is_held = !own.is_export && desk.roster.base(code, period) == LastYear::Filed;
    let last_year = period.months_before(12).filter(|_| is_held).and_then(|month| {
        batch::counted(desk, &form.form, (code, period), (month, candidate.received_at))
    });
    let Some(last_year) = last_year.filter(|it| !it.is_export) else { return Vec::new() };
    let mut measures = vec![(Measure::Ytd, Measure::PriorYtd)];
    if !form.cumulative_months.contains(&period.month()) {
        measures.push((Measure::Month, Measure::PriorMonth));
    }
    let mut findings = Vec::new();
    for rows in form.rows.iter().filter(|rows| rows.counts == Counts::Money) {
        let group = Group { rows, roster: desk.roster, period };
        for (before, prior) in &measures {
            let (was, is) = (group.sums(&last_year, *before), group.sums(&own, *prior));
            let unlike = differing(&was, &is).into_iter();
            findings.extend(unlike.map(|row| group.finding((row, *prior), [&is, &was], candidate)));
        }
    }
    findings
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

    /// The code of one of its items.
    fn code<'b>(&self, item: &'b str) -> Option<&'b str> {
        item.strip_prefix(&self.rows.rows)?.strip_prefix(':')
    }

    fn sums(&self, figures: &Figures, measure: Measure) -> BTreeMap<String, Decimal> {
        let mut sums: BTreeMap<String, Decimal> = BTreeMap::new();
        for (code, value) in figures.rows(&self.rows.rows, measure) {
            let sum = sums.entry(self.row(code).to_owned()).or_default();
            *sum = sum.saturating_add(value);
        }
        sums
    }

    /// That a row differs, at its first cell: in the column, else in its row.
    fn finding(
        &self,
        (row, measure): (&str, Measure),
        [is, was]: [&BTreeMap<String, Decimal>; 2],
        candidate: &Candidate,
    ) -> Finding {
        let report = &candidate.report;
        let its = report
            .figures
            .iter()
            .filter(|it| self.code(&it.item).is_some_and(|code| self.row(code) == row));
        let its: Vec<&Figure> = its.collect();
        let figure = its.iter().find(|it| it.measure == measure).or(its.first()).copied();
        let typed = figure.or(report.figures.first()).map(|it| &it.unit);
        let shown = |sums: &BTreeMap<String, Decimal>| {
            let value = sums.get(row).copied().unwrap_or_default();
            typed.map_or_else(Text::default, |unit| format::figure(value, unit))
        };
        let name = &self.rows.name;
        let row = if row == OUTSIDE { texts::text("row.outside").clone() } else { Text::same(row) };
        let row =
            Text { zh: format!("{} {}", name.zh, row.zh), en: format!("{} {}", name.en, row.en) };
        let (is, was) = (shown(is), shown(was));
        let measured = evaluate::measure(measure);
        let arguments = [("row", &row), ("measure", &measured), ("value", &is), ("expected", &was)];
        let finding =
            Finding::new(Code::BaseMoved, &arguments).found(is.zh.clone(), Some(was.zh.clone()));
        let finding = finding.at(&report.sheet, figure.map(|it| it.cell));
        let item = figure.map(|it| it.item.clone());
        Finding { item, measure: Some(measure), ..finding }
    }
}

/// The rows that differ between two years whose sums do not; none where one of them is not known.
fn differing<'a>(
    was: &'a BTreeMap<String, Decimal>,
    is: &'a BTreeMap<String, Decimal>,
) -> Vec<&'a str> {
    let differ = |one: Decimal, other: Decimal| TOLERANCE <= one.saturating_sub(other).abs();
    let sum =
        |rows: &BTreeMap<String, Decimal>| rows.values().copied().reduce(Decimal::saturating_add);
    if sum(was).zip(sum(is)).is_none_or(|(was, is)| differ(was, is)) {
        return Vec::new();
    }
    let of =
        |sums: &BTreeMap<String, Decimal>, row: &str| sums.get(row).copied().unwrap_or_default();
    let rows: BTreeSet<&str> = was.keys().chain(is.keys()).map(String::as_str).collect();
    rows.into_iter().filter(|row| differ(of(was, row), of(is, row))).collect()
}
