//! What was unpacked below one file, in all its containers together: each has a bound of its own, and a thousand small bombs in
//! one file would still be one.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::config::Limits;

/// Counts of one file, shared by all that lies in it.
#[derive(Debug, Default)]
pub struct Below {
    members: AtomicU64,
    bytes: AtomicU64,
}

impl Below {
    /// Members and bytes so far.
    pub(super) fn so_far(&self) -> (u64, u64) {
        (self.members.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }

    /// Counts a member.
    pub(super) fn member(&self) {
        self.members.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts bytes; false if there are more than a reader can have sent that keeps to the limit. Several readers may be at
    /// containers of one file, and each knows what there was when it began.
    pub(super) fn bytes(&self, more: u64, limits: &Limits) -> bool {
        let bytes = self.bytes.fetch_add(more, Ordering::Relaxed).saturating_add(more);
        bytes <= limits.members_below_bytes.saturating_add(limits.spool_bytes)
    }
}
