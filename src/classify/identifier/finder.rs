//! Finds hundreds of words in a text at once, also inside each other, in any case of ASCII letters.
//!
//! Five bits of each of three bytes and a table of 4 KiB tell that no word begins at a place, and no place waits for what was found
//! at the one before. An automaton of all words takes megabytes, and waits for memory at each byte.

/// Bytes with which a place is told from others, bits of each that count (those in which `a` and `A` are the same), and of all.
const HEAD: usize = 3;
const BITS: usize = 5;
const ALL: usize = HEAD * BITS;
/// Bits of a place that tell its list of words.
const LISTS: usize = 12;

/// Bytes of a word that are compared at once.
const AT_ONCE: usize = 8;

/// Some words, by number.
pub(super) struct Finder {
    /// A bit for each beginning that a word has.
    begins: Vec<u64>,
    /// Where in `words` each list begins; one more is the end.
    lists: Vec<usize>,
    /// The words of each list, shorter ones first.
    words: Vec<Word>,
}

/// A word in one of the lists of its beginnings.
#[derive(Clone)]
struct Word {
    list: usize,
    /// The first bytes, where those of letters are the same in either case, and which bits of them count.
    first: u64,
    counts: u64,
    bytes: Box<[u8]>,
    number: usize,
}

/// The bit that tells small ASCII letters from capitals, in each of eight bytes; it joins some signs as well, never two letters.
const CASE: u64 = u64::from_ne_bytes([0x20; AT_ONCE]);

/// A beginning with one more byte behind it, and without its first one.
fn shifted(begin: usize, byte: u8) -> usize {
    begin >> BITS | (usize::from(byte) & ((1 << BITS) - 1)) << (ALL - BITS)
}

impl Finder {
    /// Of some words, none of them empty; their numbers are their places.
    pub(super) fn of<'a>(words: impl Iterator<Item = &'a String>) -> Self {
        let mut finder = Self { begins: vec![0; 1 << (ALL - 6)], lists: Vec::new(), words: Vec::new() };
        for (number, word) in words.enumerate() {
            let bytes = word.as_bytes();
            // Behind a short word there may be anything.
            let free = BITS * HEAD.saturating_sub(bytes.len());
            let begin = bytes.iter().take(HEAD).fold(0, |begin, byte| shifted(begin, *byte)) >> free;
            let begins: Vec<usize> = (0..1 << free).map(|rest| begin | rest << (ALL - free)).collect();
            begins.iter().for_each(|begin| finder.begins[begin >> 6] |= 1 << (begin & 63));
            let mut lists: Vec<usize> = begins.iter().map(|begin| begin >> (ALL - LISTS)).collect();
            lists.dedup();
            let (first, counts) = first_bytes(bytes);
            let word = |list| Word { list, first: (first | CASE) & counts, counts, bytes: bytes.into(), number };
            finder.words.extend(lists.into_iter().map(word));
        }
        finder.words.sort_by_key(|word| (word.list, word.bytes.len(), word.number));
        finder.words.dedup_by_key(|word| (word.list, word.number));
        finder.lists = (0..=1 << LISTS).map(|at| finder.words.partition_point(|word| word.list < at)).collect();
        finder
    }

    /// Calls `each` with the number of each word that stands in a text, and its first byte and the one behind its last, in order of
    /// both.
    pub(super) fn find(&self, text: &str, each: &mut dyn FnMut(usize, usize, usize)) {
        let bytes = text.as_bytes();
        let (first, rest) = bytes.split_at(bytes.len().min(HEAD - 1));
        let mut begin = first.iter().fold(0, |begin, byte| shifted(begin, *byte));
        for (at, byte) in rest.iter().enumerate() {
            begin = shifted(begin, *byte);
            if self.begins[begin >> 6] >> (begin & 63) & 1 == 1 {
                self.at(bytes, at, begin, each);
            }
        }
        // Behind the text zeros follow.
        begin >>= BITS * (HEAD - 1 - first.len());
        for at in rest.len()..bytes.len() {
            begin = shifted(begin, 0);
            self.at(bytes, at, begin, each);
        }
    }

    fn at(&self, bytes: &[u8], at: usize, begin: usize, each: &mut dyn FnMut(usize, usize, usize)) {
        let list = begin >> (ALL - LISTS);
        let (here, _) = first_bytes(&bytes[at..]);
        for Word { first, counts, bytes: word, number, .. } in &self.words[self.lists[list]..self.lists[list + 1]] {
            let end = at + word.len();
            if (here | CASE) & counts == *first
                && bytes.get(at..end).is_some_and(|here| here.eq_ignore_ascii_case(word))
            {
                each(*number, at, end);
            }
        }
    }
}

/// The first bytes of a text as one number, and the bits of it that are of the text.
fn first_bytes(bytes: &[u8]) -> (u64, u64) {
    if let Some(first) = bytes.first_chunk() {
        return (u64::from_ne_bytes(*first), u64::MAX);
    }
    let (mut first, mut counts) = ([0; AT_ONCE], [0; AT_ONCE]);
    first[..bytes.len()].copy_from_slice(bytes);
    counts[..bytes.len()].fill(u8::MAX);
    (u64::from_ne_bytes(first), u64::from_ne_bytes(counts))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(words: &[&str], text: &str) -> Vec<(usize, usize, usize)> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let mut found = Vec::new();
        Finder::of(words.iter()).find(text, &mut |number, start, end| found.push((start, end, number)));
        found
    }

    #[test]
    fn words_are_found_inside_each_other_and_at_the_ends_of_a_text() {
        assert_eq!(found(&["pass", "password", "a", "wo"], "Password"), [(0, 4, 0), (0, 8, 1), (1, 2, 2), (4, 6, 3)]);
        assert_eq!(found(&["ip", "号", "x"], "号 IP"), [(0, 3, 1), (4, 6, 0)]);
        assert_eq!(found(&["ip", "x"], "x"), [(0, 1, 1)]);
        assert_eq!(found(&["ip"], "ip"), [(0, 2, 0)]);
        assert!(found(&["ip", "tel"], "i").is_empty());
        assert!(found(&["ip", "tel"], "").is_empty());
    }

    proptest! {
        #[test]
        fn all_words_are_found_that_stand_in_a_text(text in "[telTELno号密ſK .]{0,40}") {
            let words = ["tel", "no", "t", "号", "密号", "tel no", "lo", "elt", "K"];
            let mut expected: Vec<(usize, usize, usize)> = Vec::new();
            for (number, word) in words.iter().enumerate() {
                let stands = |at: &usize| text.as_bytes().get(*at..*at + word.len()).is_some_and(|here| here.eq_ignore_ascii_case(word.as_bytes()));
                expected.extend((0..text.len()).filter(stands).map(|at| (at, at + word.len(), number)));
            }
            expected.sort_unstable();
            prop_assert_eq!(found(&words, &text), expected);
        }
    }
}
