//! The words that types need and those that label them, found in a page once: what stands around each of hundreds of numbers is
//! then only looked up.

use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::rules::{cases, is_word};

/// Bytes of a character at most.
const WIDEST: usize = 4;

/// What a word says of types.
#[derive(Default)]
pub(super) struct Word {
    /// Types that are looked for at it, and whether that is because it is their keyword.
    pub needed_by: Vec<(usize, bool)>,
    /// Types of which it is a keyword.
    labels: Vec<usize>,
}

/// Finds the words of all types.
pub(super) struct Words {
    finder: AhoCorasick,
    words: Vec<Word>,
}

/// Collects them.
#[derive(Default)]
pub(super) struct Collected(BTreeMap<String, Word>);

/// Where keywords stand in a page.
pub(super) struct Places {
    /// Type, first byte and the one behind the last, in this order.
    places: Vec<(usize, usize, usize)>,
    /// Bytes of the text's characters at most.
    widest: usize,
}

impl Collected {
    /// Adds words of a type.
    pub(super) fn add(&mut self, words: &[String], add: impl Fn(&mut Word)) {
        words.iter().flat_map(|word| cases(word)).for_each(|word| add(self.0.entry(word).or_default()));
    }

    /// Adds keywords that label the values of a type.
    pub(super) fn add_labels(&mut self, words: &[String], kind: usize) {
        self.add(words, |word| word.labels.push(kind));
    }

    /// Ready to be found.
    pub(super) fn compile(self) -> anyhow::Result<Words> {
        let finder = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(self.0.keys())?;
        Ok(Words { finder, words: self.0.into_values().collect() })
    }
}

impl Words {
    /// Calls `each` with every word that types need and its place, in order of its end, and says where keywords stand.
    pub(super) fn look<'a>(&'a self, text: &str, each: &mut dyn FnMut(&'a Word, Range<usize>)) -> Places {
        let mut places = Vec::new();
        for found in self.finder.find_overlapping_iter(text) {
            let word = &self.words[found.pattern().as_usize()];
            if !word.labels.is_empty() && is_word(text, found.start(), found.end()) {
                places.extend(word.labels.iter().map(|kind| (*kind, found.start(), found.end())));
            }
            if !word.needed_by.is_empty() {
                each(word, found.range());
            }
        }
        places.sort_unstable();
        Places { places, widest: if text.is_ascii() { 1 } else { WIDEST } }
    }
}

impl Places {
    /// Whether a keyword of a type stands within so many characters before or after a range of the text.
    pub(super) fn near(&self, text: &str, kind: usize, start: usize, end: usize, chars: usize) -> bool {
        let reach = chars * self.widest;
        let first = self.places.partition_point(|place| (place.0, place.1 + reach) < (kind, start));
        let is_within = |from: usize, to: usize| {
            to <= from + chars || to <= from + reach && text[from..to].chars().count() <= chars
        };
        self.places[first..]
            .iter()
            .take_while(|place| place.0 == kind && place.1 <= end + reach)
            .any(|place| is_within(place.1, start) && is_within(end, place.2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyword_counts_so_many_characters_before_and_after() {
        let mut words = Collected::default();
        words.add_labels(&["no".to_owned()], 1);
        words.add_labels(&["号码".to_owned(), "no".to_owned()], 2);
        let text = "号码：123 None no: 4567";
        let places = words.compile().expect("builds").look(text, &mut |_, _| panic!("no type needs one"));
        let near = |kind, value: &str, chars| {
            let start = text.find(value).expect("there");
            places.near(text, kind, start, start + value.len(), chars)
        };
        assert!(near(2, "123", 3) && !near(2, "123", 2));
        assert!(near(1, "123", 8) && !near(1, "123", 7));
        assert!(near(1, "4567", 4) && !near(1, "4567", 3));
        assert!(!near(0, "4567", 300));
    }
}
