//! Text in bytes: UTF-8 where it is, and what the detector makes of the rest, window by window.
//!
//! A window whose own bytes suffice is detected by itself, so a log that is ASCII for its first hundred megabytes and
//! GB18030 after that is read; a window with few foreign bytes follows the detection over all of them. A line that breaks
//! the window's encoding is detected alone.

use std::ops::Range;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, GBK, ISO_2022_JP, UTF_8, WINDOWS_1252};

use super::{is_control, is_multi_byte, old};

/// Bytes, to the next line end, that are detected together.
const WINDOW: usize = 16 << 10;

/// Bytes beyond ASCII that are enough to tell the encoding of a window by itself.
const ENOUGH: usize = 200;

/// Bytes beyond ASCII in a group of lines that votes on an encoding.
const GROUP: usize = 100;

/// Bytes beyond ASCII, with their lines, that the detector is shown: it is sure long before.
const DETECT_BYTES: usize = 1 << 20;

/// Bytes beyond ASCII in a row that no Western word has; four umlauts are as far as it goes.
const FOREIGN_RUN: usize = 5;

/// Whether bytes are UTF-8 as they stand, and nothing in them shifts to another set.
pub(super) fn is_plain(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok() && memchr::memmem::find(bytes, b"\x1b$").is_none()
}

/// Appends narrow text; returns its encoding and how many characters could not be decoded.
pub(super) fn decode(
    bytes: &[u8],
    declared: Option<&'static Encoding>,
    text: &mut String,
) -> (&'static Encoding, usize) {
    // Shifted by escape sequences, seven bits a byte: it would pass for ASCII.
    if bytes.windows(2).any(|pair| pair == b"\x1b$") {
        let (decoded, errors) = ISO_2022_JP.decode_without_bom_handling(bytes);
        if !errors {
            text.push_str(&decoded);
            return (ISO_2022_JP, 0);
        }
    }
    if let Ok(valid) = std::str::from_utf8(bytes) {
        // A U+FFFD that is written down was lost elsewhere; here nothing is. A shift to an unknown set is.
        text.push_str(valid);
        return (UTF_8, bytes.windows(2).filter(|pair| *pair == b"\x1b$").count());
    }
    if let Some(encoding) =
        declared.filter(|encoding| *encoding != UTF_8 && lines(bytes).all(|line| fits(encoding, line)))
    {
        text.push_str(&encoding.decode_without_bom_handling(bytes).0);
        return (encoding, 0);
    }
    let overall = guess(bytes);
    if let Some(old) = old::decode(bytes, overall) {
        text.push_str(&old);
        return (WINDOWS_1252, 0);
    }
    let (mut most, mut most_bytes, mut damaged) = (UTF_8, 0, 0);
    for window in windows(bytes) {
        let window = &bytes[window];
        let foreign = window.iter().filter(|byte| !byte.is_ascii()).count();
        let encoding = encoding_of(window, foreign, overall);
        damaged += decode_window(window, encoding, overall, text);
        if foreign > most_bytes {
            (most, most_bytes) = (encoding, foreign);
        }
    }
    (most, damaged)
}

/// Whether bytes read as UTF-8 or in the encoding the detector names, without a single fault.
pub(super) fn fits_well(bytes: &[u8]) -> bool {
    if std::str::from_utf8(bytes).is_ok() {
        return true;
    }
    let encoding = guess(bytes);
    // Cut out of the middle, so the first and the last character may be cut.
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    is_multi_byte(encoding) && text.matches(char::REPLACEMENT_CHARACTER).count() <= 4
}

/// Lines with their ends. No legacy encoding has these bytes inside a character.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split_inclusive(|byte| matches!(byte, b'\n' | b'\r'))
}

/// A line that is not UTF-8.
fn is_foreign(line: &&[u8]) -> bool {
    std::str::from_utf8(line).is_err()
}

/// Whole lines of about [`WINDOW`] bytes.
fn windows(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut windows = Vec::new();
    let mut start = 0;
    while start < bytes.len() {
        let full = (start + WINDOW).min(bytes.len());
        let line_end = bytes[full..].iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let end = line_end.map_or(bytes.len(), |line| full + line + 1);
        windows.push(start..end);
        start = end;
    }
    windows
}

