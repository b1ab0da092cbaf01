//! What a template can do with figures, months and rows: the filters and tests of `jobs/brief`.
//!
//! In: values of a template. Out: values and texts. What is unknown stays unknown through every filter.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use minijinja::value::{Kwargs, Rest, Value};
use minijinja::{Environment, Error, State};
use rust_decimal::Decimal;

use super::page::{self, BREAK};
use super::text::{self, GAP, PAGE, TEXT};
use super::values::{exact, month, number};
use super::words::Words;
use super::{chart, figures};
use crate::domain::period::Period;
use crate::texts::Locale;

/// The filters by name, for whoever mistypes one: those here and those of the engine that help.
pub(super) const NAMES: &str = "abs amount bad bar_chart chain count dated_span first fixed good groupby growth growth_over \
    items join known large last length local_time map minus money month month_chart name nonzero \
    order percent plus points pull ratio round share span target_chart text_only tiles total \
    where";

/// The tests by name.
pub(super) const TESTS: &str = "at_least at_most below defined in known negative positive zero";

/// Adds all filters and tests.
pub(super) fn add(engine: &mut Environment<'_>, words: &Words) {
    printing(engine, words);
    reckoning(engine);
    choosing(engine);
    chart::add(engine, words);
    let locale = words.locale;
    engine.add_filter("name", move |state: &State, row: &Value| name(state, row, locale));
    engine.add_filter("tiles", |lines: &str| Value::from_safe_string(tiles(lines)));
    engine.add_filter("text_only", |lines: &str| {
        let lines =
            lines.lines().flat_map(|line| [TEXT.to_string(), line.to_owned(), "\n".to_owned()]);
        Value::from_safe_string(lines.collect())
    });
    for tone in ["good", "watch", "bad"] {
        engine.add_filter(tone, move |word: &str| {
            Value::from_safe_string(page::toned(tone, &text::escape(word)))
        });
    }
}

/// A text of what is known; nothing of nothing.
fn text_of(text: Option<String>) -> Value {
    text.map_or(Value::UNDEFINED, Value::from)
}

/// How a number, or two, or a month become something else, and what order is asked for.
type Printed = fn(&Words, Decimal) -> Option<String>;
type Reckoned = fn(Decimal, Decimal) -> Option<Decimal>;
type Said = fn(&Words, Period) -> String;
type Ordered = fn(Ordering) -> bool;

/// Figures, months and counts as text.
fn printing(engine: &mut Environment<'_>, words: &Words) {
    let printed: [(&str, Printed); 8] = [
        ("money", |words, yuan| Some(figures::money(yuan, words.locale))),
        ("large", |words, yuan| Some(figures::large(yuan, words.locale))),
        ("amount", |words, yuan| Some(figures::medium(yuan, words.locale))),
        ("percent", |_, part| Some(figures::percent(part, 1))),
        ("share", |_, part| Some(figures::percent(part, 2))),
        ("points", |_, points| Some(figures::points(points))),
        ("growth", |words, fraction| Some(words.growth(fraction))),
        ("pull", Words::pull),
    ];
    for (name, print) in printed {
        let words = words.clone();
        let printed = move |it: &Value| text_of(number(it).and_then(|it| print(&words, it)));
        engine.add_filter(name, printed);
    }
    let said: [(&str, Said); 3] = [
        ("month", Words::month),
        ("span", Words::span),
        ("dated_span", |words, month| words.dated(&words.span(month), month)),
    ];
    for (name, say) in said {
        let words = words.clone();
        engine.add_filter(name, move |it: &Value| text_of(month(it).map(|it| say(&words, it))));
    }
    engine.add_filter("fixed", |it: &Value, places: u32| {
        text_of(number(it).map(|it| figures::fixed(it, places)))
    });
    let (said, zone) = (words.clone(), words.zone);
    engine.add_filter("count", move |it: &Value| text_of(it.as_usize().map(|it| said.count(it))));
    engine.add_filter("local_time", move |it: &Value| {
        let instant = it.as_str().and_then(|it| it.parse::<DateTime<Utc>>().ok());
        text_of(instant.map(|it| it.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string()))
    });
}

/// Figures from figures, exact, and how they stand to one another.
fn reckoning(engine: &mut Environment<'_>) {
    let reckoned: [(&str, Reckoned); 5] = [
        ("plus", |a, b| a.checked_add(b)),
        ("minus", |a, b| a.checked_sub(b)),
        ("times", |a, b| a.checked_mul(b)),
        ("ratio", |part, whole| part.checked_div(whole)),
        ("growth_over", |now, before| {
            let quotient = now.checked_div(before).filter(|_| Decimal::ZERO < before)?;
            Some(quotient - Decimal::ONE)
        }),
    ];
    for (name, reckon) in reckoned {
        engine.add_filter(name, move |a: &Value, b: &Value| {
            exact(number(a).zip(number(b)).and_then(|(a, b)| reckon(a, b)))
        });
    }
    engine.add_filter("abs", |it: &Value| exact(number(it).map(|it| it.abs())));
    engine.add_filter("round", |it: &Value, places: u32| {
        exact(number(it).map(|it| figures::round(it, places)))
    });
    engine.add_filter("nonzero", |it: &Value| {
        let is_zero = number(it).is_some_and(|number| number.is_zero());
        if is_zero { Value::UNDEFINED } else { it.clone() }
    });
    engine.add_test("known", |it: &Value| !it.is_undefined() && !it.is_none());
    let signs =
        [("zero", Ordering::Equal), ("positive", Ordering::Greater), ("negative", Ordering::Less)];
    for (name, sign) in signs {
        engine.add_test(name, move |it: &Value| {
            number(it).is_some_and(|it| it.cmp(&Decimal::ZERO) == sign)
        });
    }
    let orders: [(&str, Ordered); 3] =
        [("at_least", Ordering::is_ge), ("at_most", Ordering::is_le), ("below", Ordering::is_lt)];
    for (name, is_so) in orders {
        engine
            .add_test(name, move |it: &Value, than: &Value| compared(it, than).is_some_and(is_so));
    }
}

