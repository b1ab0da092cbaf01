//! What every firm made, bought and sold, month by month, and the rows of the forms that say so.
//!
//! In: the roster. Out: whole 千元 (tenths of a quantity's unit) for each month from 2022-01, the base of
//! the first year, to 2025-12: smooth enough that no check speaks unless a story makes it, brought to the
//! totals of `sample.toml` so that the sums agree to the 千元. Sums hold by construction: a second
//! industry is taken out of the first, never added. Nothing can go wrong.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use super::plan::{Expected, FormRow, PlannedReport};
use super::sample::{SAMPLE, StoryEvent, Total, between, key, one_in, story};
use crate::domain::measure::Measure;
use crate::domain::period::Period;
use crate::project::seeds::roster::{Firm, Roster};

/// Output, sales, exports, industries, products.
pub const OUTPUT: &str = "B204-1";
/// What a firm supplies to others in the district.
pub const SUPPLY: &str = "LY-01";
/// What a leading firm buys.
pub const PURCHASES: &str = "LY-02";
/// The forms the sample files, in the order of a firm's sheets.
pub const FORMS: [&str; 3] = [OUTPUT, SUPPLY, PURCHASES];

/// Figures by month.
type Series = BTreeMap<Period, i64>;

/// The rows of each form of one firm.
type Rows = BTreeMap<&'static str, Vec<FormRow<Period>>>;

/// The year whose level is drawn; growth leads from it to the others.
const LEVEL_YEAR: i32 = 2023;

/// The shipped table of industries: labels of the rows in section two of the form.
static INDUSTRIES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let seed = include_bytes!("../../seeds/industries.csv").as_slice();
    let named =
        csv::Reader::from_reader(seed).into_deserialize::<(String, String, String, String)>();
    named.filter_map(Result::ok).map(|(code, name, ..)| (code, name)).collect()
});

/// The number in a firm's code: `91220106MA000064…` is 64; 0 when there is none.
pub fn number(credit_code: &str) -> u32 {
    credit_code.get(10..16).and_then(|digits| digits.parse().ok()).unwrap_or_default()
}

/// A month that is known to exist.
pub(super) fn month(year: i32, month: u32) -> Period {
    Period::new(year, month).expect("the sample's months are valid")
}

/// Each firm once, as its newest spell has it; not the bureau.
fn newest(roster: &Roster) -> impl Iterator<Item = &Firm> {
    let newest = roster.firms.values().filter_map(|spells| spells.last());
    newest.filter(|firm| FORMS.iter().any(|form| firm.files(form)))
}

/// All true figures, from which reports are copied.
pub(super) struct DemoArchive<'a> {
    pub(super) roster: &'a Roster,
    /// By code, and whether last year's are as if the firms had merged already.
    rows: BTreeMap<(&'a str, bool), Rows>,
}

impl<'a> DemoArchive<'a> {
    pub(super) fn new(roster: &'a Roster) -> Self {
        let mut outputs: Vec<_> = newest(roster).map(|firm| (firm, output(firm))).collect();
        SAMPLE.totals.iter().for_each(|total| meet(&mut outputs, total));
        let mut all = BTreeMap::new();
        for (firm, mut output) in outputs {
            let code = firm.credit_code.as_str();
            all.insert((code, false), rows(firm, &output, roster));
            if let Some(year) = merged_in(number(code)) {
                for (_, made) in output.range_mut(months(year - 1, 12)) {
                    *made = *made * SAMPLE.merged_percent / 100;
                }
                all.insert((code, true), rows(firm, &output, roster));
            }
        }
        // Each year's supply of all firms is brought to its total.
        for (year, total) in (2022..).zip(SAMPLE.supply) {
            let filed = all.iter_mut().filter(|((_, is_restated), _)| !is_restated);
            let supplied = filed.filter_map(|(_, rows)| rows.get_mut(SUPPLY)).flatten();
            let cells = supplied.flat_map(|row| row.figures.range_mut(months(year, 12)));
            settle(cells.map(|(_, value)| value).collect(), total);
        }
        Self { roster, rows: all }
    }

    /// A firm's true report of a form for a month; `None` when it does not file the form.
    pub(super) fn report(
        &self,
        firm: &Firm,
        form: &'static str,
        period: Period,
    ) -> Option<PlannedReport> {
        let code = firm.credit_code.as_str();
        // The base is restated in the year of the merger only.
        let is_restated = merged_in(number(code)) == Some(period.year());
        let rows = self.rows.get(&(code, false))?.get(form)?;
        let base = self.rows.get(&(code, is_restated))?.get(form)?;
        // February's report covers two months; few firms fill the month columns beside.
        let has_month = period.month() != 2 || one_in(5, "february", &[number(code)]);
        let line = |(row, base): (&FormRow<Period>, &FormRow<Period>)| {
            let figure = |measure: Measure| {
                let (series, years) =
                    if measure.is_current() { (&row.figures, 0) } else { (&base.figures, 1) };
                let to_date = months(period.year() - years, period.month());
                let figure = match measure {
                    Measure::Ytd | Measure::PriorYtd => {
                        Some(series.range(to_date).map(|(_, it)| it).sum())
                    }
                    _ => series.get(to_date.end()).copied().filter(|_| has_month),
                };
                Some((measure, figure?))
            };
            let figures = Measure::ALL.into_iter().filter_map(figure).collect();
            let FormRow { item, label, unit, code, .. } = row.clone();
            FormRow { item, label, unit, code, figures }
        };
        Some(PlannedReport {
            form,
            firm: firm.clone(),
            credit_code: firm.credit_code.clone(),
            period,
            lines: rows.iter().zip(base).map(line).collect(),
            explanation: "",
            expected: Expected::Counts,
        })
    }
}

