//! Placeholder for the stage `store`.
