//! The central directory of a ZIP: where it is, and what it says of the members, one at a time.

use std::io::{self, BufRead as _, BufReader, Read};

use super::super::bytes::{from, le16, le32, le64, read_at};
use crate::format::Source;

/// Bytes at the end in which the end record is looked for: its comment has at most 65,535, and a little may stand behind.
const TAIL: u64 = 1 << 20;

/// End records that are tried: a comment may hold what looks like one.
const CANDIDATES: usize = 64;

/// Bytes of the fixed part of a directory entry.
const FIXED: u64 = 46;

/// The end record, and what it says about the directory.
pub(super) struct End {
    /// Where the directory begins and how long it is.
    pub(super) start: u64,
    pub(super) size: u64,
    /// Members that it says there are.
    pub(super) count: u64,
    /// Where offset 0 of the archive lies, as bytes may stand before it.
    pub(super) origin: i64,
    /// Where the records of the end begin, and where the comment ends.
    pub(super) records: u64,
    pub(super) after: u64,
    pub(super) comment: Vec<u8>,
    /// Whether the archive has several volumes.
    pub(super) split: bool,
}

impl End {
    /// The stretches of the file that the directory and the records of the end take.
    pub(super) fn places(&self) -> [(u64, u64); 2] {
        [(self.start, self.start.saturating_add(self.size)), (self.records, self.after)]
    }
}

/// What the directory says of a member.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) time: u32,
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) unpacked: u64,
    /// Where its local header begins.
    pub(super) header: u64,
    pub(super) name: Vec<u8>,
    /// The name by the extra field of Info-ZIP, which wins.
    pub(super) unicode: Option<String>,
    pub(super) comment: Vec<u8>,
    /// The mode, of archives made under Unix.
    pub(super) mode: u32,
    /// The extra field of AES.
    pub(super) aes: Option<Vec<u8>>,
}

impl Entry {
    pub(super) fn is_encrypted(&self) -> bool {
        self.flags & 1 != 0
    }

    /// Folders and devices; one that has more than such things have is looked at, like what came through a pipe. A link is a file
    /// with its target in it, and is unpacked as such where links are not known.
    pub(super) fn is_no_file(&self) -> bool {
        let folder = self.name.ends_with(b"/") || self.name.ends_with(b"\\");
        match self.mode & 0o170_000 {
            0 | 0o100_000 => folder && self.unpacked == 0,
            _ => self.unpacked == 0,
        }
    }

    pub(super) fn is_link(&self) -> bool {
        self.mode & 0o170_000 == 0o120_000
    }

    /// Takes in the extra fields.
    pub(super) fn extra(&mut self, mut extra: &[u8]) {
        while let (Some(id), Some(size)) = (le16(extra, 0), le16(extra, 2)) {
            let end = 4 + usize::from(size);
            let Some(field) = extra.get(4..end) else { return };
            match id {
                1 => self.large(field),
                0x7075 => self.unicode = unicode_name(field, &self.name).or_else(|| self.unicode.take()),
                0x9901 => self.aes = extra.get(..end).map(<[u8]>::to_vec),
                _ => {}
            }
            extra = &extra[end..];
        }
    }

    /// Numbers that did not fit into 32 bits, in a fixed order.
    fn large(&mut self, field: &[u8]) {
        let mut at = 0;
        for number in [&mut self.unpacked, &mut self.packed, &mut self.header] {
            if *number == u64::from(u32::MAX)
                && let Some(large) = le64(field, at)
            {
                *number = large;
                at += 8;
            }
        }
    }
}

/// The name in an extra field that was made for this name and no other.
fn unicode_name(field: &[u8], name: &[u8]) -> Option<String> {
    let fits = field.first() == Some(&1) && le32(field, 1) == Some(crc32fast::hash(name));
    fits.then(|| String::from_utf8(field.get(5..)?.to_vec()).ok()).flatten()
}

/// Finds the end record; none if there is no directory.
pub(super) fn find(source: &Source) -> io::Result<Option<End>> {
    let start = source.size().saturating_sub(TAIL);
    let tail = read_at(source, start, TAIL)?;
    let places: Vec<usize> = memchr::memmem::rfind_iter(&tail, b"PK\x05\x06").take(CANDIDATES).collect();
    let ends_here =
        |at: &&usize| le16(&tail, **at + 20).is_some_and(|comment| **at + 22 + usize::from(comment) == tail.len());
    // One whose comment ends where the file ends, before the last of the others.
    for at in places.iter().filter(ends_here).chain(&places) {
        if let Some(end) = end_at(source, &tail, start, *at)? {
            return Ok(Some(end));
        }
    }
    Ok(None)
}

