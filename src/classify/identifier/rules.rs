//! The types of `models/identifiers.toml`, compiled.

use std::ops::Range;
use std::sync::OnceLock;

use anyhow::Context as _;
use regex::{Regex, RegexBuilder};
use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::{Anchored, Input};
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind};

use super::super::pattern;
use super::super::site::{self, Placed, Site};
use super::anchored::Ends;
use super::checksum::{self, Check};
use super::cluster::Signs;
use super::keywords::{Collected, Words};
use super::outline::Outlines;
use super::schema::{Effect, Entry, File};
use super::shape::{MOST_CHARS, Shape, signs};
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

/// Bytes of a pattern's states that are all made at once.
const MOST_TABLE: usize = 1 << 20;

/// A type, compiled.
#[expect(clippy::struct_excessive_bools, reason = "facts of a type that say nothing about each other")]
pub(super) struct Type {
    pub entry: Entry,
    pub level: Level,
    pub regex: Regex,
    pub check: Option<Check>,
    pub shape: Option<Check>,
    /// What every match has.
    pub outline: Shape,
    /// The pattern where a match must begin at the beginning.
    at_start: OnceLock<AtStart>,
    /// What stands on both sides of the words that the pattern needs.
    ends: OnceLock<Ends>,
    /// How it is looked for in text that was written.
    pub way: Way,
    /// Whether the check decides alone: without it nothing is reported, and the pattern's numbers apply.
    pub filters: bool,
    /// Whether a match may be cut at a sign and pass its check then.
    pub ends_early: bool,
    /// ASCII characters that checks and comparisons do not see.
    stripped: [bool; 128],
    /// Published numbers that belong to nobody, in small letters.
    pub dummies: Vec<(String, Effect)>,
    /// Whether so much passes the check by chance that a number without a label tells little.
    pub weak: bool,
    /// Whether it is counted how many pass its check and how many fail.
    pub counted: bool,
    /// Whether nothing is told of what has no keyword beside it.
    pub needs_label: bool,
    /// What the heading of a column says below which alone it is looked for.
    pub column: Option<Regex>,
    /// The check that is enough in a column whose values hardly repeat.
    pub varied: Option<Check>,
    /// Cells that are less sure, and headings of other columns beside which they are none.
    pub unsure: Option<Regex>,
    pub unless_beside: Option<Regex>,
    /// Values that need not pass the check.
    pub exempt: Option<Check>,
}

/// A pattern where a match must begin at the beginning.
enum AtStart {
    /// All its states at once, which takes a fraction of the time.
    Table(Box<dense::DFA<Vec<u32>>>),
    /// Where those are too many.
    Pattern(Regex),
}

/// How a type is looked for in text that was written: what was recognized may have other letters and signs than it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Where there are digits, and what belongs together with them.
    Cluster,
    /// It begins where there are digits, and may go on over more signs.
    Digits,
    /// It has no sign but those that it is looked for at, and letters and digits between them.
    Sign,
    /// Around the words that it needs, or wherever there are digits: its pattern looks at more than its match.
    Words,
    /// In the cells of a column that its heading is for, each of them as a whole.
    Column,
}

