//! What is drawn on a page of OFD, on a template, in an annotation or in a unit of graphics: text with its places, and how
//! much is drawn that may be letters without being text.

use std::collections::BTreeMap;

use crate::config::Limits;
use crate::finding::Fault;
use crate::format::outlines::{Outlines, Syntax};
use crate::format::package::xml::{Element, Node, Xml};
use crate::format::placed::{self, Glyph, Matrix};

/// Numbers of glyphs of one text that are looked at: whether they differ is told by the first.
const GLYPHS: usize = 10_000;

/// What is drawn.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// The size of the page, if it says one.
    pub(super) page_box: Option<String>,
    /// Templates that it lies on, by number.
    pub(super) templates: Vec<String>,
    /// Resources that are its own.
    pub(super) resources: Vec<String>,
    pub(super) pieces: Vec<Piece>,
    /// Units of graphics used, by number.
    pub(super) composites: Vec<(String, Matrix)>,
    pub(super) drawings: Outlines,
    /// Characters without a meaning, and glyphs without a character.
    pub(super) unreadable: usize,
    /// Lines without a place: remarks of annotations.
    pub(super) remarks: Vec<String>,
    /// What of it could not be read.
    pub(super) faults: Vec<Fault>,
}

/// A piece of text in its own coordinates.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) glyphs: Vec<Glyph>,
    pub(super) size: f32,
    pub(super) forward: (f32, f32),
    /// To the coordinates of the content.
    pub(super) matrix: Matrix,
}

/// What is drawn in a part; the units of graphics that it defines are put aside.
pub(super) fn read(xml: &mut Xml<'_>, limits: &Limits, units: &mut BTreeMap<String, Content>) -> Content {
    let mut reader = Reader::default();
    loop {
        match xml.node() {
            Ok(Some(Node::Start(element))) => reader.start(&element),
            // Of more than a page may have, one piece is kept, by which it is known.
            Ok(Some(Node::Text(text))) if reader.characters.len() <= limits.page_text_bytes => {
                reader.characters.push_str(&text);
            }
            Ok(Some(Node::Text(_))) => {}
            Ok(Some(Node::End(element))) => units.extend(reader.end(element.name())),
            Ok(None) => break,
            Err(fault) => {
                reader.content.faults.push(fault);
                break;
            }
        }
        let over = match () {
            () if reader.drawn > limits.page_objects => Some(("page_objects", limits.page_objects)),
            () if reader.glyphs > limits.page_text_bytes => Some(("page_text_bytes", limits.page_text_bytes)),
            () => None,
        };
        if let Some((key, limit)) = over {
            reader.content.faults.push(Fault::limit(key, limit, "what is drawn on the page"));
            break;
        }
    }
    // What a damaged part has begun belongs to it.
    if let Some((_, outer)) = reader.outside.take() {
        reader.content = outer.with(reader.content);
    }
    reader.content
}

/// An element that is open.
struct Open {
    matrix: Matrix,
    /// Paths in it cut away and draw nothing.
    clips: bool,
}

/// How the text under way is written.
#[derive(Clone, Copy)]
struct Style {
    size: f32,
    /// Width of characters, as a multiple of the usual one.
    wide: f32,
    forward: (f32, f32),
    /// Where the next text begins that says nothing of it.
    x: f32,
    y: f32,
}

#[derive(Default)]
struct Reader {
    content: Content,
    open: Vec<Open>,
    style: Option<Style>,
    /// Attributes of the text under way: where it begins, and its steps.
    code: Code,
    /// Numbers of the glyphs that stand for the next text.
    glyph_numbers: Vec<u32>,
    /// The characters of the element under way.
    characters: String,
    /// The unit of graphics under way: its number, and what is around it.
    outside: Option<(String, Content)>,
    /// The name of the parameter under way.
    parameter: String,
    drawn: usize,
    glyphs: usize,
}

