//! The course of every report of a life: what is sent when, in which workbook, what is wrong with it.

use std::collections::BTreeSet;

use super::chance::Chance;
use super::months::{DAY, Month, begins};
use super::paper::{Draft, Flaw};
use super::tally::{Happening, Kinds, Tally};
use super::town::{FormNo, Town};

/// How papers stand in a workbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A sheet each.
    Sheets,
    /// Two beside each other in one sheet.
    Beside,
    /// One row each.
    Export,
}

/// A workbook: the same bytes may be sent several times.
#[derive(Clone, Debug)]
pub(super) struct Bundle {
    pub(super) shape: Shape,
    /// Places of its papers.
    pub(super) papers: Vec<usize>,
}

/// A workbook that was sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parcel {
    pub(super) bundle: usize,
    pub(super) at: i64,
    /// The run that finds it in the inbox.
    pub(super) batch: usize,
}

/// All that is sent.
pub(super) struct Plan<'a> {
    pub(super) town: &'a Town,
    pub(super) kinds: &'a Kinds,
    pub(super) chance: Chance,
    pub(super) now: i64,
    pub(super) drafts: Vec<Draft>,
    /// The month the name of a file says instead of the heading's.
    pub(super) misnamed: BTreeSet<usize>,
    pub(super) bundles: Vec<Bundle>,
    pub(super) parcels: Vec<Parcel>,
    pub(super) tally: Tally,
    taken: BTreeSet<i64>,
    /// Families that are filed together with others.
    pub(super) grouped: BTreeSet<(FormNo, String, Month)>,
}

/// What happens to the report of a firm and month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Course {
    Missing,
    /// Missing until a later year's workbook encloses it.
    LeftToEnclose,
    Plain,
    Wrong,
    Queried,
    Correction,
    LaterRefused,
    LaterQueried,
    ConflictFiles,
    ConflictSheets,
    SentAgain,
}

/// Parcels of one family lie so far apart unless they are meant to collide.
const SLOT: i64 = 240;

impl<'a> Plan<'a> {
    /// Plans a life up to an instant.
    pub(super) fn new(seed: u64, town: &'a Town, kinds: &'a Kinds, now: i64) -> Self {
        let mut plan = Self {
            town,
            kinds,
            chance: Chance::new(seed).fork(&[10]),
            now,
            drafts: Vec::new(),
            misnamed: BTreeSet::new(),
            bundles: Vec::new(),
            parcels: Vec::new(),
            tally: Tally::default(),
            taken: BTreeSet::new(),
            grouped: BTreeSet::new(),
        };
        plan.together();
        let (first, last) = (town.first, town.last);
        for (place, code) in (0..).zip(town.firms.keys()) {
            let of_firm = FormNo::ALL
                .into_iter()
                .flat_map(|form| (first..=last).map(move |month| Draft::new(form, code, month)));
            for draft in of_firm {
                let (form, month) = (draft.form, draft.month);
                let mut dice = plan.dice(&[1, place, form as i64, i64::from(month)]);
                if town.is_asked(code, form, month) {
                    plan.follow(&mut dice, &draft);
                } else if town.stay(code, month).is_none() {
                    plan.send_off_roster(&mut dice, &draft);
                }
            }
        }
        plan.share_out();
        plan
    }

    /// Chance of its own for a part.
    pub(super) fn dice(&self, parts: &[i64]) -> Chance {
        self.chance.fork(parts)
    }

    /// What happens to a report; asked twice it says the same.
    pub(super) fn course(&self, draft: &Draft) -> Course {
        let number: i64 = draft.code[11..17].parse().unwrap();
        let mut dice = self.dice(&[2, number, draft.form as i64, i64::from(draft.month)]);
        let is_main = draft.form == FormNo::B204;
        let is_enclosed = is_main
            && self.kinds.has(Happening::EnclosedCounts)
            && self.town.is_asked(&draft.code, draft.form, draft.month + 12)
            && draft.month + 12 <= self.town.last;
        let courses = [
            (5, Course::Missing),
            (if is_enclosed { 5 } else { 0 }, Course::LeftToEnclose),
            (62, Course::Plain),
            (13, Course::Wrong),
            (if is_main { 5 } else { 0 }, Course::Queried),
            (6, Course::Correction),
            (3, Course::LaterRefused),
            (if is_main { 3 } else { 0 }, Course::LaterQueried),
            (3, Course::ConflictFiles),
            (2, Course::ConflictSheets),
            (3, Course::SentAgain),
        ];
        let course = dice.weighed(&courses);
        let needed = match course {
            Course::ConflictFiles => Some(Happening::ConflictFiles),
            Course::ConflictSheets => Some(Happening::ConflictSheets),
            Course::SentAgain => Some(Happening::SentAgain),
            Course::Queried | Course::LaterQueried => Some(Happening::SalesRatio),
            _ => None,
        };
        if needed.is_some_and(|needed| !self.kinds.has(needed)) { Course::Plain } else { course }
    }

