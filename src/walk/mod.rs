//! Stage 1, walk: from roots to candidates. `stat` only: nothing is opened but folders.
//!
//! Links are not followed, so nothing outside a root is reached through one. What cannot be listed is a fault with the
//! system's reason, never silence. A cloud placeholder is recognised here, because opening it would download it.

mod placeholder;

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crossbeam_channel::Sender;
use globset::{Glob, GlobSet, GlobSetBuilder};
use ignore::{WalkBuilder, WalkState};

use crate::config::Settings;
use crate::document::{Identity, Location};
use crate::finding::{Fault, FaultReason};

/// What the walk meets.
#[derive(Debug)]
pub enum Met {
    /// A regular file.
    File(Candidate),
    /// Something whose content cannot be had: a placeholder, a folder or file that cannot be listed.
    Unreadable {
        /// Where.
        location: Location,
        /// What `stat` said, if it answered.
        identity: Option<Identity>,
        /// Why.
        fault: Fault,
        /// A folder: everything below it is unknown.
        folder: bool,
    },
    /// A link, device, socket or pipe: counted, not read.
    Special,
}

/// A regular file to be probed.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Where.
    pub location: Location,
    /// The root it was found under.
    pub root: PathBuf,
    /// What `stat` said.
    pub identity: Identity,
}

/// A root that cannot be listed at all.
#[derive(Debug, thiserror::Error)]
#[error("{path}: cannot be read: {error}")]
pub struct RootError {
    /// The root.
    pub path: String,
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
    let fail = |error| RootError { path: path.display().to_string(), error };
    let root = path.canonicalize().map_err(fail)?;
    match std::fs::metadata(&root).map_err(fail)?.is_dir() {
        true => std::fs::read_dir(&root).map(drop).map_err(fail)?,
        // A file is asked about, not opened: it may be a placeholder.
        false => rustix::fs::access(&root, rustix::fs::Access::READ_OK).map_err(|errno| fail(errno.into()))?,
    }
    Ok(root)
}

/// Walks one resolved root and sends everything it meets; `skip` is our own data directory. Ends early when nobody listens.
pub fn walk(root: &Path, settings: &Settings, skip: Option<&Path>, out: &Sender<Met>) -> Result<(), globset::Error> {
    let ignored = ignored_names(&settings.walk.ignore)?;
    let skip = skip.map(Path::to_owned);
    let mut builder = WalkBuilder::new(root);
    builder
        .standard_filters(false)
        .follow_links(false)
        .same_file_system(!settings.walk.cross_filesystems)
        .threads(settings.walk.threads)
        .max_depth(Some(settings.limits.depth))
        .filter_entry(move |entry| {
            let named = entry.depth() > 0 && ignored.is_match(entry.file_name());
            !named && skip.as_deref() != Some(entry.path())
        });
    let ntfs = settings.walk.cross_filesystems || placeholder::may_hold_ntfs_attributes(root);
    let device = std::fs::metadata(root).ok().map(|metadata| metadata.dev());
    builder.build_parallel().run(|| {
        Box::new(move |entry| match out.send(meet(entry, root, settings, ntfs, device)) {
            Ok(()) => WalkState::Continue,
            Err(_) => WalkState::Quit,
        })
    });
    Ok(())
}

/// What one entry is.
fn meet(
    entry: Result<ignore::DirEntry, ignore::Error>,
    root: &Path,
    settings: &Settings,
    ntfs: bool,
    device: Option<u64>,
) -> Met {
    let entry = match entry {
        Ok(entry) => entry,
        Err(error) => return unreadable_entry(&error, root),
    };
    let location = Location::file(entry.path());
    let metadata = match entry.metadata() {
        Ok(metadata) => metadata,
        Err(error) => {
            let fault = error.io_error().map_or_else(|| fault_of(&io::Error::other(error.to_string())), fault_of);
            return Met::Unreadable { location, identity: None, fault, folder: false };
        }
    };
    if metadata.is_dir() {
        if !settings.walk.cross_filesystems && device.is_some_and(|device| device != metadata.dev()) {
            let detail = "another file system is mounted here; walk.cross_filesystems = true looks into it";
            let fault = Fault::whole(FaultReason::Unsupported, detail);
            return Met::Unreadable { location, identity: None, fault, folder: true };
        }
        return match entry.depth() >= settings.limits.depth {
            true => Met::Unreadable {
                location,
                identity: None,
                fault: Fault::limit("depth", settings.limits.depth, "a folder"),
                folder: true,
            },
            false => Met::Special,
        };
    }
    if !metadata.is_file() {
        return Met::Special;
    }
    let identity = identity(&metadata);
    if let Some(fault) = placeholder::recognise(entry.path(), &metadata, settings.walk.placeholder_min_bytes, ntfs) {
        return Met::Unreadable { location, identity: Some(identity), fault, folder: false };
    }
    Met::File(Candidate { location, root: root.to_owned(), identity })
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

/// A folder that could not be listed, with its path dug out of the walker's error.
fn unreadable_entry(error: &ignore::Error, root: &Path) -> Met {
    fn path_of(error: &ignore::Error) -> Option<&Path> {
        match error {
            ignore::Error::WithPath { path, .. } => Some(path),
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
            _ => None,
        }
    }
    let location = Location::file(path_of(error).unwrap_or(root));
    let fault = error.io_error().map_or_else(|| Fault::whole(FaultReason::Io, error.to_string()), fault_of);
    Met::Unreadable { location, identity: None, fault, folder: true }
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    fn walked(root: &Path, settings: &Settings) -> Vec<Met> {
        let (out, met) = crossbeam_channel::unbounded();
        walk(root, settings, None, &out).expect("valid globs");
        drop(out);
        met.into_iter().collect()
    }

    fn files(met: &[Met]) -> Vec<String> {
        let mut names: Vec<String> = met
            .iter()
            .filter_map(|met| if let Met::File(file) = met { Some(file.location.name().into_owned()) } else { None })
            .collect();
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
        assert_eq!(files(&walked(dir.path(), &Settings::defaults())), ["a.txt"]);
    }

    #[test]
    fn a_name_that_is_not_utf8_survives() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let name = std::ffi::OsStr::from_bytes(b"\xb2\xe2\xca\xd4.txt");
        std::fs::write(dir.path().join(name), "x").expect("file");
        let met = walked(dir.path(), &Settings::defaults());
        let found =
            met.iter().any(|met| matches!(met, Met::File(file) if file.location.path.file_name() == Some(name)));
        assert!(found);
    }

    #[test]
    fn a_large_file_without_blocks_is_a_placeholder_and_not_a_candidate() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let file = std::fs::File::create(dir.path().join("cloud.pdf")).expect("file");
        file.set_len(1 << 20).expect("sparse");
        let met = walked(dir.path(), &Settings::defaults());
        assert!(files(&met).is_empty());
        let seen = |met: &Met| matches!(met, Met::Unreadable { fault, .. } if fault.reason == FaultReason::Placeholder);
        assert!(met.iter().any(seen));
    }

    #[test]
    fn folders_deeper_than_the_limit_are_a_fault() {
        let dir = tempfile::tempdir().expect("temporary folder");
        std::fs::create_dir_all(dir.path().join("a/b/c")).expect("folders");
        let mut settings = Settings::defaults();
        settings.limits.depth = 2;
        let met = walked(dir.path(), &settings);
        let seen = |met: &Met| matches!(met, Met::Unreadable { fault, folder: true, .. } if fault.detail.contains("limits.depth = 2"));
        assert!(met.iter().any(seen));
    }
}
