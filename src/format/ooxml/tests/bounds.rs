//! What is over a bound is a fault, and what is only much is read whole.

use super::*;
use crate::finding::FaultReason;

/// A document of one part in its usual place, with parts around it.
fn bytes(main: (&str, &str), kind: &str, parts: &[(&str, &[u8])]) -> Vec<u8> {
    let own = relations(&[("o", "officeDocument", main.0)]);
    let links = relations(&[("r1", kind, &format!("{kind}.xml"))]);
    let (folder, file) = main.0.split_once('/').expect("in a folder");
    let list = format!("{folder}/_rels/{file}.rels");
    let mut all: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", b"<Types/>"),
        ("_rels/.rels", own.as_bytes()),
        (main.0, main.1.as_bytes()),
        (&list, links.as_bytes()),
    ];
    all.extend(parts);
    package(&all)
}

/// The same, of a sheet.
fn sheet(inside: &str) -> Vec<u8> {
    let book = format!("<workbook {SPACES}><sheet name='a' r:id='r1'/></workbook>");
    let sheet = format!("<worksheet {SPACES}>{inside}</worksheet>");
    bytes(("xl/workbook.xml", &book), "worksheet", &[("xl/worksheet.xml", sheet.as_bytes())])
}

/// Reads where the text of a document may have so many bytes; the faults must say that it has more.
#[track_caller]
fn is_over(bytes: &[u8], room: usize) {
    let mut settings = Settings::defaults();
    settings.limits.content_text_bytes = room;
    let faults = open(bytes, &settings).expect("opens").faults();
    let told = |fault: &Fault| fault.reason == FaultReason::Limit && fault.detail.contains("content_text_bytes");
    assert!(faults.iter().any(told), "{faults:?}");
    let faults = open(bytes, &Settings::defaults()).expect("opens").faults();
    assert_eq!(faults, []);
}

fn words(count: usize, word: impl Fn(usize) -> String) -> String {
    (0..count).map(word).collect()
}

#[test]
fn more_codes_and_forms_than_are_kept_are_a_fault() {
    for element in ["<w:fldSimple w:instr='LINK a NUMBER'/>", "<w:listEntry w:val='form NUMBER'/>"] {
        let body = |count| words(count, |number| element.replace("NUMBER", &number.to_string()));
        let faults = |count| {
            let main = format!("<w:document {SPACES}>{}</w:document>", body(count));
            Read::of_bytes(&bytes(("word/document.xml", &main), "none", &[])).faults
        };
        assert_eq!(faults(20_000), []);
        let more = faults(100_001);
        assert_eq!((more.len(), more[0].reason), (1, FaultReason::Limit), "{more:?}");
        let main = format!("<w:document {SPACES}>{}</w:document>", body(100));
        is_over(&bytes(("word/document.xml", &main), "none", &[]), 500);
    }
}

#[test]
fn a_long_code_is_read_whole_and_one_without_an_end_too() {
    let begin = "<w:fldChar w:fldCharType='begin'/>";
    let code = words(600, |_| "<w:instrText>some words </w:instrText>".to_owned());
    let body = format!(
        "<w:p>{begin}<w:instrText>INCLUDETEXT {code}</w:instrText>{begin}<w:instrText>LINK inside</w:instrText>\
         <w:fldChar w:fldCharType='end'/><w:instrText>the last</w:instrText></w:p>\
         <w:p>{begin}<w:instrText>PAGE</w:instrText><w:t>机密</w:t></w:p>\
         <w:p>{begin}<w:instrText>EQ \\o\\ac(○,绝密) and more</w:instrText></w:p>"
    );
    let main = format!("<w:document {SPACES}>{body}</w:document>");
    let read = Read::of_bytes(&bytes(("word/document.xml", &main), "none", &[]));
    let fields = read.all("fields");
    assert_eq!(fields.matches("some words").count(), 600);
    assert!(fields.contains("LINK inside") && fields.contains("绝密"), "{fields}");
    assert_eq!(read.page(""), "the last\n机密");
    assert_eq!(read.faults, []);
    is_over(&bytes(("word/document.xml", &main), "none", &[]), 2000);
}

