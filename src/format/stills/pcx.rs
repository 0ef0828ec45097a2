//! PCX: rows of runs, of one or several planes, with colours in the header or behind the pixels.

use image::DynamicImage;

use super::{Pictures, broken_off, planes, unreadable};
use crate::config::Limits;
use crate::finding::Fault;
use crate::format::raster::check_pixels;

/// Where the pixels begin.
const PIXELS: usize = 128;
/// Bytes of 256 colours, and the mark before them.
const COLOURS: usize = 768;

/// A PCX.
pub(super) struct Pcx {
    bytes: Vec<u8>,
    width: u32,
    height: u32,
    bits: usize,
    planes: usize,
    /// Bytes of a row of one plane.
    row: usize,
}

impl Pcx {
    pub(super) fn open(bytes: Vec<u8>, limits: &Limits) -> Result<Self, Fault> {
        let short = |at: usize| bytes.get(at..at + 2).map(|b| u16::from_le_bytes([b[0], b[1]]));
        let head = (short(4), short(6), short(8), short(10), short(66));
        let (Some(left), Some(top), Some(right), Some(bottom), Some(row)) = head else { return Err(broken_off()) };
        let side = |from: u16, to: u16| to.checked_sub(from).map(|side| u32::from(side) + 1);
        let (Some(width), Some(height)) = (side(left, right), side(top, bottom)) else {
            return Err(unreadable("it has no pixels"));
        };
        check_pixels(width, height, limits)?;
        let (bits, planes, row) = (usize::from(bytes[3]), usize::from(bytes[65]), usize::from(row));
        let known = matches!((bits, planes), (1, 1..=4) | (2 | 4, 1) | (8, 1 | 3 | 4));
        if !known || (row * 8) < bits * width as usize {
            return Err(unreadable(format!("{planes} planes of {bits} bits are no PCX")));
        }
        // Rows may be longer than they are wide.
        check_pixels(u32::try_from(row * planes).unwrap_or(u32::MAX), height, limits)?;
        Ok(Self { bytes, width, height, bits, planes, row })
    }

    /// The rows of all planes, unpacked, and where their bytes end; none if some are missing.
    fn unpacked(&self) -> (Vec<u8>, Option<usize>) {
        let wanted = self.row * self.planes * self.height as usize;
        let mut data = Vec::with_capacity(wanted);
        let mut rest = self.bytes.get(PIXELS..).unwrap_or_default();
        while data.len() < wanted {
            match rest {
                [count @ 0xc0..=0xff, value, behind @ ..] => {
                    data.resize(data.len() + usize::from(count & 0x3f), *value);
                    rest = behind;
                }
                [value, behind @ ..] => {
                    data.push(*value);
                    rest = behind;
                }
                [] => break,
            }
        }
        let whole = data.len() >= wanted;
        data.resize(wanted, u8::MAX);
        (data, whole.then_some(self.bytes.len() - rest.len()))
    }

    /// The colour of a number: of 256 from behind the pixels, of 16 from the header; two are black and white.
    fn colour(&self, number: usize) -> [u8; 3] {
        let colours = match self.bits * self.planes {
            1 => return [if number == 0 { 0 } else { u8::MAX }; 3],
            8 => self.bytes.len().checked_sub(COLOURS).map_or(&[][..], |at| &self.bytes[at..]),
            _ => self.bytes.get(16..64).unwrap_or_default(),
        };
        let found = colours.get(3 * number..3 * number + 3).and_then(|colour| colour.try_into().ok());
        found.unwrap_or([u8::try_from(number).unwrap_or(u8::MAX); 3])
    }
}

impl Pictures for Pcx {
    fn count(&self) -> usize {
        1
    }

    fn picture(&self, _: usize, _: &Limits) -> Result<(DynamicImage, Option<Fault>), Fault> {
        let (data, end) = self.unpacked();
        let width = self.width as usize;
        let mut colours = [Vec::new(), Vec::new(), Vec::new()];
        for row in data.chunks_exact(self.row * self.planes) {
            let sample = |plane: usize, x: usize| {
                let bit = x * self.bits;
                let byte = usize::from(row[plane * self.row + bit / 8]);
                byte >> (8 - self.bits - bit % 8) & ((1 << self.bits) - 1)
            };
            for x in 0..width {
                let colour = match (self.bits, self.planes) {
                    (8, 3..) => [0, 1, 2].map(|plane| u8::try_from(sample(plane, x)).unwrap_or(u8::MAX)),
                    (_, 1) => self.colour(sample(0, x)),
                    (_, planes) => self.colour((0..planes).map(|plane| sample(plane, x) << plane).sum()),
                };
                colours.iter_mut().zip(colour).for_each(|(plane, value)| plane.push(value));
            }
        }
        let image = planes::rgb(self.width, self.height, [&colours[0], &colours[1], &colours[2]]);
        Ok((image.ok_or_else(|| unreadable("pixels are missing"))?, end.is_none().then(broken_off)))
    }

    fn end(&self) -> Option<u64> {
        let pixels = self.unpacked().1?;
        // Behind the pixels a mark and 256 colours, which some writers put at the end of the file with a gap before them.
        let is_marked = |at: usize| self.bytes.len() > at + COLOURS && self.bytes[at] == 12;
        let end = match self.bytes.len().checked_sub(COLOURS + 1) {
            Some(_) if self.bits * self.planes != 8 => pixels,
            Some(last) if is_marked(last) && last >= pixels => self.bytes.len(),
            _ if is_marked(pixels) => pixels + COLOURS + 1,
            _ => pixels,
        };
        u64::try_from(end).ok()
    }
}
