//! Grey rasters: out of any decoded image, scaled, turned and straightened.
//!
//! Grey is luminance, so red heads and red marks stay dark (the largest channel would erase them). Transparent pixels lie
//! on white. Very large images are reduced by a whole number while they are converted, so that nothing expensive ever sees
//! all their pixels. Nothing here knows about text.

use image::{DynamicImage, GrayImage};

use super::affine::Affine;

/// Pixels that the stages after conversion may see: A4 at 600 dpi passes whole, more is reduced first.
const WORKING_PIXELS: u64 = 40_000_000;

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

/// Grey, reduced by a whole number if the image is very large; the number is returned with it.
pub(super) fn grey(image: &DynamicImage) -> (GrayImage, u32) {
    grey_within(image, WORKING_PIXELS)
}

/// The whole number by which a very large image is reduced.
pub(super) fn reduction(width: u32, height: u32) -> u32 {
    reduction_within(width, height, WORKING_PIXELS)
}

fn reduction_within(width: u32, height: u32, most: u64) -> u32 {
    let fits = |factor: &u32| u64::from(width / factor) * u64::from(height / factor) <= most;
    (1..=width.max(1)).find(fits).unwrap_or(1)
}

fn grey_within(image: &DynamicImage, most: u64) -> (GrayImage, u32) {
    let (width, height) = (image.width(), image.height());
    let factor = reduction_within(width, height, most);
    let grey = match image {
        DynamicImage::ImageLuma8(grey) if factor == 1 => grey.clone(),
        DynamicImage::ImageLuma8(grey) => reduce::<1>(grey.as_raw(), width, height, factor, |p| u32::from(p[0])),
        DynamicImage::ImageRgb8(rgb) => {
            reduce::<3>(rgb.as_raw(), width, height, factor, |p| luminance(p[0], p[1], p[2]))
        }
        DynamicImage::ImageRgba8(rgba) => {
            let grey = reduce::<4>(rgba.as_raw(), width, height, factor, |p| {
                over_white(luminance(p[0], p[1], p[2]), u32::from(p[3]))
            });
            // White writing on a transparent ground vanishes on white: then its shape is in the transparency.
            if is_flat(&grey) && rgba.pixels().any(|p| p.0[3] < 128) {
                reduce::<4>(rgba.as_raw(), width, height, factor, |p| 255 - u32::from(p[3]))
            } else {
                grey
            }
        }
        other if other.color().has_alpha() => return grey_within(&DynamicImage::ImageRgba8(other.to_rgba8()), most),
        other => return grey_within(&DynamicImage::ImageLuma8(other.to_luma8()), most),
    };
    (grey, factor)
}

fn luminance(red: u8, green: u8, blue: u8) -> u32 {
    (54 * u32::from(red) + 183 * u32::from(green) + 19 * u32::from(blue)) >> 8
}

fn over_white(value: u32, alpha: u32) -> u32 {
    (value * alpha + 255 * (255 - alpha)) / 255
}

fn is_flat(image: &GrayImage) -> bool {
    let (low, high) = image.as_raw().iter().fold((255, 0), |(low, high), &p| (p.min(low), p.max(high)));
    high - low.min(high) < 16
}

/// Converts pixels of `N` bytes to grey, each result the mean of `factor`² pixels. Edges that do not fill a square are cut.
pub(super) fn reduce<const N: usize>(
    raw: &[u8],
    width: u32,
    height: u32,
    factor: u32,
    grey: impl Fn(&[u8; N]) -> u32,
) -> GrayImage {
    let (out_width, out_height) = (width / factor, height / factor);
    let mut out = Vec::with_capacity(out_width as usize * out_height as usize);
    let stride = width as usize * N;
    let step = factor as usize;
    let mut sums = vec![0_u32; out_width as usize];
    for rows in raw.chunks_exact(stride * step).take(out_height as usize) {
        sums.fill(0);
        for row in rows.chunks_exact(stride) {
            let (pixels, _) = row.as_chunks::<N>();
            if step == 1 {
                sums.iter_mut().zip(pixels).for_each(|(sum, pixel)| *sum = grey(pixel));
            } else {
                let squares = pixels.chunks_exact(step);
                sums.iter_mut().zip(squares).for_each(|(sum, square)| *sum += square.iter().map(&grey).sum::<u32>());
            }
        }
        let area = factor * factor;
        out.extend(sums.iter().map(|sum| u8::try_from(sum / area).unwrap_or(255)));
    }
    GrayImage::from_raw(out_width, out_height, out).expect("a row of results was written for each row of squares")
}

/// Weights of the source pixels that make up one target pixel.
struct Taps {
    first: usize,
    weights: Vec<i32>,
}

/// Fixed point of the weights.
const ONE: i32 = 1 << 12;

/// Scales to a size: area mean when shrinking, cubic when growing.
pub(super) fn resize(image: &GrayImage, width: u32, height: u32) -> GrayImage {
    if (width, height) == image.dimensions() {
        return image.clone();
    }
    let (from_width, from_height) = image.dimensions();
    let columns = taps(from_width, width);
    let rows = taps(from_height, height);
    // Vertically first: it runs along rows and leaves fewer rows for the scattered horizontal pass.
    let stride = from_width as usize;
    let mut tall = Vec::with_capacity(stride * height as usize);
    let mut sums = vec![0_i32; stride];
    for tap in &rows {
        sums.fill(ONE / 2);
        for (offset, &weight) in tap.weights.iter().enumerate() {
            let row = &image.as_raw()[(tap.first + offset) * stride..][..stride];
            sums.iter_mut().zip(row).for_each(|(sum, &pixel)| *sum += weight * i32::from(pixel));
        }
        tall.extend(sums.iter().map(|&sum| byte(sum)));
    }
    let mut out = Vec::with_capacity(width as usize * height as usize);
    for row in tall.chunks_exact(stride) {
        out.extend(columns.iter().map(|tap| {
            let pixels = &row[tap.first..tap.first + tap.weights.len()];
            byte(
                pixels.iter().zip(&tap.weights).fold(ONE / 2, |sum, (&pixel, &weight)| sum + weight * i32::from(pixel)),
            )
        }));
    }
    GrayImage::from_raw(width, height, out).expect("one value was written for each pixel")
}

