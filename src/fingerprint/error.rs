//! Why a registry cannot be used or changed. No message quotes text of a document.

use std::io;
use std::path::PathBuf;

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, on what, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system refused.
    #[error("{path}: cannot be read or written: {error}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The bytes are not those that were written.
    #[error(
        "{path} is damaged ({what}); put back a copy, or move it and its key away and register the documents again"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Which rule is broken.
        what: &'static str,
    },
    /// Written by another version.
    #[error("{path} has format {found}, and this version reads {known}; register the documents again")]
    Version {
        /// The file.
        path: PathBuf,
        /// The version in the file.
        found: u8,
        /// The version that can be read.
        known: u8,
    },
    /// The registry and the key do not belong together.
    #[error("{path} was written under another key than {key}; put back the key that belongs to it")]
    WrongKey {
        /// The registry.
        path: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
    /// One of the two files is gone: not the same as having nothing registered.
    #[error("{missing} is missing beside {present}; put it back, or move the other away to begin anew")]
    Half {
        /// The file that is not there.
        missing: PathBuf,
        /// The file that is.
        present: PathBuf,
    },
    /// Others could read the file.
    #[error("{path} has mode {mode:o}, and others could read it: chmod 600")]
    OpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// A limit of the settings.
    #[error("{name}: over {limit} = {most}; raise that key")]
    Limit {
        /// The document, as the user calls it.
        name: String,
        /// The limit.
        limit: &'static str,
        /// Its value.
        most: u64,
    },
    /// Too little text to be told from others.
    #[error("{name}: has too little text to be found again ({letters} letters of at least {least})")]
    TooLittle {
        /// The document, as the user calls it.
        name: String,
        /// Letters that count, in letters' worth.
        letters: u64,
        /// Letters that are needed.
        least: u64,
    },
    /// No such document.
    #[error("{0} is not registered")]
    Unknown(String),
    /// The same text is registered.
    #[error("{name}: its text is registered as {as_name}")]
    Known {
        /// The document, as the user calls it now.
        name: String,
        /// How it was called when it was registered.
        as_name: String,
    },
}
