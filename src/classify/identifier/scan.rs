//! Where on a page values may stand: at words that their patterns need, and in clusters of words with digits. Most text is
//! passed over at the speed at which bytes are counted.

use std::ops::Range;

use super::candidate::{Hit, Seen, find};
use super::cluster::clusters;
use super::plain::Plain;
use super::rules::{Rules, is_word};
use crate::document::{Origin, Page};

/// Bytes around a word in which its value is looked for: 300 characters of any script but the rarest, and long texts of keys.
const BEFORE: usize = 900;
const AFTER: usize = 4096;
/// Bytes from which on a stretch is looked through before more is taken in.
const LONGEST_STRETCH: usize = 8192;
/// Bytes from such a word to the end of its value.
const LONGEST: usize = 2048;
/// Bytes of a line that are looked at in one piece, and what pieces share.
const PIECE: usize = 4096;
const SHARED: usize = 128;

/// All values on a page, in order of place, and what looked like some.
pub(super) fn page(rules: &Rules, page: &Page) -> Seen {
    let plain = Plain::of(&page.text.content);
    let text = plain.text.as_ref();
    let mut seen = Seen::default();
    let recognized = |range: Range<usize>| {
        let (from, to) = plain.source(range.start, range.end);
        page.text.words_in(&(from..to)).iter().any(|word| word.origin == Origin::Ocr)
    };
    at_words(rules, text, &recognized, &mut seen);
    for cluster in clusters(text, &rules.signs) {
        for &kind in &rules.numeric_types {
            let outline = &rules.types[kind].outline;
            if outline.digits <= cluster.digits && outline.lengths & cluster.lengths != 0 {
                for piece in pieces(text, cluster.range.clone()) {
                    find(rules, kind, text, piece, &recognized, &mut seen);
                }
            }
        }
    }
    // What is misread has other signs and letters than it should: there all patterns see whole lines.
    let any_recognized = page.text.words.iter().any(|word| word.origin == Origin::Ocr);
    for line in lines(text).filter(|_| any_recognized) {
        let digits = text[line.clone()].bytes().filter(u8::is_ascii_digit).count();
        if digits < rules.least_digits.min(4) || !recognized(line.clone()) {
            continue;
        }
        let missed = |kind: &&usize| rules.types[**kind].check.is_some() && !rules.types[**kind].filters;
        for &kind in rules.numeric_types.iter().filter(missed) {
            if !seen.hits.iter().rev().take(64).any(|hit| hit.kind == kind && line.contains(&hit.start)) {
                find(rules, kind, text, line.clone(), &recognized, &mut seen);
            }
        }
    }
    for hit in &mut seen.hits {
        (hit.start, hit.end) = plain.source(hit.start, hit.end);
    }
    seen.hits = settled(seen.hits, |kind| rules.types[kind].entry.yields);
    seen
}

/// Values of the types that need a word or a sign: around each, hardly any part of the text twice.
fn at_words(rules: &Rules, text: &str, recognized: &dyn Fn(Range<usize>) -> bool, seen: &mut Seen) {
    let mut stretches = Stretches { rules, text, recognized, open: vec![None; rules.types.len()], seen };
    for word in rules.anchors.find_overlapping_iter(text) {
        for &(kind, is_keyword) in &rules.anchored[word.pattern().as_usize()] {
            if !is_keyword || is_word(text, word.start(), word.end()) {
                stretches.add(kind, word.start()..word.end(), is_keyword);
            }
        }
    }
    stretches.finish();
    let bytes = text.as_bytes();
    for (at, &byte) in bytes.iter().enumerate() {
        let Some(kinds) = rules.at_sign.get(usize::from(byte)).filter(|kinds| !kinds.is_empty()) else { continue };
        // A value goes on behind the signs that it needs: the full stop of a sentence is not looked at.
        if bytes.get(at + 1).is_some_and(u8::is_ascii_graphic) {
            for &kind in kinds {
                stretches.add(kind, at..at + 1, false);
            }
        }
    }
    stretches.finish();
}

