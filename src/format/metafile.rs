//! Metafiles of Windows (EMF, WMF): their texts are a page, bitmaps in them documents inside.
//!
//! Texts are joined to lines by where they stand. Curves and outlines may be letters that nobody wrote as text: those of a drawing
//! that has some are put on paper, and that picture is a document inside, for OCR to read.

mod emf;
mod lines;
mod pen;
mod wmf;

use crate::config::Settings;
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};

use super::ole::{Content, Gathered, Inside};
use super::text::{Part, TextPages, read_whole};
use super::{Document, Format, Source, behind};
use lines::Lines;
use pen::Pen;

/// Reads metafiles.
pub(super) struct Metafile;

/// What a metafile holds.
#[derive(Default)]
struct Read {
    lines: Lines,
    pictures: Vec<(Vec<u8>, &'static str)>,
    /// Outlines and curves.
    pen: Pen,
    /// Texts whose characters are numbers of glyphs.
    glyphs: usize,
    /// Drawings of the newer kind that are not looked into.
    newer: usize,
    damaged: bool,
    /// Zeros stand for characters of a text.
    zeroed: bool,
    /// One past its last record.
    end: usize,
}

impl Format for Metafile {
    fn name(&self) -> &'static str {
        "metafile"
    }

    fn version(&self) -> u32 {
        7
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
        let limits = &settings.limits;
        let read = if kind.as_str() == "emf" { emf::read(&bytes, limits) } else { wmf::read(&bytes, limits) };
        let mut faults = read.faults();
        // Of one that is cut short the rest is told already.
        let end = if read.damaged { bytes.len() } else { read.end };
        faults.extend(behind::fault_past(&source, end as u64));
        let parts = vec![Part { label: None, text: read.lines.text() }];
        let name = |(number, (bytes, ending)): (usize, (Vec<u8>, &str))| {
            Inside::new(format!("picture {number}.{ending}"), bytes)
        };
        let mut members: Vec<Inside> = (1..).zip(read.pictures).map(name).collect();
        if read.pen.drawing.outlines.may_be_letters() {
            let content = read.pen.drawing.picture(limits).map_or_else(Content::Fault, Content::Bytes);
            members.push(Inside { name: "drawn shapes.png".to_owned(), content });
        }
        Ok(Box::new(Gathered { pages: TextPages::of_parts(parts, faults, settings), members, remarks: Vec::new() }))
    }
}

impl Read {
    fn faults(&self) -> Vec<Fault> {
        let glyphs = format!("{} texts of the drawing are numbers of glyphs and no characters", self.glyphs);
        let newer = "parts of the drawing are made in a newer way (EMF+) that is not read".to_owned();
        let faults = [
            (self.damaged, FaultReason::Damaged, "the metafile is cut short".to_owned()),
            (self.zeroed, FaultReason::Damaged, "texts of the metafile were zeroed".to_owned()),
            (self.glyphs > 0, FaultReason::UnreadableImage, glyphs),
            (self.newer > 0, FaultReason::UnreadableImage, newer),
        ];
        let faults = faults.into_iter().filter(|(holds, _, _)| *holds);
        faults.map(|(_, reason, detail)| Fault::whole(reason, detail)).collect()
    }
}

#[cfg(test)]
mod tests;
