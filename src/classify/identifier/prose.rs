//! Numbers in sentences: what is written out for a reader, and what is one of many numbers of its length.

use std::ops::Range;

use super::plain::Plain;
use crate::document::Page;

/// Words of a sentence at least, and of these such in small letters; or characters of scripts that part no words.
const LEAST_WORDS: usize = 4;
const LEAST_SMALL: usize = 2;
const LEAST_CHARS: usize = 6;
/// Bytes on either side that are looked at, and those of a line that text was broken at.
const AROUND: usize = 400;
const FULL_LINE: usize = 40;

/// Whether words of a sentence stand around a range of a text, and it is no cell of a table.
pub(super) fn is_in_sentence(text: &str, range: &Range<usize>) -> bool {
    let from = text.floor_char_boundary(range.start.saturating_sub(AROUND));
    let to = text.ceil_char_boundary((range.end + AROUND).min(text.len()));
    let (before, after) = (&text[from..range.start], &text[range.end..to]);
    let (mut above, mut below) = (before.rsplit('\n'), after.split('\n'));
    let line = [above.next().unwrap_or(""), below.next().unwrap_or("")];
    if line.iter().any(|part| part.contains(['\t', '|', ';'])) {
        return false;
    }
    // A sentence goes on across the ends of full lines alone.
    let is_full = |line: &&str| line.len() >= FULL_LINE && !line.contains(['\t', '|']);
    let above = above.next().filter(is_full).unwrap_or("");
    let full = line.iter().map(|part| part.len()).sum::<usize>() + range.len() >= FULL_LINE;
    let below = below.next().filter(|_| full).unwrap_or("");
    let (before, after) = (format!("{above} {}", line[0]), format!("{} {below}", line[1]));
    let ends = ['!', '?', '。', '！', '？'];
    let begin = before.rsplit(ends).next().unwrap_or("").rsplit(". ").next().unwrap_or("");
    let rest = after.split(ends).next().unwrap_or("").split(". ").next().unwrap_or("");
    let words = || begin.split_whitespace().chain(rest.split_whitespace());
    let words = || words().map(|word| word.trim_matches(|char: char| !char.is_alphanumeric()));
    let written = || {
        words().filter(|word| {
            word.chars().count() > 1 && word.chars().all(|char| char.is_alphabetic() || "'’-".contains(char))
        })
    };
    let small = written().filter(|word| word.chars().all(|char| !char.is_uppercase()) && !word.contains(is_unparted));
    let unparted = begin.chars().chain(rest.chars()).filter(|char| is_unparted(*char)).count();
    written().count() >= LEAST_WORDS && small.count() >= LEAST_SMALL || unparted >= LEAST_CHARS
}

/// Whether a character is of a script that parts no words: Chinese, Japanese, Thai.
fn is_unparted(char: char) -> bool {
    matches!(char, '\u{3400}'..='\u{9fff}' | '\u{3040}'..='\u{30ff}' | '\u{e00}'..='\u{e7f}')
}

/// Whether all runs of so many digits or more on some pages are the same number.
pub(super) fn is_single(pages: &[Page], least: usize) -> bool {
    let mut known: Option<String> = None;
    pages.iter().all(|page| {
        let plain = Plain::of(&page.text.content);
        let mut runs = plain.text.split(|char: char| !char.is_ascii_digit()).filter(|run| run.len() >= least);
        runs.all(|run| known.get_or_insert_with(|| run.to_owned()) == run)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_told(text: &str) -> bool {
        let at = text.find("4539148803436467").expect("there");
        is_in_sentence(text, &(at..at + 16))
    }

    #[test]
    fn a_sentence_is_words_around_a_number_and_no_row_or_field() {
        for text in [
            "Please charge it to 4539148803436467 as we agreed.",
            "We met on Monday. The money was taken from 4539148803436467 on the day after.",
            "请从4539148803436467这张卡里扣款。",
            "The customer called twice and asked that the money\n4539148803436467 is charged with be given back.",
        ] {
            assert!(is_told(text), "{text}");
        }
        for text in [
            "parcel 4539148803436467",
            "Reference: 4539148803436467\nDate: 2026-11-02",
            "4539148803436467\topen until the end of the month",
            "| 4539148803436467 | open until the end of the month |",
            "It was sent. 4539148803436467. It came back after a week.",
            "编号 4539148803436467",
        ] {
            assert!(!is_told(text), "{text}");
        }
    }
}
