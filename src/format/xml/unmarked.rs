//! The paragraphs of any XML that markup interrupts, and what attributes say in words.

use std::collections::BTreeMap;
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

use super::INLINE;

/// Elements of other vocabularies inside a line, which have nothing but such elements beside them.
const PHRASES: &[&str] = &["emphasis", "hi", "literal", "phrase", "quote", "run", "tspan"];

/// Elements that are a paragraph, whatever stands in them.
const PARAGRAPHS: &[&str] = &["p", "para", "simpara", "h", "h1", "h2", "h3", "h4", "h5", "h6"];

/// Entities inside one another that are followed.
const DEPTH: u32 = 8;

/// An element that is open.
#[derive(Default)]
struct Frame {
    /// Where its text begins among that of all open ones.
    start: usize,
    /// How many of its texts and elements say something. An entity counts twice: it parts what it stands in.
    said: usize,
    /// Where paragraphs in it stand that markup interrupts.
    parted: Vec<Range<usize>>,
    /// It is a paragraph by its name, or has text of its own.
    is_paragraph: bool,
    /// There are elements in it that do not stand inside a line.
    has_blocks: bool,
    is_inline: bool,
}

impl Frame {
    fn of(name: &str, start: usize) -> Self {
        let is_inline = INLINE.contains(&name) || PHRASES.contains(&name);
        Self { start, is_paragraph: PARAGRAPHS.contains(&name), is_inline, ..Self::default() }
    }

    fn text(&mut self, text: &str, all: &mut String) {
        let says = !text.trim().is_empty();
        self.is_paragraph |= says;
        self.said += usize::from(says);
        all.push_str(text);
    }

    /// Closes the element: its text is part of the one around it, or lines if there are paragraphs in it.
    fn close(self, around: Option<&mut Self>, all: &mut String, lines: &mut String) {
        let is_parted = self.said > 1 || !self.parted.is_empty();
        if self.is_paragraph || !self.has_blocks {
            match around {
                Some(around) => {
                    around.has_blocks |= !self.is_inline && self.said > 0;
                    around.said += usize::from(self.said > 0);
                    around.parted.extend(is_parted.then_some(self.start..all.len()));
                }
                None if is_parted => line(&all[self.start..], lines),
                None => {}
            }
        } else {
            self.parted.into_iter().for_each(|range| line(&all[range], lines));
            all.truncate(self.start);
            if let Some(around) = around {
                around.has_blocks = true;
            }
        }
    }
}

/// Appends a line of words with one blank between them.
fn line(text: &str, lines: &mut String) {
    let length = lines.len();
    text.split_whitespace().for_each(|word| lines.extend([word, " "]));
    if lines.len() > length {
        lines.pop();
        lines.push('\n');
    }
}

/// Attributes in which somebody wrote, by their names in small letters: a single word in capitals may be a mark there.
const WRITTEN: &[&str] = &[
    "_text",
    "banner",
    "caption",
    "classification",
    "content",
    "footer",
    "header",
    "heading",
    "headline",
    "label",
    "marking",
    "note",
    "subject",
    "summary",
    "text",
    "title",
    "tooltip",
];

/// Letters of a single word that may be a mark.
const MARK: usize = 4;

/// The attributes of an element that are phrases, a line each: outlines, mind maps, processes and plans keep all their text there.
fn phrases(element: &BytesStart<'_>, lines: &mut String) {
    // Values that others may take: the levels of a schema are told together, so that they are seen to be a list.
    let is_choice = element.local_name().as_ref() == "enumeration";
    for attribute in element.html_attributes().filter_map(Result::ok) {
        let name = attribute.key.local_name().into_inner().to_ascii_lowercase();
        let value = unescape(&attribute.value).unwrap_or_else(|_| attribute.value.clone());
        let value = value.trim();
        let letters = || value.chars().filter(|c| c.is_alphabetic()).count();
        let is_capital = || value.chars().all(|c| c.is_uppercase() || c == ' ' || c == '-' || c == '/');
        // Capitals with strokes between them are no path.
        let is_banner = || value.contains("//") && !value.contains(':') && !value.contains(char::is_lowercase);
        let is_written = WRITTEN.contains(&name.as_str()) || is_choice && name == "value";
        let is_mark = || is_written && letters() >= MARK && is_capital();
        if is_phrase(value) || is_banner() && letters() >= MARK || is_mark() {
            let at = lines.len();
            line(value, lines);
            // What every element of a kind says is said once.
            let (before, said) = lines.split_at(at);
            if before.lines().next_back() == said.lines().next() {
                lines.truncate(at);
            }
        }
    }
}

