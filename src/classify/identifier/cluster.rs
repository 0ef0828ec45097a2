//! Clusters: stretches of a line in which a number may stand. Words of letters and digits that belong together by what is
//! between them, at least one of them with a digit. Of prose next to nothing is in one.

use std::ops::Range;

/// Signs between two words of one value.
const MOST_SIGNS: usize = 3;
/// Letters of a word without digits that may be a part of a value (`IBAN GB29 NWBK`).
const MOST_LETTERS: usize = 10;

/// Signs that may stand in values.
pub(super) struct Signs {
    ascii: [bool; 128],
    /// Sorted.
    other: Vec<char>,
}

impl Signs {
    /// Of these characters.
    pub(super) fn new(signs: &[char]) -> Self {
        let mut ascii = [false; 128];
        for &char in signs.iter().filter(|char| char.is_ascii()) {
            ascii[char as usize] = true;
        }
        let mut other: Vec<char> = signs.iter().copied().filter(|char| !char.is_ascii()).collect();
        other.sort_unstable();
        Self { ascii, other }
    }

    fn has(&self, char: char) -> bool {
        self.ascii.get(char as usize).copied().unwrap_or_else(|| self.other.binary_search(&char).is_ok())
    }

    /// Where signs that begin at a place end, so many at most.
    fn after(&self, text: &str, mut at: usize, most: usize) -> usize {
        for _ in 0..most {
            match text.as_bytes().get(at) {
                Some(byte) if byte.is_ascii() && self.ascii[usize::from(*byte)] => at += 1,
                None => break,
                Some(byte) if byte.is_ascii() => break,
                Some(_) => match text[at..].chars().next().filter(|char| self.has(*char)) {
                    Some(char) => at += char.len_utf8(),
                    None => break,
                },
            }
        }
        at
    }

    /// Where signs that end at a place begin, not before `floor`, so many at most.
    fn before(&self, text: &str, floor: usize, at: usize, most: usize) -> usize {
        let bytes = text.as_bytes();
        let mut from = at;
        for _ in 0..most {
            match bytes[floor..from].last() {
                Some(byte) if byte.is_ascii() && self.ascii[usize::from(*byte)] => from -= 1,
                None => break,
                Some(byte) if byte.is_ascii() => break,
                Some(_) => match text[floor..from].chars().next_back().filter(|char| self.has(*char)) {
                    Some(char) => from -= char.len_utf8(),
                    None => break,
                },
            }
        }
        from
    }
}

/// All clusters of a text in order: stretches in which a number may stand, with the signs right before and after it.
pub(super) fn clusters<'a>(text: &'a str, signs: &'a Signs) -> impl Iterator<Item = Range<usize>> + 'a {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let digit = at + first_digit(bytes.get(at..)?)?;
        let cluster = around(text, signs, at, digit);
        at = text.ceil_char_boundary(cluster.end.max(digit + 1));
        Some(cluster)
    })
}

/// Where the first digit stands. A block is asked as a whole, which the machine does at once.
fn first_digit(bytes: &[u8]) -> Option<usize> {
    const BLOCK: usize = 32;
    let has_digit = |block: &[u8; BLOCK]| block.iter().fold(false, |has, byte| has | byte.is_ascii_digit());
    let (blocks, _) = bytes.as_chunks();
    let from = blocks.iter().take_while(|block| !has_digit(block)).count() * BLOCK;
    Some(from + bytes[from..].iter().position(u8::is_ascii_digit)?)
}

/// The cluster of the digit at `digit`, not before `floor`.
fn around(text: &str, signs: &Signs, floor: usize, digit: usize) -> Range<usize> {
    let bytes = text.as_bytes();
    let mut start = word_start(bytes, floor, digit);
    // Words of letters before it, and signs between.
    loop {
        let end = signs.before(text, floor, start, MOST_SIGNS);
        let word = word_start(bytes, floor, end);
        if end == start || word == end || !may_belong(&bytes[word..end]) {
            break;
        }
        start = word;
    }
    let mut end = word_end(bytes, digit);
    loop {
        let next = signs.after(text, end, MOST_SIGNS);
        let word = word_end(bytes, next);
        if next == end || word == next || !may_belong(&bytes[next..word]) {
            break;
        }
        end = word;
    }
    signs.before(text, floor, start, 2)..signs.after(text, end, 2)
}

/// Where the letters and digits that end at a place begin, not before `floor`.
fn word_start(bytes: &[u8], floor: usize, at: usize) -> usize {
    at - bytes[floor..at].iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count()
}

/// Where the letters and digits that begin at a place end.
fn word_end(bytes: &[u8], at: usize) -> usize {
    at + bytes[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count()
}

/// How many digits there are in a cluster, and a bit for each number of letters and digits that neighbouring words of it have
/// together.
pub(super) fn measure(cluster: &str) -> (usize, u64) {
    let words = cluster.as_bytes().split(|byte| !byte.is_ascii_alphanumeric());
    let words: Vec<usize> = words.map(<[u8]>::len).filter(|length| *length > 0).collect();
    (cluster.bytes().filter(u8::is_ascii_digit).count(), lengths(&words))
}

/// Whether a word may be a part of a value: it has a digit, or is a few capitals.
fn may_belong(word: &[u8]) -> bool {
    word.iter().any(u8::is_ascii_digit)
        || (word.len() <= MOST_LETTERS && (word.iter().all(u8::is_ascii_uppercase) || word.len() == 1))
}

/// A bit for each sum of neighbouring words' lengths.
fn lengths(words: &[usize]) -> u64 {
    let mut bits = 0;
    for at in 0..words.len() {
        let mut sum = 0;
        for length in &words[at..] {
            sum += length;
            if sum > super::shape::MOST_CHARS {
                bits |= 1 << super::shape::MOST_CHARS;
                break;
            }
            bits |= 1 << sum;
        }
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_may_be_one_number_are_a_cluster() {
        let signs = Signs::new(&[' ', '-', '·', '京', '+']);
        let seen = |text: &str| -> Vec<(String, usize, u64)> {
            let told = |cluster: &str| (cluster.trim().to_owned(), measure(cluster).0, measure(cluster).1);
            clusters(text, &signs).map(|one| told(&text[one])).collect()
        };
        assert_eq!(seen("In the year 2019, that is"), [("2019".to_owned(), 4, 1 << 4)]);
        assert_eq!(seen("account GB29 NWBK 6016, paid"), [("GB29 NWBK 6016".to_owned(), 6, 1 << 4 | 1 << 8 | 1 << 12)]);
        assert_eq!(seen("车牌京A·12345号")[0].0, "京A·12345");
        assert_eq!(seen("call +1-2 now")[0].0, "+1-2");
        assert_eq!(seen("none at all"), []);
    }
}
