//! Tests of parse: from bytes to reports.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use yuebao::project::files::Texts;
use yuebao::project::forms::Form;
use yuebao::project::settings::Limits;
use yuebao::stages::parse::{self, Book, Figure, Report};

mod archives;
mod blocks;
mod columns;
mod export;
mod formats;
mod header;
mod ledger;
mod merges;
mod numbers;
mod plain;
mod rows;
mod specimens;
mod stack;
mod texts;

/// The shipped forms.
fn forms() -> BTreeMap<String, Form> {
    let texts = Texts::read(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    Form::read_all(&texts, &mut Vec::new())
}

/// Limits a test can reach.
fn limits() -> Limits {
    Limits { file_bytes: 4_000_000, sheets: 8, cells: 20_000, text_chars: 2_000 }
}

fn read(bytes: &[u8]) -> Book {
    parse::read(bytes, &forms(), &limits())
}

/// The one report of a workbook.
fn report(bytes: &[u8]) -> Report {
    let book = read(bytes);
    assert_eq!(book.reports.len(), 1, "{book:#?}");
    book.reports.into_iter().next().unwrap()
}

fn fixture(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    std::fs::read(path).unwrap()
}

/// `output.month=12034千元@D9`.
fn line(figure: &Figure) -> String {
    let Figure { item, measure, number, unit, cell } = figure;
    format!("{item}.{}={number}{}@{cell}", measure.name(), unit.name())
}

fn lines(report: &Report) -> Vec<String> {
    report.figures.iter().map(line).collect()
}

/// The figures of one item as `month ytd prior_month prior_ytd`, `.` for none, in canonical units.
fn values(report: &Report, item: &str) -> String {
    let of = |measure| {
        let mut figures = report.figures.iter().filter(|figure| figure.item == item);
        let figure = figures.find(|figure| figure.measure == measure);
        figure.map_or(".".to_owned(), |figure| figure.canonical().normalize().to_string())
    };
    yuebao::domain::measure::Measure::ALL.map(of).join(" ")
}

/// `H3.number`-like ids with their places: `H3@D9`.
fn findings(report: &Report) -> Vec<String> {
    report.findings.iter().map(place).collect()
}

fn book_findings(book: &Book) -> Vec<String> {
    book.findings.iter().map(place).collect()
}

fn place(finding: &yuebao::findings::Finding) -> String {
    match finding.cell {
        Some(cell) => format!("{}@{cell}", finding.code),
        None => finding.code.clone(),
    }
}

/// B204-1 as firms get it, filled.
const B204: &str = "
工业产销总值及主要产品产量
|||||表    号：B 2 0 4 - 1 表
|||||制定机关：国 家 统 计 局
统一社会信用代码：91220106MA0000429W|||||文    号：国统字〔2023〕88号
单位详细名称：示例轨道配件有限公司|||2024 年 7 月||有效期至：2 0 2 5 年 1 月
指标名称|计量单位|代码|本年||上年同期
|||本月|1-本月|本月|1-本月
甲|乙|丙|'1|'2|'3|'4
一、工业总产值(当年价格)|千元|'01|12034|80312|11050|74021
    工业销售产值(当年价格)|千元|'03|11800|79000|10990|73800
      其中:出口交货值|千元|'04|0|1200|0|900
二、工业总产值(当年价格)按工业行业小类分|-|-
高铁设备、配件制造|千元|'3714|9034|60312|8050|55021
汽车零部件及配件制造|千元|'3670|3000|20000|3000|19000
三、主要工业产品产量
铁路机车配件|吨|'37150|12.5|80.2|11|75
单位负责人：|统计负责人：|填表人：|联系电话：||报出日期：2024 年 8 月 6 日
核实说明：
说明：1.统计范围：辖区内规模以上工业法人单位。
";

/// B204-1 with some lines replaced: the form is the same but for what a test is about.
fn b204(changes: &[(&str, &str)]) -> Vec<u8> {
    crate::support::workbook::Book::of(&b204_text(changes))
}

fn b204_text(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(B204.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "nothing to replace: {from}");
        text.replace(from, to)
    })
}
