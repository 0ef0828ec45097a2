//! What is packed or encrypted in a RAR: unpacked by a library, a member at a time.
//!
//! The library pushes bytes and a receiver pulls them, and there is one thread: a member lies in memory between the two, up to
//! `limits.unpacked_bytes`. A solid archive is unpacked in order, whatever of it is wanted.

use std::cell::RefCell;
use std::io::{self, Cursor, Read, Write};
use std::ops::ControlFlow;
use std::rc::Rc;

use rars::{
    Archive, ArchiveMember, ArchiveReadOptions, ArchiveReader, Error, ErrorKind, ExtractionDecision,
    ExtractionErrorAction, ExtractionOutcome,
};

use super::super::out::{Out, damaged, encrypted, fault_of, one_of_several};
use super::COMMENT_BYTES;
use crate::config::{Limits, passwords::Passwords};
use crate::finding::{Fault, FaultReason};
use crate::format::{Source, charset};

/// Share of a reader's address space that unpacking may take.
const MEMORY_SHARE: u64 = 4;

/// An archive that the library opened.
pub(super) struct Packed {
    archive: Archive,
    password: Option<Vec<u8>>,
    limits: Limits,
}

impl Packed {
    /// Opens an archive, with the password that opens its list or its first encrypted member if one is known. Without one the
    /// members that need it are told.
    pub(super) fn open(source: &Source, limits: &Limits, passwords: &Passwords) -> Result<Self, Fault> {
        let parse = |password: Option<&[u8]>| {
            ArchiveReader::read_reader_with_options(source.clone(), options(limits, password))
        };
        match parse(None) {
            Ok(archive) => {
                let mut opened = Self { archive, password: None, limits: limits.clone() };
                opened.password = passwords.iter().map(|one| one.as_bytes().to_vec()).find(|one| opened.opens(one));
                Ok(opened)
            }
            Err(error) if needs_password(&error) => {
                let mut known = passwords.iter().map(|password| password.as_bytes().to_vec());
                let found = known.find_map(|password| Some((parse(Some(&password)).ok()?, password)));
                let sealed = "the list of members is encrypted, and no known password opens it";
                let (archive, password) = found.ok_or_else(|| Fault::whole(FaultReason::Encrypted, sealed))?;
                Ok(Self { archive, password: Some(password), limits: limits.clone() })
            }
            Err(error) => Err(fault(&error, limits)),
        }
    }

    /// Whether a known password opened it.
    pub(super) fn unlocked(&self) -> bool {
        self.password.is_some()
    }

    /// What its packer wrote about it, if that can be read.
    pub(super) fn comment(&self) -> Option<String> {
        let options = options(&self.limits, self.password.as_deref()).with_max_member_output_bytes(COMMENT_BYTES);
        let bytes = self.archive.comment_with_options(options).ok()??;
        Some(charset::decode(&bytes, None).text)
    }

    /// Whether the first encrypted member can be read with a password.
    fn opens(&self, password: &[u8]) -> bool {
        let mut met = false;
        let outcome = self.archive.extract_with_control(options(&self.limits, Some(password)), |member| {
            if met {
                return Ok(ExtractionDecision::Stop);
            }
            met = member.meta.is_encrypted && !member.meta.is_directory;
            Ok(if member.meta.is_directory || member.meta.is_redirection {
                ExtractionDecision::Skip
            } else {
                ExtractionDecision::Extract(Box::new(io::sink()))
            })
        });
        met && outcome.is_ok()
    }

    /// Hands out every member. `names` are those of the list, as far as it could be read.
    pub(super) fn hand_out(&self, names: &[String], out: &mut Out<'_>) -> Result<(), Fault> {
        let taking =
            RefCell::new(Taking { out, limits: &self.limits, names, number: 0, current: None, stopped: false });
        let ended = self.archive.extract_with_control_and_errors(
            options(&self.limits, self.password.as_deref()),
            |member| taking.borrow_mut().begin(member, self.password.is_some()),
            |_, error| {
                taking.borrow_mut().end(Some(fault(error, &self.limits)));
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
            Err(error) => taking.give_up(&fault(&error, &self.limits), self.archive.members().skip(taking.number)),
        }
    }
}

/// Bounds of reading.
fn options<'p>(limits: &Limits, password: Option<&'p [u8]>) -> ArchiveReadOptions<'p> {
    let memory = limits.reader_memory_mib.saturating_mul(1 << 20) / MEMORY_SHARE;
    ArchiveReadOptions::with_optional_password(password)
        .with_max_header_count(limits.archive_entries)
        .with_max_reader_workspace_bytes(memory)
        .with_rar50_dictionary_size_limit(memory)
        // Also keeps the library from unpacking with several threads.
        .with_max_total_output_bytes(limits.members_bytes.saturating_mul(2))
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
}

/// The end at which the library writes.
struct Into(Rc<RefCell<Buffer>>);