/// The rows of one firm; supply not yet settled to its total.
fn rows(firm: &Firm, output: &Series, roster: &Roster) -> Rows {
    let forms = FORMS.into_iter().filter(|form| firm.files(form));
    let filled = forms.map(|form| match form {
        OUTPUT => (form, output_rows(firm, output)),
        SUPPLY => (form, supply_rows(firm, output, roster)),
        _ => (form, purchase_rows(firm, output)),
    });
    filled.collect()
}

fn output_rows(firm: &Firm, output: &Series) -> Vec<FormRow<Period>> {
    let number = number(&firm.credit_code);
    let ratio = between("sales", &[number], 945, 1_004);
    let sales = vary(output, number, "sales by month", (ratio, 12));
    let does_export = number.is_multiple_of(3) || firm.is_leading;
    let ratio = if does_export { between("exports", &[number], 40, 240) } else { 0 };
    let exports = vary(&sales, number, "exports by month", (ratio, ratio / 30));
    let code = firm.industry_code.as_str();
    let sideline = SAMPLE.sidelines.get(code).filter(|_| number % 4 < 2);
    let percent = sideline.map_or(0, |_| between("sideline", &[number], 8, 30));
    let industry = |code: &str, series: Series| {
        let label = INDUSTRIES.get(code).map_or(code, String::as_str);
        money(&format!("industry:{code}"), label, code, series)
    };
    let mut rows = vec![
        money("output", "一、工业总产值(当年价格)", "01", output.clone()),
        money("sales", "    工业销售产值(当年价格)", "03", sales),
        money("exports", "      其中:出口交货值", "04", exports),
        industry(code, map(output, |_, made| made - made * percent / 100)),
    ];
    rows.extend(sideline.map(|code| industry(code, map(output, |_, made| made * percent / 100))));
    rows.extend(SAMPLE.products.get(code).map(|product| {
        let made = map(output, |_, made| made * 10 / product.price);
        let item = format!("product:{}", product.code);
        FormRow { unit: &product.unit, ..money(&item, &product.name, &product.code, made) }
    }));
    rows
}

fn supply_rows(firm: &Firm, output: &Series, roster: &Roster) -> Vec<FormRow<Period>> {
    let number = number(&firm.credit_code);
    let percent = between("supply", &[number], 5, 10);
    // Suppliers gain on their buyers, not with their own output: every year has the level year's
    // shape, and the total of all firms grows as settled.
    let supply = map(output, |period, _| {
        let key = key(period);
        let drift = between("supply by year", &[number, key / 100], -60, 60);
        let luck = between("supply by month", &[number, key], -25, 25);
        let shape = output.get(&month(LEVEL_YEAR, period.month()));
        shape.copied().unwrap_or_default() * percent * (1_000 + drift + luck) / 100_000
    });
    // The first buyer is the train builder; suppliers of car parts also sell to the second in line.
    let buyers = newest(roster).filter(|buyer| matches!(self::number(&buyer.credit_code), 1 | 3));
    let second = if firm.chain == "auto" && number.is_multiple_of(2) { 35 } else { 0 };
    let sold = buyers.zip([100 - second, second]).filter(|(_, share)| *share > 0);
    sold.map(|(buyer, share)| {
        let code = buyer.credit_code.as_str();
        let part = map(&supply, |_, value| value * share / 100);
        money(&format!("supply:{code}"), &buyer.name, code, part)
    })
    .collect()
}

fn purchase_rows(firm: &Firm, output: &Series) -> Vec<FormRow<Period>> {
    let number = number(&firm.credit_code);
    let Some(buyer) = SAMPLE.buyers.iter().find(|buyer| buyer.firm == number) else {
        return Vec::new();
    };
    let purchases = vary(output, number, "purchases", (buyer.percent * 10, 4));
    let mut local = Series::new();
    for (year, rate) in (2022..).zip(buyer.local) {
        let bought = purchases.range(months(year, 12)).map(|(month, value)| (*month, *value));
        local.extend(vary(&bought.collect(), number, "local purchases", (rate, 1)));
    }
    vec![
        money("purchases", "采购总额", "01", purchases),
        money("local_purchases", "  其中:本地采购额", "02", local),
    ]
}

