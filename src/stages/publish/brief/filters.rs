//! What a template can do with figures, months and rows: the filters and tests of `jobs/brief`.
//!
//! In: values of a template. Out: values and texts. What is unknown stays unknown through every filter.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use minijinja::value::{Kwargs, Rest, Value};
use minijinja::{Environment, Error, State};
use rust_decimal::Decimal;

use super::facts::{exact, figure, known, month, number};
use super::text::{self, GAP, PAGE, TEXT, marked};
use super::words::{self, Phrases};
use super::{chart, page};

/// The filters by name, for whoever mistypes one: those here and those of the engine that help.
pub(super) const NAMES: &str = "abs amount bad chain change count dated_span first fixed good groupby growth growth_over \
    items join known large last length local_time map minus money month month_chart name nonzero \
    order percent plus points pull pull_chart ratio round span target_chart text_only tiles total \
    where";

/// The tests by name.
pub(super) const TESTS: &str = "at_least at_most below defined in known negative positive zero";

/// Adds all filters and tests.
pub(super) fn add(engine: &mut Environment<'_>, words: &Phrases) {
    for (name, say) in SAID {
        let words = words.clone();
        engine.add_filter(name, move |it: &Value| {
            say(&words, it).map_or(Value::UNDEFINED, Value::from)
        });
    }
    engine.add_filter("fixed", |it: &Value, places: u32| {
        number(it).map_or(Value::UNDEFINED, |it| words::fixed(it, places).into())
    });
    reckoning(engine);
    choosing(engine);
    chart::add(engine, words);
    let of_name = words.clone();
    engine.add_filter("name", move |state: &State, row: &Value| name(state, row, &of_name));
    engine.add_filter("tiles", |lines: &str| Value::from_safe_string(tiles(lines)));
    engine.add_filter("text_only", |lines: &str| Value::from_safe_string(marked(TEXT, lines)));
    for (mark, tone) in page::TONES {
        engine.add_filter(tone, move |word: &str| {
            Value::from_safe_string(format!("{mark}{}{}", text::escape(word), page::TONE_END))
        });
    }
}

/// Figures, months and counts as text.
type Phrased = fn(&Phrases, &Value) -> Option<String>;
const SAID: [(&str, Phrased); 13] = [
    ("money", |words, it| Some(words.money(number(it)?))),
    ("large", |words, it| Some(words.large(number(it)?))),
    ("amount", |words, it| Some(words.amount(number(it)?))),
    ("percent", |_, it| Some(words::percent(number(it)?))),
    ("points", |_, it| Some(words::points(number(it)?))),
    ("growth", |words, it| Some(words.growth(number(it)?))),
    ("change", |words, it| Some(words.change(number(it)?))),
    ("pull", |words, it| words.pull(number(it)?)),
    ("month", |words, it| Some(words.month(month(it)?, "brief.month.names"))),
    ("span", |words, it| Some(words.span(month(it)?))),
    ("dated_span", |words, it| Some(words.dated(&words.span(month(it)?), month(it)?))),
    // Two is 两, from eleven on digits.
    ("count", |words, it| {
        words.nth("brief.count", it.as_usize()?).or_else(|| Some(it.to_string()))
    }),
    ("local_time", |words, it| {
        let instant: DateTime<Utc> = it.as_str()?.parse().ok()?;
        Some(instant.with_timezone(&words.zone).format("%Y-%m-%d %H:%M").to_string())
    }),
];

/// A figure from two.
type Reckoned = fn(Decimal, Decimal) -> Option<Decimal>;
const RECKONED: [(&str, Reckoned); 7] = [
    ("plus", |a, b| a.checked_add(b)),
    ("minus", |a, b| a.checked_sub(b)),
    ("times", |a, b| a.checked_mul(b)),
    ("ratio", |part, whole| part.checked_div(whole)),
    ("least", |a, b| Some(a.min(b))),
    ("most", |a, b| Some(a.max(b))),
    ("growth_over", |now, before| {
        let quotient = now.checked_div(before).filter(|_| Decimal::ZERO < before)?;
        Some(quotient - Decimal::ONE)
    }),
];

/// How a figure or a month stands to another, or to zero.
type Ordered = fn(Ordering) -> bool;
const ORDERS: [(&str, Ordered); 3] =
    [("at_least", Ordering::is_ge), ("at_most", Ordering::is_le), ("below", Ordering::is_lt)];
