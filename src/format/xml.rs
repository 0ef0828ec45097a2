//! XML that holds files inside: forms (XDP), Word documents in one file, property lists. And the words of XFA forms in PDFs. What
//! markup interrupts in any other XML is in `unmarked`.
//!
//! Kept is the text of elements, a line each: what stands in one paragraph stays together. Dropped are scripts and what is for
//! programs. Files in base64 are handed out.

mod unmarked;

use std::fmt::Write as _;

use quick_xml::Reader;
use quick_xml::escape::{escape, unescape};
use quick_xml::events::{BytesStart, Event};

use crate::config::Settings;
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};

use super::mail::labels;
use super::ooxml::flat;
use super::text::{Part, TextPages, damage, read_bounded};
use super::{Document, Format, Source, diagram, packed};
pub(super) use unmarked::{is_phrase, unmarked};

/// Elements in which programs talk to programs, and pictures.
const DROPPED: &[&str] = &[
    "config",
    "connectionSet",
    "encryption",
    "event",
    "image",
    "localeSet",
    "script",
    "signature",
    "sourceSet",
    "stylesheet",
    "style",
    "xmpmeta",
];
/// Elements inside a line.
const INLINE: &[&str] = &[
    "a",
    "b",
    "i",
    "span",
    "sub",
    "sup",
    "u",
    "em",
    "strong",
    "font",
    "r",
    "rPr",
    "t",
    "hyperlink",
    "ins",
    "smartTag",
    "proofErr",
];
/// Characters of base64 in a line from which on it is a file and no text.
const PACKED: usize = 120;

/// Reads XML that holds files.
pub(super) struct Xml;

impl Format for Xml {
    fn name(&self) -> &'static str {
        "xml"
    }

    fn version(&self) -> u32 {
        6
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["xml"]
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let (bytes, mut faults) = read_bounded(&source, settings)?;
        let decoded = labels::decode_declared(bytes);
        faults.extend(damage(&decoded));
        if decoded.text.contains("<pkg:package")
            && let Some(package) = flat::open(&decoded.text, faults.clone(), settings)
        {
            return Ok(Box::new(package));
        }
        let (text, why) = text(&decoded.text);
        faults.extend(why.map(|why| Fault::whole(FaultReason::Damaged, why)));
        let diagram = diagram::read(&decoded.text);
        faults.extend((diagram.lost > 0).then(|| {
            let detail = format!("{} pages of a diagram cannot be unpacked", diagram.lost);
            Fault::whole(FaultReason::Attachment, detail)
        }));
        let files = packed::files(&decoded.text);
        drop(decoded);
        let parts = vec![Part { label: None, text }, Part { label: Some("diagram".to_owned()), text: diagram.text }];
        Ok(Box::new(TextPages::of_parts(parts, faults, settings).holding(files)))
    }
}

/// The texts of some XML, a line each, and why they are not all of them.
pub(super) fn text(xml: &str) -> (String, Option<String>) {
    let mut reader = Reader::from_str(xml);
    let (mut lines, mut line) = (String::new(), String::new());
    // Elements open since the dropped one that is not inside another.
    let mut dropped = 0_u32;
    let mut open = 0_u32;
    loop {
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                return (lines + &line, Some(format!("it is no XML behind byte {}: {error}", reader.error_position())));
            }
        };
        match event {
            Event::DocType(declared) if declared.contains("<!ENTITY") => {
                end_line(&mut line, &mut lines);
                return (lines, Some("it declares entities".to_owned()));
            }
            Event::Start(element) => {
                said(&element, &mut lines);
                open = open.saturating_add(1);
                let name = element.local_name();
                if dropped > 0 || DROPPED.contains(&name.as_ref()) {
                    dropped = dropped.saturating_add(1);
                }
                if !INLINE.contains(&name.as_ref()) {
                    end_line(&mut line, &mut lines);
                }
            }
            Event::End(element) => {
                open = open.saturating_sub(1);
                dropped = dropped.saturating_sub(1);
                if !INLINE.contains(&element.local_name().as_ref()) {
                    end_line(&mut line, &mut lines);
                }
            }
            Event::Empty(element) => {
                said(&element, &mut lines);
                if element.local_name().as_ref() == "br" {
                    end_line(&mut line, &mut lines);
                }
            }
            Event::Text(text) if dropped == 0 => line.push_str(&text),
            Event::CData(text) if dropped == 0 => line.push_str(&escape(&*text)),
            Event::GeneralRef(name) if dropped == 0 => {
                let _ = write!(line, "&{};", &*name);
            }
            Event::Eof => {
                end_line(&mut line, &mut lines);
                return (lines, (open > 0).then(|| "it breaks off".to_owned()));
            }
            _ => {}
        }
    }
}

