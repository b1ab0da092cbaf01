//! Verdicts: what is lifted, what is not, in what order findings stand.

use proptest::prelude::*;
use yuebao::domain::cell::Cell;
use yuebao::findings::{Code, Finding, Severity};
use yuebao::stages::validate::{Candidate, State, check};

use crate::support::report::{RULES, Scene, put};

const QUERY: &str = "output_ytd=0 industry:3714_ytd=0 industry:3670_ytd=0";

#[test]
fn a_query_waits_for_an_explanation() {
    let verdict = Scene::new("B204-1", "2025-07").with("previous.output_month=24069").verdict();
    assert_eq!((verdict.state, verdict.errors, verdict.queries), (State::Queried, 0, 1));
}

#[test]
fn ten_characters_that_are_not_blank_lift_a_query() {
    let scene = Scene::new("B204-1", "2025-07").with("previous.output_month=24069");
    let state = |explanation: &str| scene.clone().explained(explanation).verdict().state;
    assert_eq!(state("本月停产检修设备一周"), State::Accepted);
    assert_eq!(state("本月停产检修设备一"), State::Queried);
    assert_eq!(state("本月停产　检修 设备 一"), State::Queried);
}

#[test]
fn an_explained_report_keeps_its_findings_and_its_explanation() {
    let verdict = Scene::new("B204-1", "2025-07")
        .with("previous.output_month=24069")
        .explained("本月停产检修设备一周")
        .verdict();
    assert_eq!((verdict.state, verdict.queries), (State::Accepted, 1));
    assert_eq!(verdict.explanation.as_deref(), Some("本月停产检修设备一周"));
}

#[test]
fn no_explanation_lifts_an_error() {
    let verdict = Scene::new("B204-1", "2025-07")
        .with("exports_month=11801")
        .explained("出口交货值确实大于工业销售产值，请予认可")
        .verdict();
    assert_eq!((verdict.state, verdict.errors), (State::Refused, 1));
}

#[test]
fn an_error_outweighs_queries() {
    let verdict = Scene::new("B204-1", "2025-07").with(QUERY).with("sales_month=-").verdict();
    assert_eq!(verdict.state, State::Refused);
    assert!(verdict.queries > 0);
}

#[test]
fn notes_change_nothing() {
    let mut scene = Scene::new("B204-1", "2025-07").received("2025-08-05T00:00:00Z");
    scene.candidate.submission.file_name = "2025-06.xlsx".to_owned();
    let verdict = scene.verdict();
    assert_eq!(verdict.findings.len(), 1);
    assert_eq!((verdict.state, verdict.errors, verdict.queries), (State::Accepted, 0, 0));
}

#[test]
fn findings_stand_by_sheet_cell_and_code() {
    let changes = "exports_month=11801 exports_ytd=79001 sales_month=-";
    let mut scene = Scene::new("B204-1", "2025-07").with(changes);
    scene.candidate.submission.file_name = "2025-06.xlsx".to_owned();
    let findings = scene.verdict().findings;
    let places: Vec<_> =
        findings.iter().map(|f| (f.sheet.clone(), f.cell, f.code.clone())).collect();
    let mut sorted = places.clone();
    sorted.sort();
    assert_eq!(places, sorted);
    assert!(places.len() >= 3, "{places:?}");
}

#[test]
fn what_parsing_found_counts() {
    let mut scene = Scene::new("B204-1", "2025-07");
    let finding = parsed(Code::NotANumber).at("B204-1", Some(Cell::new(8, 3)));
    scene.candidate.report.findings.push(finding);
    let verdict = scene.verdict();
    assert_eq!((verdict.state, verdict.errors), (State::Refused, 1));
}

#[test]
fn a_figure_that_is_no_number_is_not_also_missing() {
    let mut scene = Scene::new("B204-1", "2025-07").with("sales_month=-");
    let finding = parsed(Code::NotANumber).at("B204-1", Some(Cell::new(9, 3)));
    scene.candidate.report.findings.push(finding);
    let verdict = scene.verdict();
    assert_eq!(verdict.findings.iter().filter(|f| f.code == "H3").count(), 1);
}

