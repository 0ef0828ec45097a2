//! Stage 6, store: the catalog, the truth about locations, contents, pages, findings, verdicts and sweeps.
//!
//! SQLite in WAL mode. There is one writer ([`Catalog`]), guarded by a lock file; reports open their own read-only view
//! ([`CatalogView`]). A content's pages, findings and verdicts become visible together: until a reading is finished,
//! everybody sees the one before.

mod below;
mod body;
mod conditions;
mod contents;
mod data_dir;
mod decisions;
mod events;
mod load;
mod locations;
mod members;
mod provenance;
mod roots;
mod rows;
mod schema;
mod view;
mod write;

use std::path::PathBuf;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode};
use serde::Serialize;

pub use conditions::Conditions;
pub use contents::PackedPages;
pub use data_dir::{DataDir, Lock};
pub use locations::{Change, Known, KnownContent, LocationRecord, Place};
pub use members::MemberRow;
pub use provenance::AsOf;
pub use roots::{parse_roots, roots_text};
pub use rows::{FileRow, Filter, GoneRow, IndexRow, Since, SweepRow, Totals};
pub use schema::VERSION;
pub use view::CatalogView;
pub use write::{Catalog, Rehearsed, Said, SweepState};

/// Why the catalog cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// Written by a newer program.
    #[error("the catalog has version {found}, and this program knows {ours}; use the newer misfile that wrote it")]
    Newer {
        /// Its version.
        found: i64,
        /// Ours.
        ours: i64,
    },
    /// Written by an older program.
    #[error(
        "the catalog has version {found}, and this program works with {ours}; \
        run `misfile reclassify` once (or the next sweep), which brings it up"
    )]
    Older {
        /// Its version.
        found: i64,
        /// Ours.
        ours: i64,
    },
    /// Another process writes to it.
    #[error("{0} is in use by another misfile (sweep, reclassify or index rebuild; {1}); wait for it or stop it")]
    Locked(PathBuf, String),
    /// No catalog yet.
    #[error("{0} holds no catalog; run `misfile sweep` first, or name the right folder with --data")]
    Missing(PathBuf),
    /// A catalog in which no sweep has begun.
    #[error("the catalog in {0} is empty: no sweep has read anything yet; run `misfile sweep` first")]
    NoSweep(PathBuf),
    /// The disk is full.
    #[error("the disk that holds the catalog is full; what was committed is safe: free some space and run again")]
    Full,
    /// The data directory cannot be written.
    #[error("the catalog cannot be written (read-only folder or file system); name another folder with --data")]
    ReadOnly,
    /// Changes wait in the write-ahead log, and the folder keeps us from reading them.
    #[error(
        "the last changes of the catalog are not folded in, and this read-only folder keeps them from being read; \
        run `misfile reclassify` once as the user who sweeps"
    )]
    Unfolded,
    /// The file is no sound database.
    #[error("the catalog is damaged ({0}); restore it from a backup, or move the folder away and sweep again")]
    Damaged(String),
    /// The data directory cannot be made or opened.
    #[error("data directory {path}: {error}")]
    Folder {
        /// The directory.
        path: PathBuf,
        /// The system's reason.
        error: std::io::Error,
    },
    /// Anything else.
    #[error("the catalog failed: {0}")]
    Other(String),
}

impl From<rusqlite::Error> for CatalogError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => Self::ReadOnly,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error.to_string()),
            // Out of space shows as an I/O error where SQLite extends its shared-memory file.
            Some(ErrorCode::SystemIoFailure) if error.to_string().contains("full") => Self::Full,
            _ => Self::Other(error.to_string()),
        }
    }
}

/// Result of catalog calls.
pub type Result<T> = std::result::Result<T, CatalogError>;

/// Pages of the file that a connection keeps in memory, KiB; a mapping of the file serves the rest.
const CACHE_KIB: i64 = 16 << 10;
const MAPPED_BYTES: i64 = 1 << 30;

/// What every connection is told.
fn tune(connection: &Connection) -> Result<()> {
    connection.set_prepared_statement_cache_capacity(64);
    // Without this SQLite plans a statement anew for each value that it is given, which costs ten times its work.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "mmap_size", MAPPED_BYTES)?;
    Ok(())
}

/// A value as JSON, as columns keep lists.
fn json(value: &(impl Serialize + ?Sized)) -> Result<String> {
    serde_json::to_string(value).map_err(|error| CatalogError::Other(error.to_string()))
}
