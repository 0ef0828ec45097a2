//! Files as hexadecimal digits in a text: how dumps of databases write binary columns (`0x…`, `X'…'`, `\x…`), and programs their data.
//!
//! What begins like a document, picture, archive or text is unpacked. Hashes are too short for one, and keys, fonts and bytes of
//! nothing known are none; long digits of bytes as even as those of a cipher are counted, as with base64.

use super::{EVEN, LOOK, is_key};
use crate::kind;

/// Digits in a row that a line of a file has at least: `xxd -p` writes 60, and hashes have 64 at times.
const LINE: usize = 56;

/// Digits from which on something may be packed.
const RUN: usize = 120;

/// Digits of hashes: a list of them is no file, and as even as one that is encrypted.
const HASHES: [usize; 6] = [32, 40, 56, 64, 96, 128];

/// What is packed in a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Files, in their order.
    pub(super) files: Vec<Vec<u8>>,
    /// How many bytes are no file and as even as those of a cipher.
    pub(super) even: usize,
}

/// Looks through a text. Each byte is looked at a few times at most.
pub(super) fn scan(text: &str) -> Found {
    let bytes = text.as_bytes();
    let mut found = Found::default();
    let mut at = 0;
    // A line of so many digits covers one of these places, wherever it begins.
    while at + LINE <= bytes.len() {
        let last = at + LINE - 1;
        if !bytes[last].is_ascii_hexdigit() {
            at = last + 1;
            continue;
        }
        let back = bytes[at..last].iter().rev().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let run = Run::at(bytes, last - back);
        at = run.end.max(last + 1);
        if run.digits >= RUN && !is_inside_a_word(bytes, last - back) {
            found.take(&run, bytes);
        }
    }
    found
}

/// Digits of one file, over the ends of lines.
struct Run {
    start: usize,
    /// Behind the last of them.
    end: usize,
    digits: usize,
    /// Digits of a full line, if there are several lines.
    width: Option<usize>,
}

impl Run {
    /// The digits that begin at `start`.
    fn at(bytes: &[u8], start: usize) -> Self {
        let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let first = digits(start);
        let mut run = Self { start, end: start + first, digits: first, width: None };
        let mut before = first;
        while let Some(from) = next_line(bytes, run.end) {
            let length = digits(from);
            // The first line is shorter where something stands before it, and the last one is what is left.
            let fits = match run.width {
                Some(width) => before == width && length <= width,
                None => first >= LINE || length >= first,
            };
            let goes_on = bytes.get(from + length).is_some_and(u8::is_ascii_alphanumeric);
            if length == 0 || !fits || goes_on {
                break;
            }
            run.width = run.width.or(Some(length.max(first)));
            (run.end, run.digits, before) = (from + length, run.digits + length, length);
        }
        run
    }

    /// What the digits mean, up to so many bytes.
    fn bytes(&self, bytes: &[u8], most: usize) -> Vec<u8> {
        let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let mut digits = bytes[self.start..self.end].iter().filter_map(digit);
        let mut unpacked = Vec::with_capacity(most.min(self.digits / 2));
        while unpacked.len() < most
            && let (Some(high), Some(low)) = (digits.next(), digits.next())
        {
            unpacked.push(high << 4 | low);
        }
        unpacked
    }
}

/// Where the next line begins, if nothing but the end of this one stands between.
fn next_line(bytes: &[u8], end: usize) -> Option<usize> {
    let behind = bytes.get(end..)?;
    let behind = behind.strip_prefix(b"\\").unwrap_or(behind);
    let behind = behind.strip_prefix(b"\r").unwrap_or(behind);
    let behind = behind.strip_prefix(b"\n")?;
    let indent = behind.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    Some(bytes.len() - behind.len() + indent)
}

/// What writes say before digits: `0x`, `\x`, `X'`.
fn is_marked(bytes: &[u8], start: usize) -> bool {
    matches!(&bytes[..start], [.., b'0' | b'\\', b'x' | b'X'] | [.., b'X' | b'x', b'\''])
}

/// Whether digits are the end of something longer, as base64.
fn is_inside_a_word(bytes: &[u8], start: usize) -> bool {
    let before = start.checked_sub(1).and_then(|before| bytes.get(before));
    before.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'_'))
        && !is_marked(bytes, start)
}

