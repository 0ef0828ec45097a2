//! Metafiles made record by record.

use super::*;
use crate::format::test_support::{members, open, settings, texts};

fn long(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn word(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// A bitmap of one black pixel.
fn bitmap() -> Vec<u8> {
    [long(&[40, 1, 1]), word(&[1, 24]), long(&[0, 4, 0, 0, 0, 0, 0])].concat()
}

fn emf_record(kind: u32, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 8).expect("short");
    [long(&[kind, length]), body.to_vec()].concat()
}

fn emf(records: &[Vec<u8>]) -> Vec<u8> {
    let head = emf_record(1, &[vec![0; 32], b" EMF".to_vec(), vec![0; 44]].concat());
    [head, records.concat(), emf_record(14, &[0; 12])].concat()
}

fn emf_text(text: &str, y: u32) -> Vec<u8> {
    let count = u32::try_from(text.encode_utf16().count()).expect("short");
    let characters = word(&text.encode_utf16().collect::<Vec<u16>>());
    let padding = vec![0; characters.len() % 4];
    let body = [vec![0; 28], long(&[5, y, count, 76, 0]), vec![0; 20], characters, padding].concat();
    emf_record(84, &body)
}

fn wmf_record(kind: u16, body: &[u8]) -> Vec<u8> {
    let words = u32::try_from(body.len() / 2 + 3).expect("short");
    [long(&[words]), word(&[kind]), body.to_vec()].concat()
}

fn wmf(records: &[Vec<u8>]) -> Vec<u8> {
    [word(&[1, 9, 0x300]), vec![0; 12], records.concat(), wmf_record(0, &[])].concat()
}

#[test]
fn text_and_bitmaps_of_an_enhanced_metafile_are_read() {
    let stretch = [vec![0; 40], long(&[80, 40, 120, 4, 0, 0, 0, 0]), bitmap()].concat();
    let bytes = emf(&[emf_text("机密", 1), emf_text("TOP SECRET", 20), emf_record(81, &stretch)]);
    let settings = settings();
    let document = open(&bytes, &settings).expect("opens");
    assert_eq!(document.faults(), []);
    assert_eq!(texts(&*document)[0].1, "机密\nTOP SECRET\n");
    let inside = members(&*document);
    let picture = inside[0].1.as_ref().expect("there");
    assert!(image::load_from_memory_with_format(picture, image::ImageFormat::Bmp).is_ok());
}

#[test]
fn text_of_a_metafile_is_read_in_the_character_set_of_its_font() {
    let font = wmf_record(0x02fb, &[word(&[0, 0, 0, 0, 0, 0]), vec![0, 134], vec![0; 8]].concat());
    let select = wmf_record(0x012d, &word(&[0]));
    let text = wmf_record(0x0521, &[word(&[4]), b"\xbb\xfa\xc3\xdc".to_vec(), word(&[7, 9])].concat());
    let boxed = wmf_record(0x0a32, &[word(&[30, 9, 6, 4, 0, 0, 0, 0]), b"SECRET".to_vec()].concat());
    let stretch = wmf_record(0x0f43, &[vec![0; 22], bitmap()].concat());
    let settings = settings();
    let bytes = wmf(&[font, select, text, boxed, stretch]);
    let document = open(&bytes, &settings).expect("opens");
    assert_eq!(document.faults(), []);
    assert_eq!(texts(&*document)[0].1, "机密\nSECRET\n");
    assert_eq!(members(&*document).len(), 1);
}

#[test]
fn outlines_that_may_be_letters_and_a_cut_file_are_faults() {
    let settings = settings();
    let reasons = |bytes: &[u8]| -> Vec<FaultReason> {
        open(bytes, &settings).expect("opens").faults().into_iter().map(|fault| fault.reason).collect()
    };
    let curve = emf_record(88, &[vec![0; 16], long(&[4]), vec![0; 16]].concat());
    assert_eq!(reasons(&emf(&vec![curve.clone(); OUTLINES])), [FaultReason::UnreadableImage]);
    assert_eq!(reasons(&emf(&[curve])), []);
    let whole = emf(&[emf_text("TOP SECRET", 20)]);
    assert_eq!(reasons(&whole[..whole.len() - 30]), [FaultReason::Damaged]);
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
        drop(emf::read(&bytes));
        drop(wmf::read(&bytes));
        drop(emf::read(&emf(&[emf_record(84, &bytes), emf_record(81, &bytes), emf_record(70, &bytes)])));
    }
}
