//! Blocks of RAR 1.5 to 4.

use std::io;

use super::super::bytes::{le16, le32, read_at};
use super::super::names::Names;
use super::{Block, COMMENT, Entry};
use crate::format::Source;

/// Types of blocks.
const MAIN: u8 = 0x73;
const FILE: u8 = 0x74;
const OLD_COMMENT: u8 = 0x75;
const SERVICE: u8 = 0x7a;
const END: u8 = 0x7b;

/// Flags of files.
const SPLIT: u16 = 3;
const ENCRYPTED: u16 = 4;
const LARGE: u16 = 0x100;
const UNICODE: u16 = 0x200;
const FOLDER: u16 = 0xe0;

/// The method of what is not packed.
const STORED: u8 = 0x30;

/// The block at a place.
pub(super) fn block(source: &Source, at: u64) -> io::Result<Option<(Block, u64)>> {
    let head = read_at(source, at, 7)?;
    let (Some(kind), Some(flags), Some(size)) = (head.get(2).copied(), le16(&head, 3), le16(&head, 5)) else {
        return Ok(None);
    };
    if size < 7 || !(0x72..=0x7b).contains(&kind) {
        return Ok(None);
    }
    let block = read_at(source, at, size.into())?;
    let start = at.saturating_add(size.into());
    // Files have the size of what follows where other blocks have one if a flag says so.
    let follows = matches!(kind, FILE | SERVICE) || flags & 0x8000 != 0;
    let mut length = if follows { u64::from(le32(&block, 7).unwrap_or_default()) } else { 0 };
    let found = match kind {
        MAIN if flags & 0x80 != 0 => Block::Sealed,
        MAIN if flags & 1 != 0 => Block::Volumes,
        FILE | SERVICE => {
            let Some((entry, raw_name)) = entry(&block, flags, start) else { return Ok(None) };
            length = entry.packed;
            match kind {
                FILE => Block::File(entry),
                _ if raw_name == COMMENT => Block::Comment(entry),
                _ => Block::Other,
            }
        }
        OLD_COMMENT => Block::Comment(Entry::default()),
        END => Block::End,
        _ => Block::Other,
    };
    Ok(Some((found, start.saturating_add(length))))
}

/// The entry in a block, and its name as it stands.
fn entry(block: &[u8], flags: u16, start: u64) -> Option<(Entry, Vec<u8>)> {
    let large = flags & LARGE != 0;
    let high = if large { u64::from(le32(block, 32)?) } else { 0 };
    let at = if large { 40 } else { 32 };
    let name = block.get(at..at + usize::from(le16(block, 26)?))?;
    let unix = block.get(15) == Some(&3);
    let special = unix && !matches!(le32(block, 28)? & 0o170_000, 0 | 0o100_000);
    let entry = Entry {
        name: text(name, flags & UNICODE != 0).replace('\\', "/"),
        start,
        packed: high << 32 | u64::from(le32(block, 7)?),
        stored: block.get(25) == Some(&STORED),
        encrypted: flags & ENCRYPTED != 0,
        no_file: flags & FOLDER == FOLDER || special,
        split: flags & SPLIT != 0,
        crc: le32(block, 16),
    };
    Some((entry, name.to_vec()))
}

/// A name in the code page of the packer, and behind it, if a flag says so, how it differs in Unicode.
fn text(name: &[u8], unicode: bool) -> String {
    let plain = || Names::of(std::iter::once(name)).decode(name.split(|byte| *byte == 0).next().unwrap_or_default());
    match name.iter().position(|byte| *byte == 0).filter(|_| unicode) {
        Some(end) => wide(&name[..end], &name[end + 1..]).unwrap_or_else(plain),
        None => plain(),
    }
}

/// A name in Unicode: two bits say for each character whether it is Latin, of the block that the first byte names, whole,
/// or one of a run of the plain name.
fn wide(plain: &[u8], coded: &[u8]) -> Option<String> {
    let (high, mut rest) = coded.split_first()?;
    let mut take = || {
        let (first, others) = rest.split_first()?;
        rest = others;
        Some(u16::from(*first))
    };
    let (high, mut units, mut flags, mut bits) = (u16::from(*high) << 8, Vec::new(), 0, 0);
    loop {
        if bits == 0 {
            let Some(next) = take() else { break };
            (flags, bits) = (next, 8);
        }
        bits -= 2;
        match flags >> bits & 3 {
            0 => units.push(match take() {
                Some(byte) => byte,
                None => break,
            }),
            1 => units.push(take()? | high),
            2 => units.push(take()? | take()? << 8),
            _ => {
                let length = take()?;
                let correction = if length & 0x80 != 0 { Some(take()?) } else { None };
                for _ in 0..(length & 0x7f) + 2 {
                    let byte = u16::from(*plain.get(units.len())?);
                    units.push(correction.map_or(byte, |correction| (byte + correction) & 0xff | high));
                }
            }
        }
    }
    Some(String::from_utf16_lossy(&units))
}
