//! The gate: is there ink on this page that its text layer does not explain?
//!
//! It spares OCR where the layer tells all, and never where a scan hides behind a typed footer. First a look at the
//! page's objects: visible text and straight rules alone need no render. Else the page is rendered small, the boxes of the
//! layer's characters are subtracted, and what is left in pieces of letter size is unexplained. A layer that may lie
//! (invisible, covered, without ink, garbled) gets a sample of lines that the pixels must confirm.
//!
//! The gate knows pages and pixels. It does not know OCR, and it does not judge what was read.

mod garble;
mod ink;
mod layer;

use image::DynamicImage;

use crate::config::GateSettings;
use crate::document::{GateAction, GateDecision, PageSize, Rect};
use crate::finding::Fault;
use crate::format::{Layer, PageSource};
use crate::raster;

pub use layer::layer_match;

/// Raise it when a page may be decided about in another way: documents with pixels are then read again.
pub const VERSION: u32 = 4;

/// The longer side of A4 in points: pages up to it are rendered to `gate.render_pixels`, larger ones in proportion, so
/// that letters keep their size.
const USUAL_SIDE: f32 = 842.0;
/// How many times `gate.render_pixels` the render of a large page may measure.
const LARGEST_RENDER: f32 = 6.0;
/// Contrast that makes a pixel ink where there is no text at all: a faint scan must not pass for a blank page.
const FAINT_CONTRAST: u8 = 14;
/// Margin around what is rendered in parts, in page units: strokes are wider than the boxes of their paths, and the local
/// background must be seen beside what lies on it.
const PART_MARGIN: f32 = 14.0;
/// Parts that are worth rendering one by one.
const PARTS: usize = 12;
/// Share of the page from which one render of all of it is cheaper.
const PARTS_SHARE: f32 = 0.5;
/// Words without ink that make a layer suspect.
const INKLESS_WORDS: usize = 2;

/// Places of unknown text that are read one by one; with more of them the whole page is.
const UNREAD_PLACES: usize = 24;

/// What to do with a page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The decision with its reason and numbers, for `explain`.
    pub decision: GateDecision,
    /// Regions to recognize, in page units, for [`GateAction::OcrUnexplained`]; empty for every other action.
    pub unexplained: Vec<Rect>,
    /// Lines of the layer that the pixels must confirm before the layer is trusted. Below `gate.sample_match` in
    /// [`layer_match`] over all of them, the whole page is to be read.
    pub sample: Vec<SampleLine>,
    /// The page at the resolution for reading, if the decision took a look at it.
    pub picture: Option<DynamicImage>,
}

/// A line of the text layer that is to be read from the pixels and compared.
#[derive(Clone, PartialEq)]
pub struct SampleLine {
    /// Where the line stands, in page units, with a margin.
    pub bounds: Rect,
    /// What the layer says is there.
    pub expected: String,
    /// Whether a reading of it says anything about the layer. One or two letters of a font that may draw anything are misread as often as
    /// not: where they are not what was expected the page is read, and no finding is made of it.
    pub tells: bool,
}

/// Sizes only: the program reads secrets.
impl std::fmt::Debug for SampleLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SampleLine({:?}, {} bytes)", self.bounds, self.expected.len())
    }
}

