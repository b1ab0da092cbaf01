//! Placeholder for the stage `marts`.