impl Write for Into {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut buffer = self.0.borrow_mut();
        let room = usize::try_from(buffer.most.saturating_sub(buffer.bytes.len() as u64)).unwrap_or(usize::MAX);
        buffer.over |= bytes.len() > room;
        buffer.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What was taken so far.
struct Taking<'a, 'm> {
    out: &'a mut Out<'m>,
    limits: &'a Limits,
    names: &'a [String],
    /// Members met.
    number: usize,
    current: Option<Current>,
    stopped: bool,
}

impl Taking<'_, '_> {
    /// What is done with the next member.
    fn begin(&mut self, member: &ArchiveMember, unlocked: bool) -> rars::Result<ExtractionDecision> {
        self.end(None);
        if self.stopped {
            return Ok(ExtractionDecision::Stop);
        }
        let name = self.names.get(self.number).cloned().unwrap_or_else(|| name_of(member));
        self.number = self.number.saturating_add(1);
        let meta = &member.meta;
        if meta.is_directory || meta.is_redirection {
            return Ok(ExtractionDecision::Skip);
        }
        // In a solid archive the bytes of one member are needed for the next.
        let is_solid = self.is_solid(member);
        let pass_over = || match is_solid {
            true => ExtractionDecision::Extract(Box::new(io::sink())),
            false => ExtractionDecision::Skip,
        };
        let fault = match () {
            () if self.out.skip() => return Ok(pass_over()),
            () if meta.is_encrypted && !unlocked => encrypted(),
            () if meta.is_split_before || meta.is_split_after => one_of_several(),
            () => {
                let bytes = Rc::new(RefCell::new(Buffer { most: self.limits.unpacked_bytes, ..Buffer::default() }));
                self.current = Some(Current { name, bytes: Rc::clone(&bytes) });
                return Ok(ExtractionDecision::Extract(Box::new(Into(bytes))));
            }
        };
        self.stopped = self.out.unreadable(&name, fault).is_break();
        Ok(if self.stopped { ExtractionDecision::Stop } else { ExtractionDecision::Skip })
    }

    fn is_solid(&self, member: &ArchiveMember) -> bool {
        // The first of a solid archive does not say so; what is unpacked for nothing costs time and nothing else.
        member.is_solid() || self.number == 1
    }

    /// Hands on the member under way; the fault is why it did not come to its end.
    fn end(&mut self, fault: Option<Fault>) {
        let Some(Current { name, bytes }) = self.current.take() else { return };
        let Buffer { bytes, most, over } = bytes.take();
        let limit = over.then(|| Fault::limit("unpacked_bytes", most, "a packed member of a RAR that unpacks to more"));
        let flow = match fault.or(limit) {
            None => self.out.member(&name, Cursor::new(bytes)),
            Some(fault) if bytes.is_empty() || fault.reason != FaultReason::Damaged => {
                self.out.unreadable(&name, fault)
            }
            Some(fault) => self.out.member(&name, Cursor::new(bytes).chain(Broken(fault.detail))),
        };
        self.stopped |= flow == ControlFlow::Break(());
    }

    /// Tells the members that are left when the library cannot go on.
    fn give_up(&mut self, fault: &Fault, rest: impl Iterator<Item = ArchiveMember>) -> Result<(), Fault> {
        let met = self.current.is_some();
        self.end(Some(fault.clone()));
        let mut told = met;
        for member in rest {
            if self.stopped {
                return Ok(());
            }
            let name = self.names.get(self.number).cloned().unwrap_or_else(|| name_of(&member));
            self.number = self.number.saturating_add(1);
            if !member.meta.is_directory && !self.out.skip() {
                self.stopped = self.out.unreadable(&name, fault.clone()).is_break();
            }
            told = true;
        }
        if told { Ok(()) } else { Err(fault.clone()) }
    }
}

/// Ends in an error.
struct Broken(String);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::new(io::ErrorKind::InvalidData, self.0.clone()))
    }
}

fn name_of(member: &ArchiveMember) -> String {
    charset::decode(&member.meta.name, None).text.replace('\\', "/")
}

fn needs_password(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::PasswordRequired | ErrorKind::BadPassword)
}

fn fault(error: &Error, limits: &Limits) -> Fault {
    match error.kind() {
        ErrorKind::PasswordRequired | ErrorKind::BadPassword => encrypted(),
        ErrorKind::ResourceLimit => {
            let seen = format!("unpacking a RAR ({error})");
            Fault::limit("reader_memory_mib", limits.reader_memory_mib, seen)
        }
        ErrorKind::UnsupportedFeature | ErrorKind::UnsupportedFormat => {
            Fault::whole(FaultReason::Unsupported, error.to_string())
        }
        ErrorKind::Io => fault_of(&io::Error::other(error.to_string())),
        _ => damaged(error.to_string()),
    }
}
