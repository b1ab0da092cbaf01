//! Tests of marts: headers, order, the engine, and each shipped mart against figures computed by hand.

mod basis;
mod comparable;
mod coverage;
mod desk;
mod dimensions;
mod engine;
mod full_years;
mod given;
mod headers;
mod lake;
mod ledgers;
mod promises;
mod shipped;
mod spells;
mod stable;
mod status;
mod targets;
mod totals;
mod wide;
