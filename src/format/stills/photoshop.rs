//! Photoshop: the picture of the whole, the words of its text layers, and the layers that the picture does not show.
//!
//! A layer that is switched off, or nearly transparent, is a page of its own. One that lies under another is not seen, as in any
//! picture.

mod layers;

use image::DynamicImage;

use super::{Pictures, broken_off, planes, unreadable};
use crate::config::Limits;
use crate::finding::{Fault, FaultReason};
use crate::format::captions::Captions;
use crate::format::raster::check_pixels;
use layers::Layer;

/// Channels of a document (Adobe's specification of the format).
const CHANNELS: u16 = 56;

/// An open document.
pub(super) struct Photoshop {
    bytes: Vec<u8>,
    shape: Shape,
    /// Where its parts are.
    colours: Range,
    resources: Range,
    section: Range,
    pixels: Range,
    /// Layers that are pages.
    layers: Vec<Layer>,
    /// Why not all layers are known.
    broken: bool,
}

type Range = std::ops::Range<usize>;

/// How its pixels are stored.
#[derive(Clone, Copy)]
struct Shape {
    /// The form for large documents has larger numbers.
    large: bool,
    channels: u16,
    width: u32,
    height: u32,
    depth: u16,
    mode: u16,
}

/// Reads numbers one behind the other.
#[derive(Clone)]
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(taken)
    }

    fn short(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn long(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    /// A length, of eight bytes in large documents.
    fn length(&mut self, large: bool) -> Option<usize> {
        if !large {
            return self.long().map(|length| length as usize);
        }
        usize::try_from(u64::from_be_bytes(self.take(8)?.try_into().ok()?)).ok()
    }

    /// The place of a part with its length before it.
    fn part(&mut self, large: bool) -> Option<Range> {
        let length = self.length(large)?;
        let start = self.at;
        self.take(length)?;
        Some(start..self.at)
    }
}

impl Photoshop {
    pub(super) fn open(bytes: Vec<u8>, limits: &Limits) -> Result<Self, Fault> {
        let mut cursor = Cursor { bytes: &bytes, at: 4 };
        let (shape, parts) = head(&mut cursor).ok_or_else(broken_off)?;
        check_pixels(shape.width, shape.height, limits)?;
        if shape.channels == 0 || shape.channels > CHANNELS || ![1, 8, 16, 32].contains(&shape.depth) {
            return Err(unreadable(format!("{} channels of {} bits are no picture", shape.channels, shape.depth)));
        }
        let [colours, resources, section] = parts;
        let pixels = section.end..bytes.len();
        let found = layers::read(&bytes, section.clone(), shape);
        let broken = found.is_none();
        let mut opened =
            Self { shape, colours, resources, section, pixels, layers: found.unwrap_or_default(), broken, bytes };
        let merged = opened.has_picture();
        opened.layers.retain(|layer| layer.holds_pixels() && (!layer.is_seen() || !merged));
        Ok(opened)
    }

    /// Whether the picture of the whole was saved: writers may leave it out and put white there.
    fn has_picture(&self) -> bool {
        // The resource 1057 says so behind a number of its version.
        let resources = &self.bytes[self.resources.clone()];
        let at = memchr::memmem::find(resources, b"8BIM\x04\x21\0\0");
        at.and_then(|at| resources.get(at + 16)).is_none_or(|merged| *merged != 0)
    }

    fn whole(&self) -> Result<(DynamicImage, Option<Fault>), Fault> {
        let Shape { width, height, mode, depth, channels, large } = self.shape;
        let used = match mode {
            3 => 3.min(channels),
            4 => 4.min(channels),
            _ => 1,
        };
        let mut cursor = Cursor { bytes: &self.bytes[self.pixels.clone()], at: 0 };
        let packing = cursor.short().ok_or_else(broken_off)?;
        let data = &cursor.bytes[cursor.at..];
        let rows = u64::from(height) * u64::from(channels);
        let stored =
            planes_of(data, packing, rows, width, depth, large).ok_or_else(|| unreadable("an unknown packing"))?;
        let size = width as usize * height as usize;
        let wanted = size * usize::from(used);
        let mut samples = samples(stored, width, depth, wanted);
        let whole = samples.len() >= wanted;
        samples.resize(wanted, u8::MAX);
        let plane = |index: usize| samples.get(size * index..size * (index + 1)).unwrap_or_default();
        let image = match (mode, used) {
            (3, 3) => planes::rgb(width, height, [plane(0), plane(1), plane(2)]),
            (4, 4) => planes::inks(width, height, [plane(0), plane(1), plane(2), plane(3)]),
            (2, _) => self.indexed(plane(0)),
            _ => planes::grey(width, height, plane(0).to_vec()),
        };
        Ok((image.ok_or_else(|| unreadable("pixels are missing"))?, (!whole).then(broken_off)))
    }

    /// A picture of numbers of colours: all reds stand before all greens.
    fn indexed(&self, numbers: &[u8]) -> Option<DynamicImage> {
        let colours = &self.bytes[self.colours.clone()];
        let plane = |which: usize| -> Vec<u8> {
            numbers
                .iter()
                .map(|number| colours.get(256 * which + usize::from(*number)).copied().unwrap_or(*number))
                .collect()
        };
        planes::rgb(self.shape.width, self.shape.height, [&plane(0), &plane(1), &plane(2)])
    }
}

/// The header, and the places of the parts behind it.
fn head(cursor: &mut Cursor<'_>) -> Option<(Shape, [Range; 3])> {
    let large = cursor.short()? == 2;
    cursor.take(6)?;
    let channels = cursor.short()?;
    let (height, width) = (cursor.long()?, cursor.long()?);
    let (depth, mode) = (cursor.short()?, cursor.short()?);
    let parts = [cursor.part(false)?, cursor.part(false)?, cursor.part(large)?];
    Some((Shape { large, channels, width, height, depth, mode }, parts))
}

/// The bytes of `rows` rows, unpacked as far as they go; none if nobody knows how.
fn planes_of(data: &[u8], packing: u16, rows: u64, width: u32, depth: u16, large: bool) -> Option<Vec<u8>> {
    let row = row_bytes(width, depth);
    let rows = usize::try_from(rows).ok()?;
    let most = row.checked_mul(rows)?;
    match packing {
        0 => Some(data[..data.len().min(most)].to_vec()),
        1 => {
            let number = if large { 4 } else { 2 };
            let (lengths, mut rest) = data.split_at_checked(rows.checked_mul(number)?)?;
            let mut unpacked = Vec::new();
            for length in lengths.chunks_exact(number) {
                let length = length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
                let Some((packed, behind)) = rest.split_at_checked(length) else { break };
                unpacked.extend(planes::unpack_bits(packed, row, u8::MAX).0);
                rest = behind;
            }
            Some(unpacked)
        }
        2 | 3 => {
            let limit = u64::try_from(most).ok()?;
            let mut unpacked = Vec::new();
            let _ = crate::format::inflate::inflate_to(data, limit, |block| unpacked.extend_from_slice(block));
            if packing == 3 && depth <= 16 {
                unpacked.chunks_exact_mut(row).for_each(|row| add_up(row, depth));
            }
            (packing == 2 || depth <= 16).then_some(unpacked)
        }
        _ => None,
    }
}

/// Samples that are differences from the one before.
fn add_up(row: &mut [u8], depth: u16) {
    let step = usize::from(depth / 8).max(1);
    for at in (step..row.len()).step_by(step) {
        if step == 1 {
            row[at] = row[at].wrapping_add(row[at - 1]);
        } else if let Some(pair) = row.get(at - 2..at + 2) {
            let sum = u16::from_be_bytes([pair[0], pair[1]]).wrapping_add(u16::from_be_bytes([pair[2], pair[3]]));
            row[at..at + 2].copy_from_slice(&sum.to_be_bytes());
        }
    }
}

fn row_bytes(width: u32, depth: u16) -> usize {
    (width as usize * usize::from(depth)).div_ceil(8)
}

/// Samples of one byte each, at most `wanted`.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
fn samples(stored: Vec<u8>, width: u32, depth: u16, wanted: usize) -> Vec<u8> {
    let light =
        |bytes: &[u8]| (f32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]).clamp(0.0, 1.0) * 255.0) as u8;
    match depth {
        8 => stored.into_iter().take(wanted).collect(),
        16 => stored.chunks_exact(2).map(|sample| sample[0]).take(wanted).collect(),
        32 => stored.chunks_exact(4).map(light).take(wanted).collect(),
        _ => {
            // Black is 1.
            let bits = |row: &[u8], x: usize| if row[x / 8] >> (7 - x % 8) & 1 == 1 { 0 } else { u8::MAX };
            let rows = stored.chunks_exact(row_bytes(width, depth).max(1));
            rows.flat_map(|row| (0..width as usize).map(move |x| bits(row, x))).take(wanted).collect()
        }
    }
}

