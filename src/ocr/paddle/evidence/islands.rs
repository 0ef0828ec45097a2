//! Small areas with anything on a page that is blank for the most part, and whether they have the shape of writing.

use image::RgbImage;

use super::{Area, CELL, count, cut, joined};
use crate::document::Rect;
use crate::ocr::paddle::picture::Picture;
use crate::ocr::raster::size;

/// Small areas with writing or anything else on a page that is blank for the most part, the largest first; none on others.
/// A lone line of small print vanishes when a whole page is looked at.
pub(in crate::ocr::paddle) fn islands(picture: &Picture) -> Vec<Rect> {
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
pub(in crate::ocr::paddle) fn is_clear(picture: &Picture) -> bool {
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

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

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
}
