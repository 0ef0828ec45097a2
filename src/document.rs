//! Plain data about documents: where bytes lie, what they are, and the pages read from them.
//!
//! Every stage takes and returns these types; none of them does any work. They serialize, because pages cross the
//! border between a reader process and the sweep, and lie in the catalog.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::finding::Fault;

/// What stands in a text before words that a line goes through; `]` ends them.
pub const STRUCK_OUT: &str = "[struck out: ";

/// What stands before words that were deleted while changes were tracked; `]` ends them.
pub const DELETED: &str = "[deleted: ";

/// Where bytes lie: a file, and the chain of members inside containers (`mail.eml!/offer.zip!/scan.pdf`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The file, absolute. Need not be UTF-8.
    pub path: PathBuf,
    /// Names of members from the outermost container inwards; empty for the file itself.
    pub members: Vec<String>,
}

impl Location {
    /// The location of a file itself.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), members: Vec::new() }
    }

    /// The location of a member of the container here.
    #[must_use]
    pub fn inside(&self, member: &str) -> Self {
        let members = self.members.iter().cloned().chain([member.to_owned()]).collect();
        Self { path: self.path.clone(), members }
    }

    /// The container that it lies in, if it is a member.
    pub fn container(&self) -> Option<Self> {
        let (_, members) = self.members.split_last()?;
        Some(Self { path: self.path.clone(), members: members.to_vec() })
    }

    /// The bytes by which it is known: its path, and its members each behind a zero byte, which neither holds.
    pub fn key(&self) -> Vec<u8> {
        let mut key = self.path.as_os_str().as_bytes().to_vec();
        for member in &self.members {
            key.push(0);
            key.extend_from_slice(member.as_bytes());
        }
        key
    }

    /// The location with these bytes.
    pub fn from_key(key: &[u8]) -> Self {
        let mut parts = key.split(|byte| *byte == 0);
        let path = PathBuf::from(OsStr::from_bytes(parts.next().unwrap_or_default()));
        Self { path, members: parts.map(|part| String::from_utf8_lossy(part).into_owned()).collect() }
    }

    /// The range of keys of everything in it: from the first up to but not including the second.
    pub fn below(&self) -> [Vec<u8>; 2] {
        [0, 1].map(|last| [self.key().as_slice(), &[last]].concat())
    }

    /// The location as it is shown, byte for byte: `/srv/a.zip!/b.docx`. Two locations may look alike.
    pub fn shown(&self) -> PathBuf {
        let mut shown = self.path.clone().into_os_string();
        for member in &self.members {
            shown.push("!/");
            shown.push(member);
        }
        shown.into()
    }

    /// The last component of the location, as a person reads it.
    pub fn name(&self) -> Cow<'_, str> {
        match self.members.last() {
            Some(member) => Cow::Borrowed(member),
            None => self.path.file_name().map_or(Cow::Borrowed(""), |name| name.to_string_lossy()),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.shown().display())
    }
}

impl AsRef<Path> for Location {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}

/// What `stat` says about a file. Two equal identities mean "not changed since we last looked".
///
/// `ctime` is part of it because a file moved in with its old `mtime`, or edited by a tool that puts `mtime` back, still
/// gets a new `ctime` from the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// Device number.
    pub device: u64,
    /// Inode number.
    pub inode: u64,
    /// Size in bytes.
    pub size: u64,
    /// Last modification, nanoseconds since 1970-01-01 UTC.
    pub mtime_ns: i64,
    /// Last change of content or metadata, nanoseconds since 1970-01-01 UTC.
    pub ctime_ns: i64,
}

/// The name of some content: its BLAKE3 hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ContentHash(pub [u8; 32]);

impl ContentHash {
    /// Parses 64 hexadecimal digits.
    pub fn from_hex(hex: &str) -> Option<Self> {
        blake3::Hash::from_hex(hex).ok().map(|hash| Self(*hash.as_bytes()))
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(blake3::Hash::from_bytes(self.0).to_hex().as_str())
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentHash({self})")
    }
}

/// What content is, decided by its bytes and never by its name: a short lower-case name such as `pdf`, `png`, `text`,
/// `docx`, `zip`, `unknown`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Kind(pub Cow<'static, str>);

impl Kind {
    /// A kind known at compile time.
    pub const fn new(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

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

/// What is remarkable about how a document was opened: a closed set with stable names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remark {
    /// It is encrypted, and everybody can open it: the user password is empty.
    EmptyPassword,
    /// It is encrypted, and a password of `read.passwords_file` opens it.
    KnownPassword,
    /// It is damaged, and was read as it could be put together again.
    Repaired,
}

impl Remark {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EmptyPassword => "empty_password",
            Self::KnownPassword => "known_password",
            Self::Repaired => "repaired",
        }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EmptyPassword => "encrypted, but anybody can open it: the password is empty",
            Self::KnownPassword => "encrypted; a password of read.passwords_file opened it",
            Self::Repaired => "damaged; read as it could be put together again",
        })
    }
}

