//! Drawings inside of pages: nothing renders them, so those that may be letters are counted.
//!
//! Logos and icons are on every page and are no writing: what is small has few paths or few letters.

use html5ever::tokenizer::{Tag, TagKind};

use crate::format::outlines::{Outlines, Syntax};
use crate::format::placed;

/// Letters from which on a drawing may be writing; of one that is as high as a line of a heading at most, and in one path.
const LETTERS: usize = 5;
const LOGO_LETTERS: usize = 20;
const LOGO_HEIGHT: f32 = 64.0;

/// The drawings of a page.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Drawings {
    /// Drawings that may be letters.
    pub(super) letters: usize,
    /// Drawings that are open, and definitions in them: what is only defined is not drawn.
    open: u32,
    defined: u32,
    outlines: Outlines,
    width: f32,
    height: f32,
}

impl Drawings {
    /// Takes a tag of the page.
    pub(super) fn tag(&mut self, tag: &Tag, is_closed: bool) {
        let value = |name: &str| {
            let found = tag.attrs.iter().find(|attribute| (*attribute.name.local).eq_ignore_ascii_case(name));
            found.map(|attribute| attribute.value.as_ref()).unwrap_or_default()
        };
        let opens = tag.kind == TagKind::StartTag;
        match &*tag.name {
            "svg" if opens && self.open == 0 => {
                (self.outlines, self.defined, self.open) = (Outlines::default(), 0, 1);
                let view = placed::numbers(value("viewbox"));
                let length = |name: &str| placed::numbers(value(name)).first().copied().unwrap_or_default();
                (self.width, self.height) = match view.as_slice() {
                    [_, _, width, height] => (*width, *height),
                    _ => (length("width"), length("height")),
                };
            }
            "svg" if opens => self.open = self.open.saturating_add(1),
            "svg" if self.open > 0 => {
                self.open -= 1;
                if self.open == 0 {
                    self.letters += usize::from(self.may_be_letters());
                }
            }
            _ if self.open == 0 || is_closed && !opens => {}
            "defs" | "symbol" | "clippath" | "mask" if !is_closed => {
                self.defined = if opens { self.defined.saturating_add(1) } else { self.defined.saturating_sub(1) };
            }
            "path" if opens && self.defined == 0 => self.outlines.add(value("d"), Syntax::Svg),
            "polygon" | "polyline" if opens && self.defined == 0 => self.outlines.add_points(value("points")),
            _ => {}
        }
    }

    fn may_be_letters(&self) -> bool {
        let letters = self.outlines.count.max(self.outlines.bent);
        let is_square = self.height > 0.0 && (0.8..=1.25).contains(&(self.width / self.height));
        let is_icon = is_square && self.outlines.may_be_icon();
        let is_logo = self.height > 0.0 && self.height <= LOGO_HEIGHT && letters <= LOGO_LETTERS;
        letters >= LETTERS && !is_icon && !is_logo
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;

    #[test]
    fn outlined_words_in_a_page_are_counted_and_icons_and_logos_are_not() {
        let letter = "<path d='M0 0C1 2 3 4 5 6S1 2 3 4L5 0C1 2 3 4 5 6L0 9L3 1z'/>";
        let of = |size: &str, letters: usize| {
            let html = format!("<p>x</p><svg {size}>{}</svg><p>y", letter.repeat(letters));
            read(&html, false).drawings
        };
        assert_eq!(of("viewBox='0 0 600 100'", 30), 1);
        assert_eq!(of("", 30), 1);
        assert_eq!(of("width='700' height='120'", 6), 1, "a short word");
        assert_eq!(of("viewBox='0 0 600 100'", 3), 0);
        assert_eq!(of("viewBox='0 0 120 24'", 12), 0, "a logo");
        let sprite = format!("<svg><symbol id='a'>{}</symbol></svg>", letter.repeat(100));
        assert_eq!(read(&sprite, false).drawings, 0, "icons that are defined");
        assert_eq!(read(&"<svg viewBox='0 0 24 24'><path d='M1 1h9v9z'/></svg>".repeat(100), false).drawings, 0);
    }
}
