//! H1 and H2: from whom, for which month, on which edition.

use yuebao::findings::{Code, Finding, Severity};
use yuebao::stages::parse::Layout;
use yuebao::stages::validate::State;

use crate::support::report::{FIRM, Scene, found};

fn scene() -> Scene {
    Scene::new("B204-1", "2025-07")
}

fn only(scene: &Scene) -> Finding {
    let mut findings = scene.verdict().findings;
    assert_eq!(findings.len(), 1, "{findings:?}");
    findings.remove(0)
}

fn with_code(code: &str) -> Scene {
    let mut scene = scene();
    scene.candidate.report.credit_code = Some(found(code.to_owned(), 3, 0));
    scene
}

#[test]
fn a_report_without_a_credit_code_is_refused() {
    let mut scene = scene();
    scene.candidate.report.credit_code = None;
    let finding = only(&scene);
    assert_eq!((finding.code.as_str(), finding.severity), ("H1", Severity::Error));
    assert_eq!(scene.verdict().credit_code, None);
}

#[test]
fn a_malformed_code_is_refused() {
    let finding = only(&with_code("91220106MA000"));
    assert_eq!((finding.code.as_str(), finding.severity), ("H1", Severity::Error));
    assert_eq!(finding.value.as_deref(), Some("91220106MA000"));
}

#[test]
fn a_wrong_check_character_is_refused_where_nobody_vouches_for_it() {
    let finding = only(&with_code("91220106MA0000429X"));
    assert_eq!((finding.code.as_str(), finding.severity), ("H1", Severity::Error));
    assert_eq!(finding.expected.as_deref(), Some("91220106MA0000429W"));
    assert!(!finding.hint.zh.contains("核实说明"), "no explanation lifts an error");
}

#[test]
fn a_wrong_check_character_is_queried_when_the_code_is_on_the_roster() {
    let mut scene = with_code("91350211M0000XUF46");
    let mut firm = scene.roster.newest(FIRM).unwrap().clone();
    firm.credit_code = "91350211M0000XUF46".to_owned();
    scene.roster.firms.insert(firm.credit_code.clone(), vec![firm]);
    assert_eq!(only(&scene).severity, Severity::Query);
    assert_eq!(scene.verdict().state, State::Queried);
}

#[test]
fn a_firm_nobody_knows_is_refused() {
    let finding = only(&with_code("91110000101623741K"));
    assert_eq!((finding.code.as_str(), finding.severity), ("H1", Severity::Error));
    assert!(finding.message.en.contains("2025-07"), "{}", finding.message.en);
}

#[test]
fn a_firm_is_refused_before_it_joins_and_after_it_leaves_the_roster() {
    let codes = |change: &str| {
        let findings = scene().with(change).verdict().findings;
        findings.into_iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    assert_eq!(codes("firm.roster_from=2025-08"), ["H1"]);
    assert_eq!(codes("firm.roster_from=2025-07"), [""; 0]);
    assert_eq!(codes("firm.roster_to=2025-06"), ["H1"]);
    assert_eq!(codes("firm.roster_to=2025-07"), [""; 0]);
}

#[test]
fn a_form_the_firm_is_not_asked_for_is_refused() {
    let finding = only(&scene().with("firm.forms=LY-01"));
    assert_eq!((finding.code.as_str(), finding.severity), ("H1", Severity::Error));
    assert!(finding.message.en.contains("B204-1"));
}

#[test]
fn another_name_is_noted_and_another_spelling_is_not() {
    let finding = only(&scene().with("firm.name=示例轨道有限公司"));
    assert_eq!((finding.code.as_str(), finding.severity), ("H1", Severity::Note));
    assert_eq!(finding.expected.as_deref(), Some("示例轨道有限公司"));
    let mut spaced = scene();
    spaced.candidate.report.firm_name = Some(found("示例轨道配件 有限公司".to_owned(), 4, 0));
    assert_eq!(spaced.verdict().findings, []);
}

#[test]
fn a_report_without_a_month_is_refused_and_its_figures_are_checked_all_the_same() {
    let mut scene = scene().with("exports_ytd=79001");
    scene.candidate.report.period = None;
    let codes: Vec<_> = scene.verdict().findings.into_iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["H2", "H4"]);
}

#[test]
fn january_is_refused() {
    let finding = only(&Scene::new("B204-1", "2025-01"));
    assert_eq!((finding.code.as_str(), finding.severity), ("H2", Severity::Error));
}

/// August begins in Changchun eight hours before it does in Greenwich.
#[test]
fn a_month_that_has_not_ended_by_the_projects_clock_is_refused() {
    let at = |instant: &str| scene().received(instant).verdict().findings.len();
    assert_eq!(at("2025-06-30T15:59:59Z"), 1);
    assert_eq!(at("2025-07-31T15:59:59Z"), 1);
    assert_eq!(at("2025-07-31T16:00:00Z"), 0);
}

