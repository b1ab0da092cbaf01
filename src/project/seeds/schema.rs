//! The columns of each seed: names, kinds, keys. The one place that knows the shape of `seeds/*.csv`.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

/// What a column holds and how it appears in SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text: Utf8.
    Text,
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
            Self::Text => DataType::Utf8,
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
    /// How many of the first columns are the key, by which rows are sorted and unique.
    pub key_columns: usize,
    /// Its columns, in order.
    pub columns: &'static [Column],
    /// Whether the file may be absent altogether.
    pub is_optional: bool,
}

impl Seed {
    /// The seed as a table in SQL.
    pub fn arrow_schema(&self) -> SchemaRef {
        let field =
            |column: &Column| Field::new(column.name, column.kind.data_type(), column.is_nullable);
        Arc::new(Schema::new(self.columns.iter().map(field).collect::<Vec<_>>()))
    }
}

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, is_nullable: false }
}

const fn nullable(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, is_nullable: true }
}

const fn seed(name: &'static str, key_columns: usize, columns: &'static [Column]) -> Seed {
    Seed { name, key_columns, columns, is_optional: false }
}

/// Every seed, in the order of `seeds/README.md`.
pub const SEEDS: &[Seed] = &[
    seed(
        "firms",
        1,
        &[
            column("credit_code", Kind::Text),
            column("name", Kind::Text),
            nullable("zone", Kind::Text),
            nullable("chain", Kind::Text),
            column("industry_code", Kind::Text),
            column("size_class", Kind::Integer),
            column("is_leading", Kind::Boolean),
            column("roster_from", Kind::Month),
            nullable("roster_to", Kind::Month),
            column("base_rule", Kind::Text),
            column("forms", Kind::Text),
            nullable("contact", Kind::Text),
        ],
    ),
    seed(
        "zones",
        1,
        &[column("zone", Kind::Text), column("name_zh", Kind::Text), column("name_en", Kind::Text)],
    ),
    seed(
        "chains",
        1,
        &[
            column("chain", Kind::Text),
            column("name_zh", Kind::Text),
            column("name_en", Kind::Text),
        ],
    ),
    seed(
        "industries",
        1,
        &[
            column("industry_code", Kind::Text),
            column("name_zh", Kind::Text),
            column("section", Kind::Text),
        ],
    ),
    seed(
        "calendar",
        2,
        &[
            column("form", Kind::Text),
            column("period", Kind::Month),
            column("deadline", Kind::Instant),
        ],
    ),
    seed(
        "targets",
        1,
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
        2,
        &[
            column("credit_code", Kind::Text),
            column("kind", Kind::Text),
            column("awarded_on", Kind::Date),
            nullable("expires_on", Kind::Date),
        ],
    ),
    seed(
        "feedback",
        4,
        &[
            column("period", Kind::Month),
            column("scope_kind", Kind::Text),
            column("scope_id", Kind::Text),
            column("item", Kind::Text),
            nullable("ytd_cny", Kind::Money),
            nullable("yoy_ytd", Kind::Fraction),
        ],
    ),
    Seed {
        // Approved splits and mergers: lifts H7 for a firm from a month on.
        is_optional: true,
        ..seed(
            "restructurings",
            2,
            &[
                column("credit_code", Kind::Text),
                column("period", Kind::Month),
                column("approved_by", Kind::Text),
            ],
        )
    },
];
