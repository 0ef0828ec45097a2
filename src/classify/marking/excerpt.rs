//! Masked excerpts: the words of the level stay readable, everything else that was matched does not.
//!
//! Code words, names and terms of secrecy are content, and a report is read by people who may not read the content.

use super::normal::{Normal, fold};

/// Characters of an excerpt.
const MOST_CHARS: usize = 80;

/// `original` with every letter and digit replaced by `•` but those of the `native` words.
pub(super) fn mask(original: &str, native: &str) -> String {
    let normal = Normal::new(original, 0, &[]);
    let haystack = lower(&fold(&normal.text).unwrap_or_else(|| normal.text.clone()));
    let native = lower(&fold(native).unwrap_or_else(|| native.to_owned()));
    let mut readable: Vec<(u32, u32)> = Vec::new();
    // Lengths agree unless lower case changed them, in some scripts; then nothing stays readable.
    if haystack.len() == normal.text.len() {
        for word in native.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty()) {
            readable.extend(
                haystack
                    .match_indices(word)
                    .filter(|(at, _)| whole_word(&haystack, *at, word))
                    .map(|(at, word)| normal.source(at, at + word.len())),
            );
        }
    }
    let shown = |at: usize| readable.iter().any(|&(from, to)| (from as usize..to as usize).contains(&at));
    let mut masked: String = original
        .char_indices()
        .take(MOST_CHARS)
        .map(|(at, char)| match char {
            char if char.is_control() => ' ',
            char if shown(at) || !(char.is_alphanumeric()) => char,
            _ => '•',
        })
        .collect();
    if original.chars().nth(MOST_CHARS).is_some() {
        masked.push('…');
    }
    masked
}

/// Not a part of a longer ASCII word: `C` of a level is no reason to show the `C` of a name.
fn whole_word(text: &str, at: usize, word: &str) -> bool {
    let ascii = |char: Option<char>| char.is_some_and(|char| char.is_ascii_alphanumeric());
    let (before, after) = (text[..at].chars().next_back(), text[at + word.len()..].chars().next());
    let starts = word.starts_with(|char: char| char.is_ascii());
    !(starts && (ascii(before) || ascii(after)))
}

fn lower(text: &str) -> String {
    text.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_words_of_the_level_stay_readable() {
        assert_eq!(mask("TOP SECRET//SAR-BUTTER POPCORN", "TOP SECRET"), "TOP SECRET//•••-•••••• •••••••");
        assert_eq!(mask("机 密★10 年", "机密"), "机 密★•• •");
        assert_eq!(mask("機密", "机密"), "機密");
        assert_eq!(mask("Acme Corp Confidential", "Company confidential"), "•••• •••• Confidential");
        assert_eq!(mask("机窗", "机密"), "••");
    }

    #[test]
    fn a_long_match_is_cut() {
        assert!(mask(&"x".repeat(500), "SECRET").chars().count() <= MOST_CHARS + 1);
    }
}
