//! The pen of a metafile: where its records draw, and what.

use crate::config::Limits;
use crate::format::outlines::{Drawing, Point, Step};
use crate::format::placed::Matrix;

/// States of the pen that are kept aside.
const SAVED: usize = 1000;

/// What is done with lines once they are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    Fill,
    Draw,
    Nothing,
}

/// Several lines in one record.
pub(super) struct Many {
    pub(super) lengths: Vec<usize>,
    pub(super) points: Vec<Point>,
}

/// See the module.
#[derive(Default)]
pub(super) struct Pen {
    /// What was drawn.
    pub(super) drawing: Drawing,
    pub(super) world: Matrix,
    /// Where the drawing begins and how large it is, in its own numbers, and where that comes to lie.
    pub(super) window: (Point, Point),
    pub(super) view: (Point, Point),
    /// How the two belong together: 7 and 8 are by these sizes, 2 to 6 count upwards.
    pub(super) mode: i32,
    /// The sizes of the first window: where no view is known it is as large.
    first: Option<Point>,
    at: Point,
    /// The path that is under way, or was and is not drawn yet.
    path: Vec<Step>,
    in_path: bool,
    saved: Vec<State>,
}

/// What is kept aside: how places change, window, view and mode.
type State = (Matrix, (Point, Point), (Point, Point), i32);

impl Pen {
    pub(super) fn save(&mut self) {
        if self.saved.len() < SAVED {
            self.saved.push((self.world, self.window, self.view, self.mode));
        }
    }

    /// Goes back to a state: the one so many before, or of this number.
    pub(super) fn restore(&mut self, level: i32) {
        let back = usize::try_from(level.unsigned_abs()).unwrap_or_default();
        let at = if level < 0 { self.saved.len().checked_sub(back) } else { back.checked_sub(1) };
        if let Some(at) = at
            && let Some(state) = self.saved.get(at).copied()
        {
            (self.world, self.window, self.view, self.mode) = state;
            self.saved.truncate(at);
        }
    }

    fn place(&mut self, at: Point) -> Point {
        let (x, y) = self.world.point(at.0, at.1);
        let (x, y) = (x - self.window.0.0, y - self.window.0.1);
        let (x, y) = match self.mode {
            2..=6 => (x, -y),
            7 | 8 if self.window.1.0 != 0.0 && self.window.1.1 != 0.0 => {
                let window = self.window.1;
                let first = *self.first.get_or_insert(window);
                let is_known = self.view.1.0 != 0.0 && self.view.1.1 != 0.0;
                let view = if is_known { self.view.1 } else { (first.0.abs(), first.1.abs()) };
                (x * view.0 / window.0, y * view.1 / window.1)
            }
            _ => (x, y),
        };
        (x + self.view.0.0, y + self.view.0.1)
    }

    pub(super) fn begin_path(&mut self) {
        self.path.clear();
        self.in_path = true;
    }

    /// Puts the pen down elsewhere.
    pub(super) fn move_to(&mut self, to: Point) {
        self.at = to;
        let to = self.place(to);
        self.path.push(Step::Move(to));
    }

    pub(super) fn close(&mut self) {
        self.path.push(Step::Close);
    }

    /// Lines or curves from the last point on.
    pub(super) fn go_on(&mut self, points: &[Point], curves: bool) {
        if !matches!(self.path.last(), Some(Step::Move(_) | Step::Line(_) | Step::Curve(..))) {
            self.move_to(self.at);
        }
        let placed: Vec<Point> = points.iter().map(|at| self.place(*at)).collect();
        self.path.extend(steps(&placed, curves));
        self.at = points.last().copied().unwrap_or(self.at);
    }

    /// Lines or curves of their own.
    pub(super) fn run(&mut self, points: &[Point], curves: bool, after: After, limits: &Limits) {
        let Some((start, rest)) = points.split_first() else { return };
        self.begin_if_alone(limits);
        let before = self.at;
        self.move_to(*start);
        self.go_on(rest, curves);
        if after == After::Fill {
            self.close();
        }
        self.at = before;
        self.end_if_alone(after, limits);
    }

    /// Several lines that are one shape.
    pub(super) fn many(&mut self, Many { lengths, points }: &Many, after: After, limits: &Limits) {
        self.begin_if_alone(limits);
        let before = self.at;
        let mut rest = points.as_slice();
        for length in lengths {
            let (line, behind) = rest.split_at((*length).min(rest.len()));
            rest = behind;
            if let Some((start, line)) = line.split_first() {
                self.move_to(*start);
                self.go_on(line, false);
                if after == After::Fill {
                    self.close();
                }
            }
        }
        self.at = before;
        self.end_if_alone(after, limits);
    }

    /// What was drawn without a path until now is a shape of its own.
    fn begin_if_alone(&mut self, limits: &Limits) {
        if !self.in_path {
            self.draw(After::Draw, limits);
        }
    }

    fn end_if_alone(&mut self, after: After, limits: &Limits) {
        if !self.in_path {
            self.draw(after, limits);
        }
    }

    fn draw(&mut self, after: After, limits: &Limits) {
        let path = std::mem::take(&mut self.path);
        if after != After::Nothing && path.iter().any(|step| matches!(step, Step::Line(_) | Step::Curve(..))) {
            self.drawing.add(path, after == After::Fill, limits);
        }
    }

    /// The path is done.
    pub(super) fn end_path(&mut self, after: After, limits: &Limits) {
        self.in_path = false;
        self.draw(after, limits);
    }

    /// The drawing is done.
    pub(super) fn finish(&mut self, limits: &Limits) {
        self.end_path(After::Draw, limits);
    }
}

fn steps(points: &[Point], curves: bool) -> Vec<Step> {
    match curves {
        true => points.chunks_exact(3).map(|curve| Step::Curve(curve[0], curve[1], curve[2])).collect(),
        false => points.iter().map(|to| Step::Line(*to)).collect(),
    }
}
