//! Files packed into plain text: base64, by itself, in a `data:` address or in a part of a message, and hexadecimal digits ([`hex`]).
//!
//! They are unpacked and handed out as documents inside the text, certificates too. Keys and hashes are base64 too but hold
//! neither a document nor text, and fonts carry nothing. A PDF in the clear, the parts of a message, other packings (`yEnc`, `BinHex`),
//! what is encrypted (`OpenPGP`, `openssl enc`, Ansible, age) and long base64 of bytes as even as those of a cipher are found, and are
//! a fault. Base85 and digits are not recognised.

mod hex;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::finding::{Fault, FaultReason};
use crate::kind;

/// Base64 with or without padding, and with whatever bits are left at its end.
pub(crate) const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Characters of base64 in a row, over line ends and indents, from which on something may be packed: shorter ones are names and keys.
const RUN: usize = 120;

/// Characters of a line of base64 that is not the last one, however it is folded (at 48, 57, 60, 64, 72, 76 or not at all); words
/// are shorter.
const FULL: usize = 48;

/// Words in a row that are kept of a run: the first ones, and the last.
const WORDS: usize = 3;

/// Different characters that base64 of anything has.
const DIFFERENT: usize = 8;

/// The kind of text.
const TEXT: &str = "text";

/// The same character so many times is a rule.
const RULE: usize = 8;

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
    let mut files = scan(text).files;
    add_hex(&mut files, hex::scan(text).files);
    files
}

