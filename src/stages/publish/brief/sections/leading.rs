//! The leading firms: each with level, growth, points and share.

use rust_decimal::Decimal;

use super::scopes;
use crate::stages::publish::brief::Issue;
use crate::stages::publish::brief::document::Block;
use crate::stages::publish::brief::facts::Facts;
use crate::stages::publish::brief::facts::totals::Total;
use crate::stages::publish::brief::words::Words;

/// Leading firms named in sentences; the table has them all.
const NAMED_MAX: usize = 8;

/// Writes the section.
pub(crate) fn write(facts: &Facts, _: &Issue<'_>, words: Words) -> Vec<Block> {
    let firms = scopes::largest(facts, "leading");
    let named = firms.iter().take(NAMED_MAX);
    let items: Vec<String> = named.filter_map(|firm| scopes::sentence(words, firm)).collect();
    if items.is_empty() {
        return Vec::new();
    }
    let mut blocks = Vec::new();
    blocks.extend(together(facts, words, &firms).map(Block::Paragraph));
    blocks.push(Block::List(items));
    if NAMED_MAX < firms.len() {
        blocks.extend(scopes::table(facts, words, "brief.leading.table", &firms));
    }
    blocks.extend(scopes::chart(words, "brief.leading.chart", &firms));
    blocks
}

/// All leading firms in one sentence; none for a single firm, nor when one of them is unknown.
fn together(facts: &Facts, words: Words, firms: &[&Total]) -> Option<String> {
    let sum = |figure: fn(&Total) -> Option<Decimal>| -> Option<Decimal> {
        firms.iter().map(|firm| figure(firm)).sum()
    };
    let count = words.count(firms.len());
    let span = words.span(facts.period);
    let value = words.figures.level(sum(|firm| firm.ytd)?);
    let arguments = [("span", span.as_str()), ("count", &count), ("value", &value)];
    let lead = words.say("brief.leading.together", &arguments);
    let points = sum(|firm| firm.points).and_then(|points| words.contribution(points));
    let share = sum(|firm| firm.share).map(|share| words.share_of_district(share));
    (1 < firms.len()).then(|| words.sentence(&[Some(lead), points, share])).flatten()
}
