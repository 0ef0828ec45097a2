//! Pale writing below the text: watermarks are large and pale, and with the black text taken away they are the only writing left.

use image::{Rgb, RgbImage};

use super::count;
use crate::ocr::paddle::picture::{self, Picture};
use crate::ocr::raster::{pixels, size};

/// Longer side of the copy on which pale writing is looked for.
const PALE_SIDE: f32 = 1200.0;
/// Pale is darker than paper by more than this, and by less than that.
const PALE: std::ops::RangeInclusive<u8> = 14..=120;
/// Half the width of strokes of ordinary letters on that copy: what is thinner than twice this is taken away.
const LETTER_STROKE: usize = 3;
/// Share of pale pixels from which on there may be a watermark.
const LEAST_PALE: f32 = 0.004;
/// Above it, the ground is pale, not the writing.
const MOST_PALE: f32 = 0.35;

/// Pale writing alone, dark on white, on a smaller copy; `factor` leads back to the picture. None where there is none.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
pub(in crate::ocr::paddle) fn pale_alone(picture: &Picture) -> Option<Picture<'static>> {
    let longest = size(picture.width().max(picture.height()));
    let scale = (PALE_SIDE / longest).min(1.0);
    let (width, height) = (pixels(size(picture.width()) * scale), pixels(size(picture.height()) * scale));
    let small = picture::resize(&picture.rgb, width, height, None);
    let grey: Vec<u8> = small.pixels().map(|pixel| pixel.0.into_iter().max().unwrap_or(0)).collect();
    let paper = paper(&grey)?;
    let closed =
        extreme(&extreme(&grey, width as usize, LETTER_STROKE, u8::max), width as usize, LETTER_STROKE, u8::min);
    let depth: Vec<u8> = closed.iter().map(|value| paper.saturating_sub(*value)).collect();
    let pale: Vec<u8> = depth.iter().copied().filter(|depth| PALE.contains(depth)).collect();
    let share = size(count(pale.len())) / size(width * height);
    if !(LEAST_PALE..=MOST_PALE).contains(&share) {
        return None;
    }
    let strength = typical(&pale);
    let mut rgb = RgbImage::new(width, height);
    for (pixel, depth) in rgb.pixels_mut().zip(&depth) {
        // What is still dark is large letters of the page itself.
        let depth = if depth > PALE.end() { 0.0 } else { f32::from(*depth) };
        *pixel = Rgb([255 - (depth / strength * 200.0).clamp(0.0, 230.0) as u8; 3]);
    }
    Some(Picture::owned(rgb, 1.0 / scale))
}

/// The median of some bytes.
fn typical(values: &[u8]) -> f32 {
    let mut values = values.to_vec();
    let middle = values.len() / 2;
    values.select_nth_unstable(middle);
    f32::from(values[middle].max(1))
}

/// The highest or lowest value within a distance of each pixel, along rows and columns.
fn extreme(values: &[u8], width: usize, distance: usize, choose: impl Fn(u8, u8) -> u8) -> Vec<u8> {
    let height = values.len() / width.max(1);
    let mut across = values.to_vec();
    for (line, out) in values.chunks_exact(width).zip(across.chunks_exact_mut(width)) {
        for shift in 1..=distance.min(width.saturating_sub(1)) {
            out[shift..].iter_mut().zip(line).for_each(|(out, value)| *out = choose(*out, *value));
            out.iter_mut().zip(&line[shift..]).for_each(|(out, value)| *out = choose(*out, *value));
        }
    }
    let mut both = across.clone();
    for (y, out) in both.chunks_exact_mut(width).enumerate() {
        for near in y.saturating_sub(distance)..(y + distance + 1).min(height) {
            let line = &across[near * width..][..width];
            out.iter_mut().zip(line).for_each(|(out, value)| *out = choose(*out, *value));
        }
    }
    both
}

/// The lightness of paper: that of most light pixels. None on dark grounds.
fn paper(grey: &[u8]) -> Option<u8> {
    let mut counts = [0_u32; 256];
    grey.iter().for_each(|value| counts[usize::from(*value)] += 1);
    let most = (128..256).max_by_key(|value| counts[*value])?;
    let near: u32 = counts[most.saturating_sub(12)..(most + 13).min(256)].iter().sum();
    (size(near) > size(u32::try_from(grey.len()).ok()?) * 0.4).then(|| u8::try_from(most).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ocr::paddle::evidence::tests::page;

    #[test]
    fn a_page_without_pale_ink_has_no_watermark() {
        let mut page = page();
        page.rgb.to_mut().pixels_mut().for_each(|pixel| pixel.0 = [pixel.0[1]; 3]);
        assert!(pale_alone(&page).is_none());
    }

    #[test]
    fn pale_writing_goes_on_below_dark_letters() {
        let mut page = Picture::owned(RgbImage::from_pixel(600, 800, Rgb([250; 3])), 1.0);
        for (x, y, pixel) in page.rgb.to_mut().enumerate_pixels_mut() {
            let pale = (100..500).contains(&x) && (300..360).contains(&y);
            let dark = (200..202).contains(&x) && (280..400).contains(&y);
            *pixel = Rgb([if dark {
                10
            } else if pale {
                200
            } else {
                250
            }; 3]);
        }
        let alone = pale_alone(&page).expect("a watermark");
        let at = |x, y| alone.rgb.get_pixel(x, y).0[0];
        assert!(at(150, 330) < 70 && at(201, 330) < 70, "{} {}", at(150, 330), at(201, 330));
        assert!(at(201, 390) > 240 && at(550, 330) > 240);
    }
}
