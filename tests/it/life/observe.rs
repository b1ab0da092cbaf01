//! What happened in a life, seen from its end: what of the roster and of the papers came about.

use super::judge::Verdict;
use super::paper::Flaw;
use super::plan::Shape;
use super::story::Story;
use super::tally::{Happening, Tally};
use super::town::{FormNo, LinkKind, Stay, Town};
use super::world::{Family, History};

/// Everything that happened.
pub(super) fn observe(story: &Story) -> Tally {
    let mut tally = story.tally.clone();
    roster(&story.town, &mut tally);
    let world = story.worlds.last().unwrap();
    for (family, history) in &world.families {
        papers(story, family, history, &mut tally);
    }
    for code in story.town.firms.keys() {
        for month in story.town.first..=story.town.last {
            let family = (FormNo::B204, code.clone(), month);
            let is_missing = !world.families.contains_key(&family);
            if is_missing && story.town.is_asked(code, FormNo::B204, month) {
                tally.tell(Happening::Missing);
            }
        }
    }
    for parcel in &story.parcels {
        let papers = &story.bundles[parcel.bundle].papers;
        if let [paper] = papers.as_slice()
            && story.papers[*paper].draft.flaw == Some(Flaw::Empty)
        {
            tally.tell(Happening::EmptyAlone);
        }
    }
    tally
}

fn roster(town: &Town, tally: &mut Tally) {
    for stays in town.firms.values() {
        if stays[0].revenue.is_some() {
            tally.tell(Happening::Revenue);
        }
        if town.first < stays[0].from {
            tally.tell(Happening::Entry);
        }
        for pair in stays.windows(2) {
            let is_gap = pair[0].to.unwrap() + 1 < pair[1].from;
            tally.tell(if is_gap { Happening::Reentry } else { Happening::Move });
        }
        if let Some(Stay { to: Some(to), keeps_base, .. }) = stays.last()
            && *to < town.last
        {
            tally.tell(if *keeps_base { Happening::ExitKeep } else { Happening::ExitDrop });
        }
        for stay in stays {
            let kinds = [(FormNo::Ly01, Happening::Ly01), (FormNo::Ly02, Happening::Ly02)];
            for (_, kind) in kinds.iter().filter(|(form, _)| stay.forms.contains(form)) {
                tally.tell(*kind);
            }
        }
    }
    for link in &town.links {
        tally.tell(match link.kind {
            LinkKind::CodeChange => Happening::CodeChange,
            LinkKind::Merger => Happening::Merger,
            LinkKind::Split => Happening::Split,
            LinkKind::Base => Happening::Base,
        });
    }
    if town.since.is_some() {
        tally.tell(Happening::Since);
    }
    let months = (town.first..=town.last).filter(|month| super::months::number(*month) != 1);
    let without = months.filter(|month| !town.deadlines.contains_key(&(FormNo::B204, *month)));
    without.for_each(|_| tally.tell(Happening::NoDeadline));
}

fn papers(story: &Story, family: &Family, history: &History, tally: &mut Tally) {
    let (form, _, month) = family;
    let deadline = story.town.deadlines.get(&(*form, *month));
    if deadline.is_some_and(|deadline| *deadline < history.judged[0].receipt.at) {
        tally.tell(Happening::Late);
    }
    for (place, judged) in history.judged.iter().enumerate() {
        let paper = &story.papers[judged.receipt.paper];
        let counts = history.counted.contains(&place);
        if judged.receipt.is_enclosed {
            let kind = if counts { Happening::EnclosedCounts } else { Happening::EnclosedIgnored };
            tally.tell(kind);
        }
        if story.bundles[story.parcels[judged.receipt.parcel].bundle].shape == Shape::Export {
            tally.tell(match (counts, place) {
                (true, 0) => Happening::ExportFirst,
                (true, _) => Happening::ExportDiffers,
                _ => Happening::ExportAgrees,
            });
        }
        if counts && !story.town.bears_base(*form, paper.draft.is_export) {
            let is_form = *form == FormNo::Ly02;
            tally.tell(if is_form {
                Happening::FormWithoutBase
            } else {
                Happening::ExportWithoutBase
            });
        }
        if judged.is_contradicted && judged.verdict == Verdict::Accepted {
            tally.tell(Happening::Contradicted);
        }
        let kind = match paper.draft.flaw {
            Some(Flaw::ExportsOverSales) => Happening::ExportsOverSales,
            Some(Flaw::BlankPrior) => Happening::BlankPrior,
            Some(Flaw::WrongPrior) if judged.verdict == Verdict::Refused => Happening::WrongPrior,
            Some(Flaw::WrongSum) => Happening::WrongSum,
            Some(Flaw::TooLarge) => Happening::TooLarge,
            Some(Flaw::Slip) => Happening::Slip,
            Some(Flaw::OtherName) => Happening::OtherName,
            Some(Flaw::UnknownCode) => Happening::UnknownCode,
            Some(Flaw::UnknownDocument) => Happening::UnknownDocument,
            Some(Flaw::SalesRatio) => Happening::SalesRatio,
            Some(Flaw::SuppliesItself) => Happening::SuppliesItself,
            _ => continue,
        };
        tally.tell(kind);
    }
}
