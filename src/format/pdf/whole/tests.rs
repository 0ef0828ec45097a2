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
    let packed: String = packed[..packed.len() - 20].iter().map(|byte| format!("{byte:02x}")).collect();
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
