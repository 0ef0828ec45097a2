//! ZIP, and what is a ZIP of files: programs, maps, unknown packages, iWork.
//!
//! Every entry of the directory is a member, two of one name are two; so is what lies in the file and in no directory.
//! Comments of the archive and of members are pages. Encrypted members are tried with the passwords that are known.

mod directory;
pub(crate) mod documents;
mod entry;
mod gaps;

use std::fmt::Write as _;
use std::ops::ControlFlow;

use super::names::Names;
use super::out::{Out, damaged, encrypted, fault_of, one_of_several};
use super::{Container, Context, comment};
use crate::config::Settings;
use crate::document::{Kind, Remark};
use crate::finding::{Fault, FaultReason};
use crate::format::{Source, charset};
use directory::{End, Entries, Entry};
use entry::Keys;

/// Flag of names and comments that are UTF-8; of a directory that is encrypted; of encryption by a certificate.
const UTF8: u16 = 1 << 11;
const MASKED: u16 = 1 << 13;
const STRONG: u16 = 1 << 6;

/// Letters and digits, of ASCII, of an ending of a name: longer ones are words.
const ENDING: usize = 5;

/// The method of members that iWork '09 encrypted, and the member that says that a later version did.
const IWORK_ENCRYPTED: u16 = 25_452;
const IWORK_LOCK: &[u8] = b".iwpv2";

/// Opens a ZIP.
pub(super) fn open<'a>(source: Source, kind: &Kind, context: Context<'a>) -> Result<Container<'a>, Fault> {
    let end = directory::find(&source).map_err(|error| fault_of(&error))?;
    let mut look = Look::default();
    match &end {
        Some(end) => look.at(&source, end, context)?,
        None => look.faults.push(gaps::no_directory()),
    }
    let head = source.head(8).map_err(|error| fault_of(&error))?;
    if end.as_ref().is_some_and(|end| end.split) || head.starts_with(b"PK\x07\x08PK\x03\x04") {
        look.faults.push(one_of_several());
    }
    let iwork = kind.as_str() == "iwork";
    if iwork && look.iwa {
        let detail = "the text of Pages, Numbers and Keynote is not read; the preview and the pictures are";
        look.faults.push(Fault::whole(FaultReason::Unsupported, detail));
    }
    let names = look.names.settled();
    let about = end.as_ref().map(|end| charset::decode(&end.comment, None).text).unwrap_or_default();
    let comments = comment("archive comment", about).into_iter();
    let comments = comments.chain(comment("comments of members", look.comments)).collect();
    let zip = Zip { source, end, names, context, iwork };
    let mut container = Container::new(comments, look.faults, context, move |out| zip.hand_out(out));
    container.remarks.extend(look.opened.then_some(Remark::KnownPassword));
    Ok(container)
}

/// What a look at the directory tells before anything is unpacked.
#[derive(Default)]
struct Look {
    names: Names,
    comments: String,
    faults: Vec<Fault>,
    /// Whether a known password opens the first member that is encrypted.
    opened: bool,
    /// Whether there are parts in the format of iWork.
    iwa: bool,
}

impl Look {
    fn at(&mut self, source: &Source, end: &End, context: Context<'_>) -> Result<(), Fault> {
        let settings = context.settings;
        let (mut count, mut encrypted) = (0_u64, false);
        let mut entries = Entries::of(source, end);
        for entry in entries.by_ref() {
            let Ok(entry) = entry else { break };
            count += 1;
            if count > settings.limits.archive_entries {
                let limit = settings.limits.archive_entries;
                self.faults.push(Fault::limit(
                    "archive_entries",
                    limit,
                    format!("an archive of {} members", end.count),
                ));
                return Ok(());
            }
            if entry.flags & MASKED != 0 {
                return Err(Fault::whole(FaultReason::Encrypted, "its directory is encrypted"));
            }
            if entry.name.ends_with(IWORK_LOCK) {
                return Err(Fault::whole(FaultReason::Encrypted, "Pages, Numbers or Keynote encrypted it"));
            }
            if entry.flags & UTF8 == 0 && entry.unicode.is_none() {
                self.names.see(&entry.name);
            }
            self.iwa |= is_iwa(&entry.name);
            self.comment(&entry, settings);
            if entry.is_encrypted() && !std::mem::replace(&mut encrypted, true) {
                self.opened = opens(source, &entry, context);
            }
        }
        if entries.left() > 0 || count & 0xffff != end.count & 0xffff {
            let detail = format!("its directory lists {count} members, and says that there are {}", end.count);
            self.faults.push(damaged(detail));
        }
        Ok(())
    }

    /// Keeps the comment of a member, with its name.
    fn comment(&mut self, entry: &Entry, settings: &Settings) {
        if entry.comment.is_empty() || self.comments.len() > settings.limits.content_text_bytes {
            return;
        }
        let text = charset::decode(&entry.comment, None).text;
        let _ = writeln!(self.comments, "{}", text.trim());
    }
}

