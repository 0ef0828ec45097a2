//! What a document says in objects that no page draws: alternate descriptions and replacement texts of its structure
//! (ISO 32000-2, 14.9), strings of its scripts, prefixes of page labels; and models in three dimensions, which nothing here reads.
//!
//! Like attachments they are looked for among all objects, not along the trees that lead to them.

use std::collections::HashSet;

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier, Stream, String as PdfString};

use super::streams::{self, Rules};
use super::{strings, tree};
use crate::finding::Fault;
use crate::format::html;

/// Objects inside one another that are looked through.
const DEPTH: u32 = 16;
/// Letters and digits from which on a replacement is more than a ligature or a hyphen.
const LETTERS: usize = 4;

/// What is said.
#[derive(Default)]
pub(super) struct Said {
    /// Alternate descriptions, replacement texts and expansions, a line each.
    pub(super) alternatives: String,
    /// Strings of scripts, a line each.
    pub(super) scripts: String,
    /// Metadata of pictures and other parts.
    pub(super) metadata: Vec<ObjectIdentifier>,
    /// Models in three dimensions.
    pub(super) models: usize,
    /// Scripts that were not read.
    pub(super) faults: Vec<Fault>,
    seen: HashSet<String>,
    /// Scripts that were read: many actions may have one.
    unpacked: HashSet<ObjectIdentifier>,
}

impl Said {
    /// Looks through an object of the document.
    pub(super) fn object(&mut self, object: &Object<'_>, rules: Rules<'_>) {
        match object {
            Object::Dict(dictionary) if may_say(dictionary.data()) => self.value(object, DEPTH, rules),
            Object::Array(list) if may_say(list.data()) => self.value(object, DEPTH, rules),
            Object::Stream(stream) => {
                let is = |key: &str, value: &[u8]| {
                    stream.dict().get::<Name<'_>>(key).is_some_and(|name| name.as_ref() == value)
                };
                self.models += usize::from(is("Type", b"3D"));
                if is("Type", b"Metadata") {
                    self.metadata.push(stream.obj_id());
                }
            }
            _ => {}
        }
    }

    fn value(&mut self, object: &Object<'_>, depth: u32, rules: Rules<'_>) {
        if depth == 0 {
            return;
        }
        let mut inner = |value: MaybeRef<Object<'_>>| {
            if let MaybeRef::NotRef(inner @ (Object::Dict(_) | Object::Array(_))) = value {
                self.value(&inner, depth - 1, rules);
            }
        };
        match object {
            Object::Array(list) => list.raw_iter().for_each(inner),
            Object::Dict(dictionary) => {
                dictionary.entries().for_each(|(_, value)| inner(value));
                self.dictionary(dictionary, rules);
            }
            _ => {}
        }
    }

    fn dictionary(&mut self, dictionary: &Dict<'_>, rules: Rules<'_>) {
        let said = |key: &str| dictionary.get::<PdfString<'_>>(key).map(|text| strings::text(text.as_bytes()));
        if self.alternatives.len() + self.scripts.len() > rules.limits.content_text_bytes {
            return;
        }
        let is_element = dictionary.contains_key("S");
        let replaced = ["ActualText", "E"].into_iter().filter(|_| is_element).filter_map(said);
        let replaced = replaced.filter(|text| text.chars().filter(|c| c.is_alphanumeric()).count() >= LETTERS);
        for text in said("Alt").into_iter().chain(replaced.collect::<Vec<_>>()) {
            note(&mut self.alternatives, &mut self.seen, &text);
        }
        let script = said("JS").or_else(|| {
            let stream = dictionary.get::<Stream<'_>>("JS").filter(|stream| self.unpacked.insert(stream.obj_id()))?;
            let text = streams::text(&stream, rules, "a script");
            text.map_err(|fault| self.faults.extend((!self.faults.contains(&fault)).then_some(fault))).ok()
        });
        for text in html::strings(&script.unwrap_or_default(), |markup| html::piece(markup, true).text) {
            note(&mut self.scripts, &mut self.seen, &text);
        }
    }
}

fn note(lines: &mut String, seen: &mut HashSet<String>, text: &str) {
    let text = text.trim();
    if text.chars().any(char::is_alphanumeric) && seen.insert(text.to_owned()) {
        lines.extend([text, "\n"]);
    }
}

/// Whether something of the kind may be in an object; a name may be written with its signs as numbers.
fn may_say(data: &[u8]) -> bool {
    [b"/Alt".as_slice(), b"/ActualText", b"/JS", b"/E", b"#"]
        .iter()
        .any(|key| memchr::memmem::find(data, key).is_some())
}

/// The prefixes of page labels (12.4.2), a line each.
pub(super) fn page_labels(document: &Pdf, rules: Rules<'_>) -> String {
    let (mut lines, mut seen) = (String::new(), HashSet::new());
    let root = tree::dictionary(document, document.xref().root_id());
    let mut todo: Vec<Dict<'_>> = root.and_then(|root| root.get::<Dict<'_>>("PageLabels")).into_iter().collect();
    let mut looked_at = 0;
    while let Some(node) = todo.pop() {
        looked_at += 1;
        if looked_at > rules.limits.page_objects {
            break;
        }
        let list = |key: &str| {
            let list = node.get::<Array<'_>>(key).into_iter();
            list.flat_map(|list| list.iter::<Object<'_>>().collect::<Vec<_>>()).filter_map(Object::into_dict)
        };
        for label in list("Nums") {
            if let Some(prefix) = label.get::<PdfString<'_>>("P") {
                note(&mut lines, &mut seen, &strings::text(prefix.as_bytes()));
            }
        }
        let kids: Vec<_> = list("Kids").collect();
        todo.extend(kids);
    }
    lines
}
