//! Documents in compound files: Word, Excel and PowerPoint up to 2003 (and those of WPS Office), Hangul, and encrypted ones.
//!
//! A compound file is a small file system in a file. What the documents in it share stands here: its streams
//! ([`compound`]), properties ([`properties`]), drawings ([`drawing`]) and embedded objects ([`object`]).

pub(super) mod bytes;
mod compound;
pub(super) mod doc;
pub(super) mod dib;
mod drawing;
mod records;
pub(super) mod secured;
pub(super) mod xls;
mod gathered;
pub(super) mod object;
pub(super) mod ppt;
mod properties;

pub(super) use compound::Compound;
pub(super) use gathered::{Content, Gathered, Inside};
