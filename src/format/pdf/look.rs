//! A look at what is on a page besides text, before anything is rendered: pictures, drawings that may be letters, forms,
//! boxes painted over text. In doubt something counts as opaque, and the gate renders the page.

use super::pdfium::{
    PdfPage, PdfPageImageObject, PdfPageObject, PdfPageObjectCommon as _, PdfPageObjectsCommon as _, PdfPagePathObject,
    PdfPathFillMode, PdfPathSegmentType, PdfPathSegments as _, PdfRect,
};
use crate::format::Objects;

/// Objects that are looked at; a page of more is a map or an attack and is rendered.
const OBJECTS: usize = 20_000;
/// Segments of one path that are looked at.
const SEGMENTS: u32 = 400;
/// Forms inside forms.
const DEPTH: u32 = 8;
/// Boxes over text that are compared with it.
const BOXES: usize = 500;
/// Side of a picture, in points, that holds no letters.
const THIN: f32 = 2.5;
/// What PDFium answers for the colour of a pattern: a box filled with a pattern may show a whole page.
const PATTERN_GREY: (u8, u8, u8) = (191, 191, 191);

/// What was seen.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) objects: Objects,
    pub(super) native_dpi: Option<f32>,
}

/// Looks at a page.
pub(super) fn look(page: &PdfPage<'_>) -> Seen {
    let mut eye = Eye::default();
    let objects = page.objects();
    for index in 0..objects.len() {
        if eye.left() {
            break;
        }
        match objects.get(index) {
            Ok(object) => eye.object(&object, 0),
            Err(_) => eye.seen.objects.opaque += 1,
        }
    }
    eye.seen
}

#[derive(Default)]
struct Eye {
    seen: Seen,
    looked_at: usize,
    /// Boxes of text painted so far, on the page itself.
    texts: Vec<PdfRect>,
    boxes: usize,
    /// Area of the largest picture so far, in square points.
    largest: f32,
}

impl Eye {
    /// Whether there is too much to look at; then the rest is opaque.
    fn left(&mut self) -> bool {
        self.looked_at += 1;
        let left = self.looked_at > OBJECTS;
        self.seen.objects.opaque += u32::from(left);
        left
    }

    fn object(&mut self, object: &PdfPageObject<'_>, depth: u32) {
        let counts = &mut self.seen.objects;
        match object {
            PdfPageObject::Text(_) => {
                if depth == 0
                    && let Ok(bounds) = object.bounds()
                {
                    self.texts.push(bounds.to_rect());
                }
            }
            PdfPageObject::Image(image) => {
                // A picture a few points thin is a rule, however it is drawn.
                let thin = object.bounds().is_ok_and(|b| b.width().value.min(b.height().value) < THIN && depth == 0);
                counts.images += u32::from(!thin);
                self.image(image);
            }
            PdfPageObject::Path(path) => self.path(path, depth),
            PdfPageObject::XObjectForm(_) if depth >= DEPTH => counts.opaque += 1,
            PdfPageObject::XObjectForm(form) => {
                for index in 0..form.len() {
                    if self.left() {
                        break;
                    }
                    match form.get(index) {
                        Ok(child) => self.object(&child, depth + 1),
                        Err(_) => self.seen.objects.opaque += 1,
                    }
                }
            }
            PdfPageObject::Shading(_) | PdfPageObject::Unsupported(_) => counts.opaque += 1,
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "a resolution needs no seventh digit")]
    fn image(&mut self, image: &PdfPageImageObject<'_>) {
        let (Ok(bounds), Ok(width), Ok(height)) = (image.bounds(), image.width(), image.height()) else { return };
        let (across, down) = (bounds.width().value.abs(), bounds.height().value.abs());
        let area = across * down;
        if area > self.largest && area.is_finite() && area > 1.0 {
            self.largest = area;
            // The geometric mean holds for pictures turned by a quarter as well.
            let dpi = ((width as f32 * height as f32) / area).sqrt() * 72.0;
            self.seen.native_dpi = (10.0..=4800.0).contains(&dpi).then_some(dpi);
        }
    }

