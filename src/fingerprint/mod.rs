//! Registered documents: finds excerpts, copies and scanned photocopies of documents that somebody registered.
//!
//! Text is reduced to the letters that survive a scanner (`normal`), cut into overlapping shingles that are hashed
//! under a key and sampled by value (`shingle`), and kept as sorted arrays (`postings`) with the list of documents
//! (`registry`) in one private file (`store`). A new text is compared stretch by stretch (`matching`).
//!
//! Promises: nothing that is stored tells anything about the text to one without the key; the answer depends on the
//! text and the registry alone; a limit that is reached is said. Does *not* know of layout, boxes, levels' meaning or
//! languages, and does not find text that was reworded or translated.

mod error;
mod key;
mod limits;
mod matching;
mod normal;
mod postings;
mod registry;
mod shingle;
mod store;

pub use error::{Error, Result};
pub use key::Key;
pub use limits::{Limits, Reached};
pub use matching::{Compared, Match, PagePair};
pub use registry::{Id, Registered, Registry, Role};

#[cfg(test)]
mod tests;
