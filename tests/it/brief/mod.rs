//! Tests of the brief: what it says, how it rounds, what it leaves out, and that its pages are sound.

mod catalogue;
mod desk;
mod figures;
mod missing;
mod page;
mod sections;
mod sentences;
mod sound;
mod templates;
