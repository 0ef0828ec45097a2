//! What is packed or encrypted in a RAR: unpacked by a library, a member at a time.
//!
//! The library pushes bytes and a receiver pulls them, and there is one thread: a member lies in memory between the two, up to
//! `limits.unpacked_bytes`. A solid archive is unpacked in order, whatever of it is wanted.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::io::{self, Cursor, Read, Write};
use std::ops::ControlFlow;
use std::rc::Rc;

use rars::{
    Archive, ArchiveMember, ArchiveReader, Error, ErrorKind, ExtractionDecision, ExtractionErrorAction,
    ExtractionOutcome, rar15_40, rar50,
};

use super::super::out::{Out, encrypted, one_of_several};
use super::COMMENT_BYTES;
use super::bounds::Bounds;
use crate::config::{Limits, passwords::Passwords};
use crate::finding::{Fault, FaultReason};
use crate::format::{Source, charset};

/// What is said of a member over the limit.
const TOO_LARGE: &str = "a packed member of a RAR that unpacks to more";

/// An archive that the library opened.
pub(super) struct Packed {
    archive: Archive,
    password: Option<Vec<u8>>,
    bounds: Bounds,
}

impl Packed {
    /// Opens an archive, with the password that opens its list or one of its encrypted members if one is known. Without one the
    /// members that need it are told.
    pub(super) fn open(source: &Source, limits: &Limits, passwords: &Passwords) -> Result<Self, Fault> {
        let bounds = Bounds::of(limits, source.size());
        let parse =
            |password: Option<&[u8]>| ArchiveReader::read_reader_with_options(source.clone(), bounds.options(password));
        let mut known = passwords.iter().map(|password| password.as_bytes().to_vec());
        match parse(None) {
            Ok(archive) => {
                let mut opened = Self { archive, password: None, bounds };
                if let Some(place) = opened.lock() {
                    opened.password = known.find(|password| opened.opens(place, password));
                }
                Ok(opened)
            }
            Err(error) if needs_password(&error) => {
                let found = known.find_map(|password| Some((parse(Some(&password)).ok()?, password)));
                let sealed = "the list of members is encrypted, and no known password opens it";
                let (archive, password) = found.ok_or_else(|| Fault::whole(FaultReason::Encrypted, sealed))?;
                Ok(Self { archive, password: Some(password), bounds })
            }
            Err(error) => Err(bounds.fault(&error)),
        }
    }

    /// Whether a known password opened it.
    pub(super) fn unlocked(&self) -> bool {
        self.password.is_some()
    }

    /// What its packer wrote about it.
    pub(super) fn comment(&self) -> Result<Option<String>, Fault> {
        let options = self.bounds.options(self.password.as_deref()).with_max_member_output_bytes(COMMENT_BYTES);
        let bytes = self.archive.comment_with_options(options).map_err(|error| self.bounds.fault(&error))?;
        Ok(bytes.map(|bytes| charset::decode(&bytes, None).text))
    }

    /// Whether it is one of several volumes.
    pub(super) fn is_volume(&self) -> bool {
        match &self.archive {
            Archive::Rar15To40(archive) => archive.main.is_volume(),
            Archive::Rar50Plus(archive) => archive.main.is_volume(),
            _ => false,
        }
    }

    /// Where an archive with an encrypted list ends, if it says so. One that does not is read to the end of the file.
    pub(super) fn sealed_end(&self) -> Option<u64> {
        let end = match &self.archive {
            Archive::Rar15To40(archive) => {
                let Some(rar15_40::Block::End(block)) = archive.blocks.last() else { return None };
                // Salt, and whole blocks of the cipher.
                let header = usize::from(block.head_size).next_multiple_of(16).saturating_add(8);
                let follows = usize::try_from(block.add_size.unwrap_or_default()).unwrap_or(usize::MAX);
                block.offset.saturating_add(header).saturating_add(follows)
            }
            Archive::Rar50Plus(archive) => {
                let Some(rar50::Block::End(end)) = archive.blocks.last() else { return None };
                end.block.data_range.end
            }
            _ => return None,
        };
        u64::try_from(end).ok()
    }

