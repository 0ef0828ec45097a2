//! Tests of Office Open XML: a marking in each place where somebody can put one is in the text of that place, or among the
//! members.

mod bounds;
mod presentations;
mod words;
mod workbooks;

use crate::config::Settings;
use crate::finding::Fault;
use crate::format::package::tests::package;
use crate::format::test_support::{members, open, texts};

/// Namespaces that the fixtures use, by the prefixes that Office uses.
const SPACES: &str = "xmlns:w='w' xmlns:r='r' xmlns:a='a' xmlns:p='p' xmlns:c='c' xmlns:v='v' xmlns:wp='wp' xmlns:mc='mc' xmlns:wps='wps'";

/// A document: pages with what they are called, faults, and names of members.
struct Read {
    pages: Vec<(String, String)>,
    faults: Vec<Fault>,
    members: Vec<String>,
}

impl Read {
    fn of(parts: &[(&str, &str)]) -> Self {
        let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
        Self::of_bytes(&package(&parts))
    }

    fn of_bytes(bytes: &[u8]) -> Self {
        let settings = Settings::defaults();
        let document = open(bytes, &settings).expect("opens");
        let pages = texts(&*document).into_iter().map(|(label, text)| (label.unwrap_or_default(), text)).collect();
        let members = members(&*document).into_iter().map(|(name, _)| name).collect();
        Self { pages, faults: document.faults(), members }
    }

    /// The text of the pages of that name.
    #[track_caller]
    fn page(&self, label: &str) -> &str {
        let found = self.pages.iter().find(|(name, _)| name == label);
        &found.unwrap_or_else(|| panic!("no {label:?} among {:?}", self.pages)).1
    }

    /// The text of all pages whose names end so.
    fn all(&self, label: &str) -> String {
        let pages = self.pages.iter().filter(|(name, _)| name.ends_with(label));
        pages.map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n")
    }

    fn texts(&self) -> Vec<&str> {
        self.pages.iter().map(|(_, text)| text.as_str()).collect()
    }
}

/// A list of relations: id, kind, target; a target with `:` lies outside.
fn relations(list: &[(&str, &str, &str)]) -> String {
    let one = |(id, kind, target): &(&str, &str, &str)| {
        let outside = if target.contains(':') { " TargetMode='External'" } else { "" };
        let base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        format!("<Relationship Id='{id}' Type='{base}/{kind}' Target='{target}'{outside}/>")
    };
    let all: String = list.iter().map(one).collect();
    format!("<?xml version='1.0'?><Relationships>{all}</Relationships>")
}

#[test]
fn properties_and_labels_of_sensitivity_are_told_once_and_counts_are_not() {
    let read = Read::of(&[
        ("[Content_Types].xml", "<Types/>"),
        ("_rels/.rels", &relations(&[("r1", "thumbnail", "docProps/thumbnail.jpeg")])),
        ("docProps/thumbnail.jpeg", "picture"),
        (
            "docProps/core.xml",
            "<a><dc:title>机密 plan</dc:title><cp:keywords>secret words</cp:keywords><cp:revision>7</cp:revision></a>",
        ),
        ("docProps/app.xml", "<a><Company>Firm</Company><Words>812</Words><Template>marked.dotx</Template></a>"),
        (
            "docProps/custom.xml",
            "<a><property name='MSIP_Label_1f_Name'><vt:lpwstr>Confidential</vt:lpwstr></property></a>",
        ),
        (
            "docMetadata/LabelInfo.xml",
            "<clbl:labelList><clbl:label id='{aa-bb}' enabled='1' method='Privileged' siteId='{cc}' removed='0'/>\
             <clbl:label id='{old}' enabled='1' removed='1'/></clbl:labelList>",
        ),
        ("any/part.xml", "<x><y>words of</y><z>a part</z></x>"),
    ]);
    let expected = "Title: 机密 plan\nKeywords: secret words\nCompany: Firm\nTemplate: marked.dotx\n\
                    MSIP_Label_1f_Name: Confidential\nSensitivity label: {aa-bb} site {cc} method Privileged";
    assert_eq!(read.page("properties"), expected);
    assert_eq!(read.page("part any/part.xml"), "words of\na part");
    assert_eq!((read.faults, read.members), (vec![], vec![]));
}

#[test]
fn letters_that_are_shown_as_capitals_are_read_as_capitals() {
    let run = |properties: &str, text: &str| format!("<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>");
    let paragraphs = [
        run("<w:b/><w:caps/>", "top secret"),
        run("<w:smallCaps w:val='1'/>", "Nato ") + &run("", "secret"),
        run("<w:caps w:val='0'/>", "plain"),
        "<w:pPr><w:rPr><w:caps/></w:rPr></w:pPr>".to_owned() + &run("<w:i/>", "its mark alone"),
    ];
    let body = paragraphs.join("</w:p><w:p>");
    let read = Read::of(&[
        ("[Content_Types].xml", "<Types/>"),
        ("word/document.xml", &format!("<w:document {SPACES}><w:body><w:p>{body}</w:p></w:body></w:document>")),
    ]);
    assert_eq!(read.texts(), ["TOP SECRET\nNATO secret\nplain\nits mark alone"]);
}

#[test]
fn a_broken_part_is_a_fault_and_the_others_are_read() {
    let read = Read::of(&[
        ("[Content_Types].xml", "<Types/>"),
        (
            "word/document.xml",
            &format!("<w:document {SPACES}><w:p><w:t>before</w:t></w:p><w:p></w:x></w:p></w:document>"),
        ),
        ("word/other.xml", "<a>other</a>"),
    ]);
    assert_eq!(read.texts(), ["before", "other"]);
    assert_eq!(read.faults.len(), 1);
}

#[test]
fn no_document_of_broken_parts_makes_a_reader_panic() {
    let pieces = [
        "<w:p>",
        "</w:p>",
        "<w:t>x",
        "</w:t>",
        "<mc:AlternateContent>",
        "<mc:Choice>",
        "</mc:Choice>",
        "<mc:Fallback>",
        "<w:txbxContent>",
        "</w:txbxContent>",
        "<w:sectPr/>",
        "<w:br w:type='page'/>",
        "<w:del>",
        "</w:del>",
        "<w:comment w:id='1'>",
        "</w:comment>",
        "<p:sp>",
        "</p:sp>",
        "<c r='A1' t='s'><v>9",
        "</v></c>",
        "<row r='0'>",
        "</row>",
        "&bad;",
        "<w:fldChar w:fldCharType='end'/>",
    ];
    let mut state = 1_u64;
    for kind in [
        "word/document.xml",
        "xl/workbook.xml",
        "xl/worksheets/sheet1.xml",
        "ppt/slides/slide1.xml",
        "visio/pages/page1.xml",
    ] {
        for _ in 0..60 {
            let mut body = String::from("<x>");
            for _ in 0..30 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                body += pieces[usize::try_from(state >> 33).expect("fits") % pieces.len()];
            }
            let relations =
                relations(&[("r1", "worksheet", "worksheets/sheet1.xml"), ("r2", "slide", "slides/slide1.xml")]);
            Read::of(&[
                ("[Content_Types].xml", "<Types/>"),
                (kind, &body),
                ("xl/_rels/workbook.xml.rels", &relations),
                ("ppt/_rels/presentation.xml.rels", &relations),
            ]);
        }
    }
}
