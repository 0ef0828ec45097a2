//! Pictures of which a page shows less than there is: the page or a clip path cuts them, or something lies over them. What is cut
//! off or covered is still in the file, and whoever thinks that it is gone is mistaken.
//!
//! Found by geometry alone: what is drawn later, fills a place and is not transparent is taken to cover it. Pictures that touch one
//! another are one picture in strips or tiles. What a picture with a mask of its own lies over can be seen through it.

mod groups;
mod strips;

use super::clip;
use super::frame::Frame;
use super::pdfium::{
    PdfColor, PdfMatrix, PdfPage, PdfPageAnnotation, PdfPageAnnotationCommon as _, PdfPageAnnotationType,
    PdfPageObject, PdfPageObjectCommon as _, PdfPageObjectsCommon as _, PdfPagePathObject, PdfPathFillMode, PdfRect,
};
use super::uncovered::{Glances, Sheet};
use super::whole::Pictures;
use crate::config::Limits;
use crate::document::Rect;
use crate::finding::Fault;
use crate::format::placed::Matrix;
use groups::SEAM;

/// Objects that are looked at; what is drawn after them is not known, and may cover everything.
const OBJECTS: usize = 200_000;
/// Forms inside forms.
const DEPTH: u32 = 8;
/// Things that may cover pictures; with more of them everything counts as covered.
const COVERS: usize = 2_000;
/// Pictures that are looked at; more of them are a fault if a line may be in them, or in all of them together. A scan of A3 at 300
/// dots an inch in strips of one row has 4,961.
const PICTURES: usize = 6_000;
/// Sides, in points, of the smallest place with a line of text of two characters.
const LINE_HEIGHT: f32 = 6.0;
const LINE_LENGTH: f32 = 12.0;
/// Width of a stroke, in points, that may cover a line.
const BROAD: f32 = 4.0;
/// Opacity, of 255, from which something hides what is below it.
const OPAQUE: u8 = 200;
/// Brightness, of 255, below which a marker does not mark but hide.
const DARK: u8 = 110;
/// What is larger than this is no place on a page.
const FAR: f32 = 1e6;

/// A picture that is larger than what shows of it.
#[derive(Debug)]
pub(super) struct Covered {
    /// What it is put together from, in the order in which it is drawn.
    pub(super) members: Vec<Member>,
    /// Where all of it would be, in points from the top left corner of the page as shown.
    pub(super) bounds: Rect,
    /// The parts of that place in which something is hidden, or may be.
    pub(super) hidden: Vec<Rect>,
}

/// One picture.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// Its index on the page, or of the form it lies in, and its index there.
    pub(super) path: Vec<usize>,
    /// Where all of it would be.
    pub(super) bounds: Rect,
    /// Where its own axes point to on the page as shown: from left to right, and from bottom to top.
    pub(super) across: (f32, f32),
    pub(super) up: (f32, f32),
    /// Width and height in pixels.
    pub(super) pixels: (u32, u32),
}

/// Where a page is found.
#[derive(Clone, Copy, Debug)]
pub(super) enum Of {
    /// A page that is shown, from 1.
    Shown(u32),
    /// One that no viewer shows: of which document of such pages, and its number there.
    Unseen(usize, u32),
}

/// The covered pictures of a document.
#[derive(Debug)]
pub(super) struct Listed {
    /// Each with its page, and what it is called.
    pub(super) pictures: Vec<(Of, Covered, String)>,
    /// Pages with more of them than are read.
    pub(super) faults: Vec<Fault>,
    /// Of all pages together: the reader has not said yet that it has opened the document.
    glances: Glances,
}

impl Listed {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { pictures: Vec::new(), faults: Vec::new(), glances: Glances::of(limits) }
    }

    /// Adds those that were found on a page that is called `name`.
    pub(super) fn add(
        &mut self,
        of: Of,
        name: &str,
        (mut found, mut over): (Vec<Covered>, bool),
        sheet: &Sheet<'_, '_>,
        limits: &Limits,
    ) {
        let most = limits.covered_pictures;
        if found.len() > most {
            // Portraits that are cut round hide nothing but paper, as a rule: of so many only those with ink count.
            found.retain(|picture| sheet.hides_ink(picture, &mut self.glances));
        }
        over |= found.len() > most;
        found.truncate(most);
        if over {
            let what = format!("pictures of which {name} shows a part");
            let fault = Fault::limit("covered_pictures", most, what);
            let number = if let Of::Shown(number) = of { Some(number) } else { None };
            self.faults.push(Fault { page: number, ..fault });
        }
        for (number, picture) in (1..).zip(found) {
            self.pictures.push((of, picture, format!("{name}, picture {number}, whole")));
        }
    }
}

