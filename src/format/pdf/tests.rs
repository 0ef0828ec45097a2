//! Documents that say something beside their pages, and pages as they are shown.

use crate::config::Settings;
use crate::document::Word;
use crate::finding::FaultReason;
use crate::format::test_support::{fixture, members, open, open_fixture, pdf, settings};

#[test]
fn words_of_a_page_have_their_places_on_the_page_as_shown() {
    let settings = settings();
    let document = open_fixture("gate/columns.pdf", &settings).expect("opens");
    let layer = document.page(1).expect("a page").layer().expect("a layer");
    let text = &layer.text.content;
    assert!(text.starts_with("Report of the committee\n"), "the first line is its own");
    let first: &Word = &layer.text.words[0];
    // 16-point type on a baseline 800 points from the bottom of A4, 72 from the left.
    assert!((first.bounds.x - 72.0).abs() < 2.0, "{:?}", first.bounds);
    assert!(first.bounds.y > 841.9 - 800.0 - 18.0 && first.bounds.bottom() < 841.9 - 800.0 + 6.0, "{:?}", first.bounds);
}

#[test]
fn chinese_lines_are_single_words() {
    let settings = settings();
    let document = open_fixture("gate/chinese.pdf", &settings).expect("opens");
    let layer = document.page(1).expect("a page").layer().expect("a layer");
    let line = layer.text.content.lines().nth(2).expect("a third line");
    assert_eq!(line, "一、各单位应当按期清点文件，登记造册。");
}

#[test]
fn what_cannot_be_opened_is_a_fault() {
    let settings = settings();
    let locked = open_fixture("gate/encrypted.pdf", &settings).map(|_| ()).expect_err("needs a password");
    assert_eq!(locked.reason, FaultReason::Encrypted);
    let damaged = open(b"%PDF-1.4\nnothing follows", &settings).map(|_| ()).expect_err("no PDF");
    assert_eq!(damaged.reason, FaultReason::Damaged);
}

/// A PDF of one empty page; the catalog has these entries too, and these objects come from number 4 on.
fn with(catalog: &str, objects: &[&str], trailer: &str) -> Vec<u8> {
    let mut all = vec![
        format!("<< /Type /Catalog /Pages 2 0 R {catalog} >>").into_bytes(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] >>".to_vec(),
    ];
    all.extend(objects.iter().map(|object| object.as_bytes().to_vec()));
    let file = String::from_utf8(pdf(&all)).expect("UTF-8");
    file.replace("trailer << ", &format!("trailer << {trailer} ")).into_bytes()
}

fn stream(entries: &str, data: &str) -> String {
    format!("<< {entries} /Length {} >>\nstream\n{data}\nendstream", data.len())
}

/// Labels and texts of the pages behind the first.
fn beside(file: &[u8]) -> Vec<(String, String)> {
    let settings = settings();
    let document = open(file, &settings).expect("opens");
    assert_eq!(document.faults(), []);
    (2..=document.page_count())
        .map(|number| {
            let mut page = document.page(number).expect("a page");
            let layer = page.layer().expect("a layer");
            assert!(layer.objects.text_only_format && page.render(100).expect("renders").is_none());
            (page.label().expect("a name"), layer.text.content)
        })
        .collect()
}

fn page(label: &str, text: &str) -> (String, String) {
    (label.to_owned(), text.to_owned())
}

#[test]
fn attached_files_are_documents_inside() {
    let settings = settings();
    let document = open_fixture("gate/attachments.pdf", &settings).expect("opens");
    assert_eq!(document.faults(), []);
    assert_eq!(members(document.as_ref()).len(), 2);
    let packed = stream("/Type /EmbeddedFile /Filter /ASCIIHexDecode", "746f7020736563726574>");
    let nobody = stream("/Type /EmbeddedFile", "an orphan");
    let names = "/Names << /EmbeddedFiles << /Names [(a) 4 0 R (b) << /F (c\\\\b.txt) /EF << /F 6 0 R >> >>] >> >>";
    let named =
        "<< /Type /Filespec /UF <FEFF7EDD5BC6> /F (x.txt) /Desc (for your eyes only) /#45F << /F 5 0 R /UF 5 0 R >> >>";
    let file = with(names, &[named, &packed, &stream("", "inline"), &nobody], "");
    let document = open(&file, &settings).expect("opens");
    assert_eq!(document.faults(), []);
    let expected = [("c/b.txt", "inline"), ("绝密", "top secret"), ("attachment-3", "an orphan")];
    let expected = expected.map(|(name, text)| (name.to_owned(), Ok(text.as_bytes().to_vec())));
    assert_eq!(members(document.as_ref()), expected);
    assert_eq!(beside(&file), [page("properties", "attachment: for your eyes only\n")]);
}

