//! What is known of a district after so many batches: every receipt, its verdict, and what counts.

use std::collections::{BTreeMap, BTreeSet};

use super::judge::Verdict;
use super::months::{Month, number};
use super::paper::{Paper, Rows};
use super::town::{FormNo, Town};

/// How long two different papers of a family stand equal, in seconds.
pub(super) const SAME_TIME: i64 = 60;

/// A form, firm and month as headings say.
pub(super) type Family = (FormNo, String, Month);

/// A paper as it came in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Receipt {
    pub(super) paper: usize,
    pub(super) parcel: usize,
    pub(super) at: i64,
    /// In the same workbook stands the form of a year later.
    pub(super) is_enclosed: bool,
}

/// What became of a receipt.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judged {
    pub(super) receipt: Receipt,
    pub(super) verdict: Verdict,
    /// Whether another one contradicts it at the same time.
    pub(super) is_contradicted: bool,
}

/// The receipts of a family in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    pub(super) judged: Vec<Judged>,
    /// Places of those that counted, one after the other.
    pub(super) counted: Vec<usize>,
}

/// What is known after so many batches.
#[derive(Clone, Debug)]
pub(super) struct World {
    /// The last batch that has come in.
    pub(super) upto: usize,
    pub(super) families: BTreeMap<Family, History>,
    /// The figures of every paper that has counted, by receipt.
    figures: BTreeMap<(Family, usize), Rows>,
    /// Those of them that stood in an export.
    exported: BTreeSet<(Family, usize)>,
}

impl World {
    /// Nothing has come in.
    pub(super) fn new(upto: usize) -> Self {
        let (families, figures) = (BTreeMap::new(), BTreeMap::new());
        Self { upto, families, figures, exported: BTreeSet::new() }
    }

    /// Adds a family, its receipts judged, in the order they came.
    pub(super) fn settle(
        &mut self,
        family: &Family,
        judged: Vec<Judged>,
        papers: &[Option<Paper>],
    ) {
        if judged.is_empty() {
            return;
        }
        let mut history = History { judged, counted: Vec::new() };
        contradict(&mut history.judged, papers);
        let mut current: Option<&Judged> = None;
        for (place, one) in history.judged.iter().enumerate() {
            let replaces = current.is_none_or(|older| replaces(one, older, papers));
            // What is only enclosed counts where nothing was filed that could have.
            let is_filed =
                history.judged.iter().take(place).any(|before| {
                    before.verdict != Verdict::Refused && !before.receipt.is_enclosed
                });
            let is_beside = one.receipt.is_enclosed && is_filed;
            if one.verdict == Verdict::Accepted && !one.is_contradicted && replaces && !is_beside {
                current = Some(one);
                history.counted.push(place);
            }
        }
        for place in &history.counted {
            let paper = history.judged[*place].receipt.paper;
            self.figures.insert((family.clone(), *place), of(papers, paper).rows.clone());
            if of(papers, paper).draft.is_export {
                self.exported.insert((family.clone(), *place));
            }
        }
        self.families.insert(family.clone(), history);
    }

    /// What counts of a family today.
    pub(super) fn current(&self, family: &Family) -> Option<&Rows> {
        let place = self.families.get(family)?.counted.last()?;
        self.figures.get(&(family.clone(), *place))
    }

    /// What counted of a firm's own report at an instant, else what counted first.
    fn counted(&self, form: FormNo, code: &str, month: Month, at: i64) -> Option<&Rows> {
        self.figures.get(&self.place(form, code, month, at)?)
    }

    fn place(&self, form: FormNo, code: &str, month: Month, at: i64) -> Option<(Family, usize)> {
        let family = (form, code.to_owned(), month);
        let history = self.families.get(&family)?;
        let came = |place: &&usize| history.judged[**place].receipt.at <= at;
        let place = *history.counted.iter().rfind(came).or(history.counted.first())?;
        Some((family, place))
    }

    /// Whether any of what makes up last year's columns stood in an export.
    pub(super) fn was_exported(
        &self,
        town: &Town,
        form: FormNo,
        (code, month): (&str, Month),
        at: i64,
    ) -> bool {
        let filers = town.filers(code, month - 12, month);
        filers.iter().any(|filer| {
            self.place(form, filer, month - 12, at).is_some_and(|it| self.exported.contains(&it))
        })
    }

    /// What counted so many months back of all who make up a firm's history; nothing where one of those
    /// that were asked is not there.
    pub(super) fn history(
        &self,
        town: &Town,
        form: FormNo,
        (code, as_of, back): (&str, Month, i32),
        at: i64,
    ) -> Option<Rows> {
        let month = as_of - back;
        let mut sum: Option<Rows> = None;
        for filer in town.filers(code, month, as_of) {
            match self.counted(form, &filer, month, at) {
                Some(rows) => add(sum.get_or_insert_default(), rows),
                None if town.is_asked(&filer, form, month) => return None,
                None => {}
            }
        }
        sum
    }

