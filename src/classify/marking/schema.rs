//! The shape of `models/markings.toml`: what may stand in a rule. Unknown keys are refused.

use std::collections::BTreeMap;

use regex::Regex;
use serde::Deserialize;

use crate::classify::pattern::pattern_of;
use crate::classify::site::house;
use crate::finding::Level;

/// What a rule's mark is; a few things in scoring depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A level.
    Level,
    /// A level with its term.
    #[serde(rename = "level+period")]
    LevelPeriod,
    /// A level with its caveats.
    Banner,
    /// A level of a scheme no longer in force.
    Legacy,
    /// A restriction beside a level.
    Caveat,
    /// Not evidence by itself: a working paper.
    Modifier,
    /// A company's mark.
    Corp,
    /// A form field.
    Label,
    /// Furniture of an official document.
    Layout,
    /// A copy number.
    Copyno,
    /// A statement of release.
    Release,
    /// A statement of declassification.
    Declass,
    /// A block of lines on authority or control.
    Block,
    /// A sentence that is itself the mark.
    Descriptor,
    /// A mark in front of a paragraph.
    Portion,
    /// A property in metadata.
    Metadata,
}

impl Kind {
    /// Whether hits are signals for others, never findings.
    pub fn is_signal(self) -> bool {
        matches!(self, Self::Layout | Self::Copyno | Self::Modifier)
    }

    /// Whether a full sentence is usual, so that it says nothing against the mark.
    pub fn is_sentence(self) -> bool {
        matches!(self, Self::Block | Self::Descriptor | Self::Release | Self::Declass)
    }

    /// Whether it names a level, so that several of them on a line are an enumeration.
    pub fn names_level(self) -> bool {
        matches!(self, Self::Level | Self::LevelPeriod | Self::Banner | Self::Legacy)
    }
}

/// How much a rule's pattern says by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Strength {
    /// Hardly anything.
    S1,
    /// Something.
    S2,
    /// A lot.
    S3,
}

/// Where on a page a rule's mark is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// Top of the page.
    Header,
    /// Bottom of the page.
    Footer,
    /// Block at the top left.
    TopLeft,
    /// Block at the top right.
    TopRight,
    /// Anywhere.
    Body,
    /// In a file's name; such rules never look at text.
    Path,
}

/// What a document must contain for a rule to apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Need {
    /// Japanese kana: the same Han characters mean something else in Chinese.
    Kana,
    /// A place at the top or bottom of its page: elsewhere the same words are a heading or an entry of a list.
    Edge,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) version: u32,
    #[serde(default)]
    pub(super) part: Parts,
    pub(super) vocabulary: VocabularySource,
    pub(super) rule: Vec<RuleSource>,
    pub(super) negative: Vec<NegativeSource>,
    #[serde(default)]
    pub(super) caveat: Vec<CaveatSource>,
}

/// Pieces of patterns that many share, by their names.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Parts(BTreeMap<String, String>);

impl Parts {
    /// Compiles a pattern in which `{name}` stands for the piece of that name. A name that is none is no regular expression.
    pub(super) fn compile(&self, pattern: &str) -> anyhow::Result<Regex> {
        let put = |whole: String, (name, part): (&String, &String)| whole.replace(&format!("{{{name}}}"), part);
        pattern_of(&self.0.iter().fold(pattern.to_owned(), put))
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaveatSource {
    pub(super) id: String,
    /// What is told of it; `$1` stands for the first group of the pattern. All that was matched where it is left out.
    #[serde(default = "all")]
    pub(super) shown: String,
    pub(super) regex: String,
    pub(super) examples: Vec<String>,
    #[serde(default)]
    pub(super) counter_examples: Vec<String>,
    /// For readers of the file.
    #[allow(dead_code, reason = "for readers of the file")]
    pub(super) notes: Option<String>,
}

fn all() -> String {
    "$0".to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VocabularySource {
    pub(super) label: String,
    pub(super) level: String,
    pub(super) field: String,
    pub(super) subject: String,
    pub(super) exam_term: String,
    pub(super) exam_page: String,
    pub(super) article: String,
    pub(super) page_number: String,
    pub(super) example: String,
    pub(super) declassified: String,
    pub(super) conditional: String,
    pub(super) notice: String,
    pub(super) partial: String,
    pub(super) statement_goes_on: String,
    pub(super) sitting: String,
    pub(super) copyright: String,
    pub(super) told_term: String,
    pub(super) as_of: [u32; 3],
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::classify) struct RuleSource {
    pub(in crate::classify) id: String,
    #[serde(default = "house")]
    pub(in crate::classify) jurisdiction: String,
    pub(in crate::classify) native: String,
    pub(in crate::classify) level: Level,
    /// That of its level, where a rule of the house has none.
    pub(in crate::classify) rank: Option<u8>,
    pub(in crate::classify) kind: Kind,
    pub(in crate::classify) strength: Strength,
    pub(in crate::classify) zone: Place,
    pub(in crate::classify) regex: String,
    pub(in crate::classify) regex_ocr: Option<String>,
    pub(in crate::classify) needs: Option<Need>,
    #[serde(default)]
    pub(in crate::classify) ambiguous: bool,
    #[serde(default)]
    pub(in crate::classify) for_people: bool,
    #[serde(default)]
    pub(in crate::classify) values: Vec<ValueSource>,
    pub(in crate::classify) examples: Vec<String>,
    #[serde(default)]
    pub(in crate::classify) counter_examples: Vec<String>,
    /// For readers of the file. A rule of the house may be without it; that none of the program is, a test says.
    #[allow(dead_code, reason = "for readers of the file")]
    pub(in crate::classify) notes: Option<String>,
    /// As `notes`.
    #[allow(dead_code, reason = "for readers of the file")]
    pub(in crate::classify) verified: Option<bool>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::classify) struct ValueSource {
    pub(in crate::classify) regex: String,
    pub(in crate::classify) level: Level,
    pub(in crate::classify) rank: u8,
    pub(in crate::classify) native: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::classify) struct NegativeSource {
    pub(in crate::classify) id: String,
    pub(in crate::classify) weight: f32,
    pub(in crate::classify) regex: String,
    pub(in crate::classify) examples: Vec<String>,
    /// As those of a rule.
    #[allow(dead_code, reason = "for readers of the file")]
    pub(in crate::classify) notes: Option<String>,
    #[allow(dead_code, reason = "for readers of the file")]
    pub(in crate::classify) verified: Option<bool>,
}
