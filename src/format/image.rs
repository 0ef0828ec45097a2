//! Raster images: BMP, every frame of PNG, GIF and WEBP, and every picture of a JPEG, upright by their EXIF orientation.
//!
//! The size in the header is checked before memory is taken. A frame that cannot be decoded is a fault of that frame, a
//! picture that ends too early or whose data are damaged is a fault although what there is of it is read, and so is another
//! file behind it. What people wrote into it besides is a page without pixels behind the others.

use std::cell::RefCell;
use std::io::{BufReader, Seek as _, SeekFrom};

use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::{
    AnimationDecoder as _, ColorType, DynamicImage, Frames, ImageDecoder, ImageError, ImageFormat, ImageReader,
    ImageResult,
};

use crate::config::{Limits, Settings};
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};

use super::frames::{self, Walk};
use super::raster::{Picture, check_pixels, flatten};
use super::text::TextPages;
use super::{Document, Format, PageSource, Source, behind, captions, jpeg};

/// Reads raster images.
pub(super) struct Image;

impl Format for Image {
    fn name(&self) -> &'static str {
        "image"
    }

    fn version(&self) -> u32 {
        8
    }

    fn sequential(&self) -> bool {
        true
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["png", "jpeg", "bmp", "gif", "webp"]
    }

    fn open<'a>(
        &'a self,
        source: Source,
        kind: &Kind,
        settings: &'a Settings,
    ) -> Result<Box<dyn Document + 'a>, Fault> {
        let format = match kind.as_str() {
            "png" => ImageFormat::Png,
            "jpeg" => ImageFormat::Jpeg,
            "bmp" => ImageFormat::Bmp,
            "gif" => ImageFormat::Gif,
            "webp" => ImageFormat::WebP,
            other => return Err(Fault::whole(FaultReason::Unsupported, format!("not an image: {other}"))),
        };
        // The header is read now, so that a content that is no image at all has no pages.
        let (width, height) = decoder(&source, format, 0)?.dimensions();
        check_pixels(width, height, &settings.limits)?;
        let walk = frames::walk(&source, format);
        let captions = captions::of(&source, format).pages(settings);
        Ok(Box::new(Images { source, format, walk, captions, limits: &settings.limits, playing: RefCell::default() }))
    }
}

/// An open image of one or many frames.
struct Images<'a> {
    source: Source,
    format: ImageFormat,
    walk: Walk,
    captions: TextPages,
    limits: &'a Limits,
    /// Frames build on the ones before, so the decoder is kept where it stands: its frames, and the next one's number.
    playing: RefCell<Option<(Frames<'static>, u32)>>,
}

impl Document for Images<'_> {
    fn page_count(&self) -> u32 {
        self.frames_read().saturating_add(self.captions.page_count())
    }

    fn faults(&self) -> Vec<Fault> {
        let over = self.pictures() > self.limits.frames;
        let seen = || format!("an image of {} frames", self.pictures());
        let over = over.then(|| Fault::limit("frames", self.limits.frames, seen()));
        let behind = self.walk.end.and_then(|end| behind::fault(&self.source, end));
        over.into_iter().chain(behind).chain(self.captions.faults()).collect()
    }

    fn page(&self, number: u32) -> Result<Box<dyn PageSource + '_>, Fault> {
        let place = |fault: Fault| Fault { page: Some(number), ..fault };
        if let Some(behind) = number.checked_sub(self.frames_read()).filter(|behind| *behind > 0) {
            return self.captions.page(behind).map_err(place);
        }
        let (image, broken) = self.picture(number).map_err(place)?;
        let faults = broken.or_else(|| self.truncated()).or_else(|| self.garbled(number)).map(place);
        let faults = faults.into_iter().collect();
        Ok(Box::new(Picture { image: flatten(image), dpi: None, faults }))
    }
}

