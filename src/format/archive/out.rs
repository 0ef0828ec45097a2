//! Where members go: named, and with errors that say what is the archive's fault and what the system's.

use std::io::{self, BufRead as _, BufReader, Read};
use std::ops::ControlFlow;

use crate::finding::{Fault, FaultReason};
use crate::format::Members;

/// Bytes that are unpacked at a time.
const BLOCK: usize = 64 << 10;

/// Takes members to the receiver.
pub(super) struct Out<'m> {
    members: &'m mut dyn Members,
    seen: u64,
}

impl<'m> Out<'m> {
    pub(super) fn new(members: &'m mut dyn Members) -> Self {
        Self { members, seen: 0 }
    }

    /// Hands out a member. One of which not even the first bytes can be had is noted with the reason.
    pub(super) fn member(&mut self, name: &str, bytes: impl Read) -> ControlFlow<()> {
        if self.members.skip() {
            self.seen = self.seen.saturating_add(1);
            return ControlFlow::Continue(());
        }
        let mut bytes = BufReader::with_capacity(BLOCK, bytes);
        if let Err(error) = bytes.fill_buf() {
            return self.unreadable(name, fault_of(&error));
        }
        let name = self.name(name);
        self.members.member(&name, &mut Marked(bytes))
    }

    /// Whether the next member was handed out before and need not be unpacked; it counts as handed out.
    pub(super) fn skip(&mut self) -> bool {
        let skipped = self.members.skip();
        self.seen = self.seen.saturating_add(u64::from(skipped));
        skipped
    }

    /// Notes a member that cannot be had.
    pub(super) fn unreadable(&mut self, name: &str, fault: Fault) -> ControlFlow<()> {
        let name = self.name(name);
        self.members.unreadable(&name, fault)
    }

    /// A member without a name is called by its number.
    fn name(&mut self, name: &str) -> String {
        self.seen = self.seen.saturating_add(1);
        if name.is_empty() { format!("member {}", self.seen) } else { name.to_owned() }
    }
}

/// Errors of unpackers are the archive's damage, whatever kind a library gives them; those of the system stay as they are.
struct Marked<R>(R);

impl<R: Read> Read for Marked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            _ if error.raw_os_error().is_some() => error,
            io::ErrorKind::OutOfMemory | io::ErrorKind::Interrupted => error,
            _ => io::Error::new(io::ErrorKind::InvalidData, error.to_string()),
        })
    }
}

/// What an error of reading an archive is.
pub(super) fn fault_of(error: &io::Error) -> Fault {
    let reason = match error.kind() {
        _ if error.raw_os_error().is_some() => FaultReason::Io,
        io::ErrorKind::OutOfMemory => FaultReason::Memory,
        io::ErrorKind::Unsupported => FaultReason::Unsupported,
        _ => FaultReason::Damaged,
    };
    Fault::whole(reason, error.to_string())
}

/// Damage of the archive itself.
pub(super) fn damaged(detail: impl Into<String>) -> Fault {
    Fault::whole(FaultReason::Damaged, detail)
}

/// The fault of a file that is not all of its archive.
pub(super) fn one_of_several() -> Fault {
    Fault::whole(FaultReason::Unsupported, "it is one volume of several; members that go over its end are not read")
}

/// The fault of a member whose method nothing here unpacks.
pub(super) fn packed_by(method: &str) -> Fault {
    Fault::whole(FaultReason::Unsupported, format!("packed by {method}"))
}

/// The fault of a member that no known password opens.
pub(super) fn encrypted() -> Fault {
    Fault::whole(FaultReason::Encrypted, "it is encrypted, and no known password opens it")
}

/// The fault of bytes that belong to no member.
pub(super) fn hidden(bytes: u64, place: &str) -> Fault {
    Fault::whole(FaultReason::Attachment, format!("{bytes} bytes {place} belong to no member and are not read"))
}