/// The end record at a place, if a directory stands where it says.
fn end_at(source: &Source, tail: &[u8], tail_start: u64, at: usize) -> io::Result<Option<End>> {
    let fields =
        (le16(tail, at + 4), le16(tail, at + 10), le32(tail, at + 12), le32(tail, at + 16), le16(tail, at + 20));
    let (Some(disk), Some(count), Some(size), Some(offset), Some(comment)) = fields else { return Ok(None) };
    let (mut records, mut count, mut size, mut offset) =
        (tail_start + at as u64, u64::from(count), u64::from(size), u64::from(offset));
    let mut split = disk != 0 && disk != u16::MAX;
    let after = records.saturating_add(22 + u64::from(comment)).min(source.size());
    if let Some(locator) =
        at.checked_sub(20).and_then(|place| tail.get(place..at)).filter(|l| l.starts_with(b"PK\x06\x07"))
    {
        let stands = le64(locator, 8).unwrap_or_default();
        split |= le32(locator, 16).is_some_and(|volumes| volumes > 1);
        for place in [stands, (records - 20).saturating_sub(56)] {
            let large = read_at(source, place, 56)?;
            if large.starts_with(b"PK\x06\x06") {
                count = le64(&large, 32).unwrap_or(count);
                size = le64(&large, 40).unwrap_or(size);
                offset = le64(&large, 48).unwrap_or(offset);
                records = place;
                break;
            }
        }
    }
    let end = |start: u64| {
        let origin = i64::try_from(start).ok()?.checked_sub(i64::try_from(offset).ok()?)?;
        let comment = tail.get(at + 22..).unwrap_or_default();
        let comment = comment
            [..comment.len().min(usize::try_from(after - tail_start).unwrap_or(usize::MAX).saturating_sub(at + 22))]
            .to_vec();
        Some(End { start, size, count, origin, records, after, comment, split })
    };
    // Bytes may stand before the archive, so the directory is looked for where it must end as well.
    for (start, origin_known) in [(records.checked_sub(size), true), (Some(offset), false)] {
        let Some(start) = start else { continue };
        let empty = size == 0 && count == 0 && origin_known;
        if empty || read_at(source, start, 4)? == b"PK\x01\x02" {
            return Ok(end(start));
        }
    }
    Ok(None)
}

/// The entries of a directory, read one at a time.
pub(super) struct Entries {
    reader: BufReader<Source>,
    left: u64,
    origin: i64,
}

impl Entries {
    pub(super) fn of(source: &Source, end: &End) -> Self {
        Self { reader: BufReader::with_capacity(64 << 10, from(source, end.start)), left: end.size, origin: end.origin }
    }

    /// Bytes of the directory that were not understood.
    pub(super) fn left(&self) -> u64 {
        self.left
    }
}

impl Iterator for Entries {
    type Item = io::Result<Entry>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left < FIXED {
            return None;
        }
        match self.reader.fill_buf() {
            Ok(ahead) if ahead.len() >= 4 && !ahead.starts_with(b"PK\x01\x02") => return None,
            _ => {}
        }
        let entry = read_entry(&mut self.reader, self.origin);
        match entry {
            Ok(Some((entry, size))) => {
                self.left = self.left.saturating_sub(size);
                Some(Ok(entry))
            }
            Ok(None) => None,
            Err(error) => Some(Err(error)),
        }
    }
}

/// An entry, and how many bytes it took; none if something else stands there.
fn read_entry(reader: &mut impl Read, origin: i64) -> io::Result<Option<(Entry, u64)>> {
    let mut fixed = [0; 46];
    reader.read_exact(&mut fixed)?;
    if !fixed.starts_with(b"PK\x01\x02") {
        return Ok(None);
    }
    let short = |at| le16(&fixed, at).unwrap_or_default();
    let long = |at| le32(&fixed, at).unwrap_or_default();
    let mut variable = vec![0; usize::from(short(28)) + usize::from(short(30)) + usize::from(short(32))];
    reader.read_exact(&mut variable)?;
    let (name, rest) = variable.split_at(usize::from(short(28)));
    let (extra, comment) = rest.split_at(usize::from(short(30)));
    let unix = fixed[5] == 3 || fixed[5] == 19;
    let mut entry = Entry {
        flags: short(8),
        method: short(10),
        time: long(12),
        crc: long(16),
        packed: long(20).into(),
        unpacked: long(24).into(),
        header: long(42).into(),
        name: name.to_vec(),
        unicode: None,
        comment: comment.to_vec(),
        mode: if unix { long(38) >> 16 } else { 0 },
        aes: None,
    };
    entry.extra(extra);
    entry.header = entry.header.saturating_add_signed(origin);
    Ok(Some((entry, FIXED + variable.len() as u64)))
}
