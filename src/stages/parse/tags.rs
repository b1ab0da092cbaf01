//! XML in pieces, as office programs write it: tags, their attributes, the text between.
//!
//! In: a part of a workbook. Out: its pieces one by one, borrowed from it. Whatever is rare there
//! (comments, CDATA, instructions) is `None`: the reading library, which
//! knows all of XML, takes such a part. Looks at each byte once and holds nothing.

use std::borrow::Cow;

/// A piece of a document.
pub(super) enum Piece<'a> {
    Open(Tag<'a>),
    Close(&'a str),
    Text(&'a str),
}

/// A tag that opens an element.
#[derive(Clone, Copy)]
pub(super) struct Tag<'a> {
    pub(super) name: &'a str,
    attributes: &'a str,
    /// Whether it closes its element as well.
    pub(super) is_empty: bool,
}

impl<'a> Tag<'a> {
    /// The value of an attribute, as written; empty where it is not there.
    pub(super) fn attribute(&self, wanted: &str) -> Option<&'a str> {
        let mut rest = self.attributes.trim_ascii_start();
        while !rest.is_empty() {
            let (name, after) = rest.split_once('=')?;
            let quote = after.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
            let (value, after) = after.get(1..)?.split_once(quote)?;
            if name.ends_with(|letter: char| letter.is_ascii_whitespace()) {
                return None;
            }
            if name == wanted {
                return Some(value).filter(|value| !value.is_empty());
            }
            rest = after.trim_ascii_start();
        }
        Some("")
    }

    /// The value of an attribute that has to be there.
    pub(super) fn required(&self, wanted: &str) -> Option<&'a str> {
        self.attribute(wanted).filter(|value| !value.is_empty())
    }
}

/// A document while it is read.
pub(super) struct Pieces<'a> {
    rest: &'a str,
}

impl<'a> Pieces<'a> {
    /// A document in UTF-8, with or without a line that says so.
    pub(super) fn of(document: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(document).ok()?;
        let Some((declared, rest)) = text.strip_prefix("<?xml").and_then(|it| it.split_once("?>"))
        else {
            return Some(Self { rest: text });
        };
        let is_utf8 = !declared.contains("encoding") || declared.to_lowercase().contains("utf-8");
        is_utf8.then_some(Self { rest })
    }

    /// The next piece; `None` at the end as well.
    pub(super) fn piece(&mut self) -> Option<Piece<'a>> {
        let Some(inside) = self.rest.strip_prefix('<') else {
            let (text, _) = self.rest.split_at_checked(self.rest.find('<')?)?;
            self.rest = self.rest.get(text.len()..)?;
            return Some(Piece::Text(text));
        };
        let (tag, rest) = inside.split_once('>')?;
        self.rest = rest;
        let is_cut = |quote| tag.bytes().filter(|byte| *byte == quote).count() % 2 == 1;
        if tag.starts_with(['!', '?']) || is_cut(b'"') || is_cut(b'\'') {
            return None;
        }
        if let Some(name) = tag.strip_prefix('/') {
            return Some(Piece::Close(name.trim_ascii_end()));
        }
        let whole = tag.strip_suffix('/');
        let inside = whole.unwrap_or(tag);
        let end = inside.find(|letter: char| letter.is_ascii_whitespace()).unwrap_or(inside.len());
        let (name, attributes) = inside.split_at_checked(end)?;
        Some(Piece::Open(Tag { name, attributes, is_empty: whole.is_some() }))
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }

    /// Goes on behind what opens an element.
    pub(super) fn open(&mut self, name: &str) -> Option<Tag<'a>> {
        loop {
            match self.piece()? {
                Piece::Open(tag) if tag.name == name => return Some(tag),
                _ => {}
            }
        }
    }

    /// What stands in an element that was opened and holds text alone, as written.
    pub(super) fn raw(&mut self, tag: Tag<'a>) -> Option<&'a str> {
        if tag.is_empty {
            return Some("");
        }
        match self.piece()? {
            Piece::Close(name) => (name == tag.name).then_some(""),
            Piece::Text(text) => match self.piece()? {
                Piece::Close(name) => (name == tag.name).then_some(text),
                _ => None,
            },
            Piece::Open(_) => None,
        }
    }

    /// What stands in such an element, as it is meant.
    pub(super) fn text(&mut self, tag: Tag<'a>) -> Option<Cow<'a, str>> {
        meant(self.raw(tag)?)
    }
}

/// A text with XML's own entities and references by number resolved. Line ends that XML would change and
/// the escapes of office programs (`_x000D_`) are left to the library.
pub(super) fn meant(written: &str) -> Option<Cow<'_, str>> {
    if written.contains('\r') {
        return None;
    }
    let mut parts = written.split('&');
    let mut text = Cow::Borrowed(parts.next()?);
    for part in parts {
        let (reference, after) = part.split_once(';')?;
        let letter = match reference {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => numbered(reference.strip_prefix('#')?)?,
        };
        text.to_mut().push(letter);
        text.to_mut().push_str(after);
    }
    (!text.contains("_x")).then_some(text)
}

fn numbered(digits: &str) -> Option<char> {
    let number = match digits.strip_prefix('x') {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => digits.parse().ok()?,
    };
    char::from_u32(number).filter(|letter| !letter.is_control() || "\t\n\r".contains(*letter))
}
