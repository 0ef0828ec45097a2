//! Misfile.
pub mod classify;
pub mod config;
pub mod document;
pub mod finding;
pub mod format;
pub mod index;
pub mod kind;
pub mod ocr;
pub mod read;
