//! A page's text with full-width letters, digits and signs made plain, as patterns want it (NFKC of what matters here).

use std::borrow::Cow;

/// Text, and where its bytes stand in the original.
pub(super) struct Plain<'a> {
    pub text: Cow<'a, str>,
    /// For each byte, and one for the end; none if the text is the original.
    source: Option<Vec<u32>>,
}

impl<'a> Plain<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        if !text.contains(|char| narrow(char).is_some()) {
            return Self { text: Cow::Borrowed(text), source: None };
        }
        let mut plain = String::with_capacity(text.len());
        let mut source = Vec::with_capacity(text.len() + 1);
        for (at, char) in text.char_indices() {
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            match narrow(char) {
                Some(written) => plain.push_str(written.encode_utf8(&mut [0; 4])),
                None => plain.push(char),
            }
            source.resize(plain.len(), at);
        }
        source.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
        Self { text: Cow::Owned(plain), source: Some(source) }
    }

    /// The bytes of the original that a range stands for.
    pub(super) fn source(&self, start: usize, end: usize) -> (usize, usize) {
        match &self.source {
            None => (start, end),
            Some(source) => (source[start] as usize, source[end] as usize),
        }
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
