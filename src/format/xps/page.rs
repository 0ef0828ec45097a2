//! A page of XPS: canvases with transformations, glyphs with characters, paths.

use std::collections::BTreeSet;

use crate::config::Limits;
use crate::document::PageSize;
use crate::finding::Fault;
use crate::format::outlines::{Outlines, Syntax};
use crate::format::package::xml::{Element, Node, Xml};
use crate::format::placed::{self, Glyph, Matrix, PlacedPage, Run};

/// Points of a unit of XPS, 1/96 inch.
const POINTS: f32 = 0.75;

/// An element that is open.
struct Open {
    name: String,
    /// From its content to the page.
    matrix: Matrix,
    /// What is around it.
    outer: Matrix,
    glyphs: Option<Glyphs>,
    clips: bool,
}

/// A piece of text.
struct Glyphs {
    x: f32,
    y: f32,
    size: f32,
    text: String,
    indices: String,
    /// Written from right to left.
    backwards: bool,
}

#[derive(Default)]
struct Sheet {
    size: PageSize,
    runs: Vec<Run>,
    outlines: Outlines,
    unreadable: usize,
    drawn: usize,
    bytes: usize,
    open: Vec<Open>,
}

/// Reads a page as far as it is whole; what is not read of it is among its faults.
pub(super) fn read(xml: &mut Xml<'_>, limits: &Limits) -> PlacedPage {
    let mut sheet = Sheet::default();
    let mut faults = Vec::new();
    loop {
        match xml.node() {
            Ok(Some(Node::Start(element))) => sheet.start(&element),
            Ok(Some(Node::End(_))) => sheet.end(),
            Ok(Some(Node::Text(_))) => {}
            Ok(None) => break,
            Err(fault) => {
                faults.push(fault);
                break;
            }
        }
        if sheet.drawn > limits.page_objects {
            faults.push(Fault::limit("page_objects", limits.page_objects, "the number of things on the page"));
            break;
        }
        if sheet.bytes > limits.page_text_bytes {
            faults.push(Fault::limit("page_text_bytes", limits.page_text_bytes, "the text of the page"));
            break;
        }
    }
    let (text, cut) = placed::text(sheet.runs, limits.page_text_bytes);
    if cut {
        faults.push(Fault::limit("page_text_bytes", limits.page_text_bytes, "the text of the page"));
    }
    faults.extend(placed::unread(sheet.unreadable, sheet.outlines));
    faults.dedup();
    PlacedPage { label: None, size: sheet.size, text, faults }
}

impl Sheet {
    fn start(&mut self, element: &Element<'_>) {
        let name = element.name();
        let number = |name: &str| element.attribute(name).and_then(|value| placed::numbers(&value).first().copied());
        let outer = self.open.last().map_or(Matrix::scale(POINTS), |open| open.matrix);
        let own = element.attribute("RenderTransform").and_then(|matrix| Matrix::parse(&matrix));
        let matrix = own.map_or(outer, |own| own.then(&outer));
        let mut glyphs = None;
        let clips = self.open.last().is_some_and(|open| open.clips) || name.ends_with(".Clip");
        match name {
            "FixedPage" => {
                let size = |name| number(name).unwrap_or_default().abs() * POINTS;
                self.size = PageSize { width: size("Width"), height: size("Height") };
            }
            "Glyphs" => {
                self.drawn += 1;
                let text = element.attribute("UnicodeString").unwrap_or_default();
                self.bytes = self.bytes.saturating_add(text.len());
                glyphs = Some(Glyphs {
                    x: number("OriginX").unwrap_or_default(),
                    y: number("OriginY").unwrap_or_default(),
                    size: number("FontRenderingEmSize").filter(|size| *size > 0.0).unwrap_or(10.0),
                    text: text.strip_prefix("{}").map(str::to_owned).unwrap_or(text),
                    indices: element.attribute("Indices").unwrap_or_default(),
                    backwards: number("BidiLevel").is_some_and(|level| (level % 2.0).abs() > 0.5),
                });
            }
            "Path" | "PathGeometry" if !clips => {
                self.drawn += 1;
                let path = element.attribute("Data").or_else(|| element.attribute("Figures")).unwrap_or_default();
                self.outlines.add(&path, Syntax::Svg);
            }
            "PolyLineSegment" | "PolyBezierSegment" | "PolyQuadraticBezierSegment" if !clips => {
                let points = element.attribute("Points").map_or(0, |points| placed::numbers(&points).len() / 2);
                let curves = if name == "PolyLineSegment" { 0 } else { points / 2 };
                self.outlines.add_steps(if curves > 0 { curves } else { points }, curves);
            }
            "MatrixTransform" => {
                let given = element.attribute("Matrix").and_then(|matrix| Matrix::parse(&matrix));
                self.transform(given);
            }
            _ => {}
        }
        self.open.push(Open { name: name.to_owned(), matrix, outer, glyphs, clips });
    }

    /// A transformation that is written as an element of what it transforms.
    fn transform(&mut self, given: Option<Matrix>) {
        let of_parent = self.open.last().is_some_and(|open| open.name.ends_with(".RenderTransform"));
        let target = self.open.len().checked_sub(2).filter(|_| of_parent).and_then(|at| self.open.get_mut(at));
        if let (Some(target), Some(given)) = (target, given) {
            target.matrix = given.then(&target.outer);
        }
    }

    fn end(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let Some(glyphs) = open.glyphs else { return };
        let advances: Vec<Option<f32>> = glyphs.indices.split(';').map(advance).collect();
        if glyphs.text.trim().is_empty() {
            let shown: BTreeSet<&str> = glyphs.indices.split(';').filter_map(|index| index.split(',').next()).collect();
            self.unreadable += if shown.len() > 1 { shown.len() } else { 0 };
        }
        let (mut x, mut placed) = (glyphs.x, Vec::new());
        for (index, ch) in glyphs.text.chars().enumerate() {
            let usual = if placed::is_wide(ch) { 1.0 } else { 0.5 };
            let width = advances.get(index).copied().flatten().unwrap_or(usual) * glyphs.size;
            let unreadable = placed::is_unreadable(ch);
            self.unreadable += usize::from(unreadable && !placed::is_bullet(ch));
            if glyphs.backwards {
                x -= width;
            }
            if !unreadable {
                placed.push(Glyph { ch, x, y: glyphs.y, width });
            }
            if !glyphs.backwards {
                x += width;
            }
        }
        let forward = if glyphs.backwards { (-1.0, 0.0) } else { (1.0, 0.0) };
        self.runs.extend(placed::runs(&placed, glyphs.size, forward, &open.matrix));
    }
}

/// The width that an index of a glyph gives, in heights of the letters.
fn advance(index: &str) -> Option<f32> {
    let index = index.rsplit_once(')').map_or(index, |(_, index)| index);
    let advance: f32 = index.split(',').nth(1)?.trim().parse().ok()?;
    (advance.is_finite() && advance >= 0.0).then_some(advance / 100.0)
}
