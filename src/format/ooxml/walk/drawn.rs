//! Shapes whose outlines somebody drew, or made of letters: where they stand, so that they can be put on paper together.
//!
//! Shapes that have a name (`prstGeom`) are no letters. Outlines that are drawn in the older way (VML) are counted alone.

use crate::config::Limits;
use crate::finding::{Fault, FaultReason};
use crate::format::outlines::{Drawing, Outlines, Point, Step, Syntax, WRITING};
use crate::format::package::xml::Element;

/// Groups in groups whose places are followed; further ones stand where these do.
const GROUPS: usize = 256;

/// Shapes and groups of them.
const FRAMES: [&str; 7] = ["grpSp", "wgp", "sp", "wsp", "cxnSp", "pic", "graphicFrame"];

/// Where a shape or a group stands in the one around it.
#[derive(Clone, Copy, Debug, Default)]
struct Frame {
    place: Point,
    size: Point,
    /// Where its own numbers begin, and how far they go; of a group alone.
    own_place: Point,
    own_size: Point,
    /// In radians, clockwise.
    turn: f32,
    mirrored: (bool, bool),
}

impl Frame {
    /// A point of a group in the numbers of what is around it, or of a path in a shape that is so large.
    fn outwards(&self, at: Point, own_place: Point, own_size: Point) -> Point {
        let scaled = |at: f32, place: f32, own: f32, own_size: f32, size: f32| {
            let scale = if own_size == 0.0 { 1.0 } else { size / own_size };
            place + (at - own) * scale
        };
        let x = scaled(at.0, self.place.0, own_place.0, own_size.0, self.size.0);
        let y = scaled(at.1, self.place.1, own_place.1, own_size.1, self.size.1);
        let middle = (self.place.0 + self.size.0 / 2.0, self.place.1 + self.size.1 / 2.0);
        let across = if self.mirrored.0 { middle.0 - x } else { x - middle.0 };
        let down = if self.mirrored.1 { middle.1 - y } else { y - middle.1 };
        let (sine, cosine) = self.turn.sin_cos();
        (middle.0 + across * cosine - down * sine, middle.1 + across * sine + down * cosine)
    }
}

/// A path of a shape that is under way.
#[derive(Debug, Default)]
struct Path {
    size: Point,
    filled: bool,
    steps: Vec<Step>,
    /// The step whose points are being read, and these.
    step: Option<&'static str>,
    points: Vec<Point>,
    at: Point,
}

/// What was drawn.
#[derive(Debug, Default)]
pub(super) struct Drawn {
    pub(super) drawing: Drawing,
    /// Outlines of the older way.
    older: Outlines,
    frames: Vec<Frame>,
    /// Frames that are open beyond those that are followed.
    deeper: usize,
    in_place: bool,
    path: Option<Path>,
    /// Shapes so far, and how many there were before each thing that is shown in two ways, from the outermost inwards.
    shapes: u64,
    before: Vec<u64>,
    /// Of each second way that is open, whether it only shows once more, for older programs, what the first one did.
    again: Vec<bool>,
}

impl Drawn {
    /// An element begins.
    pub(super) fn start(&mut self, element: &Element<'_>, limits: &Limits) {
        match element.name() {
            "AlternateContent" => self.before.push(self.shapes),
            "Fallback" => {
                let first_drew = self.before.last().is_some_and(|before| *before < self.shapes);
                self.again.push(self.is_again() || first_drew);
            }
            _ => {}
        }
        if self.is_again() {
            return;
        }
        let text = |name: &str| element.attribute(name).unwrap_or_default();
        let number =
            |name: &str| text(name).parse::<f32>().ok().filter(|number| number.is_finite()).unwrap_or_default();
        let is_on = |name: &str| matches!(text(name).as_str(), "1" | "true");
        match element.name() {
            "anchor" | "inline" => self.drawing.begin_figure(),
            name if FRAMES.contains(&name) => {
                self.shapes += 1;
                self.open();
            }
            "xfrm" => {
                self.in_place = true;
                if let Some(frame) = self.frames.last_mut() {
                    // In sixty thousandths of a degree, clockwise.
                    frame.turn = (number("rot") / 60_000.0).to_radians();
                    frame.mirrored = (is_on("flipH"), is_on("flipV"));
                }
            }
            name @ ("off" | "ext" | "chOff" | "chExt") if self.in_place => {
                let Some(frame) = self.frames.last_mut() else { return };
                match name {
                    "off" => frame.place = (number("x"), number("y")),
                    "ext" => frame.size = (number("cx"), number("cy")),
                    "chOff" => frame.own_place = (number("x"), number("y")),
                    _ => frame.own_size = (number("cx"), number("cy")),
                }
            }
            // That of a colour that changes along it is none.
            "path" if element.attribute("path").is_none() => {
                let filled = element.attribute("fill").as_deref() != Some("none");
                self.path = Some(Path { size: (number("w"), number("h")), filled, ..Path::default() });
            }
            "shape" | "polyline" => {
                self.shapes += 1;
                self.older_outline(element);
            }
            name => {
                let (Some(path), left) = (self.path.as_mut(), limits.drawing_points) else { return };
                match name {
                    "moveTo" => path.begin("moveTo"),
                    "lnTo" => path.begin("lnTo"),
                    "quadBezTo" => path.begin("quadBezTo"),
                    "cubicBezTo" => path.begin("cubicBezTo"),
                    // Points that are made by formulas are those of shapes with handles.
                    "pt" if path.points.len() < 3 => path.points.push((number("x"), number("y"))),
                    "arcTo" => path.arc((number("wR"), number("hR")), number("stAng"), number("swAng")),
                    "close" if path.steps.len() <= left => path.steps.push(Step::Close),
                    _ => {}
                }
            }
        }
    }

