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
    lines.push(format!("  {}", said("finding_line.hint", file, finding, locale)));
    lines.iter().map(|line| printable(line) + "\n").collect()
}

fn place(file: &str, finding: &Finding, locale: Locale) -> String {
    match (&finding.sheet, finding.cell) {
        (Some(_), Some(_)) => said("finding_line.cell", file, finding, locale),
        (Some(_), None) => said("finding_line.sheet", file, finding, locale),
        (None, _) => file.to_owned(),
    }
}

/// Where in its workbook a finding stands: sheet and cell, or that it is about the whole of it.
pub fn place_in_book(finding: &Finding, locale: Locale) -> String {
    let key = match (&finding.sheet, finding.cell) {
        (Some(_), Some(_)) => "finding_line.in_cell",
        (Some(_), None) => "finding_line.in_sheet",
        (None, _) => "finding_line.in_book",
    };
    said(key, "", finding, locale)
}

/// What a damaged file could not be read for, and what a cell holds, is shown up to so many
/// characters.
const VALUE_CHARS_MAX: usize = 80;

/// The value found and the one expected; `None` where a finding is about neither.
pub fn values(finding: &Finding, locale: Locale) -> Option<String> {
    let key = match (&finding.sheet, &finding.value, &finding.expected) {
        // What is said of the file as a whole is no figure somebody reported.
        (None, Some(_), _) => "finding_line.reason",
        (Some(_), Some(_), Some(_)) => "finding_line.both",
        (Some(_), Some(_), None) => "finding_line.value",
        (_, None, Some(_)) => "finding_line.expected",
        (_, None, None) => return None,
    };
    Some(said(key, "", finding, locale))
}

fn shortened(value: &str) -> String {
    match value.char_indices().nth(VALUE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value.to_owned(),
    }
}

/// A line about a finding, whatever of it the text names.
fn said(key: &str, file: &str, finding: &Finding, locale: Locale) -> String {
    let value = finding.value.as_deref().map(shortened).unwrap_or_default();
    let parts = [
        ("file", file.to_owned()),
        ("sheet", finding.sheet.clone().unwrap_or_default()),
        ("cell", finding.cell.map(|cell| cell.to_string()).unwrap_or_default()),
        ("value", value.clone()),
        ("reason", value),
        ("expected", finding.expected.clone().unwrap_or_default()),
        ("hint", finding.hint.get(locale).to_owned()),
    ];
    let parts = parts.map(|(name, part)| (name, Text::same(part)));
    let arguments: Vec<(&str, &Text)> = parts.iter().map(|(name, part)| (*name, part)).collect();
    texts::text(key).fill(&arguments).get(locale).to_owned()
}

fn printable(line: &str) -> String {
    line.replace(char::is_control, "\u{FFFD}")
}
