//! A document that was read as a whole: its pages of text, and the documents inside it as bytes.

use std::io::{self, Read};
use std::ops::ControlFlow;

use crate::document::Remark;
use crate::finding::Fault;
use crate::format::Members;
use crate::format::text::{Holding, TextPages};

/// A document inside a document.
pub(in crate::format) struct Inside {
    /// Its name.
    pub(in crate::format) name: String,
    /// Its bytes, or why there are none.
    pub(in crate::format) content: Content,
}

/// What a document inside is made of.
pub(in crate::format) enum Content {
    /// Bytes as they are.
    Bytes(Vec<u8>),
    /// Bytes packed by zlib.
    Packed(Vec<u8>),
    /// Bytes packed without the header of zlib.
    Deflated(Vec<u8>),
    /// It cannot be had.
    Fault(Fault),
}

impl Content {
    /// Bytes it takes.
    pub(in crate::format) fn size(&self) -> usize {
        match self {
            Self::Bytes(bytes) | Self::Packed(bytes) | Self::Deflated(bytes) => bytes.len(),
            Self::Fault(_) => 0,
        }
    }
}

impl Inside {
    /// Bytes under a name.
    pub(in crate::format) fn new(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self { name: name.into(), content: Content::Bytes(bytes) }
    }
}

/// Pages and members.
pub(in crate::format) struct Gathered {
    /// The text.
    pub(in crate::format) pages: TextPages,
    /// The documents inside.
    pub(in crate::format) members: Vec<Inside>,
    /// What is remarkable about how it was opened.
    pub(in crate::format) remarks: Vec<Remark>,
}

impl Holding for Gathered {
    fn pages(&self) -> &TextPages {
        &self.pages
    }

    fn opening(&self) -> Vec<Remark> {
        self.remarks.clone()
    }

    fn holds(&self) -> bool {
        !self.members.is_empty()
    }

    fn hand_out(&self, out: &mut dyn Members) -> Result<(), Fault> {
        for Inside { name, content } in &self.members {
            let flow = match content {
                Content::Bytes(bytes) => out.member(name, &mut bytes.as_slice()),
                Content::Packed(bytes) => {
                    out.member(name, &mut Damage(flate2::read::ZlibDecoder::new(bytes.as_slice())))
                }
                Content::Deflated(bytes) => {
                    out.member(name, &mut Damage(flate2::read::DeflateDecoder::new(bytes.as_slice())))
                }
                Content::Fault(fault) => out.unreadable(name, fault.clone()),
            };
            if flow == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(())
    }
}

/// Packed bytes, whose errors are all damage.
struct Damage<R>(R);

impl<R: Read> Read for Damage<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }
}
