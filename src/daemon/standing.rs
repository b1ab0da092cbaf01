//! How the filing of the newest month stands: a number or two for the metrics, never a firm.
//!
//! In: roster, calendar and lake, after each run that may have changed it and each new day. Out: for
//! every form, how many firms are due and of how many a report has counted.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Utc};

use crate::domain::period::Period;
use crate::files::parquet::TableError;
use crate::lake::filing;
use crate::project::Project;

/// The filing of one form for one month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The form.
    pub form: String,
    /// The month.
    pub period: Period,
    /// Firms that are due.
    pub due: usize,
    /// Those of them whose report has counted.
    pub reported: usize,
}

/// The newest month of each form that is over and has a deadline.
pub fn standings(
    project: &Project,
    lake: &Path,
    now: DateTime<Utc>,
) -> Result<Vec<Standing>, TableError> {
    let zone = project.settings.time_zone;
    let today = now.with_timezone(&zone).date_naive();
    let mut newest: BTreeMap<&str, Period> = BTreeMap::new();
    for (form, period) in project.seeds.calendar.deadlines.keys() {
        if period.last_day() < today {
            let known = newest.entry(form).or_insert(*period);
            *known = (*known).max(*period);
        }
    }
    let mut standings = Vec::new();
    for (form, period) in newest {
        let firms = filing::of_form(project, lake, form, period)?.map(|it| it.firms);
        let firms = firms.unwrap_or_default();
        let reported = firms.iter().filter(|firm| firm.first_counted().is_some()).count();
        let form = form.to_owned();
        standings.push(Standing { form, period, due: firms.len(), reported });
    }
    Ok(standings)
}
