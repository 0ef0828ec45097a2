//! XPS and OpenXPS (ECMA-388): what printers of Windows leave behind, pages of text at coordinates.
//!
//! Text is what `UnicodeString` says, at its place; what has glyphs alone, and paths that may be letters, are faults of their
//! page. Pictures are handed out, and every other part but fonts, tickets for printers and the description of structures.

use std::collections::BTreeSet;

use crate::config::{Limits, Settings};
use crate::document::{Kind, PageSize, Text};
use crate::finding::{Fault, FaultReason};

use super::ofd::parts::{key, resolve};
use super::outlines::{Outlines, Syntax};
use super::package::Package;
use super::package::xml::{Element, Node, Xml};
use super::placed::{self, Glyph, Matrix, PlacedPage, Run};
use super::{Document, Format, Members, PageSource, Source};

/// Points of a unit of XPS, 1/96 inch.
const POINTS: f32 = 0.75;
/// Extensions of parts that hold nothing that a person wrote or drew.
const FURNITURE: &[&str] = &["rels", "odttf", "ttf", "otf", "ttc", "icc", "icm", "struct", "frag"];

/// Reads XPS.
pub(super) struct Xps;

impl Format for Xps {
    fn name(&self) -> &'static str {
        "xps"
    }

    fn version(&self) -> u32 {
        1
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["xps"]
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let package = Package::open(&source, &settings.limits)?;
        let mut document = XpsDocument {
            settings,
            pages: Vec::new(),
            faults: package.faults().to_vec(),
            properties: String::new(),
            package,
        };
        document.find_pages();
        document.read_properties();
        Ok(Box::new(document))
    }
}

struct XpsDocument<'a> {
    settings: &'a Settings,
    package: Package,
    pages: Vec<String>,
    properties: String,
    faults: Vec<Fault>,
}

impl XpsDocument<'_> {
    fn find_pages(&mut self) {
        let named = |extension: &str| -> Vec<String> {
            let is_one = |name: &&str| key(name).rsplit_once('.').is_some_and(|(_, found)| found == extension);
            self.package.names().filter(is_one).map(str::to_owned).collect()
        };
        let (lists, all) = (named("fdseq"), named("fpage"));
        let mut found = Vec::new();
        for list in lists {
            for document in self.references(&list, "DocumentReference") {
                found.extend(self.references(&document, "PageContent"));
            }
        }
        let named: BTreeSet<String> = found.iter().map(|page| key(page)).collect();
        // Pages that no list names are there nevertheless.
        found.extend(all.into_iter().filter(|page| !named.contains(&key(page))));
        self.pages = found;
        if self.package.names().any(|name| key(name).ends_with(".piece")) {
            self.faults.push(Fault::whole(FaultReason::Unsupported, "parts are cut in pieces, which are not read"));
        }
    }

    /// What a list refers to.
    fn references(&mut self, list: &str, element: &str) -> Vec<String> {
        let mut found = Vec::new();
        let read = self.package.xml(list, |xml| {
            while let Some(node) = xml.node()? {
                if let Node::Start(start) = node
                    && start.name() == element
                {
                    found.extend(start.attribute("Source").map(|place| resolve(list, &place)));
                }
            }
            Ok(())
        });
        let missing = || Err(Fault::whole(FaultReason::Damaged, "a list of pages is missing"));
        self.faults.extend(read.unwrap_or_else(missing).err());
        found
    }

    /// What is said of the document.
    fn read_properties(&mut self) {
        const SHOWN: &[&str] =
            &["title", "subject", "creator", "keywords", "description", "category", "lastModifiedBy", "contentStatus"];
        let names: Vec<String> = self.package.names().map(str::to_owned).collect();
        for part in names.iter().filter(|name| is_core(name)) {
            let mut lines = String::new();
            let read = self.package.xml(part, |xml| {
                loop {
                    let name = match xml.node()? {
                        Some(Node::Start(element)) if SHOWN.contains(&element.name()) => element.name().to_owned(),
                        Some(_) => continue,
                        None => return Ok(()),
                    };
                    let text = xml.text(self.settings.limits.page_text_bytes)?;
                    if !text.trim().is_empty() {
                        lines.push_str(&format!("{name}: {}\n", text.trim()));
                    }
                }
            });
            self.properties.push_str(&lines);
            self.faults.extend(read.and_then(Result::err));
        }
    }

    fn members(&self) -> impl Iterator<Item = &str> {
        let pages: BTreeSet<String> = self.pages.iter().map(|page| key(page)).collect();
        self.package.names().filter(move |name| {
            let name = key(name);
            let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
            let is_list = matches!(extension, "fdseq" | "fdoc") || name == "[content_types].xml";
            let is_ticket = name.contains("metadata/") || name.contains("thumbnail") || name.ends_with("_pt.xml");
            !pages.contains(&name) && !is_list && !is_ticket && !is_core(&name) && !FURNITURE.contains(&extension)
        })
    }
}

/// Whether a part describes the document.
fn is_core(name: &str) -> bool {
    let name = key(name);
    name == "docprops/core.xml" || name.rsplit_once('.').is_some_and(|(_, extension)| extension == "psmdcp")
}

