//! The workbook of a month, 月报数据-2024-07.xlsx: the tables of the brief as numbers, with native charts.
//!
//! In: marts, the plan of `jobs/brief/workbook.toml`, the month. Out: the bytes of one workbook in the
//! first language; they bear the month for their time and no clock. Numbers are numbers, everything else is
//! text and never a formula. Only the plan can fail.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet, XlsxError};

use self::plan::{ChartPlan, Plan};
use self::sheet::FilledSheet;
use super::brief::{Issue, Paper};
use crate::domain::period::Period;
use crate::project::Project;
use crate::project::fault::Fault;
use crate::project::marts::Mart;
use crate::stages::marts;
use crate::texts::Locale;

mod charts;
mod plan;
mod sheet;

/// Rows of the first sheet below its table before the first chart.
const GAP: u32 = 2;

/// A workbook to be written for many months.
#[derive(Clone, Debug)]
pub struct DeskBook {
    plan: Plan,
}

impl DeskBook {
    /// The workbook of a project; on failure every fault of its plan.
    pub fn read(project: &Project) -> Result<Self, Vec<Fault>> {
        Ok(Self { plan: plan::read(project)? })
    }

    /// Whether a mart has a sheet.
    pub fn reads(&self, mart: &str) -> bool {
        mart.starts_with("dim_") || self.plan.sheets.iter().any(|sheet| sheet.mart == mart)
    }

    /// The workbook of a month.
    pub fn write(
        &self,
        marts: &BTreeMap<String, RecordBatch>,
        issue: &Issue<'_>,
    ) -> Result<Vec<u8>, Fault> {
        self.written(marts, issue)
            .map_err(|error| Fault::new("jobs/brief/workbook.toml", error.to_string()))
    }

    fn written(
        &self,
        marts: &BTreeMap<String, RecordBatch>,
        issue: &Issue<'_>,
    ) -> Result<Vec<u8>, XlsxError> {
        let (plan, settings) = (&self.plan, &issue.project.settings);
        let locale = settings.locale();
        let names = sheet::names(marts, plan, locale);
        let sheets = plan.sheets.iter().filter_map(|it| FilledSheet::of(it, marts, issue, &names));
        let sheets: Vec<FilledSheet> = sheets.collect();
        let mut workbook = Workbook::new();
        workbook.set_properties(&properties(issue, locale)?);
        let mut drawn = Vec::new();
        for sheet in &sheets {
            drawn.push(sheet.write(plan, issue)?);
        }
        if let (Some(first), Some(sheet)) = (drawn.first_mut(), sheets.first()) {
            add_charts(first, sheet, &sheets, plan, locale)?;
        }
        drawn.push(sheet::columns_sheet(plan, &sheets, issue)?);
        for sheet in drawn {
            workbook.push_worksheet(sheet);
        }
        workbook.save_to_buffer()
    }
}

/// The name of the workbook of a month.
pub fn file_name(period: Period) -> String {
    format!("月报数据-{period}.xlsx")
}

/// Every fault of the plan, those of the workbook library for a month without figures among them.
pub fn faults(project: &Project) -> Vec<Fault> {
    let Some(period) = Period::new(2000, 1) else { return Vec::new() };
    let issue = Issue { paper: Paper::Brief, period, edition: 1, project };
    match DeskBook::read(project) {
        Ok(book) => book.write(&empty(project), &issue).err().into_iter().collect(),
        Err(faults) => faults,
    }
}

/// The marts of a project without any row.
fn empty(project: &Project) -> BTreeMap<String, RecordBatch> {
    let batch = |mart: &Mart| (mart.name.clone(), RecordBatch::new_empty(marts::schema(mart)));
    project.marts.iter().map(batch).collect()
}

/// Charts one under the other, below the table of the first sheet.
fn add_charts(
    first: &mut Worksheet,
    sheet: &FilledSheet,
    sheets: &[FilledSheet],
    plan: &Plan,
    locale: Locale,
) -> Result<(), XlsxError> {
    let mut row = sheet.rows() + GAP;
    let known = |chart: &&ChartPlan| sheets.iter().any(|sheet| sheet.can_draw(chart));
    for chart in plan.charts.iter().filter(known) {
        let Some(of) = sheets.iter().find(|sheet| sheet.can_draw(chart)) else { continue };
        first.insert_chart(row, 0, &charts::draw(chart, of, plan, locale))?;
        row += charts::ROWS + 1;
    }
    Ok(())
}

/// Who made it, and for its time the month it is about.
fn properties(issue: &Issue<'_>, locale: Locale) -> Result<DocProperties, XlsxError> {
    let district = &issue.project.settings.district;
    let year = u16::try_from(issue.period.year()).unwrap_or_default();
    let created =
        ExcelDateTime::from_ymd(year, u8::try_from(issue.period.month()).unwrap_or(1), 1)?;
    let title = format!("{} {}", district.name.get(locale), issue.period);
    let properties = DocProperties::new().set_title(title).set_author(district.bureau.get(locale));
    Ok(properties.set_creation_datetime(&created))
}
