//! The printed forms: where a clean sheet bears what.
//!
//! In: a report. Out: the cells of its sheet, each with the part it plays, so that whoever makes a
//! mess of the sheet knows what to touch. Nothing can go wrong.

use rust_decimal::Decimal;

use crate::domain::measure::Measure;

use super::lines::Kind;
use super::plan::{Line, Report};

/// One sheet before it is written.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    /// Its name.
    pub(super) name: String,
    /// Whether it is hidden.
    pub(super) is_hidden: bool,
    /// Its cells, in any order.
    pub(super) cells: Vec<Cell>,
}

/// One cell, or a merged range by its first cell.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    /// Zero-based row.
    pub(super) row: u32,
    /// Zero-based column.
    pub(super) column: u16,
    /// Rows and columns it spans.
    pub(super) span: (u32, u16),
    /// The part it plays.
    pub(super) role: Role,
    /// What stands in it.
    pub(super) content: Content,
}

/// The part a cell plays on the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The form's title.
    Title,
    /// Text outside the table.
    Text,
    /// Label and credit code in one cell.
    CreditCode,
    /// A heading of the table.
    Heading,
    /// A row's label.
    Label,
    /// A row's unit.
    Unit,
    /// A row's code.
    Code,
    /// A figure, or its empty place.
    Figure {
        /// Whether it is money.
        is_money: bool,
    },
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Nothing but a border.
    Empty,
    /// Text.
    Text(String),
    /// A number.
    Number(Decimal),
    /// A formula with the result Excel stored.
    Formula(String, Decimal),
}

/// Document number and expiry of each edition as printed on B204-1.
fn edition(year: i32) -> (&'static str, &'static str) {
    match year {
        ..=2023 => ("国统字〔2022〕90号", "2 0 2 4 年 1 月"),
        2024 => ("国统字〔2023〕88号", "2 0 2 5 年 1 月"),
        _ => ("国统字〔2024〕93号", "2 0 2 6 年 1 月"),
    }
}

const NOTES: [&str; 4] = [
    "说明：1.统计范围：辖区内规模以上工业法人单位。",
    "2.本表“上年同期”数据由统计机构复制，调查单位原则上不得修改。",
    "3.主要审核关系：(1)工业销售产值(03)≥其中：出口交货值(04)；(2)工业总产值(01)=按工业行业小类分各行之和。",
    "示例数据（合成）：本表为软件演示而生成，不是任何企业的真实数据。",
];

/// A clean sheet of a report.
pub(super) fn lay_out(report: &Report) -> Sheet {
    let mut page = Page { cells: Vec::new(), row: 0 };
    page.head(report);
    page.table(report);
    page.foot(report);
    Sheet { name: report.kind.form().to_owned(), is_hidden: false, cells: page.cells }
}

struct Page {
    cells: Vec<Cell>,
    row: u32,
}

/// The first column of figures: LY-01 numbers its rows, so everything stands one further right.
fn first_figure(kind: Kind) -> u16 {
    if kind == Kind::Supply { 4 } else { 3 }
}

impl Page {
    fn put(&mut self, place: (u32, u16), span: (u32, u16), role: Role, text: &str) {
        let content = if text.is_empty() { Content::Empty } else { Content::Text(text.to_owned()) };
        let (row, column) = place;
        self.cells.push(Cell { row, column, span, role, content });
    }

    fn head(&mut self, report: &Report) {
        let (title, number, maker) = match report.kind {
            Kind::Output => ("工业产销总值及主要产品产量", "B 2 0 4 - 1 表", "国 家 统 计 局"),
            Kind::Supply => ("产业链配套情况", "L Y - 0 1 表", "绿 园 区 工 业 和 信 息 化 局"),
            Kind::Purchases => {
                ("龙头企业采购情况", "L Y - 0 2 表", "绿 园 区 工 业 和 信 息 化 局")
            }
        };
        let (document, expiry) = edition(report.period.year());
        let document =
            if report.kind == Kind::Output { document } else { "绿工信〔2023〕12号" };
        let figures = first_figure(report.kind);
        let right = figures + 2;
        self.put((0, 0), (1, figures + 4), Role::Title, title);
        self.put((1, right), (1, 1), Role::Text, &format!("表    号：{number}"));
        self.put((2, right), (1, 1), Role::Text, &format!("制定机关：{maker}"));
        let code = format!("统一社会信用代码：{}", report.credit_code);
        self.put((3, 0), (1, 3), Role::CreditCode, &code);
        self.put((3, right), (1, 1), Role::Text, &format!("文    号：{document}"));
        let name = format!("单位详细名称：{}", report.firm_name);
        self.put((4, 0), (1, 3), Role::Text, &name);
        let month = format!("{} 年 {} 月", report.period.year(), report.period.month());
        self.put((4, 3), (1, 1), Role::Text, &month);
        self.put((4, right), (1, 1), Role::Text, &format!("有效期至：{expiry}"));
        self.headings(report.kind);
    }

