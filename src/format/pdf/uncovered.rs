//! A picture of which its page shows a part, all of it, as a page of its own.

use std::collections::HashSet;

use image::{DynamicImage, GrayImage, Rgb, RgbImage, imageops};

use super::clip;
use super::covered::{Covered, Member};
use super::page::pixels;
use super::pdfium::{
    PdfDocument, PdfMatrix, PdfPage, PdfPageContentRegenerationStrategy, PdfPageObject, PdfPageObjectsCommon as _,
    PdfiumError,
};
use crate::config::Limits;
use crate::document::{PageSize, Rect};
use crate::finding::{Fault, FaultReason};
use crate::format::{Layer, Objects, PageSource, raster};

/// Pixels of the longer side of a picture that is looked at for ink only, and how many a point they are at most.
const GLANCE: f32 = 1600.0;
const GLANCE_PIXELS: f32 = 4.0;
/// Pixels that are gone through at glances, of a picture and of what it becomes, for each picture that may be read of a page: half a
/// billion of them, usually, take a minute if they are packed in the slowest way.
const GLANCED: u64 = 2_500_000;
/// As many pixels cost as much as a picture by itself does.
const GLANCE_LEAST: u64 = 100_000;
/// Pixels a point at which a hidden part is searched for ink: strokes of small print are about one pixel wide.
const INK_PIXELS: f32 = 1.5;
/// Longest side of what is searched.
const INK_LONGEST: f32 = 4000.0;
/// By how much ink differs from its paper, of 255.
const INK_CONTRAST: u8 = 20;
/// Pixels of ink that may be a character.
const INK_LEAST: usize = 12;
/// How many times the pixels of a picture are searched for ink: hidden parts may lie over one another, thousands of them. One of
/// which more is hidden is taken to hide ink.
const TIMES: u64 = 16;

/// How many pixels may still be gone through at glances, which nobody waits for.
#[derive(Debug)]
pub(super) struct Glances(u64);

impl Glances {
    /// For one document, or one page.
    pub(super) fn of(limits: &Limits) -> Self {
        Self(GLANCED.saturating_mul(u64::try_from(limits.covered_pictures).unwrap_or(u64::MAX)))
    }

    /// Whether there may be one more, of a picture in so many pixels.
    fn take(&mut self, picture: &Covered, (width, height): (u32, u32)) -> bool {
        let area = |width: u32, height: u32| u64::from(width) * u64::from(height);
        let members = picture.members.iter().map(|member| area(member.pixels.0, member.pixels.1) + GLANCE_LEAST);
        let cost = members.fold(area(width, height), u64::saturating_add);
        let left = self.0.checked_sub(cost);
        // After one that was too many there is none: which pictures are looked at hangs together.
        self.0 = left.unwrap_or_default();
        left.is_some()
    }
}

/// A page whose pictures are taken from it.
pub(super) struct Sheet<'d, 'l> {
    document: &'d PdfDocument<'l>,
    page: PdfPage<'d>,
    number: u32,
    limits: &'d Limits,
}

/// See the module.
pub(super) struct Uncovered<'d, 'l> {
    pub(super) sheet: Sheet<'d, 'l>,
    pub(super) picture: &'d Covered,
    pub(super) label: &'d str,
}

impl<'d, 'l> Sheet<'d, 'l> {
    /// `page` was opened for this alone: it is changed.
    pub(super) fn new(document: &'d PdfDocument<'l>, mut page: PdfPage<'d>, number: u32, limits: &'d Limits) -> Self {
        // The document stays as it is.
        page.set_content_regeneration_strategy(PdfPageContentRegenerationStrategy::Manual);
        Self { document, page, number, limits }
    }

