//! What is sent of one firm, form and month.

use super::chance::Chance;
use super::months::DAY;
use super::paper::{Draft, Flaw};
use super::plan::{Course, Plan, Shape};
use super::tally::Happening;
use super::town::FormNo;

impl Plan<'_> {
    /// Sends what the course of a report asks for.
    pub(super) fn follow(&mut self, dice: &mut Chance, draft: &Draft) {
        let family = (draft.form, draft.code.clone(), draft.month);
        if self.grouped.contains(&family) {
            return;
        }
        let at = self.time(dice, draft.form, draft.month);
        match self.course(draft) {
            Course::Missing | Course::LeftToEnclose => {}
            Course::Plain => self.plain(dice, draft, at),
            Course::Wrong => self.wrong(dice, draft, at),
            Course::Queried => self.queried(dice, draft, at),
            Course::Correction => {
                self.send_one(&other(dice, draft), at);
                let later = self.after(dice, at);
                self.send_one(draft, later);
                self.tally.tell(Happening::Correction);
            }
            Course::LaterRefused => {
                self.send_one(draft, at);
                let flaw = self.flaw(dice, draft);
                let later = self.after(dice, at);
                self.send_one(&Draft { flaw, version: 960, ..draft.clone() }, later);
                self.tally.tell(Happening::LaterRefused);
            }
            Course::LaterQueried => {
                self.send_one(draft, at);
                let later = self.after(dice, at);
                self.send_one(&ratio(draft), later);
                self.tally.tell(Happening::LaterQueried);
            }
            Course::ConflictFiles | Course::ConflictSheets => self.conflict(dice, draft, at),
            Course::SentAgain => {
                let bundle = self.send_one(draft, at);
                let at = self.after(dice, at);
                self.send_one(&other(dice, draft), at);
                let at = self.after(dice, at);
                self.send_again(bundle, at);
                self.tally.tell(Happening::SentAgain);
            }
        }
    }

    fn plain(&mut self, dice: &mut Chance, draft: &Draft, at: i64) {
        let mut papers = vec![self.draft(draft)];
        let is_punctual = super::months::open_at(at) == draft.month;
        let year_before = Draft::new(draft.form, &draft.code, draft.month - 12);
        let was_asked = self.town.first <= year_before.month
            && self.town.is_asked(&draft.code, draft.form, year_before.month);
        let past = was_asked.then(|| self.course(&year_before));
        if past == Some(Course::LeftToEnclose) {
            papers.push(self.draft(&year_before));
        } else if past == Some(Course::Plain)
            && draft.form == FormNo::B204
            && dice.often(6)
            && self.kinds.has(Happening::EnclosedIgnored)
        {
            papers.insert(0, self.draft(&Draft { version: 985, ..year_before }));
        } else if dice.often(3) && self.kinds.has(Happening::EmptyBeside) {
            let flaw = Some(Flaw::Empty);
            let next = Draft { flaw, ..Draft::new(draft.form, &draft.code, draft.month + 1) };
            papers.push(self.draft(&next));
            self.tally.tell(Happening::EmptyBeside);
        } else if is_punctual && dice.often(3) && self.kinds.has(Happening::NamedOtherwise) {
            self.misnamed.insert(papers[0]);
            self.tally.tell(Happening::NamedOtherwise);
        }
        self.send(Shape::Sheets, papers, at);
    }

    fn wrong(&mut self, dice: &mut Chance, draft: &Draft, at: i64) {
        let Some(flaw) = self.flaw(dice, draft) else { return self.plain(dice, draft, at) };
        let version = dice.pick(&[1000, 1000, 970]);
        self.send_one(&Draft { flaw: Some(flaw), version, ..draft.clone() }, at);
        if dice.often(75) {
            let later = self.after(dice, at);
            self.send_one(draft, later);
        }
    }

    fn queried(&mut self, dice: &mut Chance, draft: &Draft, at: i64) {
        self.send_one(&ratio(draft), at);
        let later = self.after(dice, at);
        if dice.often(50) {
            self.send_one(&Draft { is_explained: true, ..ratio(draft) }, later);
            self.tally.tell(Happening::Explained);
        } else if dice.often(60) {
            self.send_one(draft, later);
        }
    }

    /// Two different papers at the same time, sometimes settled, sometimes behind an accepted one.
    fn conflict(&mut self, dice: &mut Chance, draft: &Draft, at: i64) {
        let mut at = at;
        if dice.often(30) {
            self.send_one(&Draft { version: 940, ..draft.clone() }, at);
            at = self.after(dice, at);
        }
        let rival = other(dice, draft);
        let (one, two) = if dice.often(50) { (draft, &rival) } else { (&rival, draft) };
        let bundle = if self.course(draft) == Course::ConflictSheets {
            let papers = vec![self.draft(one), self.draft(two)];
            self.send(Shape::Sheets, papers, at);
            self.tally.tell(Happening::ConflictSheets);
            None
        } else {
            let bundle = self.send_one(one, at);
            self.send_one(two, at + dice.pick(&[0, 0, 1, 20, 59]));
            self.tally.tell(Happening::ConflictFiles);
            Some(bundle)
        };
        if dice.often(65) {
            let later = self.after(dice, at + DAY / 8);
            match bundle {
                Some(bundle) if dice.often(60) => self.send_again(bundle, later),
                _ => drop(self.send_one(draft, later)),
            }
            self.tally.tell(Happening::ConflictSettled);
        }
    }
}

/// The same with other figures.
fn other(dice: &mut Chance, draft: &Draft) -> Draft {
    Draft { version: dice.pick(&[930, 955, 1040, 1065]), ..draft.clone() }
}

/// The same with sales that ask for a reason.
fn ratio(draft: &Draft) -> Draft {
    Draft { flaw: Some(Flaw::SalesRatio), ..draft.clone() }
}
