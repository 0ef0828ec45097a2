//! Walks the XML of words and drawings and writes its text down.
//!
//! One walk serves bodies of documents, headers, notes, slides, drawings, charts and diagrams: their elements have names of
//! their own or mean the same. Of two ways to show a thing (`AlternateContent`) the first is read, and of the second only the
//! lines that the first does not have.

use std::collections::{BTreeSet, HashSet};

use crate::finding::Fault;
use crate::format::package::xml::{Element, Node, Xml};

use super::flow::Flow;
use super::word::{Page, Section};

/// Codes of fields that stand for numbers, places and dates and hold no words of anybody.
const PLAIN_CODES: &[&str] = &[
    "AUTHOR",
    "CREATEDATE",
    "DATE",
    "EQ",
    "FILENAME",
    "FORMCHECKBOX",
    "FORMDROPDOWN",
    "FORMTEXT",
    "INDEX",
    "LISTNUM",
    "NOTEREF",
    "NUMPAGES",
    "PAGE",
    "PAGEREF",
    "PRINTDATE",
    "REF",
    "SAVEDATE",
    "SECTION",
    "SECTIONPAGES",
    "SEQ",
    "STYLEREF",
    "SUBJECT",
    "TIME",
    "TITLE",
    "TOC",
    "ZOTERO",
    "ADDIN",
    "XE",
    "TC",
    "SHAPE",
    "SYMBOL",
];

/// Bytes of the code of one field that are kept.
const CODE: usize = 4096;

/// Codes of fields and texts of forms that are kept.
const CODES: usize = 10_000;

/// Notes, and shapes of a slide, that are kept apart.
const NOTES: usize = 200_000;

/// A text that stands apart: a footnote, a comment.
pub(super) struct Note {
    /// What refers to it.
    pub(super) id: String,
    /// Whose it is, if that is told.
    pub(super) author: String,
    /// What it says.
    pub(super) text: String,
}

/// How to walk.
#[derive(Clone, Copy, Default)]
pub(super) struct Way {
    /// Pages that the text may be cut into; 0: it is not.
    pub(super) pages: usize,
    /// Values of charts are text too.
    pub(super) chart: bool,
    /// Shapes are put in the order in which they stand from top to bottom.
    pub(super) shapes: bool,
    /// Placeholders only say what is to be written there; those of headers and footers hold what was written.
    pub(super) prompts: bool,
}

/// A walk.
pub(super) struct Walk {
    pub(super) flow: Flow,
    pub(super) pages: Vec<Page>,
    pub(super) sections: Vec<Section>,
    pub(super) notes: Vec<Note>,
    /// Codes of fields that hold words.
    pub(super) codes: BTreeSet<String>,
    /// What can be chosen or is said in forms.
    pub(super) forms: BTreeSet<String>,
    way: Way,
    page: Page,
    /// The section whose properties are being read, and whether it ends with the paragraph.
    section: Option<(Section, bool)>,
    in_properties: bool,
    writes: bool,
    in_point: bool,
    deleted: usize,
    deletion_is_open: bool,
    code: Option<String>,
    choices: Vec<HashSet<String>>,
    open_notes: Vec<(String, String)>,
    /// Shapes that are open, the place of the outermost one, and what kind of placeholder it is.
    shape_depth: usize,
    shape: Shape,
    shapes: Vec<(i64, String)>,
    last_alt: String,
}

/// The shape that is walked through.
#[derive(Default)]
struct Shape {
    top: Option<i64>,
    placeholder: Option<String>,
}

impl Walk {
    pub(super) fn new(flow: Flow, way: Way) -> Self {
        Self {
            flow,
            pages: Vec::new(),
            sections: Vec::new(),
            notes: Vec::new(),
            codes: BTreeSet::new(),
            forms: BTreeSet::new(),
            way,
            page: Page::default(),
            section: None,
            in_properties: false,
            writes: false,
            in_point: false,
            deleted: 0,
            deletion_is_open: false,
            code: None,
            choices: Vec::new(),
            open_notes: Vec::new(),
            shape_depth: 0,
            shape: Shape::default(),
            shapes: Vec::new(),
            last_alt: String::new(),
        }
    }

