//! Whether all that a page is made of is whole, as a second reader sees it: the only file that walks with `hayro_syntax`.
//!
//! PDFium reads what it can and says nothing of the rest. A stream that does not unpack is empty to it, an object that is not
//! where the table says is null, a picture that breaks off is white below. So each page is followed once more, through
//! everything that its content names, by a reader in Rust alone that is strict and shows nothing. Damage that leaves a valid
//! file, another letter or another pixel, is beyond any reader.

mod streams;
#[cfg(test)]
mod tests;
mod tree;

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};

use hayro_syntax::content::TypedIter;
use hayro_syntax::content::ops::TypedInstruction;
use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier, Stream};
use hayro_syntax::page::Resources;
use hayro_syntax::{LoadPdfError, Pdf};

use crate::config::Limits;
use crate::finding::{Fault, FaultReason};
use streams::Flaw;
use tree::Leaf;

/// Keys of dictionaries that lead away from what a page shows: back to its tree, to other pages, to what describes it.
const ELSEWHERE: [&str; 14] =
    ["A", "AA", "B", "D", "Dest", "IRT", "Metadata", "Next", "OC", "P", "Parent", "PieceInfo", "Popup", "Prev"];

/// An instruction of ours behind each content: where it is not met the second reader could not go on.
const END: &[u8] = b"\nEndOfContent\n";

/// A document as the second reader sees it.
pub(super) struct Whole<'l> {
    document: Result<Pdf, LoadPdfError>,
    limits: &'l Limits,
    /// What is wrong with streams that were looked at: pages share fonts and pictures.
    known: RefCell<HashMap<ObjectIdentifier, Option<Flaw>>>,
    /// The pages, once they were asked for.
    leaves: OnceCell<Vec<Leaf>>,
}

/// What a page is made of.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Made {
    /// Things that its own content draws: texts, pictures, forms, shadings. Lines and boxes are not counted.
    pub(super) drawn: usize,
    /// What of it is not whole.
    pub(super) faults: Vec<Fault>,
    /// Instructions that are more than anybody should unpack: PDFium would, whatever memory it takes.
    pub(super) bomb: bool,
}

impl<'l> Whole<'l> {
    /// Has the second reader open a document, with the password that opened it for the first.
    pub(super) fn of(bytes: Vec<u8>, password: &str, limits: &'l Limits) -> Self {
        let document = Pdf::new_with_password(bytes, password);
        Self { document, limits, known: RefCell::default(), leaves: OnceCell::new() }
    }

    /// What is amiss with the document as a whole, of which the first reader found so many pages.
    pub(super) fn fault(&self, pages: u32) -> Option<Fault> {
        let damaged = |detail: String| Some(Fault::whole(FaultReason::Damaged, detail));
        let document = match &self.document {
            Ok(document) => document,
            Err(error) => {
                return damaged(format!(
                    "a second reader cannot follow it, so nothing tells whether it is whole: {error:?}"
                ));
            }
        };
        // Neither counts on beyond the limit, which is a fault of its own.
        let most = self.limits.pages;
        let found = u32::try_from(self.leaves(document).len()).unwrap_or(u32::MAX);
        match found.min(most) == pages.min(most) {
            true => None,
            false => {
                damaged(format!("its tree of pages is damaged: PDFium finds {pages}, and a second reader {found}"))
            }
        }
    }

