//! The bureau-side export: many firms, one a row.

use super::{book_findings, findings, lines, read, values};
use crate::support::workbook::{Book, shifted};
use yuebao::domain::measure::Measure;
use yuebao::stages::parse::Report;

const A: &str = "91220106MA0000429W";
const B: &str = "91220106MA0000437P";
const RIGHT: &str = "1000 3000 2000 4000";

/// An export of two firms with output and sales.
const EXPORT: &str = "
统一社会信用代码|单位详细名称|201-1-行业代码（GB/T4754-2017）|工业总产值(当年价格);本年-本月|工业总产值(当年价格);上年-本月|工业总产值(当年价格);本年-1—本月|工业总产值(当年价格);上年-1—本月|(衍生指标)工业总产值(当年价格)增速|工业销售产值(当年价格);本年-本月|工业销售产值(当年价格);上年-本月|工业销售产值(当年价格);本年-1—本月|工业销售产值(当年价格);上年-1—本月
91220106MA0000429W|甲公司|'3714|'1|'2|'3|'4|'8.5|'5|'6|'7|'8
91220106MA0000437P|乙公司|'C3670|1|2|3|4|8.5|5|6|7|8
|合计||2|4|6|8||10|12|14|16
|增速||||50||||||
";

fn reports(name: &str, rows: &str) -> Vec<Report> {
    read(&Book::new().sheet(name, rows).bytes()).reports
}

fn months(reports: &[Report]) -> Vec<String> {
    let month = |report: &Report| {
        let code = &report.credit_code.as_ref().unwrap().value;
        let period = report.period.as_ref().map_or("-".to_owned(), |found| found.value.to_string());
        format!("{} {period} {}", &code[17..], values(report, "output"))
    };
    reports.iter().map(month).collect()
}

#[test]
fn each_firm_is_a_report() {
    let reports = reports("2024年7月", EXPORT);
    assert_eq!(months(&reports), [format!("W 2024-07 {RIGHT}"), format!("P 2024-07 {RIGHT}")]);
    assert_eq!(values(&reports[1], "sales"), "5000 7000 6000 8000");
    assert_eq!(values(&reports[1], "industry:3670"), RIGHT);
    assert_eq!(reports[1].figures.len(), 12);
    assert!(reports.iter().all(|report| report.findings.is_empty()));
    assert_eq!(reports[0].firm_name.as_ref().unwrap().value, "甲公司");
    assert_eq!(reports[0].document, None);
}

#[test]
fn headings_in_all_their_spellings() {
    for (from, to) in [
        ("-1—本月", "-1-本月"),
        ("-1—本月", "-1-12月"),
        ("-1—本月", "－1－本月"),
        ("(当年价格)", "（当年价格）"),
        (";", "；"),
        ("(当年价格);", " (当年价格) ; "),
        ("工业总产值(当年价格);", "工业总产值;"),
        ("本年-", "本年;"),
        ("上年-", "上年同期-"),
        ("工业总产值(当年价格);", "一、工业总产值(当年价格);"),
    ] {
        let reports = reports("2024年7月", &EXPORT.replace(from, to));
        assert_eq!(
            months(&reports),
            [format!("W 2024-07 {RIGHT}"), format!("P 2024-07 {RIGHT}")],
            "{from} → {to}"
        );
    }
}

#[test]
fn the_month_may_stand_in_the_headings() {
    let rows = EXPORT
        .replace("工业总产值(当年价格);", "2024年;12月;工业总产值(当年价格);")
        .replace("工业销售产值(当年价格);", "2024年12月;工业销售产值(当年价格);");
    let reports = reports("Sheet1", &rows);
    assert_eq!(months(&reports)[0], format!("W 2024-12 {RIGHT}"));
    assert_eq!(reports[0].period.as_ref().unwrap().cell.to_string(), "D1");
}

