//! One entry of a folder: what it is, with as few questions to the system as possible.

use std::io;

use rustix::fs::{AtFlags, Dir, DirEntry, FileType, Stat, statat};

use crate::document::Identity;

/// What an entry is.
pub(super) enum Entry {
    /// A regular file.
    File {
        /// What `stat` said.
        identity: Identity,
        /// Blocks of 512 bytes on disk.
        blocks: u64,
    },
    /// A folder on some device.
    Folder {
        /// The device.
        device: u64,
    },
    /// A symbolic link.
    Link,
    /// A device, socket or pipe.
    Special,
}

/// Looks at an entry of an open folder, without following a link.
pub(super) fn look(folder: &Dir, entry: &DirEntry) -> io::Result<Entry> {
    match entry.file_type() {
        FileType::Symlink => return Ok(Entry::Link),
        FileType::Fifo | FileType::Socket | FileType::CharacterDevice | FileType::BlockDevice => {
            return Ok(Entry::Special);
        }
        // Some file systems do not say.
        FileType::RegularFile | FileType::Directory | FileType::Unknown => {}
    }
    let stat = statat(folder.fd()?, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Entry::File { identity: identity(&stat), blocks: unsigned(stat.st_blocks) },
        FileType::Directory => Entry::Folder { device: identity(&stat).device },
        FileType::Symlink => Entry::Link,
        _ => Entry::Special,
    })
}

fn unsigned(number: impl TryInto<u64>) -> u64 {
    number.try_into().unwrap_or_default()
}

fn signed(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or_default()
}

/// The same as [`super::identity`], from the system's own form, whose types differ between machines.
fn identity(stat: &Stat) -> Identity {
    let nanoseconds = |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
    Identity {
        device: unsigned(stat.st_dev),
        inode: unsigned(stat.st_ino),
        size: unsigned(stat.st_size),
        mtime_ns: nanoseconds(signed(stat.st_mtime), signed(stat.st_mtime_nsec)),
        ctime_ns: nanoseconds(signed(stat.st_ctime), signed(stat.st_ctime_nsec)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_has_the_identity_that_an_open_file_has() {
        let dir = tempfile::tempdir().expect("temporary folder");
        std::fs::write(dir.path().join("x"), "x").expect("file");
        let opened = super::super::open::folder(dir.path(), dir.path()).expect("listed");
        let mut entries = Dir::new(opened).expect("listed");
        let mut seen = None;
        while let Some(entry) = entries.read() {
            let entry = entry.expect("entry");
            if let Entry::File { identity, .. } = look(&entries, &entry).expect("looked at") {
                seen = Some(identity);
            }
        }
        let metadata = std::fs::metadata(dir.path().join("x")).expect("there");
        assert_eq!(seen, Some(super::super::identity(&metadata)));
    }
}
