//! Header fields, wherever and however they stand.

use super::{b204, findings, report};

const CODE: &str = "统一社会信用代码：91220106MA0000429W|||||文    号：国统字〔2023〕88号";
const NAME: &str = "单位详细名称：示例轨道配件有限公司|||2024 年 7 月||有效期至：2 0 2 5 年 1 月";

fn code(line: &str) -> Option<(String, String)> {
    let found = report(&b204(&[(CODE, line)])).credit_code?;
    Some((found.value, found.cell.to_string()))
}

#[expect(clippy::unnecessary_wraps, reason = "compared with what may be nothing")]
fn at(value: &str, cell: &str) -> Option<(String, String)> {
    Some((value.to_owned(), cell.to_owned()))
}

#[test]
fn the_code_stands_behind_its_label_or_beside_it() {
    let right = "91220106MA0000429W";
    assert_eq!(code(&format!("统一社会信用代码|{right}")), at(right, "B4"));
    assert_eq!(code(&format!("统一社会信用代码：|||{right}|")), at(right, "D4"));
    assert_eq!(code(&format!("统 一 社 会 信 用 代 码:  {right}")), at(right, "A4"));
    assert_eq!(code("统一社会信用代码：9 1 2 2 0 1 0 6 M A 0 0 0 0 4 2 9 W"), at(right, "A4"));
    assert_eq!(
        code("统一社会信用代码（18位）：９１２２０１０６ＭＡ００００４２９Ｗ"),
        at(right, "A4")
    );
    assert_eq!(
        code("101 统一社会信用代码：□□91220106ma0000429w").map(|found| found.1),
        at("", "A4").map(|found| found.1)
    );
    assert_eq!(code("统一社会信用代码：91220106ma0000429w"), at(right, "A4"));
}

#[test]
fn a_code_in_eighteen_boxes_is_one_code() {
    let boxes = "9|1|2|2|0|1|0|6|M|A|0|0|0|0|4|2|9|W";
    assert_eq!(code(&format!("统一社会信用代码：|{boxes}")), at("91220106MA0000429W", "B4"));
    assert_eq!(
        code(&format!("统一社会信用代码|'{}", boxes.replace('|', "|'"))),
        at("91220106MA0000429W", "B4")
    );
    assert_eq!(
        code(&format!("统一社会信用代码：9|{}", &boxes[2..])),
        at("91220106MA0000429W", "A4")
    );
    assert_eq!(code("统一社会信用代码：|91220106|MA0000429W"), at("91220106MA0000429W", "B4"));
}

#[test]
fn a_wrong_code_is_handed_on_as_typed() {
    assert_eq!(code("统一社会信用代码：9122010|||||文号：国统字〔2023〕88号"), at("9122010", "A4"));
    assert_eq!(code("统一社会信用代码：|9122010"), at("9122010", "B4"));
    assert_eq!(code("统一社会信用代码：|9|1|2|2"), at("9122", "B4"));
    assert_eq!(code("统一社会信用代码：|无代码"), at("无代码", "B4"));
}

#[test]
fn a_missing_code_is_nothing_and_not_the_next_field() {
    assert_eq!(code("统一社会信用代码：|||||文    号：国统字〔2023〕88号"), None);
    assert_eq!(code("统一社会信用代码："), None);
}

#[test]
fn the_code_of_the_firm_supplied_is_not_the_senders() {
    let rows = "
产业链配套情况
|||||表号：LY-01表
序号|配套对象名称|配套对象统一社会信用代码|计量单位|本年||上年同期
||||本月|1-本月|本月|1-本月
1|某公司|91220106MA0000015Q|千元|1|2|3|4
";
    let report = report(&crate::support::workbook::Book::of(rows));
    assert_eq!(report.credit_code, None);
    assert_eq!(report.figures.len(), 4);
}

fn period(line: &str) -> Option<(String, String)> {
    let found = report(&b204(&[(NAME, line)])).period?;
    Some((found.value.to_string(), found.cell.to_string()))
}

#[test]
fn the_month_in_all_its_spellings() {
    for typed in [
        "2024 年 7 月",
        "２０２４年０７月",
        "2024-07",
        "2024年1-7月",
        "2024年1—7月",
        "2024/7",
        "2024.07",
        "2024年1月-7月",
        "2024年1至7月",
        "二〇二四年七月",
        "二○二四年七月",
        "'2024-07-01",
        "@2024-07-01",
        "（2024年7月）",
        "报告期：2024年7月",
        "2 0 2 4 年 0 7 月",
        "2024年/7月",
    ] {
        assert_eq!(period(&format!("单位详细名称：甲|||{typed}")), at("2024-07", "D5"), "{typed}");
    }
    assert_eq!(period("单位详细名称：甲|||二〇二四年十二月"), at("2024-12", "D5"));
    assert_eq!(period("单位详细名称：甲|||2024年十月"), at("2024-10", "D5"));
}

