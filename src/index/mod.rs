//! Stage 6, second half: the full-text index, derived from the catalog and rebuildable from it at any time.
//!
//! It receives plain documents and answers queries; it knows neither databases nor files. One document a content: the text
//! of its pages (one value a page, so that phrases do not cross pages), and what filters need. No text can be read back
//! out of a hit: the catalog keeps the pages, and [`page_hits`] works out which of them a query means.
//!
//! Each commit carries the last sequence number of the catalog that it holds and the stamp of the text analysis. A crash
//! leaves the state of the last commit; a foreign stamp, a damaged or a missing directory are errors of their own, and all
//! of them are mended by `misfile index rebuild`.

mod catch_up;
mod filter;
mod fold;
mod fuzzy;
mod lex;
mod pages;
mod parse;
mod places;
mod plan;
mod query;
mod reading;
mod schema;
mod search;
mod snippet;
mod tokenizer;
mod writer;

#[cfg(test)]
mod tests;

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use tantivy::TantivyError;
use tantivy::directory::error::{LockError, OpenDirectoryError, OpenReadError, OpenWriteError};

pub use catch_up::{catch_up, rebuild};
pub use filter::{FieldHelp, fields};
pub use fold::fold;
pub use pages::{PageHit, PageHits, page_hits};
pub use places::answers_unread;
pub use query::{NameWanted, Query, QueryError};
pub use schema::{IndexDocument, IndexLocation};
pub use search::{Hit, Hits, Searcher};
pub use snippet::Snippet;
pub use tokenizer::TOKENIZER_VERSION;
pub use writer::IndexWriter;

/// Why the index cannot be used, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// No index lies there: the first run, or the directory was deleted.
    #[error("there is no index in {dir}; run `misfile index rebuild`: it is made from the catalog")]
    Missing {
        /// The index directory.
        dir: PathBuf,
    },
    /// Files are missing, cut or changed.
    #[error("the index in {dir} is damaged ({detail}); run `misfile index rebuild`: the catalog holds everything")]
    Damaged {
        /// The index directory.
        dir: PathBuf,
        /// What was found.
        detail: String,
    },
    /// Words were cut or stored by other rules than today's: queries would silently miss them.
    #[error("the index in {dir} was written by another version ({detail}); run `misfile index rebuild`")]
    WrongVersion {
        /// The index directory.
        dir: PathBuf,
        /// Found and expected stamps.
        detail: String,
    },
    /// Another process writes.
    #[error("the index in {dir} is being written by another run; wait until it ends")]
    Busy {
        /// The index directory.
        dir: PathBuf,
    },
    /// The system refused: no space, no permission.
    #[error("the index in {dir}: {error}; check free space and permissions, then run again: nothing is lost")]
    Io {
        /// The index directory.
        dir: PathBuf,
        /// What the system said. It stands in the message, so it is no source to be printed once more.
        error: io::Error,
    },
}

impl IndexError {
    fn io(dir: &Path, error: io::Error) -> Self {
        Self::Io { dir: dir.to_owned(), error }
    }

    fn damaged(dir: &Path, detail: impl Into<String>) -> Self {
        Self::Damaged { dir: dir.to_owned(), detail: detail.into() }
    }

    /// Sorts the library's errors into what a caller can do about them.
    fn of(dir: &Path, error: &TantivyError) -> Self {
        let system = |error: &io::Error| match error.kind() {
            // A file that the index names is not there, or ends too early: that is damage, not a passing fault.
            io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => {
                Self::damaged(dir, error.to_string())
            }
            kind => Self::io(dir, io::Error::new(kind, error.to_string())),
        };
        match error {
            TantivyError::LockFailure(LockError::LockBusy, _) => Self::Busy { dir: dir.to_owned() },
            TantivyError::LockFailure(LockError::IoError(error), _) => system(error),
            TantivyError::OpenDirectoryError(OpenDirectoryError::DoesNotExist(_)) => {
                Self::Missing { dir: dir.to_owned() }
            }
            TantivyError::OpenDirectoryError(OpenDirectoryError::IoError { io_error, .. })
            | TantivyError::OpenReadError(OpenReadError::IoError { io_error, .. })
            | TantivyError::OpenWriteError(OpenWriteError::IoError { io_error, .. })
            | TantivyError::IoError(io_error) => system(io_error),
            TantivyError::IncompatibleIndex(_) | TantivyError::OpenReadError(OpenReadError::IncompatibleIndex(_)) => {
                Self::WrongVersion { dir: dir.to_owned(), detail: "its files have another format".to_owned() }
            }
            // A worker that died reports nothing but its death; the cause is nearly always a full disk.
            TantivyError::ErrorInThread(_) | TantivyError::Poisoned | TantivyError::SystemError(_) => {
                Self::io(dir, io::Error::other("its writer stopped, most likely because no space is left"))
            }
            other => Self::damaged(dir, other.to_string()),
        }
    }
}

/// Carries out something of the library's on the files in `dir`.
///
/// The library indexes into memory-mapped files by numbers that it reads there, so damage can show as a panic: here it
/// becomes an error.
fn guarded<T>(dir: &Path, work: impl FnOnce() -> tantivy::Result<T>) -> Result<T, IndexError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(|error| IndexError::of(dir, &error)),
        Err(_) => Err(IndexError::damaged(dir, "its files contradict each other")),
    }
}
