//! Damage in every part of a page, and pages that are sound however oddly they are made.

use std::io::Read as _;

use super::*;
use crate::config::Settings;
use crate::format::test_support::{fixture, open, pdf, settings};

fn deflated(data: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    flate2::read::ZlibEncoder::new(data, flate2::Compression::default()).read_to_end(&mut packed).expect("packed");
    packed
}

fn stream(entries: &str, data: &[u8]) -> Vec<u8> {
    [format!("<< {entries} /Length {} >>\nstream\n", data.len()).as_bytes(), data, b"\nendstream"].concat()
}

/// A PDF of one page with this content (object 4), these resources, and further objects from 5 on.
fn page(content: Vec<u8>, resources: &str, further: &[Vec<u8>]) -> Vec<u8> {
    let page =
        format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R /Resources << {resources} >> >>");
    let first = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        page.into_bytes(),
        content,
    ];
    pdf(&[first.as_slice(), further].concat())
}

/// What is told of the only page.
fn faults_with(bytes: &[u8], settings: &Settings) -> Vec<Fault> {
    let document = open(bytes, settings).expect("opens");
    let page = document.page(1).map(|mut page| page.layer().expect("a layer").faults);
    document.faults().into_iter().chain(page.unwrap_or_else(|fault| vec![fault])).collect()
}

fn faults(bytes: &[u8]) -> Vec<String> {
    faults_with(bytes, &settings()).iter().map(ToString::to_string).collect()
}

const FONT: &str = "/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>";
const LINE: &[u8] = b"BT /F 12 Tf 20 200 Td (an ordinary line) Tj ET";

#[test]
fn sound_pages_have_no_fault() {
    assert!(faults(&page(stream("", LINE), FONT, &[])).is_empty());
    assert!(faults(&page(stream("/Filter /FlateDecode", &deflated(LINE)), FONT, &[])).is_empty());
    assert!(faults(&page(stream("/Filter /FlateDecode", b""), FONT, &[])).is_empty(), "nothing, packed as nothing");
    let hex: String = deflated(LINE).iter().map(|byte| format!("{byte:02x}")).chain([">".to_owned()]).collect();
    assert!(faults(&page(stream("/Filter [/ASCIIHexDecode /FlateDecode]", hex.as_bytes()), FONT, &[])).is_empty());
    let unknown = b"BX 1 2 new EX q 10 0 0 10 0 0 cm BI /W 2 /H 1 /BPC 8 /CS /G ID \x00\xff EI Q";
    assert!(faults(&page(stream("", unknown), FONT, &[])).is_empty(), "what newer readers know is between BX and EX");
    for name in ["columns", "object_streams", "chinese", "mrc", "tiled", "chart", "open_encrypted"] {
        assert!(faults(&fixture(&format!("gate/{name}.pdf"))).is_empty(), "{name}");
    }
}

#[test]
fn content_that_does_not_unpack_is_a_fault_and_not_an_empty_page() {
    let packed = deflated(&LINE.repeat(20));
    for filter in ["/FlateDecode", "[/FlateDecode]"] {
        let filter = format!("/Filter {filter}");
        let mut wrong = packed.clone();
        wrong[packed.len() / 2] ^= 4;
        for content in [&packed[..packed.len() - 20], &wrong] {
            let told = faults(&page(stream(&filter, content), FONT, &[]));
            assert!(told[0].contains("page 1: damaged: a packed part of the page is damaged"), "{told:?}");
        }
    }
    let hex = "/Filter [/ASCIIHexDecode /FlateDecode]";
    let packed = packed[..packed.len() - 20].iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    assert_eq!(faults(&page(stream(hex, packed.as_bytes()), FONT, &[])).len(), 1);
}

