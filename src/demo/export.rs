//! The bureau's export: many firms on one sheet, a row each, headings joined with `;`.
//!
//! In: the reports of one month. Out: one sheet, every number stored as text, a 合计 row at the end.
//! Nothing can go wrong.

use rust_decimal::Decimal;

use crate::domain::measure::Measure;

use super::layout::{Cell, Content, Role, Sheet};
use super::plan::Report;

/// Items of the export in the order of their columns, with the heading each begins with.
const ITEMS: [(&str, &str); 3] = [
    ("output", "工业总产值(当年价格)"),
    ("sales", "工业销售产值(当年价格)"),
    ("exports", "出口交货值"),
];

/// The columns of an item: this year's month, last year's, then the years to date.
const MEASURES: [(Measure, &str); 4] = [
    (Measure::Month, "本年-本月"),
    (Measure::PriorMonth, "上年-本月"),
    (Measure::Ytd, "本年-1—本月"),
    (Measure::PriorYtd, "上年-1—本月"),
];

/// The export of one month's reports.
pub(super) fn lay_out(reports: &[Report]) -> Sheet {
    let month = reports.first().map(|report| report.period);
    let name =
        month.map_or_else(String::new, |month| format!("{}年{}月", month.year(), month.month()));
    let mut rows = vec![headings()];
    rows.extend(reports.iter().map(row));
    rows.push(totals(reports));
    rows.push(vec![String::new(), String::new(), "示例数据（合成）".to_owned()]);
    let cells = rows.into_iter().zip(0_u32..).flat_map(|(texts, row)| {
        let filled = texts.into_iter().zip(0_u16..).filter(|(text, _)| !text.is_empty());
        filled.map(move |(text, column)| Cell {
            row,
            column,
            span: (1, 1),
            role: Role::Text,
            content: Content::Text(text),
        })
    });
    Sheet { name, is_hidden: false, cells: cells.collect() }
}

fn headings() -> Vec<String> {
    let fixed = [
        "处理地编码",
        "统一社会信用代码",
        "单位详细名称",
        "201-1-行业代码（GB/T4754-2017）",
        "201-1-单位规模",
    ];
    let mut headings: Vec<String> = fixed.map(str::to_owned).to_vec();
    for (_, label) in ITEMS {
        headings.extend(MEASURES.map(|(_, heading)| format!("{label};{heading}")));
        headings.push(format!("(衍生指标){label}增速"));
    }
    headings
}

fn row(report: &Report) -> Vec<String> {
    // The platform writes some industries with the letter of their section: C up to division 43,
    // D from 44 on.
    let section = if report.industry_code.as_str() < "44" { "C" } else { "D" };
    let letter = if report.size_class == 2 { section } else { "" };
    let mut texts = vec![
        "220106000000".to_owned(),
        report.credit_code.clone(),
        report.firm_name.clone(),
        format!("{letter}{}", report.industry_code),
        report.size_class.to_string(),
    ];
    for (item, _) in ITEMS {
        let value = |measure| report.value(item, measure).unwrap_or_default();
        texts.extend(MEASURES.map(|(measure, _)| value(measure).to_string()));
        texts.push(growth(value(Measure::Ytd), value(Measure::PriorYtd)));
    }
    texts
}

fn totals(reports: &[Report]) -> Vec<String> {
    let mut texts = ["", "", "合计", "", ""].map(str::to_owned).to_vec();
    for (item, _) in ITEMS {
        texts.extend(MEASURES.map(|(measure, _)| {
            let total: i64 = reports.iter().filter_map(|report| report.value(item, measure)).sum();
            total.to_string()
        }));
        texts.push(String::new());
    }
    texts
}

/// Growth of the year to date in percent, two decimals; empty without a base.
fn growth(now: i64, base: i64) -> String {
    let change = Decimal::from(now - base) * Decimal::from(100);
    let growth = change.checked_div(Decimal::from(base));
    growth.map_or_else(String::new, |growth| format!("{:.2}", growth.round_dp(2)))
}