#[derive(Default)]
struct Code {
    x: Option<f32>,
    y: Option<f32>,
    right: String,
    down: String,
}

impl Reader {
    fn start(&mut self, element: &Element<'_>) {
        self.characters.clear();
        let number = |name: &str| element.attribute(name).and_then(|value| placed::numbers(&value).first().copied());
        let (outer, clips) = self.open.last().map_or((Matrix::IDENTITY, false), |open| (open.matrix, open.clips));
        let name = element.name();
        let mut matrix = outer;
        if matches!(
            name,
            "TextObject" | "PathObject" | "ImageObject" | "CompositeObject" | "VideoObject" | "Appearance"
        ) {
            let place = element.attribute("Boundary").map(|place| placed::numbers(&place)).unwrap_or_default();
            let own = element.attribute("CTM").and_then(|matrix| Matrix::parse(&matrix)).unwrap_or(Matrix::IDENTITY);
            let corner = |index: usize| place.get(index).copied().unwrap_or_default();
            matrix = own.then(&Matrix::shift(corner(0), corner(1))).then(&outer);
            self.drawn += 1;
        }
        match name {
            "TextObject" => {
                let turned = number("ReadDirection").unwrap_or_default();
                let forward = match () {
                    () if (turned - 90.0).abs() < 1.0 => (0.0, 1.0),
                    () if (turned - 180.0).abs() < 1.0 => (-1.0, 0.0),
                    () if (turned - 270.0).abs() < 1.0 => (0.0, -1.0),
                    () => (1.0, 0.0),
                };
                let size = number("Size").filter(|size| *size > 0.0).unwrap_or(3.0);
                let wide = number("HScale").filter(|scale| *scale > 0.0).unwrap_or(1.0);
                self.style = Some(Style { size, wide, forward, x: 0.0, y: 0.0 });
                self.glyph_numbers.clear();
            }
            "TextCode" => {
                let steps = |name| element.attribute(name).unwrap_or_default();
                self.code = Code { x: number("X"), y: number("Y"), right: steps("DeltaX"), down: steps("DeltaY") };
            }
            "CompositeObject" => {
                let unit = element.attribute("ResourceID").unwrap_or_default();
                self.content.composites.push((unit, matrix));
            }
            "CompositeGraphicUnit" => {
                let unit = element.attribute("ID").unwrap_or_default();
                if self.outside.is_none() {
                    self.outside = Some((unit, std::mem::take(&mut self.content)));
                }
            }
            "Template" => self.content.templates.extend(element.attribute("TemplateID")),
            "Parameter" => self.parameter = element.attribute("Name").unwrap_or_default(),
            _ => {}
        }
        self.open.push(Open { matrix, clips: clips || name == "Clips" });
    }

    /// An element ends; a unit of graphics is given out.
    fn end(&mut self, name: &str) -> Option<(String, Content)> {
        let open = self.open.pop();
        let text = std::mem::take(&mut self.characters);
        match name {
            "TextCode" => self.text(&text, open.map_or(Matrix::IDENTITY, |open| open.matrix)),
            "Glyphs" => {
                let numbers = text.split_ascii_whitespace().filter_map(|number| number.parse::<u32>().ok());
                self.glyph_numbers.extend(numbers.take(GLYPHS));
            }
            "AbbreviatedData" if open.is_none_or(|open| !open.clips) => self.content.drawings.add(&text, Syntax::Ofd),
            "PhysicalBox" => self.content.page_box = Some(text),
            "PageRes" => self.content.resources.push(text.trim().to_owned()),
            "Remark" => self.remark("", text.trim()),
            "Parameter" => {
                let name = std::mem::take(&mut self.parameter);
                self.remark(&name, text.trim());
            }
            "CompositeGraphicUnit" => {
                let (unit, outer) = self.outside.take()?;
                return Some((unit, std::mem::replace(&mut self.content, outer)));
            }
            _ => {}
        }
        None
    }

