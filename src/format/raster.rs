//! Pictures as pages: what image and TIFF readers share.

use image::{DynamicImage, GenericImageView as _, GrayImage, ImageBuffer, Luma, RgbImage};

use crate::config::Limits;
use crate::document::PageSize;
use crate::finding::{Fault, FaultReason};

use super::{Layer, Objects, PageSource};

/// A decoded picture as a page without a text layer.
pub(super) struct Picture {
    pub(super) image: DynamicImage,
    pub(super) dpi: Option<f32>,
    pub(super) faults: Vec<Fault>,
}

impl PageSource for Picture {
    #[allow(clippy::cast_precision_loss, reason = "pixel counts are below 2^24 a side in any picture that is decoded")]
    fn size(&self) -> PageSize {
        PageSize { width: self.image.width() as f32, height: self.image.height() as f32 }
    }

    fn layer(&mut self) -> Result<Layer, Fault> {
        let objects = Objects { images: 1, ..Objects::default() };
        Ok(Layer { objects, faults: self.faults.clone(), ..Layer::default() })
    }

    fn render(&mut self, _: u32) -> Result<Option<DynamicImage>, Fault> {
        Ok(Some(self.image.clone()))
    }

    fn native_dpi(&mut self) -> Option<f32> {
        self.dpi
    }
}

/// Refuses a picture whose header promises more pixels than the limit, before memory is taken for it.
pub(super) fn check_pixels(width: u32, height: u32, limits: &Limits) -> Result<(), Fault> {
    if width == 0 || height == 0 {
        return Err(Fault::whole(FaultReason::UnreadableImage, "the picture has no pixels"));
    }
    let pixels = u64::from(width) * u64::from(height);
    if pixels > limits.image_pixels {
        let seen = format!("a picture of {width} x {height} pixels");
        return Err(Fault::limit("image_pixels", limits.image_pixels, seen));
    }
    Ok(())
}

/// Grey or RGB of 8 bits, transparency laid on paper: white, or black if what is drawn is itself nearly white.
pub(super) fn flatten(image: DynamicImage) -> DynamicImage {
    match image {
        DynamicImage::ImageLuma8(_) | DynamicImage::ImageRgb8(_) => image,
        DynamicImage::ImageLuma16(_) => DynamicImage::ImageLuma8(image.to_luma8()),
        DynamicImage::ImageLumaA8(_) | DynamicImage::ImageLumaA16(_) => {
            let (paper, grey) = (paper(&image), image.to_luma_alpha8());
            let (width, height) = image.dimensions();
            drop(image);
            let flat = grey.pixels().map(|p| over(p.0[0], p.0[1], paper)).collect();
            let flat = GrayImage::from_raw(width, height, flat).expect("one byte was made for each pixel");
            DynamicImage::ImageLuma8(flat)
        }
        image if image.color().has_alpha() => {
            let (paper, colour) = (paper(&image), image.to_rgba8());
            let (width, height) = image.dimensions();
            drop(image);
            let flat = colour.pixels().flat_map(|p| [0, 1, 2].map(|i| over(p.0[i], p.0[3], paper))).collect();
            let flat = RgbImage::from_raw(width, height, flat).expect("three bytes were made for each pixel");
            DynamicImage::ImageRgb8(flat)
        }
        other => DynamicImage::ImageRgb8(other.to_rgb8()),
    }
}

/// `colour` with `alpha` over `paper`.
fn over(colour: u8, alpha: u8, paper: u8) -> u8 {
    let (colour, alpha, paper) = (u32::from(colour), u32::from(alpha), u32::from(paper));
    u8::try_from((colour * alpha + paper * (255 - alpha) + 127) / 255).expect("a mean of bytes is a byte")
}

/// The paper under a transparent picture. White letters on nothing would vanish on white.
fn paper(image: &DynamicImage) -> u8 {
    let (width, height) = image.dimensions();
    let step = (width.max(height) / 500).max(1) as usize;
    let mut opaque = 0_u64;
    let mut light = 0_u64;
    let mut clear = 0_u64;
    for y in (0..height).step_by(step) {
        for x in (0..width).step_by(step) {
            let [r, g, b, a] = image.get_pixel(x, y).0;
            if a < 64 {
                clear += 1;
                continue;
            }
            opaque += 1;
            light += u64::from(r.min(g).min(b) > 200);
        }
    }
    // Light things on clear ground; an opaque white sheet with a clear rim stays white.
    if clear > opaque && light * 10 > opaque * 9 { 0 } else { 255 }
}

/// Bytes of samples with `channels` a pixel into a picture; extra channels are dropped.
pub(super) fn from_samples(width: u32, height: u32, channels: usize, samples: Vec<u8>) -> Option<DynamicImage> {
    match channels {
        1 => ImageBuffer::<Luma<u8>, _>::from_raw(width, height, samples).map(DynamicImage::ImageLuma8),
        3 => RgbImage::from_raw(width, height, samples).map(DynamicImage::ImageRgb8),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgba, RgbaImage};

    #[test]
    fn transparency_lies_on_white_and_white_letters_on_black() {
        let mut dark = RgbaImage::from_pixel(10, 10, Rgba([0, 0, 0, 0]));
        dark.put_pixel(1, 1, Rgba([0, 0, 0, 255]));
        assert_eq!(flatten(dark.into()).to_luma8().get_pixel(0, 0).0, [255]);
        let mut light = RgbaImage::from_pixel(10, 10, Rgba([255, 255, 255, 0]));
        light.put_pixel(1, 1, Rgba([255, 255, 255, 255]));
        let flat = flatten(light.into()).to_luma8();
        assert_eq!((flat.get_pixel(0, 0).0, flat.get_pixel(1, 1).0), ([0], [255]));
    }

    #[test]
    fn a_picture_over_the_pixel_limit_is_refused_by_its_header() {
        let mut limits = crate::config::Settings::defaults().limits;
        limits.image_pixels = 100;
        assert!(check_pixels(10, 10, &limits).is_ok());
        assert_eq!(check_pixels(10, 11, &limits).expect_err("over").reason, FaultReason::Limit);
        assert!(check_pixels(u32::MAX, u32::MAX, &limits).is_err());
        assert!(check_pixels(0, 5, &limits).is_err());
    }
}
