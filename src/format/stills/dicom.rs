//! DICOM: pictures of medicine. Each frame is a page, each layer of graphics over them another, and what is said of patient and
//! study is the page of properties.

mod extent;
mod shown;
mod views;

use std::fmt::Write as _;

use dicom_core::dictionary::DataDictionaryEntry as _;
use dicom_core::header::Header as _;
use dicom_core::{DataDictionary as _, DicomValue, Tag, VR};
use dicom_dictionary_std::{StandardDataDictionary, tags, uids};
use dicom_object::file::ReadPreamble;
use dicom_object::{DefaultDicomObject, InMemDicomObject, OpenFileOptions};
use dicom_pixeldata::{OverlayPlane, PixelDecoder as _};
use image::{DynamicImage, GrayImage, RgbImage};
use jpeg_decoder::PixelFormat;

use super::jpx::Jpx;
use super::{Pictures, broken_off, unreadable};
use crate::config::Limits;
use crate::finding::{Fault, FaultReason};
use crate::format::captions::Captions;
use crate::format::raster::check_pixels;

/// Bytes before the mark of the format.
const PREAMBLE: usize = 128;
/// What ends packed pixels.
const END: &[u8] = &[0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0];

/// An open file.
pub(super) struct Dicom {
    object: DefaultDicomObject,
    /// Frames; none in reports and wrapped documents.
    frames: u32,
    overlays: Vec<OverlayPlane>,
    faults: Vec<Fault>,
    /// Data sets inside data sets that are looked into.
    depth: usize,
}

impl Dicom {
    pub(super) fn open(bytes: &[u8], limits: &Limits) -> Result<Self, Fault> {
        let rest = bytes.get(PREAMBLE..).unwrap_or_default();
        let read = OpenFileOptions::new().read_preamble(ReadPreamble::Never).from_reader(rest);
        let object = read.map_err(unreadable)?;
        let number = |tag| object.get(tag).and_then(|element| element.to_int::<u32>().ok());
        let frames = match object.get(tags::PIXEL_DATA) {
            Some(_) => number(tags::NUMBER_OF_FRAMES).unwrap_or(1).max(1),
            None => 0,
        };
        if frames > 0 {
            let side = |tag| number(tag).unwrap_or_default();
            check_pixels(side(tags::COLUMNS), side(tags::ROWS), limits)?;
        }
        let (overlays, mut faults) = match object.decode_overlays() {
            Ok(overlays) => (overlays, Vec::new()),
            Err(error) => (Vec::new(), vec![unreadable(format!("graphics over the picture: {error}"))]),
        };
        faults.extend(unread(&object));
        faults.extend(extent::fault(&object, frames));
        let depth = limits.data_set_depth;
        if depth_of(&object, depth + 1) > depth {
            faults.push(Fault::limit("data_set_depth", depth, "words in data sets inside data sets"));
        }
        if breaks_off(&object, bytes) {
            faults.push(broken_off());
        }
        if overlays.iter().any(|overlay| overlay.number_of_frames() > 1) {
            faults
                .push(Fault::whole(FaultReason::Unsupported, "overlays of several frames: the first of each is read"));
        }
        let reports = [tags::CONTENT_SEQUENCE, tags::DIRECTORY_RECORD_SEQUENCE];
        if frames == 0 && faults.is_empty() && reports.iter().all(|tag| object.get(*tag).is_none()) {
            faults.push(Fault::whole(FaultReason::Damaged, "there is no picture in it, and no report"));
        }
        Ok(Self { object, frames, overlays, faults, depth })
    }

    /// A frame, and why it is not all there is.
    fn frame(&self, index: u32, limits: &Limits) -> Result<(DynamicImage, Option<Fault>), Fault> {
        match self.object.meta().transfer_syntax() {
            uids::JPEG2000 | uids::JPEG2000_LOSSLESS => {
                let data = self.packed(index)?;
                let behind = extent::behind(&data, true);
                let (image, fault) = Jpx::open(data, limits)?.picture(0, limits)?;
                return fault.map_or(Ok((image, behind)), Err);
            }
            uids::JPEG_BASELINE8_BIT | uids::JPEG_EXTENDED12_BIT | uids::JPEG_LOSSLESS | uids::JPEG_LOSSLESS_SV1 => {
                let data = self.packed(index)?;
                return Ok((self.jpeg(&data, limits)?, extent::behind(&data, false)));
            }
            _ => {}
        }
        let decoded = self.object.decode_pixel_data_frame(index).map_err(|error| {
            let text = error.to_string();
            let reason = match text.contains("transfer syntax") {
                true => FaultReason::Unsupported,
                false => FaultReason::UnreadableImage,
            };
            Fault::whole(reason, text)
        })?;
        Ok((shown::picture(&decoded, self.padding(), limits)?, None))
    }

