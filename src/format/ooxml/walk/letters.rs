//! Which letters are shown as capitals: by their run, or by a style, of documents and of presentations.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Walk, is_on};
use crate::finding::Fault;
use crate::format::package::xml::{Element, Node, Xml};

/// Styles that are looked at.
const STYLES: usize = 100_000;

/// Styles that a style may build on, one on the other.
const PARENTS: usize = 32;

/// Styles that show letters as capitals: names of those of documents, or kinds of placeholders with the levels of their lists.
#[derive(Clone, Debug, Default)]
pub(in crate::format::ooxml) struct Capitals {
    styles: HashSet<String>,
    /// That of paragraphs that name none shows capitals.
    usual: bool,
    /// Levels of the lists in placeholders, a bit a level.
    levels: BTreeMap<String, u16>,
}

/// A style as it stands there.
#[derive(Default)]
struct Style {
    name: String,
    parent: Option<String>,
    capitals: Option<bool>,
    usual: bool,
}

impl Capitals {
    /// Reads the styles of a document.
    pub(in crate::format::ooxml) fn of_document(xml: &mut Xml<'_>) -> Result<Self, Fault> {
        let mut all: HashMap<String, Style> = HashMap::new();
        let (mut style, mut usual) = (None::<Style>, false);
        let (mut in_defaults, mut in_table) = (false, false);
        while let Some(node) = xml.node()? {
            match node {
                Node::Start(element) => {
                    let value = || element.attribute("val");
                    match element.name() {
                        "rPrDefault" => in_defaults = true,
                        // What a table looks like in its corners is not what its text looks like.
                        "tblStylePr" => in_table = true,
                        "style" => {
                            let kind = element.attribute("type");
                            let paragraph = kind.as_deref() == Some("paragraph");
                            let default = element.attribute("default").is_some_and(|on| is_on(Some(on.as_str())));
                            let name = element.attribute("styleId").unwrap_or_default();
                            style = Some(Style { name, usual: paragraph && default, ..Style::default() });
                        }
                        "basedOn" => {
                            if let Some(style) = style.as_mut() {
                                style.parent = value();
                            }
                        }
                        "caps" | "smallCaps" if !in_table => {
                            let on = is_on(value().as_deref());
                            match style.as_mut() {
                                Some(style) => style.capitals = Some(on || style.capitals == Some(true)),
                                None => usual |= in_defaults && on,
                            }
                        }
                        _ => {}
                    }
                }
                Node::End(element) => match element.name() {
                    "rPrDefault" => in_defaults = false,
                    "tblStylePr" => in_table = false,
                    "style" => {
                        if let Some(style) = style.take().filter(|_| all.len() < STYLES) {
                            all.insert(style.name.clone(), style);
                        }
                    }
                    _ => {}
                },
                Node::Text(_) => {}
            }
        }
        let shows = |style: &Style| {
            let mut style = style;
            for _ in 0..PARENTS {
                if let Some(capitals) = style.capitals {
                    return capitals;
                }
                let Some(parent) = style.parent.as_ref().and_then(|name| all.get(name)) else { break };
                style = parent;
            }
            usual
        };
        let styles = all.values().filter(|style| shows(style)).map(|style| style.name.clone()).collect();
        let usual = all.values().find(|style| style.usual).map_or(usual, shows);
        Ok(Self { styles, usual, levels: BTreeMap::new() })
    }

    /// Reads what a layout or a master of slides says of its placeholders.
    pub(in crate::format::ooxml) fn add_layout(&mut self, xml: &mut Xml<'_>) -> Result<(), Fault> {
        let (mut placeholder, mut level, mut in_list) = (None::<String>, None, false);
        while let Some(node) = xml.node()? {
            match node {
                Node::Start(element) => match element.name() {
                    "ph" => placeholder = Some(kind_of(element.attribute("type").as_deref())),
                    "titleStyle" => (placeholder, in_list) = (Some("title".to_owned()), true),
                    "bodyStyle" => (placeholder, in_list) = (Some("body".to_owned()), true),
                    "otherStyle" => (placeholder, in_list) = (Some(String::new()), true),
                    "lstStyle" => in_list = true,
                    "defRPr" if in_list && shows_capitals(&element) == Some(true) => {
                        if let (Some(kind), Some(level)) = (&placeholder, level) {
                            *self.levels.entry(kind.clone()).or_default() |= 1_u16 << level;
                        }
                    }
                    name => level = level_of(name).or(level),
                },
                Node::End(element) => match element.name() {
                    "sp" => placeholder = None,
                    "titleStyle" | "bodyStyle" | "otherStyle" => (placeholder, in_list) = (None, false),
                    "lstStyle" => in_list = false,
                    _ => {}
                },
                Node::Text(_) => {}
            }
        }
        Ok(())
    }

    /// Adds those of another layout.
    pub(in crate::format::ooxml) fn join(&mut self, other: &Self) {
        for (kind, levels) in &other.levels {
            *self.levels.entry(kind.clone()).or_default() |= levels;
        }
    }
}