#[test]
fn what_the_content_names_and_is_not_there_is_a_fault() {
    let told = faults(&page(stream("", b"/Gone Do"), FONT, &[]));
    assert!(told.iter().any(|fault| fault.contains("an object is missing")), "{told:?}");
    let told = faults(&page(stream("", b"/Gone Do"), "/XObject << /Gone 99 0 R >>", &[]));
    assert!(told.iter().any(|fault| fault.contains("an object is missing")), "{told:?}");
    let bytes = page(stream("", LINE), FONT, &[]);
    let lost = String::from_utf8(bytes).expect("ASCII").replace("/Contents 4 0 R", "/Contents 9 0 R");
    assert_eq!(faults(lost.as_bytes()), ["page 1: damaged: an object is missing"]);
}

#[test]
fn instructions_that_are_none_are_a_fault() {
    let told = faults(&page(stream("", b"BT /F 12 Tf 20 200 Td (an ordinary line) Tk ET"), FONT, &[]));
    assert_eq!(told, ["page 1: damaged: an instruction of the page cannot be understood"]);
    let told = faults(&page(stream("", b"BT /F 12 Tf 20 200 Td (a line that never ends Tj ET"), FONT, &[]));
    assert!(told.iter().any(|fault| fault.contains("cannot be understood")), "{told:?}");
}

#[test]
fn damage_is_found_in_forms_fonts_and_patterns_and_told_once_a_page() {
    let bad = &deflated(LINE)[..20];
    let form = stream("/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Filter /FlateDecode", bad);
    let told = faults(&page(stream("", b"/X Do /X Do"), "/XObject << /X 5 0 R >>", &[form]));
    assert_eq!(told, ["page 1: damaged: a packed part of the page is damaged"]);
    let outer = stream("/Type /XObject /Subtype /Form /BBox [0 0 9 9]", b"/Inner Do");
    let told = faults(&page(stream("", b"/X Do"), "/XObject << /X 5 0 R >>", &[outer]));
    assert!(told.iter().any(|fault| fault.contains("an object is missing")), "{told:?}");
    let file = stream("/Filter /FlateDecode", bad);
    let font = b"<< /Type /Font /Subtype /TrueType /BaseFont /X /FontDescriptor 6 0 R >>".to_vec();
    let descriptor = b"<< /Type /FontDescriptor /FontName /X /Flags 4 /FontFile2 7 0 R >>".to_vec();
    let told = faults(&page(stream("", LINE), "/Font << /F 5 0 R >>", &[font, descriptor, file]));
    assert_eq!(told, ["page 1: damaged: a packed part of the page is damaged"]);
}

#[test]
fn a_picture_is_followed_through_its_own_coding() {
    let draw = || stream("", b"q 100 0 0 100 0 0 cm /I Do Q");
    let picture = |filter: &str, sides: &str, data: &[u8]| {
        let entries = format!("/Subtype /Image {sides} /BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter {filter}");
        faults(&page(draw(), "/XObject << /I 5 0 R >>", &[stream(&entries, data)]))
    };
    let jpeg = fixture("rgb.jpg");
    let sides = "/Width 40 /Height 20";
    assert!(picture("/DCTDecode", sides, &jpeg).is_empty());
    assert!(picture("[/FlateDecode /DCTDecode]", sides, &deflated(&jpeg)).is_empty());
    let middle = [&jpeg[..jpeg.len() - 60], &jpeg[jpeg.len() - 50..]].concat();
    assert_eq!(picture("/DCTDecode", sides, &middle), ["page 1: unreadable_image: a picture is damaged"]);
    let packed = deflated(&middle);
    assert_eq!(
        picture("[/FlateDecode /DCTDecode]", sides, &packed),
        ["page 1: unreadable_image: a picture is damaged"]
    );
    for filter in ["/JBIG2Decode", "/JPXDecode", "/CCITTFaxDecode"] {
        assert_eq!(picture(filter, sides, &[0x17; 90]), ["page 1: unreadable_image: a picture is damaged"], "{filter}");
    }
    let flate = picture("/FlateDecode", sides, &deflated(&[7; 2400])[..9]);
    assert_eq!(flate, ["page 1: damaged: a packed part of the page is damaged"]);
}

