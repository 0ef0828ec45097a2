//! What viewers draw of annotations and fields by themselves, and PDFium's text lacks (ISO 32000-2, 12.5 and 12.7): names of stamps
//! that have no picture, rich texts, subjects, texts over what was blackened, choices of lists.

use std::collections::HashSet;

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier, String as PdfString};

use super::streams::{self, Rules};
use super::strings;
use super::tree::{self, Leaf};
use crate::finding::Fault;
use crate::format::html;

/// Subjects that programs write: what kind of annotation it is.
const PROGRAMS_SUBJECTS: &[&str] = &[
    "arrow",
    "callout",
    "comment",
    "comment on text",
    "cross-out",
    "freehand",
    "highlight",
    "inserted text",
    "line",
    "note",
    "oval",
    "pencil",
    "polygon",
    "rectangle",
    "replacement text",
    "squiggly",
    "stamp",
    "sticky note",
    "strikeout",
    "text box",
    "typewriter",
    "underline",
    "文本框",
    "注释",
    "附注",
    "高亮",
];

/// The different texts, a line each, and what was not read; the choices of a list are one line, as they are alternatives.
pub(super) fn read(document: &Pdf, leaves: &[Leaf], rules: Rules<'_>) -> (String, Vec<Fault>) {
    let mut notes =
        Notes { rules, lines: String::new(), seen: HashSet::new(), unpacked: HashSet::new(), faults: Vec::new() };
    for page in leaves.iter().filter_map(|leaf| tree::dictionary(document, leaf.page?)) {
        let Some(list) = page.get::<Array<'_>>("Annots") else { continue };
        for annotation in list.iter::<Dict<'_>>().take(rules.limits.page_annotations) {
            notes.annotation(&annotation);
        }
        if notes.lines.len() > rules.limits.content_text_bytes {
            break;
        }
    }
    notes.fields(document);
    (notes.lines, notes.faults)
}

/// See the module.
struct Notes<'l> {
    rules: Rules<'l>,
    lines: String,
    seen: HashSet<String>,
    /// Streams whose texts are in the lines, as plain and as rich ones: many fields may have one.
    unpacked: HashSet<(ObjectIdentifier, bool)>,
    faults: Vec<Fault>,
}

