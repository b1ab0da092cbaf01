//! How much of a month is in, by value: what the marts call `reported_value_share`.
//!
//! In: a form's month, what counted in the same month of last year. Out: last year's year to date of the
//! firms whose report counts, over that of all that owe one; where nobody has one, the share of firms.

use std::path::Path;

use rust_decimal::Decimal;

use super::counted;
use super::filing::{FormMonth, OwingFirm};
use crate::domain::measure::Measure;
use crate::files::parquet::TableError;
use crate::project::Project;

/// How much of a form's month is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// From 0 to 1.
    pub share: Decimal,
    /// Whether it is one of firms, since nobody has a value of last year.
    pub is_of_firms: bool,
}

/// The share of a form's month that is in; `None` where nobody owes the form.
pub fn of(project: &Project, lake: &Path, month: &FormMonth) -> Result<Option<Share>, TableError> {
    let last_year = month.period.months_before(12);
    let Some((form, last_year)) = project.forms.get(&month.form).zip(last_year) else {
        return Ok(None);
    };
    // The first item of a form is what it is about; a form of open rows alone is about their sum.
    let first = form.item.first().map(|item| item.item.as_str());
    let item = first.or_else(|| form.rows.iter().find_map(|rows| rows.sum.as_deref()));
    let values = counted::values(lake, (form, last_year), item, Measure::Ytd)?;
    // Last year's reports of those whose history the firm goes on with.
    let weight = |owing: &OwingFirm| -> Decimal {
        let filers = project.seeds.roster.filers(owing.code(), last_year, month.period);
        filers.into_iter().filter_map(|filer| values.get(filer)).sum()
    };
    let counting = || month.firms.iter().filter(|owing| owing.counting().is_some());
    let all: Decimal = month.firms.iter().map(weight).sum();
    let is_of_firms = all <= Decimal::ZERO;
    let share = if is_of_firms {
        Decimal::from(counting().count()).checked_div(month.firms.len().into())
    } else {
        counting().map(weight).sum::<Decimal>().checked_div(all)
    };
    Ok(share.map(|share| Share { share, is_of_firms }))
}
