//! SVG: the text of drawings, titles and descriptions, strings of scripts and texts of styles; pictures packed into addresses are handed out.
//!
//! There is no renderer, so a drawing whose paths may be letters cannot be wholly read, and that is a fault. Icons are
//! everywhere and hold none: what is as high as wide and has no more than a few paths of a few hundred lines and curves is
//! taken for one. A seal that is drawn so simply is missed; what a program writes as outlines has more.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use crate::config::Settings;
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};

use super::odf::hand_out;
use super::outlines::{Outlines, Syntax};
use super::package::xml::{self, Element, Node, Xml};
use super::text::{Holding, Part, TextPages};
use super::{Document, Format, Members, Source, diagram, html, placed};

/// Elements whose text is read.
const TEXTS: &[&str] = &["text", "title", "desc", "metadata", "foreignObject", "flowRoot"];
/// Elements that end a line; a `tspan` does if it has a place of its own.
const LINES: &[&str] = &["text", "title", "desc", "p", "div", "li", "br", "td", "flowPara", "flowLine"];
/// Elements whose content is no text.
const DROPPED: &[&str] = &["style", "script"];
/// Paths that may be used again.
const NAMED: usize = 100_000;

/// What it is called in faults.
const NAME: &str = "the drawing";

/// Reads SVG.
pub(super) struct Svg;

impl Format for Svg {
    fn name(&self) -> &'static str {
        "svg"
    }

    fn version(&self) -> u32 {
        6
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["svg"]
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let mut drawing = Drawing::default();
        let limit = settings.limits.content_text_bytes;
        let read = xml::of_source(&source, NAME, settings).and_then(|mut xml| drawing.read(&mut xml, limit));
        let mut faults: Vec<Fault> = read.err().into_iter().collect();
        let is_icon = drawing.square && drawing.outlines.may_be_icon();
        if drawing.outlines.may_be_letters() && !is_icon {
            let detail = "it has drawings that may be letters, and nothing renders them";
            faults.push(Fault::whole(FaultReason::Unsupported, detail));
        }
        if drawing.styled > 0 {
            let detail = format!("{} pictures packed into its styles are not read", drawing.styled);
            faults.push(Fault::whole(FaultReason::Attachment, detail));
        }
        if drawing.lost > 0 {
            let detail = format!("{} pages of the diagram that it was made of cannot be unpacked", drawing.lost);
            faults.push(Fault::whole(FaultReason::Attachment, detail));
        }
        let parts = vec![Part { label: None, text: drawing.text }];
        let pages = TextPages::of_parts(parts, faults, settings).unpacked();
        Ok(Box::new(Open { pages, pictures: drawing.pictures > 0, source, settings }))
    }
}

#[derive(Default)]
struct Drawing {
    text: String,
    outlines: Outlines,
    /// As high as it is wide.
    square: bool,
    pictures: usize,
    /// Pictures in styles.
    styled: usize,
    /// Pages of a diagram that could not be unpacked.
    lost: usize,
    /// Paths that are defined to be used, by id: what they would draw.
    named: BTreeMap<String, Outlines>,
    /// Elements that are open.
    open: Vec<String>,
    texts: usize,
    defined: usize,
    /// The symbol or group under way that may be used.
    symbol: Option<(String, usize, Outlines)>,
}

impl Drawing {
    fn read(&mut self, xml: &mut Xml<'_>, limit: usize) -> Result<(), Fault> {
        loop {
            let dropped = match xml.node()? {
                None => return Ok(()),
                Some(Node::Start(element)) => {
                    let name = element.name().to_owned();
                    let dropped = DROPPED.iter().find(|dropped| **dropped == name);
                    if dropped.is_none() {
                        self.start(&name, &element);
                        self.open.push(name.clone());
                    }
                    dropped
                }
                Some(Node::End(_)) => {
                    self.end();
                    None
                }
                Some(Node::Text(text)) => {
                    if self.texts > 0 {
                        self.push(&text);
                    }
                    None
                }
            };
            if let Some(name) = dropped {
                let unshown = xml.text(limit)?;
                xml.uncut()?;
                self.styled = self.styled.saturating_add(packed_in_style(&unshown));
                // What they put into the drawing.
                let said = match *name {
                    "script" => html::strings(&unshown, |markup| html::piece(markup, false).text),
                    _ => html::texts_of_style(&unshown, &mut BTreeSet::new()),
                };
                for text in said {
                    self.end_line();
                    self.push(&text);
                    self.end_line();
                }
            }
            if self.text.len() > limit {
                return Err(Fault::limit("content_text_bytes", limit, "the text of the drawing"));
            }
        }
    }

