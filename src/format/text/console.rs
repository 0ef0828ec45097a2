//! Text as a terminal shows it: what programs put into their logs to colour letters and to move the cursor is no part of the words.

/// The character that begins a code.
const ESCAPE: char = '\u{1b}';

/// Bytes of a code that is a title or an address; longer ones are text with a stray sign in it.
const LONGEST: usize = 4096;

/// A text without the codes of terminals (ECMA-48: control sequences and operating system commands).
pub(super) fn without_codes(text: String) -> String {
    if !text.contains("\u{1b}[") && !text.contains("\u{1b}]") {
        return text;
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, behind)) = rest.split_once(ESCAPE) {
        shown.push_str(before);
        match code(behind) {
            Some(length) => rest = &behind[length..],
            None => {
                shown.push(ESCAPE);
                rest = behind;
            }
        }
    }
    shown.push_str(rest);
    shown
}

/// Bytes of the code behind an escape character, if one stands there.
fn code(behind: &str) -> Option<usize> {
    let bytes = behind.as_bytes().get(..LONGEST.min(behind.len()))?;
    match bytes.first()? {
        // Parameters, intermediate bytes, and the letter that says what it does.
        b'[' => {
            let end = bytes[1..].iter().position(|byte| !matches!(byte, b' '..=b'?'))? + 1;
            matches!(bytes[end], b'@'..=b'~').then_some(end + 1)
        }
        // The title of a window, or the address of a link: a bell ends it, or an escape and a backslash.
        b']' => {
            let end = bytes.iter().position(|byte| matches!(byte, 0x07 | 0x1b | b'\n'))?;
            match bytes[end] {
                0x07 => Some(end + 1),
                0x1b if bytes.get(end + 1) == Some(&b'\\') => Some(end + 2),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_and_titles_of_terminals_are_no_part_of_the_words() {
        for (text, expected) in [
            ("plain \u{1b} text", "plain \u{1b} text"),
            ("\u{1b}[1;31mTOP \u{1b}[4mSEC\u{1b}[24mRET\u{1b}[0m\n", "TOP SECRET\n"),
            ("\u{1b}]0;title\u{7}机密\u{1b}[38;5;196m★10年", "机密★10年"),
            ("\u{1b}]8;;https://example.org\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("\u{1b}[机密", "\u{1b}[机密"),
            ("\u{1b}[12", "\u{1b}[12"),
            ("\u{1b}]no end\nSECRET\u{1b}[m", "\u{1b}]no end\nSECRET"),
        ] {
            assert_eq!(without_codes(text.to_owned()), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_letter_outside_of_codes_is_lost(text in "[a\u{1b}\\[\\]m;0\u{7}密\n]{0,40}") {
            let count = |text: &str| text.chars().filter(|c| *c == '密').count();
            let titles = text.contains("\u{1b}]");
            proptest::prop_assert!(titles || count(&without_codes(text.clone())) == count(&text));
        }
    }
}