#[test]
fn an_attachment_that_cannot_be_had_is_a_fault_of_its_own() {
    let settings = settings();
    let broken = stream("/Type /EmbeddedFile /Filter /FlateDecode", "no deflate");
    let specs = "<< /F (gone) /EF << /F 77 0 R >> >>";
    let document = with("", &[specs, "<< /F (broken) /EF << /F 6 0 R >> >>", &broken], "");
    let document = open(&document, &settings).expect("opens");
    let found: Vec<_> = members(document.as_ref());
    let reasons: Vec<_> = found.iter().map(|(name, got)| (name.as_str(), got.as_ref().map_err(|f| f.reason))).collect();
    assert_eq!(reasons, [("gone", Err(FaultReason::Damaged)), ("broken", Err(FaultReason::Damaged))]);
}

#[test]
fn an_archive_that_is_attached_and_not_packed_is_read_and_no_fault() {
    let settings = settings();
    let directory =
        [b"PK\x01\x02".as_slice(), &[0; 42], b"PK\x05\x06", &[0; 8], &46_u32.to_le_bytes(), &[0; 6]].concat();
    let archive = String::from_utf8(directory).expect("ASCII");
    let file = with("", &["<< /F (a.zip) /EF << /F 5 0 R >> >>", &stream("/Type /EmbeddedFile", &archive)], "");
    let document = open(&[file, b"\r\n".to_vec()].concat(), &settings).expect("opens");
    assert_eq!(document.faults(), []);
    assert_eq!(members(document.as_ref()), [("a.zip".to_owned(), Ok(archive.clone().into_bytes()))]);
    let hidden = with("", &[&stream("/Type /Other", &archive)], "");
    let faults = open(&hidden, &settings).expect("opens").faults();
    assert_eq!(faults.iter().map(|fault| fault.reason).collect::<Vec<_>>(), [FaultReason::Attachment]);
}

#[test]
fn what_stands_before_the_header_is_a_document_inside() {
    let settings = settings();
    let file = with("", &[], "");
    let before = |text: &str| {
        let bytes = [text.as_bytes(), &file].concat();
        let document = open(&bytes, &settings).expect("opens");
        assert!(document.has_members() || members(document.as_ref()).is_empty());
        members(document.as_ref())
    };
    let text = "TOP SECRET, not to be shown\n";
    assert_eq!(before(text), [("bytes before the header.txt".to_owned(), Ok(text.as_bytes().to_vec()))]);
    let page = "<html><body><p>TOP SECRET</p><!--\n";
    assert_eq!(before(page)[0].0, "bytes before the header.html");
    assert_eq!(before("\n\n"), []);
}

#[test]
fn what_viewers_draw_of_annotations_by_themselves_is_a_page() {
    let annotations = [
        "<< /Subtype /Stamp /Name /TopSecret /Rect [0 0 9 9] >>",
        "<< /Subtype /FreeText /Rect [0 0 9 9] /Contents (plain) /RC (<body><p>plain</p><p>TOP <b>SEC</b>RET</p></body>) >>",
        "<< /Subtype /Text /Rect [0 0 9 9] /Subj (for the board) >> << /Subtype /Text /Subj (Sticky Note) >>",
        "<< /Subtype /Redact /Rect [0 0 9 9] /OverlayText (withheld) >>",
        "<< /Subtype /Widget /FT /Ch /Rect [0 0 9 9] /Opt [(Public) [(2) (Restricted)]] >>",
    ];
    let file = String::from_utf8(with("", &[], "")).expect("UTF-8");
    let file = file.replace("/MediaBox", &format!("/Annots [{}] /MediaBox", annotations.join(" ")));
    let settings = settings();
    let document = open(file.as_bytes(), &settings).expect("opens");
    let mut last = document.page(2).expect("a page");
    let text = last.layer().expect("a layer").text.content;
    assert_eq!(last.label().as_deref(), Some("annotations"));
    assert_eq!(text, "Top Secret\nTOP SECRET\nfor the board\nwithheld\nPublic / Restricted\n");
}

