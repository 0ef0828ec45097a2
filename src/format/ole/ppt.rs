//! `PowerPoint` 97 to 2003 and WPS Presentation: slides in their order, hidden ones too, each with its notes behind it.
//!
//! Footers stand at the foot of each slide. Of masters, what is written on every slide is kept, and prompts are not.

mod persist;
mod text;

use std::collections::BTreeSet;

use crate::config::Settings;
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};
use crate::format::text::{Part, TextPages};
use crate::format::{Document, Format, Source};

use super::compound::Compound;
use super::records::{Record, siblings};
use super::{Content, Gathered, Inside, bytes, drawing, object, properties, secured};
use persist::Persist;

const DOCUMENT: u16 = 0x03e8;
const SLIDE: u16 = 0x03ee;
const SLIDE_INFO: u16 = 0x03f9;
const NOTES: u16 = 0x03f0;
const NOTES_ATOM: u16 = 0x03f1;
const SLIDE_PERSIST: u16 = 0x03f3;
const MASTER: u16 = 0x03f8;
const HANDOUT: u16 = 0x0fc9;
const SLIDE_LIST: u16 = 0x0ff0;
const STORAGE: u16 = 0x1011;

/// Reads `PowerPoint` presentations.
pub(in crate::format) struct Ppt;

impl Format for Ppt {
    fn name(&self) -> &'static str {
        "ppt"
    }

    fn version(&self) -> u32 {
        6
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["ppt"]
    }

    fn prepare(&self, settings: &Settings) -> anyhow::Result<()> {
        secured::prepare(settings)
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let file = Compound::open(&source, settings)?;
        let mut faults: Vec<Fault> = file.fault().into_iter().chain(secured::rights(&file)).collect();
        let stream = file.stream("PowerPoint Document", &mut faults).unwrap_or_default();
        let user = file.stream("Current User", &mut faults).unwrap_or_default();
        let persist = Persist::of(&stream, &user);
        if persist.as_ref().is_some_and(|persist| persist.encrypted) {
            let opened = secured::opened(&source, settings, "the presentation needs a password")?;
            return Ok(Box::new(opened));
        }
        if persist.as_ref().is_some_and(|persist| persist.cut) {
            let detail = "the presentation was saved more often, or has more parts, than are looked at";
            faults.push(Fault::whole(FaultReason::Limit, detail));
        }
        let mut parts = match persist.as_ref().and_then(|persist| ordered(&stream, persist, settings, &mut faults)) {
            Some(parts) => parts,
            None => {
                faults.push(Fault::whole(FaultReason::Damaged, "the order of the slides is lost"));
                unordered(&stream, settings)
            }
        };
        if text::is_zeroed(&stream) {
            faults.push(Fault::whole(FaultReason::Damaged, "a part of the presentation is zeros"));
        }
        parts.push(properties::part_of(&file, &mut faults));
        let pictures = file.stream("Pictures", &mut faults).unwrap_or_default();
        let drawn = drawing::read(&pictures, &[]);
        if drawn.zeroed {
            faults.push(Fault::whole(FaultReason::Damaged, "a part of the pictures of the presentation is zeros"));
        }
        let mut members: Vec<Inside> = drawing::named(drawn.pictures).collect();
        let mut room = settings.limits.repair_bytes;
        members
            .extend((1..).zip(objects(&stream)).filter_map(|(number, content)| unpacked(number, content, &mut room)));
        let pages = TextPages::of_parts(parts, faults, settings).unpacked();
        Ok(Box::new(Gathered { pages, members, remarks: Vec::new() }))
    }
}

/// A slide or page of notes in one of the lists of the document.
struct Listed<'a> {
    persist: u32,
    id: u32,
    /// Texts that the list has of it.
    outline: Vec<Record<'a>>,
}

