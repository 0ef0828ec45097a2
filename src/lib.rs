//! Misfile finds documents that were misfiled into shared or cloud-bound storage, reading everything locally.
//!
//! # Architecture
//!
//! The folders are the stages, in the order in which data flows. A stage takes plain data and returns plain data.
//!
//! ```text
//!  walk ──► probe ──► read ─────────────► classify ──► judge ──► store ──► report
//! ```
//!
//! | stage | module | takes → gives |
//! |---|---|---|
//! | 1 walk | [`walk`], [`zone`] | roots → candidates; stat only |
//! | 2 probe | [`probe`], [`kind`] | candidate → open descriptor, hash, kind |
//! | 3 read | [`read`], [`mod@format`], [`ocr`] | descriptor → pages, in reader processes |
//! | 4 classify | [`classify`], [`fingerprint`], [`topic`] | pages → findings |
//! | 5 judge | [`judge`] | findings × coverage × zone → verdict |
//! | 6 store | [`catalog`], [`index`] | everything → SQLite, tantivy |
//! | 7 report | [`report`], [`cli`] | catalog, index → people |
//!
//! [`sweep`] wires them with threads and bounded channels; [`inspect`] wires them without a store, and [`eval`] compares
//! what comes of it with what is known. [`document`],
//! [`finding`] and [`decision`] are the plain data that all share.
//!
//! # Invariants
//!
//! - A format knows nothing of OCR, an engine nothing of documents, a detector neither; reports know only the catalog and
//!   the index. Each native library is named in one file. `tests/layering.rs` holds this up.
//! - Hostile bytes and native libraries meet only in reader processes, which open nothing by path once they are ready.
//! - [`finding::Verdict::Clear`] needs proof of complete coverage.
//! - There is one writer to the catalog, and the index can be rebuilt from the catalog at any time.
//! - No code opens an outward socket.

#![forbid(unsafe_code)]

pub mod catalog;
pub mod classify;
pub mod cli;
pub mod config;
pub mod decision;
pub mod document;
pub mod error;
pub mod eval;
pub mod failpoint;
pub(crate) mod fields;
pub mod finding;
pub mod fingerprint;
pub mod format;
pub mod index;
pub mod inspect;
pub(crate) mod installed;
pub mod judge;
pub mod kind;
pub(crate) mod luhn;
pub mod naming;
pub mod ocr;
pub mod probe;
pub(crate) mod raster;
pub mod read;
pub mod report;
pub(crate) mod script;
pub mod sweep;
pub mod topic;
pub(crate) mod traditional;
pub mod walk;
pub mod zone;

/// Seconds since 1970-01-01 UTC. A clock before that date counts as that date.
pub fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
