//! The structural checks of a report: is it from whom, for which month and on which form it should?
//!
//! In: a report, its form, what it is held against. Out: findings H1 (credit code, name, roster) and H2
//! (month, edition), and those of `figures` and `base`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::{Candidate, References, file_name};
use crate::domain::cell::Cell;
use crate::domain::credit_code::{CodeState, examine};
use crate::domain::period::Period;
use crate::domain::text;
use crate::findings::{Code, Finding, Severity};
use crate::project::forms::Form;
use crate::project::seeds::roster::Firm;
use crate::stages::parse::{Found, Report};
use crate::texts::Text;

/// Who bears which name, looked up in the whole roster once a name is none of the firm's.
#[derive(Debug, Default)]
pub(super) struct Names(OnceLock<BTreeMap<String, Vec<String>>>);

/// A report beside what it is held against.
pub(super) struct Review<'a> {
    candidate: &'a Candidate,
    pub(super) report: &'a Report,
    pub(super) form: &'a Form,
    pub(super) against: &'a References<'a>,
    names: &'a Names,
}

impl<'a> Review<'a> {
    pub(super) fn of(
        candidate: &'a Candidate,
        form: &'a Form,
        against: &'a References<'a>,
        names: &'a Names,
    ) -> Self {
        Self { candidate, report: &candidate.report, form, against, names }
    }

    pub(super) fn findings(&self) -> Vec<Finding> {
        let mut findings = self.sender();
        findings.extend(self.month());
        findings.extend(self.document());
        findings.extend(self.figures());
        findings.extend(self.base(self.candidate.submission.received_at));
        findings
    }

    pub(super) fn said(
        &self,
        code: Code,
        arguments: &[(&str, &Text)],
        cell: Option<Cell>,
    ) -> Finding {
        Finding::new(code, arguments).at(&self.report.sheet, cell)
    }

