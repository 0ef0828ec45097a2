//! The types of `models/identifiers.toml`, compiled.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use anyhow::Context as _;
use regex::{Regex, RegexBuilder};

use super::super::site::{self, Placed, Site};
use super::checksum::{self, Check};
use super::cluster::Signs;
use super::schema::{Dummy, Entry, File};
use super::shape::{Shape, signs};
use crate::finding::Level;

/// Where the types lie in the source tree.
pub(crate) const FILE: &str = "models/identifiers.toml";
/// Their text, as compiled in.
pub(crate) const BUILT_IN: &str = include_str!("../../../models/identifiers.toml");
/// Examples of secrets are kept broken by this character, so that scanners of secrets do not take them for leaks.
pub(crate) const BREAK: char = '\u{2016}';
/// Characters on either side in which a keyword counts.
const NEAR: usize = 300;
/// From this share on a check that strings of the same shape pass by chance is weak.
const CHANCE: f64 = 0.03;
/// Bytes that all compiled patterns of one kind may take.
const MOST_PROGRAM: usize = 64 << 20;

/// A type, compiled.
pub(super) struct Type {
    pub entry: Entry,
    pub level: Level,
    pub regex: Regex,
    pub check: Option<Check>,
    pub shape: Option<Check>,
    /// What every match has.
    pub outline: Shape,
    /// Characters on either side in which a keyword counts.
    pub near: usize,
    keywords: Option<AhoCorasick>,
    /// Whether the check decides alone: without it nothing is reported, and the pattern's numbers apply.
    pub filters: bool,
    /// Whether so much passes the check by chance that a number without a label tells little.
    pub weak: bool,
}

/// Everything the detector goes by.
pub(super) struct Rules {
    pub types: Vec<Type>,
    pub dummies: Vec<Dummy>,
    /// For each ASCII sign the types that are looked for at it.
    pub at_sign: Vec<Vec<usize>>,
    /// Words at which the types of `anchored` are looked for.
    pub anchors: AhoCorasick,
    /// For each word the types, and whether the word is a keyword, which stands alone and may be far from the value.
    pub anchored: Vec<Vec<(usize, bool)>>,
    /// The types that are looked for wherever there are digits.
    pub numeric_types: Vec<usize>,
    /// The least digits of a line that may hold one.
    pub least_digits: usize,
    /// Signs that stand in values of these types.
    pub signs: Signs,
}

impl Rules {
    /// The types of the program itself.
    pub(super) fn built_in() -> anyhow::Result<Self> {
        Self::parse(BUILT_IN).context(FILE)
    }

    /// Those with the types of the house laid over them.
    pub(super) fn with(site: &Site) -> anyhow::Result<Self> {
        let mut file: File = toml::from_str(BUILT_IN).context(FILE)?;
        site::lay_over(&mut file.types, &site.identifiers, |one| &one.id, |id| site.disables(id));
        for Placed { rule, place } in &site.identifiers {
            Type::compile(rule.clone()).with_context(|| format!("{place}: type {}", rule.id))?;
        }
        Self::of(file).context(FILE)
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        Self::of(toml::from_str(text)?)
    }

    fn of(file: File) -> anyhow::Result<Self> {
        anyhow::ensure!(file.version == 1, "version {} is not known; there is 1", file.version);
        let of = |entry: Entry| Type::compile(entry.clone()).with_context(|| format!("type {}", entry.id));
        let types: Vec<Type> = file.types.into_iter().map(of).collect::<anyhow::Result<_>>()?;
        let mut words: BTreeMap<String, Vec<(usize, bool)>> = BTreeMap::new();
        let mut numeric_types = Vec::new();
        let mut at_sign: Vec<Vec<usize>> = vec![Vec::new(); 128];
        for (index, one) in types.iter().enumerate() {
            let (literals, is_keyword) = one.anchors();
            for word in literals.iter().flat_map(|literal| cases(literal)) {
                if let &[sign] = word.as_bytes()
                    && sign.is_ascii_punctuation()
                {
                    at_sign[usize::from(sign)].push(index);
                    continue;
                }
                words.entry(word).or_default().push((index, is_keyword));
            }
            if literals.is_empty() {
                anyhow::ensure!(one.entry.digits > 0, "type {}: neither anchor nor digits", one.entry.id);
                numeric_types.push(index);
            }
        }
        let anchors = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(words.keys())?;
        let in_patterns: Vec<Vec<char>> =
            numeric_types.iter().map(|&index| signs(&types[index].entry.pattern)).collect::<anyhow::Result<_>>()?;
        let signs = Signs::new(&in_patterns.concat());
        let least_digits = numeric_types.iter().map(|&index| types[index].entry.digits).min().unwrap_or(1);
        let anchored = words.into_values().collect();
        Ok(Self { types, dummies: file.dummies, at_sign, anchors, anchored, numeric_types, least_digits, signs })
    }
}

