//! Charts as filters of a template: rows in, SVG for the page out; the Markdown has none.
//!
//! `charts.svg` says what is drawn where; here is what it needs to know of scales, months and the width
//! of words. Colours are the page's, so that charts follow light, dark and print. Positions are computed
//! in decimals: the same on every machine.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::value::{Kwargs, Object, ObjectRepr, Value, from_args};
use minijinja::{Environment, Error, State, context};
use rust_decimal::Decimal;

use super::facts::{Exact, exact, figure, month, number};
use super::text::{PAGE, is_mark, is_wide, marked};
use super::words::{self, Phrases};
use crate::domain::period::Period;
use crate::texts::text;

/// The template of all charts.
const FILE: &str = "charts.svg";

/// Each chart with the texts it is given, all of which it needs.
const CHARTS: [(&str, &str); 3] = [
    (
        "month_chart",
        "title level growth cut cumulative monthly target first_two_months text growth_text",
    ),
    ("pull_chart", "title text"),
    ("target_chart", "title time seasonal text"),
];

/// Height of the letters, in units of the sheet.
const LETTER: i64 = 12;

/// Where the months are drawn, from left to right.
const MONTHS: (i64, i64) = (30, 356);

/// Adds the charts to the filters of a template, and what their own template needs.
pub(super) fn add(engine: &mut Environment<'_>, words: &Phrases) {
    engine.add_template(FILE, include_str!("charts.svg")).expect("the charts' template is sound");
    for (chart, texts) in CHARTS {
        let words = words.clone();
        let draw = move |state: &mut State, rows: Vec<Value>, told: Kwargs| {
            draw(state, (chart, texts), &rows, &told, &words)
        };
        engine.add_filter(chart, draw);
    }
    engine.add_filter("text_width", text_width);
    engine.add_filter("wrapped", wrap);
    engine.add_filter("scale", |values: Vec<Value>, steps: u32, start: i64, length: i64| {
        let values = values.iter().filter_map(number).chain([Decimal::ZERO]);
        Value::from_object(Scale::around(values, steps, (start.into(), length.into())))
    });
    engine.add_filter("close_scale", |values: Vec<Value>, steps: u32, start: i64, length: i64| {
        let values = values.iter().filter_map(number);
        Value::from_object(Scale::around(values, steps, (start.into(), length.into())))
    });
}

/// A chart, numbered in the order of the page, to tie its title and description to it.
fn draw(
    state: &mut State<'_, '_>,
    (chart, texts): (&str, &str),
    rows: &[Value],
    told: &Kwargs,
    words: &Phrases,
) -> Result<Value, Error> {
    let number = state.get_temp(FILE).and_then(|it| it.as_usize()).unwrap_or_default() + 1;
    let mut facts = BTreeMap::new();
    for name in texts.split(' ') {
        facts.insert(name, Value::from(told.get::<String>(name)?));
    }
    facts.insert("goal", told.get::<Option<Value>>("goal")?.unwrap_or_default());
    told.assert_all_used()?;
    let both = facts.get("first_two_months").map(ToString::to_string);
    facts.extend([
        ("chart", Value::from(chart)),
        ("number", Value::from(number)),
        ("rows", both.map_or_else(|| rows.into(), |both| slots(rows, &both, words).into())),
        ("names", state.lookup("names").unwrap_or_default()),
        ("unit", exact(Some(words.large_unit()))),
        ("separator", Value::from(text("brief.join.list").get(words.locale))),
    ]);
    let drawn = state.env().get_template(FILE)?.render(Value::from(facts))?;
    if !drawn.is_empty() {
        state.set_temp(FILE, Value::from(number));
    }
    Ok(Value::from_safe_string(marked(PAGE, &drawn)))
}

