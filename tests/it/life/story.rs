//! A whole life: every paper filled month by month from what counted before, and what must be known
//! after each publication.

use std::collections::{BTreeMap, BTreeSet};

use super::chance::Chance;
use super::founding;
use super::judge::{Verdict, judge};
use super::months::Month;
use super::paper::{Draft, Flaw, Paper};
use super::plan::{Bundle, Parcel, Plan};
use super::tally::{Happening, Kinds, Tally};
use super::town::Town;
use super::world::{Family, Judged, Receipt, World};

/// A life.
pub(super) struct Story {
    pub(super) seed: u64,
    pub(super) town: Town,
    pub(super) papers: Vec<Paper>,
    pub(super) bundles: Vec<Bundle>,
    pub(super) parcels: Vec<Parcel>,
    /// What is known at each publication, the last one with everything.
    pub(super) worlds: Vec<World>,
    pub(super) tally: Tally,
    pub(super) batches: usize,
}

/// Lets a district live up to an instant.
pub(super) fn live(seed: u64, kinds: &Kinds, now: i64) -> Story {
    let town = founding::found(seed, kinds);
    let Plan { drafts, misnamed, bundles, parcels, tally, .. } = Plan::new(seed, &town, kinds, now);
    let batches = parcels.iter().map(|parcel| parcel.batch + 1).max().unwrap_or(1);
    let mut dice = Chance::new(seed).fork(&[20]);
    let early = usize::try_from(dice.between(0, i64::try_from(batches - 1).unwrap())).unwrap();
    let mut worlds = vec![World::new(batches - 1)];
    // A second publication in some lives: one costs as much as all that is taken in.
    if early + 1 < batches && dice.often(35) {
        worlds.insert(0, World::new(early));
    }
    let mut filler = Filler {
        dice,
        papers: vec![None; drafts.len()],
        bundles,
        worlds,
        tally,
        receipts: BTreeMap::new(),
    };
    filler.collect(&drafts, &parcels);
    let months: BTreeSet<Month> = filler.receipts.keys().map(|family| family.2).collect();
    for month in months {
        let families: Vec<Family> =
            filler.receipts.keys().filter(|family| family.2 == month).cloned().collect();
        for family in families {
            filler.family(&town, &family, &drafts, &misnamed);
        }
    }
    let Filler { papers, bundles, worlds, tally, .. } = filler;
    let blank = |(place, paper): (usize, Option<Paper>)| {
        // An empty form, or one that was never sent.
        paper.unwrap_or_else(|| drafts[place].fill(&town, None, &mut Chance::new(seed)))
    };
    let papers = papers.into_iter().enumerate().map(blank).collect();
    Story { seed, town, papers, bundles, parcels, worlds, tally, batches }
}

struct Filler {
    dice: Chance,
    papers: Vec<Option<Paper>>,
    bundles: Vec<Bundle>,
    worlds: Vec<World>,
    tally: Tally,
    /// The receipts of each family with the run that finds them.
    receipts: BTreeMap<Family, Vec<(Receipt, usize)>>,
}

impl Filler {
    fn collect(&mut self, drafts: &[Draft], parcels: &[Parcel]) {
        for (place, parcel) in parcels.iter().enumerate() {
            let papers = &self.bundles[parcel.bundle].papers;
            for paper in papers.iter().filter(|paper| drafts[**paper].flaw != Some(Flaw::Empty)) {
                let draft = &drafts[*paper];
                let is_enclosed = papers.iter().any(|other| {
                    let other = &drafts[*other];
                    (other.form, &other.code) == (draft.form, &draft.code)
                        && other.month == draft.month + 12
                });
                let receipt = Receipt { paper: *paper, parcel: place, at: parcel.at, is_enclosed };
                let (code, month) = draft.heading();
                let family = self.receipts.entry((draft.form, code, month)).or_default();
                family.push((receipt, parcel.batch));
            }
        }
        for family in self.receipts.values_mut() {
            family.sort_by_key(|(receipt, _)| (receipt.at, receipt.paper));
        }
    }

    /// Fills the papers of a family, explains them where they might be queried, and judges them.
    fn family(
        &mut self,
        town: &Town,
        family: &Family,
        drafts: &[Draft],
        misnamed: &BTreeSet<usize>,
    ) {
        let receipts = self.receipts[family].clone();
        for (receipt, _) in &receipts {
            if self.papers[receipt.paper].is_some() {
                continue;
            }
            let draft = &drafts[receipt.paper];
            let everything = self.worlds.last().unwrap();
            let about = (draft.code.as_str(), draft.month);
            let past = everything.last_year(town, draft.form, about, receipt.at);
            let mut dice = self.dice.fork(&[i64::try_from(receipt.paper).unwrap()]);
            let mut paper = draft.fill(town, past.as_ref(), &mut dice);
            if misnamed.contains(&receipt.paper) {
                paper.named = Some(paper.month - 1);
            }
            self.papers[receipt.paper] = Some(paper);
        }
        self.explain(town, &receipts);
        for place in 0..self.worlds.len() {
            let world = &self.worlds[place];
            let known = receipts.iter().filter(|(receipt, batch)| {
                *batch <= world.upto && self.papers[receipt.paper].is_some()
            });
            let judged: Vec<Judged> = known
                .map(|(receipt, _)| {
                    let paper = self.papers[receipt.paper].as_ref().unwrap();
                    let verdict = judge(town, world, paper, receipt.at);
                    assert!(verdict != Verdict::Unsure, "{paper:?}");
                    Judged { receipt: *receipt, verdict, is_contradicted: false }
                })
                .collect();
            self.worlds[place].settle(family, judged, &self.papers);
        }
    }

    fn explain(&mut self, town: &Town, receipts: &[(Receipt, usize)]) {
        for (receipt, _) in receipts {
            let Some(paper) = &self.papers[receipt.paper] else { continue };
            let is_unsure = self
                .worlds
                .iter()
                .any(|world| judge(town, world, paper, receipt.at) == Verdict::Unsure);
            if !is_unsure {
                if !paper.is_explained && paper.draft.flaw.is_none() {
                    self.tally.tell(Happening::Unexplained);
                }
                continue;
            }
            if paper.draft.is_export {
                // An export bears no explanation: the firm is left out of it.
                self.papers[receipt.paper] = None;
                for bundle in &mut self.bundles {
                    bundle.papers.retain(|other| *other != receipt.paper);
                }
            } else if let Some(paper) = &mut self.papers[receipt.paper] {
                paper.is_explained = true;
            }
        }
    }
}
