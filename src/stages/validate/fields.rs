//! The fields rules can speak about: the columns of a form's batch, their types and origins.
//!
//! In: a form; later its reports. Out: its fields in a fixed order, documented in
//! `jobs/rules/README.md`, and a batch of them, a row a report. A field is never missing from the
//! batch; what is not known of a report is null. Sums too large for a column stand as the largest value
//! it holds, so that no comparison with them holds by accident and none of them vanishes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int32Array, RecordBatch,
    RecordBatchOptions, StringArray,
};
use arrow::datatypes::{DataType, Date32Type, Field, Schema};
use chrono::NaiveDate;
use rust_decimal::{Decimal, RoundingStrategy};

use super::known::{self, Known};
use super::ledger;
use crate::domain::entry::Entry;
use crate::domain::measure::Measure;
use crate::domain::unit::MONEY_SCALE;
use crate::lake::counted::Figures;
use crate::project::forms::{EntryKind, Form};
use Measure::{Month, Ytd};

/// The type of every money field: yuan to the fen.
pub(super) const MONEY: DataType = DataType::Decimal128(20, 2);

/// The fields of one form.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    /// The items and sums the figures are about.
    pub(super) bases: Vec<Base>,
    /// The other forms that any rule refers to; only their fields are filled.
    pub(super) looked_at: BTreeSet<String>,
    pub(super) columns: Vec<RuleField>,
}

/// An item, or the sum of an open group.
#[derive(Clone, Debug)]
pub(super) struct Base {
    /// Its place among those of the form.
    pub(super) at: usize,
    /// The name in fields (`output`).
    pub(super) name: String,
    /// The item in the lake, or the prefix of the group's items.
    pub(super) item: String,
    is_sum: bool,
}

/// One column of the batch.
#[derive(Clone, Debug)]
pub(super) struct RuleField {
    pub(super) name: String,
    pub(super) origin: Origin,
}

