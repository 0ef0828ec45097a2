//! Plain data about evidence: levels, findings, faults, coverage and verdicts.
//!
//! The types carry the second promise. A [`Verdict::Clear`] needs a [`Complete`], and a [`Complete`] can only be had from
//! a [`Coverage`] without a gap: "clear" for something not wholly read cannot be expressed.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::document::{Origin, Page, Rect};

/// Sensitivity of content on the normalised scale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Level {
    /// 0: unmarked or released.
    #[default]
    Public,
    /// 1: not for outsiders.
    Internal,
    /// 2: controlled, not state-classified (work secret, trade secret, CUI, OFFICIAL-SENSITIVE).
    Restricted,
    /// 3: state-classified (秘密, 机密, CONFIDENTIAL, SECRET).
    Classified,
    /// 4: 绝密, TOP SECRET, core data.
    Top,
}

impl Level {
    /// 0 to 4.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The middle of the level's band of ranks: where evidence has no scheme of its own.
    pub fn rank(self) -> u8 {
        match self {
            Self::Public => 0,
            Self::Internal => 12,
            Self::Restricted => 30,
            Self::Classified => 50,
            Self::Top => 75,
        }
    }

    /// The highest rank in the level's band.
    pub fn highest_rank(self) -> u8 {
        match self {
            Self::Public => 9,
            Self::Internal => 14,
            Self::Restricted => 44,
            Self::Classified => 69,
            Self::Top => 100,
        }
    }
}

impl TryFrom<u8> for Level {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        [Self::Public, Self::Internal, Self::Restricted, Self::Classified, Self::Top]
            .get(usize::from(number))
            .copied()
            .ok_or_else(|| format!("a level is 0 to 4, not {number}"))
    }
}

impl From<Level> for u8 {
    fn from(level: Level) -> Self {
        level.number()
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.number())
    }
}

/// A contribution to a finding's score, so that a decision can be explained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signal {
    /// What was seen (`strength S3`, `zone top-left`, `negative neg.zh.law`).
    pub name: String,
    /// Its points; negative ones speak against.
    pub points: f32,
}

/// Evidence on a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The detector that saw it (`marking`, `layer`).
    pub detector: String,
    /// The rule (`cn.state.secret.full`).
    pub rule: String,
    /// Page, from 1.
    pub page: u32,
    /// First byte in the page's text.
    pub start: u32,
    /// One past the last byte in the page's text.
    pub end: u32,
    /// Places on the page, in page units; empty without geometry.
    pub boxes: Vec<Rect>,
    /// Level this evidence speaks for.
    pub level: Level,
    /// Order inside a level and across countries, 0 to 100.
    pub rank: u8,
    /// The level in its own words (机密, `SECRET`).
    pub native: String,
    /// 85 confirmed, 75 probable, 65 possible.
    pub confidence: u8,
    /// The evidence, masked: fit for a report.
    pub excerpt: String,
    /// Whether the evidence was in the text layer or recognized.
    pub origin: Origin,
    /// What led to the confidence.
    pub signals: Vec<Signal>,
    /// Remarks with stable names (`exam`, `ambiguous_scheme`).
    pub flags: Vec<String>,
    /// What a marking states besides its level. Keep it last: findings that were stored before it was there end with `flags`.
    #[serde(default)]
    pub stated: Stated,
}

/// What a marking states besides its level. No more of a document than its reader may know who is told that it is marked: names of
/// compartments and conditions of declassification are content and stay away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stated {
    /// Controls of dissemination, compartments and descriptors, each once, in the order in which they stand (`NOFORN`,
    /// `REL TO USA, GBR`, `SI`, `UK EYES ONLY`, `ATOMAL`, `发至县团级`).
    pub caveats: Vec<String>,
    /// The number of this copy (`000012`, `3`), and of how many (`3 of 10`).
    pub copy_number: Option<String>,
    /// The term or the day of declassification, in its own words (`10年`, `长期`, `20301231`).
    pub term: Option<String>,
}

impl Stated {
    /// Whether nothing is stated.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The flag of a number that only its check digit speaks for, which one string in ten or thirty of its shape passes: it stands
/// alone, without a label and without others of its kind.
pub const LONE_NUMBER: &str = "lone_number";

/// The flag of a document whose name promises another kind than it is.
pub const DISGUISED: &str = "disguised";

impl Finding {
    /// Whether a document is not what it pretends to be, whatever it holds: its text layer contradicts its pixels, or its name its
    /// content.
    pub fn is_pretence(&self) -> bool {
        self.detector == "layer" || self.flags.iter().any(|flag| flag == DISGUISED)
    }

