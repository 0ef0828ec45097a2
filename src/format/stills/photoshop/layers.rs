//! The layers of a Photoshop document: where each lies, what it is called, whether it is shown, and its pixels.

use image::{DynamicImage, RgbaImage};

use super::{Cursor, Range, Shape, planes_of, samples};
use crate::config::Limits;
use crate::finding::Fault;
use crate::format::raster::check_pixels;
use crate::format::stills::{broken_off, unreadable};

/// Side of a layer, in pixels, that may show letters.
const LETTERS: u32 = 12;
/// Opacity, of 255, below which a layer is hardly seen.
const FAINT: u8 = 64;

/// A layer.
pub(super) struct Layer {
    pub(super) name: String,
    width: u32,
    height: u32,
    shown: bool,
    /// Number and place of its channels: 0, 1 and 2 are colours, -1 is how opaque it is.
    channels: Vec<(i16, Range)>,
    /// 1 and 2 begin a group, from above, and 3 ends it.
    group: u32,
}

/// The layers, the lowest first; none if they cannot be followed.
pub(super) fn read(bytes: &[u8], section: Range, shape: Shape) -> Option<Vec<Layer>> {
    if section.is_empty() {
        return Some(Vec::new());
    }
    let mut cursor = Cursor { bytes: bytes.get(..section.end)?, at: section.start };
    let mut length = cursor.length(shape.large)?;
    if length == 0 {
        // Layers of more than eight bits stand in a block of their own.
        let deep = |name: &[u8]| memchr::memmem::find(&bytes[section.clone()], name);
        let Some(at) = deep(b"8BIMLr16").or_else(|| deep(b"8BIMLr32")) else { return Some(Vec::new()) };
        cursor.at = section.start + at + 8;
        length = cursor.length(shape.large)?;
        if length == 0 {
            return Some(Vec::new());
        }
    }
    // A negative number says that the first channel of the whole is how opaque it is.
    let count = cursor.short()?.cast_signed().unsigned_abs();
    let mut layers = Vec::new();
    let mut lengths = Vec::new();
    for _ in 0..count {
        let (layer, sizes) = record(&mut cursor, shape.large)?;
        layers.push(layer);
        lengths.push(sizes);
    }
    for (layer, sizes) in layers.iter_mut().zip(lengths) {
        for (number, length) in sizes {
            let start = cursor.at;
            cursor.take(length)?;
            layer.channels.push((number, start..cursor.at));
        }
    }
    hide_groups(&mut layers);
    Some(layers)
}

/// Channels of a layer, and how long they are.
type Lengths = Vec<(i16, usize)>;

fn record(cursor: &mut Cursor<'_>, large: bool) -> Option<(Layer, Lengths)> {
    let mut side = || Some(cursor.long()?.cast_signed());
    let (top, left, bottom, right) = (side()?, side()?, side()?, side()?);
    let channels = cursor.short()?;
    let mut lengths = Vec::new();
    for _ in 0..channels {
        lengths.push((cursor.short()?.cast_signed(), cursor.length(large)?));
    }
    cursor.take(8)?;
    let [opacity, _, flags, _] = *cursor.take(4)? else { return None };
    let extra = cursor.part(false)?;
    let mut rest = Cursor { bytes: &cursor.bytes[..extra.end], at: extra.start };
    rest.part(false)?;
    rest.part(false)?;
    let length = usize::from(*rest.take(1)?.first()?);
    let short_name = rest.take(length)?;
    let blocks = &cursor.bytes[rest.at..extra.end];
    let span = |from: i32, to: i32| u32::try_from(i64::from(to) - i64::from(from)).unwrap_or_default();
    let layer = Layer {
        name: long_name(blocks).unwrap_or_else(|| String::from_utf8_lossy(short_name).into_owned()),
        width: span(left, right),
        height: span(top, bottom),
        shown: flags & 2 == 0 && opacity >= FAINT,
        channels: Vec::new(),
        group: block(blocks, b"lsct").and_then(|mut data| data.long()).unwrap_or_default(),
    };
    Some((layer, lengths))
}

/// The block of this name among those of a layer.
fn block<'a>(blocks: &'a [u8], name: &[u8]) -> Option<Cursor<'a>> {
    let at = memchr::memmem::find(blocks, &[b"8BIM".as_slice(), name].concat())?;
    let mut cursor = Cursor { bytes: blocks, at: at + 8 };
    cursor.long()?;
    Some(cursor)
}

fn long_name(blocks: &[u8]) -> Option<String> {
    let mut name = block(blocks, b"luni")?;
    let count = name.long()? as usize;
    let text = name.take(count.checked_mul(2)?)?;
    Some(encoding_rs::UTF_16BE.decode(text).0.trim_end_matches('\0').to_owned())
}

/// A layer in a group that is switched off is not seen either.
fn hide_groups(layers: &mut [Layer]) {
    let mut groups: Vec<bool> = Vec::new();
    for layer in layers.iter_mut().rev() {
        let above = groups.iter().all(|shown| *shown);
        match layer.group {
            1 | 2 => groups.push(layer.shown),
            3 => drop(groups.pop()),
            _ => {}
        }
        layer.shown &= above;
    }
}

impl Layer {
    /// Whether it may show letters.
    pub(super) fn holds_pixels(&self) -> bool {
        self.group != 3
            && self.width >= LETTERS
            && self.height >= LETTERS
            && self.channels.iter().any(|(number, _)| *number == 0)
    }

    /// Whether the picture of the whole shows it.
    pub(super) fn is_seen(&self) -> bool {
        self.shown
    }

    /// Its picture; inks and other colours as if they were red, green and blue, since only contrast matters.
    pub(super) fn picture(
        &self,
        bytes: &[u8],
        shape: Shape,
        limits: &Limits,
    ) -> Result<(DynamicImage, Option<Fault>), Fault> {
        check_pixels(self.width, self.height, limits)?;
        let size = self.width as usize * self.height as usize;
        let mut whole = true;
        let mut plane = |number: i16| -> Option<Vec<u8>> {
            let (_, place) = self.channels.iter().find(|(known, _)| *known == number)?;
            let mut cursor = Cursor { bytes: bytes.get(place.clone())?, at: 0 };
            let packing = cursor.short()?;
            let data = &cursor.bytes[cursor.at..];
            let stored = planes_of(data, packing, u64::from(self.height), self.width, shape.depth, shape.large)?;
            let mut plane = samples(stored, self.width, shape.depth, size);
            whole &= plane.len() >= size;
            plane.resize(size, u8::MAX);
            Some(plane)
        };
        let first = plane(0).ok_or_else(|| unreadable("the pixels of the layer cannot be read"))?;
        let (second, third) = match (plane(1), plane(2)) {
            (Some(second), Some(third)) if shape.mode == 3 || shape.mode == 4 => (second, third),
            _ => (first.clone(), first.clone()),
        };
        let opaque = plane(-1).unwrap_or_else(|| vec![u8::MAX; size]);
        let colours = first.iter().zip(&second).zip(&third).zip(&opaque);
        let pixels = colours.flat_map(|(((red, green), blue), opaque)| [*red, *green, *blue, *opaque]).collect();
        let image = RgbaImage::from_raw(self.width, self.height, pixels).map(DynamicImage::ImageRgba8);
        Ok((image.ok_or_else(|| unreadable("pixels are missing"))?, (!whole).then(broken_off)))
    }
}
