//! Parts of a package without a directory, found by the headers that stand before each of them.
//!
//! A copy that broke off, or a download that was not finished, has lost its end and with it the directory.

use std::io::{self, Read, Seek as _, SeekFrom};

use flate2::read::DeflateDecoder;

use crate::finding::{Fault, FaultReason};
use crate::format::Source;

/// Headers that are looked at.
const HEADERS: usize = 200_000;
/// Bytes that are searched at once.
const PIECE: usize = 1 << 20;
/// Bytes of a header without its name.
const HEADER: usize = 30;
const MAGIC: &[u8] = b"PK\x03\x04";

/// What was found.
pub(super) struct Salvaged {
    source: Source,
    parts: Vec<Header>,
}

struct Header {
    name: String,
    encrypted: bool,
    method: u16,
    start: u64,
    /// Packed bytes, where the header tells.
    length: u64,
}

impl Salvaged {
    /// Looks for headers.
    pub(super) fn find(source: &Source) -> io::Result<Self> {
        let mut parts = Vec::new();
        let mut at = 0;
        while at < source.size() && parts.len() < HEADERS {
            let piece = source.bytes_of(at..at.saturating_add(PIECE as u64))?;
            for found in memchr::memmem::find_iter(&piece, MAGIC) {
                parts.extend(header(source, at + found as u64)?);
            }
            // A mark may lie across two pieces.
            at = at.saturating_add((PIECE - (MAGIC.len() - 1)) as u64);
        }
        parts.sort_by_key(|part| part.start);
        parts.dedup_by_key(|part| part.start);
        Ok(Self { source: source.clone(), parts })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.parts.iter().map(|part| part.name.clone()).collect()
    }

    /// Reads a part through a function.
    pub(super) fn reading<T>(
        &self,
        index: usize,
        shown: &str,
        read: impl FnOnce(&mut dyn Read) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let missing = || Fault::whole(FaultReason::Damaged, format!("{shown} is missing"));
        let part = self.parts.get(index).ok_or_else(missing)?;
        if part.encrypted {
            return Err(Fault::whole(FaultReason::Encrypted, format!("{shown} is encrypted")));
        }
        let mut source = self.source.clone();
        source.seek(SeekFrom::Start(part.start)).map_err(|_| missing())?;
        let next = self.parts.get(index + 1).map_or(u64::MAX, |next| next.start);
        match part.method {
            0 => read(&mut source.take(if part.length > 0 { part.length } else { next.saturating_sub(part.start) })),
            8 => read(&mut DeflateDecoder::new(source)),
            _ => Err(Fault::whole(FaultReason::Unsupported, format!("{shown} is packed by an unknown method"))),
        }
    }
}

/// The header at a place, if it is one.
fn header(source: &Source, at: u64) -> io::Result<Option<Header>> {
    let bytes = source.bytes_of(at..at.saturating_add(HEADER as u64))?;
    let short = |at: usize| bytes.get(at..at + 2).map(|b| u16::from_le_bytes([b[0], b[1]]));
    let long = |at: usize| bytes.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    let fields = (short(6), short(8), long(18), short(26), short(28));
    let (Some(flags), Some(method), Some(length), Some(name), Some(extra)) = fields else { return Ok(None) };
    let start = at.saturating_add(HEADER as u64);
    let end = start.saturating_add(u64::from(name));
    let name = source.bytes_of(start..end)?;
    let plausible = !name.is_empty() && !name.iter().any(u8::is_ascii_control);
    Ok(plausible.then(|| Header {
        name: String::from_utf8_lossy(&name).replace('\\', "/"),
        encrypted: flags & 1 == 1,
        method,
        start: end.saturating_add(u64::from(extra)),
        length: u64::from(length),
    }))
}
