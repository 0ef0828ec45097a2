//! One candidate: what a pattern matched, and what speaks for it.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hasher};
use std::ops::Range;

use super::inside::{is_decimals, is_in_uuid};
use super::keywords::Places;
use super::repair::Repaired;
use super::rules::{Rules, Type, stands_alone};
use super::schema::Effect;
use super::table::Tables;
use crate::finding::Level;

/// Ends at which a match that is too long is tried again.
const MOST_ENDS: usize = 12;
/// Places after a failed match at which the same pattern is tried again, on one line.
const MOST_RESTARTS: usize = 64;
/// Confidence that a value has at most which recognition misread and the check repaired.
const REPAIRED: u8 = 75;

/// A value that was found.
#[derive(Clone)]
#[allow(clippy::struct_excessive_bools, reason = "independent observations")]
pub(super) struct Hit {
    /// Index of the type.
    pub kind: usize,
    /// First byte in the page's text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// 65, 75 or 85.
    pub confidence: u8,
    pub level: Level,
    /// The value as it is compared with others: repaired, stripped.
    pub value: String,
    pub keyword: bool,
    /// The table in which it stands below a heading that names its type.
    pub heading: Option<usize>,
    /// Whether it has signs inside that tell it from plain numbers.
    pub formed: bool,
    pub checked: bool,
    pub repaired: bool,
    pub test_number: bool,
}

impl Hit {
    /// Whether nothing but its check speaks for it.
    pub(super) fn is_unlabelled(&self) -> bool {
        self.checked && !self.keyword && self.heading.is_none()
    }
}

/// What was seen on a page.
#[derive(Default)]
pub(super) struct Seen {
    pub hits: Vec<Hit>,
    /// By type whose check is counted, and whether it was formed: hashes of what looked like a value and failed.
    pub failed: BTreeMap<(usize, bool), HashSet<u64>>,
    /// By type and table: those of them that stand below a heading of their type.
    pub failed_below: BTreeMap<(usize, usize), HashSet<u64>>,
}

/// Why a match is no value.
enum Refusal {
    /// It is a part of something longer.
    Part,
    /// Its check digits, dates or prefixes are wrong; the hash of a value whose check is counted.
    Check(u64),
    /// It would need a keyword, or is published.
    Untold,
}

/// The text of a page in which values are looked for.
pub(super) struct Look<'a> {
    pub text: &'a str,
    pub rules: &'a Rules,
    /// Where keywords stand.
    keywords: Places<'a>,
    pub tables: Tables,
    /// Where values are made what checks see, most of them in vain.
    value: RefCell<String>,
}

impl<'a> Look<'a> {
    /// Whether values of a type can be told on this page at all.
    pub(super) fn can_tell(&self, kind: usize) -> bool {
        !self.rules.types[kind].needs_label || self.keywords.has(kind) || self.tables.name(kind)
    }

    pub(super) fn new(rules: &'a Rules, text: &'a str, keywords: Places<'a>, tables: Tables) -> Self {
        Self { text, rules, keywords, tables, value: RefCell::default() }
    }

    /// Whether a keyword of a type stands near a range of the text.
    pub(super) fn is_near(&self, kind: usize, range: &Range<usize>) -> bool {
        self.keywords.near(self.text, kind, range.start, range.end)
    }

    /// Puts the value of a type that begins at a place and ends before `limit` to what was seen, and says where it ends; none if
    /// there is no value.
    pub(super) fn take(&self, kind: usize, start: usize, limit: usize, seen: &mut Seen) -> Option<usize> {
        let one = &self.rules.types[kind];
        let may_be_labelled = || self.keywords.may_be_near(kind, start, limit) || self.tables.has(kind, start);
        if one.needs_label && !may_be_labelled() {
            return None;
        }
        let end = start + one.end_at_start(self.text.get(start..limit)?)?;
        let judged = |end: usize| self.judged(kind, start, end, &self.text[start..end], false);
        let hit = match judged(end) {
            Ok(hit) => Some(hit),
            Err(refusal) => {
                let hit = shorter(one, self.text, start, end).find_map(|end| judged(end).ok());
                if let (None, Refusal::Check(hash)) = (&hit, refusal) {
                    self.count_failed(kind, start..end, hash, seen);
                }
                hit
            }
        };
        let hit = hit?;
        let end = hit.end;
        seen.hits.push(hit);
        Some(end)
    }

