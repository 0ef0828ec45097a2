//! Opens files and folders below a root without following a link on the way, and without touching access times where the
//! system lets us.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

/// Opens a file for reading. A pipe put in its place does not hang us.
pub fn file(root: &Path, path: &Path) -> io::Result<OwnedFd> {
    gently(root, path, OFlags::NONBLOCK)
}

/// Opens a folder for listing.
pub(super) fn folder(root: &Path, path: &Path) -> io::Result<OwnedFd> {
    gently(root, path, OFlags::DIRECTORY)
}

fn gently(root: &Path, path: &Path, also: OFlags) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | also;
    match below(root, path, flags | OFlags::NOATIME) {
        // The kernel grants NOATIME only to the owner and to root.
        Err(Errno::PERM) => below(root, path, flags),
        other => other,
    }
    .map_err(io::Error::from)
}

fn below(root: &Path, path: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
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
}
