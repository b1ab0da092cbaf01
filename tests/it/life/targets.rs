//! What `target_progress` must say: one set of firms on both sides, estimated in the open, null when thin.

use std::collections::BTreeMap;

use super::basis::{Line, lines};
use super::compare::{Table, Want};
use super::goals::{Aim, Goal};
use super::months::{Month, label, month, number, year};
use super::share;
use super::totals::scopes;
use super::town::{FormNo, Town};
use super::world::World;

/// A firm's figures of one item: the year to date, both sides, and last year's full year.
#[derive(Clone, Copy, Debug, Default)]
struct Figures {
    ytd: Option<i64>,
    pair: Option<(i64, i64)>,
    full: Option<i64>,
}

/// What a target is measured by.
#[derive(Clone, Debug, Default)]
struct Sums {
    ytd: Option<i64>,
    lower_ytd: Option<i64>,
    pair: Option<(i64, i64)>,
    lower_pair: Option<(i64, i64)>,
    /// Last year's full year in millionths, scaled up where some of it is not known.
    full: Option<i128>,
    lower_full: Option<i128>,
    /// Known and whole last year to date.
    coverage: Option<(i64, i64)>,
}

const MILLION: i128 = 1_000_000;

/// The whole mart.
pub(super) fn table(town: &Town, world: &World) -> Table {
    let lines = lines(town, world);
    let mut table = Table::new("target_progress", &["period", "target_id"]);
    for goal in &town.goals {
        let mut months: Vec<Month> = lines
            .iter()
            .filter(|line| line.form == goal.form && year(line.month) == goal.year)
            .map(|line| line.month)
            .collect();
        months.sort_unstable();
        months.dedup();
        for of in months {
            let row = Progress::of(town, world, &lines, (goal, of)).row();
            table.push(&format!("{} {}", label(of), goal.id), row);
        }
    }
    table
}

/// The figures of the firms of a target's scope in a month, numerator and denominator.
fn firms(
    town: &Town,
    world: &World,
    lines: &[Line<'_>],
    (goal, of): (&Goal, Month),
) -> Vec<[Figures; 2]> {
    let mut firms: BTreeMap<&str, [Figures; 2]> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.form == goal.form && line.month == of) {
        let is_in = match goal.scope.0 {
            "firm" => line.code == goal.scope.1,
            _ => scopes(line.code, line.stay).contains(&goal.scope),
        };
        let item = match line.item.strip_prefix("supply:") {
            Some(buyer) if town.is_inside(buyer, of) => "supply",
            Some(_) => "outside_supply",
            None => line.item.as_str(),
        };
        let place = if item == goal.items.0 {
            0
        } else if Some(item) == goal.items.1 {
            1
        } else {
            continue;
        };
        if !is_in {
            continue;
        }
        let figures = &mut firms.entry(line.code).or_default()[place];
        if let Some(ytd) = line.cells[1] {
            *figures.ytd.get_or_insert(0) += ytd;
        }
        if let Some((now, then)) = line.pair(1) {
            let pair = figures.pair.get_or_insert((0, 0));
            *pair = (pair.0 + now, pair.1 + then);
            figures.full = full_year(town, world, (goal.form, line.code), (item, of))
                .or((number(of) == 12).then_some(figures.pair.unwrap().1));
        }
    }
    firms.into_values().collect()
}

/// What a firm made last year, of whoever filed then what is now its history.
fn full_year(
    town: &Town,
    world: &World,
    (form, code): (FormNo, &str),
    (item, of): (&str, Month),
) -> Option<i64> {
    if number(of) == 12 || town.states_base(code, of) {
        return None;
    }
    let december = month(year(of) - 1, 12);
    let mut sum = None;
    for filer in town.filers(code, december, of) {
        let rows = world.current(&(form, filer.clone(), december));
        let is_item = |known: &str| match known.strip_prefix("supply:") {
            Some(buyer) => item == "supply" && town.is_inside(buyer, december),
            None => known == item,
        };
        let cells = rows.into_iter().flatten().filter(|(known, _)| is_item(known));
        let ytds: Vec<i64> = cells.filter_map(|(_, row)| row[1]).collect();
        if ytds.is_empty() && town.is_asked(&filer, form, december) {
            return None;
        }
        if !ytds.is_empty() {
            *sum.get_or_insert(0) += ytds.iter().sum::<i64>();
        }
    }
    sum
}

