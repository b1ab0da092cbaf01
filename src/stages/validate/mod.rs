//! Validate: from a report to a verdict: accepted, queried or refused, and why.
//!
//! In: reports as found, the compiled rules, and the desk: forms, roster, history, settings. Out:
//! one verdict a report, in their order. What is wrong with a report is a finding; `Err` means that
//! a rule fails while it runs. Figures are never changed here.

use std::collections::BTreeMap;

use arrow::error::ArrowError;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use datafusion::error::DataFusionError;
use rayon::prelude::*;

use crate::domain::period::Period;
use crate::findings::Finding;
use crate::project::Project;
use crate::project::forms::Form;
use crate::project::seeds::roster::Roster;
use crate::project::settings::Checks;
use crate::stages::parse::Report;

mod base;

mod batch;

mod compile;

mod evaluate;

mod expand;

mod fields;

mod figures;

mod file_name;

mod history;

mod peers;

mod say;

mod structure;

mod verdict;

pub use compile::{Rules, compile};
pub use history::{Figures, History, Version};
pub use verdict::{State, Verdict};

/// Reports evaluated in one batch: large enough to be vectorised, small enough to stay in cache.
const BATCH_ROWS: usize = 2048;

/// A report that asks to be counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The submission it came with.
    pub submission_id: String,
    /// The name of the file as sent.
    pub file_name: String,
    /// Whether its workbook holds no other report: then the file's name speaks of it.
    pub is_alone_in_file: bool,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
    /// What was read.
    pub report: Report,
}

/// What lies on the reviewer's desk: all that reports are held against.
#[derive(Clone, Copy, Debug)]
pub struct Desk<'a> {
    /// The forms by number.
    pub forms: &'a BTreeMap<String, Form>,
    /// The firms.
    pub roster: &'a Roster,
    /// What counted in earlier months.
    pub history: &'a History,
    /// Thresholds of the checks that no rule can hold.
    pub checks: &'a Checks,
    /// Where it is decided which month is due.
    pub zone: Tz,
}

impl<'a> Desk<'a> {
    /// The desk of a project.
    pub fn of(project: &'a Project, history: &'a History) -> Self {
        Self {
            forms: &project.forms,
            roster: &project.seeds.roster,
            history,
            checks: &project.settings.checks,
            zone: project.settings.time_zone,
        }
    }
}

/// Why reports could not be checked: a rule or a form is amiss, not a report.
#[derive(Debug, thiserror::Error)]
pub enum ValidateError {
    /// A report of a form the project does not have.
    #[error("no form `{form}` in `jobs/forms`, yet submission `{submission_id}` holds one")]
    UnknownForm {
        /// The form.
        form: String,
        /// The submission.
        submission_id: String,
    },
    /// The reports of a form did not fit its batch: a bug.
    #[error("could not lay out the reports of form `{form}`")]
    Batch {
        /// The form.
        form: String,
        /// Why.
        source: ArrowError,
    },
    /// A rule failed while it ran.
    #[error("rule `{id}` of form `{form}` failed; guard divisions with `nullif(…, 0)`")]
    Rule {
        /// The form.
        form: String,
        /// The rule's id.
        id: String,
        /// Why.
        source: DataFusionError,
    },
}

/// Judges reports, each by itself against the desk; the verdicts stand in their order.
///
/// Reports of one call do not see each other: check month after month, so that the history holds
/// what counted before.
///
/// # Errors
/// When a rule fails on the figures (a division by zero), or a form is unknown.
pub fn check(
    candidates: &[Candidate],
    rules: &Rules,
    desk: &Desk<'_>,
) -> Result<Vec<Verdict>, ValidateError> {
    let mut by_form: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, candidate) in candidates.iter().enumerate() {
        by_form.entry(&candidate.report.form).or_default().push(at);
    }
    let mut said: Vec<Vec<Finding>> = vec![Vec::new(); candidates.len()];
    for places in by_form.into_values() {
        let group: Vec<&Candidate> = places.iter().filter_map(|at| candidates.get(*at)).collect();
        let Some(form) = form_of(&group, desk)? else { continue };
        for (at, findings) in places.into_iter().zip(check_form(&group, form, rules, desk)?) {
            if let Some(place) = said.get_mut(at) {
                *place = findings;
            }
        }
    }
    let names = structure::Names::default();
    let judged = candidates.par_iter().zip(said).map(|(candidate, by_rules)| {
        let form = desk.forms.get(&candidate.report.form);
        let structural =
            form.map_or_else(Vec::new, |form| structure::check(candidate, form, desk, &names));
        verdict::judge(candidate, form, structural, by_rules, desk.checks.explanation_chars_min)
    });
    Ok(judged.collect())
}

fn form_of<'a>(group: &[&Candidate], desk: &Desk<'a>) -> Result<Option<&'a Form>, ValidateError> {
    let Some(first) = group.first() else { return Ok(None) };
    let number = &first.report.form;
    desk.forms.get(number).map(Some).ok_or_else(|| ValidateError::UnknownForm {
        form: number.clone(),
        submission_id: first.submission_id.clone(),
    })
}

/// What the rules say of reports of one form, in their order.
fn check_form(
    group: &[&Candidate],
    form: &Form,
    rules: &Rules,
    desk: &Desk<'_>,
) -> Result<Vec<Vec<Finding>>, ValidateError> {
    let Some(rules) = rules.of(&form.form) else { return Ok(vec![Vec::new(); group.len()]) };
    let mut months: Vec<Period> =
        group.iter().filter_map(|candidate| candidate.report.month()).collect();
    months.sort_unstable();
    months.dedup();
    let district = batch::District::of(&months, form, desk);
    let chunks = group.par_chunks(BATCH_ROWS).map(|chunk| {
        let batch = batch::build(chunk, form, &rules.fields, desk, &district)
            .map_err(|source| ValidateError::Batch { form: form.form.clone(), source })?;
        evaluate::run(rules, &batch, chunk, form)
    });
    Ok(chunks.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

/// Characters of a report's explanation, blanks not counted.
fn explanation_chars(report: &Report) -> usize {
    report.explanation.as_ref().map_or(0, |explanation| {
        explanation.value.chars().filter(|letter| !letter.is_whitespace()).count()
    })
}