    /// Follows page `number`, from 1; none if the second reader cannot follow the document at all.
    pub(super) fn page(&self, number: u32) -> Option<Made> {
        let document = self.document.as_ref().ok()?;
        let leaf = self.leaves(document).get((number as usize).saturating_sub(1));
        let page = leaf.and_then(|leaf| Some((leaf, tree::dictionary(document, leaf.page?)?)));
        let Some((leaf, page)) = page else {
            let lost = Fault::on_page(number, FaultReason::Damaged, "a second reader does not find the page");
            return Some(Made { faults: vec![lost], ..Made::default() });
        };
        let inherited = leaf.heir_of.and_then(|node| tree::dictionary(document, node));
        let resources = [Some(&page), inherited.as_ref()].into_iter().flatten();
        let resources = resources.filter_map(|node| node.get::<Dict<'_>>("Resources")).next();
        let resources = Resources::new(resources.unwrap_or_default());
        let walk = Walk { document, whole: self, seen: HashSet::new(), todo: Vec::new(), tally: Tally::default() };
        Some(walk.page(&page, &resources, number))
    }

    fn leaves(&self, document: &Pdf) -> &[Leaf] {
        self.leaves.get_or_init(|| tree::leaves(document, self.limits))
    }
}

/// What was met on the way.
#[derive(Default)]
struct Tally {
    drawn: usize,
    /// Objects that are named and not there.
    missing: u32,
    /// Packed streams that do not unpack to their end.
    packed: u32,
    /// Pictures that do not decode to their end.
    pictures: u32,
    /// Instructions that are none.
    instructions: u32,
    /// The limits that were reached.
    limits: Vec<Fault>,
    /// Instructions are among them.
    bomb: bool,
}

/// What is still to be looked at.
enum Todo<'a> {
    Object(Object<'a>),
    /// A form, a pattern or a glyph, with the resources of who draws it: it may have none of its own.
    Content(Stream<'a>, Resources<'a>),
}

struct Walk<'a, 'w> {
    document: &'a Pdf,
    whole: &'w Whole<'w>,
    seen: HashSet<ObjectIdentifier>,
    todo: Vec<Todo<'a>>,
    tally: Tally,
}

impl<'a> Walk<'a, '_> {
    fn page(mut self, page: &Dict<'a>, resources: &Resources<'a>, number: u32) -> Made {
        let content = self.contents(page);
        self.content(&content, resources);
        // What forms and patterns draw is theirs.
        let drawn = self.tally.drawn;
        self.appearances(page);
        while let Some(todo) = self.todo.pop() {
            if self.seen.len() > self.whole.limits.page_objects {
                let limit = self.whole.limits.page_objects;
                self.tally.limits.push(Fault::limit("page_objects", limit, "what one page is made of"));
                break;
            }
            match todo {
                Todo::Object(object) => self.object(object),
                Todo::Content(stream, resources) => {
                    let own = stream.dict().get::<Dict<'_>>("Resources").map_or(resources, Resources::new);
                    if let Some(data) = self.stream(&stream, true) {
                        self.content(&data, &own);
                    }
                    self.dictionary(stream.dict(), &["Resources"]);
                }
            }
        }
        Made { drawn, bomb: self.tally.bomb, faults: self.tally.faults(number) }
    }

    /// The content of the page: one stream or several.
    fn contents(&mut self, page: &Dict<'a>) -> Vec<u8> {
        let mut content = Vec::new();
        let streams: Vec<MaybeRef<Object<'a>>> = match page.get::<Array<'a>>("Contents") {
            Some(list) => list.raw_iter().collect(),
            None => page.get_raw("Contents").into_iter().collect(),
        };
        for stream in streams {
            match self.resolve(stream) {
                Some(Object::Stream(stream)) => {
                    content.extend(self.stream(&stream, true).unwrap_or_default());
                    content.push(b' ');
                }
                Some(Object::Null(_)) => {}
                Some(_) => self.tally.missing += 1,
                None => {}
            }
        }
        content
    }

