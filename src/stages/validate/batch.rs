//! From reports to one Arrow batch, a row a report: what the rules are evaluated over.
//!
//! In: candidates of one form and the desk. Out: the columns of `Fields`, null where unknown.
//! Sums too large for the column stand as the largest value it holds, so that no comparison with
//! them holds by accident and none of them vanishes.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Int32Array, RecordBatch, RecordBatchOptions,
    StringArray,
};
use arrow::error::ArrowError;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::fields::{Fact, Fields, MONEY, Source};
use super::history::Figures;
use super::peers::{self, Peers};
use super::{Candidate, Desk};
use crate::domain::measure::Measure;
use crate::domain::period::Period;
use crate::domain::unit::MONEY_SCALE;
use crate::project::forms::Form;
use crate::project::seeds::roster::Firm;
use crate::project::settings::Checks;
use crate::stages::parse::Layout;

/// What the district's months come to, computed once for a whole check.
#[derive(Debug, Default)]
pub(super) struct District {
    last_year: BTreeMap<Period, Figures>,
    /// By the month of the report; filled where a firm without a history needs it.
    peers: BTreeMap<Period, OnceLock<Peers>>,
}

impl District {
    /// What reports of some months are held against.
    pub(super) fn of(months: &[Period], form: &Form, desk: &Desk<'_>) -> Self {
        let last_year = months.iter().filter_map(|period| {
            let month = year_before(*period)?;
            Some((month, desk.history.district(&form.form, month)?))
        });
        let peers = months.iter().map(|period| (*period, OnceLock::new()));
        Self { last_year: last_year.collect(), peers: peers.collect() }
    }
}

/// A report and all that is known about it.
struct Row<'a> {
    checks: &'a Checks,
    candidate: &'a Candidate,
    period: Option<Period>,
    is_cumulative: Option<bool>,
    is_restructured: Option<bool>,
    is_new: Option<bool>,
    firm: Option<&'a Firm>,
    own: Figures,
    previous: Option<Cow<'a, Figures>>,
    last_year: Option<Cow<'a, Figures>>,
    recent: Vec<Cow<'a, Figures>>,
    district: Option<&'a Figures>,
    /// Known of a firm without a history of its own.
    peers: Option<&'a Peers>,
    has: BTreeSet<Measure>,
    /// What counts of other forms in the same month, as far as rules look at them.
    beside: BTreeMap<&'a str, &'a Figures>,
}

/// The same month a year before.
fn year_before(period: Period) -> Option<Period> {
    period.months_before(12)
}

/// The batch of some candidates of one form, in their order.
///
/// # Errors
/// Only by a bug: columns that do not fit the schema.
pub(super) fn build(
    candidates: &[&Candidate],
    form: &Form,
    fields: &Fields,
    desk: &Desk<'_>,
    district: &District,
) -> Result<RecordBatch, ArrowError> {
    let rows: Vec<Row<'_>> =
        candidates.iter().map(|it| Row::new(it, (form, fields), desk, district)).collect();
    let columns = fields.columns.iter().map(|column| array(&rows, fields, column.source)).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    RecordBatch::try_new_with_options(Arc::new(fields.schema()), columns, &options)
}

