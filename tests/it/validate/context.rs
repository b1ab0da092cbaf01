//! The fields of the history: what they hold, and that their absence raises nothing.

use std::collections::BTreeMap;

use yuebao::domain::measure::Measure;
use yuebao::domain::period::Period;
use yuebao::lake::counted::Figures;
use yuebao::project::forms::Form;
use yuebao::project::seeds::roster::{Restructuring, RestructuringKind};
use yuebao::stages::parse::Layout;
use yuebao::stages::validate::{History, References, check};

use crate::support::report;
use crate::support::report::{FIRM, FORMS, OTHER, RULE_FILES, RULES, Scene, firm};
use crate::validate::compile::rules;

/// Whether a condition on one report is false; null and true are not.
fn is_false(scene: &Scene, sql: &str) -> bool {
    let rules = rules(&format!(
        "id = \"X\"\nseverity = \"error\"\nsql = \"{sql}\"\nfields = [\"output_ytd\"]\n\
         message = {{ zh = \"一\", en = \"a\" }}\nhint = {{ zh = \"一\", en = \"a\" }}\n"
    ));
    let findings = scene.verdict_by(&rules.unwrap()).findings;
    findings.iter().any(|finding| finding.code == "X")
}

fn assert_holds(scene: &Scene, sql: &str) {
    assert!(is_false(scene, &format!("not coalesce({sql}, false)")), "`{sql}` does not hold");
}

#[test]
fn without_history_nothing_that_needs_it_is_raised() {
    for period in ["2025-02", "2025-03", "2025-07"] {
        assert_eq!(Scene::new("B204-1", period).verdict().findings, [], "{period}");
    }
}

#[test]
fn the_month_before_is_not_known_in_february() {
    let july = Scene::new("B204-1", "2025-07").with("previous.output_ytd=68278");
    assert_holds(&july, "previous_output_ytd = 68278000");
    let february = Scene::new("B204-1", "2025-02").with("previous.output_ytd=68278");
    assert_holds(&february, "previous_output_ytd is null");
}

#[test]
fn the_median_needs_three_months() {
    let mut scene = Scene::new("B204-1", "2025-07");
    for (month, value) in [("2025-06", 30_i64), ("2024-12", 10)] {
        remember(&mut scene.history, month, value);
    }
    assert_holds(&scene, "median12_output_month is null");
    remember(&mut scene.history, "2024-07", 20);
    assert_holds(&scene, "median12_output_month = 20");
    remember(&mut scene.history, "2025-05", 41);
    assert_holds(&scene, "median12_output_month = 25");
    // Thirteen months back is too far.
    remember(&mut scene.history, "2024-06", 1_000);
    assert_holds(&scene, "median12_output_month = 25");
}

fn remember(history: &mut History, month: &str, yuan: i64) {
    let figures = report::counted(history, "B204-1", month.parse().unwrap(), FIRM);
    figures.insert("output", Measure::Month, yuan.into());
}

#[test]
fn the_sum_of_a_group_is_null_where_no_row_bears_the_column() {
    let scene = Scene::new("B204-1", "2025-07");
    assert_holds(&scene, "industry_ytd = 80312000");
    let scene = scene.with("industry:3714_ytd=- industry:3670_ytd=-");
    assert_holds(&scene, "industry_ytd is null");
}

#[test]
fn a_group_does_not_take_the_rows_of_another_with_a_longer_name() {
    let mut figures = Figures::default();
    figures.insert("industry:3714", Measure::Month, 1.into());
    figures.insert("industry_old:3714", Measure::Month, 10.into());
    figures.insert("industry", Measure::Month, 100.into());
    assert_eq!(figures.sum("industry", Measure::Month), Some(1.into()));
}

#[test]
fn the_district_is_the_sum_of_all_firms_of_last_year() {
    let scene =
        Scene::new("B204-1", "2025-07").with("district.output_ytd=100 last_year.output_ytd=74021");
    assert_holds(&scene, "district_last_year_output_ytd = 74121000");
    assert_holds(&Scene::new("B204-1", "2025-07"), "district_last_year_output_ytd is null");
}

#[test]
fn facts_about_the_report_are_at_hand() {
    let scene = Scene::new("B204-1", "2025-02").explained("一二 三");
    assert_holds(&scene, "month_number = 2 and is_cumulative and not is_new and not is_leading");
    assert_holds(&scene, "explanation_chars = 3 and layout = 'sheet' and row_count = 6");
    assert_holds(&scene, "size_class = 2 and not is_restructured");
    assert_holds(&Scene::new("B204-1", "2025-07").with("firm.gone"), "size_class is null");
}

