//! DDS whose pixels are not compressed: numbers of one to four bytes, in which masks say where the colours are.
//!
//! Like of all DDS, the first and largest picture is read: what follows are smaller copies, or further sides of a cube.

use image::{DynamicImage, GrayImage};

use super::{planes, unreadable};
use crate::config::Limits;
use crate::finding::Fault;
use crate::format::ole::bytes;
use crate::format::raster::check_pixels;

/// Bytes of the header, with its mark.
const HEADER: usize = 128;

/// Flags of the form of pixels: transparency alone, a name of four letters, colours, brightness.
const ALPHA: u32 = 0x2;
const NAMED: u32 = 0x4;
const COLOURS: u32 = 0x40;
const BRIGHTNESS: u32 = 0x2_0000;

/// Whether pixels are plain numbers.
pub(super) fn is_plain(file: &[u8]) -> bool {
    bytes::u32(file, 80).is_some_and(|flags| flags & NAMED == 0 && flags & (ALPHA | COLOURS | BRIGHTNESS) != 0)
}

/// The picture, and whether all of it is there.
pub(super) fn picture(file: &[u8], limits: &Limits) -> Result<(DynamicImage, bool), Fault> {
    let number = |at: usize| bytes::u32(file, at).unwrap_or_default();
    let (height, width) = (number(12), number(16));
    check_pixels(width, height, limits)?;
    let size = match number(88) {
        bits @ (8 | 16 | 24 | 32) => bits as usize / 8,
        bits => return Err(unreadable(format!("pixels of {bits} bits are not read"))),
    };
    let flags = number(80);
    // Brightness and transparency stand alone in one channel.
    let masks = match () {
        () if flags & COLOURS != 0 => [92, 96, 100].map(number),
        () if flags & BRIGHTNESS != 0 => [number(92); 3],
        () => [number(104); 3],
    };
    let wanted = width as usize * height as usize * size;
    let stored = file.get(HEADER..).unwrap_or_default();
    let mut data = stored[..stored.len().min(wanted)].to_vec();
    let whole = data.len() == wanted;
    data.resize(wanted, u8::MAX);
    let plane = |mask: u32| -> Vec<u8> {
        let most = mask.checked_shr(mask.trailing_zeros()).unwrap_or_default();
        let value = |pixel: &[u8]| pixel.iter().rev().fold(0_u32, |value, byte| value << 8 | u32::from(*byte));
        let level = |pixel: &[u8]| {
            let level = (value(pixel) & mask).checked_shr(mask.trailing_zeros()).unwrap_or_default();
            u8::try_from(u64::from(level) * 255 / u64::from(most.max(1))).unwrap_or(u8::MAX)
        };
        data.chunks_exact(size).map(level).collect()
    };
    let [red, green, blue] = masks;
    let image = match red == green && green == blue {
        true => GrayImage::from_raw(width, height, plane(red)).map(DynamicImage::ImageLuma8),
        false => planes::rgb(width, height, [&plane(red), &plane(green), &plane(blue)]),
    };
    Ok((image.ok_or_else(|| unreadable("pixels are missing"))?, whole))
}
