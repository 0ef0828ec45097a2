//! Looks that only a marking is worth: at what is printed in red or another colour, at what lies below it, and at pale writing
//! below the text.
//!
//! Red ink hides black text and black text hides red ink: each is read for itself, as an extra reading (a page without its
//! red would have lost its red marks). Each look is made only where such ink is. Watermarks are in `pale`, and what stands alone on
//! a page that is blank otherwise is in `islands`.

mod cover;
mod crossed;
mod islands;
mod pale;
mod paper;

use image::{GrayImage, Rgb, RgbImage};

use super::picture::Picture;
use super::rect::Tilted;
use crate::document::Rect;
use crate::ocr::components::{Component, components, connected};
use crate::ocr::raster::{offset, pixels, size};
pub(super) use cover::{Unread, unread};
use crossed::strength;
pub(super) use islands::{is_clear, islands};
pub(super) use pale::pale_alone;
pub(super) use paper::on_white_paper;

/// By how much red must exceed green and blue.
const RED: u8 = 40;
/// By how much the strongest channel of other colours must exceed the weakest.
const COLOUR: u8 = 64;
/// By how much in dark ink, and its share of the strongest.
const DARK_COLOUR: u8 = 48;
const DARK_SHARE: f32 = 0.4;
/// Cells by which areas of ink are gathered, in pixels.
const CELL: u32 = 48;
/// Share of a cell that has ink where there is writing.
const INKED_CELL: f32 = 0.015;
/// Share of an area that has ink at most, if it is writing in a colour and no coloured picture or ground.
const MOST_COLOUR: f32 = 0.3;
/// A cell with more ink than this is filled: strokes of stamps and letters leave paper between them.
const FILLED_CELL: f32 = 0.85;
/// Share of an area's cells that are filled from which on it is a picture, a bar or a ground and no writing.
const MOST_FILLED: f32 = 0.5;

/// Ink that is looked at by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    /// Stamps and red heads.
    Red,
    /// Stamps in blue, green and violet.
    Coloured,
}

impl Ink {
    /// How much of this ink a pixel has.
    fn excess(self, pixel: &[u8]) -> u8 {
        let red = pixel[0].saturating_sub(pixel[1].max(pixel[2]));
        match self {
            Self::Red => red,
            Self::Coloured if red > RED => 0,
            Self::Coloured => pixel[0].max(pixel[1]).max(pixel[2]) - pixel[0].min(pixel[1]).min(pixel[2]),
        }
    }

    pub(super) fn is_in(self, pixel: &[u8]) -> bool {
        let excess = self.excess(pixel);
        match self {
            Self::Red => excess > RED,
            // Dark blue is far from grey for how dark it is.
            Self::Coloured => {
                let most = f32::from(pixel[0].max(pixel[1]).max(pixel[2]));
                excess > COLOUR || excess > DARK_COLOUR && f32::from(excess) > most * DARK_SHARE
            }
        }
    }
}

/// Areas with an ink, each with some room around, in pixels; the largest first.
pub(super) fn areas(picture: &Picture, ink: Ink) -> Vec<Rect> {
    let (width, height) = (picture.width(), picture.height());
    let (columns, rows) = (width.div_ceil(CELL), height.div_ceil(CELL));
    let mut cells = vec![0_u32; columns as usize * rows as usize];
    for (y, line) in (0_u32..).zip(picture.rgb.as_raw().chunks_exact(width.max(1) as usize * 3)) {
        let row = &mut cells[(y / CELL * columns) as usize..][..columns as usize];
        for (cell, pixels) in row.iter_mut().zip(line.chunks(CELL as usize * 3)) {
            *cell += pixels.chunks_exact(3).map(|pixel| u32::from(ink.is_in(pixel))).sum::<u32>();
        }
    }
    let least = size(CELL * CELL) * INKED_CELL;
    let full = size(CELL * CELL) * FILLED_CELL;
    let mut areas = Vec::new();
    for area in joined(&cells, columns as usize, |cell| size(cell) >= least) {
        let filled: Vec<usize> = area.cells.iter().copied().filter(|at| size(cells[*at]) > full).collect();
        if size(count(filled.len())) <= size(count(area.cells.len())) * MOST_FILLED {
            areas.push(area);
        } else {
            // A bar or a picture. What touches it, a stamp beside a banner, is an area of its own.
            areas.extend(joined(&beside(&cells, columns as usize, &area, &filled), columns as usize, |cell| {
                size(cell) >= least
            }));
        }
    }
    areas.retain(|area| ink == Ink::Red || size(area.weight) <= area.pixels() * MOST_COLOUR);
    areas.sort_by_key(|area| std::cmp::Reverse(area.weight));
    areas.iter().map(|area| area.bounds(width, height)).collect()
}

/// The cells of an area that neither are filled nor touch one that is; all others are empty.
fn beside(cells: &[u32], columns: usize, area: &Area, filled: &[usize]) -> Vec<u32> {
    let mut left = vec![0; cells.len()];
    area.cells.iter().for_each(|at| left[*at] = cells[*at]);
    for at in filled {
        let (x, y) = (at % columns, at / columns);
        for near_y in y.saturating_sub(1)..(y + 2).min(cells.len() / columns) {
            for near_x in x.saturating_sub(1)..(x + 2).min(columns) {
                left[near_y * columns + near_x] = 0;
            }
        }
    }
    left
}

