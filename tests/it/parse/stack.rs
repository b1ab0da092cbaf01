//! Forms one under the other in one sheet, and forms nobody filled.

use yuebao::findings::Severity;
use yuebao::stages::parse::{Book as Read, Report};

use super::{B204, b204_text, book_findings, findings, read, values};
use crate::support::package;
use crate::support::workbook::Book;

const CODE: &str = "统一社会信用代码：91220106MA0000429W";
const RIGHT: &str = "12034000 80312000 11050000 74021000";

/// LY-02 as a firm sends it, without its document number.
const LY02: &str = "
龙头企业采购情况
|||||表号：LY-02表
统一社会信用代码：91220106MA0000015Q
单位详细名称：示例客车|||2024 年 7 月
指标名称|计量单位|代码|本年||上年同期
|||本月|1-本月|本月|1-本月
采购总额|千元|'01|9|8|7|6
其中：本地采购额|千元|'02|1|2|3|4
";

/// B204-1 for June, with another output.
fn june() -> String {
    b204_text(&[("2024 年 7 月", "2024 年 6 月"), ("千元|'01|12034", "千元|'01|666")])
}

/// Form, last letter of the code, month, first cell and output of each report.
fn reports(book: &Read) -> Vec<String> {
    let of = |report: &Report| {
        let code = report.credit_code.as_ref().map_or("-", |found| &found.value[17..]);
        let month = report.month().map_or("-".to_owned(), |month| month.to_string());
        let first = &report.figures[0];
        let item = first.item.as_str();
        format!("{} {code} {month} {} {}", report.form, first.cell, values(report, item))
    };
    book.reports.iter().map(of).collect()
}

fn stacked(forms: &[&str]) -> Read {
    let rows: Vec<&str> = forms.iter().map(|form| form.trim_matches('\n')).collect();
    read(&Book::of(&rows.join("\n")))
}

#[test]
fn the_same_form_twice_is_two_months() {
    let book = stacked(&[&june(), B204]);
    assert_eq!(
        reports(&book),
        [
            "B204-1 W 2024-06 D9 666000 80312000 11050000 74021000".to_owned(),
            // 19 rows lower, signatures and notes of the first between.
            format!("B204-1 W 2024-07 D28 {RIGHT}"),
        ]
    );
    for report in &book.reports {
        assert_eq!(findings(report), [""; 0]);
        assert_eq!(report.reported_on.as_ref().unwrap().value.to_string(), "2024-08-06");
        assert!(!report.is_named_by_sheet, "two months cannot both be the sheet's");
    }
    assert_eq!(values(&book.reports[1], "product:37150"), "12.5 80.2 11 75");
}

#[test]
fn three_forms_of_two_kinds_are_three_reports() {
    let book = stacked(&[&june(), LY02, B204]);
    assert_eq!(
        reports(&book),
        [
            "B204-1 W 2024-06 D9 666000 80312000 11050000 74021000".to_owned(),
            "LY-02 Q 2024-07 D26 9000 8000 7000 6000".to_owned(),
            format!("B204-1 W 2024-07 D36 {RIGHT}"),
        ]
    );
    // The document number of the form above holds on where none is written.
    assert_eq!(book.reports[1].document, book.reports[0].document);
}

#[test]
fn code_and_edition_hold_on_but_never_the_month() {
    let second = "2024 年 7 月
指标名称|计量单位|代码|本年||上年同期
|||本月|1-本月|本月|1-本月
工业总产值|千元|'01|12034|80312|11050|74021
工业销售产值|千元|'03|1|1|1|1";
    let book = stacked(&[&june(), second]);
    assert_eq!(reports(&book)[1], format!("B204-1 W 2024-07 D23 {RIGHT}"));
    assert_eq!(book.reports[1].document.as_ref().unwrap().value, "国统字〔2023〕88号");

    let second = second.replace("2024 年 7 月", "工业产销总值及主要产品产量");
    let book = stacked(&[&june(), &second]);
    assert_eq!(reports(&book)[1], format!("B204-1 W - D23 {RIGHT}"));

    let book = stacked(&[&june(), &b204_text(&[("2024 年 7 月", ""), (CODE, "")])]);
    assert_eq!(reports(&book)[1], format!("B204-1 W - D28 {RIGHT}"));
}

