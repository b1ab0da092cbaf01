//! Two blocks of a form side by side in one sheet.

use super::{b204_text, findings, read, values};
use crate::support::workbook::Book;

/// Two forms beside each other, a column between them.
fn beside(left: &str, right: &str) -> Vec<u8> {
    let right: Vec<&str> = right.trim_matches('\n').lines().collect();
    let left = left.trim_matches('\n').lines().enumerate();
    let rows: Vec<String> = left
        .map(|(number, line)| {
            let blanks = "|".repeat(8 - line.matches('|').count());
            format!("{line}{blanks}{}", right.get(number).unwrap_or(&""))
        })
        .collect();
    Book::of(&rows.join("\n"))
}

const CODE: &str = "统一社会信用代码：91220106MA0000429W";

#[test]
fn each_block_with_a_code_is_a_report() {
    let other = b204_text(&[
        (CODE, "统一社会信用代码：91220106MA0000437P"),
        ("千元|'01|12034|80312", "千元|'01|777|80312"),
    ]);
    let book = read(&beside(&b204_text(&[]), &other));
    let found: Vec<String> = book
        .reports
        .iter()
        .map(|report| {
            assert_eq!(findings(report), [""; 0]);
            let code = &report.credit_code.as_ref().unwrap().value;
            let first = &report.figures[0];
            format!("{code} {} {}", first.cell, values(report, "output"))
        })
        .collect();
    assert_eq!(
        found,
        [
            "91220106MA0000429W D9 12034000 80312000 11050000 74021000",
            "91220106MA0000437P L9 777000 80312000 11050000 74021000",
        ]
    );
}

#[test]
fn a_month_written_once_holds_for_both() {
    let other = b204_text(&[
        (CODE, "统一社会信用代码：91220106MA0000437P"),
        ("|||2024 年 7 月||有效期至", "|||||有效期至"),
    ]);
    let book = read(&beside(&b204_text(&[]), &other));
    let months: Vec<String> = book
        .reports
        .iter()
        .map(|report| report.period.as_ref().unwrap().value.to_string())
        .collect();
    assert_eq!(months, ["2024-07", "2024-07"]);
}

#[test]
fn a_block_without_a_header_continues_the_one_before() {
    let rows = "高铁设备、配件制造|千元|'3714|9034|60312|8050|55021
汽车零部件及配件制造|千元|'3670|3000|20000|3000|19000";
    let left = b204_text(&[(rows, "高铁设备、配件制造|千元|'3714|9034|60312|8050|55021\n ")]);
    let right = "\n\n\n\n\n指标名称|计量单位|代码|本年||上年同期
|||本月|1-本月|本月|1-本月
二、工业总产值(当年价格)按工业行业小类分|-|-
汽车零部件及配件制造|千元|'3670|3000|20000|3000|19000";
    let right = format!("-{right}");
    let book = read(&beside(&left, &right));
    assert_eq!(book.reports.len(), 1);
    let report = &book.reports[0];
    assert_eq!(findings(report), [""; 0]);
    assert_eq!(values(report, "industry:3714"), "9034000 60312000 8050000 55021000");
    assert_eq!(values(report, "industry:3670"), "3000000 20000000 3000000 19000000");

    let book = read(&beside(&b204_text(&[]), &right));
    let report = &book.reports[0];
    assert_eq!(findings(report), ["H6@L9", "H6@M9", "H6@N9", "H6@O9"]);
    assert_eq!(values(report, "industry:3670"), "3000000 20000000 3000000 19000000");
}

#[test]
fn a_heading_repeated_without_figures_cuts_nothing() {
    let text = b204_text(&[("||上年同期\n", "||上年同期||指标名称\n")]);
    let book = read(&Book::of(&text));
    assert_eq!(book.reports.len(), 1);
    assert_eq!(values(&book.reports[0], "output"), "12034000 80312000 11050000 74021000");
}