/// Finds them, and says whether there may be more.
pub(super) fn find(page: &PdfPage<'_>, frame: &Frame, pictures: &Pictures, limits: &Limits) -> (Vec<Covered>, bool) {
    let mut search = Search {
        frame,
        known: pictures,
        found: Vec::new(),
        left_out: None,
        covers: Vec::new(),
        looked_at: 0,
        is_over: false,
    };
    let all = Shown { area: Rect { x: -FAR, y: -FAR, w: 2.0 * FAR, h: 2.0 * FAR }, shaped: false };
    let objects = page.objects();
    for index in 0..objects.len() {
        let Ok(object) = objects.get(index) else { continue };
        search.object(&object, &mut vec![index], Matrix::IDENTITY, all);
        if search.looked_at > OBJECTS {
            break;
        }
    }
    if search.found.is_empty() {
        return (Vec::new(), false);
    }
    search.annotations(page, limits);
    search.end()
}

/// A picture as it was met.
struct Found {
    member: Member,
    /// What clip paths leave of it.
    shown: Shown,
    order: usize,
    /// Whether it hides what lies below it.
    hides: bool,
}

/// What may lie over pictures.
struct Cover {
    area: Rect,
    order: usize,
    /// It is a picture itself, with this index.
    picture: Option<usize>,
}

/// What clip paths leave.
#[derive(Clone, Copy)]
struct Shown {
    area: Rect,
    /// Something that is no box cuts it.
    shaped: bool,
}

struct Search<'s> {
    frame: &'s Frame,
    known: &'s Pictures,
    found: Vec<Found>,
    /// The box around pictures that were not looked at.
    left_out: Option<Rect>,
    covers: Vec<Cover>,
    looked_at: usize,
    /// Not all pictures were looked at.
    is_over: bool,
}

