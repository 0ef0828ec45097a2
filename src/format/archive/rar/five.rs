//! Blocks of RAR 5 and later.

use std::io;

use super::super::bytes::{le32, read_at};
use super::{Block, COMMENT, Entry};
use crate::format::Source;

/// Longest header that the format allows.
const HEADER: u64 = 2 << 20;

/// The block at a place.
pub(super) fn block(source: &Source, at: u64) -> io::Result<Option<(Block, u64)>> {
    let head = read_at(source, at, 16)?;
    let mut fields = Fields(head.get(4..).unwrap_or_default());
    let Some(size) = fields.number().filter(|size| (1..=HEADER).contains(size)) else { return Ok(None) };
    let before = head.len() - fields.0.len();
    let header = read_at(source, at.saturating_add(before as u64), size)?;
    let start = at.saturating_add(before as u64).saturating_add(size);
    if header.len() as u64 != size {
        return Ok(None);
    }
    let Some((block, follows)) = parse(&header, start) else { return Ok(None) };
    Ok(Some((block, start.saturating_add(follows))))
}

/// What a header says, and how many bytes follow it.
fn parse(header: &[u8], start: u64) -> Option<(Block, u64)> {
    let mut fields = Fields(header);
    let (kind, flags) = (fields.number()?, fields.number()?);
    let extra = if flags & 1 != 0 { fields.number()? } else { 0 };
    let packed = if flags & 2 != 0 { fields.number()? } else { 0 };
    let block = match kind {
        1 if fields.number()? & 1 != 0 => Block::Volumes,
        2 | 3 => {
            let extra = header.get(header.len().checked_sub(usize::try_from(extra).ok()?)?..)?;
            let entry = entry(&mut fields, extra)?;
            let split = flags & 0x18 != 0;
            let entry = Entry { start, packed, split, ..entry };
            match kind {
                2 => Block::File(entry),
                _ if entry.name.as_bytes() == COMMENT => Block::Comment(entry),
                _ => Block::Other,
            }
        }
        4 => Block::Sealed,
        5 => Block::End,
        _ => Block::Other,
    };
    Some((block, packed))
}

/// The fields of a file.
fn entry(fields: &mut Fields<'_>, extra: &[u8]) -> Option<Entry> {
    let flags = fields.number()?;
    let (_unpacked, _attributes) = (fields.number()?, fields.number()?);
    if flags & 2 != 0 {
        fields.bytes(4)?;
    }
    let crc = if flags & 4 != 0 { le32(fields.bytes(4)?, 0) } else { None };
    let (compression, _system, length) = (fields.number()?, fields.number()?, fields.number()?);
    let name = String::from_utf8_lossy(fields.bytes(usize::try_from(length).ok()?)?).into_owned();
    let mut entry =
        Entry { name, stored: (compression >> 7) % 8 == 0, crc, no_file: flags & 1 != 0, ..Entry::default() };
    let mut records = Fields(extra);
    while let Some(size) = records.number() {
        let Some(record) = usize::try_from(size).ok().and_then(|size| records.bytes(size)) else { break };
        match Fields(record).number() {
            Some(1) => entry.encrypted = true,
            // A link; the bytes of a copy stand elsewhere in the archive.
            Some(5) => entry.no_file = true,
            _ => {}
        }
    }
    // The check sum of an encrypted file is made of its key as well.
    Some(entry)
}

/// Fields, one after the other.
struct Fields<'h>(&'h [u8]);

impl<'h> Fields<'h> {
    /// A number of seven bits a byte, the lowest first.
    fn number(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..63).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn bytes(&mut self, length: usize) -> Option<&'h [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }
}
