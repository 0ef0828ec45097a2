//! Frames: rectangles that are drawn in red or another colour around something, as stamps of a level have them, level or up to twenty
//! degrees askew.
//!
//! A frame is known by its outline alone: ink along all four sides of the rectangle around it, little of the rectangle filled, and
//! no rule across it. So round and oval seals, which are on every contract and invoice, are none; nor are square ones, which are
//! seals with the name of a person, nor tables, nor red areas. What it holds is not looked at here but for how much ink it is.

use super::evidence::{self, Ink};
use super::picture::Picture;
use super::rect::Tilted;
use crate::document::Rect;
use crate::ocr::components::connected;
use crate::ocr::raster::{offset, pixels, size};

/// Cells on the longer side of the grid on which an area is looked at.
const GRID: u32 = 360;
/// Pixels that a broken line may be broken over: letters cross it.
const GAP: f32 = 8.0;
/// Pixels of the shorter side of a frame that letters can stand in.
const LEAST_SIDE: f32 = 24.0;
/// The shorter side has a part of the longer one: a square is a seal with a name, a longer frame is no stamp.
const SHAPE: std::ops::RangeInclusive<f32> = 0.1..=0.8;
/// Part of the page's longer side that a stamp takes at most.
const MOST_OF_PAGE: f32 = 0.45;
/// Parts of a side that are looked at, and the share of them that has ink: the side of an oval has about half.
const PARTS: usize = 32;
const COVERED: f32 = 0.8;
/// Distance from a side within which ink is its own, as a share of the shorter side.
const DEPTH: f32 = 0.07;
/// Share of what lies within that has ink: less is an empty box, more is an area.
const INKED: std::ops::RangeInclusive<f32> = 0.02..=0.6;
/// Share of a row or column within that has ink from which on it is a rule, and its width in parts of the shorter side.
const RULE: f32 = 0.97;
const ROWS: usize = 40;
/// Degrees that a stamp may lie askew.
const ASKEW: i8 = 20;
/// Share of the ink within that sure words have to cover.
const READ: f32 = 0.5;

/// A frame.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Frame {
    /// Where it lies, in pixels of the picture.
    pub rect: Tilted,
    /// Places of its ink within it, in pixels.
    ink: Vec<(f32, f32)>,
}

/// The frames in an ink in an area of the picture. `whole` says whether the picture is a page and no part that may be a stamp itself.
pub(super) fn frames(picture: &Picture, ink: Ink, area: &Rect, whole: bool) -> Vec<Frame> {
    let grid = Grid::of(picture, ink, area);
    let most = if whole { size(picture.width().max(picture.height())) * MOST_OF_PAGE } else { f32::MAX };
    grid.pieces().iter().filter_map(|piece| grid.frame(piece)).filter(|frame| frame.rect.w <= most).collect()
}

impl Frame {
    /// Whether lines run through it that go on outside: it was stamped on them, and is no box around words of its own.
    pub(super) fn lies_over(&self, lines: &[Rect]) -> bool {
        let bounds = self.rect.bounds();
        lines.iter().any(|line| {
            let shared = line.intersection(&bounds);
            shared.h > 0.5 * line.h && (0.05..0.9).contains(&(shared.area() / line.area().max(1.0)))
        })
    }

    /// Whether words in its ink that were read surely, in these places, cover the ink in it. Black words that it lies over do not.
    pub(super) fn is_read(&self, words: &[Rect]) -> bool {
        let bounds = self.rect.bounds();
        let places: Vec<&Rect> =
            words.iter().filter(|place| place.intersection(&bounds).area() > 0.6 * place.area()).collect();
        let covered = self.ink.iter().filter(|(x, y)| {
            places.iter().any(|place| place.x <= *x && *x <= place.right() && place.y <= *y && *y <= place.bottom())
        });
        size(count(covered.count())) >= size(count(self.ink.len())) * READ
    }
}

/// Whether all writing in a place is in an ink: of black words that a stamp lies over a part is, too.
pub(super) fn is_in(picture: &Picture, ink: Ink, place: &Rect) -> bool {
    /// Darker than this is ink of another colour.
    const DARK: u8 = 110;
    let (mut inked, mut other) = (0_u32, 0_u32);
    let (right, bottom) = (pixels(place.right()).min(picture.width()), pixels(place.bottom()).min(picture.height()));
    for y in (offset(place.y)..bottom).step_by(2) {
        for x in (offset(place.x)..right).step_by(2) {
            let pixel = picture.rgb.get_pixel(x, y).0;
            if ink.is_in(&pixel) {
                inked += 1;
            } else if pixel.iter().all(|channel| *channel < DARK) {
                other += 1;
            }
        }
    }
    other * 6 <= inked
}

