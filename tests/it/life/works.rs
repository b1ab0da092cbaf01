//! The works of a district and what they truly made: plain figures that no rule minds.

use std::collections::BTreeMap;

use super::chance::Chance;
use super::months::{Month, number};

/// Works that belong to one firm after the other.
#[derive(Clone, Debug)]
pub(super) struct Works {
    /// From which month on they belong to whom.
    pub(super) owners: Vec<(Month, String)>,
    /// The main industry, and a second one with its share of a thousand.
    pub(super) industry: &'static str,
    pub(super) second: Option<(&'static str, i64)>,
    /// Whether row 04 is filled.
    pub(super) has_exports: bool,
    /// Output, sales, exports of each month in yuan.
    figures: BTreeMap<Month, [i64; 3]>,
    /// Of a thousand of output: supplied to others, bought, bought in the district.
    pub(super) flows: [i64; 3],
    /// Who is supplied, with its share of a thousand.
    pub(super) buyers: Vec<(String, i64)>,
}

impl Works {
    /// Works with figures from two years before a month up to another one.
    pub(super) fn new(chance: &mut Chance, industry: &'static str, span: (Month, Month)) -> Self {
        let mut works = Self {
            owners: Vec::new(),
            industry,
            second: None,
            has_exports: chance.often(85),
            figures: BTreeMap::new(),
            flows: [chance.between(80, 300), chance.between(300, 500), chance.between(60, 250)],
            buyers: Vec::new(),
        };
        let size = [7_000_000, 20_000_000, 60_000_000];
        let base = chance.pick(&size) + chance.between(0, 9_000_000);
        let exported = if chance.often(60) { chance.between(40, 350) } else { 0 };
        let mut growth = chance.between(-60, 90);
        for month in span.0 - 25..=span.1 + 1 {
            if number(month) == 1 {
                growth = if chance.often(12) {
                    chance.between(-190, 220)
                } else {
                    chance.between(-60, 90)
                };
            }
            let year_ago = works.figures.get(&(month - 12)).map(|figures| figures[0]);
            let output = match year_ago {
                Some(output) => scaled(output, 1000 + growth + chance.between(-25, 25)),
                None => scaled(base, chance.between(880, 1120)),
            } + chance.between(1, 999);
            let sales = scaled(output, chance.between(930, 1050)) + chance.between(1, 999);
            let share = if exported == 0 { 0 } else { exported + chance.between(-15, 15) };
            let exports = if share == 0 { 0 } else { scaled(sales, share) + chance.between(1, 99) };
            works.figures.insert(month, [output, sales, exports]);
        }
        works
    }

    /// Whose they are in a month.
    pub(super) fn owner(&self, month: Month) -> Option<&str> {
        let owner = self.owners.iter().rev().find(|(from, _)| *from <= month);
        owner.map(|(_, code)| code.as_str())
    }

    /// Output, sales, exports of a month.
    pub(super) fn figures(&self, month: Month) -> [i64; 3] {
        self.figures[&month]
    }
}

/// So many thousandths.
pub(super) fn scaled(value: i64, thousandths: i64) -> i64 {
    value / 1000 * thousandths + value % 1000 * thousandths / 1000
}