/// A document as it was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// Pages in all.
    pub pages: u32,
    /// What of the document its pages do not cover.
    pub faults: Vec<Fault>,
    /// What is remarkable about it.
    pub remarks: Vec<Remark>,
    /// Whether there are documents inside.
    pub members: bool,
}

/// The size of a page: points (1/72 inch) for PDF, pixels for images, zero where a page has no geometry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PageSize {
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

/// What the gate decided about a page, with its numbers: what `explain` shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GateDecision {
    /// What was done.
    pub action: GateAction,
    /// One short sentence: why.
    pub reason: String,
    /// Named measurements, in the order they were taken (`unexplained_ink`: 0.031, …).
    pub numbers: Vec<(String, f32)>,
}

/// What the gate had done with a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateAction {
    /// The text layer explains all ink, or the format has no pixels: no OCR.
    #[default]
    TrustLayer,
    /// Nothing on the page: neither text nor ink.
    Blank,
    /// The whole page was recognized.
    OcrPage,
    /// Only the ink that the layer does not explain was recognized.
    OcrUnexplained,
}

/// One page as read: its text (layer and OCR merged), and how it came about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// Counts from 1.
    pub number: u32,
    /// Size in page units.
    pub size: PageSize,
    /// All text of the page; each word knows its origin.
    pub text: Text,
    /// The gate's decision.
    pub gate: GateDecision,
    /// Mean confidence of the recognized words, 0 to 100; none if nothing was recognized.
    pub ocr_confidence: Option<u8>,
    /// Whether pixels were handed to an OCR engine (also when it found nothing).
    pub ocr: bool,
    /// Share of the layer sample that the pixels confirm, 0 to 1, where a sample was read; below the configured
    /// threshold it becomes a finding.
    pub layer_match: Option<f32>,
    /// What could not be read on this page. A page with a fault does not count as examined.
    pub faults: Vec<Fault>,
    /// What it is called in its document (`sheet "Budget"`), where that is not simply its number.
    pub label: Option<String>,
    /// Where a red rule runs across it, as a share of its height: official documents have one below their head. Looked for where
    /// pixels are recognized, in the upper half.
    pub red_rule: Option<f32>,
}

impl Page {
    /// A page of nothing but text, without places.
    pub fn plain(number: u32, text: impl Into<String>) -> Self {
        Self {
            number,
            size: PageSize::default(),
            text: Text::plain(text),
            gate: GateDecision::default(),
            ocr_confidence: None,
            ocr: false,
            layer_match: None,
            faults: Vec::new(),
            label: None,
            red_rule: None,
        }
    }

    /// `layer`, `ocr` or `both`, for the stable machine form.
    pub fn origin(&self) -> &'static str {
        let has = |origin| self.text.words.iter().any(|word| word.origin == origin);
        match (has(Origin::Layer), has(Origin::Ocr) || self.ocr) {
            (true, true) => "both",
            (false, true) => "ocr",
            _ => "layer",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_known_by_its_key_and_a_file_of_a_members_name_by_another() {
        let member = Location::file("/srv/a.zip").inside("b/c.docx").inside("media/d.png");
        assert_eq!(member.to_string(), "/srv/a.zip!/b/c.docx!/media/d.png");
        assert_eq!(Location::from_key(&member.key()), member);
        assert_ne!(member.key(), Location::file("/srv/a.zip!/b/c.docx!/media/d.png").key());
        let [first, end] = Location::file("/srv/a.zip").below();
        assert!(first < member.key() && member.key() < end);
        assert!(Location::file("/srv/a.zip/x").key() > end);
        assert_eq!(member.container().and_then(|one| one.container()), Some(Location::file("/srv/a.zip")));
    }

    #[test]
    fn the_text_of_a_page_is_not_printed_for_debugging() {
        let mut text = Text::plain("zebra");
        text.push_word(" ", "kanarie", Rect::default(), 100, Origin::Layer);
        let page = Page {
            number: 1,
            size: PageSize::default(),
            text,
            gate: GateDecision::default(),
            ocr_confidence: None,
            ocr: false,
            layer_match: None,
            faults: Vec::new(),
            label: None,
            red_rule: None,
        };
        let said = format!("{page:?}");
        assert!(said.contains("13 bytes, 1 words") && !said.contains("zebra") && !said.contains("kanarie"), "{said}");
    }
}
