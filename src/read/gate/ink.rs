//! Ink: pixels that differ from their local background, and the connected pieces they form.

use image::GrayImage;

use crate::document::{PageSize, Rect};

/// Side of the tiles whose most frequent brightness is the local background, in pixels.
const TILE: u32 = 16;
/// Brightnesses that count as one when the most frequent is looked for.
const BIN: u8 = 8;
/// Largest side of a piece that may be one letter. Pages are rendered so that 10-point type is 12 pixels high.
const LETTER: u32 = 64;
/// Largest side of a piece that may be a letter of a heading, stamp or watermark.
const LARGE_LETTER: u32 = 300;
/// Height of a line of touching letters.
const LINE: u32 = 40;
/// Least side of a piece; smaller is a speck.
const SPECK: u32 = 3;
/// Regions handed to OCR; more are merged.
const REGIONS: usize = 24;
/// Margin around a region, in pixels.
const MARGIN: f32 = 6.0;

/// The ink of a small render, in pixels, and the scale to page units.
pub(super) struct View {
    width: u32,
    height: u32,
    mask: Vec<bool>,
    /// Page units a pixel, across and down.
    unit: (f32, f32),
}

/// A place in pixels, right and bottom exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cell {
    left: u32,
    top: u32,
    right: u32,
    bottom: u32,
}

impl Cell {
    fn width(&self) -> u32 {
        self.right - self.left
    }

    fn height(&self) -> u32 {
        self.bottom - self.top
    }

    fn union(&self, other: &Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }
}

/// A connected piece of letter size.
#[derive(Clone, Copy, Debug)]
struct Piece {
    place: Cell,
    ink: u32,
    /// How many letters it may hold.
    letters: u32,
}

