//! The columns of each seed: names, kinds, keys. The one place that knows the shape of `seeds/*.csv`.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

/// What a column holds and how it appears in SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
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

impl Kind {
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
pub struct Column {
    /// Its name in the header.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may be empty (null in SQL).
    pub is_nullable: bool,
}

/// One seed file.
#[derive(Clone, Copy, Debug)]
pub struct Seed {
    /// The file's stem and the table's name in SQL.
    pub name: &'static str,
    /// The columns by which rows are sorted and unique.
    pub key: &'static [&'static str],
    /// Its columns, in the order of the table; a file may have them in any.
    pub columns: &'static [Column],
    /// Whether the file must be there: without firms and deadlines there is nothing to do.
    pub is_required: bool,
}

impl Seed {
    /// The seed as a table in SQL.
    pub fn arrow_schema(&self) -> SchemaRef {
        let field =
            |column: &Column| Field::new(column.name, column.kind.data_type(), column.is_nullable);
        Arc::new(Schema::new(self.columns.iter().map(field).collect::<Vec<_>>()))
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

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, is_nullable: false }
}

const fn nullable(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, is_nullable: true }
}

const fn seed(
    name: &'static str,
    key: &'static [&'static str],
    columns: &'static [Column],
) -> Seed {
    Seed { name, key, columns, is_required: false }
}

const fn required(seed: Seed) -> Seed {
    Seed { is_required: true, ..seed }
}

/// Every seed, in the order of `seeds/README.md`.
pub const SEEDS: &[Seed] = &[
    required(seed(
        "firms",
        &["credit_code", "roster_from"],
        &[
            column("credit_code", Kind::Text),
            column("roster_from", Kind::Month),
            nullable("roster_to", Kind::Month),
            column("name", Kind::Text),
            nullable("zone", Kind::Text),
            nullable("chain", Kind::Text),
            column("industry_code", Kind::Industry),
            column("size_class", Kind::Integer),
            column("is_leading", Kind::Boolean),
            column("base_rule", Kind::Text),
            column("forms", Kind::Text),
            nullable("annual_revenue_cny", Kind::Money),
            nullable("contact", Kind::Text),
            nullable("may_be_named", Kind::Boolean),
        ],
    )),
    seed(
        "zones",
        &["zone"],
        &[column("zone", Kind::Text), column("name_zh", Kind::Text), column("name_en", Kind::Text)],
    ),
    seed(
        "chains",
        &["chain"],
        &[
            column("chain", Kind::Text),
            column("name_zh", Kind::Text),
            column("name_en", Kind::Text),
        ],
    ),
    seed(
        "industries",
        &["industry_code"],
        &[
            column("industry_code", Kind::Industry),
            column("name_zh", Kind::Text),
            nullable("name_en", Kind::Text),
            column("section", Kind::Text),
        ],
    ),
    required(seed(
        "calendar",
        &["form", "period"],
        &[
            column("form", Kind::Text),
            column("period", Kind::Month),
            column("deadline", Kind::Instant),
        ],
    )),
    seed(
        "targets",
        &["target_id"],
        &[
            column("target_id", Kind::Text),
            column("name_zh", Kind::Text),
            column("name_en", Kind::Text),
            column("year", Kind::Integer),
            column("scope_kind", Kind::Text),
            column("scope_id", Kind::Text),
            column("form", Kind::Text),
            column("item", Kind::Text),
            column("kind", Kind::Text),
            nullable("level_cny", Kind::Money),
            nullable("growth", Kind::Fraction),
            nullable("baseline_year", Kind::Integer),
            nullable("baseline_cny", Kind::Money),
            nullable("source", Kind::Text),
        ],
    ),
    seed(
        "qualifications",
        &["credit_code", "kind"],
        &[
            column("credit_code", Kind::Text),
            column("kind", Kind::Text),
            column("awarded_on", Kind::Date),
            nullable("expires_on", Kind::Date),
        ],
    ),
    seed(
        "feedback",
        &["period", "scope_kind", "scope_id", "item"],
        &[
            column("period", Kind::Month),
            column("scope_kind", Kind::Text),
            column("scope_id", Kind::Text),
            column("item", Kind::Text),
            nullable("ytd_cny", Kind::Money),
            nullable("yoy_ytd", Kind::Fraction),
        ],
    ),
    // Approved changes of code, mergers, splits, and bases that are stated anew.
    seed(
        "restructurings",
        &["credit_code", "period", "predecessor"],
        &[
            column("credit_code", Kind::Text),
            column("period", Kind::Month),
            column("kind", Kind::Text),
            nullable("predecessor", Kind::Text),
            column("approved_by", Kind::Text),
        ],
    ),
];
