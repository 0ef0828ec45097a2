//! Archives behind a program, a film or a font, as self-extracting ones are made. Only the places are looked at where one begins
//! or ends; a 7z behind a sound of which nothing says where it ends is not found.

use crate::format::Source;

/// Kinds that carry no text by themselves.
const CARRIERS: &[&str] = &[
    "avi", "class", "elf", "flac", "flv", "font", "m4a", "macho", "mkv", "mov", "mp3", "mp4", "mpeg", "ogg", "pe",
    "wasm", "wav", "wmv",
];

/// The last bytes of RAR archives: the block that ends them, which is always the same, of versions 5 and 4.
const ENDS: [&[u8]; 2] = [b"\x1d\x77\x56\x51\x03\x05\x04\0", b"\xc4\x3d\x7b\0\x40\x07\0"];

/// The first bytes of archives that are no ZIP.
const BEGINS: [&[u8]; 2] = [b"7z\xbc\xaf\x27\x1c\0", b"Rar!\x1a\x07"];

/// Bytes behind a program in which an archive begins: settings of the unpacker stand before it.
const LOOK: u64 = 64 << 10;

/// Boxes of a film that are followed to its end.
const BOXES: usize = 10_000;

/// Whether a kind carries no text, so that what stands behind it is what counts.
pub(super) fn is_carrier(kind: &str) -> bool {
    CARRIERS.contains(&kind)
}

/// Whether an archive that is no ZIP stands behind a content of such a kind.
pub(super) fn is_there(kind: &str, head: &[u8], source: &Source) -> bool {
    let tail = read_at(source, source.size().saturating_sub(8), 8);
    if ENDS.iter().any(|end| tail.ends_with(end)) {
        return true;
    }
    let end = match kind {
        "pe" => end_of_pe(head),
        "elf" => end_of_elf(head),
        "mp4" | "m4a" | "mov" => end_of_boxes(source),
        "avi" | "wav" => le(head, 4, 4).map(|size| size.saturating_add(8)),
        _ => None,
    };
    let behind = end.filter(|end| *end < source.size()).map(|end| read_at(source, end, LOOK)).unwrap_or_default();
    BEGINS.iter().any(|begin| memchr::memmem::find(&behind, begin).is_some())
}

/// Where the last section of a program of Windows ends.
fn end_of_pe(head: &[u8]) -> Option<u64> {
    let header = usize::try_from(le(head, 0x3c, 4)?).ok()?;
    let sections = le(head, header.checked_add(6)?, 2)?;
    let table = header.checked_add(24)?.checked_add(usize::try_from(le(head, header + 20, 2)?).ok()?)?;
    let end = |index: u64| {
        let at = table.checked_add(usize::try_from(index).ok()?.checked_mul(40)?)?;
        Some(le(head, at.checked_add(16)?, 4)? + le(head, at + 20, 4)?)
    };
    (0..sections).map_while(end).max()
}

/// Where the table of sections of a program of Linux ends: it stands last.
fn end_of_elf(head: &[u8]) -> Option<u64> {
    let (place, length, entry, count) =
        if head.get(4) == Some(&2) { (0x28, 8, 0x3a, 0x3c) } else { (0x20, 4, 0x2e, 0x30) };
    let table = le(head, place, length)?;
    table.checked_add(le(head, entry, 2)? * le(head, count, 2)?)
}

/// Where the boxes of a film end.
fn end_of_boxes(source: &Source) -> Option<u64> {
    let mut at = 0_u64;
    for _ in 0..BOXES {
        let header = read_at(source, at, 16);
        let is_name =
            header.get(4..8).is_some_and(|name| name.iter().all(|byte| (0x20..0x7f).contains(byte) || *byte == 0xa9));
        let be = |range: std::ops::Range<usize>| {
            header.get(range).map(|bytes| bytes.iter().fold(0, |n, b| n << 8 | u64::from(*b)))
        };
        let size = match be(0..4) {
            Some(1) => be(8..16)?,
            Some(size) => size,
            None => return None,
        };
        if !is_name || size < 8 {
            return Some(at);
        }
        at = at.checked_add(size)?;
    }
    None
}

/// A little-endian number of so many bytes at a place.
fn le(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(length)?)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// At most `limit` bytes at `offset`; none where they cannot be read.
fn read_at(source: &Source, offset: u64, limit: u64) -> Vec<u8> {
    source.bytes_of(offset..offset.saturating_add(limit)).unwrap_or_default()
}
