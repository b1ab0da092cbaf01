//! The structural checks of a report: is it from whom, for which month and on which form it should?
//!
//! In: a report, its form, the desk. Out: findings H1 (credit code, name, roster) and H2 (month,
//! edition), and those of `figures`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::{Candidate, Desk, base, figures, file_name};
use crate::domain::credit_code::{CodeState, examine};
use crate::domain::period::Period;
use crate::domain::text;
use crate::findings::{Code, Finding, Severity};
use crate::project::forms::{Edition, Form};
use crate::project::seeds::roster::{Firm, Roster};
use crate::stages::parse::{Found, Report};
use crate::texts::Text;

/// Who bears which name, looked up in the whole roster once a name is none of the firm's.
#[derive(Debug, Default)]
pub(super) struct Names<'a>(OnceLock<BTreeMap<String, Vec<&'a str>>>);

impl<'a> Names<'a> {
    /// The codes of the firms that ever bore a name.
    pub(super) fn bearers(&self, name: &str, roster: &'a Roster) -> &[&'a str] {
        let all = self.0.get_or_init(|| {
            let mut all: BTreeMap<String, Vec<&str>> = BTreeMap::new();
            for spell in roster.firms.values().flatten() {
                all.entry(text::squeeze(&spell.name)).or_default().push(&spell.credit_code);
            }
            all.values_mut().for_each(Vec::dedup);
            all
        });
        all.get(&text::squeeze(name)).map(Vec::as_slice).unwrap_or_default()
    }
}

/// The structural findings of a report.
pub(super) fn check<'a>(
    candidate: &Candidate,
    form: &Form,
    desk: &Desk<'a>,
    names: &Names<'a>,
) -> Vec<Finding> {
    let mut findings = sender(&candidate.report, form, desk, names);
    findings.extend(month(candidate, form, desk));
    findings.extend(document(&candidate.report, form));
    findings.extend(figures::check(&candidate.report, form, desk, names));
    findings.extend(base::check(candidate, form, desk));
    findings
}

/// The name of the edition a report's document number belongs to.
pub(super) fn edition(report: &Report, form: &Form) -> Option<String> {
    let document = report.document.as_ref()?;
    place(form, document).and_then(|at| form.edition.get(at)).map(|known| known.edition.clone())
}

/// H1: who sent it.
fn sender<'a>(report: &Report, form: &Form, desk: &Desk<'a>, names: &Names<'a>) -> Vec<Finding> {
    let Some(code) = &report.credit_code else {
        return vec![Finding::new(Code::CodeMissing, &[]).at(&report.sheet, None)];
    };
    let spell = report.month().and_then(|month| desk.roster.at(&code.value, month));
    let Some(filer) = spell.or_else(|| desk.roster.newest(&code.value)) else {
        return vec![unknown(report, code, desk, names)];
    };
    let said = |code_of_finding, arguments: &[(&str, &Text)]| {
        let finding = Finding::new(code_of_finding, arguments);
        finding.at(&report.sheet, Some(code.cell)).found(code.value.clone(), None)
    };
    let shown = Text::same(&code.value);
    let mut findings = Vec::new();
    if let CodeState::WrongCheck(letter) = examine(&code.value) {
        let arguments = [("code", &shown), ("expected", &Text::same(letter))];
        findings.push(said(Code::CodeCheck, &arguments));
    }
    if report.period.is_some() && spell.is_none() {
        let period = period_text(report);
        findings.push(said(Code::NotOnRoster, &[("code", &shown), ("period", &period)]));
    }
    if !filer.files(&form.form) {
        let (number, name) = (Text::same(&form.form), Text::same(&filer.name));
        findings.push(said(Code::NotAsked, &[("form", &number), ("firm", &name)]));
    }
    findings.extend(name(report, filer, desk, names));
    findings
}

