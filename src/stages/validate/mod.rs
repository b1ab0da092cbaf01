//! Validate: from a report to a verdict: accepted, queried or refused, and why.
//!
//! In: reports as found, the compiled rules, and what they are held against: forms, roster, history,
//! settings. Out: one verdict a report, in their order. What is wrong with a report is a finding; `Err`
//! means that a rule fails while it runs. Figures are never changed here.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use datafusion::error::DataFusionError;
use rayon::prelude::*;

use self::known::{DistrictMonth, Known};
use crate::domain::entry::Entries;
use crate::domain::period::Period;
use crate::findings::Finding;
use crate::lake::counted::{Counted, Figures};
use crate::lake::records::CountedLedger;
use crate::project::Project;
use crate::project::forms::Form;
use crate::project::seeds::Seeds;
use crate::project::seeds::roster::Roster;
use crate::project::settings::Checks;
use crate::stages::parse::Report;

mod base;
mod compile;
mod evaluate;
mod expand;
mod fields;
mod figures;
mod file_name;
mod known;
mod ledger;
mod structure;
mod verdict;

pub use compile::{Rules, compile};
pub use verdict::{State, Verdict};

/// Reports evaluated in one batch: large enough to be vectorised, small enough to stay in cache.
const BATCH_ROWS: usize = 2048;

/// What was sent: a report of a workbook, or a workbook in which there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// Its id.
    pub id: String,
    /// SHA-256 of the workbook.
    pub sha256: String,
    /// The name of the file as sent.
    pub file_name: String,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
}

/// A report that asks to be counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// How it came.
    pub submission: Submission,
    /// Whether its workbook holds no other report: then the file's name speaks of it.
    pub is_alone_in_file: bool,
    /// Whether its workbook bears the same form and firm for the same month of the next year: then it
    /// was sent along for comparison, and counts only where nothing else was filed.
    pub is_enclosed: bool,
    /// What was read.
    pub report: Report,
}

/// The accepted reports of earlier months, every revision of them; a month nobody inserted is simply
/// not there.
///
/// A report is held against what counted when it was received: a correction that arrives later
/// overturns no verdict that was given before. Thirteen months before the one being checked are
/// enough for every field of the rules.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// By month, form and firm, in the order of receipt.
    pub months: BTreeMap<Period, ReportsOfMonth>,
    /// By month: the accepted ledgers, of every month before, in the order of receipt.
    pub ledgers: BTreeMap<Period, Vec<CountedLedger>>,
}

/// Reports by form and firm, in the order of receipt.
pub type ReportsOfMonth = BTreeMap<String, BTreeMap<String, Vec<Counted>>>;

/// Sorts the reports of a month by form and firm.
pub fn by_firm(reports: Vec<Counted>) -> ReportsOfMonth {
    let mut forms = ReportsOfMonth::new();
    let mut reports = reports.into_iter().peekable();
    while let Some(first) = reports.peek() {
        let form = first.form.clone();
        // They come by form and firm, so that nearly all are added at the end.
        let firms = forms.entry(form.clone()).or_default();
        while let Some(report) = reports.next_if(|it| it.form == form) {
            match firms.last_entry().filter(|last| *last.key() == report.credit_code) {
                Some(last) => last.into_mut().push(report),
                None => firms.entry(report.credit_code.clone()).or_default().push(report),
            }
        }
    }
    forms
}

impl History {
    /// Takes in an accepted revision; the order of calls does not matter.
    pub fn insert(&mut self, period: Period, report: Counted) {
        let forms = self.months.entry(period).or_default();
        let firms = forms.entry(report.form.clone()).or_default();
        let versions = firms.entry(report.credit_code.clone()).or_default();
        versions.push(report);
        versions.sort_by(|a, b| {
            (a.received_at, &a.submission_id).cmp(&(b.received_at, &b.submission_id))
        });
    }

    /// What counted of a firm for a month at an instant; where nothing had come yet, what came
    /// first: workbooks of past years are often taken in together, in no order.
    pub fn figures(
        &self,
        form: &str,
        period: Period,
        credit_code: &str,
        at: DateTime<Utc>,
    ) -> Option<&Figures> {
        let versions = self.months.get(&period)?.get(form)?.get(credit_code)?;
        let known = versions.iter().rfind(|version| version.received_at <= at);
        known.or(versions.first()).map(|version| &version.figures)
    }

    /// What the ledgers of the months before one say of each key: the newest that mentions it does. As
    /// with figures, what counted at an instant, or what came first.
    pub fn rows(
        &self,
        form: &str,
        (code, period): (&str, Period),
        at: DateTime<Utc>,
    ) -> BTreeMap<&str, &Entries> {
        let mut rows = BTreeMap::new();
        for ledgers in self.ledgers.range(..period).map(|(_, ledgers)| ledgers) {
            let mut own = ledgers.iter().filter(|it| it.form == form && it.credit_code == code);
            let first = own.clone().next();
            let counted = own.rfind(|it| it.received_at <= at).or(first);
            let counted = counted.iter().flat_map(|it| &it.rows);
            rows.extend(counted.map(|(key, entries)| (key.as_str(), entries)));
        }
        rows
    }

    /// The sums over all firms whose report of a month counts today; `None` when no report does.
    pub fn district(&self, form: &str, period: Period) -> Option<Figures> {
        let mut reports = self.counting(form, period).map(|(_, figures)| figures);
        let mut sums = reports.next()?.clone();
        reports.for_each(|figures| sums.add(figures));
        Some(sums)
    }