/// Everything the detector goes by.
pub(super) struct Rules {
    pub types: Vec<Type>,
    /// The words of all types.
    pub words: Words,
    /// The outlines of types that are looked for where there are digits.
    pub at_digits: Outlines,
    /// And of those that are looked for at signs.
    pub at_signs: Outlines,
    /// The signs of the latter.
    pub outline_signs: Needed,
    /// The signs of types that are looked for in the stretch around them.
    pub stretch_signs: Needed,
    /// The signs of all types.
    pub all_needed_signs: Needed,
    /// For each byte the types that are looked for at this sign.
    pub at_sign: Vec<Vec<usize>>,
    /// The types that are looked for wherever there are digits.
    pub numeric_types: Vec<usize>,
    /// Those of them that have no outline.
    pub without_outline: Vec<usize>,
    /// The least digits of a line that may hold one.
    pub least_digits: usize,
    /// Signs that stand in values of these types.
    pub signs: Signs,
    /// Signs that stand in values of all types that are looked for where there are digits.
    pub all_signs: Signs,
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
        file.words.extend(site.words.clone());
        file.dummies.extend(site.dummies.iter().cloned());
        // One by one first: what is wrong with all of them together names none.
        for Placed { rule, place } in &site.identifiers {
            let mut rule = rule.clone();
            rule.take_in(&file.words);
            let id = rule.id.clone();
            Type::compile(rule).with_context(|| format!("{place}: type {id}"))?;
        }
        Self::of(file).context(FILE)
    }

    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        Self::of(toml::from_str(text)?)
    }

    fn of(mut file: File) -> anyhow::Result<Self> {
        anyhow::ensure!(file.version == 1, "version {} is not known; there is 1", file.version);
        file.types.iter_mut().for_each(|entry| entry.take_in(&file.words));
        let of = |entry: Entry| Type::compile(entry.clone()).with_context(|| format!("type {}", entry.id));
        let mut types: Vec<Type> = file.types.into_iter().map(of).collect::<anyhow::Result<_>>()?;
        for one in &mut types {
            let of_type = file.dummies.iter().filter(|dummy| dummy.types.contains(&one.entry.id));
            one.dummies = of_type.map(|dummy| (dummy.value.to_lowercase(), dummy.effect)).collect();
        }
        let mut words = Collected::default();
        let mut numeric_types = Vec::new();
        let mut at_sign: Vec<Vec<usize>> = vec![Vec::new(); 256];
        for (index, one) in types.iter().enumerate() {
            words.add_labels(&one.entry.keywords, index, one.entry.near.unwrap_or(NEAR));
            if one.way == Way::Column {
                words.add(&one.entry.anchor, |word| word.heads.push(index));
                continue;
            }
            let (needed, are_keywords) = anchors(&one.entry);
            let (signs, needed): (Vec<String>, Vec<String>) = needed.iter().cloned().partition(|word| is_sign(word));
            signs.iter().for_each(|sign| at_sign[usize::from(sign.as_bytes()[0])].push(index));
            words.add(&needed, |word| word.needed_by.push((index, are_keywords)));
            if signs.is_empty() && needed.is_empty() {
                numeric_types.push(index);
            }
        }
        let least_digits = numeric_types.iter().map(|&index| types[index].entry.digits).min().unwrap_or(1);
        let signs_of = |wanted: &dyn Fn(&Type) -> bool| -> anyhow::Result<Signs> {
            let wanted = types.iter().filter(|one| wanted(one));
            let signs = wanted.map(|one| signs(&one.entry.pattern)).collect::<anyhow::Result<Vec<_>>>()?;
            Ok(Signs::new(&signs.concat()))
        };
        let outlines = |ways: &[Way]| {
            let wanted = types.iter().enumerate().filter(|(_, one)| ways.contains(&one.way));
            Outlines::of(wanted.map(|(kind, one)| (kind, one.entry.pattern.as_str())))
        };
        let needed = |wanted: &dyn Fn(Way) -> bool| {
            let is_needed = |sign: &u8| at_sign[usize::from(*sign)].iter().any(|kind| wanted(types[*kind].way));
            Needed((0..128).filter(is_needed).collect())
        };
        Ok(Self {
            words: words.compile(),
            at_digits: outlines(&[Way::Cluster, Way::Digits])?,
            at_signs: outlines(&[Way::Sign])?,
            outline_signs: needed(&|way| way == Way::Sign),
            stretch_signs: needed(&|way| way == Way::Words),
            all_needed_signs: needed(&|_| true),
            signs: signs_of(&|one| one.way != Way::Column && anchors(&one.entry).0.is_empty())?,
            without_outline: numeric_types.iter().copied().filter(|kind| types[*kind].way == Way::Words).collect(),
            all_signs: signs_of(&|one| matches!(one.way, Way::Cluster | Way::Digits))?,
            types,
            at_sign,
            numeric_types,
            least_digits,
        })
    }
}

impl Type {
    fn compile(entry: Entry) -> anyhow::Result<Self> {
        let check = |name: &Option<String>| {
            let named = |name: &String| checksum::named(name).with_context(|| format!("there is no check {name:?}"));
            name.as_ref().map(named).transpose()
        };
        pattern::check(&entry.pattern)?;
        if entry.column.is_some() {
            anyhow::ensure!(!entry.anchor.is_empty(), "a column needs an anchor: words of its heading");
        } else if anchors(&entry).0.is_empty() {
            let message = "neither an anchor nor digits: say the words that each match has, or how many digits";
            anyhow::ensure!(entry.digits > 0, message);
        }
        let right = entry.confidence.iter().all(|one| *one <= 100);
        anyhow::ensure!(right, "confidence = {:?}: each must be 0 (not reported) to 100", entry.confidence);
        Ok(Self {
            level: Level::try_from(entry.level).map_err(anyhow::Error::msg)?,
            regex: RegexBuilder::new(&entry.pattern).size_limit(MOST_PROGRAM).build()?,
            check: check(&entry.check)?,
            shape: check(&entry.shape)?,
            outline: Shape::of(&entry.pattern)?,
            at_start: OnceLock::new(),
            ends: OnceLock::new(),
            way: Way::of(&entry)?,
            filters: entry.confidence[2..] == [0, 0],
            ends_early: entry.check.is_some() && entry.confidence[2..] != [0, 0] && !only_alphanumeric(&entry.pattern)?,
            dummies: Vec::new(),
            stripped: std::array::from_fn(|code| entry.strip.bytes().any(|byte| usize::from(byte) == code)),
            weak: entry.chance >= CHANCE,
            counted: entry.chance > 0.0,
            // Of weak checks it counts what fails them.
            needs_label: entry.confidence[0] == 0
                && entry.confidence[2] == 0
                && entry.distinct.is_none()
                && entry.chance < CHANCE,
            column: entry.column.as_deref().map(Regex::new).transpose()?,
            varied: check(&entry.varied)?,
            unsure: entry.unsure.as_deref().map(Regex::new).transpose()?,
            unless_beside: entry.unless_beside.as_deref().map(Regex::new).transpose()?,
            exempt: check(&entry.exempt)?,
            entry,
        })
    }

