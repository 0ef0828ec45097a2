//! Whether all that a page is made of is whole, as a second reader sees it: only here is `hayro_syntax` named.
//!
//! PDFium reads what it can and says nothing of the rest. A stream that does not unpack is empty to it, an object that is not
//! where the table says is null, a picture that breaks off is white below. So each page is followed once more, through
//! everything that its content names, by a reader in Rust alone that is strict and shows nothing. Damage that leaves a valid
//! file, another letter or another pixel, is beyond any reader.
//!
//! The second reader may fail of itself: that is a fault, and never costs what the first one reads.

mod about;
mod appearances;
mod attached;
mod evidence;
mod form;
mod notes;
mod pictures;
mod predictor;
mod said;
mod streams;
mod strings;
mod switched;
mod tally;
#[cfg(test)]
mod tests;
mod tree;
mod untold;
mod walk;

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use hayro_syntax::object::{Name, Object, ObjectIdentifier, Stream};
use hayro_syntax::{LoadPdfError, Pdf};

use super::repair;
use crate::config::Limits;
use crate::finding::{Fault, FaultReason};
use crate::format::Members;
use crate::format::packed::Packed;
use crate::format::text::Part;
use attached::Attached;
use evidence::Evidence;
use said::Said;
use streams::{Flaw, Rules};
use switched::Switched;
use tree::Leaf;
use walk::Walk;

pub(super) use evidence::Number;
pub(super) use pictures::Pictures;
pub(super) use switched::Switches;
pub(super) use untold::UntoldFonts;

/// A document as the second reader sees it.
pub(super) struct Whole<'l> {
    document: Result<Pdf, String>,
    encrypted: bool,
    limits: &'l Limits,
    /// What is wrong with streams that were looked at: pages share fonts and pictures.
    known: RefCell<HashMap<ObjectIdentifier, Option<Flaw>>>,
    /// The pages, once they were asked for.
    leaves: OnceCell<Vec<Leaf>>,
    /// What a look at all objects tells, once it was asked for.
    objects: OnceCell<Objects>,
    /// Pages of appearances that no viewer shows, with the numbers of those that have the annotations, once they were asked for.
    appearances: OnceCell<Vec<(u32, Vec<u8>)>>,
}

/// What a look at all objects tells.
struct Objects {
    /// Packed lists of objects that do not unpack.
    broken: usize,
    /// Files embedded anywhere.
    attached: Vec<Attached>,
    /// Pages, wherever they are named.
    pages: Vec<ObjectIdentifier>,
    /// What no page draws.
    said: Said,
}

/// What a document says beside its pages, and what keeps that from being known.
#[derive(Default)]
pub(super) struct Beside {
    /// Texts, each a page of its own.
    pub(super) parts: Vec<Part>,
    /// Pictures in forms.
    pub(super) pictures: Vec<Packed>,
    /// What was not read.
    pub(super) faults: Vec<Fault>,
    /// There is an XFA form, and it was read.
    pub(super) form: bool,
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
    /// Its fonts whose glyphs only pixels tell.
    pub(super) fonts: UntoldFonts,
    /// What its content says in place of what it draws, a line each.
    pub(super) alternatives: String,
}

impl<'l> Whole<'l> {
    /// Has the second reader open a document, with the password that opened it for the first.
    pub(super) fn of(bytes: Vec<u8>, password: &str, limits: &'l Limits) -> Self {
        let encrypted = repair::is_encrypted(&bytes);
        let opened = guarded(|| Pdf::new_with_password(bytes, password));
        let document = match opened {
            Some(Ok(document)) => Ok(document),
            // It knows fewer ways to give a password.
            Some(Err(LoadPdfError::Decryption(_))) => Err("it cannot decrypt it".to_owned()),
            Some(Err(LoadPdfError::Invalid)) => Err("it finds no pages".to_owned()),
            None => Err("it failed".to_owned()),
        };
        Self {
            document,
            encrypted,
            limits,
            known: RefCell::default(),
            leaves: OnceCell::new(),
            objects: OnceCell::new(),
            appearances: OnceCell::new(),
        }
    }

    /// What is amiss with the document as a whole, of which the first reader found so many pages.
    pub(super) fn faults(&self, pages: u32) -> Vec<Fault> {
        let found = match &self.document {
            Ok(document) => guarded(|| self.whole_faults(document, pages)).ok_or("it failed"),
            Err(why) => Err(why.as_str()),
        };
        found.unwrap_or_else(|why| {
            let detail = format!("a second reader cannot follow it, so nothing tells whether it is whole: {why}");
            vec![Fault::whole(if self.encrypted { FaultReason::Encrypted } else { FaultReason::Damaged }, detail)]
        })
    }