    fn is_again(&self) -> bool {
        self.again.last() == Some(&true)
    }

    /// An element ends.
    pub(super) fn end(&mut self, name: &str, limits: &Limits) {
        let is_again = self.is_again();
        match name {
            "AlternateContent" => drop(self.before.pop()),
            "Fallback" => drop(self.again.pop()),
            _ => {}
        }
        if is_again {
            return;
        }
        match name {
            name if FRAMES.contains(&name) && self.deeper > 0 => self.deeper -= 1,
            name if FRAMES.contains(&name) => {
                self.frames.pop();
            }
            "xfrm" => self.in_place = false,
            "moveTo" | "lnTo" | "quadBezTo" | "cubicBezTo" => {
                if let Some(path) = self.path.as_mut().filter(|path| path.steps.len() <= limits.drawing_points) {
                    path.end();
                }
            }
            "path" => {
                if let Some(path) = self.path.take().filter(|path| !path.steps.is_empty()) {
                    let place = |at: Point| self.placed(at, path.size);
                    let steps = path.steps.iter().map(|step| step.moved(place)).collect();
                    self.drawing.add(steps, path.filled, limits);
                }
            }
            _ => {}
        }
    }

    fn open(&mut self) {
        match self.frames.len() < GROUPS {
            true => self.frames.push(Frame::default()),
            false => self.deeper += 1,
        }
    }

    /// A point of a path, whose own numbers go so far, in those of the slide.
    fn placed(&self, at: Point, path_size: Point) -> Point {
        let mut frames = self.frames.iter().rev();
        let Some(shape) = frames.next() else { return at };
        let at = shape.outwards(at, (0.0, 0.0), path_size);
        frames.fold(at, |at, group| group.outwards(at, group.own_place, group.own_size))
    }

    /// Of shapes that are made by formulas (`@`), as arrows with handles are, nothing is counted.
    fn older_outline(&mut self, element: &Element<'_>) {
        if let Some(path) = element.attribute("path").filter(|path| !path.contains('@')) {
            self.older.add(&path, Syntax::Vml);
        }
        if let Some(points) = element.attribute("points") {
            self.older.add_points(&points);
        }
    }

    /// What may be letters and is not put on paper.
    pub(super) fn fault(&self) -> Option<Fault> {
        older_fault(self.older)
    }
}

/// The fault of outlines of the older way.
pub(in crate::format::ooxml) fn older_fault(outlines: Outlines) -> Option<Fault> {
    let letters = outlines.letters();
    (letters >= WRITING).then(|| {
        let detail = format!("{letters} drawn outlines (VML) may be letters, and nothing renders them");
        Fault::whole(FaultReason::Unsupported, detail)
    })
}

impl Path {
    fn begin(&mut self, step: &'static str) {
        self.step = Some(step);
        self.points.clear();
    }

    fn end(&mut self) {
        let step = match (self.step.take(), self.points.as_slice()) {
            (Some("moveTo"), [to, ..]) => Step::Move(*to),
            (Some("lnTo"), [to, ..]) => Step::Line(*to),
            (Some("quadBezTo"), [bend, to, ..]) => {
                let towards = |end: Point| (end.0 + (bend.0 - end.0) * 2.0 / 3.0, end.1 + (bend.1 - end.1) * 2.0 / 3.0);
                Step::Curve(towards(self.at), towards(*to), *to)
            }
            (Some("cubicBezTo"), [first, second, to]) => Step::Curve(*first, *second, *to),
            _ => return,
        };
        if let Step::Move(to) | Step::Line(to) | Step::Curve(_, _, to) = step {
            self.at = to;
        }
        self.steps.push(step);
    }

    /// A part of an ellipse with these radii, from an angle on and so far, in sixty thousandths of a degree.
    fn arc(&mut self, radii: Point, start: f32, sweep: f32) {
        let angle = |at: f32| (at / 60_000.0).to_radians();
        let (mut from, pieces) = (angle(start), 4_u8);
        let step = angle(sweep.clamp(-21_600_000.0, 21_600_000.0)) / f32::from(pieces);
        let middle = (self.at.0 - radii.0 * from.cos(), self.at.1 - radii.1 * from.sin());
        let handle = (step / 4.0).tan() * 4.0 / 3.0;
        for _ in 0..pieces {
            let to = from + step;
            let on = |angle: f32| (middle.0 + radii.0 * angle.cos(), middle.1 + radii.1 * angle.sin());
            let along = |angle: f32, way: f32| {
                let at = on(angle);
                (at.0 - radii.0 * angle.sin() * way, at.1 + radii.1 * angle.cos() * way)
            };
            self.steps.push(Step::Curve(along(from, handle), along(to, -handle), on(to)));
            self.at = on(to);
            from = to;
        }
    }
}
