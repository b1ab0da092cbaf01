//! The blocks of a brief as the parts of its page: Markdown to HTML, nothing raw but our own charts.
//!
//! In: blocks with marks. Out: HTML for the shell `page.html`. HTML inside the Markdown, such as in a
//! note of the bureau, becomes text; pictures become their words, links to elsewhere than the web text.

use pulldown_cmark::{Alignment, Event, Options, Parser, Tag, TagEnd, html};

use super::text::{self, KEEP, PAGE, SHIELD, TEXT};
use crate::texts::Locale;

/// Around a word that is good or bad news.
const TONES: [(char, &str); 3] = [('\u{FDE0}', "good"), ('\u{FDE1}', "watch"), ('\u{FDE2}', "bad")];
const TONE_END: char = '\u{FDE3}';
/// Before a chart.
pub(super) const CHART: char = '\u{FDE4}';
/// Where a chart's number on the page goes.
pub(super) const NUMBER: char = '\u{FDE5}';

/// Where a line of a page-only block ends: a block is one line as long as it is Markdown.
pub(super) const BREAK: char = '\u{FDE6}';

/// What a link may begin with.
const WEB: [&str; 3] = ["http://", "https://", "mailto:"];

/// What `page.html` puts together.
pub(super) struct Parts {
    /// The title, as text.
    pub(super) title: String,
    /// Imprint and notice.
    pub(super) head: String,
    /// Tiles and sections.
    pub(super) body: String,
    /// The footer.
    pub(super) basis: String,
}

/// The parts of a page.
pub(super) fn parts(blocks: &[String], locale: Locale) -> Parts {
    let blocks: Vec<&str> =
        blocks.iter().map(String::as_str).filter(|block| !block.starts_with(TEXT)).collect();
    let (body, basis) = match blocks.iter().position(|block| *block == "---") {
        Some(rule) => blocks.split_at(rule),
        None => (blocks.as_slice(), &[][..]),
    };
    let is_body = |block: &&str| block.starts_with(PAGE) || block.starts_with("## ");
    let (head, body) = body.split_at(body.iter().position(is_body).unwrap_or(body.len()));
    let title = head.first().and_then(|first| first.strip_prefix("# "));
    let head = head.get(usize::from(title.is_some())..).unwrap_or_default();
    let footer: Vec<String> = basis.iter().skip(1).map(|block| footer(block)).collect();
    let footer: Vec<&str> = footer.iter().map(String::as_str).collect();
    Parts {
        title: title.map(words).unwrap_or_default(),
        head: section(head, locale).replacen("<p>", "<p class=\"imprint\">", 1),
        body: finished(&sections(body, locale)),
        basis: section(&footer, locale),
    }
}

/// The bold line of the footer is its heading.
fn footer(block: &str) -> String {
    text::caption(block).map_or_else(|| block.to_owned(), |heading| format!("## {heading}"))
}

fn sections(blocks: &[&str], locale: Locale) -> String {
    let parted = blocks.chunk_by(|_, next| !next.starts_with("## "));
    let parted = parted.map(|blocks| {
        let is_section = blocks.first().is_some_and(|first| first.starts_with("## "));
        let inner = section(blocks, locale);
        if is_section { format!("<section>\n{inner}</section>\n") } else { inner }
    });
    parted.collect()
}

fn section(blocks: &[&str], locale: Locale) -> String {
    let parts = blocks.chunk_by(|this, next| !this.starts_with(PAGE) && !next.starts_with(PAGE));
    let parts = parts.map(|blocks| match blocks.first().and_then(|it| it.strip_prefix(PAGE)) {
        Some(ours) => ours.to_owned() + "\n",
        None => to_html(&blocks.join("\n\n"), locale),
    });
    parts.collect()
}

/// Puts in what has a mark: words with a tone, the numbers of the charts.
fn finished(html: &str) -> String {
    let mut finished = html.replace(TONE_END, "</span>").replace(BREAK, "\n");
    for (mark, tone) in TONES {
        finished = finished.replace(mark, &format!("<span class=\"tone {tone}\">"));
    }
    // each chart has its number three times: title, description, and what they are tied to
    let mut charts = finished.split(CHART);
    let first = charts.next().unwrap_or_default().to_owned();
    let charts = charts.zip(1..).map(|(part, chart)| part.replace(NUMBER, &chart.to_string()));
    first + &charts.collect::<String>()
}

/// A word with a tone.
pub(super) fn toned(tone: &str, word: &str) -> String {
    let mark = TONES.iter().find(|(_, name)| *name == tone).map(|(mark, _)| *mark);
    mark.map_or_else(|| word.to_owned(), |mark| format!("{mark}{word}{TONE_END}"))
}

