//! Ink: pixels that differ from their local background, and the connected pieces they form.

mod ground;
mod pieces;

use std::ops::Range;

use image::GrayImage;

use crate::document::{PageSize, Rect};
use ground::{TILE, Tiles};
pub(super) use pieces::Pieces;
use pieces::{Cell, Piece};

/// Largest side of a piece that may be one letter. Pages are rendered so that 10-point type is 12 pixels high.
const LETTER: u32 = 64;
/// Largest side of a piece that may be a letter of a heading, stamp or watermark.
const LARGE_LETTER: u32 = 300;
/// Height of a line of touching letters.
const LINE: u32 = 40;
/// Least side of a piece; smaller is a speck.
const SPECK: u32 = 3;

/// The ink of a small render, in pixels, and the scale to page units.
pub(super) struct View {
    width: u32,
    height: u32,
    mask: Vec<bool>,
    /// Page units a pixel, across and down.
    unit: (f32, f32),
    /// Rows that may have ink.
    inked: Range<u32>,
}

impl View {
    /// A page without ink, of `pixels` (width, height).
    #[allow(clippy::cast_precision_loss, reason = "pixels of a small render")]
    pub(super) fn blank((width, height): (u32, u32), size: PageSize) -> Self {
        let unit = (size.width / width.max(1) as f32, size.height / height.max(1) as f32);
        Self { width, height, mask: vec![false; width as usize * height as usize], unit, inked: 0..0 }
    }

    /// Finds the ink of an image.
    pub(super) fn new(image: &GrayImage, size: PageSize, contrast: u8) -> Self {
        let mut view = Self::blank(image.dimensions(), size);
        view.add(image, (0, 0), contrast);
        view
    }

    /// Finds the ink of a part of the page whose left upper corner lies at `left`, `top`.
    pub(super) fn add(&mut self, part: &GrayImage, (left, top): (u32, u32), contrast: u8) {
        let width = part.width().min(self.width.saturating_sub(left)) as usize;
        let rows = top.min(self.height)..top.saturating_add(part.height()).min(self.height);
        let tiles = Tiles::new(part);
        let lines = part.as_raw().chunks_exact(part.width().max(1) as usize);
        for ((y, line), row) in lines.enumerate().zip(rows.clone()) {
            let start = row as usize * self.width as usize + left as usize;
            let mask = self.mask[start..start + width].chunks_mut(TILE as usize);
            for ((mask, tile), ground) in mask.zip(line.chunks(TILE as usize)).zip(tiles.row(y)) {
                mask.iter_mut().zip(tile).for_each(|(mask, value)| *mask |= value.abs_diff(*ground) >= contrast);
            }
        }
        let inked = if self.inked.is_empty() { rows.clone() } else { self.inked.clone() };
        self.inked = inked.start.min(rows.start)..inked.end.max(rows.end);
    }

    /// Share of the page that is ink, counting only pieces larger than a speck.
    #[allow(clippy::cast_precision_loss, reason = "pixels of a small render")]
    pub(super) fn ink_share(&self) -> f32 {
        let ink: u64 =
            self.components().iter().filter(|(place, _)| !is_speck(place)).map(|(_, ink)| u64::from(*ink)).sum();
        ink as f32 / (self.mask.len().max(1)) as f32
    }

    /// Share of a place, given in page units, that is ink.
    #[allow(clippy::cast_precision_loss, reason = "pixels of a small render")]
    pub(super) fn ink_in(&self, place: &Rect) -> f32 {
        let Some(cell) = self.cell(place, 0.0) else { return 0.0 };
        let ink = self.rows(&cell).flat_map(|row| &self.mask[row]).filter(|ink| **ink).count();
        ink as f32 / (cell.width() * cell.height()).max(1) as f32
    }

    /// Takes away the ink under boxes given in page units, grown by a share of their height and by a pixel at least.
    pub(super) fn subtract(&mut self, boxes: &[Rect], growth: f32) {
        for place in boxes.iter().filter(|place| place.w > 0.0 || place.h > 0.0) {
            let pixel = self.unit.0.max(self.unit.1);
            // Upright text is as high as its box; a lone narrow letter and turned text go by their width.
            let size = place.h.min(place.w * 2.0);
            if let Some(cell) = self.cell(place, (size * growth).max(pixel)) {
                for row in self.rows(&cell) {
                    self.mask[row].fill(false);
                }
            }
        }
    }

