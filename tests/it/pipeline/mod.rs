//! Whole months through the pipeline: from the inbox to an edition.

mod changes;
mod data;
mod demo;
mod intake;
mod meanwhile;
mod plan;
mod recovery;
mod uncomputable;
