//! The data directory: private, and used by one writer at a time.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::{CatalogError, Result};

/// Where the catalog and the index lie.
#[derive(Clone, Debug)]
pub struct DataDir(PathBuf);

/// Held while somebody writes; released when dropped, or by the kernel when the process dies.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

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
        let file = OpenOptions::new().create(true).write(true).truncate(false).mode(0o600).open(&path).map_err(fail)?;
        match file.try_lock() {
            Ok(()) => Ok(Lock(file)),
            Err(TryLockError::WouldBlock) => Err(CatalogError::Locked(self.0.clone())),
            Err(TryLockError::Error(error)) => Err(fail(error)),
        }
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
        let _first = dir.lock().expect("free");
        assert!(matches!(dir.lock(), Err(CatalogError::Locked(_))));
    }
}
