//! The form of `models/identifiers.toml`: what every key means stands at the head of that file.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::classify::site::house;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub version: u32,
    /// Words that types share, by the name under which they take them in.
    #[serde(default)]
    pub words: BTreeMap<String, Vec<String>>,
    #[serde(rename = "type")]
    pub types: Vec<Entry>,
    #[serde(default, rename = "dummy")]
    pub dummies: Vec<Dummy>,
}

/// A type of identifier or secret.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "facts of a type that say nothing about each other")]
pub(in crate::classify) struct Entry {
    pub id: String,
    pub name: String,
    #[serde(default = "house")]
    pub region: String,
    pub category: String,
    pub level: u8,
    pub pattern: String,
    #[serde(default)]
    pub strip: String,
    #[serde(default)]
    pub upper: bool,
    #[serde(default)]
    pub check: Option<String>,
    #[serde(default)]
    pub shape: Option<String>,
    /// Nothing of a match is shown.
    #[serde(default)]
    pub hidden: bool,
    #[serde(default)]
    pub soft: bool,
    #[serde(default)]
    pub yields: bool,
    /// The share of what matches the pattern that passes the check by chance, where that is much.
    #[serde(default)]
    pub chance: f64,
    #[serde(default)]
    pub stands: Option<Stands>,
    /// The check that tells values which need not pass.
    #[serde(default)]
    pub exempt: Option<String>,
    /// Whether there is a day in it.
    #[serde(default)]
    pub dated: bool,
    /// Whether a single plain one in a sentence is for people to look at.
    #[serde(default)]
    pub sentence: bool,
    /// Of the pattern, with a keyword, with a passed check, with both; 0: not reported.
    pub confidence: [u8; 4],
    #[serde(default)]
    pub keywords: Vec<String>,
    #[serde(default)]
    pub near: Option<usize>,
    #[serde(default)]
    pub distinct: Option<usize>,
    #[serde(default)]
    pub anchor: Vec<String>,
    #[serde(default)]
    pub column: Option<String>,
    #[serde(default)]
    pub varied: Option<String>,
    /// Cells of a column that are less sure, and headings of other columns beside which they are none.
    #[serde(default)]
    pub unsure: Option<String>,
    #[serde(default)]
    pub unless_beside: Option<String>,
    #[serde(default)]
    pub digits: usize,
    #[serde(default)]
    pub beside: String,
    #[serde(default)]
    pub examples: Vec<String>,
    #[serde(default)]
    pub counter_examples: Vec<Counter>,
    #[allow(dead_code, reason = "for readers of the file")]
    #[serde(default)]
    pub source: String,
    #[allow(dead_code, reason = "for readers of the file")]
    #[serde(default)]
    pub notes: String,
}

/// Which values without a keyword need no others of their type beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::classify) enum Stands {
    /// Those with signs inside that plain numbers do not have.
    Formed,
    /// All.
    Any,
}

impl Entry {
    /// Takes in the words that types share: `{name}` in a pattern is any of them, and as a word of its own all of them.
    pub(super) fn take_in(&mut self, shared: &BTreeMap<String, Vec<String>>) {
        for (name, words) in shared {
            let named = format!("{{{name}}}");
            let mut longest_first: Vec<String> = words.iter().map(|word| regex_syntax::escape(word)).collect();
            longest_first.sort_by_key(|word| std::cmp::Reverse(word.len()));
            let any = format!("(?:{})", longest_first.join("|"));
            for pattern in [Some(&mut self.pattern), self.column.as_mut()].into_iter().flatten() {
                *pattern = pattern.replace(&named, &any);
            }
            for list in [&mut self.anchor, &mut self.keywords] {
                if let Some(at) = list.iter().position(|word| *word == named) {
                    list.splice(at..=at, words.iter().cloned());
                }
            }
        }
    }
}

/// What must not be found, and why.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::classify) struct Counter {
    pub text: String,
    pub fails: String,
    pub why: String,
}

/// A published number that belongs to nobody.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::classify) struct Dummy {
    pub value: String,
    pub types: Vec<String>,
    pub effect: Effect,
    #[allow(dead_code, reason = "for readers of the file")]
    #[serde(default)]
    pub notes: String,
}

/// What becomes of a published number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::classify) enum Effect {
    /// It is not reported.
    Ignore,
    /// It is reported and flagged.
    TestNumber,
    /// It is reported and speaks for no level.
    #[serde(rename = "level_0")]
    Level0,
}
