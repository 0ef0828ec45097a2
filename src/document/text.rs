//! Text with the places of its words: what a page says, where on it, in which colour, and whether it was recognized.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What stands in a text before words that a line goes through; `]` ends them.
pub const STRUCK_OUT: &str = "[struck out: ";

/// What stands before words that were deleted while changes were tracked; `]` ends them.
pub const DELETED: &str = "[deleted: ";

/// A rectangle on a page: top-left origin, in the units of the page it belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rect {
    /// Distance of the left edge from the page's left edge.
    pub x: f32,
    /// Distance of the top edge from the page's top edge.
    pub y: f32,
    /// Width.
    pub w: f32,
    /// Height.
    pub h: f32,
}

impl Rect {
    /// The x coordinate of the right edge.
    pub fn right(&self) -> f32 {
        self.x + self.w
    }

    /// The y coordinate of the bottom edge.
    pub fn bottom(&self) -> f32 {
        self.y + self.h
    }

    /// The smallest rectangle that holds both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        Self { x, y, w: self.right().max(other.right()) - x, h: self.bottom().max(other.bottom()) - y }
    }

    /// What both have in common; what they have not is nothing high, or nothing wide.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        let length = |from: f32, to: f32| (to - from).max(0.0);
        let (w, h) = (length(x, self.right().min(other.right())), length(y, self.bottom().min(other.bottom())));
        Self { x, y, w, h }
    }

    /// Width times height.
    pub fn area(&self) -> f32 {
        self.w * self.h
    }

    /// Whether they share more than an edge.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }

    /// Whether the other lies inside.
    pub fn contains(&self, other: &Self) -> bool {
        self.x <= other.x && self.y <= other.y && self.right() >= other.right() && self.bottom() >= other.bottom()
    }

    /// Every coordinate multiplied: from pixels to points, say.
    #[must_use]
    pub fn scaled(&self, factor: f32) -> Self {
        Self { x: self.x * factor, y: self.y * factor, w: self.w * factor, h: self.h * factor }
    }
}

/// Where words come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// The document's own text.
    Layer,
    /// Recognized from pixels.
    Ocr,
}

impl Origin {
    /// The stable name: `layer` or `ocr`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Layer => "layer",
            Self::Ocr => "ocr",
        }
    }
}

/// The colour of writing: markings are stamped in red, signatures and notes are blue, watermarks are pale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ink {
    /// Black, any other colour that means nothing, or not known.
    #[default]
    Plain,
    /// Red.
    Red,
    /// Blue.
    Blue,
    /// Any colour that stands out from its ground as little as a watermark.
    Pale,
    /// None that means anything, but inside of a red frame.
    Framed,
}

impl Ink {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Red => "red",
            Self::Blue => "blue",
            Self::Pale => "pale",
            Self::Framed => "framed",
        }
    }
}

/// A word of a page: where it stands in the text, and where on the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// First byte in the page's text.
    pub start: u32,
    /// One past the last byte in the page's text.
    pub end: u32,
    /// Place on the page, in page units.
    pub bounds: Rect,
    /// 0 to 100; 100 for words of a text layer.
    pub confidence: u8,
    /// Layer or OCR.
    pub origin: Origin,
    /// Its colour, if it was recognized.
    pub ink: Ink,
}

/// Text with the places of its words. Lines end with `\n`.
///
/// Words are sorted by `start` and do not overlap. Formats without geometry (plain text) have no words, and then the
/// origin of all text is the layer.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Text {
    /// The characters, in reading order.
    pub content: String,
    /// The words with their places.
    pub words: Vec<Word>,
}

impl Text {
    /// Text without geometry.
    pub fn plain(content: impl Into<String>) -> Self {
        Self { content: content.into(), words: Vec::new() }
    }

    /// Words that touch a range of the content.
    pub fn words_in(&self, range: &std::ops::Range<usize>) -> &[Word] {
        words_in(&self.words, range)
    }

    /// Whether there is nothing but blanks.
    pub fn is_blank(&self) -> bool {
        self.content.chars().all(char::is_whitespace)
    }

    /// Whether every word lies in the text and has a place, and there are no more words than bytes: of what comes from a reader
    /// that its input has taken over that may not be so.
    pub fn is_sound(&self) -> bool {
        let inside = |word: &Word| {
            let ends = [word.start as usize, word.end as usize];
            ends[0] <= ends[1] && ends.iter().all(|end| self.content.is_char_boundary(*end))
        };
        let placed = |place: &Rect| [place.x, place.y, place.w, place.h].iter().all(|side| side.is_finite());
        self.words.len() <= self.content.len() && self.words.iter().all(|word| inside(word) && placed(&word.bounds))
    }

    /// Appends a word; `separator` is put before it (a blank, a line end, or nothing).
    pub fn push_word(&mut self, separator: &str, word: &str, bounds: Rect, confidence: u8, origin: Origin) {
        self.content.push_str(separator);
        let start = u32::try_from(self.content.len()).expect("a page's text is bounded far below 4 GiB");
        self.content.push_str(word);
        let end = u32::try_from(self.content.len()).expect("a page's text is bounded far below 4 GiB");
        self.words.push(Word { start, end, bounds, confidence, origin, ink: Ink::Plain });
    }

    /// Appends another text on a new line, moving its words along.
    pub fn append(&mut self, other: &Self) {
        if other.content.is_empty() {
            return;
        }
        if !self.content.is_empty() && !self.content.ends_with('\n') {
            self.content.push('\n');
        }
        let offset = u32::try_from(self.content.len()).expect("a page's text is bounded far below 4 GiB");
        self.content.push_str(&other.content);
        let moved = |word: &Word| Word { start: word.start + offset, end: word.end + offset, ..word.clone() };
        self.words.extend(other.words.iter().map(moved));
    }
}

/// Of words in order those that touch a range of their text.
pub fn words_in<'a>(words: &'a [Word], range: &std::ops::Range<usize>) -> &'a [Word] {
    let first = words.partition_point(|word| word.end as usize <= range.start);
    let last = words.partition_point(|word| (word.start as usize) < range.end);
    &words[first..last.max(first)]
}

/// The box around words; none without words.
pub fn bounds(words: &[Word]) -> Option<Rect> {
    words.iter().map(|word| word.bounds).reduce(|a, b| a.union(&b))
}

/// Where words come from: recognized only if every one of them is.
pub fn origin(words: &[Word]) -> Origin {
    let recognized = !words.is_empty() && words.iter().all(|word| word.origin == Origin::Ocr);
    if recognized { Origin::Ocr } else { Origin::Layer }
}

/// Sizes only: the program reads secrets, so `{:?}` must never print them.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes, {} words)", self.content.len(), self.words.len())
    }
}
