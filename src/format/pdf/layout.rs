//! From characters with boxes to words and lines. Knows nothing of PDFium.

use std::collections::BTreeSet;

use crate::document::{Origin, Rect, Text};

/// A gap as wide as this share of a character ends a word although nobody wrote a blank.
const WORD_GAP: f32 = 1.0;
/// PDFium puts a blank between Han characters that stand a little apart; below this share it is not kept.
const HAN_GAP: f32 = 0.6;

/// Different bullets on one page; more of them are letters that nobody can read.
const BULLETS: usize = 3;

/// A character on the page.
#[derive(Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts, as PDFium tells them")]
pub(super) struct Glyph {
    pub(super) ch: char,
    pub(super) bounds: Rect,
    /// Made up by PDFium: blanks and line ends.
    pub(super) generated: bool,
    /// Drawn invisibly, in the colour of paper, or off the page.
    pub(super) hidden: bool,
    /// Too large to be a letter.
    pub(super) huge: bool,
    /// Its font does not have this character: PDFium gave out the number of the glyph.
    pub(super) unknown: bool,
    /// Its shape is not that of this character.
    pub(super) strange: bool,
    /// Nothing but pixels tells whether it is this character.
    pub(super) unproven: bool,
}

/// The text of a page, and counts of what is no text.
#[derive(Default)]
pub(super) struct Laid {
    pub(super) text: Text,
    pub(super) hidden: Vec<u32>,
    pub(super) doubtful: Vec<u32>,
    /// Words with a character that only pixels can prove.
    pub(super) unproven: Vec<u32>,
    pub(super) symbols: Vec<Rect>,
    /// Places of two and more characters without a meaning with no letter between them.
    pub(super) runs: Vec<Rect>,
    /// Places of the other characters without a meaning, hidden ones among them.
    pub(super) lone: Vec<Rect>,
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
        if page.laid.text.content.len() + page.word.text.len() >= limit {
            page.laid.cut = true;
            break;
        }
        page.push(glyph);
    }
    page.end_word();
    page.end_line();
    page.end_bullets();
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

/// A word under way.
#[derive(Default)]
struct Word {
    text: String,
    bounds: Rect,
    chars: u32,
    hidden: u32,
    unknown: u32,
    strange: u32,
    unproven: u32,
}

#[derive(Default)]
struct Builder {
    laid: Laid,
    word: Word,
    /// The last character of text.
    last: Option<Glyph>,
    gap: Gap,
    /// What to write before the word under way.
    before: &'static str,
    line: Line,
    /// The bullets of the page.
    bullets: Vec<Glyph>,
}

