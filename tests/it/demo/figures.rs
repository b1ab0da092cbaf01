//! The totals a published review names must come out of the reports that count.

use std::collections::BTreeMap;

use yuebao::demo::figures::{FORMS, OUTPUT, PURCHASES, SUPPLY, number};
use yuebao::demo::plan::PlannedReport;
use yuebao::domain::measure::Measure;
use yuebao::domain::period::Period;
use yuebao::project::seeds::roster::{BaseRule, Firm, LastYear};

use super::{PLAN, ROSTER, counted, firms, month, periods};

/// This year's and last year's output to date, 千元, of the firms that count.
fn output(period: &str, is_member: impl Fn(&Firm) -> bool) -> (i64, i64) {
    let member = |report: &&PlannedReport| is_member(ROSTER.newest(&report.credit_code).unwrap());
    let reports = counted(&PLAN, OUTPUT, month(period)).filter(member);
    reports.fold((0, 0), |(now, base), report| {
        let value = |measure| report.value("output", measure).unwrap();
        (now + value(Measure::Ytd), base + value(Measure::PriorYtd))
    })
}

fn float(value: i64) -> f64 {
    i32::try_from(value).unwrap().into()
}

fn growth((now, base): (i64, i64)) -> f64 {
    float(now) / float(base) - 1.0
}

/// 亿元 with one decimal, as published.
fn published(thousands: i64) -> String {
    format!("{:.1}", float(thousands) / 100_000.0)
}

fn is_firm(wanted: u32) -> impl Fn(&Firm) -> bool {
    move |firm| number(&firm.credit_code) == wanted
}

#[test]
fn district_of_july_2024_is_as_published() {
    let district = output("2024-07", |_| true);
    assert!((27_736_000..=27_744_000).contains(&district.0), "{}", district.0);
    assert_eq!(published(district.0), "277.4");
    assert!((growth(district) - 0.076).abs() < 0.000_01, "{}", growth(district));
}

#[test]
fn leading_firms_of_july_2024_are_as_published() {
    let rail = output("2024-07", is_firm(1));
    assert_eq!(
        (published(rail.0), format!("{:.3}", growth(rail))),
        ("117.1".into(), "0.103".into())
    );
    let beef = output("2024-07", is_firm(2));
    assert_eq!(
        (published(beef.0), format!("{:.3}", growth(beef))),
        ("81.7".into(), "0.071".into())
    );
}

#[test]
fn zones_share_of_2023_is_as_published() {
    let district = output("2023-12", |_| true);
    let zones = output("2023-12", |firm| !firm.zone.is_empty());
    assert_eq!((published(zones.0), published(district.0)), ("435.3".into(), "514.0".into()));
    let share = float(zones.0) / float(district.0);
    assert!((share - 0.8469).abs() < 0.000_04, "{share}");
}

#[test]
fn all_firms_on_the_roster_count_in_the_published_months() {
    for period in ["2023-12", "2024-07"].map(month) {
        let due = firms().filter(|firm| firm.is_on_roster(period)).count();
        assert_eq!(counted(&PLAN, OUTPUT, period).count(), due, "{period}");
    }
}

/// What firms that left within a year and keep their base filed last, and their base of the full year.
fn kept(year: i32) -> (i64, i64) {
    let left = |firm: &&Firm| {
        let last = firm.roster_to.filter(|last| last.year() == year && last.month() < 12);
        last.is_some() && firm.base_rule == BaseRule::Keep
    };
    let leavers = firms().filter(left);
    leavers.fold((0, 0), |(now, base), firm| {
        let filed = |period: &str| output(period, |known| known == firm).0;
        let last = firm.roster_to.unwrap().to_string();
        (now + filed(&last), base + filed(&format!("{}-12", year - 1)))
    })
}

#[test]
fn growth_target_of_2024_is_missed_and_that_of_2025_met() {
    let growth_2024 = growth(output("2024-12", |_| true));
    assert!((0.080..0.085).contains(&growth_2024), "{growth_2024}");
    let (filed, kept) = (output("2025-12", |_| true), kept(2025));
    let growth_2025 = growth((filed.0 + kept.0, filed.1 + kept.1));
    assert!((0.081..0.090).contains(&growth_2025), "{growth_2025}");
}