/// The ink of an area, in cells.
struct Grid {
    width: usize,
    height: usize,
    cells: Vec<bool>,
    /// Pixels of a side of a cell.
    step: f32,
    origin: (f32, f32),
}

impl Grid {
    fn of(picture: &Picture, ink: Ink, area: &Rect) -> Self {
        let part = evidence::cut(picture, area);
        let step = part.width().max(part.height()).div_ceil(GRID).max(1);
        let (width, height) = (part.width().div_ceil(step) as usize, part.height().div_ceil(step) as usize);
        let mut cells = vec![false; width * height];
        for (x, y, pixel) in part.enumerate_pixels() {
            if ink.is_in(&pixel.0) {
                cells[(y / step) as usize * width + (x / step) as usize] = true;
            }
        }
        Self { width, height, cells, step: size(step), origin: (size(offset(area.x)), size(offset(area.y))) }
    }

    /// Cells that hang together over small gaps.
    fn pieces(&self) -> Vec<Vec<(usize, usize)>> {
        let mut open = self.cells.clone();
        let gap = offset((GAP / self.step).ceil()).max(1) as usize;
        let mut pieces = Vec::new();
        for start in 0..open.len() {
            let mut piece = Vec::new();
            if connected(&mut open, self.width, start, gap, |_, x, y| piece.push((x, y))) {
                pieces.push(piece);
            }
        }
        pieces
    }

    /// The frame that a piece of ink is the outline of.
    fn frame(&self, piece: &[(usize, usize)]) -> Option<Frame> {
        // A letter is no frame, and most pieces are letters.
        let span = |of: fn(&(usize, usize)) -> usize| {
            let (low, high) = piece.iter().map(of).fold((usize::MAX, 0), |all, at| (all.0.min(at), all.1.max(at)));
            high.saturating_sub(low) + 1
        };
        let (across, down) = (span(|cell| cell.0), span(|cell| cell.1));
        if size(count(across.min(down))) * self.step < LEAST_SIDE || across.max(down) < PARTS {
            return None;
        }
        let middle = |(x, y): &(usize, usize)| (size(count(*x)) + 0.5, size(count(*y)) + 0.5);
        let points: Vec<(f32, f32)> = piece.iter().map(middle).collect();
        let seen = self.smallest(&points);
        let (long, short) = (seen.w.max(seen.h), seen.w.min(seen.h));
        if short * self.step < LEAST_SIDE || !SHAPE.contains(&(short / long.max(1.0))) {
            return None;
        }
        // Letters inside are pieces of their own: all ink counts.
        let all =
            (0..self.cells.len()).filter(|at| self.cells[*at]).map(|at| middle(&(at % self.width, at / self.width)));
        let inside: Vec<(f32, f32)> = all.map(|point| seen.place(point)).filter(|place| seen.holds(*place)).collect();
        let depth = (short * DEPTH).max(1.5);
        let within: Vec<(f32, f32)> = inside.iter().copied().filter(|place| seen.depth(*place) > 2.0 * depth).collect();
        let area = (seen.w - 4.0 * depth).max(1.0) * (seen.h - 4.0 * depth).max(1.0);
        let is_outline = seen.sides(&inside, depth).iter().all(|side| *side >= COVERED);
        if !is_outline || !INKED.contains(&(size(count(within.len())) / area)) || seen.is_ruled(&inside, depth) {
            return None;
        }
        let ink = within
            .iter()
            .map(|place| seen.back(*place))
            .map(|(x, y)| (x * self.step + self.origin.0, y * self.step + self.origin.1));
        let (x, y) = seen.back((seen.w / 2.0, seen.h / 2.0));
        let rect = Tilted { x, y, w: seen.w, h: seen.h, angle: seen.angle };
        Some(Frame { rect: rect.scaled(self.step).moved(self.origin.0, self.origin.1), ink: ink.collect() })
    }

    /// The smallest rectangle around points, at an angle that a stamp may have.
    fn smallest(&self, points: &[(f32, f32)]) -> Seen {
        // Of each row only its ends can touch a side.
        let mut ends: Vec<Option<(f32, f32)>> = vec![None; self.height + 1];
        for (x, y) in points {
            let end = &mut ends[offset(*y) as usize];
            *end = Some(end.map_or((*x, *x), |(low, high)| (low.min(*x), high.max(*x))));
        }
        let corners = ends.iter().zip(0_u32..).filter_map(|(end, y)| end.map(|end| (end, size(y) + 0.5)));
        let corners: Vec<(f32, f32)> = corners.flat_map(|((low, high), y)| [(low, y), (high, y)]).collect();
        let at = |degrees: i8| Seen::around(&corners, f32::from(degrees).to_radians());
        (-ASKEW..=ASKEW).map(at).min_by(|a, b| (a.w * a.h).total_cmp(&(b.w * b.h))).unwrap_or_default()
    }
}

