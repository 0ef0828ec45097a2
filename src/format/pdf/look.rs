//! A look at what is on a page besides text, before anything is rendered: pictures, drawings that may be letters, forms,
//! boxes painted over text. In doubt something counts as opaque, and the gate renders the page.

use super::clip;
use super::pdfium::{
    PdfPage, PdfPageImageObject, PdfPageObject, PdfPageObjectCommon as _, PdfPageObjectsCommon as _, PdfPagePathObject,
    PdfPathFillMode, PdfPathSegmentType, PdfPathSegments as _, PdfRect,
};
use crate::format::Objects;

/// Objects that are looked at; a page of more is a map or an attack and is rendered.
const OBJECTS: usize = 20_000;
/// Segments of one path that are looked at; a longer one is taken for a drawing.
const SEGMENTS: u32 = 5_000;
/// Longest side of a stroke, in points, that may be one of a letter; rules of tables are longer.
const LETTER_STROKE: f32 = 40.0;
/// Short strokes in either direction that may make a word: E takes three across and one down.
const LETTER_STROKES: u32 = 4;
/// Dashes and gaps of a line that goes on in one way: a dash and two dots.
const DASHES: usize = 6;
/// Forms inside forms.
const DEPTH: u32 = 8;
/// Boxes over text that are compared with it.
const BOXES: usize = 500;
/// Side of a picture, in points, that holds no letters.
const THIN: f32 = 2.5;
/// Pictures as thin as that which may be strips of one picture.
const STRIPS: usize = 4;
/// What PDFium answers for the colour of a pattern: a box filled with a pattern may show a whole page.
const PATTERN_GREY: (u8, u8, u8) = (191, 191, 191);

/// What was seen.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) objects: Objects,
    pub(super) native_dpi: Option<f32>,
    /// Where pictures, drawings, opaque things and boxes over text lie, in the coordinates inside the page.
    pub(super) suspects: Vec<PdfRect>,
    /// Something of the kind may lie anywhere.
    pub(super) anywhere: bool,
    /// Texts, pictures, forms and shadings on the page itself, or all things if not all were looked at.
    pub(super) drawn: usize,
    /// Pixels of the largest picture.
    pub(super) largest_picture: u64,
}

/// Looks at a page.
pub(super) fn look(page: &PdfPage<'_>) -> Seen {
    let mut eye = Eye::default();
    let objects = page.objects();
    for index in 0..objects.len() {
        if eye.left() {
            // No more can be said than that there is so much.
            eye.seen.drawn = objects.len();
            break;
        }
        match objects.get(index) {
            Ok(object) => eye.outermost(&object),
            Err(_) => {
                eye.seen.drawn += 1;
                eye.unknown();
            }
        }
    }
    eye.strokes();
    eye.strips();
    eye.seen
}

#[derive(Default)]
struct Eye {
    seen: Seen,
    looked_at: usize,
    /// Forms around that are drawn through a mask, or through another shape than a box.
    through: u32,
    /// Boxes of text painted so far, on the page itself.
    texts: Vec<PdfRect>,
    boxes: usize,
    /// Area of the largest picture so far, in square points.
    largest: f32,
    strokes: Strokes,
    /// Pictures as thin as rules.
    thin: Vec<PdfRect>,
}

/// Straight strokes no longer than a letter is high.
#[derive(Default)]
struct Strokes {
    across: u32,
    down: u32,
    places: Vec<PdfRect>,
}

impl Eye {
    /// Whether there is too much to look at; then the rest is opaque.
    fn left(&mut self) -> bool {
        self.looked_at += 1;
        let left = self.looked_at > OBJECTS;
        if left {
            self.unknown();
        }
        left
    }

    /// Counts something that may lie anywhere and show anything.
    fn unknown(&mut self) {
        self.seen.objects.opaque += 1;
        self.seen.anywhere = true;
    }

    /// An object of the page itself, whose place is known in the page's coordinates. What lies inside a form lies inside
    /// the place of the form.
    fn outermost(&mut self, object: &PdfPageObject<'_>) {
        let (suspicious, small) = (self.seen.objects.suspicious(), self.strokes.across + self.strokes.down);
        self.seen.drawn += usize::from(!matches!(object, PdfPageObject::Path(_)));
        self.object(object, 0);
        let suspicious = self.seen.objects.suspicious() > suspicious;
        if suspicious || self.strokes.across + self.strokes.down > small {
            match object.bounds() {
                Ok(bounds) if suspicious => self.seen.suspects.push(bounds.to_rect()),
                Ok(bounds) => self.strokes.places.push(bounds.to_rect()),
                Err(_) => self.seen.anywhere = true,
            }
        }
    }

    /// Many thin pictures may be one picture in strips, as printer drivers send it.
    fn strips(&mut self) {
        if self.thin.len() >= STRIPS {
            self.seen.objects.images += u32::try_from(self.thin.len()).unwrap_or(u32::MAX);
            self.seen.suspects.append(&mut self.thin);
        }
    }

