//! A sheet to draw on: shapes in, SVG elements out.
//!
//! Shapes have a class, never a colour. Text is escaped here and nowhere else.

use rust_decimal::Decimal;

use crate::stages::publish::brief::figures;
use crate::stages::publish::brief::text::{is_mark, is_wide};

/// Height of the charts' letters, in units of the sheet.
pub(super) const LETTER: i64 = 12;

/// A sheet of a size, in units of its own.
#[derive(Default)]
pub(super) struct Canvas {
    pub(super) width: i64,
    pub(super) height: i64,
    /// What was drawn.
    pub(super) body: String,
}

/// A place on the sheet, from its upper left corner: to the right, and downwards.
#[derive(Clone, Copy)]
pub(super) struct At {
    pub(super) x: Decimal,
    pub(super) y: Decimal,
}

impl At {
    pub(super) fn new(x: impl Into<Decimal>, y: impl Into<Decimal>) -> Self {
        Self { x: x.into(), y: y.into() }
    }

    fn units(self) -> (Decimal, Decimal) {
        (units(self.x), units(self.y))
    }
}

impl Canvas {
    /// A bar between two opposite corners, with a text that appears when pointed at.
    pub(super) fn bar(&mut self, class: &str, (a, b): (At, At), hint: &str) {
        let (x, y) = At::new(a.x.min(b.x), a.y.min(b.y)).units();
        let (width, height) = At::new((a.x - b.x).abs(), (a.y - b.y).abs()).units();
        let at = format!("x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"");
        self.element(&format!("<rect class=\"{class}\" {at}>{}</rect>", titled(hint)));
    }

    /// A straight line.
    pub(super) fn line(&mut self, class: &str, from: At, to: At) {
        let ((x1, y1), (x2, y2)) = (from.units(), to.units());
        let at = format!("x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"");
        self.element(&format!("<line class=\"{class}\" {at}/>"));
    }

    /// A line through several places.
    pub(super) fn path(&mut self, class: &str, places: &[At]) {
        let places = places.iter().map(|at| at.units()).map(|(x, y)| format!("{x},{y}"));
        let points = places.collect::<Vec<_>>().join(" ");
        self.element(&format!("<polyline class=\"{class}\" points=\"{points}\"/>"));
    }

    /// A dot, with a text that appears when pointed at.
    pub(super) fn dot(&mut self, class: &str, at: At, hint: &str) {
        let ((x, y), title) = (at.units(), titled(hint));
        let at = format!("cx=\"{x}\" cy=\"{y}\" r=\"3\"");
        self.element(&format!("<circle class=\"{class}\" {at}>{title}</circle>"));
    }

    /// A text; the class tells on which side of the place it stands.
    pub(super) fn text(&mut self, class: &str, at: At, text: &str) {
        let ((x, y), text) = (at.units(), escape(text));
        self.element(&format!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{text}</text>"));
    }

    /// A label of at most two lines around a height, with its whole text when pointed at.
    pub(super) fn label(&mut self, at: At, width_max: i64, text: &str) {
        let lines = wrap(text, width_max);
        let rise = Decimal::from(LETTER + 2) * Decimal::from(lines.len().saturating_sub(1));
        let first = at.y - rise / Decimal::TWO + Decimal::from(LETTER / 3);
        let spans = lines.iter().zip(0..).map(|(line, place)| {
            let (x, y) = At::new(at.x, first + Decimal::from((LETTER + 2) * place)).units();
            format!("<tspan x=\"{x}\" y=\"{y}\">{}</tspan>", escape(line))
        });
        let spans: String = spans.collect();
        self.element(&format!("<text class=\"label\">{}{spans}</text>", titled(text)));
    }

    fn element(&mut self, element: &str) {
        self.body.extend([element, "\n"]);
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
pub(super) fn text_width(text: &str) -> i64 {
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
