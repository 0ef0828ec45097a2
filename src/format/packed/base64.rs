//! Files as base64 in a text: by itself and folded at any width, in a `data:` address, or in a part of a message.
//!
//! What begins like a document, picture, archive or text is unpacked; long base64 of bytes as even as those of a cipher is counted.

use ::base64::Engine as _;
use ::base64::alphabet::STANDARD;
use ::base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{EVEN, LOOK, Packed, is_key, is_packed, without_quotes};
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

/// What is packed in a text.
#[derive(Default)]
pub(super) struct Scan {
    /// The files.
    pub(super) files: Vec<Packed>,
    /// How many bytes are packed that are no file and as even as those of a cipher.
    pub(super) even: usize,
    /// Characters that were unpacked to see what they are.
    #[cfg_attr(not(test), allow(dead_code, reason = "a test counts them"))]
    pub(super) looked: usize,
}

/// Looks through a text.
pub(super) fn scan(text: &str) -> Scan {
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
                // A key may stand right above the file, in a line of its width.
                true => full == 1 || (full == 2 || is_new || odd) && !is_odd(piece) && is_folded(&run[at..]),
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
        let kind = self.kind_of(run, width(run));
        // The first line may be a file by itself.
        let is_line = |line: &&str| line.len() >= RUN && run.get(1).is_some_and(|next| next.len() != line.len());
        kind.or_else(|| run.first().filter(|line| is_line(line)).and_then(|_| self.kind_of(&run[..1], 0)))
    }

    /// The same of lines of a width, the first of which may have another.
    fn kind_of(&mut self, run: &[&str], width: usize) -> Option<(&'static str, bool)> {
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
            let may_end = last >= FULL && piece.len() >= FULL && piece.len() != last && !is_odd(piece);
            let next = (may_end && !is_no_part).then(|| self.kind_at(&run[length..])).flatten();
            // A text goes on in lines of any width, unless the last one was short.
            let is_short = length > 1 && last < run[length - 2].len();
            if is_no_part || next.is_some_and(|(next, _)| kind != TEXT || next != TEXT || is_short) {
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

/// Decodes base64 of either alphabet. Bits beyond the end and missing padding are no matter, nor is a character too many.
pub(crate) fn decode(mut characters: Vec<u8>) -> Option<Vec<u8>> {
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
