//! Documents of Word.

use super::*;

fn paragraph(text: &str) -> String {
    format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")
}

fn story(root: &str, inside: &str) -> String {
    format!("<w:{root} {SPACES}>{inside}</w:{root}>")
}

/// A document with these relations and parts in its folder.
fn document(body: &str, list: &[(&str, &str, &str)], parts: &[(&str, &str)]) -> Read {
    let (main, links) = (story("document", &format!("<w:body>{body}</w:body>")), relations(list));
    let mut all = vec![
        ("[Content_Types].xml", "<Types/>"),
        ("word/document.xml", main.as_str()),
        ("word/_rels/document.xml.rels", links.as_str()),
    ];
    all.extend(parts);
    Read::of(&all)
}

#[test]
fn each_page_begins_with_the_header_of_its_section_and_ends_with_its_footer() {
    let body = [
        paragraph("one"),
        "<w:p><w:r><w:br w:type='page'/><w:lastRenderedPageBreak/><w:t>two</w:t></w:r></w:p>".to_owned(),
        "<w:p><w:pPr><w:sectPr><w:headerReference w:type='first' r:id='h1'/><w:headerReference w:type='default' r:id='h2'/>\
         <w:footerReference w:type='default' r:id='f1'/><w:titlePg/></w:sectPr></w:pPr><w:r><w:t>three</w:t></w:r></w:p>"
            .to_owned(),
        paragraph("four"),
        "<w:p><w:r><w:lastRenderedPageBreak/><w:t>five</w:t></w:r></w:p>".to_owned(),
        "<w:sectPr><w:headerReference w:type='even' r:id='h3'/></w:sectPr>".to_owned(),
    ]
    .concat();
    let list = [
        ("h1", "header", "header1.xml"),
        ("h2", "header", "header2.xml"),
        ("h3", "header", "/word/header3.xml"),
        ("f1", "footer", "footer1.xml"),
    ];
    let stories = ["机密★1年", "机密", "even only", "foot"].map(|text| story("hdr", &paragraph(text)));
    let read = document(
        &body,
        &list,
        &[
            ("word/header1.xml", &stories[0]),
            ("word/header2.xml", &stories[1]),
            ("word/header3.xml", &stories[2]),
            ("word/footer1.xml", &stories[3]),
        ],
    );
    let expected = ["机密★1年\none", "机密\ntwo\nthree\nfoot", "机密\nfour\nfoot", "机密\nfive\nfoot", "even only"];
    assert_eq!(read.texts(), expected);
    assert_eq!(read.page("headers and footers of no page"), "even only");
    assert_eq!(read.faults, []);
}

#[test]
fn even_pages_have_headers_of_their_own_and_a_section_may_go_on_within_a_page() {
    let section = |inside: &str| format!("<w:p><w:pPr><w:sectPr>{inside}</w:sectPr></w:pPr></w:p>");
    let body = [
        paragraph("one"),
        section("<w:headerReference w:type='even' r:id='h1'/><w:headerReference w:type='default' r:id='h2'/>"),
        paragraph("goes on"),
        "<w:p><w:pPr><w:pageBreakBefore/></w:pPr><w:r><w:t>two</w:t></w:r></w:p>".to_owned(),
        "<w:sectPr><w:type w:val='continuous'/></w:sectPr>".to_owned(),
    ]
    .concat();
    let list = [("h1", "header", "h1.xml"), ("h2", "header", "h2.xml"), ("s", "settings", "settings.xml")];
    let (even, odd) = (story("hdr", &paragraph("even")), story("hdr", &paragraph("odd")));
    let settings = "<w:settings><w:evenAndOddHeaders/><w:docVars><w:docVar w:name='key' w:val='hunter2'/></w:docVars></w:settings>";
    let read =
        document(&body, &list, &[("word/h1.xml", &even), ("word/h2.xml", &odd), ("word/settings.xml", settings)]);
    assert_eq!(read.texts(), ["odd\none\ngoes on", "even\ntwo", "key: hunter2"]);
}

