//! The words of the trade: months, money, codes, cells, text as typed.
//!
//! Everything here is a small value with its rule. Nothing here reads a file, a clock or a setting,
//! and nothing here can fail for a technical reason.

pub mod cell;
pub mod credit_code;
pub mod dates;
pub mod entry;
pub mod measure;
pub mod partition;
pub mod period;
pub mod text;
pub mod unit;
pub mod words;
