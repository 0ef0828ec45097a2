//! Walks the XML of words and drawings and writes its text down.
//!
//! One walk serves bodies of documents, headers, notes, slides, drawings, charts and diagrams: their elements have names of
//! their own or mean the same. Of two ways to show a thing (`AlternateContent`) the first is read, and of the second only the
//! lines that the first does not have.

mod asides;
mod drawn;
mod letters;
mod sections;
mod shapes;

use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

use crate::config::Limits;
use crate::document::{DELETED, STRUCK_OUT};
use crate::finding::{Fault, FaultReason};
use crate::format::package::xml::{Element, Node, Xml};

use super::flow::Flow;
use super::gather::Gather;
use super::word::{Page, Section};
use drawn::Drawn;
use letters::Letters;

pub(super) use drawn::older_fault;
pub(super) use letters::Capitals;

/// Codes of fields that stand for numbers, places and dates and hold no words of anybody.
const PLAIN_CODES: &[&str] = &[
    "AUTHOR",
    "CREATEDATE",
    "DATE",
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
    "SHAPE",
    "SYMBOL",
];

/// Codes of fields, and texts of forms, that are kept of a part.
const CODES: usize = 100_000;

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
#[allow(clippy::struct_excessive_bools, reason = "where in the document it is, fact by fact")]
pub(super) struct Walk {
    pub(super) flow: Flow,
    pub(super) pages: Vec<Page>,
    pub(super) sections: Vec<Section>,
    pub(super) notes: Vec<Note>,
    /// Codes of fields that hold words.
    pub(super) codes: BTreeSet<String>,
    /// What can be chosen or is said in forms.
    pub(super) forms: BTreeSet<String>,
    /// There are more of these than are kept.
    more: bool,
    way: Way,
    page: Page,
    /// The section whose properties are being read, and whether it ends with the paragraph.
    section: Option<(Section, bool)>,
    in_properties: bool,
    /// Styles that show letters as capitals.
    capitals: Rc<Capitals>,
    letters: Letters,
    writes: bool,
    in_point: bool,
    /// What is written is the code of a field.
    in_code: bool,
    deletion: Deletion,
    /// The bracket of what a line goes through is written and not closed.
    in_stroke: bool,
    code: Option<String>,
    choices: Vec<HashSet<String>>,
    open_notes: Vec<(String, String)>,
    /// Shapes that are open, the place of the outermost one, and what kind of placeholder it is.
    shape_depth: usize,
    shape: Shape,
    shapes: Vec<(i64, String)>,
    last_alt: String,
    /// The list to choose from that is open.
    list: Option<List>,
    drawn: Drawn,
}

/// A list to choose from.
#[derive(Default)]
struct List {
    items: Vec<String>,
    /// The item that is taken, where the list itself says which and no text does.
    taken: Option<usize>,
    /// The list says so.
    says: bool,
}

