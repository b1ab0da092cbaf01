//! Structure: zones (this year and the last full one), size classes, industries.

use super::scopes;
use crate::stages::publish::brief::Issue;
use crate::stages::publish::brief::document::Block;
use crate::stages::publish::brief::facts::Facts;
use crate::stages::publish::brief::facts::totals::Total;
use crate::stages::publish::brief::figures;
use crate::stages::publish::brief::words::Words;

/// Industries in the table; a district has up to 41 divisions.
const DIVISIONS_MAX: usize = 10;

/// Writes the section.
pub(crate) fn write(facts: &Facts, _: &Issue<'_>, words: Words) -> Vec<Block> {
    let parts = [
        ("brief.structure.zones", zones(facts, words)),
        ("brief.structure.sizes", sizes(facts, words)),
        ("brief.structure.divisions", divisions(facts, words)),
    ];
    let mut blocks = Vec::new();
    for (heading, part) in parts {
        if !part.is_empty() {
            blocks.push(Block::Subheading(words.word(heading)));
            blocks.extend(part);
        }
    }
    blocks
}

fn zones(facts: &Facts, words: Words) -> Vec<Block> {
    let zones = scopes::largest(facts, "zone");
    let sentences = [this_year(facts, words, zones.len()), last_year(facts, words, zones.len())];
    let paragraph = words.paragraph(&sentences);
    let mut blocks: Vec<Block> = paragraph.map(Block::Paragraph).into_iter().collect();
    blocks.extend(scopes::table(facts, words, "brief.structure.zones_table", &zones));
    blocks
}

fn this_year(facts: &Facts, words: Words, zones: usize) -> Option<String> {
    let headline = &facts.headline;
    let span = words.span(facts.period);
    let value = words.figures.level(headline.zones_ytd?);
    let count = words.count(Some(zones).filter(|zones| 0 < *zones)?);
    let arguments = [("span", span.as_str()), ("count", &count), ("value", &value)];
    let lead = words.say("brief.structure.zones_ytd", &arguments);
    words.sentence(&[Some(lead), headline.zones_share.map(|share| words.share_of_district(share))])
}

fn last_year(facts: &Facts, words: Words, zones: usize) -> Option<String> {
    let headline = &facts.headline;
    let year = words.year(headline.previous_year?);
    let value = words.figures.level(headline.previous_year_zones?);
    let known = [facts.previous_year_zones, zones].into_iter().find(|zones| 0 < *zones)?;
    let count = words.count(known);
    let arguments = [("year", year.as_str()), ("count", &count), ("value", &value)];
    let lead = words.say("brief.structure.zones_year", &arguments);
    let share = headline.previous_year_zones_share.map(|share| words.share_of_district(share));
    words.sentence(&[Some(lead), share])
}

fn sizes(facts: &Facts, words: Words) -> Vec<Block> {
    let mut sizes = facts.scope("size", "output");
    sizes.sort_by(|a, b| a.scope_id.cmp(&b.scope_id));
    let first = sizes.first().and_then(|largest| scopes::sentence(words, largest));
    let mut blocks: Vec<Block> = first.map(Block::Paragraph).into_iter().collect();
    blocks.extend(scopes::table(facts, words, "brief.structure.sizes_table", &sizes));
    blocks
}

fn divisions(facts: &Facts, words: Words) -> Vec<Block> {
    let divisions = scopes::largest(facts, "industry");
    let mut blocks: Vec<Block> =
        breadth(words, &divisions).map(Block::Paragraph).into_iter().collect();
    let top: Vec<&Total> = divisions.into_iter().take(DIVISIONS_MAX).collect();
    blocks.extend(scopes::table(facts, words, "brief.structure.divisions_table", &top));
    blocks
}

/// How many industries grow.
fn breadth(words: Words, divisions: &[&Total]) -> Option<String> {
    let growing = scopes::growing(divisions);
    let share = figures::ratio(i64::try_from(growing).ok()?, i64::try_from(divisions.len()).ok()?)?;
    let (count, growing) = (divisions.len().to_string(), growing.to_string());
    let breadth = figures::rate(share);
    let arguments = [("count", count.as_str()), ("growing", &growing), ("breadth", &breadth)];
    words.sentence(&[Some(words.say("brief.structure.divisions_breadth", &arguments))])
}