/// A PDF in which something was replaced by as many other bytes.
fn replaced(bytes: &[u8], old: &str, new: &str) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let place = memchr::memmem::find(bytes, old.as_bytes()).unwrap_or_else(|| panic!("no {old}"));
    let mut bytes = bytes.to_vec();
    bytes[place..place + old.len()].copy_from_slice(new.as_bytes());
    bytes
}

#[test]
fn a_letter_that_is_wrong_in_what_leads_to_the_text_is_a_fault() {
    let whole = page(stream("", LINE), FONT, &[]);
    for (old, new) in [
        ("/Contents 4 0 R", "/Contentr 4 0 R"),
        ("/Contents 4 0 R", "/Contents 7 0 R"),
        ("4 0 obj\n<<", "4 0 obj\n=<"),
        ("4 0 obj\n<<", "4 0 obj\n[<"),
        ("4 0 obj", "4 0 pbj"),
        ("/Font <<", "/Fomt <<"),
        ("/F <<", "/G <<"),
        ("/Resources", "/Besources"),
        (" Tj ET", " Tk ET"),
        ("(an ordinary", "\0\0\0\0\0\0\0\0\0\0\0\0"),
    ] {
        let bytes = replaced(&whole, old, new);
        let told = open(&bytes, &settings()).map_or_else(|fault| vec![fault.to_string()], |_| faults(&bytes));
        assert!(!told.is_empty(), "{old} as {new}");
    }
    assert!(faults(&page(stream("", b"0 0 m 9 9 l S"), "", &[])).is_empty(), "a page without text needs no font");
    let empty = pdf(&[
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] >>".to_vec(),
    ]);
    assert!(faults(&empty).is_empty(), "a page may be empty");
}

#[test]
fn a_list_of_annotations_that_is_gone_is_a_fault() {
    let with = |annotations: &str| {
        let page = format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Annots {annotations} >>");
        faults(&pdf(&[
            b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
            page.into_bytes(),
            b"[]".to_vec(),
            b"<< /Type /Font >>".to_vec(),
        ]))
    };
    assert!(with("4 0 R").is_empty() && with("[]").is_empty() && with("null").is_empty());
    for gone in ["9 0 R", "5 0 R"] {
        assert_eq!(with(gone), ["page 1: damaged: an object is missing"], "{gone}");
    }
}

#[test]
fn packed_lists_of_objects_are_checked_to_their_end() {
    let mut bytes = fixture("gate/object_streams.pdf");
    let list = memchr::memmem::find(&bytes, b"/ObjStm").expect("a list");
    let data = list + memchr::memmem::find(&bytes[list..], b"stream").expect("its data");
    let end = data + memchr::memmem::find(&bytes[data..], b"endstream").expect("its end");
    // The checksum: both readers unpack all the same.
    bytes[end - 3] ^= 1;
    let told = faults(&bytes);
    assert!(told.iter().any(|fault| fault.contains("1 of its packed lists of objects are damaged")), "{told:?}");
}

#[test]
fn the_tables_of_an_encrypted_document_are_in_the_clear() {
    let whole = fixture("gate/encrypted_streams.pdf");
    assert!(faults(&whole).is_empty(), "{:?}", faults(&whole));
}

