//! Plain data about evidence: levels, findings, faults, coverage and verdicts.
//!
//! The types carry the second promise. A [`Verdict::Clear`] needs a [`Complete`], and a [`Complete`] can only be had from
//! a [`Coverage`] without a gap: "clear" for something not wholly read cannot be expressed. Faults and coverage stand in files of
//! their own; findings and verdicts are here.

mod coverage;
mod fault;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::document::{Origin, Rect};
pub use coverage::{Complete, Coverage, CoverageState};
pub use fault::{Fault, FaultReason, Tries};

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

    /// What it is called: as the document or the rule calls it, or what it says itself where neither does.
    pub fn named(&self) -> &str {
        if self.native.is_empty() { &self.excerpt } else { &self.native }
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
    fn a_stored_clear_without_complete_coverage_comes_back_unverified() {
        let gap = Coverage { pages: 2, examined: 1, ..Coverage::default() };
        assert_eq!(Verdict::restore("clear", &gap), Verdict::Unverified);
        assert_eq!(Verdict::restore("clear", &Coverage::default()).as_str(), "clear");
    }

    #[test]
    fn levels_outside_the_scale_are_refused() {
        assert_eq!(Level::try_from(4), Ok(Level::Top));
        assert!(Level::try_from(5).is_err());
    }
}
