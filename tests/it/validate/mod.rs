//! Tests of the stage validate: rules, structural checks, verdicts, and what they say.

mod base;
mod compile;

mod context;

mod figures;

mod identity;

mod lineage;

mod render;

mod rules;

mod structure;

mod verdict;
