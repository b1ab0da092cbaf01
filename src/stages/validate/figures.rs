//! What no rule can say of figures: that one is larger than a firm can be, and who is supplied.
//!
//! In: a report, its form, the desk. Out: findings H3 (bound) and H6 (firms supplied).

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::Desk;
use super::structure::Names;
use crate::domain::credit_code::{CodeState, examine};
use crate::domain::text;
use crate::findings::{Code, Finding, format};
use crate::project::forms::{CodeKind, Form};
use crate::project::seeds::roster::RestructuringKind;
use crate::stages::parse::{Figure, Report};
use crate::texts::{self, Text};

/// The findings about a report's figures.
pub(super) fn check<'a>(
    report: &Report,
    form: &Form,
    desk: &Desk<'a>,
    names: &Names<'a>,
) -> Vec<Finding> {
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
            let said = supplied(buyer, &rows.name, report, desk).into_iter();
            let said = said.chain(misnamed((buyer, &figure.item), report, desk, names));
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
    let goes_on = |by| report.month().map_or(buyer, |it| desk.roster.goes_on_as(buyer, it, by));
    let is_own = |code: &str| report.credit_code.as_ref().is_some_and(|own| own.value == code);
    if is_own(buyer) || is_own(goes_on(RestructuringKind::is_code_change)) {
        return Some(Finding::new(Code::RowItself, &arguments).found(buyer, None));
    }
    let is_inside = |month, code: &str| desk.roster.at(code, month).is_some();
    let meant = goes_on(RestructuringKind::continues);
    if report.month().is_none_or(|month| is_inside(month, buyer) || is_inside(month, meant)) {
        return None;
    }
    // As with senders, only the roster can vouch for a code with a wrong last character.
    if examine(buyer) != CodeState::Valid && desk.roster.newest(buyer).is_none() {
        let expected = texts::text("finding.H6.code.credit_code").zh.clone();
        return Some(Finding::new(Code::RowCode, &arguments).found(buyer, Some(expected)));
    }
    Some(Finding::new(Code::RowOutside, &arguments).found(buyer, None))
}

/// A firm supplied whose name on the row is none that its code ever bore, nor short for one; of a code
/// that nobody on the roster bears, a name that somebody does.
fn misnamed<'a>(
    (buyer, item): (&str, &str),
    report: &Report,
    desk: &Desk<'a>,
    names: &Names<'a>,
) -> Option<Finding> {
    let name = report.row_names.get(item)?;
    let meant = report
        .month()
        .map_or(buyer, |it| desk.roster.goes_on_as(buyer, it, RestructuringKind::continues));
    let known: BTreeSet<&str> =
        [buyer, meant].into_iter().flat_map(|code| desk.roster.other_names(code)).collect();
    let expected = match (known.first(), names.bearers(name, desk.roster)) {
        (None, []) => return None,
        (None, [code, ..]) => *code,
        (Some(_), _) if known.iter().any(|it| is_short_for(name, it)) => return None,
        (Some(first), _) => desk.roster.newest(meant).map_or(*first, |firm| firm.name.as_str()),
    };
    let arguments = [("name", &Text::same(name)), ("code", &Text::same(buyer))];
    Some(Finding::new(Code::RowName, &arguments).found(name, Some(expected.to_owned())))
}

/// Whether the letters of a name stand in another in their order.
fn is_short_for(short: &str, name: &str) -> bool {
    let name = text::squeeze(name);
    let mut letters = name.chars();
    short.chars().all(|letter| letters.any(|other| other == letter))
}