    /// Counts what looked like a value and failed, where that is counted.
    fn count_failed(&self, kind: usize, range: Range<usize>, hash: u64, seen: &mut Seen) {
        let one = &self.rules.types[kind];
        if one.counted {
            seen.failed.entry((kind, one.is_formed(&self.text[range.clone()]))).or_default().insert(hash);
            if let Some(table) = self.tables.label(self.text, kind, &range) {
                seen.failed_below.entry((kind, table)).or_default().insert(hash);
            }
        }
    }
}

/// All values of a type in a stretch of a page's text. `recognized` tells whether what lies in a range may be misread.
pub(super) fn find(
    look: &Look<'_>,
    kind: usize,
    stretch: Range<usize>,
    recognized: &dyn Fn(Range<usize>) -> bool,
    seen: &mut Seen,
) {
    let one = &look.rules.types[kind];
    let part = &look.text[stretch.clone()];
    let mut found = Vec::new();
    let mut failed = BTreeMap::new();
    matches(one, part, &mut |start, end| {
        let (from, to) = (stretch.start + start, stretch.start + end);
        match look.judged(kind, from, to, &look.text[from..to], false) {
            Ok(hit) => {
                failed.remove(&from);
                found.push(hit);
            }
            Err(refusal) => {
                if let Refusal::Check(hash) = refusal {
                    // Of a place the longest match counts.
                    failed.entry(from).or_insert((to, hash));
                }
                return None;
            }
        }
        Some(end - start)
    });
    for (from, (to, hash)) in failed {
        look.count_failed(kind, from..to, hash, seen);
    }
    if found.is_empty() && one.check.is_some() && !one.filters && recognized(stretch.clone()) {
        for careful in [true, false] {
            let Some(repaired) = Repaired::of(part, careful) else { continue };
            matches(one, &repaired.text, &mut |start, end| {
                let (from, to) = repaired.source(start, end);
                let (from, to) = (stretch.start + from, stretch.start + to);
                if !repaired.is_credible(start, end) || !recognized(from..to) {
                    return None;
                }
                found.push(look.judged(kind, from, to, &repaired.text[start..end], true).ok()?);
                Some(end - start)
            });
            if !found.is_empty() {
                break;
            }
        }
    }
    seen.hits.extend(found);
}

/// Calls `accept` with every match, with its shorter ends where it is refused, and after a refusal goes on one character
/// later: patterns are greedy, and a number may begin inside of what looked like one.
fn matches(one: &Type, text: &str, accept: &mut dyn FnMut(usize, usize) -> Option<usize>) {
    let (mut at, mut restarts) = (0, 0);
    while let Some(found) = (at <= text.len()).then(|| one.regex.find_at(text, at)).flatten() {
        let (start, end) = (found.start(), found.end());
        let taken = accept(start, end).or_else(|| shorter(one, text, start, end).find_map(|end| accept(start, end)));
        match taken {
            Some(length) => at = found.start() + length.max(1),
            None => {
                restarts += 1;
                at = if restarts > MOST_RESTARTS { found.end().max(found.start() + 1) } else { found.start() + 1 };
            }
        }
        while !text.is_char_boundary(at) {
            at += 1;
        }
    }
}

