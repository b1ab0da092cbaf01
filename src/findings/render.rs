//! Findings for a terminal: severity and code, what is so, where, found and expected, what to do.
//!
//! In: findings of one file. Out: plain text in one language, a block a finding, no colour. JSON
//! needs nothing from here: a `Finding` serialises as it is.

use super::{Finding, Severity};
use crate::texts::{self, Locale, Text};

/// The findings of a file as text, in their order; empty for none.
///
/// Control characters from the workbook or the file name never reach the terminal.
pub fn terminal(file: &str, findings: &[Finding], locale: Locale) -> String {
    let blocks = findings.iter().map(|finding| block(file, finding, locale));
    blocks.collect::<Vec<_>>().join("\n")
}

fn block(file: &str, finding: &Finding, locale: Locale) -> String {
    let severity = texts::text(match finding.severity {
        Severity::Error => "finding_severity.error",
        Severity::Query => "finding_severity.query",
        Severity::Note => "finding_severity.note",
    });
    let message = finding.message.get(locale);
    let mut lines = vec![format!("{}[{}]: {message}", severity.get(locale), finding.code)];
    lines.push(format!("  --> {}", place(file, finding, locale)));
    lines.extend(values(finding, locale).map(|values| format!("  {values}")));
    let hint = Text::same(finding.hint.get(locale));
    lines.push(format!("  {}", said("finding_line.hint", &[("hint", &hint)], locale)));
    lines.iter().map(|line| printable(line) + "\n").collect()
}

fn place(file: &str, finding: &Finding, locale: Locale) -> String {
    let file = Text::same(file);
    let sheet = finding.sheet.as_deref().map(Text::same);
    let cell = finding.cell.map(|cell| Text::same(cell.to_string()));
    match (&sheet, &cell) {
        (Some(sheet), Some(cell)) => {
            let arguments = [("file", &file), ("sheet", sheet), ("cell", cell)];
            said("finding_line.cell", &arguments, locale)
        }
        (Some(sheet), None) => {
            said("finding_line.sheet", &[("file", &file), ("sheet", sheet)], locale)
        }
        (None, _) => file.get(locale).to_owned(),
    }
}

/// Where in its workbook a finding stands: sheet and cell, or that it is about the whole of it.
pub fn place_in_book(finding: &Finding, locale: Locale) -> String {
    let sheet = finding.sheet.as_deref().map(Text::same);
    let cell = finding.cell.map(|cell| Text::same(cell.to_string()));
    match (&sheet, &cell) {
        (Some(sheet), Some(cell)) => {
            said("finding_line.in_cell", &[("sheet", sheet), ("cell", cell)], locale)
        }
        (Some(sheet), None) => said("finding_line.in_sheet", &[("sheet", sheet)], locale),
        (None, _) => said("finding_line.in_book", &[], locale),
    }
}

/// What a damaged file could not be read for, and what a cell holds, is shown up to so many
/// characters.
const VALUE_CHARS_MAX: usize = 80;

/// The value found and the one expected; `None` where a finding is about neither.
pub fn values(finding: &Finding, locale: Locale) -> Option<String> {
    let value = finding.value.as_deref().map(|value| Text::same(shortened(value)));
    // What is said of the file as a whole is no figure somebody reported.
    if let (None, Some(reason)) = (&finding.sheet, &value) {
        return Some(said("finding_line.reason", &[("reason", reason)], locale));
    }
    let expected = finding.expected.as_deref().map(Text::same);
    match (&value, &expected) {
        (Some(value), Some(expected)) => {
            let arguments = [("value", value), ("expected", expected)];
            Some(said("finding_line.both", &arguments, locale))
        }
        (Some(value), None) => Some(said("finding_line.value", &[("value", value)], locale)),
        (None, Some(expected)) => {
            Some(said("finding_line.expected", &[("expected", expected)], locale))
        }
        (None, None) => None,
    }
}

fn shortened(value: &str) -> String {
    match value.char_indices().nth(VALUE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value.to_owned(),
    }
}

fn said(key: &str, arguments: &[(&str, &Text)], locale: Locale) -> String {
    texts::text(key).fill(arguments).get(locale).to_owned()
}

fn printable(line: &str) -> String {
    line.chars()
        .map(|letter| if letter.is_control() { char::REPLACEMENT_CHARACTER } else { letter })
        .collect()
}
