//! Compound files that are no known document: what embedded objects are made of. The file in a package is a document inside; one
//! that only says how something is shown holds nothing; anything else is not read, and a fault.

use std::collections::BTreeSet;

use crate::config::Settings;
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};
use crate::format::text::{Part, TextPages};
use crate::format::{Document, Format, Source};

use super::bytes::{part, short, size, utf16};
use super::compound::ROOT;
use super::object::{self, is_manner};
use super::{Compound, Gathered, Inside, vba};

/// Reads compound files that no other format reads.
pub(in crate::format) struct Any;

/// Streams of controls and macros, and properties of a document, in small letters: they hold no document.
const NOTHING: &[&str] =
    &["\u{5}summaryinformation", "\u{5}documentsummaryinformation", "compobj", "project", "projectwm", "vba"];

/// The list of a folder's pictures beside their thumbnails (`Thumbs.db`).
const CATALOG: &str = "Catalog";

/// Bytes before the entries of this list, which begins with that number.
const CATALOG_HEAD: usize = 16;

/// Bytes before a thumbnail: how long they are, which one it is, and how long it is.
const HEADS: std::ops::RangeInclusive<usize> = 12..=64;

/// Whether a stream is called as a thumbnail is: by its number, or by its size and a hash.
fn is_thumbnail(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'_')
}

/// The picture behind the head of a thumbnail; none of what is another kind of picture.
fn picture_in(stream: &[u8]) -> Option<&[u8]> {
    let head = size(stream, 0).filter(|head| HEADS.contains(head))?;
    stream.get(head..).filter(|picture| picture.starts_with(b"\xff\xd8\xff"))
}

/// The names in the list of pictures, and whether it is nothing but that: behind a head there are entries, each with its length, its
/// number and the time of its file.
fn names_of_catalog(stream: &[u8]) -> (String, bool) {
    let mut names = String::new();
    let mut at = CATALOG_HEAD;
    while let Some(length) = size(stream, at).filter(|length| *length >= 16) {
        names.extend([utf16(part(stream, at.saturating_add(16), length - 16)).trim(), "\n"]);
        at = at.saturating_add(length);
    }
    (names, short(stream, 0) == Some(CATALOG_HEAD) && at == stream.len())
}