/// The same, and the fault of long base64 of bytes that look encrypted, for texts that people or programs write to keep.
pub(super) fn files_and_more(text: &str) -> (Vec<Packed>, Option<Fault>) {
    let Scan { mut files, even, .. } = scan(text);
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

/// What is packed in a text.
#[derive(Default)]
struct Scan {
    /// The files.
    files: Vec<Packed>,
    /// How many bytes are packed that are no file and as even as those of a cipher.
    even: usize,
    /// Characters that were unpacked to see what they are.
    #[cfg_attr(not(test), allow(dead_code, reason = "a test counts them"))]
    looked: usize,
}

/// Looks through a text.
fn scan(text: &str) -> Scan {
    let (mut scan, mut run) = (Scan::default(), Vec::new());
    // Keys and signatures are no documents.
    let mut armoured = false;
    let mut end = |run: &mut Vec<&str>, armoured: bool| {
        let rest = scan.files_in(run);
        if !armoured {
            scan.even = scan.even.saturating_add(even_bytes(rest));
        }
        run.clear();
    };
    for line in text.lines() {
        let line = line.trim_start();
        let line = if line.starts_with(['>', '|', '#']) { without_quotes(line) } else { line };
        // Lines are folded and indented in many ways, so blanks do not end a run, and an empty line does.
        if line.trim().is_empty() {
            end(&mut run, armoured);
        }
        if line.starts_with("-----") {
            end(&mut run, armoured);
            armoured = line.starts_with("-----BEGIN ");
        }
        for (index, part) in line.split(|c: char| !is_packed(c) && !c.is_whitespace()).enumerate() {
            if index > 0 {
                end(&mut run, armoured);
            }
            for piece in part.split_whitespace() {
                // A rule is no first line. Further on it may be one: of a file with many zeros in it.
                if is_rule(piece) && (piece.starts_with('-') || run.iter().all(|piece: &&str| piece.len() < FULL)) {
                    end(&mut run, armoured);
                    continue;
                }
                // Of many words in a row the first and the last tell everything, and a text may have nothing else: one ends a
                // file, and one is the first line of the next behind its name.
                let words = run.iter().rev().take(WORDS).take_while(|piece| piece.len() < FULL).count();
                match run.last_mut().filter(|_| words == WORDS && piece.len() < FULL) {
                    Some(last) => *last = piece,
                    None => run.push(piece),
                }
            }
        }
    }
    end(&mut run, armoured);
    scan
}

impl Scan {
    /// Takes the files out of a run of pieces, and returns what stands behind the last of them.
    ///
    /// Each piece is looked at a few times at most: what may begin a file is the first full piece, and then those with which the width
    /// of lines changes. Of these no more is looked at than there are lines of that width, or a file has at least.
    fn files_in<'r, 't>(&mut self, run: &'r [&'t str]) -> &'r [&'t str] {
        if run.iter().all(|piece| piece.len() < FULL) {
            return run;
        }
        let (mut behind, mut full, mut at) = (0, 0, 0);
        // Whether all lines of the width so far are hashes, and the like.
        let mut odd = false;
        while let Some(piece) = run.get(at) {
            let is_full = piece.len() >= FULL;
            full += usize::from(is_full);
            let before = at.checked_sub(1).filter(|before| *before >= behind).map(|before| run[before]);
            let is_new = before.is_none_or(|before| before.len() != piece.len());
            let may_begin = match is_full {
                true => full == 1 || (is_new || odd) && !is_odd(piece) && is_folded(&run[at..]),
                // The first line may be short because a name stood before it; or it is a word before the run and no part of it.
                false => at == behind || full == 0 || is_folded(&run[at + 1..]),
            };
            let is_doubtful = !is_full || is_odd(piece);
            odd = is_full && (is_new || odd) && is_doubtful;
            let kind = may_begin.then(|| self.kind_at(&run[at..])).flatten();
            // A word before a text makes no other text, but bytes that may be characters somewhere.
            let is_word = |scan: &mut Self| {
                let is_text = |kind| kind == Some((TEXT, true));
                is_doubtful && kind == Some((TEXT, false)) && is_text(scan.kind_at(&run[at + 1..]))
            };
            if let Some((kind, _)) = kind.filter(|_| !is_word(self)) {
                let length = self.length(&run[at..], kind);
                if let Some(bytes) = decode(run[at..at + length].iter().flat_map(|piece| piece.bytes()).collect()) {
                    self.files.push(Packed::new("base64", self.files.len() + 1, bytes));
                    (at, behind, full, odd) = (at + length, at + length, 0, false);
                    continue;
                }
            }
            at += 1;
        }
        &run[behind..]
    }

    /// What kind of document, picture, archive or text begins with a piece of a run: one that may say something. And whether it is
    /// written in UTF-8.
    fn kind_at(&mut self, run: &[&str]) -> Option<(&'static str, bool)> {
        let width = width(run);
        let mut characters: Vec<u8> = Vec::new();
        for (index, piece) in run.iter().enumerate() {
            let ended = index > 0 && run[index - 1].len() < FULL && (index > 1 || piece.len() < FULL);
            // Lines of another width may be those of something else.
            let is_enough = index > 0 && characters.len() >= RUN && (piece.len() != width || is_rule(piece));
            if ended || is_enough || characters.len() >= LOOK {
                break;
            }
            characters.extend(piece.bytes().take(LOOK - characters.len()));
        }
        self.looked += characters.len();
        let mut different = [false; 256];
        characters.iter().for_each(|byte| different[usize::from(*byte)] = true);
        // A rule of dashes or slashes is no base64.
        if characters.len() < RUN || different.into_iter().filter(|seen| *seen).count() < DIFFERENT {
            return None;
        }
        let bytes = decode(characters)?;
        let kind = kind::of_head(&bytes).filter(|kind| *kind != "font")?;
        // A character may be cut at the end.
        Some((kind, std::str::from_utf8(&bytes).map_or_else(|error| error.error_len().is_none(), |_| true)))
    }

    /// Pieces of a run of which the file is made that begins with the first of them.
    fn length(&mut self, run: &[&str], kind: &str) -> usize {
        let width = width(run);
        let mut length = 1;
        while let Some(piece) = run.get(length) {
            let last = run[length - 1].len();
            // No text has so many zeros, or bytes that are all ones, and they are no matter to other files.
            let is_no_part = is_rule(piece) && (kind == TEXT || piece.len() != width && piece.starts_with('_'));
            // A text goes on in lines of any width, unless the last one was short.
            let may_end = last >= FULL
                && piece.len() >= FULL
                && piece.len() != last
                && !is_odd(piece)
                && (kind != TEXT || length > 1 && last < run[length - 2].len());
            if is_no_part || may_end && self.kind_at(&run[length..]).is_some() {
                break;
            }
            length += 1;
            let is_behind = |next: &&str| next.len() < FULL || is_rule(next);
            let is_last = piece.len() < width && run.get(length).is_none_or(is_behind);
            if piece.len() < FULL || is_last {
                break;
            }
        }
        length
    }
}

