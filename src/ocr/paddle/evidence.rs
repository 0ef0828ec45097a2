//! Looks that only a marking is worth: at what is printed in red or another colour, at what lies below it, and at pale writing
//! below the text.
//!
//! Red ink hides black text and black text hides red ink: each is read for itself, as an extra reading (a page without its
//! red would have lost its red marks). Watermarks are large and pale: with the black text taken away they are the only
//! writing left. Each look is made only where such ink is.

use image::{Rgb, RgbImage};

use super::picture::{self, Picture};
use crate::document::Rect;
use crate::ocr::raster::{offset, pixels, size};

/// By how much red must exceed green and blue.
const RED: u8 = 40;
/// By how much the strongest channel of other colours must exceed the weakest.
const COLOUR: u8 = 64;
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
/// Share of the ink of an area that may lie outside its sure lines: edges of letters.
const MOST_UNREAD: f32 = 0.12;
/// Longer side of the copy on which pale writing is looked for.
const PALE_SIDE: f32 = 1200.0;
/// Pale is darker than paper by more than this, and by less than that.
const PALE: std::ops::RangeInclusive<u8> = 14..=120;
/// Half the width of strokes of ordinary letters on that copy: what is thinner than twice this is taken away.
const LETTER_STROKE: usize = 3;
/// Share of pale pixels from which on there may be a watermark.
const LEAST_PALE: f32 = 0.004;
/// Above it, the ground is pale, not the writing.
const MOST_PALE: f32 = 0.35;

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

    fn least(self) -> u8 {
        if self == Self::Red { RED } else { COLOUR }
    }

    pub(super) fn is_in(self, pixel: &[u8]) -> bool {
        self.excess(pixel) > self.least()
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

/// Small areas with writing or anything else on a page that is blank for the most part, the largest first; none on others.
/// A lone line of small print vanishes when a whole page is looked at.
pub(super) fn islands(picture: &Picture) -> Vec<Rect> {
    /// A cell with this much between its lightest and darkest pixel has something in it.
    const SPREAD: u8 = 64;
    /// Share of a page's cells that have something, if it is blank for the most part.
    const MOST_INKED: f32 = 0.1;
    /// Pixels that differ from the ground by more than this are ink.
    const CONTRAST: u8 = 48;
    let mut areas = uneven(picture, SPREAD, MOST_INKED).unwrap_or_default();
    areas.sort_by_key(|area| std::cmp::Reverse(area.weight));
    let bounds = areas.iter().map(|area| area.bounds(picture.width(), picture.height()));
    bounds.filter(|area| may_be_writing(&cut(picture, area), CONTRAST)).collect()
}

/// Whether a page is blank but for specks, rules, holes and the dark edges of a scan: nothing on it has the shape of writing,
/// be it half as strong as what counts as an island.
pub(super) fn is_clear(picture: &Picture) -> bool {
    const SPREAD: u8 = 32;
    const CONTRAST: u8 = 24;
    /// Dark edges take up to a tenth of all cells.
    const MOST_INKED: f32 = 0.15;
    let (columns, rows) = (picture.width().div_ceil(CELL), picture.height().div_ceil(CELL));
    let is_writing = |area: &Area| {
        let bounds = area.bounds(picture.width(), picture.height());
        !area.is_edge(columns, rows) && may_be_writing(&cut(picture, &bounds), CONTRAST)
    };
    uneven(picture, SPREAD, MOST_INKED).is_some_and(|areas| !areas.iter().any(is_writing))
}

/// Areas of cells whose lightest and darkest pixels are more than `spread` apart; none if they are more than a share of all.
fn uneven(picture: &Picture, spread: u8, most: f32) -> Option<Vec<Area>> {
    let (width, height) = (picture.width(), picture.height());
    let (columns, rows) = (width.div_ceil(CELL), height.div_ceil(CELL));
    let mut extremes = vec![(u8::MAX, u8::MIN); columns as usize * rows as usize];
    for (y, line) in (0_u32..).zip(picture.rgb.as_raw().chunks_exact(width.max(1) as usize * 3)) {
        let row = &mut extremes[(y / CELL * columns) as usize..][..columns as usize];
        for (cell, pixels) in row.iter_mut().zip(line.chunks(CELL as usize * 3)) {
            for pixel in pixels.chunks_exact(3) {
                *cell = (cell.0.min(pixel[1]), cell.1.max(pixel[1]));
            }
        }
    }
    let cells: Vec<u32> = extremes.iter().map(|(low, high)| u32::from(high.saturating_sub(*low) > spread)).collect();
    let inked: u32 = cells.iter().sum();
    (size(inked) <= size(count(cells.len())) * most).then(|| joined(&cells, columns as usize, |cell| cell > 0))
}

/// Whether what a small area holds is no speck, rule or punched hole. Pixels that differ from the ground by more than
/// `contrast` are ink.
fn may_be_writing(part: &RgbImage, contrast: u8) -> bool {
    /// Pixels of ink of the least that can be read: a Han character 12 pixels high, or a short word.
    const LEAST_INK: u32 = 40;
    /// The least height of a letter.
    const LEAST_SIDE: u32 = 7;
    /// Share of the ink's rectangle that is inked, if it is writing; a disc fills 0.79 of its own.
    const MOST_SOLID: f32 = 0.7;
    let on = |ground: u8, part: &RgbImage| {
        let mut ink = 0_u32;
        let (mut left, mut top, mut right, mut bottom) = (u32::MAX, u32::MAX, 0, 0);
        for (x, y, _) in part.enumerate_pixels().filter(|(.., pixel)| pixel.0[1].abs_diff(ground) > contrast) {
            ink += 1;
            (left, top, right, bottom) = (left.min(x), top.min(y), right.max(x), bottom.max(y));
        }
        (ink >= LEAST_INK).then(|| (ink, [left, top, right + 1 - left, bottom + 1 - top]))
    };
    let ground = |part: &RgbImage| mode(part.pixels().map(|pixel| pixel.0[1]));
    let is_writing = |ink: u32, width: u32, height: u32| {
        width.min(height) >= LEAST_SIDE && size(ink) <= size(width * height) * MOST_SOLID
    };
    let Some((ink, [left, top, width, height])) = ground(part).and_then(|ground| on(ground, part)) else {
        return false;
    };
    if is_writing(ink, width, height) {
        return true;
    }
    // A shaded field or a dark label has a ground of its own, and may hold writing. What lies within a disc is all ink.
    let edge = width.min(height) / 5 + 1;
    if width.min(height) < LEAST_SIDE + 2 * edge {
        return false;
    }
    let inside =
        image::imageops::crop_imm(part, left + edge, top + edge, width - 2 * edge, height - 2 * edge).to_image();
    let inner = ground(&inside).and_then(|ground| on(ground, &inside));
    inner.is_some_and(|(ink, [_, _, width, height])| is_writing(ink, width, height))
}

/// The value that most have.
fn mode(values: impl Iterator<Item = u8>) -> Option<u8> {
    let mut counts = [0_u32; 256];
    values.for_each(|value| counts[usize::from(value)] += 1);
    (0..=u8::MAX).max_by_key(|value| counts[usize::from(*value)]).filter(|value| counts[usize::from(*value)] > 0)
}

/// Whether an area has ink outside the lines that were read surely.
pub(super) fn has_unread(picture: &Picture, ink: Ink, area: &Rect, lines: impl Iterator<Item = Rect>) -> bool {
    let part = cut(picture, area);
    let (width, height) = (part.width() as usize, part.height() as usize);
    let mut read = vec![false; width * height];
    for line in lines {
        let span = |from: f32, to: f32, most: usize| {
            let (from, to) = (offset(from) as usize, offset(to) as usize);
            from.min(most)..to.clamp(from.min(most), most)
        };
        let columns = span(line.x - area.x, line.right() - area.x, width);
        for y in span(line.y - area.y, line.bottom() - area.y, height) {
            read[y * width..][columns.clone()].fill(true);
        }
    }
    let (mut all, mut unread) = (0_u32, 0_u32);
    for (_, read) in part.pixels().zip(&read).filter(|(pixel, _)| ink.is_in(&pixel.0)) {
        all += 1;
        unread += u32::from(!read);
    }
    size(unread) > size(all) * MOST_UNREAD
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
    let rows = cells.len() / columns.max(1);
    let mut areas = Vec::new();
    for start in 0..cells.len() {
        if !std::mem::take(&mut open[start]) {
            continue;
        }
        let mut area = Area { left: u32::MAX, top: u32::MAX, right: 0, bottom: 0, weight: 0, cells: Vec::new() };
        let mut waiting = vec![start];
        while let Some(at) = waiting.pop() {
            let (x, y) = (at % columns, at / columns);
            area.left = area.left.min(count(x));
            area.top = area.top.min(count(y));
            area.right = area.right.max(count(x));
            area.bottom = area.bottom.max(count(y));
            area.weight = area.weight.saturating_add(cells[at]);
            area.cells.push(at);
            for near_y in y.saturating_sub(1)..(y + 2).min(rows) {
                for near_x in x.saturating_sub(1)..(x + 2).min(columns) {
                    if std::mem::take(&mut open[near_y * columns + near_x]) {
                        waiting.push(near_y * columns + near_x);
                    }
                }
            }
        }
        areas.push(area);
    }
    areas
}

/// An area with an ink alone, dark on white.
pub(super) fn alone(picture: &Picture, ink: Ink, area: &Rect) -> Picture<'static> {
    let mut part = cut(picture, area);
    for pixel in part.pixels_mut() {
        let value = 255 - ink.excess(&pixel.0).saturating_sub(10).saturating_mul(2);
        *pixel = Rgb([value; 3]);
    }
    Picture::owned(part, 1.0)
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

/// Pale writing alone, dark on white, on a smaller copy; `factor` leads back to the picture. None where there is none.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
pub(super) fn pale_alone(picture: &Picture) -> Option<Picture<'static>> {
    let longest = size(picture.width().max(picture.height()));
    let scale = (PALE_SIDE / longest).min(1.0);
    let (width, height) = (pixels(size(picture.width()) * scale), pixels(size(picture.height()) * scale));
    let small = picture::resize(&picture.rgb, width, height, None);
    let grey: Vec<u8> = small.pixels().map(|pixel| pixel.0.into_iter().max().unwrap_or(0)).collect();
    let paper = paper(&grey)?;
    let closed =
        extreme(&extreme(&grey, width as usize, LETTER_STROKE, u8::max), width as usize, LETTER_STROKE, u8::min);
    let depth: Vec<u8> = closed.iter().map(|value| paper.saturating_sub(*value)).collect();
    let pale: Vec<u8> = depth.iter().copied().filter(|depth| PALE.contains(depth)).collect();
    let share = size(count(pale.len())) / size(width * height);
    if !(LEAST_PALE..=MOST_PALE).contains(&share) {
        return None;
    }
    let strength = typical(&pale);
    let mut rgb = RgbImage::new(width, height);
    for (pixel, depth) in rgb.pixels_mut().zip(&depth) {
        // What is still dark is large letters of the page itself.
        let depth = if depth > PALE.end() { 0.0 } else { f32::from(*depth) };
        *pixel = Rgb([255 - (depth / strength * 200.0).clamp(0.0, 230.0) as u8; 3]);
    }
    Some(Picture::owned(rgb, 1.0 / scale))
}

