//! Where members of containers lie while they are read: in files without a name, which the kernel frees when they are closed,
//! whatever happens to the process.
//!
//! Readers cannot make files. What they unpack comes through the socket, is named by its hash on the way, and lies here until it was
//! read like any other file. How many wait is bounded, so that an archive of a million members takes little room.

use std::fs::File;
use std::io::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::config::Limits;
use crate::document::{ContentHash, Kind};
use crate::finding::{Fault, FaultReason};
use crate::format::Source;
use crate::kind;

/// A folder, and what lies in it.
#[derive(Debug)]
pub(super) struct Spool {
    folder: PathBuf,
    members: Arc<AtomicU64>,
    bytes: Arc<AtomicU64>,
    most: (u64, u64),
}

/// Room that a member takes until it was read.
#[derive(Debug)]
pub struct Place {
    members: Arc<AtomicU64>,
    bytes: Arc<AtomicU64>,
    taken: u64,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.members.fetch_sub(1, Ordering::Relaxed);
        self.bytes.fetch_sub(self.taken, Ordering::Relaxed);
    }
}

/// A member that was unpacked.
#[derive(Debug)]
pub struct Unpacked {
    /// Its number in its container, from 1.
    pub ordinal: u32,
    /// Its name there.
    pub name: String,
    /// Its bytes, and the room they take.
    pub file: File,
    /// See [`Place`].
    pub place: Place,
    /// How many bytes.
    pub size: u64,
    /// BLAKE3 of the bytes.
    pub hash: ContentHash,
    /// What the bytes are.
    pub kind: Kind,
    /// Why it is not all there, if so.
    pub fault: Option<Fault>,
}

/// A member that is being unpacked.
pub(super) struct Spooling {
    ordinal: u32,
    name: String,
    file: io::Result<File>,
    place: Place,
    hasher: blake3::Hasher,
}

impl Spool {
    /// Files go into `folder`, which must be on a disk with room; each that lies there takes one of `descriptors`.
    pub(super) fn new(folder: PathBuf, limits: &Limits, descriptors: u64) -> Self {
        // The other half is for sockets, the catalog and the files of the share.
        let most = (limits.queue_members.min(descriptors / 2).max(1), limits.spool_bytes);
        Self { folder, members: Arc::default(), bytes: Arc::default(), most }
    }

    /// Members and bytes that one of `readers` may bring at a time: all of them together fill the half that is left for them.
    pub(super) fn slice(&self, readers: usize) -> (u64, u64) {
        let readers = readers.max(1) as u64;
        ((self.most.0 / 2 / readers).max(1), self.most.1 / 2 / readers)
    }

    /// Whether more may be unpacked now: half of the room is left for what one slice of each reader brings.
    pub(super) fn has_room(&self) -> bool {
        self.members.load(Ordering::Relaxed) <= self.most.0 / 2 && self.bytes.load(Ordering::Relaxed) <= self.most.1 / 2
    }

    /// Begins a member.
    pub(super) fn begin(&self, ordinal: u32, name: String) -> Spooling {
        self.members.fetch_add(1, Ordering::Relaxed);
        let place = Place { members: Arc::clone(&self.members), bytes: Arc::clone(&self.bytes), taken: 0 };
        let file = tempfile::tempfile_in(&self.folder);
        Spooling { ordinal, name, file, place, hasher: blake3::Hasher::new() }
    }
}

impl Spooling {
    /// Bytes so far.
    pub(super) fn size(&self) -> u64 {
        self.place.taken
    }

    pub(super) fn ordinal(&self) -> u32 {
        self.ordinal
    }

    /// Takes some bytes. A disk that is full is found out at the end.
    pub(super) fn write(&mut self, bytes: &[u8]) {
        let Ok(file) = &mut self.file else { return };
        if let Err(error) = file.write_all(bytes) {
            self.file = Err(error);
            return;
        }
        self.hasher.update(bytes);
        self.place.taken += bytes.len() as u64;
        self.place.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
    }

    /// The member, or its name and why it cannot be had.
    pub(super) fn end(self, fault: Option<Fault>) -> Result<Unpacked, (u32, String, Fault)> {
        let Self { ordinal, name, file, place, hasher } = self;
        let seen = file.and_then(|file| {
            let source = Source::new(file.try_clone()?)?;
            let head = source.head(kind::HEAD_BYTES)?;
            // Behind a wall: a defect met on one document's bytes is a fault of that document.
            let kind = catch_unwind(AssertUnwindSafe(|| kind::detect(&head, &source)));
            Ok((file, source.size(), kind.ok()))
        });
        match seen {
            Ok((_, _, None)) => {
                Err((ordinal, name, Fault::whole(FaultReason::Crash, "telling its kind failed on its bytes")))
            }
            Ok((file, size, Some(kind))) => {
                let hash = ContentHash(*hasher.finalize().as_bytes());
                Ok(Unpacked { ordinal, name, file, place, size, hash, kind, fault })
            }
            Err(error) => {
                let detail = format!("it cannot be laid down to be read: {error}");
                Err((ordinal, name, Fault::whole(FaultReason::Io, detail)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    #[test]
    fn room_is_given_back_when_a_member_was_read() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let limits = Limits { queue_members: 2, spool_bytes: 100, ..Settings::defaults().limits };
        let spool = Spool::new(folder.path().to_owned(), &limits, u64::MAX);
        let mut first = spool.begin(1, "a.txt".to_owned());
        first.write(b"some text that is longer than half of the room for bytes");
        assert!(!spool.has_room());
        let first = first.end(None).expect("there is room on the disk");
        assert_eq!((first.kind.as_str(), first.size), ("text", 56));
        assert_eq!(first.hash.0, *blake3::hash(b"some text that is longer than half of the room for bytes").as_bytes());
        drop(first);
        assert!(spool.has_room());
        assert_eq!(std::fs::read_dir(folder.path()).expect("listed").count(), 0, "no name is left");
    }

    #[test]
    fn the_slices_of_all_readers_fit_into_half_of_the_room_and_no_more_wait_than_there_are_descriptors() {
        let limits = Limits { queue_members: 1000, spool_bytes: 800, ..Settings::defaults().limits };
        let slice = |descriptors, readers| Spool::new(PathBuf::new(), &limits, descriptors).slice(readers);
        assert_eq!(slice(u64::MAX, 1), (500, 400));
        assert_eq!(slice(u64::MAX, 4), (125, 100));
        assert_eq!(slice(200, 2), (25, 200));
        assert_eq!(slice(1, 2), (1, 200));
    }

    #[test]
    fn a_member_for_which_there_is_no_room_is_a_fault_with_its_name() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let spool = Spool::new(folder.path().join("missing"), &Settings::defaults().limits, u64::MAX);
        let mut member = spool.begin(7, "a.txt".to_owned());
        member.write(b"text");
        let (ordinal, name, fault) = member.end(None).expect_err("nowhere to put it");
        assert_eq!((ordinal, name.as_str(), fault.reason), (7, "a.txt", FaultReason::Io));
        assert!(spool.has_room());
    }
}
