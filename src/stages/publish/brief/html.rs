//! The document as one HTML page: styles and charts inside, no script, no outside reference.
//!
//! In: the document. Out: the page. It follows the reader's light or dark setting, prints on A4,
//! and is readable by a screen reader: language, headings, table headers, charts with a
//! description. Everything that is not ours is escaped.

use super::chart;
use super::document::{Block, Cell, Column, Document, Link, Section, Table, Tile, Tone};
use super::figures::NONE;
use crate::texts::Locale;

const STYLE: &str = include_str!("page.css");

/// Renders a document.
pub(crate) fn render(document: &Document) -> String {
    let mut page = head(document);
    page.push_str(&header(document));
    page.push_str(&tiles(&document.tiles));
    let mut charts = 0;
    for part in &document.sections {
        page.push_str(&section(part, document.locale, &mut charts));
    }
    page.push_str(&footer(document));
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

/// The BCP 47 tag of a language.
fn tag(locale: Locale) -> &'static str {
    match locale {
        Locale::Zh => "zh-CN",
        Locale::En => "en",
    }
}

fn head(document: &Document) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n",
        tag(document.locale),
        escape(&document.title),
    )
}

fn header(document: &Document) -> String {
    let imprint = document.imprint.iter().map(|part| element("span", part));
    let notice = document.notice.iter();
    let notice =
        notice.map(|notice| format!("<p class=\"notice\" role=\"note\">{}</p>\n", escape(notice)));
    format!(
        "<header>\n{}{}<p class=\"imprint\">{}</p>\n{}</header>\n",
        links(document),
        element("h1", &document.title),
        all(imprint),
        all(notice),
    )
}

fn links(document: &Document) -> String {
    if document.links.is_empty() {
        return String::new();
    }
    let link = |link: &Link| {
        let tag = tag(link.locale);
        let (file, label) = (escape(&link.file_stem), escape(&link.label));
        format!("<a href=\"{file}.html\" hreflang=\"{tag}\" lang=\"{tag}\">{label}</a>")
    };
    let label = escape(&document.links_label);
    format!("<nav aria-label=\"{label}\">{}</nav>\n", all(document.links.iter().map(link)))
}

fn tiles(tiles: &[Tile]) -> String {
    if tiles.is_empty() {
        return String::new();
    }
    let tile = |tile: &Tile| {
        let note = tile.note.as_deref().unwrap_or_default();
        format!(
            "<div><dt>{}</dt><dd><strong>{}</strong><small>{}</small></dd></div>\n",
            escape(&tile.label),
            escape(&tile.value),
            escape(note),
        )
    };
    format!("<dl class=\"tiles\">\n{}</dl>\n", all(tiles.iter().map(tile)))
}

fn section(section: &Section, locale: Locale, charts: &mut usize) -> String {
    let blocks = section.blocks.iter().map(|block| match block {
        Block::Subheading(heading) => element("h3", heading),
        Block::Paragraph(sentences) => element("p", sentences),
        Block::List(items) => list(items),
        Block::Table(contents) => table(contents, locale),
        Block::Chart(drawing) => {
            *charts += 1;
            chart::figure(drawing, *charts)
        }
    });
    let blocks = all(blocks);
    format!("<section>\n{}{blocks}</section>\n", element("h2", &section.heading))
}

/// An element that holds a text.
fn element(tag: &str, text: &str) -> String {
    format!("<{tag}>{}</{tag}>\n", escape(text))
}

fn all(parts: impl Iterator<Item = String>) -> String {
    parts.collect()
}

fn list(items: &[String]) -> String {
    format!("<ul>\n{}</ul>\n", all(items.iter().map(|item| element("li", item))))
}

fn table(table: &Table, locale: Locale) -> String {
    let headings = table.columns.iter().map(|column| {
        let (class, heading) = (class(column), escape(&column.heading));
        format!("<th scope=\"col\"{class}>{heading}</th>")
    });
    let rows = table.rows.iter().map(|cells| row(cells, table, locale));
    format!(
        "<div class=\"scroll\"><table>\n{}<thead><tr>{}</tr></thead>\n\
         <tbody>\n{}</tbody>\n</table></div>\n",
        element("caption", &table.caption),
        all(headings),
        all(rows),
    )
}

fn class(column: &Column) -> &'static str {
    if column.is_figure { " class=\"figure\"" } else { "" }
}

/// One row, headed by its first cell.
fn row(cells: &[Cell], table: &Table, locale: Locale) -> String {
    let cells = cells.iter().zip(&table.columns).enumerate().map(|(place, (cell, column))| {
        let (text, lang) = (contents(cell), foreign(cell, locale));
        if place == 0 {
            return format!("<th scope=\"row\"{lang}>{text}</th>");
        }
        format!("<td{}{lang}>{text}</td>", class(column))
    });
    format!("<tr>{}</tr>\n", all(cells))
}

fn contents(cell: &Cell) -> String {
    let text = cell.text.as_deref().map_or_else(|| NONE.to_owned(), escape);
    let tone = match cell.tone {
        Tone::Plain => return text,
        Tone::Good => "good",
        Tone::Watch => "watch",
        Tone::Bad => "bad",
    };
    format!("<span class=\"tone {tone}\">{text}</span>")
}

/// Marks a Chinese name on an English page, so that it is pronounced and set as Chinese.
fn foreign(cell: &Cell, locale: Locale) -> &'static str {
    let is_chinese = cell
        .text
        .as_deref()
        .is_some_and(|text| text.chars().any(|letter| matches!(letter, '\u{4E00}'..='\u{9FFF}')));
    if locale == Locale::En && is_chinese { " lang=\"zh-CN\"" } else { "" }
}

fn footer(document: &Document) -> String {
    let heading = element("h2", &document.footer_heading);
    format!("<footer>\n{heading}{}</footer>\n", list(&document.footer))
}

/// Text as HTML text or attribute value; control characters become spaces.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}
