//! Files packed into plain text: base64, by itself, in a `data:` address or in a part of a message.
//!
//! They are not unpacked yet, so a text that holds one was not wholly read. Keys, certificates and hashes are base64 too
//! but hold neither a document nor text, and are no reason to doubt. Other packings (uuencode, yEnc) are not recognised.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::finding::{Fault, FaultReason};
use crate::kind;

/// Characters of base64 in a row, over line ends, from which on something may be packed: shorter ones are names and keys.
const RUN: usize = 120;

/// Characters of a run that are unpacked to see what it is.
const LOOK: usize = 4096;

/// Begin of the lines that say how a part of a message is packed.
const MESSAGE_LINES: &[&str] =
    &["content-transfer-encoding: base64", "content-transfer-encoding: quoted-printable", "content-type: multipart/"];

/// The fault of a text in which other files are packed.
pub(super) fn fault(text: &str) -> Option<Fault> {
    let packed = runs(text).filter(|run| holds_a_file(run)).count();
    let message = || text.lines().any(is_message_line);
    let detail = match packed {
        0 if message() => "it holds a message with parts that are not read yet".to_owned(),
        0 => return None,
        count => format!("{count} files packed as base64 in it are not read yet"),
    };
    Some(Fault::whole(FaultReason::Attachment, detail))
}

/// Whether a line begins a packed part of a message.
pub(crate) fn is_message_line(line: &str) -> bool {
    let starts = |start: &&str| line.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start));
    MESSAGE_LINES.iter().any(starts)
}

/// Runs of base64, with their line ends, that are long enough to hold something.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let packed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
    text.split(move |c: char| !packed(c) && c != '\n')
        // Lines of base64 are full; a list of words, one a line, is not.
        .flat_map(|piece| piece.split("\n\n"))
        .filter(|run| run.len() >= RUN && run.lines().map(str::len).max().unwrap_or_default() >= 60)
}

/// Whether a run holds a document, a picture, an archive or text.
fn holds_a_file(run: &str) -> bool {
    // A word may stand on the line before, and then the run begins with it.
    let long = run.lines().position(|line| line.len() >= 60).unwrap_or_default();
    let mut characters: Vec<u8> = run.lines().skip(long).flat_map(str::bytes).take(LOOK).collect();
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
    fn keys_and_hashes_and_long_words_are_no_files() {
        let key = format!(
            "-----BEGIN CERTIFICATE-----\n{}-----END CERTIFICATE-----\n",
            lines(&[&[0x30, 0x82, 3, 1], noise(700).as_slice()].concat())
        );
        for text in [key, "deadbeef".repeat(60), "word\n".repeat(400), "A".repeat(500), "ACGT".repeat(100)] {
            assert!(fault(&text).is_none(), "{text}");
        }
    }
}