/// Ends at words before the end of a match at which the pattern still matches as a whole, longest first.
fn shorter<'a>(one: &'a Type, text: &'a str, start: usize, end: usize) -> impl Iterator<Item = usize> + 'a {
    let matched = if one.ends_early { &text[start..end] } else { "" };
    let breaks = matched.char_indices().rev().filter(|(at, char)| *at > 0 && !char.is_alphanumeric());
    let whole = |cut: &usize| one.end_at_start(&matched[..*cut]) == Some(*cut);
    breaks.map(|(at, _)| at).filter(whole).take(MOST_ENDS).map(move |at| start + at)
}

impl Look<'_> {
    /// What a match is worth, or why it is no value of the type.
    fn judged(&self, kind: usize, start: usize, end: usize, matched: &str, repaired: bool) -> Result<Hit, Refusal> {
        let one = &self.rules.types[kind];
        if !stands_alone(self.text, start, end, &one.entry.beside) || is_in_uuid(self.text, start, end) {
            return Err(Refusal::Part);
        }
        let unlabelled =
            || !self.is_near(kind, &(start..end)) && self.tables.label(self.text, kind, &(start..end)).is_none();
        if is_decimals(self.text, start, end) && unlabelled() {
            return Err(Refusal::Part);
        }
        let mut value = self.value.borrow_mut();
        normalise(one, matched, &mut value);
        let checked = one.check.is_none_or(|check| check(&value));
        let shaped = one.shape.is_none_or(|shape| shape(&value));
        if !shaped || !checked && (!one.entry.soft || repaired) {
            return Err(one.failed(&value));
        }
        let keyword = one.entry.distinct.is_some() || self.is_near(kind, &(start..end));
        // A column may speak against its heading, whatever else is near.
        let asks = !keyword || one.counted;
        let heading = if asks { self.tables.label(self.text, kind, &(start..end)) } else { None };
        let [pattern, pattern_keyword, passed, passed_keyword] = one.entry.confidence;
        let confidence = match (one.check.is_some() && checked && !one.filters, keyword || heading.is_some()) {
            (true, true) => passed_keyword,
            (true, false) => passed,
            (false, true) => pattern_keyword,
            (false, false) => pattern,
        };
        let confidence = if repaired { confidence.min(REPAIRED) } else { confidence };
        if confidence == 0 {
            return Err(if checked { Refusal::Untold } else { one.failed(&value) });
        }
        let effect = effect(one, &value);
        if effect == Some(Effect::Ignore) {
            return Err(Refusal::Untold);
        }
        let level = if effect == Some(Effect::Level0) { Level::Public } else { one.level };
        Ok(Hit {
            kind,
            start,
            end,
            confidence,
            level,
            value: value.clone(),
            keyword,
            heading,
            formed: one.is_formed(matched),
            checked: one.check.is_some() && checked,
            repaired,
            test_number: effect == Some(Effect::TestNumber),
        })
    }
}

impl Type {
    /// Why a value is none that fails its check: what need not pass is not counted among those that do.
    fn failed(&self, value: &str) -> Refusal {
        let exempt = self.counted && self.exempt.is_some_and(|exempt| exempt(value));
        if exempt { Refusal::Untold } else { Refusal::Check(if self.counted { hash(value) } else { 0 }) }
    }
}

/// Tells values apart without keeping them.
pub(super) fn hash(value: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(value.as_bytes());
    hasher.finish()
}

/// What the check and comparisons see.
fn normalise(one: &Type, matched: &str, value: &mut String) {
    one.strip(matched, value);
    if one.entry.upper {
        if value.is_ascii() {
            value.make_ascii_uppercase();
        } else {
            *value = value.to_uppercase();
        }
    }
}

/// What the list of published numbers says of a value.
fn effect(one: &Type, value: &str) -> Option<Effect> {
    if one.dummies.is_empty() {
        return None;
    }
    let value = value.to_lowercase();
    let is = |known: &str| match (known.strip_prefix('*'), known.strip_suffix('*')) {
        (Some(tail), _) => value.ends_with(tail),
        (None, Some(head)) => value.starts_with(head),
        (None, None) => value == known,
    };
    one.dummies.iter().find(|(known, _)| is(known)).map(|(_, effect)| *effect)
}
