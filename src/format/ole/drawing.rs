//! Drawings of Office documents (`OfficeArt`): the pictures they hold, and texts of shapes that are no text boxes: word art,
//! as which Word draws watermarks, descriptions, names of linked pictures.

use crate::finding::{Fault, FaultReason};
use crate::format::zeros::is_zeroed;

use super::bytes::{part, size, u16, u32, units, utf16};
use super::records::{Record, flat};
use super::{Content, Inside, dib};

/// Properties with text: word art, name of a picture file, description.
const TEXTS: [u16; 3] = [0x00c0, 0x0105, 0x0381];

/// Tables of properties.
const TABLES: [u16; 3] = [0xf00b, 0xf121, 0xf122];

/// An entry of the store of pictures.
const STORE_ENTRY: u16 = 0xf007;

/// Bytes of an entry of the store before the picture.
const STORE_HEADER: usize = 36;

/// What a drawing holds.
#[derive(Default)]
pub(super) struct Drawing {
    /// Texts of shapes.
    pub(super) texts: Vec<String>,
    /// Pictures.
    pub(super) pictures: Vec<Picture>,
    /// Whether zeros took the place of records or of characters.
    pub(super) zeroed: bool,
}

/// A picture and what its file would be called.
pub(super) type Picture = (Content, &'static str);

/// Looks through records; `elsewhere` holds the pictures that the store only points to.
pub(super) fn read(bytes: &[u8], elsewhere: &[u8]) -> Drawing {
    let mut drawing = Drawing::default();
    // Entries may point to the same bytes, and so make more of them.
    let mut room = bytes.len().saturating_add(elsewhere.len());
    for record in flat(bytes) {
        drawing.zeroed |= record.is_zeroed();
        if TABLES.contains(&record.kind) {
            drawing.texts.extend(texts(&record));
            drawing.zeroed |= is_text_zeroed(&record);
        } else if record.kind == STORE_ENTRY {
            let Some((content, ending)) = stored(&record, elsewhere) else { continue };
            let Some(left) = room.checked_sub(content.size()) else {
                let fault = Fault::whole(FaultReason::Damaged, "the store of pictures points to the same bytes again");
                drawing.pictures.push((Content::Fault(fault), ending));
                break;
            };
            room = left;
            drawing.pictures.push((content, ending));
        } else {
            drawing.pictures.extend(picture(&record));
        }
    }
    drawing
}

/// Names pictures by number.
pub(super) fn named(pictures: Vec<Picture>) -> impl Iterator<Item = Inside> {
    let name =
        |(number, (content, ending)): (usize, Picture)| Inside { name: format!("picture {number}.{ending}"), content };
    (1..).zip(pictures).map(name)
}

/// The texts in a table of properties.
pub(super) fn texts(table: &Record) -> Vec<String> {
    let texts = raw_texts(table).into_iter().map(|raw| utf16(raw).trim().to_owned());
    texts.filter(|text| !text.is_empty()).collect()
}

/// Whether zeros stand for characters of texts in a table of properties.
pub(super) fn is_text_zeroed(table: &Record) -> bool {
    raw_texts(table).into_iter().any(|raw| is_zeroed(&units(raw)))
}

/// The bytes of the texts in a table of properties.
fn raw_texts<'a>(table: &Record<'a>) -> Vec<&'a [u8]> {
    let count = usize::from(table.instance);
    let mut at = count * 6;
    let mut texts = Vec::new();
    for index in 0..count {
        let (Some(id), Some(value)) = (u16(table.body, index * 6), size(table.body, index * 6 + 2)) else { break };
        if id & 0x8000 == 0 {
            continue;
        }
        if TEXTS.contains(&(id & 0x3fff)) {
            texts.push(part(table.body, at, value));
        }
        at = at.saturating_add(value);
    }
    texts
}

/// The picture of an entry of the store: in the entry or elsewhere.
fn stored(entry: &Record, elsewhere: &[u8]) -> Option<Picture> {
    let name = usize::from(*entry.body.get(33)?);
    let inside = entry.body.get(STORE_HEADER + name..).unwrap_or_default();
    let found = super::records::record(inside, 0).and_then(|record| picture(&record));
    let pointed = || {
        let at = u32(entry.body, 28).filter(|at| *at != u32::MAX)?;
        super::records::record(elsewhere, at as usize).and_then(|record| picture(&record))
    };
    found.or_else(pointed)
}

/// The picture that a record is.
pub(super) fn picture(record: &Record) -> Option<Picture> {
    let body = record.body;
    // An odd instance has a second fingerprint.
    let prints = if record.instance & 1 == 1 { 32 } else { 16 };
    let metafile = |ending| {
        let prints = if matches!(record.instance, 0x217 | 0x3d5 | 0x543) { 32 } else { 16 };
        let packed = *body.get(prints + 32)? == 0;
        let data = body.get(prints + 34..)?.to_vec();
        Some((if packed { Content::Packed(data) } else { Content::Bytes(data) }, ending))
    };
    let bitmap = |ending| Some((Content::Bytes(body.get(prints + 1..)?.to_vec()), ending));
    match record.kind {
        0xf01a => metafile("emf"),
        0xf01b => metafile("wmf"),
        0xf01c => metafile("pict"),
        0xf01d | 0xf02a => bitmap("jpg"),
        0xf01e => bitmap("png"),
        0xf01f => {
            let dib = body.get(prints + 1..)?;
            let file = dib::bmp(dib).unwrap_or_else(|| dib.to_vec());
            Some((Content::Bytes(file), "bmp"))
        }
        0xf029 => bitmap("tif"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::ole::records::made;

    #[test]
    fn word_art_is_text_and_pictures_are_found_where_the_store_points() {
        let text: Vec<u8> = "机密\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let length = u32::try_from(text.len()).expect("short").to_le_bytes();
        let table = [&0xc0c0_u16.to_le_bytes(), length.as_slice(), &text].concat();
        let png = made(0xf01e, 0x6e00, &[&[0; 17], b"PNG".as_slice()].concat());
        let mut entry = vec![0; 36];
        entry[28..32].copy_from_slice(&4_u32.to_le_bytes());
        let all = made(0xf000, 15, &[made(0xf00b, 0x13, &table), made(0xf007, 2, &entry)].concat());
        let drawing = read(&all, &[b"lead".as_slice(), &png].concat());
        assert_eq!(drawing.texts, ["机密"]);
        assert!(matches!(&drawing.pictures[..], [(Content::Bytes(bytes), "png")] if bytes == b"PNG"));
    }

    #[test]
    fn word_art_and_records_that_were_zeroed_are_seen() {
        let art = |text: &[u16]| {
            let text: Vec<u8> = text.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            let length = u32::try_from(text.len()).expect("short").to_le_bytes();
            made(0xf00b, 0x13, &[&0xc0c0_u16.to_le_bytes(), length.as_slice(), &text].concat())
        };
        for (records, zeroed) in [
            (art(&[0x673a, 0x5bc6, 0]), false),
            (art(&[0]), false),
            (art(&[0; 12]), true),
            (art(&[0x673a, 0, 0, 0x5bc6, 0]), true),
            ([art(&[0x673a, 0]), vec![0; 16]].concat(), true),
        ] {
            assert_eq!(read(&made(0xf000, 15, &records), &[]).zeroed, zeroed, "{records:?}");
        }
    }
}