/// The encoding of a window: its own if it is sure, else that of the whole.
fn encoding_of(window: &[u8], foreign: usize, overall: &'static Encoding) -> &'static Encoding {
    if foreign == 0 || is_mostly_utf8(window) {
        return UTF_8;
    }
    if foreign < ENOUGH {
        return overall;
    }
    let own = guess(window);
    // Between encodings of one byte a character a window decides nothing that the whole does not decide better.
    if is_multi_byte(own) || is_multi_byte(overall) { own } else { overall }
}

/// Appends a window, line by line; returns how many of its characters could not be decoded.
fn decode_window(window: &[u8], encoding: &'static Encoding, overall: &'static Encoding, text: &mut String) -> usize {
    if encoding == UTF_8
        && let Ok(valid) = std::str::from_utf8(window)
    {
        text.push_str(valid);
        return 0;
    }
    // In mixed windows, lines that are UTF-8 are; the others are detected together.
    let others = if encoding == UTF_8 { guess(window) } else { encoding };
    let mut damaged = 0;
    for line in lines(window) {
        let utf8 = std::str::from_utf8(line);
        if encoding == UTF_8
            && let Ok(valid) = utf8
        {
            text.push_str(valid);
            continue;
        }
        // A line that is UTF-8 but for a few bytes is damaged UTF-8 and not another encoding.
        if utf8.is_err() && is_damaged_utf8(line) {
            damaged += line.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count();
            text.push_str(&String::from_utf8_lossy(line));
            continue;
        }
        let fitting = [others, overall].into_iter().find(|encoding| fits(encoding, line)).or_else(|| {
            let own = detect(std::iter::once(line));
            (is_multi_byte(own) && fits(own, line)).then_some(own)
        });
        let (decoded, _) = fitting.unwrap_or(others).decode_without_bom_handling(line);
        text.push_str(&decoded);
        if fitting.is_none() {
            damaged += broken(&decoded).max(1);
        }
    }
    damaged
}

/// Whether a line is text in an encoding: every byte means something, and no Western word is a row of foreign letters.
fn fits(encoding: &'static Encoding, line: &[u8]) -> bool {
    if line.is_ascii() {
        return true;
    }
    let (decoded, errors) = encoding.decode_without_bom_handling(line);
    !errors
        && broken(&decoded) == 0
        && !line.iter().any(|byte| is_control(*byte))
        && (encoding != WINDOWS_1252 || longest_foreign_run(line) < FOREIGN_RUN)
}

/// Characters that stand for bytes without a meaning: replacements, and controls and private characters of ranges that
/// only a wrong encoding leads to.
fn broken(text: &str) -> usize {
    text.chars()
        .filter(|c| matches!(*c, char::REPLACEMENT_CHARACTER | '\u{80}'..='\u{9f}' | '\u{e000}'..='\u{efff}'))
        .count()
}

fn longest_foreign_run(line: &[u8]) -> usize {
    line.split(u8::is_ascii).map(<[u8]>::len).max().unwrap_or_default()
}

/// The encoding of the lines that are not UTF-8.
///
/// A single stray byte rules an encoding out for the detector, so what it takes for one byte a character is asked about
/// again in small groups of lines: a quarter of them in an encoding of several bytes is no accident.
fn guess(bytes: &[u8]) -> &'static Encoding {
    let foreign = || lines(bytes).filter(is_foreign);
    let encoding = detect(foreign());
    if is_multi_byte(encoding) {
        return encoding;
    }
    let mut votes: Vec<(&'static Encoding, usize)> = Vec::new();
    let (mut group, mut size, mut asked) = (Vec::new(), 0, 0);
    let mut lines = foreign().peekable();
    while let Some(line) = lines.next().filter(|_| asked < DETECT_BYTES) {
        group.push(line);
        size += line.iter().filter(|byte| !byte.is_ascii()).count();
        if size >= GROUP || lines.peek().is_none() {
            let vote = detect(group.drain(..));
            match votes.iter_mut().find(|(encoding, _)| *encoding == vote) {
                Some((_, weight)) => *weight += size,
                None => votes.push((vote, size)),
            }
            asked += size;
            size = 0;
        }
    }
    let best = votes.into_iter().filter(|(encoding, _)| is_multi_byte(encoding)).max_by_key(|(_, weight)| *weight);
    best.filter(|(_, weight)| *weight * 4 >= asked).map_or(encoding, |(encoding, _)| encoding)
}

/// The detector's guess; GBK is read as its superset GB18030.
fn detect<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut room = DETECT_BYTES;
    for piece in pieces {
        // A piece that is longer is shown from its first byte beyond ASCII on.
        let piece = match piece.len() > room {
            true => &piece[piece.iter().position(|byte| !byte.is_ascii()).unwrap_or_default()..],
            false => piece,
        };
        detector.feed(&piece[..piece.len().min(room)], false);
        room = room.saturating_sub(piece.len());
        if room == 0 {
            break;
        }
    }
    let encoding = detector.guess(None, Utf8Detection::Deny);
    if encoding == GBK { GB18030 } else { encoding }
}

/// Whether the lines beyond ASCII are UTF-8 in good part, so that the rest is damage or another encoding.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let beyond = lines(bytes).filter(|line| !line.is_ascii());
    let (valid, all) = beyond.fold((0_usize, 0_usize), |(valid, all), line| {
        (valid + usize::from(std::str::from_utf8(line).is_ok()), all + 1)
    });
    if all > 1 { valid * 10 >= all * 3 } else { is_damaged_utf8(bytes) }
}

/// UTF-8 whose invalid pieces are few beside the characters that are valid.
fn is_damaged_utf8(line: &[u8]) -> bool {
    let (good, bad) = line.utf8_chunks().fold((0, 0), |(good, bad), chunk| {
        (good + chunk.valid().chars().filter(|c| !c.is_ascii()).count(), bad + usize::from(!chunk.invalid().is_empty()))
    });
    good >= 4 * bad
}
