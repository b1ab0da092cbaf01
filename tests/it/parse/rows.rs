//! Rows: by code, by label, in open groups, repeated, unknown.

use super::{b204, findings, lines, report, values};
use crate::support::workbook::Book;

const OUTPUT: &str = "一、工业总产值(当年价格)|千元|'01";
const FIRST: &str = "高铁设备、配件制造|千元|'3714";
const SECOND: &str = "汽车零部件及配件制造|千元|'3670";
const RIGHT: &str = "12034000 80312000 11050000 74021000";

#[test]
fn a_row_is_known_by_its_code() {
    for code in ["'01", "1", "'1", "'01 ", "'０１", "'0 1"] {
        let report = report(&b204(&[(OUTPUT, &format!("总产值|千元|{code}"))]));
        assert_eq!(values(&report, "output"), RIGHT, "{code:?}");
        assert_eq!(findings(&report), Vec::<String>::new(), "{code:?}");
    }
}

#[test]
fn a_row_without_code_is_known_by_its_label() {
    for label in [
        "一、工业总产值(当年价格)",
        "工业总产值（当年价格）",
        "　　工业总产值",
        "1.工业总产值",
        "工 业 总 产 值：",
    ] {
        for code in ["", "-", "——"] {
            let report = report(&b204(&[(OUTPUT, &format!("{label}|千元|{code}"))]));
            assert_eq!(values(&report, "output"), RIGHT, "{label} {code}");
        }
    }
    let exports = report(&b204(&[("      其中:出口交货值|千元|'04", "其中：出口交货值|千元|")]));
    assert_eq!(values(&exports, "exports"), "0 1200000 0 900000");
}

#[test]
fn a_label_that_slipped_out_of_its_column_is_found() {
    let changes = [
        ("指标名称|计量单位|代码|本年||上年同期", "|指标名称|计量单位|代码|本年||上年同期"),
        ("|||本月|1-本月|本月|1-本月", "||||本月|1-本月|本月|1-本月"),
        ("一、工业总产值(当年价格)|千元|'01|", "工业总产值||千元||"),
    ];
    assert_eq!(values(&report(&b204(&changes)), "output"), RIGHT);
}

#[test]
fn industry_codes_in_all_their_spellings() {
    for (code, item) in [
        ("3714", "industry:3714"),
        ("'3714", "industry:3714"),
        ("'C3714", "industry:3714"),
        ("'c3714 ", "industry:3714"),
        ("'３７１４", "industry:3714"),
        ("'B0610", "industry:0610"),
        ("610", "industry:0610"),
        ("'0610", "industry:0610"),
        ("'D4620", "industry:4620"),
    ] {
        let report = report(&b204(&[(FIRST, &format!("某行业|千元|{code}"))]));
        assert_eq!(values(&report, item), "9034000 60312000 8050000 55021000", "{code}");
        assert_eq!(findings(&report), Vec::<String>::new(), "{code}");
    }
}

#[test]
fn a_code_that_is_no_industry_is_an_error() {
    for code in ["'37", "'A0111", "'37144", "'4711", "'5111", "'C0610", "'371X", "高铁", ""] {
        let report = report(&b204(&[(FIRST, &format!("某行业|千元|{code}"))]));
        assert_eq!(findings(&report), ["H6@C13"], "{code}");
        let value = code.trim_start_matches('\'');
        assert_eq!(report.findings[0].value.as_deref(), Some(value));
        assert!(report.findings[0].expected.as_deref().unwrap().contains("四位"));
        assert!(
            report.figures.iter().all(|figure| figure.cell.row != 12),
            "its figures are not guessed"
        );
    }
}

#[test]
fn an_empty_row_of_a_group_is_nothing() {
    let report =
        report(&b204(&[("高铁设备、配件制造|千元|'3714|9034|60312|8050|55021", "|千元||-|-||")]));
    assert_eq!(findings(&report), Vec::<String>::new());
}

#[test]
fn a_code_twice_is_an_error_and_counts_once() {
    let report = report(&b204(&[(SECOND, "又一行|千元|C3714")]));
    assert_eq!(findings(&report), ["H6@C14"]);
    assert_eq!(report.findings[0].item.as_deref(), Some("industry:3714"));
    assert_eq!(values(&report, "industry:3714"), "9034000 60312000 8050000 55021000");
}