/// A rectangle at an angle, and points as they lie in it: from its left upper corner, along its sides.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    angle: f32,
    left: f32,
    top: f32,
    w: f32,
    h: f32,
}

impl Seen {
    fn around(points: &[(f32, f32)], angle: f32) -> Self {
        let (sin, cos) = angle.sin_cos();
        let (mut low, mut high) = ((f32::MAX, f32::MAX), (f32::MIN, f32::MIN));
        for (x, y) in points {
            let (u, v) = (x * cos + y * sin, y * cos - x * sin);
            (low, high) = ((low.0.min(u), low.1.min(v)), (high.0.max(u), high.1.max(v)));
        }
        Self { angle, left: low.0, top: low.1, w: high.0 - low.0, h: high.1 - low.1 }
    }

    fn place(&self, (x, y): (f32, f32)) -> (f32, f32) {
        let (sin, cos) = self.angle.sin_cos();
        (x * cos + y * sin - self.left, y * cos - x * sin - self.top)
    }

    fn back(&self, (u, v): (f32, f32)) -> (f32, f32) {
        let (sin, cos) = self.angle.sin_cos();
        let (u, v) = (u + self.left, v + self.top);
        (u * cos - v * sin, u * sin + v * cos)
    }

    fn holds(&self, (u, v): (f32, f32)) -> bool {
        (-0.5..=self.w + 0.5).contains(&u) && (-0.5..=self.h + 0.5).contains(&v)
    }

    /// How far a place lies from the nearest side.
    fn depth(&self, (u, v): (f32, f32)) -> f32 {
        u.min(self.w - u).min(v).min(self.h - v)
    }

    /// The share of each side that has ink beside it.
    fn sides(&self, places: &[(f32, f32)], depth: f32) -> [f32; 4] {
        let mut parts = [[false; PARTS]; 4];
        for (u, v) in places {
            let (across, down) = (part(*u, self.w, PARTS), part(*v, self.h, PARTS));
            let near = [(*v, across), (self.h - v, across), (*u, down), (self.w - u, down)];
            for (side, (distance, at)) in parts.iter_mut().zip(near) {
                side[at] |= distance <= depth;
            }
        }
        // A short side may have fewer cells than parts.
        let parts_of = |length: f32| (size(count(PARTS))).min(length.max(1.0));
        let lengths = [self.w, self.w, self.h, self.h];
        let share = |(side, length): (&[bool; PARTS], f32)| {
            size(count(side.iter().filter(|ink| **ink).count())) / parts_of(length)
        };
        let mut shares = parts.iter().zip(lengths).map(share);
        std::array::from_fn(|_| shares.next().unwrap_or_default())
    }

    /// Whether a rule runs across what lies within, from side to side: a table or a form.
    fn is_ruled(&self, places: &[(f32, f32)], depth: f32) -> bool {
        let crossed = |is_across: bool| {
            let (length, height) = if is_across { (self.w, self.h) } else { (self.h, self.w) };
            let mut rows = vec![[false; PARTS]; ROWS];
            for (u, v) in places.iter().map(|(u, v)| if is_across { (*u, *v) } else { (*v, *u) }) {
                if v > 3.0 * depth && height - v > 3.0 * depth {
                    rows[part(v, height, ROWS)][part(u, length, PARTS)] = true;
                }
            }
            let most = size(count(PARTS)).min(length.max(1.0)) * RULE;
            rows.iter().any(|row| size(count(row.iter().filter(|ink| **ink).count())) >= most)
        };
        crossed(true) || crossed(false)
    }
}

/// Which of so many equal parts of a length a place lies in.
fn part(at: f32, length: f32, parts: usize) -> usize {
    let share = (at / length.max(1.0)).clamp(0.0, 1.0);
    (offset(share * size(count(parts))) as usize).min(parts - 1)
}