impl Images<'_> {
    /// Frames, and what stands before them; 1 if it is a still picture.
    fn first_pictures(&self) -> u32 {
        self.walk.frames.max(1).saturating_add(u32::from(self.walk.cover && self.walk.frames > 0))
    }

    /// Pictures that are read.
    fn frames_read(&self) -> u32 {
        self.pictures().min(self.limits.frames)
    }

    /// Pictures in all.
    fn pictures(&self) -> u32 {
        self.first_pictures().saturating_add(u32::try_from(self.walk.further.len()).unwrap_or(u32::MAX))
    }

    /// Picture `number`, from 1, and why it is not all there.
    fn picture(&self, number: u32) -> Result<(DynamicImage, Option<Fault>), Fault> {
        let Walk { frames, cover, .. } = self.walk;
        if let Some(behind) = number.checked_sub(self.first_pictures()).filter(|behind| *behind > 0) {
            let start = self.walk.further.get(behind as usize - 1);
            let start = start.ok_or_else(|| Fault::whole(FaultReason::Damaged, "there is no such picture"))?;
            return self.still(*start);
        }
        let frame = number.saturating_sub(u32::from(cover));
        // The one frame of an animation without a cover is the still picture.
        if frame > 0 && (frames > 1 || cover && frames > 0) {
            return Ok((self.frame(frame)?, None));
        }
        self.still(0)
    }

    /// The picture that begins at `start`, upright. Of one that breaks off it is what came before the break.
    fn still(&self, start: u64) -> Result<(DynamicImage, Option<Fault>), Fault> {
        let mut decoder = decoder(&self.source, self.format, start)?;
        let (width, height) = decoder.dimensions();
        check_pixels(width, height, self.limits)?;
        decoder.set_limits(memory(self.limits)).map_err(unreadable)?;
        // Broken EXIF data says nothing about the way up.
        let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
        let mut broken = None;
        let mut image = DynamicImage::from_decoder(Lenient { decoder, broken: &mut broken }).map_err(unreadable)?;
        image.apply_orientation(orientation);
        Ok((image, broken.map(unreadable)))
    }

    /// Frame `number`, from 1; goes back to the start if an earlier one was read before.
    fn frame(&self, number: u32) -> Result<DynamicImage, Fault> {
        let mut playing = self.playing.borrow_mut();
        if playing.as_ref().is_none_or(|(_, next)| *next > number) {
            *playing = Some((self.play()?, 1));
        }
        let (frames, next) = playing.as_mut().expect("it was set above");
        loop {
            let frame = frames.next();
            *next += 1;
            match frame {
                Some(Ok(frame)) if *next > number => return Ok(frame.into_buffer().into()),
                Some(Ok(_)) => {}
                Some(Err(error)) => {
                    // What comes after a broken frame is built on it; the next call starts over and stops here again.
                    *playing = None;
                    return Err(unreadable(error));
                }
                None => {
                    *playing = None;
                    return Err(Fault::whole(FaultReason::Damaged, "the animation ends before this frame"));
                }
            }
        }
    }

    fn play(&self) -> Result<Frames<'static>, Fault> {
        let reader = BufReader::new(self.source.clone());
        if self.format == ImageFormat::Gif {
            let mut decoder = GifDecoder::new(reader).map_err(unreadable)?;
            decoder.set_limits(memory(self.limits)).map_err(unreadable)?;
            return Ok(decoder.into_frames());
        }
        if self.format == ImageFormat::Png {
            let decoder = PngDecoder::with_limits(reader, memory(self.limits)).map_err(unreadable)?;
            return Ok(decoder.apng().map_err(unreadable)?.into_frames());
        }
        let mut decoder = WebPDecoder::new(reader).map_err(unreadable)?;
        decoder.set_limits(memory(self.limits)).map_err(unreadable)?;
        Ok(decoder.into_frames())
    }

    /// A JPEG whose data are damaged, which decoders show as if nothing were amiss.
    fn garbled(&self, number: u32) -> Option<Fault> {
        let first = number.saturating_sub(1) as usize;
        let begin =
            |index: usize| index.checked_sub(1).map_or(Some(&0), |further| self.walk.further.get(further)).copied();
        if self.format != ImageFormat::Jpeg {
            return None;
        }
        let (start, end) = (begin(first)?, begin(first + 1).or(self.walk.end).unwrap_or(self.source.size()));
        match self.source.bytes_of(start..end) {
            Ok(data) => jpeg::damage(&data).map(|what| Fault::whole(FaultReason::Damaged, what)),
            Err(error) => Some(Fault::whole(FaultReason::Io, error.to_string())),
        }
    }

    /// A picture that does not reach its end: decoders fill up the rest and say nothing.
    fn truncated(&self) -> Option<Fault> {
        let detail = "the picture breaks off before its end: part of it may be missing";
        self.walk.end.is_none().then(|| Fault::whole(FaultReason::Damaged, detail))
    }
}

/// A decoder that gives what it has when it fails half-way: a marking may stand above the break.
struct Lenient<'a, D> {
    decoder: D,
    /// Why it failed.
    broken: &'a mut Option<ImageError>,
}

impl<D: ImageDecoder> ImageDecoder for Lenient<'_, D> {
    fn dimensions(&self) -> (u32, u32) {
        self.decoder.dimensions()
    }

    fn color_type(&self) -> ColorType {
        self.decoder.color_type()
    }

    fn read_image(self, samples: &mut [u8]) -> ImageResult<()> {
        // What is missing is blank paper.
        samples.fill(u8::MAX);
        let outcome = self.decoder.read_image(samples);
        if outcome.is_err() && samples.iter().all(|sample| *sample == u8::MAX) {
            return outcome;
        }
        *self.broken = outcome.err();
        Ok(())
    }

    fn read_image_boxed(self: Box<Self>, samples: &mut [u8]) -> ImageResult<()> {
        (*self).read_image(samples)
    }
}

/// A decoder of the picture that begins at `start`.
fn decoder(source: &Source, format: ImageFormat, start: u64) -> Result<impl ImageDecoder + use<>, Fault> {
    let mut source = source.clone();
    source.seek(SeekFrom::Start(start)).map_err(|error| unreadable(error.into()))?;
    ImageReader::with_format(BufReader::new(source), format).into_decoder().map_err(unreadable)
}

/// What a decoder may allocate: eight bytes for each pixel of the limit, and tables.
fn memory(limits: &Limits) -> image::Limits {
    let mut memory = image::Limits::no_limits();
    memory.max_alloc = Some(limits.image_pixels.saturating_mul(8).saturating_add(64 << 20));
    memory
}

#[allow(clippy::needless_pass_by_value, reason = "handed to `map_err` as it is")]
fn unreadable(error: ImageError) -> Fault {
    let reason = match &error {
        ImageError::IoError(io) if io.raw_os_error().is_some() => FaultReason::Io,
        ImageError::Limits(_) => FaultReason::Limit,
        _ => FaultReason::UnreadableImage,
    };
    let detail = match reason {
        FaultReason::Limit => format!("the picture needs more memory than limits.image_pixels allows: {error}"),
        _ => error.to_string(),
    };
    Fault::whole(reason, detail)
}

#[cfg(test)]
mod tests;