    /// A frame that is a picture of another format.
    fn packed(&self, index: u32) -> Result<Vec<u8>, Fault> {
        let fragments = self.object.get(tags::PIXEL_DATA).and_then(|data| data.fragments()).unwrap_or_default();
        match self.frames {
            1 => Ok(fragments.concat()),
            frames if frames as usize == fragments.len() => Ok(fragments[index as usize].clone()),
            _ => Err(Fault::whole(FaultReason::Unsupported, "frames that are packed in several pieces each")),
        }
    }

    /// A JPEG, of old and lossless kinds too.
    fn jpeg(&self, data: &[u8], limits: &Limits) -> Result<DynamicImage, Fault> {
        let mut decoder = jpeg_decoder::Decoder::new(data);
        decoder.read_info().map_err(unreadable)?;
        let info = decoder.info().ok_or_else(|| unreadable("a JPEG without a header"))?;
        let (width, height) = (u32::from(info.width), u32::from(info.height));
        check_pixels(width, height, limits)?;
        let samples = decoder.decode().map_err(unreadable)?;
        let grey = |samples| GrayImage::from_raw(width, height, samples).map(DynamicImage::ImageLuma8);
        let image = match info.pixel_format {
            PixelFormat::L8 => grey(self.positive(samples)),
            PixelFormat::L16 => {
                let wide = samples.as_chunks::<2>().0.iter().map(|pair| f32::from(u16::from_ne_bytes(*pair)));
                // What is below nothing is written as if it were the greatest.
                #[allow(clippy::cast_possible_truncation, reason = "whole numbers of sixteen bits")]
                let padding = self.padding().map(|value| value.rem_euclid(65_536.0) as f32);
                let wide = shown::Grey::of(wide.collect(), width, padding, None);
                return wide.stacked((width, height), self.is_negative(), limits);
            }
            PixelFormat::RGB24 => RgbImage::from_raw(width, height, samples).map(DynamicImage::ImageRgb8),
            PixelFormat::CMYK32 => None,
        };
        image.ok_or_else(|| unreadable("colours that no picture of medicine has"))
    }

    /// Samples of which the smallest is black.
    fn positive(&self, mut samples: Vec<u8>) -> Vec<u8> {
        if self.is_negative() {
            samples.iter_mut().for_each(|sample| *sample = u8::MAX - *sample);
        }
        samples
    }

    fn is_negative(&self) -> bool {
        let element = self.object.get(tags::PHOTOMETRIC_INTERPRETATION);
        element.and_then(|element| element.to_str().ok()).is_some_and(|named| named.trim() == "MONOCHROME1")
    }

    /// The value of samples where nothing was measured. A range of them, which a file may give too, may hold letters.
    fn padding(&self) -> Option<f64> {
        self.object.get(tags::PIXEL_PADDING_VALUE)?.to_float64().ok()
    }
}

/// Whether packed pixels that end a file lack their end mark: the library takes them for whole.
fn breaks_off(object: &InMemDicomObject, bytes: &[u8]) -> bool {
    let last = object.iter().last().filter(|element| element.tag() == tags::PIXEL_DATA);
    last.is_some_and(|data| data.fragments().is_some()) && !bytes.ends_with(END)
}

/// What a file holds besides frames and words.
fn unread(object: &InMemDicomObject) -> Option<Fault> {
    let wrapped = object.get(tags::ENCAPSULATED_DOCUMENT).map(|_| "a wrapped document is not read");
    let numbers = || {
        let others = [tags::FLOAT_PIXEL_DATA, tags::DOUBLE_FLOAT_PIXEL_DATA, tags::WAVEFORM_SEQUENCE];
        others.iter().any(|tag| object.get(*tag).is_some()).then_some("curves or pictures of measured numbers")
    };
    let further = || holds(object, true).then_some("pictures in data sets inside it, or binary values of other kinds");
    wrapped.or_else(numbers).or_else(further).map(|what| Fault::whole(FaultReason::Unsupported, what))
}