#[test]
fn a_month_spread_over_cells_is_one_month() {
    assert_eq!(period("单位详细名称：甲|2024|年|7|月"), at("2024-07", "B5"));
    assert_eq!(period("单位详细名称：甲|'2024|年|'07|月|有效期至：2025年1月"), at("2024-07", "B5"));
    assert_eq!(period("单位详细名称：甲||2024年|7月"), at("2024-07", "C5"));
    assert_eq!(period("单位详细名称：甲||2024年|1-7月"), at("2024-07", "C5"));
}

#[test]
fn no_other_date_is_taken_for_the_month() {
    for line in [
        "单位详细名称：甲|||||有效期至：2025年1月",
        "单位详细名称：甲||||有效期至：|2025年1月",
        "单位详细名称：甲||有效期至|2025|年|1|月",
        "单位详细名称：甲|||　年　月",
        "单位详细名称：甲|||2024年13月",
        "单位详细名称：甲|||2024年7月31日",
        "单位详细名称：甲|||1024年7月",
        "单位详细名称：甲|||2024-07-31",
        "单位详细名称：甲|报出日期：2024年8月6日",
    ] {
        assert_eq!(period(line), None, "{line}");
    }
}

#[test]
fn the_month_may_stand_in_the_title() {
    let changes = [
        ("工业产销总值及主要产品产量\n", "2024年7月工业产销总值及主要产品产量\n"),
        (NAME, "单位详细名称：甲"),
    ];
    let found = report(&b204(&changes)).period.unwrap();
    assert_eq!(
        (found.value.to_string().as_str(), found.cell.to_string().as_str()),
        ("2024-07", "A1")
    );
}

fn name(line: &str) -> Option<(String, String)> {
    let found = report(&b204(&[(NAME, line)])).firm_name?;
    Some((found.value, found.cell.to_string()))
}

#[test]
fn the_name_stands_behind_its_label_or_beside_it() {
    assert_eq!(name("单位详细名称：示例 A 公司"), at("示例 A 公司", "A5"));
    assert_eq!(name("单位详细名称|示例公司"), at("示例公司", "B5"));
    assert_eq!(name("单位名称（盖章）：示例公司"), at("示例公司", "A5"));
    assert_eq!(name("单 位 详 细 名 称 ：示 例 公 司"), at("示例公司", "A5"));
    assert_eq!(name("单位详细名称：____示例公司____"), at("示例公司", "A5"));
    assert_eq!(name("单位详细名称：|||2024年7月"), None, "the month is no name");
    assert_eq!(name("单位详细名称："), None);
}

#[test]
fn the_explanation_is_kept_and_an_empty_one_is_none() {
    let explanation = |line: &str| {
        report(&b204(&[("核实说明：", line)]))
            .explanation
            .map(|found| (found.value, found.cell.to_string()))
    };
    assert_eq!(explanation("核实说明：订单增加，新线  投产。"), at("订单增加,新线 投产。", "A18"));
    assert_eq!(explanation("核实说明：|订单增加"), at("订单增加", "B18"));
    assert_eq!(explanation("核实说明：\n订单增加：新线投产"), at("订单增加:新线投产", "A19"));
    assert_eq!(explanation("核实说明：|见下\n订单增加"), at("见下", "B18"));
    // the next line of the form itself, a blank line between
    assert_eq!(explanation("核实说明：\n2.本表由统计机构复制"), None);
    assert_eq!(explanation("核实说明：\n \n订单增加"), None);
    assert_eq!(explanation("核实说明：无"), None);
    assert_eq!(explanation("核实说明：　　"), None);
}

#[test]
fn the_day_of_reporting() {
    let day = |line: &str| {
        report(&b204(&[("报出日期：2024 年 8 月 6 日", line)]))
            .reported_on
            .map(|found| found.value.to_string())
    };
    let right = Some("2024-08-06".to_owned());
    assert_eq!(day("报出日期：2024-08-06"), right);
    assert_eq!(day("报出日期：|2024|年|8|月|6|日"), right);
    assert_eq!(day("报出日期：|@2024-08-06"), right);
    assert_eq!(day("报出日期：   年  月  日"), None);
    assert_eq!(day("报出日期：2024年8月32日"), None);
}

#[test]
fn the_document_number_is_compared_squeezed() {
    let changed = CODE.replace("文    号：国统字〔2023〕88号", "文号：| 国统字 〔２０２３〕 88 号");
    let report = report(&b204(&[(CODE, &changed)]));
    let document = report.document.unwrap();
    assert_eq!(
        (document.value.as_str(), document.cell.to_string().as_str()),
        ("国统字〔2023〕88号", "G4")
    );
}

#[test]
fn fields_below_the_table_are_found() {
    let changes = [(CODE, " "), ("核实说明：", "核实说明：\n统一社会信用代码：91220106MA0000429W")];
    let report = report(&b204(&changes));
    assert_eq!(report.credit_code.unwrap().cell.to_string(), "A19");
    assert_eq!(report.findings, []);
    assert_eq!(findings(&super::report(&b204(&[]))), Vec::<String>::new());
}