#[test]
fn text_boxes_pictures_and_word_art_are_read_once_and_before_their_paragraph() {
    let text_box = |text: &str| format!("<w:txbxContent>{}</w:txbxContent>", paragraph(text));
    let body = format!(
        "<w:p><w:r><w:t>a par</w:t></w:r><w:r><mc:AlternateContent><mc:Choice><w:drawing><wp:docPr id='1' name='Box 1'/>{0}</w:drawing>\
         </mc:Choice><mc:Fallback><w:pict><v:textbox>{0}{1}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent>\
         <w:t>agraph</w:t></w:r></w:p>\
         <w:p><w:r><w:drawing><wp:docPr id='2' descr='a map of the harbour'/><pic:cNvPr id='2' descr='a map of the harbour'/></w:drawing>\
         <w:pict><v:shape><v:textpath string='DRAFT mark'/></v:shape></w:pict><w:t>second</w:t></w:r></w:p>",
        text_box("内部资料"),
        text_box("fallback only"),
    );
    let read = document(&body, &[], &[]);
    let lines = ["内部资料", "fallback only", "a paragraph", "a map of the harbour", "DRAFT mark", "second"];
    assert_eq!(read.texts(), [lines.join("\n")]);
}

#[test]
fn notes_stand_on_their_page_and_comments_apart() {
    let body = [
        "<w:p><w:r><w:t>one</w:t><w:footnoteReference w:id='2'/></w:r></w:p>",
        "<w:p><w:r><w:br w:type='page'/><w:t>two</w:t><w:endnoteReference w:id='2'/></w:r></w:p>",
    ]
    .concat();
    let notes = |element: &str, text: &str| {
        let one =
            |id: u32, text: &str| format!("<w:{element} w:id='{id}' w:author='Li'>{}</w:{element}>", paragraph(text));
        story("notes", &[one(2, text), one(3, "nobody refers to this")].concat())
    };
    let list =
        [("a", "footnotes", "footnotes.xml"), ("b", "endnotes", "endnotes.xml"), ("c", "comments", "comments.xml")];
    let parts = [notes("footnote", "foot secret"), notes("endnote", "end secret"), notes("comment", "said secret")];
    let read = document(
        &body,
        &list,
        &[("word/footnotes.xml", &parts[0]), ("word/endnotes.xml", &parts[1]), ("word/comments.xml", &parts[2])],
    );
    assert_eq!(read.texts()[..2], ["one\nfoot secret", "two\nend secret"]);
    assert_eq!(read.page("footnotes"), "nobody refers to this");
    assert_eq!(read.page("endnotes"), "nobody refers to this");
    assert_eq!(read.page("comments"), "Li: said secret\nLi: nobody refers to this");
}

#[test]
fn tables_are_rows_of_cells_and_what_was_deleted_is_marked() {
    let cell = |text: &str| format!("<w:tc>{}</w:tc>", paragraph(text));
    let body = [
        format!("<w:tbl><w:tr>{}{}</w:tr><w:tr>{}</w:tr></w:tbl>", cell("a"), cell("b"), cell("c")),
        "<w:p><w:ins><w:r><w:t>new</w:t></w:r></w:ins><w:del><w:r><w:delText>old </w:delText></w:r><w:r><w:delText>secret</w:delText></w:r></w:del>\
         <w:r><w:tab/><w:t>rest</w:t><w:noBreakHyphen/><w:t>s</w:t></w:r></w:p>".to_owned(),
        "<w:p><w:r><w:t>机密</w:t><w:sym w:font='Wingdings' w:char='F0AB'/><w:t>1年</w:t></w:r></w:p>".to_owned(),
    ]
    .concat();
    let read = document(&body, &[], &[]);
    assert_eq!(read.texts(), ["a\tb\nc\nnew[deleted: old secret]\trest-s\n机密★1年"]);
}

