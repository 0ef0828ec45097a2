//! Coverage: how much of a content was examined, and the proof that it was all of it.

use serde::{Deserialize, Serialize};

use super::Fault;
use crate::document::Page;

/// How much of a content was examined.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Pages in all, as far as known.
    pub pages: u32,
    /// Pages read without a fault.
    pub examined: u32,
    /// Pages whose pixels went through OCR.
    pub ocr_pages: u32,
    /// What was not read, and why.
    pub faults: Vec<Fault>,
}

/// *Complete*, *partial* or *none*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CoverageState {
    /// Every page was examined, and there is no fault.
    Complete,
    /// Some pages were examined.
    Partial,
    /// Nothing was examined.
    None,
}

impl CoverageState {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::None => "none",
        }
    }
}

/// Proof that a coverage has no gap. Only [`Coverage::complete`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Complete(());

impl Coverage {
    /// Nothing was read, for this one reason.
    pub fn none(fault: Fault) -> Self {
        Self { faults: vec![fault], ..Self::default() }
    }

    /// Of a reading: its pages, how many there are in all as far as known, and all faults, those of pages among them.
    pub fn of(read: &[Page], total: u32, faults: Vec<Fault>) -> Self {
        let count = |test: &dyn Fn(&&Page) -> bool| u32::try_from(read.iter().filter(test).count()).unwrap_or(u32::MAX);
        Self {
            pages: total.max(count(&|_| true)),
            examined: count(&|page| page.faults.is_empty()),
            ocr_pages: count(&|page| page.ocr),
            faults,
        }
    }

    /// Complete, partial or none.
    pub fn state(&self) -> CoverageState {
        match (self.faults.is_empty() && self.examined == self.pages, self.examined) {
            (true, _) => CoverageState::Complete,
            (false, 0) => CoverageState::None,
            (false, _) => CoverageState::Partial,
        }
    }

    /// The proof of completeness, if there is one.
    pub fn complete(&self) -> Option<Complete> {
        (self.state() == CoverageState::Complete).then_some(Complete(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::FaultReason;

    #[test]
    fn coverage_with_a_fault_or_a_missing_page_gives_no_proof_of_completeness() {
        let whole = Coverage { pages: 3, examined: 3, ocr_pages: 0, faults: vec![] };
        assert!(whole.complete().is_some());
        assert!(Coverage { examined: 2, ..whole.clone() }.complete().is_none());
        let fault = Fault::whole(FaultReason::Attachment, "1 attachment is not read");
        let faulty = Coverage { faults: vec![fault], ..whole };
        assert!(faulty.complete().is_none());
        assert_eq!(faulty.state(), CoverageState::Partial);
    }

    #[test]
    fn an_empty_file_is_completely_covered() {
        assert!(Coverage::default().complete().is_some());
    }
}
