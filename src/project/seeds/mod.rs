//! Seeds: the reference tables people keep in `seeds/*.csv`, as checked values and as Arrow batches.

pub mod roster;

pub mod schema;
