//! Whose report it is and of which month, where names of firms, files and sheets say something else.

use yuebao::findings::{Finding, Severity};
use yuebao::project::seeds::roster::{Restructuring, RestructuringKind};
use yuebao::stages::validate::State;

use crate::support::report::{FIRM, OTHER, Scene, found};

fn scene() -> Scene {
    Scene::new("B204-1", "2025-07")
}

fn only(scene: &Scene) -> Finding {
    let mut findings = scene.verdict().findings;
    assert_eq!(findings.len(), 1, "{findings:?}");
    findings.remove(0)
}

/// The report of July under the names of a file and a sheet, arrived at an instant.
fn named(file: &str, sheet: &str, received: &str) -> Scene {
    let mut scene = scene().received(received);
    file.clone_into(&mut scene.candidate.submission.file_name);
    sheet.clone_into(&mut scene.candidate.report.sheet);
    scene
}

/// In August the July report is due, from the first second of the month in Changchun to the last.
const AUGUST: [&str; 2] = ["2025-07-31T16:00:00Z", "2025-08-31T15:59:59Z"];
/// The last second before, and the first after.
const OTHER_MONTHS: [&str; 2] = ["2025-07-31T15:59:59Z", "2025-08-31T16:00:00Z"];

#[test]
fn a_name_of_another_month_is_noted_where_the_heading_is_the_month_that_is_due() {
    for (file, sheet) in [("2025-06.xlsx", "B204-1"), ("产值.xlsx", "2025年6月")] {
        for received in AUGUST {
            let finding = only(&named(file, sheet, received));
            assert_eq!((finding.code.as_str(), finding.severity), ("H2", Severity::Note));
        }
    }
}

#[test]
fn a_heading_that_is_not_the_month_due_and_not_what_the_name_says_is_refused() {
    for (file, sheet) in [("2025-08.xlsx", "B204-1"), ("产值.xlsx", "2025年8月")] {
        for received in OTHER_MONTHS {
            let scene = named(file, sheet, received).explained("确实是补报七月份的报表，请予认可");
            let findings = scene.verdict().findings;
            assert!(findings.iter().any(|it| it.code == "H2" && it.message.zh.contains("名称")));
            assert!(findings.iter().all(|it| it.severity == Severity::Error), "{findings:?}");
            assert_eq!(scene.verdict().state, State::Refused);
        }
    }
    let finding = only(&named("2025-08.xlsx", "B204-1", "2025-09-05T00:00:00Z"));
    assert_eq!(
        finding.message.zh,
        "表头的报告期 2025-07 不是当前应报的 2025-08，名称“2025-08.xlsx”写的却是 2025-08"
    );
}

#[test]
fn a_late_report_under_its_own_name_is_none_of_that() {
    assert_eq!(named("2025-07.xlsx", "2025年7月", OTHER_MONTHS[1]).verdict().findings, []);
}

#[test]
fn a_name_speaks_only_of_what_bears_it_alone() {
    let state = |is_alone_in_file, is_named_by_sheet| {
        let mut scene = named("2025-08.xlsx", "2025年8月", OTHER_MONTHS[1]);
        scene.candidate.is_alone_in_file = is_alone_in_file;
        scene.candidate.report.is_named_by_sheet = is_named_by_sheet;
        scene.verdict().state
    };
    assert_eq!(state(false, false), State::Accepted);
    assert_eq!(state(true, false), State::Refused);
    assert_eq!(state(false, true), State::Refused);
}

#[test]
fn months_are_read_from_names_and_days_are_not() {
    let is_refused = |name: &str| {
        named(name, "B204-1", "2025-12-31T00:00:00Z").verdict().state == State::Refused
    };
    for name in [
        "2025-06.xlsx",
        "B204-1_202506.xlsx",
        "某厂2025年6月产值.xls",
        "２０２５年１—６月.xlsx",
        "报表2025_06(1).xlsx",
    ] {
        assert!(is_refused(name), "{name}");
    }
    for name in [
        "2025-07.xlsx",
        "202507.xlsx",
        "2025年7月.xlsx",
        "2025年1-7月.xlsx",
        "2025-06至2025-07.xlsx",
        "B204-1表.xlsx",
        "报出20250806.xlsx",
        "2025-08-06 report.xlsx",
        "220106 2025.xlsx",
        "2025年报.xlsx",
        "91220106MA0000429W.xlsx",
        "",
    ] {
        assert!(!is_refused(name), "{name}");
    }
}

#[test]
fn the_name_of_another_firm_is_an_error_and_of_its_own_past_a_note() {
    let severity = |scene: &Scene| only(scene).severity;
    let mut scene = scene();
    scene.roster.firms.get_mut(OTHER).unwrap()[0].name = "示例另一家有限公司".to_owned();
    scene.candidate.report.firm_name = Some(found("示例另一家有限公司".to_owned(), 4, 0));
    let finding = only(&scene);
    assert_eq!((finding.code.as_str(), finding.severity), ("H1", Severity::Error));
    assert_eq!(finding.expected.as_deref(), Some("示例轨道配件有限公司"));
    // The other is the firm's predecessor: the name is one of its own past.
    let mut merged = scene.clone();
    merged.roster.restructurings.push(Restructuring {
        credit_code: FIRM.to_owned(),
        period: "2025-01".parse().unwrap(),
        kind: RestructuringKind::Merger,
        predecessor: Some(OTHER.to_owned()),
    });
    assert_eq!(severity(&merged), Severity::Note);
    // Or the firm is the other's: it already goes by the new name.
    merged.roster.restructurings[0].credit_code = OTHER.to_owned();
    merged.roster.restructurings[0].predecessor = Some(FIRM.to_owned());
    assert_eq!(severity(&merged), Severity::Note);
    // A name of an earlier spell, which another firm bears as well today.
    let mut renamed = scene.clone();
    let spells = renamed.roster.firms.get_mut(FIRM).unwrap();
    let mut first = spells[0].clone();
    first.name = "示例另一家有限公司".to_owned();
    first.roster_to = Some("2024-12".parse().unwrap());
    spells[0].roster_from = "2025-01".parse().unwrap();
    spells.insert(0, first);
    assert_eq!(severity(&renamed), Severity::Note);
    // A name nobody bears.
    scene.candidate.report.firm_name = Some(found("示例无名有限公司".to_owned(), 4, 0));
    assert_eq!(severity(&scene), Severity::Note);
}

#[test]
fn a_false_code_is_told_the_code_of_the_firm_that_bears_the_name() {
    for code in ["91220106MA0000429X", "91220106MA00004", "91110000101623741K"] {
        let mut scene = scene();
        scene.candidate.report.credit_code = Some(found(code.to_owned(), 3, 0));
        assert_eq!(only(&scene).expected.as_deref(), Some(FIRM), "{code}");
        let name = scene.roster.newest(FIRM).unwrap().name.clone();
        scene.roster.firms.get_mut(OTHER).unwrap()[0].name = name;
        assert_eq!(only(&scene).expected, None, "two firms bear the name");
    }
}
