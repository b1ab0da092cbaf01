//! One firm's form for one month as it is filed: what it is meant to say, and what it says.

use std::collections::BTreeMap;

use super::chance::Chance;
use super::founding::credit_code;
use super::months::{Month, month, number, year};
use super::town::{FormNo, Town};
use super::works::{Works, scaled};

/// The four columns of a row: month, year to date, and both of last year; yuan.
pub(super) type Four = [Option<i64>; 4];
/// The rows of a form by item.
pub(super) type Rows = BTreeMap<String, Four>;

/// What is wrong with a paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Flaw {
    ExportsOverSales,
    BlankPrior,
    WrongPrior,
    WrongSum,
    TooLarge,
    Slip,
    OtherName,
    UnknownCode,
    UnknownDocument,
    /// Sales of one and a half of output: a query until it is explained.
    SalesRatio,
    Empty,
    SuppliesItself,
}

/// What a paper is meant to be.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) form: FormNo,
    /// Who files it.
    pub(super) code: String,
    /// Which month it is about.
    pub(super) month: Month,
    /// Which thousandths of the truth its month bears.
    pub(super) version: i64,
    pub(super) flaw: Option<Flaw>,
    pub(super) is_export: bool,
    /// Whether it is explained whatever the rules say.
    pub(super) is_explained: bool,
}

/// A paper as it is filed.
#[derive(Clone, Debug)]
pub(super) struct Paper {
    pub(super) draft: Draft,
    pub(super) code: String,
    pub(super) name: String,
    /// The month in the heading.
    pub(super) month: Month,
    /// The month that the name of the file or of the sheet says.
    pub(super) named: Option<Month>,
    pub(super) rows: Rows,
    /// Whether the document number is one of those known.
    pub(super) is_known_edition: bool,
    pub(super) is_explained: bool,
}

impl Draft {
    /// A plain one.
    pub(super) fn new(form: FormNo, code: &str, month: Month) -> Self {
        Self {
            form,
            code: code.to_owned(),
            month,
            version: 1000,
            flaw: None,
            is_export: false,
            is_explained: false,
        }
    }

    /// The month and the code that the paper's heading will bear.
    pub(super) fn heading(&self) -> (String, Month) {
        let code = match self.flaw {
            Some(Flaw::UnknownCode) => stranger(&self.code),
            _ => self.code.clone(),
        };
        let month = match self.flaw {
            Some(Flaw::Slip) => slipped(self.month),
            _ => self.month,
        };
        (code, month)
    }

    /// The paper: the truth of this year beside last year's figures, which are `last_year` where
    /// something is known of them, and its flaw.
    pub(super) fn fill(&self, town: &Town, last_year: Option<&Rows>, dice: &mut Chance) -> Paper {
        let mut rows = Rows::new();
        let is_cumulative = number(self.month) == 2;
        let this_year = truth(town, self, 0);
        let own_past = truth(town, self, -12);
        let past = last_year.unwrap_or(&own_past);
        for item in this_year.keys().chain(past.keys()) {
            let [month, ytd] = this_year.get(item).map_or([Some(0); 2], |now| [now[0], now[1]]);
            let before = past.get(item).map_or([Some(0); 2], |then| [then[0], then[1]]);
            rows.insert(item.clone(), [month, ytd, before[0], before[1]]);
        }
        if self.is_export {
            one_industry(town, self, &mut rows);
        }
        if is_cumulative && dice.often(60) {
            leave_out(&mut rows, [0, 2]);
        } else if is_cumulative {
            // A month column that nobody asked for: it must not count.
            for row in rows.values_mut() {
                row[2] = row[3].map(|ytd| ytd / 2);
            }
        }
        if !town.bears_base(self.form, self.is_export) {
            leave_out(&mut rows, [2, 3]);
        }
        let (code, month) = self.heading();
        let name = town.stay(&self.code, self.month).map(|stay| stay.name.clone());
        let mut paper = Paper {
            draft: self.clone(),
            code,
            name: name.unwrap_or_else(|| town.last_stay(&self.code).name.clone()),
            month,
            named: None,
            rows,
            is_known_edition: true,
            is_explained: self.is_explained,
        };
        paper.spoil(town, dice);
        paper
    }
}

