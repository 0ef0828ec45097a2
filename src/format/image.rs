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
        6
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
mod tests {
    use super::*;
    use crate::format::for_kind;
    use crate::format::test_support::{fixture, open, open_fixture, pictures, settings};

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
    fn a_picture_cut_off_anywhere_is_a_fault_and_not_a_silence() {
        let settings = settings();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/format");
        for entry in std::fs::read_dir(folder).expect("there are fixtures") {
            let name = entry.expect("readable").file_name().into_string().expect("UTF-8");
            // Archives say what breaks off when they hand out their members.
            if name.strip_suffix(".rar").is_some() {
                continue;
            }
            let whole = fixture(&name);
            for tenth in 0..10 {
                let length = whole.len() * tenth / 10;
                assert!(is_faulty(&whole[..length], &name, &settings), "{name}: {length} of {}", whole.len());
            }
            // A bitmap and a TIFF have no end mark: a last byte may be one that nothing refers to.
            if !matches!(name.rsplit_once('.'), Some((_, "bmp" | "tif"))) {
                assert!(is_faulty(&whole[..whole.len() - 1], &name, &settings), "{name}: the last byte");
            }
        }
    }

    #[test]
    fn of_a_picture_that_breaks_off_what_stands_above_the_break_is_read() {
        let settings = settings();
        for format in [ImageFormat::Png, ImageFormat::Bmp, ImageFormat::Jpeg, ImageFormat::Gif] {
            let mut whole = Vec::new();
            let noise = |x: u32, y: u32| (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).to_le_bytes()[1];
            let image = image::RgbImage::from_fn(200, 200, |x, y| image::Rgb([noise(x, y); 3]));
            image.write_to(&mut std::io::Cursor::new(&mut whole), format).expect("encodes");
            let document = open(&whole[..whole.len() * 3 / 4], &settings).expect("opens");
            let mut page = document.page(1).unwrap_or_else(|fault| panic!("{format:?}: {fault}"));
            assert_eq!(page.layer().expect("reads").faults.len(), 1, "{format:?}");
            let picture = page.render(0).expect("renders").expect("has pixels").to_luma8();
            let (near, far) = if format == ImageFormat::Bmp { (190, 10) } else { (10, 190) };
            let row =
                |y| (0..200).map(|x| picture.get_pixel(x, y).0[0]).collect::<std::collections::HashSet<_>>().len();
            assert!(row(near) > 20 && row(far) <= 2, "{format:?}: {} {}", row(near), row(far));
        }
    }

    /// Whether reading all of a picture as the format of its name meets any fault.
    fn is_faulty(bytes: &[u8], name: &str, settings: &Settings) -> bool {
        let kind = match name.rsplit_once('.').expect("it has an extension").1 {
            "jpg" => "jpeg",
            "tif" => "tiff",
            other => other,
        };
        let kind = Kind(kind.to_owned().into());
        let source = crate::format::test_support::source(bytes);
        let Ok(document) = for_kind(&kind).expect("known").open(source, &kind, settings) else { return true };
        let faulty = |number| match document.page(number) {
            Err(fault) => fault.page == Some(number),
            Ok(mut page) => !page.layer().expect("has a layer").faults.is_empty(),
        };
        !document.faults().is_empty() || (1..=document.page_count()).any(faulty)
    }

    #[test]
    fn sound_pictures_have_no_fault() {
        let settings = settings();
        for name in ["rgb.png", "rgb.jpg", "cmyk.jpg", "rgb.bmp", "rgb.webp", "three_frames.gif", "g3.tif", "g4.tif"] {
            assert!(!is_faulty(&fixture(name), name, &settings), "{name}");
        }
    }

