//! Numbers and stretches of bytes out of archives.

use std::io::{self, Read, Seek, SeekFrom};

use crate::format::Source;

/// Little-endian numbers at a place; none beyond the end.
pub(super) fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

/// See [`le16`].
pub(super) fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

/// See [`le16`].
pub(super) fn le64(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

/// A big-endian number at a place; none beyond the end.
pub(super) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

/// At most `length` bytes at `start`; fewer where the content ends. `length` is small, or checked by the caller.
pub(super) fn read_at(source: &Source, start: u64, length: u64) -> io::Result<Vec<u8>> {
    source.bytes_of(start..start.saturating_add(length))
}

/// A reader from `start` on.
pub(super) fn from(source: &Source, start: u64) -> Source {
    let mut source = source.clone();
    // Seeking only remembers the place.
    let _ = source.seek(SeekFrom::Start(start));
    source
}

/// A stretch of the content; less than `length` bytes are an error.
pub(super) fn part(source: &Source, start: u64, length: u64) -> Exactly<Source> {
    Exactly { inner: from(source, start), left: length }
}

/// A reader of a known number of bytes: to end before is an error.
pub(super) struct Exactly<R> {
    pub(super) inner: R,
    pub(super) left: u64,
}

impl<R: Read> Read for Exactly<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = (&mut self.inner).take(self.left).read(buffer)?;
        if count == 0 && self.left > 0 && !buffer.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("{} bytes are missing", self.left)));
        }
        self.left -= count as u64;
        Ok(count)
    }
}

/// Bytes in memory, a stretch of the content, and bytes in memory again, as one file: for libraries that want a whole
/// archive, and are given one of a single member.
#[derive(Clone)]
pub(super) struct Spliced {
    pub(super) head: Vec<u8>,
    pub(super) source: Source,
    pub(super) start: u64,
    pub(super) length: u64,
    pub(super) tail: Vec<u8>,
    pub(super) position: u64,
}

impl Spliced {
    fn size(&self) -> u64 {
        (self.head.len() as u64).saturating_add(self.length).saturating_add(self.tail.len() as u64)
    }
}

impl Read for Spliced {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let head = self.head.len() as u64;
        let middle = head.saturating_add(self.length);
        let count = if self.position < head {
            copy(&self.head, self.position, buffer)
        } else if self.position < middle {
            let at = self.start.saturating_add(self.position - head);
            from(&self.source, at).take(middle - self.position).read(buffer)?
        } else {
            copy(&self.tail, self.position - middle, buffer)
        };
        self.position = self.position.saturating_add(count as u64);
        Ok(count)
    }
}

/// Copies what there is from a place on.
fn copy(bytes: &[u8], at: u64, buffer: &mut [u8]) -> usize {
    let rest = usize::try_from(at).ok().and_then(|at| bytes.get(at..)).unwrap_or_default();
    let count = rest.len().min(buffer.len());
    buffer[..count].copy_from_slice(&rest[..count]);
    count
}

impl Seek for Spliced {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
            SeekFrom::End(offset) => self.size().checked_add_signed(offset),
        };
        self.position = target.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "seek before the start"))?;
        Ok(self.position)
    }
}