#[test]
fn a_fixed_row_twice_is_an_error_too() {
    let report = report(&b204(&[("    工业销售产值(当年价格)|千元|'03", "又一次|千元|'01")]));
    assert_eq!(findings(&report), ["H3", "H6@C10"], "sales is missing, output is there twice");
    assert_eq!(values(&report, "output"), RIGHT);
}

#[test]
fn totals_in_a_group_are_left_out() {
    for label in ["合计", "合　计", "小计："] {
        let changed = format!("{label}|千元||12034|80312|11050|74021\n{SECOND}");
        let report = report(&b204(&[(SECOND, &changed)]));
        assert_eq!(findings(&report), Vec::<String>::new(), "{label}");
        assert_eq!(report.figures.len(), 24);
    }
}

#[test]
fn an_unknown_row_with_figures_is_noted() {
    let changed = format!("工业中间投入|千元|'02|5|6|7|8\n{OUTPUT}");
    let report = report(&b204(&[(OUTPUT, &changed)]));
    assert_eq!(findings(&report), ["S01@A9"]);
    assert!(report.findings[0].message.zh.contains("工业中间投入"));
    let silent = format!("工业中间投入|千元|'02|-|||\n{OUTPUT}");
    assert_eq!(findings(&super::report(&b204(&[(OUTPUT, &silent)]))), Vec::<String>::new());
}

#[test]
fn a_required_row_that_is_missing_is_an_error() {
    let sales = "    工业销售产值(当年价格)|千元|'03|11800|79000|10990|73800\n";
    let missing = report(&b204(&[(sales, "")]));
    assert_eq!(findings(&missing), ["H3"]);
    assert_eq!(missing.findings[0].item.as_deref(), Some("sales"));
    let exports = "      其中:出口交货值|千元|'04|0|1200|0|900\n";
    assert_eq!(
        findings(&report(&b204(&[(exports, "")]))),
        Vec::<String>::new(),
        "exports are optional"
    );
    let empty = report(&b204(&[("'03|11800|79000|10990|73800", "'03|-|-|-|-")]));
    assert_eq!(findings(&empty), Vec::<String>::new(), "a row without figures is there");
}

#[test]
fn the_letters_below_the_headings_are_no_figures() {
    for letters in
        ["甲|乙|丙|1|2|3|4", "|||1|2|3|4", "|||'1|'2|'3|'4", "甲|乙|丙|(1)|(2)|(3)|(4)", ""]
    {
        let report = report(&b204(&[("甲|乙|丙|'1|'2|'3|'4", letters)]));
        assert_eq!(findings(&report), Vec::<String>::new(), "{letters}");
        assert_eq!(report.figures.len(), 24, "{letters}");
    }
}

#[test]
fn nothing_below_the_footer_is_read() {
    let report = report(&b204(&[(
        "核实说明：",
        "核实说明：\n工业总产值|千元|'01|1|2|3|4\n示例数据（合成）|||5",
    )]));
    assert_eq!(values(&report, "output"), RIGHT);
    assert_eq!(findings(&report), Vec::<String>::new());
}

#[test]
fn headings_of_groups_need_no_numbering() {
    let changes = [
        (
            "二、工业总产值(当年价格)按工业行业小类分|-|-",
            "　工业总产值（当年价格）按工业行业小类分：",
        ),
        ("三、主要工业产品产量", "主要工业产品产量"),
    ];
    let report = report(&b204(&changes));
    assert_eq!(lines(&report).len(), 24);
    assert_eq!(findings(&report), Vec::<String>::new());
}

#[test]
fn firms_supplied_are_known_by_their_code() {
    let rows = "
产业链配套情况
序号|配套对象名称|配套对象统一社会信用代码|计量单位|本年||上年同期
||||本月|1-本月|本月|1-本月
1|甲公司|91220106ma0000015q|千元|1|2|3|4
2|乙公司|9122|千元|1|2|3|4
3|丙公司||万元|5|||
4||||||
|合计||千元|6|2|3|4
单位负责人：
";
    let report = report(&Book::of(rows));
    assert_eq!(report.form, "LY-01");
    assert_eq!(values(&report, "supply:91220106MA0000015Q"), "1000 2000 3000 4000");
    assert_eq!(report.figures.len(), 4);
    assert_eq!(findings(&report), ["H6@C5", "H6@C6"]);
}

