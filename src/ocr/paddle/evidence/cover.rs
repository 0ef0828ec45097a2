//! Whether ink in colour is that of lines that were read: a stamp that lies across sure lines is not explained by them.

use std::collections::BTreeMap;

use image::RgbImage;

use super::{Ink, cut, strength};
use crate::document::Rect;
use crate::ocr::paddle::picture::Picture;
use crate::ocr::paddle::rect::Tilted;
use crate::ocr::raster::{offset, size};

/// Share of the ink of an area that may lie outside its sure lines: edges of letters.
const MOST_BESIDE: f32 = 0.12;
/// Share of the ink of an area that may belong to strokes across its sure lines: letters that touch those of the next line.
const MOST_ACROSS: f32 = 0.06;
/// A stroke or letter is that of a line if the line holds this share of it.
const WITHIN: f32 = 0.75;

/// Where ink lies that sure lines do not explain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ocr::paddle) enum Unread {
    /// Outside them.
    Beside,
    /// On them, in strokes that reach out of each: they are larger than its letters, or lie elsewhere.
    Across,
}

/// What of the ink of an area the lines that were read surely do not explain.
pub(in crate::ocr::paddle) fn unread(picture: &Picture, ink: Ink, area: &Rect, lines: &[Tilted]) -> Option<Unread> {
    let part = cut(picture, area);
    let lines: Vec<Tilted> = lines
        .iter()
        .filter(|line| line.bounds().intersection(area).area() > 0.0)
        .map(|line| line.moved(-area.x, -area.y))
        .collect();
    let read = within(&part, &lines);
    let (mut all, mut beside) = (0_u32, 0_u32);
    for (_, read) in part.pixels().zip(&read).filter(|(pixel, _)| ink.is_in(&pixel.0)) {
        all += 1;
        beside += u32::from(!read);
    }
    if size(beside) > size(all) * MOST_BESIDE {
        return Some(Unread::Beside);
    }
    (size(across(&part, ink, &lines)) > size(all) * MOST_ACROSS).then_some(Unread::Across)
}

/// Rows and columns of a picture that a rectangle takes.
fn span(part: &RgbImage, bounds: &Rect) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
    let span = |from: f32, to: f32, most: u32| {
        let from = offset(from).min(most) as usize;
        from..(offset(to) as usize).clamp(from, most as usize)
    };
    (span(bounds.y, bounds.bottom(), part.height()), span(bounds.x, bounds.right(), part.width()))
}

/// The pixels within the upright rectangles around lines.
fn within(part: &RgbImage, lines: &[Tilted]) -> Vec<bool> {
    let width = part.width() as usize;
    let mut read = vec![false; width * part.height() as usize];
    for line in lines {
        let (rows, columns) = span(part, &line.bounds());
        rows.for_each(|y| read[y * width..][columns.clone()].fill(true));
    }
    read
}

/// For each pixel the line that it lies in, counted from one; zero outside them.
fn owners(part: &RgbImage, lines: &[Tilted]) -> Vec<u16> {
    let width = part.width() as usize;
    let mut owners = vec![0; width * part.height() as usize];
    for (line, owner) in lines.iter().zip(1_u16..) {
        let (sin, cos) = line.angle.sin_cos();
        let (rows, columns) = span(part, &line.bounds());
        for (y, row) in rows.clone().zip(0_u32..) {
            let dy = size(offset(line.bounds().y) + row) + 0.5 - line.y;
            for (x, column) in columns.clone().zip(0_u32..) {
                let dx = size(offset(line.bounds().x) + column) + 0.5 - line.x;
                let (u, v) = (dx * cos + dy * sin, dy * cos - dx * sin);
                if u.abs() <= line.w / 2.0 && v.abs() <= line.h / 2.0 {
                    owners[y * width + x] = owner;
                }
            }
        }
    }
    owners
}

