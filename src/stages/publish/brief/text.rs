//! From what a template writes to Markdown: unknown figures take their clause, row, column or section
//! along; sections are numbered anew; tables stand in columns on a terminal too.
//!
//! In: the text of a template, in which marks stand for what Markdown has no word for. Out: blocks,
//! still with marks, of which `markdown` and `page` make the two forms of a brief.

use std::iter;

/// Stands where a figure is unknown.
pub(super) const GAP: char = '\u{FDD0}';
/// Begins a block of HTML that only the page has: tiles, a chart.
pub(super) const PAGE: char = '\u{FDD1}';
/// Begins a line that only the Markdown has.
pub(super) const TEXT: char = '\u{FDD2}';
/// Begins a line that stays as it is: a note of the bureau.
pub(super) const KEEP: char = '\u{FDD3}';
/// Before a character that means nothing but itself: a backslash on the way to the page.
pub(super) const SHIELD: char = '\u{FDD4}';

/// What stands in a table where there is no figure.
pub(super) const NONE: &str = "—";

/// Whether a character is one of the marks: Unicode keeps these for a program's own use, no text has
/// them.
pub(super) fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{FDD0}'..='\u{FDEF}')
}

/// A text of a workbook or a seed inside Markdown: it cannot break out, and means only itself.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | '|' | '`' | '*' | '_' | '<' | '[' | ']' => escaped.extend(['\\', letter]),
            letter if letter.is_ascii_punctuation() => escaped.extend([SHIELD, letter]),
            letter if letter.is_control() || is_mark(letter) => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// Lines of a template that belong together.
