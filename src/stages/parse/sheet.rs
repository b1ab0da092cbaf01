//! The single-firm layout: one firm, one month; a sheet may hold several side by side.
//!
//! In: a sheet, or a part of one, known to be a form. Out: a report for each block; what is missing or
//! could not be read is in its findings.

use std::collections::BTreeMap;

use super::blocks;
use super::columns::{self, Columns};
use super::grid::{Sheet, Value};
use super::header::Margin;
use super::rows::{self, SheetTable};
use super::{Found, Layout, Report};
use crate::domain::cell::Cell;
use crate::domain::measure::Measure;
use crate::domain::period::Period;
use crate::domain::text;
use crate::findings::{Code, Finding};
use crate::project::forms::Form;
use crate::texts::{self, Text};

/// Reads a sheet of this layout: each block that bears a credit code is a report, one without
/// continues the block to its left. Of the form above in the same sheet, code and edition hold on.
pub(super) fn read(sheet: Sheet, form: &Form, above: Option<&Report>) -> Vec<Report> {
    let mut reports: Vec<Report> = Vec::new();
    for part in blocks::split(sheet, &form.sheet) {
        // A month written once holds for all blocks side by side, but not for a form below.
        let mut report = block(&part, form, reports.last().and_then(|left| left.period.as_ref()));
        match reports.last_mut() {
            Some(left) if report.credit_code.is_none() => blocks::continue_with(left, report),
            Some(left) => {
                report.document = report.document.or_else(|| left.document.clone());
                reports.push(report);
            }
            None => {
                if let Some(above) = above {
                    report.credit_code = report.credit_code.or_else(|| above.credit_code.clone());
                    report.document = report.document.or_else(|| above.document.clone());
                }
                reports.push(report);
            }
        }
    }
    reports
}

fn block(sheet: &Sheet, form: &Form, month: Option<&Found<Period>>) -> Report {
    let mut columns = columns::find(sheet, &form.sheet);
    let start = columns.as_ref().map_or(u32::MAX, |columns| columns.first_row);
    let above = Margin { sheet, start, end: u32::MAX };
    let period = above.period(form).or_else(|| month.cloned());
    let form = &form.at(period.as_ref().map(|found| found.value));
    if let Some(columns) = &mut columns {
        columns.measures.retain(|measure, _| form.sheet.measures.contains_key(measure));
    }
    let table = match &columns {
        Some(columns) => rows::read(sheet, form, columns, above.unit()),
        None => SheetTable { end: u32::MAX, ..SheetTable::default() },
    };
    let margin = Margin { sheet, start, end: table.end };
    let fields = &form.sheet.fields;
    let squeezed = |mut found: Found<String>| {
        found.value = text::squeeze(&found.value);
        found
    };
    let mut findings = missing_columns(sheet, form, columns.as_ref());
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
        period,
        explanation: margin.explanation(form),
        reported_on: margin.day(&fields.reported_on),
        figures: table.figures,
        records: Vec::new(),
        columns: BTreeMap::new(),
        row_names: table.row_names,
        findings,
        is_named_by_sheet: false,
    }
}

fn missing_columns(sheet: &Sheet, form: &Form, columns: Option<&Columns>) -> Vec<Finding> {
    let borne = form.sheet.measures.keys();
    let missing =
        borne.filter(|it| columns.is_none_or(|columns| !columns.measures.contains_key(it)));
    missing.map(|measure| column_missing(&sheet.name, *measure)).collect()
}

fn missing_rows(sheet: &Sheet, form: &Form, table: &SheetTable) -> Vec<Finding> {
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
