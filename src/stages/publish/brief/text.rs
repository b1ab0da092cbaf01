//! From what a template writes to Markdown: unknown figures take their clause, row, column or section
//! along; sections are numbered anew; tables stand in columns on a terminal too.
//!
//! In: the text of a template, in which marks stand for what Markdown has no word for. Out: blocks, of
//! which `markdown` and `page` make the two forms of a brief.

use std::iter;

/// Stands where a figure is unknown.
pub(super) const GAP: char = '\u{FDD0}';
/// Begins a line of HTML that only the page has: tiles, a chart.
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

/// Begins each line of a text with a mark.
pub(super) fn marked(mark: char, text: &str) -> String {
    text.lines().flat_map(|line| [String::from(mark), format!("{line}\n")]).collect()
}

/// A block of a brief; words are Markdown, still with marks.
pub(super) enum Block {
    /// Its level from 1 on, and its words.
    Heading(usize, String),
    /// Before the footer.
    Rule,
    /// A line that is all bold: the caption of a table, the heading of the footer.
    Bold(String),
    /// A paragraph, a list, a note of the bureau.
    Words(String),
    Table(BriefTable),
    /// HTML that only the page has.
    Page(String),
}

/// A table without the columns in which no row has a figure, such as the month's in February.
pub(super) struct BriefTable {
    pub(super) caption: Option<String>,
    /// Whether each column has figures, which stand to the right.
    pub(super) is_figure: Vec<bool>,
    /// The cells of each row, of which the first has the headings.
    pub(super) rows: Vec<Vec<String>>,
}

/// Lines of a template that belong together, with the mark of what they are: `#` for a heading, `=` for
/// the rule, `-` for a list, a space for a paragraph, else what each of them begins with.
fn pieces(written: &str) -> Vec<(char, Vec<&str>)> {
    let mut pieces: Vec<(char, Vec<&str>)> = Vec::new();
    let mut above = None;
    for line in written.lines().map(str::trim_end) {
        let kind = line.chars().next().map(|first| match first {
            KEEP | PAGE | '|' => first,
            '#' if line.trim_start_matches('#').starts_with(' ') => '#',
            '-' if line == "---" => '=',
            '-' if line.starts_with("- ") => '-',
            ' ' if above == Some('-') && line.starts_with("  ") => '-',
            _ => ' ',
        });
        match (kind, pieces.last_mut()) {
            (Some('-' | '|' | ' ' | KEEP | PAGE), Some((_, lines))) if above == kind => {
                lines.push(line);
            }
            (Some(kind), _) => pieces.push((kind, vec![line])),
            (None, _) => {}
        }
        above = kind;
    }
    pieces
}

/// The blocks of a brief of which anything is known: no empty section, numbers without a gap.
pub(super) fn blocks(written: &str) -> Vec<Block> {
    let mut known = Vec::new();
    for (kind, lines) in pieces(written) {
        add(&mut known, kind, &lines);
    }
    let numbers = known.iter().filter_map(|block| match block {
        Block::Heading(2, heading) => Some(numbered(heading)?.0.to_owned()),
        _ => None,
    });
    let mut numbers = numbers.collect::<Vec<_>>().into_iter();
    let mut kept: Vec<Block> = Vec::new();
    for block in known.into_iter().rev() {
        let is_empty = kept.last().is_none_or(|next| (1..=level(&block)).contains(&level(next)));
        if level(&block) < 2 || !is_empty {
            kept.push(block);
        }
    }
    kept.reverse();
    for block in &mut kept {
        if let Block::Heading(2, heading) = block
            && let Some((_, name)) = numbered(heading)
        {
            *heading = numbers.next().unwrap_or_default() + name;
        }
    }
    kept
}

/// The level of a heading; the rule before the footer counts as one, what is no heading has none.
fn level(block: &Block) -> usize {
    match block {
        Block::Heading(level, _) => *level,
        Block::Rule => 1,
        _ => 0,
    }
}

