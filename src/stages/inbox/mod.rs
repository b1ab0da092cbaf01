//! Placeholder for the stage `inbox`.
