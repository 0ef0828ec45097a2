//! Grey rasters scaled, turned and straightened. Nothing here knows about text.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use image::GrayImage;

use super::affine::Affine;

/// A length in pixels as a number to calculate with: exact below 16 million.
#[allow(clippy::cast_precision_loss, reason = "sides of images are far below 2^24")]
pub(super) fn size(length: u32) -> f32 {
    length as f32
}

/// A number of pixels, rounded, at least one.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped first")]
pub(super) fn pixels(length: f32) -> u32 {
    length.round().clamp(1.0, 65_000.0) as u32
}

/// A place in pixels, rounded; zero before the first.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "float to integer saturates")]
pub(super) fn offset(place: f32) -> u32 {
    place.round().max(0.0) as u32
}

/// Scales to a size: bicubic when shrinking, Lanczos when growing. Of the filters of the library these gave the best readings.
pub(super) fn resize(image: &GrayImage, width: u32, height: u32) -> GrayImage {
    if (width, height) == image.dimensions() {
        return image.clone();
    }
    let filter = if width < image.width() { FilterType::CatmullRom } else { FilterType::Lanczos3 };
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter));
    let mut out = GrayImage::new(width, height);
    let from = TypedImageRef::<U8>::from_buffer(image.width(), image.height(), image.as_raw()).expect("a byte a pixel");
    let mut to = TypedImage::<U8>::from_buffer(width, height, &mut out).expect("a byte a pixel");
    // Typed: the general call would compile the library for every kind of pixel there is.
    Resizer::new().resize_typed(&from, &mut to, &options).expect("nothing is cropped");
    drop(to);
    out
}

/// Turns clockwise by quarter turns.
pub(super) fn turn(image: GrayImage, quarter_turns: u8) -> GrayImage {
    match quarter_turns % 4 {
        1 => image::imageops::rotate90(&image),
        2 => image::imageops::rotate180(&image),
        3 => image::imageops::rotate270(&image),
        _ => image,
    }
}

/// With a white margin around.
pub(super) fn framed(image: &GrayImage, margin: u32) -> GrayImage {
    let mut framed = GrayImage::from_pixel(image.width() + margin * 2, image.height() + margin * 2, image::Luma([255]));
    image::imageops::replace(&mut framed, image, i64::from(margin), i64::from(margin));
    framed
}

/// Undoes a skew: lines that fall by `degrees` to the right become level. The size stays; what turns in is white.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "fixed point; only pixels whose four sources lie inside are looked up"
)]
pub(super) fn straighten(image: &GrayImage, degrees: f32) -> GrayImage {
    const FIXED: f32 = 65_536.0;
    let (width, height) = image.dimensions();
    let map = Affine::unstraighten(degrees, width, height);
    let raw = image.as_raw();
    let stride = width as usize;
    let (step_x, step_y) = ((map.a * FIXED) as i64, (map.d * FIXED) as i64);
    let mut out = vec![255; raw.len()];
    for (row, line) in (0..height).zip(out.chunks_exact_mut(stride.max(1))) {
        let y = size(row) + 0.5;
        // Centres of pixels lie at halves.
        let start = |ax: f32, by: f32, c: f32| ((ax * 0.5 + by * y + c - 0.5) * FIXED) as i64;
        let (x0, y0) = (start(map.a, map.b, map.c), start(map.d, map.e, map.f));
        let across = inside(x0, step_x, i64::from(width) - 1);
        let down = inside(y0, step_y, i64::from(height) - 1);
        let first = across.start.max(down.start).clamp(0, i64::from(width));
        let last = across.end.min(down.end).clamp(first, i64::from(width));
        let (mut x, mut y) = ((x0 + first * step_x) as usize, (y0 + first * step_y) as usize);
        for pixel in &mut line[first as usize..last as usize] {
            let at = (y >> 16) * stride + (x >> 16);
            let (fx, fy) = ((x & 0xffff) as u32 >> 8, (y & 0xffff) as u32 >> 8);
            let mix = |pair: &[u8]| u32::from(pair[0]) * (256 - fx) + u32::from(pair[1]) * fx;
            let (upper, lower) = (mix(&raw[at..at + 2]), mix(&raw[at + stride..at + stride + 2]));
            *pixel = ((upper * (256 - fy) + lower * fy) >> 16) as u8;
            x = x.wrapping_add_signed(step_x as isize);
            y = y.wrapping_add_signed(step_y as isize);
        }
    }
    GrayImage::from_raw(width, height, out).expect("one value was written for each pixel")
}

/// The steps at which `start + n * step` (16 fractional bits) lies in `0..end`.
fn inside(start: i64, step: i64, end: i64) -> std::ops::Range<i64> {
    let end = end << 16;
    // The first step at or beyond a value, when going up.
    let reaches = |value: i64, step: i64| (value - start + step - 1).div_euclid(step);
    match step.signum() {
        1 => reaches(0, step)..reaches(end, step),
        -1 => {
            // Going down: the first step below a value.
            let below = |value: i64| (start - value).div_euclid(-step) + 1;
            // At or above `end` is outside; at 0 is inside.
            below(end)..below(0)
        }
        _ if (0..end).contains(&start) => 0..i64::MAX,
        _ => 0..0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaling_keeps_white_white_and_black_black() {
        for (width, height) in [(17, 9), (40, 40), (100, 77)] {
            for value in [0, 255] {
                let scaled = resize(&GrayImage::from_pixel(40, 40, image::Luma([value])), width, height);
                assert!(scaled.as_raw().iter().all(|&pixel| pixel == value), "{width} {height} {value}");
            }
        }
    }

    #[test]
    fn a_skewed_line_is_made_level() {
        let mut image = GrayImage::from_pixel(200, 100, image::Luma([255]));
        // A level line after straightening: it fell by 10 degrees to the right before.
        for x in 0..180_u32 {
            let y = pixels(20.0 + size(x) * 10_f32.to_radians().tan());
            (0..3).for_each(|dy| image.put_pixel(x, y + dy, image::Luma([0])));
        }
        let level = straighten(&image, 10.0);
        let darkest_row =
            |image: &GrayImage| image.rows().map(|row| row.filter(|p| p.0[0] < 128).count()).max().expect("rows");
        assert!(darkest_row(&level) > 150, "{}", darkest_row(&level));
    }
}
