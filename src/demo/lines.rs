//! From output to the rows of every form a firm files, and to its true reports.
//!
//! In: the roster. Out: per firm and form the rows with their series. Sums hold by construction: a
//! second industry is taken out of the first, never added. All figures are whole 千元, quantities tenths
//! of their unit. Nothing can go wrong.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::domain::measure::Measure;
use crate::domain::period::Period;
use crate::project::seeds::roster::{Firm, Roster};

use super::figures::{self, LEVEL_YEAR, Series, merged_in, months, newest, number, settle};
use super::plan::{Fate, Report, Row};
use super::sample::{SAMPLE, between, key, one_in};

/// Output, sales, exports, industries, products.
pub const OUTPUT: &str = "B204-1";
/// What a firm supplies to others in the district.
pub const SUPPLY: &str = "LY-01";
/// What a leading firm buys.
pub const PURCHASES: &str = "LY-02";
/// The forms the sample files, in the order of a firm's sheets.
pub const FORMS: [&str; 3] = [OUTPUT, SUPPLY, PURCHASES];

/// The rows of each form of one firm.
type Rows = BTreeMap<&'static str, Vec<Row<Period>>>;

/// The shipped table of industries: labels of the rows in section two of the form.
static INDUSTRIES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let seed = include_bytes!("../../seeds/industries.csv").as_slice();
    let named =
        csv::Reader::from_reader(seed).into_deserialize::<(String, String, String, String)>();
    named.filter_map(Result::ok).map(|(code, name, ..)| (code, name)).collect()
});

/// All true figures, from which reports are copied.
pub(super) struct Archive<'a> {
    pub(super) roster: &'a Roster,
    rows: BTreeMap<&'a str, Rows>,
    /// The merged firms' figures with last year's as if merged already.
    restated: BTreeMap<&'a str, Rows>,
}

impl<'a> Archive<'a> {
    pub(super) fn new(roster: &'a Roster) -> Self {
        let (mut all, mut restated) = (BTreeMap::new(), BTreeMap::new());
        for (firm, mut output) in figures::outputs(roster) {
            let code = firm.credit_code.as_str();
            all.insert(code, rows(firm, &output, roster));
            if let Some(year) = merged_in(number(code)) {
                for (_, made) in output.range_mut(months(year - 1, 12)) {
                    *made = *made * SAMPLE.merged_percent / 100;
                }
                restated.insert(code, rows(firm, &output, roster));
            }
        }
        // Each year's supply of all firms is brought to its total.
        for (year, total) in (2022..).zip(SAMPLE.supply) {
            let supplied = all.values_mut().filter_map(|rows| rows.get_mut(SUPPLY)).flatten();
            let cells = supplied.flat_map(|row| row.figures.range_mut(months(year, 12)));
            settle(cells.map(|(_, value)| value).collect(), total);
        }
        Self { roster, rows: all, restated }
    }

    /// A firm's true report of a form for a month; `None` when it does not file the form.
    pub(super) fn report(&self, firm: &Firm, form: &'static str, period: Period) -> Option<Report> {
        let code = firm.credit_code.as_str();
        let rows = self.rows.get(code)?.get(form)?;
        // The base is restated in the year of the merger only.
        let is_restated = merged_in(number(code)) == Some(period.year());
        let restated = self.restated.get(code).filter(|_| is_restated);
        let base = restated.and_then(|rows| rows.get(form)).unwrap_or(rows);
        let lines = rows.iter().zip(base).map(|(row, base)| line(firm, row, base, period));
        Some(Report {
            form,
            firm: firm.clone(),
            credit_code: firm.credit_code.clone(),
            period,
            reported_on: period.last_day(),
            lines: lines.collect(),
            explanation: "",
            fate: Fate::Counts,
        })
    }
}