    /// Whether it is told and asks nobody to look.
    pub fn is_lone_number(&self) -> bool {
        self.flags.iter().any(|flag| flag == LONE_NUMBER)
    }
}

/// Whether a pattern names a rule: the whole name, or its beginning with a `*` behind it (`cn.*`).
pub fn names_rule(pattern: &str, rule: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == rule, |start| rule.starts_with(start))
}

/// Why something could not be fully read: a closed set with stable names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultReason {
    /// Needs a password or a key.
    Encrypted,
    /// The bytes break the format's rules.
    Damaged,
    /// No reader for this kind.
    Unsupported,
    /// Embedded files that are not read yet.
    Attachment,
    /// Took longer than the wall-clock limit.
    Timeout,
    /// Took more CPU time than the limit.
    Cpu,
    /// Needed more memory than the limit.
    Memory,
    /// The reader process died.
    Crash,
    /// A limit from `pipeline.toml` was reached.
    Limit,
    /// Content lies in a cloud; opening it would download it.
    Placeholder,
    /// The system refused access.
    Permission,
    /// Gone between listing and opening.
    Vanished,
    /// Changed while it was read.
    ChangedWhileRead,
    /// Input or output error of the system.
    Io,
    /// Text was seen that could not be recognized.
    OcrFailed,
    /// An image that cannot be decoded.
    UnreadableImage,
    /// The sweep ended before the content was read; the next one goes on.
    NotYetRead,
    /// Its zone is configured no more: no sweep of the zones looks there.
    Outside,
    /// A kind that carries no text and is configured not to be read.
    OutOfScope,
    /// A framed red stamp was seen, and no words in it could be read.
    UnreadRedStamp,
}

impl FaultReason {
    /// All reasons, in the order of declaration.
    pub const ALL: [Self; 20] = [
        Self::Encrypted,
        Self::Damaged,
        Self::Unsupported,
        Self::Attachment,
        Self::Timeout,
        Self::Cpu,
        Self::Memory,
        Self::Crash,
        Self::Limit,
        Self::Placeholder,
        Self::Permission,
        Self::Vanished,
        Self::ChangedWhileRead,
        Self::Io,
        Self::OcrFailed,
        Self::UnreadableImage,
        Self::NotYetRead,
        Self::Outside,
        Self::OutOfScope,
        Self::UnreadRedStamp,
    ];

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Encrypted => "encrypted",
            Self::Damaged => "damaged",
            Self::Unsupported => "unsupported",
            Self::Attachment => "attachment",
            Self::Timeout => "timeout",
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Crash => "crash",
            Self::Limit => "limit",
            Self::Placeholder => "placeholder",
            Self::Permission => "permission",
            Self::Vanished => "vanished",
            Self::ChangedWhileRead => "changed_while_read",
            Self::Io => "io",
            Self::OcrFailed => "ocr_failed",
            Self::UnreadableImage => "unreadable_image",
            Self::NotYetRead => "not_yet_read",
            Self::Outside => "outside",
            Self::OutOfScope => "out_of_scope",
            Self::UnreadRedStamp => "unread_red_stamp",
        }
    }
}

impl fmt::Display for FaultReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for FaultReason {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name).ok_or_else(|| {
            let all: Vec<&str> = Self::ALL.iter().map(|reason| reason.as_str()).collect();
            format!("no fault reason is named {name:?}; there are: {}", all.join(", "))
        })
    }
}

/// Something that could not be fully read. It is a result, never only a log line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fault {
    /// The page, from 1; none when it concerns the whole content.
    pub page: Option<u32>,
    /// Why.
    pub reason: FaultReason,
    /// One sentence for a person; names limits, errno or library errors, never content.
    pub detail: String,
    /// How often and when it was met, of a fault that the catalog has kept.
    #[serde(skip)]
    pub tries: Option<Tries>,
}

/// How often and when a fault was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tries {
    /// Readings, or looks at a file, that ended with it one after the other.
    pub attempts: u32,
    /// The first of them, seconds since 1970 UTC.
    pub first: i64,
    /// The last of them, seconds since 1970 UTC.
    pub last: i64,
}

impl Fault {
    /// A fault of the whole content.
    pub fn whole(reason: FaultReason, detail: impl Into<String>) -> Self {
        Self { page: None, reason, detail: detail.into(), tries: None }
    }

    /// A fault of one page.
    pub fn on_page(page: u32, reason: FaultReason, detail: impl Into<String>) -> Self {
        Self { page: Some(page), ..Self::whole(reason, detail) }
    }

    /// A limit of `pipeline.toml` that was reached: names the limit, its value and the key that raises it.
    pub fn limit(key: &str, value: impl fmt::Display, seen: impl fmt::Display) -> Self {
        Self::whole(FaultReason::Limit, format!("{seen} is over limits.{key} = {value}; raise that key to read on"))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.page {
            Some(page) => write!(f, "page {page}: {}: {}", self.reason, self.detail),
            None => write!(f, "{}: {}", self.reason, self.detail),
        }
    }
}

