//! A drawing that is put on paper, so that OCR can read what its outlines show.
//!
//! Only shapes are known, and no colours: areas are filled where an odd number of outlines lie around them. Letters on a box
//! are light on dark then, and legible all the same. Of two shapes that are the same one is drawn, and none that is the shadow of
//! another: with the one that throws it it would leave nothing but edges.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Cursor;
use std::ops::ControlFlow;

use ::image::{DynamicImage, ImageFormat};

use super::fill::Paper;
use super::{Outlines, Point, Step};
use crate::config::Limits;
use crate::finding::{Fault, FaultReason};
use crate::format::Members;

/// Pieces of a curve.
const PIECES: u8 = 12;

/// Pixels that most strokes of letters should be high, and that they must be.
const HEIGHT: f32 = 44.0;
const LEAST_HEIGHT: f32 = 9.0;

/// Pixels of the longer side: at least, where most shapes are not letters, and at most.
const USUAL_SIDE: f32 = 1200.0;
const LONGEST_SIDE: f32 = 6000.0;

/// How far a shadow lies from what throws it, as a share of the longer side: letters that are the same and stand side by side are a
/// fifth apart and more.
const SHADOW: f32 = 0.15;
/// Shapes of as many lines and curves that one is compared with.
const COMPARED: usize = 512;

/// Pixels around the drawing.
const MARGIN: f32 = 24.0;

/// Pixels of a line that is drawn and not filled.
const PEN: f32 = 4.0;

/// Shapes that stand in one place to one another; what stands elsewhere is drawn beside it.
#[derive(Debug, Default)]
struct Figure {
    filled: Vec<Vec<Step>>,
    drawn: Vec<Vec<Step>>,
}

/// A drawing made of outlines.
#[derive(Debug, Default)]
pub(in crate::format) struct Drawing {
    pub(in crate::format) outlines: Outlines,
    figures: Vec<Figure>,
    known: HashSet<u64>,
    /// Of each figure the filled shapes by their number of steps.
    alike: HashMap<usize, Vec<usize>>,
    points: usize,
    /// It has more points than are kept.
    is_over: bool,
}

impl Drawing {
    /// What comes now stands in no known place to what came before.
    pub(in crate::format) fn begin_figure(&mut self) {
        if self.figures.last().is_none_or(|figure| !figure.filled.is_empty() || !figure.drawn.is_empty()) {
            self.figures.push(Figure::default());
            self.known.clear();
            self.alike.clear();
        }
    }

    /// Adds a shape, of which an area is filled, or else its line is drawn.
    pub(in crate::format) fn add(&mut self, shape: Vec<Step>, filled: bool, limits: &Limits) {
        self.outlines.add_path(&shape);
        if shape.len() < 2 || self.is_over || !self.known.insert(hash_of(&shape, filled)) {
            return;
        }
        self.points = self.points.saturating_add(shape.len());
        if self.points > limits.drawing_points {
            self.is_over = true;
            return;
        }
        if self.figures.is_empty() {
            self.figures.push(Figure::default());
        }
        let Some(figure) = self.figures.last_mut() else { return };
        if !filled {
            figure.drawn.push(shape);
            return;
        }
        let alike = self.alike.entry(shape.len()).or_default();
        let size = size_of_shape(&shape);
        let is_shadow = |at: &usize| figure.filled.get(*at).is_some_and(|other| is_shadow(&shape, size, other));
        if !alike.iter().rev().take(COMPARED).any(is_shadow) {
            alike.push(figure.filled.len());
            figure.filled.push(shape);
        }
    }

    /// Points that are kept.
    pub(in crate::format) fn points(&self) -> usize {
        self.points
    }

    /// Hands out drawings as pictures, by their names.
    pub(in crate::format) fn hand_out(
        drawn: &[(String, Self)],
        limits: &Limits,
        out: &mut dyn Members,
    ) -> ControlFlow<()> {
        drawn.iter().try_for_each(|(name, drawing)| match drawing.picture(limits) {
            Ok(picture) => out.member(name, &mut picture.as_slice()),
            Err(fault) => out.unreadable(name, fault),
        })
    }

