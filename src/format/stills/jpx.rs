//! JPEG 2000 and JBIG2, by the decoders that also check such pictures inside PDFs.

use std::io::Cursor;

use hayro_jbig2::File;
use hayro_jpeg2000::integration::Jp2Decoder;
use image::{DynamicImage, ImageDecoder as _};

use super::{Pictures, broken_off, unreadable};
use crate::config::Limits;
use crate::finding::{Fault, FaultReason};
use crate::format::captions::Captions;
use crate::format::raster::check_pixels;

/// Begin and end of the data of a JPEG 2000 picture.
const BEGIN: &[u8] = &[0xff, 0x4f, 0xff, 0x51];
const END: &[u8] = &[0xff, 0xd9];
/// The data of a tile begin behind it (SOD); among them no marker stands (ISO 15444-1, B.10.1).
const DATA: &[u8] = &[0xff, 0x93];
/// Boxes of a file that are looked at.
const BOXES: usize = 10_000;

/// A JPEG 2000 file, or its data alone.
pub(super) struct Jpx(Vec<u8>);

impl Jpx {
    pub(super) fn open(bytes: Vec<u8>, limits: &Limits) -> Result<Self, Fault> {
        let image =
            hayro_jpeg2000::Image::new(&bytes, &hayro_jpeg2000::DecodeSettings::default()).map_err(unreadable)?;
        check_pixels(image.width(), image.height(), limits)?;
        drop(image);
        Ok(Self(bytes))
    }

    /// Kind and data of the boxes of the file, the outermost.
    fn boxes(&self) -> Vec<(&[u8], &[u8])> {
        let (mut rest, mut found) = (self.0.as_slice(), Vec::new());
        while let Some((head, _)) =
            rest.split_at_checked(8).filter(|_| self.0.starts_with(&[0, 0, 0, 12]) && found.len() < BOXES)
        {
            let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
            let (begin, length) = match length {
                0 => (8, rest.len()),
                1 => {
                    let long = rest.get(8..16).and_then(|long| Some(u64::from_be_bytes(long.try_into().ok()?)));
                    (16, long.and_then(|long| usize::try_from(long).ok()).unwrap_or(rest.len()))
                }
                length => (8, length),
            };
            let (this, behind) = rest.split_at(length.clamp(begin.min(rest.len()), rest.len()));
            found.push((&head[4..8], this.get(begin..).unwrap_or_default()));
            rest = behind;
        }
        found
    }

    /// Whether the data decode to their end.
    fn is_whole(&self) -> bool {
        let settings = hayro_jpeg2000::DecodeSettings { strict: true, ..Default::default() };
        let begin = memchr::memmem::find(&self.0, BEGIN);
        let data = begin.and_then(|begin| {
            let end = memchr::memmem::rfind(&self.0[begin..], END)?;
            self.0.get(begin..begin + end + END.len())
        });
        let image = data.and_then(|data| hayro_jpeg2000::Image::new(data, &settings).ok());
        image.is_some_and(|image| image.decode(&mut hayro_jpeg2000::DecoderContext::default()).is_ok())
    }
}

impl Pictures for Jpx {
    fn count(&self) -> usize {
        1
    }

    fn picture(&self, _: usize, limits: &Limits) -> Result<(DynamicImage, Option<Fault>), Fault> {
        let decoder = Jp2Decoder::new(Cursor::new(&self.0)).map_err(unreadable)?;
        let (width, height) = decoder.dimensions();
        check_pixels(width, height, limits)?;
        let image = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
        Ok((image, (!self.is_whole()).then(broken_off)))
    }

    fn captions(&self) -> Captions {
        let mut captions = Captions::default();
        let boxes = self.boxes();
        if boxes.len() >= BOXES {
            captions.lose();
        }
        for (kind, data) in boxes {
            match kind {
                b"xml " => captions.xmp(data),
                // XMP, by its number.
                b"uuid" if data.starts_with(b"\xbe\x7a\xcf\xcb") => captions.xmp(data.get(16..).unwrap_or_default()),
                _ => {}
            }
        }
        captions
    }

    fn end(&self) -> Option<u64> {
        let bytes = self.0.as_slice();
        if bytes.starts_with(BEGIN) {
            return u64::try_from(end_of_codestream(bytes)?).ok();
        }
        let mut at = 0_usize;
        while let Some(head) = bytes.get(at..at.checked_add(8)?) {
            let left = bytes.len() - at;
            let kind = &head[4..8];
            let length = match u32::from_be_bytes([head[0], head[1], head[2], head[3]]) {
                0 if kind == b"jp2c" => end_of_codestream(&bytes[at..])?,
                0 => left,
                1 => {
                    let long = bytes.get(at + 8..at + 16).and_then(|long| long.try_into().ok()).map(u64::from_be_bytes);
                    long.and_then(|long| usize::try_from(long).ok()).unwrap_or(usize::MAX)
                }
                length => length as usize,
            };
            let is_named = kind.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
            match () {
                // A picture that breaks off is told elsewhere.
                () if kind == b"jp2c" && length > left => return None,
                () if !is_named || !(8..=left).contains(&length) => break,
                () => at += length,
            }
        }
        u64::try_from(at).ok()
    }

    fn faults(&self) -> Vec<Fault> {
        let pictures = self.boxes().into_iter().filter(|(kind, _)| *kind == b"jp2c").count();
        let more = || Fault::whole(FaultReason::Attachment, format!("only the first of {pictures} pictures is read"));
        (pictures > 1).then(more).into_iter().collect()
    }
}

/// A JBIG2 file.
pub(super) struct Jbig2 {
    bytes: Vec<u8>,
    pages: usize,
    /// Strict decoding fails: it is damaged, and what can be read of it is read.
    damaged: bool,
}

impl Jbig2 {
    pub(super) fn open(bytes: Vec<u8>) -> Result<Self, Fault> {
        let strict = File::new(&bytes, &hayro_jbig2::DecodeSettings { strict: true });
        let damaged = strict.is_err();
        let pages = match strict {
            Ok(file) => file.page_count(),
            Err(_) => File::new(&bytes, &lenient()).map_err(unreadable)?.page_count(),
        };
        if pages == 0 {
            return Err(unreadable("it has no page"));
        }
        Ok(Self { bytes, pages, damaged })
    }
}

fn lenient() -> hayro_jbig2::DecodeSettings {
    hayro_jbig2::DecodeSettings { strict: false }
}

impl Pictures for Jbig2 {
    fn count(&self) -> usize {
        self.pages
    }

    fn picture(&self, index: usize, limits: &Limits) -> Result<(DynamicImage, Option<Fault>), Fault> {
        let decoded = |settings| {
            let file = File::new(&self.bytes, &settings).map_err(unreadable)?;
            let page = file.page(index).ok_or_else(|| unreadable("there is no such page"))?;
            check_pixels(page.width(), page.height(), limits)?;
            DynamicImage::from_decoder(page).map_err(unreadable)
        };
        let strict =
            if self.damaged { Err(broken_off()) } else { decoded(hayro_jbig2::DecodeSettings { strict: true }) };
        match strict {
            Ok(image) => Ok((image, None)),
            Err(fault) if fault.reason == FaultReason::Limit => Err(fault),
            Err(_) => Ok((decoded(lenient())?, Some(broken_off()))),
        }
    }
}

/// One past the end of what a codestream holds. Another picture behind it has an end of its own.
fn end_of_codestream(bytes: &[u8]) -> Option<usize> {
    let data = memchr::memmem::find(bytes, DATA)?;
    Some(data + memchr::memmem::find(&bytes[data..], END)? + END.len())
}