fn sums(firms: &[[Figures; 2]], is_ratio: bool) -> Sums {
    let mut sums = Sums::default();
    let mut known = [(0_i64, 0_i64); 2];
    let add = |sum: &mut Option<(i64, i64)>, pair: (i64, i64)| {
        let sum = sum.get_or_insert((0, 0));
        *sum = (sum.0 + pair.0, sum.1 + pair.1);
    };
    for [upper, lower] in firms {
        if let (Some(ytd), true) = (upper.ytd, !is_ratio || lower.ytd.is_some()) {
            *sums.ytd.get_or_insert(0) += ytd;
            *sums.lower_ytd.get_or_insert(0) += lower.ytd.unwrap_or(0);
        }
        let (Some(pair), true) = (upper.pair, !is_ratio || lower.pair.is_some()) else { continue };
        let below = lower.pair.unwrap_or((0, 0));
        add(&mut sums.pair, pair);
        add(&mut sums.lower_pair, below);
        if let (Some(full), true) = (upper.full, !is_ratio || lower.full.is_some()) {
            known[0] = (known[0].0 + pair.1, known[0].1 + full);
            known[1] = (known[1].0 + below.1, known[1].1 + lower.full.unwrap_or(0));
        }
    }
    let scaled = |whole: Option<(i64, i64)>, (prior, full): (i64, i64)| {
        let (_, whole) = whole?;
        (prior > 0).then(|| i128::from(full) * MILLION * i128::from(whole) / i128::from(prior))
    };
    let is_thick = |whole: Option<(i64, i64)>, known: (i64, i64)| {
        whole.is_some_and(|(_, whole)| known.0 * 10 >= whole * 9)
    };
    let is_known =
        is_thick(sums.pair, known[0]) && (!is_ratio || is_thick(sums.lower_pair, known[1]));
    if is_known {
        sums.full = scaled(sums.pair, known[0]);
        sums.lower_full = scaled(sums.lower_pair, known[1]);
    }
    let covered = |whole: Option<(i64, i64)>, known: (i64, i64)| {
        whole.filter(|(_, prior)| *prior > 0).map(|(_, prior)| (known.0, prior))
    };
    // Of a ratio's two the lesser.
    let upper = covered(sums.pair, known[0]);
    let lower = covered(sums.lower_pair, known[1]).filter(|_| is_ratio);
    let part = |(of, by): (i64, i64)| i128::from(of) * MILLION * MILLION / i128::from(by);
    sums.coverage = upper.into_iter().chain(lower).min_by_key(|pair| part(*pair));
    sums
}

/// A target in a month.
struct Progress<'a> {
    goal: &'a Goal,
    of: Month,
    sums: Sums,
    /// Over the same firms' year before.
    is_comparable: bool,
    /// The full year it is measured from, and a ratio's denominator, millionths.
    base: Option<i128>,
    lower_base: Option<i128>,
    /// Last year's value of those that count, and of all due.
    share: (i64, i64),
}

impl<'a> Progress<'a> {
    fn of(town: &Town, world: &World, lines: &[Line<'_>], (goal, of): (&'a Goal, Month)) -> Self {
        let is_ratio = goal.aim == Aim::Ratio;
        let sums = sums(&firms(town, world, lines, (goal, of)), is_ratio);
        let item = goal.items.1.unwrap_or(goal.items.0);
        let of_month = |of: Month| share::of(town, world, (goal.form, of), (&goal.scope, item));
        let (base, lower_base) = match goal.base_year {
            None => (sums.full, sums.lower_full),
            Some(base_year) => {
                let december = month(base_year, 12);
                let earlier = firms(town, world, lines, (goal, december));
                let earlier = self::sums(&earlier, is_ratio);
                let (reported, due) = of_month(december);
                let is_told = due > 0 && reported * 10 >= due * 9;
                let yuan =
                    |yuan: Option<i64>| yuan.filter(|_| is_told).map(|it| i128::from(it) * MILLION);
                (yuan(earlier.ytd), yuan(earlier.lower_ytd))
            }
        };
        let is_comparable = goal.aim != Aim::Level && goal.base_year.is_none();
        Self { goal, of, sums, is_comparable, base, lower_base, share: of_month(of) }
    }

