//! What stands around the pictures of a file: films, boxes of other kinds, and data that no item refers to.

use std::collections::BTreeSet;
use std::ops::Range;

use heic_rs::boxes::{BoxHeader, BoxIter};
use heic_rs::meta::Meta;
use heic_rs::meta::iloc::Construction;

use crate::finding::{Fault, FaultReason};
use crate::format::stills::of_other_kinds;

/// Boxes that hold nothing of their own, and those of which the pictures are made.
const OWN: &[&[u8; 4]] = &[b"ftyp", b"meta", b"mdat", b"free", b"skip", b"wide", b"moov"];

/// The name of a box with XMP.
const XMP: [u8; 16] = [0xbe, 0x7a, 0xcf, 0xcb, 0x97, 0xa9, 0x42, 0xe8, 0x9c, 0x71, 0x99, 0x94, 0x91, 0xe3, 0xaf, 0xac];

/// Bytes of data between items that are no picture yet: encoders line up what they write.
const SLACK: usize = 256;

/// The boxes of a file.
#[derive(Default)]
pub(super) struct Outline {
    pub(super) film: bool,
    /// Where the last whole box ends; none if it is not whole.
    pub(super) end: Option<u64>,
    /// Where there are data of pictures.
    data: Vec<Range<usize>>,
    /// Kinds of boxes that are not known.
    others: BTreeSet<[u8; 4]>,
}

impl Outline {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut outline = Self::default();
        for found in BoxIter::new(bytes) {
            let Ok(found) = found else { break };
            let place = place(bytes, &found);
            outline.film |= found.is(b"moov");
            outline.end = Some(place.end as u64);
            // Without anything in it, or only blanks, one of another kind is no more than a mark.
            let says = || found.payload.iter().any(|byte| *byte != 0);
            if found.is(b"mdat") && !place.is_empty() {
                outline.data.push(place);
            } else if !OWN.iter().any(|own| found.is(own)) && found.uuid != Some(XMP) && says() {
                outline.others.insert(found.boxtype);
            }
        }
        outline
    }

    /// What of the file is not read.
    pub(super) fn faults(&self, meta: &Meta<'_>, bytes: &[u8]) -> Vec<Fault> {
        let film = || Fault::whole(FaultReason::Unsupported, "a film in the file of a picture is not read");
        let others = self.others.iter().map(|kind| kind.escape_ascii().to_string()).collect();
        // The data of a film are referred to from there.
        let loose = if self.film { 0 } else { self.loose(&taken(meta, bytes.len()), bytes) };
        let behind = || {
            let detail = format!("{loose} bytes in the data of the pictures belong to none of them and are not read");
            Fault::whole(FaultReason::Attachment, detail)
        };
        let faults = [self.film.then(film), of_other_kinds("boxes", others), (loose > 0).then(behind)];
        faults.into_iter().flatten().collect()
    }

    /// Bytes of data that are in no piece that is taken, those that fill up aside.
    fn loose(&self, taken: &[Range<usize>], bytes: &[u8]) -> usize {
        let mut loose = 0;
        for data in &self.data {
            let mut from = data.start;
            let first = taken.partition_point(|piece| piece.end <= data.start);
            let within = taken[first..].iter().take_while(|piece| piece.start < data.end);
            for piece in within.cloned().chain(std::iter::once(data.end..data.end)) {
                loose += filled(&bytes[from..piece.start.clamp(from, data.end)]);
                from = piece.end.clamp(from, data.end);
            }
        }
        loose
    }
}

/// Packets of XMP in boxes of their own.
pub(super) fn packets(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    BoxIter::new(bytes).map_while(Result::ok).filter(|found| found.uuid == Some(XMP)).map(|found| found.payload)
}

/// Pieces of a file that items refer to, in order, none of which touches another one.
fn taken(meta: &Meta<'_>, length: usize) -> Vec<Range<usize>> {
    let at = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(length);
    let places = meta.locations.iter().filter(|place| place.construction == Construction::File);
    let mut pieces: Vec<Range<usize>> = places
        .flat_map(|place| place.extents.iter().map(|extent| (place.base_offset.saturating_add(extent.offset), extent)))
        // Without a length it goes to the end.
        .map(|(start, extent)| {
            at(start)..if extent.length == 0 { length } else { at(start.saturating_add(extent.length)) }
        })
        .collect();
    pieces.sort_unstable_by_key(|piece| piece.start);
    pieces.dedup_by(|next, before| {
        let touches = next.start <= before.end;
        if touches {
            before.end = before.end.max(next.end);
        }
        touches
    });
    pieces
}

/// How long a piece is; nothing if it is a filling.
fn filled(piece: &[u8]) -> usize {
    if piece.len() > SLACK && piece.iter().any(|byte| *byte != 0) { piece.len() } else { 0 }
}

/// Where what is in a box stands.
fn place(bytes: &[u8], found: &BoxHeader<'_>) -> Range<usize> {
    let start = found.payload.as_ptr().addr() - bytes.as_ptr().addr();
    start..start + found.payload.len()
}
