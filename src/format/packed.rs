//! Files packed into plain text: base64, by itself, in a `data:` address or in a part of a message, and hexadecimal digits ([`hex`]).
//!
//! They are unpacked and handed out as documents inside the text, certificates too. Keys and hashes are base64 too but hold
//! neither a document nor text, and fonts carry nothing. A PDF in the clear, the parts of a message, other packings (`yEnc`, `BinHex`),
//! what is encrypted (`OpenPGP`, `openssl enc`, Ansible, age) and long base64 of bytes as even as those of a cipher are found, and are
//! a fault. Base85 and digits are not recognised.

mod base64;
mod hex;
#[cfg(test)]
mod tests;

pub(crate) use self::base64::{LENIENT, decode};

use crate::finding::{Fault, FaultReason};
use crate::kind;

/// Characters of a run that are unpacked to see what it is.
const LOOK: usize = 4096;

/// Begin of the lines that say how a part of a message is packed.
const MESSAGE_LINES: &[&str] =
    &["content-transfer-encoding: base64", "content-transfer-encoding: quoted-printable", "content-type: multipart/"];

/// Bytes in base64 that are looked at to see whether they are as even as those of a cipher; of fewer nobody can tell.
const EVEN: usize = 1024;

/// Characters of a line in armour that is full, or nearly.
const ARMOURED: usize = 40;

/// Lines of a header in armour.
const HEADERS: usize = 10;

/// Begins of lines behind which something encrypted stands in base64, and by what it was.
const ARMOURS: &[(&str, &str)] =
    &[("-----BEGIN PGP MESSAGE", "OpenPGP"), ("-----BEGIN AGE ENCRYPTED FILE", "age"), ("$ANSIBLE_VAULT;", "Ansible")];

/// What `openssl enc` begins with, in base64: `Salted__`, and the first bits of what follows.
const SALTED: &str = "U2FsdGVkX1";

/// Characters of the shortest text that `openssl enc` makes: 8 bytes of salt, and a block.
const SALTED_LEAST: usize = 43;

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

/// The fault of something in a text that is encrypted, or packed in a way that is not read.
pub(super) fn sealed(text: &str) -> Option<Fault> {
    let holds = |mark: &str| memchr::memmem::find(text.as_bytes(), mark.as_bytes()).is_some();
    if ARMOURS.iter().any(|(mark, _)| holds(mark)) {
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let line = without_quotes(line);
            let Some((_, by)) = ARMOURS.iter().find(|(mark, _)| line.contains(mark) && is_armour(line, mark)) else {
                continue;
            };
            // A text about such things has the first line and not what follows.
            let is_full = |line: &str| {
                let line = without_quotes(line);
                line.len() >= ARMOURED
                    && line.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
            };
            if lines.clone().take(HEADERS).any(is_full) {
                return Some(Fault::whole(FaultReason::Encrypted, format!("an encrypted text ({by}) is in it")));
            }
        }
    }
    let is_salted = |at: usize| {
        let from = &text.as_bytes()[at..];
        let length = from.iter().take_while(|byte| is_packed(char::from(**byte)) || byte.is_ascii_whitespace());
        let length = length.filter(|byte| !byte.is_ascii_whitespace()).take(SALTED_LEAST).count();
        let word_before = text.as_bytes()[..at].last().is_some_and(|byte| is_packed(char::from(*byte)));
        !word_before && length == SALTED_LEAST && matches!(from.get(SALTED.len()), Some(b'8' | b'9' | b'+' | b'/'))
    };
    if memchr::memmem::find_iter(text.as_bytes(), SALTED).any(is_salted) {
        return Some(Fault::whole(FaultReason::Encrypted, "an encrypted text (openssl) is in it"));
    }
    let packing = match () {
        () if holds("=ybegin ") && text.lines().any(|line| line.starts_with("=ybegin ") && line.contains(" name=")) => {
            "yEnc"
        }
        () if holds("(This file must be converted with BinHex")
            && text.lines().any(|line| line.starts_with("(This file must be converted with BinHex")) =>
        {
            "BinHex"
        }
        () => return None,
    };
    Some(Fault::whole(FaultReason::Attachment, format!("a file packed as {packing} is in the text, and not read")))
}

/// Whether a mark of armour begins a line, or the value of a key as configurations have it.
fn is_armour(line: &str, mark: &str) -> bool {
    let before = line.split(mark).next().unwrap_or_default().trim_end();
    before.is_empty() || before.ends_with([':', '=', '"', '\'', '>', '|'])
}

/// A line without signs that quote it, and without blanks around.
fn without_quotes(line: &str) -> &str {
    line.trim_start_matches(['>', '|', '#', ' ', '\t']).trim_end()
}

/// The files that are packed as base64 in a text, in their order. Together they are smaller than the text.
pub(super) fn files(text: &str) -> Vec<Packed> {
    let mut files = base64::scan(text).files;
    add_hex(&mut files, hex::scan(text).files);
    files
}

/// The same, and the fault of long base64 of bytes that look encrypted, for texts that people or programs write to keep.
pub(super) fn files_and_more(text: &str) -> (Vec<Packed>, Option<Fault>) {
    let base64::Scan { mut files, even, .. } = base64::scan(text);
    let hex::Found { files: more, even: digits } = hex::scan(text);
    add_hex(&mut files, more);
    let (even, way) = if even > 0 { (even, "base64") } else { (digits, "hexadecimal digits") };
    let detail = || format!("{even} bytes packed as {way} in the text look encrypted or packed, and are not read");
    (files, (even > 0).then(|| Fault::whole(FaultReason::Encrypted, detail())))
}

/// Adds the files that are packed as hexadecimal digits.
fn add_hex(files: &mut Vec<Packed>, more: Vec<Vec<u8>>) {
    files.extend((1..).zip(more).map(|(number, bytes)| Packed::new("hex", number, bytes)));
}

/// Whether bytes begin like a key, a certificate or a signature: DER, or a key of `OpenPGP`.
fn is_key(bytes: &[u8]) -> bool {
    // The version of a key of OpenPGP is 2 to 6.
    matches!(bytes, [0x30, 0x80..=0x83, ..] | [0x98 | 0xc6, _, 2..=6, ..] | [0x99 | 0xc6, _, _, 2..=6, ..])
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
