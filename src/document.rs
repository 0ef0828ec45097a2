//! Plain data about documents: where bytes lie, what they are, and the pages read from them.
//!
//! Every stage takes and returns these types; none of them does any work. They serialize, because pages cross the
//! border between a reader process and the sweep, and lie in the catalog.

mod location;
mod text;

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::finding::Fault;
pub use location::Location;
pub use text::{DELETED, Ink, Origin, Rect, STRUCK_OUT, Text, Word, bounds, origin, words_in};

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
    /// Share of the layer sample that the pixels confirm, 0 to 1, where a sample was read that tells something; below the
    /// configured threshold it becomes a finding.
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
    fn rectangles_apart_have_nothing_in_common() {
        let rect = |x, y, w, h| Rect { x, y, w, h };
        let one = rect(0.0, 0.0, 10.0, 10.0);
        assert_eq!(one.intersection(&rect(6.0, 8.0, 10.0, 10.0)), rect(6.0, 8.0, 4.0, 2.0));
        assert_eq!(one.intersection(&rect(2.0, 2.0, 3.0, 3.0)), rect(2.0, 2.0, 3.0, 3.0));
        let apart = one.intersection(&rect(30.0, 2.0, 3.0, 3.0));
        assert_eq!((apart.w, apart.h, apart.area()), (0.0, 3.0, 0.0));
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
