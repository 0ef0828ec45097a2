//! Appearances of annotations that no viewer shows until somebody does something (ISO 32000-2, 12.5.5): of hidden annotations and
//! of popups, of buttons that are pressed or pointed at, of other states, and icons of buttons. Each is drawn on a page of its own
//! kind, as a stamp there.

use std::collections::HashSet;
use std::fmt::Write as _;

use hayro_syntax::Pdf;
use hayro_syntax::content::TypedIter;
use hayro_syntax::content::ops::TypedInstruction;
use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier, Stream};

use super::streams::{self, Rules};
use super::tree::{self, Leaf};
use super::walk;

/// The bits of an annotation that is hidden, and of one that is printed only.
const HIDDEN: i32 = 2;
const NO_VIEW: i32 = 32;
/// Appearances on one page.
const ON_A_PAGE: usize = 20;
/// Bytes of text that are more than a tick: letters of composite fonts have two each.
const TICK: usize = 2;
/// Segments of a drawing that may be letters: ticks, crosses and circles have fewer.
const LETTERS: usize = 40;
/// Sides that an appearance may have, in points.
const SIDES: std::ops::RangeInclusive<f32> = 10.0..=3000.0;

/// Pages of such appearances, each with the number of the page that has the annotations.
pub(super) fn pages(document: &Pdf, leaves: &[Leaf], rules: Rules<'_>) -> Vec<(u32, Vec<u8>)> {
    Search::new(document, rules).pages(leaves)
}

/// An appearance, its width and its height.
type Appearance = (ObjectIdentifier, f32, f32);

/// A page with these appearances one above the other.
fn page_of(appearances: &[Appearance]) -> Vec<u8> {
    let (mut stamps, mut top, mut widest) = (String::new(), 0.0_f32, 0.0_f32);
    for (number, width, height) in appearances {
        let above = top + height;
        let _ = write!(
            stamps,
            "<< /Type /Annot /Subtype /Stamp /F 4 /Rect [0 {top:.1} {width:.1} {above:.1}] /AP << /N {} {} R >> >> ",
            number.obj_number, number.gen_number
        );
        top = above;
        widest = widest.max(*width);
    }
    format!("<< /Type /Page /MediaBox [0 0 {widest:.1} {top:.1}] /Resources << >> /Annots [{stamps}] >>").into_bytes()
}

struct Search<'s> {
    document: &'s Pdf,
    rules: Rules<'s>,
    /// Texts of appearances that are shown.
    shown: HashSet<Vec<u8>>,
    /// Data of appearances that were taken: forms have the same for each of their fields.
    taken: HashSet<Vec<u8>>,
    /// Those that were looked at, of what is shown and of what is not: thousands of annotations may have one.
    known: [HashSet<ObjectIdentifier>; 2],
    found: Vec<Appearance>,
    /// Appearances that were unpacked.
    #[cfg_attr(not(test), allow(dead_code, reason = "a test counts them"))]
    unpacked: usize,
}

impl<'s> Search<'s> {
    fn new(document: &'s Pdf, rules: Rules<'s>) -> Self {
        Self {
            document,
            rules,
            shown: HashSet::new(),
            taken: HashSet::new(),
            known: [HashSet::new(), HashSet::new()],
            found: Vec::new(),
            unpacked: 0,
        }
    }

