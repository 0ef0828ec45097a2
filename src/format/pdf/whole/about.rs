//! What a document says about itself: its information dictionary, its XMP, and its outline.
//!
//! Left out is what programs say: dates, producers, and titles that are no title.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write as _;

use hayro_syntax::Pdf;
use hayro_syntax::object::{Dict, MaybeRef, Name, Object, ObjectIdentifier, Stream, String as PdfString};

use super::streams::{self, Rules};
use super::{strings, tree};
use crate::format::xmp;

/// Entries of the information dictionary that programs write (ISO 32000-2, 14.3.3; PDF/X; Office and TeX).
const TECHNICAL: &[&str] = &[
    "CreationDate",
    "ModDate",
    "Producer",
    "Creator",
    "Trapped",
    "GTS_PDFXVersion",
    "GTS_PDFXConformance",
    "SourceModified",
    "AAPL:Keywords",
    "PXCViewerInfo",
    "Version",
];

/// Programs that write entries about themselves.
const PROGRAMS: &[&str] = &["ConTeXt.", "PTEX.", "TeX."];

/// Ends of the names of entries of a sensitivity label that hold no words.
const LABEL_NOISE: &[&str] =
    &["_SetDate", "_SiteId", "_ActionId", "_ContentBits", "_Method", "_Enabled", "_Tag", "_Owner", "_Application"];

/// Values that programs write where nobody wrote any.
const NOTHING: &[&str] = &[
    "untitled",
    "anonymous",
    "unspecified",
    "(unspecified)",
    "unknown",
    "user",
    "none",
    "author",
    "untitled document",
    "powerpoint presentation",
    "adobe photoshop pdf",
    "tcpdf",
    "文档1",
];

/// Objects that may be information dictionaries.
const CANDIDATES: usize = 2000;

/// The lines of the page `properties`: empty if nobody wrote anything but who the author is. `Err` is metadata that cannot be
/// read. `metadata` are those of parts of the document, its pictures above all.
pub(super) fn properties(
    document: &Pdf,
    rules: Rules<'_>,
    metadata: &[ObjectIdentifier],
) -> Result<String, &'static str> {
    let mut entries = information(document).ok_or("it names more dictionaries of properties than are looked at")?;
    let (own, root) = (entries.len(), tree::dictionary(document, document.xref().root_id()));
    if let Some(stream) = root.and_then(|root| root.get::<Stream<'_>>("Metadata"))
        && let Ok(data) = streams::data(&stream, rules)
    {
        // XMP that does not unpack says nothing to any viewer.
        entries.extend(xmp::entries(&data).ok_or("its metadata declare entities, or are longer than any")?);
    }
    for part in metadata.iter().filter_map(|number| document.xref().get::<Stream<'_>>(*number)) {
        if let Ok(data) = streams::data(&part, rules) {
            entries.extend(
                xmp::entries(&data).ok_or("metadata of a part of it declare entities, or are longer than any")?,
            );
        }
    }
    let mut seen = BTreeSet::new();
    let mut lines = String::new();
    let mut says = false;
    for (index, (name, value)) in entries.into_iter().enumerate() {
        let noise = index >= own && (is_noise(&name, &value) || name == "pdf:Keywords" && seen.contains(&value));
        if !noise && seen.insert(value.clone()) {
            says |= !matches!(name.as_str(), "Author" | "dc:creator");
            let _ = writeln!(lines, "{name}: {value}");
        }
    }
    Ok(if says { lines } else { String::new() })
}

/// The entries of the information dictionary; none if more are named than are looked at. The library shows those of the standard
/// only.
fn information(document: &Pdf) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    let candidates = candidates(document);
    if candidates.len() > CANDIDATES {
        return None;
    }
    for number in candidates {
        let Some(dictionary) = tree::dictionary(document, number) else { continue };
        // Any word may follow in the bytes of an attached document.
        if dictionary.get::<Name<'_>>("Type").is_some() {
            continue;
        }
        for (key, value) in dictionary.entries() {
            let text = match value {
                MaybeRef::NotRef(Object::String(text)) => strings::text(text.as_bytes()),
                MaybeRef::NotRef(Object::Name(name)) => name.as_str().to_owned(),
                MaybeRef::Ref(_) => {
                    let text = dictionary.get::<PdfString<'_>>(&*key);
                    text.map(|text| strings::text(text.as_bytes())).unwrap_or_default()
                }
                MaybeRef::NotRef(_) => continue,
            };
            let name = key.as_str().to_owned();
            if !is_noise(&name, &text) && !found.contains(&(name.clone(), text.clone())) {
                found.push((name, text));
            }
        }
    }
    // What people look for first stands first.
    let rank =
        |name: &str| ["Title", "Subject", "Keywords", "Author"].iter().position(|known| *known == name).unwrap_or(4);
    found.sort_by_key(|(name, _)| rank(name));
    Some(found)
}

