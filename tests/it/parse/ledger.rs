//! Ledgers as people keep them: days and amounts in every dress, rows twice, headings amiss.

use std::fmt::Write as _;

use yuebao::domain::cell::Cell;
use yuebao::findings::Severity;
use yuebao::stages::parse::Report;

use super::{book_findings, findings, read, report};
use crate::support::workbook::{Book, shifted};

const HEAD: &str = "\
重点项目台账
||||||||||表    号：L Y - 0 4 表
统一社会信用代码：11220106MB1234567A||||||||||文    号：绿工信〔2023〕12号
单位详细名称：绿园区工业和信息化局|||2024 年 7 月||||||||有效期至：2 0 2 5 年 1 月
";
const HEADINGS: &str = "项目编号|项目名称|统一社会信用代码|项目单位|类型|所属产业链|总投资(万元)|达产年产值(万元)|阶段|签约日期|开工日期|投产日期";

/// A ledger of projects with some rows.
fn ledger(rows: &str) -> String {
    format!(
        "{HEAD}{HEADINGS}\n{rows}\n填表人：||联系电话：\n核实说明：日期以合同为准，已核实无误\n"
    )
}

fn projects(rows: &str) -> Report {
    report(&Book::of(&ledger(rows)))
}

/// What stands in some columns of each record; `.` for nothing.
fn said(report: &Report, columns: &str) -> Vec<String> {
    let row = |record: &yuebao::stages::parse::LedgerRecord| {
        let of = |column| record.get(column).map_or(".".to_owned(), ToString::to_string);
        columns.split(' ').map(of).collect::<Vec<_>>().join(" ")
    };
    report.records.iter().map(row).collect()
}

#[test]
fn a_day_is_a_day_however_it_is_typed() {
    for typed in [
        "@2024-07-05",
        "'2024-07-05",
        "'2024.7.5",
        "'2024年7月5日",
        "'2024/7/5",
        "'２０２４．７．５",
        "'20240705",
        "20240705",
        "' 2024-7-5 00:00:00",
        "'二〇二四年七月五日",
    ] {
        let report = projects(&format!("XM-1|甲|||招商引资|||||{typed}"));
        assert_eq!(said(&report, "signed_on"), ["2024-07-05"], "{typed}");
    }
    for typed in [
        "'七月",
        "'2024.7",
        "'2024-13-05",
        "'2024-02-30",
        "45",
        "'5/7/2024",
        "@1905-07-16",
        "#REF!",
    ] {
        let report = projects(&format!("XM-1|甲|||招商引资|||||{typed}"));
        assert_eq!(said(&report, "signed_on"), ["."], "{typed}");
        assert_eq!(findings(&report), ["L2@I6", "L2@J6"], "{typed}: the stage is blank as well");
    }
}

#[test]
fn amounts_take_the_unit_of_cell_heading_and_form() {
    let report = projects(
        "XM-1|甲|||招商引资||'120,000|３３亿元|签约\nXM-2|乙|||招商引资||'5000万元|—|签约\nXM-3|丙|||招商引资||约五千|无|签约",
    );
    let yuan = ["1200000000 3300000000", "50000000 .", ". ."];
    assert_eq!(said(&report, "investment output_at_capacity"), yuan);
    assert_eq!(findings(&report), ["H3@G8"]);
    let other = ledger("XM-1|甲|||招商引资||1.2|||签约").replace("总投资(万元)", "总投资（亿元）");
    assert_eq!(said(&report_of(&other), "investment"), ["120000000"]);
}

fn report_of(rows: &str) -> Report {
    report(&Book::of(rows))
}

#[test]
fn a_code_is_one_of_its_words_and_a_blank_mark_is_nothing() {
    let report = projects("XM-1|甲|—|无|六 个 回 归||||在建\nXM-2|乙|9122|/|其他||||停工");
    assert_eq!(
        said(&report, "credit_code firm_name kind stage"),
        [". . returning building", ". . . ."]
    );
    assert_eq!(findings(&report), ["L2@C7", "L2@E7", "L2@I7"]);
    let stage = report.findings.iter().find(|it| it.cell == Some(Cell::new(6, 8))).unwrap();
    assert_eq!(stage.message.zh, "“阶段”无法识别，应为：在建、投产、签约");
    assert_eq!(stage.item.as_deref(), Some("XM-2"));
}

#[test]
fn the_same_row_twice_is_one_and_a_contradiction_is_an_error_of_both() {
    let row = "XM-1|甲|||招商引资||100||签约";
    let report = projects(&format!(
        "{row}\n{row}\nXM-2|乙|||招商引资||100||签约\nXM-2|乙|||招商引资||200||签约"
    ));
    assert_eq!(said(&report, "project_no investment"), ["XM-1 1000000", "XM-2 1000000"]);
    assert_eq!(findings(&report), ["L1@A7", "L1@A8", "L1@A9"]);
    let severities: Vec<Severity> = report.findings.iter().map(|it| it.severity).collect();
    assert_eq!(severities, [Severity::Note, Severity::Error, Severity::Error]);
}

