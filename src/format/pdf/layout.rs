//! From characters with boxes to words and lines. Knows nothing of PDFium.

use crate::document::{Origin, Rect, Text};

/// A gap as wide as this share of a character ends a word although nobody wrote a blank.
const WORD_GAP: f32 = 1.0;
/// PDFium puts a blank between Han characters that stand a little apart; below this share it is not kept.
const HAN_GAP: f32 = 0.6;

/// A character on the page.
#[derive(Clone, Copy)]
pub(super) struct Glyph {
    pub(super) ch: char,
    pub(super) bounds: Rect,
    /// Made up by PDFium: blanks and line ends.
    pub(super) generated: bool,
    /// Drawn invisibly, in the colour of paper, or off the page.
    pub(super) hidden: bool,
    /// Too large to be a letter.
    pub(super) huge: bool,
}

/// The text of a page, and counts of what is no text.
#[derive(Default)]
pub(super) struct Laid {
    pub(super) text: Text,
    pub(super) hidden: Vec<u32>,
    pub(super) symbols: Vec<Rect>,
    pub(super) visible: u32,
    pub(super) invisible: u32,
    pub(super) unmapped: u32,
    pub(super) huge: u32,
    /// Text was dropped at the limit.
    pub(super) cut: bool,
}

/// Puts characters together, in the order in which they come, to words and lines.
pub(super) fn lay_out(glyphs: impl Iterator<Item = Glyph>, limit: usize) -> Laid {
    let mut page = Builder::default();
    for glyph in glyphs {
        if page.laid.text.content.len() + page.word.len() >= limit {
            page.laid.cut = true;
            break;
        }
        page.push(glyph);
    }
    page.end_run();
    page.end_word();
    if !page.laid.text.content.is_empty() {
        page.laid.text.content.push('\n');
    }
    page.laid
}

/// What stands between the last word and the next character.
#[derive(Clone, Copy, Default, PartialEq, PartialOrd)]
enum Gap {
    #[default]
    None,
    /// A blank that PDFium made up.
    Guessed,
    Blank,
    Line,
}

#[derive(Default)]
struct Builder {
    laid: Laid,
    word: String,
    bounds: Rect,
    word_chars: u32,
    word_hidden: u32,
    /// The last character of text.
    last: Option<Glyph>,
    gap: Gap,
    /// What to write before the word under way.
    before: &'static str,
    /// Characters without a meaning that stand together.
    run: Vec<Rect>,
}

impl Builder {
    fn push(&mut self, glyph: Glyph) {
        match glyph.ch {
            '\n' => self.separate(Gap::Line),
            '\r' => {}
            // PDFium's marks for a hyphen at the end of a line.
            '\u{2}' | '\u{fffe}' | '\u{ad}' => self.letter(Glyph { ch: '-', ..glyph }),
            // The ideographic blank of GB 18030's private area.
            '\u{e5e5}' => self.separate(Gap::Blank),
            ch if ch.is_whitespace() => self.separate(if glyph.generated { Gap::Guessed } else { Gap::Blank }),
            ch if ch.is_control() || is_private(ch) => self.unmapped(glyph),
            _ => self.letter(glyph),
        }
    }

    fn separate(&mut self, gap: Gap) {
        self.end_run();
        if gap > self.gap {
            self.gap = gap;
        }
    }

    fn unmapped(&mut self, glyph: Glyph) {
        // Its ink stays unexplained. It separates nothing: one lost letter does not make two words.
        if glyph.huge {
            self.laid.huge += 1;
        } else if !glyph.hidden {
            self.run.push(glyph.bounds);
        }
    }

    /// One character without a meaning is a bullet; two together may be a word that nobody can read.
    fn end_run(&mut self) {
        match self.run.len() {
            0 => {}
            1 => self.laid.symbols.append(&mut self.run),
            length => self.laid.unmapped += u32::try_from(length).unwrap_or(u32::MAX),
        }
        self.run.clear();
    }

    fn letter(&mut self, glyph: Glyph) {
        self.end_run();
        let gap = self.last.map_or(Gap::None, |last| between(&last, &glyph, self.gap));
        if gap != Gap::None {
            self.end_word();
            self.before = if gap == Gap::Line { "\n" } else { " " };
        }
        self.gap = Gap::None;
        if glyph.huge {
            self.laid.huge += 1;
        } else if glyph.bounds.w > 0.0 || glyph.bounds.h > 0.0 {
            self.bounds = if self.bounds == Rect::default() { glyph.bounds } else { self.bounds.union(&glyph.bounds) };
        }
        self.word.push(glyph.ch);
        self.word_chars += 1;
        self.word_hidden += u32::from(glyph.hidden);
        if glyph.hidden {
            self.laid.invisible += 1;
        } else {
            self.laid.visible += 1;
        }
        self.last = Some(glyph);
    }

