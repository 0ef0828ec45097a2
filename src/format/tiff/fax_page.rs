//! Frames that are fax coded, as fax servers write them: found strip by strip and decoded by [`super::super::fax`].
//!
//! A row that is lost is a fault, be it one of two thousand: the line of a marking may be in it.

use image::DynamicImage;
use tiff::TiffError;
use tiff::tags::Tag;

use crate::finding::{Fault, FaultReason};
use crate::format::Source;
use crate::format::fax::{self, Coding};
use crate::format::raster::from_samples;

use super::{Reader, chunks, unreadable};

/// The tag that says how Group 3 is used.
const T4_OPTIONS: u16 = 292;

/// How a frame is fax coded, if it is. The `tiff` crate knows Group 4 alone, and says nothing of rows that it lost.
pub(super) fn coding(decoder: &mut Reader) -> Option<Coding> {
    let mut tag = |tag| decoder.find_tag_unsigned::<u32>(tag).ok().flatten();
    match tag(Tag::Compression)? {
        2 => Some(Coding::Huffman),
        3 => Some(Coding::Group3 { mixed: tag(Tag::Unknown(T4_OPTIONS)).unwrap_or_default() & 1 == 1 }),
        4 => Some(Coding::Group4),
        _ => None,
    }
}

/// A fax page, strip by strip, and the fault if rows are lost.
pub(super) fn page(
    source: &Source,
    decoder: &mut Reader,
    coding: Coding,
    white_is_zero: bool,
) -> Result<(DynamicImage, Option<Fault>), Fault> {
    let fault = |error: TiffError| unreadable(&error);
    let (width, height) = decoder.dimensions().map_err(fault)?;
    let rows = decoder.find_tag_unsigned::<u32>(Tag::RowsPerStrip).ok().flatten().unwrap_or(height).clamp(1, height);
    let lowest_bit_first = decoder.find_tag_unsigned::<u16>(Tag::FillOrder).ok().flatten() == Some(2);
    let (mut samples, mut lost) = (Vec::new(), 0_u32);
    for place in chunks::places(decoder)? {
        let done = u32::try_from(samples.len() / width as usize).unwrap_or(height);
        let rows = rows.min(height.saturating_sub(done));
        let strip = chunks::bytes(source, place)?;
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
    let detail = || format!("{lost} of {height} rows of the fax are lost");
    let image = from_samples(width, height, 1, samples).expect("a sample was made for each pixel");
    Ok((image, (lost > 0).then(|| Fault::whole(FaultReason::Damaged, detail()))))
}