fn line(firm: &Firm, row: &Row<Period>, base: &Row<Period>, period: Period) -> Row<Measure> {
    // February's report covers two months; few firms fill the month columns beside.
    let has_month = period.month() != 2 || one_in(5, "february", &[number(&firm.credit_code)]);
    let figure = |measure: Measure| {
        let year_before = i32::from(!measure.is_current());
        let series = if measure.is_current() { &row.figures } else { &base.figures };
        let to_date = months(period.year() - year_before, period.month());
        match measure {
            Measure::Ytd | Measure::PriorYtd => Some(series.range(to_date).map(|(_, it)| it).sum()),
            _ => series.get(to_date.end()).copied().filter(|_| has_month),
        }
    };
    let figures = Measure::ALL.into_iter().filter_map(|it| Some((it, figure(it)?))).collect();
    let Row { item, label, unit, code, .. } = row.clone();
    Row { item, label, unit, code, figures }
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

fn output_rows(firm: &Firm, output: &Series) -> Vec<Row<Period>> {
    let number = number(&firm.credit_code);
    let ratio = between("sales", &[number], 945, 1_004);
    let sales = vary(output, number, "sales by month", (ratio, 12));
    let does_export = number.is_multiple_of(3) || firm.is_leading;
    let ratio = if does_export { between("exports", &[number], 40, 240) } else { 0 };
    let exports = vary(&sales, number, "exports by month", (ratio, ratio / 30));
    let code = firm.industry_code.as_str();
    let sideline = SAMPLE.sidelines.get(code).filter(|_| number % 4 < 2);
    let percent = sideline.map_or(0, |_| between("sideline", &[number], 8, 30));
    let main = map(output, |_, made| made - made * percent / 100);
    let mut rows = vec![
        money("output", "一、工业总产值(当年价格)", "01", output.clone()),
        money("sales", "    工业销售产值(当年价格)", "03", sales),
        money("exports", "      其中:出口交货值", "04", exports),
        industry(code, main),
    ];
    rows.extend(sideline.map(|code| industry(code, map(output, |_, made| made * percent / 100))));
    rows.extend(SAMPLE.products.get(code).map(|product| Row {
        unit: &product.unit,
        ..money(
            &format!("product:{}", product.code),
            &product.name,
            &product.code,
            map(output, |_, made| made * 10 / product.price),
        )
    }));
    rows
}

fn industry(code: &str, series: Series) -> Row<Period> {
    let label = INDUSTRIES.get(code).map_or(code, String::as_str);
    money(&format!("industry:{code}"), label, code, series)
}

fn supply_rows(firm: &Firm, output: &Series, roster: &Roster) -> Vec<Row<Period>> {
    let number = number(&firm.credit_code);
    let percent = between("supply", &[number], 5, 10);
    // Suppliers gain on their buyers, not with their own output: every year has the level year's
    // shape, and the total of all firms grows as settled.
    let supply = map(output, |period, _| {
        let key = key(period);
        let drift = between("supply by year", &[number, key / 100], -60, 60);
        let luck = between("supply by month", &[number, key], -25, 25);
        let shape = output.get(&figures::month(LEVEL_YEAR, period.month()));
        shape.copied().unwrap_or_default() * percent * (1_000 + drift + luck) / 100_000
    });
    // The first buyer is the train builder; suppliers of car parts also sell to the second in line.
    let buyers =
        newest(roster).filter(|buyer| matches!(figures::number(&buyer.credit_code), 1 | 3));
    let second = if firm.chain == "auto" && number.is_multiple_of(2) { 35 } else { 0 };
    let sold = buyers.zip([100 - second, second]).filter(|(_, share)| *share > 0);
    sold.map(|(buyer, share)| {
        let code = buyer.credit_code.as_str();
        let part = map(&supply, |_, value| value * share / 100);
        money(&format!("supply:{code}"), &buyer.name, code, part)
    })
    .collect()
}

fn purchase_rows(firm: &Firm, output: &Series) -> Vec<Row<Period>> {
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

fn money(item: &str, label: &str, code: &str, figures: Series) -> Row<Period> {
    let [item, label, code] = [item, label, code].map(str::to_owned);
    Row { item, label, unit: "千元", code, figures }
}
