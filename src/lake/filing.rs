//! Who owes which report for a month, what was sent of it and what counts.
//!
//! In: roster, calendar and the lake. Out: one [`FormMonth`] a form, each firm that owes it with every
//! revision it sent, the oldest first. Before anybody has filed, too.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, Utc};

use super::owed;
use super::rows::{self, SubmissionRow};
use crate::domain::period::Period;
use crate::files::parquet::TableError;
use crate::project::Project;
use crate::project::forms::Form;
use crate::project::seeds::roster::Firm;

/// One form in one month.
#[derive(Clone, Debug)]
pub struct FormMonth {
    /// The form.
    pub form: String,
    /// The month.
    pub period: Period,
    /// Until when it is due; `None` where the calendar has none, or before the month `since`.
    pub deadline: Option<DateTime<Utc>>,
    /// The firms that owe it, by credit code.
    pub firms: Vec<OwingFirm>,
}

/// A firm that owes a form for a month, and what it sent.
#[derive(Clone, Debug)]
pub struct OwingFirm {
    /// Its row of the roster.
    pub firm: Firm,
    /// Its revisions, oldest first.
    pub sent: Vec<SubmissionRow>,
}

impl OwingFirm {
    /// The firm's credit code.
    pub fn code(&self) -> &str {
        &self.firm.credit_code
    }

    /// The revision that counts.
    pub fn counting(&self) -> Option<&SubmissionRow> {
        self.sent.iter().find(|sent| sent.is_current)
    }

    /// The revision that people are shown: the one that counts, else the newest.
    pub fn shown(&self) -> Option<&SubmissionRow> {
        self.counting().or(self.sent.last())
    }

    /// When its report first counted.
    pub fn first_counted(&self) -> Option<DateTime<Utc>> {
        self.sent.iter().filter(|sent| sent.has_counted).map(|sent| sent.received_at).min()
    }

    /// Whether it is late: told by the first it sent, whatever became of that, or by the present
    /// instant where nothing came.
    pub fn is_late(&self, deadline: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        let first = self.sent.iter().map(|sent| sent.received_at).min();
        deadline < first.unwrap_or(now)
    }
}

/// The forms that firms owe for a month, by form; those that nobody owes are left out.
pub fn of(project: &Project, lake: &Path, period: Period) -> Result<Vec<FormMonth>, TableError> {
    let mut submissions = rows::submissions(lake, &period.to_string())?;
    submissions.sort_by_key(|sent| (sent.received_at, sent.revision));
    let forms = project.forms.values().filter(|it| !it.exempt_months.contains(&period.month()));
    let form_month = |form: &Form| {
        let deadline = owed::deadline(project, &form.form, period);
        let mut of_form: BTreeMap<Option<&str>, Vec<&SubmissionRow>> = BTreeMap::new();
        for sent in submissions.iter().filter(|sent| sent.form.as_deref() == Some(&form.form)) {
            of_form.entry(sent.credit_code.as_deref()).or_default().push(sent);
        }
        let owing = |firm: &Firm| {
            let sent = of_form.get(&Some(firm.credit_code.as_str())).into_iter().flatten();
            OwingFirm { firm: firm.clone(), sent: sent.map(|sent| (*sent).clone()).collect() }
        };
        let is_expected = !of_form.is_empty() || is_planned(project, form, period);
        let due = project.seeds.roster.due(&form.form, period).filter(|_| is_expected);
        // Nobody was expected to report here yet: only who did is looked at.
        let is_before = project.settings.district.since.is_some_and(|since| period < since);
        let firms = due.map(owing).filter(|it| !is_before || !it.sent.is_empty()).collect();
        FormMonth { form: form.form.clone(), period, deadline, firms }
    };
    Ok(forms.map(form_month).filter(|month| !month.firms.is_empty()).collect())
}

/// Whether the calendar reaches over a month of a form.
fn is_planned(project: &Project, form: &Form, period: Period) -> bool {
    let deadlines = project.seeds.calendar.deadlines.keys();
    let months = || deadlines.clone().filter(|(of, _)| *of == form.form).map(|(_, month)| *month);
    months().min().is_some_and(|first| first <= period)
        && months().max().is_some_and(|last| period <= last)
}

/// One form of a month; nobody owes a form that is not there.
pub fn of_form(
    project: &Project,
    lake: &Path,
    form: &str,
    period: Period,
) -> Result<Option<FormMonth>, TableError> {
    Ok(of(project, lake, period)?.into_iter().find(|month| month.form == form))
}

/// How many filed months in a row each firm is late, up to and with a month; months whose deadline has
/// not passed while nothing came, and those without one, neither count nor break the row.
pub fn months_late(
    project: &Project,
    lake: &Path,
    month: &FormMonth,
    now: DateTime<Utc>,
) -> Result<BTreeMap<String, usize>, TableError> {
    let mut late: BTreeMap<String, usize> = BTreeMap::new();
    let mut open: BTreeSet<&str> = month.firms.iter().map(OwingFirm::code).collect();
    let deadlines = project.seeds.calendar.deadlines.keys();
    let first = deadlines.filter(|(form, _)| *form == month.form).map(|(_, period)| *period).min();
    let mut period = Some(month.period);
    while let Some(at) = period.filter(|at| first.is_some_and(|first| first <= *at)) {
        let known = of_form(project, lake, &month.form, at)?;
        let deadline = known.as_ref().and_then(|month| month.deadline);
        for owing in known.iter().flat_map(|month| &month.firms) {
            let is_open = open.contains(owing.code());
            let Some(deadline) = deadline.filter(|_| is_open) else { continue };
            if owing.is_late(deadline, now) {
                *late.entry(owing.code().to_owned()).or_default() += 1;
            } else if !owing.sent.is_empty() {
                open.remove(owing.code());
            }
        }
        period = at.months_before(1).filter(|_| !open.is_empty());
    }
    Ok(late)
}
