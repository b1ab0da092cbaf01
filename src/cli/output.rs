//! Standard output and standard error: a closed pipe ends a command quietly, it never panics.

use std::io::{self, Write};

use serde::Serialize;

/// Prints a text and a line end on standard output.
pub(super) fn print(text: &str) {
    let _ = writeln!(io::stdout().lock(), "{text}");
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
    table.add_rows(rows);
    let lines = table.to_string();
    lines.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}
