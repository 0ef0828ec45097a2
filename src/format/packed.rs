//! Files packed into plain text: base64, by itself, in a `data:` address or in a part of a message.
//!
//! They are not unpacked yet, so a text that holds one was not wholly read. Keys, certificates and hashes are base64 too
//! but hold neither a document nor text, and are no reason to doubt. Other packings (uuencode, yEnc) are not recognised,
//! nor is base64 behind a quote mark on each line.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::finding::{Fault, FaultReason};
use crate::kind;

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

/// The fault of a text in which other files are packed.
pub(super) fn fault(text: &str) -> Option<Fault> {
    let packed = files(text);
    let message = || text.lines().any(is_message_line);
    let detail = match packed {
        0 if message() => "it holds a message with parts that are not read yet".to_owned(),
        // Viewers look for a PDF behind any amount of other bytes, and rebuild one that lost its header.
        0 if text.lines().any(is_pdf_line) => "it holds a PDF, or a part of one, that is not read".to_owned(),
        0 => return None,
        count => format!("{count} files packed as base64 in it are not read yet"),
    };
    Some(Fault::whole(FaultReason::Attachment, detail))
}

/// How many files are packed as base64 in a text.
pub(super) fn files(text: &str) -> usize {
    let (mut count, mut run) = (0, Vec::new());
    let mut end = |run: &mut Vec<&str>| {
        count += usize::from(holds_a_file(run));
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
    count
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

/// Whether the pieces of a run hold a document, a picture, an archive or text.
fn holds_a_file(run: &[&str]) -> bool {
    // Lines of base64 are full; a list of words is not.
    let Some(full) = run.iter().position(|piece| piece.len() >= FULL) else { return false };
    // The first line may be short because a name stood before it; or it is a word before the run and no part of it.
    [0, full].into_iter().any(|start| {
        let rest = &run[start..];
        let last = rest.iter().skip(1).position(|piece| piece.len() < FULL).map_or(rest.len(), |short| short + 2);
        is_a_file(rest[..last].iter().flat_map(|piece| piece.bytes()))
    })
}

/// Whether base64 is long enough and begins like a file.
fn is_a_file(packed: impl Iterator<Item = u8>) -> bool {
    let standard = |byte| match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => other,
    };
    let mut characters: Vec<u8> = packed.take(LOOK).map(standard).collect();
    let mut different = [false; 256];
    characters.iter().for_each(|byte| different[usize::from(*byte)] = true);
    // A rule of dashes or slashes is no base64.
    if characters.len() < RUN || different.into_iter().filter(|seen| *seen).count() < DIFFERENT {
        return false;
    }
    characters.truncate(characters.len() & !3);
    // Bits beyond the end and missing padding are no matter: only the beginning is looked at.
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let bytes = GeneralPurpose::new(&STANDARD, config).decode(&characters);
    bytes.is_ok_and(|bytes| kind::of_head(&bytes).is_some())
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
    fn a_file_packed_into_text_is_a_fault() {
        let text = "此件不得外传，请各部门遵照执行。\n".repeat(10);
        let picture = [b"\x89PNG\r\n\x1a\n".as_slice(), &noise(400)].concat();
        for packed in [
            lines(text.as_bytes()),
            format!("see below\n\n{}", lines(&picture)),
            format!("![a](data:image/png;base64,{})", BASE64_STANDARD.encode(&picture)),
            format!("{{\"image/png\": \"{}\"}}", BASE64_STANDARD.encode(&picture)),
            "notes\n\nContent-Type: text/plain\nContent-Transfer-Encoding: Base64\n\n57ud5a+G\n".to_owned(),
        ] {
            assert_eq!(fault(&packed).map(|fault| fault.reason), Some(FaultReason::Attachment), "{packed}");
        }
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
            assert_eq!(files(&packed), 1, "{packed}");
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
            assert!(fault(&text).is_none(), "{text}");
        }
    }
}
