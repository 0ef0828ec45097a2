//! The words that types need and those that label them, found in a page once: what stands around each of hundreds of numbers is
//! then only looked up.

use std::collections::BTreeMap;
use std::ops::Range;

use super::finder::Finder;
use super::rules::{cases, is_word};

/// Bytes of a character at most.
const WIDEST: usize = 4;

/// What a word says of types.
#[derive(Default)]
pub(super) struct Word {
    /// Types that are looked for at it, and whether that is because it is their keyword.
    pub needed_by: Vec<(usize, bool)>,
    /// Types of which it is a keyword.
    pub labels: Vec<usize>,
    /// Types whose columns may have it in their heading.
    pub heads: Vec<usize>,
}

/// Finds the words of all types.
pub(super) struct Words {
    finder: Finder,
    words: Vec<Word>,
    /// For each type the characters on either side of a value in which its keywords count.
    near: Vec<usize>,
}

/// Collects them.
#[derive(Default)]
pub(super) struct Collected {
    words: BTreeMap<String, Word>,
    near: Vec<usize>,
}

/// Where keywords stand in a page.
///
/// Of keywords of one type that crowd together only those are kept that all others say no more than: a word that is repeated for
/// megabytes takes less memory than the text.
pub(super) struct Places<'a> {
    /// For each type the first bytes and those behind the last; both rise.
    of: Vec<Vec<(usize, usize)>>,
    near: &'a [usize],
    /// Bytes of the text's characters at most.
    widest: usize,
    /// The first word in each line that has one, and where the last of these lines ends.
    lines: Vec<usize>,
    line: usize,
}

impl Collected {
    /// Adds words of a type.
    pub(super) fn add(&mut self, words: &[String], add: impl Fn(&mut Word)) {
        words.iter().flat_map(|word| cases(word)).for_each(|word| add(self.words.entry(word).or_default()));
    }

    /// Adds keywords that label the values of a type within so many characters.
    pub(super) fn add_labels(&mut self, words: &[String], kind: usize, near: usize) {
        self.add(words, |word| word.labels.push(kind));
        self.near.resize(self.near.len().max(kind + 1), 0);
        self.near[kind] = near;
    }

    /// Ready to be found.
    pub(super) fn compile(self) -> Words {
        Words { finder: Finder::of(self.words.keys()), words: self.words.into_values().collect(), near: self.near }
    }
}

impl Words {
    /// Calls `each` with every word that types need and its place, in order, and says where keywords stand.
    pub(super) fn look<'a>(&'a self, text: &str, each: &mut dyn FnMut(&'a Word, Range<usize>)) -> Places<'a> {
        let widest = if text.is_ascii() { 1 } else { WIDEST };
        let mut places =
            Places { of: vec![Vec::new(); self.near.len()], near: &self.near, widest, lines: Vec::new(), line: 0 };
        self.finder.find(text, &mut |number, start, end| {
            let word = &self.words[number];
            let is_label = !word.labels.is_empty() && is_word(text, start, end);
            if is_label {
                word.labels.iter().for_each(|kind| places.add(*kind, (start, end)));
            }
            if is_label || !word.heads.is_empty() {
                places.add_line(text, start);
            }
            if !word.needed_by.is_empty() {
                each(word, start..end);
            }
        });
        places
    }

    /// Calls `each` with every word of types that stands in a cell, and its place.
    pub(super) fn in_heading(&self, cell: &str, each: &mut dyn FnMut(&Word, usize, usize)) {
        self.finder.find(cell, &mut |number, start, end| each(&self.words[number], start, end));
    }
}

impl Places<'_> {
    /// Keeps a keyword of a type, the last so far.
    fn add(&mut self, kind: usize, place: (usize, usize)) {
        let (of, near) = (&mut self.of[kind], self.near[kind]);
        // Of two, one inside the other, the inner one is never farther from a value.
        if of.last().is_some_and(|last| last.0 == place.0) {
            return;
        }
        while of.last().is_some_and(|last| last.1 >= place.1) {
            of.pop();
        }
        // Wherever the middle one of three counts the first one does, or the last: a value from which both are too far has them
        // more than twice as far apart as keywords count.
        if let [.., first, _] = of[..]
            && place.1 - first.0 <= 2 * near
        {
            of.pop();
        }
        of.push(place);
    }

