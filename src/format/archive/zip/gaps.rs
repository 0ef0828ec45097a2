//! What lies in a ZIP and is not in its directory: members of an archive before it, of a directory that is lost or was
//! made to lack them, and other files before, between and behind.

use std::io::{self, Read as _};
use std::ops::ControlFlow;

use super::super::bytes::{from, le16, le32, part, read_at};
use super::super::out::{Out, damaged, encrypted, fault_of};
use super::directory::Entry;
use super::entry;
use crate::finding::Fault;
use crate::format::{Source, behind};
use crate::kind;

/// Bytes that are searched at a time.
const WINDOW: u64 = 1 << 20;

/// Bytes of a gap that are looked at to see what it is.
const LOOK: u64 = 4096;

/// Bytes of a gap that are worth a look: less is padding.
const LEAST: u64 = 16;

/// The stretches that `taken` leaves of a content.
pub(super) fn of(mut taken: Vec<(u64, u64)>, size: u64) -> Vec<(u64, u64)> {
    taken.sort_unstable();
    let (mut gaps, mut at) = (Vec::new(), 0);
    for (start, end) in taken.into_iter().chain([(size, size)]) {
        if start.saturating_sub(at) >= LEAST {
            gaps.push((at, start.min(size)));
        }
        at = at.max(end);
    }
    gaps
}

/// Hands out what is in a gap. Of marks of members that are none, `limits.archive_marks` are looked at.
pub(super) fn hand_out(
    source: &Source,
    gap: (u64, u64),
    place: &str,
    named: impl Fn(&Entry) -> String,
    limit: u64,
    out: &mut Out<'_>,
) -> Result<ControlFlow<()>, Fault> {
    let mut search = Search { source, window: Vec::new(), start: 0, marks: 0, limit };
    let handed = all(&mut search, gap, place, named, out).map_err(|error| fault_of(&error))?;
    if search.marks > limit {
        return Err(Fault::limit("archive_marks", limit, format!("{place}: marks of members that are none")));
    }
    Ok(handed)
}

fn all(
    search: &mut Search<'_>,
    (start, end): (u64, u64),
    place: &str,
    named: impl Fn(&Entry) -> String,
    out: &mut Out<'_>,
) -> io::Result<ControlFlow<()>> {
    let source = search.source;
    let mut at = start;
    loop {
        let found = search.next(at, end)?;
        let before = found.as_ref().map_or(end, |entry| entry.header);
        if other(source, at, before, place, out)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        let Some(entry) = found else { return Ok(ControlFlow::Continue(())) };
        let (member, behind) = search.complete(entry, end)?;
        if !member.is_no_file() && member_out(source, &member, &named(&member), out).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        at = behind.max(before.saturating_add(30));
    }
}

/// Hands out what stands where no member is, if it is a document of any kind.
fn other(source: &Source, start: u64, end: u64, place: &str, out: &mut Out<'_>) -> io::Result<ControlFlow<()>> {
    let first = behind::skip_padding(source, start)?;
    let length = end.saturating_sub(first);
    let head = read_at(source, first, LOOK.min(length))?;
    // The records of a directory are no document, nor are a few bytes of anything.
    if length < LEAST || head.starts_with(b"PK") || kind::of_head(&head).is_none() {
        return Ok(ControlFlow::Continue(()));
    }
    Ok(out.member(&format!("{place}, at {first}"), part(source, first, length)))
}

/// Hands out a member that is in no directory.
fn member_out(source: &Source, member: &Entry, name: &str, out: &mut Out<'_>) -> ControlFlow<()> {
    if member.is_encrypted() {
        return out.unreadable(name, encrypted());
    }
    let start = match entry::data_start(source, member) {
        Ok(start) => start,
        Err(fault) => return out.unreadable(name, fault),
    };
    entry::with(source, member, start, None, |opened| match opened {
        Ok(bytes) => out.member(name, bytes),
        Err(fault) => out.unreadable(name, fault),
    })
}

/// Looks for headers, and keeps what was read last: a gap may hold very many marks.
struct Search<'s> {
    source: &'s Source,
    window: Vec<u8>,
    /// Where the window begins.
    start: u64,
    /// Marks that were none.
    marks: u64,
    limit: u64,
}

