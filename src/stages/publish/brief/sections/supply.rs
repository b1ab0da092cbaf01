//! Local supply: what firms of the district supply to one another, and how far buyers buy here.

use crate::stages::publish::brief::Issue;
use crate::stages::publish::brief::document::{Block, Table};
use crate::stages::publish::brief::facts::Facts;
use crate::stages::publish::brief::figures;
use crate::stages::publish::brief::words::Words;

/// Buyers in the table.
const BUYERS_MAX: usize = 10;

/// Writes the section.
pub(crate) fn write(facts: &Facts, _: &Issue<'_>, words: Words) -> Vec<Block> {
    let paragraph = words.paragraph(&[supplied(facts, words)]);
    let mut blocks: Vec<Block> = paragraph.map(Block::Paragraph).into_iter().collect();
    blocks.extend(buyers(facts, words));
    blocks
}

fn supplied(facts: &Facts, words: Words) -> Option<String> {
    let supply = &facts.supply;
    let span = words.span(facts.period);
    let suppliers = supply.suppliers.to_string();
    let value = words.figures.level(supply.ytd?);
    let arguments = [("span", span.as_str()), ("suppliers", &suppliers), ("value", &value)];
    let lead = words.say("brief.supply.supplied", &arguments);
    words.sentence(&[Some(lead), supply.yoy_ytd.map(|yoy| words.growth(yoy))])
}

fn buyers(facts: &Facts, words: Words) -> Option<Block> {
    let columns = vec![
        (words.word("brief.column.firm"), false),
        (words.word("brief.column.purchases"), true),
        (words.word("brief.column.local_purchases"), true),
        (words.word("brief.column.supply_rate"), true),
        (words.word("brief.column.change"), true),
    ];
    let mut table = Table::new(words.word("brief.supply.table"), columns);
    for rate in facts.supply.rates.iter().take(BUYERS_MAX) {
        table.push(vec![
            Some(rate.buyer.clone()),
            rate.purchases.map(|yuan| words.figures.medium(yuan)),
            rate.local_purchases.map(|yuan| words.figures.medium(yuan)),
            rate.local_share.map(figures::rate),
            rate.change_points.map(|points| figures::fixed(points, 1)),
        ]);
    }
    table.trimmed()
}