    /// Puts what checks and comparisons see of a match into `value`.
    pub(super) fn strip(&self, matched: &str, value: &mut String) {
        value.clear();
        if !self.entry.strip.is_ascii() {
            value.extend(matched.chars().filter(|char| !self.entry.strip.contains(*char)));
            return;
        }
        let mut from = 0;
        for (at, byte) in matched.bytes().enumerate() {
            if self.stripped.get(usize::from(byte)) == Some(&true) {
                value.push_str(&matched[from..at]);
                from = at + 1;
            }
        }
        value.push_str(&matched[from..]);
    }

    /// Whether a match has signs inside that tell it from plain numbers. One point does not: it makes a decimal number.
    pub(super) fn is_formed(&self, matched: &str) -> bool {
        let mut signs = matched.bytes().filter(|byte| !byte.is_ascii_alphanumeric());
        self.entry.stands.is_some() && signs.next().is_some_and(|sign| sign != b'.' || signs.next().is_some())
    }

    /// Whether the words at which it is looked for are its keywords.
    pub(super) fn is_looked_for_at_keywords(&self) -> bool {
        anchors(&self.entry).1
    }

    /// Whether a match may have the word, of those that the pattern needs, that stands in a range of a text.
    pub(super) fn may_be_around(&self, text: &str, word: &Range<usize>) -> bool {
        let ends = self.ends.get_or_init(|| Ends::of(&self.entry.pattern, &self.entry.anchor));
        ends.may_be_around(text, word.start, word.end)
    }

    /// Where the match ends that begins at the beginning of a text, if one does.
    pub(super) fn end_at_start(&self, text: &str) -> Option<usize> {
        match self.at_start.get_or_init(|| AtStart::of(&self.entry.pattern)) {
            AtStart::Table(table) => {
                let input = Input::new(text).anchored(Anchored::Yes);
                let found = table.try_search_fwd(&input).expect("the table knows every byte");
                found.map(|found| found.offset())
            }
            AtStart::Pattern(pattern) => pattern.find(text).map(|found| found.end()),
        }
    }
}

impl AtStart {
    fn of(pattern: &str) -> Self {
        let config = dense::Config::new()
            .start_kind(StartKind::Anchored)
            .dfa_size_limit(Some(MOST_TABLE))
            .determinize_size_limit(Some(MOST_TABLE));
        if let Ok(table) = dense::Builder::new().configure(config).build(pattern) {
            return Self::Table(Box::new(table));
        }
        let regex = RegexBuilder::new(&format!(r"\A(?:{pattern})")).size_limit(MOST_PROGRAM).build();
        Self::Pattern(regex.expect("it is no larger than the pattern, which was compiled"))
    }
}

/// The words at which a type is looked for: those its pattern needs, or keywords where it is never reported without one.
fn anchors(entry: &Entry) -> (&[String], bool) {
    let [pattern, _, checked, _] = entry.confidence;
    if !entry.anchor.is_empty() {
        (&entry.anchor, false)
    } else if pattern == 0 && checked == 0 {
        (&entry.keywords, true)
    } else {
        (&[], false)
    }
}

/// Whether there is nothing but ASCII letters and digits in the matches of a pattern.
fn only_alphanumeric(pattern: &str) -> anyhow::Result<bool> {
    let shape = Shape::of(pattern)?;
    Ok(shape.bytes == Some(shape.most) && shape.most < MOST_CHARS && signs(pattern)?.is_empty())
}

/// Signs at which types are looked for.
pub(super) struct Needed(Vec<u8>);

