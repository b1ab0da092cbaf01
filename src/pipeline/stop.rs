//! A request to stop a run between two of its pieces.
//!
//! In: a flag that anybody may raise. Out: an error at the next place where a run may end; what was
//! not done then is stale and done by the next run.

use std::sync::atomic::{AtomicBool, Ordering};

use super::RunError;

/// The flag; lowered at first.
#[derive(Debug, Default)]
pub struct Stop(AtomicBool);

impl Stop {
    /// A flag that is down.
    pub const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Raises the flag, for good.
    pub fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the run is to stop.
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Ends the run if it is to stop.
    pub fn check(&self) -> Result<(), RunError> {
        if self.is_asked() { Err(RunError::Stopped) } else { Ok(()) }
    }
}
