//! Headings: two storeys or one, moved, spelled in many ways, or missing.

use super::{B204, b204, findings, report, values};
use crate::support::workbook::{Book, shifted};

const UPPER: &str = "指标名称|计量单位|代码|本年||上年同期";
const LOWER: &str = "|||本月|1-本月|本月|1-本月";
const RIGHT: &str = "12034000 80312000 11050000 74021000";

#[test]
fn the_year_to_date_in_all_its_spellings() {
    for spelling in [
        "1-本月",
        "1—本月",
        "1－本月",
        "1-7月",
        "1-12月",
        "1~本月",
        "累计",
        "1 — 本月",
        "１－７月",
        "1至7月",
        "1月-7月",
        "本月止累计",
        "1-本月累计",
    ] {
        let lower = format!("|||本月|{spelling}|本月|{spelling}");
        let report = report(&b204(&[(LOWER, &lower)]));
        assert_eq!(values(&report, "output"), RIGHT, "{spelling}");
        assert_eq!(findings(&report), Vec::<String>::new(), "{spelling}");
    }
}

#[test]
fn headings_of_one_storey() {
    for (upper, lower) in [
        ("指标名称|计量单位|代码|本年本月|本年1-本月|上年同期本月|上年同期1-本月", " "),
        ("指标名称|计量单位|代码|本年-本月|本年-1—本月|上年-本月|上年-1—本月", " "),
        ("指标名称|计量单位|代码|本年(本月)|本年(1-7月)|上年同月|上年累计", " "),
    ] {
        let report = report(&b204(&[(UPPER, upper), (LOWER, lower)]));
        assert_eq!(values(&report, "output"), RIGHT, "{upper}");
        assert_eq!(findings(&report), Vec::<String>::new(), "{upper}");
    }
}

#[test]
fn a_table_may_stand_anywhere() {
    for (down, right) in [(0, 3), (7, 0), (5, 2), (30, 20)] {
        let report = report(&Book::of(&shifted(B204, down, right)));
        assert_eq!(values(&report, "output"), RIGHT, "{down} down, {right} right");
        assert_eq!(values(&report, "industry:3670"), "3000000 20000000 3000000 19000000");
        assert_eq!(report.period.unwrap().value.to_string(), "2024-07");
        assert_eq!(report.credit_code.unwrap().value, "91220106MA0000429W");
        assert_eq!(report.findings, []);
    }
}

#[test]
fn blank_rows_and_columns_do_not_matter() {
    let wide = B204.replace('|', "||");
    let tall = wide.replace('\n', "\n \n");
    for rows in [&wide, &tall] {
        let report = report(&Book::of(rows));
        assert_eq!(values(&report, "output"), RIGHT);
        assert_eq!(values(&report, "product:37150"), "12.5 80.2 11 75");
        assert_eq!(report.findings, []);
    }
}

#[test]
fn columns_in_another_order_are_found_by_their_headings() {
    let changes = [
        (UPPER, "代码|指标名称|计量单位|上年同期||本年"),
        (LOWER, "|||1-本月|本月|1-本月|本月"),
        (
            "一、工业总产值(当年价格)|千元|'01|12034|80312|11050|74021",
            "'01|工业总产值|千元|74021|11050|80312|12034",
        ),
        (
            "    工业销售产值(当年价格)|千元|'03|11800|79000|10990|73800",
            "'03|工业销售产值|千元|4|3|2|1",
        ),
    ];
    let report = report(&b204(&changes));
    assert_eq!(values(&report, "output"), RIGHT);
    assert_eq!(values(&report, "sales"), "1000 2000 3000 4000");
}

#[test]
fn a_missing_column_is_an_error() {
    let changes = [(LOWER, "|||本月|1-本月|本月|")];
    let report = report(&b204(&changes));
    assert_eq!(findings(&report), ["H3"]);
    assert_eq!(report.findings[0].measure, Some(yuebao::domain::measure::Measure::PriorYtd));
    assert_eq!(report.findings[0].message.zh, "缺少数据列“上年同期1-本月”");
    assert_eq!(values(&report, "output"), "12034000 80312000 11050000 .");
}

#[test]
fn a_form_without_a_table_lacks_all_columns_and_rows() {
    let report =
        report(&Book::of("工业产销总值及主要产品产量\n统一社会信用代码：91220106MA0000429W"));
    assert_eq!(findings(&report).len(), 6, "four columns, two required rows");
    assert!(report.findings.iter().all(|finding| finding.code == "H3"));
    assert_eq!(report.credit_code.unwrap().value, "91220106MA0000429W");
}

#[test]
fn a_form_is_known_by_its_number_or_its_title() {
    let cases: [&[(&str, &str)]; 4] = [
        &[("工业产销总值及主要产品产量", "2024年统计报表")],
        &[("表    号：B 2 0 4 - 1 表", " ")],
        &[
            ("工业产销总值及主要产品产量", "x"),
            ("|||||表    号：B 2 0 4 - 1 表", "||||表　号|ｂ204－1表"),
        ],
        &[
            ("工业产销总值及主要产品产量\n", "《工业产销总值及主要产品产量》表\n"),
            ("表    号：B 2 0 4 - 1 表", " "),
        ],
    ];
    for changes in cases {
        assert_eq!(report(&b204(changes)).form, "B204-1");
    }
    let neither =
        [("工业产销总值及主要产品产量", "x"), ("表    号：B 2 0 4 - 1 表", "表号：B203表")];
    assert_eq!(super::book_findings(&super::read(&b204(&neither))), ["F06", "F04"]);
}