    /// A member in so many pixels, upright as the page would show it.
    fn member(&self, member: &Member, width: u32, height: u32) -> Result<RgbImage, String> {
        let said = |error: PdfiumError| format!("{error:?}");
        let mut path = member.path.iter();
        let first = path.next().copied().unwrap_or_default();
        let mut object = self.page.objects().get(first).map_err(said)?;
        for index in path {
            let PdfPageObject::XObjectForm(form) = &object else { return Err("there is no form".to_owned()) };
            object = form.get(*index).map_err(said)?;
        }
        let is_clipped = !clip::of(&object).is_empty();
        let PdfPageObject::Image(mut image) = object else { return Err("there is no picture".to_owned()) };
        let lies_down = member.across.0.abs() < member.across.1.abs();
        let (w, h) = if lies_down { (height, width) } else { (width, height) };
        let side = |length: u32| i32::try_from(length).unwrap_or(i32::MAX);
        #[allow(clippy::cast_precision_loss, reason = "a side is far below 2^24")]
        let plain = PdfMatrix::new(w as f32, 0.0, 0.0, h as f32, 0.0, 0.0);
        // PDFium leaves out what a clip path leaves out; the plain picture knows neither that nor its mask.
        if is_clipped && let Ok(plain) = image.get_raw_image() {
            let plain = imageops::resize(&on_paper(&plain), w, h, imageops::FilterType::Triangle);
            return Ok(upright(plain, member));
        }
        // PDFium renders pictures as they stand, and none that lie on their side.
        image.reset_matrix(plain).map_err(said)?;
        let rendered = image.get_processed_image_with_size(self.document, side(w), side(h)).map_err(said)?;
        Ok(upright(on_paper(&rendered), member))
    }

    /// Whether there is ink in what the page does not show of a picture, or nobody can tell, or may look.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what a glance takes")]
    pub(super) fn hides_ink(&self, picture: &Covered, glances: &mut Glances) -> bool {
        let longest = picture.bounds.w.max(picture.bounds.h) * GLANCE_PIXELS;
        let longest = longest.clamp(1.0, GLANCE).ceil() as u32;
        let pixels = pixels(size(picture), longest);
        !glances.take(picture, pixels) || self.whole(picture, pixels).map_or(true, |whole| hides_ink(picture, &whole))
    }

    /// All of a picture, in so many pixels.
    fn whole(&self, picture: &Covered, (width, height): (u32, u32)) -> Result<RgbImage, Fault> {
        raster::check_pixels(width, height, self.limits).map_err(|fault| Fault { page: Some(self.number), ..fault })?;
        let bounds = &picture.bounds;
        let mut paper = RgbImage::from_pixel(width, height, Rgb([255; 3]));
        for member in &picture.members {
            let place = Rect { x: member.bounds.x - bounds.x, y: member.bounds.y - bounds.y, ..member.bounds };
            let (x, w) = span(place.x, place.right(), bounds.w, width);
            let (y, h) = span(place.y, place.bottom(), bounds.h, height);
            let image = self.member(member, w, h).map_err(|why| {
                let detail = format!("a picture of which the page shows a part cannot be read by itself: {why}");
                Fault::on_page(self.number, FaultReason::UnreadableImage, detail)
            })?;
            imageops::replace(&mut paper, &image, i64::from(x), i64::from(y));
        }
        Ok(paper)
    }
}

fn size(picture: &Covered) -> PageSize {
    PageSize { width: picture.bounds.w, height: picture.bounds.h }
}