    /// What counts today for a month, by firm.
    pub fn counting(&self, form: &str, period: Period) -> impl Iterator<Item = (&str, &Figures)> {
        let reports = self.months.get(&period).and_then(|forms| forms.get(form));
        let versions = reports.into_iter().flatten();
        versions.filter_map(|(code, versions)| Some((code.as_str(), &versions.last()?.figures)))
    }
}

/// All that reports are held against.
#[derive(Clone, Copy, Debug)]
pub struct References<'a> {
    /// The forms by number.
    pub forms: &'a BTreeMap<String, Form>,
    /// The firms.
    pub roster: &'a Roster,
    /// What counted in earlier months.
    pub history: &'a History,
    /// The seeds in which columns of ledgers are looked up.
    pub seeds: &'a Seeds,
    /// Thresholds of the checks that no rule can hold.
    pub checks: &'a Checks,
    /// Where it is decided which month is due.
    pub zone: Tz,
}

impl<'a> References<'a> {
    /// Those of a project.
    pub fn of(project: &'a Project, history: &'a History) -> Self {
        Self {
            forms: &project.forms,
            roster: &project.seeds.roster,
            history,
            seeds: &project.seeds,
            checks: &project.settings.checks,
            zone: project.settings.time_zone,
        }
    }

    /// What counted for a month when a firm's report of a later one came: its own figures and those of
    /// its predecessors. Unknown where one of them owed the form then and nothing is known of it.
    fn counted(
        &self,
        form: &str,
        (code, period): (&str, Period),
        (month, at): (Period, DateTime<Utc>),
    ) -> Option<Cow<'a, Figures>> {
        let mut sum: Option<Cow<'a, Figures>> = None;
        for filer in self.roster.filers(code, month, period) {
            match (self.history.figures(form, month, filer, at), &mut sum) {
                (Some(figures), Some(sum)) => sum.to_mut().add(figures),
                (Some(figures), None) => sum = Some(Cow::Borrowed(figures)),
                (None, _) => {
                    let spell = self.roster.at(filer, month);
                    if spell.is_some_and(|spell| spell.files(form)) {
                        return None;
                    }
                }
            }
        }
        sum
    }
}

/// A rule failed while it ran: it is amiss, not a report.
#[derive(Debug, thiserror::Error)]
#[error("rule `{id}` of form `{form}` failed; guard divisions with `nullif(…, 0)`")]
pub struct ValidateError {
    /// The form.
    pub form: String,
    /// The rule's id.
    pub id: String,
    /// Why.
    pub source: DataFusionError,
}

/// Judges reports of the project's forms, each by itself against what is known; the verdicts stand in
/// their order.
///
/// Reports of one call do not see each other: check month after month, so that the history holds
/// what counted before.
///
/// # Errors
/// When a rule fails on the figures (a division by zero).
pub fn check(
    candidates: &[Candidate],
    rules: &Rules,
    against: &References<'_>,
) -> Result<Vec<Verdict>, ValidateError> {
    let form = |of: &Candidate| {
        against.forms.get(&of.report.form).expect("what is read is of a form of the project")
    };
    let mut by_form: BTreeMap<&str, Vec<(usize, &Candidate)>> = BTreeMap::new();
    for (at, candidate) in candidates.iter().enumerate() {
        by_form.entry(&candidate.report.form).or_default().push((at, candidate));
    }
    let mut said: Vec<Vec<Finding>> = vec![Vec::new(); candidates.len()];
    for (places, group) in by_form.into_values().map(|group| group.into_iter().unzip()) {
        let (places, group): (Vec<usize>, Vec<&Candidate>) = (places, group);
        let Some(first) = group.first() else { continue };
        for (at, findings) in places.into_iter().zip(apply(rules, form(first), &group, against)?) {
            if let Some(place) = said.get_mut(at) {
                *place = findings;
            }
        }
    }
    let names = structure::Names::default();
    let explained_from = against.checks.explanation_chars_min;
    let judged = candidates.par_iter().zip(said).map(|(candidate, by_rules)| {
        let form = form(candidate);
        let structural = structure::Review::of(candidate, form, against, &names).findings();
        Verdict::of(&candidate.report, form, structural, by_rules, explained_from)
    });
    Ok(judged.collect())
}

/// What the rules say of reports of one form, in their order.
fn apply(
    rules: &Rules,
    form: &Form,
    group: &[&Candidate],
    against: &References<'_>,
) -> Result<Vec<Vec<Finding>>, ValidateError> {
    let Some(rules) = rules.of(&form.form) else { return Ok(vec![Vec::new(); group.len()]) };
    if form.is_ledger() {
        return group.iter().map(|it| ledger::findings(rules, form, it, against)).collect();
    }
    let mut districts = BTreeMap::new();
    for period in group.iter().filter_map(|candidate| candidate.report.month()) {
        districts.entry(period).or_insert_with(|| DistrictMonth::of(&form.form, period, against));
    }
    let chunks = group.par_chunks(BATCH_ROWS).map(|chunk| {
        let known =
            chunk.iter().map(|it| Known::of(it, (form, &rules.fields), against, &districts));
        let batch = rules.fields.batch(&known.collect::<Vec<_>>());
        let rows = chunk.iter().map(|it| (*it, None)).collect::<Vec<_>>();
        evaluate::run(rules, &batch, &rows, form)
    });
    Ok(chunks.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

/// Characters of a report's explanation, blanks not counted.
fn explanation_chars(report: &Report) -> usize {
    let explanation = report.explanation.iter().flat_map(|found| found.value.chars());
    explanation.filter(|letter| !letter.is_whitespace()).count()
}