    #[test]
    fn every_frame_of_an_animated_png_is_a_page() {
        let frame = |grey: u8| image::GrayImage::from_pixel(8, 4, image::Luma([grey]));
        // Chunks by hand: the pictures come out of ordinary files, the marks of the animation go between.
        let picture = |grey| {
            let mut bytes = std::io::Cursor::new(Vec::new());
            frame(grey).write_to(&mut bytes, ImageFormat::Png).expect("writes");
            chunks(&bytes.into_inner())
        };
        let control = |sequence: u32| {
            let sizes = [sequence, 8, 4, 0, 0].map(u32::to_be_bytes).concat();
            chunk(*b"fcTL", &[sizes, vec![0, 1, 0, 10, 0, 0]].concat())
        };
        let data = |grey| picture(grey).into_iter().find(|(kind, _)| kind == b"IDAT").expect("has data").1;
        let animations: [(bool, &[(u32, u8)]); 3] = [
            (false, &[(1, 200)]),
            (true, &[(0, 100), (2, 200)]),
            // The single frame is what browsers show, and the cover is not.
            (true, &[(0, 100)]),
        ];
        for (cover, rest) in animations {
            let frames = u32::try_from(rest.len()).expect("few") + u32::from(!cover);
            let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
            file.extend(chunk(*b"IHDR", &picture(0)[0].1));
            file.extend(chunk(*b"acTL", &[frames, 0].map(u32::to_be_bytes).concat()));
            let first = if cover { Vec::new() } else { control(0) };
            file.extend([first, chunk(*b"IDAT", &data(0))].concat());
            for (sequence, grey) in rest {
                let numbered = [(sequence + 1).to_be_bytes().as_slice(), &data(*grey)].concat();
                file.extend([control(*sequence), chunk(*b"fdAT", &numbered)].concat());
            }
            file.extend(chunk(*b"IEND", &[]));
            let settings = settings();
            let document = crate::format::test_support::open(&file, &settings).expect("opens");
            let corners: Vec<u8> = (1..=document.page_count())
                .map(|number| {
                    let image =
                        document.page(number).expect("a frame").render(0).expect("renders").expect("has pixels");
                    image.to_luma8().get_pixel(1, 1).0[0]
                })
                .collect();
            let expected = std::iter::once(0).chain(rest.iter().map(|(_, grey)| *grey));
            assert!(expected.eq(corners.iter().copied()), "{corners:?}");
        }
    }

    #[test]
    fn pictures_behind_a_jpeg_are_its_further_pages() {
        let photo = fixture("rgb.jpg");
        let file = [photo.as_slice(), &[0; 5], &fixture("exif_turned.jpg"), &photo].concat();
        let settings = settings();
        let document = crate::format::test_support::open(&file, &settings).expect("opens");
        assert_eq!((document.page_count(), document.faults().len()), (3, 0));
        for number in 1..=3 {
            let image = document.page(number).expect("a picture").render(0).expect("renders").expect("has pixels");
            assert_eq!(image.to_rgb8().dimensions(), (40, 20), "{number}");
        }
        let cut = &file[..file.len() - 20];
        let document = crate::format::test_support::open(cut, &settings).expect("opens");
        assert_eq!((document.page_count(), document.faults()[0].reason), (2, FaultReason::Attachment));
    }

    #[test]
    fn a_file_behind_a_bitmap_or_a_tiff_is_a_fault() {
        let settings = settings();
        for name in ["rgb.bmp", "g4.tif", "three_frames.tif", "rgba.tif"] {
            let whole = fixture(name);
            assert!(!is_faulty(&[&whole, [0; 9000].as_slice()].concat(), name, &settings), "{name}: padding");
            let more = [&whole, [0; 9000].as_slice(), b"%PDF-1.7\n"].concat();
            assert!(is_faulty(&more, name, &settings), "{name}");
        }
    }

    /// Kinds and data of the chunks of a PNG.
    fn chunks(file: &[u8]) -> Vec<([u8; 4], Vec<u8>)> {
        let (mut at, mut found) = (8, Vec::new());
        while at < file.len() {
            let length = u32::from_be_bytes(file[at..at + 4].try_into().expect("four")) as usize;
            found.push((file[at + 4..at + 8].try_into().expect("four"), file[at + 8..at + 8 + length].to_vec()));
            at += length + 12;
        }
        found
    }

    /// A chunk with its check sum.
    fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
        let body = [kind.as_slice(), data].concat();
        let sum = body.iter().fold(u32::MAX, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| sum >> 1 ^ (0xedb8_8320 * (sum & 1)))
        });
        let length = u32::try_from(data.len()).expect("short");
        [length.to_be_bytes().as_slice(), &body, &(!sum).to_be_bytes()].concat()
    }

    #[test]
    fn a_picture_over_the_pixel_limit_is_never_decoded() {
        let mut settings = Settings::defaults();
        settings.limits.image_pixels = 799;
        let fault = open_fixture("rgb.png", &settings).map(|_| ()).expect_err("over the limit");
        assert_eq!(fault.reason, FaultReason::Limit);
    }
}
