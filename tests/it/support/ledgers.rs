//! The bureau's ledgers: a scene that takes them in, and ledgers of a few rows of text.

use super::scene::Scene;
use super::workbook::Book;

/// The bureau's code, as `jobs/pipeline.toml` ships it.
pub(crate) const BUREAU: &str = "11220106MB1234567A";

/// Two leaders, of whom one left in June.
pub(crate) const LEADERS: &str = "leader,name,position,from,to
区领导01,示例领导01,区长,2023-01,
区领导02,示例领导02,副区长,2023-01,2024-06
";

/// The small district with the forms of ledgers, their rules and two leaders.
pub(crate) fn scene() -> Scene {
    let scene = Scene::new();
    for form in ["LY-03", "LY-04", "LY-05"] {
        scene.ship(&format!("forms/{form}.toml"));
        scene.ship(&format!("rules/{form}.toml"));
    }
    scene.seed("leaders.csv", LEADERS);
    scene
}

/// A ledger of a month with some rows, which begin in row 6.
pub(crate) fn text(form: &str, (year, month): (i32, u32), rows: &str) -> String {
    let (title, headings) = match form {
        "LY-03" => (
            "企业诉求台账",
            "诉求编号|统一社会信用代码|企业名称|提出日期|类别|内容|层级|责任单位|办结时限|办结日期|结果|满意度",
        ),
        "LY-04" => (
            "重点项目台账",
            "项目编号|项目名称|统一社会信用代码|项目单位|类型|所属产业链|总投资(万元)|达产年产值(万元)|阶段|签约日期|开工日期|投产日期",
        ),
        _ => ("走访服务台账", "走访日期|区级领导|统一社会信用代码|企业名称|事项"),
    };
    format!(
        "{title}\n|||表号：{form}表\n统一社会信用代码：{BUREAU}|||文号：绿工信〔2023〕12号
单位详细名称：绿园区工业和信息化局|||{year}年{month}月\n{headings}\n{rows}\n"
    )
}

/// The same as a workbook.
pub(crate) fn of(form: &str, month: (i32, u32), rows: &str) -> Vec<u8> {
    Book::of(&text(form, month, rows))
}

/// A ledger of requests of a month of 2024.
pub(crate) fn requests(month: u32, rows: &str) -> Vec<u8> {
    of("LY-03", (2024, month), rows)
}

/// A ledger of projects of a month of 2024.
pub(crate) fn projects(month: u32, rows: &str) -> Vec<u8> {
    of("LY-04", (2024, month), rows)
}

/// A ledger of visits of a month of 2024.
pub(crate) fn visits(month: u32, rows: &str) -> Vec<u8> {
    of("LY-05", (2024, month), rows)
}
