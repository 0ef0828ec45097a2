//! What an engine read: lines of words, and a page of them.

use std::fmt;

use crate::document::{Rect, Text};

/// What was read from an image.
#[derive(Clone, Debug, Default)]
pub struct Recognition {
    /// Words in reading order with places in pixels of the input image.
    pub text: Text,
    /// Mean confidence by characters, 0 to 100; none if nothing was read.
    pub confidence: Option<u8>,
    /// The language or script it was read in; empty if nothing was.
    pub language: String,
    /// Clockwise quarter turns that made it upright.
    pub quarter_turns: u8,
    /// Degrees of skew that were removed.
    pub skew_degrees: f32,
    /// Share of what looks like lines of letters that no word covers, 0 to 1.
    pub unread: f32,
    /// Stamps in colour out of which no sure words were read: framed red ones, and others over lines of the page.
    pub unread_stamps: usize,
    /// Lines in large letters at the head or foot of the page out of which no sure words were read.
    pub unread_heads: usize,
    /// Red frames, in pixels of the input image: the upright rectangles around them.
    pub red_frames: Vec<Rect>,
    /// Limits of `pipeline.toml` that kept some of it from being read.
    pub beyond: Vec<Exceeded>,
}

/// A limit that was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exceeded {
    /// Its key in `[limits]`.
    pub limit: &'static str,
    /// Its value.
    pub most: usize,
    /// What there was, in words.
    pub seen: String,
}

impl Exceeded {
    /// The limit, if there is more than it allows.
    pub(super) fn of(limit: &'static str, most: usize, count: usize, of_what: &str) -> Option<Self> {
        (count > most).then(|| Self { limit, most, seen: format!("{count} {of_what}") })
    }
}

/// A recognized line, in pixels of the image that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its words, left to right.
    pub words: Vec<RecognizedWord>,
}

/// A recognized word.
#[derive(Clone, PartialEq)]
pub struct RecognizedWord {
    /// The characters.
    pub text: String,
    /// Place in pixels of the image that was read.
    pub bounds: Rect,
    /// 0 to 100.
    pub confidence: u8,
    /// Whether a blank stands before it.
    pub space_before: bool,
}

/// Sizes only: the program reads secrets, so `{:?}` must never print them.
impl fmt::Debug for RecognizedWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecognizedWord({} bytes, {:?}, {} %)", self.text.len(), self.bounds, self.confidence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_recognized_is_not_printed_for_debugging() {
        let word = RecognizedWord {
            text: "zebrakanarie".to_owned(),
            bounds: Rect::default(),
            confidence: 90,
            space_before: false,
        };
        let said = format!("{:?}", Line { words: vec![word] });
        assert!(said.contains("12 bytes") && !said.contains("zebra"), "{said}");
    }
}
