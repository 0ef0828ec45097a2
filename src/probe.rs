//! Stage 2, probe: opens a candidate once, makes sure it is still what `stat` saw, and names its content.
//!
//! The descriptor opened here is the one that is read later: no path is looked up twice, so nobody can swap the file
//! under us, and no link is followed on the way from the root down. Access times are left alone where the system lets us.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::config::Settings;
use crate::document::{ContentHash, Identity, Kind};
use crate::finding::{Fault, FaultReason};
use crate::format::Source;
use crate::kind;
use crate::walk::{self, Candidate, open};

/// An opened file with a name for its content.
#[derive(Debug)]
pub struct Probe {
    /// The descriptor that is read later.
    pub file: File,
    /// What `fstat` on that descriptor said before it was read.
    pub identity: Identity,
    /// Whether that identity tells a later change: see [`settled`].
    pub settled: bool,
    /// BLAKE3 of the bytes.
    pub hash: ContentHash,
    /// What the bytes are.
    pub kind: Kind,
}

/// Opens a candidate, hashes it and tells its kind. One whose content lies in a cloud is not opened.
pub fn probe(candidate: &Candidate, settings: &Settings) -> Result<Probe, (Option<Identity>, Fault)> {
    if let Some(fault) = walk::placeholder(candidate, settings) {
        return Err((Some(candidate.identity), fault));
    }
    let opened = open::file(&candidate.root.path, &candidate.location.path);
    let file = opened.map(File::from).map_err(|error| (None, walk::fault_of(&error)))?;
    let before = identity_of(&file).map_err(|fault| (None, fault))?;
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now_ns = i64::try_from(since.as_nanos()).unwrap_or(i64::MAX);
    let fail = |fault| (Some(before), fault);
    if before.size > settings.limits.file_bytes {
        let seen = format!("a file of {} bytes", before.size);
        return Err(fail(Fault::limit("file_bytes", settings.limits.file_bytes, seen)));
    }
    let hash = hash_of(&file).map_err(fail)?;
    let io_fault = |error: io::Error| fail(walk::fault_of(&error));
    let source = Source::new(file.try_clone().map_err(io_fault)?).map_err(io_fault)?;
    let head = source.head(kind::HEAD_BYTES).map_err(io_fault)?;
    let kind = kind::detect(&head, &source);
    let settled = settled(&before, now_ns);
    still(&file, &before, settled, &hash).map_err(fail)?;
    Ok(Probe { file, identity: before, settled, hash, kind })
}

/// The coarsest clock of a file system in use: FAT counts in steps of two seconds.
const COARSEST_NS: i64 = 2_000_000_000;

/// Whether a file that was looked at at `now_ns` must show another identity when it is written to again.
///
/// It need not if it was last changed within one tick of its file system's clock: a second write may get the same times.
/// A change time in the future comes from a server whose clock is ahead, and says nothing either.
pub fn settled(identity: &Identity, now_ns: i64) -> bool {
    let written = identity.mtime_ns.abs_diff(now_ns) <= COARSEST_NS.unsigned_abs();
    !written && identity.ctime_ns < now_ns.saturating_sub(COARSEST_NS)
}

/// A fault if the file no longer holds the content that it was probed with.
///
/// A rename, a new link or other permissions change the change time alone; whether the content is still the same, its
/// bytes then tell. They also tell where the times prove nothing, because the file was not [`settled`] when it was probed.
/// Any other write, even one that brings the same bytes back, shows in the modification time.
pub fn still(file: &File, before: &Identity, settled: bool, hash: &ContentHash) -> Result<(), Fault> {
    let now = identity_of(file)?;
    let only_renamed = || Identity { ctime_ns: before.ctime_ns, ..now } == *before;
    if (settled && now == *before) || (only_renamed() && hash_of(file)? == *hash) {
        return Ok(());
    }
    Err(Fault::whole(
        FaultReason::ChangedWhileRead,
        "the file changed while it was read; the next sweep reads it again",
    ))
}

/// Whether the file at a resolved path holds a content now. For those who must know it where times prove nothing.
pub fn holds(path: &Path, hash: &ContentHash) -> Result<bool, Fault> {
    let file = open::file(Path::new("/"), path).map(File::from).map_err(|error| walk::fault_of(&error))?;
    identity_of(&file)?;
    Ok(hash_of(&file)? == *hash)
}

/// By reading, not by mapping: a file cut short under a mapping would kill the process.
fn hash_of(file: &File) -> Result<ContentHash, Fault> {
    let hash = || -> io::Result<ContentHash> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(Source::new(file.try_clone()?)?)?;
        Ok(ContentHash(*hasher.finalize().as_bytes()))
    };
    hash().map_err(|error| walk::fault_of(&error))
}