    /// Annotations draw by themselves.
    fn appearances(&mut self, page: &Dict<'a>) {
        let annotations = page.get::<Array<'a>>("Annots").map(|list| list.iter::<Dict<'a>>()).into_iter().flatten();
        for annotation in annotations {
            if let Some(appearance) = annotation.get_raw::<Object<'a>>("AP") {
                self.follow(appearance);
            }
        }
    }

    /// Reads instructions, and puts what they name on the list.
    fn content(&mut self, data: &[u8], resources: &Resources<'a>) {
        let data = [data, END].concat();
        let mut instructions = TypedIter::new(&data);
        let (mut forgiven, mut ended) = (0_u32, false);
        while let Some(instruction) = instructions.next() {
            match instruction {
                TypedInstruction::BeginCompatibility(_) => forgiven += 1,
                TypedInstruction::EndCompatibility(_) => forgiven = forgiven.saturating_sub(1),
                TypedInstruction::XObject(name) => {
                    self.tally.drawn += 1;
                    self.draw(name.0, resources);
                }
                TypedInstruction::InlineImage(image) => {
                    self.tally.drawn += 1;
                    let flaw = self.unpack(image.0, false).err();
                    self.tally.count(flaw);
                }
                TypedInstruction::TextFont(font) => self.named(&resources.fonts, font.0),
                TypedInstruction::SetGraphicsState(state) => self.named(&resources.ext_g_states, state.0),
                TypedInstruction::ColorSpaceStroke(space) => self.named(&resources.color_spaces, space.0),
                TypedInstruction::ColorSpaceNonStroke(space) => self.named(&resources.color_spaces, space.0),
                TypedInstruction::Shading(shading) => {
                    self.tally.drawn += 1;
                    self.named(&resources.shadings, shading.0);
                }
                TypedInstruction::StrokeColorNamed(colour) => self.pattern(colour.1.as_ref(), resources),
                TypedInstruction::NonStrokeColorNamed(colour) => self.pattern(colour.1.as_ref(), resources),
                TypedInstruction::ShowText(text) => self.write(text.0),
                TypedInstruction::NextLineAndShowText(text) => self.write(text.0),
                TypedInstruction::ShowTextWithParameters(text) => self.write(text.2),
                TypedInstruction::ShowTexts(texts) => {
                    // Between the texts stand distances.
                    let mut texts = texts.0.iter::<Object<'_>>().filter_map(Object::into_string);
                    if let Some(text) = texts.find(|text| !text.as_bytes().is_empty()) {
                        self.write(&text);
                    }
                }
                TypedInstruction::Fallback(operator) if **operator == *END.trim_ascii() => ended = true,
                TypedInstruction::Fallback(_) if forgiven == 0 => self.tally.instructions += 1,
                _ => {}
            }
        }
        // It stops without a word where it cannot go on.
        self.tally.instructions += u32::from(!ended);
    }

    fn write(&mut self, text: &hayro_syntax::object::String<'_>) {
        self.tally.drawn += usize::from(!text.as_bytes().is_empty());
    }

    /// A picture, or a form with instructions of its own.
    fn draw(&mut self, name: &Name<'_>, resources: &Resources<'a>) {
        let Some(found) = resources.x_objects.get_raw::<Object<'a>>(name) else {
            self.tally.missing += 1;
            return;
        };
        match self.resolve(found) {
            Some(Object::Stream(stream)) if is_form(&stream) => {
                self.todo.push(Todo::Content(stream, resources.clone()));
            }
            Some(object) => self.todo.push(Todo::Object(object)),
            None => {}
        }
    }

    /// A colour may be a pattern, which draws like a form.
    fn pattern(&mut self, name: Option<&&Name<'_>>, resources: &Resources<'a>) {
        let Some(found) = name.and_then(|name| resources.patterns.get_raw::<Object<'a>>(name)) else { return };
        match self.resolve(found) {
            Some(Object::Stream(stream)) => self.todo.push(Todo::Content(stream, resources.clone())),
            Some(object) => self.todo.push(Todo::Object(object)),
            None => {}
        }
    }

    /// A resource that an instruction names. One that the list does not have is replaced by readers, or is one of the names
    /// that stand for themselves (`/DeviceRGB`).
    fn named(&mut self, list: &Dict<'a>, name: &Name<'_>) {
        if let Some(found) = list.get_raw::<Object<'a>>(name) {
            self.follow(found);
        }
    }

    fn object(&mut self, object: Object<'a>) {
        match object {
            Object::Dict(dictionary) => self.dictionary(&dictionary, &[]),
            Object::Array(list) => list.raw_iter().for_each(|value| self.follow(value)),
            Object::Stream(stream) if is_form(&stream) => {
                self.todo.push(Todo::Content(stream, Resources::new(Dict::empty())));
            }
            Object::Stream(stream) => {
                self.stream(&stream, false);
                self.dictionary(stream.dict(), &[]);
            }
            _ => {}
        }
    }

    fn dictionary(&mut self, dictionary: &Dict<'a>, without: &[&str]) {
        for (key, value) in dictionary.entries() {
            if !ELSEWHERE.contains(&key.as_str()) && !without.contains(&key.as_str()) {
                self.follow(value);
            }
        }
    }

    fn follow(&mut self, value: MaybeRef<Object<'a>>) {
        if let Some(object) = self.resolve(value)
            && !is_of_the_tree(&object)
        {
            self.todo.push(Todo::Object(object));
        }
    }

    /// What a reference leads to, if it was not met before. One that leads nowhere is counted.
    fn resolve(&mut self, value: MaybeRef<Object<'a>>) -> Option<Object<'a>> {
        let reference = match value {
            MaybeRef::NotRef(object) => return Some(object),
            MaybeRef::Ref(reference) => ObjectIdentifier::from(reference),
        };
        // Number 0 is no object's, but a way of some writers to say nothing.
        if reference.obj_number == 0 || !self.seen.insert(reference) {
            return None;
        }
        let found = self.document.xref().get::<Object<'a>>(reference);
        self.tally.missing += u32::from(found.is_none());
        if found.is_none() {}
        found
    }

    /// Looks at a stream, once in a document; gives back its data, which are instructions, if they are wanted and whole.
    fn stream(&mut self, stream: &Stream<'a>, wanted: bool) -> Option<Vec<u8>> {
        let number = stream.obj_id();
        let known = self.whole.known.borrow().get(&number).cloned();
        let (flaw, data) = match known {
            Some(flaw) if !wanted || flaw.is_some() => (flaw, None),
            _ => match self.unpack(stream, wanted) {
                Ok(data) => (None, data),
                Err(flaw) => (Some(flaw), None),
            },
        };
        self.tally.bomb |= wanted && matches!(flaw, Some(Flaw::Limit(_)));
        self.whole.known.borrow_mut().insert(number, flaw.clone());
        self.tally.count(flaw);
        data
    }

    fn unpack(&self, stream: &Stream<'_>, wanted: bool) -> Result<Option<Vec<u8>>, Flaw> {
        streams::unpack(stream, self.whole.limits, wanted)
    }
}