    /// Remembers that a line has a word.
    fn add_line(&mut self, text: &str, at: usize) {
        if self.lines.is_empty() || at >= self.line {
            self.lines.push(at);
            self.line = memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |found| at + found);
        }
    }

    /// A place in each line that may be the heading of a table, in order.
    pub(super) fn lines(&self) -> &[usize] {
        &self.lines
    }

    /// Whether there is any of a type.
    pub(super) fn has(&self, kind: usize) -> bool {
        !self.of[kind].is_empty()
    }

    /// Whether a keyword of a type may stand near some range inside another one, as far as bytes tell.
    pub(super) fn may_be_near(&self, kind: usize, start: usize, end: usize) -> bool {
        let reach = self.near[kind] * self.widest;
        let of = &self.of[kind];
        of.get(of.partition_point(|place| place.0 + reach < start)).is_some_and(|place| place.1 <= end + reach)
    }

    /// Whether a keyword of a type stands near a range of the text.
    pub(super) fn near(&self, text: &str, kind: usize, start: usize, end: usize) -> bool {
        let (of, chars) = (&self.of[kind], self.near[kind]);
        let reach = chars * self.widest;
        let first = of.partition_point(|place| place.0 + reach < start);
        let is_within = |from: usize, to: usize| {
            to <= from + chars || to <= from + reach && text[from..to].chars().count() <= chars
        };
        // Of those that are not too far before it the first one is the least far behind it.
        let near = of[first..].iter().find(|place| is_within(place.0, start));
        near.is_some_and(|place| is_within(end, place.1))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_keyword_counts_so_many_characters_before_and_after() {
        let text = "号码：123 None no: 4567";
        let near = |words: &[&str], value: &str, chars| {
            let mut collected = Collected::default();
            collected.add_labels(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>(), 1, chars);
            let words = collected.compile();
            let places = words.look(text, &mut |_, _| panic!("no type needs one"));
            let start = text.find(value).expect("there");
            assert!(!places.near(text, 0, start, start + value.len()));
            places.near(text, 1, start, start + value.len())
        };
        let both = ["号码", "no"];
        assert!(near(&both, "123", 3) && !near(&both, "123", 2));
        assert!(near(&["no"], "123", 8) && !near(&["no"], "123", 7));
        assert!(near(&["no"], "4567", 4) && !near(&["no"], "4567", 3));
    }

    #[test]
    fn a_word_that_is_repeated_for_megabytes_takes_less_memory_than_the_text() {
        let mut collected = Collected::default();
        collected.add_labels(&["tel".to_owned(), "tel no".to_owned()], 0, 20);
        let words = collected.compile();
        let text = "tel no tel ".repeat(1 << 16);
        let places = words.look(&text, &mut |_, _| {});
        assert!(places.of[0].len() * size_of::<(usize, usize)>() < text.len(), "{}", places.of[0].len());
        assert!(places.near(&text, 0, 1 << 18, (1 << 18) + 1));
    }

    proptest! {
        /// What is not kept of crowded keywords changes no answer.
        #[test]
        fn crowded_keywords_say_what_all_of_them_say(
            parts in prop::collection::vec(prop::sample::select(vec!["tel", "no", "tel no", "号", "x", " ", "   ", "密密密"]), 0..60),
            near in 0_usize..12,
            value in 0_usize..120,
            length in 1_usize..6,
        ) {
            let text = parts.concat();
            let keywords = ["tel", "no", "tel no", "号"];
            let mut collected = Collected::default();
            collected.add_labels(&keywords.map(str::to_owned), 0, near);
            let words = collected.compile();
            let kept = words.look(&text, &mut |_, _| {});
            let start = text.floor_char_boundary(value);
            let end = text.ceil_char_boundary(start + length);
            let places = |word: &'static str| (0..text.len()).map(move |at| (at, at + word.len(), word));
            let stands = |(from, to, word): &(usize, usize, &str)| {
                text.get(*from..*to) == Some(*word) && is_word(&text, *from, *to)
            };
            let all: Vec<(usize, usize, &str)> = keywords.into_iter().flat_map(places).filter(stands).collect();
            let chars = |from: usize, to: usize| text.get(from..to).map_or(0, |between| between.chars().count());
            let expected = all.iter().any(|(from, to, _)| chars(*from, start) <= near && chars(end, *to) <= near);
            prop_assert_eq!(kept.near(&text, 0, start, end), expected);
        }
    }
}