    /// The place of an encrypted member to try passwords on: the one that costs least.
    fn lock(&self) -> Option<usize> {
        let is_solid = self.archive.is_solid();
        let locked = self.archive.members().enumerate().filter(|(_, ArchiveMember { meta, .. })| {
            let is_whole_file =
                !(meta.is_directory || meta.is_redirection || meta.is_split_before || meta.is_split_after);
            meta.is_encrypted && is_whole_file && meta.unpacked_size > 0
        });
        let cost =
            |place: usize, member: &ArchiveMember| if is_solid { place as u64 } else { member.meta.unpacked_size };
        locked.min_by_key(|(place, member)| cost(*place, member)).map(|(place, _)| place)
    }

    /// Whether the member at a place can be read with a password.
    fn opens(&self, place: usize, password: &[u8]) -> bool {
        let is_solid = self.archive.is_solid();
        let mut next = 0_usize;
        let outcome = self.archive.extract_with_control(self.bounds.options(Some(password)), |member| {
            let at = next;
            next = next.saturating_add(1);
            Ok(match at.cmp(&place) {
                Ordering::Greater => ExtractionDecision::Stop,
                Ordering::Less if !is_solid || !has_bytes(member) => ExtractionDecision::Skip,
                Ordering::Less | Ordering::Equal => ExtractionDecision::Extract(Box::new(io::sink())),
            })
        });
        outcome.is_ok()
    }

    /// Hands out every member. `names` are those of the list, as far as it could be read.
    pub(super) fn hand_out(&self, names: &[String], out: &mut Out<'_>) -> Result<(), Fault> {
        let taking = RefCell::new(Taking {
            out,
            bounds: &self.bounds,
            names,
            is_solid: self.archive.is_solid(),
            unlocked: self.unlocked(),
            number: 0,
            current: None,
            lost: None,
            told: false,
            stopped: false,
        });
        let ended = self.archive.extract_with_control_and_errors(
            self.bounds.options(self.password.as_deref()),
            |member| Ok(taking.borrow_mut().begin(member)),
            |_, error| {
                taking.borrow_mut().end(Some(self.bounds.fault(error)));
                Ok(ExtractionErrorAction::Continue)
            },
        );
        let mut taking = taking.into_inner();
        match ended {
            Ok(ExtractionOutcome::Stopped) => Ok(()),
            Ok(ExtractionOutcome::Complete) => {
                taking.end(None);
                Ok(())
            }
            Err(error) => taking.give_up(self.bounds.fault(&error), self.archive.members().skip(taking.number)),
        }
    }
}

/// A member under way.
struct Current {
    name: String,
    bytes: Rc<RefCell<Buffer>>,
}

/// Bytes of a member, up to a limit.
#[derive(Default)]
struct Buffer {
    bytes: Vec<u8>,
    most: u64,
    over: bool,
    /// The members behind need what this one unpacks to, whether or not it is handed on.
    needed: bool,
}

/// The end at which the library writes.
struct Into(Rc<RefCell<Buffer>>);