    /// Walks to the end, or to where the part is broken.
    pub(super) fn all(&mut self, xml: &mut Xml<'_>) -> Result<(), Fault> {
        while let Some(node) = xml.node()? {
            let skip = match node {
                Node::Start(element) => self.start(&element),
                Node::End(element) => {
                    self.end(element.name());
                    false
                }
                Node::Text(text) => {
                    self.text(&text);
                    false
                }
            };
            if skip {
                xml.skip()?;
            }
        }
        Ok(())
    }

    /// The text that is not yet on a page; shapes from top to bottom.
    pub(super) fn take(&mut self) -> String {
        let mut shapes = std::mem::take(&mut self.shapes);
        shapes.sort_by_key(|(top, _)| *top);
        for (_, text) in shapes {
            self.flow.give_back(text.len());
            self.flow.line(&text);
        }
        self.flow.take()
    }

    /// Ends the last page.
    pub(super) fn finish(&mut self) {
        self.page.text = self.flow.take();
        self.pages.push(std::mem::take(&mut self.page));
    }

    fn text(&mut self, text: &str) {
        if let Some(code) = self.code.as_mut() {
            if self.writes && code.len() < CODE {
                code.push_str(text);
            }
            if self.writes {
                return;
            }
        }
        if !self.writes && !(self.in_point && !text.trim().is_empty()) {
            return;
        }
        if self.deleted > 0 && !self.deletion_is_open && !text.is_empty() {
            self.flow.text("[deleted: ");
            self.deletion_is_open = true;
        }
        self.flow.text(text);
    }

    /// An element begins; whether it is to be passed over.
    fn start(&mut self, element: &Element<'_>) -> bool {
        let value = |name: &str| element.attribute(name);
        match element.name() {
            "t" | "delText" => self.writes = true,
            "v" => self.writes = self.way.chart,
            "pt" => self.in_point = self.way.chart,
            "p" => self.flow.begin_paragraph(),
            "pPr" => self.in_properties = true,
            "tabs" | "pPrChange" | "rPrChange" | "tblPrChange" | "tcPrChange" | "trPrChange" | "sectPrChange" => {
                return true;
            }
            "tab" | "ptab" => self.flow.gap('\t'),
            "br" if value("type").as_deref() == Some("page") => self.cut(false),
            "br" | "cr" => self.flow.gap('\n'),
            "lastRenderedPageBreak" if self.flow.len() > 0 => self.cut(false),
            "pageBreakBefore" if is_on(value("val").as_deref()) && self.flow.len() > 0 => self.cut(false),
            "noBreakHyphen" => self.flow.text("-"),
            "sym" => self.symbol(value("font"), value("char")),
            "del" | "moveFrom" => self.deleted += 1,
            "instrText" | "delInstrText" => self.writes = true,
            "fldChar" => self.field(value("fldCharType").as_deref()),
            "fldSimple" => self.keep_code(&value("instr").unwrap_or_default()),
            "footnoteReference" | "endnoteReference" if self.page.notes.len() < NOTES => {
                let end = element.name() == "endnoteReference";
                self.page.notes.extend(value("id").map(|id| (end, id)));
            }
            "footnote" | "endnote" | "comment" | "cm" => self.begin_note(element),
            "txbxContent" | "rt" => self.flow.enter(),
            "AlternateContent" => {
                self.begin_shape();
                self.choices.push(HashSet::new());
            }
            "Choice" | "Fallback" if !self.choices.is_empty() => self.flow.enter(),
            "docPr" | "cNvPr" => self.alt(value("descr"), value("title")),
            "textpath" => self.flow.before(&value("string").unwrap_or_default()),
            "shape" | "rect" | "roundrect" | "oval" => self.alt(value("alt"), None),
            "hlinkClick" | "hlinkHover" | "hyperlink" => self.flow.after(&value("tooltip").unwrap_or_default()),
            "listItem" => self.form(value("displayText").or_else(|| value("value"))),
            "listEntry" | "helpText" | "statusText" | "default" => self.form(value("val")),
            "sp" | "graphicFrame" | "pic" | "grpSp" | "cxnSp" => self.begin_shape(),
            "off" if self.shape_depth > 0 && self.shape.top.is_none() => {
                self.shape.top = value("y").and_then(|y| y.parse().ok());
            }
            "ph" if self.shape_depth > 0 && self.shape.placeholder.is_none() => {
                self.shape.placeholder = Some(value("type").unwrap_or_else(|| "obj".to_owned()));
            }
            name => return self.start_of_section(name, element),
        }
        false
    }