#[test]
fn all_zero_is_neither_repeated_nor_round() {
    let zeros = "output_month=0 output_ytd=0 sales_month=0 sales_ytd=0 exports_month=0 \
                 exports_ytd=0 industry:3714_month=0 industry:3714_ytd=0 industry:3670_month=0 \
                 industry:3670_ytd=0 product:37150_month=- previous.output_month=0 \
                 previous.sales_month=0 previous.exports_month=0 previous.industry:3714_month=0 \
                 previous.industry:3670_month=0";
    let scene = Scene::new("B204-1", "2025-07").with(zeros);
    assert_holds(&scene, "not is_same_as_previous and not is_all_round");
}

#[test]
fn figures_are_compared_in_yuan_whatever_they_were_typed_in() {
    let mut scene = Scene::new("B204-1", "2025-07");
    for figure in &mut scene.candidate.report.figures {
        if figure.unit.is_money() {
            figure.unit = yuebao::domain::unit::Unit::TenThousandYuan;
            figure.number /= rust_decimal::Decimal::TEN;
        }
    }
    assert_holds(&scene, "output_month = 12034000 and industry_month = 12034000");
    assert_eq!(scene.verdict().findings, []);
    let finding = scene.with("exports_month=1200").verdict().findings.remove(0);
    assert_eq!(finding.value.as_deref(), Some("1,200 万元"));
    assert!(finding.message.en.contains("1,200 ten thousand yuan"), "{}", finding.message.en);
}

#[test]
fn the_first_of_two_figures_of_one_cell_of_the_form_stands() {
    let mut twice = report::report("B204-1", "2025-07");
    let mut second = twice.figures[0].clone();
    second.number = 1.into();
    twice.figures.push(second);
    let figures = twice.canonical();
    assert_eq!(figures.get("output", Measure::Month), Some(12_034_000.into()));
}

#[test]
fn an_export_without_an_industry_column_needs_no_industry_rows() {
    let without = "industry:3714_month=- industry:3714_ytd=- industry:3714_prior_month=- \
                   industry:3714_prior_ytd=- industry:3670_month=- industry:3670_ytd=- \
                   industry:3670_prior_month=- industry:3670_prior_ytd=-";
    let mut scene = Scene::new("B204-1", "2025-07").with(without);
    assert_eq!(scene.verdict().errors, 4);
    scene.candidate.report.layout = Layout::Table;
    assert_eq!(scene.verdict().findings, []);
}

#[test]
fn a_missing_figure_has_a_place_on_a_sheet_and_none_in_an_export() {
    let mut scene = Scene::new("B204-1", "2025-07").with("sales_ytd=-");
    assert_eq!(scene.verdict().findings[0].cell, Some("E10".parse().unwrap()));
    scene.candidate.report.layout = Layout::Table;
    assert_eq!(scene.verdict().findings[0].cell, None);
}

/// A form without any base, as some are: two columns and no year before.
fn without_a_base() -> (Scene, BTreeMap<String, Form>) {
    let mut forms = FORMS.clone();
    let form = forms.get_mut("B204-1").unwrap();
    form.sheet.measures.retain(|measure, _| measure.is_current());
    let mut scene = Scene::new("B204-1", "2025-07");
    scene.candidate.report.figures.retain(|figure| figure.measure.is_current());
    (scene, forms)
}

#[test]
fn a_report_of_a_form_that_bears_no_base_is_accepted() {
    let (scene, forms) = without_a_base();
    let of = |forms| {
        let against = References { forms, ..scene.against() };
        let rules = yuebao::stages::validate::compile(&RULE_FILES, forms).unwrap();
        check(std::slice::from_ref(&scene.candidate), &rules, &against).unwrap().remove(0)
    };
    assert_eq!(of(&forms).findings, []);
    // On the form that bears one, the same report lacks it: 01, 03 and 04 in two columns each.
    assert_eq!(of(&FORMS).errors, 6);
}

#[test]
fn an_export_that_bears_no_base_is_accepted() {
    let (mut scene, _) = without_a_base();
    scene.candidate.report.layout = Layout::Table;
    let mut forms = FORMS.clone();
    let table = forms.get_mut("B204-1").unwrap().table.as_mut().unwrap();
    table.measures = vec![Measure::Month, Measure::Ytd];
    let against = References { forms: &forms, ..scene.against() };
    let verdict =
        check(std::slice::from_ref(&scene.candidate), &RULES, &against).unwrap().remove(0);
    assert_eq!(verdict.findings, []);
}

/// Neither its own columns nor last year's: the form has the row no more.
#[test]
fn no_rule_asks_for_a_row_that_has_ended() {
    let mut forms = FORMS.clone();
    for item in &mut forms.get_mut("B204-1").unwrap().item[1..] {
        item.to = Some("2025-06".parse().unwrap());
    }
    let rules = yuebao::stages::validate::compile(&RULE_FILES, &forms).unwrap();
    let of = |period: &str| {
        let mut scene = Scene::new("B204-1", period).with("last_year.exports_ytd=900");
        let figures = &mut scene.candidate.report.figures;
        figures.retain(|it| !["sales", "exports"].contains(&it.item.as_str()));
        let against = References { forms: &forms, ..scene.against() };
        check(std::slice::from_ref(&scene.candidate), &rules, &against).unwrap().remove(0).findings
    };
    assert_eq!(of("2025-07"), []);
    assert!(!of("2025-06").is_empty());
}