#[test]
fn properties_are_a_page_if_somebody_wrote_any() {
    let info = "<< /Title (Microsoft Word - Plan.doc) /Author (A. Person) /Producer (Word) /CreationDate (D:2020) >>";
    assert_eq!(beside(&with("", &[info], "/Info 4 0 R")), []);
    let info = "<< /Title <FEFF7EDD5BC6> /Subject (Top Secret) /Keywords (a, b) /MSIP_Label_1_Name (Confidential) \
        /MSIP_Label_1_SetDate (2020T) /Author (A. Person) >>";
    let expected =
        "Title: 绝密\nSubject: Top Secret\nKeywords: a, b\nAuthor: A. Person\nMSIP_Label_1_Name: Confidential\n";
    assert_eq!(beside(&with("", &[info], "/Info 4 0 R")), [page("properties", expected)]);
}

#[test]
fn metadata_and_outlines_are_pages() {
    let xmp = "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF><rdf:Description pdfx:Level='Restricted'>\
        <dc:title>The plan</dc:title><xmp:CreateDate>2020</xmp:CreateDate></rdf:Description></rdf:RDF></x:xmpmeta>";
    let metadata = stream("/Type /Metadata /Subtype /XML", xmp);
    let outline =
        ["<< /First 6 0 R >>", "<< /Title (one) /First 7 0 R /Next 8 0 R >>", "<< /Title (one and a half) >>"];
    let last = "<< /Title (two) /Next 6 0 R >>";
    let file = with("/Metadata 4 0 R /Outlines 5 0 R", &[&metadata, outline[0], outline[1], outline[2], last], "");
    let expected = [
        page("outline", "one\none and a half\ntwo\n"),
        page("properties", "pdfx:Level: Restricted\ndc:title: The plan\n"),
    ];
    assert_eq!(beside(&file), expected);
}

/// A page with a dark box in a layer, which the list of layers has such an entry for.
fn layered(usual: &str, layer: &str) -> Vec<u8> {
    let catalog = format!("<< /Type /Catalog /Pages 2 0 R /OCProperties << /OCGs [5 0 R] /D << {usual} >> >> >>");
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R /Resources << /Properties << /L 5 0 R >> >> >>";
    let objects = [
        &catalog,
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page,
        &stream("", "/OC /L BDC 0 0 300 300 re f EMC"),
        &format!("<< /Type /OCG /Name (hidden) {layer} >>"),
    ];
    pdf(&objects.map(|object| object.as_bytes().to_vec()))
}

#[test]
fn a_page_with_a_layer_that_is_switched_off_is_looked_at_with_it_as_well() {
    let settings = settings();
    let cases = [
        ("/OFF [5 0 R]", ""),
        ("/BaseState /OFF /ON []", ""),
        ("/ON [5 0 R]", "/Usage << /View << /ViewState /OFF >> >>"),
    ];
    for (usual, layer) in cases {
        let file = layered(usual, layer);
        let document = open(&file, &settings).expect("opens");
        assert_eq!((document.page_count(), document.faults()), (2, vec![]), "{usual}");
        let brightness = |number| {
            let mut page = document.page(number).expect("a page");
            let image = page.render(100).expect("renders").expect("has pixels").to_luma8();
            (page.label(), image.get_pixel(50, 50).0[0])
        };
        assert_eq!(brightness(1), (None, 255), "{usual}");
        assert_eq!(brightness(2), (Some("page 1, all layers".to_owned()), 0), "{usual}");
    }
    assert_eq!(open(&layered("/ON [5 0 R]", ""), &settings).expect("opens").page_count(), 1);
    let mut hidden = String::from_utf8(layered("/OFF [5 0 R]", "")).expect("UTF-8");
    hidden = hidden.replace("/OCProperties", "/OCPropertie#73").replace("/Type /Catalog ", "");
    let faults = open(hidden.as_bytes(), &settings).expect("opens").faults();
    assert!(faults.iter().any(|fault| fault.reason == FaultReason::Unsupported), "{faults:?}");
}

