//! Drawings that may be letters: what has no renderer here must say so where writing may be drawn and not written.
//!
//! Rules, boxes and simple ornaments are nothing. A path is told by how many lines and curves it has: an `O` has eight
//! curves, a Han character some fifty lines or curves; the crossed circle of invoices has four curves and two lines, a star
//! ten lines, a box with round corners four of each. Letters of a few strokes are told by their turns: a box, an arrow and a dot turn
//! one way, an `S` turns both ways, and a word has many of them.

pub(super) mod drawing;
mod fill;
mod path;

pub(super) use drawing::Drawing;
pub(super) use path::{Point, Step, Syntax, numbers, steps};

/// Letters from which on drawings that nothing renders may be writing: arrows and logos have fewer.
pub(super) const WRITING: usize = 9;

/// Lines and curves of a path from which on it may be a letter.
const LETTER_STEPS: usize = 12;
/// Curves from which on it may be one.
const LETTER_CURVES: usize = 6;
/// Lines and curves from which on one path alone may be a word or a Han character.
const WORD_STEPS: usize = 40;

/// Lines and curves from which on a stroke that turns both ways may be a letter: a line between two boxes has three.
const BENT_STEPS: usize = 4;
/// Such strokes from which on they may be a word.
const BENT: usize = 9;

/// Paths, their lines and curves, and strokes that turn both ways, up to which a square drawing is an icon.
const ICON_PATHS: usize = 3;
const ICON_STEPS: usize = 300;
const ICON_STROKES: usize = 30;

/// Paths that may draw letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Outlines {
    pub(super) count: usize,
    pub(super) largest: usize,
    pub(super) steps: usize,
    /// Strokes of few lines that turn both ways.
    pub(super) bent: usize,
}

impl Outlines {
    /// A path.
    pub(super) fn add(&mut self, path: &str, syntax: Syntax) {
        self.add_path(&path::steps(path, syntax));
    }

    /// A path whose steps are known.
    pub(super) fn add_path(&mut self, path: &[Step]) {
        let Measure { steps, curves, slanted, bent } = measure(path);
        if curves > 0 || slanted {
            self.add_steps(steps, curves);
        }
        self.bent = self.bent.saturating_add(bent);
    }

    /// Lines from point to point, as `polyline` of SVG has them.
    pub(super) fn add_points(&mut self, points: &str) {
        let Measure { steps, bent, .. } = measure(&path::steps(&format!("M{points}"), Syntax::Svg));
        self.add_steps(steps + 1, 0);
        self.bent = self.bent.saturating_add(bent);
    }

    /// A path of so many lines and curves.
    pub(super) fn add_steps(&mut self, steps: usize, curves: usize) {
        if steps >= LETTER_STEPS || curves >= LETTER_CURVES {
            self.count = self.count.saturating_add(1);
            self.largest = self.largest.max(steps);
            self.steps = self.steps.saturating_add(steps);
        }
    }

    /// Together with others.
    pub(super) fn join(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        self.largest = self.largest.max(other.largest);
        self.steps = self.steps.saturating_add(other.steps);
        self.bent = self.bent.saturating_add(other.bent);
    }

    /// Whether they are few enough for the icon that a square drawing may be.
    pub(super) fn may_be_icon(self) -> bool {
        self.count <= ICON_PATHS && self.steps <= ICON_STEPS && self.bent <= ICON_STROKES
    }

    /// How many of them may be letters.
    pub(super) fn letters(self) -> usize {
        self.count.max(self.bent)
    }

    /// Whether they may be writing: two letters, what one path of its size can hold, or a word of simple ones.
    pub(super) fn may_be_letters(self) -> bool {
        self.count >= 2 || self.largest >= WORD_STEPS || self.bent >= BENT
    }
}

/// What a path is made of.
#[derive(Debug, Default, PartialEq, Eq)]
struct Measure {
    /// Lines and curves, and curves alone.
    steps: usize,
    curves: usize,
    /// A line goes along neither axis.
    slanted: bool,
    /// Strokes that turn both ways.
    bent: usize,
}

/// One stroke of a path, from where the pen is put down.
#[derive(Default)]
struct Stroke {
    steps: usize,
    last: Option<(f32, f32)>,
    left: bool,
    right: bool,
}

impl Stroke {
    /// Goes on in a direction, towards a point of the path or one that bends a curve.
    fn goes(&mut self, to: (f32, f32)) {
        if to.0.abs() + to.1.abs() < 0.01 {
            return;
        }
        if let Some(last) = self.last.replace(to) {
            let turn = last.0 * to.1 - last.1 * to.0;
            let sure = (last.0.hypot(last.1) * to.0.hypot(to.1)) * 0.05;
            self.left |= turn > sure;
            self.right |= turn < -sure;
        }
    }

    fn is_bent(&self) -> bool {
        self.steps >= BENT_STEPS && self.left && self.right
    }
}