#[test]
fn packings_without_a_checksum_tell_what_is_missing() {
    let picture = |filter: &str, data: &[u8]| {
        let entries =
            format!("/Subtype /Image /Width 30 /Height 20 /BitsPerComponent 8 /ColorSpace /DeviceGray {filter}");
        let bytes = page(stream("", b"/I Do"), "/XObject << /I 5 0 R >>", &[stream(&entries, data)]);
        faults(&bytes)
    };
    let pixels: Vec<u8> = (0..600_u32).map(|at| u8::try_from(at * 7 % 251).expect("a byte")).collect();
    let lzw = |early: bool| match early {
        true => weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8).encode(&pixels).expect("packed"),
        false => weezl::encode::Encoder::new(weezl::BitOrder::Msb, 8).encode(&pixels).expect("packed"),
    };
    let runs: Vec<u8> = pixels.chunks(100).flat_map(|run| [&[99], run].concat()).collect();
    let hex: Vec<u8> = pixels.iter().flat_map(|byte| format!("{byte:02X}").into_bytes()).collect();
    for (filter, data) in [
        ("", pixels.clone()),
        ("/Filter /FlateDecode", deflated(&pixels)),
        ("/Filter /LZWDecode", lzw(true)),
        ("/Filter /LZWDecode /DecodeParms << /EarlyChange 0 >>", lzw(false)),
        ("/Filter /RunLengthDecode", runs),
        ("/Filter /ASCIIHexDecode", [hex.as_slice(), b">"].concat()),
    ] {
        assert!(picture(filter, &data).is_empty(), "{filter}: {:?}", picture(filter, &data));
        assert!(!picture(filter, &data[..data.len() / 2]).is_empty(), "half of {filter}");
    }
}

#[test]
fn a_jpeg_that_is_larger_than_the_pdf_says_is_over_the_limit_and_not_passed_over() {
    let mut jpeg = fixture("rgb.jpg");
    let frame = memchr::memmem::find(&jpeg, &[0xff, 0xc0]).expect("a frame") + 5;
    jpeg[frame..frame + 4].copy_from_slice(&[0xff, 0xdc, 0xff, 0xdc]);
    let entries = "/Subtype /Image /Width 40 /Height 20 /BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter /DCTDecode";
    let told = faults(&page(stream("", b"/I Do"), "/XObject << /I 5 0 R >>", &[stream(entries, &jpeg)]));
    assert!(told.iter().any(|fault| fault.contains("limits.image_pixels")), "{told:?}");
}

#[test]
fn glyphs_that_are_drawn_are_followed() {
    let font =
        b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [0.1 0 0 0.1 0 0] /FirstChar 65 /LastChar 65 \
        /Widths [9] /Encoding << /Differences [65 /A] >> /CharProcs << /A 6 0 R >> >>"
            .to_vec();
    let with = |glyph: Vec<u8>| {
        faults(&page(stream("", b"BT /F 9 Tf (A) Tj ET"), "/Font << /F 5 0 R >>", &[font.clone(), glyph]))
    };
    assert!(with(stream("", b"9 0 d0 0 0 9 9 re f")).is_empty());
    assert!(!with(stream("", b"9 0 d0 0 0 9 9 re g g g")).is_empty());
    assert!(!with(stream("/Filter /FlateDecode", &deflated(b"9 0 d0 0 0 9 9 re f")[..9])).is_empty());
}

#[test]
fn a_second_reader_that_fails_costs_nothing_that_the_first_one_reads() {
    // Its unpacking of predicted lists counts bits in a byte.
    let list = stream(
        "/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /DecodeParms << /Predictor 12 /Colors 16 /BitsPerComponent 16 >>",
        &deflated(b"9 0 [1 2 3]"),
    );
    let bytes = page(stream("", LINE), FONT, &[list]);
    let settings = settings();
    let document = open(&bytes, &settings).expect("opens");
    drop(document.faults());
    assert_eq!(document.page(1).expect("a page").layer().expect("a layer").text.content.trim(), "an ordinary line");
}

