//! Tests of Office Open XML: a marking in each place where somebody can put one is in the text of that place, or among the
//! members.

mod bounds;
mod drawn;
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
        ("docProps/thumbnail.jpeg", "GIF89a\u{1}\0\u{1}\0"),
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

/// A small document, with the words of its main part, and what the package says of it.
fn small(more: &[(&str, &str)]) -> Vec<u8> {
    let own = relations(&[("r1", "officeDocument", "word/document.xml")]);
    let main =
        format!("<w:document {SPACES}><w:p><w:r><w:t>TOP SEC</w:t></w:r><w:r><w:t>RET</w:t></w:r></w:p></w:document>");
    let types = "<Types><Override PartName='/word/document.xml' \
                 ContentType='application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml'/></Types>";
    let mut parts = vec![("_rels/.rels", own.as_bytes()), ("word/document.xml", main.as_bytes())];
    parts.extend(more.iter().map(|(name, text)| (*name, text.as_bytes())));
    if !more.iter().any(|(name, _)| name.eq_ignore_ascii_case("[Content_Types].xml")) {
        parts.push(("[Content_Types].xml", types.as_bytes()));
    }
    package(&parts)
}

#[test]
fn a_document_is_what_the_package_says_whatever_folders_there_are_and_wherever_its_types_stand() {
    let types = "<Types><Default Extension='xml' ContentType='application/vnd.ms-word.document.macroEnabled.main+xml'/></Types>";
    let names: Vec<String> = (0..10_100).map(|number| format!("x/{number}.bin")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    let cases: [&[(&str, &str)]; 4] =
        [&[("xl/x.xml", "<x/>")], &[("ppt/presentation.xml", "<x/>")], &[("[content_types].XML", types)], &many];
    for more in cases {
        let read = Read::of_bytes(&small(more));
        assert_eq!(read.page(""), "TOP SECRET", "{:?}", more.first());
    }
}

#[test]
fn a_main_part_that_is_something_else_is_a_fault_and_its_words_are_read() {
    let types = "<Types><Override PartName='/word/document.xml' \
                 ContentType='application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml'/></Types>";
    let read = Read::of_bytes(&small(&[("[Content_Types].xml", types)]));
    assert!(read.texts().contains(&"TOP SECRET"), "{:?}", read.pages);
    assert_eq!(read.faults.len(), 1);
    let sheet = Read::of(&[
        ("[Content_Types].xml", "<Types/>"),
        ("xl/workbook.xml", "<workbook><sheets><sheet name='A' r:id='a'/></sheets></workbook>"),
        ("xl/_rels/workbook.xml.rels", &relations(&[("a", "worksheet", "a.xml")])),
        ("xl/a.xml", "<w:document><w:t>TOP SECRET</w:t></w:document>"),
    ]);
    assert!(sheet.texts().contains(&"TOP SECRET") && sheet.faults.len() == 1, "{:?}", sheet.pages);
}

#[test]
fn a_package_that_is_two_documents_is_a_fault() {
    let parts = [("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", "<x/>")];
    let read = Read::of_bytes(&small(&parts));
    assert!(
        read.faults.iter().any(|fault| fault.detail.contains("Office Open XML, OpenDocument")),
        "{:?}",
        read.faults
    );
}

#[test]
fn what_lies_before_and_behind_a_document_is_handed_out() {
    let document = small(&[]);
    let text = "this text lies behind a document and says TOP SECRET\n";
    let behind = [document.as_slice(), text.as_bytes()].concat();
    assert_eq!(Read::of_bytes(&behind).members, [format!("bytes behind the document, at {}", document.len())]);
    let other = small(&[("word/other.xml", "<x/>")]);
    let before = [other.as_slice(), document.as_slice()].concat();
    let settings = Settings::defaults();
    let opened = open(&before, &settings).expect("opens");
    let inside = members(&*opened);
    assert_eq!(inside, [("bytes before the document, at 0".to_owned(), Ok(other))]);
    let padded = [document.as_slice(), &[0; 5000]].concat();
    let padded = open(&padded, &settings).expect("opens");
    assert!(!padded.has_members());
}

#[test]
fn a_document_in_one_file_is_read_like_its_package() {
    let part = |name: &str, kind: &str, inside: &str| {
        format!("<pkg:part pkg:name='{name}' pkg:contentType='{kind}'>{inside}</pkg:part>")
    };
    let xml = |inside: &str| format!("<pkg:xmlData>{inside}</pkg:xmlData>");
    let own = relations(&[("r1", "officeDocument", "word/document.xml")]).replace("<?xml version='1.0'?>", "");
    let links = relations(&[("h", "header", "header1.xml"), ("s", "styles", "styles.xml")])
        .replace("<?xml version='1.0'?>", "");
    let main = "<w:document><w:body><w:p><w:pPr><w:pStyle w:val='M'/></w:pPr><w:r><w:t>top sec</w:t></w:r><w:r><w:t>ret</w:t></w:r></w:p>\
                <w:p><w:r><w:pict><v:shape><v:textpath string='word art'/></v:shape></w:pict></w:r></w:p>\
                <w:sectPr><w:headerReference w:type='default' r:id='h'/></w:sectPr></w:body></w:document>";
    let styles = "<w:styles><w:style w:styleId='M'><w:rPr><w:caps/></w:rPr></w:style></w:styles>";
    let text = [
        "<?xml version='1.0'?><pkg:package xmlns:pkg='http://schemas.microsoft.com/office/2006/xmlPackage'>".to_owned(),
        part("/_rels/.rels", "application/vnd.openxmlformats-package.relationships+xml", &xml(&own)),
        part("/word/_rels/document.xml.rels", "x", &xml(&links)),
        part(
            "/word/document.xml",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
            &xml(main),
        ),
        part("/word/header1.xml", "x", &xml("<w:hdr><w:p><w:r><w:t>the head</w:t></w:r></w:p></w:hdr>")),
        part("/word/styles.xml", "x", &xml(styles)),
        part("/word/media/a.gif", "image/gif", "<pkg:binaryData>R0lGODlhAQABAA==</pkg:binaryData>"),
        "</pkg:package>".to_owned(),
    ]
    .concat();
    let read = Read::of_bytes(text.as_bytes());
    assert_eq!(read.texts(), ["the head\nTOP SECRET\nword art"]);
    assert_eq!((read.members, read.faults), (vec!["word/media/a.gif".to_owned()], vec![]));
    let over = |most: usize| {
        let mut settings = Settings::defaults();
        settings.limits.package_parts = most;
        let faults = open(text.as_bytes(), &settings).expect("opens").faults();
        faults.iter().any(|fault| fault.detail.contains(&format!("limits.package_parts = {most}")))
    };
    assert!(over(5) && !over(6));
}
