//! The industrial chains: how many grow, which pulls most, the table and the chart.

use super::scopes;
use crate::stages::publish::brief::Issue;
use crate::stages::publish::brief::document::Block;
use crate::stages::publish::brief::facts::Facts;
use crate::stages::publish::brief::facts::totals::Total;
use crate::stages::publish::brief::words::Words;

/// Writes the section.
pub(crate) fn write(facts: &Facts, _: &Issue<'_>, words: Words) -> Vec<Block> {
    let chains = scopes::largest(facts, "chain");
    let paragraph = words.paragraph(&[summary(words, &chains), strongest(words, &chains)]);
    let mut blocks: Vec<Block> = paragraph.map(Block::Paragraph).into_iter().collect();
    blocks.extend(scopes::table(facts, words, "brief.chains.table", &chains));
    blocks.extend(scopes::chart(words, "brief.chains.chart", &chains));
    blocks
}

fn summary(words: Words, chains: &[&Total]) -> Option<String> {
    let is_known = !chains.is_empty() && chains.iter().all(|chain| chain.yoy_ytd.is_some());
    let (count, growing) = (words.count(chains.len()), words.count(scopes::growing(chains)));
    let arguments = [("count", count.as_str()), ("growing", &growing)];
    is_known
        .then(|| words.sentence(&[Some(words.say("brief.chains.summary", &arguments))]))
        .flatten()
}

/// The chain that adds most; none when none adds.
fn strongest(words: Words, chains: &[&Total]) -> Option<String> {
    let adding = chains.iter().filter(|chain| {
        chain.points.is_some_and(|points| points.is_sign_positive() && !points.is_zero())
    });
    let chain = adding.max_by_key(|chain| chain.points)?;
    let value = words.figures.level(chain.ytd?);
    let lead = words.say("brief.chains.strongest", &[("name", &chain.name), ("value", &value)]);
    words.sentence(&[
        Some(lead),
        chain.yoy_ytd.map(|yoy| words.growth(yoy)),
        chain.points.and_then(|points| words.contribution(points)),
    ])
}
