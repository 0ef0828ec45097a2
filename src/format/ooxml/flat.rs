//! Packages of Office in one XML file (Flat OPC): the same parts, each in an element, and read by the same readers.

use std::ops::Range;

use base64::Engine as _;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::read;
use crate::config::Settings;
use crate::finding::{Fault, FaultReason};
use crate::format::package::{Package, Packaged, kind_of_type};
use crate::format::packed::LENIENT;

/// The package that a text is; none if it is no whole one, or declares entities, which may stand for anything.
pub(in crate::format) fn open(text: &str, mut faults: Vec<Fault>, settings: &Settings) -> Option<Packaged> {
    if text.contains("<!ENTITY") {
        return None;
    }
    let mut reader = Reader::from_str(text);
    let (mut parts, mut kind) = (Vec::new(), None);
    let mut name = String::new();
    let (mut is_package, mut damaged, mut more) = (false, 0_usize, false);
    let most = settings.limits.package_parts;
    loop {
        let event = reader.read_event().ok()?;
        let element = match &event {
            Event::Start(element) => element,
            Event::Eof => break,
            _ => continue,
        };
        match element.local_name().as_ref() {
            "package" => is_package = true,
            "part" => {
                value(element, "name").unwrap_or_default().trim_start_matches('/').clone_into(&mut name);
                let stated = value(element, "contentType").unwrap_or_default();
                // Other parts of a document have types of the same family.
                kind = kind.or_else(|| stated.contains("main+xml").then(|| kind_of_type(&stated)).flatten());
            }
            data @ ("xmlData" | "binaryData") if parts.len() < most => {
                let is_xml = data == "xmlData";
                let end = element.to_end().into_owned();
                let inside: Range<u64> = reader.read_to_end(end.name()).ok()?;
                let bounds = usize::try_from(inside.start).ok()?..usize::try_from(inside.end).ok()?;
                let inside = text.get(bounds)?;
                let bytes = match is_xml {
                    true => inside.as_bytes().to_vec(),
                    false => {
                        let packed: String = inside.split_whitespace().collect();
                        let bytes = LENIENT.decode(packed);
                        damaged += usize::from(bytes.is_err());
                        bytes.unwrap_or_default()
                    }
                };
                parts.push((name.clone(), bytes));
            }
            "xmlData" | "binaryData" => more = true,
            _ => {}
        }
    }
    if !is_package || parts.is_empty() {
        return None;
    }
    if damaged > 0 {
        faults.push(Fault::whole(FaultReason::Damaged, format!("the base64 of {damaged} parts is damaged")));
    }
    faults.extend(more.then(|| Fault::limit("package_parts", most, "the number of parts of the package")));
    let package = Package::held(parts, &settings.limits);
    let usual = [("word/document.xml", "docx"), ("xl/workbook.xml", "xlsx"), ("ppt/presentation.xml", "pptx")];
    let kind = kind.or_else(|| usual.into_iter().find(|(part, _)| package.has(part)).map(|(_, kind)| kind));
    Some(read(package, kind.unwrap_or("opc"), faults, settings))
}

/// The value of an attribute.
fn value(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut all = element.html_attributes().filter_map(Result::ok);
    let local = |key: &str| key.rsplit(':').next() == Some(name);
    all.find(|attribute| local(attribute.key.into_inner())).map(|attribute| attribute.value.into_owned())
}
