//! A part of archive and lake: a month, or what has none.

use std::fmt;

use super::period::Period;

/// Name of the folder, and of the lake's partition, of workbooks whose month nobody could read.
pub const UNREADABLE: &str = "unreadable";

/// A folder of the archive and a partition of the lake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Partition {
    /// The month reported.
    Month(Period),
    /// No month could be read.
    Unreadable,
}

impl Partition {
    /// That of a month, if there is one.
    pub fn of(month: Option<Period>) -> Self {
        month.map_or(Self::Unreadable, Self::Month)
    }

    /// The month, if it has one.
    pub fn month(self) -> Option<Period> {
        match self {
            Self::Month(period) => Some(period),
            Self::Unreadable => None,
        }
    }

    /// The one with a name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            UNREADABLE => Some(Self::Unreadable),
            month => month.parse().ok().map(Self::Month),
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Month(period) => period.fmt(f),
            Self::Unreadable => f.write_str(UNREADABLE),
        }
    }
}
