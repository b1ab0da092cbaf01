//! The verdict: findings put together, counted and weighed.
//!
//! In: what parsing, the structural checks and the rules said of one report. Out: the state that
//! follows. An explanation lifts the queries it can; nothing lifts an error.

use serde::Serialize;

use crate::domain::words::words;
use crate::findings::{Finding, Severity};
use crate::project::forms::Form;
use crate::stages::parse::Report;

words! {
    /// What becomes of a report.
    #[derive(Hash)]
    State {
        /// It counts.
        Accepted = "accepted",
        /// It waits for a written explanation and does not count until then.
        Queried = "queried",
        /// It does not count; it has to be corrected.
        Refused = "refused",
    }
}

/// The outcome of checking one report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// What becomes of it.
    pub state: State,
    /// The edition its document number names; `None` when it bears none or an unknown one.
    pub edition: Option<String>,
    /// The credit code as typed, squeezed.
    pub credit_code: Option<String>,
    /// What is wrong with it, by sheet, cell and code.
    pub findings: Vec<Finding>,
    /// How many of the findings are errors.
    pub errors: usize,
    /// How many of the findings are queries.
    pub queries: usize,
    /// The firm's explanation.
    pub explanation: Option<String>,
}

impl Verdict {
    /// Weighs all that was said of a report; from `explained_from` characters on, blanks not counted,
    /// an explanation lifts queries.
    pub(super) fn of(
        report: &Report,
        form: &Form,
        structural: Vec<Finding>,
        mut by_rules: Vec<Finding>,
        explained_from: usize,
    ) -> Self {
        by_rules.retain(|finding| !is_said(&report.findings, finding));
        let mut findings = [report.findings.clone(), structural, by_rules].concat();
        sort(&mut findings);
        let count = |severity| findings.iter().filter(|it| it.severity == severity).count();
        let (errors, queries) = (count(Severity::Error), count(Severity::Query));
        let is_held = findings.iter().any(Finding::is_held);
        let is_explained = !is_held && super::explanation_chars(report) >= explained_from;
        let state = match (errors, queries) {
            (0, 0) => State::Accepted,
            (0, _) if is_explained => State::Accepted,
            (0, _) => State::Queried,
            _ => State::Refused,
        };
        Self {
            state,
            edition: super::structure::edition(report, form),
            credit_code: report.code().map(str::to_owned),
            findings,
            errors,
            queries,
            explanation: report.explanation.as_ref().map(|explanation| explanation.value.clone()),
        }
    }

    /// Adds a note, or a query, that became clear only beside other reports.
    pub fn add(&mut self, finding: Finding) {
        self.queries += usize::from(finding.severity == Severity::Query);
        if finding.is_held() && self.state == State::Accepted {
            self.state = State::Queried;
        }
        self.findings.push(finding);
        sort(&mut self.findings);
    }
}

/// By place and code.
fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| (&a.sheet, a.cell, &a.code).cmp(&(&b.sheet, b.cell, &b.code)));
}

/// Whether parsing has said the same already: a figure that is no number is not also missing.
fn is_said(parsed: &[Finding], finding: &Finding) -> bool {
    parsed.iter().filter(|known| known.code == finding.code).any(|known| {
        let is_same_cell = known.cell.is_some() && known.cell == finding.cell;
        let is_whole = known.item.is_none() && known.measure.is_none();
        let is_about = !is_whole
            && (known.item.is_none() || known.item == finding.item)
            && (known.measure.is_none() || known.measure == finding.measure);
        is_same_cell || is_about
    })
}
