//! The daemon as its operator meets it: the real program, real signals, the ledger afterwards.

mod agenda;
mod alerts;
mod backfills;
mod clock;
mod gap;
pub(crate) mod harness;
mod http;
mod inbox;
mod outcome;
mod promises;
mod reload;
mod stop;
mod trouble;
