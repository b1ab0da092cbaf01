//! The fields rules can speak about: the columns of a form's batch, their types and origins.
//!
//! In: a form. Out: its fields in a fixed order, documented in `jobs/rules/README.md`. A field is
//! never missing from the batch; what is not known of a report is null.

use std::collections::{BTreeMap, BTreeSet};

use arrow::datatypes::{DataType, Field, Schema};
use rust_decimal::Decimal;

use super::history::Figures;
use crate::domain::measure::Measure;
use crate::project::forms::Form;

/// The type of every money field: yuan to the fen.
pub(super) const MONEY: DataType = DataType::Decimal128(20, 2);

/// The fields of one form.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    /// The items and sums the figures are about.
    pub(super) bases: Vec<Base>,
    /// Those of every other form, with its number.
    pub(super) beside: Vec<(String, Base)>,
    /// The other forms that any rule refers to; only their fields are filled.
    pub(super) looked_at: BTreeSet<String>,
    /// The columns, in the order of the batch.
    pub(super) columns: Vec<Column>,
}

/// An item, or the sum of an open group.
#[derive(Clone, Debug)]
pub(super) struct Base {
    /// The name in fields (`output`).
    pub(super) name: String,
    /// The item in the lake, or the prefix of the group's items.
    pub(super) item: String,
    /// Whether it sums a group.
    pub(super) is_sum: bool,
}

/// One column of the batch.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// The field's name in SQL.
    pub(super) name: String,
    /// Where its values come from.
    pub(super) source: Source,
}

/// Where a column's values come from; numbers are places in `Fields::bases`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The report itself.
    Report(usize, Measure),
    /// The firm's counted report of the month before.
    Previous(usize, Measure),
    /// The firm's counted report of the same month last year.
    LastYear(usize, Measure),
    /// The median of the firm's counted months of the last twelve.
    Median(usize),
    /// What counts of another form of the firm in the same month; the number is a place in
    /// `Fields::beside`.
    Beside(usize, Measure),
    /// The sum over all counted reports of the same month last year.
    District(usize),
    /// The median of what firms of its size made in a month, of the last twelve.
    ClassMedian(usize),
    /// What the district made in the newest earlier month that counts.
    DistrictMonth(usize),
    /// Yuan a year, by the roster.
    AnnualRevenue,
    /// Whether the layout of the report bears a measure.
    Has(Measure),
    /// Something about the report as a whole.
    Fact(Fact),
}

/// Something about a report as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fact {
    /// The month of the year, 1 to 12.
    MonthNumber,
    /// 1 large to 4 micro.
    SizeClass,
    /// Whether the firm is a leading one.
    IsLeading,
    /// Whether the firm joined the roster in the report's year.
    IsNew,
    /// Whether a split or merger was approved this year.
    IsRestructured,
    /// Whether the month's year to date covers months that are not filed (February).
    IsCumulative,
    /// Characters of the explanation, blanks not counted.
    ExplanationChars,
    /// `sheet` or `table`.
    Layout,
    /// Whether all month figures equal those of the month before, and not all are zero.
    IsSameAsPrevious,
    /// Whether all current money is in whole millions of yuan, and not all zero.
    IsAllRound,
    /// How many rows bear figures.
    RowCount,
    /// In how many of the last twelve months a report of its own counts.
    OwnMonths,
    /// In how many of the last twelve months any report of the form counts.
    DistrictMonths,
}

/// Facts by name, in the order of the batch.
const FACTS: [(&str, Fact); 13] = [
    ("month_number", Fact::MonthNumber),
    ("size_class", Fact::SizeClass),
    ("is_leading", Fact::IsLeading),
    ("is_new", Fact::IsNew),
    ("is_restructured", Fact::IsRestructured),
    ("is_cumulative", Fact::IsCumulative),
    ("explanation_chars", Fact::ExplanationChars),
    ("layout", Fact::Layout),
    ("is_same_as_previous", Fact::IsSameAsPrevious),
    ("is_all_round", Fact::IsAllRound),
    ("row_count", Fact::RowCount),
    ("own_months", Fact::OwnMonths),
    ("district_months", Fact::DistrictMonths),
];

