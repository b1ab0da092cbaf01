//! Charts as filters of a template: rows in, SVG for the page out; the Markdown has none.
//!
//! Their colours are the page's, so that they follow light, dark and print. Positions are computed in
//! decimals: the same on every machine.

use minijinja::value::{Kwargs, Value};
use minijinja::{Environment, Error, State};
use rust_decimal::Decimal;

use self::bullets::Bullet;
use self::canvas::{Canvas, escape};
use self::months::Month;
use super::page::{BREAK, CHART, NUMBER};
use super::text::{NONE, PAGE};
use super::values::{month, number};
use super::words::{Words, filled};
use super::{figures, filters};
use crate::domain::period::Period;
use crate::texts::text;

mod bars;
mod bullets;
mod canvas;
mod months;
mod scale;

/// A level and a growth, where known, with their texts.
struct Bar {
    label: String,
    level: Option<Decimal>,
    level_text: String,
    growth: Option<Decimal>,
    growth_text: String,
}

impl Bar {
    /// The level is so many months' mean.
    fn of(
        row: &Value,
        label: String,
        (yuan, months): (Option<Decimal>, u32),
        words: &Words,
    ) -> Self {
        let (locale, growth) = (words.locale, figure_of(row, "yoy_ytd"));
        let level = |yuan| figures::in_large_units(yuan, locale) / Decimal::from(months);
        Self {
            label,
            level: yuan.map(level),
            level_text: yuan.map_or_else(|| NONE.to_owned(), |yuan| figures::large(yuan, locale)),
            growth: growth.map(|fraction| fraction * Decimal::ONE_HUNDRED),
            growth_text: percent(growth),
        }
    }
}

/// Adds the charts to the filters of a template.
pub(super) fn add(engine: &mut Environment<'_>, words: &Words) {
    let said = words.clone();
    engine.add_filter("month_chart", move |rows: Vec<Value>, options: Kwargs| {
        months(&rows, &options, &said)
    });
    let said = words.clone();
    engine.add_filter("bar_chart", move |state: &State, rows: Vec<Value>, options: Kwargs| {
        bars(state, &rows, &options, &said)
    });
    let said = words.clone();
    engine.add_filter("target_chart", move |state: &State, rows: Vec<Value>, options: Kwargs| {
        bullets(state, &rows, &options, &said)
    });
}

/// Output of each month and growth of the year to date; none for a single month.
fn months(rows: &[Value], options: &Kwargs, words: &Words) -> Result<Value, Error> {
    let [title, level, growth, both, text] =
        texts(options, ["title", "level", "growth", "first_two_months", "text"])?;
    let point = |row: &Value| {
        let period = month(&row.get_attr("period").ok()?)?;
        Some(month_point(period, row, &both, words))
    };
    let points: Vec<Month> = rows.iter().filter_map(point).collect();
    let (Some(first), Some(last), true) = (points.first(), points.last(), 1 < points.len()) else {
        return Ok(Value::from(""));
    };
    let dated = |point: &Month| words.dated(&words.month(point.period), point.period);
    let description = filled(
        &text,
        &[
            ("first", &dated(first)),
            ("last", &dated(last)),
            ("level", &last.bar.level_text),
            ("growth", &last.bar.growth_text),
        ],
    );
    let canvas = months::draw([&level, &growth], &points);
    Ok(figure("months", &title, &description, &canvas))
}

/// February's report is January's too: its bar is as wide as two months and as high as their mean.
fn month_point(period: Period, row: &Value, both: &str, words: &Words) -> Month {
    let month = figure_of(row, "month_cny");
    let is_double = period.month() == 2 && month.is_none();
    let yuan = if is_double { figure_of(row, "ytd_cny") } else { month };
    let span = if is_double { 2 } else { 1 };
    let label = if is_double { both.to_owned() } else { words.short_month(period) };
    let bar = Bar::of(row, label, (yuan, span), words);
    Month { period, span, year: words.year(period), bar }
}

