//! What no rule can say of figures: that one is larger than a firm can be, and who is supplied.
//!
//! In: a report, its form, the desk. Out: findings H3 (bound) and H6 (codes of firms supplied).

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::Desk;
use crate::domain::credit_code::{CodeState, examine};
use crate::findings::{Code, Finding, format};
use crate::project::forms::{CodeKind, Form};
use crate::stages::parse::{Figure, Report};
use crate::texts::{self, Text};

/// The findings about a report's figures.
pub(super) fn check(report: &Report, form: &Form, desk: &Desk<'_>) -> Vec<Finding> {
    let mut cells = BTreeSet::new();
    let bound = Decimal::from(desk.checks.figure_max_cny);
    let is_too_large = |figure: &&Figure| {
        // An export's industry row stands in the cell of the item it equals.
        figure.unit.is_money() && figure.canonical().abs() > bound && cells.insert(figure.cell)
    };
    let too_large = report.figures.iter().filter(is_too_large);
    let mut findings: Vec<Finding> =
        too_large.map(|figure| beyond(figure, &report.sheet, bound)).collect();
    let of_firms = form.rows.iter().filter(|rows| rows.code == CodeKind::CreditCode);
    for rows in of_firms {
        let mut known = BTreeSet::new();
        for figure in &report.figures {
            let buyer = figure.item.strip_prefix(&rows.rows).and_then(|it| it.strip_prefix(':'));
            let Some(buyer) = buyer.filter(|buyer| known.insert(*buyer)) else { continue };
            let said = supplied(buyer, &rows.name, report, desk);
            findings.extend(said.map(|finding| {
                finding.at(&report.sheet, Some(figure.cell)).about(&figure.item, None)
            }));
        }
    }
    findings
}

fn beyond(figure: &Figure, sheet: &str, bound: Decimal) -> Finding {
    let limit = format::figure(bound, &figure.unit);
    let typed = format!("{} {}", format::grouped(figure.number), figure.unit.name());
    let finding = Finding::new(Code::FigureTooLarge, &[("limit", &limit)]);
    let finding = finding.at(sheet, Some(figure.cell));
    finding.about(&figure.item, Some(figure.measure)).found(typed, None)
}

/// A firm supplied that is the sender itself, or none of the roster.
fn supplied(buyer: &str, group: &Text, report: &Report, desk: &Desk<'_>) -> Option<Finding> {
    let shown = Text::same(buyer);
    let arguments = [("code", &shown), ("row", &shown), ("group", group)];
    let is_itself = report.credit_code.as_ref().is_some_and(|code| code.value == buyer);
    if is_itself {
        return Some(Finding::new(Code::RowItself, &arguments).found(buyer, None));
    }
    if report.month().is_none_or(|month| desk.roster.at(buyer, month).is_some()) {
        return None;
    }
    // As with senders, only the roster can vouch for a code with a wrong last character.
    if examine(buyer) != CodeState::Valid && desk.roster.newest(buyer).is_none() {
        let expected = texts::text("finding.H6.code.credit_code").zh.clone();
        return Some(Finding::new(Code::RowCode, &arguments).found(buyer, Some(expected)));
    }
    Some(Finding::new(Code::RowOutside, &arguments).found(buyer, None))
}