    /// The pixels of a place in page units, grown, as far as they lie on the page; none if they do not.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the image")]
    fn cell(&self, place: &Rect, grow: f32) -> Option<Cell> {
        #[allow(clippy::cast_precision_loss, reason = "pixels of a small render")]
        let pixel = |value: f32, unit: f32, limit: u32| (value / unit).clamp(0.0, limit as f32);
        let cell = Cell {
            left: pixel(place.x - grow, self.unit.0, self.width).floor() as u32,
            top: pixel(place.y - grow, self.unit.1, self.height).floor() as u32,
            right: pixel(place.right() + grow, self.unit.0, self.width).ceil() as u32,
            bottom: pixel(place.bottom() + grow, self.unit.1, self.height).ceil() as u32,
        };
        (cell.left < cell.right && cell.top < cell.bottom).then_some(cell)
    }

    /// The index ranges of a cell's rows in the mask.
    fn rows(&self, cell: &Cell) -> impl Iterator<Item = std::ops::Range<usize>> + use<> {
        let (width, cell) = (self.width as usize, *cell);
        (cell.top as usize..cell.bottom as usize)
            .map(move |y| y * width + cell.left as usize..y * width + cell.right as usize)
    }

    /// Connected components (eight neighbours): place and pixels of ink.
    fn components(&self) -> Vec<(Cell, u32)> {
        let (width, height) = (self.width as usize, self.height as usize);
        let mut left = self.mask.clone();
        let mut found = Vec::new();
        let mut stack = Vec::new();
        for start in self.inked.start as usize * width..self.inked.end as usize * width {
            if !std::mem::take(&mut left[start]) {
                continue;
            }
            stack.push(start);
            let (mut x0, mut y0, mut x1, mut y1, mut ink) = (width, height, 0, 0, 0_u32);
            while let Some(at) = stack.pop() {
                let (x, y) = (at % width, at / width);
                (x0, y0, x1, y1) = (x0.min(x), y0.min(y), x1.max(x), y1.max(y));
                ink += 1;
                for ny in y.saturating_sub(1)..(y + 2).min(height) {
                    let from = ny * width + x.saturating_sub(1);
                    for (next, ink) in (from..).zip(&mut left[from..ny * width + (x + 2).min(width)]) {
                        if std::mem::take(ink) {
                            stack.push(next);
                        }
                    }
                }
            }
            let side = |value: usize| u32::try_from(value).expect("an image side is 32 bits");
            found.push((Cell { left: side(x0), top: side(y0), right: side(x1 + 1), bottom: side(y1 + 1) }, ink));
        }
        found
    }

    /// How many letters a piece may be: none for specks, rules, boxes, frames and grids.
    #[allow(clippy::cast_precision_loss, reason = "pixels of a small render")]
    fn letters(&self, place: &Cell, ink: u32) -> u32 {
        let (width, height) = (place.width(), place.height());
        let (short, long) = (width.min(height), width.max(height));
        let fill = ink as f32 / (width as f32 * height as f32);
        if long < SPECK || (short <= 2 && long >= 12) || (short <= 4 && long >= 15 * short) {
            return 0;
        }
        // A letter is not a filled box, except for strokes such as I, l and 一.
        if fill > 0.92 && short >= 8 {
            return 0;
        }
        if long <= LETTER {
            return 1;
        }
        // Across a line of letters, or a picture, ink and paper take turns; across a box or a frame they do so twice.
        let turns = self.runs(place, width >= height);
        match () {
            () if short <= LINE && fill > 0.15 && turns >= 4.0 => long.div_ceil(short.max(1)),
            () if long <= LARGE_LETTER && short >= LETTER / 4 && fill > 0.08 => u32::from(!self.is_box(place)),
            () if fill > 0.25 && turns >= 4.0 => 3 * long.div_ceil(LETTER),
            () => 0,
        }
    }

    /// Mean number of separate stretches of ink in the rows of a place, or in its columns.
    #[allow(clippy::cast_precision_loss, reason = "pixels of a small render")]
    fn runs(&self, place: &Cell, in_rows: bool) -> f32 {
        let at = |x: u32, y: u32| self.mask[y as usize * self.width as usize + x as usize];
        let starts = |line: &mut dyn Iterator<Item = bool>| {
            let mut last = false;
            line.filter(|ink| !std::mem::replace(&mut last, *ink) && *ink).count()
        };
        let (count, lines) = if in_rows {
            let rows = place.top..place.bottom;
            (rows.clone().map(|y| starts(&mut (place.left..place.right).map(|x| at(x, y)))).sum::<usize>(), rows.len())
        } else {
            let columns = place.left..place.right;
            (
                columns.clone().map(|x| starts(&mut (place.top..place.bottom).map(|y| at(x, y)))).sum::<usize>(),
                columns.len(),
            )
        };
        count as f32 / lines.max(1) as f32
    }