    /// The drawing as a picture in PNG.
    pub(in crate::format) fn picture(&self, limits: &Limits) -> Result<Vec<u8>, Fault> {
        if self.is_over {
            return Err(Fault::limit("drawing_points", limits.drawing_points, "a drawing that may be letters"));
        }
        let figures: Vec<Flat> = self.figures.iter().map(Flat::of).collect();
        let height = usual_height(&figures);
        let bounds: Vec<Bounds> = figures.iter().map(Flat::bounds).collect();
        let gap = height.max(f32::MIN_POSITIVE);
        let width: f32 = bounds.iter().map(|bounds| bounds.width() + gap).sum::<f32>() - gap;
        let tallest = bounds.iter().map(Bounds::height).fold(0.0, f32::max);
        let longest = width.max(tallest);
        let too_small = || {
            let detail = "a drawing that may be letters is too large beside them to be put on paper";
            Fault::whole(FaultReason::UnreadableImage, detail)
        };
        if !(longest.is_finite() && longest > 0.0) {
            return Err(too_small());
        }
        let scale = (HEIGHT / gap).max(USUAL_SIDE / longest).min(LONGEST_SIDE / longest);
        if height > 0.0 && scale * height < LEAST_HEIGHT {
            return Err(too_small());
        }
        let mut paper = Paper::new(width * scale + 2.0 * MARGIN, tallest * scale + 2.0 * MARGIN, limits)?;
        let mut left = MARGIN;
        for (figure, bounds) in figures.iter().zip(&bounds) {
            let place = |at: &Point| ((at.0 - bounds.left) * scale + left, (at.1 - bounds.top) * scale + MARGIN);
            for line in &figure.filled {
                paper.outline(&line.iter().map(place).collect::<Vec<_>>());
            }
            for line in &figure.drawn {
                paper.line(&line.iter().map(place).collect::<Vec<_>>(), PEN);
            }
            left += (bounds.width() + gap) * scale;
        }
        let mut bytes = Vec::new();
        let picture = DynamicImage::ImageLuma8(paper.picture()?);
        match picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png) {
            Ok(()) => Ok(bytes),
            Err(error) => Err(Fault::whole(FaultReason::UnreadableImage, error.to_string())),
        }
    }
}

fn hash_of(shape: &[Step], filled: bool) -> u64 {
    let mut hasher = DefaultHasher::new();
    filled.hash(&mut hasher);
    let mut point = |at: Point| (at.0.to_bits(), at.1.to_bits()).hash(&mut hasher);
    for step in shape {
        match *step {
            Step::Move(to) => [(-1.0, 0.0), to].into_iter().for_each(&mut point),
            Step::Line(to) => point(to),
            Step::Curve(first, second, to) => [first, second, to].into_iter().for_each(&mut point),
            Step::Close => point((-2.0, 0.0)),
        }
    }
    hasher.finish()
}

/// The points of a step.
fn points_of(step: &Step) -> impl Iterator<Item = Point> {
    let points = match *step {
        Step::Move(to) | Step::Line(to) => [Some(to), None, None],
        Step::Curve(first, second, to) => [Some(first), Some(second), Some(to)],
        Step::Close => [None; 3],
    };
    points.into_iter().flatten()
}

/// The longer side of what the points of a shape span.
fn size_of_shape(shape: &[Step]) -> f32 {
    let bounds = Bounds::default().with(&shape.iter().flat_map(points_of).collect::<Vec<_>>());
    bounds.width().max(bounds.height())
}