#[test]
fn fields_forms_links_and_building_blocks_are_read() {
    let body = "<w:p><w:r><w:fldChar w:fldCharType='begin'/><w:instrText> DATABASE \\c \"PWD=hunter2\" </w:instrText>\
                <w:fldChar w:fldCharType='separate'/><w:t>result</w:t><w:fldChar w:fldCharType='end'/></w:r>\
                <w:fldSimple w:instr=' PAGE '><w:r><w:t>7</w:t></w:r></w:fldSimple></w:p>\
                <w:sdt><w:sdtPr><w:dropDownList><w:listItem w:displayText='choose this' w:value='1'/></w:dropDownList></w:sdtPr>\
                <w:sdtContent><w:p><w:t>chosen</w:t></w:p></w:sdtContent></w:sdt>";
    let list = [
        ("l", "hyperlink", "https://host.example/%E6%9C%BA%E5%AF%86?token=abc"),
        ("g", "glossaryDocument", "glossary/document.xml"),
        ("x", "customXml", "../customXml/item1.xml"),
    ];
    let blocks = story("glossaryDocument", &paragraph("a block"));
    let read = document(
        body,
        &list,
        &[
            ("word/glossary/document.xml", &blocks),
            ("customXml/item1.xml", "<a mark='SECRET//NOFORN' xmlns:x='http://x/y'><b>bound data</b></a>"),
            ("customXml/itemProps1.xml", "<ds:datastoreItem>nothing</ds:datastoreItem>"),
        ],
    );
    assert_eq!(read.page(""), "result7\nchosen");
    assert_eq!(read.page("fields"), "DATABASE \\c \"PWD=hunter2\"");
    assert_eq!(read.page("forms"), "a list of this form offers to choose from: choose this");
    assert_eq!(read.page("building blocks"), "a block");
    assert_eq!(read.page("part customXml/item1.xml"), "SECRET//NOFORN\nbound data");
    assert_eq!(read.page("links"), "https://host.example/机密?token=abc");
}

#[test]
fn charts_and_diagrams_are_read() {
    let list = [
        ("c", "chart", "charts/chart1.xml"),
        ("d", "diagramData", "diagrams/data1.xml"),
        ("e", "diagramDrawing", "diagrams/drawing1.xml"),
    ];
    let value = |text: &str| format!("<c:pt idx='0'><c:v>{text}</c:v></c:pt>");
    let chart = format!(
        "<c:chartSpace {SPACES}><c:title><a:p><a:r><a:t>绝密 chart</a:t></a:r></a:p></c:title><c:ser><c:tx><c:strCache>{}</c:strCache></c:tx>\
         <c:cat><c:f>Sheet1!$A$1</c:f>{}{}</c:cat><c:val><c:formatCode>General</c:formatCode>{}</c:val></c:ser></c:chartSpace>",
        value("series"),
        value("Q1"),
        value("Q2"),
        value("17"),
    );
    let diagram = format!(
        "<dgm:dataModel {SPACES}><dgm:pt><dgm:t><a:p><a:r><a:t>step one</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:dataModel>"
    );
    let read = document(
        &paragraph("text"),
        &list,
        &[
            ("word/charts/chart1.xml", &chart),
            ("word/diagrams/data1.xml", &diagram),
            ("word/diagrams/drawing1.xml", &diagram),
        ],
    );
    assert_eq!(read.page("chart"), "绝密 chart\nseries\nQ1\tQ2\n17");
    assert_eq!(read.page("diagram"), "step one");
    assert_eq!(read.pages.len(), 3);
}

#[test]
fn what_is_embedded_is_handed_out_and_what_carries_nothing_is_not() {
    let list = [("a", "aFChunk", "afchunk.xml"), ("i", "image", "media/image1.png")];
    let read = document(
        &paragraph("text"),
        &list,
        &[
            ("word/afchunk.xml", "a document in a document"),
            ("word/media/image1.png", "picture"),
            ("word/embeddings/oleObject1.bin", "object"),
            ("word/embeddings/Microsoft_Excel_Sheet.xlsx", "sheet"),
            ("word/vbaProject.bin", "macros"),
            ("word/activeX/activeX1.bin", "control"),
            ("word/fonts/font1.odttf", "font"),
            ("word/theme/theme1.xml", "<a:theme>theme</a:theme>"),
            ("word/styles.xml", "<w:styles>styles</w:styles>"),
            ("word/theme/theme1.png", "a picture where none is wanted"),
        ],
    );
    let expected = [
        "word/afchunk.xml",
        "word/media/image1.png",
        "word/embeddings/oleObject1.bin",
        "word/embeddings/Microsoft_Excel_Sheet.xlsx",
        "word/vbaProject.bin",
        "word/activeX/activeX1.bin",
        "word/theme/theme1.png",
    ];
    assert_eq!((&read.members, read.texts()), (&expected.map(str::to_owned).to_vec(), vec!["text"]));
}

