//! Findings as people read them.

use rust_decimal::Decimal;
use yuebao::domain::unit::Unit;
use yuebao::findings::format::{figure, grouped, percent};
use yuebao::findings::render::terminal;
use yuebao::findings::{Code, Finding};
use yuebao::texts::Locale;

use crate::support::report::Scene;

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn a_finding_names_file_sheet_cell_figures_and_remedy() {
    let verdict = Scene::new("B204-1", "2025-07").with("output_month=12035").verdict();
    insta::assert_snapshot!(terminal("firm.xlsx", &verdict.findings, Locale::En), @r#"
error[H5]: output 12,035 thousand yuan and the sum of its industry rows 12,034 thousand yuan differ by 1 thousand yuan (this month)
  --> firm.xlsx, sheet `B204-1`, cell D9
  found 12,035 千元, expected 12,034 千元
  hint: output (01) is the sum of the industry rows: correct it, or add the industry that is missing
"#);
    insta::assert_snapshot!(terminal("firm.xlsx", &verdict.findings, Locale::Zh), @r#"
错误[H5]: 工业总产值 12,035 千元 与各行业小类之和 12,034 千元 相差 1 千元（本年本月）
  --> firm.xlsx，工作表 `B204-1`，单元格 D9
  填报 12,035 千元，应为 12,034 千元
  处理：工业总产值(01)等于按工业行业小类分各行之和；请核对合计或补上漏填的行业
"#);
}

#[test]
fn several_findings_stand_apart() {
    let verdict =
        Scene::new("B204-1", "2025-07").with("exports_month=11801 output_ytd=80313").verdict();
    insta::assert_snapshot!(terminal("firm.xlsx", &verdict.findings, Locale::En), @r#"
error[H5]: output 80,313 thousand yuan and the sum of its industry rows 80,312 thousand yuan differ by 1 thousand yuan (this year to date)
  --> firm.xlsx, sheet `B204-1`, cell E9
  found 80,313 千元, expected 80,312 千元
  hint: output (01) is the sum of the industry rows: correct it, or add the industry that is missing

error[H4]: exports 11,801 thousand yuan exceed sales 11,800 thousand yuan (this month)
  --> firm.xlsx, sheet `B204-1`, cell D11
  found 11,801 千元
  hint: exports (04) are part of sales (03) and cannot exceed them: check D11, D10

query[Q2]: exports: 11,801 thousand yuan in the month exceeds the year to date, 1,200 thousand yuan
  --> firm.xlsx, sheet `B204-1`, cell D11
  found 11,801 千元
  hint: check whether the two are swapped; if earlier months were reversed, say so under 核实说明
"#);
}

#[test]
fn what_a_file_cannot_be_read_for_is_no_figure_somebody_reported() {
    let damaged = Finding::new(Code::Damaged, &[]).found("no end of the archive", None);
    let text = terminal("firm.xlsx", &[damaged], Locale::Zh);
    assert!(text.contains("原因：no end of the archive") && !text.contains("填报"), "{text}");
}

#[test]
fn a_figure_of_hundreds_of_digits_stays_in_its_line() {
    let cell = yuebao::domain::cell::Cell::new(8, 3);
    let large = Finding::new(Code::NumberTooLarge, &[])
        .at("B204-1", Some(cell))
        .found("9".repeat(300), None);
    let text = terminal("firm.xlsx", &[large], Locale::Zh);
    assert!(text.lines().all(|line| line.chars().count() < 100), "{text}");
    assert!(text.contains(&format!("{}…", "9".repeat(80))), "{text}");
}

#[test]
fn no_findings_are_no_text() {
    assert_eq!(terminal("firm.xlsx", &[], Locale::En), "");
}

#[test]
fn control_characters_never_reach_the_terminal() {
    let mut findings =
        Scene::new("B204-1", "2025-07").with("exports_month=11801").verdict().findings;
    findings[0].sheet = Some("a\u{1b}[2Jb".to_owned());
    let text = terminal("x\n.xlsx", &findings, Locale::En);
    assert!(text.lines().all(|line| !line.chars().any(char::is_control)), "{text:?}");
}

#[test]
fn a_finding_survives_json() {
    let findings = Scene::new("B204-1", "2025-07").with("exports_month=11801").verdict().findings;
    let json = serde_json::to_string(&findings).unwrap();
    assert!(json.contains("\"cell\":\"D11\"") && json.contains("\"severity\":\"error\""), "{json}");
    let back: Vec<Finding> = serde_json::from_str(&json).unwrap();
    assert_eq!(back, findings);
}

#[test]
fn thousands_are_separated() {
    for (typed, shown) in [
        ("0", "0"),
        ("-0", "0"),
        ("7", "7"),
        ("999", "999"),
        ("1000", "1,000"),
        ("-1000", "-1,000"),
        ("-999", "-999"),
        ("1234567.80", "1,234,567.8"),
        ("0.001", "0.001"),
        ("-123456789", "-123,456,789"),
    ] {
        assert_eq!(grouped(number(typed)), shown);
    }
}

#[test]
fn figures_bear_the_unit_of_the_form_in_both_languages() {
    let shown = figure(number("12034000.00"), &Unit::ThousandYuan);
    assert_eq!((shown.zh.as_str(), shown.en.as_str()), ("12,034 千元", "12,034 thousand yuan"));
    assert_eq!(figure(number("12.5"), &Unit::Quantity("吨".to_owned())).en, "12.5 吨");
}

#[test]
fn fractions_are_per_cent_half_away_from_zero() {
    for (fraction, shown) in [
        ("0.0764", "7.6%"),
        ("0.0765", "7.7%"),
        ("-0.0765", "-7.7%"),
        ("25", "2,500%"),
        ("0", "0%"),
    ] {
        assert_eq!(percent(number(fraction)), shown);
    }
}
