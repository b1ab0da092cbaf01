//! A project: `jobs/` and `seeds/` as typed, checked values.
//!
//! In: a folder. Out: a `Project`, or every fault in it with file and line. Never half a project.

pub mod fault;

pub mod forms;

pub mod seeds;

pub mod settings;
