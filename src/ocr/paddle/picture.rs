//! The picture that is read: colour, of bounded size, and the ways in which networks want parts of it.
//!
//! Networks take blue, green and red planes of values from −1 to 1.

use std::borrow::Cow;

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use image::{DynamicImage, GrayImage, RgbImage};

use super::super::raster::{pixels, size};
use super::rect::Tilted;

/// Columns of a line for the second reader; longer ones are squeezed.
const MOST_WIDTH: u32 = 8192;
/// A line is cut out with this many times the pixels that are wanted of it, at least.
const SPARE: f32 = 2.0;

/// A picture in red, green and blue.
pub(super) struct Picture<'a> {
    /// That of the caller, where it can be read as it is: a large scan takes a hundred megabytes.
    pub rgb: Cow<'a, RgbImage>,
    /// By how much it was reduced.
    pub factor: f32,
}

impl<'a> Picture<'a> {
    /// Of any image, transparent parts on white, reduced by a whole number to at most so many pixels.
    pub(super) fn new(image: &'a DynamicImage, most: usize) -> Self {
        let (width, height) = (image.width(), image.height());
        let side = |length: u32, factor: u32| u64::from((length / factor).max(1));
        let fits = |factor: &u32| side(width, *factor) * side(height, *factor) <= most as u64;
        let factor = (1..=width.max(height).max(1)).find(fits).unwrap_or(1);
        let whole = match image {
            DynamicImage::ImageRgb8(rgb) => Cow::Borrowed(rgb),
            other => Cow::Owned(on_white(other)),
        };
        let rgb = match factor {
            _ if width == 0 || height == 0 => Cow::Owned(RgbImage::new(0, 0)),
            1 => whole,
            _ => Cow::Owned(resize(&whole, (width / factor).max(1), (height / factor).max(1), None)),
        };
        Self { rgb, factor: size(factor) }
    }

    /// Of pixels of its own.
    pub(super) fn owned(rgb: RgbImage, factor: f32) -> Self {
        Self { rgb: Cow::Owned(rgb), factor }
    }

    pub(super) fn width(&self) -> u32 {
        self.rgb.width()
    }

    pub(super) fn height(&self) -> u32 {
        self.rgb.height()
    }

    /// The picture at another size, as planes.
    pub(super) fn planes(&self, width: u32, height: u32) -> Vec<f32> {
        planes(&resize(&self.rgb, width, height, None))
    }

    /// What stands in a rectangle at any angle, level, at another size, as planes. What lies outside the picture repeats its
    /// edge.
    pub(super) fn cut(&self, place: &Tilted, width: u32, height: u32) -> Vec<f32> {
        if let Some(part) = self.level_part(place) {
            return planes(&resize(&self.rgb, width, height, Some(part)));
        }
        // A heading, or a place that is none, has far more pixels than are wanted: a smaller copy is as good and costs less.
        let reduction = (place.h / size(height)).min(place.w / size(width)) / SPARE;
        let level = match self.reduced_around(place, reduction) {
            Some((small, place)) => small.level(&place),
            None => self.level(place),
        };
        planes(&resize(&level, width, height, None))
    }

    /// What stands in a rectangle at any angle, level and grey, at a height and with a margin of its paper.
    pub(super) fn line(&self, place: &Tilted, height: u32, margin: u32) -> GrayImage {
        let level = self.level(place);
        let width = pixels(size(height) * place.w / place.h.max(1.0)).clamp(1, MOST_WIDTH);
        let small = image::DynamicImage::ImageRgb8(resize(&level, width, height, None)).into_luma8();
        let mut edge: Vec<u8> = small.rows().next().into_iter().flatten().map(|pixel| pixel.0[0]).collect();
        edge.sort_unstable();
        let paper = image::Luma([edge[edge.len() / 2]]);
        let mut line = GrayImage::from_pixel(width + 2 * margin, height + 2 * margin, paper);
        image::imageops::replace(&mut line, &small, margin.into(), margin.into());
        line
    }

