//! What of a reader's words is believed. A reader that its input took over can lie about what it reads; it cannot make others pay
//! for it: what it sends is bounded by what an honest one would send.

use super::protocol::Reply;
use crate::document::Page;
use crate::finding::Fault;

/// Longest words of a fault, bytes: an honest one names a limit or quotes an error of a library.
const DETAIL: usize = 2000;
/// Faults of one page, or of one document as a whole.
const FAULTS: usize = 1000;
/// Remarks on a document, and measurements of the gate on a page.
const NOTES: usize = 100;

/// Whether a reply is one that an honest reader may send.
pub(super) fn believable(reply: &Reply) -> bool {
    match reply {
        Reply::Opened(opening) => opening.remarks.len() <= NOTES && faults(&opening.faults),
        Reply::Page(page) => sound(page),
        Reply::PageFault(fault) | Reply::Failed(fault) | Reply::MembersFault(fault) => short(&fault.detail),
        Reply::Member { name, .. } => is_name(name),
        Reply::Unreadable { name, fault, .. } => is_name(name) && short(&fault.detail),
        Reply::MemberEnd(fault) => fault.as_ref().is_none_or(|fault| short(&fault.detail)),
        _ => true,
    }
}

fn sound(page: &Page) -> bool {
    let gate = &page.gate;
    page.text.is_sound()
        && faults(&page.faults)
        && short(&gate.reason)
        && gate.numbers.len() <= NOTES
        && gate.numbers.iter().all(|(name, _)| short(name))
        && page.label.as_deref().is_none_or(short)
        && page.ocr_confidence.is_none_or(|confidence| confidence <= 100)
}

fn faults(faults: &[Fault]) -> bool {
    faults.len() <= FAULTS && faults.iter().all(|fault| short(&fault.detail))
}

/// Whether it can stand in a location.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 2 * DETAIL && !name.contains('\0')
}

fn short(words: &str) -> bool {
    words.len() <= DETAIL
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{GateDecision, Ink, Opening, Origin, PageSize, Rect, Text, Word};
    use crate::finding::FaultReason;

    fn page(change: impl FnOnce(&mut Page)) -> Reply {
        let mut page = Page {
            number: 1,
            size: PageSize::default(),
            text: Text::plain("机密 one"),
            gate: GateDecision::default(),
            ocr_confidence: Some(90),
            ocr: true,
            layer_match: None,
            faults: Vec::new(),
            label: None,
            red_rule: None,
        };
        change(&mut page);
        Reply::Page(Box::new(page))
    }

    fn word(start: u32, end: u32, x: f32) -> Word {
        Word { start, end, bounds: Rect { x, ..Rect::default() }, confidence: 90, origin: Origin::Ocr, ink: Ink::Plain }
    }

    #[test]
    fn words_that_lie_in_no_text_are_not_believed() {
        let spoken = |start, end, x| believable(&page(|page| page.text.words = vec![word(start, end, x)]));
        assert!(spoken(0, 6, 1.0) && spoken(7, 10, 0.0));
        for (start, end, x) in
            [(0, 5, 1.0), (1, 6, 1.0), (6, 0, 1.0), (7, 11, 1.0), (0, u32::MAX, 1.0), (0, 6, f32::NAN)]
        {
            assert!(!spoken(start, end, x), "{start}..{end} at {x}");
        }
        assert!(!believable(&page(|page| page.text.words = vec![word(0, 0, 1.0); 99])), "more words than letters");
    }

    #[test]
    fn a_fault_cannot_carry_a_document_away() {
        let fault = |length: usize| Fault::whole(FaultReason::Damaged, "x".repeat(length));
        assert!(believable(&Reply::Failed(fault(DETAIL))) && !believable(&Reply::Failed(fault(DETAIL + 1))));
        assert!(!believable(&Reply::PageFault(fault(DETAIL + 1))));
        assert!(!believable(&page(|page| page.faults = vec![fault(9); FAULTS + 1])));
        assert!(!believable(&page(|page| page.gate.reason = "x".repeat(DETAIL + 1))));
        let opening = |faults| Reply::Opened(Opening { pages: 1, faults, remarks: Vec::new(), members: false });
        assert!(believable(&opening(vec![fault(9)])) && !believable(&opening(vec![fault(DETAIL + 1)])));
    }
}
