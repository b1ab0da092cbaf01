//! Where a value stands: a cell of a sheet, written as people write it (`D9`).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A cell by zero-based row and column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// Zero-based row: row 0 is the first.
    pub row: u32,
    /// Zero-based column: column 0 is `A`.
    pub column: u32,
}

impl Cell {
    /// The cell at a zero-based row and column.
    pub fn new(row: u32, column: u32) -> Self {
        Self { row, column }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut letters = Vec::new();
        let mut rest = u64::from(self.column) + 1;
        while rest > 0 {
            let digit = u8::try_from((rest - 1) % 26).unwrap_or_default();
            letters.push(char::from(b'A' + digit));
            rest = (rest - 1) / 26;
        }
        letters.iter().rev().try_for_each(|letter| write!(f, "{letter}"))?;
        write!(f, "{}", u64::from(self.row) + 1)
    }
}

impl FromStr for Cell {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let split = text.find(|letter: char| letter.is_ascii_digit()).ok_or(())?;
        let (letters, digits) = text.split_at(split);
        if letters.is_empty() || letters.len() > 3 || digits.starts_with('0') {
            return Err(());
        }
        let mut column = 0_u32;
        for letter in letters.bytes() {
            if !letter.is_ascii_uppercase() {
                return Err(());
            }
            column = column * 26 + u32::from(letter - b'A') + 1;
        }
        let row: u32 = digits.parse().map_err(|_| ())?;
        Ok(Self::new(row - 1, column - 1))
    }
}

impl Serialize for Cell {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|()| serde::de::Error::custom("not a cell reference"))
    }
}
