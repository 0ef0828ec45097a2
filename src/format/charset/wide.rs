//! Text in units of two and four bytes: where it begins, where it ends, and what it says.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

/// Bytes of which the encoding is told.
const SAMPLE: usize = 4096;

/// Bytes of printable ASCII without a NUL in a row that no wide text has: as pairs they would be sixteen Han characters
/// all out of one small corner.
const NARROW_RUN: usize = 32;

/// The encoding of wide text that begins here, with or without a byte order mark.
pub(super) fn starts(bytes: &[u8]) -> Option<&'static Encoding> {
    marked(bytes).or_else(|| without_bom(bytes))
}

/// The encoding a byte order mark names.
pub(super) fn marked(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [0xff, 0xfe, ..] => Some(UTF_16LE),
        [0xfe, 0xff, ..] => Some(UTF_16BE),
        _ => None,
    }
}

/// UTF-16 without a byte order mark: NULs on one side of the pairs only, or pairs that are nearly all Han, kana, Hangul
/// and their punctuation.
pub(crate) fn without_bom(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(SAMPLE) & !1];
    let pairs = sample.len() / 2;
    if pairs < 2 || is_utf8(sample) || narrow_run(sample).is_some() {
        return None;
    }
    let nul = |side: usize| sample.chunks_exact(2).filter(|pair| pair[side] == 0).count();
    let (even, odd) = (nul(0), nul(1));
    let fits = |encoding: &'static Encoding| {
        let (text, errors) = encoding.decode_without_bom_handling(sample);
        let controls = text.chars().filter(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}')).count();
        let known = text.chars().filter(|c| is_common(*c)).count();
        (!errors || text.matches(char::REPLACEMENT_CHARACTER).count() <= 1)
            && controls * 50 <= pairs
            && known * 10 >= pairs * 9
    };
    if odd * 10 >= pairs * 3 && even * 50 <= pairs && fits(UTF_16LE) {
        return Some(UTF_16LE);
    }
    if even * 10 >= pairs * 3 && odd * 50 <= pairs && fits(UTF_16BE) {
        return Some(UTF_16BE);
    }
    // Without NULs to tell the sides apart, a handful of pairs proves nothing.
    if pairs < 8 {
        return None;
    }
    [UTF_16LE, UTF_16BE].into_iter().find(|encoding| fits(encoding) && has_punctuation(encoding, sample))
}

/// UTF-8 without NULs, but for a character that the sample cuts in two.
fn is_utf8(sample: &[u8]) -> bool {
    let whole = std::str::from_utf8(sample).map_or_else(|error| error.error_len().is_none(), |_| true);
    whole && !sample.contains(&0)
}

/// Characters that text in UTF-16 without a mark is made of.
fn is_common(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{a0}'..='\u{24f}' | '\u{2010}'..='\u{203b}' | '\u{2500}'..='\u{26ff}'
        | '\u{3000}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{ff00}'..='\u{ffef}')
}

/// Blanks, line ends or ideographic punctuation at the rate of ordinary text: legacy bytes read as pairs have none.
fn has_punctuation(encoding: &'static Encoding, sample: &[u8]) -> bool {
    let (text, _) = encoding.decode_without_bom_handling(sample);
    let marks = text.chars().filter(|c| matches!(c, '\n' | ' ' | '\u{3001}' | '\u{3002}' | '\u{ff0c}' | '\u{ff1a}'));
    marks.count() * 60 >= text.chars().count()
}

/// Where wide text begins inside narrow bytes: at a byte order mark, or at a line with a NUL that reads as UTF-16.
pub(super) fn find(bytes: &[u8]) -> Option<usize> {
    let (mut at, mut line) = (1, 0);
    // A test costs a sample, so one that failed is not repeated for a quarter of that.
    let (mut next_mark, mut next_line) = (0, 0);
    while at < bytes.len() {
        match bytes[at] {
            // Neither byte occurs in UTF-8 or in any legacy encoding of East Asia.
            0xfe | 0xff if at >= next_mark => {
                if let Some(encoding) = marked(&bytes[at..]) {
                    if mostly_sound(&bytes[at..], encoding) {
                        return Some(at);
                    }
                    next_mark = at + SAMPLE / 4;
                }
            }
            0 if at >= next_line => {
                let padding = bytes[at..].iter().take_while(|byte| **byte == 0).count();
                if padding > 3 {
                    at += padding;
                    line = at;
                    continue;
                }
                // At the start of the content this was tried before.
                if line > 0 && without_bom(&bytes[line..]).is_some() {
                    return Some(line);
                }
                next_line = at + SAMPLE / 4;
            }
            // A line end with a NUL behind it is itself wide.
            b'\n' if bytes.get(at + 1) != Some(&0) => line = at + 1,
            _ => {}
        }
        at += 1;
    }
    None
}