    fn headings(&mut self, kind: Kind) {
        let columns: &[&str] = match kind {
            Kind::Supply => &["序号", "配套对象名称", "配套对象统一社会信用代码", "计量单位"],
            Kind::Output | Kind::Purchases => &["指标名称", "计量单位", "代码"],
        };
        for (heading, column) in columns.iter().zip(0..) {
            self.put((5, column), (2, 1), Role::Heading, heading);
        }
        let figures = first_figure(kind);
        for (group, at) in ["本年", "上年同期"].into_iter().zip([figures, figures + 2]) {
            self.put((5, at), (1, 2), Role::Heading, group);
            self.put((6, at), (1, 1), Role::Heading, "本月");
            self.put((6, at + 1), (1, 1), Role::Heading, "1-本月");
        }
        self.row = 7;
        if kind == Kind::Output {
            for (letter, column) in ["甲", "乙", "丙", "1", "2", "3", "4"].into_iter().zip(0..) {
                self.put((7, column), (1, 1), Role::Heading, letter);
            }
            self.row = 8;
        }
    }

    fn table(&mut self, report: &Report) {
        if report.kind != Kind::Output {
            for (line, nth) in report.lines.iter().zip(1_i64..) {
                self.line(report.kind, line, nth);
            }
            return;
        }
        let section = |head: &str| -> Vec<&Line> {
            let is_of = |line: &&Line| line.item.split(':').next() == Some(head);
            report.lines.iter().filter(is_of).collect()
        };
        for item in ["output", "sales", "exports"] {
            for line in section(item) {
                self.line(report.kind, line, 0);
            }
        }
        self.put((self.row, 0), (1, 1), Role::Label, "二、工业总产值(当年价格)按工业行业小类分");
        self.put((self.row, 1), (1, 1), Role::Text, "-");
        self.put((self.row, 2), (1, 1), Role::Text, "-");
        self.row += 1;
        for line in section("industry") {
            self.line(report.kind, line, 0);
        }
        self.put((self.row, 0), (1, 1), Role::Label, "三、主要工业产品产量");
        self.row += 1;
        for line in section("product") {
            self.line(report.kind, line, 0);
        }
    }

    fn line(&mut self, kind: Kind, line: &Line, nth: i64) {
        let row = self.row;
        let mut texts = vec![
            (Role::Label, line.label.as_str()),
            (Role::Unit, line.unit),
            (Role::Code, line.code.as_str()),
        ];
        if kind == Kind::Supply {
            texts.swap(1, 2);
            let content = Content::Number(Decimal::from(nth));
            self.cells.push(Cell { row, column: 0, span: (1, 1), role: Role::Text, content });
        }
        let figures = first_figure(kind);
        for ((role, text), column) in texts.into_iter().zip(figures - 3..) {
            self.put((row, column), (1, 1), role, text);
        }
        let decimals = u32::from(!line.is_money());
        for (measure, column) in Measure::ALL.into_iter().zip(figures..) {
            let number = line.value(measure).map(|value| Decimal::new(value, decimals).normalize());
            let content = number.map_or(Content::Empty, Content::Number);
            let role = Role::Figure { is_money: line.is_money() };
            self.cells.push(Cell { row, column, span: (1, 1), role, content });
        }
        self.row += 1;
    }

    fn foot(&mut self, report: &Report) {
        let row = self.row;
        let people = ["单位负责人：", "统计负责人：", "填表人：", "联系电话："];
        for (text, column) in people.into_iter().zip(0..) {
            self.put((row, column), (1, 1), Role::Text, text);
        }
        let day = report.reported_on.format("报出日期：%Y 年 %-m 月 %-d 日").to_string();
        self.put((row, 5), (1, 1), Role::Text, &day);
        let why = format!("核实说明：{}", report.explanation);
        self.put((row + 1, 0), (1, 1), Role::Text, &why);
        for (note, row) in NOTES.into_iter().zip(row + 2..) {
            self.put((row, 0), (1, 1), Role::Text, note);
        }
    }
}
