//! The way through one page: its instructions, and all that they name.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use hayro_syntax::Pdf;
use hayro_syntax::content::TypedIter;
use hayro_syntax::content::ops::TypedInstruction;
use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier, Stream, String};
use hayro_syntax::page::Resources;

use super::streams::{self, Flaw, Rules};
use super::tally::Tally;
use super::untold::UntoldFonts;
use super::{Made, strings};
use crate::finding::Fault;

/// Keys of dictionaries that lead away from what a page shows: back to its tree, to other pages, to what describes it.
const ELSEWHERE: [&str; 14] =
    ["A", "AA", "B", "D", "Dest", "IRT", "Metadata", "Next", "OC", "P", "Parent", "PieceInfo", "Popup", "Prev"];

/// Keys of a page without content that lead to streams of other uses (ISO 32000-2, 7.7.3.3).
const NO_CONTENT: [&str; 8] = ["AF", "Annots", "B", "Group", "Metadata", "OutputIntents", "Parent", "Thumb"];

/// An instruction of ours behind each content: where it is not met the second reader could not go on.
const END: &[u8] = b"\nEndOfContent\n";

/// What is still to be looked at.
enum Todo<'a> {
    Object(Object<'a>),
    /// A form, a pattern or a glyph, with the resources of who draws it: it may have none of its own.
    Content(Stream<'a>, Resources<'a>),
}

/// See the module.
pub(super) struct Walk<'a, 'w> {
    document: &'a Pdf,
    rules: Rules<'w>,
    known: &'w RefCell<HashMap<ObjectIdentifier, Option<Flaw>>>,
    /// Of the page.
    resources: Resources<'a>,
    seen: HashSet<ObjectIdentifier>,
    todo: Vec<Todo<'a>>,
    tally: Tally,
    fonts: UntoldFonts,
    /// What its content says in place of what it draws.
    alternatives: std::string::String,
}

impl<'a, 'w> Walk<'a, 'w> {
    /// A walk through a page with these resources; `known` keeps what was found out about streams.
    pub(super) fn new(
        document: &'a Pdf,
        rules: Rules<'w>,
        known: &'w RefCell<HashMap<ObjectIdentifier, Option<Flaw>>>,
        resources: Resources<'a>,
    ) -> Self {
        let tally = Tally::default();
        let (fonts, alternatives) = (UntoldFonts::default(), std::string::String::new());
        Self { document, rules, known, resources, seen: HashSet::new(), todo: Vec::new(), tally, fonts, alternatives }
    }