#[test]
fn instructions_are_counted_however_they_are_packed_and_as_often_as_they_are_named() {
    let mut limited = settings();
    limited.limits.instruction_bytes = 200;
    let bomb = |content: Vec<u8>| faults_with(&page(content, FONT, &[]), &limited);
    let long = LINE.repeat(9);
    let hex: Vec<u8> = long.iter().flat_map(|byte| format!("{byte:02X}").into_bytes()).collect();
    for content in
        [stream("", &long), stream("/Filter /ASCIIHexDecode", &hex), stream("/Filter /FlateDecode", &deflated(&long))]
    {
        assert!(bomb(content).iter().any(|fault| fault.detail.contains("limits.instruction_bytes = 200")));
    }
    let often = replaced(&page(stream("", LINE), FONT, &[]), "/Contents 4 0 R", "/Contents 4 0 R");
    assert!(faults_with(&often, &limited).is_empty());
    let text = String::from_utf8(often)
        .expect("ASCII")
        .replace("/Contents 4 0 R", "/Contents [4 0 R 4 0 R 4 0 R 4 0 R 4 0 R]");
    let told = faults_with(text.as_bytes(), &limited);
    assert!(told.iter().any(|fault| fault.detail.contains("limits.instruction_bytes = 200")), "{told:?}");
}

#[test]
fn what_pdfium_leaves_out_without_a_word_is_a_fault() {
    // The table says that the content lies elsewhere: nothing stands there, and the page seems to be empty.
    let bytes = page(stream("", LINE), FONT, &[]);
    let place = memchr::memmem::find(&bytes, b"4 0 obj").expect("the content");
    let text = String::from_utf8(bytes).expect("ASCII");
    let moved = text.replace(&format!("{place:010} 00000 n"), &format!("{:010} 00000 n", place + 3));
    assert_ne!(moved, text);
    let told = faults(moved.as_bytes());
    assert!(!told.is_empty() || open(moved.as_bytes(), &settings()).is_err(), "{told:?}");
}

#[test]
fn limits_of_the_second_reader_are_faults_that_name_their_keys() {
    let bomb = page(stream("/Filter /FlateDecode", &deflated(&[b' '; 5000])), FONT, &[]);
    let mut limited = settings();
    limited.limits.instruction_bytes = 4999;
    let told = faults_with(&bomb, &limited);
    assert!(matches!(&told[..], [fault] if fault.detail.contains("limits.instruction_bytes = 4999")), "{told:?}");
    assert_eq!((told[0].reason, told[0].page), (FaultReason::Limit, Some(1)));
    assert!(open(&bomb, &limited).expect("opens").page(1).is_err(), "PDFium does not get it");
    let entries =
        "/Subtype /Image /Width 50 /Height 100 /BitsPerComponent 8 /ColorSpace /DeviceGray /Filter /FlateDecode";
    let picture = stream(entries, &deflated(&[0; 5000]));
    let bomb = page(stream("", b"/I Do"), "/XObject << /I 5 0 R >>", &[picture]);
    limited.limits.unpacked_bytes = 4999;
    let told = faults_with(&bomb, &limited);
    assert!(matches!(&told[..], [fault] if fault.detail.contains("limits.unpacked_bytes = 4999")), "{told:?}");
    let many: Vec<Vec<u8>> = (5..30).map(|number| format!("[{} 0 R]", number + 1).into_bytes()).collect();
    let chain = page(stream("", b"/G gs"), "/ExtGState << /G << /Font [5 0 R] >> >>", &many);
    limited.limits.page_objects = 10;
    let told = faults_with(&chain, &limited);
    assert!(told.iter().any(|fault| fault.detail.contains("limits.page_objects = 10")), "{told:?}");
    limited.limits.whole_bytes = 99;
    let told = faults_with(&chain, &limited);
    assert!(matches!(&told[..], [fault] if fault.detail.contains("limits.whole_bytes = 99")), "{told:?}");
}

/// A document whose page has an annotation with these entries, and further objects from 5 on.
fn annotated(entries: &str, further: &[Vec<u8>]) -> Vec<u8> {
    let page = format!(
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R /Resources << {FONT} >> \
        /Annots [<< /Type /Annot /Rect [0 0 9 9] {entries} >>] >>"
    );
    let first = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        page.into_bytes(),
        stream("", LINE),
    ];
    pdf(&[first.as_slice(), further].concat())
}