/// The width of the lines that begin with the first of a run, which may be shorter or longer than the others.
fn width(run: &[&str]) -> usize {
    let of = |index: usize| run.get(index).map_or(0, |piece| piece.len());
    if run.get(1).is_some_and(|piece| piece.len() >= FULL && !is_rule(piece)) { of(1) } else { of(0) }
}

/// Whether the first piece of a run looks like the first line of a file: others of its width follow, or it is long by itself.
fn is_folded(run: &[&str]) -> bool {
    let of = |index: usize| run.get(index).map_or(0, |piece| piece.len());
    let has = |is: fn(&u8) -> bool| run.first().is_some_and(|piece| piece.as_bytes().iter().any(is));
    // Names of folders have small letters alone, or few others.
    let is_mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    of(0) >= FULL && is_mixed && (of(0) >= RUN || of(1) == of(0) || of(1) < of(0) && of(0) + of(1) >= RUN)
}

/// Whether a piece is a rule: the same character many times.
fn is_rule(piece: &str) -> bool {
    let bytes = piece.as_bytes();
    bytes.len() >= RULE && bytes.iter().all(|byte| *byte == bytes[0])
}

/// Whether a piece is no line with which a file begins: a hash, or a rule of few characters.
fn is_odd(piece: &str) -> bool {
    let mut different = [false; 256];
    piece.bytes().for_each(|byte| different[usize::from(byte)] = true);
    let is_hash = piece.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash || different.into_iter().filter(|seen| *seen).count() < DIFFERENT
}

