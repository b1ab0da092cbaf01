//! How much of a month is in, by value: what the marts call `reported_value_share`.
//!
//! In: a form's month, what counted in the same month of last year. Out: last year's year to date of the
//! firms whose report counts, over that of all that owe one; where nobody has one, the share of firms.

use std::collections::BTreeMap;
use std::path::Path;

use rust_decimal::Decimal;

use super::counted;
use super::filing::FormMonth;
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
    let mut weights: BTreeMap<String, Decimal> = BTreeMap::new();
    for report in counted::current(lake, last_year)?.into_iter().filter(|it| it.form == month.form)
    {
        let value = item.and_then(|item| report.figure(form, item, Measure::Ytd));
        weights.insert(report.credit_code, value.unwrap_or_default());
    }
    // Last year's reports of those whose history the firm goes on with.
    let weight = |firm: &str| -> Decimal {
        let filers = project.seeds.roster.filers(firm, last_year, month.period).into_iter();
        filers.filter_map(|filer| weights.get(filer)).sum()
    };
    let (mut all, mut counting) = (Sum::default(), Sum::default());
    for owing in &month.firms {
        let weight = weight(&owing.firm.credit_code);
        all.add(weight);
        if owing.counting().is_some() {
            counting.add(weight);
        }
    }
    let is_of_firms = all.value <= Decimal::ZERO;
    let share = if is_of_firms {
        counting.firms.checked_div(all.firms)
    } else {
        counting.value.checked_div(all.value)
    };
    Ok(share.map(|share| Share { share, is_of_firms }))
}

/// A number of firms and what they weigh.
#[derive(Default)]
struct Sum {
    firms: Decimal,
    value: Decimal,
}

impl Sum {
    fn add(&mut self, value: Decimal) {
        self.firms += Decimal::ONE;
        self.value += value;
    }
}
