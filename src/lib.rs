//! yuebao: monthly report workbooks in, trusted Parquet out.
//!
//! The map, in reading order: each module uses only modules above it (a test enforces this).
//! Words and files come first ([`domain`] to [`project`]), the typed reading of the lake ([`lake`]), then what makes figures ([`stages`],
//! [`pipeline`]), what remembers and tells ([`ledger`], [`alerts`]), what works ([`orders`]), what decides
//! when ([`schedule`], [`daemon`]), and at last the commands.
//!
//! In a hurry: [`pipeline`] names the stages in their order,
//! [`orders::carry_out`] is the one path that leads to them, [`daemon`] decides when.

pub mod domain;

pub mod texts;

pub mod findings;

pub mod files;

pub mod runtime;

pub mod project;

pub mod lake;

pub mod stages;

pub mod pipeline;

pub mod ledger;

pub mod alerts;

pub mod orders;

pub mod schedule;

pub mod daemon;

pub mod demo;

pub mod cli;
