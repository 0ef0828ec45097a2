//! Stage 2, probe: opens a candidate once, makes sure it is still what `stat` saw, and names its content.
//!
//! The descriptor opened here is the one that is read later: no path is looked up twice, so nobody can swap the file
//! under us, and no link is followed on the way from the root down. Access times are left alone where the system lets us.

use std::fs::File;
use std::io;
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use crate::config::Limits;
use crate::document::{ContentHash, Identity, Kind};
use crate::finding::{Fault, FaultReason};
use crate::format::Source;
use crate::{kind, walk};

/// Bytes that are enough to tell a kind by its magic.
const HEAD_BYTES: usize = 64 << 10;

/// An opened file with a name for its content.
#[derive(Debug)]
pub struct Probe {
    /// The descriptor that is read later.
    pub file: File,
    /// What `fstat` on that descriptor said before it was read.
    pub identity: Identity,
    /// BLAKE3 of the bytes.
    pub hash: ContentHash,
    /// What the bytes are.
    pub kind: Kind,
}

/// Opens `path` below `root`, hashes it and tells its kind.
pub fn probe(root: &Path, path: &Path, limits: &Limits) -> Result<Probe, (Option<Identity>, Fault)> {
    let file = open(root, path).map_err(|error| (None, walk::fault_of(&error)))?;
    let before = identity_of(&file).map_err(|fault| (None, fault))?;
    let fail = |fault| (Some(before), fault);
    if before.size > limits.file_bytes {
        return Err(fail(Fault::limit("file_bytes", limits.file_bytes, format!("a file of {} bytes", before.size))));
    }
    let io_fault = |error: io::Error| fail(walk::fault_of(&error));
    let source = Source::new(file.try_clone().map_err(io_fault)?).map_err(io_fault)?;
    // By reading, not by mapping: a file cut short under a mapping would kill the process.
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(source.clone()).map_err(io_fault)?;
    let head = source.head(HEAD_BYTES).map_err(io_fault)?;
    let kind = kind::detect(&head, &source);
    unchanged(&file, &before).map_err(fail)?;
    Ok(Probe { file, identity: before, hash: ContentHash(*hasher.finalize().as_bytes()), kind })
}

/// A fault if the file is no longer what it was.
pub fn unchanged(file: &File, before: &Identity) -> Result<(), Fault> {
    match identity_of(file)? == *before {
        true => Ok(()),
        false => Err(Fault::whole(
            FaultReason::ChangedWhileRead,
            "the file changed while it was read; the next sweep reads it again",
        )),
    }
}

/// What `fstat` says.
fn identity_of(file: &File) -> Result<Identity, Fault> {
    let metadata = file.metadata().map_err(|error| walk::fault_of(&error))?;
    match metadata.is_file() {
        true => Ok(walk::identity(&metadata)),
        false => Err(Fault::whole(FaultReason::Vanished, "it is no longer a regular file")),
    }
}

/// Opens without following any link below the root, without touching the access time where permitted.
fn open(root: &Path, path: &Path) -> io::Result<File> {
    // NONBLOCK: a pipe put in the file's place must not hang us.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    match open_with(root, path, flags | OFlags::NOATIME) {
        // The kernel grants NOATIME only to the file's owner and to root.
        Err(Errno::PERM) => open_with(root, path, flags),
        other => other,
    }
    .map_err(io::Error::from)
}

fn open_with(root: &Path, path: &Path, flags: OFlags) -> Result<File, Errno> {
    let opened = match path.strip_prefix(root) {
        Ok(below) if !below.as_os_str().is_empty() => {
            let folder = rustix::fs::open(root, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
            let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
            rustix::fs::openat2(&folder, below, flags, Mode::empty(), resolve)
        }
        _ => rustix::fs::openat2(CWD, path, flags, Mode::empty(), ResolveFlags::NO_MAGICLINKS),
    };
    match opened {
        // Kernels before 5.6 have no openat2; O_NOFOLLOW still guards the last component.
        Err(Errno::NOSYS) => rustix::fs::open(path, flags, Mode::empty()),
        other => other,
    }
    .map(File::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    fn limits() -> Limits {
        Settings::defaults().limits
    }

    #[test]
    fn a_link_in_a_files_place_or_on_the_way_is_not_followed() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let outside = tempfile::tempdir().expect("temporary folder");
        std::fs::write(outside.path().join("x"), "secret").expect("file");
        std::os::unix::fs::symlink(outside.path().join("x"), dir.path().join("link")).expect("link");
        std::os::unix::fs::symlink(outside.path(), dir.path().join("folder")).expect("link");
        assert!(probe(dir.path(), &dir.path().join("link"), &limits()).is_err());
        assert!(probe(dir.path(), &dir.path().join("folder/x"), &limits()).is_err());
    }

    #[test]
    fn a_file_over_the_limit_is_not_read_and_the_fault_names_the_key() {
        let dir = tempfile::tempdir().expect("temporary folder");
        std::fs::write(dir.path().join("x"), "twelve bytes").expect("file");
        let (_, fault) =
            probe(dir.path(), &dir.path().join("x"), &Limits { file_bytes: 11, ..limits() }).expect_err("over");
        assert_eq!(fault.reason, FaultReason::Limit);
        assert!(fault.detail.contains("limits.file_bytes = 11"));
    }

    #[test]
    fn a_file_that_changed_since_it_was_listed_is_noticed() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let path = dir.path().join("x");
        std::fs::write(&path, "one").expect("file");
        let probed = probe(dir.path(), &path, &limits()).expect("readable");
        std::fs::write(&path, "three").expect("file");
        assert_eq!(
            unchanged(&probed.file, &probed.identity).expect_err("changed").reason,
            FaultReason::ChangedWhileRead
        );
    }

    #[test]
    fn a_pipe_does_not_hang_the_sweep() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let path = dir.path().join("pipe");
        rustix::fs::mknodat(CWD, &path, rustix::fs::FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("pipe");
        assert_eq!(probe(dir.path(), &path, &limits()).expect_err("no file").1.reason, FaultReason::Vanished);
    }
}
