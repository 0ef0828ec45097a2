//! Classification: text with boxes in, evidence out. Pure functions; rules are data under `models/`.

use crate::document::Page;
use crate::finding::Finding;

/// What a detector looks at: all pages of one content, in order.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The pages.
    pub pages: &'a [Page],
}

/// Sees one kind of evidence.
pub trait Detector: Sync {
    /// Stable name (`marking`).
    fn name(&self) -> &'static str;

    /// Everything seen, in order of page and place.
    fn detect(&self, subject: Subject<'_>) -> Vec<Finding>;
}
