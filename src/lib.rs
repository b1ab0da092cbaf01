//! yuebao: monthly report workbooks in, trusted Parquet out.
//!
//! The map, in reading order: each module uses only modules above it (a test enforces this).

pub mod domain;

pub mod texts;

pub mod findings;

pub mod files;

pub mod project;

pub mod stages;

pub mod pipeline;

pub mod demo;

pub mod cli;