impl Search<'_> {
    /// The bytes from `at` on, at least so many if there are.
    fn bytes(&mut self, at: u64, least: u64) -> io::Result<&[u8]> {
        let held = at.checked_sub(self.start).and_then(|skipped| usize::try_from(skipped).ok());
        let is_there = held.is_some_and(|skipped| {
            let rest = self.window.len().saturating_sub(skipped) as u64;
            rest >= least || rest > 0 && self.start + self.window.len() as u64 >= self.source.size()
        });
        if !is_there {
            self.window.clear();
            self.start = at;
            from(self.source, at).take(WINDOW.max(least)).read_to_end(&mut self.window)?;
        }
        let skipped = usize::try_from(at - self.start).unwrap_or(usize::MAX);
        Ok(self.window.get(skipped..).unwrap_or_default())
    }

    /// The next local header from `at` on; none once there were too many marks that begin none.
    fn next(&mut self, mut at: u64, end: u64) -> io::Result<Option<Entry>> {
        while let Some(place) = self.find(at, end, *b"PK\x03\x04")? {
            if let Some(entry) = self.local(place)?
                && place.saturating_add(30 + entry.name.len() as u64) <= end
            {
                return Ok(Some(entry));
            }
            self.marks += 1;
            if self.marks > self.limit {
                break;
            }
            at = place + 4;
        }
        Ok(None)
    }

    /// The first place of four bytes from `at` on that lies before `end`.
    fn find(&mut self, mut at: u64, end: u64, mark: [u8; 4]) -> io::Result<Option<u64>> {
        while at.saturating_add(4) <= end {
            let bytes = self.bytes(at, 4)?;
            let length = bytes.len().min(usize::try_from(end - at).unwrap_or(usize::MAX));
            if let Some(found) = memchr::memmem::find(&bytes[..length], &mark) {
                return Ok(Some(at + found as u64));
            }
            if length < 4 {
                break;
            }
            at += length as u64 - 3;
        }
        Ok(None)
    }

    /// A local header that is one by more than its mark.
    fn local(&mut self, place: u64) -> io::Result<Option<Entry>> {
        let fixed = self.bytes(place, 30)?;
        let short = |at| le16(fixed, at).unwrap_or_default();
        let long = |at| le32(fixed, at).unwrap_or_default();
        let (version, method, length, extra) = (short(4) & 0xff, short(8), short(26), short(28));
        if fixed.len() < 30 || version > 90 || method > 99 || length == 0 {
            return Ok(None);
        }
        let mut entry = Entry {
            flags: short(6),
            method,
            time: long(10),
            crc: long(14),
            packed: long(18).into(),
            unpacked: long(22).into(),
            header: place,
            ..Entry::default()
        };
        let variable = self.bytes(place, 30 + u64::from(length) + u64::from(extra))?;
        let end = variable.len().min(30 + usize::from(length) + usize::from(extra));
        let Some((name, extra)) = variable[30.min(end)..end].split_at_checked(usize::from(length)) else {
            return Ok(None);
        };
        entry.name = name.to_vec();
        entry.extra(extra);
        entry.header = place;
        Ok(Some(entry))
    }

    /// A member of which the sizes are known, and where it ends. Writers that did not know them put them behind it.
    fn complete(&mut self, mut entry: Entry, end: u64) -> io::Result<(Entry, u64)> {
        let source = self.source;
        let Ok(start) = entry::data_start(source, &entry) else { return Ok((entry, end)) };
        if entry.flags & 8 == 0 || entry.packed > 0 {
            let behind = entry::data_end(source, &entry, start)?;
            return Ok((entry, behind));
        }
        let limit = self.next(start, end)?.map_or(end, |following| following.header);
        let mut at = start;
        while let Some(place) = self.find(at, limit, *b"PK\x07\x08")? {
            let record = self.bytes(place, 16)?;
            if le32(record, 8).is_some_and(|packed| u64::from(packed) == place - start) {
                entry.crc = le32(record, 4).unwrap_or_default();
                (entry.packed, entry.unpacked) = (place - start, le32(record, 12).unwrap_or_default().into());
                return Ok((entry, place + 16));
            }
            at = place + 4;
        }
        // Nothing says where it ends: what can be unpacked of it has a wrong size, and is damaged.
        entry.packed = limit.saturating_sub(start);
        Ok((entry, limit))
    }
}

/// The fault of an archive without a directory.
pub(super) fn no_directory() -> Fault {
    damaged(
        "its directory is missing: it was cut, or it is one of several volumes; the members are those that could be found",
    )
}
