//! CCITT fax coding as TIFF uses it: Group 3 in one and two dimensions, modified Huffman without line marks, Group 4.
//!
//! Telephone lines lose bits, so a line that cannot be decoded is white and counted, and decoding goes on at the next
//! line mark. Widths and heights come from the frame's header, which was checked against the limit of pixels.

use std::convert::Infallible;

use fax::maps::{Mode, black, mode, white};
use fax::{BitReader, ByteReader, Color};

/// How a strip is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// Compression 2: lines begin at whole bytes, without marks.
    Huffman,
    /// Compression 3: lines end with marks; with the flag, a bit after each mark says how the next line is coded.
    Group3 {
        /// Two-dimensional lines may occur.
        mixed: bool,
    },
    /// Compression 4.
    Group4,
}

/// Decodes a strip into rows of one byte a pixel, 255 where there is ink. Also returns how many rows are lost.
pub(super) fn decode(strip: &[u8], width: u32, rows: u32, coding: Coding, lowest_bit_first: bool) -> (Vec<u8>, u32) {
    let order = move |byte: &u8| Ok::<u8, Infallible>(if lowest_bit_first { byte.reverse_bits() } else { *byte });
    // Codes are looked up by more bits than they have, so the last one needs zeros behind it.
    let bytes = strip.iter().map(order).chain([Ok(0); 4]);
    let Ok(mut reader) = ByteReader::new(bytes);
    let mut pixels = Vec::with_capacity(width as usize * rows as usize);
    let (mut reference, mut lost) = (Vec::new(), 0);
    for _ in 0..rows {
        let line = match coding {
            Coding::Huffman => {
                let line = line_1d(&mut reader, width);
                let Ok(()) = reader.consume(reader.bits_to_byte_boundary());
                line
            }
            Coding::Group4 => line_2d(&mut reader, &reference, width),
            Coding::Group3 { mixed } => {
                let marks = skip_marks(&mut reader, mixed);
                if marks.count > 1 && !pixels.is_empty() {
                    break;
                }
                let line = if marks.two_dimensions {
                    line_2d(&mut reader, &reference, width)
                } else {
                    line_1d(&mut reader, width)
                };
                if line.is_none() {
                    resynchronise(&mut reader);
                }
                line
            }
        };
        let Some(line) = line else {
            lost += 1;
            // Without line marks nothing after a broken line can be trusted.
            if coding == Coding::Group4 || coding == Coding::Huffman {
                break;
            }
            pixels.resize(pixels.len() + width as usize, 0);
            continue;
        };
        paint(&mut pixels, &line, width);
        reference = line;
    }
    let whole = width as usize * rows as usize;
    let missing = whole.saturating_sub(pixels.len()) / (width as usize).max(1);
    pixels.resize(whole, 0);
    (pixels, lost + u32::try_from(missing).unwrap_or(u32::MAX).saturating_sub(lost.min(1)))
}

/// Appends a row: positions of changes, the first one to black.
fn paint(pixels: &mut Vec<u8>, changes: &[u32], width: u32) {
    let start = pixels.len();
    let (mut ink, mut from) = (0, 0);
    for at in changes.iter().copied().chain([width]) {
        let to = at.clamp(from, width);
        pixels.resize(start + to as usize, ink);
        (ink, from) = (255 - ink, to);
    }
}

/// A run of one colour: codes of 64 and more are followed by another.
fn run(reader: &mut impl BitReader, colour: Color) -> Option<u32> {
    let mut length = 0_u32;
    loop {
        let code = match colour {
            Color::White => white::decode(reader),
            Color::Black => black::decode(reader),
        }?;
        length = length.checked_add(u32::from(code))?;
        if code < 64 {
            return Some(length);
        }
    }
}

/// A line of runs, white first.
fn line_1d(reader: &mut impl BitReader, width: u32) -> Option<Vec<u32>> {
    let (mut changes, mut at, mut colour) = (Vec::new(), 0_u32, Color::White);
    while at < width {
        let length = run(reader, colour)?;
        // Two empty runs in a row would never end.
        if length == 0 && at > 0 && changes.len() >= 2 && changes[changes.len() - 2] == at {
            return None;
        }
        at = at.checked_add(length).filter(|at| *at <= width)?;
        changes.push(at);
        colour = !colour;
    }
    Some(changes)
}