#[test]
fn minth_passes_half_a_billion_only_in_december_2024() {
    let (november, _) = output("2024-11", is_firm(3));
    let (december, _) = output("2024-12", is_firm(3));
    assert!(november < 500_000 && december > 500_000, "{november} {december}");
}

fn supply(period: &str) -> i64 {
    let reports = counted(&PLAN, SUPPLY, month(period));
    reports.map(|report| report.sum("supply", Measure::Ytd)).sum()
}

#[test]
fn local_supply_meets_its_target_only_at_the_end_of_2025() {
    assert_eq!(published(supply("2023-12")), "3.2");
    assert_eq!(published(supply("2024-12")), "4.2");
    let wanted = (supply("2023-12") * 3 / 2).max(500_000);
    assert_eq!(wanted, 500_000, "the level binds");
    assert!(supply("2025-11") < wanted && supply("2025-12") > wanted);
}

#[test]
fn local_supply_rate_of_the_rail_chain_keeps_rising() {
    let rates = ["2023-12", "2024-12", "2025-12"].map(|period| {
        let mut reports = counted(&PLAN, PURCHASES, month(period));
        let report = reports.find(|report| number(&report.credit_code) == 1).unwrap();
        let value = |item| float(report.value(item, Measure::Ytd).unwrap());
        value("local_purchases") / value("purchases")
    });
    assert!(rates.windows(2).all(|pair| pair[1] > pair[0] + 0.004), "{rates:?}");
    assert!((0.055..0.08).contains(&rates[0]) && rates[2] < 0.08, "{rates:?}");
}

#[test]
fn what_suppliers_sell_to_the_train_builder_is_within_its_local_purchases() {
    let code = ROSTER.firms.keys().find(|code| number(code) == 1).unwrap();
    for period in ["2023-12", "2024-12", "2025-12"] {
        let item = format!("supply:{code}");
        let sold: i64 = counted(&PLAN, SUPPLY, month(period))
            .filter_map(|report| report.value(&item, Measure::Ytd))
            .sum();
        let mut buyers = counted(&PLAN, PURCHASES, month(period));
        let buyer = buyers.find(|report| report.credit_code == *code).unwrap();
        let bought = buyer.value("local_purchases", Measure::Ytd).unwrap();
        assert!(sold < bought && sold * 2 > bought, "{period}: {sold} of {bought}");
    }
}

/// Every true report by form, firm and month.
fn archive() -> BTreeMap<(&'static str, &'static str, Period), &'static PlannedReport> {
    let all = periods()
        .flat_map(|period| FORMS.into_iter().flat_map(move |kind| counted(&PLAN, kind, period)));
    all.map(|report| ((report.form, report.credit_code.as_str(), report.period), report)).collect()
}

#[test]
fn prior_year_columns_equal_what_the_firm_filed_a_year_before() {
    let archive = archive();
    let mut compared = 0;
    for ((kind, code, period), report) in &archive {
        let Some(before) = archive.get(&(*kind, code, period.months_before(12).unwrap())) else {
            continue;
        };
        if ROSTER.base(code, *period) == LastYear::Stated {
            assert_ne!(
                report.value("output", Measure::PriorYtd),
                before.value("output", Measure::Ytd)
            );
            continue;
        }
        for line in &report.lines {
            let old = |measure| before.value(&line.item, measure);
            assert_eq!(
                line.figures.get(&Measure::PriorMonth).copied(),
                old(Measure::Month),
                "{code} {period}"
            );
            assert_eq!(
                line.figures.get(&Measure::PriorYtd).copied(),
                old(Measure::Ytd),
                "{code} {period}"
            );
            compared += 1;
        }
    }
    assert!(compared > 10_000, "{compared}");
}

#[test]
fn year_to_date_is_last_months_plus_the_month() {
    let archive = archive();
    let mut chained = 0;
    for ((kind, code, period), report) in &archive {
        let before = archive.get(&(*kind, code, period.months_before(1).unwrap()));
        let Some(before) = before.filter(|_| period.month() > 2) else { continue };
        for line in report.lines.iter().filter(|line| line.is_money()) {
            let sum = before.value(&line.item, Measure::Ytd).unwrap()
                + line.figures.get(&Measure::Month).copied().unwrap();
            assert_eq!(
                line.figures.get(&Measure::Ytd).copied(),
                Some(sum),
                "{code} {period} {}",
                line.item
            );
            chained += 1;
        }
    }
    assert!(chained > 14_000, "{chained}");
}
