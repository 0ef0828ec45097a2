//! Bitmaps without the header of a file (DIB), as they stand in metafiles and documents.

use super::bytes::{short, size, u16, u32};

/// Bytes of the header of a BMP file.
const HEADER: usize = 14;

/// A BMP file of a bitmap that begins with its info header; none if that is none.
pub(in crate::format) fn bmp(dib: &[u8]) -> Option<Vec<u8>> {
    bmp_at(dib, pixels_at(dib)?)
}

/// A BMP file of an info header and the pixels that stand apart from it.
pub(in crate::format) fn bmp_of(info: &[u8], pixels: &[u8]) -> Option<Vec<u8>> {
    pixels_at(info)?;
    bmp_at(&[info, pixels].concat(), info.len())
}

fn bmp_at(dib: &[u8], pixels: usize) -> Option<Vec<u8>> {
    let total = u32::try_from(dib.len().checked_add(HEADER)?).ok()?;
    let offset = u32::try_from(pixels.checked_add(HEADER)?).ok()?;
    let mut file = Vec::with_capacity(dib.len() + HEADER);
    file.extend_from_slice(b"BM");
    file.extend_from_slice(&total.to_le_bytes());
    file.extend_from_slice(&[0; 4]);
    file.extend_from_slice(&offset.to_le_bytes());
    file.extend_from_slice(dib);
    Some(file)
}

/// Where the pixels begin: behind the header, its masks and its colours.
fn pixels_at(dib: &[u8]) -> Option<usize> {
    let header = size(dib, 0)?;
    if header == 12 {
        let colours = match short(dib, 10)? {
            bits @ 1..=8 => 1 << bits,
            _ => 0,
        };
        return Some(12 + 3 * colours);
    }
    if !(16..=124).contains(&header) {
        return None;
    }
    let bits = u16(dib, 14)?;
    let used = if header >= 36 { size(dib, 32)?.min(1 << 16) } else { 0 };
    let colours = match (used, bits) {
        (0, 1..=8) => 1 << bits,
        _ => used,
    };
    let masks = if header == 40 && u32(dib, 16)? == 3 { 12 } else { 0 };
    Some(header + masks + 4 * colours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bitmap_gets_the_header_of_a_file() {
        let mut dib = vec![0; 40 + 8 + 4];
        dib[0] = 40;
        (dib[4], dib[8], dib[12], dib[14]) = (1, 1, 1, 1);
        let file = bmp(&dib).expect("it is one");
        assert!(file.starts_with(b"BM"));
        assert_eq!(u32(&file, 10), Some(14 + 40 + 8));
        assert!(image::load_from_memory_with_format(&file, image::ImageFormat::Bmp).is_ok());
        assert!(bmp(b"no bitmap").is_none());
    }
}
