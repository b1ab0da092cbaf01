//! The plan of the sample: every workbook that arrives, what stands in it, and what must become of
//! it, before a single file is written.
//!
//! In: the roster and the calendar. Out: deliveries, sorted by folder and file name, the same on
//! every run. Fails only when the calendar lacks a deadline.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveDate};

use crate::domain::measure::Measure;
use crate::domain::period::Period;
use crate::project::seeds::roster::{Calendar, Firm, Roster};

use super::calibrate::calibrate;
use super::deliveries;
use super::figures::{self, Series, is_merged, month, number};
use super::lines::{self, Kind, Row, Rows};
use super::story::MERGED_PERCENT;
use super::{DemoError, dice};

/// All that arrives over the three years.
#[derive(Clone, Debug)]
pub struct Plan {
    /// One entry a file.
    pub deliveries: Vec<Delivery>,
}

/// One file in the inbox.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The folder of the inbox: the month reported.
    pub folder: Period,
    /// The file's name.
    pub file_name: String,
    /// When it arrived, at the bureau's offset.
    pub received_at: DateTime<FixedOffset>,
    /// What kind of file it is.
    pub packing: Packing,
    /// 1 for the first file of a firm and month, 2 for the one sent after it.
    pub revision: u32,
    /// The reports in it.
    pub reports: Vec<Report>,
}

/// What kind of file a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// A workbook, a sheet a report.
    Workbook,
    /// The bureau's export: one sheet, a row a report.
    Export,
    /// A web page named `.xls`.
    Html,
    /// The first part of a workbook.
    Truncated,
}

/// One form of one firm for one month.
#[derive(Clone, Debug)]
pub struct Report {
    /// The form.
    pub kind: Kind,
    /// The credit code as it stands in the header.
    pub credit_code: String,
    /// The firm's name.
    pub firm_name: String,
    /// The firm's main industry, which the export names.
    pub industry_code: String,
    /// The firm's size class, which the export names.
    pub size_class: i32,
    /// The month reported.
    pub period: Period,
    /// The day the firm says it reported.
    pub reported_on: NaiveDate,
    /// The rows.
    pub lines: Vec<Line>,
    /// What stands after 核实说明; empty for nothing.
    pub explanation: &'static str,
    /// What must become of it.
    pub fate: Fate,
}

/// What a right pipeline makes of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It counts.
    Counts,
    /// A later version counts in its place.
    Replaced,
    /// It waits for an explanation that does not come.
    Queried,
    /// It is refused.
    Refused,
    /// Last year's form, sent along again with the same figures.
    Repeated,
}

/// One row of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The item's name in the lake.
    pub item: String,
    /// The label on the form.
    pub label: String,
    /// The unit.
    pub unit: &'static str,
    /// The code on the form.
    pub code: String,
    /// Month, year to date, and the same of the year before; whole 千元, or tenths of a quantity.
    pub values: [Option<i64>; 4],
}

impl Line {
    /// The value of one column.
    pub fn value(&self, measure: Measure) -> Option<i64> {
        let columns = Measure::ALL.into_iter().zip(self.values);
        columns.filter(|(column, _)| *column == measure).find_map(|(_, value)| value)
    }

    /// The place of one column's value.
    pub(super) fn value_mut(&mut self, measure: Measure) -> Option<&mut i64> {
        let columns = Measure::ALL.into_iter().zip(&mut self.values);
        columns.filter(|(column, _)| *column == measure).find_map(|(_, value)| value.as_mut())
    }

    /// Whether the row counts money.
    pub fn is_money(&self) -> bool {
        self.unit == "千元"
    }
}

impl Report {
    /// The value of an item's column; `None` when the row or the figure is not there.
    pub fn value(&self, item: &str, measure: Measure) -> Option<i64> {
        self.lines.iter().find(|line| line.item == item)?.value(measure)
    }

    /// The sum of an open group's column (`industry`, `supply`); empty cells count nothing.
    pub fn sum(&self, rows: &str, measure: Measure) -> i64 {
        let is_of = |line: &&Line| line.item.split_once(':').is_some_and(|(head, _)| head == rows);
        self.lines.iter().filter(is_of).filter_map(|line| line.value(measure)).sum()
    }
}

