//! XPS (ECMA-388): what printers of Windows leave behind, pages of text at coordinates.
//!
//! Text is what `UnicodeString` says, at its place; what has glyphs alone, and paths that may be letters, are faults of their
//! page. Pictures are handed out, and every other part but fonts, tickets for printers and the description of structures.

mod page;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::config::Settings;
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};

use super::ofd::parts::{key, resolve};
use super::package::Package;
use super::package::xml::Node;
use super::placed::PlacedPage;
use super::{Document, Format, Members, PageSource, Source};

/// Extensions of parts that hold nothing that a person wrote or drew.
const FURNITURE: &[&str] = &["rels", "odttf", "ttf", "otf", "ttc", "icc", "icm", "struct", "frag"];

/// Reads XPS.
pub(super) struct Xps;

impl Format for Xps {
    fn name(&self) -> &'static str {
        "xps"
    }

    fn version(&self) -> u32 {
        3
    }

    fn sequential(&self) -> bool {
        false
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
        document.faults.dedup();
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
        let (lists, all, pieces) = (named("fdseq"), named("fpage"), named("piece"));
        let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
        for list in lists {
            for document in self.references(&list, "DocumentReference") {
                if seen.insert(key(&document)) {
                    found.extend(self.references(&document, "PageContent"));
                }
            }
        }
        // Pages that no list names are there nevertheless.
        found.extend(all);
        found.retain(|page| seen.insert(key(page)));
        self.pages = found;
        if !pieces.is_empty() {
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
                        None => return xml.uncut(),
                    };
                    let text = xml.text(self.settings.limits.content_text_bytes)?;
                    if !text.trim().is_empty() {
                        let _ = writeln!(lines, "{name}: {}", text.trim());
                    }
                }
            });
            self.properties.push_str(&lines);
            self.faults.extend(read.and_then(Result::err));
        }
        for part in names.iter().filter(|name| key(name).ends_with(".struct")) {
            let mut lines = String::new();
            let limit = self.settings.limits.content_text_bytes;
            let read = self.package.xml(part, |xml| {
                while let Some(node) = xml.node()? {
                    if let Node::Start(element) = node
                        && element.name() == "OutlineEntry"
                        && lines.len() <= limit
                    {
                        let _ = writeln!(lines, "{}", element.attribute("Description").unwrap_or_default());
                    }
                }
                Ok(())
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
                || FURNITURE.contains(&extension) && self.package.is_shown(&name)
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
            let limit = self.settings.limits.page_text_bytes;
            return Ok(Box::new(PlacedPage::properties(&self.properties, number, limit)));
        }
        let part = index.and_then(|index| self.pages.get(index));
        let part = part.ok_or_else(|| Fault::on_page(number, FaultReason::Damaged, "there is no such page"))?;
        let limits = &self.settings.limits;
        let read = self.package.xml(part, |xml| Ok(page::read(xml, limits)));
        let missing = || Err(Fault::whole(FaultReason::Damaged, "the page is missing"));
        let on_page = |fault| Fault { page: Some(number), ..fault };
        let mut page = read.unwrap_or_else(missing).map_err(on_page)?;
        page.faults = page.faults.into_iter().map(on_page).collect();
        Ok(Box::new(page))
    }

    fn has_members(&self) -> bool {
        self.members().next().is_some() || self.package.has_beside()
    }

    fn members(&self, out: &mut dyn Members) -> Result<(), Fault> {
        for name in self.members() {
            if self.package.part_to(name, out).is_break() {
                return Ok(());
            }
        }
        self.package.beside_to(out).map(|_| ())
    }
}

#[cfg(test)]
#[allow(clippy::format_collect, reason = "fixtures are small and made here")]
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
    fn the_outline_of_a_document_is_read() {
        let parts: &[(&str, &[u8])] = &[
            ("[Content_Types].xml", b"<Types/>"),
            ("a.fdseq", b"<FixedDocumentSequence><DocumentReference Source=\"b.fdoc\"/></FixedDocumentSequence>"),
            ("b.fdoc", b"<FixedDocument><PageContent Source=\"1.fpage\"/></FixedDocument>"),
            ("1.fpage", b"<FixedPage Width=\"9\" Height=\"9\"/>"),
            (
                "s.struct",
                b"<DocumentStructure><DocumentOutline><OutlineEntry Description=\"TOP SECRET\"/></DocumentOutline></DocumentStructure>",
            ),
        ];
        let settings = settings();
        let document = open(&package(parts), &settings).expect("opens");
        assert_eq!(texts(document.as_ref())[1].1, "TOP SECRET\n");
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