#[test]
fn a_missing_row_is_not_missing_again_in_each_column() {
    let changes = "sales_month=- sales_ytd=- sales_prior_month=- sales_prior_ytd=-";
    let mut scene = Scene::new("B204-1", "2025-07").with(changes);
    let verdict = scene.verdict();
    assert_eq!(verdict.findings.iter().filter(|f| f.code == "H3").count(), 4);
    scene.candidate.report.findings.push(parsed(Code::NotANumber).about("sales", None));
    let verdict = scene.verdict();
    assert_eq!(verdict.findings.iter().filter(|f| f.code == "H3").count(), 1);
}

#[test]
fn a_finding_that_names_no_place_hides_nothing() {
    let mut scene = Scene::new("B204-1", "2025-07").with("sales_month=-");
    scene.candidate.report.findings.push(parsed(Code::NotANumber).at("B204-1", None));
    let verdict = scene.verdict();
    assert_eq!(verdict.findings.iter().filter(|f| f.code == "H3").count(), 2);
}

#[test]
fn no_reports_no_verdicts() {
    let scene = Scene::new("B204-1", "2025-07");
    assert_eq!(check(&[], &RULES, &scene.against()).unwrap(), []);
}

fn parsed(code: Code) -> Finding {
    let finding = Finding::new(code, &[]);
    assert_eq!(finding.severity, Severity::Error);
    finding
}

fn any_candidate() -> impl Strategy<Value = Candidate> {
    let form = prop::sample::select(vec!["B204-1", "LY-01", "LY-02"]);
    let month = prop::sample::select(vec!["2024-01", "2024-02", "2024-03", "2025-07"]);
    let changes = prop::collection::vec((0..24_usize, -100_000_i64..100_000), 0..6);
    let missing = prop::collection::vec(0..24_usize, 0..3);
    (form, month, changes, missing, any::<bool>()).prop_map(
        |(form, month, changes, missing, is_explained)| {
            let mut scene = Scene::new(form, month);
            if is_explained {
                scene = scene.explained("本月停产检修设备一周");
            }
            let mut candidate = scene.candidate;
            let figures = &mut candidate.report.figures;
            for (at, number) in changes {
                let at = at % figures.len();
                figures[at].number = number.into();
            }
            for at in missing {
                figures.remove(at % figures.len());
            }
            candidate
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn many_at_once_are_judged_as_one_by_one(candidates in prop::collection::vec(any_candidate(), 1..12)) {
        let scene = Scene::new("B204-1", "2025-07")
            .with("previous.output_ytd=68278 past.output_month=12000 last_year.output_ytd=74021");
        let together = check(&candidates, &RULES, &scene.against()).unwrap();
        for (candidate, verdict) in candidates.iter().zip(&together) {
            let alone = check(std::slice::from_ref(candidate), &RULES, &scene.against()).unwrap();
            prop_assert_eq!(alone.first(), Some(verdict));
        }
        prop_assert_eq!(together.len(), candidates.len());
    }

    #[test]
    fn no_figure_whatever_stops_the_check(
        number in any::<i64>(), scale in 0..12_u32, at in 0..24_usize, other in any::<i64>(),
    ) {
        let mut scene = Scene::new("B204-1", "2025-07").with("past.output_month=0 district.output_ytd=0");
        let figures = &mut scene.candidate.report.figures;
        figures[at].number = rust_decimal::Decimal::new(number, scale);
        figures[(at + 7) % 24].number = other.into();
        let verdict = scene.verdict();
        prop_assert_eq!(verdict.errors > 0, verdict.state == State::Refused);
    }
}

#[test]
fn the_largest_figures_of_a_lake_are_judged() {
    let mut scene = Scene::new("B204-1", "2025-07");
    for field in ["output_month", "output_ytd", "industry:3714_month", "industry:3670_month"] {
        put(&mut scene.candidate.report, field, "999999999999999.99999");
    }
    assert_eq!(scene.verdict().state, State::Refused);
}