    /// A copy of what is around a place, smaller by a factor, and the place on it; none where the factor is too little to be worth
    /// it.
    fn reduced_around(&self, place: &Tilted, factor: f32) -> Option<(Picture<'static>, Tilted)> {
        const WORTH: f32 = 1.5;
        if factor < WORTH {
            return None;
        }
        let bounds = place.bounds();
        let (width, height) = (size(self.width()), size(self.height()));
        let (left, top) = (bounds.x.floor().clamp(0.0, width - 1.0), bounds.y.floor().clamp(0.0, height - 1.0));
        let (right, bottom) =
            (bounds.right().ceil().clamp(left + 1.0, width), bounds.bottom().ceil().clamp(top + 1.0, height));
        let (w, h) = (pixels((right - left) / factor), pixels((bottom - top) / factor));
        let part = [left, top, right - left, bottom - top].map(f64::from);
        let place = Tilted {
            x: (place.x - left) / (right - left) * size(w),
            y: (place.y - top) / (bottom - top) * size(h),
            w: place.w / factor,
            h: place.h / factor,
            ..*place
        };
        Some((Picture::owned(resize(&self.rgb, w, h, Some(part)), factor), place))
    }

    /// A level rectangle inside the picture as left, top, width and height; none for any other. Edges may lie outside by as
    /// much as numbers are rounded.
    fn level_part(&self, place: &Tilted) -> Option<[f64; 4]> {
        const ROUNDING: f64 = 0.01;
        if place.angle * place.w.max(place.h) >= 0.5 || place.angle * place.w.max(place.h) <= -0.5 {
            return None;
        }
        let [x, y, w, h] = [place.x, place.y, place.w, place.h].map(f64::from);
        let (width, height) = (f64::from(self.width()), f64::from(self.height()));
        let (left, top) = (x - w / 2.0, y - h / 2.0);
        let inside =
            left >= -ROUNDING && top >= -ROUNDING && left + w <= width + ROUNDING && top + h <= height + ROUNDING;
        let (left, top) = (left.max(0.0), top.max(0.0));
        let (w, h) = (w.min(width - left), h.min(height - top));
        (inside && w >= 1.0 && h >= 1.0 && left + w <= width && top + h <= height).then_some([left, top, w, h])
    }

    /// What stands in a rectangle at any angle, level, at its own size.
    pub(super) fn level(&self, place: &Tilted) -> RgbImage {
        let (width, height) = (pixels(place.w), pixels(place.h));
        let (sin, cos) = place.angle.sin_cos();
        let (step_u, step_v) = (place.w / size(width), place.h / size(height));
        let step = (fixed(step_u * cos), fixed(step_u * sin));
        let mut out = RgbImage::new(width, height);
        for (row, line) in (0..height).zip(out.chunks_exact_mut(width as usize * 3)) {
            let v = (size(row) + 0.5) * step_v - place.h / 2.0;
            let u = 0.5 * step_u - place.w / 2.0;
            let mut at = (fixed(place.x + u * cos - v * sin - 0.5), fixed(place.y + u * sin + v * cos - 0.5));
            for pixel in line.chunks_exact_mut(3) {
                self.between(at, pixel);
                at = (at.0 + step.0, at.1 + step.1);
            }
        }
        out
    }