/// What `fstat` says.
fn identity_of(file: &File) -> Result<Identity, Fault> {
    let metadata = file.metadata().map_err(|error| walk::fault_of(&error))?;
    match metadata.is_file() {
        true => Ok(walk::identity(&metadata)),
        false => Err(Fault::whole(FaultReason::Vanished, "it is no longer a regular file")),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use rustix::fs::{CWD, Mode};

    use super::*;

    /// A candidate as the walk finds it, listed by name so that links and pipes can stand in its place.
    fn candidate(root: &Path, path: &Path) -> Candidate {
        let (out, met) = crossbeam_channel::unbounded();
        walk::walk(root, &Settings::defaults(), None, &out).expect("valid globs");
        drop(out);
        let any = met.into_iter().flat_map(|listing| listing.files).next().expect("a file");
        Candidate { location: crate::document::Location::file(path), ..any }
    }

    fn file(dir: &Path, content: &str) -> Candidate {
        std::fs::write(dir.join("x"), content).expect("file");
        candidate(dir, &dir.join("x"))
    }

    #[test]
    fn a_link_in_a_files_place_or_on_the_way_is_not_followed() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let outside = tempfile::tempdir().expect("temporary folder");
        std::fs::write(outside.path().join("x"), "secret").expect("file");
        std::os::unix::fs::symlink(outside.path().join("x"), dir.path().join("link")).expect("link");
        std::os::unix::fs::symlink(outside.path(), dir.path().join("folder")).expect("link");
        file(dir.path(), "one");
        for path in ["link", "folder/x"] {
            assert!(probe(&candidate(dir.path(), &dir.path().join(path)), &Settings::defaults()).is_err());
        }
    }

    #[test]
    fn a_large_file_without_blocks_is_a_placeholder_and_is_not_opened() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let path = dir.path().join("cloud.pdf");
        std::fs::File::create(&path).expect("file").set_len(1 << 20).expect("sparse");
        let (_, fault) = probe(&candidate(dir.path(), &path), &Settings::defaults()).expect_err("in a cloud");
        assert_eq!(fault.reason, FaultReason::Placeholder);
    }

    #[test]
    fn a_file_over_the_limit_is_not_read_and_the_fault_names_the_key() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let mut settings = Settings::defaults();
        settings.limits.file_bytes = 11;
        let (_, fault) = probe(&file(dir.path(), "twelve bytes"), &settings).expect_err("over");
        assert_eq!(fault.reason, FaultReason::Limit);
        assert!(fault.detail.contains("limits.file_bytes = 11"));
    }

    #[test]
    fn a_write_is_noticed_and_a_rename_is_no_change_of_the_content() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let path = dir.path().join("x");
        let read = probe(&file(dir.path(), "one"), &Settings::defaults()).expect("readable");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("mode");
        std::fs::rename(&path, dir.path().join("y")).expect("renamed");
        assert_eq!(still(&read.file, &read.identity, true, &read.hash), Ok(()));
        std::fs::write(dir.path().join("y"), "two").expect("file");
        let fault = still(&read.file, &read.identity, true, &read.hash).expect_err("changed");
        assert_eq!(fault.reason, FaultReason::ChangedWhileRead);
        // Even a tool that puts the modification time back does not get other bytes past.
        let time = UNIX_EPOCH + std::time::Duration::from_nanos(read.identity.mtime_ns.unsigned_abs());
        std::fs::File::options().write(true).open(dir.path().join("y")).expect("open").set_modified(time).expect("set");
        assert!(still(&read.file, &read.identity, true, &read.hash).is_err());
    }

    #[test]
    fn other_bytes_of_the_same_length_and_times_are_noticed_in_a_file_that_was_not_settled() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let read = probe(&file(dir.path(), "one"), &Settings::defaults()).expect("readable");
        assert!(!read.settled);
        std::fs::write(dir.path().join("x"), "two").expect("file");
        // A coarse clock gives the second write the times of the first.
        let coarse = identity_of(&read.file).expect("there");
        let fault = still(&read.file, &coarse, read.settled, &read.hash).expect_err("changed");
        assert_eq!(fault.reason, FaultReason::ChangedWhileRead);
        assert_eq!(holds(&dir.path().canonicalize().expect("there").join("x"), &read.hash), Ok(false));
    }

    #[test]
    fn a_file_written_just_now_is_not_settled() {
        let second = 1_000_000_000;
        let at = |mtime, ctime| Identity {
            device: 1,
            inode: 1,
            size: 1,
            mtime_ns: mtime * second,
            ctime_ns: ctime * second,
        };
        let now = 1_000 * second;
        assert!(settled(&at(900, 900), now));
        assert!(!settled(&at(999, 999), now), "a second write may get the same times");
        assert!(!settled(&at(900, 999), now), "the modification time may have been put back");
        assert!(!settled(&at(900, 1_500), now), "the server's clock is ahead");
        assert!(settled(&at(9_000, 900), now), "a camera's wrong clock is no recent write");
    }

    #[test]
    fn a_pipe_does_not_hang_the_sweep() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let path = dir.path().join("pipe");
        rustix::fs::mknodat(CWD, &path, rustix::fs::FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("pipe");
        file(dir.path(), "one");
        let probed = probe(&candidate(dir.path(), &path), &Settings::defaults());
        assert_eq!(probed.expect_err("no file").1.reason, FaultReason::Vanished);
    }
}
