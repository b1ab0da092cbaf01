//! Papers as workbooks: sheets, blocks side by side, and the bureau's export.

use std::fmt::Write;

use super::chance::Chance;
use super::months::{Month, number, year};
use super::paper::{Four, Paper};
use super::plan::Shape;
use super::town::{FormNo, Town};
use crate::support::workbook::{Book, shifted};

/// A workbook of papers and the name it is sent under.
pub(super) fn workbook(
    papers: &[&Paper],
    shape: Shape,
    town: &Town,
    seed: u64,
) -> (String, Vec<u8>) {
    let mut dice = Chance::new(seed);
    // Another month than the heading's is said by the file's name or by the sheet's.
    let is_said_by_sheet = dice.often(40);
    let file = file_name(papers, (shape, is_said_by_sheet), &mut dice);
    let bytes = match shape {
        Shape::Export => export(papers, town),
        Shape::Beside => Book::of(&beside(
            &sheet(papers[0], town, &mut dice),
            &sheet(papers[1], town, &mut dice),
        )),
        Shape::Sheets => {
            let mut book = Book::new();
            for (place, paper) in papers.iter().enumerate() {
                let rows = sheet(paper, town, &mut dice);
                let (down, right) = dice.pick(&[(0, 0), (0, 0), (1, 0), (2, 1)]);
                let name = if dice.often(50) { "表".to_owned() } else { month_text(paper.month) };
                let name = match paper.named {
                    Some(named) if is_said_by_sheet => month_text(named),
                    Some(_) => "表".to_owned(),
                    None => name,
                };
                book = book.sheet(&format!("{name}_{}", place + 1), &shifted(&rows, down, right));
            }
            book.bytes()
        }
    };
    (file, bytes)
}

fn month_text(month: Month) -> String {
    format!("{}年{}月", year(month), number(month))
}

fn file_name(
    papers: &[&Paper],
    (shape, is_said_by_sheet): (Shape, bool),
    dice: &mut Chance,
) -> String {
    let form = papers[0].draft.form.text();
    match (papers, shape) {
        (_, Shape::Export) => "全区导出.xlsx".to_owned(),
        ([paper], _) => match paper.named {
            Some(_) if is_said_by_sheet => format!("{} {form}.xlsx", paper.name),
            Some(named) => format!("{}{} {form}.xlsx", month_text(named), paper.name),
            None if dice.often(50) => format!("{} {}.xlsx", month_text(paper.month), paper.name),
            None => format!("{} {form}.xlsx", paper.name),
        },
        // A file's name speaks only for a workbook with one report.
        ([paper, ..], _) if dice.often(40) => format!("{}报表.xlsx", month_text(paper.month)),
        _ => format!("{form} 报表.xlsx"),
    }
}