#[test]
fn a_choice_among_layers_that_shows_something_where_they_are_off_is_looked_at_with_it() {
    let settings = settings();
    let choices = ["/OCGs [5 0 R] /P /AllOff", "/OCGs [5 0 R] /P /AnyOff", "/VE [/Not 5 0 R]"];
    for choice in choices {
        let file = String::from_utf8(layered("", "")).expect("UTF-8");
        let file = file.replace("/L 5 0 R", &format!("/L << /Type /OCMD {choice} >>"));
        let document = open(file.as_bytes(), &settings).expect("opens");
        assert_eq!((document.page_count(), document.faults()), (2, vec![]), "{choice}");
        let mut page = document.page(2).expect("a page");
        let image = page.render(100).expect("renders").expect("has pixels").to_luma8();
        assert_eq!(image.get_pixel(50, 50).0[0], 0, "{choice}");
        let hidden = file.replace("/P /A", "/#50 /#41").replace("/VE", "/#56E");
        let faults = open(hidden.as_bytes(), &settings).expect("opens").faults();
        assert!(faults.iter().any(|fault| fault.reason == FaultReason::Unsupported), "{choice}: {faults:?}");
    }
}

#[test]
fn what_a_document_says_where_nobody_looks_is_a_page() {
    let figure = "<< /Type /StructElem /S /Figure /Alt (a chart, for the board) /P 4 0 R >>";
    let span = "<< /Type /StructElem /S /Span /ActualText (TOP SECRET) /P 4 0 R >>";
    let catalog = "/StructTreeRoot << /K [4 0 R 5 0 R] >> /PageLabels << /Nums [0 << /P (NOFORN ) /S /D >>] >> \
        /OpenAction << /S /JavaScript /JS (app.alert\\(\"not to be copied\"\\)) >> \
        /Names << /JavaScript << /Names [(a) << /S /JavaScript /JS 6 0 R >>] >> >>";
    let file = with(catalog, &[figure, span, &stream("", "f('for your eyes only')")], "");
    let expected = [
        page("alternative texts", "a chart, for the board\nTOP SECRET\n"),
        page("strings of scripts", "not to be copied\nfor your eyes only\n"),
        page("page labels", "NOFORN\n"),
    ];
    let mut found = beside(&file);
    // Scripts come in the order of their objects.
    if let Some(scripts) = found.get_mut(1) {
        let mut lines: Vec<&str> = scripts.1.lines().collect();
        lines.sort_by_key(|line| line.starts_with("for"));
        scripts.1 = lines.join("\n") + "\n";
    }
    assert_eq!(found, expected);
}

#[test]
fn a_model_in_three_dimensions_is_a_fault() {
    let settings = settings();
    let file = with("", &[&stream("/Type /3D /Subtype /U3D", "a model")], "");
    let faults = open(&file, &settings).expect("opens").faults();
    assert!(matches!(&faults[..], [fault] if fault.reason == FaultReason::Unsupported), "{faults:?}");
}

#[test]
fn metadata_of_a_picture_is_a_page() {
    let xmp =
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF><rdf:Description q:mark='TOP SECRET'/></rdf:RDF></x:xmpmeta>";
    let file = with("", &[&stream("/Type /Metadata /Subtype /XML", xmp)], "");
    assert_eq!(beside(&file), [page("properties", "q:mark: TOP SECRET\n")]);
}

/// A document whose page has these annotations, and these objects from number 4 on.
fn annotated(annotations: &str, objects: &[&str]) -> Vec<u8> {
    let mut all = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        format!("<< /Type /Page /Parent 2 0 R /Annots [{annotations}] /MediaBox [0 0 300 300] >>").into_bytes(),
    ];
    all.extend(objects.iter().map(|object| object.as_bytes().to_vec()));
    pdf(&all)
}

#[test]
fn what_fields_say_beside_their_values_is_a_page() {
    let fields = "<< /Subtype /Widget /FT /Tx /T (s) /Rect [0 0 9 9] /TU (a tip) /DV (the default) /RV (<p>rich text</p>) >> \
        << /Subtype /Widget /FT /Btn /T (b) /Rect [0 0 9 9] /MK << /AC (pressed) /RC (pointed at) >> >> \
        << /Subtype /Widget /FT /Sig /T (c) /Rect [0 0 9 9] /V << /Type /Sig /Reason (so that it is secret) >> >> \
        << /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI (https://x.example/TOP%20SECRET) >> >> \
        << /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI (https://x.example/a) >> >>";
    let settings = settings();
    let file = annotated(fields, &[]);
    let document = open(&file, &settings).expect("opens");
    let text = document.page(2).expect("a page").layer().expect("a layer").text.content;
    let expected =
        "a tip\nthe default\nrich text\npointed at\npressed\nso that it is secret\nhttps://x.example/TOP SECRET\n";
    assert_eq!(text, expected);
    // On no page.
    let file = with("/AcroForm << /Fields [<< /T (g) /Kids [<< /FT /Tx /T (s) /TU (a tip) >>] >>] >>", &[], "");
    assert_eq!(beside(&file), [page("annotations", "a tip\n")]);
}

