//! Where on a page values may stand: at words that their patterns need, and on lines with enough digits. Most text is passed
//! over at the speed at which bytes are counted.

use super::candidate::{Hit, find};
use super::plain::Plain;
use super::rules::{Rules, is_word};
use crate::document::{Origin, Page};

/// Characters around a word that a pattern needs in which its value is looked for.
const BEFORE: usize = 300;
const AFTER: usize = 4096;
/// Bytes from such a word to the end of its value.
const LONGEST: usize = 2048;
/// Bytes of a line that are looked at in one piece, and what pieces share.
const PIECE: usize = 4096;
const SHARED: usize = 128;

/// All values on a page, in order of place.
pub(super) fn page(rules: &Rules, page: &Page) -> Vec<Hit> {
    let plain = Plain::of(&page.text.content);
    let text = plain.text.as_ref();
    let mut hits = Vec::new();
    let recognized = |range: std::ops::Range<usize>| {
        let (from, to) = plain.source(range.start, range.end);
        page.text.words_in(&(from..to)).iter().any(|word| word.origin == Origin::Ocr)
    };
    // Up to where words of each type lie well inside of what was looked through already: they come in order.
    let mut seen = vec![0_usize; rules.types.len()];
    for word in rules.anchors.find_overlapping_iter(text) {
        for &(kind, is_keyword) in &rules.anchored[word.pattern().as_usize()] {
            if is_keyword && !is_word(text, word.start(), word.end()) {
                continue;
            }
            if word.end() <= seen[kind] {
                continue;
            }
            let after = if is_keyword { BEFORE } else { AFTER };
            let (from, to) = (back(text, word.start(), BEFORE), forth(text, word.end(), after));
            find(rules, kind, text, from..to, &recognized, &mut hits);
            seen[kind] = if is_keyword { word.end() } else { to.saturating_sub(LONGEST) };
        }
    }
    for line in lines(text) {
        let part = &text[line.clone()];
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        let doubtful = digits >= rules.least_digits.min(4) && recognized(line.clone());
        if digits < rules.least_digits && !doubtful {
            continue;
        }
        for index in rules.numeric.matches(part) {
            find(rules, rules.numeric_types[index], text, line.clone(), &recognized, &mut hits);
        }
        if doubtful {
            let missed = |kind: &&usize| rules.types[**kind].check.is_some() && !rules.types[**kind].filters;
            for &kind in rules.numeric_types.iter().filter(missed) {
                if !hits.iter().rev().take(64).any(|hit| hit.kind == kind && line.contains(&hit.start)) {
                    find(rules, kind, text, line.clone(), &recognized, &mut hits);
                }
            }
        }
    }
    for hit in &mut hits {
        (hit.start, hit.end) = plain.source(hit.start, hit.end);
    }
    settled(hits)
}

/// Sorted and without doubles. A value that is only possible gives way to a longer one around it that is probable: twelve digits
/// of a card are no number of their own.
fn settled(mut hits: Vec<Hit>) -> Vec<Hit> {
    hits.sort_by(|a, b| (a.start, b.end, a.kind).cmp(&(b.start, a.end, b.kind)));
    hits.dedup_by(|a, b| (a.kind, a.start, a.end) == (b.kind, b.start, b.end));
    let probable: Vec<(usize, usize)> =
        hits.iter().filter(|hit| hit.confidence >= 75).map(|hit| (hit.start, hit.end)).collect();
    let mut at = 0;
    hits.retain(|hit| {
        while probable.get(at).is_some_and(|(_, end)| *end <= hit.start) {
            at += 1;
        }
        let holds =
            |&(start, end): &(usize, usize)| start <= hit.start && hit.end <= end && end - start > hit.end - hit.start;
        hit.confidence >= 75 || !probable[at.saturating_sub(1).min(probable.len())..].iter().take(8).any(holds)
    });
    hits
}

/// Lines, long ones in pieces that overlap.
fn lines(text: &str) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
    let mut at = 0;
    text.split_inclusive('\n').flat_map(move |line| {
        let start = at;
        at += line.len();
        let end = start + line.trim_end_matches(['\n', '\r']).len();
        (start..end.max(start + 1).min(text.len())).step_by(PIECE - SHARED).map(move |from| {
            let (mut from, mut to) = (from, (from + PIECE).min(end).max(from));
            while !text.is_char_boundary(from) {
                from -= 1;
            }
            while !text.is_char_boundary(to) {
                to += 1;
            }
            from..to
        })
    })
}

/// So many characters before a place.
fn back(text: &str, at: usize, chars: usize) -> usize {
    text[..at].char_indices().rev().nth(chars - 1).map_or(0, |(at, _)| at)
}

/// So many characters after a place.
fn forth(text: &str, at: usize, chars: usize) -> usize {
    text[at..].char_indices().nth(chars).map_or(text.len(), |(more, _)| at + more)
}
