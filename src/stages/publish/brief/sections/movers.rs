//! The firms that add most to the district's growth, and those that take most from it.

use rust_decimal::Decimal;

use crate::stages::publish::brief::Issue;
use crate::stages::publish::brief::document::{Block, Table};
use crate::stages::publish::brief::facts::Facts;
use crate::stages::publish::brief::facts::firms::FirmMonth;
use crate::stages::publish::brief::figures;
use crate::stages::publish::brief::words::Words;

/// Firms on each side.
const FIRMS_MAX: usize = 5;

/// Writes the section.
pub(crate) fn write(facts: &Facts, _: &Issue<'_>, words: Words) -> Vec<Block> {
    let mut known: Vec<(Decimal, &FirmMonth)> =
        facts.firms.iter().filter_map(|firm| Some((weighty(firm.points?)?, firm))).collect();
    known.sort_by(|(a, left), (b, right)| {
        b.cmp(a).then_with(|| left.credit_code.cmp(&right.credit_code))
    });
    let (adding, taking) = (adding(&known), taking(&known));
    let sentences = [
        together(words, "brief.movers.adding", &adding),
        together(words, "brief.movers.taking", &taking),
    ];
    let paragraph = words.paragraph(&sentences);
    let mut blocks: Vec<Block> = paragraph.map(Block::Paragraph).into_iter().collect();
    blocks.extend(table(facts, words, "brief.movers.adding_table", &adding));
    blocks.extend(table(facts, words, "brief.movers.taking_table", &taking));
    blocks
}

/// The points, unless the table would show them as 0.00.
fn weighty(points: Decimal) -> Option<Decimal> {
    (!figures::round(points, 2).is_zero()).then_some(points)
}

/// The firms with the most points above zero.
fn adding<'a>(known: &[(Decimal, &'a FirmMonth)]) -> Vec<(Decimal, &'a FirmMonth)> {
    known.iter().filter(|(points, _)| Decimal::ZERO < *points).take(FIRMS_MAX).copied().collect()
}

/// The firms with the most points below zero, the lowest first.
fn taking<'a>(known: &[(Decimal, &'a FirmMonth)]) -> Vec<(Decimal, &'a FirmMonth)> {
    let below = known.iter().rev().filter(|(points, _)| *points < Decimal::ZERO);
    below.take(FIRMS_MAX).copied().collect()
}

/// Their points together; none for a single firm, which the table names.
fn together(words: Words, key: &str, firms: &[(Decimal, &FirmMonth)]) -> Option<String> {
    let points: Decimal = firms.iter().map(|(points, _)| *points).sum();
    let size = figures::points(points.abs());
    let count = words.count(firms.len());
    let lead = words.say(key, &[("count", &count), ("points", &size)]);
    (1 < firms.len()).then(|| words.sentence(&[Some(lead)])).flatten()
}

fn table(
    facts: &Facts,
    words: Words,
    caption: &str,
    firms: &[(Decimal, &FirmMonth)],
) -> Option<Block> {
    let columns = vec![
        (words.word("brief.column.firm"), false),
        (words.word("brief.column.chain"), false),
        (words.span(facts.period), true),
        (words.word("brief.column.growth"), true),
        (words.word("brief.column.points"), true),
    ];
    let mut table = Table::new(words.word(caption), columns);
    for (points, firm) in firms {
        table.push(vec![
            Some(firm.name.clone()),
            firm.chain.clone(),
            firm.ytd.map(|yuan| words.figures.medium(yuan)),
            firm.yoy_ytd.map(figures::rate),
            Some(figures::fixed(*points, 2)),
        ]);
    }
    table.trimmed()
}