impl Search<'_> {
    fn object(&mut self, object: &PdfPageObject<'_>, path: &mut Vec<usize>, matrix: Matrix, outer: Shown) {
        self.looked_at += 1;
        if self.looked_at > OBJECTS {
            // Behind so many things pictures are not looked for.
            self.is_over = true;
            self.cover(outer.area, None);
            return;
        }
        match object {
            PdfPageObject::Image(image) => {
                let (Ok(own), Ok(width), Ok(height)) = (object.matrix(), image.width(), image.height()) else { return };
                let (Ok(width), Ok(height)) = (u32::try_from(width), u32::try_from(height)) else { return };
                let place = matrix_of(&own).then(&matrix);
                let bounds = self.bounds(&[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)], place);
                if !is_place(&bounds) {
                    return;
                }
                let shown = self.shown(object, matrix, outer);
                let at = |x, y| self.frame.place(place.point(x, y));
                let (origin, right, top) = (at(0.0, 0.0), at(1.0, 0.0), at(0.0, 1.0));
                let member = Member {
                    path: path.clone(),
                    bounds,
                    across: (right.0 - origin.0, right.1 - origin.1),
                    up: (top.0 - origin.0, top.1 - origin.1),
                    pixels: (width, height),
                };
                // What a mask leaves out shows what is below.
                let hides = self.known.hides(width, height);
                let index = if self.found.len() < PICTURES {
                    self.found.push(Found { member, shown, order: self.looked_at, hides });
                    Some(self.found.len() - 1)
                } else {
                    // Each of them may be a strip of one row.
                    self.left_out = Some(self.left_out.map_or(bounds, |around| around.union(&bounds)));
                    None
                };
                if hides {
                    self.cover(bounds.intersection(&shown.area), index);
                }
            }
            PdfPageObject::Path(drawn) if covers(drawn, |_| true) => self.covering(object, matrix, outer),
            PdfPageObject::Shading(_) => self.covering(object, matrix, outer),
            PdfPageObject::XObjectForm(form) if path.len() <= DEPTH as usize => {
                let Ok(own) = object.matrix() else { return };
                let shown = self.shown(object, matrix, outer);
                let inner = matrix_of(&own).then(&matrix);
                for index in 0..form.len() {
                    let Ok(child) = form.get(index) else { continue };
                    path.push(index);
                    self.object(&child, path, inner, shown);
                    path.pop();
                    if self.looked_at > OBJECTS {
                        break;
                    }
                }
            }
            _ => {}
        }
    }

    /// Something that may hide what lies below it.
    fn covering(&mut self, object: &PdfPageObject<'_>, matrix: Matrix, outer: Shown) {
        if self.found.is_empty() {
            return;
        }
        let Ok(bounds) = object.bounds() else { return };
        let area = self.bounds(&corners(&bounds.to_rect()), matrix);
        let area = area.intersection(&self.shown(object, matrix, outer).area);
        self.cover(area, None);
    }

    fn cover(&mut self, area: Rect, picture: Option<usize>) {
        let order = self.looked_at;
        if self.covers.len() == COVERS {
            let area = Rect { x: -FAR, y: -FAR, w: 2.0 * FAR, h: 2.0 * FAR };
            self.covers.push(Cover { area, order: usize::MAX, picture: None });
        } else if self.covers.len() < COVERS && holds_line(&area) {
            self.covers.push(Cover { area, order, picture });
        }
    }

    /// What the clip paths of an object leave of what those of the form around it leave.
    fn shown(&self, object: &PdfPageObject<'_>, matrix: Matrix, outer: Shown) -> Shown {
        clip::of(object).into_iter().fold(outer, |shown, clip| Shown {
            area: shown.area.intersection(&self.bounds(&clip.points, matrix)),
            shaped: shown.shaped || !clip.is_box,
        })
    }

    /// The box around points.
    fn bounds(&self, points: &[(f32, f32)], matrix: Matrix) -> Rect {
        let mut places = points.iter().map(|point| self.frame.place(matrix.point(point.0, point.1)));
        let Some(first) = places.next() else { return Rect::default() };
        let (mut low, mut high) = (first, first);
        for place in places {
            low = (low.0.min(place.0), low.1.min(place.1));
            high = (high.0.max(place.0), high.1.max(place.1));
        }
        Rect { x: low.0, y: low.1, w: high.0 - low.0, h: high.1 - low.1 }
    }

    /// Annotations lie over all that the page draws.
    fn annotations(&mut self, page: &PdfPage<'_>, limits: &Limits) {
        let annotations = page.annotations();
        for index in 0..annotations.len().min(limits.page_annotations) {
            let Ok(annotation) = annotations.get(index) else { continue };
            let is_seen = !annotation.is_hidden() && !annotation.is_printable_but_not_viewable();
            if is_seen
                && lies_over(&annotation)
                && let Ok(bounds) = annotation.bounds()
            {
                let area = self.bounds(&corners(&bounds), Matrix::IDENTITY);
                self.looked_at += 1;
                self.cover(area, None);
            }
        }
    }

    fn end(self) -> (Vec<Covered>, bool) {
        let page = Rect { x: 0.0, y: 0.0, w: self.frame.size.width, h: self.frame.size.height };
        let places: Vec<Rect> = self.found.iter().map(|one| one.member.bounds).collect();
        let (groups, whole) = groups::groups(&places);
        let strips = strips::covers(&self.found, &groups);
        let mut covered = Vec::new();
        for (group, members) in groups.iter().enumerate() {
            let found: Vec<&Found> = members.iter().filter_map(|index| self.found.get(*index)).collect();
            let bounds = found.iter().map(|one| one.member.bounds).reduce(|all, next| all.union(&next));
            let Some(bounds) = bounds.filter(holds_line) else { continue };
            let mut hidden = beyond(&bounds, &page);
            hidden.retain(holds_line);
            hidden.extend(clipped(&found));
            let visible = bounds.intersection(&page);
            for cover in &self.covers {
                let part = cover.area.intersection(&visible);
                let own = cover.picture.is_some_and(|picture| members.contains(&picture));
                let is_below = |one: &&Found| one.order < cover.order && reaches_into(&one.member.bounds, &part);
                if !own && holds_line(&part) && found.iter().any(is_below) {
                    hidden.push(part);
                }
            }
            let others = strips.iter().filter(|strips| strips.group != group);
            hidden.extend(others.filter_map(|strips| strips.over(&found, &visible)));
            if !hidden.is_empty() {
                let members = found.into_iter().map(|one| one.member.clone()).collect();
                covered.push(Covered { members, bounds, hidden });
            }
        }
        (covered, self.is_over || !whole || self.left_out.is_some_and(|around| holds_line(&around)))
    }
}

