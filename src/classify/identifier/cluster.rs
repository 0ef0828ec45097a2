//! Clusters: stretches of a line in which a number may stand. Words of letters and digits that belong together by what is
//! between them, at least one of them with a digit. Of prose next to nothing is in one.

use std::ops::Range;

/// Signs between two words of one value.
const MOST_SIGNS: usize = 3;
/// Letters of a word without digits that may be a part of a value (`IBAN GB29 NWBK`).
const MOST_LETTERS: usize = 10;

/// Where a number may stand.
pub(super) struct Cluster {
    /// Its bytes, with the signs right before and after it.
    pub range: Range<usize>,
    /// Digits in it.
    pub digits: usize,
    /// A bit for each number of letters and digits that neighbouring words have together.
    pub lengths: u64,
}

/// Signs that may stand in values.
pub(super) struct Signs {
    ascii: [bool; 128],
    other: Vec<char>,
}

impl Signs {
    /// Of these characters.
    pub(super) fn new(signs: &[char]) -> Self {
        let mut ascii = [false; 128];
        for &char in signs.iter().filter(|char| char.is_ascii()) {
            ascii[char as usize] = true;
        }
        Self { ascii, other: signs.iter().copied().filter(|char| !char.is_ascii()).collect() }
    }

    fn has(&self, char: char) -> bool {
        self.ascii.get(char as usize).copied().unwrap_or_else(|| self.other.contains(&char))
    }

    /// How many bytes of signs there are at the beginning of a text; none if there are too many.
    fn before(&self, text: &str) -> Option<usize> {
        let mut signs = text.char_indices().take_while(|(_, char)| self.has(*char));
        let end = signs.by_ref().take(MOST_SIGNS).last().map_or(0, |(at, char)| at + char.len_utf8());
        signs.next().is_none().then_some(end)
    }
}

/// All clusters of a text in order.
pub(super) fn clusters<'a>(text: &'a str, signs: &'a Signs) -> impl Iterator<Item = Cluster> + 'a {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let digit = at + bytes.get(at..)?.iter().position(u8::is_ascii_digit)?;
        let cluster = around(text, signs, at, digit);
        at = cluster.range.end.max(digit + 1);
        while !text.is_char_boundary(at) {
            at += 1;
        }
        Some(cluster)
    })
}

/// The cluster of the digit at `digit`, not before `floor`.
fn around(text: &str, signs: &Signs, floor: usize, digit: usize) -> Cluster {
    let bytes = text.as_bytes();
    let is_part = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    let mut start = digit;
    while start > floor && is_part(start - 1) {
        start -= 1;
    }
    // Words of letters before it, and signs between.
    loop {
        let gap: usize = text[floor..start]
            .chars()
            .rev()
            .take(MOST_SIGNS)
            .take_while(|char| signs.has(*char))
            .map(char::len_utf8)
            .sum();
        let end = start - gap;
        let letters = bytes[floor..end].iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        if gap == 0 || letters == 0 || !may_belong(&bytes[end - letters..end]) {
            break;
        }
        start = end - letters;
    }
    let (mut end, mut words) = (start, Vec::new());
    let mut digits = 0;
    loop {
        let word = end..end + bytes[end..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        digits += bytes[word.clone()].iter().filter(|byte| byte.is_ascii_digit()).count();
        words.push(word.len());
        end = word.end;
        let Some(gap) = signs.before(&text[end..]).filter(|gap| *gap > 0) else { break };
        let next = end + gap;
        let length = bytes[next..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        if length == 0 || !may_belong(&bytes[next..next + length]) {
            break;
        }
        end = next;
    }
    let lead: usize =
        text[floor..start].chars().rev().take(2).take_while(|char| signs.has(*char)).map(char::len_utf8).sum();
    let trail: usize = text[end..].chars().take(2).take_while(|char| signs.has(*char)).map(char::len_utf8).sum();
    Cluster { range: start - lead..end + trail, digits, lengths: lengths(&words) }
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
            clusters(text, &signs).map(|one| (text[one.range].trim().to_owned(), one.digits, one.lengths)).collect()
        };
        assert_eq!(seen("In the year 2019, that is"), [("2019".to_owned(), 4, 1 << 4)]);
        assert_eq!(seen("account GB29 NWBK 6016, paid"), [("GB29 NWBK 6016".to_owned(), 6, 1 << 4 | 1 << 8 | 1 << 12)]);
        assert_eq!(seen("车牌京A·12345号")[0].0, "京A·12345");
        assert_eq!(seen("call +1-2 now")[0].0, "+1-2");
        assert_eq!(seen("none at all"), []);
    }
}
