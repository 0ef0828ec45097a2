//! Frames of palette colours.

use std::io::{self, Read, Seek, SeekFrom};

use image::DynamicImage;
use tiff::decoder::DecodingResult;
use tiff::tags::Tag;
use tiff::{ColorType, TiffError};

use crate::config::Limits;
use crate::finding::{Fault, FaultReason};
use crate::format::Source;
use crate::format::raster::from_samples;

use super::samples::{read, unpack};
use super::{Reader, reader, unreadable};

/// A picture of palette colours. The `tiff` crate refuses them, so it is shown the same file with the frame's colour
/// model replaced by grey, and the indices it then decodes are looked up here.
pub(super) fn page(
    source: &Source,
    limits: &Limits,
    decoder: &mut Reader,
    index: usize,
) -> Result<(DynamicImage, Option<Fault>), Fault> {
    let fault = |error: TiffError| unreadable(&error);
    let colours = decoder.get_tag_u16_vec(Tag::ColorMap).map_err(fault)?;
    let patched = Patched::with_grey(decoder, source)
        .ok_or_else(|| Fault::whole(FaultReason::UnreadableImage, "the palette's frame cannot be found again"))?;
    let mut grey = reader(patched, limits).map_err(fault)?;
    grey.seek_to_image(index).map_err(fault)?;
    let (width, height) = grey.dimensions().map_err(fault)?;
    let bits = match grey.colortype().map_err(fault)? {
        ColorType::Gray(bits) => bits,
        other => return Err(Fault::whole(FaultReason::UnreadableImage, format!("a palette of {other:?}"))),
    };
    let samples = read(&mut grey).map_err(fault)?;
    let indices = match samples.values {
        DecodingResult::U8(bytes) => unpack(&bytes, width, height, usize::from(bits)),
        DecodingResult::U16(shorts) => Some(shorts),
        _ => None,
    };
    let size = colours.len() / 3;
    // 16-bit colours by the standard; some writers fill the low byte only.
    let shift = if colours.iter().all(|colour| *colour < 256) { 0 } else { 8 };
    let lookup = |index: u16| {
        let index = usize::from(index);
        [0, 1, 2].map(|c| colours.get(index + c * size).map_or(0, |v| u8::try_from(v >> shift & 0xff).expect("masked")))
    };
    let image = indices
        .and_then(|indices| from_samples(width, height, 3, indices.into_iter().flat_map(lookup).collect()))
        .ok_or_else(|| Fault::whole(FaultReason::UnreadableImage, "the palette's picture is incomplete"))?;
    Ok((image, samples.broken.map(fault)))
}

/// A file of which two bytes read differently: a frame's colour model.
pub(super) struct Patched {
    source: Source,
    patch: Option<(u64, [u8; 2])>,
}

impl Patched {
    pub(super) fn plain(source: &Source) -> Self {
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