    /// Follows a page to its end, or to the limit.
    pub(super) fn page(mut self, page: &Dict<'a>, number: u32) -> Made {
        self.tally.missing += u32::from(streams::is_zeroed(page.data()));
        let content = self.contents(page);
        self.content(&content, &self.resources.clone());
        // What forms and patterns draw is theirs.
        let drawn = self.tally.drawn;
        self.annotations(page);
        while let Some(todo) = self.todo.pop() {
            if self.seen.len() > self.rules.limits.page_objects {
                let limit = self.rules.limits.page_objects;
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
        let (fonts, alternatives) = (self.fonts, self.alternatives);
        Made { drawn, bomb: self.tally.bomb, faults: self.tally.faults(number), fonts, alternatives }
    }

    /// The content of the page: one stream or several, each as often as it is named.
    fn contents(&mut self, page: &Dict<'a>) -> Vec<u8> {
        let mut content = Vec::new();
        if !page.contains_key("Contents") {
            self.tally.missing += u32::from(self.has_lost_its_content(page));
            return content;
        }
        let streams: Vec<MaybeRef<Object<'a>>> = match page.get::<Array<'a>>("Contents") {
            Some(list) => list.raw_iter().collect(),
            None => page.get_raw("Contents").into_iter().collect(),
        };
        for named in streams {
            let found = match named {
                MaybeRef::NotRef(object) => Some(object),
                MaybeRef::Ref(reference) => self.document.xref().get::<Object<'a>>(reference.into()),
            };
            let Some(Object::Stream(stream)) = found else {
                self.tally.missing += 1;
                continue;
            };
            content.extend(self.stream(&stream, true).unwrap_or_default());
            content.push(b' ');
            if content.len() as u64 > self.rules.limits.instruction_bytes {
                self.tally.count(Some(streams::too_many_instructions(self.rules.limits)));
                self.tally.bomb = true;
                return Vec::new();
            }
        }
        content
    }

    /// A page may be empty; one with a stream under a key that nobody knows had a content whose key was damaged.
    fn has_lost_its_content(&self, page: &Dict<'a>) -> bool {
        let is_stream = |value: MaybeRef<Object<'a>>| match value {
            MaybeRef::NotRef(_) => false,
            MaybeRef::Ref(reference) => self.document.xref().get::<Stream<'a>>(reference.into()).is_some(),
        };
        let mut unknown = page.entries().filter(|(key, _)| !NO_CONTENT.contains(&key.as_str()));
        unknown.any(|(_, value)| match value {
            MaybeRef::NotRef(Object::Array(list)) => list.raw_iter().any(is_stream),
            value => is_stream(value),
        })
    }

    /// Annotations draw by themselves.
    fn annotations(&mut self, page: &Dict<'a>) {
        let Some(named) = page.get_raw::<Object<'a>>("Annots") else { return };
        match self.resolve(named) {
            Some(Object::Array(list)) => {
                for annotation in list.iter::<Dict<'a>>() {
                    if let Some(appearance) = annotation.get_raw::<Object<'a>>("AP") {
                        self.follow(appearance);
                    }
                }
            }
            Some(Object::Null(_)) | None => {}
            Some(_) => self.tally.missing += 1,
        }
    }

    /// Reads instructions, and puts what they name on the list.
    fn content(&mut self, data: &[u8], resources: &Resources<'a>) {
        let data = [data, END].concat();
        let mut instructions = TypedIter::new(&data);
        let (mut forgiven, mut ended, mut inline) = (0_u32, false, false);
        while let Some(instruction) = instructions.next() {
            match instruction {
                TypedInstruction::BeginCompatibility(_) => forgiven += 1,
                TypedInstruction::EndCompatibility(_) => forgiven = forgiven.saturating_sub(1),
                TypedInstruction::XObject(name) => {
                    self.tally.drawn += 1;
                    self.draw(name.0, resources);
                }
                TypedInstruction::InlineImage(image) => {
                    inline = true;
                    self.tally.drawn += 1;
                    self.tally.count(streams::unpack(image.0, self.rules, false).err());
                }
                TypedInstruction::Shading(shading) => {
                    self.tally.drawn += 1;
                    self.named(&resources.shadings, shading.0);
                }
                TypedInstruction::BeginMarkedContentWithProperties(marked) => self.alternative(marked.1),
                TypedInstruction::Fallback(operator) if **operator == *END.trim_ascii() => ended = true,
                TypedInstruction::Fallback(_) => self.tally.instructions += u32::from(forgiven == 0),
                other => {
                    self.tally.drawn += usize::from(writes(&other));
                    self.resource(&other, resources);
                }
            }
        }
        // It stops without a word where it cannot go on. Pictures among the instructions may be black.
        let zeroed = !inline && streams::is_zeroed(&data);
        self.tally.instructions += u32::from(!ended) + u32::from(zeroed);
    }

    /// What is said in place of what is drawn. Replacement texts (`/ActualText`) are in the text layer already.
    fn alternative(&mut self, properties: &Object<'_>) {
        let Object::Dict(properties) = properties else { return };
        for text in ["Alt", "E"].iter().filter_map(|key| properties.get::<String<'_>>(key)) {
            let text = strings::text(text.as_bytes());
            let limit = self.rules.limits.page_text_bytes;
            if self.alternatives.len() + text.len() > limit {
                let fault = Fault::limit("page_text_bytes", limit, "alternate descriptions on a page");
                self.tally.count(Some(Flaw::Limit(fault)));
                return;
            }
            self.alternatives.extend([text.as_str(), "\n"]);
        }
    }

    /// What an instruction names.
    fn resource(&mut self, instruction: &TypedInstruction<'_, '_>, resources: &Resources<'a>) {
        match instruction {
            TypedInstruction::TextFont(font) => {
                // Whatever stands in its place knows nothing of its letters.
                self.tally.missing += u32::from(!resources.fonts.contains_key(font.0));
                self.named(&resources.fonts, font.0);
            }
            TypedInstruction::SetGraphicsState(state) => self.named(&resources.ext_g_states, state.0),
            TypedInstruction::ColorSpaceStroke(space) => self.named(&resources.color_spaces, space.0),
            TypedInstruction::ColorSpaceNonStroke(space) => self.named(&resources.color_spaces, space.0),
            TypedInstruction::StrokeColorNamed(colour) => self.pattern(colour.1.as_ref(), resources),
            TypedInstruction::NonStrokeColorNamed(colour) => self.pattern(colour.1.as_ref(), resources),
            _ => {}
        }
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

    /// A resource that an instruction names. One that the list does not have may be a name that stands for itself
    /// (`/DeviceRGB`).
    fn named(&mut self, list: &Dict<'a>, name: &Name<'_>) {
        if let Some(found) = list.get_raw::<Object<'a>>(name) {
            self.follow(found);
        }
    }

    fn object(&mut self, object: Object<'a>) {
        match object {
            Object::Dict(dictionary) => {
                if dictionary.get::<Name<'_>>("Type").is_some_and(|name| name.as_ref() == b"Font")
                    || dictionary.contains_key("CharProcs")
                {
                    self.fonts.take(&dictionary, self.rules);
                }
                self.glyphs(&dictionary);
                self.dictionary(&dictionary, &["CharProcs"]);
            }
            Object::Array(list) => list.raw_iter().for_each(|value| self.follow(value)),
            Object::Stream(stream) if is_form(&stream) => {
                self.todo.push(Todo::Content(stream, self.resources.clone()));
            }
            Object::Stream(stream) => {
                self.stream(&stream, false);
                self.dictionary(stream.dict(), &[]);
            }
            _ => {}
        }
    }

    /// The glyphs of a Type 3 font, which are drawn by instructions (ISO 32000-1, 9.6.5).
    fn glyphs(&mut self, font: &Dict<'a>) {
        let Some(glyphs) = font.get::<Dict<'a>>("CharProcs") else { return };
        let resources = font.get::<Dict<'a>>("Resources").map_or_else(|| self.resources.clone(), Resources::new);
        for (_, glyph) in glyphs.entries() {
            if let Some(Object::Stream(glyph)) = self.resolve(glyph) {
                self.todo.push(Todo::Content(glyph, resources.clone()));
            }
        }
    }

    fn dictionary(&mut self, dictionary: &Dict<'a>, without: &[&str]) {
        self.tally.missing += u32::from(streams::is_zeroed(dictionary.data()));
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

    /// What a reference leads to, if it was not met before. One that leads nowhere is counted; so is one to something that
    /// is no object, which the second reader takes for null.
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
        self.tally.missing += u32::from(matches!(found, None | Some(Object::Null(_))));
        found
    }

    /// Looks at a stream, once in a document; gives back its data, which are instructions, if they are wanted and whole.
    fn stream(&mut self, stream: &Stream<'a>, wanted: bool) -> Option<Vec<u8>> {
        let number = stream.obj_id();
        let known = self.known.borrow().get(&number).cloned();
        let (flaw, data) = match known {
            Some(flaw) if !wanted || flaw.is_some() => (flaw, None),
            _ => match streams::unpack(stream, self.rules, wanted) {
                Ok(data) => (None, data),
                Err(flaw) => (Some(flaw), None),
            },
        };
        self.tally.bomb |= wanted && matches!(flaw, Some(Flaw::Limit(_)));
        self.known.borrow_mut().insert(number, flaw.clone());
        self.tally.count(flaw);
        data
    }
}

/// Whether an instruction writes a text that is not empty.
fn writes(instruction: &TypedInstruction<'_, '_>) -> bool {
    let mut text = Vec::new();
    written(instruction, &mut text);
    !text.is_empty()
}

/// Adds the bytes that an instruction writes.
pub(super) fn written(instruction: &TypedInstruction<'_, '_>, out: &mut Vec<u8>) {
    match instruction {
        TypedInstruction::ShowText(text) => out.extend(text.0.as_bytes()),
        TypedInstruction::NextLineAndShowText(text) => out.extend(text.0.as_bytes()),
        TypedInstruction::ShowTextWithParameters(text) => out.extend(text.2.as_bytes()),
        // Between the texts stand distances.
        TypedInstruction::ShowTexts(texts) => {
            let texts = texts.0.iter::<Object<'_>>().filter_map(Object::into_string);
            texts.for_each(|text| out.extend(text.as_bytes()));
        }
        _ => {}
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