    fn is_complete(&self) -> bool {
        self.share.1 == 0 || self.share.0 * 100 >= self.share.1 * 95
    }

    fn upper(&self) -> Option<i64> {
        if self.is_comparable { self.sums.pair.map(|pair| pair.0) } else { self.sums.ytd }
    }

    fn grown(&self) -> Option<i128> {
        let base = self.base.filter(|base| *base > 0)?;
        Some(base * i128::from(1000 + self.goal.growth?) / 1000)
    }

    /// What is held against what, in millionths.
    fn aim(&self) -> (Option<i128>, Option<i128>) {
        let millionths = |yuan: Option<i64>| yuan.map(|yuan| i128::from(yuan) * MILLION);
        let (upper, ytd) = (millionths(self.upper()), millionths(self.sums.ytd));
        let level = millionths(self.goal.level);
        match self.goal.aim {
            Aim::Level => (level, upper),
            Aim::Growth => (self.grown(), upper),
            Aim::Ratio => (None, upper),
            Aim::LevelAndGrowth => match (self.grown(), upper, level, ytd) {
                (Some(grown), Some(now), Some(level), Some(ytd)) if grown - now < level - ytd => {
                    (Some(level), Some(ytd))
                }
                _ => (self.grown(), upper),
            },
        }
    }

    fn row(&self) -> Vec<(&'static str, Want)> {
        let (aim, measured) = self.aim();
        let sums = &self.sums;
        let mut row = vec![
            ("kind", Want::text(self.goal.aim.text())),
            ("ytd_cny", Want::yuan(sums.ytd)),
            ("comparable_ytd_cny", Want::yuan(sums.pair.map(|pair| pair.0))),
            ("prior_ytd_cny", Want::yuan(sums.pair.map(|pair| pair.1))),
            ("prior_year_cny", Want::close(sums.full)),
            ("baseline_cny", Want::close(self.base)),
            ("base_coverage", Want::quotient(sums.coverage)),
            ("is_complete", Want::Flag(self.is_complete())),
            ("time_progress", Want::ratio(i64::from(number(self.of)), 12, 0)),
        ];
        if self.share.1 > 0 {
            row.push(("reported_value_share", Want::ratio(self.share.0, self.share.1, 0)));
        }
        if self.goal.aim == Aim::Ratio {
            row.extend(self.ratio());
            return row;
        }
        let growth = sums.pair.filter(|(_, then)| *then > 0);
        let seasonal = sums.full.zip(sums.pair).filter(|(full, _)| *full > 0);
        let seasonal =
            seasonal.map(|(full, (_, prior))| i128::from(prior) * MILLION * MILLION / full);
        let gap = aim.zip(measured).map(|(aim, now)| (aim - now).max(0));
        let attained = aim.zip(measured).filter(|(aim, _)| *aim > 0);
        let attained = attained.map(|(aim, now)| now * MILLION / aim);
        row.extend([
            ("target_cny", Want::close(aim)),
            ("measured_cny", Want::close(measured)),
            ("seasonal_progress", seasonal.map_or(Want::Null, Want::Near)),
            ("yoy_ytd", Want::quotient(growth.map(|(now, then)| (now - then, then)))),
            ("attained_share", attained.map_or(Want::Null, Want::Near)),
            ("gap_cny", Want::close(gap)),
            (
                "required_month_cny",
                Want::close(self.months_left().and_then(|left| Some(gap? / left))),
            ),
            ("required_growth", self.required_growth(gap, measured)),
            ("status", self.status(aim, measured, seasonal).map_or(Want::Null, Want::text)),
        ]);
        row
    }