/// Whether a shape of some size is the same as another, and lies hardly beside it.
fn is_shadow(shape: &[Step], size: f32, other: &[Step]) -> bool {
    let (Some(first), Some(second)) =
        (shape.iter().flat_map(points_of).next(), other.iter().flat_map(points_of).next())
    else {
        return false;
    };
    let moved = (first.0 - second.0, first.1 - second.1);
    let near =
        |a: Point, b: Point| (a.0 - b.0 - moved.0).abs() <= size * 0.01 && (a.1 - b.1 - moved.1).abs() <= size * 0.01;
    let same = |(one, two): (&Step, &Step)| {
        std::mem::discriminant(one) == std::mem::discriminant(two)
            && points_of(one).zip(points_of(two)).all(|(a, b)| near(a, b))
    };
    moved.0.hypot(moved.1) <= size * SHADOW && shape.len() == other.len() && shape.iter().zip(other).all(same)
}

/// A figure of straight lines alone.
struct Flat {
    filled: Vec<Vec<Point>>,
    drawn: Vec<Vec<Point>>,
}

impl Flat {
    fn of(figure: &Figure) -> Self {
        let all = |shapes: &[Vec<Step>], close| shapes.iter().flat_map(|shape| flat(shape, close)).collect();
        Self { filled: all(&figure.filled, false), drawn: all(&figure.drawn, true) }
    }

    fn lines(&self) -> impl Iterator<Item = &Vec<Point>> {
        self.filled.iter().chain(&self.drawn)
    }

    fn bounds(&self) -> Bounds {
        self.lines().fold(Bounds::default(), |bounds, line| bounds.with(line))
    }
}

#[derive(Clone, Copy, Debug)]
struct Bounds {
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { left: f32::MAX, top: f32::MAX, right: f32::MIN, bottom: f32::MIN }
    }
}

impl Bounds {
    fn with(self, line: &[Point]) -> Self {
        line.iter().fold(self, |all, at| Self {
            left: all.left.min(at.0),
            top: all.top.min(at.1),
            right: all.right.max(at.0),
            bottom: all.bottom.max(at.1),
        })
    }

    fn width(&self) -> f32 {
        (self.right - self.left).max(0.0)
    }

    fn height(&self) -> f32 {
        (self.bottom - self.top).max(0.0)
    }
}

/// The height that three quarters of the strokes stay below: holes and dots are smaller than their letters, frames are few.
fn usual_height(figures: &[Flat]) -> f32 {
    let lines = figures.iter().flat_map(Flat::lines);
    let mut heights: Vec<f32> =
        lines.map(|line| Bounds::default().with(line).height()).filter(|height| *height > 0.0).collect();
    heights.sort_unstable_by(f32::total_cmp);
    heights.get(heights.len() * 3 / 4).or(heights.last()).copied().unwrap_or_default()
}

/// The strokes of a shape as straight lines; `close` draws the way back too.
fn flat(shape: &[Step], close: bool) -> Vec<Vec<Point>> {
    let mut lines: Vec<Vec<Point>> = Vec::new();
    let mut at = (0.0, 0.0);
    for step in shape {
        if lines.is_empty() || matches!(step, Step::Move(_)) {
            let start = if let Step::Move(to) = step { *to } else { at };
            lines.push(vec![start]);
        }
        let Some(line) = lines.last_mut() else { continue };
        match *step {
            Step::Move(to) => at = to,
            Step::Line(to) => {
                line.push(to);
                at = to;
            }
            Step::Curve(first, second, to) => {
                line.extend(
                    (1..=PIECES).map(|piece| along(at, first, second, to, f32::from(piece) / f32::from(PIECES))),
                );
                at = to;
            }
            Step::Close => {
                at = line.first().copied().unwrap_or(at);
                if close {
                    line.push(at);
                }
                lines.push(vec![at]);
            }
        }
    }
    lines.retain(|line| line.len() > 1 && line.iter().all(|at| at.0.is_finite() && at.1.is_finite()));
    lines
}

