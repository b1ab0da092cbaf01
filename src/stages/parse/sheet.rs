//! The single-firm layout: one firm, one month; a sheet may hold several side by side.
//!
//! In: a sheet known to be a form. Out: a report for each block; what is missing or could not be read
//! is in its findings.

use super::blocks;
use super::columns::{self, Columns};
use super::grid::{Sheet, Value};
use super::header::Margin;
use super::rows::{self, Table};
use super::{Found, Layout, Report};
use crate::domain::cell::Cell;
use crate::domain::measure::Measure;
use crate::domain::text;
use crate::findings::{Code, Finding};
use crate::project::forms::Form;
use crate::texts::{self, Text};

/// Reads a sheet of this layout: each block that bears a credit code is a report, one without
/// continues the block to its left.
pub(super) fn read(sheet: Sheet, form: &Form) -> Vec<Report> {
    let mut reports: Vec<Report> = Vec::new();
    for part in blocks::split(sheet, &form.sheet) {
        let report = block(&part, form);
        match reports.last_mut() {
            Some(left) if report.credit_code.is_none() => blocks::continue_with(left, report),
            Some(left) => {
                // A month or an edition written once holds for all.
                let period = report.period.clone().or_else(|| left.period.clone());
                let document = report.document.clone().or_else(|| left.document.clone());
                reports.push(Report { document, period, ..report });
            }
            None => reports.push(report),
        }
    }
    reports
}

fn block(sheet: &Sheet, form: &Form) -> Report {
    let columns = columns::find(sheet, &form.sheet);
    let start = columns.as_ref().map_or(u32::MAX, |columns| columns.first_row);
    let unit = Margin { sheet, start, end: u32::MAX }.unit();
    let table = match &columns {
        Some(columns) => rows::read(sheet, form, columns, unit),
        None => Table { end: u32::MAX, ..Table::default() },
    };
    let margin = Margin { sheet, start, end: table.end };
    let fields = &form.sheet.fields;
    let squeezed = |mut found: Found<String>| {
        found.value = text::squeeze(&found.value);
        found
    };
    let mut findings = missing_columns(sheet, columns.as_ref());
    findings.extend(missing_rows(sheet, form, &table));
    findings.extend(table.findings);
    findings.extend(hidden_by_merge(sheet));
    Report {
        form: form.form.clone(),
        layout: Layout::Sheet,
        sheet: sheet.name.clone(),
        document: margin.field(&fields.document).map(squeezed),
        credit_code: margin.credit_code(fields),
        firm_name: margin.field(&fields.firm_name),
        period: margin.period(fields),
        explanation: margin.explanation(&fields.explanation),
        reported_on: margin.day(&fields.reported_on),
        figures: table.figures,
        findings,
    }
}

fn missing_columns(sheet: &Sheet, columns: Option<&Columns>) -> Vec<Finding> {
    let is_missing =
        |measure: &Measure| columns.is_none_or(|columns| !columns.measures.contains_key(measure));
    Measure::ALL
        .into_iter()
        .filter(is_missing)
        .map(|measure| column_missing(&sheet.name, measure))
        .collect()
}

fn missing_rows(sheet: &Sheet, form: &Form, table: &Table) -> Vec<Finding> {
    let required = form.item.iter().filter(|item| item.required);
    let missing = required.filter(|item| !table.items.contains(&item.item));
    missing.map(|item| row_missing(&sheet.name, &item.item, &item.name)).collect()
}

/// The finding that a column of figures is not there.
pub(super) fn column_missing(sheet: &str, measure: Measure) -> Finding {
    let column = texts::text(&format!("finding.H3.column.{}", measure.name()));
    let mut finding = Finding::new(Code::ColumnMissing, &[("column", column)]).at(sheet, None);
    finding.measure = Some(measure);
    finding
}

/// The finding that a row that must be there is not.
pub(super) fn row_missing(sheet: &str, item: &str, name: &Text) -> Finding {
    Finding::new(Code::RowMissing, &[("row", name)]).at(sheet, None).about(item, None)
}

/// Notes on values that a merge hides.
pub(super) fn hidden_by_merge(sheet: &Sheet) -> Vec<Finding> {
    let note = |(cell, value): &(Cell, Value)| {
        Finding::new(Code::UnderMerge, &[]).at(&sheet.name, Some(*cell)).found(value.typed(), None)
    };
    sheet.hidden_by_merge.iter().map(note).collect()
}
