//! A life in words, for whoever looks for the reason of a difference.

use std::fmt::Write;

use super::months::{label, written};
use super::story::Story;
use super::town::{Stay, Town};
use super::world::Judged;

/// The roster, and every receipt with what became of it in the end.
pub(super) fn story(story: &Story) -> String {
    let mut text = roster(&story.town);
    for ((form, code, month), history) in &story.worlds.last().unwrap().families {
        writeln!(text, "{} {code} {}", form.text(), label(*month)).unwrap();
        for (place, judged) in history.judged.iter().enumerate() {
            let counts = if history.counted.contains(&place) { "counts" } else { "" };
            writeln!(text, "   {} {counts}", receipt(story, judged)).unwrap();
        }
    }
    text
}

fn roster(town: &Town) -> String {
    let (first, last) = (label(town.first), label(town.last));
    let mut text = format!("{first} to {last}, since {:?}\n", town.since.map(label));
    for (code, stays) in &town.firms {
        for stay in stays {
            let Stay { name, zone, chain, industry, size, is_leading, keeps_base, forms, .. } =
                stay;
            let (from, to) = (label(stay.from), stay.to.map(label).unwrap_or_default());
            writeln!(
                text,
                "{code} {from}..{to} {name} {zone}/{chain}/{industry}/{size} \
                 leading={is_leading} keep={keeps_base} {forms:?}"
            )
            .unwrap();
        }
    }
    for link in &town.links {
        let (kind, month) = (link.kind, label(link.month));
        writeln!(text, "{kind:?} {} {month} {:?}", link.code, link.predecessor).unwrap();
    }
    for goal in &town.goals {
        writeln!(text, "{goal:?}").unwrap();
    }
    text
}

fn receipt(story: &Story, judged: &Judged) -> String {
    let paper = &story.papers[judged.receipt.paper];
    let parcel = &story.parcels[judged.receipt.parcel];
    let draft = &paper.draft;
    format!(
        "run {} {} {:?}{} {:?} version {} {:?} explained={} enclosed={} {:?}",
        parcel.batch + 1,
        written(judged.receipt.at),
        judged.verdict,
        if judged.is_contradicted { " contradicted" } else { "" },
        story.bundles[parcel.bundle].shape,
        draft.version,
        draft.flaw,
        paper.is_explained,
        judged.receipt.is_enclosed,
        paper.rows.get("output").or(paper.rows.values().next()),
    )
}
