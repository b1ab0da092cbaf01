//! The blocks of a brief as a document for Word, in the layout of a reference document.
//!
//! In: blocks, `reference.docx` as a bureau keeps it in Word, what its placeholders stand for. Out: a
//! document with the reference's styles, header, footer and page, whose text is that of the page; charts stay
//! there. The same input gives the same bytes: times are those of the month. What can go wrong: the
//! reference is no document, lacks a style or the place of the text.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Cursor, Read, Write as _};

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{DateTime, ZipArchive, ZipWriter};

use super::page;
use super::text::{Block, is_mark};
use super::wordml::Body;
use crate::domain::period::Period;

/// The paragraph of the reference in whose place the text stands.
const BODY: &str = "body";

/// Where the text of a document stands, and where its styles do.
const DOCUMENT: &str = "word/document.xml";
const STYLES: &str = "word/styles.xml";
const PROPERTIES: &str = "docProps/core.xml";

/// The styles that a reference has to have, by the names Word itself knows them by in every language.
pub(super) const NAMES: [&str; 8] = [
    "heading 1",
    "heading 2",
    "heading 3",
    "Body Text",
    "List Bullet",
    "caption",
    "Table Grid",
    "Table Text",
];

/// Writes a document; `about` has a text for each placeholder, `title` and `bureau` among them.
pub(super) fn write(
    reference: &[u8],
    blocks: &[&Block],
    about: &BTreeMap<&str, String>,
    period: Period,
) -> Result<Vec<u8>, String> {
    let unreadable = |error: ZipError| format!("is no Word document (.docx): {error}");
    let mut parts = ZipArchive::new(Cursor::new(reference)).map_err(unreadable)?;
    let mut part = |name: &str| {
        let mut text = String::new();
        let mut part = parts.by_name(name).map_err(unreadable)?;
        part.read_to_string(&mut text).map_err(|error| unreadable(error.into()))?;
        Ok::<_, String>(text)
    };
    let styles = styles(&part(STYLES)?)?;
    let mut body = Body::new(&styles);
    for block in blocks {
        body.add(block);
    }
    let body = body.xml;
    let is_there = paragraphs(&part(DOCUMENT)?).any(|it| placeholder(&text(it)) == Some(BODY));
    if !is_there {
        return Err("has no paragraph `{{ body }}`, in whose place the text is put".to_owned());
    }
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().last_modified_time(DateTime::default());
    for place in 0..parts.len() {
        let mut part = parts.by_index(place).map_err(unreadable)?;
        let name = part.name().map_err(unreadable)?.into_owned();
        let is_filled = name == DOCUMENT
            || ["word/header", "word/footer"].iter().any(|start| name.starts_with(start));
        if !is_filled && name != PROPERTIES {
            writer.raw_copy_file(part).map_err(unreadable)?;
            continue;
        }
        let mut text = String::new();
        part.read_to_string(&mut text).map_err(|error| unreadable(error.into()))?;
        let text = if is_filled { filled(&text, &body, about) } else { properties(about, period) };
        writer.start_file(name, options).map_err(unreadable)?;
        writer.write_all(text.as_bytes()).map_err(|error| unreadable(error.into()))?;
    }
    Ok(writer.finish().map_err(unreadable)?.into_inner())
}

/// The words of a block without markup, for a placeholder.
pub(super) fn words(block: &Block) -> String {
    match block {
        Block::Heading(_, words) | Block::Bold(words) | Block::Words(words) => {
            page::words(words).replace(is_mark, "")
        }
        _ => String::new(),
    }
}

/// The styles by name, each with the identifier by which text refers to it.
fn styles(xml: &str) -> Result<BTreeMap<&'static str, String>, String> {
    let mut known = BTreeMap::new();
    for style in xml.split("<w:style ").skip(1) {
        let name = style.split_once("<w:name ").and_then(|(_, rest)| attribute(rest, "w:val"));
        let wanted = NAMES.iter().find(|it| name.is_some_and(|name| name.eq_ignore_ascii_case(it)));
        if let (Some(wanted), Some(id)) = (wanted, attribute(style, "w:styleId")) {
            known.insert(*wanted, id.to_owned());
        }
    }
    match NAMES.iter().find(|name| !known.contains_key(*name)) {
        None => Ok(known),
        Some(missing) => {
            Err(format!("has no style `{missing}`: all of {} are used", NAMES.join(", ")))
        }
    }
}

