//! Whether the pixels of a DICOM are more than its frames tell of: viewers show none of the rest.

use dicom_core::DicomValue;
use dicom_dictionary_std::{tags, uids};
use dicom_object::DefaultDicomObject;

use crate::finding::{Fault, FaultReason};
use crate::format::frames;

/// What ends the data of a JPEG 2000 picture; nothing in them looks like it.
const END: &[u8] = &[0xff, 0xd9];

/// The fault of pixels behind the last of `frames`.
pub(super) fn fault(object: &DefaultDicomObject, frames: u32) -> Option<Fault> {
    let (held, told) = match object.get(tags::PIXEL_DATA)?.value() {
        DicomValue::Primitive(pixels) => (pixels.calculate_byte_len() as u64, told(object, frames)),
        // Of some formats a frame may be in several pieces: those are looked at one by one.
        DicomValue::PixelSequence(pieces) if object.meta().transfer_syntax() == uids::RLE_LOSSLESS => {
            (pieces.fragments().len() as u64, u64::from(frames))
        }
        _ => return None,
    };
    // Values are filled up to an even length.
    let over = held > told.saturating_add(told & 1);
    over.then(|| {
        Fault::whole(FaultReason::Attachment, "there are more pixels in it than its frames tell of, which are not read")
    })
}

/// Bytes of the frames that a file tells of.
fn told(object: &DefaultDicomObject, frames: u32) -> u64 {
    let number = |tag, usual| object.get(tag).and_then(|element| element.to_int::<u64>().ok()).unwrap_or(usual);
    let samples = number(tags::ROWS, 0).saturating_mul(number(tags::COLUMNS, 0));
    let samples = samples.saturating_mul(number(tags::SAMPLES_PER_PIXEL, 1)).saturating_mul(frames.into());
    match number(tags::BITS_ALLOCATED, 8) {
        1 => samples.div_ceil(8),
        bits => samples.saturating_mul(bits.div_ceil(8)),
    }
}

/// The fault of anything but padding behind the first picture in the data of a frame, which is a JPEG or a JPEG 2000.
pub(super) fn behind(data: &[u8], wavelets: bool) -> Option<Fault> {
    let rest = match wavelets {
        true => memchr::memmem::find(data, END).map(|end| &data[end + END.len()..]),
        false => frames::behind_jpeg(data),
    };
    // Data without an end break off, which their decoder says.
    let more = rest?.iter().any(|byte| !matches!(byte, 0 | 0xff));
    more.then(|| {
        Fault::whole(FaultReason::Attachment, "there is more behind the picture of a frame, which is not read")
    })
}
