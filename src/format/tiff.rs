//! TIFF: every frame of it, as scanners and fax servers write them.
//!
//! Bilevel and grey of any depth, CCITT G3 and G4, LZW, deflate, JPEG, palette, RGB, CMYK, YCbCr, planes. A frame that
//! cannot be decoded is a fault of that frame; the frames after it are read.

use std::cell::RefCell;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use image::DynamicImage;
use image::metadata::Orientation;
use tiff::decoder::{Decoder, DecodingResult};
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};

use crate::config::{Limits, Settings};
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};

use super::fax::{self, Coding};
use super::raster::{Picture, check_pixels, from_samples};
use super::{Document, Format, PageSource, Source};

/// Reads TIFF.
pub(super) struct Tiff;

impl Format for Tiff {
    fn name(&self) -> &'static str {
        "tiff"
    }

    fn version(&self) -> u32 {
        1
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["tiff"]
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let limits = &settings.limits;
        let (frames, faults) = count(&source, limits)?;
        Ok(Box::new(Frames { source, count: frames, faults, limits, decoder: RefCell::default() }))
    }
}

type Reader = Decoder<BufReader<Patched>>;

/// An open TIFF.
struct Frames<'a> {
    source: Source,
    count: u32,
    faults: Vec<Fault>,
    limits: &'a Limits,
    /// Kept between frames: finding one means walking the chain of directories before it.
    decoder: RefCell<Option<Reader>>,
}

/// Walks the chain of directories once; a chain that breaks or bites its tail is a fault of the whole.
fn count(source: &Source, limits: &Limits) -> Result<(u32, Vec<Fault>), Fault> {
    let mut decoder = match reader(Patched::plain(source), limits) {
        Ok(decoder) => decoder,
        // The first frame is decoded as far as its tags on opening: one that is merely of an unknown sort is a page.
        Err(TiffError::UnsupportedError(error)) => return Err(unreadable(&TiffError::UnsupportedError(error))),
        Err(error) => return Err(unreadable(&error)),
    };
    let (mut frames, mut faults) = (1, Vec::new());
    while decoder.more_images() {
        if frames >= limits.frames {
            faults.push(Fault::limit("frames", limits.frames, "an image of more frames"));
            break;
        }
        let before = decoder.ifd_pointer();
        let result = decoder.next_image();
        if let Err(error) = result
            && decoder.ifd_pointer() == before
        {
            let detail = format!("the chain of frames breaks after frame {frames}: {error}");
            faults.push(Fault::whole(FaultReason::Damaged, detail));
            break;
        }
        frames += 1;
    }
    Ok((frames, faults))
}

impl Document for Frames<'_> {
    fn page_count(&self) -> u32 {
        self.count
    }

    fn faults(&self) -> Vec<Fault> {
        self.faults.clone()
    }

    fn page(&self, number: u32) -> Result<Box<dyn PageSource + '_>, Fault> {
        let place = |fault: Fault| Fault { page: Some(number), ..fault };
        let mut kept = self.decoder.borrow_mut();
        let mut decoder = match kept.take() {
            Some(decoder) => decoder,
            None => reader(Patched::plain(&self.source), self.limits).map_err(|error| place(unreadable(&error)))?,
        };
        let index = number.saturating_sub(1) as usize;
        let picture = self.picture(&mut decoder, index).map_err(place)?;
        *kept = Some(decoder);
        Ok(Box::new(picture))
    }
}