/// Bytes of a binary value in which there may be a picture that can be read.
const BINARY: usize = 4096;

/// Whether a data set holds pictures or binary values that nothing reads: inside of others, or under a maker's own tag.
fn holds(object: &InMemDicomObject, outermost: bool) -> bool {
    object.iter().any(|element| match element.value() {
        DicomValue::Sequence(inner) => inner.items().iter().any(|item| holds(item, false)),
        _ if element.tag() == tags::PIXEL_DATA => !outermost,
        // Of other formats in pieces are pixels alone.
        DicomValue::PixelSequence(_) => true,
        DicomValue::Primitive(value) => {
            let binary = matches!(element.vr(), VR::OB | VR::OD | VR::OF | VR::OL | VR::OV | VR::OW | VR::UN);
            binary && !is_known(element.tag(), outermost) && value.calculate_byte_len() > BINARY
        }
    })
}

/// Whether a binary value is about the picture, read elsewhere, or a signature: tables and profiles of colours, overlays, places of
/// frames.
fn is_known(tag: Tag, outermost: bool) -> bool {
    match tag.group() {
        0x0028 | 0x0400 => true,
        0x7fe0 => outermost,
        // Groups of overlays are even, those of makers odd.
        0x6000..=0x60ff => outermost && tag.group().is_multiple_of(2) && tag.element() == 0x3000,
        _ => false,
    }
}

impl Pictures for Dicom {
    fn count(&self) -> usize {
        self.frames as usize + self.overlays.len()
    }

    fn picture(&self, index: usize, limits: &Limits) -> Result<(DynamicImage, Option<Fault>), Fault> {
        if let Some(frame) = u32::try_from(index).ok().filter(|frame| *frame < self.frames) {
            return self.frame(frame, limits);
        }
        let overlay = self.overlays.get(index - self.frames as usize);
        let overlay = overlay.ok_or_else(|| unreadable("there is no such picture"))?;
        let (width, height) = (u32::from(overlay.columns()), u32::from(overlay.rows()));
        check_pixels(width, height, limits)?;
        let dark = |x, y| image::Luma([if overlay.is_set(0, y, x) { 0 } else { u8::MAX }]);
        Ok((DynamicImage::ImageLuma8(GrayImage::from_fn(width, height, dark)), None))
    }

    fn label(&self, index: usize) -> Option<String> {
        (index >= self.frames as usize).then(|| format!("overlay {}", index - self.frames as usize + 1))
    }

    fn captions(&self) -> Captions {
        let mut captions = Captions::default();
        let mut text = String::new();
        say(&self.object, self.depth, &mut text);
        captions.say(&text);
        captions
    }

    fn faults(&self) -> Vec<Fault> {
        self.faults.clone()
    }
}

/// How many data sets lie in one another, up to `most`.
fn depth_of(object: &InMemDicomObject, most: usize) -> usize {
    if most == 0 {
        return 0;
    }
    let inner = object.iter().filter_map(|element| match element.value() {
        DicomValue::Sequence(inner) => inner.items().iter().map(|item| depth_of(item, most - 1)).max(),
        _ => None,
    });
    1 + inner.max().unwrap_or(0)
}

/// Writes down what a data set says in words, with the names that the standard gives to them.
fn say(object: &InMemDicomObject, depth: usize, text: &mut String) {
    // That there are more is a fault of the file.
    if depth == 0 {
        return;
    }
    for element in object.iter() {
        match element.value() {
            DicomValue::Sequence(inner) => {
                inner.items().iter().for_each(|item| say(item, depth - 1, text));
            }
            DicomValue::Primitive(value) if is_said(element.vr()) => {
                let value = value.to_str();
                let value = value.trim_matches(|c: char| c.is_whitespace() || c == '\0');
                let name = StandardDataDictionary.by_tag(element.tag()).map_or("private", |entry| entry.alias());
                if !value.is_empty() {
                    let _ = writeln!(text, "{name}: {value}");
                }
            }
            _ => {}
        }
    }
}

/// Whether a value is of people's words: codes, numbers and identifiers of devices are not.
fn is_said(kind: VR) -> bool {
    matches!(
        kind,
        VR::PN | VR::LO | VR::SH | VR::LT | VR::ST | VR::UT | VR::UC | VR::DA | VR::AS | VR::UR | VR::CS | VR::UN
    )
}

#[cfg(test)]
mod tests;
