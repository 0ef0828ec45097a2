//! The elements of ODF as text: a state machine over pieces of XML, with a stack only of texts inside texts.
//!
//! It reads descriptions of styles, master pages and bodies, in any order in which the parts of a package or a flat file
//! have them, and leaves behind what `pages` puts together.

mod blocks;
mod elements;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::config::Limits;
use crate::document::STRUCK_OUT;
use crate::finding::Fault;
use crate::format::formulas::Texts;
use crate::format::package::xml::{Node, Xml};
use crate::format::text::Row;

use super::context::{Context, Target};
use super::drawn::Drawn;

/// Blanks that one element may stand for.
const BLANKS: usize = 64;
/// Texts inside texts (a comment on a frame in a footnote); deeper ones are read as part of the one around them.
const NESTING: usize = 64;
/// Master pages that are kept apart; the texts of more are read as those of the last.
const MASTERS: usize = 10_000;
/// Pictures of a document whose places are kept.
const PICTURES: usize = 200_000;
/// Styles that a style may build on, one on the other.
const PARENTS: usize = 32;
/// Styles that are kept.
const STYLES: usize = 200_000;
/// Digits of a number from which on it may be an identifier, and is read in full beside what is shown of it.
const IDENTIFIER: usize = 9;

/// Elements of which it matters whether others stand in them.
const WATCHED: [&str; 4] = ["body", "forms", "master-page", "math"];

/// Elements of drawings that hold text of their own.
const SHAPES: &[&str] = &[
    "frame",
    "custom-shape",
    "rect",
    "ellipse",
    "circle",
    "line",
    "connector",
    "polygon",
    "polyline",
    "path",
    "caption",
    "measure",
    "control",
    "regular-polygon",
];
/// Fields of the description of a document that people fill.
const PROPERTIES: &[&str] =
    &["title", "subject", "description", "keyword", "initial-creator", "creator", "printed-by", "user-defined"];

/// What a body is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mode {
    /// Running text; also charts and formulas.
    #[default]
    Text,
    Sheets,
    Slides,
    Drawing,
}

impl Mode {
    fn named(name: &str) -> Option<Self> {
        match name {
            "text" => Some(Self::Text),
            "spreadsheet" => Some(Self::Sheets),
            "presentation" => Some(Self::Slides),
            "drawing" => Some(Self::Drawing),
            _ => None,
        }
    }
}

/// A page, a sheet or a slide, without what its master page adds.
#[derive(Clone, Debug, Default)]
pub(super) struct Page {
    /// Name of the sheet.
    pub(super) name: Option<String>,
    pub(super) hidden: bool,
    /// Its master page; none if it follows from the page before.
    pub(super) master: Option<String>,
    pub(super) text: String,
    /// Footnotes and comments.
    pub(super) notes: String,
    /// The notes of a slide.
    pub(super) speech: String,
    /// Texts in its formulas.
    pub(super) formulas: Texts,
    /// The rows of a sheet in its text.
    pub(super) rows: Vec<Row>,
    /// Declared footers, headers and dates that it shows.
    pub(super) declared: Vec<String>,
}

/// A master page.
#[derive(Clone, Debug, Default)]
pub(super) struct Master {
    pub(super) name: String,
    pub(super) next: Option<String>,
    /// Texts by `header`, `header-left`, `header-first`, `footer` and so on; `shapes` are those of slides.
    pub(super) areas: BTreeMap<String, String>,
}

/// What matters of a style.
#[derive(Clone, Debug, Default)]
struct Style {
    breaks: bool,
    hidden: bool,
    master: Option<String>,
    /// Whether it shows letters as capitals, and whether a line goes through them, if it says so.
    capitals: Option<bool>,
    struck: Option<bool>,
    /// The style that it builds on, with its family.
    parent: Option<String>,
}

/// An element that is open.
struct Open {
    name: String,
    /// Letters in it are shown as capitals.
    capitals: bool,
    /// A line goes through them.
    struck: bool,
    /// Its characters are text of the context around it.
    writes: bool,
}

/// A cell under way: what it holds beside what it shows, and where that begins.
struct Cell {
    value: Option<String>,
    start: usize,
}

/// The row of a sheet under way.
#[derive(Default)]
struct RowUnderWay {
    /// Its number, from 1, and how often it stands there; 0 before the first.
    number: u32,
    times: u32,
    /// The column of the last cell, and how many like it stand behind it.
    column: u32,
    ahead: u32,
    /// The first and the last column with something in it.
    filled: Option<(u32, u32)>,
    /// Where its text begins.
    start: usize,
}

