//! One candidate: what a pattern matched, and what speaks for it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::repair::Repaired;
use super::rules::{Rules, Type, stands_alone};
use super::schema::Effect;
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
    pub checked: bool,
    pub repaired: bool,
    pub test_number: bool,
}

impl Hit {
    /// Whether nothing but its check speaks for it.
    pub(super) fn is_unlabelled(&self) -> bool {
        self.checked && !self.keyword
    }
}

/// What was seen on a page.
#[derive(Default)]
pub(super) struct Seen {
    pub hits: Vec<Hit>,
    /// By type with a weak check: what looked like a value and failed it.
    pub failed: BTreeMap<usize, usize>,
}

/// Why a match is no value.
#[derive(PartialEq, Eq)]
enum Refusal {
    /// It is a part of something longer.
    Part,
    /// Its check digits, dates or prefixes are wrong.
    Check,
    /// It would need a keyword, or is published.
    Untold,
}

/// All values of a type in a stretch of a page's text. `recognized` tells whether what lies in a range may be misread.
pub(super) fn find(
    rules: &Rules,
    kind: usize,
    text: &str,
    stretch: Range<usize>,
    recognized: &dyn Fn(Range<usize>) -> bool,
    seen: &mut Seen,
) {
    let one = &rules.types[kind];
    let part = &text[stretch.clone()];
    let mut found = Vec::new();
    let mut failed = BTreeSet::new();
    matches(one, part, &mut |start, end| {
        let (from, to) = (stretch.start + start, stretch.start + end);
        match judged(rules, kind, text, from, to, &text[from..to], false) {
            Ok(hit) => found.push(hit),
            Err(refusal) => {
                if one.weak && refusal == Refusal::Check {
                    failed.insert(from);
                }
                return None;
            }
        }
        Some(end - start)
    });
    if one.weak {
        *seen.failed.entry(kind).or_default() += failed.len();
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
                found.push(judged(rules, kind, text, from, to, &repaired.text[start..end], true).ok()?);
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
        let taken = ends(one, text, found.start(), found.end()).into_iter().find_map(|end| accept(found.start(), end));
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

/// The end of a match, and ends at words before it at which the pattern still matches as a whole.
fn ends(one: &Type, text: &str, start: usize, end: usize) -> Vec<usize> {
    let mut ends = vec![end];
    if one.check.is_none() || one.filters {
        return ends;
    }
    let matched = &text[start..end];
    let breaks =
        matched.char_indices().filter(|(at, char)| *at > 0 && !char.is_alphanumeric()).map(|(at, _)| start + at);
    let whole = |cut: &usize| {
        one.regex.find(&text[start..*cut]).is_some_and(|hit| hit.start() == 0 && hit.end() == cut - start)
    };
    let mut shorter: Vec<usize> = breaks.filter(whole).collect();
    shorter.reverse();
    shorter.truncate(MOST_ENDS);
    ends.extend(shorter);
    ends
}

/// What a match is worth, or why it is no value of the type.
fn judged(
    rules: &Rules,
    kind: usize,
    text: &str,
    start: usize,
    end: usize,
    matched: &str,
    repaired: bool,
) -> Result<Hit, Refusal> {
    let one = &rules.types[kind];
    if !stands_alone(text, start, end, &one.entry.beside) {
        return Err(Refusal::Part);
    }
    let value = normalised(one, matched);
    let checked = one.check.is_none_or(|check| check(&value));
    let shaped = one.shape.is_none_or(|shape| shape(&value));
    if !shaped || !checked && (!one.entry.soft || repaired) {
        return Err(Refusal::Check);
    }
    let keyword = one.entry.distinct.is_some() || one.has_keyword(around(text, start, end, one.near));
    let [pattern, pattern_keyword, passed, passed_keyword] = one.entry.confidence;
    let confidence = match (one.check.is_some() && checked && !one.filters, keyword) {
        (true, true) => passed_keyword,
        (true, false) => passed,
        (false, true) => pattern_keyword,
        (false, false) => pattern,
    };
    let confidence = if repaired { confidence.min(REPAIRED) } else { confidence };
    let effect = effect(rules, one, &value);
    if confidence == 0 || effect == Some(Effect::Ignore) {
        return Err(Refusal::Untold);
    }
    let level = if effect == Some(Effect::Level0) { Level::Public } else { one.level };
    Ok(Hit {
        kind,
        start,
        end,
        confidence,
        level,
        value,
        keyword,
        checked: one.check.is_some() && checked,
        repaired,
        test_number: effect == Some(Effect::TestNumber),
    })
}

/// What the check and comparisons see.
fn normalised(one: &Type, matched: &str) -> String {
    let plain: String = matched.chars().filter(|char| !one.entry.strip.contains(*char)).collect();
    if one.entry.upper { plain.to_uppercase() } else { plain }
}

/// What the list of published numbers says of a value.
fn effect(rules: &Rules, one: &Type, value: &str) -> Option<Effect> {
    let of_type = |types: &[String]| types.contains(&one.entry.id);
    let value = value.to_lowercase();
    let is = |known: &str| {
        let known = known.to_lowercase();
        match (known.strip_prefix('*'), known.strip_suffix('*')) {
            (Some(tail), _) => value.ends_with(tail),
            (None, Some(head)) => value.starts_with(head),
            (None, None) => value == known,
        }
    };
    rules.dummies.iter().find(|dummy| of_type(&dummy.types) && is(&dummy.value)).map(|dummy| dummy.effect)
}

/// The text around a match, so many characters on either side.
fn around(text: &str, start: usize, end: usize, chars: usize) -> &str {
    let from = text[..start].char_indices().rev().nth(chars.saturating_sub(1)).map_or(0, |(at, _)| at);
    let to = text[end..].char_indices().nth(chars).map_or(text.len(), |(at, _)| end + at);
    &text[from..to]
}
