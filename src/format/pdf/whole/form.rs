//! XFA forms (ISO 32000-1, 12.7.8): XML in packets beside the pages, which viewers without XFA do not show.
//!
//! Kept is what a form says and what was filled in: captions, texts, choices, tips, data. Dropped are scripts and what is for
//! programs. Pictures in it are handed out.

use std::fmt::Write as _;

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, Object, Stream};
use quick_xml::Reader;
use quick_xml::escape::{escape, unescape};
use quick_xml::events::Event;

use super::streams::{self, Flaw, Rules};
use super::tree;
use crate::finding::{Fault, FaultReason};
use crate::format::{charset, packed};

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
const INLINE: &[&str] = &["a", "b", "i", "span", "sub", "sup", "u", "em", "strong", "font"];

/// What a form says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Form {
    /// Its text; empty if it is no XFA form.
    pub(super) text: String,
    /// The pictures in it.
    pub(super) pictures: Vec<packed::Packed>,
}

/// Reads the form of a document.
pub(super) fn read(document: &Pdf, rules: Rules<'_>) -> Result<Form, Fault> {
    let root = tree::dictionary(document, document.xref().root_id());
    let form = root.and_then(|root| root.get::<Dict<'_>>("AcroForm"));
    let packets: Vec<Stream<'_>> = match form.and_then(|form| form.get::<Object<'_>>("XFA")) {
        None => return Ok(Form::default()),
        Some(Object::Stream(stream)) => vec![stream],
        Some(Object::Array(list)) => streams_of(&list),
        Some(_) => Vec::new(),
    };
    let (mut form, mut size) = (Form::default(), 0_u64);
    let mut xml = Vec::new();
    for packet in packets {
        let data = streams::data(&packet, rules).map_err(|flaw| match flaw {
            Flaw::Limit(fault) => fault,
            Flaw::Packed | Flaw::Picture => damaged("a part of it does not unpack to its end"),
        })?;
        size = size.saturating_add(data.len() as u64);
        if size > rules.limits.instruction_bytes {
            return Err(Fault::limit("instruction_bytes", rules.limits.instruction_bytes, "an XFA form"));
        }
        // Packets are pieces of one text, and may end anywhere.
        xml.extend(data);
    }
    let xml = charset::decode(&xml, None).text;
    form.text = text(&xml)?;
    form.pictures = packed::files(&xml);
    Ok(form)
}

fn damaged(what: &str) -> Fault {
    Fault::whole(FaultReason::Damaged, format!("an XFA form, whose content is not on its pages: {what}"))
}

fn streams_of<'a>(list: &Array<'a>) -> Vec<Stream<'a>> {
    list.iter::<Object<'a>>().filter_map(Object::into_stream).collect()
}

/// The texts of a form, a line each.
fn text(xml: &str) -> Result<String, Fault> {
    let mut reader = Reader::from_str(xml);
    let (mut lines, mut line) = (String::new(), String::new());
    // Elements open since the dropped one that is not inside another.
    let mut dropped = 0_u32;
    let mut open = 0_u32;
    loop {
        let event = reader.read_event().map_err(|error| damaged(&format!("it is no XML: {error}")))?;
        match event {
            Event::DocType(_) => return Err(damaged("it declares entities")),
            Event::Start(element) => {
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
            Event::Empty(element) if element.local_name().as_ref() == "br" => end_line(&mut line, &mut lines),
            Event::Text(text) if dropped == 0 => line.push_str(&text),
            Event::CData(text) if dropped == 0 => line.push_str(&escape(&*text)),
            Event::GeneralRef(name) if dropped == 0 => {
                let _ = write!(line, "&{};", &*name);
            }
            Event::Eof if open > 0 => return Err(damaged("it breaks off")),
            Event::Eof => {
                end_line(&mut line, &mut lines);
                return Ok(lines);
            }
            _ => {}
        }
    }
}

/// Ends a line; one that says what the line before says is not repeated.
fn end_line(line: &mut String, lines: &mut String) {
    let raw = std::mem::take(line);
    let text = unescape(&raw).unwrap_or_else(|_| raw.as_str().into());
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if !text.is_empty() && lines.lines().next_back() != Some(text.as_str()) {
        lines.push_str(&text);
        lines.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_form_says_is_kept_and_scripts_are_not() {
        let xml = "<xdp:xdp xmlns:xdp='x'><config><acrobat>7</acrobat></config><template><subform><field name='level'>\
            <caption><value><text>密级 &amp; term</text></value></caption><items><text>机密</text><text>绝密</text></items>\
            <event><script>app.alert('x')</script></event><value><image>iVBOR</image></value>\
            <toolTip>choose</toolTip></field><draw><value><exData><body><p>read <b>this</b> now</p><p>and<br/>that</p></body>\
            </exData></value></draw></subform></template><xfa:datasets><xfa:data><level>绝密</level></xfa:data></xfa:datasets>\
            </xdp:xdp>";
        assert_eq!(text(xml).expect("sound"), "密级 & term\n机密\n绝密\nchoose\nread this now\nand\nthat\n绝密\n");
    }

    #[test]
    fn a_form_that_is_no_xml_or_declares_entities_is_a_fault() {
        for xml in ["<a><b>text</a>", "<a><b>text</b>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"] {
            assert_eq!(text(xml).expect_err("refused").reason, FaultReason::Damaged, "{xml}");
        }
    }
}
