//! Fonts of a document and the code pages of their characters.

use std::collections::BTreeMap;

use encoding_rs::WINDOWS_1252;

use crate::format::codepage;

/// Fonts that are noted.
const MOST: usize = 100_000;

/// The code page of fonts whose characters are those of the document.
const ANSI: u32 = 0;

/// The fonts.
#[derive(Default)]
pub(super) struct Fonts {
    /// The code page of the document, if it says one.
    pub(super) page: Option<u32>,
    /// The font of text that names none.
    pub(super) default: u32,
    pages: BTreeMap<u32, u32>,
    /// The font whose entry is being read.
    current: u32,
}

impl Fonts {
    /// An entry of the table begins.
    pub(super) fn begin(&mut self, font: u32) {
        self.current = font;
    }

    /// The entry says which characters its font has.
    pub(super) fn charset(&mut self, charset: u32) {
        if let Some(page) = codepage::of_font_charset(charset) {
            self.code_page(page);
        }
    }

    /// The entry says its code page.
    pub(super) fn code_page(&mut self, page: u32) {
        if self.pages.len() < MOST && codepage::known(page).is_some() {
            self.pages.insert(self.current, page);
        }
    }

    /// Bytes of text in a font, with the zeros in it.
    pub(super) fn decode(&self, bytes: &[u8], font: u32) -> String {
        let page = self.pages.get(&font).copied().unwrap_or(ANSI);
        if page != ANSI {
            return codepage::with_zeros(bytes, page);
        }
        // Western fonts are named for Chinese text too, by programs that think in the code page of the document.
        let document = codepage::encoding(self.page.unwrap_or(1252));
        let whole = document.decode_without_bom_handling_and_without_replacement(bytes);
        let western = || WINDOWS_1252.decode_without_bom_handling(bytes).0;
        whole.unwrap_or_else(western).into_owned()
    }
}