/// How much of a content was examined.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Pages in all, as far as known.
    pub pages: u32,
    /// Pages read without a fault.
    pub examined: u32,
    /// Pages whose pixels went through OCR.
    pub ocr_pages: u32,
    /// What was not read, and why.
    pub faults: Vec<Fault>,
}

/// *Complete*, *partial* or *none*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CoverageState {
    /// Every page was examined, and there is no fault.
    Complete,
    /// Some pages were examined.
    Partial,
    /// Nothing was examined.
    None,
}

impl CoverageState {
    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::None => "none",
        }
    }
}

/// Proof that a coverage has no gap. Only [`Coverage::complete`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Complete(());

impl Coverage {
    /// Nothing was read, for this one reason.
    pub fn none(fault: Fault) -> Self {
        Self { faults: vec![fault], ..Self::default() }
    }

    /// Of a reading: its pages, how many there are in all as far as known, and all faults, those of pages among them.
    pub fn of(read: &[Page], total: u32, faults: Vec<Fault>) -> Self {
        let count = |test: &dyn Fn(&&Page) -> bool| u32::try_from(read.iter().filter(test).count()).unwrap_or(u32::MAX);
        Self {
            pages: total.max(count(&|_| true)),
            examined: count(&|page| page.faults.is_empty()),
            ocr_pages: count(&|page| page.ocr),
            faults,
        }
    }

    /// Complete, partial or none.
    pub fn state(&self) -> CoverageState {
        match (self.faults.is_empty() && self.examined == self.pages, self.examined) {
            (true, _) => CoverageState::Complete,
            (false, 0) => CoverageState::None,
            (false, _) => CoverageState::Partial,
        }
    }

    /// The proof of completeness, if there is one.
    pub fn complete(&self) -> Option<Complete> {
        (self.state() == CoverageState::Complete).then_some(Complete(()))
    }
}

/// What is to be said of a location. The worst wins, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Content above the zone's ceiling.
    Misfiled,
    /// Evidence below the decision threshold.
    Review,
    /// Nothing found, but coverage is not complete.
    Unverified,
    /// Nothing above the ceiling, and everything was read.
    Clear(Complete),
    /// A kind that carries no text and is configured not to be examined.
    OutOfScope,
}

impl Verdict {
    /// A stored verdict. One that claims `clear` without complete coverage, or has no known name, is unverified.
    pub fn restore(name: &str, coverage: &Coverage) -> Self {
        match (name, coverage.complete()) {
            ("misfiled", _) => Self::Misfiled,
            ("review", _) => Self::Review,
            ("clear", Some(proof)) => Self::Clear(proof),
            ("out_of_scope", _) => Self::OutOfScope,
            _ => Self::Unverified,
        }
    }

    /// The worse of two: that of a container and of what lies in it.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        let place = |verdict| match verdict {
            Self::Misfiled => 0,
            Self::Review => 1,
            Self::Unverified => 2,
            Self::Clear(_) => 3,
            Self::OutOfScope => 4,
        };
        if place(other) < place(self) { other } else { self }
    }

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Misfiled => "misfiled",
            Self::Review => "review",
            Self::Unverified => "unverified",
            Self::Clear(_) => "clear",
            Self::OutOfScope => "out_of_scope",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_with_a_fault_or_a_missing_page_gives_no_proof_of_completeness() {
        let whole = Coverage { pages: 3, examined: 3, ocr_pages: 0, faults: vec![] };
        assert!(whole.complete().is_some());
        assert!(Coverage { examined: 2, ..whole.clone() }.complete().is_none());
        let fault = Fault::whole(FaultReason::Attachment, "1 attachment is not read");
        let faulty = Coverage { faults: vec![fault], ..whole };
        assert!(faulty.complete().is_none());
        assert_eq!(faulty.state(), CoverageState::Partial);
    }

    #[test]
    fn a_stored_clear_without_complete_coverage_comes_back_unverified() {
        let gap = Coverage { pages: 2, examined: 1, ..Coverage::default() };
        assert_eq!(Verdict::restore("clear", &gap), Verdict::Unverified);
        assert_eq!(Verdict::restore("clear", &Coverage::default()).as_str(), "clear");
    }

    #[test]
    fn an_empty_file_is_completely_covered() {
        assert!(Coverage::default().complete().is_some());
    }

    #[test]
    fn every_fault_reason_reads_back_from_its_name() {
        for reason in FaultReason::ALL {
            assert_eq!(reason.as_str().parse(), Ok(reason));
        }
    }

    #[test]
    fn levels_outside_the_scale_are_refused() {
        assert_eq!(Level::try_from(4), Ok(Level::Top));
        assert!(Level::try_from(5).is_err());
    }
}