struct Area {
    left: u32,
    top: u32,
    right: u32,
    bottom: u32,
    weight: u32,
    /// Where its cells stand among all.
    cells: Vec<usize>,
}

impl Area {
    /// Pixels of its cells' rectangle.
    fn pixels(&self) -> f32 {
        size(self.right + 1 - self.left) * size(self.bottom + 1 - self.top) * size(CELL * CELL)
    }

    /// Whether it lies in the outermost two cells all over, along more than half of a side.
    fn is_edge(&self, columns: u32, rows: u32) -> bool {
        let across = columns as usize;
        let outermost = |at: usize| {
            let (x, y) = (count(at % across), count(at / across));
            x < 2 || y < 2 || x + 2 >= columns || y + 2 >= rows
        };
        let long = (self.right + 1 - self.left) * 2 > columns || (self.bottom + 1 - self.top) * 2 > rows;
        long && self.cells.iter().all(|at| outermost(*at))
    }

    /// With a cell of room around, in pixels of a picture of this size.
    fn bounds(&self, width: u32, height: u32) -> Rect {
        let (left, top) = (self.left.saturating_sub(1) * CELL, self.top.saturating_sub(1) * CELL);
        let (right, bottom) = (((self.right + 2) * CELL).min(width), ((self.bottom + 2) * CELL).min(height));
        Rect { x: size(left), y: size(top), w: size(right - left), h: size(bottom - top) }
    }
}

/// Areas of cells that touch.
fn joined(cells: &[u32], columns: usize, counts: impl Fn(u32) -> bool) -> Vec<Area> {
    let mut open: Vec<bool> = cells.iter().map(|cell| counts(*cell)).collect();
    let mut areas = Vec::new();
    for start in 0..cells.len() {
        let mut area = Area { left: u32::MAX, top: u32::MAX, right: 0, bottom: 0, weight: 0, cells: Vec::new() };
        let visit = |at: usize, x: usize, y: usize| {
            area.left = area.left.min(count(x));
            area.top = area.top.min(count(y));
            area.right = area.right.max(count(x));
            area.bottom = area.bottom.max(count(y));
            area.weight = area.weight.saturating_add(cells[at]);
            area.cells.push(at);
        };
        if connected(&mut open, columns, start, 1, visit) {
            areas.push(area);
        }
    }
    areas
}

/// An area with an ink alone, dark on white; its strokes go on where black ink crosses them.
pub(super) fn alone(picture: &Picture, ink: Ink, area: &Rect) -> Picture<'static> {
    let mut part = cut(picture, area);
    let (strength, _) = strength(&part, ink);
    for (pixel, strength) in part.pixels_mut().zip(strength) {
        *pixel = Rgb([255 - strength.saturating_sub(10).saturating_mul(2); 3]);
    }
    Picture::owned(part, 1.0)
}

/// What the strokes in a place look like, read or not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strokes {
    /// How wide they are, as a share of the place's height.
    pub width: f32,
    /// Pieces of ink that are as high as letters of a line in this place.
    pub letters: usize,
}

/// The strokes of what stands in a place, dark on light.
pub(super) fn strokes(picture: &Picture, place: &Tilted) -> Strokes {
    const DARK: u8 = 160;
    /// Letters take this share of a place's height, which has some room around them.
    const LETTER: f32 = 0.35;
    let level = picture.level(place);
    let (width, height) = (level.width() as usize, level.height());
    // Ink in colour is dark in one channel at least.
    let darkest = level.pixels().map(|pixel| pixel.0.into_iter().fold(u8::MAX, u8::min));
    let grey = GrayImage::from_raw(level.width(), height, darkest.collect()).unwrap_or_default();
    let dark: Vec<bool> = grey.as_raw().iter().map(|value| *value < DARK).collect();
    let all = count(dark.iter().filter(|dark| **dark).count());
    let starts = |step: usize, is_first: &dyn Fn(usize) -> bool| {
        let starts = (0..dark.len()).filter(|at| dark[*at] && (is_first(*at) || !dark[*at - step]));
        size(count(starts.count()).max(1))
    };
    let (across, down) = (starts(1, &|at| at % width == 0), starts(width, &|at| at < width));
    let is_letter = |piece: &Component| {
        size(piece.height()) >= size(height) * LETTER
            && piece.width() <= piece.height() * 2
            && piece.ink < height * height
    };
    Strokes {
        width: size(all) / across.max(down) / size(height).max(1.0),
        letters: components(&grey, DARK).iter().filter(|piece| is_letter(piece)).count(),
    }
}

