//! JPEG XL, in its container or bare; each frame of an animation is a page.

mod boxes;

use image::{DynamicImage, GrayAlphaImage, GrayImage, RgbImage, RgbaImage};
use jxl_oxide::{AllocTracker, InitializeResult, JxlImage, JxlThreadPool, PixelFormat, UninitializedJxlImage};

use super::{Pictures, broken_off, unreadable};
use crate::config::Limits;
use crate::finding::{Fault, FaultReason};
use crate::format::captions::Captions;
use crate::format::raster::check_pixels;

/// An opened picture.
pub(super) struct Jxl {
    image: JxlImage,
    captions: Vec<Caption>,
    /// What of the file is no part of its picture.
    faults: Vec<Fault>,
    end: Option<u64>,
}

/// Bytes that are given to the decoder at a time to find out where the picture ends; then one after the other.
const PIECE: usize = 64 << 10;

/// What is said of it.
enum Caption {
    Exif(Vec<u8>),
    Xmp(Vec<u8>),
    Lost,
}

impl Jxl {
    pub(super) fn open(bytes: &[u8], limits: &Limits) -> Result<Self, Fault> {
        let mut image = fed(started(limits), bytes)?;
        check_pixels(image.width(), image.height(), limits)?;
        // Words of a picture that is cut off may be too.
        let _ = image.finalize();
        let last = if image.is_loading_done() { end_of_picture(bytes, limits) } else { None };
        let boxes::Outline { captions, faults, end } = boxes::outline(&image, bytes, last);
        Ok(Self { image, captions, faults, end })
    }
}

/// A decoder that has as much memory as other pictures may take: eight bytes for each pixel of the limit, and tables.
fn started(limits: &Limits) -> UninitializedJxlImage {
    let memory = limits.image_pixels.saturating_mul(8).saturating_add(64 << 20);
    let tracker = AllocTracker::with_limit(usize::try_from(memory).unwrap_or(usize::MAX));
    JxlImage::builder().pool(JxlThreadPool::none()).alloc_tracker(tracker).build_uninit()
}

/// One past the last byte that the picture in `bytes` needs.
fn end_of_picture(bytes: &[u8], limits: &Limits) -> Option<usize> {
    let rough = whole_at(bytes, limits, PIECE, PIECE)?;
    whole_at(bytes, limits, rough.saturating_sub(PIECE).max(1), 1)
}

/// How many of `bytes` were given when the picture was whole: first so many, then a step at a time. The data are taken in, and not
/// decoded.
fn whole_at(bytes: &[u8], limits: &Limits, first: usize, step: usize) -> Option<usize> {
    let (mut waiting, mut image) = (Some(started(limits)), None);
    let (mut from, mut upto) = (0, first);
    loop {
        let piece = bytes.get(from..upto.min(bytes.len()))?;
        if let Some(mut opened) = waiting.take() {
            from += opened.feed_bytes(piece).ok()?;
            match opened.try_init().ok()? {
                InitializeResult::Initialized(begun) => image = Some(begun),
                InitializeResult::NeedMoreData(opened) => waiting = Some(opened),
            }
        } else if let Some(image) = &mut image {
            from += image.feed_bytes(piece).ok()?;
        }
        if image.as_ref().is_some_and(JxlImage::is_loading_done) {
            return Some(upto.min(bytes.len()));
        }
        if upto >= bytes.len() {
            return None;
        }
        upto = upto.saturating_add(step);
    }
}

/// The picture in `bytes`, its data taken in and not yet decoded.
fn fed(mut opened: UninitializedJxlImage, bytes: &[u8]) -> Result<JxlImage, Fault> {
    let mut rest = bytes;
    while !rest.is_empty() {
        match opened.feed_bytes(rest).map_err(unreadable)? {
            0 => break,
            taken => rest = rest.get(taken..).unwrap_or_default(),
        }
    }
    match opened.try_init().map_err(unreadable)? {
        InitializeResult::Initialized(image) => Ok(image),
        InitializeResult::NeedMoreData(_) => Err(broken_off()),
    }
}

impl Pictures for Jxl {
    fn count(&self) -> usize {
        self.image.num_loaded_keyframes().max(1)
    }

    fn picture(&self, index: usize, _: &Limits) -> Result<(DynamicImage, Option<Fault>), Fault> {
        if index >= self.image.num_loaded_keyframes() {
            return Err(broken_off());
        }
        let render = self.image.render_frame(index).map_err(|error| fault(&*error))?;
        let mut stream = render.stream();
        let (width, height) = (stream.width(), stream.height());
        let channels = stream.channels() as usize;
        let mut samples = vec![0_u8; width as usize * height as usize * channels];
        stream.write_to_buffer(&mut samples);
        let samples = if self.image.pixel_format().has_black() { printed(&samples, channels) } else { samples };
        let image = match self.image.pixel_format() {
            PixelFormat::Gray => GrayImage::from_raw(width, height, samples).map(DynamicImage::ImageLuma8),
            PixelFormat::Graya => GrayAlphaImage::from_raw(width, height, samples).map(DynamicImage::ImageLumaA8),
            PixelFormat::Rgba => RgbaImage::from_raw(width, height, samples).map(DynamicImage::ImageRgba8),
            PixelFormat::Rgb | PixelFormat::Cmyk | PixelFormat::Cmyka => {
                RgbImage::from_raw(width, height, samples).map(DynamicImage::ImageRgb8)
            }
        };
        let image = image.ok_or_else(|| unreadable("its pixels are not as many as its size says"))?;
        Ok((image, (!self.image.is_loading_done()).then(broken_off)))
    }

    fn captions(&self) -> Captions {
        let mut captions = Captions::default();
        for caption in &self.captions {
            match caption {
                Caption::Exif(tiff) => captions.exif(tiff),
                Caption::Xmp(packet) => captions.xmp(packet),
                Caption::Lost => captions.lose(),
            }
        }
        captions
    }

    fn faults(&self) -> Vec<Fault> {
        // Frames that did not come have no page that could say so.
        let frames = self.image.num_loaded_keyframes();
        let cut = (frames > 0 && !self.image.is_loading_done()).then(broken_off);
        cut.into_iter().chain(self.faults.iter().cloned()).collect()
    }

    fn end(&self) -> Option<u64> {
        self.end
    }
}

/// Colours of ink, of which full is none and black comes last, as light.
fn printed(samples: &[u8], channels: usize) -> Vec<u8> {
    let lit = |ink: u8, black: u8| u8::try_from(u16::from(ink) * u16::from(black) / 255).unwrap_or(u8::MAX);
    samples.chunks_exact(channels.max(4)).flat_map(|dot| [0, 1, 2].map(|ink| lit(dot[ink], dot[3]))).collect()
}

/// Why the library gave up.
fn fault(error: &(dyn std::error::Error + Send + Sync + 'static)) -> Fault {
    let said = error.to_string();
    let reason = match said.contains("memory") {
        true => FaultReason::Limit,
        false => FaultReason::UnreadableImage,
    };
    Fault::whole(reason, said)
}

#[cfg(test)]
mod tests;
