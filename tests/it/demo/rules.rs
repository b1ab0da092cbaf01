//! No check speaks about a report that needs no explanation.

use std::collections::BTreeMap;

use yuebao::demo::figures::{FORMS, OUTPUT, PURCHASES, SUPPLY, number};
use yuebao::demo::plan::PlannedReport;
use yuebao::domain::measure::Measure;
use yuebao::domain::period::Period;

use super::{PLAN, ROSTER, counted, periods};

/// Ratio of two figures in thousandths; `None` without a base or a figure.
fn per_mille(part: Option<i64>, whole: Option<i64>) -> Option<i64> {
    Some(part? * 1_000 / whole.filter(|whole| *whole != 0)?)
}

fn plain() -> impl Iterator<Item = &'static PlannedReport> {
    let all = periods().flat_map(|period| counted(&PLAN, OUTPUT, period));
    all.filter(|report| report.explanation.is_empty())
}

#[track_caller]
fn each(check: impl Fn(&PlannedReport) -> bool) {
    let broken: Vec<String> = plain()
        .filter(|report| !check(report))
        .map(|report| format!("{} {}", report.credit_code, report.period))
        .collect();
    assert!(broken.is_empty(), "{broken:?}");
}

#[test]
fn sales_cover_exports_in_every_column() {
    each(|report| {
        Measure::ALL
            .into_iter()
            .all(|measure| report.value("sales", measure) >= report.value("exports", measure))
    });
}

#[test]
fn output_is_the_sum_of_its_industries() {
    each(|report| {
        Measure::ALL.into_iter().all(|measure| {
            report.value("output", measure).unwrap_or_default() == report.sum("industry", measure)
        })
    });
}

#[test]
fn sales_ratio_stays_in_its_bands() {
    each(|report| {
        let ratio =
            |measure| per_mille(report.value("sales", measure), report.value("output", measure));
        ratio(Measure::Month).is_none_or(|ratio| (700..=1_300).contains(&ratio))
            && ratio(Measure::Ytd).is_some_and(|ratio| (800..=1_200).contains(&ratio))
    });
}

#[test]
fn growth_of_every_item_stays_in_its_band() {
    each(|report| {
        let band = if report.firm.size_class == 1 { 300 } else { 500 };
        ["output", "sales", "exports"].into_iter().all(|item| {
            let value = |measure| report.value(item, measure);
            match (value(Measure::Ytd), value(Measure::PriorYtd)) {
                (Some(0), Some(0)) => true,
                (now, base) => per_mille(now, base)
                    .is_some_and(|ratio| (1_000 - band..=1_000 + band).contains(&ratio)),
            }
        })
    });
}

#[test]
fn growth_of_supply_and_purchases_stays_in_its_band() {
    for kind in [SUPPLY, PURCHASES] {
        for report in periods().flat_map(|period| counted(&PLAN, kind, period)) {
            let band = if report.firm.size_class == 1 { 300 } else { 500 };
            for line in &report.lines {
                let ratio = per_mille(
                    line.figures.get(&Measure::Ytd).copied(),
                    line.figures.get(&Measure::PriorYtd).copied(),
                );
                let ratio = ratio.unwrap();
                assert!(
                    (1_000 - band..=1_000 + band).contains(&ratio),
                    "{} {} {ratio}",
                    report.credit_code,
                    report.period
                );
            }
        }
    }
}

/// Month figures of every report that counts or stays queried, by firm.
fn months(item: &str) -> BTreeMap<&'static str, BTreeMap<Period, i64>> {
    let mut months: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for kind in FORMS {
        for report in periods().flat_map(|period| counted(&PLAN, kind, period)) {
            let value = report.value(item, Measure::Month).or_else(|| {
                let sum = report.sum(item, Measure::Month);
                (sum != 0).then_some(sum)
            });
            if let Some(value) = value {
                months.entry(report.credit_code.as_str()).or_default().insert(report.period, value);
            }
        }
    }
    months
}

#[test]
fn months_move_within_half_of_the_month_before() {
    let explained: Vec<(&str, Period)> = periods()
        .flat_map(|period| counted(&PLAN, OUTPUT, period))
        .filter(|report| !report.explanation.is_empty())
        .map(|report| (report.credit_code.as_str(), report.period))
        .collect();
    for item in ["output", "sales", "exports", "supply", "purchases", "local_purchases"] {
        for (code, values) in months(item) {
            for (period, value) in &values {
                let before = values.get(&period.months_before(1).unwrap());
                let is_compared = period.month() > 3 && !explained.contains(&(code, *period));
                if let Some(before) = before.filter(|before| is_compared && **before != 0) {
                    let ratio = value * 1_000 / before;
                    assert!((500..=1_500).contains(&ratio), "{item} {code} {period} {ratio}");
                }
            }
        }
    }
}

#[test]
fn months_are_of_the_magnitude_of_the_last_year() {
    for (code, values) in months("output") {
        for (period, value) in values.iter().filter(|(_, value)| **value > 0) {
            let from = period.months_before(12).unwrap();
            let mut last: Vec<i64> =
                values.range(from..*period).map(|(_, value)| *value).filter(|v| *v > 0).collect();
            last.sort_unstable();
            if let Some(median) = last.get(last.len() / 2) {
                assert!(value * 4 > *median && *value < median * 4, "{code} {period}");
            }
        }
    }
}

#[test]
fn no_plain_report_looks_rounded_or_copied() {
    let mut last: BTreeMap<&str, Vec<Option<i64>>> = BTreeMap::new();
    for report in plain() {
        let now: Vec<_> =
            report.lines.iter().map(|line| line.figures.get(&Measure::Ytd).copied()).collect();
        let is_round = now.iter().flatten().all(|value| value % 1_000 == 0);
        assert!(!is_round, "{} {}", report.credit_code, report.period);
        let before = last.insert(&report.credit_code, now.clone());
        assert_ne!(before, Some(now), "{} {}", report.credit_code, report.period);
    }
}

#[test]
fn no_firm_moves_the_district_by_more_than_five_points() {
    for period in periods() {
        let reports: Vec<_> = counted(&PLAN, OUTPUT, period).collect();
        let value = |report: &PlannedReport, measure| report.value("output", measure).unwrap();
        let base: i64 = reports.iter().map(|report| value(report, Measure::PriorYtd)).sum();
        for report in reports {
            let moved = value(report, Measure::Ytd) - value(report, Measure::PriorYtd);
            assert!(moved.abs() * 100 < base * 5, "{} {period}", report.credit_code);
        }
    }
}

#[test]
fn leading_firms_grow_steadily() {
    for report in plain().filter(|report| number(&report.credit_code) <= 2) {
        assert!(ROSTER.newest(&report.credit_code).unwrap().is_leading);
        let value = |measure| report.value("output", measure);
        let ratio = per_mille(value(Measure::Ytd), value(Measure::PriorYtd)).unwrap();
        assert!((1_040..=1_118).contains(&ratio), "{} {ratio}", report.period);
    }
}

#[test]
fn explanations_are_long_enough_to_count() {
    let explained = periods().flat_map(|period| counted(&PLAN, OUTPUT, period));
    let long_enough = explained.filter(|report| report.explanation.chars().count() >= 10);
    assert!(long_enough.count() > 15);
}