    fn months_left(&self) -> Option<i128> {
        Some(12 - i128::from(number(self.of))).filter(|left| *left > 0)
    }

    /// How much more than in the rest of last year the rest of this one must bring, of the same firms.
    fn required_growth(&self, gap: Option<i128>, measured: Option<i128>) -> Want {
        let known = self.sums.pair.zip(self.sums.full).filter(|_| self.months_left().is_some());
        let Some(((now, then), full)) = known else { return Want::Null };
        let rest = full - i128::from(then) * MILLION;
        let is_same = measured == Some(i128::from(now) * MILLION);
        match gap.filter(|_| is_same && rest > 0) {
            Some(gap) => Want::Near(gap * MILLION / rest - MILLION),
            None => Want::Null,
        }
    }

    fn ratio(&self) -> Vec<(&'static str, Want)> {
        let quotient = |upper: Option<i128>, lower: Option<i128>| {
            let (upper, lower) = upper.zip(lower).filter(|(_, lower)| *lower > 0)?;
            Some(upper * MILLION / lower)
        };
        let now = self.sums.pair.zip(self.sums.lower_pair);
        let side = |is_prior: bool| {
            let (upper, lower) = now?;
            let of = |pair: (i64, i64)| i128::from(if is_prior { pair.1 } else { pair.0 });
            quotient(Some(of(upper)), Some(of(lower)))
        };
        let base = quotient(self.base, self.lower_base);
        let rate = side(false).zip(side(true)).map(|(now, then)| now - then);
        let want = |value: Option<i128>| value.map_or(Want::Null, Want::Near);
        let mut row = vec![("yoy_ytd", want(rate)), ("baseline_ratio", want(base))];
        if self.is_comparable {
            row.push(("ratio_ytd", want(side(false))));
        }
        if !self.is_complete() {
            row.push(("status", Want::text("incomplete")));
        }
        row
    }

    fn status(
        &self,
        aim: Option<i128>,
        measured: Option<i128>,
        seasonal: Option<i128>,
    ) -> Option<&'static str> {
        let is_reached = aim.zip(measured).map(|(aim, now)| now >= aim);
        let december = number(self.of) == 12;
        if !self.is_complete() {
            return Some(if self.is_certain(is_reached) { "met" } else { "incomplete" });
        }
        let is_reached = is_reached?;
        if december {
            return Some(if is_reached { "met" } else { "missed" });
        }
        let judged = |is: i128, against: i128, band: i128| {
            if is >= against + band {
                "ahead"
            } else if is >= against - band {
                "on_track"
            } else {
                "behind"
            }
        };
        if self.goal.aim == Aim::Growth && self.is_comparable {
            let (now, then) = self.sums.pair.filter(|(_, then)| *then > 0)?;
            // Rounded down, so that a rate just below a threshold does not reach it.
            let rate = (i128::from(now - then) * MILLION).div_euclid(i128::from(then));
            return Some(judged(rate, i128::from(self.goal.growth?) * 1000, 5000));
        }
        if is_reached {
            return Some("met");
        }
        let attained = measured? * MILLION / aim?;
        let against = seasonal.unwrap_or(i128::from(number(self.of)) * MILLION / 12);
        Some(judged(attained, against, 20_000))
    }

    /// Whether the missing reports cannot undo it.
    fn is_certain(&self, is_reached: Option<bool>) -> bool {
        let of_all = || {
            let (Some(upper), Some(grown)) = (self.upper(), self.grown()) else { return false };
            i128::from(upper) * MILLION * i128::from(self.share.0)
                >= grown * i128::from(self.share.1)
        };
        let is_growth_told = self.goal.aim != Aim::Growth || number(self.of) == 12;
        is_reached == Some(true) && (!self.is_comparable || of_all() && is_growth_told)
    }
}
