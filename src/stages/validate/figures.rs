//! What no rule can say of figures: that one is larger than a firm can be, and who is supplied.
//!
//! In: a report beside what it is held against. Out: findings H3 (bound) and H6 (firms supplied).

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::structure::Review;
use crate::domain::credit_code::{CodeState, examine};
use crate::domain::text;
use crate::findings::{Code, Finding, format};
use crate::project::forms::CodeKind;
use crate::project::seeds::roster::RestructuringKind;
use crate::stages::parse::Figure;
use crate::texts::{self, Text};

impl Review<'_> {
    /// The findings about the report's figures.
    pub(super) fn figures(&self) -> Vec<Finding> {
        let mut cells = BTreeSet::new();
        let bound = Decimal::from(self.against.checks.figure_max_cny);
        let is_too_large = |figure: &&Figure| {
            // An export's industry row stands in the cell of the item it equals.
            figure.unit.is_money() && figure.canonical().abs() > bound && cells.insert(figure.cell)
        };
        let too_large = self.report.figures.iter().filter(is_too_large);
        let mut findings: Vec<Finding> = too_large.map(|it| self.beyond(it, bound)).collect();
        for rows in self.form.rows.iter().filter(|rows| rows.code == CodeKind::CreditCode) {
            let mut known = BTreeSet::new();
            for figure in &self.report.figures {
                let buyer =
                    figure.item.strip_prefix(&rows.rows).and_then(|it| it.strip_prefix(':'));
                let Some(buyer) = buyer.filter(|buyer| known.insert(*buyer)) else { continue };
                let said = self.supplied(buyer, &rows.name).into_iter();
                let said = said.chain(self.misnamed(buyer, &figure.item));
                findings.extend(said.map(|finding| {
                    let finding = finding.at(&self.report.sheet, Some(figure.cell));
                    finding.about(&figure.item, None)
                }));
            }
        }
        findings
    }

    fn beyond(&self, figure: &Figure, bound: Decimal) -> Finding {
        let limit = format::figure(bound, &figure.unit);
        let typed = format!("{} {}", format::grouped(figure.number), figure.unit.name());
        let finding = self.said(Code::FigureTooLarge, &[("limit", &limit)], Some(figure.cell));
        finding.about(&figure.item, Some(figure.measure)).found(typed, None)
    }

    /// Who goes on with a firm by the month of the report.
    fn goes_on<'b>(&'b self, code: &'b str, by: fn(RestructuringKind) -> bool) -> &'b str {
        self.report.month().map_or(code, |it| self.against.roster.goes_on_as(code, it, by))
    }

    /// A firm supplied that is the sender itself, or none of the roster.
    fn supplied(&self, buyer: &str, group: &Text) -> Option<Finding> {
        let roster = self.against.roster;
        let shown = Text::same(buyer);
        let said = |code, expected| {
            let arguments = [("code", &shown), ("row", &shown), ("group", group)];
            Some(Finding::new(code, &arguments).found(buyer, expected))
        };
        let is_own = |code: &str| self.report.code() == Some(code);
        if is_own(buyer) || is_own(self.goes_on(buyer, RestructuringKind::is_code_change)) {
            return said(Code::RowItself, None);
        }
        let meant = self.goes_on(buyer, RestructuringKind::continues);
        let month = self.report.month()?;
        if [buyer, meant].iter().any(|code| roster.at(code, month).is_some()) {
            return None;
        }
        // As with senders, only the roster can vouch for a code with a wrong last character.
        if examine(buyer) != CodeState::Valid && roster.newest(buyer).is_none() {
            let expected = texts::text("finding.H6.code.credit_code").zh.clone();
            return said(Code::RowCode, Some(expected));
        }
        said(Code::RowOutside, None)
    }

    /// A firm supplied whose name on the row is none that its code ever bore, nor short for one; of a
    /// code that nobody on the roster bears, a name that somebody does.
    fn misnamed(&self, buyer: &str, item: &str) -> Option<Finding> {
        let roster = self.against.roster;
        let name = self.report.row_names.get(item)?;
        let meant = self.goes_on(buyer, RestructuringKind::continues);
        let names = [buyer, meant].into_iter().flat_map(|code| roster.other_names(code));
        let known: BTreeSet<&str> = names.collect();
        let expected = match (known.first(), self.bearers(name)) {
            (None, []) => return None,
            (None, [code, ..]) => code,
            (Some(_), _) if known.iter().any(|it| is_short_for(name, it)) => return None,
            (Some(first), _) => roster.newest(meant).map_or(*first, |firm| firm.name.as_str()),
        };
        let arguments = [("name", &Text::same(name)), ("code", &Text::same(buyer))];
        Some(Finding::new(Code::RowName, &arguments).found(name, Some(expected.to_owned())))
    }
}

/// Whether the letters of a name stand in another in their order.
fn is_short_for(short: &str, name: &str) -> bool {
    let name = text::squeeze(name);
    let mut letters = name.chars();
    short.chars().all(|letter| letters.any(|other| other == letter))
}