#[test]
fn several_months_side_by_side_are_several_reports() {
    let rows = "
统一社会信用代码|单位详细名称|2024年;11月;工业总产值;本年-本月|2024年;12月;工业总产值;本年-本月
91220106MA0000429W|甲公司|11|12
";
    assert_eq!(months(&reports("汇总", rows)), ["W 2024-11 11000 . . .", "W 2024-12 12000 . . ."]);
}

#[test]
fn several_months_in_several_sheets_are_several_reports() {
    let bytes =
        Book::new().sheet("2024年6月", EXPORT).sheet("2024-07", EXPORT).sheet("说明", "x").bytes();
    let book = read(&bytes);
    let found: Vec<String> =
        months(&book.reports).iter().map(|month| month[..9].to_owned()).collect();
    assert_eq!(found, ["W 2024-06", "P 2024-06", "W 2024-07", "P 2024-07"]);
    assert_eq!(book_findings(&book), ["F06"]);
}

#[test]
fn the_month_may_stand_in_a_title_above() {
    let rows = format!("规模以上工业产值表（2024年7月）\n \n{}", EXPORT.trim_start());
    let reports = reports("Sheet1", &rows);
    assert_eq!(months(&reports)[0], format!("W 2024-07 {RIGHT}"));
    assert_eq!(reports[0].period.as_ref().unwrap().cell.to_string(), "A1");
}

#[test]
fn without_a_month_anywhere_there_is_none() {
    assert_eq!(months(&reports("Sheet1", EXPORT))[0], format!("W - {RIGHT}"));
}

#[test]
fn blank_columns_and_rows_do_not_matter() {
    let wide = EXPORT.replace('|', "||").replace('\n', "\n \n");
    assert_eq!(
        months(&reports("2024年7月", &shifted(&wide, 3, 2)))[1],
        format!("P 2024-07 {RIGHT}")
    );
}

#[test]
fn rows_of_totals_are_left_out_however_they_are_named() {
    for code in ["合计", "-", "总计（2户）", "增速"] {
        let rows = EXPORT.replace("|合计|", &format!("{code}||"));
        assert_eq!(reports("2024年7月", &rows).len(), 2, "{code}");
    }
}

#[test]
fn a_bad_figure_is_a_finding_of_its_firm_only() {
    let rows = EXPORT.replace("'3714|'1|", "'3714|停产|");
    let reports = reports("2024年7月", &rows);
    assert_eq!(findings(&reports[0]), ["H3@D2"]);
    assert_eq!(findings(&reports[1]), Vec::<String>::new());
    assert_eq!(values(&reports[0], "industry:3714"), ". 3000 2000 4000");
}

#[test]
fn a_bad_industry_code_is_an_error_and_none_is_nothing() {
    let bad = reports("2024年7月", &EXPORT.replace("'3714", "'99"));
    assert_eq!(findings(&bad[0]), ["H6@C2"]);
    let none = reports("2024年7月", &EXPORT.replace("'3714", ""));
    assert_eq!(findings(&none[0]), Vec::<String>::new());
    assert!(lines(&none[0]).iter().all(|line| !line.starts_with("industry")));
}

#[test]
fn a_firm_that_stands_there_twice_has_two_reports() {
    // Which of them counts, if any, is decided where revisions are.
    let reports = reports("2024年7月", &EXPORT.replace(B, A));
    assert_eq!(reports.len(), 2);
    assert!(reports.iter().all(|report| findings(report).is_empty()));
}

#[test]
fn missing_items_and_columns_are_errors_of_every_firm() {
    let rows = "
统一社会信用代码|单位详细名称|工业总产值(当年价格);本年-本月|工业总产值(当年价格);本年-1—本月
91220106MA0000429W|甲公司|1|2
91220106MA0000437P|乙公司|1|2
";
    let reports = reports("2024年7月", rows);
    for report in &reports {
        assert_eq!(
            findings(report),
            ["H3", "H3", "H3"],
            "sales, and both columns of the year before"
        );
        assert_eq!(report.findings[0].item.as_deref(), Some("sales"));
    }
}