    fn start(&mut self, name: &str, element: &Element<'_>) {
        if name == "svg" && self.open.is_empty() {
            self.square = is_square(element);
            // Drawings of draw.io carry what they were made of.
            let diagram = diagram::read(&element.attribute("content").unwrap_or_default());
            diagram.text.lines().for_each(|line| {
                self.push(line);
                self.end_line();
            });
            self.lost = self.lost.saturating_add(diagram.lost);
        }
        self.texts += usize::from(TEXTS.contains(&name));
        self.defined += usize::from(matches!(name, "defs" | "symbol" | "clipPath"));
        let is_line = name == "tspan" && (element.attribute("x").is_some() || element.attribute("y").is_some());
        if is_line || LINES.contains(&name) {
            self.end_line();
        }
        for label in ["aria-label", "alt"].iter().filter_map(|name| element.attribute(name)) {
            self.end_line();
            self.push(&label);
            self.end_line();
        }
        if matches!(name, "symbol" | "g") && self.defined > 0 && self.symbol.is_none() {
            let id = element.attribute("id").unwrap_or_default();
            self.symbol = Some((id, self.open.len(), Outlines::default()));
        }
        match name {
            "path" | "glyph" => {
                let mut outlines = Outlines::default();
                outlines.add(&element.attribute("d").unwrap_or_default(), Syntax::Svg);
                self.draw(outlines, element);
            }
            "polygon" | "polyline" => {
                let mut outlines = Outlines::default();
                outlines.add_points(&element.attribute("points").unwrap_or_default());
                self.draw(outlines, element);
            }
            "use" => {
                let of = element.attribute("href").unwrap_or_default();
                let used = self.named.get(of.trim_start_matches('#')).copied().unwrap_or_default();
                self.outlines.join(used);
            }
            _ => {}
        }
        self.pictures += usize::from(element.attribute("href").is_some_and(|address| is_packed(&address)));
        self.styled += element.attribute("style").map_or(0, |style| packed_in_style(&style));
    }

    /// What is only defined is drawn where it is used.
    fn draw(&mut self, outlines: Outlines, element: &Element<'_>) {
        if let Some((_, _, symbol)) = self.symbol.as_mut() {
            symbol.join(outlines);
        }
        let id = element.attribute("id").filter(|_| self.named.len() < NAMED);
        if let Some(id) = id {
            self.named.insert(id, outlines);
        }
        if self.defined == 0 {
            self.outlines.join(outlines);
        }
    }

    fn end(&mut self) {
        let Some(name) = self.open.pop() else { return };
        let name = name.as_str();
        if LINES.contains(&name) {
            self.end_line();
        }
        self.texts = self.texts.saturating_sub(usize::from(TEXTS.contains(&name)));
        self.defined = self.defined.saturating_sub(usize::from(matches!(name, "defs" | "symbol" | "clipPath")));
        if let Some((id, _, outlines)) = self.symbol.take_if(|(_, depth, _)| *depth == self.open.len())
            && self.named.len() < NAMED
        {
            self.named.insert(id, outlines);
        }
    }

    fn push(&mut self, text: &str) {
        for c in text.chars() {
            if !c.is_ascii_whitespace() {
                self.text.push(c);
            } else if !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
                self.text.push(' ');
            }
        }
    }

    fn end_line(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }
}

/// Whether a drawing is about as high as wide, by its view or its size.
fn is_square(element: &Element<'_>) -> bool {
    let view = element.attribute("viewBox").map(|view| placed::numbers(&view)).unwrap_or_default();
    let length = |name: &str| {
        let value = element.attribute(name)?;
        let digits = value.trim().trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
        digits.parse::<f32>().ok()
    };
    let (width, height) = match view.as_slice() {
        [_, _, width, height] => (*width, *height),
        _ => (length("width").unwrap_or_default(), length("height").unwrap_or_default()),
    };
    width > 0.0 && height > 0.0 && (0.8..=1.25).contains(&(width / height))
}

fn is_packed(address: &str) -> bool {
    address.trim_start().get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"))
}

/// Pictures in a style sheet.
fn packed_in_style(style: &str) -> usize {
    style.to_ascii_lowercase().matches("data:image").count()
}

/// An open drawing.
struct Open<'a> {
    pages: TextPages,
    pictures: bool,
    source: Source,
    settings: &'a Settings,
}

