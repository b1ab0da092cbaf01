//! A row of the ledger, its columns read by name.
//!
//! In: what the database returned. Out: values; what this program would not have written is an error
//! that names the column: a word of a closed set may be a newer program's, anything else is damage.

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use sqlx::any::AnyRow;
use sqlx::{Any, ColumnIndex, Decode, Row as _, Type};

use super::error::UnknownWord;
use super::instant;

/// A row.
#[derive(Clone, Copy)]
pub(super) struct LedgerRow<'a>(pub(super) &'a AnyRow);

impl<'a> LedgerRow<'a> {
    /// A text or number.
    pub(super) fn at<T>(self, column: impl ColumnIndex<AnyRow>) -> Result<T, sqlx::Error>
    where
        T: Decode<'a, Any> + Type<Any>,
    {
        self.0.try_get(column)
    }

    /// What is read from a text.
    fn read<T>(self, column: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, sqlx::Error> {
        self.read_if(column, read)?.ok_or_else(|| not_ours(column))
    }

    fn read_if<T>(
        self,
        column: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, sqlx::Error> {
        let text: Option<String> = self.at(column)?;
        text.map(|text| read(&text).ok_or_else(|| not_ours(column))).transpose()
    }

    /// An instant.
    pub(super) fn time(self, column: &str) -> Result<DateTime<Utc>, sqlx::Error> {
        self.read(column, instant)
    }

    /// An instant, if any.
    pub(super) fn time_if(self, column: &str) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
        self.read_if(column, instant)
    }

    /// What its text says, if any: a month.
    pub(super) fn parsed<T: std::str::FromStr>(
        self,
        column: &str,
    ) -> Result<Option<T>, sqlx::Error> {
        self.read_if(column, |text| text.parse().ok())
    }

    /// A number that is never negative.
    pub(super) fn count<T: TryFrom<i64>>(self, column: &str) -> Result<T, sqlx::Error> {
        T::try_from(self.at(column)?).map_err(|_| not_ours(column))
    }

    /// A word of a closed set.
    pub(super) fn word<T>(
        self,
        column: &str,
        named: impl Fn(&str) -> Option<T>,
    ) -> Result<T, sqlx::Error> {
        let word: String = self.at(column)?;
        named(&word).ok_or_else(|| newer(column, word))
    }

    /// A value of JSON; a newer program may know more of them.
    pub(super) fn json<T: DeserializeOwned>(self, column: &str) -> Result<T, sqlx::Error> {
        let text: String = self.at(column)?;
        serde_json::from_str(&text).map_err(|_| newer(column, text))
    }
}

fn newer(column: &str, word: String) -> sqlx::Error {
    sqlx::Error::Decode(UnknownWord { column: column.to_owned(), word }.into())
}

fn not_ours(column: &str) -> sqlx::Error {
    let source = "not a value this program writes".into();
    sqlx::Error::ColumnDecode { index: column.to_owned(), source }
}