const SIGNS: [(&str, Ordered); 3] =
    [("zero", Ordering::is_eq), ("positive", Ordering::is_gt), ("negative", Ordering::is_lt)];

/// Figures from figures, exact, and how they stand to one another.
fn reckoning(engine: &mut Environment<'_>) {
    for (name, reckon) in RECKONED {
        engine.add_filter(name, move |a: &Value, b: &Value| {
            exact(number(a).zip(number(b)).and_then(|(a, b)| reckon(a, b)))
        });
    }
    engine.add_filter("abs", |it: &Value| exact(number(it).map(|it| it.abs())));
    engine.add_filter("round", |it: &Value, places: u32| {
        exact(number(it).map(|it| words::round(it, places)))
    });
    engine.add_filter("nonzero", |it: &Value| {
        let is_zero = number(it).is_some_and(|number| number.is_zero());
        if is_zero { Value::UNDEFINED } else { it.clone() }
    });
    engine.add_test("known", |it: &Value| !it.is_undefined() && !it.is_none());
    for (name, is_so) in SIGNS {
        engine.add_test(name, move |it: &Value| {
            number(it).is_some_and(|it| is_so(it.cmp(&Decimal::ZERO)))
        });
    }
    for (name, is_so) in ORDERS {
        let is = move |it: &Value, than: &Value| compared(it, than).is_some_and(is_so);
        engine.add_test(name, is);
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
        let is_known = |row: &Value| columns.iter().all(|name| known(row, name).is_some());
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
        let mut figures = rows.iter().map(|row| figure(row, column));
        let first = figures.next().flatten();
        exact(figures.fold(first, |sum, figure| sum?.checked_add(figure?)))
    });
}

/// How two rows stand by a column, the largest first where it has a `-`; unknown is the smallest.
fn by_key(one: &Value, other: &Value, key: &str) -> Ordering {
    let column = key.trim_start_matches('-');
    let (one, other) = (known(one, column), known(other, column));
    let order = match (&one, &other) {
        (Some(a), Some(b)) => compared(a, b).unwrap_or_else(|| a.cmp(b)),
        _ => one.is_some().cmp(&other.is_some()),
    };
    if key.starts_with('-') { order.reverse() } else { order }
}

/// The name of what a row is about in the reader's language, else its code. Of a firm that may not be
/// named in this paper no more than its chain.
fn name(state: &State, row: &Value, words: &Phrases) -> Value {
    let locale = words.locale;
    let text = |column: &str| row.get_attr(column).ok().filter(|it| it.as_str().is_some());
    let known = |kind: &str, key: &Value| {
        let names = state.lookup("names")?.get_attr(kind).ok()?;
        names.get_attr(key.as_str()?).ok().filter(|it| it.as_str().is_some())
    };
    let scope = || known(text("scope_kind")?.as_str()?, &text("scope_id")?);
    let is_of_firm = text("scope_kind")
        .is_some_and(|it| ["leading", "firm"].contains(&it.as_str().unwrap_or_default()));
    let firm = text("credit_code").or_else(|| text("buyer_code"));
    let firm = firm.or_else(|| text("scope_id").filter(|_| is_of_firm));
    let has_names = state.lookup("names").and_then(|it| it.get_attr("firm").ok());
    if let Some(firm) = firm.filter(|_| has_names.is_some_and(|it| !it.is_undefined()))
        && known("firm", &firm).is_none()
    {
        let chain = text("chain").filter(|it| it.as_str() != Some("none"));
        let chain = chain.and_then(|chain| known("chain", &chain));
        return words.unnamed(chain.as_ref().and_then(Value::as_str)).into();
    }
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
        let is_known = !label.contains(GAP) && !value.contains(GAP);
        let [label, value, note] = [*label, *value, note].map(page::inline);
        let figure = format!("<strong>{value}</strong><small>{note}</small>");
        is_known.then(|| format!("<div><dt>{label}</dt><dd>{figure}</dd></div>\n"))
    };
    let tiles: String = lines.lines().filter_map(tile).collect();
    if tiles.is_empty() {
        return tiles;
    }
    marked(PAGE, &format!("<dl class=\"tiles\">\n{tiles}</dl>"))
}