#[test]
fn a_visit_is_a_day_a_leader_and_a_firm_whatever_stands_beside() {
    let visits = "走访服务台账\n统一社会信用代码：11220106MB1234567A\n|2024年7月\n走访日期|区级领导|统一社会信用代码|企业名称|事项
2024.7.5|区领导01|91220106MA0000429W|示例轨道配件有限公司|用工
@2024-07-05|区领导 01|91220106ma0000429w|示例轨道配件|融资
|区领导02|91220106MA0000429W\n2024.7.6|区领导02||示例轨道配件有限公司";
    let report = report(&Book::of(visits));
    assert_eq!(report.form, "LY-05");
    assert_eq!(findings(&report), ["L2@A7", "L2@C8", "L1@A6"]);
    assert_eq!(said(&report, "visited_on leader matter"), ["2024-07-05 区领导01 用工"]);
}

#[test]
fn headings_may_stand_anywhere_and_again_on_the_next_page() {
    let rows = format!(
        "XM-1|甲|||招商引资||100||签约\n{HEADINGS}\nXM-2|乙|||招商引资||100||签约\n合计||||||200"
    );
    for (down, right) in [(0, 0), (7, 3)] {
        let report = report_of(&shifted(&ledger(&rows), down, right));
        assert_eq!(said(&report, "project_no"), ["XM-1", "XM-2"], "{down} {right}");
        assert_eq!(findings(&report), Vec::<String>::new());
        assert_eq!(report.explanation.unwrap().value, "日期以合同为准,已核实无误");
    }
    // Columns in another order, and one that the form does not have.
    let turned = format!(
        "{HEAD}阶段|项目编号|备注|项目名称|统一社会信用代码|项目单位|类型|所属产业链|总投资|达产年产值|签约日期|开工日期|投产日期\n签约|XM-1|急|甲|||招商引资\n"
    );
    let report = report_of(&turned);
    assert_eq!(said(&report, "project_no project_name stage"), ["XM-1 甲 signed"]);
    assert_eq!(findings(&report), Vec::<String>::new());
}

#[test]
fn columns_that_are_missing_or_there_twice_are_errors() {
    let missing = ledger("XM-1|甲|||招商引资||100||签约").replace("|签约日期|", "|签订时间|");
    assert_eq!(findings(&report_of(&missing)), ["H3"]);
    let twice = ledger("XM-1|甲|||招商引资||100||签约").replace("开工日期", "签约日期");
    assert_eq!(findings(&report_of(&twice)), ["H3@K5", "H3"]);
}

#[test]
fn an_empty_ledger_is_no_report() {
    let book = read(&Book::of(&ledger("")));
    assert_eq!((book.reports.len(), book_findings(&book)), (0, vec!["F08@D4".to_owned()]));
}

#[test]
fn what_a_merge_hides_is_missed_and_a_hidden_sheet_is_not_read() {
    let rows = ledger("XM-1|甲|||招商引资||100||签约\nXM-2|乙|||招商引资||100||签约");
    let merged = Book::new().shaped("台账", &rows, |sheet| {
        let format = rust_xlsxwriter::Format::new();
        sheet.merge_range(5, 1, 6, 1, "甲", &format).unwrap();
    });
    assert_eq!(findings(&report(&merged.bytes())), ["L2@B7"]);
    let hidden = Book::new().sheet("说明", "台账").shaped("台账", &rows, |sheet| {
        sheet.set_hidden(true);
    });
    assert_eq!(read(&hidden.bytes()).reports, []);
}

#[test]
fn twenty_thousand_rows_are_read_and_rows_without_a_number_named() {
    let mut rows = String::new();
    for number in 0..20_000 {
        let key = if number % 1000 == 7 { String::new() } else { format!("XM-{number}") };
        writeln!(rows, "{key}|项目{number}|||招商引资||||签约|2024-07-05").unwrap();
    }
    let forms = super::forms();
    let limits = yuebao::project::settings::Limits {
        file_bytes: 64_000_000,
        cells: 2_000_000,
        ..super::limits()
    };
    let book = yuebao::stages::parse::read(&Book::of(&ledger(rows.trim_end())), &forms, &limits);
    let report = &book.reports[0];
    assert_eq!(report.records.len(), 19_980);
    let missing = report.findings.iter().filter(|it| it.message.zh.contains("项目编号"));
    assert_eq!(missing.count(), 20);
}