impl Notes<'_> {
    fn annotation(&mut self, annotation: &Dict<'_>) {
        let said = |key: &str| annotation.get::<PdfString<'_>>(key).map(|text| strings::text(text.as_bytes()));
        let kind = annotation.get::<Name<'_>>("Subtype");
        let is_stamp = kind.is_some_and(|kind| kind.as_ref() == b"Stamp");
        if is_stamp && !annotation.contains_key("AP") {
            let name = annotation.get::<Name<'_>>("Name").map(|name| words(&String::from_utf8_lossy(name.as_ref())));
            self.note(&name.unwrap_or_default());
        }
        let contents = said("Contents").unwrap_or_default();
        // The library that reads the pages leaves out what stands in an object of its own.
        if annotation.get_ref("Contents").is_some() {
            contents.lines().for_each(|line| self.note(line));
        }
        if let Some(rich) = self.text_of(annotation, "RC", true) {
            let text = html::piece(&rich, true).text;
            let is_new = |line: &&str| !contents.contains(line.trim());
            text.lines().filter(is_new).for_each(|line| self.note(line));
        }
        let subject = said("Subj").filter(|subject| !PROGRAMS_SUBJECTS.contains(&subject.to_lowercase().as_str()));
        [subject, said("OverlayText")].into_iter().flatten().for_each(|text| self.note(&text));
        let above = annotation.get::<Dict<'_>>("Parent");
        let own = annotation.get::<Array<'_>>("Opt");
        if let Some(list) = own.or_else(|| above.as_ref()?.get::<Array<'_>>("Opt")) {
            let choices = self.choices(&list);
            self.note(&choices);
        }
        [Some(annotation), above.as_ref()].into_iter().flatten().for_each(|field| self.field(field));
        self.link(annotation);
    }

    /// Fields of the form, of which some are on no page.
    fn fields(&mut self, document: &Pdf) {
        let root = tree::dictionary(document, document.xref().root_id());
        let form = root.and_then(|root| root.get::<Dict<'_>>("AcroForm"));
        let mut seen = HashSet::new();
        let mut todo = form.map(|form| listed(document, &form, "Fields", &mut seen)).unwrap_or_default();
        let limit = self.rules.limits.page_objects;
        while let Some(field) = todo.pop() {
            self.field(&field);
            if seen.len() <= limit {
                todo.extend(listed(document, &field, "Kids", &mut seen));
            } else {
                self.fault(Fault::limit("page_objects", limit, "the fields of a form"));
            }
        }
    }

    /// What a field says beside its value: tips, values it falls back to, rich text, captions of a button that is pressed or pointed
    /// at, why something was signed.
    fn field(&mut self, field: &Dict<'_>) {
        for key in ["TU", "DV"] {
            self.say(field, key);
        }
        if let Some(rich) = self.text_of(field, "RV", true) {
            html::piece(&rich, true).text.lines().for_each(|line| self.note(line));
        }
        if let Some(looks) = field.get::<Dict<'_>>("MK") {
            for key in ["CA", "RC", "AC"] {
                self.say(&looks, key);
            }
        }
        if let Some(signature) = field.get::<Dict<'_>>("V") {
            for key in ["Reason", "Location", "ContactInfo"] {
                self.say(&signature, key);
            }
        }
    }

    /// An address of several words: others are names, not texts.
    fn link(&mut self, annotation: &Dict<'_>) {
        let address = annotation.get::<Dict<'_>>("A").and_then(|action| self.text_of(&action, "URI", false));
        let address = address.unwrap_or_default().replace("%20", " ");
        if address.trim().contains(' ') {
            self.note(&address);
        }
    }

    fn say(&mut self, within: &Dict<'_>, key: &str) {
        let text = self.text_of(within, key, false);
        self.note(&text.unwrap_or_default());
    }

    /// A text: a string, or a stream of one that was not read yet.
    fn text_of(&mut self, within: &Dict<'_>, key: &str, is_rich: bool) -> Option<String> {
        let stream = match within.get::<Object<'_>>(key)? {
            Object::String(text) => return Some(strings::text(text.as_bytes())),
            Object::Stream(stream) => stream,
            _ => return None,
        };
        if !self.unpacked.insert((stream.obj_id(), is_rich)) {
            return None;
        }
        let text = streams::text(&stream, self.rules, "a text of a field or an annotation");
        text.map_err(|fault| self.fault(fault)).ok()
    }

    /// What a list shows: of a pair of what is sent and what is shown, the latter.
    fn choices(&mut self, list: &Array<'_>) -> String {
        let text = |choice: Object<'_>| match choice {
            Object::String(text) => Some(strings::text(text.as_bytes())),
            Object::Array(pair) => {
                let shown = pair.iter::<Object<'_>>().filter_map(Object::into_string).last();
                shown.map(|text| strings::text(text.as_bytes()))
            }
            _ => None,
        };
        let most = self.rules.limits.list_choices;
        let mut choices = list.iter::<Object<'_>>();
        let texts: Vec<String> = choices.by_ref().take(most).filter_map(text).collect();
        if choices.next().is_some() {
            self.fault(Fault::limit("list_choices", most, "the choices of a list"));
        }
        texts.join(" / ")
    }

    /// Adds a fault, once.
    fn fault(&mut self, fault: Fault) {
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    fn note(&mut self, text: &str) {
        let text = text.trim();
        if text.chars().any(char::is_alphanumeric) && self.seen.insert(text.to_owned()) {
            self.lines.extend([text, "\n"]);
        }
    }
}

/// The dictionaries in a list, without objects that were met before: they may lead back to themselves.
fn listed<'a>(document: &'a Pdf, node: &Dict<'a>, key: &str, seen: &mut HashSet<ObjectIdentifier>) -> Vec<Dict<'a>> {
    let Some(list) = node.get::<Array<'a>>(key) else { return Vec::new() };
    let one = |item: MaybeRef<Object<'a>>| match item {
        MaybeRef::NotRef(item) => item.into_dict(),
        MaybeRef::Ref(number) => {
            let number = ObjectIdentifier::from(number);
            if seen.insert(number) { tree::dictionary(document, number) } else { None }
        }
    };
    list.raw_iter().filter_map(one).collect()
}

/// The words of a name: `NotForPublicRelease`, `#TopSecret`, `SBConfidential` of Acrobat's.
fn words(name: &str) -> String {
    let name = name.trim_start_matches('#');
    let name = name.strip_prefix("SB").filter(|rest| rest.starts_with(char::is_uppercase)).unwrap_or(name);
    let mut words = String::new();
    for c in name.chars() {
        let begins = c.is_uppercase() && words.ends_with(char::is_lowercase);
        words.extend(begins.then_some(' '));
        words.push(c);
    }
    words
}