    /// Many short strokes along both axes may write something: letters of plotters and of some CAD programs.
    fn strokes(&mut self) {
        let strokes = std::mem::take(&mut self.strokes);
        if strokes.across.min(strokes.down) >= LETTER_STROKES {
            self.seen.objects.drawings += 1;
            self.seen.suspects.extend(strokes.places);
        }
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
                let thin = object.bounds().ok().filter(|b| b.width().value.min(b.height().value) < THIN && depth == 0);
                match thin {
                    Some(bounds) => self.thin.push(bounds.to_rect()),
                    None => counts.images += 1,
                }
                self.image(image);
            }
            PdfPageObject::Path(path) if self.through > 0 || clip::is_shaped(object) || path.has_transparency() => {
                // A box under a mask, or seen through letters, shows what they are.
                self.path(path, depth);
                self.seen.objects.opaque += 1;
            }
            PdfPageObject::Path(path) => self.path(path, depth),
            PdfPageObject::XObjectForm(_) if depth >= DEPTH => counts.opaque += 1,
            PdfPageObject::XObjectForm(form) => {
                let through = u32::from(form.has_transparency() || clip::is_shaped(object));
                self.through += through;
                for index in 0..form.len() {
                    if self.left() {
                        break;
                    }
                    match form.get(index) {
                        Ok(child) => self.object(&child, depth + 1),
                        Err(_) => self.unknown(),
                    }
                }
                self.through -= through;
            }
            PdfPageObject::Shading(_) | PdfPageObject::Unsupported(_) => counts.opaque += 1,
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "a resolution needs no seventh digit")]
    fn image(&mut self, image: &PdfPageImageObject<'_>) {
        let (Ok(width), Ok(height)) = (image.width(), image.height()) else { return };
        let side = |length: i32| u64::try_from(length).unwrap_or_default();
        self.seen.largest_picture = self.seen.largest_picture.max(side(width).saturating_mul(side(height)));
        let Ok(bounds) = image.bounds() else { return };
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
        let stroked = path.is_stroked().unwrap_or(true);
        // A line of many dashes may write; those that go on in one way have two or four, of a dash and two dots six.
        let is_drawn =
            stroked && (is_pattern(path.stroke_color().ok()) || path.dash_array().is_ok_and(|d| d.len() > DASHES));
        if (filled && is_pattern(fill)) || is_drawn {
            self.seen.objects.opaque += 1;
        } else if !self.is_straight(path, depth) {
            self.seen.objects.drawings += 1;
        } else if filled && depth == 0 && fill.is_some_and(|colour| colour.alpha() > 200) {
            self.covering_box(path);
        }
    }

    /// Whether a path draws nothing but lines and boxes along the axes, and single slanting lines; curves, slanting outlines
    /// and angular outlines with more corners than a box may be letters. Short strokes are counted on the way.
    fn is_straight(&mut self, path: &PdfPagePathObject<'_>, depth: u32) -> bool {
        let segments = path.segments();
        if segments.len() > SEGMENTS {
            return false;
        }
        let mut outline = Outline::default();
        for index in 0..segments.len() {
            let Ok(segment) = segments.get(index) else { return false };
            let to = (segment.x().value, segment.y().value);
            match segment.segment_type() {
                PdfPathSegmentType::MoveTo => {
                    self.stroke(&outline, depth);
                    outline = Outline::from(to);
                }
                PdfPathSegmentType::LineTo => outline.line(to),
                _ => return false,
            }
            if outline.is_bent() {
                return false;
            }
        }
        self.stroke(&outline, depth);
        true
    }

    fn stroke(&mut self, outline: &Outline, depth: u32) {
        let (width, height) = (outline.high.0 - outline.low.0, outline.high.1 - outline.low.1);
        // A form may scale what it holds by anything.
        if outline.corners > 0 && (width.max(height) <= LETTER_STROKE || depth > 0) {
            // A box that is no line has strokes in both directions, and so may have a dot.
            let is_dot = width.max(height) <= THIN;
            self.strokes.across += u32::from(width > THIN || width >= height || is_dot);
            self.strokes.down += u32::from(height > THIN || height > width || is_dot);
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
            if self.boxes == BOXES + 1 {
                self.unknown();
            }
            return;
        }
        let covered = self.texts.iter().filter(|text| overlap(text, &cover) > 0.0).count();
        self.seen.objects.covered_texts += u32::try_from(covered).unwrap_or(u32::MAX);
        if covered > 0 {
            self.seen.suspects.push(cover);
        }
    }
}

/// One outline of a path, from one move to the next.
#[derive(Default)]
struct Outline {
    corners: u32,
    slants: u32,
    last: (f32, f32),
    low: (f32, f32),
    high: (f32, f32),
}

impl Outline {
    fn from(at: (f32, f32)) -> Self {
        Self { last: at, low: at, high: at, ..Self::default() }
    }

    fn line(&mut self, to: (f32, f32)) {
        self.corners += 1;
        self.slants += u32::from((to.0 - self.last.0).abs() > 0.01 && (to.1 - self.last.1).abs() > 0.01);
        self.low = (self.low.0.min(to.0), self.low.1.min(to.1));
        self.high = (self.high.0.max(to.0), self.high.1.max(to.1));
        self.last = to;
    }

    /// A box has four corners after its start; some writers repeat the last one. An L has six.
    fn is_bent(&self) -> bool {
        self.corners > 5 || (self.slants > 0 && self.corners > 1)
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