    /// The colour at a place between pixels, in fixed point; outside, that of the edge.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the picture")]
    fn between(&self, (x, y): (i64, i64), out: &mut [u8]) {
        let (right, bottom) = (i64::from(self.width()) - 1, i64::from(self.height()) - 1);
        let (x, y) = (x.clamp(0, right << FRACTION), y.clamp(0, bottom << FRACTION));
        let weight = |at: i64| ((at >> (FRACTION - 8)) & 0xff) as u32;
        let (fx, fy) = (weight(x), weight(y));
        let (left, top) = ((x >> FRACTION) as usize, (y >> FRACTION) as usize);
        let stride = self.width() as usize * 3;
        let across = if left < right as usize { 3 } else { 0 };
        let down = if top < bottom as usize { stride } else { 0 };
        let raw = self.rgb.as_raw();
        let start = top * stride + left * 3;
        let (upper, lower) = (&raw[start..start + across + 3], &raw[start + down..start + down + across + 3]);
        for (channel, out) in out.iter_mut().enumerate() {
            let mix = |line: &[u8]| u32::from(line[channel]) * (256 - fx) + u32::from(line[channel + across]) * fx;
            *out = ((mix(upper) * (256 - fy) + mix(lower) * fy) >> 16) as u8;
        }
    }
}

/// Bits behind the point of a place between pixels.
const FRACTION: u32 = 24;

/// In fixed point: so a step across a long line is exact to a thousandth of a pixel.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "pixels of a picture, at most millions"
)]
fn fixed(value: f32) -> i64 {
    (f64::from(value) * (1_i64 << FRACTION) as f64) as i64
}

/// Red, green and blue; what is transparent lies on white.
fn on_white(image: &DynamicImage) -> RgbImage {
    match image {
        // One rule for transparent pictures: white writing on nothing is seen by its shape.
        other if other.color().has_alpha() => crate::raster::on_white(&other.to_rgba8()),
        other => other.to_rgb8(),
    }
}

/// At another size, of the whole or of a part (left, top, width, height).
pub(super) fn resize(image: &RgbImage, width: u32, height: u32, part: Option<[f64; 4]>) -> RgbImage {
    if part.is_none() && (width, height) == image.dimensions() {
        return image.clone();
    }
    let mut options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom));
    if let Some([left, top, width, height]) = part {
        options = options.crop(left, top, width, height);
    }
    let mut out = RgbImage::new(width, height);
    let from =
        TypedImageRef::<U8x3>::from_buffer(image.width(), image.height(), image.as_raw()).expect("three bytes a pixel");
    let mut to = TypedImage::<U8x3>::from_buffer(width, height, &mut out).expect("three bytes a pixel");
    Resizer::new().resize_typed(&from, &mut to, &options).expect("the part lies inside");
    drop(to);
    out
}

