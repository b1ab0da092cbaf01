//! The sections of the brief, in the order a bureau uses.
//!
//! In: the facts. Out: the document. Each section returns the blocks it has figures for; a section
//! without any is left out and the numbering closes up.

use super::document::{Block, Document, Link, Section};
use super::facts::Facts;
use super::words::Words;
use super::{Issue, file_stem};
use crate::texts::Locale;

mod basis;
mod breadth;
mod chains;
mod leading;
mod level;
mod movers;
mod problems;
mod scopes;
mod structure;
mod supply;
mod targets;
mod tiles;

/// A section: the key of its heading, and what writes it.
type Writer = fn(&Facts, &Issue<'_>, Words) -> Vec<Block>;

/// The order of the brief.
const ORDER: [(&str, Writer); 9] = [
    ("brief.level.heading", level::write),
    ("brief.leading.heading", leading::write),
    ("brief.chains.heading", chains::write),
    ("brief.structure.heading", structure::write),
    ("brief.breadth.heading", breadth::write),
    ("brief.movers.heading", movers::write),
    ("brief.supply.heading", supply::write),
    ("brief.problems.heading", problems::write),
    ("brief.targets.heading", targets::write),
];

/// Puts the whole brief together.
pub(crate) fn compose(facts: &Facts, issue: &Issue<'_>, locale: Locale) -> Document {
    let words = Words::new(locale, issue.district);
    let district = issue.district.name.get(locale);
    let span = words.dated_span(issue.period);
    Document {
        locale,
        title: words.say("brief.title", &[("district", district), ("span", &span)]),
        imprint: vec![
            issue.district.bureau.get(locale).to_owned(),
            words.say("brief.edition", &[("edition", &issue.edition.to_string())]),
        ],
        notice: issue.district.is_synthetic.then(|| words.word("brief.synthetic")),
        links_label: words.word("brief.languages"),
        links: links(issue, locale),
        tiles: tiles::write(facts, words),
        sections: numbered(facts, issue, words),
        footer_heading: words.word("brief.basis.heading"),
        footer: basis::write(facts, issue, words),
    }
}

fn numbered(facts: &Facts, issue: &Issue<'_>, words: Words) -> Vec<Section> {
    let written = ORDER.map(|(key, write)| (key, write(facts, issue, words)));
    let ordinals = words.word("brief.ordinals");
    let mut ordinals = ordinals.split(' ');
    let mut sections = Vec::new();
    for (key, blocks) in written.into_iter().filter(|(_, blocks)| !blocks.is_empty()) {
        let number = ordinals.next().unwrap_or_default();
        let name = words.word(key);
        let heading = words.say("brief.heading", &[("number", number), ("name", &name)]);
        sections.push(Section { heading, blocks });
    }
    if sections.is_empty() {
        let blocks = vec![Block::Paragraph(words.word("brief.nothing"))];
        sections.push(Section { heading: words.word("brief.nothing.heading"), blocks });
    }
    sections
}

fn links(issue: &Issue<'_>, locale: Locale) -> Vec<Link> {
    let others = issue.locales.iter().filter(|other| **other != locale);
    others
        .map(|other| Link {
            locale: *other,
            label: Words::new(*other, issue.district).word("brief.language"),
            file_stem: file_stem(issue.period, *other, issue.locales),
        })
        .collect()
}
