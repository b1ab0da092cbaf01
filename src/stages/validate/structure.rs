//! The structural checks of a report: is it from whom, for which month and on which form it should?
//!
//! In: a report, its form, the desk. Out: findings H1 (credit code, name, roster) and H2 (month,
//! edition). What stands in the figures is for the rules.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::{Candidate, Desk, file_name};
use crate::domain::credit_code::{CodeState, examine};
use crate::domain::period::Period;
use crate::domain::text;
use crate::findings::{Code, Finding, Severity};
use crate::project::forms::{Edition, Form};
use crate::project::seeds::roster::{Calendar, Firm};
use crate::stages::parse::{Found, Report};
use crate::texts::Text;

/// The structural findings of a report.
pub(super) fn check(candidate: &Candidate, form: &Form, desk: &Desk<'_>) -> Vec<Finding> {
    let mut findings = sender(&candidate.report, form, desk);
    findings.extend(month(candidate, form, desk.calendar));
    findings.extend(document(&candidate.report, form));
    findings
}

/// The name of the edition a report's document number belongs to.
pub(super) fn edition(report: &Report, form: &Form) -> Option<String> {
    let document = report.document.as_ref()?;
    place(form, document).and_then(|at| form.edition.get(at)).map(|known| known.edition.clone())
}

/// H1: who sent it.
fn sender(report: &Report, form: &Form, desk: &Desk<'_>) -> Vec<Finding> {
    let Some(code) = &report.credit_code else {
        return vec![Finding::new(Code::CodeMissing, &[]).at(&report.sheet, None)];
    };
    let month = report.period.as_ref().map(|period| period.value);
    let spell = month.and_then(|month| desk.roster.at(&code.value, month));
    let filer = spell.or_else(|| desk.roster.newest(&code.value));
    let state = examine(&code.value);
    let said = |code_of_finding, arguments: &[(&str, &Text)]| {
        let finding = Finding::new(code_of_finding, arguments);
        finding.at(&report.sheet, Some(code.cell)).found(code.value.clone(), None)
    };
    let shown = Text::same(&code.value);
    let mut findings = Vec::new();
    match (state, filer) {
        (CodeState::WrongCheck(letter), _) => {
            let expected = Text::same(letter);
            let mut finding = said(Code::CodeCheck, &[("code", &shown), ("expected", &expected)]);
            let stem = code.value.strip_suffix(|_: char| true).unwrap_or_default();
            finding.expected = Some(format!("{stem}{letter}"));
            // Real codes with a wrong last character exist; only the roster can vouch for one, and
            // no explanation can.
            if filer.is_none() {
                finding.severity = Severity::Error;
                finding.hint = Finding::new(Code::CodeMalformed, &[("code", &shown)]).hint;
            }
            findings.push(finding);
        }
        (CodeState::Malformed, None) => {
            findings.push(said(Code::CodeMalformed, &[("code", &shown)]));
        }
        (CodeState::Valid, None) => {
            let period = period_text(report);
            findings.push(said(Code::NotOnRoster, &[("code", &shown), ("period", &period)]));
        }
        (CodeState::Valid | CodeState::Malformed, Some(_)) => {}
    }
    let Some(filer) = filer else { return findings };
    if month.is_some() && spell.is_none() {
        let period = period_text(report);
        findings.push(said(Code::NotOnRoster, &[("code", &shown), ("period", &period)]));
    }
    if !filer.forms.contains(&form.form) {
        let (number, name) = (Text::same(&form.form), Text::same(&filer.name));
        findings.push(said(Code::NotAsked, &[("form", &number), ("firm", &name)]));
    }
    findings.extend(name(report, filer));
    findings
}

fn name(report: &Report, firm: &Firm) -> Option<Finding> {
    let name = report.firm_name.as_ref()?;
    if text::squeeze(&name.value) == text::squeeze(&firm.name) {
        return None;
    }
    let arguments = (Text::same(&name.value), Text::same(&firm.name));
    let finding =
        Finding::new(Code::NameDiffers, &[("name", &arguments.0), ("expected", &arguments.1)]);
    let finding = finding.at(&report.sheet, Some(name.cell));
    Some(finding.found(name.value.clone(), Some(firm.name.clone())))
}

