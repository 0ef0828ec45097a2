//! Raster images: PNG, JPEG, BMP and every frame of GIF and WEBP, upright by their EXIF orientation.
//!
//! The size in the header is checked before memory is taken. A frame that cannot be decoded is a fault of that frame,
//! and a JPEG that ends too early is a fault although what there is of it is read.

use std::cell::RefCell;
use std::io::{BufReader, Read, Seek as _, SeekFrom};

use image::codecs::gif::GifDecoder;
use image::codecs::webp::WebPDecoder;
use image::{AnimationDecoder as _, DynamicImage, Frames, ImageDecoder, ImageError, ImageFormat, ImageReader};

use crate::config::{Limits, Settings};
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};

use super::raster::{Picture, check_pixels, flatten};
use super::{Document, Format, PageSource, Source, frames};

/// Reads raster images.
pub(super) struct Image;

impl Format for Image {
    fn name(&self) -> &'static str {
        "image"
    }

    fn version(&self) -> u32 {
        1
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
        let frames = match format {
            ImageFormat::Gif => frames::count_gif(&source),
            ImageFormat::WebP => frames::count_webp(&source),
            _ => 1,
        };
        // The header is read now, so that a content that is no image at all has no pages.
        let (width, height) = decoder(&source, format)?.dimensions();
        check_pixels(width, height, &settings.limits)?;
        Ok(Box::new(Images {
            source,
            format,
            frames: frames.max(1),
            limits: &settings.limits,
            playing: RefCell::default(),
        }))
    }
}

/// An open image of one or many frames.
struct Images<'a> {
    source: Source,
    format: ImageFormat,
    frames: u32,
    limits: &'a Limits,
    /// Frames build on the ones before, so the decoder is kept where it stands: its frames, and the next one's number.
    playing: RefCell<Option<(Frames<'static>, u32)>>,
}

impl Document for Images<'_> {
    fn page_count(&self) -> u32 {
        self.frames.min(self.limits.frames)
    }

    fn faults(&self) -> Vec<Fault> {
        let over = self.frames > self.limits.frames;
        let seen = || format!("an image of {} frames", self.frames);
        over.then(|| Fault::limit("frames", self.limits.frames, seen())).into_iter().collect()
    }

    fn page(&self, number: u32) -> Result<Box<dyn PageSource + '_>, Fault> {
        let place = |fault: Fault| Fault { page: Some(number), ..fault };
        let animated = self.frames > 1 && matches!(self.format, ImageFormat::Gif | ImageFormat::WebP);
        let image = if animated { self.frame(number) } else { self.still() };
        let image = image.map_err(place)?;
        let faults = self.truncated().map(place).into_iter().collect();
        Ok(Box::new(Picture { image: flatten(image), dpi: None, faults }))
    }
}

impl Images<'_> {
    /// The only picture, upright.
    fn still(&self) -> Result<DynamicImage, Fault> {
        let mut decoder = decoder(&self.source, self.format)?;
        let (width, height) = decoder.dimensions();
        check_pixels(width, height, self.limits)?;
        decoder.set_limits(memory(self.limits)).map_err(unreadable)?;
        // Broken EXIF data says nothing about the way up.
        let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
        let mut image = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
        image.apply_orientation(orientation);
        Ok(image)
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
        let mut decoder = WebPDecoder::new(reader).map_err(unreadable)?;
        decoder.set_limits(memory(self.limits)).map_err(unreadable)?;
        Ok(decoder.into_frames())
    }

    /// A JPEG without its end mark: the decoder fills the rest with grey and says nothing.
    fn truncated(&self) -> Option<Fault> {
        if self.format != ImageFormat::Jpeg {
            return None;
        }
        let mut tail = Vec::new();
        let mut source = self.source.clone();
        source.seek(SeekFrom::Start(self.source.size().saturating_sub(1 << 16))).ok()?;
        source.take(1 << 16).read_to_end(&mut tail).ok()?;
        let ends = tail.windows(2).any(|pair| pair == b"\xff\xd9");
        (!ends)
            .then(|| Fault::whole(FaultReason::Damaged, "the picture ends before its end mark: part of it is missing"))
    }
}

