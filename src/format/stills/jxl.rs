//! JPEG XL, in its container or bare; each frame of an animation is a page.

use heic_rs::boxes::BoxIter;
use image::{DynamicImage, GrayAlphaImage, GrayImage, RgbImage, RgbaImage};
use jxl_oxide::{AllocTracker, AuxBoxData, InitializeResult, JxlImage, JxlThreadPool, PixelFormat};

use super::{Pictures, broken_off, unreadable};
use crate::config::Limits;
use crate::finding::{Fault, FaultReason};
use crate::format::captions::Captions;
use crate::format::raster::check_pixels;

/// An opened picture.
pub(super) struct Jxl {
    image: JxlImage,
    captions: Vec<Caption>,
}

/// What is said of it.
enum Caption {
    Exif(Vec<u8>),
    Xmp(Vec<u8>),
    Lost,
}

impl Jxl {
    pub(super) fn open(bytes: &[u8], limits: &Limits) -> Result<Self, Fault> {
        // As much as other pictures may take: eight bytes for each pixel of the limit, and tables.
        let memory = limits.image_pixels.saturating_mul(8).saturating_add(64 << 20);
        let tracker = AllocTracker::with_limit(usize::try_from(memory).unwrap_or(usize::MAX));
        let opened = JxlImage::builder().pool(JxlThreadPool::none()).alloc_tracker(tracker).build_uninit();
        let mut image = fed(opened, bytes)?;
        check_pixels(image.width(), image.height(), limits)?;
        // Words of a picture that is cut off may be too.
        let _ = image.finalize();
        let captions = captions(&image, bytes);
        Ok(Self { image, captions })
    }
}

/// The picture in `bytes`, its data taken in and not yet decoded.
fn fed(mut opened: jxl_oxide::UninitializedJxlImage, bytes: &[u8]) -> Result<JxlImage, Fault> {
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

fn captions(image: &JxlImage, bytes: &[u8]) -> Vec<Caption> {
    let boxes = image.aux_boxes();
    let plain = BoxIter::new(bytes).filter_map(Result::ok).find(|found| found.is(b"Exif"));
    let exif = match (plain, boxes.first_exif()) {
        (Some(plain), _) => Some(exif(plain.payload)),
        (None, Ok(AuxBoxData::Data(packed))) => Some(exif(packed.payload())),
        (None, Err(_)) => Some(Caption::Lost),
        (None, Ok(_)) => None,
    };
    let xmp = match boxes.first_xml() {
        AuxBoxData::Data(xml) => Some(Caption::Xmp(xml.to_vec())),
        _ => None,
    };
    exif.into_iter().chain(xmp).collect()
}

/// The TIFF in a box, wherever in it that begins: some programs leave out the number that says where.
fn exif(data: &[u8]) -> Caption {
    let begin = |at: usize| data.get(at..).filter(|rest| rest.starts_with(b"II*\0") || rest.starts_with(b"MM\0*"));
    [0, 4, 6, 10].into_iter().find_map(begin).map_or(Caption::Lost, |tiff| Caption::Exif(tiff.to_vec()))
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
        (frames > 0 && !self.image.is_loading_done()).then(broken_off).into_iter().collect()
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
