//! Whether a font knows the character that PDFium gives out for one of its glyphs.
//!
//! For a glyph without a Unicode mapping PDFium gives out the glyph's number as if it were a character: plausible, and
//! wrong. The bindings tell this only through an unsafe call. So the way back is tried: the font is asked for the outline
//! of that character. A font that answers with what it draws for characters it does not have never mapped the glyph.
//!
//! It cannot tell for fonts that are not embedded (what is drawn is a substitute) and for those of single bytes, which do
//! not answer for characters they lack; there the gate's statistics must do.

use std::collections::HashMap;

use super::pdfium::{PdfFontGlyphs, PdfPageTextChar, PdfPathSegmentType, PdfPathSegments as _, PdfPoints};

/// A character that no font has.
const ABSENT: u16 = 0xfdd0;
/// PDFium counts the glyphs of a font that answers for every character as this many.
const ANSWERS_ALWAYS: u16 = u16::MAX;
/// Points of an outline that are compared.
const POINTS: u32 = 48;

/// An outline, or as much of it as tells it from others.
type Outline = Option<(u32, Vec<(PdfPathSegmentType, u32, u32)>)>;

/// Characters that a font knows all of before it is believed: a font without a map shows it with nearly each of them, and
/// each costs PDFium a search through the whole font.
const PROOF: usize = 64;

/// What the fonts of a document know, by name and whether they are embedded: two fonts may have one name.
#[derive(Default)]
pub(super) struct Fonts(HashMap<(String, bool), Font>);

/// What one font knows.
#[derive(Default)]
struct Font {
    /// What it draws for a character that it lacks; none if it cannot be asked.
    lacking: Option<Outline>,
    /// Whether it lacks a character.
    asked: HashMap<u16, bool>,
    lacks_some: bool,
}

impl Fonts {
    /// Whether the font of a glyph surely has no such character.
    pub(super) fn lack(&mut self, char: &PdfPageTextChar<'_>, ch: char) -> bool {
        let Ok(code) = u16::try_from(u32::from(ch)) else { return false };
        // PDFium itself changes what runs from right to left to other forms of the same letters.
        if ch.is_whitespace() || ch.is_control() || matches!(ch, '\u{590}'..='\u{8ff}' | '\u{fffd}'..) {
            return false;
        }
        let name = char.font_name();
        let embedded =
            is_tagged(&name) || char.text_object().is_ok_and(|object| object.font().is_embedded().unwrap_or(false));
        let known = self.0.entry((name, embedded)).or_default();
        if let Some(lacks) = known.asked.get(&code) {
            return *lacks;
        }
        if known.lacking.as_ref().is_some_and(Option::is_none) || (!known.lacks_some && known.asked.len() >= PROOF) {
            return false;
        }
        let Ok(object) = char.text_object() else { return false };
        let font = object.font();
        let lacking = known.lacking.get_or_insert_with(|| {
            let glyphs = embedded.then(|| font.glyphs());
            glyphs.filter(|glyphs| glyphs.len() == ANSWERS_ALWAYS).and_then(|glyphs| outline(glyphs, ABSENT))
        });
        let lacks = lacking.is_some() && outline(font.glyphs(), code) == *lacking;
        known.asked.insert(code, lacks);
        known.lacks_some |= lacks;
        lacks
    }
}

/// Whether a name has the tag of a subset (`ABCDEF+Name`): then it is embedded, and no other font has this name.
fn is_tagged(name: &str) -> bool {
    name.split_once('+').is_some_and(|(tag, _)| tag.len() == 6 && tag.bytes().all(|byte| byte.is_ascii_uppercase()))
}

fn outline(glyphs: &PdfFontGlyphs<'_>, code: u16) -> Outline {
    let glyph = glyphs.get(code).ok()?;
    let path = glyph.segments_at_font_size(PdfPoints::new(1000.0)).ok()?;
    let points = (0..path.len().min(POINTS)).filter_map(|index| path.get(index).ok());
    let points = points.map(|point| (point.segment_type(), point.x().value.to_bits(), point.y().value.to_bits()));
    Some((path.len(), points.collect()))
}
