//! Standard output and standard error: a closed pipe ends a command quietly, it never panics; any other
//! failure to write is kept and told at the end: half an answer must not pass for a whole one.

use std::io::{self, Write};
use std::sync::OnceLock;

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

/// A table with plain columns, aligned also where the text is Chinese.
pub(super) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let mut table = comfy_table::Table::new();
    table.load_preset(comfy_table::presets::NOTHING);
    table.set_header(header);
    table.add_rows(rows.iter().map(|row| row.iter().map(|cell| plain(cell))));
    let lines = table.to_string();
    lines.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// A text that stays in its line and tells the terminal nothing: names of files are the senders'.
fn plain(text: &str) -> String {
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
