//! Text that was written in seven bits, as mail of the nineties had to be: HZ (`~{;zC\~}`, Chinese) and UTF-7 (`+Zzpbxg-`).
//!
//! It passes for ASCII, and any text may hold such signs, so what they would mean is a page beside the text and does not replace it.

use std::borrow::Cow;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD as STANDARD_NO_PAD;
use encoding_rs::GB18030;

use crate::script::is_han;

/// Bytes of a line that is looked at.
const LINE: usize = 4096;

/// The lines that are written so, without it.
pub(super) fn decoded(text: &str) -> String {
    let holds = |mark: &str| memchr::memmem::find(text.as_bytes(), mark.as_bytes()).is_some();
    let (hz, utf7) = (holds("~{"), holds("+"));
    let mut all = String::new();
    if !hz && !utf7 {
        return all;
    }
    for line in text.lines().filter(|line| line.len() <= LINE) {
        let from_hz = if hz { of_hz(line) } else { Cow::Borrowed(line) };
        let meant = match &from_hz {
            Cow::Owned(meant) => meant.clone(),
            Cow::Borrowed(line) if utf7 => of_utf7(line).into_owned(),
            Cow::Borrowed(_) => continue,
        };
        if meant != line {
            all.extend([&meant, "\n"]);
        }
    }
    all
}

/// A line of HZ, if every part of it that says to be is Chinese.
fn of_hz(line: &str) -> Cow<'_, str> {
    let (mut meant, mut rest) = (String::new(), line);
    while let Some((before, behind)) = rest.split_once("~{") {
        let Some((pairs, behind)) = behind.split_once("~}") else { return Cow::Borrowed(line) };
        let bytes: Vec<u8> = pairs.bytes().map(|byte| byte | 0x80).collect();
        let (chinese, _, is_wrong) = GB18030.decode(&bytes);
        let is_paired = pairs.len() % 2 == 0 && pairs.bytes().all(|byte| (0x21..0x7f).contains(&byte));
        if is_wrong || !is_paired || !chinese.chars().any(is_han) {
            return Cow::Borrowed(line);
        }
        meant.extend([&before.replace("~~", "~"), &*chinese]);
        rest = behind;
    }
    if rest.len() == line.len() {
        return Cow::Borrowed(line);
    }
    meant.push_str(&rest.replace("~~", "~"));
    Cow::Owned(meant)
}

/// A line of UTF-7, with each part of it that means characters of writing.
fn of_utf7(line: &str) -> Cow<'_, str> {
    let (mut meant, mut copied, mut at) = (String::new(), 0, 0);
    while let Some(found) = line[at..].find('+') {
        let start = at + found;
        at = start + 1;
        let length = line[at..].bytes().take_while(|byte| is_base64(*byte)).count();
        let is_closed = line[at + length..].starts_with('-');
        // In the middle of base64 there is such a sign as well, and no end of it.
        let is_open = start.checked_sub(1).is_none_or(|before| !is_base64(line.as_bytes()[before]));
        let characters = (is_closed || is_open).then(|| characters(&line[at..at + length], is_closed)).flatten();
        let Some(characters) = characters else {
            // What follows in the same base64 means no more than all of it.
            at += length;
            continue;
        };
        meant.extend([&line[copied..start], &characters]);
        at += length + usize::from(is_closed);
        copied = at;
    }
    if copied == 0 {
        return Cow::Borrowed(line);
    }
    meant.push_str(&line[copied..]);
    Cow::Owned(meant)
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// What base64 of UTF-16 means, if it is two characters of writing at least, or a letter with a sign that stands alone.
fn characters(packed: &str, is_closed: bool) -> Option<String> {
    let bytes = STANDARD_NO_PAD.decode(packed).ok().filter(|bytes| bytes.len() % 2 == 0)?;
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    let text = String::from_utf16(&units).ok()?;
    let is_writing = |c: char| {
        matches!(c, ' '..='~' | '\u{a0}'..='\u{17f}' | '\u{370}'..='\u{45f}' | '\u{2010}'..='\u{2026}' | '★' | '☆')
            || matches!(c, '\u{3000}'..='\u{30ff}' | '\u{4e00}'..='\u{9fa5}' | '\u{ac00}'..='\u{d7a3}' | '\u{ff01}'..='\u{ff5e}')
    };
    let is_enough = match units.as_slice() {
        [one] => is_closed && (0xc0..0x180).contains(one),
        units => units.len() > 1,
    };
    (is_enough && text.chars().all(is_writing)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_seven_bits_is_read() {
        for (text, expected) in [
            ("a\n~{;zC\\!o~}10~{Dj~}\nb\n", "机密★10年\n"),
            ("Hallo\n+AFQATwBQACAAUwBFAEMAUgBFAFQ-\nend", "TOP SECRET\n"),
            ("mark +Zzpbxg-, a+-b\nNUR F+ANw-R DEN", "mark 机密, a+-b\nNUR FÜR DEN\n"),
        ] {
            assert_eq!(decoded(text), expected, "{text}");
        }
    }

    #[test]
    fn signs_of_other_texts_mean_nothing() {
        for text in [
            "1+2=3 and a+b-c, C++-code, +49-30-123456, user+tag@example.org",
            "awk '$0 ~{print}' ~{a~} ~{ab",
            "a+abcdefgh-b +deadbeefdeadbeef- +AbCdEfGhIjKlMnOp-",
            "base64: 3q2+7wAB+AFQ/TwBQACAAUwBF",
        ] {
            assert_eq!(decoded(text), "", "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(~[{}~]?|[+A-Za-z/-]{0,6}|机|\n){0,30}") {
            decoded(&text);
        }
    }
}
