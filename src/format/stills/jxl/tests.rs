//! What stands behind and beside the picture of a JPEG XL.

use crate::finding::FaultReason;
use crate::format::test_support::{fixture, open, settings, texts};

fn reasons(file: &[u8]) -> Vec<FaultReason> {
    let settings = settings();
    let document = open(file, &settings).expect("opens");
    let picture = document.page(1).expect("a page").layer().expect("a layer");
    document.faults().into_iter().chain(picture.faults).map(|fault| fault.reason).collect()
}

/// Where the box of a kind begins in a file, and how long it is.
fn place(file: &[u8], kind: &[u8]) -> (usize, usize) {
    let at = memchr::memmem::find(file, kind).expect("a box") - 4;
    (at, u32::from_be_bytes(file[at..at + 4].try_into().expect("four")) as usize)
}

fn boxed(kind: &[u8], data: &[u8]) -> Vec<u8> {
    [&u32::try_from(data.len() + 8).expect("short").to_be_bytes(), kind, data].concat()
}

/// The picture of a fixture without its container, where it lies in two parts.
fn bare() -> Vec<u8> {
    let file = fixture("rgb.jxl");
    let (first, length) = place(&file, b"jxlp");
    let (second, rest) = place(&file[first + length..], b"jxlp");
    let second = first + length + second;
    [&file[first + 12..first + length], &file[second + 12..second + rest]].concat()
}

/// A container of boxes.
fn container(boxes: &[Vec<u8>]) -> Vec<u8> {
    let head = [boxed(b"JXL ", b"\r\n\x87\n"), boxed(b"ftyp", b"jxl \0\0\0\0jxl ")].concat();
    [head, boxes.concat()].concat()
}

#[test]
fn what_stands_behind_a_picture_is_a_fault_bare_and_in_its_box() {
    assert_eq!(reasons(&bare()), []);
    assert_eq!(reasons(&[bare(), b"%PDF-1.7\n1 0 obj".to_vec()].concat()), [FaultReason::Attachment]);
    assert_eq!(reasons(&container(&[boxed(b"jxlc", &bare())])), []);
    let longer = [bare(), b"TOP SECRET".to_vec()].concat();
    assert_eq!(reasons(&container(&[boxed(b"jxlc", &longer)])), [FaultReason::Attachment]);
    let data = bare();
    let (first, second) = data.split_at(20);
    let part = |number: u32, data: &[u8]| boxed(b"jxlp", &[&number.to_be_bytes(), data].concat());
    assert_eq!(reasons(&container(&[part(0, first), part(1 << 31 | 1, second)])), []);
    let parts = [part(0, first), part(1, second), part(1 << 31 | 2, b"TOP SECRET")];
    assert_eq!(reasons(&container(&parts)), [FaultReason::Attachment]);
}

#[test]
fn boxes_of_other_kinds_are_a_fault_that_names_them() {
    let settings = settings();
    let bytes = container(&[boxed(b"jxlc", &bare()), boxed(b"hide", b"TOP SECRET")]);
    let document = open(&bytes, &settings).expect("opens");
    let faults = document.faults();
    assert_eq!((faults.len(), faults[0].reason), (1, FaultReason::Unsupported));
    assert!(faults[0].detail.contains("hide"), "{faults:?}");
}

#[test]
fn of_many_kinds_of_other_boxes_a_few_are_named() {
    let others: Vec<Vec<u8>> =
        (0..2000_u32).map(|kind| boxed(format!("{kind:04}").as_bytes(), b"TOP SECRET")).collect();
    let settings = settings();
    let bytes = container(&[boxed(b"jxlc", &bare()), others.concat()]);
    let faults = open(&bytes, &settings).expect("opens").faults();
    assert!(faults[0].detail.len() < 200 && faults[0].detail.contains("1995 more"), "{faults:?}");
}

#[test]
fn every_box_of_words_is_read_or_told_of() {
    let file = fixture("rgb.jxl");
    let (at, length) = place(&file, b"Exif");
    let exif = &file[at..at + length];
    let mut other = exif.to_vec();
    let word = memchr::memmem::find(&other, b"Plan").expect("a word");
    other[word..word + 4].copy_from_slice(b"Copy");
    let xmp = |text: &str| {
        let packet = format!(
            "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
             <rdf:Description xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title>{text}</dc:title></rdf:Description>\
             </rdf:RDF></x:xmpmeta>"
        );
        boxed(b"xml ", packet.as_bytes())
    };
    let picture = boxed(b"jxlc", &bare());
    let bytes = container(&[exif.to_vec(), other, picture.clone(), xmp("the first"), xmp("the second")]);
    let settings = settings();
    let document = open(&bytes, &settings).expect("opens");
    let said = texts(document.as_ref()).pop().expect("a page").1;
    for words in ["Plan of the harbour", "Copy of the harbour", "the first", "the second"] {
        assert!(said.contains(words), "{words} in {said}");
    }
    assert_eq!(document.faults(), []);
    // One that is packed behind a plain one is not read.
    let bytes = container(&[exif.to_vec(), picture, boxed(b"brob", b"Exif\x0b\x02\x80abc\x03")]);
    assert_eq!(open(&bytes, &settings).expect("opens").faults()[0].reason, FaultReason::Limit);
}