/// Words of Office documents that stand in attributes: word art, and what is said of a picture.
fn said(element: &BytesStart<'_>, lines: &mut String) {
    let wanted: &[&str] = match element.local_name().as_ref() {
        "textpath" => &["string"],
        "shape" => &["alt"],
        "docPr" | "cNvPr" => &["descr", "title"],
        _ => return,
    };
    for attribute in element.html_attributes().filter_map(Result::ok) {
        if wanted.contains(&attribute.key.local_name().into_inner()) {
            end_line(&mut attribute.value.into_owned(), lines);
        }
    }
}

/// Ends a line; one that says what the line before says is not repeated.
fn end_line(line: &mut String, lines: &mut String) {
    let raw = std::mem::take(line);
    let text = unescape(&raw).unwrap_or_else(|_| raw.as_str().into());
    let words: Vec<&str> = text.split_whitespace().collect();
    let base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let packed =
        raw.len() >= PACKED && words.iter().all(|word| word.chars().all(base64)) && raw.len() / words.len().max(1) > 40;
    let text = words.join(" ");
    if !packed && !text.is_empty() && lines.lines().next_back() != Some(text.as_str()) {
        lines.push_str(&text);
        lines.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_support::{fixture, members, open, settings, texts};
    use base64::prelude::{BASE64_STANDARD, Engine as _};

    fn sound(xml: &str) -> String {
        let (text, why) = text(xml);
        assert_eq!(why, None, "{xml}");
        text
    }

    #[test]
    fn what_a_form_says_is_kept_and_scripts_are_not() {
        let xml = "<xdp:xdp xmlns:xdp='x'><config><acrobat>7</acrobat></config><template><subform><field name='level'>\
            <caption><value><text>密级 &amp; term</text></value></caption><items><text>机密</text><text>绝密</text></items>\
            <event><script>app.alert('x')</script></event><value><image>iVBOR</image></value>\
            <toolTip>choose</toolTip></field><draw><value><exData><body><p>read <b>this</b> now</p><p>and<br/>that</p></body>\
            </exData></value></draw></subform></template><xfa:datasets><xfa:data><level>绝密</level></xfa:data></xfa:datasets>\
            </xdp:xdp>";
        assert_eq!(sound(xml), "密级 & term\n机密\n绝密\nchoose\nread this now\nand\nthat\n绝密\n");
    }

    #[test]
    fn xml_that_breaks_or_declares_entities_is_said_to_be_and_keeps_what_it_has() {
        for xml in ["<a>kept<b>text</a>", "<a>kept<b>text</b>", "<a>kept</a><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"] {
            let (text, why) = text(xml);
            assert!(text.starts_with("kept") && why.is_some(), "{xml}");
        }
    }

    #[test]
    fn a_word_document_in_one_file_is_read_with_its_pictures() {
        let picture = fixture("rgb.png");
        let xml = format!(
            "<?xml version='1.0'?><w:wordDocument xmlns:w='x'><w:body><w:p><w:r><w:rPr><w:b/></w:rPr><w:t>绝</w:t></w:r><w:r>\
             <w:t>密</w:t></w:r></w:p><w:p><w:r><w:t>the plan</w:t></w:r></w:p><w:binData w:name='a.png'>{}</w:binData>\
             <w:p><w:r><w:pict><v:shape alt='a map'><v:textpath string='DRAFT mark'/></v:shape></w:pict></w:r></w:p>\
             <w:sectPr><w:ftr><w:p><w:r><w:t>Top Secret</w:t></w:r></w:p></w:ftr></w:sectPr></w:body></w:wordDocument>",
            BASE64_STANDARD.encode(&picture)
        );
        let settings = settings();
        let document = open(xml.as_bytes(), &settings).expect("opens");
        assert_eq!(document.faults(), []);
        assert_eq!(texts(document.as_ref())[0].1, "绝密\nthe plan\na map\nDRAFT mark\nTop Secret\n");
        assert_eq!(members(document.as_ref()), [("base64-1.png".to_owned(), Ok(picture))]);
    }

    proptest::proptest! {
        #[test]
        fn no_xml_makes_it_panic(xml in "(<[a-z:/!?]{0,4}|>|&[a-z#0-9]{0,4};?|[a-z\"'= ]{0,4}){0,40}") {
            text(&xml);
        }
    }
}
