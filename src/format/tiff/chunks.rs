//! Strips and tiles of a frame as they lie in the file, and whether those that are packed are whole.
//!
//! The `tiff` crate decodes what there is of a strip and leaves the rest as it was.

use std::io::{Read as _, Seek as _, SeekFrom};

use tiff::tags::Tag;

use crate::config::Limits;
use crate::finding::{Fault, FaultReason};
use crate::format::inflate::{Refused, inflate_to};
use crate::format::{Source, jpeg};

use super::{Reader, unreadable};

/// Four samples of 16 bits.
const BYTES_A_PIXEL: u64 = 8;

/// Where the strips or tiles of a frame lie: offsets and lengths.
pub(super) fn places(decoder: &mut Reader) -> Result<Vec<(u64, u64)>, Fault> {
    let tiled = decoder.find_tag(Tag::TileOffsets).ok().flatten().is_some();
    let (starts, lengths) = match tiled {
        true => (Tag::TileOffsets, Tag::TileByteCounts),
        false => (Tag::StripOffsets, Tag::StripByteCounts),
    };
    let mut list = |tag| decoder.get_tag_u64_vec(tag).map_err(|error| unreadable(&error));
    Ok(list(starts)?.into_iter().zip(list(lengths)?).collect())
}

/// The bytes of a strip or tile.
pub(super) fn bytes(source: &Source, (start, length): (u64, u64)) -> Result<Vec<u8>, Fault> {
    let (mut source, mut chunk) = (source.clone(), Vec::new());
    let read = source.seek(SeekFrom::Start(start)).and_then(|_| source.take(length).read_to_end(&mut chunk));
    read.map_err(|error| Fault::whole(FaultReason::Io, error.to_string()))?;
    Ok(chunk)
}

/// A fault if a strip or tile is packed and does not unpack to its end. Deflate and JPEG tell; LZW and runs of bytes have neither
/// checksum nor rules, and the decoder refuses those that are too short.
pub(super) fn damage(source: &Source, decoder: &mut Reader, limits: &Limits) -> Option<Fault> {
    let limit = limits.image_pixels.saturating_mul(BYTES_A_PIXEL);
    let compression = decoder.find_tag_unsigned::<u16>(Tag::Compression).ok().flatten()?;
    // Tables that all JPEGs of a frame share stand in a tag of the frame (TIFF Technical Note 2).
    let tables = match compression {
        7 => decoder.find_tag(Tag::JPEGTables).ok().flatten().and_then(|tables| tables.into_u8_vec().ok()),
        8 | 32946 => None,
        _ => return None,
    };
    let places = match places(decoder) {
        Ok(places) => places,
        Err(fault) => return Some(fault),
    };
    // Strips do not share bytes: a list that makes more of a file than it has is a trap.
    let in_all = places.iter().map(|(_, length)| *length).fold(0, u64::saturating_add);
    if in_all > source.size() {
        return Some(Fault::whole(FaultReason::Damaged, "the parts of the picture are longer than the file"));
    }
    let (all, mut damaged) = (places.len(), 0);
    for place in places {
        let chunk = match bytes(source, place) {
            Ok(chunk) => chunk,
            Err(fault) => return Some(fault),
        };
        let whole = match compression {
            7 => jpeg::damage(&joined(tables.as_deref(), &chunk)).map_or(Ok(()), |_| Err(Refused::Damaged)),
            _ => inflate_to(&chunk, limit, |_| {}),
        };
        match whole {
            Ok(()) => {}
            Err(Refused::Damaged) => damaged += 1,
            Err(Refused::Limit) => {
                return Some(Fault::limit("image_pixels", limit / BYTES_A_PIXEL, "a packed part of the picture"));
            }
        }
    }
    let detail = || format!("{damaged} of {all} packed parts of the picture are damaged");
    (damaged > 0).then(|| Fault::whole(FaultReason::Damaged, detail()))
}

/// Shared tables before a JPEG without any, each without the mark between them.
fn joined(tables: Option<&[u8]>, chunk: &[u8]) -> Vec<u8> {
    let tables =
        tables.map(|tables| tables.strip_suffix(b"\xff\xd9").unwrap_or(tables)).filter(|tables| tables.len() > 2);
    match (tables, chunk.strip_prefix(b"\xff\xd8")) {
        (Some(tables), Some(rest)) => [tables, rest].concat(),
        _ => chunk.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Settings;
    use crate::finding::{Fault, FaultReason};
    use crate::format::test_support::{fixture, open};

    fn faults(bytes: &[u8]) -> Vec<Fault> {
        let settings = Settings::defaults();
        let document = open(bytes, &settings).expect("opens");
        let page = document.page(1).map(|mut page| page.layer().expect("a layer").faults);
        page.unwrap_or_else(|fault| vec![fault])
    }

    #[test]
    fn a_list_of_strips_that_share_bytes_is_refused() {
        let mut many = fixture("deflate.tif");
        let tag = many.windows(4).position(|tag| tag == [0x17, 1, 4, 0]).expect("the lengths of the strips");
        let size = u32::try_from(many.len()).expect("small") + 1;
        many[tag + 8..tag + 12].copy_from_slice(&size.to_le_bytes());
        assert!(faults(&many).iter().any(|fault| fault.detail.contains("longer than the file")), "{:?}", faults(&many));
    }

    #[test]
    fn strips_that_are_packed_are_checked_to_their_end() {
        for (name, mark, length) in
            [("deflate.tif", [0x78, 0x9c], 8), ("jpeg.tif", [0xff, 0xda], 100), ("ycbcr_jpeg.tif", [0xff, 0xda], 100)]
        {
            let whole = fixture(name);
            assert!(faults(&whole).is_empty(), "{name}: {:?}", faults(&whole));
            let place = memchr::memmem::find(&whole, &mark).expect("a strip") + 20;
            let mut wrong = whole.clone();
            wrong[place..place + length].fill(0);
            let found = faults(&wrong);
            let told = |fault: &Fault| matches!(fault.reason, FaultReason::Damaged | FaultReason::UnreadableImage);
            assert!(found.iter().any(told) && found.iter().all(|fault| fault.page == Some(1)), "{name}: {found:?}");
        }
    }
}
