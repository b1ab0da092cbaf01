//! Forms one under the other in one sheet.
//!
//! In: a sheet and the forms of the project. Out: its parts from top to bottom, cut above the title,
//! form number or header field that comes before headings which stand there again; most sheets are
//! one part. Headings that stand there again without any of these go on with the same form. Cells
//! keep their places.

use std::collections::BTreeMap;

use super::columns::{self, Columns};
use super::grid::{Row, Sheet, Value};
use super::{labels, recognise};
use crate::domain::dates;
use crate::project::forms::{Form, Label, SheetLayout};

pub(super) fn split(sheet: Sheet, forms: &BTreeMap<String, Form>) -> Vec<Sheet> {
    let mut layouts: Vec<&SheetLayout> = Vec::new();
    for layout in forms.values().map(|form| &form.sheet) {
        // Forms mostly have the same columns.
        if !layout.measures.is_empty() && layouts.iter().all(|it| it.measures != layout.measures) {
            layouts.push(layout);
        }
    }
    let mut parts = Vec::new();
    let mut rest = sheet;
    while let Some(row) = second(&rest, forms, &layouts) {
        let (upper, lower) = rest.split_above(row);
        parts.push(upper);
        rest = lower;
    }
    parts.push(rest);
    parts
}

/// The row in which the second form of a sheet begins.
fn second(sheet: &Sheet, forms: &BTreeMap<String, Form>, layouts: &[&SheetLayout]) -> Option<u32> {
    let find = |layout: &&SheetLayout| {
        let found = columns::find_measures(sheet, layout)?;
        columns::is_form(&found, layout).then_some(found)
    };
    let first = layouts.iter().filter_map(find).min_by_key(|columns| columns.first_row)?;
    let below = || sheet.rows_from(first.last_row.saturating_add(1));
    let is_again = |number: u32| {
        let again = layouts.iter().find_map(|layout| columns::headed(sheet, number, layout));
        again.is_some_and(|again| is_below(&first, &again))
    };
    below().filter(|(number, _)| is_again(*number)).find_map(|(again, _)| {
        let mut before = below().take_while(|(number, _)| *number < again);
        before.find(|(_, row)| is_header(row, forms)).map(|(number, _)| number)
    })
}

/// Whether figures of the one stand under figures of the other, not beside them.
fn is_below(first: &Columns, again: &Columns) -> bool {
    let span = |columns: &Columns| {
        let numbers = columns.measures.values().map(|column| column.number);
        numbers.clone().min().zip(numbers.max())
    };
    let spans = span(first).zip(span(again));
    spans.is_some_and(|((from, to), (again_from, again_to))| from <= again_to && again_from <= to)
}

/// Whether a row belongs to the header of a form: title, form number, a field, the month.
fn is_header(row: &Row, forms: &BTreeMap<String, Form>) -> bool {
    row.values().any(|value| {
        let Value::Text(typed) = value else { return false };
        let label = value.label();
        let is_title = |title: &Label| recognise::is_title(&label, title.squeezed());
        let is_of = |form: &Form| {
            let fields = &form.sheet.fields;
            form.recognise.titles.iter().any(is_title)
                || [&fields.credit_code, &fields.firm_name, &fields.document]
                    .into_iter()
                    .any(|labels| labels::value_behind(value, labels).is_some())
        };
        let is_month = label.contains('年') && dates::whole_month(typed).is_some();
        is_month || label.starts_with("表号") || forms.values().any(is_of)
    })
}
