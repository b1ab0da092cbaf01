//! The columns of each seed: names, kinds, keys. The one place that knows the shape of `seeds/*.csv`.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

/// What a column holds and how it appears in SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellKind {
    /// Text: Utf8.
    Text,
    /// A code of GB/T 4754: Utf8.
    Industry,
    /// A whole number: Int32.
    Integer,
    /// `true` or `false`: Boolean.
    Boolean,
    /// `YYYY-MM`: Date32, the first of the month.
    Month,
    /// `YYYY-MM-DD`: Date32.
    Date,
    /// RFC 3339 with offset: Timestamp in microseconds, UTC.
    Instant,
    /// Yuan: Decimal128(20,2).
    Money,
    /// A fraction (0.085 is 8.5 %): Decimal128(18,6).
    Fraction,
}

impl CellKind {
    /// The Arrow type of a column of this kind.
    pub fn data_type(self) -> DataType {
        match self {
            Self::Text | Self::Industry => DataType::Utf8,
            Self::Integer => DataType::Int32,
            Self::Boolean => DataType::Boolean,
            Self::Month | Self::Date => DataType::Date32,
            Self::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Money => DataType::Decimal128(20, 2),
            Self::Fraction => DataType::Decimal128(18, 6),
        }
    }
}

/// One column of a seed.
#[derive(Clone, Copy, Debug)]
pub struct SeedColumn {
    /// Its name in the header.
    pub name: &'static str,
    /// What it holds.
    pub kind: CellKind,
    /// Whether it may be empty (null in SQL).
    pub is_nullable: bool,
}

impl SeedColumn {
    /// The column in SQL.
    pub fn field(&self) -> Field {
        Field::new(self.name, self.kind.data_type(), self.is_nullable)
    }
}

/// One seed file.
#[derive(Clone, Copy, Debug)]
pub struct Seed {
    /// The file's stem and the table's name in SQL.
    pub name: &'static str,
    /// The columns by which rows are sorted and unique.
    pub key: &'static [&'static str],
    /// Its columns, in the order of the table; a file may have them in any.
    pub columns: &'static [SeedColumn],
    /// Whether the file must be there: without firms and deadlines there is nothing to do.
    pub is_required: bool,
}

impl Seed {
    /// The seed as a table in SQL.
    pub fn arrow_schema(&self) -> SchemaRef {
        Arc::new(Schema::new(self.columns.iter().map(SeedColumn::field).collect::<Vec<_>>()))
    }

    /// Its header, the columns in the order of the table.
    pub fn header(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name).collect();
        names.join(",")
    }

    /// The key of a row, whose cells stand in the order of the table.
    pub fn key_of(&self, cells: &[String]) -> Vec<String> {
        let place = |name: &&str| self.columns.iter().position(|column| column.name == *name);
        let places = self.key.iter().filter_map(place);
        places.filter_map(|place| cells.get(place)).cloned().collect()
    }
}

/// Columns as `name CellKind`, with `null` where a cell may be empty.
macro_rules! columns {
    ($($name:ident $kind:ident $($null:ident)?),+ $(,)?) => {
        &[$($crate::project::seeds::schema::SeedColumn {
            name: stringify!($name),
            kind: $crate::project::seeds::schema::CellKind::$kind,
            is_nullable: !<[&str]>::is_empty(&[$(stringify!($null))?]),
        }),+]
    };
}

pub(crate) use columns;

/// A seed: its name, whether its file must be there; its key; its columns.
macro_rules! seed {
    ($name:ident $($required:ident)?; $($key:ident),+; $($columns:tt)+) => {
        Seed {
            name: stringify!($name),
            key: &[$(stringify!($key)),+],
            columns: columns!($($columns)+),
            is_required: !<[&str]>::is_empty(&[$(stringify!($required))?]),
        }
    };
}

/// Every seed, in the order of `seeds/README.md`.
pub const SEEDS: &[Seed] = &[
    seed!(
        firms required; credit_code, roster_from;
        credit_code Text, roster_from Month, roster_to Month null, name Text, zone Text null,
        chain Text null, industry_code Industry, size_class Integer, is_leading Boolean,
        base_rule Text, forms Text, annual_revenue_cny Money null, contact Text null,
        may_be_named Boolean null
    ),
    seed!(
        zones; zone;
        zone Text, name_zh Text, name_en Text, display_order Integer null
    ),
    seed!(
        chains; chain;
        chain Text, name_zh Text, name_en Text, display_order Integer null
    ),
    seed!(
        industries; industry_code;
        industry_code Industry, name_zh Text, name_en Text null, section Text
    ),
    seed!(
        calendar required; form, period;
        form Text, period Month, deadline Instant
    ),
    seed!(
        targets; target_id;
        target_id Text, name_zh Text, name_en Text, year Integer, scope_kind Text, scope_id Text,
        form Text, item Text, kind Text, level_cny Money null, growth Fraction null,
        baseline_year Integer null, baseline_cny Money null, source Text null,
        level_count Integer null
    ),
    seed!(
        qualifications; credit_code, kind;
        credit_code Text, kind Text, awarded_on Date, expires_on Date null, firm_name Text null
    ),
    seed!(
        feedback; period, scope_kind, scope_id, item;
        period Month, scope_kind Text, scope_id Text, item Text, ytd_cny Money null,
        yoy_ytd Fraction null
    ),
    // Who is to visit firms each month.
    seed!(
        leaders; leader, from;
        leader Text, name Text, position Text null, from Month, to Month null
    ),
    // Approved changes of code, mergers, splits, and bases that are stated anew.
    seed!(
        restructurings; credit_code, period, predecessor;
        credit_code Text, period Month, kind Text, predecessor Text null, approved_by Text
    ),
];