/// Whether there is ink in what is hidden of a picture, all of which is given.
fn hides_ink(picture: &Covered, whole: &RgbImage) -> bool {
    let bounds = &picture.bounds;
    let scale = INK_PIXELS.min(INK_LONGEST / bounds.w.max(bounds.h));
    let (width, height) = (length(bounds.w * scale), length(bounds.h * scale));
    let small = if width < whole.width() {
        imageops::thumbnail(&imageops::grayscale(whole), width, height)
    } else {
        imageops::grayscale(whole)
    };
    let mut left = TIMES.saturating_mul(u64::from(small.width()) * u64::from(small.height()));
    let mut seen = HashSet::new();
    picture.hidden.iter().any(|part| {
        let (x, w) = span(part.x - bounds.x, part.right() - bounds.x, bounds.w, small.width());
        let (y, h) = span(part.y - bounds.y, part.bottom() - bounds.y, bounds.h, small.height());
        if !seen.insert((x, y, w, h)) {
            return false;
        }
        let pixels = u64::from(w) * u64::from(h);
        let is_much = pixels > left;
        left = left.saturating_sub(pixels);
        is_much || has_ink(&imageops::crop_imm(&small, x, y, w, h).to_image())
    })
}

impl PageSource for Uncovered<'_, '_> {
    fn label(&self) -> Option<String> {
        Some(self.label.to_owned())
    }

    fn size(&self) -> PageSize {
        size(self.picture)
    }

    fn layer(&mut self) -> Result<Layer, Fault> {
        let objects = Objects { images: 1, ..Objects::default() };
        Ok(Layer { objects, ..Layer::default() })
    }

    /// White if nothing in it is hidden.
    fn render(&mut self, longest: u32) -> Result<Option<DynamicImage>, Fault> {
        let whole = self.sheet.whole(self.picture, pixels(self.size(), longest))?;
        if !hides_ink(self.picture, &whole) {
            return Ok(Some(DynamicImage::ImageLuma8(GrayImage::from_pixel(
                whole.width(),
                whole.height(),
                [255].into(),
            ))));
        }
        Ok(Some(DynamicImage::ImageRgb8(whole)))
    }

    #[allow(clippy::cast_precision_loss, reason = "a resolution needs no seventh digit")]
    fn native_dpi(&mut self) -> Option<f32> {
        let area = |member: &&Member| member.bounds.w * member.bounds.h;
        let largest = self.picture.members.iter().max_by(|a, b| area(a).total_cmp(&area(b)))?;
        let dpi = (largest.pixels.0 as f32 * largest.pixels.1 as f32 / area(&largest)).sqrt() * 72.0;
        (10.0..=4800.0).contains(&dpi).then_some(dpi)
    }
}

/// Where a part of a length lies among so many pixels, and how many of them it has: at least one.
#[allow(clippy::cast_precision_loss, reason = "a side is far below 2^24")]
fn span(from: f32, to: f32, of: f32, pixels: u32) -> (u32, u32) {
    let scale = pixels as f32 / of.max(f32::MIN_POSITIVE);
    let start = length(from.max(0.0) * scale + 0.5).saturating_sub(1).min(pixels.saturating_sub(1));
    let end = length(to.max(0.0) * scale).clamp(start + 1, pixels.max(start + 1));
    (start, end - start)
}

/// Whole pixels, at least one.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what a picture may have")]
fn length(pixels: f32) -> u32 {
    pixels.round().clamp(1.0, 60_000.0) as u32
}

/// A picture on white paper: what its mask leaves out is paper.
fn on_paper(image: &DynamicImage) -> RgbImage {
    let image = image.to_rgba8();
    let mut paper = RgbImage::new(image.width(), image.height());
    for (to, from) in paper.pixels_mut().zip(image.pixels()) {
        let [red, green, blue, alpha] = from.0;
        let mix = |colour: u8| {
            let sum = u16::from(colour) * u16::from(alpha) + 255 * (255 - u16::from(alpha));
            u8::try_from(sum / 255).unwrap_or(u8::MAX)
        };
        *to = Rgb([mix(red), mix(green), mix(blue)]);
    }
    paper
}

/// Turned and mirrored as the page does, to the next quarter.
fn upright(image: RgbImage, member: &Member) -> RgbImage {
    let lies_down = member.across.0.abs() < member.across.1.abs();
    let image = if lies_down { imageops::flip_horizontal(&imageops::rotate90(&image)) } else { image };
    // From left to right, and from top to bottom, of the picture as it lies now.
    let (right, down) = match lies_down {
        true => (-member.up.0, member.across.1),
        false => (member.across.0, -member.up.1),
    };
    let image = if right < 0.0 { imageops::flip_horizontal(&image) } else { image };
    if down < 0.0 { imageops::flip_vertical(&image) } else { image }
}