    fn whole_faults(&self, document: &Pdf, pages: u32) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut damaged = |detail: String| faults.push(Fault::whole(FaultReason::Damaged, detail));
        // Neither counts on beyond the limit, which is a fault of its own.
        let most = self.limits.pages;
        let found = u32::try_from(self.leaves(document).len()).unwrap_or(u32::MAX);
        if found.min(most) != pages.min(most) {
            damaged(format!("its tree of pages is damaged: PDFium finds {pages}, and a second reader {found}"));
        }
        let broken = self.objects(document).broken;
        if broken > 0 {
            damaged(format!("{broken} of its packed lists of objects are damaged"));
        }
        faults
    }

    /// Follows page `number`, from 1; none if the second reader cannot follow the document at all.
    pub(super) fn page(&self, number: u32) -> Option<Made> {
        let document = self.document.as_ref().ok()?;
        let lost = |detail: &str| Made {
            faults: vec![Fault::on_page(number, FaultReason::Damaged, detail)],
            ..Made::default()
        };
        match guarded(|| self.made(document, number)) {
            Some(Some(made)) => Some(made),
            Some(None) => Some(lost("a second reader does not find the page")),
            None => Some(lost("a second reader fails on the page, so nothing tells whether it is whole")),
        }
    }

    fn made(&self, document: &Pdf, number: u32) -> Option<Made> {
        let leaf = self.leaves(document).get((number as usize).saturating_sub(1))?;
        let page = tree::dictionary(document, leaf.page?)?;
        let resources = tree::resources(document, &page, leaf);
        Some(Walk::new(document, self.rules(), &self.known, resources).page(&page, number))
    }

    /// The pictures that page `number` may draw: nothing is known of them if the second reader cannot follow it. None if it draws
    /// none.
    pub(super) fn pictures(&self, number: u32) -> Option<Pictures> {
        let Ok(document) = &self.document else { return Some(Pictures::default()) };
        let found = guarded(|| {
            let leaf = self.leaves(document).get((number as usize).saturating_sub(1))?;
            let page = tree::dictionary(document, leaf.page?)?;
            Some(pictures::of(document, &page, &tree::resources(document, &page, leaf), self.rules()))
        });
        // A page that it does not find is a fault already, and is not looked at without a look at its size.
        found.flatten().flatten()
    }

    /// Looks at all objects, once.
    fn objects(&self, document: &Pdf) -> &Objects {
        self.objects.get_or_init(|| {
            // Both readers unpack them as far as they go. In encrypted documents tables of places are in the clear (ISO 32000-1,
            // 7.5.8.2), and the second reader decrypts them all the same.
            let kinds =
                if self.encrypted { [b"ObjStm".as_slice(), b"ObjStm"] } else { [b"ObjStm".as_slice(), b"XRef"] };
            let is_table = |stream: &Stream<'_>| {
                let name = stream.dict().get::<Name<'_>>("Type");
                name.is_some_and(|name| kinds.contains(&name.as_ref()))
            };
            let (mut broken, mut search, mut pages) = (0, attached::Search::default(), Vec::new());
            let mut said = Said::default();
            for object in document.objects() {
                search.object(&object);
                said.object(&object, self.rules());
                if let Object::Dict(dictionary) = &object
                    && pages.len() < self.limits.page_objects
                    && evidence::is_page(dictionary)
                {
                    pages.extend(dictionary.obj_id());
                }
                if let Object::Stream(table) = object {
                    broken += usize::from(is_table(&table) && streams::unpack(&table, self.rules(), false).is_err());
                }
            }
            Objects { broken, attached: search.end(), pages, said }
        })
    }

    /// The pages, from 1, with layers that are switched off, and by what.
    pub(super) fn switched_off(&self) -> (Vec<u32>, Switches) {
        let Ok(document) = &self.document else { return <(Vec<u32>, Switches)>::default() };
        let found = guarded(|| {
            let switched = Switched::of(document);
            let pages = switched.pages(document, self.leaves(document));
            (pages, switched.switches())
        });
        found.unwrap_or_default()
    }

    /// The bytes of the file.
    pub(super) fn bytes(&self) -> &[u8] {
        self.document.as_ref().map_or(&[], |document| document.data().as_ref())
    }

    /// Whether there are pages that are in no tree.
    pub(super) fn has_orphans(&self) -> bool {
        let Ok(document) = &self.document else { return false };
        guarded(|| !self.lone(document).is_empty()).unwrap_or_default()
    }

    /// Pages of appearances that no viewer shows, with the numbers of those that have the annotations.
    pub(super) fn appearances(&self) -> &[(u32, Vec<u8>)] {
        self.appearances.get_or_init(|| {
            let Ok(document) = &self.document else { return Vec::new() };
            guarded(|| appearances::pages(document, self.leaves(document), self.rules())).unwrap_or_default()
        })
    }

    /// Pages in no tree.
    fn lone(&self, document: &Pdf) -> Vec<ObjectIdentifier> {
        let pages = &self.objects(document).pages;
        let shown: HashSet<ObjectIdentifier> = self.leaves(document).iter().filter_map(|leaf| leaf.page).collect();
        pages.iter().copied().filter(|page| !shown.contains(page)).collect()
    }

    /// Learns what its pages are made of.
    pub(super) fn learn(&self, known: &mut HashSet<u64>) {
        self.pages_with_more(known);
    }

    /// Pages in no tree that are made of more than what is known, which is known then. A template is no page to PDFium, unless it
    /// is called one: that is what it says then.
    pub(super) fn orphans(&self, known: &mut HashSet<u64>) -> Vec<(Number, Option<Vec<u8>>)> {
        let Ok(document) = &self.document else { return Vec::new() };
        let found = guarded(|| {
            let mut evidence = Evidence::new(document, self.limits.page_objects);
            let more = self.lone(document).into_iter().filter(|page| evidence.adds(*page, known));
            let number = |page: ObjectIdentifier| (page.obj_number, page.gen_number);
            more.map(|page| (number(page), evidence::as_page(document, page))).collect()
        });
        found.unwrap_or_default()
    }

    /// The pages, with their numbers from 1, that are made of more than what is known, which is known then.
    pub(super) fn pages_with_more(&self, known: &mut HashSet<u64>) -> Vec<(Number, u32)> {
        let Ok(document) = &self.document else { return Vec::new() };
        let found = guarded(|| {
            let mut evidence = Evidence::new(document, self.limits.page_objects);
            let pages = (1..).zip(self.leaves(document)).filter_map(|(number, leaf)| Some((leaf.page?, number)));
            let more = pages.filter(|(page, _)| evidence.adds(*page, known));
            more.map(|(page, number)| ((page.obj_number, page.gen_number), number)).collect()
        });
        found.unwrap_or_default()
    }

    /// How many files are embedded in the document; none if the second reader cannot follow it.
    pub(super) fn attached(&self) -> Option<usize> {
        let document = self.document.as_ref().ok()?;
        guarded(|| self.objects(document).attached.len())
    }

    /// Hands out the files that are embedded in the document.
    pub(super) fn hand_out(&self, out: &mut dyn Members) -> Result<ControlFlow<()>, Fault> {
        let Ok(document) = &self.document else { return Ok(ControlFlow::Continue(())) };
        let handed = guarded(|| attached::hand_out(document, &self.objects(document).attached, self.rules(), out));
        handed.ok_or_else(|| Fault::whole(FaultReason::Damaged, "a second reader fails on the attachments"))
    }

    /// What the document says beside its pages: nothing if the second reader cannot follow it, which is a fault already.
    pub(super) fn beside(&self) -> Beside {
        let Ok(document) = &self.document else { return Beside::default() };
        guarded(|| self.all_beside(document)).unwrap_or_else(|| {
            let detail = "a second reader fails on the outline, the properties or the form";
            Beside { faults: vec![Fault::whole(FaultReason::Damaged, detail)], ..Beside::default() }
        })
    }

    fn all_beside(&self, document: &Pdf) -> Beside {
        let mut beside = Beside::default();
        let mut part = |label: &str, text| beside.parts.push(Part { label: Some(label.to_owned()), text });
        match form::read(document, self.rules()) {
            Ok(form) => {
                beside.form = !form.text.is_empty() && form.damage.is_none();
                beside.faults.extend(form.damage);
                part("form data", form.text);
                beside.pictures = form.pictures;
            }
            Err(fault) => beside.faults.push(fault),
        }
        let (outline, more) = about::outline(document, self.rules());
        part("outline", outline);
        let limit = self.limits.page_objects;
        beside.faults.extend(more.then(|| Fault::limit("page_objects", limit, "the outline")));
        let said = &self.objects(document).said;
        part("alternative texts", said.alternatives.clone());
        part("strings of scripts", said.scripts.clone());
        part("page labels", said::page_labels(document, self.rules()));
        beside.faults.extend(said.faults.iter().cloned());
        if said.models > 0 {
            let detail = format!("{} models in three dimensions are not read", said.models);
            beside.faults.push(Fault::whole(FaultReason::Unsupported, detail));
        }
        let mut part = |label: &str, text| beside.parts.push(Part { label: Some(label.to_owned()), text });
        let (notes, faults) = notes::read(document, self.leaves(document), self.rules());
        part("annotations", notes);
        beside.faults.extend(faults);
        let described = self.objects(document).attached.iter().filter(|file| !file.description.is_empty());
        let descriptions =
            described.fold(String::new(), |lines, file| lines + "attachment: " + &file.description + "\n");
        match about::properties(document, self.rules(), &said.metadata) {
            Ok(properties) => part("properties", properties + &descriptions),
            Err(why) => beside.faults.push(Fault::whole(FaultReason::Damaged, why)),
        }
        beside
    }

    fn rules(&self) -> Rules<'l> {
        Rules { limits: self.limits, encrypted: self.encrypted }
    }

    fn leaves(&self, document: &Pdf) -> &[Leaf] {
        self.leaves.get_or_init(|| tree::leaves(document, self.limits))
    }
}

/// What comes of a call that may panic on hostile input; none if it did.
fn guarded<T>(call: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(call)).ok()
}
