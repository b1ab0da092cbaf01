//! Growth breadth (增长面): how many of the firms with both years' figures grow, how many fall.

use crate::stages::publish::brief::Issue;
use crate::stages::publish::brief::document::Block;
use crate::stages::publish::brief::facts::Facts;
use crate::stages::publish::brief::figures;
use crate::stages::publish::brief::words::Words;

/// Writes the section.
pub(crate) fn write(facts: &Facts, _: &Issue<'_>, words: Words) -> Vec<Block> {
    words.paragraph(&[growing(facts, words)]).map(Block::Paragraph).into_iter().collect()
}

fn growing(facts: &Facts, words: Words) -> Option<String> {
    let headline = &facts.headline;
    let span = words.span(facts.period);
    let [compared, growing] =
        [headline.firms_compared?, headline.firms_growing?].map(|count| count.to_string());
    let breadth = figures::rate(headline.growth_breadth?);
    let arguments = [
        ("span", span.as_str()),
        ("compared", &compared),
        ("growing", &growing),
        ("breadth", &breadth),
    ];
    let falling = headline
        .share_falling
        .map(|share| words.say("brief.breadth.falling", &[("share", &figures::rate(share))]));
    words.sentence(&[Some(words.say("brief.breadth.growing", &arguments)), falling])
}