/// What was taken out of the text and is still kept.
#[derive(Default)]
struct Deletion {
    depth: usize,
    /// Its bracket is written and not closed.
    is_open: bool,
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
            more: false,
            way,
            page: Page::default(),
            section: None,
            in_properties: false,
            capitals: Rc::default(),
            letters: Letters::default(),
            list: None,
            writes: false,
            in_point: false,
            in_code: false,
            deletion: Deletion::default(),
            in_stroke: false,
            code: None,
            choices: Vec::new(),
            open_notes: Vec::new(),
            shape_depth: 0,
            shape: Shape::default(),
            shapes: Vec::new(),
            last_alt: String::new(),
            drawn: Drawn::default(),
        }
    }

    /// The same walk, with styles that may show letters as capitals.
    pub(super) fn with(self, capitals: Rc<Capitals>) -> Self {
        Self { capitals, ..self }
    }

    /// Walks to the end, or to where the part is broken.
    pub(super) fn all(&mut self, xml: &mut Xml<'_>, limits: &Limits) -> Result<(), Fault> {
        while let Some(node) = xml.node()? {
            let skip = match node {
                Node::Start(element) => {
                    self.drawn.start(&element, limits);
                    self.start(&element)
                }
                Node::End(element) => {
                    self.drawn.end(element.name(), limits);
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

    /// Tells what was left out of a part, and hands over what was drawn in it.
    pub(super) fn tell(&mut self, part: &str, gather: &mut Gather<'_>) {
        let Drawn { drawing, .. } = &mut self.drawn;
        gather.drawing(part, std::mem::take(drawing));
        self.drawn.fault().into_iter().for_each(|fault| gather.fault(fault));
        if self.flow.is_over() {
            gather.full();
        }
        if self.more {
            let detail =
                format!("a part has more than {CODES} codes of fields or texts of forms, and the rest is not read");
            gather.fault(Fault::whole(FaultReason::Limit, detail));
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(code) = self.code.as_mut().filter(|_| self.writes && self.in_code) {
            if self.flow.claim(text.len()) {
                code.push_str(text);
            }
            return;
        }
        let written = self.writes || (self.in_point && !text.trim().is_empty());
        if !written {
            return;
        }
        let struck = self.deletion.depth == 0 && self.is_struck();
        if !struck {
            self.close_stroke();
        } else if !self.in_stroke && !text.trim().is_empty() {
            self.flow.text(STRUCK_OUT);
            self.in_stroke = true;
        }
        if self.deletion.depth > 0 && !self.deletion.is_open && !text.is_empty() {
            self.flow.text(DELETED);
            self.deletion.is_open = true;
        }
        // What is shown counts: `w:caps` over `top secret` is a mark in capitals.
        if text.contains(char::is_lowercase) && self.is_capitals() {
            self.flow.text(&text.to_uppercase());
        } else {
            self.flow.text(text);
        }
    }

    /// An element begins; whether it is to be passed over.
    fn start(&mut self, element: &Element<'_>) -> bool {
        let value = |name: &str| element.attribute(name);
        if !matches!(element.name(), "p" | "r" | "fld") {
            self.look_at_letters(element);
        }
        match element.name() {
            name @ ("t" | "delText" | "instrText" | "delInstrText") => {
                self.writes = true;
                self.in_code = name.ends_with("nstrText");
            }
            "v" => self.writes = self.way.chart,
            "pt" => self.in_point = self.way.chart,
            "p" => {
                self.flow.begin_paragraph();
                self.begin_paragraph_letters();
            }
            "pPr" => self.in_properties = true,
            "r" | "fld" => self.begin_letters(),
            "tabs" | "pPrChange" | "rPrChange" | "tblPrChange" | "tcPrChange" | "trPrChange" | "sectPrChange" => {
                return true;
            }
            "tab" | "ptab" => self.flow.gap('\t'),
            "br" if value("type").as_deref() == Some("page") => {
                self.close_stroke();
                self.cut(false);
            }
            "br" | "cr" => {
                self.close_stroke();
                self.flow.gap('\n');
            }
            "lastRenderedPageBreak" if self.flow.len() > 0 => self.cut(false),
            "pageBreakBefore" if is_on(value("val").as_deref()) && self.flow.len() > 0 => self.cut(false),
            "noBreakHyphen" => self.flow.text("-"),
            "sym" => self.symbol(value("font"), value("char")),
            "del" | "moveFrom" => self.deletion.depth += 1,
            "fldChar" => self.field(value("fldCharType").as_deref()),
            "fldSimple" => self.keep_code(&value("instr").unwrap_or_default()),
            "footnoteReference" | "endnoteReference" if self.page.notes.len() < NOTES => {
                let end = element.name() == "endnoteReference";
                self.page.notes.extend(value("id").map(|id| (end, id)));
            }
            "footnote" | "endnote" | "comment" | "cm" => self.begin_note(element),
            "txbxContent" | "rt" => {
                self.close_stroke();
                self.flow.enter();
            }
            "AlternateContent" => {
                self.begin_shape();
                self.choices.push(HashSet::new());
            }
            "Choice" | "Fallback" if !self.choices.is_empty() => self.flow.enter(),
            "docPr" | "cNvPr" => self.alt(value("descr"), value("title")),
            "textpath" => self.flow.before(&value("string").unwrap_or_default()),
            "shape" | "rect" | "roundrect" | "oval" => self.alt(value("alt"), None),
            "hlinkClick" | "hlinkHover" | "hyperlink" => self.flow.after(&value("tooltip").unwrap_or_default()),
            name @ ("dropDownList" | "comboBox" | "ddList") => {
                self.list = Some(List { says: name == "ddList", ..List::default() });
            }
            "listItem" => self.choice(value("displayText").or_else(|| value("value"))),
            "listEntry" => self.choice(value("val")),
            "result" | "default" if self.list.is_some() => self.take_choice(element.name(), value("val")),
            "numFmt" if self.way.chart => self.words_of_format(value("formatCode")),
            // A bullet may be words.
            "buChar" => self.bullet(value("char")),
            // The name of a control stands on it; its tag is for programs.
            "helpText" | "statusText" | "default" | "alias" => self.form(value("val")),
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
            "tx" | "cat" | "val" | "ser" | "lvl" | "tr" => self.flow.gap('\n'),
            "pPr" => self.in_properties = false,
            "r" | "fld" => self.begin_letters(),
            "p" => {
                self.end_paragraph();
                self.end_paragraph_letters();
            }
            "lstStyle" => self.end_list_style(),
            "txBody" => self.end_list_text(),
            "dropDownList" | "comboBox" | "ddList" => self.end_choices(),
            "tc" => self.flow.gap('\t'),
            "del" | "moveFrom" => {
                self.deletion.depth = self.deletion.depth.saturating_sub(1);
                self.close_deletion();
            }
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

    fn end_paragraph(&mut self) {
        self.close_deletion();
        self.close_stroke();
        self.flow.end_paragraph();
        if self.flow.depth() == 0
            && let Some((section, _)) = self.section.take()
        {
            self.end_section(section);
        }
    }

    fn close_stroke(&mut self) {
        if std::mem::take(&mut self.in_stroke) {
            self.flow.text("]");
        }
    }

    fn close_deletion(&mut self) {
        if std::mem::take(&mut self.deletion.is_open) {
            self.flow.text("]");
        }
    }
}

/// Whether a switch is on: it is when nothing says otherwise.
pub(super) fn is_on(value: Option<&str>) -> bool {
    !matches!(value, Some("0" | "false" | "off"))
}