#[test]
fn several_forms_in_one_workbook_are_several_reports() {
    let ly02 = "
龙头企业采购情况
|||||表号：LY-02表
统一社会信用代码：91220106MA0000429W
单位详细名称：甲|||2024年7月
指标名称|计量单位|代码|本年||上年同期
|||本月|1-本月|本月|1-本月
采购总额|千元|1|10|20|30|40
其中:本地采购额|千元|2|1|2|3|4
";
    let bytes = Book::new()
        .sheet("说明", "填报说明")
        .sheet("产值", super::B204)
        .sheet("采购", ly02)
        .bytes();
    let book = super::read(&bytes);
    let found: Vec<(&str, &str)> =
        book.reports.iter().map(|report| (report.form.as_str(), report.sheet.as_str())).collect();
    assert_eq!(found, [("B204-1", "产值"), ("LY-02", "采购")]);
    assert_eq!(super::book_findings(&book), ["F06"]);
    assert_eq!(values(&book.reports[1], "local_purchases"), "1000 2000 3000 4000");
}

#[test]
fn a_unit_of_money_nobody_knows_is_asked_about_and_never_passed_over() {
    let report = report(&b204(&[(OUTPUT, "一、工业总产值(当年价格)|百万元|'01")]));
    assert_eq!(values(&report, "output"), RIGHT, "read as the form says");
    let found = &report.findings;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].code.as_str(), found[0].severity.name()), ("H3", "query"));
    assert_eq!(found[0].cell.unwrap().to_string(), "B9");
    assert!(found[0].message.zh.contains("“百万元”") && found[0].message.zh.contains("千元"));
}

#[test]
fn a_row_with_one_letter_in_it_is_a_row() {
    for letter in ["甲", "乙", "丙", "丁"] {
        let report = report(&b204(&[("铁路机车配件|吨|'37150", &format!("{letter}|吨|'37150"))]));
        assert_eq!(values(&report, "product:37150"), "12.5 80.2 11 75", "{letter}");
        assert_eq!(findings(&report), [""; 0]);
    }
    // A unit or a code that is one letter: no product's, but noted or refused, never dropped.
    let found = report(&b204(&[("铁路机车配件|吨|'37150", "铁路机车配件|吨|丙")]));
    assert_eq!(findings(&found), ["H6@C16"]);
    let found = report(&b204(&[("铁路机车配件|吨|'37150", "铁路机车配件|甲|'37150")]));
    assert_eq!(values(&found, "product:37150"), "12.5 80.2 11 75");
}

#[test]
fn the_letters_of_the_columns_are_no_row_however_they_are_numbered() {
    for letters in ["甲|乙|丙|1|2|3|4", "甲|乙|丙|(1)|(2)|(3)|(4)", "甲|乙|-|1|2|3|4", "|||1|2|3|4"]
    {
        let report = report(&b204(&[("甲|乙|丙|'1|'2|'3|'4", letters)]));
        assert_eq!(findings(&report), [""; 0], "{letters}");
        assert_eq!(report.figures.len(), 24, "{letters}");
    }
}

#[test]
fn a_buyer_named_like_a_letter_or_a_total_is_read() {
    let rows = |name: &str| {
        let rows = format!(
            "产业链配套情况\n|||||表号：LY-01表\n统一社会信用代码：91220106MA0000429W||2024年7月\n\
             序号|配套对象名称|配套对象统一社会信用代码|计量单位|本年||上年同期\n\
             ||||本月|1-本月|本月|1-本月\n甲|乙|丙|丁|1|2|3|4\n\
             1|{name}|91220106MA0000015Q|千元|1|2|3|4\n合计||||1|2|3|4\n"
        );
        report(&Book::of(&rows))
    };
    for name in ["甲", "丁", "合计", "小计"] {
        let report = rows(name);
        let supply = values(&report, "supply:91220106MA0000015Q");
        assert_eq!(
            (supply.as_str(), findings(&report).len()),
            ("1000 2000 3000 4000", 0),
            "{name}"
        );
    }
}
