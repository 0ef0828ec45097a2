//! Looks that only a marking is worth: at what is printed in red, at what lies below it, and at pale writing below the text.
//!
//! Red ink hides black text and black text hides red ink: each is read for itself, as an extra reading (a page without its
//! red would have lost its red marks). Watermarks are large and pale: with the black text taken away they are the only
//! writing left. Each look is made only where such ink is.

use image::{Rgb, RgbImage};

use super::picture::{self, Picture};
use crate::document::Rect;
use crate::ocr::raster::{pixels, size};

/// By how much red must exceed green and blue.
const RED: u8 = 40;
/// Cells by which red areas are gathered, in pixels.
const CELL: u32 = 48;
/// Share of a cell that is red where there is red writing.
const RED_CELL: f32 = 0.015;
/// Share of the red ink of an area that may lie outside its sure lines: edges of letters.
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

/// Areas with red ink, each with some room around, in pixels; the largest first.
pub(super) fn red_areas(picture: &Picture) -> Vec<Rect> {
    let (width, height) = (picture.width(), picture.height());
    let (columns, rows) = (width.div_ceil(CELL), height.div_ceil(CELL));
    let mut red = vec![0_u32; columns as usize * rows as usize];
    for (y, line) in (0_u32..).zip(picture.rgb.as_raw().chunks_exact(width.max(1) as usize * 3)) {
        let row = &mut red[(y / CELL * columns) as usize..][..columns as usize];
        for (cell, pixels) in row.iter_mut().zip(line.chunks(CELL as usize * 3)) {
            *cell += pixels.chunks_exact(3).map(|pixel| u32::from(is_red(pixel))).sum::<u32>();
        }
    }
    let least = size(CELL * CELL) * RED_CELL;
    let mut areas = joined(&red, columns as usize, |cell| size(cell) >= least);
    areas.sort_by_key(|area| std::cmp::Reverse(area.weight));
    areas
        .iter()
        .map(|area| {
            let (left, top) = (area.left.saturating_sub(1) * CELL, area.top.saturating_sub(1) * CELL);
            let (right, bottom) = (((area.right + 2) * CELL).min(width), ((area.bottom + 2) * CELL).min(height));
            Rect { x: size(left), y: size(top), w: size(right - left), h: size(bottom - top) }
        })
        .collect()
}

/// Whether an area has red ink outside the lines that were read surely.
pub(super) fn has_unread_red(picture: &Picture, area: &Rect, lines: impl Iterator<Item = Rect>) -> bool {
    let part = cut(picture, area);
    let (width, height) = (part.width() as usize, part.height() as usize);
    let mut read = vec![false; width * height];
    for line in lines {
        let span = |from: f32, to: f32, most: usize| {
            let (from, to) = (pixels(from.max(0.0) + 1.0) as usize - 1, pixels(to.max(0.0) + 1.0) as usize - 1);
            from.min(most)..to.clamp(from.min(most), most)
        };
        let columns = span(line.x - area.x, line.right() - area.x, width);
        for y in span(line.y - area.y, line.bottom() - area.y, height) {
            read[y * width..][columns.clone()].fill(true);
        }
    }
    let (mut all, mut unread) = (0_u32, 0_u32);
    for (_, read) in part.pixels().zip(&read).filter(|(pixel, _)| is_red(&pixel.0)) {
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
        let mut area = Area { left: u32::MAX, top: u32::MAX, right: 0, bottom: 0, weight: 0 };
        let mut waiting = vec![start];
        while let Some(at) = waiting.pop() {
            let (x, y) = (at % columns, at / columns);
            area.left = area.left.min(count(x));
            area.top = area.top.min(count(y));
            area.right = area.right.max(count(x));
            area.bottom = area.bottom.max(count(y));
            area.weight = area.weight.saturating_add(cells[at]);
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

fn is_red(pixel: &[u8]) -> bool {
    pixel[0].saturating_sub(pixel[1].max(pixel[2])) > RED
}

/// An area with its red ink alone, dark on white.
pub(super) fn red_alone(picture: &Picture, area: &Rect) -> Picture {
    let mut part = cut(picture, area);
    for pixel in part.pixels_mut() {
        let red = pixel.0[0].saturating_sub(pixel.0[1].max(pixel.0[2]));
        let value = 255 - red.saturating_sub(10).saturating_mul(2);
        *pixel = Rgb([value; 3]);
    }
    Picture { rgb: part, factor: 1.0 }
}

/// An area without its red ink: what is red takes the lightness of its red, in which such ink is as light as paper; black that
/// it crosses stays black.
pub(super) fn without_red(picture: &Picture, area: &Rect) -> Picture {
    let mut part = cut(picture, area);
    for pixel in part.pixels_mut() {
        let [red, green, blue] = pixel.0;
        let most = red.max(green).max(blue);
        let excess = red.saturating_sub(green.max(blue));
        // Ink of a stamp is seldom pure: what it lacks of red is given back by how red it is.
        let value = most.saturating_add(if excess > RED { (255 - most) / 2 } else { 0 });
        *pixel = Rgb([value; 3]);
    }
    Picture { rgb: part, factor: 1.0 }
}

fn cut(picture: &Picture, area: &Rect) -> RgbImage {
    let crop = image::imageops::crop_imm(
        &picture.rgb,
        pixels(area.x + 1.0) - 1,
        pixels(area.y + 1.0) - 1,
        pixels(area.w),
        pixels(area.h),
    );
    crop.to_image()
}

/// Pale writing alone, dark on white, on a smaller copy; `factor` leads back to the picture. None where there is none.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
pub(super) fn pale_alone(picture: &Picture) -> Option<Picture> {
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
    Some(Picture { rgb, factor: 1.0 / scale })
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

    fn page() -> Picture {
        let mut rgb = RgbImage::from_pixel(600, 800, Rgb([250; 3]));
        let mut fill = |x: std::ops::Range<u32>, y: std::ops::Range<u32>, colour| {
            y.for_each(|y| x.clone().for_each(|x| rgb.put_pixel(x, y, Rgb(colour))));
        };
        fill(300..360, 500..560, [210, 40, 50]);
        fill(280..400, 520..530, [20, 20, 20]);
        Picture { rgb, factor: 1.0 }
    }

    #[test]
    fn red_ink_and_black_ink_are_told_apart() {
        let page = page();
        let areas = red_areas(&page);
        assert_eq!(areas.len(), 1);
        let area = areas[0];
        assert!(area.x <= 300.0 && area.right() >= 360.0 && area.y <= 500.0 && area.bottom() >= 560.0, "{area:?}");
        let at = |picture: &Picture, x: f32, y: f32| picture.rgb.get_pixel(pixels(x - area.x), pixels(y - area.y)).0[0];
        let red = red_alone(&page, &area);
        assert!(at(&red, 310.0, 510.0) < 60 && at(&red, 390.0, 525.0) == 255);
        let black = without_red(&page, &area);
        assert!(at(&black, 310.0, 510.0) > 220 && at(&black, 390.0, 525.0) < 40);
    }

    #[test]
    fn a_page_without_pale_ink_has_no_watermark() {
        let mut page = page();
        page.rgb.pixels_mut().for_each(|pixel| pixel.0 = [pixel.0[1]; 3]);
        assert!(pale_alone(&page).is_none());
    }

    #[test]
    fn pale_writing_goes_on_below_dark_letters() {
        let mut page = Picture { rgb: RgbImage::from_pixel(600, 800, Rgb([250; 3])), factor: 1.0 };
        for (x, y, pixel) in page.rgb.enumerate_pixels_mut() {
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