/// Whether a known password opens a member.
fn opens(source: &Source, entry: &Entry, context: Context<'_>) -> bool {
    let mut keys = Keys::new(context.passwords, &context.settings.limits);
    entry::data_start(source, entry).and_then(|start| keys.of(source, entry, start)).is_ok()
}

/// Whether a member is in the format of iWork, which nothing here reads.
fn is_iwa(name: &[u8]) -> bool {
    name.ends_with(b".iwa") || name == b"Index.zip"
}

/// An open ZIP.
struct Zip<'a> {
    source: Source,
    end: Option<End>,
    names: Names,
    context: Context<'a>,
    iwork: bool,
}

impl Zip<'_> {
    fn hand_out(&self, out: &mut Out<'_>) -> Result<(), Fault> {
        let mut taken = Vec::new();
        if let Some(end) = &self.end {
            taken.extend(end.places());
            if self.listed(end, &mut taken, out)?.is_break() {
                return Ok(());
            }
        }
        for gap in gaps::of(taken, self.source.size()) {
            let place = match &self.end {
                Some(end) if gap.0 >= end.after => "bytes behind the archive",
                Some(_) if gap.0 == 0 => "bytes before the archive",
                _ => "bytes between members",
            };
            let limit = self.context.settings.limits.archive_marks;
            if gaps::hand_out(&self.source, gap, place, |entry| self.name(entry), limit, out)?.is_break() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Hands out what the directory lists, and notes the places that belong to it.
    fn listed(&self, end: &End, taken: &mut Vec<(u64, u64)>, out: &mut Out<'_>) -> Result<ControlFlow<()>, Fault> {
        let limits = &self.context.settings.limits;
        let mut keys = Keys::new(self.context.passwords, limits);
        for entry in Entries::of(&self.source, end).take(usize::try_from(limits.archive_entries).unwrap_or(usize::MAX))
        {
            // That the directory breaks off was said when it was opened.
            let Ok(entry) = entry else { break };
            let start = entry::data_start(&self.source, &entry);
            if let Ok(start) = start {
                let behind = entry::data_end(&self.source, &entry, start).map_err(|error| fault_of(&error))?;
                taken.push((entry.header, behind));
            }
            let preview_only = self.iwork && (is_iwa(&entry.name) || entry.name.ends_with(b".plist"));
            if entry.is_no_file() || preview_only {
                continue;
            }
            if self.member(&entry, start, &mut keys, out).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn member(
        &self,
        entry: &Entry,
        start: Result<u64, Fault>,
        keys: &mut Keys<'_>,
        out: &mut Out<'_>,
    ) -> ControlFlow<()> {
        let name = self.names(entry);
        let opened = start.and_then(|start| match entry.is_encrypted() {
            _ if entry.flags & STRONG != 0 || entry.method == IWORK_ENCRYPTED => Err(encrypted()),
            true => Ok((start, Some(keys.of(&self.source, entry, start)?))),
            false => Ok((start, None)),
        });
        let (start, password) = match opened {
            Ok(opened) => opened,
            Err(fault) => return out.unreadable(&name, fault),
        };
        entry::with(&self.source, entry, start, password.as_deref(), |opened| match opened {
            Ok(bytes) => out.member(&name, bytes),
            Err(fault) => out.unreadable(&name, fault),
        })
    }

    /// The name of a member; one that its own header gives it stands before it without its ending, as that of a folder does. Names are
    /// evidence, and which of two somebody sees depends on the program.
    fn names(&self, entry: &Entry) -> String {
        let name = self.name(entry);
        let own = entry::own_name(&self.source, entry).map(|own| match std::str::from_utf8(&own) {
            Ok(own) => own.replace('\\', "/"),
            Err(_) => self.names.decode(&own).replace('\\', "/"),
        });
        // The same name in other bytes is no other one.
        let is_other = |own: &String| !name.contains(own.as_str()) && *own != self.names.decode(&entry.name);
        match own.filter(is_other) {
            Some(own) => {
                let is_ending =
                    |ending: &str| ending.len() <= ENDING && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
                let stem = own.rsplit_once('.').filter(|(_, ending)| is_ending(ending)).map_or(&*own, |(stem, _)| stem);
                match stem.trim_matches('/') {
                    "" => name,
                    stem => format!("{stem}/{name}"),
                }
            }
            None => name,
        }
    }

    /// The name of a member. Writers under Windows put their own separators between folders.
    fn name(&self, entry: &Entry) -> String {
        let name = entry.unicode.clone().unwrap_or_else(|| self.names.decode(&entry.name));
        let name = name.replace('\\', "/");
        // What it leads to is no document of the kind that its name says.
        if entry.is_link() { name + " (link)" } else { name }
    }
}

/// Where an archive begins and ends; none if there is none.
pub(super) fn bounds(source: &Source) -> Option<std::ops::Range<u64>> {
    let end = directory::find(source).ok()??;
    Some(u64::try_from(end.origin).ok()?..end.after)
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, clippy::large_stack_arrays, reason = "fixtures are small and made here")]
mod tests;