/// Yuan in 千元, or in 万元.
fn typed(cell: Option<i64>, unit: i64) -> String {
    let Some(yuan) = cell else { return String::new() };
    let digits = if unit == 1000 { 3 } else { 4 };
    let text = format!("{}.{:0digits$}", yuan / unit, yuan % unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn row(label: &str, code: &str, four: Option<&Four>, unit: (i64, &str)) -> String {
    let cells: Vec<String> =
        four.unwrap_or(&[None; 4]).iter().map(|cell| typed(*cell, unit.0)).collect();
    format!("{label}|{}|{code}|{}\n", unit.1, cells.join("|"))
}

/// A form as firms fill it.
fn sheet(paper: &Paper, town: &Town, dice: &mut Chance) -> String {
    let unit = dice.pick(&[(1000, "千元"), (1000, "千元"), (10_000, "万元")]);
    let (title, number, document, label, code) = match paper.draft.form {
        FormNo::B204 => (
            "工业产销总值及主要产品产量",
            "B 2 0 4 - 1 表",
            "国统字〔2023〕88号",
            "指标名称",
            "代码",
        ),
        FormNo::Ly01 => (
            "产业链配套情况",
            "LY-01表",
            "绿工信〔2023〕12号",
            "配套对象名称",
            "配套对象统一社会信用代码",
        ),
        FormNo::Ly02 => ("龙头企业采购情况", "LY-02表", "绿工信〔2023〕12号", "指标名称", "代码"),
    };
    let base = if town.bears_base(paper.draft.form, false) {
        "上年同期\n|||本月|1-本月|本月|1-本月\n甲|乙|丙|1|2|3|4"
    } else {
        "\n|||本月|1-本月\n甲|乙|丙|1|2"
    };
    let document = if paper.is_known_edition { document } else { "国统字〔2031〕7号" };
    let mut text = format!(
        "{title}\n|||||表    号：{number}\n|||||制定机关：国 家 统 计 局\n\
         统一社会信用代码：{}|||||文    号：{document}\n\
         单位详细名称：{}|||{} 年 {} 月\n\
         {label}|计量单位|{code}|本年||{base}\n",
        paper.code,
        paper.name,
        year(paper.month),
        self::number(paper.month),
    );
    text.push_str(&body(paper, town, unit));
    text.push_str("单位负责人：||统计负责人：\n");
    let why = if paper.is_explained { "生产安排按合同调整，情况属实" } else { "" };
    write!(text, "核实说明：{why}").unwrap();
    text
}

fn body(paper: &Paper, town: &Town, unit: (i64, &str)) -> String {
    let get = |item: &str| paper.rows.get(item);
    let open = |prefix: &'static str| {
        paper.rows.iter().filter_map(move |(item, four)| Some((item.strip_prefix(prefix)?, four)))
    };
    let mut text = String::new();
    match paper.draft.form {
        FormNo::B204 => {
            text.push_str(&row("一、工业总产值(当年价格)", "'01", get("output"), unit));
            text.push_str(&row("    工业销售产值(当年价格)", "'03", get("sales"), unit));
            text.push_str(&row("      其中:出口交货值", "'04", get("exports"), unit));
            text.push_str("二、工业总产值(当年价格)按工业行业小类分|-|-\n");
            for (code, four) in open("industry:") {
                text.push_str(&row("行业", &format!("'{code}"), Some(four), unit));
            }
            text.push_str("三、主要工业产品产量\n");
        }
        FormNo::Ly01 => {
            for (code, four) in open("supply:") {
                let known = town.firms.get(code).and_then(|stays| stays.last());
                let name = known.map_or("区外用户", |stay| &stay.name);
                text.push_str(&row(name, code, Some(four), unit));
            }
        }
        FormNo::Ly02 => {
            text.push_str(&row("采购总额", "'01", get("purchases"), unit));
            text.push_str(&row("其中:本地采购额", "'02", get("local_purchases"), unit));
        }
    }
    text
}

/// Two forms beside each other, a column between them.
fn beside(left: &str, right: &str) -> String {
    let right: Vec<&str> = right.lines().collect();
    let count = left.lines().count().max(right.len());
    let left: Vec<&str> = left.lines().collect();
    let line = |place: usize| {
        let left = left.get(place).copied().unwrap_or("");
        let blanks = "|".repeat(8 - left.matches('|').count());
        format!("{left}{blanks}{}", right.get(place).copied().unwrap_or(""))
    };
    (0..count).map(line).collect::<Vec<_>>().join("\n")
}

/// The bureau's export of a month.
fn export(papers: &[&Paper], town: &Town) -> Vec<u8> {
    let items = [
        ("工业总产值(当年价格)", "output"),
        ("工业销售产值(当年价格)", "sales"),
        ("出口交货值", "exports"),
    ];
    let all = [("本年-本月", 0), ("本年-1—本月", 1), ("上年-本月", 2), ("上年-1—本月", 3)];
    let measures = if town.exports_bear_base { &all[..] } else { &all[..2] };
    let mut text =
        "处理地编码|统一社会信用代码|单位详细名称|201-1-行业代码（GB/T4754-2017）|201-1-单位规模"
            .to_owned();
    for (label, _) in items {
        for (measure, _) in measures {
            write!(text, "|{label};{measure}").unwrap();
        }
    }
    for paper in papers {
        let industry = town.stay(&paper.code, paper.month).map_or("", |stay| stay.industry);
        write!(text, "\n220106|{}|{}|'{industry}|3", paper.code, paper.name).unwrap();
        for (_, item) in items {
            for (_, place) in measures {
                let cell = paper.rows.get(item).and_then(|four| four[*place]);
                write!(text, "|{}", typed(cell, 1000)).unwrap();
            }
        }
    }
    text.push_str("\n|合计||||||||\n");
    Book::new().sheet(&month_text(papers[0].month), &text).bytes()
}