/// Events of a Markdown text without anything raw.
fn events(markdown: &str) -> Vec<Event<'static>> {
    let markdown = markdown.replace(SHIELD, "\\").replace(KEEP, "");
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
fn words(markdown: &str) -> String {
    let word = |event: &Event<'_>| match event {
        Event::Text(text) => text.to_string(),
        _ => String::new(),
    };
    events(markdown).iter().map(word).collect()
}

/// A line of Markdown as HTML, without a paragraph around it.
pub(super) fn inline(markdown: &str) -> String {
    let mut html = String::new();
    let is_inner = |event: &Event<'_>| {
        !matches!(event, Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph))
    };
    html::push_html(&mut html, events(markdown).into_iter().filter(is_inner));
    html.trim_end().to_owned()
}

fn to_html(markdown: &str, locale: Locale) -> String {
    let events = events(markdown);
    let (mut html, mut rest) = (String::new(), events.as_slice());
    while let Some(start) =
        rest.iter().position(|event| matches!(event, Event::Start(Tag::Table(_))))
    {
        let (before, table) = rest.split_at(start);
        let (caption, before) = captioned(before);
        html::push_html(&mut html, before.iter().cloned());
        let is_end = |event: &Event<'_>| matches!(event, Event::End(TagEnd::Table));
        let end = table.iter().position(is_end).map_or(table.len(), |end| end + 1);
        let (table, after) = table.split_at(end);
        html.push_str(&self::table(table, caption, locale));
        rest = after;
    }
    html::push_html(&mut html, rest.iter().cloned());
    html
}

/// The bold line just before a table, and what comes before that.
fn captioned<'a>(before: &'a [Event<'static>]) -> (&'a [Event<'static>], &'a [Event<'static>]) {
    let is_start = |event: &Event<'_>| matches!(event, Event::Start(Tag::Paragraph));
    let split = before.iter().rposition(is_start).map(|start| before.split_at(start));
    match split {
        Some((
            before,
            [
                Event::Start(Tag::Paragraph),
                Event::Start(Tag::Strong),
                caption @ ..,
                Event::End(TagEnd::Strong),
                Event::End(TagEnd::Paragraph),
            ],
        )) => (caption, before),
        _ => (&[], before),
    }
}

/// A table with its caption; the first cell of a row heads it.
fn table(events: &[Event<'static>], caption: &[Event<'static>], locale: Locale) -> String {
    let mut html = String::from("<div class=\"scroll\"><table>\n");
    if !caption.is_empty() {
        html.push_str("<caption>");
        html::push_html(&mut html, caption.iter().cloned());
        html.push_str("</caption>\n");
    }
    let aligned = match events.first() {
        Some(Event::Start(Tag::Table(aligned))) => aligned.as_slice(),
        _ => &[],
    };
    let (mut place, mut is_head, mut start) = (0, false, 0);
    for (at, event) in events.iter().enumerate() {
        match event {
            Event::Start(Tag::TableHead) => {
                is_head = true;
                html.push_str("<thead><tr>");
            }
            Event::Start(Tag::TableRow) => {
                place = 0;
                html.push_str("<tr>");
            }
            Event::Start(Tag::TableCell) => start = at + 1,
            Event::End(TagEnd::TableCell) => {
                let is_figure = aligned.get(place) == Some(&Alignment::Right);
                let inner = events.get(start..at).unwrap_or_default();
                let (tag, scope) = match (is_head, place) {
                    (true, _) => ("th", " scope=\"col\""),
                    (false, 0) => ("th", " scope=\"row\""),
                    (false, _) => ("td", ""),
                };
                let class = if is_figure { " class=\"figure\"" } else { "" };
                let lang = if is_head { "" } else { foreign(inner, locale) };
                html.push_str(&["<", tag, scope, class, lang, ">"].concat());
                html::push_html(&mut html, inner.iter().cloned());
                html.push_str(&["</", tag, ">"].concat());
                place += 1;
            }
            Event::End(TagEnd::TableHead) => {
                is_head = false;
                html.push_str("</tr></thead>\n<tbody>\n");
            }
            Event::End(TagEnd::TableRow) => html.push_str("</tr>\n"),
            _ => {}
        }
    }
    html + "</tbody>\n</table></div>\n"
}

/// Marks a Chinese name on an English page, so that it is pronounced and set as Chinese.
fn foreign(inner: &[Event<'_>], locale: Locale) -> &'static str {
    let is_chinese = inner.iter().any(|event| match event {
        Event::Text(text) => text.contains(|letter| matches!(letter, '\u{4E00}'..='\u{9FFF}')),
        _ => false,
    });
    if locale == Locale::En && is_chinese { " lang=\"zh-CN\"" } else { "" }
}
