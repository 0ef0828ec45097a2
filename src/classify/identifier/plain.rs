//! A page's text with full-width letters, digits and signs made plain, as patterns want it (NFKC of what matters here).

use std::borrow::Cow;

use crate::classify::seams::Seams;

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
        for at in memchr::memchr3_iter(0xef, 0xe3, 0xc2, bytes) {
            let second = bytes.get(at + 1);
            let may_be = match bytes[at] {
                0xef => matches!(second, Some(0xbc | 0xbd)),
                0xe3 => second == Some(&0x80),
                _ => second == Some(&0xa0),
            };
            let char = if may_be { text.get(at..).and_then(|rest| rest.chars().next()) } else { None };
            let Some((char, written)) = char.and_then(|char| Some((char, narrow(char)?))) else { continue };
            plain.push_str(&text[copied..at]);
            plain.push(written);
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

/// What a full-width character is otherwise; none for all others.
fn narrow(char: char) -> Option<char> {
    match char {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(char) - 0xfee0),
        '\u{3000}' | '\u{a0}' => Some(' '),
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
        assert!(matches!(Plain::of("plain 文字").text, Cow::Borrowed(_)));
    }
}
