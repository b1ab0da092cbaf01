//! The figures to see first.

use rust_decimal::Decimal;

use crate::stages::publish::brief::document::Tile;
use crate::stages::publish::brief::facts::Facts;
use crate::stages::publish::brief::figures;
use crate::stages::publish::brief::words::Words;

/// At most six tiles, fewer where figures are missing.
pub(crate) fn write(facts: &Facts, words: Words) -> Vec<Tile> {
    let headline = &facts.headline;
    let growth = |fraction: Option<Decimal>| fraction.map(|fraction| words.growth(fraction));
    let money = |yuan: Option<Decimal>| yuan.map(|yuan| words.figures.level(yuan));
    let rate = |fraction: Option<Decimal>| fraction.map(figures::rate);
    let span = words.span(facts.period);
    let month = words.month(facts.period);
    let firms = headline.firms_received.zip(headline.firms_due).map(|(received, due)| {
        let [received, due] = [received, due].map(|count| count.to_string());
        words.say("brief.tile.response.note", &[("received", &received), ("due", &due)])
    });
    let growing = headline
        .firms_growing
        .map(|count| words.say("brief.tile.breadth.note", &[("growing", &count.to_string())]));
    let sales = growth(headline.sales_yoy_ytd)
        .map(|growth| words.say("brief.tile.sales_ratio.note", &[("growth", &growth)]));
    let plain = |key: &str, value: Option<String>, note: Option<String>| {
        let label = words.say(key, &[("span", &span), ("month", &month)]);
        value.map(|value| Tile { label, value, note })
    };
    // what rests on too few reports says so where it is seen first
    let tile = |key: &str, value: Option<String>, note: Option<String>| {
        let mut tile = plain(key, value, note)?;
        if headline.incomplete.is_some() {
            tile.label = words.say("brief.tile.incomplete", &[("label", &tile.label)]);
        }
        Some(tile)
    };
    [
        tile("brief.tile.output", money(headline.output_ytd), growth(headline.yoy_ytd)),
        tile("brief.tile.month", money(headline.output_month), growth(headline.yoy_month)),
        tile("brief.tile.sales_ratio", rate(headline.sales_ratio_ytd), sales),
        tile("brief.tile.exports", money(headline.exports_ytd), growth(headline.exports_yoy_ytd)),
        tile("brief.tile.breadth", rate(headline.growth_breadth), growing),
        plain("brief.tile.response", rate(headline.response_rate), firms),
    ]
    .into_iter()
    .flatten()
    .collect()
}