#[test]
fn headings_repeated_without_a_header_go_on_with_the_same_table() {
    let second = "汽车零部件及配件制造|千元|'3670|3000|20000|3000|19000";
    let headings = "指标名称|计量单位|代码|本年||上年同期
|||本月|1-本月|本月|1-本月
甲|乙|丙|1|2|3|4";
    let page = format!("填表人：\n \n{headings}\n{second}");
    let book = read(&super::b204(&[(second, &page)]));
    assert_eq!(reports(&book), [format!("B204-1 W 2024-07 D9 {RIGHT}")]);
    assert_eq!(findings(&book.reports[0]), [""; 0]);
    // Page two begins within the group of industries and keeps to it.
    assert_eq!(values(&book.reports[0], "industry:3670"), "3000000 20000000 3000000 19000000");
    assert_eq!(values(&book.reports[0], "product:37150"), "12.5 80.2 11 75");
}

#[test]
fn rows_that_stand_twice_on_two_pages_are_an_error() {
    let rows = "指标名称|计量单位|代码|本年||上年同期
|||本月|1-本月|本月|1-本月
工业总产值|千元|'01|1|1|1|1";
    let book = stacked(&[B204, rows]);
    assert_eq!(reports(&book), [format!("B204-1 W 2024-07 D9 {RIGHT}")]);
    assert_eq!(findings(&book.reports[0]), ["H6@C22"]);
}

#[test]
fn other_formats_are_cut_alike() {
    let rows = format!("{}\n{}", june().trim(), B204.trim());
    for bytes in [package::xlsb(&rows), package::ods(&rows)] {
        assert_eq!(
            reports(&read(&bytes)),
            [
                "B204-1 W 2024-06 D9 666000 80312000 11050000 74021000".to_owned(),
                format!("B204-1 W 2024-07 D28 {RIGHT}"),
            ],
        );
    }
}

/// B204-1 with every figure taken out.
fn blank() -> String {
    let rows = B204.trim().lines().map(|line| match line.split_once("|千元|") {
        Some((label, rest)) => format!("{label}|千元|{}||-|无|/", &rest[..rest.find('|').unwrap()]),
        None if line.contains("|吨|") => "铁路机车配件|吨|'37150||||".to_owned(),
        None => line.to_owned(),
    });
    rows.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_form_without_any_figure_is_no_report_but_a_note() {
    let bytes = Book::new().sheet("7月", B204).sheet("8月", &blank()).bytes();
    let book = read(&bytes);
    assert_eq!(reports(&book), [format!("B204-1 W 2024-07 D9 {RIGHT}")]);
    assert_eq!(book_findings(&book), ["F08@D5"]);
    let found = &book.findings[0];
    assert_eq!((found.severity, found.sheet.as_deref()), (Severity::Note, Some("8月")));
    // One under the other it is no other.
    let book = stacked(&[B204, &blank()]);
    assert_eq!(reports(&book), [format!("B204-1 W 2024-07 D9 {RIGHT}")]);
    assert_eq!(book_findings(&book), ["F08@D24"]);
}

#[test]
fn a_form_that_bears_last_years_figures_alone_is_no_report() {
    let book = read(&Book::of(&blank().replace("||-|无|/", "||-|900|2700")));
    assert_eq!(book.reports, []);
    assert_eq!(book_findings(&book), ["F08@D5"]);
}

#[test]
fn a_workbook_of_blank_forms_alone_is_an_error() {
    let book = read(&Book::of(&blank()));
    assert_eq!(book.reports, []);
    assert_eq!(book_findings(&book), ["F08@D5"]);
    assert_eq!(book.findings[0].severity, Severity::Error);
}

#[test]
fn a_word_where_figures_belong_makes_a_report() {
    for typed in ["停产", "#REF!"] {
        let text = blank().replacen("'01||-|", &format!("'01|{typed}|-|"), 1);
        let book = read(&Book::of(&text));
        assert_eq!(findings(&book.reports[0]), ["H3@D9"], "{typed}");
    }
    // Figures in a row of a code that is none, or in a row nobody knows.
    for (row, place) in [("二手机床|千元|'99|1|1|1|1", "H6@C15"), ("|||1|1|1|1", "H6@C15")] {
        let text = blank().replace("三、主要", &format!("{row}\n三、主要"));
        assert_eq!(findings(&read(&Book::of(&text)).reports[0]), [place], "{row}");
    }
}