/// What a line holds besides letters.
#[derive(Default)]
struct Line {
    letters: u32,
    /// Characters without a meaning.
    marks: Vec<Glyph>,
    /// The only mark stands where a bullet does.
    is_bullet: bool,
    /// Places of marks with no letter between them, and how many they are.
    runs: Vec<(Rect, u32)>,
    /// The last thing on it.
    last: Option<Glyph>,
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
            ch if is_unreadable(ch) => self.mark(glyph),
            _ => self.letter(glyph),
        }
    }

    fn separate(&mut self, gap: Gap) {
        if gap > self.gap {
            self.gap = gap;
        }
    }

    /// A character without a meaning. Its ink stays unexplained, unless it turns out to be a bullet. It separates nothing:
    /// one lost letter does not make two words.
    fn mark(&mut self, glyph: Glyph) {
        if glyph.huge {
            self.laid.huge += 1;
        } else if glyph.hidden {
            // White on a dark box can be seen.
            self.laid.invisible += 1;
            self.laid.lone.push(glyph.bounds);
        } else {
            let after_mark = self.enter(&glyph).is_some_and(|last| is_unreadable(last.ch));
            match self.line.runs.last_mut() {
                Some((place, count)) if after_mark => (*place, *count) = (place.union(&glyph.bounds), *count + 1),
                _ => self.line.runs.push((glyph.bounds, 1)),
            }
            self.line.marks.push(glyph);
        }
    }

    fn letter(&mut self, glyph: Glyph) {
        self.enter(&glyph);
        if let ([mark], 0) = (self.line.marks.as_slice(), self.line.letters) {
            self.line.is_bullet = leads(mark, &glyph, self.gap);
        }
        self.line.letters += 1;
        let gap = self.last.map_or(Gap::None, |last| between(&last, &glyph, self.gap));
        if gap != Gap::None {
            self.end_word();
            self.before = if gap == Gap::Line { "\n" } else { " " };
        }
        self.gap = Gap::None;
        let word = &mut self.word;
        if glyph.huge {
            self.laid.huge += 1;
        } else if glyph.bounds.w > 0.0 || glyph.bounds.h > 0.0 {
            word.bounds = if word.bounds == Rect::default() { glyph.bounds } else { word.bounds.union(&glyph.bounds) };
        }
        word.text.push(glyph.ch);
        word.chars += 1;
        word.hidden += u32::from(glyph.hidden);
        word.unknown += u32::from(glyph.unknown);
        word.strange += u32::from(glyph.strange);
        word.unproven += u32::from(glyph.unproven);
        if glyph.hidden {
            self.laid.invisible += 1;
        } else {
            self.laid.visible += 1;
        }
        self.last = Some(glyph);
    }

    fn end_word(&mut self) {
        let word = std::mem::take(&mut self.word);
        if word.text.is_empty() {
            return;
        }
        let before = if self.laid.text.content.is_empty() { "" } else { self.before };
        let index = u32::try_from(self.laid.text.words.len()).unwrap_or(u32::MAX);
        if word.hidden * 2 > word.chars {
            self.laid.hidden.push(index);
        }
        // One character that its font lacks makes the word another; shapes are judged by the majority.
        if word.unknown > 0 || (word.strange >= 2 && word.strange * 2 > word.chars) {
            self.laid.doubtful.push(index);
        }
        if word.unproven > 0 {
            self.laid.unproven.push(index);
        }
        self.laid.text.push_word(before, &word.text, word.bounds, 100, Origin::Layer);
    }

    /// A glyph comes; it may be the first of a line. PDFium ends lines between bullets and their text, so places count.
    /// Answers what stood before it on its line.
    fn enter(&mut self, glyph: &Glyph) -> Option<Glyph> {
        if self.line.last.is_some_and(|last| !beside(&last.bounds, &glyph.bounds)) {
            self.end_line();
        }
        self.line.last.replace(*glyph)
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        if line.is_bullet && line.marks.len() == 1 {
            self.bullets.extend(line.marks);
        } else {
            self.laid.unmapped += u32::try_from(line.marks.len()).unwrap_or(u32::MAX);
            for (place, count) in line.runs {
                if count > 1 { self.laid.runs.push(place) } else { self.laid.lone.push(place) }
            }
        }
    }

    /// A page has one bullet over and over, or a few; many different ones are text.
    fn end_bullets(&mut self) {
        let kinds: BTreeSet<char> = self.bullets.iter().map(|bullet| bullet.ch).collect();
        if kinds.len() > BULLETS {
            self.laid.unmapped += u32::try_from(self.bullets.len()).unwrap_or(u32::MAX);
            self.laid.lone.extend(self.bullets.iter().map(|bullet| bullet.bounds));
        } else {
            self.laid.symbols = self.bullets.iter().map(|bullet| bullet.bounds).collect();
        }
    }
}

/// Whether a mark that begins a line stands before its text as a bullet does: apart from it, and hardly higher.
fn leads(mark: &Glyph, text: &Glyph, written: Gap) -> bool {
    let (a, b) = (&mark.bounds, &text.bounds);
    let apart = (b.x - a.right()).max(b.y - a.bottom());
    a.h <= b.h * 1.7 && (written != Gap::None || apart > 0.25 * b.h)
}

