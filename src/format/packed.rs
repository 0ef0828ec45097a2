//! Files packed into plain text: base64, by itself, in a `data:` address or in a part of a message.
//!
//! They are unpacked and handed out as documents inside the text. Keys, certificates and hashes are base64 too but hold
//! neither a document nor text, and fonts carry nothing. Other packings (uuencode, yEnc) are not recognised, nor is base64
//! behind a quote mark on each line. A PDF in the clear and the parts of a message are found, and are a fault.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::finding::{Fault, FaultReason};
use crate::kind;

/// Base64 with or without padding, and with whatever bits are left at its end.
pub(super) const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Characters of base64 in a row, over line ends and indents, from which on something may be packed: shorter ones are names and keys.
const RUN: usize = 120;

/// Characters of a line of base64 that is not the last one; words are shorter.
const FULL: usize = 60;

/// Different characters that base64 of anything has.
const DIFFERENT: usize = 8;

/// Characters of a run that are unpacked to see what it is.
const LOOK: usize = 4096;

/// Begin of the lines that say how a part of a message is packed.
const MESSAGE_LINES: &[&str] =
    &["content-transfer-encoding: base64", "content-transfer-encoding: quoted-printable", "content-type: multipart/"];

/// A file that was packed into a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Packed {
    /// Made up: texts give no names.
    pub(super) name: String,
    /// What it is.
    pub(super) bytes: Vec<u8>,
}

impl Packed {
    /// The file number `number` of those packed in one way, with the ending of its kind.
    pub(super) fn new(way: &str, number: usize, bytes: Vec<u8>) -> Self {
        let ending = match kind::of_head(bytes.get(..LOOK).unwrap_or(&bytes)) {
            Some("jpeg") => "jpg",
            Some("text") => "txt",
            Some(kind) => kind,
            None => "bin",
        };
        Self { name: format!("{way}-{number}.{ending}"), bytes }
    }
}

/// The fault of a text in which something stands that is not read as what it is.
pub(super) fn fault(text: &str) -> Option<Fault> {
    let detail = match () {
        () if text.lines().any(is_message_line) => "it holds a message with parts that are not read yet",
        // Viewers look for a PDF behind any amount of other bytes, and rebuild one that lost its header.
        () if text.lines().any(is_pdf_line) => "it holds a PDF, or a part of one, that is not read",
        () => return None,
    };
    Some(Fault::whole(FaultReason::Attachment, detail))
}

/// The files that are packed as base64 in a text, in their order. Together they are smaller than the text.
pub(super) fn files(text: &str) -> Vec<Packed> {
    let (mut found, mut run) = (Vec::new(), Vec::new());
    let mut end = |run: &mut Vec<&str>| {
        let mut rest = run.as_slice();
        while let Some((bytes, behind)) = first_file(rest) {
            found.push(Packed::new("base64", found.len() + 1, bytes));
            rest = behind;
        }
        run.clear();
    };
    for line in text.lines() {
        // Lines are folded and indented in many ways, so blanks do not end a run, and an empty line does.
        if line.trim().is_empty() {
            end(&mut run);
        }
        for (index, part) in line.split(|c: char| !is_packed(c) && !c.is_whitespace()).enumerate() {
            if index > 0 {
                end(&mut run);
            }
            run.extend(part.split_whitespace());
        }
    }
    end(&mut run);
    found
}

/// Characters of base64, and of the one for addresses.
fn is_packed(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_')
}

/// Whether a line begins a packed part of a message.
pub(crate) fn is_message_line(line: &str) -> bool {
    let starts = |start: &&str| line.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start));
    MESSAGE_LINES.iter().any(starts)
}

/// Whether a line is one that PDFs are made of, and nothing else has.
fn is_pdf_line(line: &str) -> bool {
    let line = line.trim_end();
    line == "endobj" || line == "endstream" || line.starts_with("%PDF-")
}

/// The document, picture, archive or text with which the pieces of a run begin, and the pieces behind it.
fn first_file<'r, 't>(run: &'r [&'t str]) -> Option<(Vec<u8>, &'r [&'t str])> {
    // Lines of base64 are full; a list of words is not.
    let full = run.iter().position(|piece| piece.len() >= FULL)?;
    // The first line may be short because a name stood before it; or it is a word before the run and no part of it.
    [0, full].into_iter().find_map(|start| {
        let rest = &run[start..];
        let last = rest.iter().skip(1).position(|piece| piece.len() < FULL).map_or(rest.len(), |short| short + 2);
        let (file, behind) = rest.split_at(last.min(rest.len()));
        let characters = || file.iter().flat_map(|piece| piece.bytes());
        is_a_file(characters()).then(|| decode(characters().collect())).flatten().map(|bytes| (bytes, behind))
    })
}

/// Whether base64 is long enough and begins like a file that may say something.
fn is_a_file(packed: impl Iterator<Item = u8>) -> bool {
    let characters: Vec<u8> = packed.take(LOOK).collect();
    let mut different = [false; 256];
    characters.iter().for_each(|byte| different[usize::from(*byte)] = true);
    // A rule of dashes or slashes is no base64.
    if characters.len() < RUN || different.into_iter().filter(|seen| *seen).count() < DIFFERENT {
        return false;
    }
    decode(characters).is_some_and(|bytes| kind::of_head(&bytes).is_some_and(|kind| kind != "font"))
}