impl Type {
    fn compile(entry: Entry) -> anyhow::Result<Self> {
        let check = |name: &Option<String>| {
            let named = |name: &String| checksum::named(name).with_context(|| format!("there is no check {name:?}"));
            name.as_ref().map(named).transpose()
        };
        let keywords: Vec<String> = entry.keywords.iter().flat_map(|word| cases(word)).collect();
        let keywords = AhoCorasick::builder().ascii_case_insensitive(true).build(keywords)?;
        Ok(Self {
            level: Level::try_from(entry.level).map_err(anyhow::Error::msg)?,
            regex: RegexBuilder::new(&entry.pattern).size_limit(MOST_PROGRAM).build()?,
            check: check(&entry.check)?,
            shape: check(&entry.shape)?,
            outline: Shape::of(&entry.pattern)?,
            near: entry.near.unwrap_or(NEAR),
            keywords: (!entry.keywords.is_empty()).then_some(keywords),
            filters: entry.confidence[2..] == [0, 0],
            weak: entry.chance >= CHANCE,
            entry,
        })
    }

    /// The words at which it is looked for: those its pattern needs, or keywords where it is never reported without one.
    fn anchors(&self) -> (&[String], bool) {
        let [pattern, _, checked, _] = self.entry.confidence;
        if !self.entry.anchor.is_empty() {
            (&self.entry.anchor, false)
        } else if pattern == 0 && checked == 0 {
            (&self.entry.keywords, true)
        } else {
            (&[], false)
        }
    }

    /// Whether a text has one of its keywords.
    pub(super) fn has_keyword(&self, text: &str) -> bool {
        let whole = |hit: aho_corasick::Match| is_word(text, hit.start(), hit.end());
        self.keywords.as_ref().is_some_and(|words| words.find_overlapping_iter(text).any(whole))
    }
}

/// A word as it is written, in small letters and in capitals: searching ignores the case of ASCII letters alone.
fn cases(word: &str) -> Vec<String> {
    if word.is_ascii() {
        return vec![word.to_lowercase()];
    }
    let mut cases = vec![word.to_owned(), word.to_lowercase(), word.to_uppercase()];
    cases.sort_unstable();
    cases.dedup();
    cases
}

/// Letters from which on a keyword may go on at its end: passport, passports.
const STEM: usize = 5;

/// Whether a keyword stands by itself: in scripts with capitals as a word, or the beginning of one if it is long.
pub(crate) fn is_word(text: &str, start: usize, end: usize) -> bool {
    let cased = |char: char| char.is_ascii_digit() || char.is_lowercase() || char.is_uppercase();
    let joined = |a: Option<char>, b: Option<char>| a.is_some_and(cased) && b.is_some_and(cased);
    let word = &text[start..end];
    let before = joined(text[..start].chars().next_back(), word.chars().next());
    let after = joined(word.chars().next_back(), text[end..].chars().next());
    !before && (!after || word.chars().count() >= STEM)
}

/// Whether a match is no part of a longer word: no ASCII letter or digit goes on at an end that is one itself (`(?-u:\b)`
/// beside Han), and it is not joined to something by a sign of `beside`.
pub(super) fn stands_alone(text: &str, start: usize, end: usize, beside: &str) -> bool {
    let bytes = text.as_bytes();
    let is_word = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let before = start > 0 && is_word(start) && is_word(start - 1);
    let after = end > start && is_word(end - 1) && is_word(end);
    let sign = |at: usize| bytes.get(at).copied().filter(|byte| byte.is_ascii() && beside.contains(char::from(*byte)));
    let joins = |sign: u8, beyond: Option<usize>, word: &str| {
        let goes_on = beyond.is_some_and(|at| is_word(at) || bytes.get(at) == Some(&sign));
        // `IPv6:` is a label: before these only hexadecimal digits join.
        let hexadecimal = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_hexdigit()) || word.is_empty();
        goes_on && (!matches!(sign, b':' | b'-') || hexadecimal)
    };
    let word_before = |at: usize| {
        let from = text[..at].rfind(|char: char| !char.is_ascii_alphanumeric()).map_or(0, |found| found + 1);
        text.get(from..at).unwrap_or("")
    };
    let joined_before = start > 0
        && sign(start - 1).is_some_and(|sign| joins(sign, (start - 1).checked_sub(1), word_before(start - 1)));
    let joined_after = sign(end).is_some_and(|sign| joins(sign, Some(end + 1), ""));
    // `::1` behind `2001:db8::5` goes on; behind a label it does not.
    let goes_on = start > 0 && sign(start).is_some() && is_word(start - 1) && {
        let word = word_before(start);
        word.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    !before && !after && !joined_before && !joined_after && !goes_on
}
