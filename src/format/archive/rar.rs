//! RAR 1.5 to 7: the list of members, and those that are stored; a library unpacks and decrypts the others.

mod bounds;
mod five;
mod four;
mod packed;

use std::io::{self, Read};
use std::ops::ControlFlow;

use super::bytes::{Exactly, part, read_at};
use super::out::{Out, damaged, encrypted, fault_of, hidden, one_of_several, packed_by};
use super::{Container, Context, comment};
use crate::document::{Kind, Remark};
use crate::finding::{Fault, FaultReason};
use crate::format::{Source, charset};
use packed::Packed;

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
            Block::Sealed => return sealed(&source, context),
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
    let packed = match is_packed(&source, read, start) {
        true => Some(Packed::open(&source, &context.settings.limits, context.passwords)),
        false => None,
    };
    if let (None, Some(Ok(packed))) = (&about, &packed) {
        about = packed.comment().ok().flatten().and_then(|text| comment("archive comment", text));
    }
    let told = about.is_some();
    let unlocked = packed.as_ref().is_some_and(|packed| packed.as_ref().is_ok_and(Packed::unlocked));
    let mut container = Container::new(about.into_iter().collect(), faults, context, move |out| match &packed {
        Some(Ok(packed)) => hand_out_packed(&source, read, start, packed, told, out),
        // The library cannot make out the list: what is stored can be read all the same.
        Some(Err(_)) | None => hand_out(&source, read, start, out),
    });
    container.remarks.extend(unlocked.then_some(Remark::KnownPassword));
    Ok(container)
}

/// An archive whose list is encrypted.
fn sealed<'a>(source: &Source, context: Context<'a>) -> Result<Container<'a>, Fault> {
    // What cannot be told from damage without a key is encrypted.
    let locked =
        |_| Fault::whole(FaultReason::Encrypted, "the list of members is encrypted, and no known password opens it");
    let packed = Packed::open(source, &context.settings.limits, context.passwords).map_err(locked)?;
    let mut faults: Vec<Fault> = packed.is_volume().then(one_of_several).into_iter().collect();
    let about = packed.comment().unwrap_or_else(|fault| {
        faults.push(Fault { detail: format!("the comment of the archive: {}", fault.detail), ..fault });
        None
    });
    let about = about.and_then(|text| comment("archive comment", text)).into_iter().collect();
    let source = source.clone();
    let mut container = Container::new(about, faults, context, move |out| {
        packed.hand_out(&[], out)?;
        packed.sealed_end().map_or(Ok(()), |end| behind(&source, end))
    });
    container.remarks.push(Remark::KnownPassword);
    Ok(container)
}

/// Whether there is a member that is not merely stored.
fn is_packed(source: &Source, read: Reader, start: u64) -> bool {
    let mut at = start;
    while let Ok(Some((block, next))) = read(source, at) {
        match block {
            Block::File(Entry { no_file: true, .. }) => at = next,
            Block::File(entry) | Block::Comment(entry) if !entry.stored || entry.encrypted => return true,
            Block::End | Block::Sealed => return false,
            _ => at = next,
        }
    }
    false
}

/// Hands out members by way of the library, and behind them what the list itself tells.
fn hand_out_packed(
    source: &Source,
    read: Reader,
    start: u64,
    packed: &Packed,
    told: bool,
    out: &mut Out<'_>,
) -> Result<(), Fault> {
    let (mut names, mut at) = (Vec::new(), start);
    let mut end = Ok(());
    loop {
        match read(source, at).map_err(|error| fault_of(&error))? {
            Some((Block::File(entry), next)) => {
                names.push(entry.name);
                at = next;
            }
            Some((Block::End, next)) => {
                end = behind(source, next);
                break;
            }
            Some((block, next)) => {
                let is_lost = matches!(block, Block::Comment(entry) if !told && (!entry.stored || entry.encrypted));
                if is_lost && out.unreadable("archive comment", packed_by("RAR")).is_break() {
                    return Ok(());
                }
                at = next;
            }
            None => break,
        }
        if at >= source.size() {
            break;
        }
    }
    packed.hand_out(&names, out)?;
    end
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
