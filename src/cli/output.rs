//! Standard output and standard error: a closed pipe ends a command quietly, it never panics; any other
//! failure to write is kept and told at the end: half an answer must not pass for a whole one.

use std::io::{self, Write};
use std::sync::OnceLock;

use comfy_table::{ColumnConstraint, ContentArrangement, Table};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::Serialize;

/// Why standard output could not be written.
static FAILURE: OnceLock<String> = OnceLock::new();

/// Why some of what was to be read did not arrive; `None` when all did.
pub(super) fn failure() -> Option<&'static str> {
    FAILURE.get().map(String::as_str)
}

/// Prints a text and a line end on standard output.
pub(super) fn print(text: &str) {
    let mut stdout = io::stdout().lock();
    let written = writeln!(stdout, "{text}").and_then(|()| stdout.flush());
    if let Err(error) = written
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        // Only the first counts; what comes after it fails for the same reason.
        let _ = FAILURE.set(error.to_string());
    }
}

/// Prints a text and a line end on standard error.
pub(super) fn error(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Prints one JSON document on standard output.
pub(super) fn json(value: &impl Serialize) {
    print(&serde_json::to_string_pretty(value).unwrap_or_default());
}

/// Prints an answer: one JSON document, or a text.
pub(super) fn answer(is_json: bool, value: &impl Serialize, text: impl FnOnce() -> String) {
    if is_json { json(value) } else { print(&text()) }
}

/// A table with plain columns, aligned also where the text is Chinese. On a terminal it is no wider than
/// that: the last column is wrapped, then the others.
pub(super) fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_preset(comfy_table::presets::NOTHING);
    table.set_header(header);
    table.add_rows(rows.into_iter().map(|row| row.into_iter().map(|cell| plain(&cell))));
    if let Some(width) = width() {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        let widths = table.column_max_content_widths();
        let others = widths.split_last().map_or(&[][..], |(_, others)| others);
        let taken: u16 = others.iter().map(|width| width.saturating_add(2)).sum();
        if taken.saturating_add(LAST_COLUMN) <= width {
            let others = table.column_iter_mut().rev().skip(1);
            others.for_each(|column| {
                column.set_constraint(ColumnConstraint::ContentWidth);
            });
        }
    }
    let lines = table.to_string();
    lines.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// Characters that a wrapped last column has at least.
const LAST_COLUMN: u16 = 16;

/// Characters of a line that has room for what is looked up rather than read.
const WIDE: u16 = 120;

/// The width of a line: that of the terminal, or what `COLUMNS` says; `None` where the output is piped.
fn width() -> Option<u16> {
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = console::Term::stdout();
    said.or_else(|| terminal.is_term().then(|| terminal.size_checked()).flatten().map(|it| it.1))
}

/// Whether a line has room for codes beside names.
pub(super) fn is_wide() -> bool {
    width().is_none_or(|width| WIDE <= width)
}

/// A fraction in per cent with one decimal, half away from zero, as the brief has it.
pub(super) fn percent(fraction: Decimal) -> String {
    let points = fraction.saturating_mul(Decimal::ONE_HUNDRED);
    format!("{:.1}%", points.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero))
}

/// A text that stays in its line and tells the terminal nothing: names of files are the senders'.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|it| if is_plain(it) { it } else { char::REPLACEMENT_CHARACTER }).collect()
}

/// Whether a character only stands for itself.
pub(super) fn is_plain(it: char) -> bool {
    !it.is_control() && !is_turning(it)
}

/// Whether a character turns the direction of what follows, so that it reads as something else.
fn is_turning(it: char) -> bool {
    matches!(it, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text that no spreadsheet takes for a formula: what firms wrote is not carried out.
pub(super) fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}