impl Frames<'_> {
    fn picture(&self, decoder: &mut Reader, index: usize) -> Result<Picture, Fault> {
        decoder.seek_to_image(index).map_err(|error| unreadable(&error))?;
        let (width, height) = decoder.dimensions().map_err(|error| unreadable(&error))?;
        check_pixels(width, height, self.limits)?;
        let photometric = decoder.find_tag_unsigned::<u16>(Tag::PhotometricInterpretation).ok().flatten();
        let mut faults = Vec::new();
        let mut image = if photometric == Some(3) {
            self.palette(decoder, index)?
        } else if let Some(coding) = fax_coding(decoder) {
            let (image, fault) = self.fax(decoder, coding, photometric == Some(0))?;
            faults.extend(fault.map(|fault| Fault { page: u32::try_from(index + 1).ok(), ..fault }));
            image
        } else {
            decode(decoder).map_err(|error| unreadable(&error))?
        };
        let orientation = decoder.find_tag_unsigned::<u8>(Tag::Orientation).ok().flatten();
        image.apply_orientation(orientation.and_then(Orientation::from_exif).unwrap_or(Orientation::NoTransforms));
        Ok(Picture { image, dpi: dpi(decoder), faults })
    }

    /// A fax page, strip by strip, and the fault if rows are lost.
    fn fax(
        &self,
        decoder: &mut Reader,
        coding: Coding,
        white_is_zero: bool,
    ) -> Result<(DynamicImage, Option<Fault>), Fault> {
        let fault = |error: TiffError| unreadable(&error);
        let (width, height) = decoder.dimensions().map_err(fault)?;
        let offsets = decoder.get_tag_u64_vec(Tag::StripOffsets).map_err(fault)?;
        let lengths = decoder.get_tag_u64_vec(Tag::StripByteCounts).map_err(fault)?;
        let rows =
            decoder.find_tag_unsigned::<u32>(Tag::RowsPerStrip).ok().flatten().unwrap_or(height).clamp(1, height);
        let lowest_bit_first = decoder.find_tag_unsigned::<u16>(Tag::FillOrder).ok().flatten() == Some(2);
        let (mut samples, mut lost, mut source) = (Vec::new(), 0_u32, self.source.clone());
        for (offset, length) in offsets.into_iter().zip(lengths) {
            let done = u32::try_from(samples.len() / width as usize).unwrap_or(height);
            let rows = rows.min(height.saturating_sub(done));
            let mut strip = Vec::new();
            let read =
                source.seek(SeekFrom::Start(offset)).and_then(|_| (&mut source).take(length).read_to_end(&mut strip));
            read.map_err(|error| Fault::whole(FaultReason::Io, error.to_string()))?;
            let (pixels, lost_here) = fax::decode(&strip, width, rows, coding, lowest_bit_first);
            samples.extend(pixels);
            lost = lost.saturating_add(lost_here);
        }
        let missing = height.saturating_sub(u32::try_from(samples.len() / width as usize).unwrap_or(height));
        lost = lost.saturating_add(missing);
        samples.resize(width as usize * height as usize, 0);
        if white_is_zero {
            samples.iter_mut().for_each(|sample| *sample = 255 - *sample);
        }
        let damaged = u64::from(lost) * 100 > u64::from(height) * u64::from(ROWS_LOST);
        let detail = || format!("{lost} of {height} rows of the fax are lost");
        let image = from_samples(width, height, 1, samples).expect("a sample was made for each pixel");
        Ok((image, damaged.then(|| Fault::whole(FaultReason::Damaged, detail()))))
    }

    /// A picture of palette colours. The `tiff` crate refuses them, so it is shown the same file with the frame's colour
    /// model replaced by grey, and the indices it then decodes are looked up here.
    fn palette(&self, decoder: &mut Reader, index: usize) -> Result<DynamicImage, Fault> {
        let fault = |error: TiffError| unreadable(&error);
        let colours = decoder.get_tag_u16_vec(Tag::ColorMap).map_err(fault)?;
        let patched = Patched::with_grey(decoder, &self.source)
            .ok_or_else(|| Fault::whole(FaultReason::UnreadableImage, "the palette's frame cannot be found again"))?;
        let mut grey = reader(patched, self.limits).map_err(fault)?;
        grey.seek_to_image(index).map_err(fault)?;
        let (width, height) = grey.dimensions().map_err(fault)?;
        let bits = match grey.colortype().map_err(fault)? {
            ColorType::Gray(bits) => bits,
            other => return Err(Fault::whole(FaultReason::UnreadableImage, format!("a palette of {other:?}"))),
        };
        let indices = match read(&mut grey).map_err(fault)?.0 {
            DecodingResult::U8(bytes) => unpack(&bytes, width, height, usize::from(bits)),
            DecodingResult::U16(shorts) => Some(shorts),
            _ => None,
        };
        let size = colours.len() / 3;
        // 16-bit colours by the standard; some writers fill the low byte only.
        let shift = if colours.iter().all(|colour| *colour < 256) { 0 } else { 8 };
        let lookup = |index: u16| {
            let index = usize::from(index);
            [0, 1, 2]
                .map(|c| colours.get(index + c * size).map_or(0, |v| u8::try_from(v >> shift & 0xff).expect("masked")))
        };
        indices
            .and_then(|indices| from_samples(width, height, 3, indices.into_iter().flat_map(lookup).collect()))
            .ok_or_else(|| Fault::whole(FaultReason::UnreadableImage, "the palette's picture is incomplete"))
    }
}