/// Decides about a page. `reading_pixels` is the longer side of the render that OCR would want: a page without text most
/// likely needs it, and is rendered just once. Only a page that cannot be rendered is a fault.
pub fn decide(
    page: &mut dyn PageSource,
    layer: &Layer,
    settings: &GateSettings,
    reading_pixels: u32,
) -> Result<Plan, Fault> {
    let objects = &layer.objects;
    let mut plan = Plan::default();
    if objects.text_only_format {
        return Ok(plan.end(GateAction::TrustLayer, "the format has no pixels"));
    }
    plan.note("visible_chars", objects.visible_chars);
    plan.note("images", objects.images);
    plan.note("drawings", objects.drawings);
    plan.note("opaque", objects.opaque);
    let mut doubts = layer::doubts(layer);
    let plain = objects.images + objects.drawings + objects.opaque + objects.unmapped_chars == 0;
    // A page said to have nothing on it is looked at: it is rare, and what PDFium cannot name it may still draw.
    if plain && objects.visible_chars > 0 && !doubts.need_pixels() {
        plan.sample = layer::sample(layer, &doubts, page.size(), settings.sample_lines);
        plan.note("garbled", u32::from(doubts.garbled));
        let reason = if doubts.garbled {
            "only visible text, but it reads like a broken encoding: pixels must confirm it"
        } else if !plan.sample.is_empty() {
            "only visible text, but of a font that may draw anything: pixels must confirm it"
        } else {
            "only visible text and rules"
        };
        return Ok(plan.end(GateAction::TrustLayer, reason));
    }
    plan.note("unmapped_chars", objects.unmapped_chars);
    plan.note("invisible_chars", objects.invisible_chars);
    plan.note("covered_texts", objects.covered_texts);
    plan.note("unread_words", u32::try_from(doubts.unread.len()).unwrap_or(u32::MAX));
    let size = page.size();
    let no_pixels = "the page has no pixels";
    if layer.text.is_blank() {
        let Some(picture) = page.render(reading_pixels)? else {
            return Ok(plan.end(GateAction::TrustLayer, no_pixels));
        };
        return Ok(plan.without_text(picture, size, layer, settings));
    }
    let parts = parts(layer, &doubts, size);
    let pixels = render_pixels(size, settings.render_pixels);
    let Some(mut view) = look_at(page, parts.as_deref(), pixels, settings.ink_contrast)? else {
        return Ok(plan.end(GateAction::TrustLayer, no_pixels));
    };
    let inkless = layer::inkless(layer, &view, parts.as_deref());
    plan.note("inkless_words", u32::try_from(inkless.len()).unwrap_or(u32::MAX));
    if inkless.len() >= INKLESS_WORDS || !layer.hidden.is_empty() {
        doubts.inkless = inkless;
    }
    let mut unread = layer::unread_places(layer, &doubts);
    // A few places are read however faint they are.
    if unread.len() > UNREAD_PLACES {
        unread.retain(|place| view.ink_in(place) > 0.0);
    }
    view.subtract(&layer::explaining(layer, &doubts), settings.box_growth);
    view.subtract(&layer.symbols, settings.box_growth);
    plan.sample = layer::sample(layer, &doubts, page.size(), settings.sample_lines);
    Ok(plan.weigh(&view.pieces(), unread, settings))
}

impl Plan {
    fn note(&mut self, name: &str, value: u32) {
        #[allow(clippy::cast_precision_loss, reason = "counts are shown, not calculated with")]
        self.decision.numbers.push((name.to_owned(), value as f32));
    }

    fn end(mut self, action: GateAction, reason: &str) -> Self {
        self.decision.action = action;
        reason.clone_into(&mut self.decision.reason);
        self
    }

    /// A page without text: any ink at all, even faint, is read.
    fn without_text(mut self, picture: DynamicImage, size: PageSize, layer: &Layer, settings: &GateSettings) -> Self {
        let contrast = settings.ink_contrast.min(FAINT_CONTRAST);
        let small = raster::thumbnail(&picture, render_pixels(size, settings.render_pixels));
        let view = ink::View::new(&small, PageSize::default(), contrast);
        let share = view.ink_share();
        self.decision.numbers.push(("ink".to_owned(), share));
        let objects = &layer.objects;
        let drawn = objects.images + objects.drawings + objects.opaque + objects.unmapped_chars > 0;
        // Rules alone leave a page blank, unless a picture may have drawn them.
        if share == 0.0 || (!drawn && view.pieces().count() == 0) {
            return self.end(GateAction::Blank, "there is neither text nor ink");
        }
        self.picture = Some(picture);
        self.end(GateAction::OcrPage, "there is ink and no text layer")
    }

