//! The one test binary: `DataFusion` links once.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::float_cmp,
    clippy::disallowed_methods,
    reason = "a test that fails may panic, and compares and writes what it likes"
)]

mod alerts;
mod backfill;
mod brief;
mod cases;
mod cli;
mod crash;
mod daemon;
mod demo;
mod docs;
mod domain;
mod lake;
mod ledger;
mod life;
mod marts;
mod parse;
mod pipeline;
mod project;
mod schedule;
mod support;
mod validate;
