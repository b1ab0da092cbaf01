//! From output to the rows of every form a firm files.
//!
//! In: the roster and the calibrated output. Out: per firm and form the rows with their series. Sums
//! hold by construction: a second industry is taken out of the first, never added. All figures are
//! whole 千元, quantities tenths of their unit. Nothing can go wrong.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::domain::period::Period;
use crate::project::seeds::roster::{Firm, Roster};

use super::calibrate::settle;
use super::dice;
use super::figures::{self, Outputs, Series, month, number};

/// The forms the sample files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Output, sales, exports, industries, products.
    Output,
    /// What a firm supplies to others in the district.
    Supply,
    /// What a leading firm buys.
    Purchases,
}

impl Kind {
    /// All of them, in the order of a firm's sheets.
    pub const ALL: [Self; 3] = [Self::Output, Self::Supply, Self::Purchases];

    /// The form's number.
    pub fn form(self) -> &'static str {
        match self {
            Self::Output => "B204-1",
            Self::Supply => "LY-01",
            Self::Purchases => "LY-02",
        }
    }
}

/// One row of a form with its figures of all months.
#[derive(Clone, Debug)]
pub struct Row {
    /// The item's name in the lake.
    pub item: String,
    /// The row's label on the form.
    pub label: String,
    /// Its unit; everything but 千元 is a quantity.
    pub unit: &'static str,
    /// Its code on the form.
    pub code: String,
    /// The figures by month: 千元, or tenths of the unit.
    pub series: Series,
}

/// The rows of each form of one firm.
pub(super) type Rows = BTreeMap<Kind, Vec<Row>>;

/// The shipped table of industries: labels of the rows in section two of the form.
static INDUSTRY_NAMES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let mut table =
        csv::Reader::from_reader(include_bytes!("../../seeds/industries.csv").as_slice());
    let named = table.records().filter_map(Result::ok);
    named
        .filter_map(|record| Some((record.get(0)?.to_owned(), record.get(1)?.to_owned())))
        .collect()
});

/// Which industry a firm of an industry also works in.
const SIDELINES: [(&str, &str); 8] = [
    ("3714", "3715"),
    ("3715", "3714"),
    ("3670", "3360"),
    ("1351", "1353"),
    ("1353", "1351"),
    ("2651", "2929"),
    ("3491", "3484"),
    ("3841", "3823"),
];

/// Product rows: industry, product code, name, unit, 千元 a unit.
const PRODUCTS: [(&str, &str, &str, &str, i64); 8] = [
    ("3711", "37110", "铁路客车", "辆", 9_500),
    ("3715", "37150", "铁路机车配件", "吨", 40),
    ("1351", "13510", "鲜、冷藏肉", "吨", 52),
    ("1353", "13530", "熟肉制品", "吨", 68),
    ("2651", "26510", "初级形态塑料", "吨", 12),
    ("3061", "30610", "玻璃纤维纱", "吨", 8),
    ("3491", "34910", "工业机器人", "套", 210),
    ("3841", "38410", "锂离子电池", "只", 3),
];

/// Supply within the chains by year, 千元 (made up; the target of 2025 is met in its last month).
const SUPPLY: [(i32, i64); 4] =
    [(2022, 262_337), (2023, 319_846), (2024, 421_079), (2025, 541_723)];

/// Who buys from firms of the district: purchases of a hundred of output, and how many of a thousand
/// of them are local in 2022 … 2025 (made up).
const BUYERS: [(u32, i64, [i64; 4]); 2] =
    [(1, 30, [56, 61, 68, 75]), (2, 70, [205, 210, 220, 226])];

/// The rows of every firm.
pub(super) fn all<'a>(roster: &'a Roster, outputs: &Outputs<'a>) -> BTreeMap<&'a str, Rows> {
    let firms = outputs.iter().filter_map(|(code, output)| Some((roster.newest(code)?, output)));
    let mut rows: BTreeMap<&str, Rows> = firms
        .map(|(firm, output)| (firm.credit_code.as_str(), one(firm, output, roster)))
        .collect();
    settle_supply(&mut rows);
    rows
}

/// The rows of one firm; supply not yet settled to its total.
pub(super) fn one(firm: &Firm, output: &Series, roster: &Roster) -> Rows {
    let mut rows = Rows::new();
    for kind in Kind::ALL {
        if firm.forms.iter().any(|form| form == kind.form()) {
            rows.insert(
                kind,
                match kind {
                    Kind::Output => output_rows(firm, output),
                    Kind::Supply => supply_rows(firm, output, roster),
                    Kind::Purchases => purchase_rows(firm, output),
                },
            );
        }
    }
    rows
}

fn output_rows(firm: &Firm, output: &Series) -> Vec<Row> {
    let number = number(&firm.credit_code);
    let ratio = dice::between("sales", &[number], 945, 1_004);
    let sales = vary(output, number, "sales by month", (ratio, 12));
    let export_ratio = if number.is_multiple_of(3) || firm.is_leading {
        dice::between("exports", &[number], 40, 240)
    } else {
        0
    };
    let exports = vary(&sales, number, "exports by month", (export_ratio, export_ratio / 30));
    let mut rows = vec![
        money("output", "一、工业总产值(当年价格)", "01", output.clone()),
        money("sales", "    工业销售产值(当年价格)", "03", sales),
        money("exports", "      其中:出口交货值", "04", exports),
    ];
    rows.extend(industry_rows(firm, output));
    rows.extend(product_row(firm, output));
    rows
}

