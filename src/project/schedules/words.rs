//! The closed sets of words in a schedule, read from text: an unknown word names those that are known
//! and the nearest.

use super::{CatchUp, Overlap, PeriodRule, Step};
use crate::project::read::nearest;

fn word<T: Copy>(key: &str, text: &str, known: &[(&str, T)]) -> Result<T, String> {
    let found = known.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
    found.ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        let hint = nearest(text, names.iter().copied());
        format!("`{text}` in `{key}` is none of {}{hint}", names.join(", "))
    })
}

impl TryFrom<String> for Step {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let known = Self::ALL.map(|step| (step.name(), step));
        word("steps", &text, &known)
    }
}

impl TryFrom<String> for PeriodRule {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        word("period", &text, &[("all", Self::All), ("reporting", Self::Reporting)])
    }
}

impl TryFrom<String> for CatchUp {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        word("catch_up", &text, &[("all", Self::All), ("last", Self::Last), ("none", Self::None)])
    }
}

impl TryFrom<String> for Overlap {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        word("overlap", &text, &[("skip", Self::Skip), ("queue", Self::Queue)])
    }
}
