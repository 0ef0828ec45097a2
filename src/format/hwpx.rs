//! HWPX (KS X 6101): Korean documents that are a ZIP of XML. Text alone: sections in order, headers and footers where they
//! stand in them; pictures and all else are handed out.

use std::fmt::Write as _;

use crate::config::Settings;
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};

use super::package::xml::{Node, Xml};
use super::package::{Package, Packaged};
use super::text::{Part, TextPages};
use super::{Document, Format, Source, odf};

/// Parts that hold nothing that a person wrote or drew.
const FURNITURE: &[&str] = &["mimetype", "version.xml", "settings.xml", "Contents/header.xml"];

/// Reads HWPX.
pub(super) struct Hwpx;

impl Format for Hwpx {
    fn name(&self) -> &'static str {
        "hwpx"
    }

    fn version(&self) -> u32 {
        4
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["hwpx"]
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let limits = &settings.limits;
        let package = Package::open(&source, limits)?;
        let mut faults = odf::encryption(&package, limits)?;
        let is_section =
            |name: &&str| name.strip_suffix(".xml").is_some_and(|name| name.starts_with("Contents/section"));
        let mut sections: Vec<String> = package.names().filter(is_section).map(str::to_owned).collect();
        // `section10` stands behind `section9`.
        sections.sort_by_key(|name| (name.len(), name.clone()));
        if sections.is_empty() {
            faults.push(Fault::whole(FaultReason::Damaged, "the document has no sections"));
        }
        let (mut parts, mut length) = (Vec::new(), 0_usize);
        for (index, name) in sections.iter().enumerate() {
            let mut text = String::new();
            let left = limits.content_text_bytes.saturating_sub(length);
            let read = package.xml(name, |xml| section(xml, &mut text, left));
            faults.extend(read.and_then(Result::err));
            length = length.saturating_add(text.len());
            let label = (sections.len() > 1).then(|| format!("section {}", index.saturating_add(1)));
            parts.push(Part { label, text });
        }
        let mut text = String::new();
        let read = package.xml("Contents/content.hpf", |xml| properties(xml, &mut text, limits.page_text_bytes));
        faults.extend(read.and_then(Result::err));
        parts.push(Part { label: Some("properties".to_owned()), text });
        let members = package.names().filter(|name| {
            let is_furniture =
                FURNITURE.contains(name) || name.starts_with("META-INF/") || name.starts_with("Preview/");
            !is_furniture && !sections.iter().any(|section| section == name) && *name != "Contents/content.hpf"
        });
        let members = members.map(str::to_owned).collect();
        Ok(Box::new(Packaged {
            pages: TextPages::of_parts(parts, faults, settings).unpacked(),
            package,
            members,
            drawn: Vec::new(),
        }))
    }
}

/// The text of a section: a line a paragraph, a tab between cells.
fn section(xml: &mut Xml<'_>, text: &mut String, limit: usize) -> Result<(), Fault> {
    // Text stands in `t`; what stands beside it (formulas in `script`, hidden comments) has its own elements.
    let mut written = 0_usize;
    while let Some(node) = xml.node()? {
        match node {
            Node::Start(element) => match element.name() {
                "t" | "script" | "shapeComment" => written = written.saturating_add(1),
                "p" if !text.is_empty() && !text.ends_with(['\n', '\t']) => text.push('\n'),
                "tc" if !text.is_empty() && !text.ends_with('\n') => text.push('\t'),
                "tab" | "nbSpace" | "fwSpace" if written > 0 => text.push(' '),
                "lineBreak" if written > 0 => text.push('\n'),
                _ => {}
            },
            Node::End(element) => match element.name() {
                "t" => written = written.saturating_sub(1),
                "script" | "shapeComment" => {
                    written = written.saturating_sub(1);
                    text.push('\n');
                }
                "tc" if text.ends_with('\n') => {
                    text.pop();
                }
                "tr" | "p" if !text.ends_with('\n') => text.push('\n'),
                _ => {}
            },
            Node::Text(characters) if written > 0 => text.push_str(&characters),
            Node::Text(_) => {}
        }
        if text.len() > limit {
            return Err(Fault::limit("content_text_bytes", limit, "the text of the document"));
        }
    }
    Ok(())
}

/// What is said of the document.
fn properties(xml: &mut Xml<'_>, text: &mut String, most: usize) -> Result<(), Fault> {
    let mut in_metadata = false;
    loop {
        let name = match xml.node()? {
            None => return xml.uncut(),
            Some(Node::Start(element)) => match element.name() {
                "metadata" => {
                    in_metadata = true;
                    continue;
                }
                "manifest" => return xml.uncut(),
                name => element.attribute("name").unwrap_or_else(|| name.to_owned()),
            },
            Some(_) => continue,
        };
        if in_metadata {
            let value = xml.text(most)?;
            if !value.trim().is_empty() && text.len() <= most {
                let _ = writeln!(text, "{name}: {}", value.trim());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::finding::FaultReason;
    use crate::format::package::tests::package;
    use crate::format::test_support::{members, open, settings, texts};

    /// A package whose first part says that it is HWPX.
    fn file(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let all: Vec<(&str, &[u8])> =
            [("Contents/header.xml", b"<a/>".as_slice())].into_iter().chain(parts.iter().copied()).collect();
        crate::format::odf::tests::typed("application/hwp+zip", &all)
    }

    #[test]
    fn sections_tables_headers_and_properties_are_read() {
        let section = "<hs:sec><hp:p><hp:run><hp:ctrl><hp:header><hp:subList><hp:p><hp:run><hp:t>대외비</hp:t></hp:run></hp:p></hp:subList></hp:header></hp:ctrl>\
            <hp:t>본문<hp:tab/>비밀</hp:t></hp:run></hp:p><hp:p><hp:tbl><hp:tr><hp:tc><hp:p><hp:t>가</hp:t></hp:p></hp:tc><hp:tc><hp:p><hp:t>나</hp:t></hp:p></hp:tc></hp:tr></hp:tbl></hp:p></hs:sec>";
        let package_document =
            "<opf:package><opf:metadata><opf:title>제목 비밀</opf:title></opf:metadata><opf:manifest/></opf:package>";
        let bytes = file(&[
            ("Contents/section0.xml", section.as_bytes()),
            ("Contents/content.hpf", package_document.as_bytes()),
            ("BinData/a.png", b"picture"),
            ("Preview/PrvText.txt", b"copy"),
        ]);
        let settings = settings();
        let document = open(&bytes, &settings).expect("opens");
        assert_eq!(document.faults(), []);
        let read: Vec<String> = texts(document.as_ref()).into_iter().map(|(_, text)| text).collect();
        assert_eq!(read, ["대외비\n본문 비밀\n가\t나\n", "title: 제목 비밀\n"]);
        assert_eq!(members(document.as_ref())[0].0, "BinData/a.png");
    }

    #[test]
    fn a_package_without_sections_is_damaged() {
        let bytes = file(&[]);
        assert_eq!(open(&bytes, &settings()).expect("opens").faults()[0].reason, FaultReason::Damaged);
        let _ = package(&[]);
    }
}
