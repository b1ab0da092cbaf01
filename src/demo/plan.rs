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

use super::figures::month;
use super::lines::Archive;
use super::{DemoError, deliveries};

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
    /// The form's number.
    pub form: &'static str,
    /// The firm, as the roster has it in the month.
    pub firm: Firm,
    /// The credit code as it stands in the header.
    pub credit_code: String,
    /// The month reported.
    pub period: Period,
    /// The day the firm says it reported.
    pub reported_on: NaiveDate,
    /// The rows.
    pub lines: Vec<Row<Measure>>,
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

/// One row of a form with its figures by column, or of all months.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<K> {
    /// The item's name in the lake.
    pub item: String,
    /// The label on the form.
    pub label: String,
    /// The unit.
    pub unit: &'static str,
    /// The code on the form.
    pub code: String,
    /// The figures: whole 千元, or tenths of a quantity.
    pub figures: BTreeMap<K, i64>,
}

impl<K> Row<K> {
    /// Whether the row counts money.
    pub fn is_money(&self) -> bool {
        self.unit == "千元"
    }
}

impl Report {
    /// The value of an item's column; `None` when the row or the figure is not there.
    pub fn value(&self, item: &str, measure: Measure) -> Option<i64> {
        self.lines.iter().find(|line| line.item == item)?.figures.get(&measure).copied()
    }

    /// The rows of an item, or of an open group (`industry`, `supply`).
    pub fn rows(&self, group: &str) -> impl Iterator<Item = &Row<Measure>> {
        self.lines.iter().filter(move |line| line.item.split(':').next() == Some(group))
    }

    /// The sum of a group's column; empty cells count nothing.
    pub fn sum(&self, group: &str, measure: Measure) -> i64 {
        self.rows(group).filter_map(|line| line.figures.get(&measure)).sum()
    }
}

impl Plan {
    /// The reports that count in the end, of one form and month.
    pub fn counted(&self, form: &str, period: Period) -> impl Iterator<Item = &Report> {
        let reports = self.deliveries.iter().flat_map(|delivery| &delivery.reports);
        reports.filter(move |report| {
            report.form == form && report.period == period && report.fate == Fate::Counts
        })
    }
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
