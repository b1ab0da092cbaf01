//! Which form a sheet is: by the form number behind 表号, by a title, or by the headings of an
//! export.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::grid::{Sheet, Value};
use super::table::{self, Headings};
use crate::project::forms::{Form, Label, TableLayout};

/// Rows with content in which a sheet says what it is.
const SEARCHED: usize = 40;

pub(super) enum RecognisedSheet<'a> {
    Sheet(&'a Form),
    Table(&'a Form, &'a TableLayout, Headings),
}

/// The form of a sheet, if it is one.
pub(super) fn recognise<'a>(
    sheet: &Sheet,
    forms: &'a BTreeMap<String, Form>,
) -> Option<RecognisedSheet<'a>> {
    for form in forms.values() {
        let Some(layout) = &form.table else { continue };
        if let Some(headings) = table::headings(sheet, form, layout) {
            return Some(RecognisedSheet::Table(form, layout, headings));
        }
    }
    let texts: Vec<Cow<'_, str>> = sheet
        .rows_from(0)
        .take(SEARCHED)
        .flat_map(|(_, row)| row.values().map(Value::label))
        .collect();
    let numbers = form_numbers(&texts);
    let is_number =
        |label: &Label| numbers.iter().any(|it| it.eq_ignore_ascii_case(label.squeezed()));
    let is_title = |title: &Label| texts.iter().any(|text| is_title(text, title.squeezed()));
    let by_number = forms.values().find(|form| form.recognise.numbers.iter().any(is_number));
    // A number of another form outweighs a title.
    let mut titled = forms.values().filter(|form| form.recognise.titles.iter().any(is_title));
    by_number.or_else(|| titled.next().filter(|_| numbers.is_empty())).map(RecognisedSheet::Sheet)
}

/// What stands behind 表号, in its own cell or the next.
fn form_numbers<'a>(texts: &'a [Cow<'_, str>]) -> Vec<&'a str> {
    let behind = texts.iter().enumerate().filter_map(|(at, text)| {
        let (_, rest) = text.split_once("表号")?;
        let rest = rest.trim_start_matches(':');
        let number = if rest.is_empty() { texts.get(at + 1)? } else { rest };
        Some(number.strip_suffix('表').unwrap_or(number))
    });
    behind.filter(|number| !number.is_empty()).collect()
}

/// A title, perhaps with the month before it and 表 behind.
pub(super) fn is_title(text: &str, title: &str) -> bool {
    let bare = text.trim_start_matches(|letter: char| {
        letter.is_ascii_digit() || "年月-《第季度".contains(letter)
    });
    let bare = bare.trim_end_matches(['》', '表']);
    bare == title || text == title
}
