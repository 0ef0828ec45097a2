//! RAR 4 and 5: the list of members. Nothing that is free to use unpacks them, so only what was stored unpacked is read;
//! each other member is told as unsupported or encrypted.

mod five;
mod four;

use std::io::{self, Read};
use std::ops::ControlFlow;

use super::bytes::{Exactly, part, read_at};
use super::out::{Out, damaged, encrypted, fault_of, hidden, one_of_several, packed_by};
use super::{Container, Context, comment};
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};
use crate::format::{Source, charset};

/// What a service entry with the comment is called.
const COMMENT: &[u8] = b"CMT";

/// Bytes of a comment that are read.
const COMMENT_BYTES: u64 = 1 << 20;

/// An entry of the list.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools, reason = "they are flags of the format, and independent")]
struct Entry {
    name: String,
    start: u64,
    packed: u64,
    /// The bytes were not packed.
    stored: bool,
    encrypted: bool,
    /// A folder or a link.
    no_file: bool,
    /// Begins or ends in another volume.
    split: bool,
    crc: Option<u32>,
}

/// What is met in the list, one at a time.
enum Block {
    File(Entry),
    /// The comment, or another thing that a packer keeps for itself.
    Comment(Entry),
    /// Something without meaning to us.
    Other,
    /// The archive has several volumes.
    Volumes,
    /// All that follows is encrypted.
    Sealed,
    End,
}

/// Reads the block at a place; gives where the next one begins. None if there is no block.
type Reader = fn(&Source, u64) -> io::Result<Option<(Block, u64)>>;

/// Opens a RAR archive.
pub(super) fn open<'a>(source: Source, _: &Kind, context: Context<'a>) -> Result<Container<'a>, Fault> {
    let mark = read_at(&source, 0, 8).map_err(|error| fault_of(&error))?;
    let (read, start): (Reader, u64) = match mark.get(6) {
        Some(0) => (four::block, 7),
        Some(1) => (five::block, 8),
        _ => return Err(Fault::whole(FaultReason::Unsupported, "a RAR of an unknown version")),
    };
    let (mut about, mut faults) = (None, Vec::new());
    let mut at = start;
    // A volume says so in its first block, and a comment stands before all members.
    while let Ok(Some((block, next))) = read(&source, at) {
        match block {
            Block::Sealed => return Err(Fault::whole(FaultReason::Encrypted, "the list of members is encrypted")),
            Block::Volumes if faults.is_empty() => faults.push(one_of_several()),
            Block::Comment(entry) if entry.stored && !entry.encrypted => {
                let bytes =
                    read_at(&source, entry.start, entry.packed.min(COMMENT_BYTES)).map_err(|error| fault_of(&error))?;
                if (bytes.len() as u64) < entry.packed {
                    let detail = format!("the comment of the archive is cut, or longer than {COMMENT_BYTES} bytes");
                    faults.push(Fault::whole(FaultReason::Limit, detail));
                }
                about = comment("archive comment", charset::decode(&bytes, None).text);
            }
            Block::File(_) | Block::End => break,
            _ => {}
        }
        at = next;
    }
    Ok(Container::new(about.into_iter().collect(), faults, context, move |out| hand_out(&source, read, start, out)))
}

fn hand_out(source: &Source, read: Reader, start: u64, out: &mut Out<'_>) -> Result<(), Fault> {
    let mut at = start;
    loop {
        let Some((block, next)) = read(source, at).map_err(|error| fault_of(&error))? else {
            let rest = source.size().saturating_sub(at);
            return Err(damaged(format!("the list of members breaks off at offset {at}, {rest} bytes before the end")));
        };
        let taken = match block {
            Block::File(entry) if !entry.no_file => member(source, &entry, out),
            Block::Comment(entry) if !entry.stored || entry.encrypted => {
                let fault = if entry.encrypted { encrypted() } else { packed_by("RAR") };
                out.unreadable("archive comment", fault)
            }
            Block::End => return behind(source, next),
            _ => ControlFlow::Continue(()),
        };
        if taken.is_break() {
            return Ok(());
        }
        at = next;
        // Old archives have no block at the end.
        if at >= source.size() {
            return Ok(());
        }
    }
}

fn member(source: &Source, entry: &Entry, out: &mut Out<'_>) -> ControlFlow<()> {
    let fault = match () {
        () if entry.encrypted => encrypted(),
        () if !entry.stored => packed_by("RAR"),
        () if entry.split => one_of_several(),
        () => {
            let inner = part(source, entry.start, entry.packed);
            return out.member(&entry.name, Checked { inner, crc: entry.crc, hasher: crc32fast::Hasher::new() });
        }
    };
    out.unreadable(&entry.name, fault)
}

fn behind(source: &Source, end: u64) -> Result<(), Fault> {
    let first = crate::format::behind::skip_padding(source, end).map_err(|error| fault_of(&error))?;
    match source.size().saturating_sub(first) {
        0 => Ok(()),
        bytes => Err(hidden(bytes, "behind the archive")),
    }
}

/// Bytes whose check sum is looked at when they end.
struct Checked {
    inner: Exactly<Source>,
    crc: Option<u32>,
    hasher: crc32fast::Hasher,
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        let wrong = || self.crc.is_some_and(|crc| crc != self.hasher.clone().finalize());
        if count == 0 && !buffer.is_empty() && wrong() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the check sum is wrong"));
        }
        Ok(count)
    }
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, reason = "fixtures are small and made here")]
mod tests;
