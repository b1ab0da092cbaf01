//! Targets of a district from a seed, and their seed file.

use std::fmt::Write;

use super::chance::Chance;
use super::months::{month, year};
use super::totals::REGION;
use super::town::{FormNo, Town};
use super::works::scaled;

/// What a target asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aim {
    Level,
    Growth,
    LevelAndGrowth,
    Ratio,
}

impl Aim {
    /// Its word in targets.csv.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Level => "level",
            Self::Growth => "growth",
            Self::LevelAndGrowth => "level_and_growth",
            Self::Ratio => "ratio",
        }
    }
}

/// A target of a year.
#[derive(Clone, Debug)]
pub(super) struct Goal {
    pub(super) id: String,
    pub(super) year: i32,
    pub(super) scope: (&'static str, String),
    pub(super) form: FormNo,
    /// The item, or numerator and denominator.
    pub(super) items: (&'static str, Option<&'static str>),
    pub(super) aim: Aim,
    pub(super) level: Option<i64>,
    /// Thousandths.
    pub(super) growth: Option<i64>,
    /// The year growth is measured from, where it is not the year before.
    pub(super) base_year: Option<i32>,
}

/// Sets targets for every year of a life.
pub(super) fn set(town: &Town, chance: &Chance) -> Vec<Goal> {
    let mut goals = Vec::new();
    for of in year(town.first)..=year(town.last) {
        let mut dice = chance.fork(&[i64::from(of)]);
        let whole: i64 = town
            .works
            .iter()
            .flat_map(|works| (1..=12).map(move |number| (works, month(of, number))))
            .filter(|(_, month)| (town.first - 12..=town.last).contains(month))
            .map(|(works, month)| works.figures(month)[0])
            .sum();
        let firm = dice.pick(&town.firms.keys().cloned().collect::<Vec<_>>());
        let district = ("district", REGION.to_owned());
        let scopes = [
            (district.clone(), FormNo::B204, ("output", None), Aim::Growth, 100),
            (district.clone(), FormNo::B204, ("output", None), Aim::Level, 100),
            (("zone", "green".to_owned()), FormNo::B204, ("sales", None), Aim::LevelAndGrowth, 35),
            (("chain", "rail".to_owned()), FormNo::B204, ("output", None), Aim::Growth, 35),
            (("size", "2".to_owned()), FormNo::B204, ("output", None), Aim::Level, 25),
            (("firm", firm), FormNo::B204, ("output", None), Aim::LevelAndGrowth, 15),
            (district.clone(), FormNo::Ly01, ("supply", None), Aim::Growth, 3),
            (district, FormNo::Ly02, ("local_purchases", Some("purchases")), Aim::Ratio, 0),
        ];
        for (place, (scope, form, items, aim, share)) in scopes.into_iter().enumerate() {
            let level = matches!(aim, Aim::Level | Aim::LevelAndGrowth)
                .then(|| scaled(whole / 100 * share, dice.between(800, 1150)) + 1);
            let growth = match aim {
                Aim::Level => None,
                Aim::Ratio => Some(dice.between(-10, 20)),
                Aim::Growth | Aim::LevelAndGrowth => Some(dice.between(-30, 70)),
            };
            let is_far = aim == Aim::Growth && dice.often(20);
            let base_year = is_far.then_some(of - 2);
            let id = format!("t{of}-{place}");
            goals.push(Goal { id, year: of, scope, form, items, aim, level, growth, base_year });
        }
    }
    goals
}

/// targets.csv
pub(super) fn seed(goals: &[Goal]) -> String {
    let mut text = "target_id,name_zh,name_en,year,scope_kind,scope_id,form,item,kind,level_cny,growth,baseline_year,baseline_cny,source\n".to_owned();
    for goal in goals {
        let Goal { id, year, scope, form, items, aim, .. } = goal;
        let item = items.1.map_or(items.0.to_owned(), |lower| format!("{}/{lower}", items.0));
        let level = goal.level.map(|yuan| yuan.to_string()).unwrap_or_default();
        let growth = goal.growth.map(|thousandths| {
            let sign = if thousandths < 0 { "-" } else { "" };
            format!("{sign}0.{:03}", thousandths.abs())
        });
        let (growth, base) =
            (growth.unwrap_or_default(), goal.base_year.map(|year| year.to_string()));
        writeln!(
            text,
            "{id},目标,Target,{year},{},{},{},{item},{},{level},{growth},{},,",
            scope.0,
            scope.1,
            form.text(),
            aim.text(),
            base.unwrap_or_default()
        )
        .unwrap();
    }
    text
}
