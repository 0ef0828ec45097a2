//! Outlines that somebody drew, or that letters were made of, page by page: pictures are made of them, for OCR to read.
//!
//! Shapes whose path is made by formulas are arrows, stars and clouds that the program draws, and no letters.

use std::collections::BTreeMap;

use crate::config::Limits;
use crate::finding::Fault;
use crate::format::outlines::{Drawing, Point, Step, Syntax, numbers, steps};
use crate::format::package::xml::Element;

use super::reader::Mode;

/// Shapes with a place.
const PLACED: [&str; 4] = ["path", "polygon", "polyline", "custom-shape"];

/// The drawings of a document.
#[derive(Default)]
pub(super) struct Drawn {
    /// By the number of the page, from 0; none is what stands behind pages.
    pages: BTreeMap<Option<usize>, Drawing>,
    /// The shape whose own geometry may follow.
    shape: Option<Shape>,
    /// Shapes and groups that are open.
    depth: usize,
    behind: bool,
}

/// Where a shape stands.
#[derive(Clone, Debug, Default)]
struct Shape {
    place: Point,
    size: Point,
    turns: String,
}

impl Shape {
    fn of(element: &Element<'_>) -> Self {
        let length = |name: &str| element.attribute(name).map(|value| length(&value)).unwrap_or_default();
        Self {
            place: (length("x"), length("y")),
            size: (length("width"), length("height")),
            turns: element.attribute("transform").unwrap_or_default(),
        }
    }

    /// A point of a path with a view, on the page.
    fn placed(&self, at: Point, view: &[f32]) -> Point {
        let at = match *view {
            [left, top, width, height] if width > 0.0 && height > 0.0 && self.size != (0.0, 0.0) => {
                (((at.0 - left) / width) * self.size.0, ((at.1 - top) / height) * self.size.1)
            }
            _ => at,
        };
        turned((at.0 + self.place.0, at.1 + self.place.1), &self.turns)
    }
}

impl Drawn {
    /// An element begins, on the page of this number.
    pub(super) fn start(&mut self, element: &Element<'_>, page: usize, mode: Mode, limits: &Limits) {
        let name = element.name();
        let value = |name: &str| element.attribute(name).unwrap_or_default();
        match name {
            "master-page" => self.behind = true,
            "g" => self.open(page, mode),
            name if PLACED.contains(&name) => {
                self.open(page, mode);
                let shape = Shape::of(element);
                let view = numbers(&value("viewBox"));
                let shown = match name {
                    "path" => steps(&value("d"), Syntax::Svg),
                    "custom-shape" => Vec::new(),
                    _ => steps(&format!("M{}", value("points")), Syntax::Svg),
                };
                self.add(page, &shown, &shape, &view, name != "polyline", limits);
                self.shape = Some(shape);
            }
            "enhanced-geometry" => {
                let path = value("enhanced-path");
                if let Some(shape) = self.shape.clone().filter(|_| !path.contains(['?', '$'])) {
                    let filled = !path.contains('F');
                    self.add(page, &steps(&path, Syntax::Odf), &shape, &numbers(&value("viewBox")), filled, limits);
                }
            }
            _ => {}
        }
    }

    /// An element ends.
    pub(super) fn end(&mut self, name: &str) {
        match name {
            "master-page" => self.behind = false,
            name if name == "g" || PLACED.contains(&name) => {
                self.depth = self.depth.saturating_sub(1);
                self.shape = None;
            }
            _ => {}
        }
    }

    fn page(&mut self, page: usize) -> &mut Drawing {
        let page = (!self.behind).then_some(page);
        self.pages.entry(page).or_default()
    }

    /// In a text or a sheet, places count from paragraphs and cells.
    fn open(&mut self, page: usize, mode: Mode) {
        if self.depth == 0 && (self.behind || !matches!(mode, Mode::Slides | Mode::Drawing)) {
            self.page(page).begin_figure();
        }
        self.depth = self.depth.saturating_add(1);
    }

    fn add(&mut self, page: usize, path: &[Step], shape: &Shape, view: &[f32], filled: bool, limits: &Limits) {
        if path.len() > 1 {
            let placed = path.iter().map(|step| step.moved(|at| shape.placed(at, view))).collect();
            self.page(page).add(placed, filled, limits);
        }
    }

    /// Drawings that may be letters, by the names of their pictures.
    pub(super) fn pictures(
        self,
        inside: Option<&str>,
        limits: &Limits,
        faults: &mut Vec<Fault>,
    ) -> Vec<(String, Drawing)> {
        let mut room = limits.drawing_points;
        let folder = inside.map(|object| format!("{object}/")).unwrap_or_default();
        let mut pictures = Vec::new();
        let letters = self.pages.into_iter().filter(|(_, drawing)| drawing.outlines.may_be_letters());
        for (page, drawing) in letters {
            let Some(left) = room.checked_sub(drawing.points()) else {
                faults.push(Fault::limit("drawing_points", limits.drawing_points, "the drawings that may be letters"));
                break;
            };
            room = left;
            let name = page.map_or("master pages".to_owned(), |page| format!("page {}", page.saturating_add(1)));
            pictures.push((format!("{folder}{name}, drawn shapes.png"), drawing));
        }
        pictures
    }
}

/// A length in points; one without a unit is one already.
fn length(text: &str) -> f32 {
    let text = text.trim();
    let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let points = match unit {
        "cm" => 28.346,
        "mm" => 2.8346,
        "in" => 72.0,
        "pc" | "pi" => 12.0,
        "px" => 0.75,
        _ => 1.0,
    };
    number.parse::<f32>().ok().filter(|number| number.is_finite()).unwrap_or_default() * points
}

/// A point after all that is done to it, one after the other: `rotate (1.57) translate (2cm 3cm)`.
fn turned(at: Point, turns: &str) -> Point {
    turns.split(')').fold(at, |(x, y), turn| {
        let Some((name, values)) = turn.split_once('(') else { return (x, y) };
        let values: Vec<f32> = values.split([' ', ',']).filter(|value| !value.is_empty()).map(length).collect();
        match (name.trim(), values.as_slice()) {
            // In radians, against the clock.
            ("rotate", [angle]) => {
                let (sine, cosine) = angle.sin_cos();
                (x * cosine + y * sine, y * cosine - x * sine)
            }
            ("translate", [across, down, ..]) => (x + across, y + down),
            ("translate", [across]) => (x + across, y),
            ("scale", [across, down]) => (x * across, y * down),
            ("scale", [by]) => (x * by, y * by),
            ("matrix", matrix @ [_, _, _, _, _, _]) => {
                let of = |index: usize| x * matrix[index] + y * matrix[index + 2] + matrix[index + 4];
                (of(0), of(1))
            }
            _ => (x, y),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_to_a_shape_is_done_in_order() {
        let near = |a: Point, b: Point| (a.0 - b.0).abs() < 0.01 && (a.1 - b.1).abs() < 0.01;
        assert!(near(turned((10.0, 0.0), "rotate (1.5707963) translate (1in 2in)"), (72.0, 134.0)));
        assert!(near(turned((1.0, 2.0), "matrix(2 0 0 3 4pt 5pt)"), (6.0, 11.0)));
        assert!(near((length("1in"), length("2.54cm")), (72.0, 72.0)));
    }
}
