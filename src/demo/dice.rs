//! Pretended chance: the same keys always give the same number.
//!
//! In: a topic and keys (firm, month). Out: a number. Nothing is remembered between draws, so that a
//! new story or firm leaves every other firm's figures as they were.

use crate::domain::period::Period;

/// The seed of the sample district. Another seed is another district.
const SEED: u64 = 2_201_060_113;

/// A whole number from `low` to `high`, both included.
pub(super) fn between(topic: &str, keys: &[u32], low: i64, high: i64) -> i64 {
    let width = u64::try_from(high - low + 1).expect("low is not above high");
    low + i64::try_from(roll(topic, keys) % width).expect("widths are far below 2^63")
}

/// Whether a one-in-`n` chance comes true.
pub(super) fn one_in(n: u64, topic: &str, keys: &[u32]) -> bool {
    roll(topic, keys).is_multiple_of(n)
}

/// A month as a key.
pub(super) fn key(period: Period) -> u32 {
    u32::try_from(period.year()).expect("years are positive") * 100 + period.month()
}

fn roll(topic: &str, keys: &[u32]) -> u64 {
    let named = topic.bytes().fold(SEED, |state, byte| mix(state ^ u64::from(byte)));
    keys.iter().fold(named, |state, key| mix(state ^ u64::from(*key)))
}

/// One step of splitmix64 (Steele, Lea, Flood 2014).
fn mix(state: u64) -> u64 {
    let mut mixed = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
