//! A page's text with full-width letters, digits and signs, and the hyphens and blanks of typesetters, made plain, as patterns want it.

use std::borrow::Cow;

use crate::classify::seams::Seams;
use crate::classify::unseen::is_unseen;

/// Text, and where its bytes stand in the original.
pub(super) struct Plain<'a> {
    pub text: Cow<'a, str>,
    /// Where the text goes on after each character that was made plain, here and in the original.
    seams: Seams,
}

impl<'a> Plain<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let (mut plain, mut seams, mut copied) = (String::new(), Seams::default(), 0);
        // First bytes of the characters that have another form; all others are copied as they stand.
        let mut wide = memchr::memchr3_iter(0xef, 0xe3, 0xc2, bytes).peekable();
        let mut signs = memchr::memchr_iter(0xe2, bytes).peekable();
        let next = || match (wide.peek(), signs.peek()) {
            (Some(one), Some(other)) if one < other => wide.next(),
            (_, Some(_)) => signs.next(),
            (_, None) => wide.next(),
        };
        for at in std::iter::from_fn(next) {
            let second = bytes.get(at + 1);
            let may_be = match bytes[at] {
                0xef => matches!(second, Some(0xbb..=0xbd)),
                0xe3 => second == Some(&0x80),
                0xe2 => matches!(second, Some(0x80 | 0x81 | 0x88)),
                _ => matches!(second, Some(0xa0 | 0xad)),
            };
            let char = if may_be { text.get(at..).and_then(|rest| rest.chars().next()) } else { None };
            let Some((char, written)) = char.map(|char| (char, narrow(char))) else { continue };
            if written.is_none() && !is_unseen(char) {
                continue;
            }
            plain.push_str(&text[copied..at]);
            plain.extend(written);
            copied = at + char.len_utf8();
            seams.push(plain.len(), copied);
        }
        if seams.is_empty() {
            return Self { text: Cow::Borrowed(text), seams };
        }
        plain.push_str(&text[copied..]);
        Self { text: Cow::Owned(plain), seams }
    }

    /// The bytes of the original that a range stands for.
    pub(super) fn source(&self, start: usize, end: usize) -> (usize, usize) {
        (self.seams.place(start), self.seams.place(end))
    }
}

/// What a character is otherwise that is full-width, or that typesetters and word processors have in place of a hyphen or a blank; none
/// for all others.
fn narrow(char: char) -> Option<char> {
    match char {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(char) - 0xfee0),
        // Hyphens, the dashes of a digit's and a letter's width, and the minus.
        '\u{2010}'..='\u{2013}' | '\u{2212}' => Some('-'),
        '\u{3000}' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' => Some(' '),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_characters_are_plain_and_know_their_place() {
        let text = "号码：１２３ x";
        let plain = Plain::of(text);
        assert_eq!(plain.text, "号码:123 x");
        let at = plain.text.find("123").expect("there");
        let (from, to) = plain.source(at, at + 3);
        assert_eq!(&text[from..to], "１２３");
        for (text, expected) in [
            ("536–22‑8726 x", "536-22-8726 x"),
            ("DE89\u{202f}3704\u{2009}0044 “quoted” …", "DE89 3704 0044 “quoted” …"),
            ("\u{feff}49\u{200b}27\u{ad}51 it’s", "492751 it’s"),
        ] {
            let plain = Plain::of(text);
            assert_eq!(plain.text, expected);
            assert_eq!(plain.source(0, plain.text.len()).1, text.len());
        }
        assert!(matches!(Plain::of("plain 文字").text, Cow::Borrowed(_)));
    }
}