/// Decodes base64 of either alphabet. Bits beyond the end and missing padding are no matter, nor is a character too many.
pub(super) fn decode(mut characters: Vec<u8>) -> Option<Vec<u8>> {
    for byte in &mut characters {
        *byte = match *byte {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        };
    }
    while characters.last() == Some(&b'=') {
        characters.pop();
    }
    if characters.len() % 4 == 1 {
        characters.pop();
    }
    LENIENT.decode(characters).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::prelude::BASE64_STANDARD;

    /// Lines of 76 characters.
    fn lines(bytes: &[u8]) -> String {
        let packed = BASE64_STANDARD.encode(bytes);
        packed
            .as_bytes()
            .chunks(76)
            .map(String::from_utf8_lossy)
            .fold(String::new(), |lines, line| lines + &line + "\n")
    }

    /// Bytes that are no kind of file.
    fn noise(count: u32) -> Vec<u8> {
        (0..count).map(|n| (n.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]).collect()
    }

    #[test]
    fn a_pdf_behind_text_is_a_fault_and_talk_of_one_is_not() {
        assert!(fault("notes\nmore notes\n%PDF-1.4\n1 0 obj\n<< >>\nendobj\n").is_some());
        assert!(fault("1 0 obj\n<< >>\nendobj\ntrailer\n").is_some());
        assert!(fault("An object of a PDF ends with endobj; the header is %PDF-1.7.\n").is_none());
    }

    #[test]
    fn a_file_packed_into_text_is_handed_out_whole() {
        let text = "此件不得外传，请各部门遵照执行。\n".repeat(10).into_bytes();
        let picture = [b"\x89PNG\r\n\x1a\n".as_slice(), &noise(400)].concat();
        let cases = [
            (lines(&text), vec![("base64-1.txt", &text)]),
            (format!("see below\n\n{}and above\n", lines(&picture)), vec![("base64-1.png", &picture)]),
            (lines(&picture) + "\n" + &lines(&text), vec![("base64-1.png", &picture), ("base64-2.txt", &text)]),
            (
                format!("![a](data:image/png;base64,{})", BASE64_STANDARD.encode(&picture)),
                vec![("base64-1.png", &picture)],
            ),
            (format!("{{\"image/png\": \"{}\"}}", BASE64_STANDARD.encode(&picture)), vec![("base64-1.png", &picture)]),
        ];
        for (packed, expected) in cases {
            let found: Vec<Packed> = expected
                .iter()
                .map(|(name, bytes)| Packed { name: (*name).to_owned(), bytes: (*bytes).clone() })
                .collect();
            assert_eq!(files(&packed), found, "{packed}");
            assert!(fault(&packed).is_none(), "{packed}");
        }
    }

    #[test]
    fn a_part_of_a_message_is_a_fault() {
        let part = "notes\n\nContent-Type: text/plain\nContent-Transfer-Encoding: Base64\n\n57ud5a+G\n";
        assert_eq!(fault(part).map(|fault| fault.reason), Some(FaultReason::Attachment));
    }

    #[test]
    fn a_packed_file_is_found_however_its_lines_are_folded() {
        let picture = BASE64_STANDARD.encode([b"\x89PNG\r\n\x1a\n".as_slice(), &noise(400)].concat());
        let indented = |begin: &str, by: &str| {
            let (first, rest) = picture.split_at(74 - begin.len().min(50));
            let rest = rest.as_bytes().chunks(74).map(String::from_utf8_lossy);
            rest.fold(format!("{begin}{first}"), |lines, line| lines + by + &line) + "\r\n"
        };
        for packed in [
            indented("BEGIN:VEVENT\r\nATTACH;ENCODING=BASE64;VALUE=BINARY:", "\r\n "),
            indented("PHOTO;ENCODING=b;TYPE=PNG:", "\r\n\t"),
            indented("dn: cn=a\njpegPhoto:: ", "\n "),
            indented("picture: !!binary |\n  ", "\n  "),
            indented("<data>\n      ", "\n      ") + "    </data>",
            indented("see below\n\n", "\r\n"),
            picture.replace('+', "-").replace('/', "_"),
        ] {
            assert_eq!(files(&packed).len(), 1, "{packed}");
        }
    }

    #[test]
    fn keys_and_hashes_and_long_words_are_no_files() {
        let key = format!(
            "-----BEGIN CERTIFICATE-----\n{}-----END CERTIFICATE-----\n",
            lines(&[&[0x30, 0x82, 3, 1], noise(700).as_slice()].concat())
        );
        for text in [
            key,
            "deadbeef".repeat(60),
            "word\n".repeat(400),
            "A".repeat(500),
            "ACGT".repeat(100),
            "/".repeat(200),
            "-".repeat(200),
            "_".repeat(200),
        ] {
            assert!(files(&text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_packed_font_carries_nothing() {
        let font = [b"wOF2\0\x01\0\0".as_slice(), &noise(400)].concat();
        assert!(files(&format!("src: url(data:font/woff2;base64,{})", BASE64_STANDARD.encode(&font))).is_empty());
    }
}
