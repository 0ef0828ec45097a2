//! From any image to one that an engine reads well: grey, upright, level, on white ground, with letters of a good size.
//!
//! A small copy tells how high the letters are, whether the page lies on its side, and its skew; then the page is made once
//! from the full pixels. Every prepared page knows the way back to the input image.

use image::{DynamicImage, GrayImage};

use super::super::affine::Affine;
use super::super::background;
use super::super::components::{Component, components};
use super::super::raster::{self, pixels, size};
use super::structure::{self, TextLine};

/// The longer side of the copy on which a page is looked over.
const SMALL_SIDE: f32 = 1600.0;
/// Letters of this height are read best; a mix of x-heights and capitals.
const GOOD_HEIGHT: f32 = 22.0;
/// The resolution at which print is read best; decides where no letters can be measured.
const GOOD_DPI: f32 = 190.0;
/// Heights of letters at which the page height from the settings is left to decide.
const FAIR_HEIGHTS: std::ops::RangeInclusive<f32> = 13.0..=36.0;
/// Scales that are not worth it: resampling costs sharpness.
const NEAR_ENOUGH: std::ops::Range<f32> = 0.85..1.2;
/// Small letters beside large ones keep at least this height when a page is made smaller.
const LEAST_HEIGHT: f32 = 12.0;
/// Nothing is enlarged further than this: there is no more to see.
const MOST_SCALE: f32 = 4.0;
/// Pixels of a prepared page.
const MOST_PIXELS: f32 = 24_000_000.0;
/// Images with a side below this are cut out of something: they get a white margin, without which engines lose letters at
/// the border, and short marks altogether.
const SMALL_IMAGE: u32 = 600;
/// Above this the lines run down the page; below its inverse they run across.
const CLEARLY_DOWN: f32 = 1.25;

/// An image in grey, and what its small copy says about it.
pub(super) struct Source {
    grey: GrayImage,
    factor: u32,
    letter_height: Option<f32>,
    small_letters: f32,
    /// Whether anything on it could be writing.
    pub blank: bool,
    /// How surely the lines run down the page: above 1 rather yes. None if it cannot be told.
    pub downward: Option<f32>,
    skew: [f32; 2],
    dpi: Option<f32>,
}

/// A page ready for an engine.
pub(super) struct Prepared {
    /// Grey, dark on light.
    pub image: GrayImage,
    /// From its pixels to those of the input image.
    pub to_input: Affine,
    /// Darker than this is ink.
    pub threshold: u8,
    /// The pieces that look like letters.
    pub letters: Vec<Component>,
    /// Their lines.
    pub lines: Vec<TextLine>,
    /// Typical height of letters; zero if there are none.
    pub letter_height: f32,
    /// Clockwise quarter turns that were made.
    pub quarter_turns: u8,
    /// Degrees of skew that were removed.
    pub skew_degrees: f32,
    /// Width of the white margin that was put around it.
    margin: u32,
}

impl Source {
    /// Converts an image and looks it over. `dpi` is that of the image, where it is known.
    pub(super) fn new(image: &DynamicImage, dpi: Option<f32>) -> Self {
        let (grey, factor) = crate::raster::grey(image);
        let scale = (SMALL_SIDE / size(grey.width().max(grey.height()).max(1))).min(1.0);
        let mut source = Self {
            factor,
            letter_height: None,
            small_letters: 0.0,
            blank: true,
            downward: None,
            skew: [0.0, 0.0],
            dpi: dpi.map(|dpi| dpi / size(factor)).filter(|dpi| (20.0..=4800.0).contains(dpi)),
            grey,
        };
        if source.grey.width() == 0 || source.grey.height() == 0 {
            return source;
        }
        let mut small = scaled(&source.grey, scale);
        background::even(&mut small);
        let found = components(&small, background::threshold(&small));
        source.blank = !found.iter().any(|piece| is_mark(piece, &small));
        let Some(height) = structure::letter_height(&found) else { return source };
        let letters = structure::letters(&found, height);
        source.letter_height = Some(height / scale);
        source.small_letters = low_height(&letters) / scale;
        source.downward = structure::downward(&letters, height);
        let turned: Vec<Component> = letters.iter().map(|letter| letter.turned(small.height())).collect();
        source.skew = [structure::skew(&letters, height), structure::skew(&turned, height)];
        source
    }

    /// Whether the lines clearly run down the page.
    pub(super) fn lies_on_side(&self) -> bool {
        self.downward.is_some_and(|downward| downward > CLEARLY_DOWN)
    }