    /// The codes of the firms that ever bore a name.
    pub(super) fn bearers(&self, name: &str) -> &'a [String] {
        let all = self.names.0.get_or_init(|| {
            let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for spell in self.against.roster.firms.values().flatten() {
                all.entry(text::squeeze(&spell.name)).or_default().push(spell.credit_code.clone());
            }
            all.values_mut().for_each(Vec::dedup);
            all
        });
        all.get(&text::squeeze(name)).map(Vec::as_slice).unwrap_or_default()
    }

    /// H1: who sent it.
    fn sender(&self) -> Vec<Finding> {
        let (report, roster) = (self.report, self.against.roster);
        let Some(code) = &report.credit_code else {
            return vec![self.said(Code::CodeMissing, &[], None)];
        };
        let spell = report.month().and_then(|month| roster.at(&code.value, month));
        let Some(filer) = spell.or_else(|| roster.newest(&code.value)) else {
            return vec![self.unknown(code)];
        };
        let said = |about, arguments: &[(&str, &Text)]| {
            self.said(about, arguments, Some(code.cell)).found(code.value.clone(), None)
        };
        let shown = Text::same(&code.value);
        let mut findings = Vec::new();
        if let CodeState::WrongCheck(letter) = examine(&code.value) {
            let arguments = [("code", &shown), ("expected", &Text::same(letter))];
            findings.push(said(Code::CodeCheck, &arguments));
        }
        if report.period.is_some() && spell.is_none() {
            let arguments = [("code", &shown), ("period", &self.period_text())];
            findings.push(said(Code::NotOnRoster, &arguments));
        }
        if !filer.files(&self.form.form) {
            let (number, name) = (Text::same(&self.form.form), Text::same(&filer.name));
            findings.push(said(Code::NotAsked, &[("form", &number), ("firm", &name)]));
        }
        findings.extend(self.name(filer));
        findings
    }

    /// That nobody on the roster bears the code; the code of the firm that bears the name, if one does.
    /// Real codes with a wrong last character exist, but only the roster can vouch for one.
    fn unknown(&self, code: &Found<String>) -> Finding {
        let shown = Text::same(&code.value);
        let (code_is, at) = (("code", &shown), Some(code.cell));
        let malformed = || self.said(Code::CodeMalformed, &[code_is], at);
        let finding = match examine(&code.value) {
            CodeState::Valid => {
                self.said(Code::NotOnRoster, &[code_is, ("period", &self.period_text())], at)
            }
            CodeState::Malformed => malformed(),
            CodeState::WrongCheck(letter) => Finding {
                severity: Severity::Error,
                is_explainable: false,
                hint: malformed().hint,
                ..self.said(Code::CodeCheck, &[code_is, ("expected", &Text::same(letter))], at)
            },
        };
        let bearers = self.report.firm_name.as_ref().map(|name| self.bearers(&name.value));
        let expected = match bearers.unwrap_or_default() {
            [only] => Some(only.clone()),
            _ => None,
        };
        finding.found(code.value.clone(), expected)
    }

    /// A name that is not the firm's: another firm's is an error; one it bore, or its predecessor or
    /// successor, is worth a note.
    fn name(&self, firm: &Firm) -> Option<Finding> {
        let roster = self.against.roster;
        let name = self.report.firm_name.as_ref()?;
        let squeezed = text::squeeze(&name.value);
        if squeezed == text::squeeze(&firm.name) {
            return None;
        }
        let own = &firm.credit_code;
        let goes_on = |code: &str| roster.lineage(code).iter().any(|it| it.filer == own);
        let is_own = roster.other_names(own).iter().any(|known| text::squeeze(known) == squeezed);
        let bearers = self.bearers(&name.value);
        let is_others = !bearers.is_empty() && !is_own && !bearers.iter().any(|it| goes_on(it));
        let shown = [&name.value, own, &firm.name].map(Text::same);
        let arguments = [("name", &shown[0]), ("code", &shown[1]), ("expected", &shown[2])];
        let code = if is_others { Code::NameOfAnother } else { Code::NameDiffers };
        let finding = self.said(code, &arguments, Some(name.cell));
        Some(finding.found(name.value.clone(), Some(firm.name.clone())))
    }

    /// H2: for which month.
    fn month(&self) -> Vec<Finding> {
        let Some(period) = &self.report.period else {
            return vec![self.said(Code::PeriodMissing, &[], None)];
        };
        let said = |code, arguments: &[(&str, &Text)]| {
            self.said(code, arguments, Some(period.cell)).found(period.value.to_string(), None)
        };
        let mut findings = Vec::new();
        let number = period.value.month();
        if self.form.exempt_months.contains(&number) {
            findings.push(said(Code::PeriodExempt, &[("month", &Text::same(number.to_string()))]));
        }
        let shown = self.period_text();
        let received = self.candidate.submission.received_at.with_timezone(&self.against.zone);
        let received = Period::of(received.date_naive());
        if received.is_some_and(|received| received <= period.value) {
            findings.push(said(Code::PeriodFuture, &[("period", &shown)]));
        }
        // The month that is due: the last one that had ended.
        let open = received.and_then(|received| received.months_before(1));
        if let Some((name, months)) = self.named() {
            let named = months.iter().map(file_name::shown).collect::<Vec<_>>().join(" ");
            let due = open.map(|open| open.to_string()).unwrap_or_default();
            let [name, due, named] = [name, &due, &named].map(Text::same);
            let arguments =
                [("period", &shown), ("name", &name), ("open", &due), ("named", &named)];
            let is_open = Some(period.value) == open;
            let code = if is_open { Code::PeriodName } else { Code::PeriodSlip };
            findings.push(said(code, &arguments));
        }
        findings
    }

    /// The first name that speaks of other months than the report does: a file's speaks for its only
    /// report, a sheet's for reports of one month.
    fn named(&self) -> Option<(&str, Vec<file_name::Named>)> {
        let Candidate { submission, report, is_alone_in_file, .. } = self.candidate;
        let file = is_alone_in_file.then_some(submission.file_name.as_str());
        let sheet = report.is_named_by_sheet.then_some(report.sheet.as_str());
        let mut names = file.into_iter().chain(sheet).map(|name| (name, file_name::months(name)));
        let month = report.month()?;
        let is_meant = |(year, number): &file_name::Named| {
            *number == month.month() && year.is_none_or(|year| year == month.year())
        };
        names.find(|(_, months)| !months.is_empty() && !months.iter().any(is_meant))
    }

    /// H2: on which edition of the form. A sheet without a document number passes.
    fn document(&self) -> Option<Finding> {
        let document = self.report.document.as_ref()?;
        let editions = &self.form.edition;
        let said = |code, arguments: &[(&str, &Text)], expected: Option<String>| {
            let finding = self.said(code, arguments, Some(document.cell));
            Some(finding.found(document.value.clone(), expected))
        };
        let typed = Text::same(&document.value);
        let Some(at) = place(self.form, document) else {
            let known: Vec<&str> = editions.iter().map(|known| known.document.squeezed()).collect();
            let known = Text { zh: known.join("、"), en: known.join(", ") };
            let number = Text::same(&self.form.form);
            let arguments = [("document", &typed), ("known", &known), ("form", &number)];
            return said(Code::EditionUnknown, &arguments, None);
        };
        // Which edition is the current one depends on the month: they are named by the year they begin.
        let year = self.report.month()?.year();
        let mut begun = editions.iter().enumerate();
        let (newest, edition) =
            begun.rfind(|(_, it)| it.edition.parse::<i32>().is_ok_and(|begins| begins <= year))?;
        if newest <= at {
            return None;
        }
        let expected = Text::same(edition.document.squeezed());
        let arguments = [("document", &typed), ("expected", &expected)];
        said(Code::EditionOld, &arguments, Some(expected.zh.clone()))
    }

    fn period_text(&self) -> Text {
        Text::same(self.report.month().map_or("—".to_owned(), |month| month.to_string()))
    }
}

/// The name of the edition a report's document number belongs to.
pub(super) fn edition(report: &Report, form: &Form) -> Option<String> {
    let at = place(form, report.document.as_ref()?)?;
    form.edition.get(at).map(|known| known.edition.clone())
}

fn place(form: &Form, document: &Found<String>) -> Option<usize> {
    // What stands around the year of a document number, typed in every way there is.
    let brackets = ['〔', '〕', '[', ']', '(', ')', '【', '】', '〈', '〉'];
    let bare = |number: &str| text::squeeze(number).replace(brackets, "");
    let typed = bare(&document.value);
    form.edition.iter().position(|known| bare(known.document.squeezed()) == typed)
}