fn merger(month: &str) -> Restructuring {
    Restructuring {
        credit_code: FIRM.to_owned(),
        period: month.parse().unwrap(),
        kind: RestructuringKind::Merger,
        predecessor: Some(OTHER.to_owned()),
    }
}

fn counted(scene: &mut Scene, code: &str, months: [&str; 2], yuan: i64) {
    let months = months.map(|month| month.parse::<Period>().unwrap());
    for month in months[0].to(months[1]) {
        let figures = report::counted(&mut scene.history, "B204-1", month, code);
        figures.insert("output", Measure::Month, yuan.into());
        figures.insert("output", Measure::Ytd, (yuan * i64::from(month.month())).into());
    }
}

/// The firm took in the other in May of 2025, of which two months count: with its own June three.
#[test]
fn months_of_a_predecessor_are_months_of_its_own() {
    let mut scene = Scene::new("B204-1", "2025-07");
    counted(&mut scene, OTHER, ["2025-03", "2025-04"], 3);
    counted(&mut scene, FIRM, ["2025-05", "2025-05"], 15);
    assert_holds(&scene, "own_months = 1");
    scene.roster.restructurings.push(merger("2025-05"));
    scene.roster.firms.get_mut(OTHER).unwrap()[0].roster_to = Some("2025-04".parse().unwrap());
    scene.roster.firms.get_mut(FIRM).unwrap()[0].roster_from = "2025-05".parse().unwrap();
    assert_holds(&scene, "own_months = 3 and district_months is null");
}

/// Firms 1 to 5 of the same size made 10, 20 … 50 in each of three months; one month has no month
/// column, its year to date of June is six times as much.
#[test]
fn peers_are_firms_of_the_same_size_in_earlier_months() {
    let mut scene = Scene::new("B204-1", "2025-07");
    let codes = ["A", "B", "C", "D", "E"];
    for (code, yuan) in codes.iter().zip([10, 20, 30, 40, 50]) {
        scene.roster.firms.insert((*code).to_owned(), vec![firm(code)]);
        counted(&mut scene, code, ["2025-04", "2025-06"], yuan);
    }
    let june: Period = "2025-06".parse().unwrap();
    let figures = report::counted(&mut scene.history, "B204-1", june, "E");
    *figures = Figures::default();
    figures.insert("output", Measure::Ytd, 300.into());
    assert_holds(&scene, "own_months = 0 and district_months = 3");
    assert_holds(&scene, "class_median_output_month = 30 and district_output_month = 150");
    // One of another size is none of the class, but of the district.
    scene.roster.firms.get_mut("A").unwrap()[0].size_class = 1;
    assert_holds(&scene, "class_median_output_month = 35 and district_output_month = 150");
    // What counts of the month itself, or after it, is nobody's measure.
    counted(&mut scene, "F", ["2025-07", "2025-09"], 9_000);
    scene.roster.firms.insert("F".to_owned(), vec![firm("F")]);
    assert_holds(&scene, "class_median_output_month = 35 and district_output_month = 150");
    // With three months of its own a firm is held against nobody else.
    counted(&mut scene, FIRM, ["2024-10", "2024-12"], 30);
    assert_holds(&scene, "own_months = 3 and district_months is null");
}

/// Ten times too large in every column: against its class, its revenue and its share of the district.
#[test]
fn a_new_firm_ten_times_too_large_is_asked_and_the_true_one_is_not() {
    let mut scene = Scene::new("B204-1", "2025-07").with("firm.roster_from=2025-05");
    for (at, yuan) in [9_000_000, 12_000_000, 250_000_000].into_iter().enumerate() {
        let code = format!("P{at}");
        scene.roster.firms.insert(code.clone(), vec![firm(&code)]);
        counted(&mut scene, &code, ["2025-02", "2025-06"], yuan);
    }
    assert_eq!(scene.verdict().findings, []);
    for figure in &mut scene.candidate.report.figures {
        figure.number *= rust_decimal::Decimal::TEN;
    }
    let findings = scene.verdict().findings;
    let codes: Vec<&str> = findings.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, ["U3", "U3", "U3"], "{findings:#?}");
    // As many as come in the same month change nothing of it.
    let together = vec![scene.candidate.clone(); 5];
    for verdict in check(&together, &RULES, &scene.against()).unwrap() {
        assert_eq!(verdict.findings, findings);
    }
}