/// Whether a part differs from its paper, which is its usual brightness.
fn has_ink(part: &GrayImage) -> bool {
    let mut counts = [0_usize; 256];
    part.pixels().for_each(|pixel| counts[usize::from(pixel.0[0])] += 1);
    let all: usize = counts.iter().sum();
    let mut below = 0;
    let paper = (0..=u8::MAX).find(|level| {
        below += counts[usize::from(*level)];
        below * 2 >= all
    });
    let paper = paper.unwrap_or(u8::MAX);
    let ink = (0..=u8::MAX).filter(|level| level.abs_diff(paper) > INK_CONTRAST);
    ink.map(|level| counts[usize::from(level)]).sum::<usize>() >= INK_LEAST
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two by two pixels: black at the top left, the others are brighter in the order of reading.
    fn picture() -> RgbImage {
        RgbImage::from_fn(2, 2, |x, y| Rgb([u8::try_from(40 * (2 * y + x)).expect("small"); 3]))
    }

    fn turned(across: (f32, f32), up: (f32, f32)) -> Vec<u8> {
        let bounds = Rect { x: 0.0, y: 0.0, w: 1.0, h: 1.0 };
        let member = Member { path: vec![0], bounds, across, up, pixels: (2, 2) };
        upright(picture(), &member).pixels().map(|pixel| pixel.0[0] / 40).collect()
    }

    #[test]
    fn a_picture_stands_as_the_page_shows_it() {
        assert_eq!(turned((1.0, 0.0), (0.0, -1.0)), [0, 1, 2, 3], "upright");
        assert_eq!(turned((-1.0, 0.0), (0.0, 1.0)), [3, 2, 1, 0], "upside down");
        assert_eq!(turned((-1.0, 0.0), (0.0, -1.0)), [1, 0, 3, 2], "mirrored");
        // Its left to right runs down the page, its bottom to top from left to right: a quarter clockwise.
        assert_eq!(turned((0.0, 1.0), (1.0, 0.0)), [2, 0, 3, 1]);
        assert_eq!(turned((0.0, -1.0), (-1.0, 0.0)), [1, 3, 0, 2]);
    }

    #[test]
    fn paper_of_any_brightness_has_no_ink() {
        let paper = GrayImage::from_pixel(60, 20, [90].into());
        assert!(!has_ink(&paper));
        let mut written = paper;
        (0..15).for_each(|x| written.put_pixel(x, 7, [20].into()));
        assert!(has_ink(&written));
    }

    #[test]
    fn parts_that_lie_over_one_another_are_searched_so_many_times_and_no_more() {
        let blank = RgbImage::from_pixel(400, 400, Rgb([255; 3]));
        let bounds = Rect { x: 0.0, y: 0.0, w: 400.0, h: 400.0 };
        let hides = |hidden: Vec<Rect>| hides_ink(&Covered { members: Vec::new(), bounds, hidden }, &blank);
        let from = |x: u16| Rect { x: f32::from(x), w: 400.0 - f32::from(x), ..bounds };
        assert!(!hides(vec![bounds; 2000]), "the same again and again is one");
        assert!(!hides((0..16).map(from).collect()));
        assert!(hides((0..40).map(from).collect()), "nobody looked at all of them");
    }

    #[test]
    fn a_part_has_its_share_of_the_pixels() {
        assert_eq!(span(0.0, 10.0, 100.0, 200), (0, 20));
        assert_eq!(span(50.0, 100.0, 100.0, 200), (100, 100));
        assert_eq!(span(99.99, 100.0, 100.0, 200), (199, 1));
    }
}
