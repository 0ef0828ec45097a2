//! Icons and cursors: pictures in many sizes of one thing. The largest is a page, and each other one that may show letters.

use std::io::Cursor;

use image::codecs::ico::IcoDecoder;
use image::codecs::png::PngDecoder;
use image::{DynamicImage, ImageDecoder};

use super::{Pictures, unreadable};
use crate::config::Limits;
use crate::finding::Fault;
use crate::format::raster::check_pixels;

/// Side, in pixels, from which on an icon may show more than a letter or two.
const LETTERS: u32 = 64;

/// How a PNG begins.
const PNG: &[u8] = b"\x89PNG";

/// An open file.
pub(super) struct Icons {
    /// Each picture as a file of its own.
    pictures: Vec<Vec<u8>>,
    /// One past the last of them.
    end: u64,
}

impl Icons {
    pub(super) fn open(bytes: &[u8]) -> Result<Self, Fault> {
        let count = bytes.get(4..6).map_or(0, |count| usize::from(u16::from_le_bytes([count[0], count[1]])));
        let entries = bytes.get(6..).unwrap_or_default().chunks_exact(16).take(count);
        let mut icons: Vec<(u32, Vec<u8>)> = entries.filter_map(|entry| icon(bytes, entry)).collect();
        let ends = bytes.get(6..).unwrap_or_default().chunks_exact(16).take(count).map(|entry| {
            let number =
                |at: usize| entry[at..at + 4].iter().rev().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
            number(8) + number(12)
        });
        let end = ends.filter(|end| *end <= bytes.len() as u64).max().unwrap_or(bytes.len() as u64);
        icons.sort_by_key(|(side, _)| std::cmp::Reverse(*side));
        let large = icons.iter().filter(|(side, _)| *side >= LETTERS).count().max(1);
        icons.truncate(large);
        if icons.is_empty() {
            return Err(unreadable("it has no picture"));
        }
        Ok(Self { pictures: icons.into_iter().map(|(_, icon)| icon).collect(), end })
    }
}

/// The side of a picture, and the picture in a file of its own.
fn icon(bytes: &[u8], entry: &[u8]) -> Option<(u32, Vec<u8>)> {
    let number = |at: usize| Some(u32::from_le_bytes(entry.get(at..at + 4)?.try_into().ok()?) as usize);
    let (length, start) = (number(8)?, number(12)?);
    let data = bytes.get(start..start.checked_add(length)?)?;
    // 0 is 256, and pictures that are PNGs say themselves how large they are.
    let said = if entry[0] == 0 { 256 } else { u32::from(entry[0]) };
    let drawn = data.starts_with(PNG).then(|| data.get(16..20)).flatten();
    let side = drawn.and_then(|side| Some(u32::from_be_bytes(side.try_into().ok()?))).unwrap_or(said);
    // The decoder of icons wants them in one of the many forms that a PNG may have.
    if data.starts_with(PNG) {
        return Some((side, data.to_vec()));
    }
    let mut file = vec![0, 0, 1, 0, 1, 0];
    // Cursors have a place where icons have planes and bits.
    file.extend([entry[0], entry[1], entry[2], 0, 1, 0, 32, 0]);
    file.extend(u32::try_from(length).ok()?.to_le_bytes());
    file.extend(22_u32.to_le_bytes());
    file.extend(data);
    Some((side, file))
}

impl Pictures for Icons {
    fn count(&self) -> usize {
        self.pictures.len()
    }

    fn picture(&self, index: usize, limits: &Limits) -> Result<(DynamicImage, Option<Fault>), Fault> {
        let icon = self.pictures.get(index).ok_or_else(|| unreadable("there is no such picture"))?;
        let image = match icon.starts_with(PNG) {
            true => decoded(PngDecoder::new(Cursor::new(icon)).map_err(unreadable)?, limits)?,
            false => decoded(IcoDecoder::new(Cursor::new(icon)).map_err(unreadable)?, limits)?,
        };
        Ok((image, None))
    }

    fn end(&self) -> Option<u64> {
        Some(self.end)
    }
}

fn decoded(decoder: impl ImageDecoder, limits: &Limits) -> Result<DynamicImage, Fault> {
    let (width, height) = decoder.dimensions();
    check_pixels(width, height, limits)?;
    DynamicImage::from_decoder(decoder).map_err(unreadable)
}