impl Pictures for Photoshop {
    fn count(&self) -> usize {
        1 + self.layers.len()
    }

    fn picture(&self, index: usize, limits: &Limits) -> Result<(DynamicImage, Option<Fault>), Fault> {
        match index.checked_sub(1) {
            None => self.whole(),
            Some(layer) => {
                let layer = self.layers.get(layer).ok_or_else(|| unreadable("there is no such layer"))?;
                layer.picture(&self.bytes, self.shape, limits)
            }
        }
    }

    fn label(&self, index: usize) -> Option<String> {
        let layer = self.layers.get(index.checked_sub(1)?)?;
        Some(format!("layer \"{}\"", layer.name))
    }

    fn captions(&self) -> Captions {
        let mut captions = Captions::default();
        let section = &self.bytes[self.section.clone()];
        // Text is stored as the value `Txt ` of a description of type `TEXT`.
        for at in memchr::memmem::find_iter(section, b"Txt TEXT") {
            let mut cursor = Cursor { bytes: section, at: at + 8 };
            let text = cursor.long().and_then(|count| cursor.take((count as usize).checked_mul(2)?));
            if let Some(text) = text {
                captions.add("text", &encoding_rs::UTF_16BE.decode(text).0.replace(['\r', '\u{3}'], "\n"));
            }
        }
        captions.photoshop(&self.bytes[self.resources.clone()]);
        captions
    }

    fn end(&self) -> Option<u64> {
        let Shape { width, height, channels, depth, large, .. } = self.shape;
        let mut cursor = Cursor { bytes: &self.bytes, at: self.pixels.start };
        let rows = usize::try_from(u64::from(height) * u64::from(channels)).ok()?;
        match cursor.short()? {
            0 => {
                cursor.take(row_bytes(width, depth).checked_mul(rows)?)?;
            }
            1 => {
                let number = if large { 4 } else { 2 };
                let lengths = cursor.take(rows.checked_mul(number)?)?.chunks_exact(number);
                let length = |digits: &[u8]| digits.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
                cursor.take(lengths.map(length).try_fold(0_usize, usize::checked_add)?)?;
            }
            _ => return None,
        }
        u64::try_from(cursor.at).ok()
    }

    fn faults(&self) -> Vec<Fault> {
        let detail = "its layers cannot be followed: one that is switched off may not be seen";
        self.broken.then(|| Fault::whole(FaultReason::Damaged, detail)).into_iter().collect()
    }
}
