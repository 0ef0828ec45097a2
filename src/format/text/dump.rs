//! Binary columns in dumps of `MySQL` and `MariaDB`: `_binary '…'` holds the bytes as they are, but for a few that are escaped.
//!
//! They make the dump look like no text at all. They are taken out of it, so that its rows are read, and are documents inside.

use crate::format::charset;
use crate::format::packed::Packed;
use crate::kind;

/// What stands before the bytes.
const MARK: &[u8] = b"_binary '";

/// Bytes of a value that is nothing known from which on it may be a document nonetheless: shorter ones are keys and hashes.
const UNKNOWN: usize = 65;

/// Bytes of a value by which its kind is told.
const LOOK: usize = 4096;

/// A dump without its binary values.
pub(crate) struct Dump {
    /// The rest of it, with nothing between the quotes.
    pub(crate) rest: Vec<u8>,
    /// The values.
    pub(crate) values: Vec<Vec<u8>>,
    /// The last one breaks off.
    pub(crate) is_cut: bool,
}

impl Dump {
    /// A dump, if there are binary values in the bytes. Values that are text stay where they are.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        let mut dump = Self { rest: Vec::new(), values: Vec::new(), is_cut: false };
        let (mut copied, mut at) = (0, 0);
        while let Some(found) = memchr::memmem::find(&bytes[at..], MARK) {
            let start = at + found + MARK.len();
            let (value, length) = value(&bytes[start..]);
            at = start + length;
            if is_binary(&value) {
                dump.rest.extend(&bytes[copied..start]);
                dump.values.push(value);
                copied = at;
                dump.is_cut = at == bytes.len();
            }
        }
        if dump.values.is_empty() {
            return None;
        }
        dump.rest.extend(&bytes[copied..]);
        Some(dump)
    }

    /// The values that may say something, as files.
    pub(super) fn files(values: Vec<Vec<u8>>) -> impl Iterator<Item = Packed> {
        let says = |value: &Vec<u8>| match kind::of_head(&value[..value.len().min(LOOK)]) {
            Some(kind) => kind != "font",
            None => value.len() >= UNKNOWN,
        };
        (1..).zip(values.into_iter().filter(says)).map(|(number, value)| Packed::new("binary", number, value))
    }
}

/// A value without its escapes, and how long it is up to its quote or to the end.
fn value(bytes: &[u8]) -> (Vec<u8>, usize) {
    let (mut value, mut at) = (Vec::new(), 0);
    while let Some(found) = memchr::memchr2(b'\'', b'\\', &bytes[at..]) {
        value.extend(&bytes[at..at + found]);
        at += found;
        let meant = match (bytes[at], bytes.get(at + 1)) {
            (b'\'', Some(b'\'')) => b'\'',
            (b'\'', _) => return (value, at),
            (_, None) => return (value, bytes.len()),
            (_, Some(b'0')) => 0,
            (_, Some(b'b')) => 8,
            (_, Some(b'n')) => b'\n',
            (_, Some(b'r')) => b'\r',
            (_, Some(b't')) => b'\t',
            (_, Some(b'Z')) => 0x1a,
            (_, Some(other)) => *other,
        };
        value.push(meant);
        at += 2;
    }
    value.extend(&bytes[at..]);
    (value, bytes.len())
}

/// Whether a value is no text as it stands.
fn is_binary(value: &[u8]) -> bool {
    std::str::from_utf8(value).is_err() || value.iter().any(|byte| *byte == 0 || charset::is_control(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::FaultReason;
    use crate::format::test_support::{members, open, settings, texts};

    /// Bytes as `mysqldump` writes them.
    fn escaped(bytes: &[u8]) -> Vec<u8> {
        let escape = |byte: &u8| match byte {
            0 => b"\\0".to_vec(),
            b'\n' => b"\\n".to_vec(),
            b'\r' => b"\\r".to_vec(),
            0x1a => b"\\Z".to_vec(),
            b'\'' | b'"' | b'\\' => vec![b'\\', *byte],
            other => vec![*other],
        };
        bytes.iter().flat_map(escape).collect()
    }

    #[test]
    fn rows_around_binary_values_are_read_and_the_values_are_documents_inside() {
        let all: Vec<u8> = (0_u8..=255).chain(0..=255).collect();
        let picture = [b"\x89PNG\r\n\x1a\n".as_slice(), &all].concat();
        let dump = [
            b"-- MySQL dump 10.13\nINSERT INTO `f` VALUES (1,_binary '".as_slice(),
            &escaped(&picture),
            b"','plan'),(2,_binary 'it''s text',_binary '\x01\x02\x03\\0',_binary '",
            &escaped(&all.repeat(2)),
            b"','the end');\nTOP SECRET\n",
        ]
        .concat();
        let settings = settings();
        let document = open(&dump, &settings).expect("it is text");
        assert_eq!(document.faults(), []);
        let text = &texts(document.as_ref())[0].1;
        assert!(text.contains("'plan'") && text.contains("it''s text") && text.ends_with("TOP SECRET\n"), "{text}");
        let expected = [("binary-1.png", picture), ("binary-2.bin", all.repeat(2))];
        assert_eq!(members(document.as_ref()), expected.map(|(name, bytes)| (name.to_owned(), Ok(bytes))));
    }

    #[test]
    fn a_binary_value_that_breaks_off_is_damage() {
        let settings = settings();
        let document =
            open(b"INSERT INTO `f` VALUES (1,_binary '\x89PNG\\r\\n\x01\x02\x03\x04", &settings).expect("text");
        assert_eq!(document.faults().iter().map(|fault| fault.reason).collect::<Vec<_>>(), [FaultReason::Damaged]);
    }

    #[test]
    fn a_program_that_writes_dumps_is_none() {
        let program = [b"\x01\x02\x03\x04_binary '%s'\0\0\x05\x06".as_slice(), &[7; 90]].concat();
        assert_eq!(kind::of_head(&program), None);
    }
}