/// An area without an ink: what has it takes the lightness of its strongest channel, in which such ink is as light as paper;
/// black that it crosses stays black.
pub(super) fn without(picture: &Picture, ink: Ink, area: &Rect) -> Picture<'static> {
    let mut part = cut(picture, area);
    for pixel in part.pixels_mut() {
        let [red, green, blue] = pixel.0;
        let most = red.max(green).max(blue);
        // Ink of a stamp is seldom pure: what it lacks of its colour is given back by how strong that is.
        let value = most.saturating_add(if ink.is_in(&pixel.0) { (255 - most) / 2 } else { 0 });
        *pixel = Rgb([value; 3]);
    }
    Picture::owned(part, 1.0)
}

/// A part of the picture as it is.
pub(super) fn part(picture: &Picture, area: &Rect) -> Picture<'static> {
    Picture::owned(cut(picture, area), 1.0)
}

pub(super) fn cut(picture: &Picture, area: &Rect) -> RgbImage {
    let crop = image::imageops::crop_imm(&*picture.rgb, offset(area.x), offset(area.y), pixels(area.w), pixels(area.h));
    crop.to_image()
}

fn count(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn page() -> Picture<'static> {
        let mut rgb = RgbImage::from_pixel(600, 800, Rgb([250; 3]));
        let mut fill = |x: std::ops::Range<u32>, y: std::ops::Range<u32>, colour| {
            y.for_each(|y| x.clone().for_each(|x| rgb.put_pixel(x, y, Rgb(colour))));
        };
        fill(300..360, 500..560, [210, 40, 50]);
        fill(280..400, 520..530, [20, 20, 20]);
        Picture::owned(rgb, 1.0)
    }

    #[test]
    fn red_ink_and_black_ink_are_told_apart() {
        let page = page();
        let found = areas(&page, Ink::Red);
        assert_eq!(found.len(), 1);
        let area = found[0];
        assert!(area.x <= 300.0 && area.right() >= 360.0 && area.y <= 500.0 && area.bottom() >= 560.0, "{area:?}");
        let at = |picture: &Picture, x: f32, y: f32| picture.rgb.get_pixel(pixels(x - area.x), pixels(y - area.y)).0[0];
        let red = alone(&page, Ink::Red, &area);
        assert!(at(&red, 310.0, 510.0) < 60 && at(&red, 390.0, 525.0) == 255);
        assert!(at(&red, 330.0, 525.0) < 60, "red goes on where black crosses it");
        let black = without(&page, Ink::Red, &area);
        assert!(at(&black, 310.0, 510.0) > 220 && at(&black, 390.0, 525.0) < 40);
    }

    #[test]
    fn strokes_are_measured_against_the_height_of_letters() {
        for (width, share) in [(4, 0.04), (12, 0.12)] {
            let stroke_at = |x: u32, y: u32| (20..120).contains(&y) && x % 50 < width;
            let rgb = RgbImage::from_fn(400, 140, |x, y| Rgb([if stroke_at(x, y) { 40 } else { 255 }; 3]));
            let place = Tilted { x: 200.0, y: 70.0, w: 400.0, h: 100.0, angle: 0.0 };
            let seen = strokes(&Picture::owned(rgb, 1.0), &place);
            assert!((seen.width - share).abs() < 0.01, "{seen:?}, not {share}");
            assert_eq!(seen.letters, 8);
        }
    }

    #[test]
    fn bars_of_a_chart_are_no_ink_that_hides_writing() {
        for (ink, colour) in [(Ink::Red, [210, 40, 50]), (Ink::Coloured, [40, 60, 190])] {
            let mut rgb = RgbImage::from_pixel(960, 960, Rgb([250; 3]));
            let mut fill = |x: std::ops::Range<u32>, y: std::ops::Range<u32>| {
                y.for_each(|y| x.clone().for_each(|x| rgb.put_pixel(x, y, Rgb(colour))));
            };
            fill(96..288, 96..480);
            let bar = Picture::owned(rgb.clone(), 1.0);
            assert!(areas(&bar, ink).is_empty(), "{ink:?}");
            // Strokes with paper between them, as of a stamp.
            (0..12).for_each(|stroke| rgb_strokes(&mut rgb, 500 + stroke * 16, colour));
            let stamped = Picture::owned(rgb, 1.0);
            let found = areas(&stamped, ink);
            assert!(found.len() == 1 && found[0].x > 400.0, "{ink:?}: {found:?}");
        }
    }

    #[test]
    fn a_stamp_that_touches_a_banner_is_an_area_of_its_own() {
        let mut rgb = RgbImage::from_pixel(1440, 960, Rgb([250; 3]));
        (0..1440).for_each(|x| (0..192).for_each(|y| rgb.put_pixel(x, y, Rgb([210, 40, 50]))));
        for stroke in 0..12 {
            (192..420).for_each(|y| (0..4).for_each(|x| rgb.put_pixel(700 + stroke * 16 + x, y, Rgb([210, 40, 50]))));
        }
        let found = areas(&Picture::owned(rgb, 1.0), Ink::Red);
        assert!(found.len() == 1 && found[0].y < 300.0 && found[0].bottom() >= 420.0, "{found:?}");
    }

    fn rgb_strokes(rgb: &mut RgbImage, x: u32, colour: [u8; 3]) {
        (500..692).for_each(|y| (x..x + 4).for_each(|x| rgb.put_pixel(x, y, Rgb(colour))));
    }
}