impl Paper {
    fn spoil(&mut self, town: &Town, dice: &mut Chance) {
        let whole = if number(self.month) == 2 { [1, 3] } else { [0, 1] };
        let last_item = *self.draft.form.items().first().unwrap_or(&"");
        match self.draft.flaw {
            None | Some(Flaw::UnknownCode) => {}
            Some(Flaw::ExportsOverSales) => {
                let (all, part) = match self.draft.form {
                    FormNo::Ly02 => ("purchases", "local_purchases"),
                    _ => ("sales", "exports"),
                };
                let all = self.rows[all][1].unwrap();
                self.rows.entry(part.to_owned()).or_insert([Some(0); 4])[1] = Some(all + 7_123_456);
            }
            Some(Flaw::BlankPrior) => {
                let item = dice.pick(&["output", "sales"]);
                self.rows.get_mut(item).unwrap()[dice.pick(&[whole[1].max(2), 3])] = None;
            }
            Some(Flaw::WrongPrior) => {
                for row in self.rows.values_mut() {
                    row[3] = row[3].map(|ytd| scaled(ytd, 1070));
                }
            }
            Some(Flaw::WrongSum) => {
                let row = self.rows.get_mut(last_item).unwrap();
                row[1] = row[1].map(|ytd| ytd + 3_000_000);
            }
            Some(Flaw::TooLarge) => {
                let largest = self.rows.values().flatten().flatten().max().copied().unwrap_or(1);
                let factor = 20_000_000_000_000 / largest.max(1) + 1;
                for cell in self.rows.values_mut().flatten() {
                    *cell = cell.map(|yuan| yuan * factor);
                }
            }
            Some(Flaw::Slip) => self.named = Some(self.draft.month),
            Some(Flaw::OtherName) => self.name = other_name(town, &self.draft.code, self.month),
            Some(Flaw::UnknownDocument) => self.is_known_edition = false,
            Some(Flaw::SalesRatio) => {
                let output = self.rows["output"];
                let more = |place: usize| output[place].map(|yuan| scaled(yuan, 1500));
                let row = self.rows.get_mut("sales").unwrap();
                (row[0], row[1]) = (row[0].and(more(0)), more(1));
            }
            Some(Flaw::Empty) => self.rows.clear(),
            Some(Flaw::SuppliesItself) => {
                let row = [Some(1_234_567), Some(2_345_678), Some(0), Some(0)];
                self.rows.insert(format!("supply:{}", self.code), row);
            }
        }
    }
}

/// Empties two columns.
fn leave_out(rows: &mut Rows, places: [usize; 2]) {
    for row in rows.values_mut() {
        for place in places {
            row[place] = None;
        }
    }
}

/// A code that no roster has.
fn stranger(code: &str) -> String {
    let number: usize = code[11..17].parse().unwrap();
    credit_code(500_000 + number)
}

/// Two months back; never January.
fn slipped(of: Month) -> Month {
    if number(of - 2) == 1 { of - 3 } else { of - 2 }
}

/// The name of a firm that has nothing to do with another one.
fn other_name(town: &Town, code: &str, at: Month) -> String {
    let is_kin = |other: &str| {
        town.links.iter().any(|link| {
            let pair = (link.code.as_str(), link.predecessor.as_deref());
            pair == (code, Some(other)) || pair == (other, Some(code))
        })
    };
    let others = town.firms.keys().filter(|other| *other != code && !is_kin(other));
    let mut names = others.filter_map(|other| Some(town.stay(other, at)?.name.clone()));
    let last = || town.firms.values().next_back().unwrap()[0].name.clone();
    names.next_back().unwrap_or_else(last)
}

/// What is true of a firm's month and year to date, over those who filed before it, moved by so many
/// months.
fn truth(town: &Town, draft: &Draft, moved: i32) -> Rows {
    let mut rows = Rows::new();
    for made_in in month(year(draft.month), 1)..=draft.month {
        let is_month = made_in == draft.month;
        let version = if is_month && moved == 0 { draft.version } else { 1000 };
        let filers = town.filers(&draft.code, made_in, draft.month);
        let works = filers.iter().flat_map(|filer| town.made(filer, made_in));
        for (item, yuan) in works.flat_map(|works| parts(works, draft, made_in + moved, version)) {
            let row = rows.entry(item).or_insert([Some(0), Some(0), None, None]);
            row[1] = row[1].map(|ytd| ytd + yuan);
            row[0] = row[0].map(|month| month + if is_month { yuan } else { 0 });
        }
    }
    rows
}

/// An export knows one industry of a firm: the roster's.
fn one_industry(town: &Town, draft: &Draft, rows: &mut Rows) {
    rows.retain(|item, _| !item.starts_with("industry:"));
    let industry = town.stay(&draft.code, draft.month).map(|stay| stay.industry);
    if let (Some(industry), Some(output)) = (industry, rows.get("output").copied()) {
        rows.insert(format!("industry:{industry}"), output);
    }
}

fn parts(works: &Works, draft: &Draft, at: Month, version: i64) -> Vec<(String, i64)> {
    let [output, sales, exports] = works.figures(at).map(|yuan| scaled(yuan, version));
    match draft.form {
        FormNo::B204 => {
            let second = works.second.map(|(industry, share)| (industry, scaled(output, share)));
            let rest = output - second.map_or(0, |(_, yuan)| yuan);
            let mut parts = vec![
                ("output".to_owned(), output),
                ("sales".to_owned(), sales),
                (format!("industry:{}", works.industry), rest),
            ];
            parts.extend(second.map(|(industry, yuan)| (format!("industry:{industry}"), yuan)));
            if works.has_exports {
                parts.push(("exports".to_owned(), exports));
            }
            parts
        }
        FormNo::Ly01 => {
            let supply = scaled(output, works.flows[0]);
            let buyers = works.buyers.iter().filter(|(buyer, _)| *buyer != draft.code);
            buyers
                .map(|(buyer, share)| (format!("supply:{buyer}"), scaled(supply, *share) + 1))
                .collect()
        }
        FormNo::Ly02 => vec![
            ("purchases".to_owned(), scaled(output, works.flows[1])),
            ("local_purchases".to_owned(), scaled(output, works.flows[2])),
        ],
    }
}