/// H2: for which month.
fn month(candidate: &Candidate, form: &Form, calendar: &Calendar) -> Vec<Finding> {
    let report = &candidate.report;
    let Some(period) = &report.period else {
        return vec![Finding::new(Code::PeriodMissing, &[]).at(&report.sheet, None)];
    };
    let said = |code, arguments: &[(&str, &Text)]| {
        let finding = Finding::new(code, arguments).at(&report.sheet, Some(period.cell));
        finding.found(period.value.to_string(), None)
    };
    let mut findings = Vec::new();
    let number = period.value.month();
    if form.exempt_months.contains(&number) {
        findings.push(said(Code::PeriodExempt, &[("month", &Text::same(number.to_string()))]));
    }
    let shown = period_text(report);
    let received = received_in(candidate.received_at, calendar, &form.form, period.value);
    if received.is_some_and(|received| received < period.value) {
        findings.push(said(Code::PeriodFuture, &[("period", &shown)]));
    }
    let named = file_name::months(&candidate.file_name);
    if !named.is_empty() && !named.contains(&period.value) {
        let file_name = Text::same(&candidate.file_name);
        findings.push(said(Code::PeriodName, &[("period", &shown), ("file_name", &file_name)]));
    }
    findings
}

/// The month a report arrived in, by the clock of its deadline; UTC where the calendar has none.
fn received_in(
    at: DateTime<Utc>,
    calendar: &Calendar,
    form: &str,
    period: Period,
) -> Option<Period> {
    let deadline = calendar.deadlines.get(&(form.to_owned(), period));
    let day = deadline.map_or_else(
        || at.date_naive(),
        |deadline| at.with_timezone(deadline.offset()).date_naive(),
    );
    Period::of(day)
}

/// H2: on which edition of the form. A sheet without a document number passes.
fn document(report: &Report, form: &Form) -> Option<Finding> {
    let document = report.document.as_ref()?;
    let said = |code, arguments: &[(&str, &Text)], expected: Option<String>| {
        let finding = Finding::new(code, arguments).at(&report.sheet, Some(document.cell));
        finding.found(document.value.clone(), expected)
    };
    let typed = Text::same(&document.value);
    let Some(at) = place(form, document) else {
        let known: Vec<&str> = form.edition.iter().map(|known| known.document.squeezed()).collect();
        let known = Text { zh: known.join("、"), en: known.join(", ") };
        let number = Text::same(&form.form);
        let arguments = [("document", &typed), ("known", &known), ("form", &number)];
        return Some(said(Code::EditionUnknown, &arguments, None));
    };
    // Which edition is the current one depends on the month.
    let period = report.period.as_ref()?.value;
    let (newest, edition) = newest(form, period)?;
    if newest <= at {
        return None;
    }
    let expected = Text::same(edition.document.squeezed());
    let arguments = [("document", &typed), ("expected", &expected)];
    Some(said(Code::EditionOld, &arguments, Some(expected.zh.clone())))
}

fn place(form: &Form, document: &Found<String>) -> Option<usize> {
    let typed = text::squeeze(&document.value);
    form.edition.iter().position(|known| known.document.squeezed() == typed)
}

/// The newest edition that is in force in a month: editions are named by the year they begin.
fn newest(form: &Form, period: Period) -> Option<(usize, &Edition)> {
    let is_in_force = |edition: &Edition| {
        edition.edition.parse::<i32>().is_ok_and(|begins| begins <= period.year())
    };
    form.edition.iter().enumerate().rfind(|(_, edition)| is_in_force(edition))
}

fn period_text(report: &Report) -> Text {
    let period = report.period.as_ref();
    let shown = period.map_or(Cow::Borrowed("—"), |period| period.value.to_string().into());
    Text::same(shown)
}