/// What a path is made of.
fn measure(path: &[Step]) -> Measure {
    let mut all = Measure::default();
    let mut stroke = Stroke::default();
    let mut at = (0.0_f32, 0.0_f32);
    for step in path {
        let to = match *step {
            Step::Close => continue,
            Step::Move(to) => {
                all.bent += usize::from(std::mem::take(&mut stroke).is_bent());
                at = to;
                continue;
            }
            Step::Line(to) => {
                all.slanted |= (to.0 - at.0).abs() > 0.01 && (to.1 - at.1).abs() > 0.01;
                to
            }
            Step::Curve(first, second, to) => {
                all.curves += 1;
                stroke.goes(between(at, first));
                stroke.goes(between(first, second));
                at = second;
                to
            }
        };
        all.steps += 1;
        stroke.steps += 1;
        stroke.goes(between(at, to));
        at = to;
    }
    all.bent += usize::from(stroke.is_bent());
    all
}

fn between(from: Point, to: Point) -> Point {
    (to.0 - from.0, to.1 - from.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(paths: &[&str], syntax: Syntax) -> bool {
        let mut outlines = Outlines::default();
        paths.iter().for_each(|path| outlines.add(path, syntax));
        outlines.may_be_letters()
    }

    #[test]
    fn rules_boxes_and_simple_ornaments_are_no_letters() {
        let table = "M 0 0 L 10 0 L 10 5 L 0 5 C ".repeat(100);
        let star = "M 0 0 L 1 3 L 4 3 L 2 5 L 3 8 L 0 6 L -3 8 L -2 5 L -4 3 L -1 3 C";
        let crossed = format!("M 1 1 {} M 0 0 L 1 1 M 0 1 L 1 0", "B 1 2 3 4 5 6 ".repeat(4));
        assert!(!letters(&[&table, star, &crossed, &crossed], Syntax::Ofd));
        let boxes = "M0,0h10v5h-10z".repeat(100);
        assert!(!letters(&[&boxes, &boxes, "M1 1a4 4 0 1 0 0 8a4 4 0 1 0 0-8z"], Syntax::Svg));
    }

    #[test]
    fn two_letters_or_a_path_of_a_word_are() {
        let glyph = format!("M 1 1 {} C", "B 1 2 3 4 5 6 L 1 2 ".repeat(8));
        assert!(letters(&[&glyph, &glyph], Syntax::Ofd), "two letters");
        assert!(!letters(&[&glyph], Syntax::Ofd), "one may be an ornament");
        assert!(letters(&[&glyph.repeat(6)], Syntax::Ofd), "a word in one path");
        let small = format!("m1,1{}z", "c1,2,3-4.5.5,6l1.5.5".repeat(20));
        assert!(letters(&[&small], Syntax::Svg));
    }

    #[test]
    fn many_letters_of_a_few_strokes_are_writing_and_many_boxes_dots_and_arrows_are_not() {
        let letter = "M10 10h8v10h-8v20h8";
        assert!(letters(&[letter; 10], Syntax::Svg), "in paths of their own");
        assert!(letters(&[&letter.repeat(10)], Syntax::Svg), "in one path");
        assert!(letters(
            &["M10 10 C 13 12 15 20 16 30 C 17 25 18 12 19 10 L 19 40 C 15 44 13 42 10 40 Z"; 10],
            Syntax::Svg
        ));
        let dot = "M1 0 C1.5 0 2 .5 2 1 C2 1.5 1.5 2 1 2 C.5 2 0 1.5 0 1 C0 .5 .5 0 1 0Z";
        let round = "M2 0h6c1 0 2 1 2 2v6c0 1-1 2-2 2h-6c-1 0-2-1-2-2v-6c0-1 1-2 2-2z";
        for shape in ["M0 0h10v5h-10z", "M0 0L5 5L10 0Z", "M0 0h10v20h10", "M0 5h8M5 2l3 3l-3 3", dot] {
            assert!(!letters(&[shape; 100], Syntax::Svg), "{shape}");
        }
        assert!(!letters(&[round], Syntax::Svg));
        let mut outlines = Outlines::default();
        (0..10).for_each(|_| outlines.add_points("10,10 18,10 18,20 10,20 10,40 18,40"));
        assert!(outlines.may_be_letters());
    }

    #[test]
    fn lines_along_an_axis_are_not_slanted() {
        let lines = |path: &str| {
            let Measure { steps, curves, slanted, .. } = measure(&path::steps(path, Syntax::Svg));
            (steps, curves, slanted)
        };
        assert_eq!(lines("M0,0 1,1 2,0"), (2, 0, true));
        assert_eq!(lines("F1 M0,0L10,0 10,5z"), (2, 0, false));
    }

    proptest::proptest! {
        #[test]
        fn no_path_makes_it_panic(path in "[MLHVCSQTABZmlhvcsqtabze0-9., -]{0,60}") {
            for syntax in [Syntax::Svg, Syntax::Ofd, Syntax::Odf, Syntax::Vml] {
                measure(&steps(&path, syntax));
            }
        }
    }
}
