//! Pictures of Word documents: in the stream of data, and in the store of drawings.

use super::super::Content;
use super::super::bytes::{part, short, size};
use super::super::drawing::{self, Drawing};
use super::fib::Fib;

/// Bytes of the header of a picture.
const HEADER: usize = 68;

/// Drawings in records; the same behind the name of a linked file.
const SHAPE: usize = 0x64;
const SHAPE_FILE: usize = 0x66;

/// A metafile without records, as Word 97 kept it from Word 95.
const METAFILE: usize = 8;

/// Texts and pictures of the drawings that float over the text.
pub(super) fn of_document(fib: &Fib, main: &[u8], table: &[u8]) -> Drawing {
    // The store of pictures comes first, and the drawings of body and headers behind it, each after one byte.
    let store = fib.place(50, table);
    let mut all = Drawing::default();
    let mut at = 0_usize;
    while let Some(record) = super::super::records::record(store, at) {
        let found = drawing::read(part(store, at, 8 + record.body.len()), main);
        all.zeroed |= found.zeroed;
        all.texts.extend(found.texts);
        all.pictures.extend(found.pictures);
        let behind = at.saturating_add(8 + record.body.len());
        at = behind.saturating_add(1);
    }
    all.texts.dedup();
    all
}

/// Texts and pictures that stand in lines of text: the stream of data is a row of pictures, with gaps.
pub(super) fn inline(data: &[u8]) -> Drawing {
    let mut all = Drawing::default();
    let mut at = 0_usize;
    while at.saturating_add(HEADER) <= data.len() {
        let length = size(data, at).unwrap_or_default();
        let sound = short(data, at + 4) == Some(HEADER) && length >= HEADER && length <= data.len() - at;
        if !sound {
            at += 1;
            continue;
        }
        let body = part(data, at + HEADER, length - HEADER);
        match short(data, at + 6) {
            Some(SHAPE) => extend(&mut all, body),
            Some(SHAPE_FILE) => {
                let name = body.first().map_or(0, |length| usize::from(*length));
                extend(&mut all, body.get(1 + name..).unwrap_or_default());
            }
            Some(METAFILE) => all.pictures.push((Content::Bytes(body.to_vec()), "wmf")),
            _ => {}
        }
        at += length;
    }
    all
}

fn extend(all: &mut Drawing, body: &[u8]) {
    let found = drawing::read(body, &[]);
    all.texts.extend(found.texts);
    all.pictures.extend(found.pictures);
}