impl Source {
    /// The Arrow type of such a column.
    pub(super) fn data_type(self) -> DataType {
        match self {
            Self::Fact(fact) => match fact {
                Fact::MonthNumber
                | Fact::SizeClass
                | Fact::ExplanationChars
                | Fact::RowCount
                | Fact::OwnMonths
                | Fact::DistrictMonths => DataType::Int32,
                Fact::Layout => DataType::Utf8,
                Fact::IsLeading
                | Fact::IsNew
                | Fact::IsRestructured
                | Fact::IsCumulative
                | Fact::IsSameAsPrevious
                | Fact::IsAllRound => DataType::Boolean,
            },
            Self::Has(_) => DataType::Boolean,
            Self::Report(..)
            | Self::Previous(..)
            | Self::LastYear(..)
            | Self::Median(_)
            | Self::Beside(..)
            | Self::District(_)
            | Self::ClassMedian(_)
            | Self::DistrictMonth(_)
            | Self::AnnualRevenue => MONEY,
        }
    }
}

impl Base {
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
        let others = forms.values().filter(|other| other.form != form.form);
        let beside: Vec<(String, Base)> =
            others.flat_map(|other| bases(other).map(|base| (other.form.clone(), base))).collect();
        let of_others = beside.iter().enumerate().flat_map(|(at, (form, base))| {
            let prefix = prefix(form);
            Measure::ALL.map(|measure| {
                let name = format!("{prefix}_{}_{}", base.name, measure.name());
                column(name, Source::Beside(at, measure))
            })
        });
        let bases: Vec<Base> = bases(form).collect();
        let figures = bases.iter().enumerate().flat_map(|(at, base)| figures(at, &base.name));
        let facts = FACTS.iter().map(|(name, fact)| column(*name, Source::Fact(*fact)));
        let has = Measure::ALL.map(|it| column(format!("has_{}", it.name()), Source::Has(it)));
        let revenue = column("annual_revenue", Source::AnnualRevenue);
        let columns = figures.chain(facts).chain(has).chain([revenue]).chain(of_others).collect();
        Self { bases, beside, looked_at: BTreeSet::new(), columns }
    }

    /// The place of a field by its name.
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
        let field = |column: &Column| Field::new(&column.name, column.source.data_type(), true);
        Schema::new(self.columns.iter().map(field).collect::<Vec<_>>())
    }
}

/// What the fields of another form begin with: `b204_1` for B204-1.
fn prefix(form: &str) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    form.to_ascii_lowercase().chars().map(letter).collect()
}

fn bases(form: &Form) -> impl Iterator<Item = Base> {
    form.fields().map(|name| {
        let group = form.rows.iter().find(|rows| rows.sum.as_deref() == Some(name));
        let item = group.map_or(name, |rows| rows.rows.as_str());
        Base { name: name.to_owned(), item: item.to_owned(), is_sum: group.is_some() }
    })
}

fn figures(at: usize, base: &str) -> Vec<Column> {
    let mut columns: Vec<Column> = Measure::ALL
        .into_iter()
        .map(|measure| column(format!("{base}_{}", measure.name()), Source::Report(at, measure)))
        .collect();
    for measure in [Measure::Month, Measure::Ytd] {
        let name = measure.name();
        columns.push(column(format!("previous_{base}_{name}"), Source::Previous(at, measure)));
        columns.push(column(format!("last_year_{base}_{name}"), Source::LastYear(at, measure)));
    }
    columns.push(column(format!("median12_{base}_month"), Source::Median(at)));
    columns.push(column(format!("district_last_year_{base}_ytd"), Source::District(at)));
    columns.push(column(format!("class_median_{base}_month"), Source::ClassMedian(at)));
    columns.push(column(format!("district_{base}_month"), Source::DistrictMonth(at)));
    columns
}

fn column(name: impl Into<String>, source: Source) -> Column {
    Column { name: name.into(), source }
}
