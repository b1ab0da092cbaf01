//! A faulty project: every fault at once, with file and line.

mod faults;
mod lines;
mod roster;
mod tidy;
