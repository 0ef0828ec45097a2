//! The pictures that a page may draw, without drawing it: whether there are any, and which of them can be seen through.

use std::collections::HashSet;

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, MaybeRef, Name, ObjectIdentifier, Stream};
use hayro_syntax::page::Resources;

use super::streams::{self, Flaw, Rules};

/// Forms inside forms.
const DEPTH: u32 = 8;
/// How many times as much a packed stream may unpack to.
const MOST_PACKED: u64 = 1_100;

/// What is known of the pictures of a page.
#[derive(Debug, Default)]
pub(in crate::format::pdf) struct Pictures {
    /// Widths and heights, in pixels, of those without a mask.
    whole: HashSet<(u32, u32)>,
    /// The same of those with one, or that are one.
    masked: HashSet<(u32, u32)>,
}

impl Pictures {
    /// Whether a picture of so many pixels hides what lies below it: in doubt it does.
    pub(in crate::format::pdf) fn hides(&self, width: u32, height: u32) -> bool {
        let size = (width, height);
        self.whole.contains(&size) || !self.masked.contains(&size)
    }
}

/// The pictures of a page with these resources; none if it draws none, or unpacks to more than anybody should unpack.
pub(super) fn of(document: &Pdf, page: &Dict<'_>, resources: &Resources<'_>, rules: Rules<'_>) -> Option<Pictures> {
    let mut search =
        Search { document, rules, seen: HashSet::new(), pictures: Pictures::default(), any: false, bomb: false };
    search.things(&resources.x_objects, DEPTH);
    if search.any {
        let list = page.get::<Array<'_>>("Contents");
        let streams = list.into_iter().flat_map(|list| list.iter::<Stream<'_>>().collect::<Vec<_>>());
        for stream in streams.chain(page.get::<Stream<'_>>("Contents")) {
            search.instructions(&stream);
        }
    }
    (search.any && !search.bomb).then_some(search.pictures)
}

struct Search<'s> {
    document: &'s Pdf,
    rules: Rules<'s>,
    seen: HashSet<ObjectIdentifier>,
    pictures: Pictures,
    any: bool,
    bomb: bool,
}

impl Search<'_> {
    fn things(&mut self, things: &Dict<'_>, depth: u32) {
        for (_, thing) in things.entries() {
            let MaybeRef::Ref(number) = thing else { continue };
            let number = ObjectIdentifier::from(number);
            if self.seen.len() >= self.rules.limits.page_objects || !self.seen.insert(number) {
                continue;
            }
            let Some(stream) = self.document.xref().get::<Stream<'_>>(number) else { continue };
            let dictionary = stream.dict();
            let kind = dictionary.get::<Name<'_>>("Subtype");
            if kind.is_some_and(|kind| kind.as_ref() == b"Image") {
                self.picture(dictionary);
                continue;
            }
            self.instructions(&stream);
            // What lies deeper may be a picture.
            self.any |= depth == 0;
            let inner = dictionary.get::<Dict<'_>>("Resources").and_then(|inner| inner.get::<Dict<'_>>("XObject"));
            if let Some(inner) = inner.filter(|_| depth > 0) {
                self.things(&inner, depth - 1);
            }
        }
    }

    fn picture(&mut self, picture: &Dict<'_>) {
        self.any = true;
        let side = |key: &str| picture.get::<u32>(key);
        let (Some(width), Some(height)) = (side("Width"), side("Height")) else { return };
        let is_mask = picture.get::<bool>("ImageMask").unwrap_or(false);
        let has_mask = ["SMask", "Mask", "SMaskInData"].iter().any(|key| picture.contains_key(key));
        let list = if is_mask || has_mask { &mut self.pictures.masked } else { &mut self.pictures.whole };
        list.insert((width, height));
    }

    /// Makes sure that instructions do not unpack to more than the limit: the first reader unpacks them whatever it takes.
    fn instructions(&mut self, stream: &Stream<'_>) {
        let raw = stream.raw_data().len() as u64;
        let most = self.rules.limits.instruction_bytes;
        let is_small = stream.filters().len() <= 1 && raw.saturating_mul(MOST_PACKED) < most;
        self.bomb |= !is_small && matches!(streams::unpack(stream, self.rules, true), Err(Flaw::Limit(_)));
    }
}
