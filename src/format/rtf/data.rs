//! Pictures and objects, which RTF writes as hexadecimal digits or as bytes.

use crate::format::ole::{Compound, Content, Inside, bytes, dib, object};

/// Twentieths of a point by which two sizes of one picture differ: two pixels.
const ROUNDING: u64 = 30;

/// What a picture is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Picture {
    /// It does not say.
    #[default]
    Unknown,
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// An enhanced metafile.
    Emf,
    /// A metafile.
    Wmf,
    /// A bitmap without the header of a file.
    Dib,
    /// A picture of the old Macintosh.
    Pict,
}

/// What a picture says of itself that is the same in one for old programs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Size {
    /// Twentieths of a point.
    pub(super) width: Option<i64>,
    /// Twentieths of a point.
    pub(super) height: Option<i64>,
    /// A number of its own.
    pub(super) tag: Option<i64>,
}

impl Size {
    /// Whether another picture can be the same: it says nothing else of itself. Programs round sizes to pixels.
    pub(super) fn agrees(self, other: Self) -> bool {
        let close = |one: Option<i64>, other: Option<i64>| {
            one.zip(other).is_none_or(|(one, other)| one.abs_diff(other) <= ROUNDING)
        };
        let is_tagged_so = self.tag.zip(other.tag).is_none_or(|(one, other)| one == other);
        is_tagged_so && close(self.width, other.width) && close(self.height, other.height)
    }
}

/// Digits that are being read.
#[derive(Default)]
pub(super) struct Digits {
    /// The bytes so far.
    pub(super) bytes: Vec<u8>,
    half: Option<u8>,
}

impl Digits {
    /// Takes a character; what is no digit is passed over.
    pub(super) fn push(&mut self, character: u8) {
        let Some(digit) = char::from(character).to_digit(16).and_then(|digit| u8::try_from(digit).ok()) else { return };
        match self.half.take() {
            Some(high) => self.bytes.push(high << 4 | digit),
            None => self.half = Some(digit),
        }
    }
}

/// A picture as a document.
pub(super) fn picture(bytes: Vec<u8>, kind: Picture, number: usize) -> Option<Inside> {
    if bytes.is_empty() {
        return None;
    }
    let (ending, bytes) = match kind {
        Picture::Png => ("png", bytes),
        Picture::Jpeg => ("jpg", bytes),
        Picture::Emf => ("emf", bytes),
        Picture::Wmf => ("wmf", bytes),
        Picture::Pict => ("pict", bytes),
        Picture::Dib => ("bmp", dib::bmp(&bytes).unwrap_or(bytes)),
        Picture::Unknown => ("bin", bytes),
    };
    Some(Inside::new(format!("picture {number}.{ending}"), bytes))
}

/// An object of OLE 1 as a document; none of one that only points elsewhere.
pub(super) fn object(data: Vec<u8>, number: usize) -> Option<Inside> {
    let name = format!("object {number}");
    if data.is_empty() {
        return None;
    }
    let Some((class, native)) = embedded(&data) else {
        // Links say where their document lies, and hold nothing of it.
        let link = bytes::u32(&data, 4) == Some(1);
        return (!link).then(|| Inside::new(name, data));
    };
    if let Some((own, bytes)) = object::package(native).filter(|_| class.eq_ignore_ascii_case("Package")) {
        return Some(Inside::new(own.unwrap_or(name), bytes));
    }
    match Compound::of(native.to_vec()) {
        Some(file) if native.starts_with(b"\xd0\xcf\x11\xe0") => object::embedded(&file, 0, &name),
        _ => Some(Inside { name, content: Content::Bytes(native.to_vec()) }),
    }
}

/// The class and the data of an embedded object.
fn embedded(data: &[u8]) -> Option<(String, &[u8])> {
    if bytes::u32(data, 4)? != 2 {
        return None;
    }
    let mut at = 8_usize;
    let mut class = String::new();
    for index in 0..3 {
        let length = bytes::size(data, at)?;
        if index == 0 {
            class = bytes::latin(bytes::part(data, at + 4, length));
        }
        at = at.checked_add(4)?.checked_add(length)?;
    }
    let length = bytes::size(data, at)?;
    let native = data.get(at.checked_add(4)?..)?;
    Some((class, &native[..length.min(native.len())]))
}
