//! Hangul documents (HWP 5): sections of records in packed streams. Headers stand first in the text of their section,
//! footers last; pictures and objects are documents inside. HWP 3 and encrypted ones are faults.

use crate::config::Settings;
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};
use crate::format::text::{Part, TextPages, unreadable};
use crate::format::{Document, Format, Source};

use super::compound::{Compound, ROOT};
use super::{Content, Gathered, Inside, bytes, properties};

/// A paragraph's characters.
const TEXT: u32 = 67;

/// What is put into a paragraph: a table, a header, a note.
const CONTROL: u32 = 71;

/// Flags of the header of the file.
const PACKED: u32 = 1;
const PASSWORD: u32 = 2;
const DISTRIBUTED: u32 = 4;
const RIGHTS: u32 = 16;

/// What the header of the file begins with.
const MARK: &[u8] = b"HWP Document File";

/// Reads Hangul documents.
pub(in crate::format) struct Hwp;

impl Format for Hwp {
    fn name(&self) -> &'static str {
        "hwp"
    }

    fn version(&self) -> u32 {
        6
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["hwp"]
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let head = source.head(4).map_err(|error| unreadable(&error))?;
        if head == b"HWP " {
            return Err(Fault::whole(FaultReason::Unsupported, "documents of Hangul 3 are not read"));
        }
        let file = Compound::open(&source, settings)?;
        let mut faults: Vec<Fault> = file.fault().into_iter().collect();
        let header = file.stream("FileHeader", &mut faults).unwrap_or_default();
        if !header.starts_with(MARK) {
            // Without its flags nobody knows whether the rest is packed or locked.
            let detail = "the header of the Hangul document does not begin like one";
            faults.push(Fault::whole(FaultReason::Damaged, detail));
        }
        let flags = bytes::u32(&header, 36).unwrap_or_default();
        if flags & (PASSWORD | RIGHTS) != 0 {
            return Err(Fault::whole(FaultReason::Encrypted, "the Hangul document needs a password"));
        }
        let mut parts = Vec::new();
        if flags & DISTRIBUTED != 0 {
            // Its text is scrambled, and only the beginning stands open.
            faults.push(Fault::whole(FaultReason::Encrypted, "the Hangul document is locked for distribution"));
        } else {
            let found = sections(&file, flags & PACKED != 0, settings, &mut faults);
            parts.extend(found.into_iter().map(|text| Part { label: None, text }));
        }
        if parts.iter().all(|part| part.text.trim().is_empty()) {
            let preview = file.stream("PrvText", &mut faults).unwrap_or_default();
            parts.push(Part { label: Some("preview".to_owned()), text: bytes::utf16(&preview) });
        }
        parts.push(properties::part_of(&file, &mut faults));
        let members = members(&file, flags & PACKED != 0, settings.limits.repair_bytes);
        let pages = TextPages::of_parts(parts, faults, settings).unpacked();
        Ok(Box::new(Gathered { pages, members, remarks: Vec::new() }))
    }
}

/// The texts of the sections, in order.
fn sections(file: &Compound, packed: bool, settings: &Settings, faults: &mut Vec<Fault>) -> Vec<String> {
    let damaged = |detail: &str| Fault::whole(FaultReason::Damaged, detail);
    let Some(body) = file.find(ROOT, "BodyText") else {
        faults.push(damaged("the Hangul document has no text"));
        return Vec::new();
    };
    let number =
        |id: &usize| file.entry(*id).name.trim_start_matches(|c: char| !c.is_ascii_digit()).parse::<u32>().ok();
    let mut ids: Vec<usize> = file.children(body).collect();
    ids.sort_by_key(number);
    let mut room = settings.limits.content_text_bytes;
    let mut texts = Vec::new();
    for id in ids {
        let (stream, whole) = file.read(id);
        let limit = settings.limits.repair_bytes;
        let (stream, end) = if packed { inflated(&stream, limit) } else { (stream, true) };
        if !whole || !end {
            faults.push(damaged("a section of the Hangul document is damaged"));
        }
        let (text, zeroed) = section(&stream, room);
        if zeroed {
            faults.push(damaged("a part of a section of the Hangul document is zeros"));
        }
        room = room.saturating_sub(text.len());
        if room == 0 {
            let limit = settings.limits.content_text_bytes;
            faults.push(Fault::limit("content_text_bytes", limit, "the text of the document"));
        }
        texts.push(text);
    }
    texts
}

/// What packed bytes hold, and whether that is all.
fn inflated(packed: &[u8], limit: usize) -> (Vec<u8>, bool) {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    let read = flate2::read::DeflateDecoder::new(packed).take(limit as u64).read_to_end(&mut bytes);
    let whole = read.is_ok() && bytes.len() < limit;
    (bytes, whole)
}

/// The text of a section: headers, body, footers; and whether zeros took the place of records or of characters.
fn section(stream: &[u8], room: usize) -> (String, bool) {
    let (mut head, mut body, mut foot) = (String::new(), String::new(), String::new());
    // The header or footer that is being read, and how deep it stands.
    let mut inside: Option<(bool, u32)> = None;
    let (mut at, mut zeroed) = (0_usize, false);
    while let Some(lead) = bytes::u32(stream, at) {
        let (kind, level) = (lead & 0x3ff, lead >> 10 & 0x3ff);
        let long = lead >> 20 == 0xfff;
        let length = if long { bytes::size(stream, at + 4).unwrap_or_default() } else { (lead >> 20) as usize };
        at += if long { 8 } else { 4 };
        let record = bytes::part(stream, at, length);
        at = at.saturating_add(length);
        zeroed |= lead == 0;
        if inside.is_some_and(|(_, depth)| level <= depth) {
            inside = None;
        }
        match kind {
            CONTROL if record.starts_with(b"daeh") => inside = Some((true, level)),
            CONTROL if record.starts_with(b"toof") => inside = Some((false, level)),
            TEXT => {
                let target = match inside {
                    Some((true, _)) => &mut head,
                    Some((false, _)) => &mut foot,
                    None => &mut body,
                };
                let (text, zeros) = paragraph(record);
                zeroed |= zeros > 0;
                *target += &text;
                target.push('\n');
            }
            _ => {}
        }
        if head.len() + body.len() + foot.len() > room {
            break;
        }
    }
    ([head, body, foot].concat(), zeroed)
}