    /// A box, filled or drawn: its four sides are ink, and nothing else is going on inside.
    fn is_box(&self, place: &Cell) -> bool {
        // As deep as a tile, because the local background changes by tiles and frays the edges of a box.
        const DEPTH: u32 = TILE;
        let ink = |x: u32, y: u32| self.mask[y as usize * self.width as usize + x as usize];
        let sides = [
            (Cell { right: place.left + DEPTH.min(place.width()), ..*place }, true),
            (Cell { left: place.right - DEPTH.min(place.width()), ..*place }, true),
            (Cell { bottom: place.top + DEPTH.min(place.height()), ..*place }, false),
            (Cell { top: place.bottom - DEPTH.min(place.height()), ..*place }, false),
        ];
        let covered = |(side, upright): &(Cell, bool)| {
            let (columns, rows) = (side.left..side.right, side.top..side.bottom);
            let (found, all) = if *upright {
                (rows.clone().filter(|y| columns.clone().any(|x| ink(x, *y))).count(), rows.len())
            } else {
                (columns.clone().filter(|x| rows.clone().any(|y| ink(*x, y))).count(), columns.len())
            };
            found * 10 >= all * 8
        };
        sides.iter().all(covered) && self.runs(place, true) < 2.5 && self.runs(place, false) < 2.5
    }

    /// What is left of the ink, in pieces that may be letters or hold letters.
    pub(super) fn pieces(&self) -> Pieces {
        let pieces = self.components().into_iter().filter_map(|(place, ink)| {
            let letters = self.letters(&place, ink);
            (letters > 0).then_some(Piece { place, ink, letters })
        });
        Pieces { all: pieces.collect(), width: self.width, height: self.height, unit: self.unit }
    }
}

fn is_speck(place: &Cell) -> bool {
    place.width().max(place.height()) < SPECK
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;

    const SIZE: PageSize = PageSize { width: 400.0, height: 300.0 };

    /// White paper with filled boxes: left, top, width, height, brightness.
    fn paper(boxes: &[(u32, u32, u32, u32, u8)]) -> GrayImage {
        let mut image = GrayImage::from_pixel(400, 300, Luma([255]));
        for (left, top, width, height, value) in boxes {
            for y in *top..top + height {
                for x in *left..left + width {
                    image.put_pixel(x, y, Luma([*value]));
                }
            }
        }
        image
    }

    fn count(image: &GrayImage) -> u32 {
        View::new(image, SIZE, 40).pieces().count()
    }

    #[test]
    fn letters_are_ink_dark_on_light_and_light_on_dark() {
        let letters = [(50, 50, 4, 10, 0), (60, 50, 4, 10, 0), (70, 50, 4, 10, 0)];
        assert_eq!(count(&paper(&letters)), 3);
        let ground = (20, 20, 200, 100, 30);
        let light = letters.map(|(x, y, w, h, _)| (x, y, w, h, 230));
        let mut view = View::new(&paper(&[&[ground], light.as_slice()].concat()), SIZE, 40);
        let place = Rect { x: 48.0, y: 48.0, w: 30.0, h: 14.0 };
        assert!(view.ink_in(&place) > 0.2);
        view.subtract(&[place], 0.3);
        assert!(view.ink_in(&place) == 0.0);
    }

    #[test]
    fn rules_boxes_and_specks_are_no_letters() {
        let image = paper(&[(10, 10, 300, 1, 0), (10, 20, 1, 200, 0), (50, 50, 80, 40, 0), (200, 200, 1, 2, 0)]);
        assert_eq!(count(&image), 0);
    }

    #[test]
    fn pieces_near_each_other_form_one_region_and_far_ones_two() {
        let word = |x: u32, y: u32| [0, 8, 16, 24].map(|dx| (x + dx, y, 4, 10, 0_u8));
        let image = paper(&[word(30, 30).as_slice(), &word(30, 46), &word(300, 250)].concat());
        let regions = View::new(&image, SIZE, 40).pieces().regions(0.000_1, 3);
        assert_eq!(regions.places.len(), 2, "{:?}", regions.places);
        assert!(regions.places[0].x < 30.0 && regions.places[0].bottom() > 56.0);
    }

    #[test]
    fn lone_bullets_are_no_region() {
        let bullets: Vec<_> = (0..10).map(|n| (20, 10 + 28 * n, 3, 3, 0)).collect();
        let regions = View::new(&paper(&bullets), SIZE, 40).pieces().regions(0.000_15, 3);
        assert!(regions.places.is_empty(), "{:?}", regions.places);
    }
}