#[test]
fn appearances_that_no_viewer_shows_are_drawn_on_a_page() {
    let settings = settings();
    let box_form = stream("/Subtype /Form /BBox [0 0 100 50] /Resources << >>", &"0 0 100 50 re f ".repeat(50));
    let other = stream("/Subtype /Form /BBox [0 0 100 50] /Resources << >>", "0 0 9 9 re S");
    let at = "/Rect [0 0 100 50]";
    let cases = [
        format!("<< /Subtype /Stamp /F 2 {at} /AP << /N 4 0 R >> >>"),
        format!("<< /Subtype /Stamp /F 36 {at} /AP << /N 4 0 R >> >>"),
        format!("<< /Subtype /Popup {at} /AP << /N 4 0 R >> >>"),
        format!("<< /Subtype /Widget /FT /Btn {at} /AP << /N 5 0 R /D 4 0 R >> >>"),
        format!("<< /Subtype /Widget /FT /Btn {at} /AS /Off /AP << /N << /Off 5 0 R /On 4 0 R >> >> >>"),
        format!("<< /Subtype /Widget /FT /Btn {at} /MK << /RI 4 0 R >> >>"),
    ];
    for annotation in cases {
        let file = annotated(&annotation, &[&box_form, &other]);
        let document = open(&file, &settings).expect("opens");
        assert_eq!((document.page_count(), document.faults()), (2, vec![]), "{annotation}");
        let mut page = document.page(2).expect("a page");
        assert_eq!(page.label().as_deref(), Some("annotations of page 1 that are not shown"));
        assert!(page.layer().expect("a layer").objects.opaque > 0);
        let image = page.render(100).expect("renders").expect("has pixels").to_luma8();
        assert_eq!(image.get_pixel(50, 25).0[0], 0, "{annotation}");
    }
    let shown = annotated(&format!("<< /Subtype /Stamp /F 4 {at} /AP << /N 4 0 R >> >>"), &[&box_form]);
    assert_eq!(open(&shown, &settings).expect("opens").page_count(), 1);
}

#[test]
fn alternate_descriptions_among_instructions_are_text_of_the_page() {
    let settings = settings();
    let file = with("", &[&stream("", "/Figure << /Alt (TOP SECRET) >> BDC 0 0 9 9 re f EMC")], "");
    let file = String::from_utf8(file).expect("UTF-8").replace("/MediaBox", "/Contents 4 0 R /MediaBox");
    let document = open(file.as_bytes(), &settings).expect("opens");
    assert_eq!(document.page(1).expect("a page").layer().expect("a layer").text.content, "TOP SECRET\n");
}

#[test]
fn a_form_of_xml_is_a_page_and_its_pictures_are_documents_inside() {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    let picture = fixture("rgb.png");
    let template =
        format!("<template><draw><text>机密</text><image>{}</image></draw>", BASE64_STANDARD.encode(&picture));
    let parts = [stream("", "<xdp:xdp xmlns:xdp='x'>"), stream("", &template), stream("", "</template></xdp:xdp>")];
    let form = "/AcroForm << /XFA [(preamble) 4 0 R (template) 5 0 R (postamble) 6 0 R] /Fields [] >>";
    let file = with(form, &[&parts[0], &parts[1], &parts[2]], "");
    assert_eq!(beside(&file), [page("form data", "机密\n")]);
    let settings = settings();
    let document = open(&file, &settings).expect("opens");
    assert_eq!(members(document.as_ref()), [("base64-1.png".to_owned(), Ok(picture))]);
    let broken = with(form, &[&parts[0], &parts[1], &parts[0]], "");
    assert_eq!(open(&broken, &settings).expect("opens").faults()[0].reason, FaultReason::Damaged);
}

#[test]
fn a_render_has_the_size_asked_for_and_never_more_than_the_limit() {
    let mut small: Settings = settings();
    let document = open_fixture("gate/turned.pdf", &small).expect("opens");
    let mut page = document.page(1).expect("a page");
    let image = page.render(1000).expect("renders").expect("has pixels");
    assert!(image.width().abs_diff(1000) <= 4 && image.height() < 800, "{} x {}", image.width(), image.height());
    drop(page);
    drop(document);
    small.limits.image_pixels = 100_000;
    let document = open_fixture("gate/turned.pdf", &small).expect("opens");
    let fault = document.page(1).expect("a page").render(1000).expect_err("over the limit");
    assert_eq!((fault.page, fault.reason), (Some(1), FaultReason::Limit));
}

