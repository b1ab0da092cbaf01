//! The verdict: findings put together, counted and weighed.
//!
//! In: what parsing, the structural checks and the rules said of one report. Out: the state that
//! follows. An explanation lifts the queries it can; nothing lifts an error.

use serde::Serialize;

use super::{Candidate, explanation_chars, structure};
use crate::findings::{Finding, Severity};
use crate::project::forms::Form;

/// What becomes of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It counts.
    Accepted,
    /// It waits for a written explanation and does not count until then.
    Queried,
    /// It does not count; it has to be corrected.
    Refused,
}

impl State {
    /// The name used in the lake.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Queried => "queried",
            Self::Refused => "refused",
        }
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
    /// Adds a note, or a query, that became clear only beside other reports.
    pub fn add(&mut self, finding: Finding) {
        let is_query = finding.severity == Severity::Query;
        self.queries += usize::from(is_query);
        if is_query && !finding.is_explainable && self.state == State::Accepted {
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

/// Weighs all that was said of a report; from `explained_from` characters on, blanks not counted,
/// an explanation lifts queries.
pub(super) fn judge(
    candidate: &Candidate,
    form: Option<&Form>,
    structural: Vec<Finding>,
    by_rules: Vec<Finding>,
    explained_from: usize,
) -> Verdict {
    let report = &candidate.report;
    let news = by_rules.into_iter().filter(|finding| !is_said(&report.findings, finding));
    let mut findings: Vec<Finding> =
        report.findings.iter().cloned().chain(structural).chain(news).collect();
    sort(&mut findings);
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, queries) = (count(Severity::Error), count(Severity::Query));
    let is_held = findings.iter().any(|it| it.severity == Severity::Query && !it.is_explainable);
    let is_explained = !is_held && explanation_chars(report) >= explained_from;
    let state = match (errors, queries) {
        (0, 0) => State::Accepted,
        (0, _) if is_explained => State::Accepted,
        (0, _) => State::Queried,
        _ => State::Refused,
    };
    Verdict {
        state,
        edition: form.and_then(|form| structure::edition(report, form)),
        credit_code: report.credit_code.as_ref().map(|code| code.value.clone()),
        findings,
        errors,
        queries,
        explanation: report.explanation.as_ref().map(|explanation| explanation.value.clone()),
    }
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