    /// Properties of sections.
    fn start_of_section(&mut self, name: &str, element: &Element<'_>) -> bool {
        if name == "sectPr" {
            self.section = Some((Section::default(), self.in_properties));
        }
        let Some((section, _)) = self.section.as_mut() else { return false };
        match name {
            "headerReference" | "footerReference" => {
                let kind = element.attribute("type").unwrap_or_else(|| "default".to_owned());
                section.stories.extend(element.prefixed("id").map(|id| (name == "headerReference", kind, id)));
            }
            "titlePg" => section.has_first = is_on(element.attribute("val").as_deref()),
            "type" => section.goes_on = element.attribute("val").as_deref() == Some("continuous"),
            _ => {}
        }
        false
    }

    fn end(&mut self, name: &str) {
        match name {
            "t" | "delText" | "instrText" | "delInstrText" => self.writes = false,
            "v" if self.way.chart => {
                self.writes = false;
                self.flow.gap('\t');
            }
            "pt" if self.way.chart => {
                self.in_point = false;
                self.flow.gap('\t');
            }
            "tx" | "cat" | "val" | "ser" | "lvl" => self.flow.gap('\n'),
            "pPr" => self.in_properties = false,
            "p" => self.end_paragraph(),
            "tc" => self.flow.gap('\t'),
            "tr" => self.flow.gap('\n'),
            "del" | "moveFrom" => {
                self.deleted = self.deleted.saturating_sub(1);
                self.close_deletion();
            }
            "fldSimple" => {}
            "footnote" | "endnote" | "comment" | "cm" => self.end_note(),
            "txbxContent" => {
                let text = self.flow.leave();
                self.flow.before(&text);
            }
            "rt" => {
                let text = self.flow.leave();
                self.flow.after(&text);
            }
            "Choice" if !self.choices.is_empty() => {
                let text = self.flow.leave();
                if let Some(lines) = self.choices.last_mut() {
                    lines.extend(text.lines().map(|line| line.trim().to_owned()));
                }
                self.alternative(&text);
            }
            "Fallback" if !self.choices.is_empty() => {
                let text = self.flow.leave();
                let lines = self.choices.last();
                let new = |line: &&str| lines.is_none_or(|lines| !lines.contains(line.trim()));
                let new: Vec<&str> = text.lines().filter(new).collect();
                self.alternative(&new.join("\n"));
            }
            "AlternateContent" => {
                self.choices.pop();
                self.end_shape();
            }
            "sectPr" => {
                if let Some((section, false)) = self.section.take_if(|(_, in_paragraph)| !*in_paragraph) {
                    self.end_section(section);
                }
            }
            "sp" | "graphicFrame" | "pic" | "grpSp" | "cxnSp" => self.end_shape(),
            _ => {}
        }
    }

    /// What one of several ways to show a thing holds: a text box or a picture, which stands aside of its paragraph.
    fn alternative(&mut self, text: &str) {
        if self.shape_depth > 0 {
            self.flow.line(text);
        } else {
            self.flow.before(text);
        }
    }

    fn end_paragraph(&mut self) {
        self.close_deletion();
        self.flow.end_paragraph();
        if self.flow.depth() == 0
            && let Some((section, _)) = self.section.take()
        {
            self.end_section(section);
        }
    }

    fn close_deletion(&mut self) {
        if std::mem::take(&mut self.deletion_is_open) {
            self.flow.text("]");
        }
    }

    /// A page ends here, and with it perhaps a section. Text boxes, notes and headers are on one page.
    fn cut(&mut self, section: bool) {
        if self.flow.depth() > 0 || self.pages.len() + 1 >= self.way.pages {
            return self.flow.gap('\n');
        }
        self.close_deletion();
        self.page.text = self.flow.take();
        let next = Page { section: self.sections.len(), begins_section: section, ..Page::default() };
        self.pages.push(std::mem::replace(&mut self.page, next));
    }