/// Blue, green and red planes from −1 to 1.
pub(super) fn planes(image: &RgbImage) -> Vec<f32> {
    let count = image.width() as usize * image.height() as usize;
    let mut planes = vec![0.0; count * 3];
    let (blue, rest) = planes.split_at_mut(count);
    let (green, red) = rest.split_at_mut(count);
    for (((pixel, blue), green), red) in image.as_raw().chunks_exact(3).zip(blue).zip(green).zip(red) {
        let value = |value: u8| f32::from(value) / 127.5 - 1.0;
        *red = value(pixel[0]);
        *green = value(pixel[1]);
        *blue = value(pixel[2]);
    }
    planes
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 16_000_000;

    fn picture(width: u32, height: u32) -> Picture<'static> {
        Picture::owned(RgbImage::new(width, height), 1.0)
    }

    #[test]
    fn a_place_at_the_very_edge_is_cut_out_whatever_rounding_does() {
        let picture = picture(1654, 200);
        for place in [
            Tilted { x: 1_478.929_4 + 175.070_57 / 2.0, y: 100.0, w: 175.070_57, h: 30.0, angle: 0.0 },
            Tilted { x: 827.0, y: 100.0, w: 1654.0, h: 200.0, angle: 0.001 },
            Tilted { x: 827.0, y: 190.0, w: 1700.0, h: 40.0, angle: 0.0 },
            Tilted { x: 827.0, y: 100.0, w: 0.1, h: 0.1, angle: 1.2 },
        ] {
            assert_eq!(picture.cut(&place, 96, 48).len(), 96 * 48 * 3);
        }
    }

    /// Green grows to the right, red down.
    fn slope(side: u32) -> Picture<'static> {
        let value = |at: u32| u8::try_from(at * 250 / side).expect("at most 250");
        let rgb = RgbImage::from_fn(side, side, |x, y| image::Rgb([value(y), value(x), 0]));
        Picture::owned(rgb, 1.0)
    }

    #[test]
    fn a_tilted_place_is_laid_level_and_what_lies_outside_repeats_the_edge() {
        let picture = slope(500);
        let angle = 0.3_f32;
        let place = Tilted { x: 250.0, y: 250.0, w: 200.0, h: 60.0, angle };
        let level = picture.level(&place);
        assert_eq!(level.dimensions(), (200, 60));
        for (column, row) in [(0, 0), (10, 50), (100, 30), (199, 59)] {
            let (u, v) = (size(column) + 0.5 - 100.0, size(row) + 0.5 - 30.0);
            let (x, y) = (250.0 + u * angle.cos() - v * angle.sin(), 250.0 + u * angle.sin() + v * angle.cos());
            let seen = level.get_pixel(column, row).0;
            assert!((f32::from(seen[1]) - x / 2.0).abs() < 1.5, "{seen:?} at {x}, {y}");
            assert!((f32::from(seen[0]) - y / 2.0).abs() < 1.5, "{seen:?} at {x}, {y}");
        }
        let beyond = picture.level(&Tilted { x: 0.0, y: 0.0, w: 40.0, h: 20.0, angle });
        assert_eq!(beyond.get_pixel(0, 0).0, [0; 3]);
    }

    #[test]
    fn a_place_with_far_more_pixels_than_are_wanted_is_cut_out_of_a_smaller_copy() {
        let picture = slope(2000);
        let place = Tilted { x: 1000.0, y: 1000.0, w: 1200.0, h: 600.0, angle: 0.2 };
        let (small, on_it) = picture.reduced_around(&place, 600.0 / 96.0).expect("worth it");
        assert!(small.width() < 250 && small.height() < 150 + 100, "{} × {}", small.width(), small.height());
        let (large, small) = (picture.level(&place), small.level(&on_it));
        for share in [0.1, 0.5, 0.9] {
            let at = |image: &RgbImage| {
                image.get_pixel(pixels(size(image.width()) * share), pixels(size(image.height()) * share)).0
            };
            let (a, b) = (at(&large), at(&small));
            assert!(a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= 2), "{a:?}, not {b:?}");
        }
        assert!(picture.reduced_around(&place, 1.2).is_none());
    }

    #[test]
    fn white_writing_on_a_transparent_ground_is_seen_and_colours_of_other_pictures_stay() {
        let mut image = image::RgbaImage::from_pixel(40, 40, image::Rgba([255, 255, 255, 0]));
        image.put_pixel(3, 3, image::Rgba([255, 255, 255, 255]));
        let clear = DynamicImage::from(image.clone());
        let picture = Picture::new(&clear, MOST);
        assert_eq!((picture.rgb.get_pixel(3, 3).0, picture.rgb.get_pixel(9, 9).0), ([0; 3], [255; 3]));
        image.put_pixel(3, 3, image::Rgba([200, 10, 20, 255]));
        let coloured = DynamicImage::from(image);
        let picture = Picture::new(&coloured, MOST);
        assert_eq!((picture.rgb.get_pixel(3, 3).0, picture.rgb.get_pixel(9, 9).0), ([200, 10, 20], [255; 3]));
    }

    #[test]
    fn pictures_are_reduced_to_a_bounded_size_whatever_their_shape() {
        for (width, height) in [(0, 5), (1, 1), (5000, 5000), (2, 9_000_000), (3, 20_000_000)] {
            let image = DynamicImage::ImageRgb8(RgbImage::new(width, height));
            let picture = Picture::new(&image, MOST);
            let pixels = u64::from(picture.width()) * u64::from(picture.height());
            assert!(pixels <= MOST as u64, "{width} × {height}: {pixels}");
            assert_eq!(pixels == 0, width == 0);
        }
    }
}