/// Whether what begins with a byte order mark reads like text.
fn mostly_sound(bytes: &[u8], encoding: &'static Encoding) -> bool {
    let sample = &bytes[..bytes.len().min(SAMPLE) & !1];
    sample.len() > 2 && strange(sample, encoding) * 20 <= sample.len() / 2
}

/// Pairs that are no characters of text in this encoding.
fn strange(sample: &[u8], encoding: &'static Encoding) -> usize {
    let (text, errors) = encoding.decode_without_bom_handling(sample);
    text.chars().filter(|c| is_strange(*c) || (errors && *c == char::REPLACEMENT_CHARACTER)).count()
}

/// Control characters, and private ones, which is what other encodings look like in pairs. Symbol fonts have theirs in
/// one row of 256, which text copied out of a word processor is full of.
fn is_strange(c: char) -> bool {
    match c {
        '\u{0}'..='\u{7f}' => u8::try_from(c).is_ok_and(super::is_control),
        '\u{f000}'..='\u{f0ff}' => false,
        '\u{e000}'..='\u{f8ff}' | '\u{fffe}' | '\u{ffff}' => true,
        c => c.is_control(),
    }
}

/// Bytes of the wide text that begins here: up to narrow text, or to wide text in the other byte order.
pub(super) fn length(bytes: &[u8], encoding: &'static Encoding) -> usize {
    let other_mark: [u8; 2] = if encoding == UTF_16LE { [0xfe, 0xff] } else { [0xff, 0xfe] };
    for (index, block) in bytes.chunks(SAMPLE).enumerate() {
        let start = index * SAMPLE;
        let turned = block.chunks_exact(2).position(|pair| pair == other_mark).map(|pair| start + 2 * pair);
        // Over the border of the block, so that a run is not cut in two.
        let reach = &bytes[start..bytes.len().min(start + SAMPLE + NARROW_RUN)];
        let ascii = narrow_run(reach).map(|at| start + at);
        if let Some(end) = turned.into_iter().chain(ascii).filter(|at| *at > 0).min() {
            return end;
        }
        if let Some(end) = foreign_line(block, encoding).map(|at| start + at).filter(|at| *at > 0) {
            return end;
        }
    }
    bytes.len()
}

/// The start of the first line with characters that are none, if it reads well in another encoding.
fn foreign_line(block: &[u8], encoding: &'static Encoding) -> Option<usize> {
    let pairs = block.chunks_exact(2).map(|pair| match encoding == UTF_16LE {
        true => u16::from_le_bytes([pair[0], pair[1]]),
        false => u16::from_be_bytes([pair[0], pair[1]]),
    });
    let (mut at, mut line) = (0, 0);
    for unit in char::decode_utf16(pairs) {
        if unit.as_ref().map_or(true, |c| is_strange(*c)) {
            return super::narrow::fits_well(&block[line..]).then_some(line);
        }
        at += unit.as_ref().map_or(1, |c| c.len_utf16()) * 2;
        if unit == Ok('\n') {
            line = at;
        }
    }
    None
}

/// The first long run of printable ASCII, or of Han characters in UTF-8, whose first bytes would be private characters.
fn narrow_run(bytes: &[u8]) -> Option<usize> {
    let mut run = 0;
    for (at, byte) in bytes.iter().enumerate() {
        run = if matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r') { run + 1 } else { 0 };
        if run == NARROW_RUN {
            return Some(at + 1 - NARROW_RUN);
        }
        let han = |three: &[u8]| matches!(three, [0xe3..=0xe9, 0x80..=0xbf, 0x80..=0xbf]);
        if *byte >= 0xe3 && bytes.get(at..at + 12).is_some_and(|row| row.chunks_exact(3).all(han)) {
            return Some(at);
        }
    }
    None
}

/// Appends a wide stretch; returns how many of its characters are broken.
pub(super) fn decode(bytes: &[u8], encoding: &'static Encoding, text: &mut String) -> usize {
    let mark = if marked(bytes) == Some(encoding) { 2 } else { 0 };
    text.push_str(&encoding.decode_without_bom_handling(&bytes[mark..]).0);
    strange(&bytes[mark..], encoding)
}

/// UTF-32 by its byte order mark, and how many code points are broken.
pub(super) fn utf32(bytes: &[u8]) -> Option<(String, usize)> {
    let little = bytes.starts_with(&[0xff, 0xfe, 0, 0]);
    if !little && !bytes.starts_with(&[0, 0, 0xfe, 0xff]) {
        return None;
    }
    let number = |quad: &[u8]| {
        let quad = [quad[0], quad[1], quad[2], quad[3]];
        if little { u32::from_le_bytes(quad) } else { u32::from_be_bytes(quad) }
    };
    let points = bytes[4..].chunks_exact(4);
    let mut damaged = usize::from(!points.remainder().is_empty());
    let mut text = String::new();
    for quad in points {
        let point = char::from_u32(number(quad));
        damaged += usize::from(point.is_none());
        text.push(point.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    Some((text, damaged))
}
