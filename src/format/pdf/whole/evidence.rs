//! What pages show, as marks of the streams and texts that they are made of: enough to tell whether a page that no viewer shows
//! has anything that the shown ones lack.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use hayro_syntax::Pdf;
use hayro_syntax::object::{Dict, MaybeRef, Name, Object, ObjectIdentifier};

use super::tree;

/// Keys that lead away from a page: back to its tree, to other pages, to what describes it.
const ELSEWHERE: [&[u8]; 13] = [
    b"A",
    b"AA",
    b"B",
    b"Dest",
    b"IRT",
    b"Metadata",
    b"Next",
    b"P",
    b"Parent",
    b"PieceInfo",
    b"Popup",
    b"Prev",
    b"Thumb",
];

/// Keys whose strings somebody reads.
const TEXTS: [&[u8]; 6] = [b"Contents", b"OverlayText", b"RC", b"Subj", b"TU", b"V"];

/// The number of an object, and its generation.
pub(in crate::format::pdf) type Number = (u32, i32);

/// What the pages of a document are made of.
pub(super) struct Evidence<'a> {
    document: &'a Pdf,
    /// Marks of streams: pages share fonts and pictures.
    streams: HashMap<ObjectIdentifier, u64>,
    /// Objects of one page that are looked at.
    most: usize,
}

impl<'a> Evidence<'a> {
    pub(super) fn new(document: &'a Pdf, most: usize) -> Self {
        Self { document, streams: HashMap::new(), most }
    }

    /// Whether a page is made of more than what is known; it is known then.
    pub(super) fn adds(&mut self, page: ObjectIdentifier, known: &mut HashSet<u64>) -> bool {
        let Some(page) = tree::dictionary(self.document, page) else { return false };
        let marks = self.page(&page);
        let before = known.len();
        known.extend(marks);
        known.len() > before
    }

    fn page(&mut self, page: &Dict<'a>) -> Vec<u64> {
        let (mut marks, mut seen) = (Vec::new(), HashSet::new());
        let mut todo: Vec<Object<'a>> = vec![Object::Dict(page.clone())];
        while let Some(object) = todo.pop() {
            let mut follow = |inner: MaybeRef<Object<'a>>| match inner {
                MaybeRef::NotRef(inner) => todo.push(inner),
                MaybeRef::Ref(place) => {
                    let place = ObjectIdentifier::from(place);
                    if seen.len() < self.most && seen.insert(place) {
                        todo.extend(self.document.xref().get::<Object<'a>>(place));
                    }
                }
            };
            let dictionary = match &object {
                Object::Array(list) => {
                    list.raw_iter().for_each(follow);
                    continue;
                }
                Object::Stream(stream) => {
                    let data = || hash_of(&stream.raw_data());
                    marks.push(*self.streams.entry(stream.obj_id()).or_insert_with(data));
                    stream.dict()
                }
                Object::Dict(dictionary) => dictionary,
                _ => continue,
            };
            for (key, value) in dictionary.entries() {
                let key = key.as_ref();
                match value {
                    MaybeRef::NotRef(Object::String(text)) if TEXTS.contains(&key) => {
                        marks.push(hash_of(text.as_bytes()));
                    }
                    MaybeRef::NotRef(Object::String(_) | Object::Number(_) | Object::Name(_)) => {}
                    value if !ELSEWHERE.contains(&key) => follow(value),
                    _ => {}
                }
            }
        }
        marks
    }
}

/// Whether a dictionary is that of a page, or of a template for one.
pub(super) fn is_page(dictionary: &Dict<'_>) -> bool {
    let name = dictionary.get::<Name<'_>>("Type");
    name.is_some_and(|name| matches!(name.as_ref(), b"Page" | b"Template"))
}

/// What a template says, as a page; none if it is a page already.
pub(super) fn as_page(document: &Pdf, number: ObjectIdentifier) -> Option<Vec<u8>> {
    let template = tree::dictionary(document, number)?;
    let data = template.data();
    let at = memchr::memmem::find(data, b"/Template")?;
    let is_one = template.get::<Name<'_>>("Type").is_some_and(|name| name.as_ref() == b"Template");
    is_one.then(|| [&data[..at], b"/Page", &data[at + b"/Template".len()..]].concat())
}

fn hash_of(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}