fn map(series: &Series, change: impl Fn(Period, i64) -> i64) -> Series {
    series.iter().map(|(period, value)| (*period, change(*period, *value))).collect()
}

/// A part of each month's figure: so many of a thousand, give or take a little.
fn vary(series: &Series, number: u32, topic: &str, (per_mille, spread): (i64, i64)) -> Series {
    map(series, |period, value| {
        let luck = between(topic, &[number, key(period)], -spread, spread);
        value * (per_mille + luck) / 1_000
    })
}

fn money(item: &str, label: &str, code: &str, figures: Series) -> FormRow<Period> {
    let [item, label, code] = [item, label, code].map(str::to_owned);
    FormRow { item, label, unit: "千元", code, figures }
}

/// The output of a firm before totals are met.
fn output(firm: &Firm) -> Series {
    let number = number(&firm.credit_code);
    let mut levels = SAMPLE.levels.iter().zip(1..);
    let drawn = levels.find(|(_, class)| *class == firm.size_class);
    let level = drawn.map_or(0, |((low, high), _)| between("level", &[number], *low, *high));
    let mut series = Series::new();
    for year in 2022..=2025 {
        let grown = grow(number, level, year);
        for (share, nth) in SAMPLE.season.iter().zip(1..) {
            let period = month(year, nth);
            let (by_firm, by_year) = if firm.is_leading { (20, 3) } else { (50, 30) };
            let habit = between("habit", &[number, nth], -by_firm, by_firm);
            let luck = between("luck", &[number, key(period)], -by_year, by_year);
            let made = grown * share / 10_000 * (1_000 + habit + luck) / 1_000;
            let before = series.last_key_value().map(|(_, before)| *before);
            let lived = match (story(number, period).event, before) {
                (StoryEvent::Stopped, _) => 0,
                (StoryEvent::Surge, Some(before)) => before * SAMPLE.surge_percent / 100,
                _ if merged_in(number) == Some(year) => made * SAMPLE.merged_percent / 100,
                _ => made,
            };
            series.insert(period, lived);
        }
    }
    if !is_ordinary(number) {
        return series;
    }
    let [outside, within] = SAMPLE.stretch;
    let (times, by) = if firm.zone.is_empty() { outside } else { within };
    map(&series, |_, made| made * times / by)
}

/// The level of another year: growth of −8 to +20 % a year, drawn per firm.
fn grow(number: u32, level: i64, year: i32) -> i64 {
    let growth =
        |year: i32| 1_000 + between("growth", &[number, key(month(year, 1)) / 100], -80, 200);
    if year < LEVEL_YEAR {
        return (year..LEVEL_YEAR).fold(level, |level, year| level * 1_000 / growth(year + 1));
    }
    (LEVEL_YEAR..year).fold(level, |level, year| level * growth(year + 1) / 1_000)
}

/// The year in which the firm merged with another.
fn merged_in(number: u32) -> Option<i32> {
    let mut stories = SAMPLE.stories.iter();
    let merger = stories.find(|it| it.firm == number && it.event == StoryEvent::Restructured);
    merger.map(|story| story.from.year())
}

/// A firm without a total of its own.
fn is_ordinary(number: u32) -> bool {
    SAMPLE.totals.iter().all(|total| total.firm != Some(number))
}

/// Makes the sum of a total's firms and months what it should be by scaling what may change.
fn meet(outputs: &mut [(&Firm, Series)], total: &Total) {
    let (mut fixed, mut free) = (0, Vec::new());
    for (firm, series) in outputs {
        let number = number(&firm.credit_code);
        let is_member = total.firm.is_none_or(|wanted| wanted == number)
            && total.filing.is_none_or(|month| firm.is_on_roster(month))
            && total.in_zones.is_none_or(|wanted| wanted != firm.zone.is_empty());
        let is_free = total.firm.is_some() || is_ordinary(number);
        let first_free = total.free.unwrap_or(total.from);
        for (month, made) in series.range_mut(total.from..=total.to).filter(|_| is_member) {
            if is_free && first_free <= *month {
                free.push(made);
            } else {
                fixed += *made;
            }
        }
    }
    settle(free, total.total - fixed);
}

/// Scales values to a total; what rounding leaves over goes to the first ones, 1 each.
///
/// Zeros stay zeros. Without any value but zeros, nothing changes.
fn settle(mut values: Vec<&mut i64>, target: i64) {
    let now: i64 = values.iter().map(|value| **value).sum();
    if now == 0 {
        return;
    }
    for value in &mut values {
        **value = **value * target / now;
    }
    let reached: i64 = values.iter().map(|value| **value).sum();
    let left_over = usize::try_from(target - reached).unwrap_or_default();
    for value in values.into_iter().filter(|value| **value != 0).take(left_over) {
        *value += 1;
    }
}

/// The months of a year, up to one of them.
fn months(year: i32, last: u32) -> RangeInclusive<Period> {
    month(year, 1)..=month(year, last)
}