#[test]
fn a_page_is_rendered_in_colour_only_where_it_has_any_and_a_large_one_in_bands_that_fit() {
    let settings = settings();
    let rendered = |content: &str, longest: u32| {
        let file = with("", &[&stream("", content)], "");
        let file = String::from_utf8(file).expect("UTF-8").replace("/MediaBox", "/Contents 4 0 R /MediaBox");
        let document = open(file.as_bytes(), &settings).expect("opens");
        document.page(1).expect("a page").render(longest).expect("renders").expect("has pixels")
    };
    assert!(matches!(rendered("0.5 g 0 0 300 150 re f", 300), image::DynamicImage::ImageLuma8(_)));
    // 4,800 x 4,800 pixels are two bands; a red wedge crosses them.
    let large = rendered("0.8 0.1 0.1 rg 0 0 m 300 0 l 300 300 l f", 4800);
    let image::DynamicImage::ImageRgb8(large) = large else { panic!("it has a colour") };
    assert_eq!(large.dimensions(), (4800, 4800));
    for row in (8..4800).step_by(97).chain(3325..3342) {
        let edge = 4800 - row;
        assert_eq!(large.get_pixel(edge - 8, row).0, [255; 3], "row {row}");
        assert_eq!(large.get_pixel((edge + 8).min(4799), row).0, [204, 26, 26], "row {row}");
    }
}

/// A page with one picture, whose data are `data` packed by `filter`.
fn picture(side: u32, filter: &str, data: &[u8]) -> Vec<u8> {
    let head = "%PDF-1.5\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] \
        /Count 1 >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources \
        << /XObject << /I 5 0 R >> >> >>\nendobj\n4 0 obj\n<< /Length 30 >>\nstream\n500 0 0 500 0 0 cm /I Do      \n\
        endstream\nendobj\n5 0 obj\n";
    let image = format!(
        "<< /Subtype /Image /Width {side} /Height {side} /BitsPerComponent 8 /ColorSpace /DeviceGray /Filter /{filter} \
        /Length {} >>\nstream\n",
        data.len()
    );
    let end = b"\nendstream\nendobj\ntrailer\n<< /Size 6 /Root 1 0 R >>\n%%EOF\n";
    [head.as_bytes(), image.as_bytes(), data, end].concat()
}

#[test]
fn a_picture_that_cannot_be_decoded_is_a_fault_and_not_an_empty_page() {
    let settings = settings();
    let faults = |file: &[u8]| {
        let document = open(file, &settings).expect("opens");
        let layer = document.page(1).expect("a page").layer().expect("a layer");
        assert_eq!(layer.objects.images, 1);
        layer.faults.into_iter().map(|fault| (fault.page, fault.reason)).collect::<Vec<_>>()
    };
    let sound = fixture("format/rgb.jpg");
    assert_eq!(faults(&picture(100, "DCTDecode", &sound)), []);
    assert_eq!(faults(&picture(100, "DCTDecode", &[b"\n".as_slice(), &sound].concat())), []);
    let half = &sound[..sound.len() / 2];
    for (filter, data) in [("DCTDecode", b"no JPEG at all".as_slice()), ("DCTDecode", half), ("JPXDecode", b"none")] {
        let unreadable = (Some(1), FaultReason::UnreadableImage);
        assert_eq!(faults(&picture(100, filter, data)), [unreadable], "{filter}");
    }
    assert_eq!(faults(&picture(60_000, "DCTDecode", &sound)), [(Some(1), FaultReason::Limit)]);
}

#[test]
fn a_pdf_that_ends_anywhere_is_a_fault_or_read_and_never_a_crash() {
    let settings = settings();
    let whole = fixture("gate/stamp.pdf");
    for length in (0..whole.len()).step_by(whole.len() / 40) {
        let cut = [b"%PDF-1.4\n", &whole[..length]].concat();
        if let Ok(document) = open(&cut, &settings) {
            for number in 1..=document.page_count().min(3) {
                let _ = document.page(number).and_then(|mut page| page.layer().map(|_| ()));
            }
        }
    }
}
