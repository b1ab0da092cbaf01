//! A sheet to draw on: shapes in, SVG elements out.
//!
//! Shapes have a class, never a colour. Text is escaped here and nowhere else.

use std::fmt::Write as _;

use rust_decimal::Decimal;

use crate::stages::publish::brief::figures;
use crate::stages::publish::brief::text::{is_mark, is_wide};

/// Height of the charts' letters, in units of the sheet.
pub(crate) const LETTER: i64 = 12;

/// A sheet of a size, in units of its own.
pub(crate) struct Canvas {
    width: i64,
    height: i64,
    body: String,
}

/// A place on the sheet, from its upper left corner.
#[derive(Clone, Copy)]
pub(crate) struct At {
    /// To the right.
    pub(crate) x: Decimal,
    /// Downwards.
    pub(crate) y: Decimal,
}

impl At {
    /// A place.
    pub(crate) fn new(x: impl Into<Decimal>, y: impl Into<Decimal>) -> Self {
        Self { x: x.into(), y: y.into() }
    }
}

impl Canvas {
    /// An empty sheet.
    pub(crate) fn new(width: i64, height: i64) -> Self {
        Self { width, height, body: String::new() }
    }

    /// Its width.
    pub(crate) fn width(&self) -> i64 {
        self.width
    }

    /// Its height.
    pub(crate) fn height(&self) -> i64 {
        self.height
    }

    /// What was drawn.
    pub(crate) fn body(&self) -> &str {
        &self.body
    }

    /// A bar between two opposite corners, with a text that appears when pointed at.
    pub(crate) fn bar(&mut self, class: &str, corners: (At, At), hint: &str) {
        let (a, b) = corners;
        let (x, y) = (a.x.min(b.x), a.y.min(b.y));
        let (width, height) = ((a.x - b.x).abs(), (a.y - b.y).abs());
        self.element(format_args!(
            "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\">{}</rect>",
            units(x),
            units(y),
            units(width),
            units(height),
            titled(hint),
        ));
    }

    /// A straight line.
    pub(crate) fn line(&mut self, class: &str, from: At, to: At) {
        self.element(format_args!(
            "<line class=\"{class}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
            units(from.x),
            units(from.y),
            units(to.x),
            units(to.y),
        ));
    }

    /// A line through several places.
    pub(crate) fn path(&mut self, class: &str, places: &[At]) {
        let places = places.iter().map(|at| format!("{},{}", units(at.x), units(at.y)));
        let points = places.collect::<Vec<_>>().join(" ");
        self.element(format_args!("<polyline class=\"{class}\" points=\"{points}\"/>"));
    }

    /// A dot, with a text that appears when pointed at.
    pub(crate) fn dot(&mut self, class: &str, at: At, hint: &str) {
        self.element(format_args!(
            "<circle class=\"{class}\" cx=\"{}\" cy=\"{}\" r=\"3\">{}</circle>",
            units(at.x),
            units(at.y),
            titled(hint),
        ));
    }

    /// A text; the class tells on which side of the place it stands.
    pub(crate) fn text(&mut self, class: &str, at: At, text: &str) {
        self.element(format_args!(
            "<text class=\"{class}\" x=\"{}\" y=\"{}\">{}</text>",
            units(at.x),
            units(at.y),
            escape(text),
        ));
    }

    /// A label of at most two lines around a height, with its whole text when pointed at.
    pub(crate) fn label(&mut self, at: At, width_max: i64, text: &str) {
        let lines = wrap(text, width_max);
        let rise = Decimal::from(LETTER + 2) * Decimal::from(lines.len().saturating_sub(1));
        let first = at.y - rise / Decimal::TWO + Decimal::from(LETTER / 3);
        let mut spans = String::new();
        for (place, line) in lines.iter().enumerate() {
            let y = first + Decimal::from(LETTER + 2) * Decimal::from(place);
            let (x, y) = (units(at.x), units(y));
            write!(spans, "<tspan x=\"{x}\" y=\"{y}\">{}</tspan>", escape(line))
                .expect("writing to a string succeeds");
        }
        self.element(format_args!("<text class=\"label\">{}{spans}</text>", titled(text)));
    }

    fn element(&mut self, element: std::fmt::Arguments<'_>) {
        writeln!(self.body, "{element}").expect("writing to a string succeeds");
    }
}

/// Text as HTML text or attribute value; control characters become spaces.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter if letter.is_control() || is_mark(letter) => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}

fn titled(hint: &str) -> String {
    if hint.is_empty() { String::new() } else { format!("<title>{}</title>", escape(hint)) }
}

/// A length in tenths of a unit: finer than any screen shows.
fn units(length: Decimal) -> Decimal {
    figures::round(length, 1).normalize()
}

/// The width of a text, estimated: Chinese is as wide as high, Latin a little over half of that.
pub(crate) fn text_width(text: &str) -> i64 {
    let tenths = |letter: char| match letter {
        letter if is_wide(letter) => 10,
        'i' | 'l' | 'j' | 't' | 'f' | 'r' | '.' | ',' | ' ' | '(' | ')' => 4,
        'm' | 'w' | 'M' | 'W' | '%' | '—' => 9,
        letter if letter.is_ascii_uppercase() => 7,
        _ => 6,
    };
    text.chars().map(tenths).sum::<i64>() * LETTER / 10
}

/// Breaks a text into at most two lines, between words where it has words; cuts what is longer.
fn wrap(text: &str, width_max: i64) -> Vec<String> {
    if text_width(text) <= width_max {
        return vec![text.to_owned()];
    }
    let (first, rest) = split(text, width_max);
    if rest.is_empty() || text_width(rest) <= width_max {
        return vec![first.to_owned(), rest.to_owned()];
    }
    let (second, _) = split(rest, width_max - LETTER);
    vec![first.to_owned(), format!("{second}…")]
}

/// What fits into a width, and the rest.
fn split(text: &str, width_max: i64) -> (&str, &str) {
    let fits = |end: &usize| text.get(..*end).is_some_and(|head| text_width(head) <= width_max);
    let ends = text.char_indices().map(|(place, _)| place);
    let end = ends.take_while(fits).last().unwrap_or_default();
    let (head, _) = text.split_at_checked(end).unwrap_or_default();
    let is_word = head.ends_with(|letter: char| letter.is_ascii_alphanumeric());
    let end = if is_word { head.rfind(' ').map_or(end, |space| space + 1) } else { end };
    let (head, rest) = text.split_at_checked(end).unwrap_or_default();
    (head.trim_end(), rest.trim_start())
}