impl Found {
    fn take(&mut self, run: &Run, bytes: &[u8]) {
        let look = run.bytes(bytes, LOOK);
        // A character may be cut at the end.
        let is_utf8 = || std::str::from_utf8(&look).map_or_else(|error| error.error_len().is_none(), |_| true);
        match kind::of_head(&look) {
            Some("font") => {}
            // Digits of nothing may be letters of some old set.
            Some("text") if !is_utf8() && !is_marked(bytes, run.start) => {}
            Some(_) => self.files.push(run.bytes(bytes, usize::MAX)),
            None if run.digits / 2 < EVEN || run.width.is_some_and(|width| HASHES.contains(&width)) => {}
            None => {
                let head = run.bytes(bytes, kind::HEAD_BYTES);
                if kind::is_even(&head) && !is_key(&head) {
                    self.even = self.even.saturating_add(run.digits / 2);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |mut digits, byte| {
            let _ = write!(digits, "{byte:02x}");
            digits
        })
    }

    fn lines(digits: &str, width: usize, between: &str) -> String {
        let lines: Vec<_> = digits.as_bytes().chunks(width).map(String::from_utf8_lossy).collect();
        lines.join(between)
    }

    /// Bytes as even as those of a cipher.
    fn even(count: usize) -> Vec<u8> {
        (0_u32..).flat_map(|n| *blake3::hash(&n.to_le_bytes()).as_bytes()).take(count).collect()
    }

    fn picture() -> Vec<u8> {
        [b"\x89PNG\r\n\x1a\n".as_slice(), &even(401)].concat()
    }

    #[test]
    fn files_are_found_however_a_dump_writes_them() {
        let (picture, text) = (picture(), "此件不得外传，请各部门遵照执行。\n".repeat(10).into_bytes());
        let (png, txt) = (hex(&picture), hex(&text));
        for dump in [
            format!("INSERT INTO `a` VALUES (1,'plan',0x{}),(2,'b',0x{});", png.to_uppercase(), txt.to_uppercase()),
            format!("INSERT INTO b VALUES(X'{png}'),(x'{txt}');"),
            format!("1\tplan\t\\\\x{png}\n2\tb\t\\\\x{txt}\n\\.\n"),
            format!("id,data\n1,\\x{png}\n2,{txt}\n"),
            format!("{{\"a\":\"{png}\",\"b\":\"{txt}\"}}"),
            format!("{}\n\n{}\n", lines(&png, 60, "\n"), lines(&txt, 78, "\r\n  ")),
            format!("a = '{}'\nb = 0x{}\n", lines(&png, 128, "\\\n"), lines(&txt, 64, "\n")),
        ] {
            assert_eq!(scan(&dump), Found { files: vec![picture.clone(), text.clone()], even: 0 }, "{dump}");
        }
    }

    #[test]
    fn long_digits_of_even_bytes_are_counted_and_keys_and_hashes_are_not() {
        let secret = hex(&even(4096));
        assert_eq!(scan(&format!("VALUES (0x{secret});")).even, 4096);
        assert_eq!(scan(&lines(&secret, 76, "\n")).even, 4096);
        let hash = |n: u32, digits: usize| {
            let mut bytes = [0; 64];
            blake3::Hasher::new().update(&n.to_le_bytes()).finalize_xof().fill(&mut bytes);
            hex(&bytes)[..digits].to_owned()
        };
        let list = |digits: usize| (0..500).map(|n| hash(n, digits) + "\n").collect::<String>();
        for text in [
            format!("0x{}", &secret[..2000]),
            format!("0x{}", hex(&[&[0x30, 0x82, 9, 1], even(4096).as_slice()].concat())),
            list(32),
            list(40),
            list(56),
            list(64),
            list(128),
            hash(7, 128),
            "deadbeef".repeat(600),
            "0".repeat(5000),
            "3.".to_owned() + &"1415926535".repeat(300),
            format!("{}/{}", "a".repeat(99), "A".repeat(4000)),
            hex(&[b"wOF2\0\x01\0\0".as_slice(), &even(400)].concat()),
        ] {
            let found = scan(&text);
            assert_eq!((found.files.len(), found.even), (0, 0), "{}", &text[..200.min(text.len())]);
        }
    }

    #[test]
    fn any_length_of_what_stands_before_digits_is_no_matter() {
        let digits = hex(&picture());
        for before in 0..200 {
            assert_eq!(scan(&format!("{}'{digits}'", " ".repeat(before))).files.len(), 1, "{before}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "([0-9a-f]{0,90}|0x|X'|\\\\|\r?\n|[ g机]){0,30}") {
            scan(&text);
        }
    }
}
