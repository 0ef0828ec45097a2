//! What stands around the picture of a JPEG XL: boxes of words, other boxes, and data behind the picture's own.

use std::collections::BTreeSet;

use heic_rs::boxes::BoxIter;
use jxl_oxide::{AuxBoxData, JxlImage};

use super::Caption;
use crate::finding::{Fault, FaultReason};
use crate::format::stills::of_other_kinds;

/// Boxes that belong to the picture: its marks, its data, what finds frames in them, and what makes a JPEG of it again.
const OWN: &[&[u8; 4]] = &[b"JXL ", b"ftyp", b"jxll", b"jxlc", b"jxlp", b"jxli", b"jbrd"];

/// A box with words, packed.
const PACKED: &[u8; 4] = b"brob";

/// Bytes of a part of the picture's data that say which it is.
const PART_NUMBER: usize = 4;

/// What a file holds besides its picture.
pub(super) struct Outline {
    pub(super) captions: Vec<Caption>,
    pub(super) faults: Vec<Fault>,
    /// One past the last whole box, or the bare picture; none if that is not known.
    pub(super) end: Option<u64>,
}

/// Looks around the picture, the data of which end at `last` in the file if they are whole.
pub(super) fn outline(image: &JxlImage, bytes: &[u8], last: Option<usize>) -> Outline {
    let bare = bytes.starts_with(&[0xff, 0x0a]);
    if bare {
        return Outline { captions: Vec::new(), faults: Vec::new(), end: last.map(|last| last as u64) };
    }
    let mut around =
        Around { exif: Words::new(*b"Exif"), xmp: Words::new(*b"xml "), others: BTreeSet::new(), behind: false };
    let mut end = None;
    for found in BoxIter::new(bytes) {
        let Ok(found) = found else { break };
        let start = found.payload.as_ptr().addr() - bytes.as_ptr().addr();
        end = Some((start + found.payload.len()) as u64);
        let kind = OWN.iter().chain([&PACKED, &b"Exif", &b"xml "]).find(|kind| found.is(kind));
        match kind {
            Some(&b"jxlc" | &b"jxlp") => around.behind |= last.is_some_and(|last| is_more(found.payload, start, last)),
            Some(&PACKED) => around.packed(found.payload),
            Some(&b"Exif") => around.exif.plain.push(found.payload.to_vec()),
            Some(&b"xml ") => around.xmp.plain.push(found.payload.to_vec()),
            Some(_) => {}
            None => {
                around.others.insert(found.boxtype.to_vec());
            }
        }
    }
    Outline { captions: around.captions(image), faults: around.faults(), end }
}

/// Whether a box of the picture's data has more behind their end than padding.
fn is_more(payload: &[u8], start: usize, last: usize) -> bool {
    let own = if start > last { PART_NUMBER } else { last - start };
    payload.get(own..).is_some_and(|rest| rest.iter().any(|byte| *byte != 0))
}

/// Boxes of words of one kind.
struct Words {
    kind: [u8; 4],
    plain: Vec<Vec<u8>>,
    packed: usize,
    /// The first of all is packed: that one the library unpacks.
    packed_first: bool,
}

impl Words {
    fn new(kind: [u8; 4]) -> Self {
        Self { kind, plain: Vec::new(), packed: 0, packed_first: false }
    }

    /// Whether some stay packed.
    fn are_lost(&self) -> bool {
        self.packed > usize::from(self.packed_first)
    }
}

struct Around {
    exif: Words,
    xmp: Words,
    /// Kinds of other boxes.
    others: BTreeSet<Vec<u8>>,
    /// Data stand behind those of the picture, in their box.
    behind: bool,
}

impl Around {
    fn packed(&mut self, payload: &[u8]) {
        let kind = payload.get(..4).unwrap_or_default();
        let Some(words) = [&mut self.exif, &mut self.xmp].into_iter().find(|words| words.kind == kind) else {
            self.others.insert(kind.to_vec());
            return;
        };
        words.packed_first |= words.plain.is_empty() && words.packed == 0;
        words.packed += 1;
    }

    fn captions(&self, image: &JxlImage) -> Vec<Caption> {
        let boxes = image.aux_boxes();
        let mut captions: Vec<Caption> = self.exif.plain.iter().map(|data| exif(data)).collect();
        captions.extend(self.xmp.plain.iter().map(|data| Caption::Xmp(data.clone())));
        if self.exif.packed_first {
            captions.push(match boxes.first_exif() {
                Ok(AuxBoxData::Data(unpacked)) => exif(unpacked.payload()),
                _ => Caption::Lost,
            });
        }
        if self.xmp.packed_first {
            captions.push(match boxes.first_xml() {
                AuxBoxData::Data(unpacked) => Caption::Xmp(unpacked.to_vec()),
                _ => Caption::Lost,
            });
        }
        captions.extend((self.exif.are_lost() || self.xmp.are_lost()).then_some(Caption::Lost));
        captions
    }

    fn faults(&self) -> Vec<Fault> {
        let others = self.others.iter().map(|kind| kind.escape_ascii().to_string()).collect();
        let behind =
            || Fault::whole(FaultReason::Attachment, "there is more behind the picture in its data, which is not read");
        of_other_kinds("boxes", others).into_iter().chain(self.behind.then(behind)).collect()
    }
}

/// The TIFF in a box, wherever in it that begins: some programs leave out the number that says where.
fn exif(data: &[u8]) -> Caption {
    let begin = |at: usize| data.get(at..).filter(|rest| rest.starts_with(b"II*\0") || rest.starts_with(b"MM\0*"));
    [0, 4, 6, 10].into_iter().find_map(begin).map_or(Caption::Lost, |tiff| Caption::Exif(tiff.to_vec()))
}