/// How many bytes a run is packed from, if they are as even as those of a cipher and no key.
fn even_bytes(run: &[&str]) -> usize {
    let full = |piece: &&&str| piece.len() >= FULL;
    // Most runs are words.
    let Some(start) = run.iter().position(|piece| piece.len() >= FULL) else { return 0 };
    let pieces = run[start..].iter().take_while(full).count() + 1;
    let characters: Vec<u8> = run[start..].iter().take(pieces).flat_map(|piece| piece.bytes()).collect();
    if characters.len() / 4 * 3 < EVEN {
        return 0;
    }
    let look = characters.iter().copied().take(kind::HEAD_BYTES / 3 * 4).collect();
    let is_even =
        decode(look).is_some_and(|bytes| kind::is_even(&bytes) && !is_key(&bytes) && kind::of_head(&bytes).is_none());
    if is_even { characters.len() / 4 * 3 } else { 0 }
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
    fn files_between_any_number_of_words_are_found() {
        let text = "此件不得外传，请各部门遵照执行。\n".repeat(10).into_bytes();
        for words in 0..6 {
            let words = "some words ".repeat(words);
            let packed = format!("{words}\n{}{words}\n{}{words}", lines(&text), lines(&text));
            assert_eq!(files(&packed).len(), 2, "{packed}");
        }
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

    /// Bytes as even as those of a cipher.
    fn even(count: u32) -> Vec<u8> {
        (0..count / 32).flat_map(|n| *blake3::hash(&n.to_le_bytes()).as_bytes()).collect()
    }

    #[test]
    fn what_is_encrypted_inside_a_text_is_a_fault() {
        let packed = lines(&even(320));
        let salted = BASE64_STANDARD.encode([b"Salted__".as_slice(), &even(64)].concat());
        let hex = "62313365396662343061393464336163383838316666663261".repeat(2);
        for text in [
            format!("see below\n-----BEGIN PGP MESSAGE-----\nVersion: 1\n\n{packed}-----END PGP MESSAGE-----\n"),
            format!("> -----BEGIN PGP MESSAGE-----\n>\n> {}", packed.replace('\n', "\n> ")),
            format!("{{\"a\": \"-----BEGIN PGP MESSAGE-----\n\n{packed}\""),
            format!("-----BEGIN AGE ENCRYPTED FILE-----\n{packed}"),
            format!("password: {salted}\n"),
            format!("{}\n{}\n", &salted[..40], &salted[40..]),
            format!("$ANSIBLE_VAULT;1.1;AES256\n{hex}\n"),
            format!("key: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  {hex}\n"),
        ] {
            assert_eq!(sealed(&text).map(|fault| fault.reason), Some(FaultReason::Encrypted), "{text}");
        }
        for text in [
            "The line -----BEGIN PGP MESSAGE----- stands before it.\nand more\n",
            "-----BEGIN PGP MESSAGE-----\nand so on\n",
            "if text.startswith('U2FsdGVkX1'):\n    return\n",
            "Files begin with $ANSIBLE_VAULT;1.1;AES256, then lines of digits.\n",
        ] {
            assert!(sealed(text).is_none(), "{text}");
        }
        let reason = |text: &str| sealed(text).map(|fault| fault.reason);
        assert_eq!(reason("=ybegin line=128 size=9 name=a\n"), Some(FaultReason::Attachment));
        assert_eq!(reason("(This file must be converted with BinHex 4.0)\n:abc\n"), Some(FaultReason::Attachment));
    }

    #[test]
    fn long_base64_of_even_bytes_is_a_fault_and_keys_are_none() {
        let even = even(4096);
        let fault = |text: &str| files_and_more(text).1.map(|fault| fault.reason);
        assert_eq!(fault(&lines(&even)), Some(FaultReason::Encrypted));
        assert_eq!(
            fault(&format!("<diagram>{}</diagram>", BASE64_STANDARD.encode(&even))),
            Some(FaultReason::Encrypted)
        );
        for text in [
            format!("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{}-----END PGP PUBLIC KEY BLOCK-----\n", lines(&even)),
            lines(&[&[0x30, 0x82, 9, 1], even.as_slice()].concat()),
            lines(&even[..512]),
            lines(&(0_u32..2000).flat_map(u32::to_le_bytes).collect::<Vec<u8>>()),
            lines(&(0_u16..2000).flat_map(|n| (f64::from(n) / 7.0).to_le_bytes()).collect::<Vec<u8>>()),
        ] {
            assert_eq!(fault(&text), None, "{text}");
        }
    }

    #[test]
    fn a_file_behind_quote_marks_is_handed_out() {
        let quoted =
            format!("> {}", lines("此件不得外传，请各部门遵照执行。".repeat(10).as_bytes()).replace('\n', "\n> "));
        assert_eq!(files(&quoted).len(), 1, "{quoted}");
    }

    /// Lines of a width.
    fn folded(bytes: &[u8], width: usize) -> String {
        let packed = BASE64_STANDARD.encode(bytes);
        let lines: Vec<_> = packed.as_bytes().chunks(width).map(String::from_utf8_lossy).collect();
        lines.join("\n") + "\n"
    }

    #[test]
    fn a_file_is_found_in_lines_of_any_usual_width_whatever_stands_above_and_below() {
        let text = ("机密★10年\n此件不得外传，请各部门遵照执行。\n".repeat(12) + "年").into_bytes();
        let picture = [b"\x89PNG\r\n\x1a\n".as_slice(), &noise(1001)].concat();
        let mut above: Vec<String> =
            ["", "see below\n", "as agreed the picture of the plan is here\n", "photo png data "]
                .map(str::to_owned)
                .to_vec();
        for rule in ["-", "_", "/", "A", "_-", "-/"] {
            above.extend([rule.repeat(70) + "\n", format!("attached\n{}\n", rule.repeat(76)), rule.repeat(20) + "\n"]);
        }
        let hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        above.extend([
            format!("{hash}\n"),
            format!("sum {hash} of the file\n"),
            format!("{hash}\n{}\n", "_".repeat(70)),
        ]);
        let below = ["", "\n", "and so on\n", "____________\n"].map(str::to_owned).into_iter();
        let below: Vec<String> =
            below.chain(["-", "_", "/", "A"].map(|rule| rule.repeat(70) + "\nand so on\n")).collect();
        for bytes in [&text, &picture] {
            for width in [48, 57, 60, 64, 72, 76, 100_000] {
                for above in &above {
                    for below in &below {
                        let whole = format!("{above}{}{below}", folded(bytes, width));
                        let found = files(&whole);
                        assert_eq!(found.len(), 1, "{width}: {whole}");
                        // A word before it may be three characters.
                        let at = memchr::memmem::find(&found[0].bytes, bytes).expect("all of it");
                        assert!(at == 0 || at == 3 && bytes == &text, "{width}: {whole}");
                        // A word or a rule behind a file that is one line is taken for its last one.
                        let rest = found[0].bytes.len() - at - bytes.len();
                        assert!(rest == 0 || width > 76 && rest <= 70, "{rest} at {width}: {whole}");
                    }
                }
            }
        }
    }

    #[test]
    fn files_that_follow_each_other_are_told_apart_and_a_file_keeps_its_zeros() {
        let text = "此件不得外传，请各部门遵照执行。\n".repeat(10).into_bytes();
        let picture = [b"\x89PNG\r\n\x1a\n".as_slice(), &noise(400), &[0; 300], &noise(401), &[0xff; 301]].concat();
        for width in [48, 57, 64, 76, 100_000] {
            for between in ["", "-----\n", "________________________________________________________________________\n"]
            {
                let (one, other) = (folded(&picture, width).replace('=', ""), folded(&text, width));
                let found: Vec<Vec<u8>> =
                    files(&format!("{one}{between}{other}")).into_iter().map(|file| file.bytes).collect();
                assert_eq!(found, [picture.clone(), text.clone()], "{width} {between}");
            }
        }
    }

    #[test]
    fn no_text_is_looked_at_more_than_a_few_times() {
        let letters = |count: usize| -> String {
            let letters = BASE64_STANDARD.encode(noise(u32::try_from(count).expect("short")));
            letters.trim_end_matches('=').to_owned()
        };
        let all = letters(300_000);
        // Lines of a width, of ever new widths, of two widths in turn, in pairs, between words and between rules.
        let cut = |widths: &dyn Fn(usize) -> usize, between: &str| {
            let (mut rest, mut text, mut index) = (all.as_str(), String::new(), 0);
            while !rest.is_empty() {
                let (line, behind) = rest.split_at(widths(index).min(rest.len()));
                text.extend([line, between]);
                (rest, index) = (behind, index + 1);
            }
            text
        };
        let texts = [
            all.clone(),
            cut(&|_| 76, "\n"),
            cut(&|_| 48, "\n"),
            cut(&|index| 48 + index % 50, "\n"),
            cut(&|index| 130 - index % 2, "\n"),
            cut(&|index| 48 + index / 2 % 2, "\n"),
            cut(&|index| 48 + index / 3 % 2, "\n"),
            cut(&|index| 60 + index / 3 % 2, " word "),
            cut(&|index| 48 + index % 3, " word two "),
            cut(&|_| 76, &format!("\n{}\n", "A".repeat(76))),
            cut(&|_| 76, &format!("\n{}\n", "0123456789abcdef".repeat(4))),
            cut(&|_| 76, ". "),
        ];
        for text in texts {
            let looked = scan(&text).looked;
            assert!(looked <= 4 * text.len(), "{looked} of {}: {}", text.len(), &text[..200]);
        }
    }

    #[test]
    fn a_packed_font_carries_nothing() {
        let font = [b"wOF2\0\x01\0\0".as_slice(), &noise(400)].concat();
        assert!(files(&format!("src: url(data:font/woff2;base64,{})", BASE64_STANDARD.encode(&font))).is_empty());
    }
}