#[test]
fn a_text_over_the_limit_is_kept_up_to_it_with_a_fault() {
    let mut settings = Settings::defaults();
    settings.limits.content_text_bytes = 1000;
    let main = story("document", &paragraph("some words").repeat(500));
    let bytes = package(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", main.as_bytes())]);
    let document = open(&bytes, &settings).expect("opens");
    let kept: usize = texts(&*document).iter().map(|(_, text)| text.len()).sum();
    assert!((900..=1000).contains(&kept), "{kept}");
    assert_eq!(document.faults().len(), 1);
}

#[test]
fn headers_on_every_page_do_not_outgrow_the_limit() {
    let mut settings = Settings::defaults();
    settings.limits.content_text_bytes = 10_000;
    let body = [paragraph("x"), "<w:p><w:r><w:br w:type='page'/></w:r></w:p>".repeat(500), paragraph("y")].concat();
    let body = format!("{body}<w:sectPr><w:headerReference w:type='default' r:id='h'/></w:sectPr>");
    let (main, header) = (story("document", &body), story("hdr", &paragraph(&"head ".repeat(200))));
    let links = relations(&[("h", "header", "h.xml")]);
    let bytes = package(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", main.as_bytes()),
        ("word/h.xml", header.as_bytes()),
        ("word/_rels/document.xml.rels", links.as_bytes()),
    ]);
    let document = open(&bytes, &settings).expect("opens");
    assert!(document.faults().iter().all(|fault| fault.detail.contains("content_text_bytes")));
    assert_eq!(document.faults().len(), 1);
    assert!(document.page_count() <= 11, "{}", document.page_count());
}

#[test]
fn of_a_list_to_choose_from_the_item_taken_is_text_and_the_others_are_no_lines_of_their_own() {
    let field = "<w:p><w:r><w:t xml:space='preserve'>Level: </w:t></w:r><w:r><w:fldChar w:fldCharType='begin'><w:ffData><w:ddList>\
                 <w:result w:val='1'/><w:default w:val='0'/><w:listEntry w:val='Public'/><w:listEntry w:val='SECRET'/>\
                 </w:ddList></w:ffData></w:fldChar></w:r><w:r><w:instrText> FORMDROPDOWN </w:instrText></w:r>\
                 <w:r><w:fldChar w:fldCharType='end'/></w:r></w:p>";
    let control = "<w:sdt><w:sdtPr><w:comboBox><w:listItem w:displayText='Public' w:value='1'/><w:listItem w:value='TOP SECRET'/></w:comboBox></w:sdtPr>\
                   <w:sdtContent><w:p><w:r><w:t>Public</w:t></w:r></w:p></w:sdtContent></w:sdt>";
    let read = document(&[field, control].concat(), &[], &[]);
    assert_eq!(read.page(""), "Level: SECRET\nPublic");
    let offers = "a list of this form offers to choose from:";
    assert_eq!(read.page("forms"), format!("{offers} Public / SECRET\n{offers} Public / TOP SECRET"));
}

#[test]
fn letters_that_a_style_shows_as_capitals_are_read_as_capitals() {
    let styles = "<w:styles><w:style w:type='paragraph' w:styleId='Mark'><w:rPr><w:caps/></w:rPr></w:style>\
                  <w:style w:type='paragraph' w:styleId='Mark2'><w:basedOn w:val='Mark'/></w:style>\
                  <w:style w:type='paragraph' w:styleId='Plain'><w:basedOn w:val='Mark'/><w:rPr><w:caps w:val='0'/></w:rPr></w:style>\
                  <w:style w:type='character' w:styleId='Small'><w:rPr><w:smallCaps/></w:rPr></w:style></w:styles>";
    let in_style = |style: &str, run: &str, text: &str| {
        format!("<w:p><w:pPr><w:pStyle w:val='{style}'/></w:pPr><w:r><w:rPr>{run}</w:rPr><w:t>{text}</w:t></w:r></w:p>")
    };
    let body = [
        in_style("Mark", "", "top secret"),
        in_style("Mark2", "", "nato secret"),
        in_style("Plain", "", "plain"),
        in_style("Plain", "<w:rStyle w:val='Small'/>", "small"),
        in_style("Mark", "<w:caps w:val='0'/>", "taken back"),
        paragraph("usual"),
    ]
    .concat();
    let list = [("s", "styles", "styles.xml"), ("h", "header", "header1.xml")];
    let header = story("hdr", &in_style("Mark", "", "secret"));
    let read = document(&body, &list, &[("word/styles.xml", styles), ("word/header1.xml", &header)]);
    assert_eq!(read.page(""), "TOP SECRET\nNATO SECRET\nplain\nSMALL\ntaken back\nusual");
    assert_eq!(read.page("headers and footers of no page"), "SECRET");
    assert_eq!(read.faults, []);
}

