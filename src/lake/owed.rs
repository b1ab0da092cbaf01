//! Who owes which report: every firm on a spell that is asked for a form, month by month.
//!
//! In: roster, calendar, forms, settings, and the months the lake has. Out: the reports owed, by form,
//! month and firm, each with its deadline; none where the calendar has none, or where nobody was
//! expected to report here yet. Nothing can go wrong.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::domain::period::Period;
use crate::project::Project;
use crate::project::forms::Form;
use crate::project::seeds::roster::Firm;

/// The months a lake has reports of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filed {
    /// The first month of each form.
    pub first: BTreeMap<String, Period>,
    /// The last month of any.
    pub last: Option<Period>,
}

/// A report that is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owed<'a> {
    /// The form.
    pub form: &'a str,
    /// The month.
    pub period: Period,
    /// The firm, by the spell that holds in that month.
    pub firm: &'a Firm,
    /// When it is due; `None` where the calendar has no deadline, or before the month `since`.
    pub deadline: Option<DateTime<Utc>>,
}

/// All that is owed up to the last month anything was received for, by form, month and firm.
pub fn up_to_lake<'a>(project: &'a Project, filed: &Filed) -> impl Iterator<Item = Owed<'a>> {
    let months = project.forms.values().flat_map(|form| months(project, form, filed));
    let months: Vec<(&Form, Period)> = months.collect();
    months.into_iter().flat_map(|(form, period)| of_month(project, &form.form, period))
}

/// The months of a form up to the last of the lake: from the first that the calendar or the lake has.
pub fn months<'a>(
    project: &'a Project,
    form: &'a Form,
    filed: &Filed,
) -> impl Iterator<Item = (&'a Form, Period)> + use<'a> {
    let deadlines = project.seeds.calendar.deadlines.keys();
    let planned = deadlines.filter(|(other, _)| *other == form.form).map(|(_, period)| *period);
    let first = planned.chain(filed.first.get(&form.form).copied()).min();
    let months = first.zip(filed.last).map(|(first, last)| first.to(last));
    let is_filed = |period: &Period| !form.exempt_months.contains(&period.month());
    months.into_iter().flatten().filter(is_filed).map(move |period| (form, period))
}

/// What is owed of a form for a month, by firm; whether the month is exempt is not asked.
pub fn of_month<'a>(
    project: &'a Project,
    form: &'a str,
    period: Period,
) -> impl Iterator<Item = Owed<'a>> {
    let deadline = deadline(project, form, period);
    let firms = project.seeds.roster.due(form, period);
    firms.map(move |firm| Owed { form, period, firm, deadline })
}

/// When the reports of a form for a month are due; `None` where the calendar has no deadline, or
/// before the month `since`.
pub fn deadline(project: &Project, form: &str, period: Period) -> Option<DateTime<Utc>> {
    let since = project.settings.district.since;
    let deadline = project.seeds.calendar.deadlines.get(&(form.to_owned(), period));
    deadline.filter(|_| since.is_none_or(|since| since <= period)).map(DateTime::to_utc)
}