/// Where trailers say that the information dictionary is; one more than are looked at if there are more.
fn candidates(document: &Pdf) -> Vec<ObjectIdentifier> {
    let bytes: &[u8] = document.data().as_ref();
    let (mut found, mut known) = (Vec::new(), HashSet::new());
    let mut add = |number: ObjectIdentifier| {
        if known.len() <= CANDIDATES && known.insert(number) {
            found.push(number);
        }
    };
    for at in memchr::memmem::rfind_iter(bytes, b"/Info") {
        let place = bytes.get(at + b"/Info".len()..).unwrap_or_default();
        let text = std::str::from_utf8(&place[..place.len().min(30)]).unwrap_or_default();
        let mut words = text.split_ascii_whitespace();
        let numbers =
            (words.next().and_then(|word| word.parse().ok()), words.next().and_then(|word| word.parse().ok()));
        if let (Some(number), Some(generation), Some(mark)) = (numbers.0, numbers.1, words.next())
            && mark.starts_with('R')
        {
            add(ObjectIdentifier::new(number, generation));
        }
    }
    for stream in document.objects().into_iter().filter_map(Object::into_stream) {
        if stream.dict().get::<Name<'_>>("Type").is_some_and(|name| name.as_ref() == b"XRef")
            && let Some(number) = stream.dict().get_ref("Info")
        {
            add(number.into());
        }
    }
    found
}

/// Whether an entry holds nothing that a person wrote.
fn is_noise(name: &str, value: &str) -> bool {
    let wordless = !value.chars().any(char::is_alphabetic) || matches!(value, "true" | "false" | "True" | "False");
    let bare = name.rsplit_once(':').map_or(name, |(_, bare)| bare);
    wordless
        || TECHNICAL.contains(&bare)
        || PROGRAMS.iter().any(|program| name.starts_with(program))
        || name.contains("MSIP_Label") && LABEL_NOISE.iter().any(|end| name.ends_with(end))
        || NOTHING.contains(&value.to_lowercase().as_str())
        || matches!(bare, "Title" | "title") && is_file_name(value)
}

/// Whether a title is that of a new document, or the name of a file that a printer driver put there.
fn is_file_name(title: &str) -> bool {
    // Han in a name is somebody's words.
    let title =
        title.split_once(" - ").filter(|(program, _)| program.starts_with("Microsoft")).map_or(title, |(_, name)| name);
    let words = title.split_whitespace().count();
    let ends = title
        .rsplit_once('.')
        .is_some_and(|(_, end)| (2..=5).contains(&end.len()) && end.is_ascii() && !end.contains(' '));
    title.is_ascii() && words <= 3 && (ends || title.trim_end_matches(|c: char| c.is_ascii_digit()) == "Document")
}

/// The titles of the outline, a line each, and whether there are more than the limit.
pub(super) fn outline(document: &Pdf, rules: Rules<'_>) -> (String, bool) {
    let mut lines = String::new();
    let root = tree::dictionary(document, document.xref().root_id());
    let Some(top) = root.and_then(|root| root.get::<Dict<'_>>("Outlines")) else { return (lines, false) };
    let mut seen = HashSet::new();
    let mut todo: Vec<ObjectIdentifier> = top.get_ref("First").map(Into::into).into_iter().collect();
    while let Some(number) = todo.pop() {
        if !seen.insert(number) {
            continue;
        }
        if seen.len() > rules.limits.page_objects {
            return (lines, true);
        }
        let Some(entry) = tree::dictionary(document, number) else { continue };
        if let Some(title) = entry.get::<PdfString<'_>>("Title") {
            lines.push_str(&strings::text(title.as_bytes()).replace('\n', " "));
            lines.push('\n');
        }
        // The entries below come before the next one.
        todo.extend(["Next", "First"].into_iter().filter_map(|key| entry.get_ref(key)).map(ObjectIdentifier::from));
    }
    (lines, false)
}
