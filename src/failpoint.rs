//! For tests only (feature `failpoints`): places between two writes at which the process can be made to die, as if the power
//! had been cut. Without the feature nothing is left of them.
//!
//! `MISFILE_DIE_AT=catalog.commit.after:3` ends the process at once when it comes to that place for the third time.

/// The places, in the order in which a sweep comes to them.
#[cfg(any(test, feature = "failpoints"))]
pub const PLACES: [&str; 8] = [
    "catalog.begin",
    "catalog.commit.before",
    "catalog.commit.after",
    "index.commit.before",
    "index.commit.prepared",
    "index.commit.after",
    "index.exchange.before",
    "index.exchange.after",
];

/// The process has come to a place.
#[cfg(feature = "failpoints")]
pub(crate) fn reached(place: &'static str) {
    use std::sync::atomic::{AtomicU32, Ordering};

    static COUNT: AtomicU32 = AtomicU32::new(0);
    debug_assert!(PLACES.contains(&place), "{place} is no place that the tests know");
    let wanted = std::env::var("MISFILE_DIE_AT").unwrap_or_default();
    let times = wanted.strip_prefix(place).and_then(|rest| rest.strip_prefix(':')?.parse().ok());
    if times.is_some_and(|times: u32| COUNT.fetch_add(1, Ordering::SeqCst) + 1 == times) {
        std::process::abort();
    }
}

/// The process has come to a place.
#[cfg(not(feature = "failpoints"))]
pub(crate) fn reached(_: &'static str) {}
