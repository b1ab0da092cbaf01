//! The table and the chart that zones, chains, sizes, industries and leading firms share.

use rust_decimal::Decimal;

use crate::stages::publish::brief::document::{BarRow, Bars, Block, Chart, Drawing, Table};
use crate::stages::publish::brief::facts::Facts;
use crate::stages::publish::brief::facts::totals::Total;
use crate::stages::publish::brief::figures;
use crate::stages::publish::brief::words::Words;

/// Totals of output in the scopes of a kind, the largest first.
pub(crate) fn largest<'a>(facts: &'a Facts, kind: &'a str) -> Vec<&'a Total> {
    let mut totals = facts.scope(kind, "output");
    totals.sort_by(|a, b| b.ytd.cmp(&a.ytd).then_with(|| a.scope_id.cmp(&b.scope_id)));
    totals
}

/// A table of scopes: firms, month, year to date, growth, share, points, growth breadth.
pub(crate) fn table(
    facts: &Facts,
    words: Words,
    caption: &str,
    totals: &[&Total],
) -> Option<Block> {
    let columns = vec![
        (words.word("brief.column.name"), false),
        (words.word("brief.column.firms"), true),
        (words.month(facts.period), true),
        (words.span(facts.period), true),
        (words.word("brief.column.growth"), true),
        (words.word("brief.column.share"), true),
        (words.word("brief.column.points"), true),
        (words.word("brief.column.breadth"), true),
    ];
    let mut table = Table::new(words.word(caption), columns);
    for total in totals {
        let breadth = total.firms_growing.zip(total.firms_compared);
        table.push(vec![
            Some(total.name.clone()),
            total.firms_reported.map(|count| count.to_string()),
            total.month.map(|yuan| words.figures.medium(yuan)),
            total.ytd.map(|yuan| words.figures.medium(yuan)),
            total.yoy_ytd.map(figures::rate),
            total.share.map(figures::share),
            total.points.map(|points| figures::fixed(points, 2)),
            breadth.and_then(|(some, all)| figures::ratio(some, all)).map(figures::rate),
        ]);
    }
    table.trimmed()
}

/// A chart of scopes: level and growth of the year to date; none for fewer than two.
pub(crate) fn chart(words: Words, title: &str, totals: &[&Total]) -> Option<Block> {
    let row = |total: &&Total| {
        let yuan = total.ytd?;
        Some(BarRow {
            label: total.name.clone(),
            level: words.figures.in_large_units(yuan),
            level_text: words.figures.large(yuan),
            growth: total.yoy_ytd.map(|fraction| fraction * Decimal::ONE_HUNDRED),
            growth_text: total.yoy_ytd.map_or_else(|| figures::NONE.to_owned(), figures::rate),
        })
    };
    let rows: Vec<BarRow> = totals.iter().filter_map(row).collect();
    let row_texts = rows.iter().map(|row| {
        let arguments = [("name", row.label.as_str()), ("level", &row.level_text)];
        words.say("brief.chart.row", &[&arguments[..], &[("growth", &row.growth_text)]].concat())
    });
    let row_texts: Vec<String> = row_texts.collect();
    let separator = words.word("brief.join.list");
    let chart = Chart {
        title: words.word(title),
        description: row_texts.join(&separator),
        drawing: Drawing::Bars(Bars {
            level_heading: words.word("brief.chart.ytd_level"),
            growth_heading: words.word("brief.chart.ytd_growth"),
            rows,
        }),
    };
    (1 < row_texts.len()).then_some(Block::Chart(chart))
}

/// How many scopes grew.
pub(crate) fn growing(totals: &[&Total]) -> usize {
    totals.iter().filter(|total| total.yoy_ytd.is_some_and(|yoy| Decimal::ZERO < yoy)).count()
}

/// What a scope produced: level, growth, points, share.
pub(crate) fn sentence(words: Words, total: &Total) -> Option<String> {
    let lead = total.ytd.map(|yuan| {
        let value = words.figures.level(yuan);
        words.say("brief.scope.output", &[("name", &total.name), ("value", &value)])
    });
    words.sentence(&[
        lead,
        total.yoy_ytd.map(|yoy| words.growth(yoy)),
        total.points.and_then(|points| words.contribution(points)),
        total.share.map(|share| words.share_of_district(share)),
    ])
}
