//! The lake as values: what was sent, what is held against it, what counts.
//!
//! In: the Parquet files of `output/lake`, roster and calendar. Out: rows with a type. Everybody who asks
//! who owes what, who has filed and what stands asks here. A damaged file is an error.

pub(crate) mod batch;
pub mod cells;
pub mod counted;
pub mod filing;
pub mod matters;
pub mod owed;
pub mod records;
pub mod rows;
pub mod share;