/// How a frame is fax coded, if the `tiff` crate cannot read it: it knows Group 4 alone, and that with the highest bit
/// first alone.
fn fax_coding(decoder: &mut Reader) -> Option<Coding> {
    let mut tag = |tag| decoder.find_tag_unsigned::<u32>(tag).ok().flatten();
    match tag(Tag::Compression)? {
        2 => Some(Coding::Huffman),
        3 => Some(Coding::Group3 { mixed: tag(Tag::Unknown(T4_OPTIONS)).unwrap_or_default() & 1 == 1 }),
        4 if tag(Tag::FillOrder) == Some(2) => Some(Coding::Group4),
        _ => None,
    }
}

/// The tag that says how Group 3 is used.
const T4_OPTIONS: u16 = 292;
/// Rows in a hundred that a fax may lose before its page counts as damaged.
const ROWS_LOST: u32 = 2;

fn reader(source: Patched, limits: &Limits) -> Result<Reader, TiffError> {
    let pixels = usize::try_from(limits.image_pixels).unwrap_or(usize::MAX);
    let mut bounds = tiff::decoder::Limits::default();
    // Four samples a pixel, of 16 bits at most; deeper pictures reach the limit sooner.
    bounds.decoding_buffer_size = pixels.saturating_mul(8);
    bounds.intermediate_buffer_size = pixels.saturating_mul(8);
    bounds.ifd_value_size = 16 << 20;
    Ok(Decoder::new(BufReader::new(source))?.with_limits(bounds))
}

/// All samples of the current frame, and the number of planes they lie in.
fn read(decoder: &mut Reader) -> Result<(DecodingResult, usize), TiffError> {
    let mut result = DecodingResult::U8(Vec::new());
    let layout = decoder.read_image_to_buffer(&mut result)?;
    Ok((result, layout.planes.max(1)))
}

/// The current frame as grey or RGB of 8 bits.
fn decode(decoder: &mut Reader) -> Result<DynamicImage, TiffError> {
    let (width, height) = decoder.dimensions()?;
    let colour = decoder.colortype()?;
    let (result, planes) = read(decoder)?;
    let (channels, bits) = channels(colour);
    let samples = match result {
        DecodingResult::U8(bytes) if bits < 8 => {
            let scale = 255 / ((1_u16 << bits) - 1);
            let grey = unpack(&bytes, width, height, usize::from(bits));
            grey.unwrap_or_default().into_iter().map(|v| u8::try_from(v * scale).unwrap_or(255)).collect()
        }
        other => to_bytes(other),
    };
    let pixels = width as usize * height as usize;
    let samples = if planes > 1 { interleave(&samples, pixels, channels) } else { samples };
    let wanted = pixels.saturating_mul(if bits < 8 { 1 } else { channels });
    let image = (samples.len() >= wanted).then(|| convert(colour, width, height, &samples[..wanted])).flatten();
    image.ok_or(TiffError::FormatError(tiff::TiffFormatError::InconsistentSizesEncountered))
}

/// Samples a pixel and bits a sample.
fn channels(colour: ColorType) -> (usize, u8) {
    match colour {
        ColorType::Gray(bits) | ColorType::Palette(bits) => (1, bits),
        ColorType::GrayA(bits) => (2, bits),
        ColorType::RGB(bits) | ColorType::YCbCr(bits) | ColorType::Lab(bits) => (3, bits),
        ColorType::RGBA(bits) | ColorType::CMYK(bits) => (4, bits),
        ColorType::CMYKA(bits) => (5, bits),
        ColorType::Multiband { bit_depth, num_samples } => (usize::from(num_samples), bit_depth),
        // The enum may grow; a colour nobody knows has no samples and becomes a fault of the frame.
        _ => (0, 8),
    }
}

/// Interleaved samples of 8 bits into grey or RGB.
fn convert(colour: ColorType, width: u32, height: u32, samples: &[u8]) -> Option<DynamicImage> {
    let white = |value: u8, alpha: u8| {
        let (value, alpha) = (u32::from(value), u32::from(alpha));
        u8::try_from((value * alpha + 255 * (255 - alpha)) / 255).expect("a mean of bytes is a byte")
    };
    let rgb = |make: &dyn Fn(&[u8]) -> [u8; 3], channels: usize| {
        from_samples(width, height, 3, samples.chunks_exact(channels).flat_map(make).collect())
    };
    match colour {
        ColorType::Gray(_) => from_samples(width, height, 1, samples.to_vec()),
        ColorType::GrayA(_) => {
            from_samples(width, height, 1, samples.chunks_exact(2).map(|p| white(p[0], p[1])).collect())
        }
        ColorType::RGB(_) => from_samples(width, height, 3, samples.to_vec()),
        ColorType::RGBA(_) => rgb(&|p| [0, 1, 2].map(|i| white(p[i], p[3])), 4),
        ColorType::CMYK(_) => rgb(&from_cmyk, 4),
        ColorType::CMYKA(_) => rgb(&from_cmyk, 5),
        ColorType::YCbCr(_) => rgb(&from_ycbcr, 3),
        // Lightness alone carries the letters.
        ColorType::Lab(_) => from_samples(width, height, 1, samples.chunks_exact(3).map(|p| p[0]).collect()),
        ColorType::Multiband { num_samples, .. } if num_samples > 0 => {
            let first = samples.chunks_exact(usize::from(num_samples)).map(|pixel| pixel[0]).collect();
            from_samples(width, height, 1, first)
        }
        _ => None,
    }
}