#[test]
fn a_link_to_a_place_elsewhere_is_told_with_its_address() {
    let link = |code: &str| format!("<w:fldSimple w:instr='HYPERLINK {code}'/>");
    let codes = [r#""https://host.example/?key=1" \l "a""#, r#"\l "_Toc1" \h"#, r#"\l "b" \o "a tip""#];
    let main = format!("<w:document {SPACES}>{}</w:document>", codes.map(link).concat());
    let read = Read::of_bytes(&bytes(("word/document.xml", &main), "none", &[]));
    let expected = "HYPERLINK \"https://host.example/?key=1\" \\l \"a\"\nHYPERLINK \\l \"b\" \\o \"a tip\"";
    assert_eq!(read.page("fields"), expected);
}

#[test]
fn lists_and_tips_of_a_sheet_are_all_read_or_a_fault() {
    let tips = words(20_000, |number| format!("<hyperlink tooltip='tip {number}'/>"));
    let read = Read::of_bytes(&sheet(&tips));
    let told = read.all("lists and tips");
    // Pages may end within a tip.
    let told = told.replace('\n', "");
    assert_eq!((told.matches("tip").count(), read.faults.as_slice()), (20_000, [].as_slice()));
    assert!(told.ends_with("19999"), "{}", told.len());
    is_over(&sheet(&tips), 10_000);
}

#[test]
fn long_headers_lists_and_names_are_read_whole_and_many_headers_too() {
    let long = "words &amp;&amp; ".repeat(2000);
    let views = words(40, |number| format!("<oddHeader>&amp;Cview {number} of it</oddHeader>"));
    let inside = format!("<formula1>\"{long}the list\"</formula1><oddHeader>{long}the head</oddHeader>{views}");
    let read = Read::of_bytes(&sheet(&inside));
    let all = read.texts().join("\n");
    for end in ["the list", "the head", "view 0 of", "view 39 of"] {
        assert!(all.contains(end), "{end}");
    }
    assert_eq!(read.faults, []);
    is_over(&sheet(&inside), 5000);
    let book = format!("<workbook {SPACES}><definedName name='n'>{long}the name</definedName></workbook>");
    let book = bytes(("xl/workbook.xml", &book), "none", &[]);
    let read = Read::of_bytes(&book);
    assert!(read.texts().join("\n").contains("the name"));
    is_over(&book, 5000);
}

#[test]
fn properties_and_names_of_sections_are_all_read_or_a_fault() {
    let one = |number| format!("<property name='p{number}'><vt:lpwstr>value {number}</vt:lpwstr></property>");
    let long = format!("<title>{}the end</title>", "&lt;word ".repeat(20_000));
    let about = format!("<a>{}{long}</a>", words(6000, one));
    let main = format!("<w:document {SPACES}/>");
    let written = bytes(("word/document.xml", &main), "none", &[("docProps/custom.xml", about.as_bytes())]);
    let read = Read::of_bytes(&written);
    let all = read.texts().join("\n");
    assert!(all.contains("p5999: value 5999") && all.contains("the end"));
    assert_eq!(read.faults, []);
    is_over(&written, 20_000);
    let sections = words(2000, |number| format!("<section name='part {number}'/>"));
    let main = format!("<p:presentation {SPACES}>{sections}</p:presentation>");
    let written = bytes(("ppt/presentation.xml", &main), "none", &[]);
    let read = Read::of_bytes(&written);
    assert!(read.texts().join("\n").contains("part 1999"));
    assert_eq!(read.faults, []);
    is_over(&written, 5000);
}

#[test]
fn what_a_binary_workbook_says_of_sheets_and_names_is_within_the_room_or_a_fault() {
    use super::workbooks::{record, wide};
    let many: Vec<u8> = (0..300).flat_map(|number| record(64, &wide(&format!("tip {number}")))).collect();
    let list = record(156, &[&[0; 8][..], &wide("r1"), &wide("Budget")].concat());
    let links = relations(&[("r1", "worksheet", "worksheets/sheet1.bin")]);
    let own = relations(&[("w", "officeDocument", "xl/workbook.bin")]);
    let book = |book: &[u8], sheet: &[u8]| {
        package(&[
            ("[Content_Types].xml", b"<Types/>"),
            ("_rels/.rels", own.as_bytes()),
            ("xl/workbook.bin", book),
            ("xl/_rels/workbook.bin.rels", links.as_bytes()),
            ("xl/worksheets/sheet1.bin", sheet),
        ])
    };
    is_over(&book(&list, &many), 1000);
    is_over(&book(&[list.clone(), many].concat(), &[]), 1000);
    let cut = record(6, &[&[0; 8][..], &500_u32.to_le_bytes()].concat());
    assert_eq!(Read::of_bytes(&book(&list, &cut)).faults.len(), 1);
}

#[test]
fn more_relations_sheets_and_slides_than_parts_are_allowed_are_a_fault_that_names_the_limit() {
    let over = |bytes: &[u8], most: usize| {
        let mut settings = Settings::defaults();
        settings.limits.package_parts = most;
        let faults = open(bytes, &settings).expect("opens").faults();
        let told = |fault: &Fault| fault.detail.contains(&format!("limits.package_parts = {most}"));
        faults.into_iter().find(told).map(|fault| fault.detail)
    };
    let links: Vec<(String, &str, &str)> =
        (0..8).map(|number| (format!("r{number}"), "hyperlink", "https://a.example")).collect();
    let links: Vec<(&str, &str, &str)> = links.iter().map(|(id, kind, target)| (id.as_str(), *kind, *target)).collect();
    let main = format!("<w:document {SPACES}/>");
    let linked = package(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("_rels/.rels", relations(&[("o", "officeDocument", "word/document.xml")]).as_bytes()),
        ("word/document.xml", main.as_bytes()),
        ("word/_rels/document.xml.rels", relations(&links).as_bytes()),
    ]);
    let book = format!("<workbook {SPACES}>{}</workbook>", "<sheet name='a' r:id='r1'/>".repeat(8));
    let book = bytes(("xl/workbook.xml", &book), "worksheet", &[("xl/worksheet.xml", b"<worksheet/>")]);
    let show = format!("<p:presentation {SPACES}>{}</p:presentation>", "<p:sldId r:id='r1'/>".repeat(8));
    let show = bytes(("ppt/presentation.xml", &show), "slide", &[("ppt/slide.xml", b"<p:sld/>")]);
    for (bytes, what) in [(linked, "relations"), (book, "sheets"), (show, "slides")] {
        assert_eq!(over(&bytes, 8), None, "{what}");
        let told = over(&bytes, 7).unwrap_or_default();
        assert!(told.contains(what), "{what}: {told}");
    }
}

#[test]
fn more_words_above_names_than_are_kept_are_a_fault() {
    let string = |letter: &str| format!("<si><t>x</t><rPh sb='0' eb='1'><t>{}</t></rPh></si>", letter.repeat(600));
    let strings = format!("<sst {SPACES}>{}{}</sst>", string("a"), string("b"));
    let book = format!("<workbook {SPACES}/>");
    let strings = [("xl/sharedStrings.xml", strings.as_bytes())];
    let book = bytes(("xl/workbook.xml", &book), "sharedStrings", &strings);
    let mut settings = Settings::defaults();
    settings.limits.content_text_bytes = 1000;
    let faults = open(&book, &settings).expect("opens").faults();
    let told = |fault: &Fault| fault.reason == FaultReason::Limit && fault.detail.contains("above names");
    assert!(faults.iter().any(told), "{faults:?}");
    assert_eq!(open(&book, &Settings::defaults()).expect("opens").faults(), []);
}
