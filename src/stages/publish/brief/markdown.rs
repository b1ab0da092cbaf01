//! The document as Markdown.
//!
//! In: the document. Out: text that a Markdown reader renders and that also stands in columns on a
//! terminal. Names from workbooks cannot break out of it: marks are escaped, control characters
//! and line breaks become spaces. Charts are left out, their figures stand in the tables.

use std::fmt::Write as _;

use super::document::{Block, Column, Document, Table};
use super::figures::NONE;

/// Renders a document.
pub(crate) fn render(document: &Document) -> String {
    let mut text = format!("# {}\n", escape(&document.title));
    paragraph(&mut text, &escape(&document.imprint.join(" · ")));
    if let Some(notice) = &document.notice {
        paragraph(&mut text, &format!("> **{}**", escape(notice)));
    }
    for section in &document.sections {
        paragraph(&mut text, &format!("## {}", escape(&section.heading)));
        section.blocks.iter().for_each(|piece| block(&mut text, piece));
    }
    paragraph(&mut text, "---");
    paragraph(&mut text, &format!("**{}**", escape(&document.footer_heading)));
    list(&mut text, &document.footer);
    for link in &document.links {
        paragraph(&mut text, &format!("[{}]({}.md)", escape(&link.label), link.file_stem));
    }
    text
}

fn paragraph(text: &mut String, line: &str) {
    text.push('\n');
    text.push_str(line);
    text.push('\n');
}

fn block(text: &mut String, block: &Block) {
    match block {
        Block::Subheading(heading) => paragraph(text, &format!("### {}", escape(heading))),
        Block::Paragraph(sentences) => paragraph(text, &escape(sentences)),
        Block::List(items) => list(text, items),
        Block::Table(contents) => table(text, contents),
        Block::Chart(_) => {}
    }
}

fn list(text: &mut String, items: &[String]) {
    text.push('\n');
    for item in items {
        text.push_str("- ");
        text.push_str(&escape(item));
        text.push('\n');
    }
}

fn table(text: &mut String, table: &Table) {
    paragraph(text, &format!("**{}**", escape(&table.caption)));
    let headings: Vec<String> =
        table.columns.iter().map(|column| escape(&column.heading)).collect();
    let cell = |text: &Option<String>| text.as_deref().map_or_else(|| NONE.to_owned(), escape);
    let rows = table.rows.iter();
    let rows: Vec<Vec<String>> =
        rows.map(|row| row.iter().map(|entry| cell(&entry.text)).collect()).collect();
    let width_of = |(place, heading): (usize, &String)| {
        let cells = rows.iter().filter_map(|row| row.get(place));
        cells.map(|cell| width(cell)).max().unwrap_or_default().max(width(heading)).max(3)
    };
    let widths: Vec<usize> = headings.iter().enumerate().map(width_of).collect();
    text.push('\n');
    line(text, &headings, &widths, &table.columns);
    let rules = table.columns.iter().zip(&widths).map(|(column, width)| {
        let dashes = "-".repeat(width.saturating_sub(1));
        if column.is_figure { format!("{dashes}:") } else { format!("-{dashes}") }
    });
    let rules: Vec<String> = rules.collect();
    line(text, &rules, &widths, &table.columns);
    for row in &rows {
        line(text, row, &widths, &table.columns);
    }
}

fn line(text: &mut String, cells: &[String], widths: &[usize], columns: &[Column]) {
    for ((cell, total), column) in cells.iter().zip(widths).zip(columns) {
        let padding = " ".repeat(total.saturating_sub(width(cell)));
        let (before, after) = if column.is_figure { (&*padding, "") } else { ("", &*padding) };
        write!(text, "| {before}{cell}{after} ").expect("writing to a string succeeds");
    }
    text.push_str("|\n");
}

/// Columns of a terminal a text takes: Chinese characters and full-width marks take two.
fn width(text: &str) -> usize {
    text.chars().map(|letter| if is_wide(letter) { 2 } else { 1 }).sum()
}

/// Whether a character is as wide as two Latin ones.
pub(crate) fn is_wide(letter: char) -> bool {
    matches!(letter, '\u{1100}'..='\u{115F}' | '\u{2E80}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE4F}' | '\u{FF00}'..='\u{FF60}'
        | '\u{FFE0}'..='\u{FFE6}' | '\u{20000}'..='\u{3FFFD}')
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | '|' | '`' | '*' | '_' | '<' | '[' | ']' => escaped.extend(['\\', letter]),
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}