/// How two numbers or two months stand to one another.
fn compared(one: &Value, other: &Value) -> Option<Ordering> {
    match (month(one), month(other)) {
        (Some(one), Some(other)) => Some(one.cmp(&other)),
        _ => Some(number(one)?.cmp(&number(other)?)),
    }
}

/// Rows out of rows, and their sums.
fn choosing(engine: &mut Environment<'_>) {
    engine.add_filter("where", |rows: Vec<Value>, wanted: Kwargs| {
        let wanted = wanted.args().map(|name| Ok((name, wanted.get::<Value>(name)?)));
        let wanted = wanted.collect::<Result<Vec<_>, Error>>()?;
        let is_wanted = |row: &Value| {
            let is =
                |(name, value): &(&str, Value)| row.get_attr(name).is_ok_and(|it| it == *value);
            wanted.iter().all(is)
        };
        Ok::<_, Error>(rows.into_iter().filter(is_wanted).collect::<Vec<_>>())
    });
    engine.add_filter("known", |rows: Vec<Value>, columns: Rest<String>| {
        let is_known = |row: &Value| {
            let is = |name: &String| row.get_attr(name).is_ok_and(|it| !it.is_undefined());
            columns.iter().all(is)
        };
        rows.into_iter().filter(is_known).collect::<Vec<_>>()
    });
    engine.add_filter("order", |mut rows: Vec<Value>, keys: Rest<String>| {
        rows.sort_by(|one, other| {
            let by = keys.iter().map(|key| by_key(one, other, key));
            by.fold(Ordering::Equal, Ordering::then)
        });
        rows
    });
    engine.add_filter("total", |rows: Vec<Value>, column: &str| {
        let mut figures = rows.iter().map(|row| number(&row.get_attr(column).ok()?));
        let first = figures.next().flatten();
        exact(figures.fold(first, |sum, figure| sum?.checked_add(figure?)))
    });
}

/// How two rows stand by a column, the largest first where it has a `-`; unknown is the smallest.
fn by_key(one: &Value, other: &Value, key: &str) -> Ordering {
    let column = key.trim_start_matches('-');
    let value = |row: &Value| row.get_attr(column).ok().filter(|it| !it.is_undefined());
    let (one, other) = (value(one), value(other));
    let order = match (&one, &other) {
        (Some(a), Some(b)) => compared(a, b).unwrap_or_else(|| a.cmp(b)),
        _ => one.is_some().cmp(&other.is_some()),
    };
    if key.starts_with('-') { order.reverse() } else { order }
}

/// The name of what a row is about in the reader's language, else its code.
pub(super) fn name(state: &State, row: &Value, locale: Locale) -> Value {
    let text = |column: &str| row.get_attr(column).ok().filter(|it| it.as_str().is_some());
    let scope = || {
        let kind = state.lookup("names")?.get_attr(text("scope_kind")?.as_str()?).ok()?;
        kind.get_attr(text("scope_id")?.as_str()?).ok().filter(|it| it.as_str().is_some())
    };
    let own = |column: &str| text(&format!("{column}_{}", locale.name())).or_else(|| text(column));
    let is_scope = text("target_id").is_none();
    let named = if is_scope { scope().or_else(|| own("scope_name")) } else { own("name") };
    let codes = ["firm_name", "buyer_name", "credit_code", "buyer_code", "target_id", "scope_id"];
    named.or_else(|| codes.iter().find_map(|column| text(column))).unwrap_or_default()
}

/// The figures to see first, one a line: what it is, the figure, what to compare it with.
fn tiles(lines: &str) -> String {
    let tile = |line: &str| {
        let cells = text::cells(line);
        let [label, value, note @ ..] = cells.as_slice() else { return None };
        let note = note.first().filter(|note| !note.contains(GAP)).copied().unwrap_or_default();
        let [label, value, note] = [*label, *value, note].map(page::inline);
        let tile = format!(
            "<div><dt>{label}</dt><dd><strong>{value}</strong><small>{note}</small></dd></div>{BREAK}"
        );
        (!cells.iter().take(2).any(|cell| cell.contains(GAP))).then_some(tile)
    };
    let tiles: String = lines.lines().filter_map(tile).collect();
    if tiles.is_empty() {
        tiles
    } else {
        format!("{PAGE}<dl class=\"tiles\">{BREAK}{tiles}</dl>\n")
    }
}
