//! Placeholder for the stage `normalize`.