impl Write for Into {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut buffer = self.0.borrow_mut();
        buffer.over |= (buffer.bytes.len() as u64).saturating_add(bytes.len() as u64) > buffer.most;
        match buffer.over {
            false => buffer.bytes.extend_from_slice(bytes),
            // What all members unpack to is bounded as well, so this ends.
            true if buffer.needed => buffer.bytes = Vec::new(),
            true => return Err(io::Error::other("it unpacks to more than the limit")),
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What was taken so far.
#[allow(clippy::struct_excessive_bools, reason = "they are independent")]
struct Taking<'a, 'm> {
    out: &'a mut Out<'m>,
    bounds: &'a Bounds,
    names: &'a [String],
    /// The library skips no file, as the bytes of one may be needed for the next, and an error ends it.
    is_solid: bool,
    unlocked: bool,
    /// Members met.
    number: usize,
    current: Option<Current>,
    /// Why the library cannot unpack the member that it is at.
    lost: Option<Fault>,
    /// A file was met: whatever is wrong was told of it.
    told: bool,
    stopped: bool,
}

impl Taking<'_, '_> {
    /// What is done with the next member.
    fn begin(&mut self, member: &ArchiveMember) -> ExtractionDecision {
        self.end(None);
        if self.stopped {
            return ExtractionDecision::Stop;
        }
        let name = self.next_name(member);
        if !has_bytes(member) {
            return ExtractionDecision::Skip;
        }
        self.told = true;
        let meta = &member.meta;
        self.lost = match () {
            () if meta.is_encrypted && !self.unlocked => Some(encrypted()),
            () if meta.is_split_before || meta.is_split_after => Some(one_of_several()),
            () => None,
        };
        if self.out.skip() {
            return self.pass_over();
        }
        let most = self.bounds.member();
        let limit = (meta.unpacked_size > most.bytes).then(|| most.fault(TOO_LARGE));
        if let Some(fault) = self.lost.clone().or(limit) {
            self.stopped = self.out.unreadable(&name, fault).is_break();
            return if self.stopped { ExtractionDecision::Stop } else { self.pass_over() };
        }
        let buffer = Buffer { most: most.bytes, needed: self.is_solid, ..Buffer::default() };
        let bytes = Rc::new(RefCell::new(buffer));
        self.current = Some(Current { name, bytes: Rc::clone(&bytes) });
        ExtractionDecision::Extract(Box::new(Into(bytes)))
    }

    fn pass_over(&self) -> ExtractionDecision {
        match self.is_solid {
            true => ExtractionDecision::Extract(Box::new(io::sink())),
            false => ExtractionDecision::Skip,
        }
    }

    fn next_name(&mut self, member: &ArchiveMember) -> String {
        let name = self.names.get(self.number).cloned().unwrap_or_else(|| name_of(member));
        self.number = self.number.saturating_add(1);
        name
    }

    /// Hands on the member under way; the fault is why it did not come to its end.
    fn end(&mut self, fault: Option<Fault>) {
        let Some(Current { name, bytes }) = self.current.take() else { return };
        let Buffer { bytes, over, .. } = bytes.take();
        // The limit comes first: an error behind it is that of stopping there.
        let limit = over.then(|| self.bounds.member().fault(TOO_LARGE));
        let flow = match limit.or(fault) {
            None => self.out.member(&name, Cursor::new(bytes)),
            Some(fault) if bytes.is_empty() || fault.reason != FaultReason::Damaged => {
                self.out.unreadable(&name, fault)
            }
            Some(fault) => self.out.member(&name, Cursor::new(bytes).chain(Broken(fault.detail))),
        };
        self.stopped |= flow == ControlFlow::Break(());
    }

    /// Tells the members that are left when the library cannot go on.
    fn give_up(&mut self, fault: Fault, rest: impl Iterator<Item = ArchiveMember>) -> Result<(), Fault> {
        self.end(Some(fault.clone()));
        let fault = self.lost.take().unwrap_or(fault);
        for member in rest {
            if self.stopped {
                return Ok(());
            }
            let name = self.next_name(&member);
            if has_bytes(&member) {
                self.told = true;
                self.stopped = !self.out.skip() && self.out.unreadable(&name, fault.clone()).is_break();
            }
        }
        if self.told { Ok(()) } else { Err(fault) }
    }
}

/// Ends in an error.
struct Broken(String);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::new(io::ErrorKind::InvalidData, self.0.clone()))
    }
}

fn has_bytes(member: &ArchiveMember) -> bool {
    !(member.meta.is_directory || member.meta.is_redirection)
}

fn name_of(member: &ArchiveMember) -> String {
    charset::decode(&member.meta.name, None).text.replace('\\', "/")
}

fn needs_password(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::PasswordRequired | ErrorKind::BadPassword)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unpacking_stops_at_the_limit_unless_the_next_member_needs_it() {
        for needed in [false, true] {
            let buffer = Rc::new(RefCell::new(Buffer { most: 5, needed, ..Buffer::default() }));
            let mut into = Into(Rc::clone(&buffer));
            assert_eq!(into.write(b"12345").ok(), Some(5));
            assert!(!buffer.borrow().over);
            assert_eq!(into.write(b"6").ok(), needed.then_some(1));
            assert_eq!(into.write(b"7").ok(), needed.then_some(1));
            assert!(buffer.borrow().over);
        }
    }
}