/// Placeholders of one look have one name; those that are none in particular hold lists.
fn kind_of(kind: Option<&str>) -> String {
    match kind {
        Some("title" | "ctrTitle") => "title".to_owned(),
        None | Some("obj" | "body" | "subTitle") => "body".to_owned(),
        Some(other) => other.to_owned(),
    }
}

/// The level of a list, from 0, that an element describes.
fn level_of(name: &str) -> Option<u16> {
    let number: u16 = name.strip_prefix("lvl")?.strip_suffix("pPr")?.parse().ok()?;
    (1..=9).contains(&number).then(|| number - 1)
}

/// What the properties of letters of a drawing say of capitals.
fn shows_capitals(element: &Element<'_>) -> Option<bool> {
    element.attribute("cap").map(|cap| matches!(cap.as_str(), "all" | "small"))
}

/// Where the walk is, as far as letters are concerned.
#[derive(Default)]
pub(super) struct Letters {
    /// Whether each open paragraph shows capitals by its style.
    paragraphs: Vec<bool>,
    /// A line goes through the run.
    struck: bool,
    /// What the run says itself, and what its style does.
    run: Option<bool>,
    style: bool,
    /// Levels of the list in the shape that show capitals, and the one that is described.
    list: u16,
    level: Option<u16>,
    in_list: bool,
}

impl Walk {
    /// What is written now is shown as capitals.
    pub(super) fn is_capitals(&self) -> bool {
        let paragraph = self.letters.paragraphs.last().copied().unwrap_or_default();
        self.letters.run.unwrap_or(self.letters.style || paragraph)
    }

    /// A line goes through what is written now.
    pub(super) fn is_struck(&self) -> bool {
        self.letters.struck
    }

    pub(super) fn begin_letters(&mut self) {
        (self.letters.run, self.letters.style, self.letters.struck) = (None, false, false);
    }

    /// A paragraph begins; one of a presentation stands on the first level until it says otherwise.
    pub(super) fn begin_paragraph_letters(&mut self) {
        let capitals = self.capitals.usual || self.list_shows(0);
        self.letters.paragraphs.push(capitals);
    }

    pub(super) fn end_paragraph_letters(&mut self) {
        self.letters.paragraphs.pop();
    }

    /// Whether the list around shows a level as capitals: as the shape says, or what stands behind it.
    fn list_shows(&self, level: u16) -> bool {
        if self.letters.list == 0 && self.capitals.levels.is_empty() {
            return false;
        }
        let kind = self.shape.placeholder.as_deref().map(|kind| kind_of(Some(kind)));
        let behind = self.capitals.levels.get(&kind.unwrap_or_default()).copied().unwrap_or_default();
        (self.letters.list | if self.shape_depth > 0 { behind } else { 0 }) & (1_u16 << level.min(8)) != 0
    }

    /// An element that may say how letters are shown.
    pub(super) fn look_at_letters(&mut self, element: &Element<'_>) {
        match element.name() {
            "pStyle" => {
                let named = element.attribute("val").unwrap_or_default();
                let capitals = self.capitals.styles.contains(&named);
                self.letters.paragraphs.last_mut().into_iter().for_each(|shows| *shows = capitals);
            }
            "rStyle" if !self.in_properties => {
                let named = element.attribute("val").unwrap_or_default();
                self.letters.style = self.capitals.styles.contains(&named);
            }
            // Those in the properties of a paragraph are of its mark alone.
            "caps" | "smallCaps" if !self.in_properties => {
                let on = is_on(element.attribute("val").as_deref());
                self.letters.run = Some(on || self.letters.run == Some(true));
            }
            "strike" | "dstrike" if !self.in_properties => {
                self.letters.struck |= is_on(element.attribute("val").as_deref());
            }
            "rPr" if !self.in_properties => {
                self.letters.run = shows_capitals(element).or(self.letters.run);
                self.letters.struck = element.attribute("strike").is_some_and(|strike| strike != "noStrike");
            }
            "pPr" => {
                if let Some(level) = element.attribute("lvl").and_then(|level| level.parse().ok()) {
                    let capitals = self.list_shows(level);
                    self.letters.paragraphs.last_mut().into_iter().for_each(|shows| *shows = capitals);
                }
            }
            "lstStyle" => (self.letters.in_list, self.letters.list, self.letters.level) = (true, 0, None),
            "defRPr" if self.letters.in_list && shows_capitals(element) == Some(true) => {
                self.letters.list |= self.letters.level.map_or(0, |level| 1_u16 << level);
            }
            name if self.letters.in_list => self.letters.level = level_of(name).or(self.letters.level),
            _ => {}
        }
    }

    pub(super) fn end_list_style(&mut self) {
        self.letters.in_list = false;
    }

    /// What a list says holds within its own text.
    pub(super) fn end_list_text(&mut self) {
        self.letters.list = 0;
    }
}