/// The median of some bytes.
fn typical(values: &[u8]) -> f32 {
    let mut values = values.to_vec();
    let middle = values.len() / 2;
    values.select_nth_unstable(middle);
    f32::from(values[middle].max(1))
}

/// The highest or lowest value within a distance of each pixel, along rows and columns.
fn extreme(values: &[u8], width: usize, distance: usize, choose: impl Fn(u8, u8) -> u8) -> Vec<u8> {
    let height = values.len() / width.max(1);
    let mut across = values.to_vec();
    for (line, out) in values.chunks_exact(width).zip(across.chunks_exact_mut(width)) {
        for shift in 1..=distance.min(width.saturating_sub(1)) {
            out[shift..].iter_mut().zip(line).for_each(|(out, value)| *out = choose(*out, *value));
            out.iter_mut().zip(&line[shift..]).for_each(|(out, value)| *out = choose(*out, *value));
        }
    }
    let mut both = across.clone();
    for (y, out) in both.chunks_exact_mut(width).enumerate() {
        for near in y.saturating_sub(distance)..(y + distance + 1).min(height) {
            let line = &across[near * width..][..width];
            out.iter_mut().zip(line).for_each(|(out, value)| *out = choose(*out, *value));
        }
    }
    both
}

fn count(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// The lightness of paper: that of most light pixels. None on dark grounds.
fn paper(grey: &[u8]) -> Option<u8> {
    let mut counts = [0_u32; 256];
    grey.iter().for_each(|value| counts[usize::from(*value)] += 1);
    let most = (128..256).max_by_key(|value| counts[*value])?;
    let near: u32 = counts[most.saturating_sub(12)..(most + 13).min(256)].iter().sum();
    (size(near) > size(u32::try_from(grey.len()).ok()?) * 0.4).then(|| u8::try_from(most).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Picture<'static> {
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
        let black = without(&page, Ink::Red, &area);
        assert!(at(&black, 310.0, 510.0) > 220 && at(&black, 390.0, 525.0) < 40);
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

    #[test]
    fn specks_rules_and_punched_holes_of_a_blank_page_are_no_islands_and_a_short_word_is_one() {
        let mut rgb = RgbImage::from_pixel(1200, 1600, Rgb([235; 3]));
        let mut fill = |x: std::ops::Range<u32>, y: std::ops::Range<u32>| {
            y.for_each(|y| x.clone().for_each(|x| rgb.put_pixel(x, y, Rgb([30; 3]))));
        };
        fill(300..303, 200..204);
        fill(100..1100, 400..403);
        (0..60).for_each(|row: u32| {
            let half = (900 - row.abs_diff(30).pow(2)).isqrt();
            fill(200 - half..200 + half + 1, 800 + row..801 + row);
        });
        let blank = Picture::owned(rgb.clone(), 1.0);
        assert_eq!(islands(&blank), []);
        // Four letters of ten pixels.
        (0..4_u32).for_each(|letter| {
            (0..10).for_each(|at| rgb.put_pixel(600 + letter * 8, 1200 + at, Rgb([30; 3])));
            (0..6).for_each(|at| rgb.put_pixel(600 + letter * 8 + at, 1200, Rgb([30; 3])));
        });
        let word = Picture::owned(rgb.clone(), 1.0);
        let found = islands(&word);
        assert!(found.len() == 1 && found[0].x <= 600.0 && found[0].right() >= 630.0, "{found:?}");
        // The same word in a shaded field.
        for y in 1190..1220 {
            for x in 590..650 {
                let pixel = rgb.get_pixel_mut(x, y);
                *pixel = if pixel.0[0] == 30 { *pixel } else { Rgb([170; 3]) };
            }
        }
        assert_eq!(islands(&Picture::owned(rgb, 1.0)).len(), 1);
    }

    #[test]
    fn a_page_is_clear_of_writing_with_specks_holes_and_dark_edges_but_not_with_a_pale_word() {
        let mut rgb = RgbImage::from_pixel(1200, 1600, Rgb([235; 3]));
        (0..1600).for_each(|y| (0..20 + y / 100).for_each(|x| rgb.put_pixel(x, y, Rgb([40; 3]))));
        (0..6).for_each(|at| rgb.put_pixel(700 + at, 900, Rgb([30; 3])));
        (0..60).for_each(|row: u32| {
            let half = (900 - row.abs_diff(30).pow(2)).isqrt();
            (200 - half..=200 + half).for_each(|x| rgb.put_pixel(x, 800 + row, Rgb([30; 3])));
        });
        assert!(is_clear(&Picture::owned(rgb.clone(), 1.0)));
        // Four letters of ten pixels, a little darker than the paper.
        (0..4_u32).for_each(|letter| {
            (0..10).for_each(|at| rgb.put_pixel(600 + letter * 8, 1200 + at, Rgb([195; 3])));
            (0..6).for_each(|at| rgb.put_pixel(600 + letter * 8 + at, 1200, Rgb([195; 3])));
        });
        assert!(!is_clear(&Picture::owned(rgb, 1.0)));
        let full = RgbImage::from_fn(1200, 1600, |x, y| Rgb([if (x / 3 + y / 3) % 2 == 0 { 90 } else { 160 }; 3]));
        assert!(!is_clear(&Picture::owned(full, 1.0)));
    }

    #[test]
    fn a_page_without_pale_ink_has_no_watermark() {
        let mut page = page();
        page.rgb.to_mut().pixels_mut().for_each(|pixel| pixel.0 = [pixel.0[1]; 3]);
        assert!(pale_alone(&page).is_none());
    }

    #[test]
    fn pale_writing_goes_on_below_dark_letters() {
        let mut page = Picture::owned(RgbImage::from_pixel(600, 800, Rgb([250; 3])), 1.0);
        for (x, y, pixel) in page.rgb.to_mut().enumerate_pixels_mut() {
            let pale = (100..500).contains(&x) && (300..360).contains(&y);
            let dark = (200..202).contains(&x) && (280..400).contains(&y);
            *pixel = Rgb([if dark {
                10
            } else if pale {
                200
            } else {
                250
            }; 3]);
        }
        let alone = pale_alone(&page).expect("a watermark");
        let at = |x, y| alone.rgb.get_pixel(x, y).0[0];
        assert!(at(150, 330) < 70 && at(201, 330) < 70, "{} {}", at(150, 330), at(201, 330));
        assert!(at(201, 390) > 240 && at(550, 330) > 240);
    }
}
