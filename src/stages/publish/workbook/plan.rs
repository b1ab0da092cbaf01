//! `jobs/brief/workbook.toml`: which sheets the workbook of a month has, and which charts.
//!
//! In: the text of the file and the marts of the project. Out: a checked plan, or every fault with its
//! line. Another sheet is another entry there.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::project::Project;
use crate::project::fault::Fault;
use crate::project::marts::{Column, Mart};
use crate::project::read::{Source, nearest};
use crate::texts::{Locale, Text};

/// The file.
const FILE: &str = "jobs/brief/workbook.toml";

/// What the file says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    /// The fonts of all cells.
    pub(super) font: Text,
    pub(super) money: Money,
    /// How Excel shows what is counted in each unit of marts.
    pub(super) formats: BTreeMap<String, String>,
    /// Codes and flags in words.
    #[serde(default)]
    pub(super) words: BTreeMap<String, Text>,
    pub(super) sheets: Vec<SheetPlan>,
    #[serde(default)]
    pub(super) charts: Vec<ChartPlan>,
    pub(super) columns_sheet: ColumnsSheet,
}

/// In what yuan are shown.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Money {
    pub(super) divide_by: u32,
    pub(super) name: Text,
}

/// A sheet: rows and columns of one mart.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SheetPlan {
    pub(super) name: Text,
    pub(super) mart: String,
    /// How many months, the one reported on the last; a mart without months is shown whole.
    #[serde(default = "one")]
    pub(super) months: usize,
    /// What a row has to have in some columns.
    #[serde(default, rename = "where")]
    pub(super) wanted: BTreeMap<String, String>,
    /// By which columns the rows are sorted, `-` for the largest first.
    #[serde(default)]
    pub(super) order: Vec<String>,
    pub(super) columns: Vec<String>,
}

/// A chart of the first sheet over the rows of any.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChartPlan {
    pub(super) title: Text,
    /// The Chinese name of the sheet.
    pub(super) sheet: String,
    pub(super) kind: ChartKind,
    pub(super) labels: String,
    pub(super) figures: String,
    /// A line over it, on an axis of its own.
    pub(super) line: Option<String>,
}

/// How figures are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ChartKind {
    /// Upright bars, for months.
    Columns,
    /// Lying bars, for names.
    Bars,
}

/// The last sheet, which explains the columns of all others.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ColumnsSheet {
    pub(super) name: Text,
    /// Sheet, column, unit, what it is, where it stands in the marts.
    pub(super) headings: [Text; 5],
    /// What a synthetic district says of itself.
    pub(super) synthetic: Text,
}

fn one() -> usize {
    1
}

/// The plan of a project; on failure every fault.
pub(super) fn read(project: &Project) -> Result<Plan, Vec<Fault>> {
    let Some(text) = project.texts.get(FILE) else {
        return Err(vec![Fault::new(FILE, "is missing: copy the shipped one and edit it")]);
    };
    let source = Source { file: Path::new(FILE), text };
    let plan: Plan = source.parse().map_err(|fault| vec![fault])?;
    let mut faults = Vec::new();
    for (place, sheet) in plan.sheets.iter().enumerate() {
        let said = of_sheet(project, sheet);
        faults.extend(said.map(|said| source.fault(&format!("sheets.{place}.name"), said)));
    }
    for (place, chart) in plan.charts.iter().enumerate() {
        let said = of_chart(&plan, chart);
        faults.extend(said.map(|said| source.fault(&format!("charts.{place}.title"), said)));
    }
    if plan.sheets.is_empty() || plan.money.divide_by == 0 {
        let said = "names no sheet, or divides money by 0";
        faults.push(source.fault("money.divide_by", said));
    }
    if faults.is_empty() { Ok(plan) } else { Err(faults) }
}

/// What is wrong with a sheet: the first thing.
fn of_sheet(project: &Project, sheet: &SheetPlan) -> Option<String> {
    let Some(mart) = mart(project, &sheet.mart) else {
        let known = project.marts.iter().filter(|mart| !mart.is_intermediate());
        let hint = nearest(&sheet.mart, known.map(|mart| mart.name.as_str()));
        return Some(format!("there is no mart `{}`{hint}", sheet.mart));
    };
    let ordered = sheet.order.iter().map(|name| name.trim_start_matches('-'));
    let named = sheet.columns.iter().chain(sheet.wanted.keys()).map(String::as_str).chain(ordered);
    let unknown = named.into_iter().find(|name| column(mart, name).is_none())?;
    let known = mart.columns.iter().map(|column| column.name.as_str());
    Some(format!("mart `{}` has no column `{unknown}`{}", mart.name, nearest(unknown, known)))
}

/// What is wrong with a chart: the first thing.
fn of_chart(plan: &Plan, chart: &ChartPlan) -> Option<String> {
    let names = plan.sheets.iter().map(|sheet| sheet.name.zh.as_str());
    let Some(sheet) = plan.sheets.iter().find(|sheet| sheet.name.zh == chart.sheet) else {
        return Some(format!(
            "there is no sheet `{}`{}",
            chart.sheet,
            nearest(&chart.sheet, names)
        ));
    };
    let mut named = [&chart.labels, &chart.figures].into_iter().chain(&chart.line);
    let unknown = named.find(|name| !sheet.columns.contains(name))?;
    let known = sheet.columns.iter().map(String::as_str);
    Some(format!("sheet `{}` has no column `{unknown}`{}", chart.sheet, nearest(unknown, known)))
}

/// A mart that readers see.
pub(super) fn mart<'a>(project: &'a Project, name: &str) -> Option<&'a Mart> {
    project.marts.iter().find(|mart| mart.name == name && !mart.is_intermediate())
}

/// A column of a mart.
pub(super) fn column<'a>(mart: &'a Mart, name: &str) -> Option<&'a Column> {
    mart.columns.iter().find(|column| column.name == name)
}

/// The column in a language, where the mart has one for each: `item_zh` or else `item`, `name` or else
/// `name_en`.
pub(super) fn column_in<'a>(mart: &'a Mart, name: &str, locale: Locale) -> Option<&'a Column> {
    let stem = name.strip_suffix("_zh").unwrap_or(name);
    let english = || column(mart, &format!("{stem}_en")).or_else(|| column(mart, stem));
    match locale {
        Locale::Zh => column(mart, name),
        Locale::En => english().or_else(|| column(mart, name)),
    }
}