/// The months of a chart, each with its slot: a month without a report is a gap. February's report is
/// January's too: its bar is as wide as two months and as high as their mean.
fn slots(rows: &[Value], both: &str, words: &Phrases) -> Vec<Value> {
    let ordinal = |period: Period| i64::from(period.year()) * 12 + i64::from(period.month());
    let reported = rows.iter().filter_map(|row| {
        let (period, of_month) = (month(&row.get_attr("period").ok()?)?, figure(row, "month_cny"));
        let is_double = period.month() == 2 && of_month.is_none();
        let yuan = if is_double { figure(row, "ytd_cny") } else { of_month };
        Some((row, period, yuan, if is_double { 2 } else { 1 }))
    });
    let reported: Vec<_> = reported.collect();
    let ((_, first, _, span), last) = match (reported.first(), reported.last()) {
        (Some(first), Some((_, last, ..))) => (first, ordinal(*last)),
        _ => return Vec::new(),
    };
    let before = ordinal(*first) - span;
    let (left, right) = (Decimal::from(MONTHS.0), Decimal::from(MONTHS.1));
    let Some(width) = (right - left).checked_div(Decimal::from(last - before)) else {
        return Vec::new();
    };
    let slot = |(row, period, yuan, span): (&Value, Period, Option<Decimal>, i64)| {
        let end = left + width * Decimal::from(ordinal(period) - before);
        let (wide, gap) = (width * Decimal::from(span), width / Decimal::from(6));
        let level = yuan.map(|yuan| yuan / words.large_unit() / Decimal::from(span));
        let name = words.month(period, "brief.month.short");
        context! {
            label => if span > 1 { both.to_owned() } else { name },
            year => words.say("brief.year", &[("year", &period.year().to_string())]),
            dated => words.dated(&words.month(period, "brief.month.names"), period),
            span, yuan => exact(yuan), level => exact(level),
            yoy_ytd => exact(figure(row, "yoy_ytd")), yoy_month => exact(figure(row, "yoy_month")),
            start => exact(Some(end - wide)), middle => exact(Some(end - wide / Decimal::TWO)),
            left => exact(Some(end - wide + gap)), right => exact(Some(end - gap)),
        }
    };
    reported.into_iter().map(slot).collect()
}

/// An axis between two round numbers: called with a value it tells where that lies on the sheet.
#[derive(Debug)]
struct Scale {
    low: Decimal,
    high: Decimal,
    step: Decimal,
    /// Where the low end lies, and how far from there the high end.
    place: (Decimal, Decimal),
}

impl Scale {
    /// The shortest scale of about so many round steps that holds all values.
    fn around(
        values: impl Iterator<Item = Decimal> + Clone,
        steps: u32,
        place: (Decimal, Decimal),
    ) -> Self {
        let low = values.clone().min().unwrap_or_default();
        let high = values.max().unwrap_or_default();
        let high = if low == high { low + Decimal::ONE } else { high };
        let step = round_step((high - low) / Decimal::from(steps.max(1)));
        let (low, high) = ((low / step).floor() * step, (high / step).ceil() * step);
        Self { low, high, step, place }
    }
}

impl Object for Scale {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    /// The round numbers from low to high, the decimals that tell them apart, and whether zero lies outside.
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let next = |tick: &Decimal| Some(tick + self.step);
        let ticks = std::iter::successors(Some(self.low), next);
        match key.as_str()? {
            "ticks" => Some(
                ticks.take_while(|tick| *tick <= self.high).map(|it| exact(Some(it))).collect(),
            ),
            "is_cut" => Some(Value::from(Decimal::ZERO < self.low || self.high < Decimal::ZERO)),
            "places" => Some(Value::from(self.step.normalize().scale())),
            _ => None,
        }
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let (value,): (&Value,) = from_args(args)?;
        let (start, length) = self.place;
        let part = |value| (value - self.low) / (self.high - self.low);
        Ok(exact(number(value).map(|value| start + part(value) * length)))
    }
}

/// The next of 1, 2, 2.5, 5, 10 times a power of ten; the smallest step is a millionth.
fn round_step(least: Decimal) -> Decimal {
    let mut power = Decimal::new(1, 6);
    while power * Decimal::TEN <= least {
        power *= Decimal::TEN;
    }
    let steps = [Decimal::ONE, Decimal::TWO, Decimal::new(25, 1), Decimal::new(5, 0)];
    let fitting = steps.into_iter().map(|step| step * power).find(|step| least <= *step);
    fitting.unwrap_or(power * Decimal::TEN)
}

/// A value inside a chart: a length in tenths of a unit, finer than any screen shows, or an escaped text.
pub(super) fn printed(value: &Value) -> String {
    match value.downcast_object_ref() {
        Some(Exact::Number(length)) => words::round(*length, 1).normalize().to_string(),
        _ if value.is_safe() => value.to_string(),
        _ => escape(&value.to_string()),
    }
}

/// Text as HTML text or attribute value; control characters become spaces.
fn escape(text: &str) -> String {
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

/// The width of a text, estimated: Chinese is as wide as high, Latin a little over half of that.
fn text_width(text: &str) -> i64 {
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
    if text_width(rest) <= width_max {
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