impl<'a> Row<'a> {
    fn new(
        candidate: &'a Candidate,
        (form, fields): (&Form, &'a Fields),
        desk: &Desk<'a>,
        district: &'a District,
    ) -> Self {
        let report = &candidate.report;
        let code = report.credit_code.as_ref().map(|code| code.value.as_str());
        let period = report.period.as_ref().map(|period| period.value);
        let is_cumulative = period.map(|period| form.cumulative_months.contains(&period.month()));
        let before = period.and_then(|period| period.months_before(1));
        let at = candidate.received_at;
        let counted =
            |month: Option<Period>| counted(desk, &form.form, (code?, period?), (month?, at));
        let both = code.zip(period);
        let recent: Vec<_> = period
            .into_iter()
            .flat_map(peers::months_before)
            .filter_map(|month| counted(Some(month)))
            .collect();
        let peers =
            period.filter(|_| recent.len() < desk.checks.own_months_min).and_then(|period| {
                let peers = district.peers.get(&period)?;
                Some(peers.get_or_init(|| Peers::before(period, &form.form, &fields.bases, desk)))
            });
        let beside = fields.looked_at.iter().filter_map(|other| {
            let at = candidate.received_at;
            Some((other.as_str(), desk.history.figures(other, period?, code?, at)?))
        });
        Self {
            checks: desk.checks,
            candidate,
            period,
            is_cumulative,
            is_restructured: both.map(|(code, period)| desk.roster.is_restructured(code, period)),
            is_new: both
                .filter(|(code, _)| desk.roster.newest(code).is_some())
                .map(|(code, period)| desk.roster.is_new(code, period)),
            firm: both
                .and_then(|(code, period)| desk.roster.at(code, period))
                .or_else(|| desk.roster.newest(code?)),
            own: Figures::of(report),
            previous: before
                .filter(|_| is_cumulative == Some(false))
                .and_then(|month| counted(Some(month))),
            last_year: counted(period.and_then(year_before)),
            recent,
            district: period.and_then(year_before).and_then(|it| district.last_year.get(&it)),
            peers,
            beside: beside.collect(),
            has: form.measures(report.layout == Layout::Table, period),
        }
    }

    fn median(&self, value: impl Fn(&Figures) -> Option<Decimal>) -> Option<Decimal> {
        let mut values: Vec<Decimal> = self.recent.iter().filter_map(|past| value(past)).collect();
        if values.len() < self.checks.own_months_min {
            return None;
        }
        peers::median(&mut values)
    }

    /// Null where nothing is known of the month before.
    fn is_same_as_previous(&self) -> Option<bool> {
        let previous = self.previous.as_ref()?;
        let is_same = self.own.measure(Measure::Month).eq(previous.measure(Measure::Month));
        Some(is_same && self.own.measure(Measure::Month).any(|(_, value)| !value.is_zero()))
    }

    fn is_all_round(&self) -> bool {
        let figures = self.candidate.report.figures.iter();
        let money = figures.filter(|figure| figure.measure.is_current() && figure.unit.is_money());
        let values: Vec<Decimal> = money.map(crate::stages::parse::Figure::canonical).collect();
        let is_round = |value: &Decimal| (value % Decimal::from(self.checks.round_cny)).is_zero();
        values.iter().all(is_round) && values.iter().any(|value| !value.is_zero())
    }

    fn number(&self, fact: Fact) -> Option<i32> {
        let count = |count: usize| i32::try_from(count).ok();
        match fact {
            Fact::MonthNumber => self.period.and_then(|period| i32::try_from(period.month()).ok()),
            Fact::SizeClass => self.firm.map(|firm| firm.size_class),
            Fact::ExplanationChars => count(super::explanation_chars(&self.candidate.report)),
            Fact::RowCount => count(self.own.row_count()),
            Fact::OwnMonths => count(self.recent.len()),
            Fact::DistrictMonths => count(self.peers?.months),
            Fact::IsLeading
            | Fact::IsNew
            | Fact::IsRestructured
            | Fact::IsCumulative
            | Fact::Layout
            | Fact::IsSameAsPrevious
            | Fact::IsAllRound => None,
        }
    }

    fn truth(&self, fact: Fact) -> Option<bool> {
        match fact {
            Fact::IsLeading => self.firm.map(|firm| firm.is_leading),
            Fact::IsNew => self.is_new,
            Fact::IsRestructured => self.is_restructured,
            Fact::IsCumulative => self.is_cumulative,
            Fact::IsSameAsPrevious => self.is_same_as_previous(),
            Fact::IsAllRound => Some(self.is_all_round()),
            Fact::MonthNumber
            | Fact::SizeClass
            | Fact::ExplanationChars
            | Fact::Layout
            | Fact::RowCount
            | Fact::OwnMonths
            | Fact::DistrictMonths => None,
        }
    }
}

/// What counted for a month when a firm's report came: its own figures and those of its predecessors.
/// Unknown where one of them owed the form then and nothing is known of it.
pub(super) fn counted<'a>(
    desk: &Desk<'a>,
    form: &str,
    (code, period): (&str, Period),
    (month, at): (Period, DateTime<Utc>),
) -> Option<Cow<'a, Figures>> {
    let mut sum: Option<Cow<'a, Figures>> = None;
    for filer in desk.roster.filers(code, month, period) {
        match (desk.history.figures(form, month, filer, at), &mut sum) {
            (Some(figures), Some(sum)) => sum.to_mut().add(figures),
            (Some(figures), None) => sum = Some(Cow::Borrowed(figures)),
            (None, _) => {
                let spell = desk.roster.at(filer, month);
                if spell.is_some_and(|spell| spell.files(form)) {
                    return None;
                }
            }
        }
    }
    sum
}