impl Plan {
    /// The reports that count in the end, of one form and month.
    pub fn counted(&self, kind: Kind, period: Period) -> impl Iterator<Item = &Report> {
        let reports = self.deliveries.iter().flat_map(|delivery| &delivery.reports);
        reports.filter(move |report| {
            report.kind == kind && report.period == period && report.fate == Fate::Counts
        })
    }
}

/// The months the sample covers: 2023-02 to 2025-12 without Januaries, which nobody files.
pub fn periods() -> impl Iterator<Item = Period> {
    month(2023, 2).to(month(2025, 12)).filter(|period| period.month() != 1)
}

/// Plans every delivery.
pub fn plan(roster: &Roster, calendar: &Calendar) -> Result<Plan, DemoError> {
    let archive = Archive::new(roster);
    let mut deliveries = Vec::new();
    for period in month(2023, 2).to(month(2025, 12)) {
        deliveries.extend(deliveries::of_month(&archive, calendar, period)?);
    }
    deliveries.sort_by(|left, right| {
        (left.folder, &left.file_name).cmp(&(right.folder, &right.file_name))
    });
    Ok(Plan { deliveries })
}

/// All true figures, from which reports are copied.
pub(super) struct Archive<'a> {
    /// The firms.
    pub(super) roster: &'a Roster,
    rows: BTreeMap<&'a str, Rows>,
    /// The merged firms' figures with last year's as if merged already.
    restated: BTreeMap<&'a str, Rows>,
}

impl<'a> Archive<'a> {
    fn new(roster: &'a Roster) -> Self {
        let mut outputs = figures::outputs(roster);
        calibrate(roster, &mut outputs);
        let merged = figures::newest(roster).filter(|firm| is_merged(number(&firm.credit_code)));
        let restated = merged.filter_map(|firm| {
            let output = restate(outputs.get(firm.credit_code.as_str())?);
            Some((firm.credit_code.as_str(), lines::one(firm, &output, roster)))
        });
        let restated = restated.collect();
        Self { roster, rows: lines::all(roster, &outputs), restated }
    }

    /// A firm's true report of a form for a month; `None` when it does not file the form.
    pub(super) fn report(&self, firm: &Firm, kind: Kind, period: Period) -> Option<Report> {
        let rows = self.rows.get(firm.credit_code.as_str())?.get(&kind)?;
        let restated =
            self.restated.get(firm.credit_code.as_str()).and_then(|rows| rows.get(&kind));
        // The base is restated in the year of the merger only.
        let base = restated.filter(|_| period.year() == 2025).unwrap_or(rows);
        let lines = rows.iter().zip(base).map(|(row, base)| line(firm, row, base, period));
        Some(Report {
            kind,
            credit_code: firm.credit_code.clone(),
            firm_name: firm.name.clone(),
            industry_code: firm.industry_code.clone(),
            size_class: firm.size_class,
            period,
            reported_on: period.last_day(),
            lines: lines.collect(),
            explanation: "",
            fate: Fate::Counts,
        })
    }
}

/// Last year's figures as if the merger had been a year earlier.
fn restate(output: &Series) -> Series {
    let merged = output.iter().map(|(period, made)| {
        let factor = if period.year() == 2024 { MERGED_PERCENT } else { 100 };
        (*period, made * factor / 100)
    });
    merged.collect()
}

fn line(firm: &Firm, row: &Row, base: &Row, period: Period) -> Line {
    // February's report covers two months; few firms fill the month columns beside.
    let keys = [number(&firm.credit_code)];
    let has_month = period.month() != 2 || dice::one_in(5, "february", &keys);
    let year_before = period.months_before(12).unwrap_or(period);
    let month_of = |series: &Series, period| series.get(&period).copied().filter(|_| has_month);
    let ytd_of = |series: &Series, period| Some(figures::sum(series, figures::year_to(period)));
    Line {
        item: row.item.clone(),
        label: row.label.clone(),
        unit: row.unit,
        code: row.code.clone(),
        values: [
            month_of(&row.series, period),
            ytd_of(&row.series, period),
            month_of(&base.series, year_before),
            ytd_of(&base.series, year_before),
        ],
    }
}
