//! Placeholder for the stage `publish`.
