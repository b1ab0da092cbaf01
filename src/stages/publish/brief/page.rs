//! The blocks of a brief as the parts of its page: Markdown to HTML, nothing raw but our own charts.
//!
//! In: blocks. Out: HTML for the shell `page.html`. HTML inside the Markdown, such as in a note of the
//! bureau, becomes text; pictures become their words, links to elsewhere than the web text.

use std::collections::BTreeMap;

use minijinja::value::Value;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};

use super::text::{Block, BriefTable, SHIELD, TEXT};
use crate::texts::Locale;

/// Around a word that is good or bad news.
pub(super) const TONES: [(char, &str); 3] =
    [('\u{FDE0}', "good"), ('\u{FDE1}', "watch"), ('\u{FDE2}', "bad")];
pub(super) const TONE_END: char = '\u{FDE3}';

/// What a link may begin with.
const WEB: [&str; 3] = ["http://", "https://", "mailto:"];

/// What `page.html` puts together: the title; imprint and notice; tiles and sections; the footer.
pub(super) fn parts(blocks: &[Block], locale: Locale) -> BTreeMap<&'static str, Value> {
    let (title, blocks) = match blocks {
        [Block::Heading(1, title), rest @ ..] => (words(title), rest),
        _ => (String::new(), blocks),
    };
    let place = |is: fn(&Block) -> bool| blocks.iter().position(is);
    let rule = place(|block| matches!(block, Block::Rule)).unwrap_or(blocks.len());
    let start = place(|block| matches!(block, Block::Page(_) | Block::Heading(2, _)));
    let (above, basis) = blocks.split_at(rule);
    let (head, body) = above.split_at(start.unwrap_or(rule).min(rule));
    let html = |blocks: &[Block]| blocks.iter().map(|it| to_html(it, locale)).collect::<String>();
    let is_section = |block: &Block| matches!(block, Block::Heading(2, _));
    let is_part = |block: &Block| matches!(block, Block::Heading(3, _));
    let part = |blocks: &[Block]| {
        let inner = html(blocks);
        let is_part = blocks.first().is_some_and(is_part);
        if is_part { format!("<div class=\"part\">\n{inner}</div>\n") } else { inner }
    };
    let sections = body.chunk_by(|_, next| !is_section(next)).map(|blocks| {
        let inner: String = blocks.chunk_by(|_, next| !is_part(next)).map(part).collect();
        let is_section = blocks.first().is_some_and(is_section);
        if is_section { format!("<section>\n{inner}</section>\n") } else { inner }
    });
    let mut body: String = sections.collect();
    for (mark, tone) in TONES {
        body = body.replace(mark, &format!("<span class=\"tone {tone}\">"));
    }
    // The bold line of the footer is its heading.
    let basis = basis.iter().skip(1).map(|block| match block {
        Block::Bold(heading) => format!("<h2>{}</h2>\n", inline(heading)),
        block => to_html(block, locale),
    });
    let head = html(head).replacen("<p>", "<p class=\"imprint\">", 1);
    BTreeMap::from([
        ("title", Value::from(title)),
        ("head", Value::from_safe_string(head)),
        ("body", Value::from_safe_string(body.replace(TONE_END, "</span>"))),
        ("basis", Value::from_safe_string(basis.collect())),
    ])
}

fn to_html(block: &Block, locale: Locale) -> String {
    match block {
        Block::Heading(level, words) => format!("<h{level}>{}</h{level}>\n", inline(words)),
        Block::Rule => "<hr />\n".to_owned(),
        Block::Bold(words) => format!("<p><strong>{}</strong></p>\n", inline(words)),
        Block::Words(words) if words.starts_with(TEXT) => String::new(),
        Block::Words(words) => written(events(words)),
        Block::Table(table) => self::table(table, locale),
        Block::Page(html) => format!("{html}\n"),
    }
}

fn written(events: Vec<Event<'static>>) -> String {
    let mut html = String::new();
    html::push_html(&mut html, events.into_iter());
    html.replace("<table>", "<div class=\"scroll\"><table>").replace("</table>", "</table></div>")
}

/// Events of a Markdown text without anything raw.
pub(super) fn events(markdown: &str) -> Vec<Event<'static>> {
    let markdown = markdown.replace(SHIELD, "\\");
    let mut is_refused = false;
    let safe = |event: Event<'static>| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Some(Event::Text(raw)),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        Event::Start(Tag::Link { ref dest_url, .. }) => {
            is_refused = !WEB.iter().any(|web| dest_url.starts_with(web));
            (!is_refused).then_some(event)
        }
        Event::End(TagEnd::Link) => (!is_refused).then_some(event),
        Event::Start(Tag::BlockQuote(_)) => {
            Some(Event::Html("<div class=\"notice\" role=\"note\">\n".into()))
        }
        Event::End(TagEnd::BlockQuote(_)) => Some(Event::Html("</div>\n".into())),
        event => Some(event),
    };
    let events = Parser::new_ext(&markdown, Options::ENABLE_TABLES).map(Event::into_static);
    events.filter_map(safe).collect()
}

/// The words of a Markdown text, without any markup.
pub(super) fn words(markdown: &str) -> String {
    let word = |event: &Event<'_>| match event {
        Event::Text(text) => text.to_string(),
        _ => String::new(),
    };
    events(markdown).iter().map(word).collect()
}

/// Words inside a line as HTML.
pub(super) fn inline(markdown: &str) -> String {
    written(line_events(markdown))
}

/// Events of words inside a line.
pub(super) fn line_events(markdown: &str) -> Vec<Event<'static>> {
    // In a heading nothing is read as a list or a rule.
    let mut events = events(&format!("# {markdown} #"));
    events.retain(|it| {
        !matches!(it, Event::Start(Tag::Heading { .. }) | Event::End(TagEnd::Heading(_)))
    });
    events
}

/// A table with its caption; the first cell of a row heads it. A Chinese name on an English page is
/// marked, so that it is pronounced and set as Chinese.
fn table(table: &BriefTable, locale: Locale) -> String {
    let is_chinese = |letter| matches!(letter, '\u{4E00}'..='\u{9FFF}');
    let row = |(nth, row): (usize, &Vec<String>)| -> String {
        let cells =
            row.iter().zip(&table.is_figure).enumerate().map(|(place, (cell, is_figure))| {
                let (tag, scope) = match (nth, place) {
                    (0, _) => ("th", " scope=\"col\""),
                    (_, 0) => ("th", " scope=\"row\""),
                    _ => ("td", ""),
                };
                let class = if *is_figure { " class=\"figure\"" } else { "" };
                let is_foreign = nth > 0 && locale == Locale::En && cell.contains(is_chinese);
                let lang = if is_foreign { " lang=\"zh-CN\"" } else { "" };
                format!("<{tag}{scope}{class}{lang}>{}</{tag}>", inline(cell))
            });
        format!("<tr>{}</tr>", cells.collect::<String>())
    };
    let caption = table.caption.iter().map(|it| format!("<caption>{}</caption>\n", inline(it)));
    let mut rows = table.rows.iter().enumerate().map(row);
    let head = rows.next().unwrap_or_default();
    let body: String = rows.map(|row| row + "\n").collect();
    let columns = table.is_figure.len();
    let kind = if table.is_figure.iter().skip(1).all(|it| *it) { "figures" } else { "words" };
    format!(
        "<div class=\"scroll {kind} columns-{columns}\" tabindex=\"0\"><table>\n{}<thead>{head}</thead>\n<tbody>\n{body}</tbody>\n</table></div>\n",
        caption.collect::<String>()
    )
}
