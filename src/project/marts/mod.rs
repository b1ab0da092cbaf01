//! Marts as data: `jobs/marts/<mart>.sql`, one SELECT under a header that says what it promises.
//!
//! In: the text of the files and the names of the tables there are. Out: checked `Mart`s in the
//! order they can be built, or every fault with file and line. Nothing is executed here; whether a
//! column exists is only known when the query is planned (`stages::marts::plan`).
//!
//! The header is the comment a file begins with. A key stands after `-- `, what continues it is
//! indented further:
//!
//! ```sql
//! -- mart: zone_totals
//! -- purpose: Output of each zone, month by month | 各开发区分月产值
//! -- grain: period, zone
//! -- inputs: int_basis, firms
//! -- columns:
//! --   period | month | First day of the month | 月份
//! --   zone | code | Key of zones.csv | 开发区
//! --   output_cny | CNY | Output of the month | 本月产值
//! -- not_null: output_cny
//! -- accepted zone: lvyuan, haoyue
//! -- reconcile nothing_is_lost:
//! --   select period from this where output_cny < 0
//! -- looks_ahead: no
//! -- rules: Why the figures are what they are, in sentences | 口径说明
//! ```
//!
//! `looks_ahead: no` says that the rows of a month follow from that month and those before it: while these
//! stay as they are, so do the rows, and they are not computed again.
//!
//! `this` in a reconciliation is the mart itself; the rows it returns are the offending ones. A mart
//! may bear the name of a table: then that name means the table, in this mart and in all others.

mod graph;
mod header;

use std::collections::BTreeSet;
use std::path::PathBuf;

use arrow::datatypes::{DataType, TimeUnit};

use crate::domain::unit::MONEY_SCALE;
use crate::domain::words::words;
use crate::texts::Text;

pub use graph::{check, order};
pub use header::parse;

/// The column of the month a row is about.
pub const PERIOD: &str = "period";

/// The name a reconciliation calls its mart's own rows by.
pub const SELF: &str = "this";

/// One mart: a query and what it promises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mart {
    /// The file, relative to the project.
    pub file: PathBuf,
    /// Its name: the file's stem, the Parquet file's stem, the table's name in SQL.
    pub name: String,
    /// What it is for, in one sentence.
    pub purpose: Text,
    /// The key: one row for each combination; rows are sorted by it.
    pub grain: Vec<String>,
    /// The tables and marts it says it reads.
    pub inputs: Vec<String>,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Columns never null, beside those of the grain.
    pub not_null: Vec<String>,
    /// Columns with a closed set of values.
    pub accepted: Vec<Accepted>,
    /// Queries that return offending rows.
    pub reconciliations: Vec<Reconciliation>,
    /// Definitions a reader of the figures needs, in sentences; empty for none.
    pub rules: Text,
    /// Whether the rows of a month may follow from anything of later months.
    pub looks_ahead: bool,
    /// The whole file: the header is comment, so lines of messages about it are lines of the file.
    pub sql: String,
    /// The tables and marts its query and reconciliations really read, `this` not among them.
    pub reads: BTreeSet<String>,
}

impl Mart {
    /// Whether it is a step others build on (`int_…`), left out of editions.
    pub fn is_intermediate(&self) -> bool {
        self.name.starts_with("int_")
    }

    /// Whether a column is promised to be without nulls.
    pub fn is_required(&self, column: &str) -> bool {
        self.grain.iter().chain(&self.not_null).any(|name| name == column)
    }
}

/// One column of a mart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What its values are counted in; fixes its type.
    pub unit: Unit,
    /// What it is; both languages go into the field metadata.
    pub description: Text,
}

/// A column with a closed set of values; null is none of them and always accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The column.
    pub column: String,
    /// Its values.
    pub values: Vec<String>,
}

/// A query whose rows are offences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciliation {
    /// What it makes sure of, as a name.
    pub name: String,
    /// The query.
    pub sql: String,
    /// The line its name stands in, counted from 1.
    pub line: usize,
}

words! {
    /// What the values of a column are counted in.
    Unit {
        /// A month, as its first day.
        Month = "month",
        /// A day.
        Date = "date",
        /// An instant, UTC.
        Time = "time",
        /// A key of another table or a word of a closed set.
        Code = "code",
        /// Text for people.
        Text = "text",
        /// Yuan, to the fen.
        Cny = "CNY",
        /// A physical quantity, to six decimals, in the unit of its row.
        Quantity = "quantity",
        /// A fraction: 0.076 is 7.6 %.
        Fraction = "fraction",
        /// Percentage points: 4.3 is a difference of 0.043.
        Points = "pp",
        /// A number of things.
        Count = "count",
        /// A number that is not summed: a year, a revision.
        Number = "number",
        /// Yes or no.
        Flag = "flag",
    }
}

impl Unit {
    /// The Arrow type of a column in this unit; never a binary float.
    pub fn data_type(self) -> DataType {
        match self {
            Self::Month | Self::Date => DataType::Date32,
            Self::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Code | Self::Text => DataType::Utf8,
            // Wide enough for a million firms of 10^13 yuan each, and for what that grows by over a fen.
            Self::Cny => DataType::Decimal128(24, i8::try_from(MONEY_SCALE).unwrap_or(2)),
            Self::Quantity | Self::Fraction | Self::Points => DataType::Decimal128(30, 6),
            Self::Count | Self::Number => DataType::Int32,
            Self::Flag => DataType::Boolean,
        }
    }
}