/// Whether two places lie on one line, written across or down.
fn beside(a: &Rect, b: &Rect) -> bool {
    let shared = |a0: f32, a1: f32, b0: f32, b1: f32| a1.min(b1) - a0.max(b0);
    let across = shared(a.y, a.bottom(), b.y, b.bottom()) >= 0.4 * a.h.min(b.h);
    let down = shared(a.x, a.right(), b.x, b.right()) >= 0.4 * a.w.min(b.w);
    let near = a.w.max(a.h).max(b.w).max(b.h) * 3.0;
    (across && shared(a.x, a.right(), b.x, b.right()) > -near)
        || (down && !across && shared(a.y, a.bottom(), b.y, b.bottom()) > 0.0)
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
        Gap::Guessed if is_unspaced(last.ch) && is_unspaced(next.ch) && across.max(down) < size * HAN_GAP => Gap::None,
        Gap::Guessed => Gap::Blank,
        Gap::None if down > size * WORD_GAP && down > across => Gap::Line,
        Gap::None if across > size * WORD_GAP => Gap::Blank,
        Gap::None => Gap::None,
    }
}

/// Han, kana and their punctuation: written without blanks.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}'
        | '★' | '“' | '”' | '—' | '…')
}

/// No meaning: control, replacement, private use, not a character.
fn is_unreadable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{fffd}' | '\u{ffff}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
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
                unknown: false,
                strange: false,
                unproven: false,
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

    fn marks(text: &str) -> (usize, u32) {
        let laid = lay_out(line(text).into_iter(), 1000);
        (laid.symbols.len(), laid.unmapped)
    }

    #[test]
    fn every_character_without_a_meaning_has_its_place() {
        let places = |text: &str, hidden: bool| {
            let glyphs = line(text).into_iter().map(|glyph| Glyph { hidden, ..glyph });
            let laid = lay_out(glyphs, 1000);
            (laid.runs.len(), laid.lone.len(), laid.unmapped, laid.invisible)
        };
        assert_eq!(places("a\u{e001}b\u{e002}\u{e003}", false), (1, 1, 3, 0));
        assert_eq!(places("\u{e001}\u{e002}", true), (0, 2, 0, 2), "white on a dark box can be seen");
    }

    #[test]
    fn a_bullet_is_alone_before_text() {
        let laid = lay_out(line("\u{f0b7} point").into_iter(), 1000);
        assert_eq!((laid.symbols.len(), laid.unmapped, laid.text.content.trim()), (1, 0, "point"));
        assert_eq!(marks("\u{f0b7}\u{f0b8} point"), (0, 2));
    }

    #[test]
    fn characters_without_a_meaning_anywhere_else_are_unreadable_text() {
        assert_eq!(marks("\u{e001}"), (0, 1), "alone on its line");
        assert_eq!(marks("\u{e001} \u{e002}"), (0, 2), "letter-spaced");
        assert_eq!(marks("\u{e001}密 文件"), (0, 1), "part of a word");
        assert_eq!(marks("level \u{e001}"), (0, 1), "after the text");
        assert_eq!(marks("\u{f0b7} point \u{e001}"), (0, 2), "two in a line");
        let laid = lay_out(line("\u{e001} \u{e002} page \u{e003}").into_iter(), 1000);
        assert_eq!((laid.runs.len(), laid.unmapped), (1, 3), "one run, and one alone");
    }

    #[test]
    fn many_different_bullets_are_unreadable_text() {
        let lines = |step: u32| -> Vec<Glyph> {
            let mut y = 0.0;
            let mut all = Vec::new();
            for n in 0..6 {
                let bullet = char::from_u32(0xe000 + n * step).expect("a private character");
                let glyphs = line(&format!("{bullet} point\n"));
                all.extend(glyphs.into_iter().map(|g| Glyph { bounds: Rect { y, ..g.bounds }, ..g }));
                y += 14.0;
            }
            all
        };
        let (one, many) = (lay_out(lines(0).into_iter(), 1000), lay_out(lines(1).into_iter(), 1000));
        assert_eq!((one.symbols.len(), one.unmapped), (6, 0));
        assert_eq!((many.symbols.len(), many.unmapped), (0, 6));
    }

    #[test]
    fn a_word_with_a_character_that_its_font_lacks_is_doubtful() {
        let mut glyphs = line("see this");
        glyphs[5].unknown = true;
        assert_eq!(lay_out(glyphs.clone().into_iter(), 1000).doubtful, [1]);
        glyphs[5].unknown = false;
        glyphs[..2].iter_mut().for_each(|glyph| glyph.strange = true);
        assert_eq!(lay_out(glyphs.into_iter(), 1000).doubtful, [0]);
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