fn industry_rows(firm: &Firm, output: &Series) -> Vec<Row> {
    let number = number(&firm.credit_code);
    let code = firm.industry_code.as_str();
    let sideline = SIDELINES.iter().find(|(main, _)| *main == code && number % 4 < 2);
    let percent = sideline.map_or(0, |_| dice::between("sideline", &[number], 8, 30));
    let second: Series =
        output.iter().map(|(period, made)| (*period, made * percent / 100)).collect();
    let first =
        output.iter().zip(second.values()).map(|((period, made), side)| (*period, made - side));
    let mut rows = vec![industry(code, first.collect())];
    rows.extend(sideline.map(|(_, code)| industry(code, second)));
    rows
}

fn industry(code: &str, series: Series) -> Row {
    let label = INDUSTRY_NAMES.get(code).map_or(code, String::as_str);
    money(&format!("industry:{code}"), label, code, series)
}

fn product_row(firm: &Firm, output: &Series) -> Option<Row> {
    let (_, code, label, unit, price) =
        PRODUCTS.into_iter().find(|(industry, ..)| *industry == firm.industry_code)?;
    let tenths = output.iter().map(|(period, made)| (*period, made * 10 / price));
    Some(Row {
        item: format!("product:{code}"),
        label: label.to_owned(),
        unit,
        code: code.to_owned(),
        series: tenths.collect(),
    })
}

fn supply_rows(firm: &Firm, output: &Series, roster: &Roster) -> Vec<Row> {
    let number = number(&firm.credit_code);
    let percent = dice::between("supply", &[number], 5, 10);
    // Suppliers gain on their buyers, not with their own output: every year has the level year's
    // shape, and the total of all firms grows as settled.
    let supplied = |period: &Period| {
        let key = dice::key(*period);
        let drift = dice::between("supply by year", &[number, key / 100], -60, 60);
        let luck = dice::between("supply by month", &[number, key], -25, 25);
        let shape = Period::new(figures::LEVEL_YEAR, period.month());
        let made = shape.and_then(|period| output.get(&period)).copied().unwrap_or_default();
        (*period, made * percent * (1_000 + drift + luck) / 100_000)
    };
    let supply: Series = output.keys().map(supplied).collect();
    // The first buyer is the train builder; suppliers of car parts also sell to the second in line.
    let buyers = figures::newest(roster)
        .filter(|buyer| matches!(figures::number(&buyer.credit_code), 1 | 3));
    let second = if firm.chain == "auto" && number.is_multiple_of(2) { 35 } else { 0 };
    let shares = [100 - second, second];
    let sold = buyers.zip(shares).filter(|(_, share)| *share > 0);
    sold.map(|(buyer, share)| {
        let part = supply.iter().map(|(period, value)| (*period, value * share / 100));
        let code = buyer.credit_code.as_str();
        money(&format!("supply:{code}"), &buyer.name, code, part.collect())
    })
    .collect()
}

/// Brings each year's supply of all firms to its total.
fn settle_supply(rows: &mut BTreeMap<&str, Rows>) {
    for (year, target) in SUPPLY {
        let months = month(year, 1)..=month(year, 12);
        let supplied = rows.values_mut().filter_map(|rows| rows.get_mut(&Kind::Supply)).flatten();
        let cells = supplied.flat_map(|row| row.series.range_mut(months.clone()));
        settle(cells.map(|(_, value)| value).collect(), target);
    }
}

fn purchase_rows(firm: &Firm, output: &Series) -> Vec<Row> {
    let number = number(&firm.credit_code);
    let Some((_, percent, rates)) = BUYERS.iter().find(|(buyer, ..)| *buyer == number) else {
        return Vec::new();
    };
    let purchases = vary(output, number, "purchases", (percent * 10, 4));
    let mut local = Series::new();
    for (year, rate) in figures::YEARS.zip(rates) {
        let months = month(year, 1)..=month(year, 12);
        let bought = purchases.range(months).map(|(period, value)| (*period, *value)).collect();
        local.extend(vary(&bought, number, "local purchases", (*rate, 1)));
    }
    vec![
        money("purchases", "采购总额", "01", purchases),
        money("local_purchases", "  其中:本地采购额", "02", local),
    ]
}

/// A part of each month's figure: so many of a thousand, give or take a little.
fn vary(series: &Series, number: u32, topic: &str, part: (i64, i64)) -> Series {
    let (per_mille, spread) = part;
    let varied = series.iter().map(|(period, value)| {
        let luck = dice::between(topic, &[number, dice::key(*period)], -spread, spread);
        (*period, value * (per_mille + luck) / 1_000)
    });
    varied.collect()
}

fn money(item: &str, label: &str, code: &str, series: Series) -> Row {
    Row {
        item: item.to_owned(),
        label: label.to_owned(),
        unit: "千元",
        code: code.to_owned(),
        series,
    }
}
