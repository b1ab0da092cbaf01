//! Who owes which report: every firm on a spell that is asked for a form, month by month.
//!
//! In: roster, calendar, forms, settings, and the months the lake has. Out: the reports owed, by form,
//! month and firm, each with its deadline; none where the calendar has none, or where nobody was
//! expected to report here yet. Nothing can go wrong.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::rows;
use crate::domain::period::Period;
use crate::files::parquet::TableError;
use crate::project::Project;
use crate::project::forms::Form;
use crate::project::seeds::roster::Firm;

/// The months a lake has reports of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filed {
    /// The first month of each form.
    pub first: BTreeMap<String, Period>,
    /// The last month of any that had ended when its report came: one that had not is a slip.
    pub last: Option<Period>,
}

impl Filed {
    /// What a lake has; days are those of the project's zone.
    pub fn of(lake: &Path, zone: Tz) -> Result<Self, TableError> {
        let spans = rows::months_of_forms(lake)?;
        let mut last = spans.values().map(|(_, last)| *last).max();
        let first = spans.into_iter().map(|(form, (first, _))| (form, first)).collect();
        // A month of which nothing counts yet has no figures.
        let later: Vec<Period> = rows::partitions(lake)?
            .iter()
            .filter_map(|month| month.parse().ok())
            .filter(|month| last.is_none_or(|last| last < *month))
            .collect();
        for month in later {
            let has_ended =
                |at: DateTime<Utc>| month.last_day() < at.with_timezone(&zone).date_naive();
            let sent = rows::submissions(lake, &month.to_string())?;
            last = last.max(sent.iter().any(|sent| has_ended(sent.received_at)).then_some(month));
        }
        Ok(Self { first, last })
    }
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

/// Forms with the months that firms owe and the calendar has no deadline for, up to the last month of
/// the lake, or, where the data is real, the one that ended last. A form that the calendar does not
/// know at all is owed from the first month it knows of any; a ledger, from the first that is filed.
pub fn without_deadline(
    project: &Project,
    filed: &Filed,
    now: DateTime<Utc>,
) -> BTreeMap<String, Vec<Period>> {
    let settings = &project.settings;
    let zone = settings.time_zone;
    let today = Period::of(now.with_timezone(&zone).date_naive());
    let ended = today.and_then(|month| month.months_before(1));
    let ended = ended.filter(|_| !settings.district.is_synthetic);
    let known = project.seeds.calendar.deadlines.keys().map(|(_, month)| *month).min();
    let since = settings.district.since;
    let mut missing: BTreeMap<String, Vec<Period>> = BTreeMap::new();
    for form in project.forms.values() {
        let mut filed = Filed { last: filed.last.max(ended), ..filed.clone() };
        let is_unknown =
            project.seeds.calendar.deadlines.keys().all(|(other, _)| *other != form.form);
        if is_unknown && !form.is_ledger() {
            filed.first.extend(known.map(|known| (form.form.clone(), known)));
        }
        let months = months(project, form, &filed).map(|(_, month)| month);
        let is_missing = |month: &Period| {
            since.is_none_or(|since| since <= *month)
                && deadline(project, &form.form, *month).is_none()
                && project.seeds.roster.due(&form.form, *month).next().is_some()
        };
        let months: Vec<Period> = months.filter(is_missing).collect();
        if !months.is_empty() {
            missing.insert(form.form.clone(), months);
        }
    }
    missing
}