impl Tally {
    fn count(&mut self, flaw: Option<Flaw>) {
        match flaw {
            None => {}
            Some(Flaw::Packed) => self.packed += 1,
            Some(Flaw::Picture) => self.pictures += 1,
            Some(Flaw::Limit(fault)) if self.limits.contains(&fault) => {}
            Some(Flaw::Limit(fault)) => self.limits.push(fault),
        }
    }

    fn faults(self, number: u32) -> Vec<Fault> {
        let some = |count: u32, reason, one: &str, many: &str| {
            let detail = if count == 1 { one.to_owned() } else { format!("{count} {many}") };
            (count > 0).then(|| Fault::on_page(number, reason, detail))
        };
        let damaged = FaultReason::Damaged;
        let seen = [
            some(self.missing, damaged, "an object is missing", "objects are missing"),
            some(self.packed, damaged, "a packed part of the page is damaged", "packed parts of the page are damaged"),
            some(self.pictures, FaultReason::UnreadableImage, "a picture is damaged", "pictures are damaged"),
            some(
                self.instructions,
                damaged,
                "an instruction of the page cannot be understood",
                "instructions of the page cannot be understood",
            ),
        ];
        let limits = self.limits.into_iter().map(|fault| Fault { page: Some(number), ..fault });
        seen.into_iter().flatten().chain(limits).collect()
    }
}

/// Whether a stream draws by itself: a form or a tiling pattern.
fn is_form(stream: &Stream<'_>) -> bool {
    let is = |key: &str, value: &[u8]| stream.dict().get::<Name<'_>>(key).is_some_and(|name| name.as_ref() == value);
    is("Subtype", b"Form") || stream.dict().contains_key("PatternType")
}

/// Whether an object belongs to the tree of pages, which is no part of a page.
fn is_of_the_tree(object: &Object<'_>) -> bool {
    let Object::Dict(dictionary) = object else { return false };
    let name = dictionary.get::<Name<'_>>("Type");
    name.is_some_and(|name| [b"Page".as_slice(), b"Pages", b"Catalog"].contains(&name.as_ref()))
}