/// That nobody on the roster bears the code; the code of the firm that bears the name, if one does.
/// Real codes with a wrong last character exist, but only the roster can vouch for one.
fn unknown<'a>(
    report: &Report,
    code: &Found<String>,
    desk: &Desk<'a>,
    names: &Names<'a>,
) -> Finding {
    let shown = Text::same(&code.value);
    let finding = match examine(&code.value) {
        CodeState::Valid => {
            let period = period_text(report);
            Finding::new(Code::NotOnRoster, &[("code", &shown), ("period", &period)])
        }
        CodeState::Malformed => Finding::new(Code::CodeMalformed, &[("code", &shown)]),
        CodeState::WrongCheck(letter) => {
            let arguments = [("code", &shown), ("expected", &Text::same(letter))];
            let mut finding = Finding::new(Code::CodeCheck, &arguments);
            (finding.severity, finding.is_explainable) = (Severity::Error, false);
            finding.hint = Finding::new(Code::CodeMalformed, &[("code", &shown)]).hint;
            finding
        }
    };
    let bearers = report.firm_name.as_ref().map(|name| names.bearers(&name.value, desk.roster));
    let expected = match bearers.unwrap_or_default() {
        [only] => Some((*only).to_owned()),
        _ => None,
    };
    finding.at(&report.sheet, Some(code.cell)).found(code.value.clone(), expected)
}

/// A name that is not the firm's: another firm's is an error; one it bore, or its predecessor or
/// successor, is worth a note.
fn name<'a>(report: &Report, firm: &Firm, desk: &Desk<'a>, names: &Names<'a>) -> Option<Finding> {
    let name = report.firm_name.as_ref()?;
    if text::squeeze(&name.value) == text::squeeze(&firm.name) {
        return None;
    }
    let own = &firm.credit_code;
    let goes_on = |code: &str, other: &str| {
        desk.roster.lineage(code).into_iter().any(|ancestor| ancestor.filer == other)
    };
    let known = desk.roster.other_names(own);
    let is_own = known.iter().any(|known| text::squeeze(known) == text::squeeze(&name.value));
    let bearers = names.bearers(&name.value, desk.roster);
    let is_others = !bearers.is_empty() && !is_own && !bearers.iter().any(|it| goes_on(it, own));
    let shown = [&name.value, own, &firm.name].map(Text::same);
    let arguments = [("name", &shown[0]), ("code", &shown[1]), ("expected", &shown[2])];
    let code = if is_others { Code::NameOfAnother } else { Code::NameDiffers };
    let finding = Finding::new(code, &arguments).at(&report.sheet, Some(name.cell));
    Some(finding.found(name.value.clone(), Some(firm.name.clone())))
}

/// H2: for which month.
fn month(candidate: &Candidate, form: &Form, desk: &Desk<'_>) -> Vec<Finding> {
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
    let received = Period::of(candidate.received_at.with_timezone(&desk.zone).date_naive());
    if received.is_some_and(|received| received <= period.value) {
        findings.push(said(Code::PeriodFuture, &[("period", &shown)]));
    }
    // The month that is due: the last one that had ended.
    let open = received.and_then(|received| received.months_before(1));
    if let Some((name, months)) = named(candidate) {
        let arguments = [
            ("period", &shown),
            ("name", &Text::same(name)),
            ("open", &Text::same(open.map(|open| open.to_string()).unwrap_or_default())),
            (
                "named",
                &Text::same(months.iter().map(file_name::shown).collect::<Vec<_>>().join(" ")),
            ),
        ];
        let is_open = Some(period.value) == open;
        findings.push(said(if is_open { Code::PeriodName } else { Code::PeriodSlip }, &arguments));
    }
    findings
}

/// The first name that speaks of other months than the report does: a file's speaks for its only
/// report, a sheet's for reports of one month.
fn named(candidate: &Candidate) -> Option<(&str, Vec<file_name::Named>)> {
    let report = &candidate.report;
    let file = candidate.is_alone_in_file.then_some(candidate.file_name.as_str());
    let sheet = report.is_named_by_sheet.then_some(report.sheet.as_str());
    let mut names = file.into_iter().chain(sheet).map(|name| (name, file_name::months(name)));
    let month = report.month()?;
    let is_meant = |(year, number): &file_name::Named| {
        *number == month.month() && year.is_none_or(|year| year == month.year())
    };
    names.find(|(_, months)| !months.is_empty() && !months.iter().any(is_meant))
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

/// What stands around the year of a document number, typed in every way there is.
const BRACKETS: [char; 10] = ['〔', '〕', '[', ']', '(', ')', '【', '】', '〈', '〉'];

fn place(form: &Form, document: &Found<String>) -> Option<usize> {
    let bare = |number: &str| text::squeeze(number).replace(BRACKETS, "");
    let typed = bare(&document.value);
    form.edition.iter().position(|known| bare(known.document.squeezed()) == typed)
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