impl Format for Any {
    fn name(&self) -> &'static str {
        "ole"
    }

    fn version(&self) -> u32 {
        6
    }

    fn sequential(&self) -> bool {
        false
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["ole"]
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let file = Compound::open(&source, settings)?;
        let mut faults: Vec<Fault> = file.fault().into_iter().collect();
        let mut members: Vec<_> = object::packed_in(&file, ROOT, "content").into_iter().collect();
        let is_package = !members.is_empty();
        let mut parts = vba::parts(&file, settings.limits.content_text_bytes, &mut faults);
        let mut read = BTreeSet::new();
        let thumbnails = file.children(ROOT).filter(|id| !file.entry(*id).storage);
        for (id, name) in thumbnails.map(|id| (id, &file.entry(id).name)) {
            if name == CATALOG {
                let (bytes, is_whole) = file.read(id);
                let (names, is_catalog) = names_of_catalog(&bytes);
                parts.push(Part { label: Some("names of pictures".to_owned()), text: names });
                if is_whole && is_catalog {
                    read.insert(id);
                }
            } else if is_thumbnail(name)
                && let (bytes, true) = file.read(id)
                && let Some(picture) = picture_in(&bytes)
            {
                members.push(Inside::new(format!("thumbnail {name}.jpg"), picture.to_vec()));
                read.insert(id);
            }
        }
        // A packed file says nothing of what else there is.
        let packed = |name: &str| is_package && object::is_packed(name);
        let nothing = |name: &str| is_manner(name) || packed(name) || NOTHING.contains(&name.to_lowercase().as_str());
        let unread: Vec<String> = file
            .children(ROOT)
            .filter(|id| !read.contains(id))
            .map(|id| file.entry(id).name.clone())
            .filter(|name| !nothing(name))
            .map(|name| name.chars().filter(|c| !c.is_control()).take(40).collect())
            .collect();
        if !unread.is_empty() {
            let detail =
                format!("no reader for what is in this compound file: {}", unread[..unread.len().min(5)].join(", "));
            faults.push(Fault::whole(FaultReason::Unsupported, detail));
        }
        let pages = TextPages::of_parts(parts, faults, settings).unpacked();
        Ok(Box::new(Gathered { pages, members, remarks: Vec::new() }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::object::{compound, packed};
    use super::*;
    use crate::format::test_support::{members, open, settings, texts};

    #[test]
    fn a_packed_file_is_handed_out_and_what_nobody_reads_is_a_fault() {
        let settings = settings();
        let native = [&[9, 0, 0, 0], packed("secret.txt", b"TOP SECRET").as_slice()].concat();
        let held = compound(&[("\u{1}Ole10Native", native.as_slice()), ("\u{1}CompObj", b"x")]);
        let document = open(&held, &settings).expect("opens");
        assert_eq!(members(&*document), [("secret.txt".to_owned(), Ok(b"TOP SECRET".to_vec()))]);
        assert_eq!(document.faults(), []);
        let shown = compound(&[("\u{1}Ole", b"x".as_slice()), ("\u{3}ObjInfo", b"y")]);
        let document = open(&shown, &settings).expect("opens");
        assert!(document.faults().is_empty() && !document.has_members());
        let both = compound(&[("\u{1}Ole10Native", native.as_slice()), ("Contents of a plan", b"TOP SECRET")]);
        let document = open(&both, &settings).expect("opens");
        assert_eq!(members(&*document).len(), 1);
        assert!(document.faults()[0].detail.contains("Contents of a plan"));
        let odd = compound(&[("Contents of a plan", b"TOP SECRET".as_slice())]);
        let faults = open(&odd, &settings).expect("opens").faults();
        assert!(faults[0].detail.contains("Contents of a plan") && faults[0].reason == FaultReason::Unsupported);
    }

    #[test]
    fn thumbnails_of_a_folder_are_pictures_and_what_else_lies_there_is_a_fault() {
        let settings = settings();
        let picture = b"\xff\xd8\xff\xe0 a picture";
        let stream = [&[12, 0, 0, 0, 1, 0, 0, 0, 15, 0, 0, 0], picture.as_slice()].concat();
        let name: Vec<u8> = "绝密 plan.jpg\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let length = u32::try_from(16 + name.len()).expect("short").to_le_bytes();
        let entry = [length.as_slice(), &[1, 0, 0, 0], &[0; 8], &name].concat();
        let catalog = [&[16, 0, 7, 0], [0; 12].as_slice(), &entry].concat();
        let thumbs = compound(&[("1", stream.as_slice()), ("256_9f0ac1", &stream), ("Catalog", &catalog)]);
        let document = open(&thumbs, &settings).expect("opens");
        assert_eq!(document.faults(), []);
        let names: Vec<String> = members(&*document).into_iter().map(|member| member.0).collect();
        assert_eq!(names, ["thumbnail 1.jpg", "thumbnail 256_9f0ac1.jpg"]);
        assert_eq!(texts(&*document), [(Some("names of pictures".to_owned()), "绝密 plan.jpg\n".to_owned())]);
        let odd = compound(&[("1", b"\x0c\0\0\0 no picture".as_slice()), ("Catalog", &catalog)]);
        assert_eq!(open(&odd, &settings).expect("opens").faults()[0].reason, FaultReason::Unsupported);
        // What is called as the list is, or as a thumbnail, and is something else.
        let secret: Vec<u8> = "TOP SECRET".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let other = [[0; 4].as_slice(), &secret].concat();
        let more = [catalog.as_slice(), &secret].concat();
        let long_head = [&[36, 0, 7, 0], [0; 12].as_slice(), &secret, &entry].concat();
        for (name, held) in [
            ("Catalog", [("Catalog", other.as_slice())].as_slice()),
            ("Catalog", &[("Catalog", &more)]),
            ("Catalog", &[("Catalog", &long_head)]),
            ("Catalog", &[("Catalog", &catalog[..catalog.len() - 2])]),
            ("1", &[("1/plan", &secret), ("Catalog", &catalog)]),
        ] {
            let held = compound(held);
            let faults = open(&held, &settings).expect("opens").faults();
            let told = |fault: &crate::finding::Fault| {
                fault.reason == FaultReason::Unsupported && fault.detail.ends_with(&format!(": {name}"))
            };
            assert!(matches!(&faults[..], [fault] if told(fault)), "{faults:?}");
        }
        // A storage of the same name as a thumbnail.
        let mut thumbs = compound(&[("1", stream.as_slice()), ("2/plan", &secret)]);
        let names: Vec<usize> =
            (0..thumbs.len()).step_by(128).filter(|at| thumbs[*at..].starts_with(b"2\0\0")).collect();
        assert_eq!(names.len(), 1);
        thumbs[names[0]] = b'1';
        let document = open(&thumbs, &settings).expect("opens");
        assert_eq!((members(&*document).len(), document.faults().len()), (1, 1));
    }

    #[test]
    fn the_macros_of_a_project_are_pages() {
        let settings = settings();
        let module = vba::packed(b"Attribute VB_Name = \"Module1\"\r\nMsgBox \"TOP SECRET\"\r\n");
        let project = compound(&[("VBA/Module1", module.as_slice()), ("VBA/dir", b"x"), ("PROJECT", b"y")]);
        let document = open(&project, &settings).expect("opens");
        assert_eq!(texts(&*document), [(Some("macros \"Module1\"".to_owned()), "MsgBox \"TOP SECRET\"".to_owned())]);
        assert_eq!(document.faults(), []);
    }
}
