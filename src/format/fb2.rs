//! FB2 (`FictionBook`): a book in one XML file, its pictures in it as base64.
//!
//! The description and each section of the book are parts of their own. Pictures are handed out.

use std::ops::ControlFlow;

use crate::config::Settings;
use crate::document::Kind;
use crate::finding::Fault;

use super::odf::hand_out;
use super::package::xml::{self, Node, Xml};
use super::text::{Holding, Part, TextPages};
use super::{Document, Format, Members, Source};

/// Elements that end a line.
const LINES: &[&str] = &[
    "p",
    "v",
    "subtitle",
    "text-author",
    "title",
    "empty-line",
    "tr",
    "annotation",
    "book-title",
    "author",
    "keywords",
    "date",
    "genre",
    "publisher",
    "book-name",
    "year",
    "custom-info",
    "translator",
    "sequence",
    "city",
    "isbn",
    "history",
];

/// What it is called in faults.
const NAME: &str = "the book";

/// Reads FB2.
pub(super) struct FictionBook;

impl Format for FictionBook {
    fn name(&self) -> &'static str {
        "fb2"
    }

    fn version(&self) -> u32 {
        3
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["fb2"]
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let mut reader = Reader::default();
        let read = xml::of_source(&source, NAME, settings)
            .and_then(|mut xml| reader.read(&mut xml, settings.limits.content_text_bytes));
        let faults = read.err().into_iter().collect();
        reader.finish();
        let pages = TextPages::of_parts(reader.parts, faults, settings).unpacked();
        Ok(Box::new(Book { pages, pictures: reader.pictures > 0, source, settings }))
    }
}

#[derive(Default)]
struct Reader {
    parts: Vec<Part>,
    text: String,
    /// The part under way.
    label: Option<String>,
    sections: usize,
    pictures: usize,
}

impl Reader {
    fn read(&mut self, xml: &mut Xml<'_>, limit: usize) -> Result<(), Fault> {
        let mut open: Vec<String> = Vec::new();
        let mut length = 0_usize;
        loop {
            let is_picture = match xml.node()? {
                None => return Ok(()),
                Some(Node::Start(element)) => {
                    let name = element.name();
                    let is_picture = matches!(name, "binary" | "stylesheet");
                    self.pictures += usize::from(name == "binary");
                    let named = element.attribute("name").filter(|name| !name.is_empty());
                    self.start(name, named, open.last().map(String::as_str));
                    if !is_picture {
                        open.push(name.to_owned());
                    }
                    is_picture
                }
                Some(Node::End(_)) => {
                    if open.pop().is_some_and(|name| LINES.contains(&name.as_str())) {
                        self.end_line();
                    }
                    false
                }
                Some(Node::Text(text)) => {
                    length = length.saturating_add(text.len());
                    self.push(&text);
                    false
                }
            };
            if is_picture {
                xml.skip()?;
            }
            if length > limit {
                return Err(Fault::limit("content_text_bytes", limit, "the text of the book"));
            }
        }
    }

    fn start(&mut self, name: &str, named: Option<String>, parent: Option<&str>) {
        match name {
            "description" => self.begin("properties".to_owned()),
            "body" => self.begin(named.map_or_else(|| "title".to_owned(), |name| format!("body \"{name}\""))),
            "section" if parent == Some("body") => {
                self.sections = self.sections.saturating_add(1);
                self.begin(format!("section {}", self.sections));
            }
            "td" | "th" if !self.text.ends_with('\n') => self.text.push('\t'),
            name if LINES.contains(&name) => self.end_line(),
            _ => {}
        }
    }

    fn begin(&mut self, label: String) {
        self.finish();
        self.label = Some(label);
    }

    fn finish(&mut self) {
        let text = std::mem::take(&mut self.text);
        self.parts.push(Part { label: self.label.take(), text });
    }

    fn push(&mut self, text: &str) {
        for c in text.chars() {
            let blank = c.is_ascii_whitespace();
            if !blank {
                self.text.push(c);
            } else if !self.text.is_empty() && !self.text.ends_with([' ', '\n', '\t']) {
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

/// An open book.
struct Book<'a> {
    pages: TextPages,
    pictures: bool,
    source: Source,
    settings: &'a Settings,
}

impl Holding for Book<'_> {
    fn pages(&self) -> &TextPages {
        &self.pages
    }

    fn holds(&self) -> bool {
        self.pictures
    }

    fn hand_out(&self, out: &mut dyn Members) -> Result<(), Fault> {
        let mut xml = xml::of_source(&self.source, NAME, self.settings)?;
        let mut number = 0_usize;
        loop {
            let name = match xml.node()? {
                Some(Node::Start(element)) if element.name() == "binary" => {
                    number = number.saturating_add(1);
                    element.attribute("id").unwrap_or_else(|| format!("embedded {number}"))
                }
                Some(_) => continue,
                None => return Ok(()),
            };
            let packed = xml.text(self.settings.limits.content_text_bytes)?;
            xml.uncut()?;
            if let ControlFlow::Break(()) = hand_out(&name, &packed, out) {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::format::test_support::{members, open, settings, texts};

    #[test]
    fn a_book_is_read_by_its_sections_and_its_pictures_are_handed_out() {
        let book = "<?xml version=\"1.0\" encoding=\"windows-1251\"?><FictionBook><stylesheet>p{}</stylesheet><description><title-info>\
            <genre>war</genre><book-title>Война</book-title><annotation><p>О том</p></annotation></title-info></description>\
            <body><title><p>Война</p></title><section><p>Первый <strong>абзац</strong></p><section><v>стих</v></section></section>\
            <section><table><tr><td>1</td><td>2</td></tr></table></section></body><body name=\"notes\"><section><p>тайна</p></section></body>\
            <binary id=\"a.png\" content-type=\"image/png\">cGlj\ndHVyZQ==</binary><binary id=\"b\">?</binary></FictionBook>";
        let bytes = encoding_rs::WINDOWS_1251.encode(book).0.into_owned();
        let settings = settings();
        let document = open(&bytes, &settings).expect("opens");
        assert_eq!(document.faults(), []);
        let read = texts(document.as_ref());
        let read: Vec<(&str, &str)> =
            read.iter().map(|(label, text)| (label.as_deref().unwrap_or(""), text.trim())).collect();
        let expected = [
            ("properties", "war\nВойна\nО том"),
            ("title", "Война"),
            ("section 1", "Первый абзац\nстих"),
            ("section 2", "1\t2"),
            ("section 3", "тайна"),
        ];
        assert_eq!(read, expected);
        let members = members(document.as_ref());
        assert_eq!(members[0], ("a.png".to_owned(), Ok(b"picture".to_vec())));
        assert!(members[1].1.is_err());
    }
}
