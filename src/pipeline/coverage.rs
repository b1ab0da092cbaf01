//! How much of a month has come in: read from roster, calendar and lake, for coverage triggers.
//!
//! In: a rule, a month. Out: who is due, what each weighs, and when each firm's report first counted:
//! plain values, the same whenever they are read.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::domain::measure::Measure;
use crate::domain::period::Period;
use crate::files::parquet::TableError;
use crate::lake::counted;
use crate::lake::filing;
use crate::project::Project;
use crate::project::schedules::Coverage;

/// What is known of a form and month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Last month's value of each firm due, by credit code; nothing where the rule counts firms.
    pub due: BTreeMap<String, Decimal>,
    /// When each firm's report first counted, by credit code.
    pub receipts: BTreeMap<String, DateTime<Utc>>,
}

/// Reads what a coverage rule is about for one month. Nobody is due for a month without a deadline.
pub fn progress(
    project: &Project,
    lake: &Path,
    rule: &Coverage,
    period: Period,
) -> Result<Progress, TableError> {
    let month = filing::of_form(project, lake, &rule.form, period)?;
    let Some(month) = month.filter(|month| month.deadline.is_some()) else {
        return Ok(Progress::default());
    };
    let mut progress = Progress::default();
    for owing in month.firms {
        let code = &owing.firm.credit_code;
        progress.due.insert(code.clone(), Decimal::ZERO);
        progress.receipts.extend(owing.first_counted().map(|at| (code.clone(), at)));
    }
    let Some((item, form)) = rule.item.as_deref().zip(project.forms.get(&rule.form)) else {
        return Ok(progress);
    };
    let mut back = (1..=12).filter_map(|months| period.months_before(months));
    let Some(last) = back.find(|month| !form.exempt_months.contains(&month.month())) else {
        return Ok(progress);
    };
    // What each firm filed of the month, or, where its month columns may be empty, of the year to it.
    let is_cumulative = form.cumulative_months.contains(&last.month());
    let measure = if is_cumulative { Measure::Ytd } else { Measure::Month };
    let values = counted::values(lake, (form, last), Some(item), measure)?;
    for (firm, value) in &mut progress.due {
        let filers = project.seeds.roster.filers(firm, last, period);
        *value = filers.into_iter().filter_map(|filer| values.get(filer)).sum();
    }
    Ok(progress)
}
