//! Whole months through the pipeline: from the inbox to an edition.

mod changes;
mod data;
mod demo;
mod exports;
mod intake;
mod ledgers;
mod meanwhile;
mod pages;
mod parsed;
mod plan;
mod reason;
mod receipts;
mod recovery;
mod revisions;
mod steps;
mod uncomputable;