/// A line coded by its differences from the line before.
fn line_2d(reader: &mut impl BitReader, reference: &[u32], width: u32) -> Option<Vec<u32>> {
    let mut changes: Vec<u32> = Vec::new();
    let (mut at, mut started, mut black_now, mut index) = (0_u32, false, false, 0_usize);
    while at < width {
        // The first change on the line before that lies right of here and goes to the other colour.
        index = index.saturating_sub(2);
        let wrong = |index: usize, value: u32| (index % 2 == 1) != black_now || value < at || (value == at && started);
        while reference.get(index).is_some_and(|value| wrong(index, *value)) {
            index += 1;
        }
        let change = reference.get(index).copied().unwrap_or(width);
        match mode::decode(reader)? {
            Mode::Pass => at = reference.get(index + 1).copied().unwrap_or(width),
            Mode::Vertical(delta) => {
                let next = change.checked_add_signed(i32::from(delta)).filter(|next| *next <= width && *next >= at)?;
                if next == at && started && changes.last() == Some(&at) && delta <= 0 && changes.len() > width as usize
                {
                    return None;
                }
                changes.push(next);
                black_now = !black_now;
                at = next;
            }
            Mode::Horizontal => {
                let colours = if black_now { [Color::Black, Color::White] } else { [Color::White, Color::Black] };
                for colour in colours {
                    at = at.checked_add(run(reader, colour)?).filter(|at| *at <= width)?;
                    changes.push(at);
                }
            }
            Mode::Extension | Mode::EOF => return None,
        }
        started = true;
        // A line has no more changes than pixels; hostile codes could go on for ever in place.
        if changes.len() > width as usize + 4 {
            return None;
        }
    }
    Some(changes)
}

/// Line marks that stand here.
struct Marks {
    count: u32,
    two_dimensions: bool,
}

/// Skips fill and line marks, and the bits that say how the next line is coded.
fn skip_marks(reader: &mut impl BitReader, mixed: bool) -> Marks {
    let mut marks = Marks { count: 0, two_dimensions: false };
    loop {
        match reader.peek(12) {
            Some(0) => {
                if reader.consume(1).is_err() {
                    return marks;
                }
            }
            Some(1) => {
                if reader.consume(12).is_err() {
                    return marks;
                }
                marks.count += 1;
                if mixed {
                    marks.two_dimensions = reader.peek(1) == Some(0);
                    if reader.consume(1).is_err() {
                        return marks;
                    }
                }
            }
            _ => return marks,
        }
    }
}

/// Goes on to the next line mark, or to the end.
fn resynchronise(reader: &mut impl BitReader) {
    while reader.peek(11).is_some_and(|bits| bits != 0) {
        if reader.consume(1).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bits as text to bytes.
    fn bits(text: &str) -> Vec<u8> {
        let bits: Vec<u8> = text.bytes().filter(|b| *b != b' ').map(|b| b - b'0').collect();
        bits.chunks(8).map(|chunk| (0..8).fold(0, |byte, i| byte << 1 | chunk.get(i).copied().unwrap_or(0))).collect()
    }

    #[test]
    fn a_line_that_is_lost_leaves_the_others() {
        // White 4, black 2, white 2; then a line that runs over the edge (white 10); then the first line again.
        let line = "1011 11 0111";
        let mark = "000000000001";
        let strip = bits(&format!("{mark}{line}{mark}00111{mark}{line}{mark}{mark}"));
        let (pixels, lost) = decode(&strip, 8, 3, Coding::Group3 { mixed: false }, false);
        let row = [0, 0, 0, 0, 255, 255, 0, 0];
        assert_eq!(lost, 1);
        assert_eq!((&pixels[..8], &pixels[16..]), (row.as_slice(), row.as_slice()));
    }

    #[test]
    fn differences_from_the_line_before_are_followed() {
        // Horizontal: white 4, black 2; vertical 0 to the end; then the same line as three times "no change".
        let strip = bits("001 1011 11 1 1 1 1");
        let (pixels, lost) = decode(&strip, 8, 2, Coding::Group4, false);
        assert_eq!((lost, &pixels[..8]), (0, [0, 0, 0, 0, 255, 255, 0, 0].as_slice()));
        assert_eq!(pixels[..8], pixels[8..]);
        let turned: Vec<u8> = strip.iter().map(|byte| byte.reverse_bits()).collect();
        assert_eq!(decode(&turned, 8, 2, Coding::Group4, true).0, pixels);
    }

    proptest::proptest! {
        #[test]
        fn no_bits_make_a_decoder_panic_or_run_on(
            strip in proptest::collection::vec(proptest::num::u8::ANY, 0..200), width in 1_u32..70, rows in 1_u32..20
        ) {
            for coding in [Coding::Huffman, Coding::Group3 { mixed: false }, Coding::Group3 { mixed: true }, Coding::Group4] {
                let (pixels, lost) = decode(&strip, width, rows, coding, false);
                proptest::prop_assert_eq!(pixels.len(), (width * rows) as usize);
                proptest::prop_assert!(lost <= rows);
            }
        }
    }
}
