//! What stands in a cell of a ledger (台账): a text, a day or an amount.
//!
//! In: values as read. Out: values that can be compared, exact. Nothing can go wrong.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What stands in a cell of a ledger.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Entry {
    /// A text, tidied, or the code that stands for a word.
    Text(String),
    /// A day.
    Day(NaiveDate),
    /// Yuan to the fen.
    Money(Decimal),
}

/// What a row of a ledger says, by column; a column left blank is not there.
pub type Entries = BTreeMap<String, Entry>;

impl Entry {
    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The day, if it is one.
    pub fn day(&self) -> Option<NaiveDate> {
        if let Self::Day(day) = self { Some(*day) } else { None }
    }

    /// Yuan, if it is an amount.
    pub fn money(&self) -> Option<Decimal> {
        if let Self::Money(yuan) = self { Some(*yuan) } else { None }
    }
}

impl std::fmt::Display for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => text.fmt(f),
            Self::Day(day) => day.fmt(f),
            Self::Money(yuan) => yuan.normalize().fmt(f),
        }
    }
}