fn count(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;

    const RED: Rgb<u8> = Rgb([205, 40, 50]);

    /// Paper with what `ink` says of each pixel, from a middle, turned by some degrees.
    fn drawn(degrees: f32, ink: impl Fn(f32, f32) -> bool) -> Picture<'static> {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let rgb = RgbImage::from_fn(900, 700, |x, y| {
            let (x, y) = (size(x) - 450.0, size(y) - 350.0);
            if ink(x * cos + y * sin, y * cos - x * sin) { RED } else { Rgb([248; 3]) }
        });
        Picture::owned(rgb, 1.0)
    }

    fn seen(picture: &Picture) -> usize {
        let areas = evidence::areas(picture, Ink::Red);
        areas.iter().map(|area| frames(picture, Ink::Red, area, true).len()).sum()
    }

    /// The outline of a rectangle of half these sides.
    fn outline(x: f32, y: f32, w: f32, h: f32) -> bool {
        x.abs() <= w && y.abs() <= h && (x.abs() >= w - 6.0 || y.abs() >= h - 6.0)
    }

    /// Strokes as of two characters.
    fn strokes(x: f32, y: f32) -> bool {
        y.abs() < 30.0 && (10.0..70.0).contains(&x.abs()) && (x.abs() % 20.0 < 6.0 || y.abs() < 4.0)
    }

    #[test]
    fn a_framed_stamp_is_seen_level_and_askew() {
        for degrees in [0.0, 6.0, -12.0, 18.0] {
            assert_eq!(seen(&drawn(degrees, |x, y| outline(x, y, 120.0, 55.0) || strokes(x, y))), 1, "{degrees}");
        }
        // Letters of the page cross its line.
        let broken = |x: f32, y: f32| outline(x, y, 120.0, 55.0) && (x + 20.0).rem_euclid(40.0) > 5.0;
        assert_eq!(seen(&drawn(4.0, |x, y| broken(x, y) || strokes(x, y))), 1);
    }

    #[test]
    fn seals_tables_and_empty_boxes_are_no_framed_stamps() {
        let ring = |x: f32, y: f32, a: f32, b: f32| {
            let distance = (x / a).hypot(y / b);
            (0.95..=1.0).contains(&distance)
        };
        let star = |x: f32, y: f32| x.hypot(y) < 25.0 + 12.0 * (y.atan2(x) * 5.0).cos();
        assert_eq!(seen(&drawn(0.0, |x, y| ring(x, y, 150.0, 150.0) || star(x, y))), 0, "a round seal");
        assert_eq!(seen(&drawn(0.0, |x, y| ring(x, y, 160.0, 110.0) || strokes(x, y))), 0, "an oval seal");
        assert_eq!(seen(&drawn(3.0, |x, y| outline(x, y, 75.0, 75.0) || strokes(x, y))), 0, "the seal of a person");
        assert_eq!(seen(&drawn(0.0, |x, y| outline(x, y, 150.0, 60.0))), 0, "an empty box");
        let table = |x: f32, y: f32| outline(x, y, 150.0, 80.0) || (y.abs() < 3.0 && x.abs() < 150.0);
        assert_eq!(seen(&drawn(0.0, |x, y| table(x, y) || strokes(x, y - 40.0))), 0, "a table");
        assert_eq!(seen(&drawn(0.0, |x, y| x.abs() < 150.0 && y.abs() < 60.0)), 0, "a red area");
        assert_eq!(seen(&drawn(0.0, strokes)), 0, "red writing");
    }

    #[test]
    fn a_frame_lies_over_lines_that_go_on_outside_and_not_over_those_within_or_beside_it() {
        let page = drawn(0.0, |x, y| outline(x, y, 120.0, 55.0) || strokes(x, y));
        let area = evidence::areas(&page, Ink::Red)[0];
        let frame = &frames(&page, Ink::Red, &area, true)[0];
        let line = |x: f32, w: f32, y: f32| Rect { x: x - w / 2.0, y, w, h: 30.0 };
        assert!(frame.lies_over(&[line(450.0, 800.0, 340.0)]) && frame.lies_over(&[line(250.0, 300.0, 340.0)]));
        assert!(!frame.lies_over(&[line(450.0, 200.0, 340.0), line(450.0, 800.0, 250.0), line(100.0, 300.0, 340.0)]));
    }

    #[test]
    fn a_frame_is_read_by_sure_red_words_that_cover_what_it_holds() {
        let page = drawn(0.0, |x, y| outline(x, y, 120.0, 55.0) || strokes(x, y));
        let area = evidence::areas(&page, Ink::Red)[0];
        let frame = &frames(&page, Ink::Red, &area, true)[0];
        let word = |x: f32, w: f32| Rect { x: x - w / 2.0, y: 315.0, w, h: 70.0 };
        assert!(frame.is_read(&[word(450.0, 160.0)]));
        assert!(!frame.is_read(&[word(420.0, 30.0)]), "less than half of it");
        assert!(!frame.is_read(&[word(450.0, 900.0)]), "a line of the page that the stamp lies over");
        assert!(!frame.is_read(&[]));
        assert!(is_in(&page, Ink::Red, &word(450.0, 160.0)));
        let mut over = page;
        over.rgb
            .to_mut()
            .enumerate_pixels_mut()
            .filter(|(x, y, _)| x % 30 < 4 && *y > 320 && *y < 380)
            .for_each(|(_, _, pixel)| *pixel = Rgb([20; 3]));
        assert!(!is_in(&over, Ink::Red, &word(450.0, 160.0)), "black words that it lies over");
    }
}
