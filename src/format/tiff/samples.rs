//! Samples of any depth, count and order into grey or RGB of 8 bits.

use image::DynamicImage;
use tiff::decoder::DecodingResult;
use tiff::{ColorType, TiffError};

use crate::format::raster::from_samples;

use super::Reader;

/// All samples of the current frame.
pub(super) struct Samples {
    pub(super) values: DecodingResult,
    /// Planes that they lie in.
    planes: usize,
    /// Why they are not all there: of a frame that breaks off, what came before is read.
    pub(super) broken: Option<TiffError>,
}

/// Reads the current frame.
pub(super) fn read(decoder: &mut Reader) -> Result<Samples, TiffError> {
    let mut values = DecodingResult::U8(Vec::new());
    let outcome = decoder.read_image_to_buffer(&mut values);
    let any = values.as_buffer(0).as_bytes().iter().any(|byte| *byte != 0);
    match outcome {
        Ok(layout) => Ok(Samples { values, planes: layout.planes.max(1), broken: None }),
        Err(error) if any => {
            Ok(Samples { values, planes: decoder.image_buffer_layout()?.planes.max(1), broken: Some(error) })
        }
        Err(error) => Err(error),
    }
}

/// The current frame as grey or RGB of 8 bits, and why it is not all there.
pub(super) fn decode(decoder: &mut Reader) -> Result<(DynamicImage, Option<TiffError>), TiffError> {
    let (width, height) = decoder.dimensions()?;
    let colour = decoder.colortype()?;
    let Samples { values, planes, broken } = read(decoder)?;
    let (channels, bits) = channels(colour);
    let samples = match values {
        DecodingResult::U8(bytes) if bits < 8 => {
            let scale = 255 / ((1_u16 << bits) - 1);
            let grey = unpack(&bytes, width, height, usize::from(bits));
            grey.unwrap_or_default().into_iter().map(|v| u8::try_from(v * scale).unwrap_or(255)).collect()
        }
        other => to_bytes(other),
    };
    let pixels = width as usize * height as usize;
    let samples = if planes > 1 { interleave(&samples, pixels, channels) } else { samples };
    let wanted = pixels.saturating_mul(if bits < 8 { 1 } else { channels });
    let image = (samples.len() >= wanted).then(|| convert(colour, width, height, &samples[..wanted])).flatten();
    let image = image.ok_or(TiffError::FormatError(tiff::TiffFormatError::InconsistentSizesEncountered))?;
    Ok((image, broken))
}

/// Samples a pixel and bits a sample.
fn channels(colour: ColorType) -> (usize, u8) {
    match colour {
        ColorType::Gray(bits) | ColorType::Palette(bits) => (1, bits),
        ColorType::GrayA(bits) => (2, bits),
        ColorType::RGB(bits) | ColorType::YCbCr(bits) | ColorType::Lab(bits) => (3, bits),
        ColorType::RGBA(bits) | ColorType::CMYK(bits) => (4, bits),
        ColorType::CMYKA(bits) => (5, bits),
        ColorType::Multiband { bit_depth, num_samples } => (usize::from(num_samples), bit_depth),
        // The enum may grow; a colour nobody knows has no samples and becomes a fault of the frame.
        _ => (0, 8),
    }
}

/// Interleaved samples of 8 bits into grey or RGB.
fn convert(colour: ColorType, width: u32, height: u32, samples: &[u8]) -> Option<DynamicImage> {
    let white = |value: u8, alpha: u8| {
        let (value, alpha) = (u32::from(value), u32::from(alpha));
        u8::try_from((value * alpha + 255 * (255 - alpha)) / 255).expect("a mean of bytes is a byte")
    };
    let rgb = |make: &dyn Fn(&[u8]) -> [u8; 3], channels: usize| {
        from_samples(width, height, 3, samples.chunks_exact(channels).flat_map(make).collect())
    };
    match colour {
        ColorType::Gray(_) => from_samples(width, height, 1, samples.to_vec()),
        ColorType::GrayA(_) => {
            from_samples(width, height, 1, samples.chunks_exact(2).map(|p| white(p[0], p[1])).collect())
        }
        ColorType::RGB(_) => from_samples(width, height, 3, samples.to_vec()),
        ColorType::RGBA(_) => rgb(&|p| [0, 1, 2].map(|i| white(p[i], p[3])), 4),
        ColorType::CMYK(_) => rgb(&from_cmyk, 4),
        ColorType::CMYKA(_) => rgb(&from_cmyk, 5),
        ColorType::YCbCr(_) => rgb(&from_ycbcr, 3),
        // Lightness alone carries the letters.
        ColorType::Lab(_) => from_samples(width, height, 1, samples.chunks_exact(3).map(|p| p[0]).collect()),
        ColorType::Multiband { num_samples, .. } if num_samples > 0 => {
            let first = samples.chunks_exact(usize::from(num_samples)).map(|pixel| pixel[0]).collect();
            from_samples(width, height, 1, first)
        }
        _ => None,
    }
}