fn from_cmyk(pixel: &[u8]) -> [u8; 3] {
    [0, 1, 2].map(|i| {
        let light = (255 - u32::from(pixel[i])) * (255 - u32::from(pixel[3])) / 255;
        u8::try_from(light).expect("a product of shares is a share")
    })
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
fn from_ycbcr(pixel: &[u8]) -> [u8; 3] {
    let (y, cb, cr) = (f32::from(pixel[0]), f32::from(pixel[1]) - 128.0, f32::from(pixel[2]) - 128.0);
    [y + 1.402 * cr, y - 0.344 * cb - 0.714 * cr, y + 1.772 * cb].map(|v| v.clamp(0.0, 255.0) as u8)
}

/// Samples of 1, 2 or 4 bits, rows starting at whole bytes; none if bytes are missing.
fn unpack(bytes: &[u8], width: u32, height: u32, bits: usize) -> Option<Vec<u16>> {
    if bits == 8 {
        return Some(bytes.iter().map(|byte| u16::from(*byte)).collect());
    }
    if !matches!(bits, 1 | 2 | 4) {
        return None;
    }
    let (width, height) = (width as usize, height as usize);
    let row = (width * bits).div_ceil(8);
    let mask = (1_u16 << bits) - 1;
    let mut samples = Vec::with_capacity(width * height);
    for line in bytes.get(..row.checked_mul(height)?)?.chunks_exact(row.max(1)) {
        samples.extend((0..width).map(|x| {
            let bit = x * bits;
            u16::from(line[bit / 8]) >> (8 - bits - bit % 8) & mask
        }));
    }
    Some(samples)
}

/// Samples of any depth as 8 bits.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "shifted or clamped to a byte")]
fn to_bytes(result: DecodingResult) -> Vec<u8> {
    match result {
        DecodingResult::U8(v) => v,
        DecodingResult::U16(v) => v.into_iter().map(|x| (x >> 8) as u8).collect(),
        DecodingResult::U32(v) => v.into_iter().map(|x| (x >> 24) as u8).collect(),
        DecodingResult::U64(v) => v.into_iter().map(|x| (x >> 56) as u8).collect(),
        DecodingResult::I8(v) => v.into_iter().map(|x| (i16::from(x) + 128) as u8).collect(),
        DecodingResult::I16(v) => v.into_iter().map(|x| ((i32::from(x) + 32768) >> 8) as u8).collect(),
        DecodingResult::F32(v) => v.into_iter().map(|x| (x.clamp(0.0, 1.0) * 255.0) as u8).collect(),
        DecodingResult::F64(v) => v.into_iter().map(|x| (x.clamp(0.0, 1.0) * 255.0) as u8).collect(),
        // Signed integers of 32 bits and half floats hold measurements and no pages.
        _ => Vec::new(),
    }
}

/// Planes one after another into pixels; empty if a plane is missing.
fn interleave(samples: &[u8], pixels: usize, channels: usize) -> Vec<u8> {
    let stride = samples.len() / channels.max(1);
    if channels == 0 || stride < pixels {
        return Vec::new();
    }
    (0..pixels).flat_map(|pixel| (0..channels).map(move |channel| samples[channel * stride + pixel])).collect()
}

fn dpi(decoder: &mut Reader) -> Option<f32> {
    let unit = decoder.find_tag_unsigned::<u16>(Tag::ResolutionUnit).ok().flatten().unwrap_or(2);
    let value = decoder.get_tag_f32(Tag::XResolution).ok()?;
    let dpi = if unit == 3 { value * 2.54 } else { value };
    (unit != 1 && (50.0..=2400.0).contains(&dpi)).then_some(dpi)
}

fn unreadable(error: &TiffError) -> Fault {
    match error {
        TiffError::LimitsExceeded => {
            Fault::whole(FaultReason::Limit, "the picture needs more memory than limits.image_pixels allows")
        }
        TiffError::IoError(io) if io.raw_os_error().is_some() => Fault::whole(FaultReason::Io, error.to_string()),
        _ => Fault::whole(FaultReason::UnreadableImage, error.to_string()),
    }
}

/// A file of which two bytes read differently: a frame's colour model.
struct Patched {
    source: Source,
    patch: Option<(u64, [u8; 2])>,
}

impl Patched {
    fn plain(source: &Source) -> Self {
        Self { source: source.clone(), patch: None }
    }

    /// The file with the decoder's current frame said to be grey.
    fn with_grey(decoder: &mut Reader, source: &Source) -> Option<Self> {
        let directory = decoder.ifd_pointer()?.0;
        let mut source = source.clone();
        source.seek(SeekFrom::Start(0)).ok()?;
        let mut head = [0; 4];
        source.read_exact(&mut head).ok()?;
        let little = head[0] == b'I';
        let big = head[if little { 2 } else { 3 }] == 43;
        let short = |b: &[u8]| if little { u16::from_le_bytes([b[0], b[1]]) } else { u16::from_be_bytes([b[0], b[1]]) };
        let (count_size, entry_size, value) = if big { (8, 20, 12) } else { (2, 12, 8) };
        source.seek(SeekFrom::Start(directory)).ok()?;
        // A directory's tags are sorted and few; the colour model is tag 262.
        let mut entries = Vec::new();
        (&mut source).take(count_size + 200 * entry_size).read_to_end(&mut entries).ok()?;
        let entries = entries.get(usize::try_from(count_size).ok()?..)?;
        let found = entries.chunks_exact(usize::try_from(entry_size).ok()?).position(|entry| short(entry) == 262)?;
        let at = directory + count_size + found as u64 * entry_size + value;
        let grey = if little { 1_u16.to_le_bytes() } else { 1_u16.to_be_bytes() };
        source.seek(SeekFrom::Start(0)).ok()?;
        Some(Self { source, patch: Some((at, grey)) })
    }
}

impl Read for Patched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let start = self.source.stream_position()?;
        let count = self.source.read(buffer)?;
        if let Some((at, bytes)) = self.patch {
            for (offset, byte) in (at..).zip(bytes) {
                let place = offset.checked_sub(start).and_then(|place| usize::try_from(place).ok());
                if let Some(place) = place.filter(|place| *place < count) {
                    buffer[place] = byte;
                }
            }
        }
        Ok(count)
    }
}