enum Piece<'a> {
    Heading(usize, &'a str),
    Rule,
    Paragraph(Vec<&'a str>),
    List(Vec<Vec<&'a str>>),
    Table(Vec<&'a str>),
    Kept(Vec<&'a str>),
}

/// A block of a brief; a heading has a level from 1 on, the rule before the footer counts as one.
struct Block {
    level: usize,
    text: String,
}

/// The blocks of a brief.
pub(super) fn blocks(written: &str) -> Vec<String> {
    let pieces = pieces(written);
    let numbers = pieces.iter().filter_map(|piece| match piece {
        Piece::Heading(2, heading) => numbered(heading).map(|(number, _)| number),
        _ => None,
    });
    let numbers: Vec<&str> = numbers.collect();
    let after = pieces.iter().skip(1).map(Some).chain(iter::once(None));
    let known = pieces.iter().zip(after).filter_map(|(piece, after)| block(piece, after));
    let mut kept: Vec<Block> = Vec::new();
    for block in known.collect::<Vec<_>>().into_iter().rev() {
        let is_followed =
            kept.last().is_some_and(|next| next.level == 0 || block.level < next.level);
        if block.level < 2 || is_followed {
            kept.push(block);
        }
    }
    let mut numbers = numbers.into_iter();
    let finished = kept.into_iter().rev().map(|Block { level, text }| match level {
        2 => match text.strip_prefix("## ").and_then(numbered) {
            Some((_, name)) => format!("## {}{name}", numbers.next().unwrap_or_default()),
            None => text,
        },
        _ => text,
    });
    finished.collect()
}

/// Whether any of the blocks is a section.
pub(super) fn has_sections(blocks: &[String]) -> bool {
    blocks.iter().any(|block| block.starts_with("## "))
}

/// The Markdown of the blocks.
pub(super) fn markdown(blocks: &[String]) -> String {
    let shown = blocks.iter().filter(|block| !block.starts_with(PAGE)).map(String::as_str);
    let text = shown.collect::<Vec<_>>().join("\n\n") + "\n";
    text.replace(is_mark, "")
}

fn pieces(written: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut is_open = false;
    for line in written.lines().map(str::trim_end) {
        let open = pieces.last_mut().filter(|_| is_open);
        is_open = !line.is_empty();
        let level = line.chars().take_while(|letter| *letter == '#').count();
        let heading = line.get(level..).and_then(|rest| rest.strip_prefix(' '));
        match (open, line.strip_prefix("- ")) {
            _ if line.is_empty() => {}
            (_, _) if line == "---" => pieces.push(Piece::Rule),
            (Some(Piece::Kept(lines)), _) if line.starts_with(KEEP) => lines.push(line),
            _ if line.starts_with([KEEP, PAGE]) => pieces.push(Piece::Kept(vec![line])),
            (Some(Piece::Table(lines)), _) if line.starts_with('|') => lines.push(line),
            _ if line.starts_with('|') => pieces.push(Piece::Table(vec![line])),
            (Some(Piece::List(items)), Some(item)) => items.push(vec![item]),
            (_, Some(item)) => pieces.push(Piece::List(vec![vec![item]])),
            (Some(Piece::List(items)), None) if line.starts_with("  ") => {
                items.last_mut().into_iter().for_each(|item| item.push(line));
            }
            (_, None) if 0 < level && heading.is_some() => {
                pieces.push(Piece::Heading(level, heading.unwrap_or_default()));
            }
            (Some(Piece::Paragraph(lines)), None) => lines.push(line),
            (_, None) => pieces.push(Piece::Paragraph(vec![line])),
        }
    }
    pieces
}

/// The block of a piece, if anything is known of it; a caption goes with its table.
fn block(piece: &Piece<'_>, after: Option<&Piece<'_>>) -> Option<Block> {
    let (level, text) = match piece {
        Piece::Heading(level, heading) => (*level, format!("{} {heading}", "#".repeat(*level))),
        Piece::Rule => (1, "---".to_owned()),
        Piece::Paragraph(lines) => {
            let text = sentences(lines)?;
            match after {
                Some(Piece::Table(table)) if caption(&text).is_some() => self::table(table)?,
                _ => String::new(),
            };
            (0, text)
        }
        Piece::List(items) => {
            let known: Vec<String> =
                items.iter().filter_map(|item| Some(format!("- {}", sentences(item)?))).collect();
            (0, Some(known.join("\n")).filter(|list| !list.is_empty())?)
        }
        Piece::Table(lines) => (0, table(lines)?),
        Piece::Kept(lines) => (0, lines.join("\n")),
    };
    Some(Block { level, text })
}

/// What a line says that is all bold: the caption of a table, the heading of the footer.
pub(super) fn caption(block: &str) -> Option<&str> {
    block.strip_prefix("**")?.strip_suffix("**")
}

/// A heading's number with its mark, and its name: `一、` and `总体运行`.
fn numbered(heading: &str) -> Option<(&str, &str)> {
    let end = ["、", ". "].iter().find_map(|mark| Some(heading.find(mark)? + mark.len()))?;
    let (number, name) = heading.split_at(end);
    (number.chars().count() <= 4).then_some((number, name))
}

/// Sentences of clauses, one a line. A clause with a gap is left out, a sentence whose first clause has
/// one is left out whole; what then ends in a comma ends in a full stop.
fn sentences(lines: &[&str]) -> Option<String> {
    let is_end = |line: &&str| line.ends_with(['。', '.', '！', '!', '？', '?']);
    let mut text = String::new();
    for sentence in lines.split_inclusive(is_end) {
        if sentence.first().is_none_or(|first| first.contains(GAP)) {
            continue;
        }
        for clause in sentence.iter().filter(|clause| !clause.contains(GAP)) {
            if text.ends_with(|last: char| last.is_ascii()) {
                text.push(' ');
            }
            text.push_str(clause.trim());
        }
        for (comma, stop) in [('，', '。'), (',', '.')] {
            if text.ends_with(comma) {
                text.pop();
                text.push(stop);
            }
        }
    }
    (!text.is_empty()).then_some(text)
}

/// A table whose cells stand under one another, without the columns in which no row has a figure, such
/// as the month's in February; none without rows.
fn table(lines: &[&str]) -> Option<String> {
    let rows: Vec<Vec<&str>> = lines.iter().map(|line| cells(line)).collect();
    let [head, rule, body @ ..] = rows.as_slice() else { return None };
    let mut padded = vec![String::new(); if body.is_empty() { 0 } else { rows.len() }];
    for (place, (heading, rule)) in head.iter().zip(rule).enumerate() {
        let cells = body.iter().map(|row| row.get(place).copied().unwrap_or_default());
        let cells = cells.map(|cell| if cell.contains(GAP) { NONE } else { cell });
        let cells: Vec<&str> = cells.collect();
        if body.iter().all(|row| row.get(place).is_none_or(|cell| cell.contains(GAP))) {
            continue;
        }
        let wide = iter::once(heading).chain(&cells).map(|cell| width(cell)).max();
        let total = wide.unwrap_or_default().max(3);
        let is_figure = rule.ends_with(':');
        let dashes = "-".repeat(total - 1) + if is_figure { ":" } else { "-" };
        let column = iter::once(*heading).chain(iter::once(dashes.as_str())).chain(cells);
        for (line, cell) in padded.iter_mut().zip(column) {
            let space = " ".repeat(total.saturating_sub(width(cell)));
            let (before, after) = if is_figure { (&*space, "") } else { ("", &*space) };
            line.extend(["| ", before, cell, after, " "]);
        }
    }
    let lines: Vec<String> = padded.into_iter().map(|line| line + "|").collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// The cells of a line; an escaped `|` parts none.
pub(super) fn cells(line: &str) -> Vec<&str> {
    let line = line.trim().strip_prefix('|').unwrap_or(line);
    let mut cells = Vec::new();
    let (mut start, mut is_escaped) = (0, false);
    for (place, letter) in line.char_indices() {
        if letter == '|' && !is_escaped {
            cells.push(line.get(start..place).unwrap_or_default().trim());
            start = place + 1;
        }
        is_escaped = letter == '\\' && !is_escaped;
    }
    let rest = line.get(start..).unwrap_or_default().trim();
    cells.extend((!rest.is_empty()).then_some(rest));
    cells
}

/// Columns of a terminal a text takes: Chinese characters and full-width marks take two.
fn width(text: &str) -> usize {
    let columns = |letter| if is_mark(letter) { 0 } else { 1 + usize::from(is_wide(letter)) };
    text.chars().map(columns).sum()
}

/// Whether a character is as wide as two Latin ones.
pub(super) fn is_wide(letter: char) -> bool {
    matches!(letter, '\u{1100}'..='\u{115F}' | '\u{2E80}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE4F}' | '\u{FF00}'..='\u{FF60}'
        | '\u{FFE0}'..='\u{FFE6}' | '\u{20000}'..='\u{3FFFD}')
}