    /// Makes the page, turned clockwise by quarter turns, for a page height.
    pub(super) fn prepare(&self, quarter_turns: u8, page_height: u32) -> Prepared {
        let on_side = quarter_turns % 2 == 1;
        let height = if on_side { self.grey.width() } else { self.grey.height() };
        let scale = self.scale(size(page_height) / size(height.max(1)));
        let mut image = scaled(&self.grey, scale);
        let back = size(self.factor);
        let to_grey_x = size(self.grey.width()) / size(image.width()) * back;
        let to_grey_y = size(self.grey.height()) / size(image.height()) * back;
        let mut to_input = Affine::scale(to_grey_x, to_grey_y);
        background::even(&mut image);
        to_input = Affine::unturn(quarter_turns, image.width(), image.height()).then(&to_input);
        image = raster::turn(image, quarter_turns);
        // The skew of a page turned by two or three is that of zero or one: turning by half keeps the slope.
        let skew_degrees = self.skew[usize::from(on_side)];
        if skew_degrees != 0.0 {
            to_input = Affine::unstraighten(skew_degrees, image.width(), image.height()).then(&to_input);
            image = raster::straighten(&image, skew_degrees);
        }
        let mut margin = 0;
        if image.width().min(image.height()) < SMALL_IMAGE {
            margin = pixels((self.letter_height.unwrap_or(0.0) * scale).clamp(12.0, 48.0));
            to_input = Affine::shift(-size(margin), -size(margin)).then(&to_input);
            image = raster::framed(&image, margin);
        }
        Prepared { margin, ..Prepared::new(image, to_input, quarter_turns, skew_degrees) }
    }

    /// The scale at which letters get a good height, starting from that of the page.
    fn scale(&self, page_scale: f32) -> f32 {
        let page_scale = page_scale.min(MOST_SCALE);
        let wanted = match self.letter_height {
            Some(height) if FAIR_HEIGHTS.contains(&(height * page_scale)) => page_scale,
            Some(height) => {
                let good = GOOD_HEIGHT / height;
                good.max((LEAST_HEIGHT / self.small_letters.max(1.0)).min(page_scale))
            }
            None => self.dpi.map_or(page_scale.min(1.0), |dpi| GOOD_DPI / dpi),
        };
        let area = size(self.grey.width()) * size(self.grey.height());
        let most = (MOST_PIXELS / area).sqrt().min(16_000.0 / size(self.grey.width().max(self.grey.height())));
        let scale = wanted.min(MOST_SCALE).min(most);
        if NEAR_ENOUGH.contains(&scale) && most >= 1.0 { 1.0 } else { scale }
    }
}

impl Prepared {
    fn new(image: GrayImage, to_input: Affine, quarter_turns: u8, skew_degrees: f32) -> Self {
        let threshold = background::threshold(&image);
        let found = components(&image, threshold);
        let letter_height = structure::letter_height(&found).unwrap_or(0.0);
        let letters = structure::letters(&found, letter_height);
        let lines = structure::lines(&letters, letter_height);
        Self { image, to_input, threshold, letters, lines, letter_height, quarter_turns, skew_degrees, margin: 0 }
    }
}

impl Prepared {
    /// Another layer of the same input, scaled, turned, straightened and framed as this page was.
    pub(super) fn likewise(&self, layer: &GrayImage) -> GrayImage {
        let (width, height) = (self.image.width() - self.margin * 2, self.image.height() - self.margin * 2);
        let (width, height) = if self.quarter_turns % 2 == 1 { (height, width) } else { (width, height) };
        let mut layer = raster::turn(raster::resize(layer, width, height), self.quarter_turns);
        if self.skew_degrees != 0.0 {
            layer = raster::straighten(&layer, self.skew_degrees);
        }
        if self.margin == 0 { layer } else { raster::framed(&layer, self.margin) }
    }
}

fn scaled(image: &GrayImage, scale: f32) -> GrayImage {
    raster::resize(image, pixels(size(image.width()) * scale), pixels(size(image.height()) * scale))
}

/// A height that four fifths of the letters exceed.
fn low_height(letters: &[Component]) -> f32 {
    let mut heights: Vec<u32> = letters.iter().map(Component::height).collect();
    heights.sort_unstable();
    heights.get(heights.len() / 5).map_or(0.0, |&height| size(height))
}

/// Larger than a speck, and not the dark border of a scan.
fn is_mark(piece: &Component, image: &GrayImage) -> bool {
    let at_border = piece.left == 0 || piece.top == 0 || piece.right == image.width() || piece.bottom == image.height();
    let thin = piece.width() < 6 || piece.height() < 6;
    let border = at_border && thin;
    piece.height() >= 4 && piece.width() >= 2 && piece.ink >= 8 && !border
}
