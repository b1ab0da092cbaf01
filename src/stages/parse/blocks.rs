//! Blocks of a form side by side in one sheet.
//!
//! In: a sheet known to be a form. Out: its parts from left to right, each with headings of its own;
//! most sheets are one part. Cells keep their places.

use std::collections::BTreeSet;

use super::Report;
use super::columns;
use super::grid::Sheet;
use crate::findings::{Code, Finding};
use crate::project::forms::SheetLayout;
use crate::texts::Text;

/// The parts of a sheet, cut behind the last column of figures where the heading of labels stands
/// again to the right.
pub(super) fn split(sheet: Sheet, layout: &SheetLayout) -> Vec<Sheet> {
    let mut parts = Vec::new();
    let mut rest = sheet;
    while let Some((left, right)) = cut(&rest, layout) {
        parts.push(left);
        rest = right;
    }
    parts.push(rest);
    parts
}

fn cut(sheet: &Sheet, layout: &SheetLayout) -> Option<(Sheet, Sheet)> {
    let (first_row, _) = figures(sheet, layout)?;
    let (_, row) = sheet.rows_from(first_row).next()?;
    let is_label = |text: &str| layout.columns.label.iter().any(|label| label.squeezed() == text);
    let (again, _) = row.iter().filter(|(_, value)| is_label(&value.label())).nth(1)?;
    let (left, _) = sheet.clone().split_at(*again);
    let (_, last) = figures(&left, layout)?;
    let (left, right) = sheet.clone().split_at(last.saturating_add(1));
    figures(&right, layout).map(|_| (left, right))
}

/// The first row of headings and the last column of figures.
fn figures(sheet: &Sheet, layout: &SheetLayout) -> Option<(u32, u32)> {
    let columns = columns::find(sheet, layout)?;
    let last = columns.measures.values().map(|column| column.number).max()?;
    columns::is_form(&columns, layout).then_some((columns.first_row, last))
}

/// Adds the rows of a block that bears no header of its own; a row that both bear is there twice.
pub(super) fn continue_with(left: &mut Report, right: Report) {
    let is_in = |report: &Report, item: &str| report.figures.iter().any(|one| one.item == item);
    let twice = right.figures.iter().filter(|figure| is_in(left, &figure.item));
    let mut findings: Vec<Finding> = twice
        .map(|figure| {
            let code = Text::same(figure.item.rsplit(':').next().unwrap_or_default());
            Finding::new(Code::RowTwice, &[("code", &code)])
                .at(&right.sheet, Some(figure.cell))
                .about(&figure.item, Some(figure.measure))
        })
        .collect();
    // Rows and columns that only one of the two lacks are not missing.
    findings.extend(right.findings.iter().filter(|finding| finding.cell.is_some()).cloned());
    let is_there = |finding: &Finding| {
        finding.cell.is_none() && finding.item.as_deref().is_some_and(|item| is_in(&right, item))
    };
    left.findings.retain(|finding| !is_there(finding));
    left.findings.extend(findings);
    let known: BTreeSet<String> = left.figures.iter().map(|one| one.item.clone()).collect();
    left.figures.extend(right.figures.into_iter().filter(|it| !known.contains(&it.item)));
    left.row_names.extend(right.row_names);
    left.explanation = left.explanation.take().or(right.explanation);
    left.reported_on = left.reported_on.take().or(right.reported_on);
}