/// Where a column's values come from.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    /// The report itself.
    Own(Base, Measure),
    /// What counts of another form of the firm in the same month.
    Beside(String, Base, Measure),
    /// What other reports say of an item: yuan.
    Others(Base, OfItem),
    Yuan(fn(&Known<'_>) -> Option<Decimal>),
    Number(fn(&Known<'_>) -> Option<i32>),
    Truth(fn(&Known<'_>) -> Option<bool>),
    Word(fn(&Known<'_>) -> Option<&'static str>),
    Day(fn(&Known<'_>) -> Option<NaiveDate>),
    /// A column of the ledger's row, or of the older row with its key.
    Entry(String, EntryKind, OfRow),
    /// Whether a column of the ledger's row stands in its seed.
    Listed(String),
    /// Whether the layout of the report bears a measure.
    Has(Measure),
}

/// What a row says in a column.
type OfRow = for<'a> fn(&Known<'a>, &str) -> Option<&'a Entry>;

type OfItem = fn(&Known<'_>, &Base) -> Option<Decimal>;

/// What other reports say of each item, by what stands before and behind its name.
const OTHERS: [(&str, &str, OfItem); 8] = [
    // The firm's counted report of the month before.
    ("previous_", "_month", |it, base| base.value(it.previous()?, Month)),
    ("previous_", "_ytd", |it, base| base.value(it.previous()?, Ytd)),
    // The firm's counted report of the same month last year.
    ("last_year_", "_month", |it, base| base.value(it.last_year()?, Month)),
    ("last_year_", "_ytd", |it, base| base.value(it.last_year()?, Ytd)),
    // The median of the firm's counted months of the last twelve.
    ("median12_", "_month", known::own_median),
    // The sum over all counted reports of the same month last year.
    ("district_last_year_", "_ytd", |it, base| base.value(it.district_last_year()?, Ytd)),
    // The median of what firms of its size made in a month, of the last twelve.
    ("class_median_", "_month", known::class_median),
    // What the district made in the newest earlier month that counts.
    ("district_", "_month", |it, base| it.peers()?.newest.get(&base.at).copied()),
];

/// What is known of a report as a whole, by name.
const WHOLE: [(&str, Origin); 14] = [
    // The month of the year, 1 to 12.
    ("month_number", Origin::Number(|it| i32::try_from(it.period?.month()).ok())),
    // 1 large to 4 micro.
    ("size_class", Origin::Number(|it| it.firm().map(|firm| firm.size_class))),
    ("is_leading", Origin::Truth(|it| it.firm().map(|firm| firm.is_leading))),
    // Whether the firm joined the roster in the report's year.
    ("is_new", Origin::Truth(known::is_new)),
    // Whether a split or merger was approved this year.
    ("is_restructured", Origin::Truth(known::is_restructured)),
    // Whether the month's year to date covers months that are not filed (February).
    ("is_cumulative", Origin::Truth(known::is_cumulative)),
    // Characters of the explanation, blanks not counted.
    ("explanation_chars", Origin::Number(|it| count(super::explanation_chars(it.report)))),
    ("layout", Origin::Word(|it| Some(it.report.layout.name()))),
    // Whether all month figures equal those of the month before, and not all are zero.
    ("is_same_as_previous", Origin::Truth(known::is_same_as_previous)),
    // Whether all current money is in whole millions of yuan, and not all zero.
    ("is_all_round", Origin::Truth(|it| Some(it.is_all_round()))),
    // How many rows bear figures.
    ("row_count", Origin::Number(|it| count(it.own.row_count()))),
    // In how many of the last twelve months a report of its own counts.
    ("own_months", Origin::Number(|it| count(it.recent.len()))),
    // In how many of the last twelve months any report of the form counts.
    ("district_months", Origin::Number(|it| count(it.peers()?.months))),
    // By the roster, a year.
    ("annual_revenue", Origin::Yuan(|it| it.firm()?.annual_revenue_cny)),
];

fn count(count: usize) -> Option<i32> {
    i32::try_from(count).ok()
}

impl Base {
    fn all(form: &Form) -> Vec<Self> {
        let base = |(at, name): (usize, &str)| {
            let group = form.rows.iter().find(|rows| rows.sum.as_deref() == Some(name));
            let item = group.map_or(name, |rows| rows.rows.as_str()).to_owned();
            Self { at, name: name.to_owned(), item, is_sum: group.is_some() }
        };
        form.fields().enumerate().map(base).collect()
    }

    /// Its value in the figures of a report.
    pub(super) fn value(&self, figures: &Figures, measure: Measure) -> Option<Decimal> {
        if self.is_sum {
            figures.sum(&self.item, measure)
        } else {
            figures.get(&self.item, measure)
        }
    }
}

impl Fields {
    /// The fields of a form, those of the others beside it.
    pub(super) fn of(form: &Form, forms: &BTreeMap<String, Form>) -> Self {
        if form.is_ledger() {
            return Self {
                bases: Vec::new(),
                looked_at: BTreeSet::new(),
                columns: ledger::fields(form),
            };
        }
        let bases = Base::all(form);
        let mut columns = Vec::new();
        let mut add = |name: String, origin| columns.push(RuleField { name, origin });
        for base in &bases {
            for measure in Measure::ALL {
                let name = format!("{}_{}", base.name, measure.name());
                add(name, Origin::Own(base.clone(), measure));
            }
            for (before, behind, of) in OTHERS {
                add(format!("{before}{}{behind}", base.name), Origin::Others(base.clone(), of));
            }
        }
        for (name, origin) in WHOLE {
            add(name.to_owned(), origin);
        }
        for measure in Measure::ALL {
            add(format!("has_{}", measure.name()), Origin::Has(measure));
        }
        for other in forms.values().filter(|other| other.form != form.form) {
            // What the fields of another form begin with: `b204_1` for B204-1.
            let prefix = other
                .form
                .to_ascii_lowercase()
                .replace(|it: char| !it.is_ascii_alphanumeric(), "_");
            for base in Base::all(other) {
                for measure in Measure::ALL {
                    let name = format!("{prefix}_{}_{}", base.name, measure.name());
                    add(name, Origin::Beside(other.form.clone(), base.clone(), measure));
                }
            }
        }
        Self { bases, looked_at: BTreeSet::new(), columns }
    }

    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The field whose name is nearest, if one is near enough to be meant.
    pub(super) fn nearest(&self, name: &str) -> Option<&str> {
        let names = self.columns.iter().map(|column| column.name.as_str());
        let scored = names.map(|known| (strsim::osa_distance(known, name), known));
        scored.min().filter(|(distance, _)| *distance * 3 <= name.len() + 3).map(|(_, known)| known)
    }

    /// The Arrow schema of the batch; every column may be null.
    pub(super) fn schema(&self) -> Schema {
        let field = |column: &RuleField| Field::new(&column.name, column.origin.data_type(), true);
        Schema::new(self.columns.iter().map(field).collect::<Vec<_>>())
    }

    /// The batch of some reports, in their order.
    pub(super) fn batch(&self, reports: &[Known<'_>]) -> RecordBatch {
        let columns = self.columns.iter().map(|column| column.origin.values(reports)).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(reports.len()));
        RecordBatch::try_new_with_options(Arc::new(self.schema()), columns, &options)
            .expect("the columns were built as the schema has them")
    }
}

impl Origin {
    pub(super) fn data_type(&self) -> DataType {
        match self {
            Self::Own(..)
            | Self::Beside(..)
            | Self::Others(..)
            | Self::Yuan(_)
            | Self::Entry(_, EntryKind::Money, _) => MONEY,
            Self::Number(_) => DataType::Int32,
            Self::Truth(_) | Self::Has(_) | Self::Listed(_) => DataType::Boolean,
            Self::Day(_) | Self::Entry(_, EntryKind::Date, _) => DataType::Date32,
            Self::Word(_) | Self::Entry(..) => DataType::Utf8,
        }
    }

    fn values(&self, reports: &[Known<'_>]) -> ArrayRef {
        let reports = reports.iter();
        match self {
            Self::Own(base, measure) => money(reports.map(|it| base.value(&it.own, *measure))),
            Self::Beside(form, base, measure) => {
                money(reports.map(|it| base.value(it.beside(form)?, *measure)))
            }
            Self::Others(base, of) => money(reports.map(|it| of(it, base))),
            Self::Yuan(of) => money(reports.map(of)),
            Self::Number(of) => Arc::new(reports.map(of).collect::<Int32Array>()),
            Self::Truth(of) => Arc::new(reports.map(of).collect::<BooleanArray>()),
            Self::Word(of) => Arc::new(reports.map(of).collect::<StringArray>()),
            Self::Day(of) => days(reports.map(of)),
            Self::Entry(column, EntryKind::Date, of) => {
                days(reports.map(|it| of(it, column)?.day()))
            }
            Self::Entry(column, EntryKind::Money, of) => {
                money(reports.map(|it| of(it, column)?.money()))
            }
            Self::Entry(column, _, of) => {
                Arc::new(reports.map(|it| of(it, column)?.text()).collect::<StringArray>())
            }
            Self::Listed(column) => {
                Arc::new(reports.map(|it| it.is_listed(column)).collect::<BooleanArray>())
            }
            Self::Has(measure) => {
                Arc::new(reports.map(|it| Some(it.has(*measure))).collect::<BooleanArray>())
            }
        }
    }
}

fn days(values: impl Iterator<Item = Option<NaiveDate>>) -> ArrayRef {
    let values = values.map(|day| day.map(Date32Type::from_naive_date));
    Arc::new(values.collect::<Date32Array>())
}

fn money(values: impl Iterator<Item = Option<Decimal>>) -> ArrayRef {
    let values: Decimal128Array = values.map(|value| value.map(fen)).collect();
    Arc::new(values.with_data_type(MONEY))
}

/// Yuan as the integer a Decimal128(20,2) keeps.
fn fen(yuan: Decimal) -> i128 {
    const LIMIT: i128 = 99_999_999_999_999_999_999;
    let mut rounded =
        yuan.round_dp_with_strategy(MONEY_SCALE, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(MONEY_SCALE);
    // A number so large that it keeps no two decimals is beyond the limit whatever its mantissa.
    if rounded.scale() < MONEY_SCALE {
        return if rounded.is_sign_negative() { -LIMIT } else { LIMIT };
    }
    rounded.mantissa().clamp(-LIMIT, LIMIT)
}