/// Whether a value is a phrase, and no identifier, place, formula or choice of a program: words of letters with a blank between
/// them, or characters of Chinese.
pub(in crate::format) fn is_phrase(value: &str) -> bool {
    let ideographs =
        value.chars().filter(|c| matches!(*c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')).count();
    let is_word = |word: &&str| word.chars().filter(|c| c.is_alphabetic()).count() > 1;
    let code = value.contains(['\\', '{', '=', '<', '>', '#']) || value.contains("://") || value.contains(";base64");
    ideographs > 1 || (!code && value.split_whitespace().filter(is_word).count() > 1)
}

/// The paragraphs of any XML in which markup or an entity stands between words or inside of them, a line each and without it; the rest
/// reads as it is written. And attributes that are phrases. Broken XML is read as far as it goes. Also says whether there was more than `limit` bytes.
pub(in crate::format) fn unmarked(xml: &str, limit: usize) -> (String, bool) {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_end_names = false;
    let (mut all, mut lines, mut open) = (String::new(), String::new(), vec![Frame::default()]);
    let mut entities = Entities { values: BTreeMap::new(), room: limit };
    while let Ok(event) = reader.read_event() {
        let depth = open.len();
        let Some(frame) = open.last_mut() else { break };
        match event {
            Event::DocType(declared) => entities.declare(&declared),
            Event::Start(element) => {
                phrases(&element, &mut lines);
                open.push(Frame::of(element.local_name().as_ref(), all.len()));
            }
            Event::End(_) if depth > 1 => {
                if let Some(frame) = open.pop() {
                    frame.close(open.last_mut(), &mut all, &mut lines);
                }
            }
            Event::Empty(element) if matches!(element.local_name().as_ref(), "br" | "cr" | "tab") => all.push(' '),
            Event::Empty(element) => phrases(&element, &mut lines),
            Event::Text(text) => frame.text(&text, &mut all),
            Event::CData(text) => frame.text(&text, &mut all),
            Event::GeneralRef(name) if entities.values.contains_key(&*name) => {
                frame.is_paragraph = true;
                frame.said += 2;
                entities.expand(&name, DEPTH, &mut all);
            }
            Event::GeneralRef(name) => {
                let reference = format!("&{};", &*name);
                all.push_str(&unescape(&reference).unwrap_or_else(|_| reference.as_str().into()));
            }
            Event::Eof => break,
            _ => {}
        }
        if lines.len() > limit || entities.room == 0 {
            return (lines, true);
        }
    }
    while let Some(frame) = open.pop() {
        frame.close(open.last_mut(), &mut all, &mut lines);
    }
    (lines, false)
}

/// Entities that a document declares and defines.
struct Entities {
    values: BTreeMap<String, String>,
    /// Bytes that they may still stand for: none is left once they were more.
    room: usize,
}

impl Entities {
    fn declare(&mut self, declared: &str) {
        let mut rest = declared;
        while let Some((_, behind)) = rest.split_once("<!ENTITY") {
            rest = behind;
            let (name, value) = behind.trim_start().split_once(char::is_whitespace).unwrap_or_default();
            let value = value.trim_start();
            let Some(quote) = value.chars().next().filter(|quote| matches!(quote, '"' | '\'')) else { continue };
            if let Some((value, behind)) = value[1..].split_once(quote) {
                self.values.insert(name.to_owned(), value.to_owned());
                rest = behind;
            }
        }
    }

    /// Appends what an entity stands for, without markup in it.
    fn expand(&mut self, name: &str, depth: u32, out: &mut String) {
        let value = self.values.get(name).filter(|_| depth > 0).cloned();
        let Some(value) = value else {
            self.push(&format!("&{name};"), out);
            return;
        };
        // What stands for nothing costs as well.
        self.room = self.room.saturating_sub(value.len().max(1));
        let mut rest = value.as_str();
        while let Some(at) = rest.find(['&', '<']).filter(|_| self.room > 0) {
            self.push(&rest[..at], out);
            let end = if rest[at..].starts_with('&') { ';' } else { '>' };
            let Some((inner, behind)) = rest[at + 1..].split_once(end) else { break };
            match unescape(&rest[at..=at + 1 + inner.len()]) {
                _ if end == '>' => {}
                Ok(meant) => self.push(&meant, out),
                Err(_) => self.expand(inner, depth - 1, out),
            }
            rest = behind;
        }
        self.push(rest, out);
    }

    fn push(&mut self, text: &str, out: &mut String) {
        let kept = text.floor_char_boundary(self.room.min(text.len()));
        self.room = self.room.saturating_sub(text.len());
        out.push_str(&text[..kept]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_that_markup_or_entities_part_are_joined() {
        let cases = [
            (
                "<a><para>This is <emphasis>T</emphasis>OP SEC<emphasis>RET</emphasis></para></a>",
                "This is TOP SECRET\n",
            ),
            ("<r><b>TOP SEC</b><b>RET</b></r>", "TOP SECRET\n"),
            ("<w:body><w:p><w:r><w:t>TOP SEC</w:t></w:r><w:r><w:t>RET</w:t></w:r></w:p></w:body>", "TOP SECRET\n"),
            (
                "<!DOCTYPE r [<!ENTITY a 'SEC'><!ENTITY b \"R&#69;<i/>&c;\"><!ENTITY c 'T'>]><r>TOP &a;&b;</r>",
                "TOP SECRET\n",
            ),
            ("<h1>TOP SEC<span>RET</span></h1><img src='x'/>", "TOP SECRET\n"),
            ("<list><name>one</name><size>2</size><note>three &amp; four</note></list>", "three & four\n"),
            ("<doc><sect><p>A <i>b</i></p></sect><sect><p>plain</p></sect></doc>", "A b\n"),
            ("<list><name>one</name><size>2</size></list>", ""),
            ("<p>TOP <b>SECRET</b> and it breaks", "TOP SECRET and it breaks\n"),
        ];
        for (xml, expected) in cases {
            assert_eq!(unmarked(xml, 1000), (expected.to_owned(), false), "{xml}");
        }
    }

    #[test]
    fn entities_that_stand_for_very_much_are_not_followed() {
        let levels = (1..9).fold(String::new(), |levels, n| {
            let below = format!("&e{};", n - 1).repeat(10);
            levels + &format!("<!ENTITY e{n} '{below}'>")
        });
        let bomb = format!("<!DOCTYPE r [<!ENTITY e0 'word'>{levels}]><r>&e8;</r>");
        assert!(unmarked(&bomb, 100_000).1);
        assert!(!unmarked("<!DOCTYPE r [<!ENTITY a '&a;'>]><r>&a;</r>", 100_000).1, "it stands for itself");
    }

    #[test]
    fn phrases_of_attributes_are_lines_and_names_places_and_paths_are_none() {
        for (xml, expected) in [
            ("<map><node TEXT='机密★10年'><node TEXT='港口'/></node></map>", "机密★10年\n港口\n"),
            ("<opml><outline text='TOP SECRET//NOFORN' type='rss'/></opml>", "TOP SECRET//NOFORN\n"),
            ("<project name='TOP &#83;ECRET' company='x'><task name='TOP SECRET'/></project>", "TOP SECRET\n"),
            (
                "<x classification='SECRET//NOFORN' Title='SECRET' name='SECRET' id='ID-ABC'/>",
                "SECRET//NOFORN\nSECRET\n",
            ),
            ("<xs:enumeration value='SECRET'/><xs:enumeration value='TOP SECRET' id='ABCD'/>", "SECRET\nTOP SECRET\n"),
            (
                "<a href='https://x/y z' d='M 0 0 L 1 1' style='a: b' text='plain' src='//HOST/SHARE' f='SUM(A = B)'/>",
                "//HOST/SHARE\n",
            ),
        ] {
            assert_eq!(unmarked(xml, 1000), (expected.to_owned(), false), "{xml}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_entities_make_it_panic(xml in "(<!DOCTYPE a \\[|<!ENTITY |[ab] |'[&;ab<>]{0,4}'|>|\\]>|&[ab#];?|<[/a-z]{0,3}|机){0,30}") {
            unmarked(&xml, 50);
        }
    }
}