    /// What last year's columns of a month have to be; nothing where the firm brings them itself.
    pub(super) fn last_year(
        &self,
        town: &Town,
        form: FormNo,
        (code, month): (&str, Month),
        at: i64,
    ) -> Option<Rows> {
        if !town.firms.contains_key(code) || town.states_base(code, month) {
            return None;
        }
        self.history(town, form, (code, month, 12), at)
    }

    /// The least that the district's figures of the same month last year can have been.
    pub(super) fn least_last_year(&self, form: FormNo, month: Month) -> Option<i64> {
        let mut least = BTreeMap::new();
        for ((family, _), rows) in &self.figures {
            if family.0 == form && family.2 == month - 12 {
                let ytd = rows.get("output").and_then(|row| row[1]).unwrap_or(0);
                let known = least.entry(&family.1).or_insert(ytd);
                *known = ytd.min(*known);
            }
        }
        (!least.is_empty()).then(|| least.values().sum())
    }

    /// The first month of which anything counts.
    pub(super) fn first_month(&self) -> Option<Month> {
        self.figures.keys().map(|((_, _, month), _)| *month).min()
    }
}

fn of(papers: &[Option<Paper>], place: usize) -> &Paper {
    papers[place].as_ref().expect("what was received was filled")
}

/// Two that are not refused, differ and came at the same time stand equal.
fn contradict(judged: &mut [Judged], papers: &[Option<Paper>]) {
    for one in 0..judged.len() {
        for other in one + 1..judged.len() {
            let (a, b) = (judged[one], judged[other]);
            let is_open = a.verdict != Verdict::Refused && b.verdict != Verdict::Refused;
            let is_same_time = (b.receipt.at - a.receipt.at).abs() <= SAME_TIME;
            if is_open && is_same_time && !agree(&a, &b, papers) {
                judged[one].is_contradicted = true;
                judged[other].is_contradicted = true;
            }
        }
    }
}

/// Whether two say the same; an export and a form where they say so in 01, 03 and 04.
fn agree(one: &Judged, other: &Judged, papers: &[Option<Paper>]) -> bool {
    let (one, other) = (of(papers, one.receipt.paper), of(papers, other.receipt.paper));
    if one.draft.is_export == other.draft.is_export {
        return filled(&one.rows) == filled(&other.rows);
    }
    let (export, form) = if one.draft.is_export { (one, other) } else { (other, one) };
    // February's month columns count nowhere.
    let asked = if number(export.month) == 2 { [false, true, false, true] } else { [true; 4] };
    let agrees = |item: &str| {
        let cells = |paper: &Paper| paper.rows.get(item).copied().unwrap_or_default();
        let (of_export, of_form) = (cells(export), cells(form));
        let is_borne = |place: &usize| asked[*place] && of_export[*place].is_some();
        // A row that the form leaves blank as a whole states what zeros do.
        let is_blank = |place: usize| of_form == [None; 4] && of_export[place] == Some(0);
        let is_same = |place: usize| of_export[place] == of_form[place] || is_blank(place);
        (0..4).filter(is_borne).all(is_same)
    };
    ["output", "sales", "exports"].into_iter().all(agrees)
}

fn filled(rows: &Rows) -> Vec<(&String, usize, i64)> {
    let cells = rows.iter().flat_map(|(item, row)| {
        row.iter().enumerate().filter_map(move |(place, cell)| Some((item, place, (*cell)?)))
    });
    cells.collect()
}

/// Whether a newer accepted paper takes the place of the one that counts.
fn replaces(newer: &Judged, older: &Judged, papers: &[Option<Paper>]) -> bool {
    let is_export = |judged: &Judged| of(papers, judged.receipt.paper).draft.is_export;
    match (is_export(newer), is_export(older)) {
        // A firm's own form is more than the export that agrees with it.
        (false, true) => true,
        _ => !agree(newer, older, papers),
    }
}

/// Adds rows to others, cell by cell.
pub(super) fn add(sum: &mut Rows, rows: &Rows) {
    for (item, row) in rows {
        match sum.get_mut(item) {
            None => drop(sum.insert(item.clone(), *row)),
            Some(known) => {
                for (known, cell) in known.iter_mut().zip(row) {
                    *known = match (*known, *cell) {
                        (None, None) => None,
                        (one, other) => Some(one.unwrap_or(0) + other.unwrap_or(0)),
                    };
                }
            }
        }
    }
}
