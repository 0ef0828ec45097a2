//! When a run must end early: its window of time is over, or somebody asked it to stop.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Looked at wherever a run may take long.
#[derive(Clone, Copy, Debug)]
pub struct Until<'a> {
    /// When the window is over.
    pub deadline: Option<Instant>,
    /// Set from outside to stop at once.
    pub stop: &'a AtomicBool,
}

impl Until<'_> {
    /// Whether to end now. What was done is kept; the next run goes on.
    pub fn over(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}
