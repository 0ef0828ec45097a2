//! Office Open XML: documents of Word, workbooks of Excel, presentations of `PowerPoint`, drawings of Visio, and any other package
//! that follows its conventions.
//!
//! Nothing is passed over because nobody points to it: what the reader of a kind leaves, [`rest`] reads as plain XML or hands
//! out as a member. Left out is what carries nothing (styles, themes, fonts, thumbnails, printer settings, signatures).

pub(super) mod flat;
mod flow;
mod gather;
mod ink;
mod properties;
mod relations;
mod rest;
mod sheets;
mod slides;
mod visio;
mod walk;
mod word;

use crate::config::Settings;
use crate::document::Kind;
use crate::finding::Fault;

use super::package::{Package, Packaged};
use super::text::TextPages;
use super::{Document, Format, Source};
use gather::{Gather, Gathered};

/// Reads Office Open XML.
pub(super) struct Ooxml;

impl Format for Ooxml {
    fn name(&self) -> &'static str {
        "ooxml"
    }

    fn version(&self) -> u32 {
        12
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["docx", "xlsx", "pptx", "vsdx", "xlsb", "opc"]
    }

    fn open<'a>(
        &'a self,
        source: Source,
        kind: &Kind,
        settings: &'a Settings,
    ) -> Result<Box<dyn Document + 'a>, Fault> {
        let package = Package::open(&source, &settings.limits)?;
        Ok(Box::new(read(package, kind.as_str(), Vec::new(), settings)))
    }
}

/// Reads a package as a document of a kind. `faults` are those that were met before.
fn read(package: Package, kind: &str, mut faults: Vec<Fault>, settings: &Settings) -> Packaged {
    let mut gather = Gather::new(&package, settings);
    match kind {
        "docx" => word::read(&mut gather),
        "xlsx" | "xlsb" => sheets::read(&mut gather),
        "pptx" => slides::read(&mut gather),
        "vsdx" => visio::read(&mut gather),
        _ => {}
    }
    let named = relations::named(&mut gather);
    rest::read(&mut gather, &named.shown);
    named.links(&mut gather);
    properties::read(&mut gather);
    let Gathered { parts, faults: found, members, drawn } = gather.done();
    faults.extend(found);
    let pages = TextPages::of_parts(parts, faults, settings).unpacked();
    Packaged { pages, package, members, drawn }
}

#[cfg(test)]
mod tests;
