//! The data directory: private, and used by one writer at a time.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{CatalogError, Result};

/// Where the catalog and the index lie.
#[derive(Clone, Debug)]
pub struct DataDir(PathBuf);

/// Held while somebody writes; released when dropped, or by the kernel when the process dies.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

/// How often, and after what time, a lock that is taken is tried again.
const LOOKS: u32 = 4;
const LOOK: Duration = Duration::from_millis(50);

impl DataDir {
    /// Makes the directory, readable by its owner only.
    pub fn create(path: &Path) -> Result<Self> {
        let fail = |error| CatalogError::Folder { path: path.to_owned(), error };
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(fail)?;
        Ok(Self(path.canonicalize().map_err(fail)?))
    }

    /// Opens an existing directory that holds a catalog.
    pub fn open(path: &Path) -> Result<Self> {
        let dir = Self(path.to_owned());
        match std::fs::metadata(dir.catalog()) {
            Ok(metadata) if metadata.is_file() => Ok(dir),
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                Err(CatalogError::Folder { path: path.to_owned(), error })
            }
            _ => Err(CatalogError::Missing(path.to_owned())),
        }
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The mode of the directory, if it lets others look into it.
    pub fn open_to_others(&self) -> Option<u32> {
        let mode = std::fs::metadata(&self.0).ok()?.permissions().mode() & 0o777;
        (mode & 0o077 != 0).then_some(mode)
    }

    /// The catalog's file.
    pub fn catalog(&self) -> PathBuf {
        self.0.join("catalog.sqlite")
    }

    /// The index's directory.
    pub fn index(&self) -> PathBuf {
        self.0.join("index")
    }

    /// Takes the writer's lock, or says that somebody has it.
    pub fn lock(&self) -> Result<Lock> {
        let path = self.0.join("lock");
        let fail = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => CatalogError::ReadOnly,
            std::io::ErrorKind::StorageFull => CatalogError::Full,
            _ => CatalogError::Folder { path: path.clone(), error },
        };
        let mut file =
            OpenOptions::new().create(true).write(true).truncate(false).mode(0o600).open(&path).map_err(fail)?;
        let mut outcome = file.try_lock();
        // Somebody who only looks holds it for a moment.
        for _ in 0..LOOKS {
            if !matches!(outcome, Err(TryLockError::WouldBlock)) {
                break;
            }
            std::thread::sleep(LOOK);
            outcome = file.try_lock();
        }
        match outcome {
            Ok(()) => {
                // For whoever finds it taken.
                file.set_len(0).and_then(|()| write!(file, "{}", std::process::id())).map_err(fail)?;
                Ok(Lock(file))
            }
            Err(TryLockError::WouldBlock) => Err(CatalogError::Locked(self.0.clone(), self.writer())),
            Err(TryLockError::Error(error)) => Err(fail(error)),
        }
    }

    /// Whether somebody writes to it just now.
    pub fn in_use(&self) -> bool {
        let file = File::open(self.0.join("lock"));
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// The process that writes to it, in words.
    fn writer(&self) -> String {
        let process = std::fs::read_to_string(self.0.join("lock")).ok().and_then(|text| text.parse::<u32>().ok());
        process.map_or_else(|| "an unknown process".to_owned(), |process| format!("process {process}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_directory_is_private() {
        let outer = tempfile::tempdir().expect("temporary folder");
        let dir = DataDir::create(&outer.path().join("a/data")).expect("made");
        assert_eq!(dir.open_to_others(), None);
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o750)).expect("ours");
        assert_eq!(dir.open_to_others(), Some(0o750));
    }

    #[test]
    fn a_second_writer_is_told_that_there_is_a_first() {
        let outer = tempfile::tempdir().expect("temporary folder");
        let dir = DataDir::create(outer.path()).expect("made");
        assert!(!dir.in_use());
        let first = dir.lock().expect("free");
        let Err(CatalogError::Locked(_, by)) = dir.lock() else { panic!("it is taken") };
        assert_eq!(by, format!("process {}", std::process::id()));
        assert!(dir.in_use());
        drop(first);
        assert!(!dir.in_use());
    }
}
