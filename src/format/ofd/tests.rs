//! Every place where a person can put a marking in OFD, and what cannot be read.

use std::fmt::Write as _;

use super::seal::tests::seal;
use crate::finding::FaultReason;
use crate::format::package::tests::package;
use crate::format::test_support::{members, open, settings, texts};

const NAMESPACE: &str = "xmlns:ofd=\"http://www.ofdspec.org/2016\"";

fn file(body: &str) -> String {
    format!("<ofd:OFD {NAMESPACE} Version=\"1.0\" DocType=\"OFD\">{body}</ofd:OFD>")
}

fn body(root: &str, information: &str, more: &str) -> String {
    format!(
        "<ofd:DocBody><ofd:DocInfo>{information}</ofd:DocInfo><ofd:DocRoot>{root}</ofd:DocRoot>{more}</ofd:DocBody>"
    )
}

fn document(pages: &[&str], common: &str, more: &str) -> String {
    let pages: String = pages.iter().enumerate().fold(String::new(), |mut all, (id, page)| {
        let _ = write!(all, "<ofd:Page ID=\"{}\" BaseLoc=\"{page}\"/>", id + 100);
        all
    });
    format!(
        "<ofd:Document {NAMESPACE}><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox>\
         </ofd:PageArea>{common}</ofd:CommonData><ofd:Pages>{pages}</ofd:Pages>{more}</ofd:Document>"
    )
}

fn page(before: &str, objects: &str) -> String {
    format!(
        "<ofd:Page {NAMESPACE}>{before}<ofd:Content><ofd:Layer Type=\"Body\" ID=\"9\">{objects}</ofd:Layer></ofd:Content></ofd:Page>"
    )
}

/// A line of text: its place in millimetres from the left and from the top, 5 mm high.
fn line(text: &str, x: u32, y: u32) -> String {
    format!(
        "<ofd:TextObject ID=\"1\" Boundary=\"{x} {y} 100 6\" Font=\"1\" Size=\"5\"><ofd:TextCode X=\"0\" Y=\"4.5\" \
         DeltaX=\"g 200 5\">{text}</ofd:TextCode></ofd:TextObject>"
    )
}

