//! What documents that are a ZIP ask of the reader of ZIPs: the members of their directory one by one, and what lies in the
//! file and in none of them.

use std::io::{self, Read};
use std::ops::ControlFlow;

use super::super::bytes::{part, read_at};
use super::super::out::{Out, fault_of};
use super::directory::{self, End, Entries, Entry};
use super::{entry, gaps};
use crate::finding::Fault;
use crate::format::{Members, Source, behind};

/// Bytes before the end of a gap in which the end of an archive is looked for: its record, and the longest comment.
const TAIL: u64 = 22 + 65_535;

/// The directory of a ZIP.
pub(crate) struct Directory {
    source: Source,
    end: End,
}

/// A stretch of the file that belongs to no member: from, to.
pub(crate) type Gap = (u64, u64);

impl Directory {
    /// Finds it; none if there is none.
    pub(crate) fn find(source: &Source) -> io::Result<Option<Self>> {
        let found = directory::find(source)?;
        Ok(found.map(|end| Self { source: source.clone(), end }))
    }

    /// The members that it lists, up to where it breaks off.
    pub(crate) fn members(&self) -> impl Iterator<Item = Member<'_>> {
        let entries = Entries::of(&self.source, &self.end).map_while(Result::ok);
        entries.map(|entry| Member { source: &self.source, entry })
    }

    /// The stretches of more than padding that belong to no member.
    pub(crate) fn gaps(&self) -> Result<Vec<Gap>, Fault> {
        let mut taken = self.end.places().to_vec();
        for Member { entry, .. } in self.members() {
            if let Ok(start) = entry::data_start(&self.source, &entry) {
                let behind = entry::data_end(&self.source, &entry, start).map_err(|error| fault_of(&error))?;
                taken.push((entry.header, behind));
            }
        }
        let mut found = Vec::new();
        for (start, end) in gaps::of(taken, self.source.size()) {
            let first = behind::skip_padding(&self.source, start).map_err(|error| fault_of(&error))?;
            found.extend((first < end).then_some((start, end)));
        }
        Ok(found)
    }

    /// Hands out what lies in gaps: an archive as a whole, members that no directory lists, and anything else that is known. Of
    /// marks of members that are none, `most_marks` are looked at.
    pub(crate) fn hand_out(
        &self,
        gaps: &[Gap],
        most_marks: u64,
        members: &mut dyn Members,
    ) -> Result<ControlFlow<()>, Fault> {
        let mut out = Out::new(members);
        for (start, end) in gaps.iter().copied() {
            let place = match () {
                () if start >= self.end.after => "bytes behind the document",
                () if start == 0 => "bytes before the document",
                () => "bytes between parts",
            };
            let mut at = start;
            if let Some(behind) = self.archive(start, end).map_err(|error| fault_of(&error))? {
                let name = format!("{place}, at {start}");
                if out.member(&name, part(&self.source, start, behind - start)).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
                at = behind;
            }
            if gaps::hand_out(&self.source, (at, end), place, name_of, most_marks, &mut out)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Where the archive ends that begins where a gap does, if one does: read as a whole it is the document that it is, and
    /// not the loose parts of one.
    fn archive(&self, start: u64, end: u64) -> io::Result<Option<u64>> {
        if read_at(&self.source, start, 4)? != b"PK\x03\x04" {
            return Ok(None);
        }
        let from = end.saturating_sub(TAIL).max(start);
        let tail = read_at(&self.source, from, end - from)?;
        let Some(record) = memchr::memmem::rfind(&tail, b"PK\x05\x06") else { return Ok(None) };
        let comment = tail.get(record + 20..record + 22).map_or(0, |b| u64::from(u16::from_le_bytes([b[0], b[1]])));
        Ok(Some((from + record as u64).saturating_add(22 + comment).min(end)))
    }
}

/// The name of a member, with `/` between folders.
fn name_of(entry: &Entry) -> String {
    String::from_utf8_lossy(&entry.name).replace('\\', "/")
}

/// A member of a ZIP.
pub(crate) struct Member<'d> {
    source: &'d Source,
    entry: Entry,
}

impl Member<'_> {
    /// Its name, with `/` between folders.
    pub(crate) fn name(&self) -> String {
        name_of(&self.entry)
    }

    /// Reads its bytes through a function; none if they cannot be had, or are packed in a way that no Office program knows.
    pub(crate) fn reading<T>(&self, read: impl FnOnce(&mut dyn Read) -> T) -> Option<T> {
        let usual = matches!(self.entry.method, 0 | 8) && !self.entry.is_encrypted();
        let start = entry::data_start(self.source, &self.entry).ok().filter(|_| usual)?;
        entry::with(self.source, &self.entry, start, None, |opened| opened.ok().map(read))
    }
}