/// The characters of a paragraph; what is put into it takes eight units. And how many are zeros: this
/// format reserves them, and no program writes one.
fn paragraph(record: &[u8]) -> (String, usize) {
    let units = bytes::units(record);
    let (mut kept, mut at, mut zeros) = (Vec::new(), 0, 0);
    while let Some(unit) = units.get(at).copied() {
        at += 1;
        match unit {
            9 => {
                kept.push(9);
                at += 7;
            }
            10 | 13 => kept.push(10),
            24 => kept.push(u16::from(b'-')),
            30 | 31 => kept.push(32),
            0 => zeros += 1,
            25..=29 => {}
            1..=23 => at += 7,
            _ => kept.push(unit),
        }
    }
    (String::from_utf16_lossy(&kept).trim_end().to_owned(), zeros)
}

/// Pictures and objects.
fn members(file: &Compound, packed: bool, limit: usize) -> Vec<Inside> {
    let is_object = |name: &str| name.to_ascii_lowercase().ends_with(".ole");
    let Some(storage) = file.find(ROOT, "BinData") else { return Vec::new() };
    let mut room = limit;
    let inside = |id: usize| {
        let bytes = file.read(id).0;
        let name = file.entry(id).name.clone();
        let content = match (is_object(&name), packed) {
            // An object begins with its size.
            (true, true) => {
                let (object, _) = inflated(&bytes, room);
                room -= object.len();
                Content::Bytes(object.get(4..).unwrap_or_default().to_vec())
            }
            (true, false) => Content::Bytes(bytes.get(4..).unwrap_or_default().to_vec()),
            (false, true) => Content::Deflated(bytes),
            (false, false) => Content::Bytes(bytes),
        };
        Inside { name, content }
    };
    file.children(storage).filter(|id| !file.entry(*id).storage).map(inside).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;
    use crate::format::ole::object::compound;
    use crate::format::test_support::{members, open, settings, texts};

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut packed = Vec::new();
        flate2::read::DeflateEncoder::new(bytes, flate2::Compression::fast()).read_to_end(&mut packed).expect("packed");
        packed
    }

    fn record(kind: u32, level: u32, body: &[u8]) -> Vec<u8> {
        let lead = kind | level << 10 | u32::try_from(body.len()).expect("short") << 20;
        [&lead.to_le_bytes(), body].concat()
    }

    fn text(level: u32, text: &str) -> Vec<u8> {
        record(TEXT, level, &text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>())
    }

    fn document(flags: u8) -> Vec<u8> {
        let mut header = MARK.to_vec();
        header.resize(256, 0);
        header[36] = flags;
        let section = [
            text(1, "body 기밀\r"),
            record(CONTROL, 1, b"toof"),
            text(3, "foot"),
            record(CONTROL, 1, b"daeh"),
            text(3, "head SECRET"),
            text(1, "last"),
        ];
        compound(&[
            ("\u{5}HwpSummaryInformation", b"".as_slice()),
            ("FileHeader", &header),
            ("BodyText/Section0", &packed(&section.concat())),
            ("BinData/BIN0001.png", &packed(b"\x89PNG\r\n\x1a\n")),
            ("PrvText", b"p\0"),
        ])
    }

    #[test]
    fn a_marking_is_read_wherever_it_stands() {
        let settings = settings();
        let document = open(&document(1), &settings).expect("opens");
        assert_eq!(document.faults(), []);
        assert_eq!(texts(&*document)[0].1, "head SECRET\nbody 기밀\nlast\nfoot\n");
        assert_eq!(members(&*document)[0].1, Ok(b"\x89PNG\r\n\x1a\n".to_vec()));
    }

    #[test]
    fn locked_documents_are_encrypted() {
        let settings = settings();
        assert_eq!(open(&document(3), &settings).map(|_| ()).expect_err("closed").reason, FaultReason::Encrypted);
        let locked = open(&document(5), &settings).expect("opens");
        assert_eq!((locked.faults()[0].reason, texts(&*locked)[0].1.as_str()), (FaultReason::Encrypted, "p"));
    }

    #[test]
    fn what_was_zeroed_is_damaged() {
        let settings = settings();
        let whole = {
            let section = [text(1, "body 기밀"), text(1, "last")].concat();
            let mut header = MARK.to_vec();
            header.resize(256, 0);
            (header, section)
        };
        let faults = |header: &[u8], section: &[u8]| {
            let file = compound(&[
                ("\u{5}HwpSummaryInformation", b"".as_slice()),
                ("FileHeader", header),
                ("BodyText/Section0", section),
            ]);
            let reasons = open(&file, &settings).expect("opens").faults();
            reasons.into_iter().map(|fault| fault.reason).collect::<Vec<_>>()
        };
        assert_eq!(faults(&whole.0, &whole.1), []);
        // Characters, and whole records; without its header nobody knows what is packed.
        for zeroed in [4..10, 0..4 + 2 * 7] {
            let mut section = whole.1.clone();
            section[zeroed].fill(0);
            assert_eq!(faults(&whole.0, &section), [FaultReason::Damaged]);
        }
        assert_eq!(faults(&[0; 256], &packed(&whole.1))[0], FaultReason::Damaged);
    }
}
