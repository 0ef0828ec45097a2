//! Layers (optional content, ISO 32000-2, 8.11) that are switched off when the document opens, and the pages that have some.

use std::cell::Cell;
use std::collections::HashSet;

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier};

use super::tree::{self, Leaf};

/// Forms inside forms that are looked through.
const DEPTH: u32 = 8;
/// Objects of one page that are looked at; a page of more counts as one that has such layers.
const OBJECTS: usize = 10_000;

/// Which layers are switched off.
pub(super) struct Switched {
    off: HashSet<ObjectIdentifier>,
    /// One of them says so itself, beside the list of the document.
    by_themselves: bool,
    /// The list of the document switches some off.
    by_list: bool,
    /// A choice among layers shows something where they are off.
    by_choice: Cell<bool>,
}

/// What switches layers off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::format::pdf) struct Switches {
    /// The list of the document.
    pub(in crate::format::pdf) list: bool,
    /// Layers themselves.
    pub(in crate::format::pdf) themselves: bool,
    /// Choices among layers: an expression, or a rule that wants layers to be off.
    pub(in crate::format::pdf) choices: bool,
}

impl Switched {
    /// Looks them up in the list of the document.
    pub(super) fn of(document: &Pdf) -> Self {
        let mut switched =
            Self { off: HashSet::new(), by_themselves: false, by_list: false, by_choice: Cell::new(false) };
        let root = tree::dictionary(document, document.xref().root_id());
        let Some(list) = root.and_then(|root| root.get::<Dict<'_>>("OCProperties")) else { return switched };
        let numbers = |list: Option<Array<'_>>| -> Vec<ObjectIdentifier> {
            let all = list.into_iter().flat_map(|list| list.raw_iter().collect::<Vec<_>>());
            all.filter_map(|one: MaybeRef<Object<'_>>| one.as_obj_ref()).map(Into::into).collect()
        };
        let all = numbers(list.get("OCGs"));
        if let Some(usual) = list.get::<Dict<'_>>("D") {
            if usual.get::<Name<'_>>("BaseState").is_some_and(|state| state.as_ref() == b"OFF") {
                let on: HashSet<_> = numbers(usual.get("ON")).into_iter().collect();
                switched.off.extend(all.iter().filter(|layer| !on.contains(*layer)));
            }
            switched.off.extend(numbers(usual.get("OFF")));
        }
        switched.by_list = !switched.off.is_empty();
        for layer in all {
            let usage = tree::dictionary(document, layer).and_then(|layer| layer.get::<Dict<'_>>("Usage"));
            let view = usage.and_then(|usage| usage.get::<Dict<'_>>("View"));
            let state = view.and_then(|view| view.get::<Name<'_>>("ViewState"));
            if state.is_some_and(|state| state.as_ref() == b"OFF") {
                switched.by_themselves = true;
                switched.off.insert(layer);
            }
        }
        switched
    }

    /// What switches off the layers of the pages that were asked for.
    pub(super) fn switches(&self) -> Switches {
        Switches { list: self.by_list, themselves: self.by_themselves, choices: self.by_choice.get() }
    }

    /// The pages, from 1, that have a layer that is switched off.
    pub(super) fn pages(&self, document: &Pdf, leaves: &[Leaf]) -> Vec<u32> {
        let has = |leaf: &Leaf| {
            let page = leaf.page.and_then(|page| tree::dictionary(document, page));
            let above = leaf.heir_of.and_then(|node| tree::dictionary(document, node));
            let mut search = Search { switched: self, document, seen: HashSet::new() };
            let resources = [&page, &above].into_iter().flatten().find_map(|node| node.get::<Dict<'_>>("Resources"));
            let annotations = page.and_then(|page| page.get::<Array<'_>>("Annots"));
            let mut annotations =
                annotations.into_iter().flat_map(|list| list.iter::<Dict<'_>>().take(OBJECTS).collect::<Vec<_>>());
            resources.is_some_and(|resources| search.resources(&resources, DEPTH))
                || annotations.any(|annotation| search.is_off(&annotation))
        };
        (1..).zip(leaves).filter(|(_, leaf)| has(leaf)).map(|(number, _)| number).collect()
    }
}

struct Search<'s> {
    switched: &'s Switched,
    document: &'s Pdf,
    seen: HashSet<ObjectIdentifier>,
}

impl Search<'_> {
    /// Whether something among these resources is in a layer that is switched off.
    fn resources(&mut self, resources: &Dict<'_>, depth: u32) -> bool {
        let named = resources.get::<Dict<'_>>("Properties");
        if named.is_some_and(|named| named.entries().any(|(_, layer)| self.names_one(&layer))) {
            return true;
        }
        let Some(things) = resources.get::<Dict<'_>>("XObject") else { return false };
        things.entries().any(|(_, thing)| {
            let Some(number) = thing.as_obj_ref().map(ObjectIdentifier::from) else { return false };
            if !self.seen.insert(number) {
                return false;
            }
            let Some(Object::Stream(stream)) = self.document.xref().get::<Object<'_>>(number) else { return false };
            let inner = stream.dict().get::<Dict<'_>>("Resources");
            self.seen.len() > OBJECTS
                || self.is_off(stream.dict())
                // What lies deeper is taken for one.
                || inner.is_some_and(|inner| depth == 0 || self.resources(&inner, depth - 1))
        })
    }

    /// Whether a thing belongs to a layer that is switched off.
    fn is_off(&self, thing: &Dict<'_>) -> bool {
        thing.get_raw::<Object<'_>>("OC").is_some_and(|layer| self.names_one(&layer))
    }

    /// Whether this is a layer that is switched off, or a choice among layers with one.
    fn names_one(&self, layer: &MaybeRef<Object<'_>>) -> bool {
        let off = |layer: &MaybeRef<Object<'_>>| {
            layer.as_obj_ref().is_some_and(|number| self.switched.off.contains(&number.into()))
        };
        let choice = match layer {
            MaybeRef::Ref(number) => tree::dictionary(self.document, (*number).into()),
            MaybeRef::NotRef(Object::Dict(choice)) => Some(choice.clone()),
            MaybeRef::NotRef(_) => None,
        };
        let Some(choice) = choice.filter(|_| !off(layer)) else { return off(layer) };
        // What an expression shows, or a rule that wants layers to be off, is not worked out.
        let rule = choice.get::<Name<'_>>("P");
        let wants_off = rule.is_some_and(|rule| matches!(rule.as_ref(), b"AllOff" | b"AnyOff"));
        if choice.contains_key("VE") || wants_off {
            self.switched.by_choice.set(true);
            return true;
        }
        let listed = choice.get::<Array<'_>>("OCGs").is_some_and(|list| list.raw_iter().any(|layer| off(&layer)));
        listed || choice.get_raw::<Object<'_>>("OCGs").is_some_and(|layer| off(&layer))
    }
}