/// Parts of a text that are to be looked through for each type.
struct Stretches<'a> {
    rules: &'a Rules,
    text: &'a str,
    recognized: &'a dyn Fn(Range<usize>) -> bool,
    /// The stretch of each type that may still grow.
    open: Vec<Option<Range<usize>>>,
    seen: &'a mut Seen,
}

impl Stretches<'_> {
    /// Takes in what surrounds a word; words of a type come in order.
    fn add(&mut self, kind: usize, word: Range<usize>, is_keyword: bool) {
        let (before, after) = match (is_keyword, self.rules.types[kind].outline.bytes) {
            (true, _) => (BEFORE, BEFORE),
            // A value is no longer than its pattern allows, and the word is in it.
            (false, Some(most)) if most <= LONGEST => (most, most),
            (false, _) => (BEFORE, AFTER),
        };
        let slot = &mut self.open[kind];
        if let Some(range) = slot {
            let enough = if after == AFTER { LONGEST } else { after };
            if word.end + enough <= range.end {
                return;
            }
            if word.start.saturating_sub(before) <= range.end && range.len() < LONGEST_STRETCH {
                range.end = ceiling(self.text, word.end + after);
                return;
            }
        }
        let range = floor(self.text, word.start.saturating_sub(before))..ceiling(self.text, word.end + after);
        if let Some(whole) = slot.replace(range) {
            self.look(kind, whole);
        }
    }

    /// Looks through what is still open.
    fn finish(&mut self) {
        for kind in 0..self.open.len() {
            if let Some(range) = self.open[kind].take() {
                self.look(kind, range);
            }
        }
    }

    fn look(&mut self, kind: usize, stretch: Range<usize>) {
        let least = self.rules.types[kind].outline.digits;
        let digits = self.text.as_bytes()[stretch.clone()].iter().filter(|byte| byte.is_ascii_digit());
        if least == 0 || digits.take(least).count() == least || (self.recognized)(stretch.clone()) {
            find(self.rules, kind, self.text, stretch, self.recognized, self.seen);
        }
    }
}

/// The boundary of a character at or before a place.
fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The boundary of a character at or after a place.
fn ceiling(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

/// Sorted and without doubles. A value that is only possible gives way to a longer one around it that is probable: twelve digits
/// of a card are no number of their own. One whose type yields gives way to any that is probable in its place.
fn settled(mut hits: Vec<Hit>, yields: impl Fn(usize) -> bool) -> Vec<Hit> {
    hits.sort_by(|a, b| (a.start, b.end, a.kind).cmp(&(b.start, a.end, b.kind)));
    hits.dedup_by(|a, b| (a.kind, a.start, a.end) == (b.kind, b.start, b.end));
    let surer = |hit: &&Hit| hit.confidence >= 75 && !yields(hit.kind);
    let probable: Vec<(usize, usize)> = hits.iter().filter(surer).map(|hit| (hit.start, hit.end)).collect();
    let mut at = 0;
    hits.retain(|hit| {
        while probable.get(at).is_some_and(|(_, end)| *end <= hit.start) {
            at += 1;
        }
        let yields = yields(hit.kind);
        let holds = |&(start, end): &(usize, usize)| {
            let longer = yields || end - start > hit.end - hit.start;
            start <= hit.start && hit.end <= end && longer
        };
        hit.confidence >= 75 && !yields
            || !probable[at.saturating_sub(1).min(probable.len())..].iter().take(8).any(holds)
    });
    hits
}

/// Lines, long ones in pieces that overlap.
fn lines(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    text.split_inclusive('\n').flat_map(move |line| {
        let start = at;
        at += line.len();
        let end = start + line.trim_end_matches(['\n', '\r']).len();
        pieces(text, start..end)
    })
}

/// A stretch in pieces that overlap.
fn pieces(text: &str, range: Range<usize>) -> impl Iterator<Item = Range<usize>> + '_ {
    let (start, end) = (range.start, range.end);
    (start..end.max(start + 1).min(text.len()))
        .step_by(PIECE - SHARED)
        .map(move |from| floor(text, from)..ceiling(text, (from + PIECE).min(end).max(from)))
}