impl Document for XpsDocument<'_> {
    fn page_count(&self) -> u32 {
        let properties = usize::from(!self.properties.is_empty());
        u32::try_from(self.pages.len().saturating_add(properties)).unwrap_or(u32::MAX)
    }

    fn faults(&self) -> Vec<Fault> {
        self.faults.clone()
    }

    fn page(&self, number: u32) -> Result<Box<dyn PageSource + '_>, Fault> {
        let index = (number as usize).checked_sub(1);
        if index == Some(self.pages.len()) {
            let text = Text::plain(self.properties.clone());
            return Ok(Box::new(PlacedPage { label: Some("properties".to_owned()), text, ..PlacedPage::default() }));
        }
        let part = index.and_then(|index| self.pages.get(index));
        let part = part.ok_or_else(|| Fault::on_page(number, FaultReason::Damaged, "there is no such page"))?;
        let limits = &self.settings.limits;
        let read = self.package.xml(part, |xml| Ok(read(xml, limits)));
        let missing = || Err(Fault::whole(FaultReason::Damaged, "the page is missing"));
        let on_page = |fault| Fault { page: Some(number), ..fault };
        let mut page = read.unwrap_or_else(missing).map_err(on_page)?;
        page.faults = page.faults.into_iter().map(on_page).collect();
        Ok(Box::new(page))
    }

    fn has_members(&self) -> bool {
        self.members().next().is_some()
    }

    fn members(&self, out: &mut dyn Members) -> Result<(), Fault> {
        for name in self.members() {
            if self.package.part_to(name, out).is_break() {
                break;
            }
        }
        Ok(())
    }
}

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

fn read(xml: &mut Xml<'_>, limits: &Limits) -> PlacedPage {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::package::tests::package;
    use crate::format::test_support::{members, open, settings, texts};

    fn page(content: &str) -> String {
        format!("<FixedPage Width=\"960\" Height=\"720\" xmlns=\"a\">{content}</FixedPage>")
    }

    fn glyphs(text: &str, x: u32, y: u32) -> String {
        format!(
            "<Glyphs OriginX=\"{x}\" OriginY=\"{y}\" FontRenderingEmSize=\"20\" UnicodeString=\"{text}\" Indices=\"3,50;,50\"/>"
        )
    }

    fn file(pages: &[&str]) -> Vec<u8> {
        let names: Vec<String> = (1..=pages.len()).map(|n| format!("Documents/1/Pages/{n}.fpage")).collect();
        let list: String = names.iter().map(|name| format!("<PageContent Source=\"/{name}\"/>")).collect();
        let document = format!("<FixedDocument>{list}</FixedDocument>");
        let mut parts: Vec<(&str, &[u8])> = vec![
            ("[Content_Types].xml", b"<Types/>"),
            (
                "a.fdseq",
                b"<FixedDocumentSequence><DocumentReference Source=\"Documents/1/b.fdoc\"/></FixedDocumentSequence>",
            ),
            ("Documents/1/b.fdoc", document.as_bytes()),
            ("docProps/core.xml", "<a><dc:title>标题机密</dc:title></a>".as_bytes()),
            ("docProps/thumbnail.jpeg", b"small"),
            ("Resources/a.odttf", b"font"),
            ("Resources/scan.png", b"picture"),
        ];
        parts.extend(names.iter().zip(pages).map(|(name, page)| (name.as_str(), page.as_bytes())));
        package(&parts)
    }

    #[test]
    fn a_marking_is_found_wherever_it_is_drawn() {
        let canvas = format!(
            "<Canvas><Canvas.RenderTransform><MatrixTransform Matrix=\"1,0,0,1,100,600\"/></Canvas.RenderTransform>{}</Canvas>",
            glyphs("页脚机密", 0, 100)
        );
        let brush = format!(
            "<Path Data=\"M0,0L9,0 9,9z\"><Path.Fill><VisualBrush><VisualBrush.Visual>{}</VisualBrush.Visual></VisualBrush></Path.Fill></Path>",
            glyphs("画刷机密", 100, 300)
        );
        let first = page(&[canvas, brush, glyphs("{}页眉机密", 100, 40)].concat());
        let bytes = file(&[&first, &page(&glyphs("TOP SECRET", 10, 10))]);
        let settings = settings();
        let document = open(&bytes, &settings).expect("opens");
        let texts: Vec<String> = texts(document.as_ref()).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["页眉机密\n画刷机密\n页脚机密", "TOP SECRET", "title: 标题机密\n"]);
        let names: Vec<String> = members(document.as_ref()).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["Resources/scan.png"]);
        let mut page = document.page(1).expect("there");
        let words = page.layer().expect("has text").text.words;
        assert_eq!((page.size().width, words[2].bounds.x, words[2].bounds.bottom().round()), (720.0, 75.0, 527.0));
        assert_eq!(document.faults(), []);
    }

    #[test]
    fn glyphs_without_characters_and_drawn_letters_are_faults_of_their_page() {
        let bare = page("<Glyphs OriginX=\"1\" OriginY=\"1\" FontRenderingEmSize=\"20\" Indices=\"3;4;5\"/>");
        let drawn = page(&format!("<Path Data=\"M0,0{}z\"/>", "C1,2 3,4 5,6".repeat(50)));
        let settings = settings();
        let bytes = file(&[&bare, &drawn, &page("<Canvas>")]);
        let document = open(&bytes, &settings).expect("opens");
        let found = |number| document.page(number).expect("there").layer().expect("has text").faults;
        let reasons: Vec<_> = (1..=3).flat_map(found).map(|fault| (fault.page, fault.reason)).collect();
        let unread = |page| (Some(page), FaultReason::Unsupported);
        assert_eq!(reasons, [unread(1), unread(2), (Some(3), FaultReason::Damaged)]);
    }
}