impl View {
    /// Finds the ink of an image.
    #[allow(clippy::cast_precision_loss, reason = "pixels of a small render")]
    pub(super) fn new(image: &GrayImage, size: PageSize, contrast: u8) -> Self {
        let (width, height) = image.dimensions();
        let tiles = Tiles::new(image);
        let mut mask = Vec::with_capacity(width as usize * height as usize);
        for (y, row) in image.as_raw().chunks_exact(width.max(1) as usize).enumerate() {
            let grounds = tiles.row(y);
            for (tile, ground) in row.chunks(TILE as usize).zip(grounds) {
                mask.extend(tile.iter().map(|value| value.abs_diff(*ground) >= contrast));
            }
        }
        let unit = (size.width / width.max(1) as f32, size.height / height.max(1) as f32);
        Self { width, height, mask, unit }
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
        for start in 0..left.len() {
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

/// The most frequent brightness around each tile.
struct Tiles {
    across: usize,
    grounds: Vec<u8>,
}

impl Tiles {
    fn new(image: &GrayImage) -> Self {
        let (width, height) = image.dimensions();
        let (across, down) = (width.div_ceil(TILE) as usize, height.div_ceil(TILE) as usize);
        let mut counts = vec![[0_u16; 256 / BIN as usize]; across * down];
        for (y, row) in image.as_raw().chunks_exact(width.max(1) as usize).enumerate() {
            let tiles = &mut counts[y / TILE as usize * across..][..across];
            for (pixels, counts) in row.chunks(TILE as usize).zip(tiles) {
                for value in pixels {
                    counts[usize::from(value / BIN)] += 1;
                }
            }
        }
        let mut grounds = Vec::with_capacity(across * down);
        for y in 0..down {
            for x in 0..across {
                // A heading fills a tile; with its neighbours, paper outweighs it.
                let mut sums = [0_u32; 256 / BIN as usize];
                for ny in y.saturating_sub(1)..(y + 2).min(down) {
                    for tile in &counts[ny * across + x.saturating_sub(1)..ny * across + (x + 2).min(across)] {
                        sums.iter_mut().zip(tile).for_each(|(sum, count)| *sum += u32::from(*count));
                    }
                }
                grounds.push(mode(&sums));
            }
        }
        Self { across, grounds }
    }

    /// Backgrounds of the tiles of pixel row `y`.
    fn row(&self, y: usize) -> &[u8] {
        let start = y / TILE as usize * self.across;
        &self.grounds[start..start + self.across]
    }
}

/// The brightness at the heaviest pair of neighbouring bins, so that a peak on a border is not cut in two.
fn mode(sums: &[u32; 256 / BIN as usize]) -> u8 {
    let pair = |index: usize| sums[index] + sums.get(index + 1).copied().unwrap_or_default();
    // Of equals the brightest: a page half black is a page with black on it.
    let best = (0..sums.len()).max_by_key(|index| pair(*index)).unwrap_or_default();
    let (first, second) = (sums[best], sums.get(best + 1).copied().unwrap_or_default());
    let middle = u32::from(BIN) * u32::try_from(best).expect("32 bins") + u32::from(BIN / 2);
    let shift = u32::from(BIN) * second / (first + second).max(1);
    u8::try_from((middle + shift).min(255)).expect("at most 255")
}

/// Unexplained pieces of a page.
pub(super) struct Pieces {
    all: Vec<Piece>,
    width: u32,
    height: u32,
    unit: (f32, f32),
}

/// Where unexplained ink lies, in page units, and the share of the page it takes.
#[derive(Debug, Default)]
pub(super) struct Regions {
    pub(super) places: Vec<Rect>,
    pub(super) share: f32,
}

impl Pieces {
    /// Letters they may be.
    pub(super) fn count(&self) -> u32 {
        self.all.iter().fold(0, |sum, piece| sum.saturating_add(piece.letters))
    }

    /// Their ink as a share of the page.
    #[allow(clippy::cast_precision_loss, reason = "pixels of a small render")]
    pub(super) fn ink_share(&self) -> f32 {
        let ink: u64 = self.all.iter().map(|piece| u64::from(piece.ink)).sum();
        ink as f32 / (self.width as f32 * self.height as f32).max(1.0)
    }

    /// Pieces near each other, merged. A group counts if it is more than one piece or has as much ink as a word: twenty
    /// bullets down a page are twenty lone specks, and no text.
    #[allow(clippy::cast_precision_loss, reason = "pixels of a small render")]
    pub(super) fn regions(&self, least_ink: f32, least_pieces: u32) -> Regions {
        let page = self.width as f32 * self.height as f32;
        let mut reach = 1.0;
        let mut groups = self.groups(reach);
        groups.retain(|group| {
            let enough = group.ink as f32 >= least_ink * page;
            (group.letters >= 2 && group.ink as f32 * 2.0 >= least_ink * page)
                || group.letters >= least_pieces
                || enough
        });
        // Few regions, or OCR reads the same words over and over at the margins.
        while groups.len() > REGIONS && reach < 64.0 {
            reach *= 2.0;
            groups = merge(&groups, reach, self.width, self.height);
        }
        let margin = |cell: &Cell| {
            let (x, y) = ((cell.left as f32 - MARGIN).max(0.0), (cell.top as f32 - MARGIN).max(0.0));
            let right = (cell.right as f32 + MARGIN).min(self.width as f32);
            let bottom = (cell.bottom as f32 + MARGIN).min(self.height as f32);
            Rect { x, y, w: right - x, h: bottom - y }
        };
        let places: Vec<Rect> = groups.iter().map(|group| margin(&group.place)).collect();
        let share = places.iter().map(|place| place.w * place.h).sum::<f32>() / page.max(1.0);
        let (across, down) = self.unit;
        let scale = |p: Rect| Rect { x: p.x * across, y: p.y * down, w: p.w * across, h: p.h * down };
        Regions { places: places.into_iter().map(scale).collect(), share }
    }

    fn groups(&self, reach: f32) -> Vec<Piece> {
        merge(&self.all, reach, self.width, self.height)
    }
}

/// Merges pieces that lie within about a letter's height of each other, times `reach`: each marks the tiles of a coarse
/// grid that it reaches, and pieces on connected tiles belong together.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped pixels"
)]
fn merge(pieces: &[Piece], reach: f32, width: u32, height: u32) -> Vec<Piece> {
    const GRID: u32 = 8;
    let (across, down) = (width.div_ceil(GRID).max(1), height.div_ceil(GRID).max(1));
    let mut owner: Vec<Option<usize>> = vec![None; (across * down) as usize];
    let mut parents: Vec<usize> = (0..pieces.len()).collect();
    for (index, piece) in pieces.iter().enumerate() {
        let place = piece.place;
        // Blanks between words are wider than gaps between lines are high.
        let letter = place.height().clamp(8, 48) as f32;
        let (dx, dy) = ((letter * 0.75 * reach) as u32, (letter * 0.5 * reach) as u32);
        let columns = place.left.saturating_sub(dx) / GRID..((place.right + dx) / GRID + 1).min(across);
        for y in place.top.saturating_sub(dy) / GRID..((place.bottom + dy) / GRID + 1).min(down) {
            for x in columns.clone() {
                match &mut owner[(y * across + x) as usize] {
                    Some(other) => join(&mut parents, *other, index),
                    free => *free = Some(index),
                }
            }
        }
    }
    let mut merged: Vec<Option<Piece>> = vec![None; pieces.len()];
    for (index, piece) in pieces.iter().enumerate() {
        let root = root(&mut parents, index);
        merged[root] = Some(merged[root].map_or(*piece, |group| Piece {
            place: group.place.union(&piece.place),
            ink: group.ink.saturating_add(piece.ink),
            letters: group.letters.saturating_add(piece.letters),
        }));
    }
    absorb(merged.into_iter().flatten().collect())
}

/// Merges groups whose boxes overlap, so that no ink is read twice.
fn absorb(mut groups: Vec<Piece>) -> Vec<Piece> {
    let overlap = |a: &Cell, b: &Cell| a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    // Beyond this the groups are specks all over the page; comparing all with all would take for ever.
    if groups.len() > 2000 {
        return groups;
    }
    let mut index = 0;
    while index < groups.len() {
        let found = (index + 1..groups.len()).find(|other| overlap(&groups[index].place, &groups[*other].place));
        match found {
            Some(other) => {
                let group = groups.swap_remove(other);
                let own = &mut groups[index];
                own.place = own.place.union(&group.place);
                own.ink = own.ink.saturating_add(group.ink);
                own.letters = own.letters.saturating_add(group.letters);
                // It has grown and may now overlap groups that were passed over.
                index = 0;
            }
            None => index += 1,
        }
    }
    groups.sort_by_key(|group| (group.place.top, group.place.left));
    groups
}

fn root(parents: &mut [usize], mut index: usize) -> usize {
    while parents[index] != index {
        parents[index] = parents[parents[index]];
        index = parents[index];
    }
    index
}

fn join(parents: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(parents, a), root(parents, b));
    parents[a.max(b)] = a.min(b);
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