/// The heading says June, and July is due: where a name says July, it is last month's form.
#[test]
fn a_name_that_speaks_of_another_month_betrays_a_stale_heading() {
    let slips = |file: &str, sheet: &str| {
        let mut scene = Scene::new("B204-1", "2025-06").received("2025-08-05T00:00:00Z");
        file.clone_into(&mut scene.candidate.submission.file_name);
        sheet.clone_into(&mut scene.candidate.report.sheet);
        scene.verdict().findings.iter().any(|it| it.severity == Severity::Error)
    };
    for name in [
        "7月",
        "7月b",
        "示例 B204-1 2025年7月",
        "示例 B204-1 202507",
        "示例B204-12025年7月",
        "01 2025年7月 示例",
        "(2025年)7月",
        "（2025 年）7 月",
        "2025年度7月",
        "2025 年 1-7 月",
        "2025年1—7月",
        "1-7月",
        "2025-07",
        "2025.7",
        "７月份",
    ] {
        assert!(slips(&format!("{name}.xlsx"), "Sheet1"), "file {name}");
        assert!(slips("report.xlsx", name), "sheet {name}");
    }
    for name in [
        "6月",
        "示例 B204-1 2025年6月",
        "补报 2025年8月5日",
        "补报8月5日",
        "2025年8月5号补报",
        "20250805",
        "2025-08-05",
        "2025.8.5",
        "B204-1",
        "第7号",
        "220106",
        "2025",
        "2025年",
        "2025年6月（8月5日补报）",
        "3个月",
        "(2025年)6月",
    ] {
        assert!(!slips(&format!("{name}.xlsx"), name), "{name}");
    }
}

#[test]
fn the_brackets_of_a_document_number_do_not_matter() {
    for document in [
        "国统字[2024]93号",
        "国统字（2024）93号",
        "国统字【2024】93号",
        "国统字［２０２４］９３号",
        "国统字 〔2024〕 93 号",
    ] {
        assert_eq!(with_document("2025-07", document).verdict().findings, [], "{document}");
    }
}

fn with_document(period: &str, document: &str) -> Scene {
    let mut scene = Scene::new("B204-1", period);
    scene.candidate.report.document = Some(found(document.to_owned(), 3, 5));
    scene
}

#[test]
fn an_unknown_edition_waits_for_the_bureau_whatever_the_firm_explains() {
    let scene = with_document("2026-07", "国统字〔2025〕101号");
    let scene =
        scene.explained("这是局里下发的新表，文号没有改动过").received("2026-08-05T00:00:00Z");
    let finding = only(&scene);
    assert_eq!((finding.code.as_str(), finding.severity), ("H2", Severity::Query));
    assert_eq!((finding.value.as_deref(), finding.expected), (Some("国统字〔2025〕101号"), None));
    assert_eq!(scene.verdict().state, State::Queried);
    assert!(finding.hint.zh.contains("jobs/forms/B204-1.toml"), "{}", finding.hint.zh);
    assert!(finding.message.zh.contains("国统字〔2024〕93号"), "{}", finding.message.zh);
    assert_eq!(scene.verdict().edition, None);
}

#[test]
fn last_years_edition_is_noted() {
    let scene = with_document("2025-07", "国统字〔2023〕88号");
    let finding = only(&scene);
    assert_eq!((finding.code.as_str(), finding.severity), ("H2", Severity::Note));
    assert_eq!(finding.expected.as_deref(), Some("国统字〔2024〕93号"));
    assert_eq!(scene.verdict().edition.as_deref(), Some("2024"));
}

#[test]
fn the_edition_of_its_year_is_no_old_one() {
    let scene = with_document("2024-07", "国统字〔2023〕88号");
    assert_eq!(scene.verdict().findings, []);
    assert_eq!(scene.verdict().edition.as_deref(), Some("2024"));
}

#[test]
fn an_edition_stays_in_force_until_the_next() {
    assert_eq!(Scene::new("LY-02", "2025-07").verdict().edition.as_deref(), Some("2023"));
    assert_eq!(Scene::new("LY-02", "2025-07").verdict().findings, []);
}

#[test]
fn a_report_without_a_document_number_has_no_edition() {
    let mut scene = scene();
    scene.candidate.report.document = None;
    scene.candidate.report.layout = Layout::Table;
    let verdict = scene.verdict();
    assert_eq!((verdict.edition, verdict.findings.len()), (None, 0));
}

/// Who reads the lake finds document numbers to be added by code and severity alone.
#[test]
fn no_other_check_of_the_month_is_a_query() {
    let queries: Vec<Code> = Code::ALL
        .iter()
        .copied()
        .filter(|code| code.id() == "H2" && code.severity() == Severity::Query)
        .collect();
    assert_eq!(queries, [Code::EditionUnknown]);
}
