//! Stage 1, walk: from roots to candidates. `stat` only: nothing is opened but folders.
//!
//! Links are not followed, so nothing outside a root is reached through one. What cannot be listed is a fault with the
//! system's reason, never silence. Entries are handed on a folder at a time: a message for each of millions would cost
//! more than looking at it.

mod entry;
pub mod open;
mod placeholder;
mod walker;

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossbeam_channel::Sender;
use globset::{Glob, GlobSet, GlobSetBuilder};

use crate::config::Settings;
use crate::document::{Identity, Location};
use crate::finding::{Fault, FaultReason};
use walker::Walker;

/// Files in one [`Listing`] at most: a larger folder comes in parts.
pub const LISTING_FILES: usize = 256;

/// What the walk met in a folder, or in a part of a large one.
#[derive(Debug, Default)]
pub struct Listing {
    /// Regular files.
    pub files: Vec<Candidate>,
    /// What cannot be listed or looked at.
    pub unreadable: Vec<Unreadable>,
    /// Links, which are not followed.
    pub links: u64,
    /// Devices, sockets and pipes, which are not read.
    pub special: u64,
    /// Files and folders that are not looked at for their names (`walk.ignore`).
    pub ignored: u64,
}

/// Something whose content cannot be had.
#[derive(Debug)]
pub struct Unreadable {
    /// Where.
    pub location: Location,
    /// What `stat` said, if it answered.
    pub identity: Option<Identity>,
    /// Why.
    pub fault: Fault,
    /// A folder: everything below it is unknown.
    pub folder: bool,
}

/// A regular file to be probed.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Where.
    pub location: Location,
    /// The root it was found under.
    pub root: Arc<Root>,
    /// What `stat` said.
    pub identity: Identity,
    /// Blocks of 512 bytes on disk.
    pub blocks: u64,
}

/// Where a walk begins.
#[derive(Debug)]
pub struct Root {
    /// The folder or file, resolved.
    pub path: PathBuf,
    /// Whether Windows attributes may be kept there as ntfs-3g does.
    ntfs: bool,
    /// Its file system, if that may not be left.
    device: Option<u64>,
}

/// A root that cannot be listed at all.
#[derive(Debug, thiserror::Error)]
#[error("{}: cannot be read: {error}", path.display())]
pub struct RootError {
    /// The root: resolved, or as far as the system lets us look, see [`meant`].
    pub path: PathBuf,
    /// The system's reason.
    pub error: io::Error,
}

/// Names never looked at.
pub fn ignored_names(patterns: &[String]) -> Result<GlobSet, globset::Error> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern)?);
    }
    set.build()
}

/// Resolves a root and makes sure that it can be listed (or read, if it is a file).
pub fn resolve_root(path: &Path) -> Result<PathBuf, RootError> {
    let root = path.canonicalize().map_err(|error| RootError { path: meant(path), error })?;
    let fail = |error| RootError { path: root.clone(), error };
    match std::fs::metadata(&root).map_err(fail)?.is_dir() {
        true => std::fs::read_dir(&root).map(drop).map_err(fail)?,
        // A file is asked about, not opened: it may be a placeholder.
        false => rustix::fs::access(&root, rustix::fs::Access::READ_OK).map_err(|errno| fail(errno.into()))?,
    }
    Ok(root)
}

/// Links followed on one path at most: as many as the system follows.
const LINKS: usize = 40;

/// A path with its links resolved, also if the last of them leads nowhere: where its target was known, and will be again.
pub fn meant(path: &Path) -> PathBuf {
    let mut path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for _ in 0..LINKS {
        let there = path.ancestors().find_map(|above| {
            let rest = path.strip_prefix(above).expect("it is above");
            Some((above.canonicalize().ok()?, rest))
        });
        let Some((there, rest)) = there else { return path };
        let mut rest = rest.components();
        let Some(first) = rest.next() else { return there };
        let missing = there.join(first);
        match std::fs::read_link(&missing) {
            Ok(target) => path = there.join(target).components().chain(rest).collect(),
            Err(_) => return missing.components().chain(rest).collect(),
        }
    }
    path
}

/// Walks one resolved root and sends everything it meets; `skip` is our own data directory. Ends early when nobody listens.
pub fn walk(
    root: &Path,
    settings: &Settings,
    skip: Option<&Path>,
    out: &Sender<Listing>,
) -> Result<(), globset::Error> {
    let ignored = ignored_names(&settings.walk.ignore)?;
    let metadata = std::fs::metadata(root).ok();
    let own = |device| (!settings.walk.cross_filesystems).then_some(device);
    let at = Arc::new(Root {
        path: root.to_owned(),
        ntfs: settings.walk.cross_filesystems || placeholder::may_hold_ntfs_attributes(root),
        device: metadata.as_ref().map(MetadataExt::dev).and_then(own),
    });
    if let Some(metadata) = metadata.filter(|metadata| !metadata.is_dir()) {
        let (location, blocks) = (Location::file(root), metadata.blocks());
        let file = Candidate { location, root: at, identity: identity(&metadata), blocks };
        // Nobody listening means that the sweep is over.
        let _ = out.send(Listing { files: vec![file], ..Listing::default() });
        return Ok(());
    }
    Walker::new(at, settings, ignored, skip, out).run();
    Ok(())
}