/// One document of pages, with nothing else.
fn simple(pages: &[&str]) -> Vec<u8> {
    let names: Vec<String> = (0..pages.len()).map(|n| format!("Pages/Page_{n}/Content.xml")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (file, document) = (file(&body("Doc_0/Document.xml", "", "")), document(&names, "", ""));
    let full: Vec<String> = names.iter().map(|name| format!("Doc_0/{name}")).collect();
    let mut parts = vec![("OFD.xml", file.as_bytes()), ("Doc_0/Document.xml", document.as_bytes())];
    parts.extend(full.iter().zip(pages).map(|(name, page)| (name.as_str(), page.as_bytes())));
    package(&parts)
}

/// The faults of the pages of a document.
fn faults(bytes: &[u8]) -> Vec<(Option<u32>, FaultReason)> {
    let settings = settings();
    let document = open(bytes, &settings).expect("opens");
    let mut faults = document.faults();
    for number in 1..=document.page_count() {
        faults.extend(document.page(number).expect("there").layer().expect("has text").faults);
    }
    faults.into_iter().map(|fault| (fault.page, fault.reason)).collect()
}

#[test]
fn a_marking_is_found_in_every_place_where_one_can_be_put() {
    let information = "<ofd:Title>标题机密</ofd:Title><ofd:CustomDatas><ofd:CustomData Name=\"密级\">属性机密</ofd:CustomData></ofd:CustomDatas>";
    let signatures = "<ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures>";
    let file = file(&body("/Doc_0/Document.xml", information, signatures));
    let common = "<ofd:TemplatePage ID=\"7\" BaseLoc=\"Tpls/Tpl_0/Content.xml\" ZOrder=\"Foreground\"/>\
        <ofd:PublicRes>PublicRes.xml</ofd:PublicRes>";
    let more = "<ofd:Annotations>Annots/Annotations.xml</ofd:Annotations>\
        <ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments>\
        <ofd:Outlines><ofd:OutlineElem Title=\"大纲机密\"/></ofd:Outlines>";
    let document = document(&["Pages/Page_0/Content.xml"], common, more);
    let composite = "<ofd:PageBlock ID=\"5\"><ofd:CompositeObject ID=\"6\" ResourceID=\"30\" Boundary=\"20 100 50 50\"/></ofd:PageBlock>";
    let objects = [line("正文机密", 20, 80), composite.to_owned(), line("页脚机密", 20, 285)].concat();
    let content = page("<ofd:Template TemplateID=\"7\"/>", &objects);
    let template = page("", &line("版头机密", 20, 10));
    let resources = format!(
        "<ofd:Res {NAMESPACE} BaseLoc=\"Res\"><ofd:MultiMedias><ofd:MultiMedia ID=\"2\" Type=\"Image\"><ofd:MediaFile>scan.png\
         </ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias><ofd:Fonts><ofd:Font ID=\"1\"><ofd:FontFile>f.dat</ofd:FontFile>\
         </ofd:Font></ofd:Fonts><ofd:CompositeGraphicUnits><ofd:CompositeGraphicUnit ID=\"30\"><ofd:Content>{}</ofd:Content>\
         </ofd:CompositeGraphicUnit></ofd:CompositeGraphicUnits></ofd:Res>",
        line("图元机密", 1, 1)
    );
    let annotations = format!(
        "<ofd:Annotations {NAMESPACE}><ofd:Page PageID=\"100\"><ofd:FileLoc>Page_0.xml</ofd:FileLoc></ofd:Page></ofd:Annotations>"
    );
    let annotation = format!(
        "<ofd:PageAnnot {NAMESPACE}><ofd:Annot Type=\"Stamp\"><ofd:Remark>备注机密</ofd:Remark><ofd:Appearance \
         Boundary=\"120 40 60 20\">{}</ofd:Appearance></ofd:Annot></ofd:PageAnnot>",
        line("批注机密", 0, 0)
    );
    let attachments = format!(
        "<ofd:Attachments {NAMESPACE}><ofd:Attachment Name=\"附件机密\"><ofd:FileLoc>a.pdf</ofd:FileLoc></ofd:Attachment></ofd:Attachments>"
    );
    let list =
        format!("<ofd:Signatures {NAMESPACE}><ofd:Signature BaseLoc=\"Sign_0/Signature.xml\"/></ofd:Signatures>");
    let signature = format!(
        "<ofd:Signature {NAMESPACE}><ofd:SignedInfo><ofd:Seal><ofd:BaseLoc>Seal.esl</ofd:BaseLoc></ofd:Seal></ofd:SignedInfo></ofd:Signature>"
    );
    let esl = seal("印章机密", "PNG", b"\x89PNG\r\n\x1a\nseal");
    let bytes = package(&[
        ("OFD.xml", file.as_bytes()),
        ("Doc_0/document.xml", document.as_bytes()),
        ("Doc_0/Pages/Page_0/Content.xml", content.as_bytes()),
        ("Doc_0/Tpls/Tpl_0/Content.xml", template.as_bytes()),
        ("Doc_0/PublicRes.xml", resources.as_bytes()),
        ("Doc_0/Res/scan.png", b"picture"),
        ("Doc_0/Res/f.dat", b"font"),
        ("Doc_0/Annots/Annotations.xml", annotations.as_bytes()),
        ("Doc_0/Annots/Page_0.xml", annotation.as_bytes()),
        ("Doc_0/Attachs/Attachments.xml", attachments.as_bytes()),
        ("Doc_0/Attachs/a.pdf", b"attachment"),
        ("Doc_0/Tags/Tag.xml", "<a>标签机密</a>".as_bytes()),
        ("Doc_0/Signs/Signatures.xml", list.as_bytes()),
        ("Doc_0/Signs/Sign_0/Signature.xml", signature.as_bytes()),
        ("Doc_0/Signs/Sign_0/Seal.esl", &esl),
    ]);
    let settings = settings();
    let document = open(&bytes, &settings).expect("opens");
    assert_eq!(document.faults(), []);
    let expected = [
        (None, "版头机密\n批注机密\n正文机密\n图元机密\n页脚机密\n备注机密"),
        (
            Some("properties"),
            "Title: 标题机密\n密级: 属性机密\nAttachment: 附件机密\nOutline: 大纲机密\nSeal: 印章机密\n",
        ),
    ];
    let expected = expected.map(|(label, text)| (label.map(str::to_owned), text.to_owned()));
    assert_eq!(texts(document.as_ref()), expected);
    let members = members(document.as_ref());
    let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    let expected =
        ["Doc_0/Res/scan.png", "Doc_0/Attachs/a.pdf", "Doc_0/Tags/Tag.xml", "Doc_0/Signs/Sign_0/Seal.esl/seal.png"];
    assert_eq!(names, expected);
}

#[test]
fn words_have_their_places_in_points_of_the_page() {
    let area = "<ofd:Area><ofd:PhysicalBox>10 10 105 148</ofd:PhysicalBox></ofd:Area>";
    let settings = settings();
    let bytes = simple(&[&page(area, &line("绝密★十年", 20, 20))]);
    let document = open(&bytes, &settings).expect("opens");
    let mut page = document.page(1).expect("there");
    assert_eq!(page.size().width.round(), 298.0);
    let text = page.layer().expect("has text").text;
    let place = text.words[0].bounds;
    let millimetres = [place.x, place.y, place.w, place.h].map(|points| (points / super::POINTS).round());
    assert_eq!((text.words.len(), millimetres), (1, [10.0, 10.0, 25.0, 5.0]));
}

#[test]
fn each_document_of_a_file_is_read_and_its_pages_are_named() {
    let file = file(&[body("A/Document.xml", "", ""), body("B/Document.xml", "", "")].concat());
    let (one, two) = (document(&["1.xml", "2.xml"], "", ""), document(&["1.xml"], "", ""));
    let pages = ["甲", "乙", "丙"].map(|text| page("", &line(text, 10, 10)));
    let bytes = package(&[
        ("OFD.xml", file.as_bytes()),
        ("A/Document.xml", one.as_bytes()),
        ("B/Document.xml", two.as_bytes()),
        ("A/1.xml", pages[0].as_bytes()),
        ("A/2.xml", pages[1].as_bytes()),
        ("B/1.xml", pages[2].as_bytes()),
    ]);
    let settings = settings();
    let read = texts(open(&bytes, &settings).expect("opens").as_ref());
    let expected = [("document 1, page 1", "甲"), ("document 1, page 2", "乙"), ("document 2, page 1", "丙")];
    assert_eq!(read, expected.map(|(label, text)| (Some(label.to_owned()), text.to_owned())));
}

#[test]
fn text_that_cannot_be_seen_is_read() {
    let hidden = line("不可见机密", 10, 10).replace("Font=", "Visible=\"false\" Alpha=\"0\" Font=");
    let settings = settings();
    let bytes = simple(&[&page("", &hidden)]);
    assert_eq!(texts(open(&bytes, &settings).expect("opens").as_ref())[0].1, "不可见机密");
}

#[test]
fn drawn_letters_lost_characters_and_missing_pages_are_faults_of_their_page() {
    let letter = format!(
        "<ofd:PathObject><ofd:AbbreviatedData>M 0 0 {}C</ofd:AbbreviatedData></ofd:PathObject>",
        "B 1 2 3 4 5 6 L 9 8 ".repeat(9)
    );
    let clip =
        format!("<ofd:TextObject><ofd:Clips><ofd:Clip>{}</ofd:Clip></ofd:Clips></ofd:TextObject>", letter.repeat(3));
    let glyphs = "<ofd:TextObject Size=\"3\"><ofd:CGTransform><ofd:Glyphs>4 5 6</ofd:Glyphs></ofd:CGTransform><ofd:TextCode X=\"1\" Y=\"1\">   </ofd:TextCode></ofd:TextObject>";
    let pages = [
        page("", &letter.repeat(2)),
        page("", &line("机\u{e123}密", 10, 10)),
        page("", glyphs),
        page("", &(line("\u{f0b7}", 10, 10) + &clip)),
    ];
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    let lost = |page| (Some(page), FaultReason::Unsupported);
    assert_eq!(faults(&simple(&pages)), [lost(1), lost(2), lost(3)]);
    let document = document(&["1.xml"], "", "");
    let file = file(&body("Document.xml", "", ""));
    let missing = package(&[("OFD.xml", file.as_bytes()), ("Document.xml", document.as_bytes())]);
    assert_eq!(faults(&missing), [(Some(1), FaultReason::Damaged)]);
    let whole = page("", &line("机密", 10, 10));
    let cut = simple(&[&whole[..whole.len() - 30]]);
    assert_eq!(faults(&cut), [(Some(1), FaultReason::Damaged)]);
}

#[test]
fn an_encrypted_document_is_encrypted_and_not_damaged() {
    let file = file(&body("Doc_0/Document.xml", "", ""));
    let bytes =
        package(&[("OFD.xml", file.as_bytes()), ("Encryptions.xml", b"<a/>"), ("Doc_0/Document.xml", b"\x01\x02")]);
    assert_eq!(open(&bytes, &settings()).err().expect("locked").reason, FaultReason::Encrypted);
}

#[test]
fn drawings_inside_themselves_and_pages_of_endless_objects_end_in_a_fault() {
    let inside = "<ofd:CompositeObject ResourceID=\"3\" Boundary=\"0 0 9 9\"/>";
    let file = file(&body("Document.xml", "", ""));
    let document = document(&["1.xml"], "<ofd:PublicRes>Res.xml</ofd:PublicRes>", "");
    let unit = format!(
        "<ofd:Res {NAMESPACE}><ofd:CompositeGraphicUnit ID=\"3\">{}</ofd:CompositeGraphicUnit></ofd:Res>",
        inside.repeat(30)
    );
    let content = page("", inside);
    let bytes = package(&[
        ("OFD.xml", file.as_bytes()),
        ("Document.xml", document.as_bytes()),
        ("Res.xml", unit.as_bytes()),
        ("1.xml", content.as_bytes()),
    ]);
    assert_eq!(faults(&bytes), [(Some(1), FaultReason::Limit)]);
    let mut settings = settings();
    settings.limits.page_objects = 10;
    let many = simple(&[&page("", &line("机", 1, 1).repeat(50))]);
    let document = open(&many, &settings).expect("opens");
    let found = document.page(1).expect("there").layer().expect("has text").faults;
    assert_eq!(found[0].reason, FaultReason::Limit);
}

#[test]
fn a_picture_called_a_font_is_handed_out_and_one_that_is_missing_is_a_fault() {
    let resources = format!(
        "<ofd:Res {NAMESPACE} BaseLoc=\"Res\"><ofd:Fonts><ofd:Font ID=\"1\"><ofd:FontFile>a.png</ofd:FontFile></ofd:Font>\
         <ofd:Font ID=\"2\"><ofd:FontFile>font.bin</ofd:FontFile></ofd:Font></ofd:Fonts><ofd:MultiMedias>\
         <ofd:MultiMedia ID=\"5\" Type=\"Image\"><ofd:MediaFile>a.png</ofd:MediaFile></ofd:MultiMedia>\
         <ofd:MultiMedia ID=\"6\" Type=\"Image\"><ofd:MediaFile>b.ttf</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>"
    );
    let (file, page) = (file(&body("Doc_0/Document.xml", "", "")), page("", &line("text", 20, 20)));
    let document = document(&["Pages/P.xml"], "<ofd:PublicRes>PublicRes.xml</ofd:PublicRes>", "");
    let picture: &[u8] = b"GIF89a\x01\0\x01\0";
    let parts: [(&str, &[u8]); 7] = [
        ("OFD.xml", file.as_bytes()),
        ("Doc_0/Document.xml", document.as_bytes()),
        ("Doc_0/PublicRes.xml", resources.as_bytes()),
        ("Doc_0/Pages/P.xml", page.as_bytes()),
        ("Doc_0/Res/a.png", picture),
        ("Doc_0/Res/font.bin", b"\0\x01\0\0\0 a font"),
        ("Doc_0/Res/b.ttf", picture),
    ];
    let settings = settings();
    let bytes = package(&parts);
    let whole = open(&bytes, &settings).expect("opens");
    let names: Vec<String> = members(whole.as_ref()).into_iter().map(|(name, _)| name).collect();
    assert_eq!((names, whole.faults()), (vec!["Doc_0/Res/a.png".to_owned(), "Doc_0/Res/b.ttf".to_owned()], vec![]));
    assert_eq!(faults(&package(&parts[..6])), [(None, FaultReason::Damaged)]);
}

#[test]
fn what_lies_behind_a_document_is_handed_out() {
    let behind =
        [simple(&[&page("", &line("text", 20, 20))]), b"\nthis text lies behind and says TOP SECRET\n".to_vec()]
            .concat();
    let settings = settings();
    let document = open(&behind, &settings).expect("opens");
    assert!(members(document.as_ref())[0].0.starts_with("bytes behind the document"));
}