fn decoder(source: &Source, format: ImageFormat) -> Result<impl ImageDecoder + use<>, Fault> {
    ImageReader::with_format(BufReader::new(source.clone()), format).into_decoder().map_err(unreadable)
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
mod tests {
    use super::*;
    use crate::format::for_kind;
    use crate::format::test_support::{fixture, open_fixture, pictures};

    /// The corner of each fixture is red, the rest is white: 40 x 20 pixels, red in the upper left quarter.
    fn assert_red_corner(name: &str) {
        let settings = Settings::defaults();
        let images = pictures(name, &settings).expect("the fixture is sound");
        for image in &images {
            let rgb = image.to_rgb8();
            assert_eq!(rgb.dimensions(), (40, 20), "{name}");
            let [r, g, b] = rgb.get_pixel(5, 5).0;
            assert!(r > 150 && g < 90 && b < 90, "{name}: corner is {r},{g},{b}");
            let [r, g, b] = rgb.get_pixel(35, 15).0;
            assert!(r > 200 && g > 200 && b > 200, "{name}: paper is {r},{g},{b}");
        }
    }

    #[test]
    fn every_colour_model_gives_the_same_picture() {
        for name in
            ["rgb.png", "palette.png", "alpha.png", "sixteen.png", "rgb.bmp", "rgb.jpg", "rgb.webp", "palette.gif"]
        {
            assert_red_corner(name);
        }
        for name in ["cmyk.jpg", "exif_turned.jpg"] {
            assert_red_corner(name);
        }
    }

    #[test]
    fn every_frame_of_an_animation_is_a_page() {
        let settings = Settings::defaults();
        for name in ["three_frames.gif", "three_frames.webp"] {
            let images = pictures(name, &settings).expect("the fixture is sound");
            let corners: Vec<u8> = images.iter().map(|image| image.to_luma8().get_pixel(5, 5).0[0] / 100).collect();
            assert_eq!(corners, [0, 1, 2], "{name}");
        }
    }

    #[test]
    fn frames_can_be_read_in_any_order() {
        let settings = Settings::defaults();
        let document = open_fixture("three_frames.gif", &settings).expect("opens");
        let corner = |number| {
            let image = document.page(number).expect("a frame").render(0).expect("renders").expect("has pixels");
            image.to_luma8().get_pixel(5, 5).0[0] / 100
        };
        assert_eq!([corner(3), corner(1), corner(2)], [2, 0, 1]);
    }

    #[test]
    fn frames_over_the_limit_are_a_fault() {
        let mut settings = Settings::defaults();
        settings.limits.frames = 2;
        let document = open_fixture("three_frames.gif", &settings).expect("opens");
        assert_eq!(document.page_count(), 2);
        assert_eq!(document.faults()[0].reason, FaultReason::Limit);
    }

    #[test]
    fn a_truncated_picture_is_a_fault_and_not_a_silence() {
        let settings = Settings::defaults();
        for (name, kind) in [("rgb.png", "png"), ("rgb.jpg", "jpeg"), ("rgb.bmp", "bmp")] {
            let whole = fixture(name);
            let source = crate::format::test_support::source(&whole[..whole.len() - whole.len() / 5]);
            let kind = Kind::new(kind);
            let document = for_kind(&kind).expect("known").open(source, &kind, &settings).expect("the header is whole");
            let faulty = match document.page(1) {
                Err(fault) => fault.page == Some(1),
                Ok(mut page) => !page.layer().expect("has a layer").faults.is_empty(),
            };
            assert!(faulty, "{name}");
        }
    }

    #[test]
    fn a_picture_over_the_pixel_limit_is_never_decoded() {
        let mut settings = Settings::defaults();
        settings.limits.image_pixels = 799;
        let fault = open_fixture("rgb.png", &settings).map(|_| ()).expect_err("over the limit");
        assert_eq!(fault.reason, FaultReason::Limit);
    }
}
