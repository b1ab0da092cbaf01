//! The closed sets of words in a schedule, read from text: an unknown word names those that are known
//! and the nearest.

use serde::{Deserialize, Deserializer};

use super::{CatchUp, Overlap, PeriodRule, Step};
use crate::project::read::nearest;

macro_rules! read {
    ($($set:ident in $key:literal),+) => { $(
        impl<'de> Deserialize<'de> for $set {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                let unknown = || {
                    let known: Vec<&str> = Self::ALL.iter().map(|known| known.name()).collect();
                    let hint = nearest(&text, known.iter().copied());
                    let known = known.join(", ");
                    serde::de::Error::custom(format!("`{text}` in `{}` is none of {known}{hint}", $key))
                };
                Self::named(&text).ok_or_else(unknown)
            }
        }
    )+ };
}

read!(Step in "steps", PeriodRule in "period", CatchUp in "catch_up", Overlap in "overlap");