    fn pages(&mut self, leaves: &[Leaf]) -> Vec<(u32, Vec<u8>)> {
        let mut pages = Vec::new();
        for (number, leaf) in (1..).zip(leaves) {
            let Some(page) = leaf.page.and_then(|page| tree::dictionary(self.document, page)) else { continue };
            let Some(list) = page.get::<Array<'_>>("Annots") else { continue };
            for annotation in list.iter::<Dict<'_>>().take(self.rules.limits.page_annotations) {
                self.annotation(&annotation);
            }
            let found = std::mem::take(&mut self.found);
            pages.extend(found.chunks(ON_A_PAGE).map(|some| (number, page_of(some))));
        }
        pages
    }

    fn annotation(&mut self, annotation: &Dict<'s>) {
        let flags = annotation.get::<i32>("F").unwrap_or_default();
        let is_popup = annotation.get::<Name<'_>>("Subtype").is_some_and(|kind| kind.as_ref() == b"Popup");
        let is_seen = flags & (HIDDEN | NO_VIEW) == 0 && !is_popup;
        let (mut shown, mut unshown) = (Vec::new(), Vec::new());
        if let Some(appearances) = annotation.get::<Dict<'_>>("AP") {
            let state = annotation.get::<Name<'_>>("AS");
            for (key, appearance) in appearances.entries() {
                let is_usual = is_seen && key.as_ref() == b"N";
                let Some((number, object)) = self.resolved(appearance) else { continue };
                match object {
                    Object::Stream(stream) if is_usual => shown.push(stream),
                    Object::Stream(stream) => unshown.extend(number.map(|number| (number, stream))),
                    Object::Dict(states) => {
                        for (name, appearance) in states.entries() {
                            let is_on = state.as_ref().is_some_and(|state| state.as_ref() == name.as_ref());
                            if let Some((Some(number), Object::Stream(stream))) = self.resolved(appearance) {
                                if is_usual && is_on { shown.push(stream) } else { unshown.push((number, stream)) }
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
        if let Some(icons) = annotation.get::<Dict<'_>>("MK") {
            for (_, icon) in icons.entries() {
                if let Some((Some(number), Object::Stream(stream))) = self.resolved(icon) {
                    unshown.push((number, stream));
                }
            }
        }
        if unshown.is_empty() {
            return;
        }
        let [shown_before, unshown_before] = &mut self.known;
        shown.retain(|stream: &Stream<'_>| shown_before.insert(stream.obj_id()));
        unshown.retain(|(number, _): &(ObjectIdentifier, _)| unshown_before.insert(*number));
        for stream in shown {
            let drawn = self.drawn(&stream);
            self.shown.insert(drawn.text);
            self.taken.insert(stream.raw_data().into_owned());
        }
        for (number, stream) in unshown {
            self.unshown(number, &stream);
        }
    }

    fn resolved(&self, value: MaybeRef<Object<'s>>) -> Option<(Option<ObjectIdentifier>, Object<'s>)> {
        match value {
            MaybeRef::NotRef(object) => Some((None, object)),
            MaybeRef::Ref(number) => {
                let number = ObjectIdentifier::from(number);
                Some((Some(number), self.document.xref().get::<Object<'s>>(number)?))
            }
        }
    }

    fn unshown(&mut self, number: ObjectIdentifier, stream: &Stream<'_>) {
        let drawn = self.drawn(stream);
        let is_new = drawn.draws || (drawn.text.len() > TICK && !self.shown.contains(&drawn.text));
        if !is_new || !self.taken.insert(stream.raw_data().into_owned()) {
            return;
        }
        let corners: Vec<f32> = match stream.dict().get::<Array<'_>>("BBox") {
            Some(list) => list.iter::<f32>().collect(),
            None => Vec::new(),
        };
        let &[left, bottom, right, top] = corners.as_slice() else { return };
        let side = |length: f32| length.abs().clamp(*SIDES.start(), *SIDES.end());
        self.found.push((number, side(right - left), side(top - bottom)));
    }

    fn drawn(&mut self, stream: &Stream<'_>) -> Drawn {
        self.unpacked += 1;
        let mut drawn = Drawn::default();
        let Ok(Some(data)) = streams::unpack(stream, self.rules, true) else {
            // Whatever it is, it is looked at.
            return Drawn { draws: true, ..drawn };
        };
        let mut segments = 0;
        let mut instructions = TypedIter::new(&data);
        while let Some(instruction) = instructions.next() {
            match instruction {
                TypedInstruction::XObject(_) | TypedInstruction::InlineImage(_) | TypedInstruction::Shading(_) => {
                    drawn.draws = true;
                }
                TypedInstruction::LineTo(_)
                | TypedInstruction::CubicTo(_)
                | TypedInstruction::CubicStartTo(_)
                | TypedInstruction::CubicEndTo(_)
                | TypedInstruction::RectPath(_) => segments += 1,
                other => walk::written(&other, &mut drawn.text),
            }
        }
        drawn.draws |= segments > LETTERS;
        drawn
    }
}

/// What instructions draw.
#[derive(Default)]
struct Drawn {
    /// The texts, as they are written.
    text: Vec<u8>,
    /// More than text and a few lines.
    draws: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_support::{pdf, settings};

    #[test]
    fn an_appearance_of_thousands_of_annotations_is_unpacked_once() {
        let drawing = "0 0 9 9 re f ".repeat(50);
        let form = |corners: &str| {
            let length = drawing.len();
            format!("<< /Subtype /Form /BBox {corners} /Length {length} >>\nstream\n{drawing}\nendstream").into_bytes()
        };
        let hidden = "<< /Subtype /Stamp /F 2 /Rect [0 0 100 50] /AP << /N 4 0 R >> >> ";
        let pressed = "<< /Subtype /Widget /FT /Btn /Rect [0 0 9 9] /AP << /N 5 0 R /D 4 0 R >> >> ";
        let file = pdf(&[
            b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
            format!(
                "<< /Type /Page /Parent 2 0 R /Annots [{}] /MediaBox [0 0 300 300] >>",
                hidden.repeat(2000) + &pressed.repeat(2000)
            )
            .into_bytes(),
            form("[0 0 100 50]"),
            form("[0 0 9 9]"),
        ]);
        let settings = settings();
        let document = Pdf::new(file).expect("a document");
        let rules = Rules { limits: &settings.limits, encrypted: false };
        let mut search = Search::new(&document, rules);
        let pages = search.pages(&tree::leaves(&document, rules.limits));
        assert_eq!((pages.len(), search.unpacked), (1, 2), "one that is not shown, and one that is");
    }
}