    fn end_word(&mut self) {
        if self.word.is_empty() {
            return;
        }
        let before = if self.laid.text.content.is_empty() { "" } else { self.before };
        if self.word_hidden * 2 > self.word_chars {
            self.laid.hidden.push(u32::try_from(self.laid.text.words.len()).unwrap_or(u32::MAX));
        }
        self.laid.text.push_word(before, &self.word, self.bounds, 100, Origin::Layer);
        self.word.clear();
        self.bounds = Rect::default();
        (self.word_chars, self.word_hidden) = (0, 0);
    }
}

/// What really separates two characters, given what PDFium wrote between them.
fn between(last: &Glyph, next: &Glyph, written: Gap) -> Gap {
    let (a, b) = (&last.bounds, &next.bounds);
    let size = a.w.max(a.h).max(b.w).max(b.h).max(0.1);
    let apart = |a0: f32, a1: f32, b0: f32, b1: f32| (b0 - a1).max(a0 - b1).max(0.0);
    let across = apart(a.x, a.right(), b.x, b.right());
    let down = apart(a.y, a.bottom(), b.y, b.bottom());
    match written {
        Gap::Line | Gap::Blank => written,
        Gap::Guessed if is_han(last.ch) && is_han(next.ch) && across.max(down) < size * HAN_GAP => Gap::None,
        Gap::Guessed => Gap::Blank,
        Gap::None if down > size * WORD_GAP && down > across => Gap::Line,
        Gap::None if across > size * WORD_GAP => Gap::Blank,
        Gap::None => Gap::None,
    }
}

/// Han, kana and their punctuation: written without blanks.
fn is_han(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}'
        | '★' | '“' | '”' | '—' | '…')
}

/// No meaning: replacement, private use, not a character.
fn is_private(c: char) -> bool {
    matches!(c, '\u{fffd}' | '\u{ffff}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Characters of 10 x 10 set next to each other; `|` is a gap of half a character with a blank made up by PDFium.
    fn line(text: &str) -> Vec<Glyph> {
        let mut x = 0.0;
        let mut glyphs = Vec::new();
        for ch in text.chars() {
            let generated = ch == '|';
            glyphs.push(Glyph {
                ch: if generated { ' ' } else { ch },
                bounds: Rect { x, y: 0.0, w: 10.0, h: 10.0 },
                generated,
                hidden: false,
                huge: false,
            });
            x += if generated { 5.0 } else { 10.0 };
        }
        glyphs
    }

    fn words(glyphs: Vec<Glyph>) -> Vec<String> {
        let laid = lay_out(glyphs.into_iter(), 1000);
        laid.text.words.iter().map(|w| laid.text.content[w.start as usize..w.end as usize].to_owned()).collect()
    }

    #[test]
    fn han_is_not_split_by_blanks_that_nobody_wrote() {
        assert_eq!(words(line("机|密|文件")), ["机密文件"]);
        assert_eq!(words(line("top|secret file")), ["top", "secret", "file"]);
        assert_eq!(words(line("机 密")), ["机", "密"]);
    }

    #[test]
    fn a_wide_gap_without_a_blank_ends_a_word() {
        let mut glyphs = line("ab");
        glyphs[1].bounds.x += 40.0;
        assert_eq!(words(glyphs), ["a", "b"]);
    }

    #[test]
    fn a_lone_private_character_is_a_symbol_and_two_are_unreadable_text() {
        let laid = lay_out(line("\u{f0b7} point").into_iter(), 1000);
        assert_eq!((laid.symbols.len(), laid.unmapped, laid.text.content.trim()), (1, 0, "point"));
        let laid = lay_out(line("\u{f0b7}\u{f0b8} point").into_iter(), 1000);
        assert_eq!((laid.symbols.len(), laid.unmapped), (0, 2));
    }

    #[test]
    fn text_over_the_limit_is_cut_and_said_to_be() {
        let laid = lay_out(line("one two three").into_iter(), 5);
        assert!(laid.cut && laid.text.content.starts_with("one"));
    }

    #[test]
    fn hidden_words_are_kept_and_marked() {
        let mut glyphs = line("see not");
        glyphs[4..].iter_mut().for_each(|glyph| glyph.hidden = true);
        let laid = lay_out(glyphs.into_iter(), 1000);
        assert_eq!((laid.hidden, laid.visible, laid.invisible), (vec![1], 3, 3));
    }
}