/// A point of a curve.
fn along(from: Point, first: Point, second: Point, to: Point, share: f32) -> Point {
    let rest = 1.0 - share;
    let (a, b, c, d) =
        (rest * rest * rest, 3.0 * rest * rest * share, 3.0 * rest * share * share, share * share * share);
    (a * from.0 + b * first.0 + c * second.0 + d * to.0, a * from.1 + b * first.1 + c * second.1 + d * to.1)
}

#[cfg(test)]
pub(in crate::format) mod tests {
    use super::super::{Syntax, steps};
    use super::*;

    /// How many shapes stand side by side in a picture, with white between them.
    pub(in crate::format) fn side_by_side(png: &[u8]) -> usize {
        let picture = ::image::load_from_memory(png).expect("a picture").to_luma8();
        let is_dark = |x: u32| (0..picture.height()).any(|y| picture.get_pixel(x, y).0[0] < 128);
        let columns: Vec<bool> = (0..picture.width()).map(is_dark).collect();
        columns.windows(2).filter(|two| !two[0] && two[1]).count()
    }

    /// How much of each of a picture's nine parts is dark, in tenths.
    fn darkness(png: &[u8]) -> [[u32; 3]; 3] {
        let picture = ::image::load_from_memory(png).expect("a picture").to_luma8();
        let mut all = [[0_u32; 3]; 3];
        for (x, y, pixel) in picture.enumerate_pixels() {
            all[(y * 3 / picture.height()) as usize][(x * 3 / picture.width()) as usize] += 255 - u32::from(pixel.0[0]);
        }
        let part = picture.width() * picture.height() / 9 * 255;
        all.map(|row| row.map(|sum| (sum * 10 + part / 2) / part))
    }

    #[test]
    fn areas_are_filled_and_holes_are_not() {
        let limits = crate::config::Settings::defaults().limits;
        let mut drawing = Drawing::default();
        let ring = steps("M0 0h90v90h-90z M28 28v34h34v-34z", Syntax::Svg);
        drawing.add(ring.clone(), true, &limits);
        drawing.add(ring, true, &limits);
        let dark = darkness(&drawing.picture(&limits).expect("drawn"));
        assert_eq!(dark[1][1], 0);
        assert!(dark[0].iter().chain(&dark[2]).all(|part| *part >= 8), "{dark:?}");
    }

    #[test]
    fn a_shadow_does_not_eat_what_throws_it_and_equal_letters_stand_side_by_side() {
        let limits = crate::config::Settings::defaults().limits;
        let mut drawing = Drawing::default();
        for left in [0, 20] {
            // A narrow letter, and what comes behind it first.
            for (right, down) in [(3, 4), (0, 0)] {
                let letter = format!("M{} {down}h14v90h-14z", left + right);
                drawing.add(steps(&letter, Syntax::Svg), true, &limits);
            }
        }
        let picture = drawing.picture(&limits).expect("drawn");
        assert_eq!(side_by_side(&picture), 2);
        let dark = darkness(&picture);
        assert!(dark[1][0] >= 5 && dark[1][2] >= 5, "{dark:?}");
    }

    #[test]
    fn what_stands_apart_is_drawn_side_by_side() {
        let limits = crate::config::Settings::defaults().limits;
        let mut drawing = Drawing::default();
        for _ in 0..2 {
            drawing.begin_figure();
            drawing.add(steps("M0 0h90v90h-90z", Syntax::Svg), true, &limits);
        }
        let dark = darkness(&drawing.picture(&limits).expect("drawn"));
        assert!(dark[1][0] >= 8 && dark[1][2] >= 8 && dark[1][1] <= 2, "{dark:?}");
    }

    #[test]
    fn more_points_than_the_limit_are_a_fault() {
        let limits = Limits { drawing_points: 4, ..crate::config::Settings::defaults().limits };
        let mut drawing = Drawing::default();
        drawing.add(steps("M0 0h90v90h-90z", Syntax::Svg), true, &limits);
        let fault = drawing.picture(&limits).expect_err("over limits.drawing_points");
        assert!(fault.detail.contains("limits.drawing_points = 4"), "{}", fault.detail);
    }
}
