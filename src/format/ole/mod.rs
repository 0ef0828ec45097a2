//! Documents in compound files: Word, Excel and `PowerPoint` up to 2003 (and those of WPS Office), Hangul, and encrypted ones.
//!
//! A compound file is a small file system in a file. What the documents in it share stands here: its streams
//! ([`compound`]), properties ([`properties`]), drawings ([`drawing`]) and embedded objects ([`object`]).

pub(super) mod any;
pub(super) mod bytes;
mod compound;
pub(super) mod dib;
pub(super) mod doc;
mod drawing;
pub(super) mod extent;
mod gathered;
pub(super) mod hwp;
pub(super) mod object;
pub(super) mod ppt;
mod properties;
mod records;
pub(super) mod secured;
mod vba;
pub(super) mod xls;

pub(super) use compound::Compound;
pub(super) use gathered::{Content, Gathered, Inside};
