//! The texts of slides, notes and masters.

use super::super::bytes::{latin, u16, units, utf16};
use super::super::drawing;
use super::super::records::{Record, flat, siblings};
use crate::format::zeros::is_zeroed as has_zeros;

const DRAWING: u16 = 0x040c;
const PLACEHOLDER: u16 = 0x0bc3;
const OUTLINE_REFERENCE: u16 = 0x0f9e;
const TEXT_HEADER: u16 = 0x0f9f;
const WIDE_TEXT: u16 = 0x0fa0;
const NARROW_TEXT: u16 = 0x0fa8;
const STRING: u16 = 0x0fba;
const LINK: u16 = 0x0fd7;
const FOOTERS: u16 = 0x0fd9;
const COMMENT: u16 = 0x2ee0;
const SHAPE: u16 = 0xf004;
const PROPERTIES: [u16; 3] = [0xf00b, 0xf121, 0xf122];

/// Placeholders of date, number, footer and header: what stands in them on a master is no prompt.
const FRAME: std::ops::RangeInclusive<u8> = 7..=10;

/// The text of an atom of text.
fn atom(record: &Record) -> Option<String> {
    let text = match record.kind {
        WIDE_TEXT | STRING => utf16(record.body),
        NARROW_TEXT => latin(record.body),
        _ => return None,
    };
    Some(text.replace(['\r', '\u{b}'], "\n"))
}

/// A text as lines; none of blank ones and of the stars that stand for numbers and dates.
fn lines(text: &str) -> Option<String> {
    let text = text.trim_end();
    (!text.trim().is_empty() && text.trim() != "*").then(|| format!("{text}\n"))
}

/// The texts that a list has of a slide, each beginning with its header.
fn outlines(records: &[Record]) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for record in records {
        if record.kind == TEXT_HEADER {
            texts.push(String::new());
        } else if let (Some(text), Some(last)) = (atom(record), texts.last_mut()) {
            *last += &text;
        }
    }
    texts
}

/// The texts of a slide that cannot be found.
pub(super) fn outline(records: &[Record]) -> String {
    outlines(records).iter().filter_map(|text| lines(text)).collect()
}

/// A slide or page of notes: its shapes, comments, and footers last.
pub(super) fn slide(slide: &Record, outline: &[Record], footers: &[String]) -> String {
    let mut outlines: Vec<Option<String>> = outlines(outline).into_iter().map(Some).collect();
    let mut text = String::new();
    for part in siblings(slide.body).filter(|part| part.kind == DRAWING) {
        for record in flat(part.body) {
            match record.kind {
                OUTLINE_REFERENCE => {
                    let index = u16(record.body, 0).map(usize::from);
                    let outline = index.and_then(|index| outlines.get_mut(index)).and_then(Option::take);
                    text.extend(outline.and_then(|outline| lines(&outline)));
                }
                kind if PROPERTIES.contains(&kind) => {
                    text.extend(drawing::texts(&record).iter().filter_map(|text| lines(text)));
                }
                _ => text.extend(atom(&record).and_then(|atom| lines(&atom))),
            }
        }
    }
    text.extend(outlines.into_iter().flatten().filter_map(|outline| lines(&outline)));
    for comment in flat(slide.body).filter(|record| record.kind == COMMENT) {
        let strings: Vec<String> = siblings(comment.body).filter_map(|record| atom(&record)).collect();
        if let [author, said, ..] = &strings[..] {
            text.extend(["comment (", author, "): ", said, "\n"]);
        }
    }
    let own = footers_in(slide);
    let foot = if own.is_empty() { footers } else { &own };
    text.extend(foot.iter().filter_map(|line| lines(line)));
    text
}

/// The headers and footers of a presentation.
pub(super) fn footers(document: &Record) -> Vec<String> {
    footers_in(document)
}

fn footers_in(container: &Record) -> Vec<String> {
    let sets = siblings(container.body).filter(|record| record.kind == FOOTERS);
    let mut all: Vec<String> = Vec::new();
    for line in sets.flat_map(|set| siblings(set.body)).filter_map(|record| atom(&record)) {
        if !all.contains(&line) && lines(&line).is_some() {
            all.push(line);
        }
    }
    all
}

/// What a master writes on every slide: its shapes without placeholders that only prompt.
pub(super) fn fixed(master: &Record) -> String {
    let mut text = String::new();
    for part in siblings(master.body).filter(|part| part.kind == DRAWING) {
        let records: Vec<Record> = flat(part.body).collect();
        for shape in records.chunk_by(|_, next| next.kind != SHAPE) {
            let placeholder = shape.iter().find(|record| record.kind == PLACEHOLDER);
            let kind = placeholder.and_then(|record| record.body.get(4).copied());
            if kind.is_some_and(|kind| !FRAME.contains(&kind)) {
                continue;
            }
            for record in shape {
                if PROPERTIES.contains(&record.kind) {
                    text.extend(drawing::texts(record).iter().filter_map(|text| lines(text)));
                } else {
                    text.extend(atom(record).and_then(|atom| lines(&atom)));
                }
            }
        }
    }
    text.extend(footers_in(master).iter().filter_map(|line| lines(line)));
    text
}

/// Addresses of links.
pub(super) fn links(document: &Record) -> String {
    let links = flat(document.body).filter(|record| record.kind == LINK);
    links.flat_map(|link| siblings(link.body)).filter_map(|record| lines(&atom(&record)?)).collect()
}

/// Whether zeros took the place of records or of characters, which are never zero.
pub(super) fn is_zeroed(stream: &[u8]) -> bool {
    flat(stream).any(|record| match record.kind {
        WIDE_TEXT => units(record.body).contains(&0),
        NARROW_TEXT => record.body.contains(&0),
        STRING => has_zeros(&units(record.body)),
        kind if PROPERTIES.contains(&kind) => drawing::is_text_zeroed(&record),
        _ => record.is_zeroed(),
    })
}

/// All texts, whatever they are part of.
pub(super) fn everything(body: &[u8]) -> String {
    flat(body).filter_map(|record| lines(&atom(&record)?)).collect()
}