#[test]
fn a_text_of_a_field_that_unpacks_to_more_than_a_page_may_have_is_a_fault() {
    let mut settings = settings();
    settings.limits.page_text_bytes = 1000;
    let told = |annotation: &str, text: &[u8]| {
        let file = annotated(annotation, &[stream("/Filter /FlateDecode", &deflated(text))]);
        let document = open(&file, &settings).expect("opens");
        let faults = document.faults().iter().map(ToString::to_string).collect::<Vec<_>>();
        let last = document.page(document.page_count()).expect("a page").layer().expect("a layer").text.content;
        (faults, last)
    };
    for annotation in ["Widget /FT /Tx /DV", "Widget /FT /Tx /TU", "Widget /FT /Tx /RV", "FreeText /RC"] {
        let annotation = format!("/Subtype /{annotation} 5 0 R");
        let (faults, text) = told(&annotation, b"TOP SECRET");
        assert!(faults.is_empty() && text == "TOP SECRET\n", "{annotation}: {faults:?} {text}");
        let (faults, _) = told(&annotation, &b"very long ".repeat(200));
        assert!(matches!(&faults[..], [fault] if fault.contains("limits.page_text_bytes = 1000")), "{faults:?}");
    }
    let bad = &deflated(&LINE.repeat(9))[..20];
    let file = annotated("/Subtype /Widget /FT /Tx /DV 5 0 R", &[stream("/Filter /FlateDecode", bad)]);
    assert_eq!(faults(&file), ["damaged: a text of a field or an annotation does not unpack to its end"]);
}

#[test]
fn a_text_of_a_field_that_was_predicted_is_what_it_was() {
    let text = |kind: u8| {
        let data: Vec<u8> = [[kind].as_slice(), b"TOP SEC", &[2], &[0; 7], &[0], b" 42 ORE"].concat();
        stream("/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 7 >>", &deflated(&data))
    };
    for key in ["DV", "TU", "RV"] {
        let entries = format!("/Subtype /Widget /FT /Tx /{key} 5 0 R");
        let (settings, file) = (settings(), annotated(&entries, &[text(0)]));
        let document = open(&file, &settings).expect("opens");
        assert_eq!(document.faults(), [], "{key}");
        let last = document.page(document.page_count()).expect("a page").layer().expect("a layer").text.content;
        assert_eq!(last, "TOP SECTOP SEC 42 ORE\n", "{key}");
        let told = faults(&annotated(&entries, &[text(9)]));
        assert_eq!(told, ["damaged: a text of a field or an annotation does not unpack to its end"], "{key}");
    }
}

#[test]
fn a_script_that_unpacks_to_more_than_a_page_may_have_is_a_fault() {
    let mut settings = settings();
    settings.limits.page_text_bytes = 1000;
    let told = |script: &[u8]| {
        let action = b"<< /S /JavaScript /JS 6 0 R >>".to_vec();
        let file = page(stream("", LINE), FONT, &[action, stream("/Filter /FlateDecode", script)]);
        faults_with(&file, &settings).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert!(told(&deflated(b"f('TOP SECRET')")).is_empty());
    let faults = told(&deflated(&b"f('very long') ".repeat(200)));
    assert!(matches!(&faults[..], [fault] if fault.contains("limits.page_text_bytes = 1000")), "{faults:?}");
    assert_eq!(told(&deflated(&LINE.repeat(9))[..20]), ["damaged: a script does not unpack to its end"]);
}

#[test]
fn more_choices_of_a_list_than_the_limit_are_a_fault() {
    let mut settings = settings();
    settings.limits.list_choices = 2;
    let told = |choices: &str| {
        let file = annotated(&format!("/Subtype /Widget /FT /Ch /Opt [{choices}]"), &[]);
        let faults = open(&file, &settings).expect("opens").faults();
        faults.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert!(told("(Public) (Restricted)").is_empty());
    let faults = told("(Public) (Restricted) (Secret)");
    assert!(matches!(&faults[..], [fault] if fault.contains("limits.list_choices = 2")), "{faults:?}");
}