#[test]
fn a_wrong_code_is_handed_on_as_typed() {
    let reports =
        reports("2024年7月", &EXPORT.replace(A, "'91220106ma0000429 w").replace(B, "123"));
    let codes: Vec<&str> =
        reports.iter().map(|report| report.credit_code.as_ref().unwrap().value.as_str()).collect();
    assert_eq!(codes, [A, "123"]);
}

#[test]
fn an_export_without_a_firm_is_no_form() {
    let rows: String = EXPORT.trim_start().lines().take(1).collect();
    assert_eq!(book_findings(&read(&Book::of(&rows))), ["F06", "F04"]);
}

#[test]
fn another_month_below_is_another_months_reports_and_another_page_is_not() {
    let july = EXPORT.replace("|甲公司|'3714|'1", "|甲公司|'3714|'11");
    let rows = format!("2024年6月\n{}\n2024年7月\n{}", EXPORT.trim(), july.trim());
    let found = months(&reports("汇总", &rows));
    assert_eq!(
        found,
        [
            format!("W 2024-06 {RIGHT}"),
            format!("P 2024-06 {RIGHT}"),
            "W 2024-07 11000 3000 2000 4000".to_owned(),
            format!("P 2024-07 {RIGHT}"),
        ]
    );
    // The second page of one month: one firm a page, the headings on both.
    let lines: Vec<&str> = EXPORT.trim().lines().collect();
    let pages = format!("2024年6月\n{}\n{}\n\n{}\n{}", lines[0], lines[1], lines[0], lines[2]);
    let found = reports("汇总", &pages);
    assert_eq!(months(&found), [format!("W 2024-06 {RIGHT}"), format!("P 2024-06 {RIGHT}")]);
    assert!(found.iter().all(|report| report.findings.is_empty()));
}

#[test]
fn the_title_says_the_month_before_the_sheets_name() {
    let rows = format!("规模以上工业产值表（2024年7月）\n{}", EXPORT.trim_start());
    let found = reports("2024年6月", &rows);
    assert_eq!(months(&found)[0], format!("W 2024-07 {RIGHT}"));
    assert!(found.iter().all(|report| report.is_named_by_sheet));
}

#[test]
fn a_firm_without_a_code_is_noted_and_never_passed_over() {
    let rows = EXPORT.replace("91220106MA0000437P|", "|");
    let found = reports("2024年7月", &rows);
    assert_eq!(months(&found), [format!("W 2024-07 {RIGHT}")]);
    assert_eq!(findings(&found[0]), ["S01@A3"]);
    assert!(found[0].findings[0].message.zh.contains("乙公司"));
}

#[test]
fn a_firm_without_any_figure_sends_no_report() {
    let blank = "91220106MA0000437P|乙公司|'C3670|1|2|3|4|8.5|5|6|7|8";
    assert!(EXPORT.contains(blank));
    let rows = EXPORT.replace(blank, "91220106MA0000437P|乙公司|'C3670|-|||无|8.5||||");
    let book = read(&Book::new().sheet("2024年7月", &rows).bytes());
    assert_eq!(months(&book.reports), [format!("W 2024-07 {RIGHT}")]);
    assert_eq!(book_findings(&book), ["F08@A1"]);
}

#[test]
fn an_export_may_say_which_columns_it_bears() {
    let rows = "
统一社会信用代码|单位详细名称|工业总产值;本年-本月|工业总产值;本年-1—本月|工业销售产值;本年-本月|工业销售产值;本年-1—本月|工业销售产值;上年-1—本月
91220106MA0000429W|甲公司|1|2|3|4|5
";
    let mut forms = super::forms();
    let table = forms.get_mut("B204-1").unwrap().table.as_mut().unwrap();
    table.measures = vec![Measure::Month, Measure::Ytd];
    let bytes = Book::new().sheet("2024年7月", rows).bytes();
    let book = yuebao::stages::parse::read(&bytes, &forms, &super::limits());
    assert_eq!(findings(&book.reports[0]), [""; 0]);
    assert_eq!(
        values(&book.reports[0], "sales"),
        "3000 4000 . .",
        "what it does not bear is unread"
    );
}