/// A fault if reading the file would bring its content down from a cloud. To be asked before it is opened.
pub fn placeholder(candidate: &Candidate, settings: &Settings) -> Option<Fault> {
    placeholder::recognise(candidate, settings.walk.placeholder_min_bytes)
}

/// The identity that `stat` gives.
pub fn identity(metadata: &std::fs::Metadata) -> Identity {
    let nanoseconds = |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
    Identity {
        device: metadata.dev(),
        inode: metadata.ino(),
        size: metadata.len(),
        mtime_ns: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
        ctime_ns: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
    }
}

/// A fault for what the system answered.
pub fn fault_of(error: &io::Error) -> Fault {
    let reason = match error.kind() {
        io::ErrorKind::PermissionDenied => FaultReason::Permission,
        io::ErrorKind::NotFound => FaultReason::Vanished,
        _ => FaultReason::Io,
    };
    Fault::whole(reason, error.to_string())
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    fn walked(root: &Path, settings: &Settings) -> Listing {
        let (out, met) = crossbeam_channel::unbounded();
        walk(root, settings, None, &out).expect("valid globs");
        drop(out);
        met.into_iter().fold(Listing::default(), |mut all, part| {
            all.files.extend(part.files);
            all.unreadable.extend(part.unreadable);
            all.links += part.links;
            all.special += part.special;
            all.ignored += part.ignored;
            all
        })
    }

    fn files(met: &Listing) -> Vec<String> {
        let mut names: Vec<String> = met.files.iter().map(|file| file.location.name().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn links_are_not_followed_and_ignored_names_are_not_looked_at() {
        let dir = tempfile::tempdir().expect("temporary folder");
        std::fs::create_dir(dir.path().join(".git")).expect("folder");
        std::fs::write(dir.path().join(".git/config"), "x").expect("file");
        std::fs::write(dir.path().join("a.txt"), "x").expect("file");
        std::os::unix::fs::symlink("/etc", dir.path().join("etc")).expect("link");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            dir.path().join("pipe"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR,
            0,
        )
        .expect("pipe");
        let met = walked(dir.path(), &Settings::defaults());
        assert_eq!(files(&met), ["a.txt"]);
        assert_eq!((met.links, met.special, met.ignored), (1, 1, 1), "all are counted");
    }

    #[test]
    fn a_root_that_is_not_there_is_the_place_that_its_links_lead_to() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let real = dir.path().canonicalize().expect("there");
        std::os::unix::fs::symlink("second", real.join("first")).expect("link");
        std::os::unix::fs::symlink(real.join("gone"), real.join("second")).expect("link");
        std::os::unix::fs::symlink("loop", real.join("loop")).expect("link");
        for (named, path) in [("first", "gone"), ("first/a/b", "gone/a/b"), ("x/y", "x/y")] {
            let error = resolve_root(&real.join(named)).expect_err("not there");
            assert_eq!(error.path.as_os_str(), real.join(path).as_os_str(), "also without a slash at the end");
        }
        assert_eq!(resolve_root(&real.join("loop")).expect_err("endless").path, real.join("loop"));
        assert_eq!(meant(&real), real);
    }

    #[test]
    fn a_name_that_is_not_utf8_survives() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let name = std::ffi::OsStr::from_bytes(b"\xb2\xe2\xca\xd4.txt");
        std::fs::write(dir.path().join(name), "x").expect("file");
        let met = walked(dir.path(), &Settings::defaults());
        let found = met.files.iter().any(|file| file.location.path.file_name() == Some(name));
        assert!(found);
    }

    #[test]
    fn a_folder_of_many_files_comes_in_parts_and_whole() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let many = LISTING_FILES * 2 + 3;
        (0..many).for_each(|number| std::fs::write(dir.path().join(number.to_string()), "x").expect("file"));
        std::fs::create_dir_all(dir.path().join("a/b")).expect("folders");
        std::fs::write(dir.path().join("a/b/last"), "x").expect("file");
        assert_eq!(walked(dir.path(), &Settings::defaults()).files.len(), many + 1);
    }

    #[test]
    fn folders_deeper_than_the_limit_are_a_fault() {
        let dir = tempfile::tempdir().expect("temporary folder");
        std::fs::create_dir_all(dir.path().join("a/b/c")).expect("folders");
        let mut settings = Settings::defaults();
        settings.limits.depth = 2;
        let met = walked(dir.path(), &settings);
        let seen = |met: &Unreadable| met.folder && met.fault.detail.contains("limits.depth = 2");
        assert!(met.unreadable.iter().any(seen));
    }
}
