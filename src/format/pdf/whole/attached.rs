//! Files embedded in a document (ISO 32000-2, 7.11.4): attachments, those of annotations, what a portfolio holds.
//!
//! They are not looked for along the trees that lead to them but among all objects, so that one that no viewer shows is
//! found as well.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use hayro_syntax::Pdf;
use hayro_syntax::object::{Dict, MaybeRef, Name, Object, ObjectIdentifier, Stream, String as PdfString};

use super::streams::{self, Flaw, Rules};
use super::strings;
use crate::finding::{Fault, FaultReason};
use crate::format::Members;

/// Objects inside one another that are looked through for names of files.
const DEPTH: u32 = 16;

/// The keys under which a file and its name stand, the surest first.
const KEYS: [&str; 5] = ["UF", "F", "Unix", "DOS", "Mac"];

/// An embedded file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attached {
    /// As it is called; empty if it is called nothing.
    name: String,
    /// What is said of it.
    pub(super) description: String,
    /// Where it is.
    stream: ObjectIdentifier,
}

/// The embedded files of a document, in the order of their objects.
#[derive(Default)]
pub(super) struct Search {
    found: Vec<Attached>,
    streams: Vec<ObjectIdentifier>,
    seen: BTreeSet<(u32, i32)>,
}

impl Search {
    /// Looks through an object of the document.
    pub(super) fn object(&mut self, object: &Object<'_>) {
        match object {
            Object::Dict(dictionary) => self.dictionary(dictionary),
            Object::Array(list) if may_hold_files(list.data()) => self.value(object, DEPTH),
            Object::Stream(stream) => {
                let name = stream.dict().get::<Name<'_>>("Type");
                if name.is_some_and(|name| name.as_ref() == b"EmbeddedFile") {
                    self.streams.push(stream.obj_id());
                }
            }
            _ => {}
        }
    }

    fn dictionary(&mut self, dictionary: &Dict<'_>) {
        if may_hold_files(dictionary.data()) {
            self.names(dictionary, DEPTH);
        }
    }

    fn value(&mut self, object: &Object<'_>, depth: u32) {
        match object {
            _ if depth == 0 => {}
            Object::Dict(dictionary) => self.names(dictionary, depth - 1),
            Object::Array(list) => {
                for inner in list.raw_iter() {
                    if let MaybeRef::NotRef(inner) = inner {
                        self.value(&inner, depth - 1);
                    }
                }
            }
            _ => {}
        }
    }

    /// Takes the files that a dictionary names, and looks through what it holds.
    fn names(&mut self, dictionary: &Dict<'_>, depth: u32) {
        if let Some(files) = dictionary.get::<Dict<'_>>("EF") {
            let said = |key| dictionary.get::<PdfString<'_>>(key).map(|name| strings::text(name.as_bytes()));
            let name = KEYS.into_iter().find_map(|key| said(key).filter(|name| !name.is_empty()));
            for stream in KEYS.into_iter().filter_map(|key| files.get_ref(key)) {
                let stream = ObjectIdentifier::from(stream);
                if self.seen.insert((stream.obj_number, stream.gen_number)) {
                    let name = name.clone().unwrap_or_default();
                    self.found.push(Attached { name, description: said("Desc").unwrap_or_default(), stream });
                }
            }
        }
        for (key, value) in dictionary.entries() {
            if let MaybeRef::NotRef(value) = value
                && key.as_ref() != b"EF"
            {
                self.value(&value, depth);
            }
        }
    }

    /// All of them; those that nobody names come last.
    pub(super) fn end(mut self) -> Vec<Attached> {
        for stream in std::mem::take(&mut self.streams) {
            if self.seen.insert((stream.obj_number, stream.gen_number)) {
                self.found.push(Attached { name: String::new(), description: String::new(), stream });
            }
        }
        self.found
    }
}

/// Whether the text of an object may name a file: `/EF`, or a name with escapes, which may be anything.
fn may_hold_files(text: &[u8]) -> bool {
    memchr::memchr(b'#', text).is_some() || memchr::memmem::find(text, b"/EF").is_some()
}

/// Hands out the files.
pub(super) fn hand_out(document: &Pdf, files: &[Attached], rules: Rules<'_>, out: &mut dyn Members) -> ControlFlow<()> {
    (1..).zip(files).try_for_each(|(number, file)| {
        let name = if file.name.is_empty() { format!("attachment-{number}") } else { file.name.replace('\\', "/") };
        match data(document, file, rules) {
            Ok(bytes) => out.member(&name, &mut bytes.as_slice()),
            Err(fault) => out.unreadable(&name, fault),
        }
    })
}

fn data(document: &Pdf, file: &Attached, rules: Rules<'_>) -> Result<Vec<u8>, Fault> {
    let damaged = |what: &str| Fault::whole(FaultReason::Damaged, what);
    let stream = document.xref().get::<Stream<'_>>(file.stream);
    let stream = stream.ok_or_else(|| damaged("the attachment is not where the PDF says"))?;
    let data = streams::data(&stream, rules).map_err(|flaw| match flaw {
        Flaw::Limit(fault) => fault,
        Flaw::Packed | Flaw::Picture => damaged("the attachment does not unpack to its end"),
    })?;
    // What cannot be decrypted is empty to the second reader.
    let stored = stream.dict().get::<u32>("Length").unwrap_or_default();
    if data.is_empty() && rules.encrypted && stored > 32 && stream.raw_data().is_empty() {
        return Err(Fault::whole(FaultReason::Encrypted, "the attachment cannot be decrypted"));
    }
    Ok(data)
}