    /// Unexplained ink against the thresholds. Places whose text is not known are read, however little ink they have.
    fn weigh(mut self, pieces: &ink::Pieces, mut unread: Vec<Rect>, settings: &GateSettings) -> Self {
        let regions = pieces.regions(settings.unexplained_ink, settings.unexplained_pieces);
        self.note("unexplained_pieces", pieces.count());
        self.decision.numbers.push(("unexplained_ink".to_owned(), pieces.ink_share()));
        self.decision.numbers.push(("unexplained_area".to_owned(), regions.share));
        self.note("regions", u32::try_from(regions.places.len()).unwrap_or(u32::MAX));
        self.note("sample_lines", u32::try_from(self.sample.len()).unwrap_or(u32::MAX));
        let few = pieces.count() < settings.unexplained_pieces || pieces.ink_share() < settings.unexplained_ink;
        let few = few || regions.places.is_empty();
        if few && unread.is_empty() {
            let reason = if self.sample.is_empty() {
                "the text layer explains all ink"
            } else {
                "the text layer explains all ink, and pixels must confirm it"
            };
            return self.end(GateAction::TrustLayer, reason);
        }
        let places = if few { Vec::new() } else { regions.places };
        unread.retain(|place| !places.iter().any(|region| layer::lies_in(place, region)));
        if (!few && regions.share > settings.whole_page_share) || unread.len() > UNREAD_PLACES {
            return self.end(GateAction::OcrPage, "much ink that the text layer does not explain");
        }
        let reason = if few {
            "some words whose glyphs are not what the text layer says"
        } else {
            "some ink that the text layer does not explain"
        };
        self.unexplained = places;
        self.unexplained.append(&mut unread);
        self.end(GateAction::OcrUnexplained, reason)
    }
}

/// The parts of a page that must be looked at: where pictures and drawings are, and words that may not be seen or may not
/// be what the layer says. None for all of it.
fn parts(layer: &Layer, doubts: &layer::Doubts, size: PageSize) -> Option<Vec<Rect>> {
    // A page that has nothing but notes or hidden text is rare, and is looked at whole.
    if layer.objects.visible_chars == 0 {
        return None;
    }
    let words = layer.hidden.iter().chain(&doubts.unread).filter_map(|index| layer.text.words.get(*index as usize));
    let doubtful = words.map(|word| word.bounds).chain(layer.unmapped.iter().copied());
    let mut parts: Vec<Rect> = Vec::new();
    for place in layer.suspects.as_deref()?.iter().copied().chain(doubtful) {
        if place.w <= 0.0 && place.h <= 0.0 {
            return None;
        }
        let grown = Rect {
            x: place.x - PART_MARGIN,
            y: place.y - PART_MARGIN,
            w: place.w + 2.0 * PART_MARGIN,
            h: place.h + 2.0 * PART_MARGIN,
        };
        absorb(&mut parts, grown);
        if parts.len() > PARTS {
            return None;
        }
    }
    let area: f32 = parts.iter().map(|part| part.w * part.h).sum();
    (area < PARTS_SHARE * size.width * size.height).then_some(parts)
}

/// Adds a part; parts that overlap become one.
fn absorb(parts: &mut Vec<Rect>, mut part: Rect) {
    while let Some(index) = parts.iter().position(|other| other.overlaps(&part)) {
        part = part.union(&parts.swap_remove(index));
    }
    parts.push(part);
}

/// The ink of the page at about `longest` pixels: of all of it, or of `parts` alone. None without pixels.
fn look_at(
    page: &mut dyn PageSource,
    parts: Option<&[Rect]>,
    longest: u32,
    contrast: u8,
) -> Result<Option<ink::View>, Fault> {
    let size = page.size();
    let Some(parts) = parts else {
        let image = page.render(longest)?;
        return Ok(image.map(|image| ink::View::new(&raster::thumbnail(&image, longest), size, contrast)));
    };
    let mut view: Option<ink::View> = None;
    for place in parts {
        let Some(part) = page.render_part(longest, place)? else { continue };
        let view = view.get_or_insert_with(|| ink::View::blank(part.whole, size));
        view.add(&part.image.to_luma8(), (part.pixels.x, part.pixels.y), contrast);
    }
    // Parts that all lie off the page show nothing.
    Ok(Some(view.unwrap_or_else(|| ink::View::blank((1, 1), size))))
}

/// Longest side of the small render.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
fn render_pixels(size: PageSize, usual: u32) -> u32 {
    let times = (size.width.max(size.height) / USUAL_SIDE).clamp(1.0, LARGEST_RENDER);
    #[allow(clippy::cast_precision_loss, reason = "a few thousand pixels")]
    let pixels = usual as f32 * times;
    pixels.clamp(64.0, 16_000.0) as u32
}

#[cfg(test)]
mod tests;