    fn end_section(&mut self, section: Section) {
        if self.way.pages > 0 && self.sections.len() < self.way.pages {
            self.sections.push(section);
            self.cut(true);
        }
    }

    /// A character of a font of symbols. Those of ordinary fonts are what their code says; of the others the star is known, because
    /// it stands between a level of secrecy and its years.
    fn symbol(&mut self, font: Option<String>, code: Option<String>) {
        let code = code.and_then(|code| u32::from_str_radix(&code, 16).ok()).unwrap_or_default();
        let font = font.unwrap_or_default().to_lowercase();
        let plain = if (0xf000..=0xf0ff).contains(&code) { code - 0xf000 } else { code };
        let symbols = ["symbol", "wingdings", "webdings", "dingbats", "marlett", "mt extra"];
        let character = match (symbols.iter().any(|name| font.contains(name)), plain) {
            (true, 0xab) if font == "wingdings" => Some('★'),
            (true, _) if plain < 0x100 => None,
            _ => char::from_u32(plain),
        };
        self.flow.text(character.unwrap_or(' ').encode_utf8(&mut [0; 4]));
    }

    fn field(&mut self, kind: Option<&str>) {
        if kind == Some("begin") {
            self.code = Some(String::new());
        } else if let Some(code) = self.code.take() {
            self.keep_code(&code);
        }
    }

    fn keep_code(&mut self, code: &str) {
        let code = code.split_whitespace().collect::<Vec<_>>().join(" ");
        let word = code.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        let plain = PLAIN_CODES.contains(&word.as_str()) || word.starts_with('=') || !code.contains(' ');
        let inside = word == "HYPERLINK" && code.contains("\\l");
        if !plain && !inside && self.codes.len() < CODES {
            self.codes.insert(code);
        }
    }

    fn form(&mut self, text: Option<String>) {
        let text = text.filter(|text| text.trim().chars().count() > 1);
        if self.forms.len() < CODES {
            self.forms.extend(text);
        }
    }

    /// What is said of a picture, once where a picture says it twice.
    fn alt(&mut self, description: Option<String>, title: Option<String>) {
        for text in [title, description].into_iter().flatten().filter(|text| !text.trim().is_empty()) {
            if text != self.last_alt {
                self.flow.before(&text);
                self.last_alt = text;
            }
        }
    }

    fn begin_note(&mut self, element: &Element<'_>) {
        let id = element.attribute("id").unwrap_or_default();
        let author = element.attribute("author").unwrap_or_default();
        self.open_notes.push((id, author));
        self.flow.enter();
    }

    fn end_note(&mut self) {
        if let Some((id, author)) = self.open_notes.pop() {
            let text = self.flow.leave_for_good();
            if !text.is_empty() && self.notes.len() < NOTES {
                self.notes.push(Note { id, author, text });
            } else if !text.is_empty() {
                self.flow.line(&text);
            }
        }
    }

    fn begin_shape(&mut self) {
        if !self.way.shapes {
            return;
        }
        if self.shape_depth == 0 {
            self.shape = Shape::default();
            self.flow.enter();
        }
        self.shape_depth += 1;
    }

    fn end_shape(&mut self) {
        if !self.way.shapes || self.shape_depth == 0 {
            return;
        }
        self.shape_depth -= 1;
        if self.shape_depth > 0 {
            return;
        }
        let text = self.flow.leave_for_good();
        let shape = std::mem::take(&mut self.shape);
        let placeholder = shape.placeholder.as_deref();
        if self.way.prompts && placeholder.is_some_and(|kind| !matches!(kind, "ftr" | "hdr")) {
            return;
        }
        // Where a placeholder has no place of its own, its layout says where: at the usual one.
        let usual = match placeholder {
            Some("hdr") => 0,
            Some("title" | "ctrTitle") => 300_000,
            Some("ftr" | "dt" | "sldNum") => 6_300_000,
            _ => 1_600_000,
        };
        if !text.is_empty() && self.shapes.len() < NOTES {
            self.shapes.push((shape.top.unwrap_or(usual), text));
        } else {
            self.flow.line(&text);
        }
    }
}

/// Whether a switch is on: it is when nothing says otherwise.
pub(super) fn is_on(value: Option<&str>) -> bool {
    !matches!(value, Some("0" | "false" | "off"))
}
