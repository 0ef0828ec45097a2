//! From characters with places to lines of words.

use super::super::{Line, RecognizedWord, reading};
use super::recognize::{Glyph, Reading};
use super::rect::Tilted;

/// Han characters of a word: writing has no blanks there, and a box should not cover a whole line.
const HAN_WORD: usize = 4;

/// A line of readings that stand beside each other, with their places.
pub(super) fn joined<'a>(parts: impl Iterator<Item = (&'a Reading, Tilted)>) -> Line {
    let mut words: Vec<RecognizedWord> = Vec::new();
    for (reading, place) in parts {
        let mut blank = true;
        for glyphs in reading.glyphs.chunk_by(together).flat_map(|run| run.chunks(longest(run))) {
            if glyphs[0].character == ' ' {
                blank = true;
                continue;
            }
            words.push(RecognizedWord { space_before: blank && !words.is_empty(), ..word(glyphs, &place) });
            blank = false;
        }
    }
    Line { words }
}

/// Whether two characters belong to one word.
fn together(a: &Glyph, b: &Glyph) -> bool {
    (a.character == ' ') == (b.character == ' ')
        && reading::is_east_asian(a.character) == reading::is_east_asian(b.character)
}

fn longest(run: &[Glyph]) -> usize {
    if reading::is_east_asian(run[0].character) { HAN_WORD } else { usize::MAX }
}

fn word(glyphs: &[Glyph], place: &Tilted) -> RecognizedWord {
    // Characters of scripts that run to the left lie from right to left.
    let from = glyphs.iter().map(|glyph| glyph.from).fold(f32::MAX, f32::min);
    let to = glyphs.iter().map(|glyph| glyph.to).fold(f32::MIN, f32::max);
    #[allow(clippy::cast_precision_loss, reason = "characters of a word")]
    let mean = glyphs.iter().map(|glyph| glyph.probability).sum::<f32>() / glyphs.len() as f32;
    RecognizedWord {
        text: glyphs.iter().map(|glyph| glyph.character).collect(),
        bounds: place.part(from, to).bounds(),
        confidence: reading::percent(mean * 100.0),
        space_before: false,
    }
}