#[test]
fn a_picture_is_handed_out_whatever_it_is_called_and_whatever_else_names_it() {
    let picture = "GIF89a\u{1}\0\u{1}\0";
    let names = ["word/media/logo.ttf", "digital-signature/a.png", "docProps/thumbnail.gif", "word/theme/theme1.xml"];
    let targets = names.map(|name| format!("/{name}"));
    let list: Vec<(&str, &str, &str)> =
        ["a", "b", "c", "d"].into_iter().zip(&targets).map(|(id, target)| (id, "image", target.as_str())).collect();
    let own = relations(&[("t", "thumbnail", "docProps/thumbnail.gif"), ("m", "officeDocument", "word/document.xml")]);
    let mut parts = vec![("_rels/.rels", own.as_str()), ("word/fonts/font1.ttf", "\0\u{1}\0\0\0 a font")];
    parts.extend(names.map(|name| (name, picture)));
    // A picture behind the name of a list of styles that nothing shows.
    parts.push(("word/webSettings.xml", picture));
    let read = document(&paragraph("text"), &list, &parts);
    let mut members = read.members.clone();
    members.sort_unstable();
    let mut expected: Vec<&str> = names.to_vec();
    expected.push("word/webSettings.xml");
    expected.sort_unstable();
    assert_eq!((members, read.faults), (expected.into_iter().map(str::to_owned).collect(), vec![]));
}

#[test]
fn a_picture_or_a_header_that_is_missing_is_a_fault_and_what_office_had_not_is_none() {
    for (kind, target, faults) in [("image", "media/gone.png", 1), ("header", "header9.xml", 1), ("image", "NULL", 0)] {
        let read = document(&paragraph("text"), &[("r", kind, target)], &[]);
        assert_eq!(read.faults.len(), faults, "{target}");
        assert!(read.faults.iter().all(|fault| fault.detail.contains(target) && fault.detail.contains("missing")));
    }
}

#[test]
fn words_that_only_another_part_calls_its_own_are_read_though_it_is_called_a_style() {
    let read =
        document(&paragraph("text"), &[], &[("word/styles.xml", "<w:document><w:t>TOP SECRET</w:t></w:document>")]);
    assert!(read.texts().contains(&"TOP SECRET"));
}

#[test]
fn what_a_line_goes_through_is_marked_and_what_it_does_not_is_none_of_it() {
    let struck = |text: &str| format!("<w:r><w:rPr><w:strike/></w:rPr><w:t>{text}</w:t></w:r>");
    let body = [
        format!("<w:p>{}{}<w:r><w:t xml:space='preserve'> new</w:t></w:r></w:p>", struck("TOP "), struck("SECRET")),
        "<w:p><w:r><w:rPr><w:dstrike w:val='1'/></w:rPr><w:t>机密</w:t><w:br/><w:t>10年</w:t></w:r></w:p>".to_owned(),
        "<w:p><w:r><w:rPr><w:strike w:val='0'/></w:rPr><w:t>off</w:t></w:r></w:p>".to_owned(),
        "<w:p><w:pPr><w:rPr><w:strike/></w:rPr></w:pPr><w:r><w:t>mark alone</w:t></w:r></w:p>".to_owned(),
        format!("<w:p><w:del>{}</w:del></w:p>", struck("gone")),
    ]
    .concat();
    let read = document(&body, &[], &[]);
    assert_eq!(
        read.texts(),
        ["[struck out: TOP SECRET] new\n[struck out: 机密]\n[struck out: 10年]\noff\nmark alone\n[deleted: gone]"]
    );
}
