//! A faulty project: every fault at once, with file and line.

mod changes;
mod faults;
mod inputs;
mod lines;
mod owed;
mod roster;
mod saved;
mod tidy;
