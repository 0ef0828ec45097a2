//! Word 97 to 2003 and WPS Writer; the text of Word 6 and 95.
//!
//! Headers stand at the head of each page that the document itself ends (breaks of pages and sections), footers at its foot.
//! Footnotes, comments and text boxes are pages of their own. Codes of fields are dropped but for addresses of links.

mod deleted;
mod fib;
mod pictures;
mod story;

use crate::config::Settings;
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};
use crate::format::text::{Part, TextPages};
use crate::format::{Document, Format, Source};

use super::compound::Compound;
use super::{Gathered, drawing, object, properties, secured, vba};
use fib::{Fib, Story};

/// Reads Word documents.
pub(in crate::format) struct Doc;

impl Format for Doc {
    fn name(&self) -> &'static str {
        "doc"
    }

    fn version(&self) -> u32 {
        8
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["doc"]
    }

    fn prepare(&self, settings: &Settings) -> anyhow::Result<()> {
        secured::prepare(settings)
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let file = Compound::open(&source, settings)?;
        let mut faults: Vec<Fault> = file.fault().into_iter().chain(secured::rights(&file)).collect();
        let main = file.stream("WordDocument", &mut faults).unwrap_or_default();
        let fib = Fib::of(&main).ok_or_else(|| Fault::whole(FaultReason::Damaged, "the document has no header"))?;
        if fib.encrypted {
            return secured::opened(&source, settings, "the Word document needs a password").map(boxed);
        }
        faults.extend(fib.damage());
        let table = file.stream(fib.table, &mut faults).unwrap_or_default();
        let characters = fib.characters(&main, &table, settings, &mut faults);
        let drawn = pictures::of_document(&fib, &main, &table);
        faults.extend(drawn.zeroed.then(|| Fault::whole(FaultReason::Damaged, "a part of the drawings is zeros")));
        let mut parts = story::pages(&fib, &characters, &table, &drawn.texts, settings.limits.content_text_bytes);
        let boxes = |label: &str, text: String| Part { label: Some(label.to_owned()), text };
        parts.push(boxes("headers of further sections", story::further(&fib, &characters, &table)));
        for (story, label) in [
            (Story::Boxes, "text boxes"),
            (Story::Footnotes, "footnotes"),
            (Story::Endnotes, "endnotes"),
            (Story::Comments, "comments"),
        ] {
            parts.push(boxes(label, story::text(&characters, fib.range(story))));
        }
        parts.push(boxes("authors of comments", fib.comment_authors(&table)));
        parts.extend(vba::parts(&file, settings.limits.content_text_bytes, &mut faults));
        parts.push(properties::part_of(&file, &mut faults));
        let data = file.stream("Data", &mut faults).unwrap_or_default();
        let mut pictures = drawn.pictures;
        let inline = pictures::inline(&data);
        let told: String = inline.texts.iter().flat_map(|text| [text.as_str(), "\n"]).collect();
        parts.push(boxes("descriptions of pictures", told));
        pictures.extend(inline.pictures);
        faults.extend(Fib::old_pictures(&characters));
        let mut members: Vec<_> = drawing::named(pictures).collect();
        if let Some(pool) = file.find(super::compound::ROOT, "ObjectPool") {
            let ids = (1..).zip(file.children(pool).filter(|id| file.entry(*id).storage));
            members.extend(ids.filter_map(|(n, id)| object::embedded(&file, id, &format!("object {n}"))));
        }
        let pages = TextPages::of_parts(parts, faults, settings).unpacked();
        Ok(boxed(Gathered { pages, members, remarks: Vec::new() }))
    }
}

fn boxed<'a>(document: Gathered) -> Box<dyn Document + 'a> {
    Box::new(document)
}

#[cfg(test)]
mod tests;