fn from_cmyk(pixel: &[u8]) -> [u8; 3] {
    [0, 1, 2].map(|i| {
        let light = (255 - u32::from(pixel[i])) * (255 - u32::from(pixel[3])) / 255;
        u8::try_from(light).expect("a product of shares is a share")
    })
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
fn from_ycbcr(pixel: &[u8]) -> [u8; 3] {
    let (y, cb, cr) = (f32::from(pixel[0]), f32::from(pixel[1]) - 128.0, f32::from(pixel[2]) - 128.0);
    [y + 1.402 * cr, y - 0.344 * cb - 0.714 * cr, y + 1.772 * cb].map(|v| v.clamp(0.0, 255.0) as u8)
}

/// Samples of 1, 2 or 4 bits, rows starting at whole bytes; none if bytes are missing.
pub(super) fn unpack(bytes: &[u8], width: u32, height: u32, bits: usize) -> Option<Vec<u16>> {
    if bits == 8 {
        return Some(bytes.iter().map(|byte| u16::from(*byte)).collect());
    }
    if !matches!(bits, 1 | 2 | 4) {
        return None;
    }
    let (width, height) = (width as usize, height as usize);
    let row = (width * bits).div_ceil(8);
    let mask = (1_u16 << bits) - 1;
    let mut samples = Vec::with_capacity(width * height);
    for line in bytes.get(..row.checked_mul(height)?)?.chunks_exact(row.max(1)) {
        samples.extend((0..width).map(|x| {
            let bit = x * bits;
            u16::from(line[bit / 8]) >> (8 - bits - bit % 8) & mask
        }));
    }
    Some(samples)
}

/// Samples of any depth as 8 bits.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "shifted or clamped to a byte")]
fn to_bytes(result: DecodingResult) -> Vec<u8> {
    match result {
        DecodingResult::U8(v) => v,
        DecodingResult::U16(v) => v.into_iter().map(|x| (x >> 8) as u8).collect(),
        DecodingResult::U32(v) => v.into_iter().map(|x| (x >> 24) as u8).collect(),
        DecodingResult::U64(v) => v.into_iter().map(|x| (x >> 56) as u8).collect(),
        DecodingResult::I8(v) => v.into_iter().map(|x| (i16::from(x) + 128) as u8).collect(),
        DecodingResult::I16(v) => v.into_iter().map(|x| ((i32::from(x) + 32768) >> 8) as u8).collect(),
        DecodingResult::F32(v) => v.into_iter().map(|x| (x.clamp(0.0, 1.0) * 255.0) as u8).collect(),
        DecodingResult::F64(v) => v.into_iter().map(|x| (x.clamp(0.0, 1.0) * 255.0) as u8).collect(),
        // Signed integers of 32 bits and half floats hold measurements and no pages.
        _ => Vec::new(),
    }
}

/// Planes one after another into pixels; empty if a plane is missing.
fn interleave(samples: &[u8], pixels: usize, channels: usize) -> Vec<u8> {
    let stride = samples.len() / channels.max(1);
    if channels == 0 || stride < pixels {
        return Vec::new();
    }
    (0..pixels).flat_map(|pixel| (0..channels).map(move |channel| samples[channel * stride + pixel])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_of_less_than_a_byte_are_unpacked_and_missing_ones_refused() {
        assert_eq!(unpack(&[0b1010_0000, 0b0100_0000], 3, 2, 1), Some(vec![1, 0, 1, 0, 1, 0]));
        assert_eq!(unpack(&[0x1f, 0x20], 3, 1, 4), Some(vec![1, 15, 2]));
        assert_eq!(unpack(&[0x1f], 3, 1, 4), None);
        assert_eq!(unpack(&[0], 1, 1, 3), None);
    }

    #[test]
    fn planes_become_pixels_unless_one_is_missing() {
        assert_eq!(interleave(&[1, 2, 3, 4, 5, 6], 2, 3), [1, 3, 5, 2, 4, 6]);
        assert!(interleave(&[1, 2, 3], 2, 3).is_empty());
    }
}
