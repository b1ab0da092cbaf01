//! Placeholder for the stage `validate`.
