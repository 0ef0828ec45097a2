//! PDF: text layer with boxes, a look at what else is on a page, and pixels. The only file that names `pdfium_render`.
//!
//! PDFium is bound once, before the reader is locked, and reads the document through the descriptor it was given. All
//! coordinates that leave this format are points from the top left corner of the page as a viewer shows it.

mod annotations;
mod attachments;
mod clip;
mod covered;
mod document;
mod fonts;
mod frame;
mod glyph;
mod layout;
mod library;
mod look;
mod page;
mod repair;
mod uncovered;
mod unlayered;
mod unseen;
mod whole;

use pdfium_render::prelude as pdfium;

use crate::config::Settings;
use crate::config::passwords::Passwords;
use crate::document::Kind;
use crate::finding::Fault;

use super::{Document, Format, Source};
use document::OpenPdf;

/// Reads PDF.
pub(super) struct Pdf;

impl Format for Pdf {
    fn name(&self) -> &'static str {
        "pdf"
    }

    fn version(&self) -> u32 {
        11
    }

    fn stamp(&self, settings: &Settings) -> anyhow::Result<String> {
        Ok(format!("pdf/{} pdfium {}", self.version(), library::stamp(settings)?))
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["pdf"]
    }

    fn prepare(&self, settings: &Settings) -> anyhow::Result<()> {
        library::load(settings)?;
        document::know(Passwords::of(settings)?);
        Ok(())
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        Ok(Box::new(OpenPdf::open(source, settings)?))
    }
}

#[cfg(test)]
mod tests;
