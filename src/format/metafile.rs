//! Metafiles of Windows (EMF, WMF): their texts are a page, bitmaps in them documents inside.
//!
//! Texts are joined to lines by where they stand. Curves and outlines may be letters that nobody wrote as text: a drawing
//! with many of them is a fault, for it is not rendered.

mod emf;
mod lines;
mod wmf;

use crate::config::Settings;
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};

use super::ole::{Gathered, Inside};
use super::text::{Part, TextPages, read_whole};
use super::{Document, Format, Source};
use lines::Lines;

/// Curves and outlines of many corners from which on a drawing may be writing. A chart or a logo has fewer.
const OUTLINES: usize = 60;

/// Reads metafiles.
pub(super) struct Metafile;

/// What a metafile holds.
#[derive(Default)]
struct Read {
    lines: Lines,
    pictures: Vec<(Vec<u8>, &'static str)>,
    /// Curves and outlines of many corners.
    outlines: usize,
    /// Texts whose characters are numbers of glyphs.
    glyphs: usize,
    /// Drawings of the newer kind that are not looked into.
    newer: usize,
    damaged: bool,
}

impl Format for Metafile {
    fn name(&self) -> &'static str {
        "metafile"
    }

    fn version(&self) -> u32 {
        1
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["emf", "wmf"]
    }

    fn open<'a>(
        &'a self,
        source: Source,
        kind: &Kind,
        settings: &'a Settings,
    ) -> Result<Box<dyn Document + 'a>, Fault> {
        let bytes = read_whole(&source, settings, "a metafile")?;
        let read = if kind.as_str() == "emf" { emf::read(&bytes) } else { wmf::read(&bytes) };
        let faults = read.faults();
        let parts = vec![Part { label: None, text: read.lines.text() }];
        let name = |(number, (bytes, ending)): (usize, (Vec<u8>, &str))| {
            Inside::new(format!("picture {number}.{ending}"), bytes)
        };
        let members = (1..).zip(read.pictures).map(name).collect();
        Ok(Box::new(Gathered { pages: TextPages::of_parts(parts, faults, settings), members, remarks: Vec::new() }))
    }
}

impl Read {
    fn faults(&self) -> Vec<Fault> {
        let drawn = format!("the drawing has {} outlines that may be letters; it is not rendered", self.outlines);
        let glyphs = format!("{} texts of the drawing are numbers of glyphs and no characters", self.glyphs);
        let newer = "parts of the drawing are made in a newer way (EMF+) that is not read".to_owned();
        let faults = [
            (self.damaged, FaultReason::Damaged, "the metafile is cut short".to_owned()),
            (self.outlines >= OUTLINES, FaultReason::UnreadableImage, drawn),
            (self.glyphs > 0, FaultReason::UnreadableImage, glyphs),
            (self.newer > 0, FaultReason::UnreadableImage, newer),
        ];
        let faults = faults.into_iter().filter(|(holds, _, _)| *holds);
        faults.map(|(_, reason, detail)| Fault::whole(reason, detail)).collect()
    }
}

#[cfg(test)]
mod tests;