fn byte(sum: i32) -> u8 {
    u8::try_from((sum / ONE).clamp(0, 255)).expect("clamped")
}

fn taps(from: u32, to: u32) -> Vec<Taps> {
    let ratio = size(from) / size(to);
    (0..to).map(|target| tap(from, ratio, size(target))).collect()
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    reason = "pixel indices"
)]
fn tap(from: u32, ratio: f32, target: f32) -> Taps {
    let last = from as usize - 1;
    let kernel: Vec<(usize, f32)> = if ratio > 1.0 {
        let (left, right) = (target * ratio, (target + 1.0) * ratio);
        let overlap = |at: usize| (right.min(at as f32 + 1.0) - left.max(at as f32)).max(0.0);
        (left as usize..=(right as usize).min(last)).map(|at| (at, overlap(at))).collect()
    } else {
        let centre = (target + 0.5) * ratio - 0.5;
        let first = centre.floor() as i64 - 1;
        (first..first + 4).map(|at| (at.clamp(0, last as i64) as usize, cubic(centre - at as f32))).collect()
    };
    let first = kernel.first().map_or(last, |(at, _)| (*at).min(last));
    let total: f32 = kernel.iter().map(|(_, weight)| weight).sum();
    let mut weights = vec![0_i32; kernel.iter().map(|(at, _)| at - first).max().unwrap_or(0) + 1];
    kernel.iter().for_each(|(at, weight)| weights[at - first] += (weight / total * ONE as f32).round() as i32);
    // Rounding must not make white less than white.
    let error = ONE - weights.iter().sum::<i32>();
    let middle = weights.len() / 2;
    weights[middle] += error;
    Taps { first, weights }
}

/// Catmull-Rom.
fn cubic(distance: f32) -> f32 {
    let x = distance.abs();
    if x < 1.0 {
        1.5 * x * x * x - 2.5 * x * x + 1.0
    } else if x < 2.0 {
        -0.5 * x * x * x + 2.5 * x * x - 4.0 * x + 2.0
    } else {
        0.0
    }
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
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "fixed point, checked against the borders")]
pub(super) fn straighten(image: &GrayImage, degrees: f32) -> GrayImage {
    const FIXED: f32 = 65_536.0;
    let (width, height) = image.dimensions();
    let map = Affine::unstraighten(degrees, width, height);
    let raw = image.as_raw();
    let stride = width as usize;
    let (step_x, step_y) = ((map.a * FIXED) as i64, (map.d * FIXED) as i64);
    let mut out = Vec::with_capacity(raw.len());
    for row in 0..height {
        let y = size(row) + 0.5;
        // Centres of pixels lie at halves.
        let start = |ax: f32, by: f32, c: f32| ((ax * 0.5 + by * y + c - 0.5) * FIXED) as i64;
        let (mut x, mut y) = (start(map.a, map.b, map.c), start(map.d, map.e, map.f));
        for _ in 0..width {
            let (left, top) = (x >> 16, y >> 16);
            let inside = left >= 0 && top >= 0 && left + 1 < i64::from(width) && top + 1 < i64::from(height);
            out.push(if inside {
                let at = top as usize * stride + left as usize;
                let (fx, fy) = ((x & 0xffff) as u32 >> 8, (y & 0xffff) as u32 >> 8);
                let mix = |a: u8, b: u8| u32::from(a) * (256 - fx) + u32::from(b) * fx;
                let upper = mix(raw[at], raw[at + 1]);
                let lower = mix(raw[at + stride], raw[at + stride + 1]);
                ((upper * (256 - fy) + lower * fy) >> 16) as u8
            } else {
                255
            });
            x += step_x;
            y += step_y;
        }
    }
    GrayImage::from_raw(width, height, out).expect("one value was written for each pixel")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn red_writing_stays_dark() {
        let red = DynamicImage::ImageRgb8(image::RgbImage::from_pixel(2, 2, image::Rgb([255, 0, 0])));
        assert!(grey(&red).0.as_raw().iter().all(|&value| value < 80));
    }

    #[test]
    fn white_writing_on_a_transparent_ground_becomes_visible() {
        let mut image = image::RgbaImage::from_pixel(40, 40, image::Rgba([255, 255, 255, 0]));
        image.put_pixel(3, 3, image::Rgba([255, 255, 255, 255]));
        let (grey, _) = grey(&DynamicImage::ImageRgba8(image));
        assert_eq!((grey.get_pixel(3, 3).0[0], grey.get_pixel(9, 9).0[0]), (0, 255));
    }

    #[test]
    fn a_very_large_image_is_reduced_before_anything_else() {
        let image = DynamicImage::ImageRgb8(image::RgbImage::from_pixel(101, 60, image::Rgb([90, 90, 90])));
        let (small, factor) = grey_within(&image, 1000);
        assert_eq!((small.dimensions(), factor), ((33, 20), 3));
        assert!(small.as_raw().iter().all(|&value| (88..=90).contains(&value)));
    }

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