/// An attribute of the tag a text begins with.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (tag, _) = tag.split_once('>')?;
    tag.split_once(&format!("{name}=\""))?.1.split_once('"').map(|(value, _)| value)
}

/// A part of the reference with its placeholders filled: a paragraph that bears one is written as one piece,
/// since Word parts what is typed as it likes.
fn filled(part: &str, body: &str, about: &BTreeMap<&str, String>) -> String {
    let mut filled = part.to_owned();
    for paragraph in paragraphs(part) {
        let words = text(paragraph);
        if placeholder(&words) == Some(BODY) {
            filled = filled.replacen(paragraph, body, 1);
        } else if words.contains("{{") {
            filled = filled.replacen(paragraph, &said(paragraph, &words, about), 1);
        }
    }
    filled
}

/// A paragraph with its placeholders filled, in the form of its first words.
fn said(paragraph: &str, words: &str, about: &BTreeMap<&str, String>) -> String {
    let piece = |name: &str| {
        let start = paragraph.find(&format!("<{name}>"))?;
        let end = paragraph.find(&format!("</{name}>"))? + name.len() + 3;
        paragraph.get(start..end)
    };
    let mut text = words.to_owned();
    for (name, value) in about {
        for form in [format!("{{{{ {name} }}}}"), format!("{{{{{name}}}}}")] {
            text = text.replace(&form, &escaped(value));
        }
    }
    let (form, run) = (piece("w:pPr").unwrap_or_default(), piece("w:rPr"));
    // The form of the paragraph's own end is no form of its words.
    let run = run.filter(|run| !form.contains(run)).unwrap_or_default();
    format!("<w:p>{form}<w:r>{run}<w:t xml:space=\"preserve\">{text}</w:t></w:r></w:p>")
}

/// The paragraphs of a part, in their order.
fn paragraphs(part: &str) -> impl Iterator<Item = &str> {
    let starts = part.match_indices("<w:p").map(|(start, _)| part.get(start..).unwrap_or_default());
    let starts = starts.filter(|it| it.starts_with("<w:p>") || it.starts_with("<w:p "));
    starts.filter_map(|it| it.get(..it.find("</w:p>")? + "</w:p>".len()))
}

/// The words of a paragraph, still escaped.
fn text(paragraph: &str) -> String {
    let runs = paragraph.split("<w:t").skip(1);
    let words = runs
        .filter(|run| run.starts_with(['>', ' ']))
        .filter_map(|run| run.split_once('>')?.1.split_once("</w:t>").map(|(words, _)| words));
    words.collect()
}

/// The name of a placeholder that is all there is.
fn placeholder(words: &str) -> Option<&str> {
    Some(words.trim().strip_prefix("{{")?.strip_suffix("}}")?.trim())
}

/// Who made it and when: the month it is about.
fn properties(about: &BTreeMap<&str, String>, period: Period) -> String {
    let of = |name: &str| about.get(name).map(|text| escaped(text)).unwrap_or_default();
    let mut xml =
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<cp:coreProperties \
        xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
        xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
        xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">"
            .to_owned();
    let _ = write!(
        xml,
        "<dc:title>{}</dc:title><dc:creator>{}</dc:creator>",
        of("title"),
        of("bureau")
    );
    for time in ["created", "modified"] {
        let _ = write!(
            xml,
            "<dcterms:{time} xsi:type=\"dcterms:W3CDTF\">{}T00:00:00Z</dcterms:{time}>",
            period.first_day()
        );
    }
    xml + "</cp:coreProperties>"
}

/// Text inside XML: it means only itself, and what XML has no way to write is left out.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' => escaped.push(letter),
            '\u{FFFE}' | '\u{FFFF}' => {}
            letter if letter < ' ' || is_mark(letter) => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}