/// The pages of a presentation whose parts can be found.
fn ordered(stream: &[u8], persist: &Persist, settings: &Settings, faults: &mut Vec<Fault>) -> Option<Vec<Part>> {
    let document = persist.record(stream, persist.document).filter(|record| record.kind == DOCUMENT)?;
    let lists: Vec<Record> = siblings(document.body).filter(|record| record.kind == SLIDE_LIST).collect();
    let list = |instance: u16| lists.iter().filter(move |list| list.instance == instance).flat_map(|list| listed(list));
    let footers = text::footers(&document);
    let notes: Vec<(u32, Record)> = list(2)
        .filter_map(|entry| persist.record(stream, entry.persist))
        .filter(|record| record.kind == NOTES)
        .filter_map(|record| Some((notes_of(&record)?, record)))
        .collect();
    let (mut parts, mut lost, mut used) = (Vec::new(), 0_u32, 0);
    for (number, entry) in (1_u32..).zip(list(0)) {
        let Some(slide) = persist.record(stream, entry.persist).filter(|record| record.kind == SLIDE) else {
            lost += 1;
            let text = text::outline(&entry.outline);
            parts.push(Part { label: Some(format!("slide {number}")), text });
            continue;
        };
        let hidden = if is_hidden(&slide) { " (hidden)" } else { "" };
        let text = text::slide(&slide, &entry.outline, &footers);
        used += text.len();
        parts.push(Part { label: Some(format!("slide {number}{hidden}")), text });
        for (_, page) in notes.iter().filter(|(slide, _)| *slide == entry.id) {
            let text = text::slide(page, &[], &[]);
            used += text.len();
            parts.push(Part { label: Some(format!("slide {number}, notes")), text });
        }
        // What comes behind would be dropped by the limit anyway, with the same fault.
        if used > settings.limits.content_text_bytes {
            break;
        }
    }
    if lost > 0 {
        faults.push(Fault::whole(FaultReason::Damaged, format!("{lost} slides of the presentation cannot be found")));
    }
    let masters = list(1).filter_map(|entry| persist.record(stream, entry.persist));
    let fixed = fixed(masters, settings);
    parts.push(Part { label: Some("slide master".to_owned()), text: fixed });
    let handouts = persist.all(stream).filter(|record| record.kind == HANDOUT);
    parts.push(Part { label: Some("handout master".to_owned()), text: self::fixed(handouts, settings) });
    let footers: String = footers.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    parts.push(Part { label: Some("headers and footers".to_owned()), text: footers });
    parts.push(Part { label: Some("links".to_owned()), text: text::links(&document) });
    Some(parts)
}

/// The texts of pages that stand behind others, each once, until there are more than are kept.
fn fixed<'a>(pages: impl Iterator<Item = Record<'a>>, settings: &Settings) -> String {
    let (mut all, mut seen) = (String::new(), BTreeSet::new());
    for page in pages.filter(|page| seen.insert(page.body.as_ptr().addr())) {
        all.push_str(&text::fixed(&page));
        if all.len() > settings.limits.content_text_bytes {
            break;
        }
    }
    all
}

/// The pages of a presentation in the order in which they were saved, old versions among them.
fn unordered(stream: &[u8], settings: &Settings) -> Vec<Part> {
    let slides = siblings(stream).filter(|record| matches!(record.kind, SLIDE | NOTES | MASTER | DOCUMENT));
    let mut room = settings.limits.content_text_bytes;
    let text = |record: Record| {
        let text = text::everything(record.body);
        room = room.checked_sub(text.len())?;
        Some(Part { label: None, text })
    };
    slides.map_while(text).collect()
}

/// The entries of a list of slides.
fn listed<'a>(list: &Record<'a>) -> Vec<Listed<'a>> {
    let mut entries: Vec<Listed> = Vec::new();
    for record in siblings(list.body) {
        if record.kind == SLIDE_PERSIST {
            let (persist, id) = (bytes::u32(record.body, 0).unwrap_or_default(), bytes::u32(record.body, 12));
            entries.push(Listed { persist, id: id.unwrap_or_default(), outline: Vec::new() });
        } else if let Some(entry) = entries.last_mut() {
            entry.outline.push(record);
        }
    }
    entries
}

/// The slide that notes belong to.
fn notes_of(notes: &Record) -> Option<u32> {
    siblings(notes.body).find(|record| record.kind == NOTES_ATOM).and_then(|atom| bytes::u32(atom.body, 0))
}

fn is_hidden(slide: &Record) -> bool {
    let info = siblings(slide.body).find(|record| record.kind == SLIDE_INFO);
    info.and_then(|info| bytes::u16(info.body, 10)).is_some_and(|flags| flags & 4 != 0)
}

/// Embedded objects: storages, most of them packed.
fn objects(stream: &[u8]) -> Vec<Content> {
    let storages = siblings(stream).filter(|record| record.kind == STORAGE);
    let content = |record: Record| match record.instance {
        1 => Content::Packed(record.body.get(4..).unwrap_or_default().to_vec()),
        _ => Content::Bytes(record.body.to_vec()),
    };
    storages.map(content).collect()
}

/// The document in an object.
fn unpacked(number: usize, content: Content, room: &mut usize) -> Option<Inside> {
    let name = format!("object {number}");
    let bytes = match content {
        Content::Packed(packed) => {
            match crate::format::inflate::inflate(&packed, *room as u64) {
                Ok(bytes) => {
                    *room = room.saturating_sub(bytes.len());
                    bytes
                }
                // A larger one is handed out as it is; damage is found by whoever reads it.
                Err(_) => return Some(Inside { name, content: Content::Packed(packed) }),
            }
        }
        Content::Bytes(bytes) => bytes,
        other => return Some(Inside { name, content: other }),
    };
    match Compound::of(bytes.clone()) {
        Some(file) => object::embedded(&file, super::compound::ROOT, &name),
        None => Some(Inside::new(name, bytes)),
    }
}

#[cfg(test)]
mod tests;