    /// When the first paper of a month is sent.
    pub(super) fn time(&mut self, dice: &mut Chance, form: FormNo, month: Month) -> i64 {
        let over = begins(month + 1);
        let due = self.town.deadlines.get(&(form, month)).copied().unwrap_or(over + 9 * DAY);
        let (from, to) = dice.weighed(&[
            (86, (over + 7200, due - 3600)),
            (10, (due + 7200, due + 25 * DAY)),
            (4, (due + 25 * DAY, due + 130 * DAY)),
        ]);
        let at = dice.between(from, to);
        self.slot(at)
    }

    /// A time of its own at an instant or just behind it.
    pub(super) fn slot(&mut self, at: i64) -> i64 {
        let mut slot = at / SLOT + 1;
        while !self.taken.insert(slot) {
            slot += 1;
        }
        slot * SLOT
    }

    /// A time of its own some days behind another one.
    pub(super) fn after(&mut self, dice: &mut Chance, at: i64) -> i64 {
        let days = dice.weighed(&[(5, 2), (3, 12), (1, 70)]);
        let later = at + 3600 + dice.between(0, days * DAY);
        self.slot(later)
    }

    /// Keeps a draft.
    pub(super) fn draft(&mut self, draft: &Draft) -> usize {
        self.drafts.push(draft.clone());
        self.drafts.len() - 1
    }

    /// Sends papers in one workbook.
    pub(super) fn send(&mut self, shape: Shape, papers: Vec<usize>, at: i64) -> usize {
        self.bundles.push(Bundle { shape, papers });
        let bundle = self.bundles.len() - 1;
        self.send_again(bundle, at);
        bundle
    }

    /// Sends the same bytes.
    pub(super) fn send_again(&mut self, bundle: usize, at: i64) {
        if at < self.now - DAY / 2 {
            self.parcels.push(Parcel { bundle, at, batch: 0 });
        }
    }

    /// Sends one paper.
    pub(super) fn send_one(&mut self, draft: &Draft, at: i64) -> usize {
        let paper = self.draft(draft);
        self.send(Shape::Sheets, vec![paper], at)
    }

    /// Divides the parcels among the runs: mostly by time, some later than they were sent.
    fn share_out(&mut self) {
        let mut dice = self.dice(&[3]);
        self.parcels.sort_by_key(|parcel| (parcel.at, parcel.bundle));
        let batches = usize::try_from(dice.between(3, 5)).unwrap();
        let each = self.parcels.len() / batches + 1;
        for (place, parcel) in self.parcels.iter_mut().enumerate() {
            parcel.batch = place / each;
            if dice.often(8) && parcel.batch + 1 < batches {
                parcel.batch = batches - 1;
                self.tally.tell(Happening::OutOfOrder);
            }
        }
    }

    /// A report of a firm that is not on the roster in its month.
    fn send_off_roster(&mut self, dice: &mut Chance, draft: &Draft) {
        let is_near = self.town.stay(&draft.code, draft.month - 1).is_some()
            || self.town.stay(&draft.code, draft.month + 1).is_some();
        let is_filed = super::months::number(draft.month) != 1 && draft.form == FormNo::B204;
        if is_near && is_filed && dice.often(40) && self.kinds.has(Happening::OffRoster) {
            let at = self.time(dice, draft.form, draft.month);
            self.send_one(draft, at);
            self.tally.tell(Happening::OffRoster);
        }
    }

    /// The flaws that a form can have.
    pub(super) fn flaw(&self, dice: &mut Chance, draft: &Draft) -> Option<Flaw> {
        let (form, month) = (draft.form, draft.month);
        let is_main = form == FormNo::B204;
        let all = [
            (form != FormNo::Ly01, Flaw::ExportsOverSales, Happening::ExportsOverSales),
            (is_main, Flaw::BlankPrior, Happening::BlankPrior),
            (true, Flaw::WrongPrior, Happening::WrongPrior),
            (is_main, Flaw::WrongSum, Happening::WrongSum),
            (true, Flaw::TooLarge, Happening::TooLarge),
            (self.town.first + 4 <= month, Flaw::Slip, Happening::Slip),
            (true, Flaw::OtherName, Happening::OtherName),
            (true, Flaw::UnknownCode, Happening::UnknownCode),
            (true, Flaw::UnknownDocument, Happening::UnknownDocument),
            (is_main, Flaw::Empty, Happening::EmptyAlone),
            (form == FormNo::Ly01, Flaw::SuppliesItself, Happening::SuppliesItself),
        ];
        let can = all.iter().filter(|(can, _, kind)| *can && self.kinds.has(*kind));
        let flaws: Vec<Flaw> = can.map(|(_, flaw, _)| *flaw).collect();
        (!flaws.is_empty()).then(|| dice.pick(&flaws))
    }
}
