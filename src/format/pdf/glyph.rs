//! A character of PDFium's text page as plain data: where it stands, whether it is seen, and whether it can be believed.

use super::fonts::Fonts;
use super::frame::Frame;
use super::layout::Glyph;
use super::pdfium::{PdfPageText, PdfPageTextChar, PdfPageTextRenderMode};
use super::whole::UntoldFonts;
use crate::document::Rect;

/// Colours from here up are paper: printing them leaves nothing to see.
const PAPER_WHITE: u8 = 245;

/// A "letter" that is higher than this share of the page is a picture in a font's clothes.
const HUGE_GLYPH: f32 = 0.35;

/// A glyph this many times as long as it is high is a word, if it is as high as small print, in points.
const WORD_SHAPE: f32 = 2.2;
const LEAST_LETTER: f32 = 4.0;

/// Reads the characters of a page, in the order in which PDFium puts them, and says whether there are more than `limit`
/// bytes of them. `untold` are the fonts whose glyphs may be anything.
pub(super) fn read(
    text: &PdfPageText<'_>,
    frame: &Frame,
    fonts: &mut Fonts,
    untold: Option<&UntoldFonts>,
    limit: usize,
) -> (Vec<Glyph>, bool) {
    let untold = untold.filter(|fonts| !fonts.is_empty());
    let mut bytes = 0;
    let mut glyphs: Vec<Glyph> = Vec::new();
    let mut last_code = 0;
    for char in text.chars().iter() {
        let code = char.unicode_value();
        let pair = joined(std::mem::replace(&mut last_code, code), code);
        match (pair, glyphs.last_mut()) {
            (Some(ch), Some(last)) => last.ch = ch,
            _ => glyphs.push(glyph(&char, frame, fonts, untold)),
        }
        bytes += glyphs.last().map_or(0, |last| last.ch.len_utf8());
        if bytes > limit {
            break;
        }
    }
    forgive_ligatures(&mut glyphs);
    (glyphs, bytes > limit)
}

/// PDFium gives out characters beyond 16 bits in two halves.
fn joined(high: u32, low: u32) -> Option<char> {
    let unit = |code: u32| u16::try_from(code).ok();
    let mut pair = char::decode_utf16([unit(high)?, unit(low)?]);
    pair.next()?.ok().filter(|ch| ch.len_utf16() == 2)
}

/// Reads a character.
fn glyph(char: &PdfPageTextChar<'_>, frame: &Frame, fonts: &mut Fonts, untold: Option<&UntoldFonts>) -> Glyph {
    let ch = char::from_u32(char.unicode_value()).unwrap_or(char::REPLACEMENT_CHARACTER);
    // PDFium's mark for a hyphen at the end of a line is also the second glyph of a font without a map.
    let is_number = ch == '\u{2}' && !char.is_hyphen().unwrap_or(false);
    let ch = if is_number { char::REPLACEMENT_CHARACTER } else { ch };
    let generated = char.is_generated().unwrap_or(false);
    let tight = char.tight_bounds().ok().map(|rect| frame.rect(&rect));
    let mut bounds = tight;
    let mut strange = false;
    if !generated {
        // The loose box has the height of the font, so that the words of a line are of one height.
        let loose = char.loose_bounds().ok().map(|rect| frame.rect(&rect));
        if let (Some(tight), Some(loose)) = (tight, loose) {
            strange = contradicts(ch, &tight, &loose, char.scaled_font_size().value);
            bounds = Some(if loose.w > 0.0 && loose.h > 0.0 { tight.union(&loose) } else { tight });
        }
    }
    let finite = |b: &Rect| [b.x, b.y, b.w, b.h].iter().all(|v| v.is_finite());
    let bounds = bounds.filter(finite).unwrap_or_default();
    let huge = bounds.h > frame.size.height * HUGE_GLYPH && bounds.w > frame.size.width * HUGE_GLYPH / 2.0;
    let outside =
        bounds.right() < 0.0 || bounds.bottom() < 0.0 || bounds.x > frame.size.width || bounds.y > frame.size.height;
    let (mut ch, mut unproven) = (ch, false);
    if let Some(untold) = untold.filter(|_| !generated) {
        let name = char.font_name();
        let is_drawn = untold.drawn.contains(&name);
        unproven = is_drawn || untold.mapped.contains(&name);
        if is_drawn && tight.is_some_and(|tight| is_no_letter(ch, &tight)) {
            ch = char::REPLACEMENT_CHARACTER;
        }
    }
    Glyph {
        ch,
        bounds,
        generated,
        hidden: !generated && (outside || is_hidden(char)),
        huge,
        unknown: !generated && fonts.lack(char, ch),
        strange,
        unproven,
    }
}