/// Adds what is known of some lines; a table takes its caption along, whether it has rows or not.
fn add(blocks: &mut Vec<Block>, kind: char, lines: &[&str]) {
    let whole = lines.join("\n");
    let known = match kind {
        '#' => {
            let words = whole.trim_start_matches('#');
            Some(Block::Heading(whole.len() - words.len(), words.trim_start().to_owned()))
        }
        '=' => Some(Block::Rule),
        '|' => {
            let caption = match blocks.pop_if(|block| matches!(block, Block::Bold(_))) {
                Some(Block::Bold(caption)) => Some(caption),
                _ => None,
            };
            table(caption, lines).map(Block::Table)
        }
        '-' => {
            let items = lines.chunk_by(|_, next| !next.starts_with("- "));
            let known = items.filter_map(sentences).collect::<Vec<_>>().join("\n");
            (!known.is_empty()).then_some(Block::Words(known))
        }
        PAGE => Some(Block::Page(whole.replace(PAGE, ""))),
        KEEP => Some(Block::Words(whole.replace(KEEP, ""))),
        _ => sentences(lines).map(|words| {
            let bold = words.strip_prefix("**").and_then(|it| it.strip_suffix("**"));
            match bold.filter(|bold| !bold.contains("**")) {
                Some(bold) => Block::Bold(bold.to_owned()),
                None => Block::Words(words),
            }
        }),
    };
    blocks.extend(known);
}

/// The Markdown of the blocks.
pub(super) fn markdown(blocks: &[Block]) -> String {
    let shown = blocks.iter().filter_map(|block| match block {
        Block::Heading(level, heading) => Some(format!("{} {heading}", "#".repeat(*level))),
        Block::Rule => Some("---".to_owned()),
        Block::Bold(bold) => Some(format!("**{bold}**")),
        Block::Words(words) => Some(words.clone()),
        Block::Table(table) => Some(padded(table)),
        Block::Page(_) => None,
    });
    let text = shown.collect::<Vec<_>>().join("\n\n") + "\n";
    text.replace(is_mark, "")
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

/// A table of the columns in which any row has a figure; none without rows.
fn table(caption: Option<String>, lines: &[&str]) -> Option<BriefTable> {
    let lines: Vec<Vec<&str>> = lines.iter().map(|line| cells(line)).collect();
    let [head, rule, body @ ..] = lines.as_slice() else { return None };
    let is_known = |place: &usize| {
        body.iter().any(|row| row.get(*place).is_some_and(|cell| !cell.contains(GAP)))
    };
    let columns: Vec<usize> = (0..head.len().min(rule.len())).filter(is_known).collect();
    let cell = |row: &[&str], place: usize| match row.get(place) {
        Some(cell) if cell.contains(GAP) => NONE.to_owned(),
        cell => cell.copied().unwrap_or_default().to_owned(),
    };
    let row = |row: &Vec<&str>| columns.iter().map(|place| cell(row, *place)).collect();
    let rows = iter::once(head).chain(body).map(row).collect();
    let is_figure = columns.iter().map(|place| cell(rule, *place).ends_with(':')).collect();
    (!columns.is_empty()).then_some(BriefTable { caption, is_figure, rows })
}

/// A table whose cells stand under one another.
fn padded(table: &BriefTable) -> String {
    let mut lines = vec![String::new(); table.rows.len() + 1];
    for (place, is_figure) in table.is_figure.iter().enumerate() {
        let cells = table.rows.iter().filter_map(|row| row.get(place)).map(String::as_str);
        let total = cells.clone().map(width).max().unwrap_or_default().max(3);
        let dashes = "-".repeat(total - 1) + if *is_figure { ":" } else { "-" };
        let column = cells.clone().take(1).chain([dashes.as_str()]).chain(cells.skip(1));
        for (line, cell) in lines.iter_mut().zip(column) {
            let space = " ".repeat(total.saturating_sub(width(cell)));
            let (before, after) = if *is_figure { (&*space, "") } else { ("", &*space) };
            line.extend(["| ", before, cell, after, " "]);
        }
    }
    let caption = table.caption.iter().map(|caption| format!("**{caption}**\n\n"));
    caption.collect::<String>() + &lines.join("|\n") + "|"
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
pub(super) fn width(text: &str) -> usize {
    let columns = |letter| if is_mark(letter) { 0 } else { 1 + usize::from(is_wide(letter)) };
    text.chars().map(columns).sum()
}

/// Whether a character is as wide as two Latin ones.
pub fn is_wide(letter: char) -> bool {
    matches!(letter, '\u{1100}'..='\u{115F}' | '\u{2E80}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE4F}' | '\u{FF00}'..='\u{FF60}'
        | '\u{FFE0}'..='\u{FFE6}' | '\u{20000}'..='\u{3FFFD}')
}
