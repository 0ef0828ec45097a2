//! Whether ink in colour is that of lines that were read: a stamp that lies across sure lines is not explained by them.

use std::collections::BTreeMap;

use image::RgbImage;

use super::crossed::is_black;
use super::{Ink, cut, strength};
use crate::document::Rect;
use crate::ocr::components::connected;
use crate::ocr::paddle::picture::Picture;
use crate::ocr::paddle::rect::Tilted;
use crate::ocr::raster::{offset, size};

/// Share of the ink of an area that may lie outside its sure lines: edges of letters.
const MOST_BESIDE: f32 = 0.12;
/// Share of the ink of an area that may belong to strokes across its sure lines: letters that touch those of the next line.
const MOST_ACROSS: f32 = 0.06;
/// A stroke or letter is that of a line if the line holds this share of it.
const WITHIN: f32 = 0.75;
/// A stroke of which this share lies at or under black ink was printed over a line and not with it: words in colour stand apart from
/// black ones. Those that black lies along all over are edges in colour that letters have on scans and screens.
const OVER_BLACK: std::ops::RangeInclusive<f32> = 0.04..=0.4;
/// Pixels between ink and ink that are the edges of both.
const EDGE: usize = 2;

/// Where ink lies that sure lines do not explain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ocr::paddle) enum Unread {
    /// Outside them.
    Beside,
    /// On them, in strokes that reach out of each, and so are larger than its letters or lie elsewhere, or that cross them.
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

/// Pixels of ink on lines that belong to strokes of which no line holds most, or that lie over black letters.
fn across(part: &RgbImage, ink: Ink, lines: &[Tilted]) -> u32 {
    let width = part.width() as usize;
    let owners = owners(part, lines);
    let (_, mut open) = strength(part, ink);
    let inked: Vec<bool> = part.pixels().map(|pixel| ink.is_in(&pixel.0)).collect();
    let black: Vec<bool> = part.pixels().zip(&inked).map(|(pixel, inked)| !inked && is_black(&pixel.0)).collect();
    // Black that goes on behind a stroke, or ends at it; edges of both are neither.
    let meets_black = |at: usize, x: usize, y: usize| {
        !inked[at]
            || x >= EDGE && black[at - EDGE]
            || x + EDGE < width && black[at + EDGE]
            || y >= EDGE && black[at - EDGE * width]
            || black.get(at + EDGE * width).is_some_and(|black| *black)
    };
    let mut across = 0;
    for start in 0..open.len() {
        let mut held: BTreeMap<u16, u32> = BTreeMap::new();
        let mut meeting = 0;
        let visit = |at: usize, x: usize, y: usize| {
            *held.entry(owners[at]).or_default() += 1;
            meeting += u32::from(meets_black(at, x, y));
        };
        if !connected(&mut open, width, start, 1, visit) {
            continue;
        }
        let outside = held.remove(&0).unwrap_or_default();
        let inside: u32 = held.values().sum();
        let most = held.values().copied().max().unwrap_or_default();
        let all = size(inside + outside);
        if size(most) < all * WITHIN || OVER_BLACK.contains(&(size(meeting) / all)) {
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

    /// Six black lines, and letters of some height in a colour from a place on, over the black ones; its lines lie at an angle.
    fn page(angle: f32, letters: (u32, u32), height: u32, colour: [u8; 3]) -> (Picture<'static>, Vec<Tilted>) {
        drawn(angle, letters, height, colour, true)
    }

    /// The same, or with the letters in a colour in the place of black ones.
    fn drawn(
        angle: f32,
        letters: (u32, u32),
        height: u32,
        colour: [u8; 3],
        is_over: bool,
    ) -> (Picture<'static>, Vec<Tilted>) {
        let line = |row: u32| Tilted { x: 400.0, y: 110.0 + size(row) * 46.0, w: 700.0, h: 42.0, angle: 0.0 };
        let lines: Vec<Tilted> = (0..6).map(line).collect();
        let mut rgb = RgbImage::from_pixel(800, 480, Rgb([250; 3]));
        for (x, y, pixel) in rgb.enumerate_pixels_mut() {
            let in_line = (60..740).contains(&x) && y >= 95 && (y - 95) % 46 < 26 && y < 360;
            let is_word = (letters.0 - 12..letters.0 + 240).contains(&x) && y.abs_diff(letters.1) < 30;
            if in_line && x % 9 < 3 && (is_over || !is_word) {
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
                let word = drawn(angle, (200, 141), 30, colour, false);
                assert_eq!(seen(&word, ink), [None], "{colour:?} {angle}");
            }
        }
    }

    #[test]
    fn letters_in_a_colour_over_the_black_ones_of_a_single_line_are_not_explained_by_it() {
        for (ink, colour) in INKS {
            assert_eq!(seen(&page(0.0, (200, 138), 36, colour), ink), [Some(Unread::Across)], "{colour:?}");
        }
    }

    #[test]
    fn words_in_colour_that_reach_out_of_their_line_a_little_are_explained_by_it() {
        for (ink, colour) in INKS {
            // A tenth of each stroke lies below the line: tails of letters.
            assert_eq!(seen(&drawn(0.0, (200, 141), 40, colour, false), ink), [None], "{colour:?}");
        }
    }

    #[test]
    fn a_word_in_colour_of_which_a_tail_touches_the_next_line_is_explained() {
        let (mut picture, lines) = drawn(0.0, (200, 141), 30, [205, 30, 35], false);
        (141..225).for_each(|y| picture.rgb.to_mut().put_pixel(430, y, Rgb([205, 30, 35])));
        assert_eq!(seen(&(picture, lines), Ink::Red), [None]);
    }

    #[test]
    fn black_letters_with_edges_in_colour_are_no_letters_over_black_ones() {
        let (mut picture, lines) = page(0.0, (200, 470), 0, [250; 3]);
        let plain = picture.rgb.clone().into_owned();
        for (x, y, pixel) in picture.rgb.to_mut().enumerate_pixels_mut() {
            let is_edge = x > 1 && *pixel == Rgb([250; 3]) && plain.get_pixel(x - 1, y).0[0] == 20;
            if is_edge || x > 1 && *pixel == Rgb([250; 3]) && plain.get_pixel(x - 2, y).0[0] == 20 {
                *pixel = Rgb([205, 30, 35]);
            }
        }
        let found = seen(&(picture, lines), Ink::Red);
        assert!(!found.is_empty() && found.iter().all(Option::is_none), "{found:?}");
    }

    #[test]
    fn ink_outside_all_lines_lies_beside_them() {
        assert_eq!(seen(&page(0.0, (200, 330), 100, [40, 70, 200]), Ink::Coloured), [Some(Unread::Beside)]);
    }
}