fn array(rows: &[Row<'_>], fields: &Fields, source: Source) -> ArrayRef {
    let value =
        |figures: &Figures, at: usize, measure| fields.bases.get(at)?.value(figures, measure);
    match source {
        Source::Report(at, measure) => money(rows, |row| value(&row.own, at, measure)),
        Source::Previous(at, measure) => {
            money(rows, |row| value(row.previous.as_ref()?, at, measure))
        }
        Source::LastYear(at, measure) => {
            money(rows, |row| value(row.last_year.as_ref()?, at, measure))
        }
        Source::Median(at) => {
            money(rows, |row| row.median(|figures| value(figures, at, Measure::Month)))
        }
        Source::Beside(at, measure) => money(rows, |row| {
            let (form, base) = fields.beside.get(at)?;
            base.value(row.beside.get(form.as_str())?, measure)
        }),
        Source::District(at) => money(rows, |row| value(row.district?, at, Measure::Ytd)),
        Source::ClassMedian(at) => {
            money(rows, |row| row.peers?.class_median(row.firm?.size_class, at))
        }
        Source::DistrictMonth(at) => money(rows, |row| row.peers?.newest_month(at)),
        Source::AnnualRevenue => money(rows, |row| row.firm?.annual_revenue_cny),
        Source::Has(measure) => {
            let has = rows.iter().map(|row| Some(row.has.contains(&measure)));
            Arc::new(has.collect::<BooleanArray>())
        }
        Source::Fact(Fact::Layout) => {
            let layouts = rows.iter().map(|row| Some(row.candidate.report.layout.name()));
            Arc::new(layouts.collect::<StringArray>())
        }
        Source::Fact(fact) if source.data_type().is_integer() => {
            Arc::new(rows.iter().map(|row| row.number(fact)).collect::<Int32Array>())
        }
        Source::Fact(fact) => {
            Arc::new(rows.iter().map(|row| row.truth(fact)).collect::<BooleanArray>())
        }
    }
}

fn money<'a, 'b>(rows: &'b [Row<'a>], value: impl Fn(&'b Row<'a>) -> Option<Decimal>) -> ArrayRef {
    let values: Decimal128Array = rows.iter().map(|row| value(row).map(fen)).collect();
    Arc::new(values.with_data_type(MONEY))
}

/// Yuan as the integer a Decimal128(20,2) keeps.
fn fen(yuan: Decimal) -> i128 {
    const LIMIT: i128 = 99_999_999_999_999_999_999;
    let mut rounded = yuan
        .round_dp_with_strategy(MONEY_SCALE, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(MONEY_SCALE);
    // A number so large that it keeps no two decimals is beyond the limit whatever its mantissa.
    if rounded.scale() < MONEY_SCALE {
        return if rounded.is_sign_negative() { -LIMIT } else { LIMIT };
    }
    rounded.mantissa().clamp(-LIMIT, LIMIT)
}