/// Reads bodies, styles and properties.
pub(super) struct Reader<'a> {
    pub(super) limits: &'a Limits,
    pub(super) mode: Mode,
    pub(super) pages: Vec<Page>,
    pub(super) masters: Vec<Master>,
    /// Footers and headers that slides use by name.
    pub(super) declared: BTreeMap<String, String>,
    pub(super) properties: String,
    /// Names that people gave to sheets, slides and tables, a line each.
    pub(super) names: String,
    /// Texts in formulas.
    pub(super) formulas: Texts,
    /// Deleted text that was not yet met where it stood.
    pub(super) deletions: BTreeMap<String, String>,
    pub(super) faults: Vec<Fault>,
    /// Where the pictures lie that pages show.
    pub(super) pictures: BTreeSet<String>,
    /// Where pictures lie that a program made of a table beside it.
    pub(super) previews: BTreeSet<String>,
    /// How deep the frame under way lies that holds a table.
    tabled: Option<usize>,
    /// Outlines that somebody drew.
    pub(super) drawn: Drawn,
    styles: BTreeMap<String, Style>,
    /// The style under way.
    style: Option<String>,
    open: Vec<Open>,
    /// The text of the body, and texts inside it.
    body: Context,
    inner: Vec<Context>,
    page: Option<Page>,
    cell: Option<Cell>,
    /// The row of a sheet under way, and those before it.
    row: RowUnderWay,
    rows: Vec<Row>,
    /// The changed region under way.
    region: String,
    bytes: usize,
    /// How many of each of [`WATCHED`] are open.
    inside: [usize; WATCHED.len()],
}

impl<'a> Reader<'a> {
    pub(super) fn new(mode: Mode, limits: &'a Limits) -> Self {
        Self {
            limits,
            mode,
            pages: Vec::new(),
            masters: Vec::new(),
            declared: BTreeMap::new(),
            properties: String::new(),
            names: String::new(),
            formulas: Texts::default(),
            deletions: BTreeMap::new(),
            faults: Vec::new(),
            pictures: BTreeSet::new(),
            previews: BTreeSet::new(),
            tabled: None,
            drawn: Drawn::default(),
            styles: BTreeMap::new(),
            style: None,
            open: Vec::new(),
            body: Context::default(),
            inner: Vec::new(),
            page: None,
            cell: None,
            row: RowUnderWay::default(),
            rows: Vec::new(),
            region: String::new(),
            bytes: 0,
            inside: [0; WATCHED.len()],
        }
    }

    /// Reads a part; what is broken ends it with a fault.
    pub(super) fn part(&mut self, xml: &mut Xml<'_>) {
        self.open.clear();
        self.inside = [0; WATCHED.len()];
        loop {
            match xml.node() {
                Ok(Some(Node::Start(element))) => self.start(&element),
                Ok(Some(Node::Text(text))) => self.characters(&text),
                Ok(Some(Node::End(_))) => self.end(),
                Ok(None) => break,
                Err(fault) => {
                    self.faults.push(fault);
                    break;
                }
            }
            if self.pages.len() >= self.limits.pages as usize {
                self.faults.push(Fault::limit("pages", self.limits.pages, "the number of pages"));
                break;
            }
            if self.bytes > self.limits.content_text_bytes {
                let limit = self.limits.content_text_bytes;
                self.faults.push(Fault::limit("content_text_bytes", limit, "the text of the document"));
                break;
            }
        }
        // What a damaged part has begun belongs to it.
        while let Some(context) = self.inner.pop() {
            self.leave(context);
        }
        self.finish_page();
    }

    fn context(&mut self) -> &mut Context {
        self.inner.last_mut().unwrap_or(&mut self.body)
    }

    /// A text begins that ends with the element that has just begun.
    fn enter(&mut self, target: Target) {
        if self.inner.len() < NESTING {
            self.inner.push(Context::new(target, self.open.len()));
        }
    }

    /// The characters of the element that has just begun are text.
    fn write(&mut self) {
        if let Some(open) = self.open.last_mut() {
            open.writes = true;
        }
        let context = self.context();
        context.written = context.written.saturating_add(1);
    }

    fn characters(&mut self, text: &str) {
        // In a header fields have no value yet: the name of a sheet is three question marks.
        let name = self.open.last().map_or("", |open| open.name.as_str());
        let is_field = matches!(name, "sheet-name" | "page-number" | "page-count") && self.is_inside("master-page");
        let is_no_text = is_field || name == "binary-data";
        if self.context().written > 0 && !is_no_text {
            self.bytes = self.bytes.saturating_add(text.len());
            // What is shown counts: capitals over `top secret` are a mark.
            let open = self.open.last();
            let (capitals, struck) = open.map_or((false, false), |open| (open.capitals, open.struck));
            let shown = if capitals && text.contains(char::is_lowercase) {
                Cow::Owned(text.to_uppercase())
            } else {
                Cow::Borrowed(text)
            };
            let struck = struck && !text.trim().is_empty();
            let words = shown.trim();
            let shown =
                if struck { Cow::Owned(shown.replacen(words, &format!("{STRUCK_OUT}{words}]"), 1)) } else { shown };
            self.context().push(&shown);
        }
    }

    fn is_inside(&self, name: &str) -> bool {
        WATCHED.iter().zip(self.inside).any(|(watched, count)| *watched == name && count > 0)
    }

    fn watch(&mut self, name: &str, change: fn(usize) -> usize) {
        if let Some(at) = WATCHED.iter().position(|watched| *watched == name)
            && let Some(count) = self.inside.get_mut(at)
        {
            *count = change(*count);
        }
    }

    fn parent(&self) -> &str {
        self.open.len().checked_sub(2).and_then(|at| self.open.get(at)).map_or("", |open| open.name.as_str())
    }
}

/// Adds a text on lines of its own.
pub(super) fn lines(all: &mut String, text: &str) {
    if !all.is_empty() && !all.ends_with('\n') {
        all.push('\n');
    }
    all.push_str(text);
}