/// What clip paths take away of a picture, or of the strips of one.
fn clipped(found: &[&Found]) -> Vec<Rect> {
    let mut gone = Vec::new();
    for one in found {
        let bounds = &one.member.bounds;
        if one.shown.shaped {
            gone.push(*bounds);
        }
        // Strips of one picture may be lower than a line.
        let thin = 0.5 * bounds.w.min(bounds.h);
        let is_much = |part: &Rect| holds_line(part) || (found.len() > 1 && part.w.min(part.h) >= thin);
        gone.extend(beyond(bounds, &one.shown.area).into_iter().filter(is_much));
    }
    let all = gone.iter().copied().reduce(|all, next| all.union(&next));
    if all.is_some_and(|all| holds_line(&all)) { gone } else { Vec::new() }
}

/// Whether a path hides what lies below it: a filled one, a broad stroke.
fn covers(path: &PdfPagePathObject<'_>, is_cover: impl Fn(PdfColor) -> bool) -> bool {
    let filled = !matches!(path.fill_mode(), Ok(PdfPathFillMode::None));
    let hides = |colour: PdfColor| colour.alpha() > OPAQUE && is_cover(colour);
    let stroked = path.is_stroked().unwrap_or(true) && path.stroke_width().is_ok_and(|width| width.value >= BROAD);
    (filled && path.fill_color().map_or(true, hides)) || (stroked && path.stroke_color().map_or(true, hides))
}

/// Whether an annotation hides what lies below it.
fn lies_over(annotation: &PdfPageAnnotation<'_>) -> bool {
    use PdfPageAnnotationType as Kind;
    let marks = match annotation.annotation_type() {
        // Links and icons.
        Kind::Link | Kind::Popup | Kind::Text | Kind::FileAttachment | Kind::Sound | Kind::Movie => return false,
        Kind::Highlight | Kind::Underline | Kind::Squiggly | Kind::Strikeout | Kind::Ink => true,
        _ => false,
    };
    let is_cover = |colour: PdfColor| {
        let sum = u16::from(colour.red()) + u16::from(colour.green()) + u16::from(colour.blue());
        !marks || sum / 3 < u16::from(DARK)
    };
    let objects = annotation.objects();
    (0..objects.len().min(OBJECTS)).filter_map(|index| objects.get(index).ok()).any(|object| match &object {
        PdfPageObject::Path(path) => covers(path, is_cover),
        PdfPageObject::Image(_) | PdfPageObject::XObjectForm(_) | PdfPageObject::Shading(_) => true,
        _ => false,
    })
}

fn corners(rect: &PdfRect) -> [(f32, f32); 4] {
    let (left, right) = (rect.left().value, rect.right().value);
    let (bottom, top) = (rect.bottom().value, rect.top().value);
    [(left, bottom), (right, bottom), (right, top), (left, top)]
}

/// The parts of a place that lie outside of a window: above, below, left and right of it.
fn beyond(place: &Rect, window: &Rect) -> Vec<Rect> {
    let inner = place.intersection(window);
    if inner.w <= 0.0 || inner.h <= 0.0 {
        return vec![*place];
    }
    let parts = [
        Rect { h: inner.y - place.y, ..*place },
        Rect { y: inner.bottom(), h: place.bottom() - inner.bottom(), ..*place },
        Rect { w: inner.x - place.x, ..*place },
        Rect { x: inner.right(), w: place.right() - inner.right(), ..*place },
    ];
    parts.into_iter().filter(|part| part.w > 0.0 && part.h > 0.0).collect()
}

/// Whether a part of a picture lies in a place, and not a hair of it alone, as of strips whose edges were rounded.
fn reaches_into(picture: &Rect, place: &Rect) -> bool {
    let part = picture.intersection(place);
    part.w.min(part.h) > SEAM.min(0.5 * picture.w.min(picture.h))
}

fn holds_line(place: &Rect) -> bool {
    place.w.min(place.h) >= LINE_HEIGHT && place.w.max(place.h) >= LINE_LENGTH
}

fn is_place(bounds: &Rect) -> bool {
    let within = |value: f32| value.is_finite() && value.abs() < FAR;
    within(bounds.x) && within(bounds.y) && within(bounds.w) && within(bounds.h) && bounds.w > 0.0 && bounds.h > 0.0
}

/// A matrix as PDFium has it.
fn matrix_of(matrix: &PdfMatrix) -> Matrix {
    Matrix([matrix.a(), matrix.b(), matrix.c(), matrix.d(), matrix.e(), matrix.f()])
}

#[cfg(test)]
mod tests;
