//! The stages in the order of the flow; each knows the value the stage before it hands over.

pub mod inbox;

pub mod parse;

pub mod archive;

pub mod validate;

pub mod normalize;

pub mod store;

pub mod marts;

pub mod publish;
