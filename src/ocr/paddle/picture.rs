//! The picture that is read: colour, of bounded size, and the ways in which networks want parts of it.
//!
//! Networks take blue, green and red planes of values from −1 to 1.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use image::{DynamicImage, RgbImage};

use super::super::raster::{pixels, size};
use super::rect::Tilted;

/// A picture in red, green and blue.
pub(super) struct Picture {
    pub rgb: RgbImage,
    /// By how much it was reduced.
    pub factor: f32,
}

impl Picture {
    /// Of any image, transparent parts on white, reduced by a whole number to at most so many pixels.
    pub(super) fn new(image: &DynamicImage, most: usize) -> Self {
        let (width, height) = (image.width(), image.height());
        let side = |length: u32, factor: u32| u64::from((length / factor).max(1));
        let fits = |factor: &u32| side(width, *factor) * side(height, *factor) <= most as u64;
        let factor = (1..=width.max(height).max(1)).find(fits).unwrap_or(1);
        let (small_width, small_height) = ((width / factor).max(1), (height / factor).max(1));
        let rgb = match image {
            _ if width == 0 || height == 0 => RgbImage::new(0, 0),
            DynamicImage::ImageRgb8(rgb) => resize(rgb, small_width, small_height, None),
            other => resize(&on_white(other), small_width, small_height, None),
        };
        Self { rgb, factor: size(factor) }
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
        match self.level_part(place) {
            Some(part) => planes(&resize(&self.rgb, width, height, Some(part))),
            None => planes(&resize(&self.level(place), width, height, None)),
        }
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
        let (right, bottom) = (size(self.width().max(1) - 1), size(self.height().max(1) - 1));
        let (step_u, step_v) = (place.w / size(width), place.h / size(height));
        let mut out = RgbImage::new(width, height);
        for (row, line) in (0..height).zip(out.chunks_exact_mut(width as usize * 3)) {
            let v = (size(row) + 0.5) * step_v - place.h / 2.0;
            for (column, pixel) in (0..width).zip(line.chunks_exact_mut(3)) {
                let u = (size(column) + 0.5) * step_u - place.w / 2.0;
                let x = (place.x + u * cos - v * sin - 0.5).clamp(0.0, right);
                let y = (place.y + u * sin + v * cos - 0.5).clamp(0.0, bottom);
                pixel.copy_from_slice(&self.between(x, y));
            }
        }
        out
    }

    /// The colour at a place between pixels, which lies inside.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "inside the picture, and rounded down")]
    fn between(&self, x: f32, y: f32) -> [u8; 3] {
        let (left, top) = (x as usize, y as usize);
        let (right, bottom) = ((left + 1).min(self.width() as usize - 1), (top + 1).min(self.height() as usize - 1));
        let (fx, fy) = (((x - size(left as u32)) * 256.0) as u32, ((y - size(top as u32)) * 256.0) as u32);
        let raw = self.rgb.as_raw();
        let at = |x: usize, y: usize| (y * self.width() as usize + x) * 3;
        let corners = [at(left, top), at(right, top), at(left, bottom), at(right, bottom)];
        std::array::from_fn(|channel| {
            let values = corners.map(|at| u32::from(raw[at + channel]));
            let mix = |pair: &[u32]| pair[0] * (256 - fx) + pair[1] * fx;
            let (upper, lower) = (mix(&values[..2]), mix(&values[2..]));
            ((upper * (256 - fy) + lower * fy) >> 16) as u8
        })
    }
}

/// Red, green and blue; what is transparent lies on white.
fn on_white(image: &DynamicImage) -> RgbImage {
    match image {
        DynamicImage::ImageRgb8(rgb) => rgb.clone(),
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

    fn picture(width: u32, height: u32) -> Picture {
        Picture::new(&DynamicImage::ImageRgb8(RgbImage::new(width, height)), MOST)
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

    #[test]
    fn white_writing_on_a_transparent_ground_is_seen_and_colours_of_other_pictures_stay() {
        let mut image = image::RgbaImage::from_pixel(40, 40, image::Rgba([255, 255, 255, 0]));
        image.put_pixel(3, 3, image::Rgba([255, 255, 255, 255]));
        let picture = Picture::new(&image.clone().into(), MOST);
        assert_eq!((picture.rgb.get_pixel(3, 3).0, picture.rgb.get_pixel(9, 9).0), ([0; 3], [255; 3]));
        image.put_pixel(3, 3, image::Rgba([200, 10, 20, 255]));
        let picture = Picture::new(&image.into(), MOST);
        assert_eq!((picture.rgb.get_pixel(3, 3).0, picture.rgb.get_pixel(9, 9).0), ([200, 10, 20], [255; 3]));
    }

    #[test]
    fn pictures_are_reduced_to_a_bounded_size_whatever_their_shape() {
        for (width, height) in [(0, 5), (1, 1), (5000, 5000), (2, 9_000_000), (3, 20_000_000)] {
            let picture = picture(width, height);
            let pixels = u64::from(picture.width()) * u64::from(picture.height());
            assert!(pixels <= MOST as u64, "{width} × {height}: {pixels}");
            assert_eq!(pixels == 0, width == 0);
        }
    }
}