impl Seek for Patched {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.source.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_support::{open_fixture, pictures};

    #[test]
    fn every_compression_and_colour_model_gives_the_same_picture() {
        let names = [
            "g3",
            "g3_2d",
            "g4",
            "g4_lowest_bit_first",
            "lzw",
            "deflate",
            "packbits",
            "jpeg",
            "palette",
            "palette4",
            "cmyk",
            "grey16",
            "rgb16",
            "white_is_zero",
            "turned",
            "planar",
            "bilevel",
            "ycbcr_jpeg",
            "rgba",
        ];
        let settings = Settings::defaults();
        for name in names {
            let images = pictures(&format!("{name}.tif"), &settings).unwrap_or_else(|fault| panic!("{name}: {fault}"));
            let grey = images[0].to_luma8();
            assert_eq!(grey.dimensions(), (40, 20), "{name}");
            let (ink, paper) = (grey.get_pixel(5, 5).0[0], grey.get_pixel(35, 15).0[0]);
            assert!(ink < 130 && paper > 200, "{name}: ink {ink}, paper {paper}");
        }
    }

    #[test]
    fn every_frame_is_a_page_and_a_broken_one_does_not_hide_the_others() {
        let settings = Settings::defaults();
        assert_eq!(pictures("three_frames.tif", &settings).expect("sound").len(), 3);
        let document = open_fixture("broken_second_frame.tif", &settings).expect("opens");
        assert_eq!(document.page_count(), 3);
        let fault = document.page(2).map(|_| ()).expect_err("broken");
        assert_eq!((fault.page, fault.reason), (Some(2), FaultReason::UnreadableImage));
        assert!(document.page(1).is_ok() && document.page(3).is_ok());
    }

    #[test]
    fn a_chain_of_frames_that_bites_its_tail_ends() {
        let settings = Settings::defaults();
        let document = open_fixture("cycle.tif", &settings).expect("opens");
        assert!(document.page_count() <= 3);
        assert_eq!(document.faults().len(), 1);
    }
}
