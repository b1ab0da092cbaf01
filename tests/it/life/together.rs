//! What is sent together: several months or firms in one workbook, and the bureau's exports.

use super::chance::Chance;
use super::months::{DAY, Month, begins, number};
use super::paper::Draft;
use super::plan::{Course, Plan, Shape};
use super::tally::Happening;
use super::town::FormNo;

const FORM: FormNo = FormNo::B204;

impl Plan<'_> {
    /// Plans all that is sent together.
    pub(super) fn together(&mut self) {
        let codes: Vec<String> = self.town.firms.keys().cloned().collect();
        for (place, code) in (0..).zip(&codes) {
            let mut month = self.town.first;
            while month <= self.town.last {
                let mut dice = self.dice(&[4, place, i64::from(month)]);
                let count = i32::try_from(dice.between(2, 4)).unwrap();
                if self.kinds.has(Happening::SeveralMonths) && dice.often(5) {
                    self.several(&mut dice, code, (month, month + count - 1));
                    month += count;
                }
                month += 1;
            }
        }
        for month in self.town.first..=self.town.last {
            let mut dice = self.dice(&[5, i64::from(month)]);
            if number(month) == 1 {
                continue;
            }
            if dice.often(30) {
                self.two(&mut dice, &codes, month);
            }
            if dice.often(25) && self.kinds.has(Happening::ExportAgrees) {
                self.export(&mut dice, &codes, month);
            }
        }
    }

    fn is_free(&self, code: &str, month: Month) -> bool {
        month <= self.town.last
            && self.town.is_asked(code, FORM, month)
            && !self.grouped.contains(&(FORM, code.to_owned(), month))
            && self.course(&Draft::new(FORM, code, month)) == Course::Plain
    }

    fn group(&mut self, code: &str, month: Month) -> usize {
        self.grouped.insert((FORM, code.to_owned(), month));
        self.draft(&Draft::new(FORM, code, month))
    }

    /// Several months of a firm in one workbook, perhaps again with one of them corrected.
    fn several(&mut self, dice: &mut Chance, code: &str, (from, to): (Month, Month)) {
        let months: Vec<Month> = (from..=to).filter(|month| self.is_free(code, *month)).collect();
        let [_, .., last] = months.as_slice() else { return };
        let papers: Vec<usize> = months.iter().map(|month| self.group(code, *month)).collect();
        let at = self.time(dice, FORM, *last);
        self.send(Shape::Sheets, papers.clone(), at);
        self.tally.tell(Happening::SeveralMonths);
        if dice.often(40) {
            let mut again = papers;
            let place = usize::try_from(dice.between(0, 1)).unwrap();
            let version = dice.pick(&[950, 1050]);
            let corrected = Draft { version, ..self.drafts[again[place]].clone() };
            again[place] = self.draft(&corrected);
            let later = self.after(dice, at);
            self.send(Shape::Sheets, again, later);
            self.tally.tell(Happening::SeveralMonthsCorrected);
        }
    }

    /// Two firms in one workbook or side by side in one sheet.
    fn two(&mut self, dice: &mut Chance, codes: &[String], month: Month) {
        let free: Vec<&String> = codes.iter().filter(|code| self.is_free(code, month)).collect();
        let [one, .., two] = free.as_slice() else { return };
        let is_beside = dice.often(50);
        let kind = if is_beside { Happening::SideBySide } else { Happening::TwoFirms };
        if !self.kinds.has(kind) {
            return;
        }
        let papers = vec![self.group(one, month), self.group(two, month)];
        let at = self.time(dice, FORM, month);
        self.send(if is_beside { Shape::Beside } else { Shape::Sheets }, papers, at);
        self.tally.tell(kind);
    }

    /// The bureau's export of a month: before the firms' own forms, or after them.
    fn export(&mut self, dice: &mut Chance, codes: &[String], month: Month) {
        let due = self.town.deadlines.get(&(FORM, month)).copied();
        let due = due.unwrap_or(begins(month + 1) + 9 * DAY);
        let is_first = self.kinds.has(Happening::ExportFirst) && dice.often(30);
        let at = if is_first { begins(month + 1) + 600 } else { due + dice.between(1, 20) * DAY };
        let at = self.slot(at);
        let mut papers = Vec::new();
        for code in codes.iter().filter(|code| self.town.is_asked(code, FORM, month)) {
            if !dice.often(75) {
                continue;
            }
            let differs = self.kinds.has(Happening::ExportDiffers) && dice.often(12);
            let version = if differs { 975 } else { 1000 };
            let draft = Draft { is_export: true, version, ..Draft::new(FORM, code, month) };
            papers.push(self.draft(&draft));
        }
        if !papers.is_empty() {
            self.send(Shape::Export, papers, at);
        }
    }
}