    fn remark(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.glyphs = self.glyphs.saturating_add(text.len());
            let separator = if name.is_empty() { "" } else { ": " };
            self.content.remarks.push(format!("{name}{separator}{text}"));
        }
    }

    fn text(&mut self, text: &str, matrix: Matrix) {
        let Some(style) = self.style.as_mut() else { return };
        let code = std::mem::take(&mut self.code);
        (style.x, style.y) = (code.x.unwrap_or(style.x), code.y.unwrap_or(style.y));
        let style = *style;
        let count = text.chars().count();
        self.glyphs = self.glyphs.saturating_add(text.len());
        let (right, down) = (steps(&code.right, count), steps(&code.down, count));
        let mut at = (style.x, style.y);
        let mut glyphs = Vec::with_capacity(count);
        for (index, ch) in text.chars().enumerate() {
            let usual = style.size * style.wide * if placed::is_wide(ch) { 1.0 } else { 0.5 };
            let (x, y) = (right.get(index).copied(), down.get(index).copied());
            // A letter is as wide as the step behind it, if that is no jump.
            let width =
                x.filter(|step| *step > 0.0 && *step < 1.2 * style.size && !placed::is_wide(ch)).unwrap_or(usual);
            let unreadable = placed::is_unreadable(ch) && ch != '\u{e5e5}';
            self.content.unreadable += usize::from(unreadable && !placed::is_bullet(ch));
            if !unreadable {
                let ch = if ch == '\u{e5e5}' { ' ' } else { ch };
                glyphs.push(Glyph { ch, x: at.0, y: at.1, width });
            }
            let usual = (usual * style.forward.0, usual * style.forward.1);
            let step = if x.is_none() && y.is_none() { usual } else { (x.unwrap_or_default(), y.unwrap_or_default()) };
            at = (at.0 + step.0, at.1 + step.1);
        }
        // Different glyphs under nothing but blanks are text that only the font knows.
        let mut numbers = std::mem::take(&mut self.glyph_numbers);
        if text.trim().is_empty() {
            numbers.sort_unstable();
            numbers.dedup();
            self.content.unreadable += if numbers.len() > 1 { numbers.len() } else { 0 };
        }
        if !glyphs.is_empty() {
            self.content.pieces.push(Piece { glyphs, size: style.size, forward: style.forward, matrix });
        }
    }
}

impl Content {
    /// Together with what else is on the page.
    fn with(mut self, other: Self) -> Self {
        self.pieces.extend(other.pieces);
        self.composites.extend(other.composites);
        self.drawings.join(other.drawings);
        self.unreadable += other.unreadable;
        self.remarks.extend(other.remarks);
        self.faults.extend(other.faults);
        self
    }
}

/// Steps from character to character: numbers, and `g n v` for n times v. No more than there are characters.
fn steps(text: &str, count: usize) -> Vec<f32> {
    let mut steps = Vec::new();
    let mut tokens = text.split([' ', ',', '\t', '\r', '\n']).filter(|token| !token.is_empty());
    while let Some(token) = tokens.next().filter(|_| steps.len() < count) {
        let (times, value) = match token {
            "g" | "G" => (tokens.next().and_then(|times| times.parse::<usize>().ok()), tokens.next()),
            value => (Some(1), Some(value)),
        };
        let value = value.and_then(|value| value.parse::<f32>().ok()).filter(|value| value.is_finite());
        let (Some(times), Some(value)) = (times, value) else { break };
        steps.extend(std::iter::repeat_n(value, times.min(count - steps.len())));
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_numbers_and_repetitions_and_never_more_than_characters() {
        assert_eq!(steps("1.5 g 2 3 -4", 10), [1.5, 3.0, 3.0, -4.0]);
        assert_eq!(steps("g 4000000000 1", 3), [1.0; 3]);
        assert_eq!(steps("g 1", 3), [] as [f32; 0]);
    }
}