/// Level and growth of the year to date of several scopes; none for fewer than two.
fn bars(state: &State, rows: &[Value], options: &Kwargs, words: &Words) -> Result<Value, Error> {
    let [title, level, growth, text] = texts(options, ["title", "level", "growth", "text"])?;
    let bars = rows.iter().filter_map(|row| {
        let yuan = figure_of(row, "ytd_cny")?;
        let label = filters::name(state, row, words.locale).to_string();
        Some(Bar::of(row, label, (Some(yuan), 1), words))
    });
    let bars: Vec<Bar> = bars.collect();
    let said = bars.iter().map(|bar| {
        let growth = ("growth", bar.growth_text.as_str());
        filled(&text, &[("name", &bar.label), ("level", &bar.level_text), growth])
    });
    let description = listed(said, words);
    if bars.len() < 2 {
        return Ok(Value::from(""));
    }
    Ok(figure("bars", &title, &description, &bars::draw([&level, &growth], &bars)))
}

/// Targets with what is attained of them; none without any. Progress in time says nothing about a
/// ratio, which does not accumulate.
fn bullets(state: &State, rows: &[Value], options: &Kwargs, words: &Words) -> Result<Value, Error> {
    let [title, time, seasonal, text] = texts(options, ["title", "time", "seasonal", "text"])?;
    let mut bullets = Vec::new();
    for row in rows {
        let Some(attained) = figure_of(row, "attained_share") else { continue };
        let is_ratio = row.get_attr("kind")?.as_str() == Some("ratio");
        bullets.push(Bullet {
            label: filters::name(state, row, words.locale).to_string(),
            attained,
            attained_text: percent(Some(attained)),
            time: figure_of(row, "time_progress").filter(|_| !is_ratio),
            seasonal: figure_of(row, "seasonal_progress").filter(|_| !is_ratio),
            status: row.get_attr("status")?.to_string(),
        });
    }
    let said = bullets.iter().map(|bullet| {
        filled(&text, &[("name", &bullet.label), ("attained", &bullet.attained_text)])
    });
    let description = listed(said, words);
    if bullets.is_empty() {
        return Ok(Value::from(""));
    }
    let canvas = bullets::draw([&time, &seasonal], &bullets);
    Ok(figure("bullets", &title, &description, &canvas))
}

/// A figure of a row.
fn figure_of(row: &Value, column: &str) -> Option<Decimal> {
    number(&row.get_attr(column).ok()?)
}

fn percent(fraction: Option<Decimal>) -> String {
    fraction.map_or_else(|| NONE.to_owned(), |fraction| figures::percent(fraction, 1))
}

/// The texts a chart is given, all of which it needs.
fn texts<const N: usize>(options: &Kwargs, names: [&str; N]) -> Result<[String; N], Error> {
    let mut texts = [const { String::new() }; N];
    for (text, name) in texts.iter_mut().zip(names) {
        *text = options.get(name)?;
    }
    options.assert_all_used()?;
    Ok(texts)
}

fn listed(said: impl Iterator<Item = String>, words: &Words) -> String {
    said.collect::<Vec<_>>().join(text("brief.join.list").get(words.locale))
}

/// The chart as one line; its number on the page, to which title and description are tied, comes later.
fn figure(class: &str, title: &str, description: &str, canvas: &Canvas) -> Value {
    let (title, description) = (escape(title), escape(description));
    let figure = format!(
        "{PAGE}{CHART}<figure class=\"chart {class}\">\n<figcaption>{title}</figcaption>\n\
         <svg viewBox=\"0 0 {width} {height}\" role=\"img\" \
         aria-labelledby=\"chart-{NUMBER}-title chart-{NUMBER}-text\">\n\
         <title id=\"chart-{NUMBER}-title\">{title}</title>\n\
         <desc id=\"chart-{NUMBER}-text\">{description}</desc>\n{body}</svg>\n</figure>",
        width = canvas.width,
        height = canvas.height,
        body = canvas.body,
    );
    Value::from_safe_string(figure.replace('\n', &BREAK.to_string()))
}