/// Whether what a font draws by instructions has not the shape of any letter: a blank that can be seen, a glyph as wide as a word.
fn is_no_letter(ch: char, tight: &Rect) -> bool {
    let (short, long) = (tight.w.min(tight.h), tight.w.max(tight.h));
    if ch.is_whitespace() {
        return short > 1.0 && long > 2.0;
    }
    // Letters that stand high and narrow are many.
    tight.h >= LEAST_LETTER && tight.w > WORD_SHAPE * tight.h && ch.is_alphanumeric()
}

/// Several characters in one place are one glyph that PDFium wrote out, such as a ligature: its font need not have them.
fn forgive_ligatures(glyphs: &mut [Glyph]) {
    for index in 1..glyphs.len() {
        let (before, after) = glyphs.split_at_mut(index);
        let (last, next) = (&mut before[index - 1], &mut after[0]);
        if last.bounds == next.bounds && next.bounds != Rect::default() {
            (last.unknown, next.unknown) = (false, false);
        }
    }
}

/// Drawn invisibly, or in the colour of paper.
fn is_hidden(char: &PdfPageTextChar<'_>) -> bool {
    let mode = char.render_mode().unwrap_or(PdfPageTextRenderMode::Unknown);
    match mode {
        PdfPageTextRenderMode::Invisible | PdfPageTextRenderMode::InvisibleClipping => true,
        PdfPageTextRenderMode::FilledUnstroked | PdfPageTextRenderMode::FilledUnstrokedClipping => {
            char.fill_color().is_ok_and(|colour| {
                colour.alpha() < 13 || colour.red().min(colour.green()).min(colour.blue()) >= PAPER_WHITE
            })
        }
        _ => false,
    }
}

/// Whether the shape of a glyph contradicts its character: a Latin letter as wide as it is high, as every Han glyph is, a
/// Han character as narrow as a letter, a full stop of the height of a letter.
fn contradicts(ch: char, tight: &Rect, loose: &Rect, size: f32) -> bool {
    let (advance, height) = (loose.w.min(loose.h), loose.w.max(loose.h));
    // Fonts drawn in units of their own say nothing of their size.
    if !(size > 0.0 && height > 0.7 * size && height < 2.0 * size) {
        return false;
    }
    match ch {
        'M' | 'W' | 'm' | 'w' | 'O' | 'Q' | 'G' => false,
        _ if ch.is_ascii_alphanumeric() => advance > 0.93 * size,
        '.' | ',' | '\'' | '·' => tight.w.max(tight.h) > 0.6 * size,
        '\u{4e00}'..='\u{9fff}' => advance > 0.0 && advance < 0.4 * size,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_beyond_16_bits_are_put_together() {
        assert_eq!(joined(0xd835, 0xdc65), Some('𝑥'));
        assert_eq!(joined(0xd840, 0xdc00), Some('𠀀'));
        assert_eq!((joined(0x41, 0x42), joined(0xd835, 0x42), joined(0x1_0041, 0xdc00)), (None, None, None));
    }

    #[test]
    fn a_glyph_of_the_wrong_shape_is_no_such_character() {
        let rect = |w: f32, h: f32| Rect { x: 0.0, y: 0.0, w, h };
        let wide = |ch| contradicts(ch, &rect(9.4, 9.4), &rect(10.0, 12.0), 10.0);
        assert!(wide('a') && wide('7') && wide('.') && !wide('机') && !wide('W') && !wide('，'));
        let narrow = |ch| contradicts(ch, &rect(2.0, 2.0), &rect(3.0, 12.0), 10.0);
        assert!(narrow('机') && !narrow('i') && !narrow('.'));
    }
}