impl Needed {
    /// Where they stand in a text, if a value may go on behind them: the full stop of a sentence is none.
    pub(super) fn places<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
        let places: Box<dyn Iterator<Item = usize>> = match self.0[..] {
            [] => Box::new(std::iter::empty()),
            [one] => Box::new(memchr::memchr_iter(one, text)),
            [one, two] => Box::new(memchr::memchr2_iter(one, two, text)),
            [one, two, three] => Box::new(memchr::memchr3_iter(one, two, three, text)),
            _ => Box::new((0..text.len()).filter(|at| self.0.contains(&text[*at]))),
        };
        places.filter(|at| text.get(at + 1).is_some_and(u8::is_ascii_graphic))
    }
}

/// A word that is a sign and is looked for byte by byte.
fn is_sign(word: &str) -> bool {
    matches!(word.as_bytes(), [sign] if sign.is_ascii_punctuation())
}

impl Way {
    fn of(entry: &Entry) -> anyhow::Result<Self> {
        let hir = regex_syntax::Parser::new().parse(&entry.pattern)?;
        let (words, are_keywords) = anchors(entry);
        let is_number = |word: &String| word.bytes().all(|byte| byte.is_ascii_digit());
        let inside = |sign: &char| sign.is_ascii() && words.contains(&sign.to_string());
        Ok(match hir.properties() {
            _ if entry.column.is_some() => Self::Column,
            properties if !properties.look_set().is_empty() || properties.minimum_len() == Some(0) => Self::Words,
            _ if words.is_empty() => Self::Cluster,
            _ if !(are_keywords || words.iter().all(|word| is_sign(word) || is_number(word))) => Self::Words,
            _ if Shape::of(&entry.pattern)?.digits > 0 && begins_in_cluster(&hir) => Self::Digits,
            _ if !are_keywords && is_ascii(&hir) && signs(&entry.pattern)?.iter().all(inside) => Self::Sign,
            _ => Self::Words,
        })
    }
}

/// Whether all matches of a pattern begin with what goes together with digits: digits, capitals, signs, and no long word.
fn begins_in_cluster(hir: &Hir) -> bool {
    /// Letters of a word that goes together with digits.
    const LONGEST_WORD: u32 = 10;
    let plain = |char: char| char.is_ascii() && !char.is_ascii_lowercase();
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => {
            let word = literal.0.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
            literal.0.first().is_some_and(|byte| plain(char::from(*byte))) && word <= LONGEST_WORD as usize
        }
        HirKind::Class(Class::Unicode(class)) => {
            class.iter().all(|range| (range.start()..=range.end()).take(128).all(plain))
        }
        HirKind::Class(Class::Bytes(class)) => {
            class.iter().all(|range| (range.start()..=range.end()).all(|byte| plain(char::from(byte))))
        }
        HirKind::Repetition(repetition) => {
            let digits = |class: &ClassUnicode| class.iter().any(|range| range.start() <= '0' && range.end() >= '9');
            let is_word = matches!(repetition.sub.kind(), HirKind::Class(Class::Unicode(class)) if !digits(class));
            begins_in_cluster(&repetition.sub) && !(is_word && repetition.max.is_none_or(|most| most > LONGEST_WORD))
        }
        HirKind::Capture(capture) => begins_in_cluster(&capture.sub),
        HirKind::Alternation(ways) => ways.iter().all(begins_in_cluster),
        // As far as something must stand.
        HirKind::Concat(parts) => {
            let must = |part: &Hir| part.properties().minimum_len().is_some_and(|least| least > 0);
            let upto = parts.iter().position(must).map_or(parts.len(), |at| at + 1);
            parts[..upto].iter().all(begins_in_cluster)
        }
    }
}

/// Whether a pattern matches ASCII alone, but for the two signs that are other cases of ASCII letters.
fn is_ascii(hir: &Hir) -> bool {
    let twin =
        |range: &ClassUnicodeRange| range.start() == range.end() && matches!(range.start(), '\u{17f}' | '\u{212a}');
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => literal.0.is_ascii(),
        HirKind::Class(Class::Unicode(class)) => class.iter().all(|range| range.end().is_ascii() || twin(range)),
        HirKind::Class(Class::Bytes(class)) => class.iter().all(|range| range.end().is_ascii()),
        HirKind::Repetition(repetition) => is_ascii(&repetition.sub),
        HirKind::Capture(capture) => is_ascii(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().all(is_ascii),
    }
}

/// A word as it is written, in small letters and in capitals: searching ignores the case of ASCII letters alone.
pub(super) fn cases(word: &str) -> Vec<String> {
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