impl Holding for Open<'_> {
    fn pages(&self) -> &TextPages {
        &self.pages
    }

    fn holds(&self) -> bool {
        self.pictures
    }

    fn hand_out(&self, out: &mut dyn Members) -> Result<(), Fault> {
        let mut xml = xml::of_source(&self.source, NAME, self.settings)?;
        let mut number = 0_usize;
        while let Some(node) = xml.node()? {
            let Node::Start(element) = node else { continue };
            let Some(address) = element.attribute("href").filter(|address| is_packed(address)) else { continue };
            number = number.saturating_add(1);
            let name = format!("embedded {number}");
            let Some((kind, data)) = address.split_once(',') else { continue };
            let data = super::epub::unescaped(data);
            let flow = match kind.to_ascii_lowercase().ends_with("base64") {
                true => hand_out(&name, &data, out),
                false => out.member(&name, &mut data.as_bytes()),
            };
            if let ControlFlow::Break(()) = flow {
                break;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::finding::FaultReason;
    use crate::format::diagram;
    use crate::format::test_support::{members, open, settings, texts};

    fn svg(size: &str, content: &str) -> Vec<u8> {
        format!(
            "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"x\" {size}>{content}</svg>"
        )
        .into_bytes()
    }

    fn faults(size: &str, content: &str) -> Vec<FaultReason> {
        let settings = settings();
        let document = open(&svg(size, content), &settings).expect("opens");
        document.faults().into_iter().map(|fault| fault.reason).collect()
    }

    #[test]
    fn text_titles_and_packed_pictures_are_read() {
        let content = "<style>.a{}</style><title>标题机密</title><desc>说明</desc><text x=\"1\">TOP <tspan>SECRET</tspan><tspan x=\"1\" y=\"2\">第二行</tspan></text>\
            <foreignObject><p>嵌入机密</p></foreignObject><image xlink:href=\"data:image/png;base64,cGljdHVyZQ==\"/>\
            <image href=\"data:image/svg+xml,%3Csvg/%3E\"/>";
        let settings = settings();
        let bytes = svg("", content);
        let document = open(&bytes, &settings).expect("opens");
        assert_eq!(texts(document.as_ref())[0].1.trim(), "标题机密\n说明\nTOP SECRET\n第二行\n嵌入机密");
        let expected =
            [("embedded 1".to_owned(), Ok(b"picture".to_vec())), ("embedded 2".to_owned(), Ok(b"<svg/>".to_vec()))];
        assert_eq!(members(document.as_ref()), expected);
        assert_eq!(document.faults(), []);
    }

    #[test]
    fn an_icon_is_no_writing_and_outlined_letters_are_a_fault() {
        let path = |times: usize| format!("<path d=\"M1 1{}z\"/>", "c1 2 3 4 5 6".repeat(times));
        assert_eq!(faults("viewBox=\"0 0 24 24\"", &path(80)), []);
        assert_eq!(faults("viewBox=\"0 0 240 24\"", &path(80)), [FaultReason::Unsupported]);
        assert_eq!(faults("viewBox=\"0 0 24 24\"", &path(20).repeat(8)), [FaultReason::Unsupported]);
        let letters = "<defs><symbol id=\"g\"><path d=\"M0 0c1 2 3 4 5 6 1 2 3 4 5 6 1 2 3 4 5 6 1 2 3 4 5 6 1 2 3 4 5 6 1 2 3 4 5 6z\"/></symbol></defs>";
        assert_eq!(faults("", letters), [], "defined and not drawn");
        assert_eq!(
            faults("", &format!("{letters}{}", "<use xlink:href=\"#g\"/>".repeat(5))),
            [FaultReason::Unsupported]
        );
        let table = "<path d=\"M0 0h9v9h-9z\"/>".repeat(100);
        assert_eq!(faults("width=\"800\" height=\"100\"", &table), []);
    }

    #[test]
    fn what_scripts_and_styles_put_into_a_drawing_is_read() {
        let content =
            "<style>text::after{content:'TOP SECRET'}</style><script>t.textContent = '机密文件'</script><text>x</text>";
        let settings = settings();
        let bytes = svg("", content);
        let document = open(&bytes, &settings).expect("opens");
        assert_eq!(texts(document.as_ref())[0].1, "TOP SECRET\n机密文件\nx\n");
        assert_eq!(document.faults(), []);
    }

    #[test]
    fn the_diagram_that_a_drawing_was_made_of_is_read() {
        let file = diagram::tests::packed(&["TOP SECRET"]).replace('<', "&lt;").replace('"', "&quot;");
        let settings = settings();
        let bytes = svg(&format!("content=\"{file}\""), "<text>x</text>");
        let document = open(&bytes, &settings).expect("opens");
        assert_eq!(texts(document.as_ref())[0].1, "Page-1\nTOP SECRET\nx\n");
        assert_eq!(document.faults(), []);
    }

    #[test]
    fn what_stands_behind_the_end_of_a_drawing_is_a_fault() {
        let settings = settings();
        let faults = |behind: &str| {
            let bytes = [svg("", "<text>a plan</text>"), behind.as_bytes().to_vec()].concat();
            open(&bytes, &settings).expect("opens").faults().into_iter().map(|fault| fault.reason).collect::<Vec<_>>()
        };
        assert_eq!(faults("\n<!-- made by a program -->\n\n"), []);
        assert_eq!(faults("\nTOP SECRET\n"), [FaultReason::Attachment]);
        assert_eq!(faults("<p>TOP SECRET</p>"), [FaultReason::Attachment]);
    }

    #[test]
    fn entities_are_refused() {
        let bomb = b"<?xml version=\"1.0\"?><!DOCTYPE svg [<!ENTITY a \"b\">]><svg><text>&a;</text></svg>";
        assert_eq!(open(bomb, &settings()).expect("opens").faults()[0].reason, FaultReason::Damaged);
    }
}
