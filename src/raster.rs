//! Grey rasters out of any decoded image, reduced by whole numbers.
//!
//! Grey is luminance, so red heads and red marks stay dark (the largest channel would erase them). Transparent pixels lie
//! on white. Very large images are reduced while they are converted, so that nothing expensive ever sees all their pixels.

use image::{DynamicImage, GrayImage, Rgb, RgbImage, RgbaImage};

/// Pixels that the stages after conversion may see: A4 at 600 dpi passes whole, more is reduced first.
const WORKING_PIXELS: u64 = 40_000_000;

/// Grey, reduced by a whole number if the image is very large; the number is returned with it.
pub(crate) fn grey(image: &DynamicImage) -> (GrayImage, u32) {
    grey_within(image, WORKING_PIXELS)
}

/// Grey, reduced by a whole number to a longer side of about `longest`.
pub(crate) fn thumbnail(image: &DynamicImage, longest: u32) -> GrayImage {
    let side = u64::from(image.width().max(image.height()));
    // To the nearest: three halves of what is wanted are nearer than three quarters.
    let factor = ((side * 2 + u64::from(longest)) / (u64::from(longest) * 2).max(1)).max(1);
    let pixels = u64::from(image.width()) * u64::from(image.height());
    grey_within(image, (pixels / (factor * factor)).max(1)).0
}

/// The whole number by which a very large image is reduced.
pub(crate) fn reduction(width: u32, height: u32) -> u32 {
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
            if is_flat(grey.as_raw()) && is_transparent(rgba) {
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

/// In colour, transparent pixels on white; white writing on a transparent ground, which vanishes on white, by its shape.
pub(crate) fn on_white(rgba: &RgbaImage) -> RgbImage {
    let byte = |value: u32| u8::try_from(value).unwrap_or(u8::MAX);
    let mut rgb = RgbImage::new(rgba.width(), rgba.height());
    for (from, to) in rgba.pixels().zip(rgb.pixels_mut()) {
        let [red, green, blue, alpha] = from.0.map(u32::from);
        *to = Rgb([red, green, blue].map(|value| byte(over_white(value, alpha))));
    }
    if is_flat(rgb.as_raw()) && is_transparent(rgba) {
        rgba.pixels().zip(rgb.pixels_mut()).for_each(|(from, to)| *to = Rgb([255 - from.0[3]; 3]));
    }
    rgb
}

fn is_flat(values: &[u8]) -> bool {
    let (low, high) = values.iter().fold((255, 0), |(low, high), &value| (value.min(low), value.max(high)));
    high - low.min(high) < 16
}

fn is_transparent(rgba: &RgbaImage) -> bool {
    rgba.pixels().any(|pixel| pixel.0[3] < 128)
}

/// Converts pixels of `N` bytes to grey, each result the mean of `factor`² pixels. Edges that do not fill a square are cut.
pub(crate) fn reduce<const N: usize>(
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
}