    fn path(&mut self, path: &PdfPagePathObject<'_>, depth: u32) {
        let filled = !matches!(path.fill_mode(), Ok(PdfPathFillMode::None));
        let is_pattern = |colour: Option<_>| {
            colour.is_none_or(|c: super::pdfium::PdfColor| (c.red(), c.green(), c.blue()) == PATTERN_GREY)
        };
        let fill = path.fill_color().ok();
        if filled && is_pattern(fill) {
            self.seen.objects.opaque += 1;
        } else if may_be_letters(path) {
            self.seen.objects.drawings += 1;
        } else if filled && depth == 0 && fill.is_some_and(|colour| colour.alpha() > 200) {
            self.covering_box(path);
        }
    }

    /// A filled box painted after text it lies on hides that text.
    fn covering_box(&mut self, path: &PdfPagePathObject<'_>) {
        let Ok(bounds) = path.bounds() else { return };
        let cover = bounds.to_rect();
        let (width, height) = (cover.width().value, cover.height().value);
        if width < 4.0 || height < 4.0 {
            return;
        }
        self.boxes += 1;
        if self.boxes > BOXES {
            self.seen.objects.opaque += u32::from(self.boxes == BOXES + 1);
            return;
        }
        let covered = self.texts.iter().filter(|text| overlap(text, &cover) > 0.0).count();
        self.seen.objects.covered_texts += u32::try_from(covered).unwrap_or(u32::MAX);
    }
}

/// Width of the horizontal overlap if the middle of the text's height lies inside the box, by at least half a letter.
fn overlap(text: &PdfRect, cover: &PdfRect) -> f32 {
    let middle = f32::midpoint(text.bottom().value, text.top().value);
    if middle < cover.bottom().value || middle > cover.top().value {
        return 0.0;
    }
    let shared = text.right().value.min(cover.right().value) - text.left().value.max(cover.left().value);
    let letter = (text.top().value - text.bottom().value) / 2.0;
    if shared > letter.max(1.0) { shared } else { 0.0 }
}

/// Whether a path may draw letters: it has curves, slanting outlines, or an angular outline with more corners than a box.
/// Lines and boxes do not count, however many of them one path holds.
fn may_be_letters(path: &PdfPagePathObject<'_>) -> bool {
    let segments = path.segments();
    let count = segments.len();
    if count > SEGMENTS {
        return !(0..SEGMENTS).step_by(7).all(|index| {
            // Too long to look at whole: a grid if nothing in a sample of it is bent.
            segments.get(index).is_ok_and(|segment| segment.segment_type() != PdfPathSegmentType::BezierTo)
        }) || !is_straight(path, SEGMENTS);
    }
    !is_straight(path, count)
}

/// Whether the first `count` segments draw nothing but lines and boxes along the axes, and single slanting lines.
fn is_straight(path: &PdfPagePathObject<'_>, count: u32) -> bool {
    let segments = path.segments();
    let (mut corners, mut slants) = (0, 0);
    let mut last = (0.0, 0.0);
    for index in 0..count {
        let Ok(segment) = segments.get(index) else { return false };
        let (x, y) = (segment.x().value, segment.y().value);
        match segment.segment_type() {
            PdfPathSegmentType::MoveTo => (corners, slants) = (0, 0),
            PdfPathSegmentType::LineTo => {
                corners += 1;
                slants += u32::from((x - last.0).abs() > 0.01 && (y - last.1).abs() > 0.01);
            }
            _ => return false,
        }
        // A box has four corners after its start; some writers repeat the last one. An L has six.
        if corners > 5 || (slants > 0 && corners > 1) {
            return false;
        }
        last = (x, y);
    }
    true
}