/// Pixels of ink on lines that belong to strokes of which no line holds most.
fn across(part: &RgbImage, ink: Ink, lines: &[Tilted]) -> u32 {
    let (width, height) = (part.width() as usize, part.height() as usize);
    let owners = owners(part, lines);
    let (_, mut open) = strength(part, ink);
    let mut across = 0;
    let mut waiting = Vec::new();
    for start in 0..open.len() {
        if !std::mem::take(&mut open[start]) {
            continue;
        }
        let mut held: BTreeMap<u16, u32> = BTreeMap::new();
        waiting.push(start);
        while let Some(at) = waiting.pop() {
            *held.entry(owners[at]).or_default() += 1;
            let (x, y) = (at % width, at / width);
            for near_y in y.saturating_sub(1)..(y + 2).min(height) {
                let row = &mut open[near_y * width..(near_y + 1) * width];
                for near_x in x.saturating_sub(1)..(x + 2).min(width) {
                    if row.get_mut(near_x).is_some_and(std::mem::take) {
                        waiting.push(near_y * width + near_x);
                    }
                }
            }
        }
        let outside = held.remove(&0).unwrap_or_default();
        let inside: u32 = held.values().sum();
        let most = held.values().copied().max().unwrap_or_default();
        if size(most) < size(inside + outside) * WITHIN {
            across += inside;
        }
    }
    across
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    const INKS: [(Ink, [u8; 3]); 4] = [
        (Ink::Red, [205, 30, 35]),
        (Ink::Coloured, [40, 70, 200]),
        (Ink::Coloured, [0, 120, 60]),
        (Ink::Coloured, [62, 62, 120]),
    ];

    /// Six black lines, and letters of some height in a colour from a place on; its lines lie at an angle.
    fn page(angle: f32, letters: (u32, u32), height: u32, colour: [u8; 3]) -> (Picture<'static>, Vec<Tilted>) {
        let line = |row: u32| Tilted { x: 400.0, y: 110.0 + size(row) * 46.0, w: 700.0, h: 42.0, angle: 0.0 };
        let lines: Vec<Tilted> = (0..6).map(line).collect();
        let mut rgb = RgbImage::from_pixel(800, 480, Rgb([250; 3]));
        for (x, y, pixel) in rgb.enumerate_pixels_mut() {
            let in_line = (60..740).contains(&x) && y >= 95 && (y - 95) % 46 < 26 && y < 360;
            if in_line && x % 9 < 3 {
                *pixel = Rgb([20; 3]);
            }
            let stroke = x >= letters.0 && x < letters.0 + 240 && (x - letters.0) % 40 < 9;
            if stroke && (letters.1..letters.1 + height).contains(&y) {
                *pixel = Rgb(colour);
            }
        }
        let mut picture = Picture::owned(rgb, 1.0);
        let turned = Tilted { x: 400.0, y: 240.0, w: 800.0, h: 480.0, angle };
        picture.rgb = std::borrow::Cow::Owned(picture.level(&turned));
        let (sin, cos) = (-angle).sin_cos();
        let moved = |line: &Tilted| {
            let (x, y) = (line.x - 400.0, line.y - 240.0);
            Tilted { x: 400.0 + x * cos - y * sin, y: 240.0 + x * sin + y * cos, angle: -angle, ..*line }
        };
        (picture, lines.iter().map(moved).collect())
    }

    fn seen(page: &(Picture, Vec<Tilted>), ink: Ink) -> Vec<Option<Unread>> {
        super::super::areas(&page.0, ink).iter().map(|area| unread(&page.0, ink, area, &page.1)).collect()
    }

    #[test]
    fn a_stamp_in_any_colour_that_lies_over_sure_lines_is_not_explained_by_them() {
        for (ink, colour) in INKS {
            for angle in [0.0, 0.05] {
                assert_eq!(
                    seen(&page(angle, (200, 150), 60, colour), ink),
                    [Some(Unread::Across)],
                    "{colour:?} {angle}"
                );
            }
        }
    }

    #[test]
    fn words_in_colour_within_a_sure_line_are_explained_by_it() {
        for (ink, colour) in INKS {
            for angle in [0.0, 0.05] {
                assert_eq!(seen(&page(angle, (200, 141), 30, colour), ink), [None], "{colour:?} {angle}");
            }
        }
    }

    #[test]
    fn ink_outside_all_lines_lies_beside_them() {
        assert_eq!(seen(&page(0.0, (200, 330), 100, [40, 70, 200]), Ink::Coloured), [Some(Unread::Beside)]);
    }
}
