//! The fields of the history: what they hold, and that their absence raises nothing.

use yuebao::domain::measure::Measure;
use yuebao::stages::parse::Layout;
use yuebao::stages::validate::{Figures, History};

use crate::support::report::{FIRM, Scene, report};
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
    let figures = history.report("B204-1", month.parse().unwrap(), FIRM);
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
    let mut twice = report("B204-1", "2025-07");
    let mut second = twice.figures[0].clone();
    second.number = 1.into();
    twice.figures.push(second);
    let figures = Figures::of(&twice);
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
