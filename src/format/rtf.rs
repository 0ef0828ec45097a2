//! RTF: text in the code pages of its fonts, pages with their headers and footers, notes, comments, boxes, properties; pictures
//! and embedded objects as documents inside.
//!
//! Made for RTF as attackers write it too: control words and blanks inside of data are passed over, nesting is counted and
//! never followed by recursion, and lengths of binary data are checked. Deleted text stays and is marked, hidden text stays.

mod data;
mod fonts;
mod read;
mod reader;
mod state;
mod words;

use crate::config::Settings;
use crate::document::Kind;
use crate::finding::Fault;

use super::ole::{Gathered, Inside};
use super::text::{Part, TextPages, read_whole};
use super::{Document, Format, Source};

/// Reads RTF.
pub(super) struct Rtf;

impl Format for Rtf {
    fn name(&self) -> &'static str {
        "rtf"
    }

    fn version(&self) -> u32 {
        7
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["rtf"]
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let bytes = read_whole(&source, settings, "a document")?;
        let mut read = reader::read(&bytes);
        let mut parts = read.pages();
        let part = |label: &str, text: &str| Part { label: Some(label.to_owned()), text: text.to_owned() };
        parts.push(part("footnotes", &read.footnotes));
        parts.push(part("comments", &read.comments));
        parts.push(part("properties", &read.properties));
        parts.push(part("lists, forms and fields", &read.asides));
        let members: Vec<Inside> = read.members.drain(..).collect();
        let pages = TextPages::of_parts(parts, read.faults, settings).unpacked();
        Ok(Box::new(Gathered { pages, members, remarks: Vec::new() }))
    }
}

#[cfg(test)]
#[allow(clippy::format_collect, reason = "fixtures are small and made here")]
mod tests;
