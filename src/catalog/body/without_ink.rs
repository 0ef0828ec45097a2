//! Pages as they were kept before words had a colour.

use serde::Deserialize;

use crate::document::{GateDecision, Ink, Origin, PageSize, Rect, Text, Word};
use crate::finding::Fault;

/// The fields of that time, in their order: that is all that the form knows of them.
#[derive(Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
pub(super) struct Page {
    number: u32,
    size: PageSize,
    text: OldText,
    gate: GateDecision,
    ocr_confidence: Option<u8>,
    ocr: bool,
    layer_match: Option<f32>,
    faults: Vec<Fault>,
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
struct OldText {
    content: String,
    words: Vec<(u32, u32, Rect, u8, Origin)>,
}

impl From<Page> for crate::document::Page {
    fn from(page: Page) -> Self {
        let Page { number, size, text, gate, ocr_confidence, ocr, layer_match, faults } = page;
        let word =
            |(start, end, bounds, confidence, origin)| Word { start, end, bounds, confidence, origin, ink: Ink::Plain };
        let text = Text { content: text.content, words: text.words.into_iter().map(word).collect() };
        Self { number, size, text, gate, ocr_confidence, ocr, layer_match, faults, label: None, red_rule: None }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{WITHOUT_INK, pack_page, unpack_page};
    use super::*;

    #[test]
    fn pages_of_both_forms_are_read() {
        let place = Rect { x: 10.0, y: 20.0, w: 30.5, h: 8.0 };
        let text = OldText { content: "zebra".to_owned(), words: vec![(0, 5, place, 90, Origin::Ocr)] };
        let old = Page {
            number: 3,
            size: PageSize { width: 595.0, height: 842.0 },
            text,
            gate: GateDecision::default(),
            ocr_confidence: Some(90),
            ocr: true,
            layer_match: None,
            faults: Vec::new(),
        };
        let mut body = vec![WITHOUT_INK];
        let plain = postcard::to_stdvec(&old).expect("serializes");
        zstd::stream::copy_encode(plain.as_slice(), &mut body, 3).expect("compresses");
        let mut page = unpack_page(&body).expect("a page of the old form");
        assert_eq!((page.number, page.text.words[0].bounds, page.text.words[0].ink), (3, place, Ink::Plain));
        page.text.words[0].ink = Ink::Red;
        let again = unpack_page(&pack_page(&page, 3).expect("packs")).expect("a page of the new form");
        assert_eq!(again, page);
    }
}
