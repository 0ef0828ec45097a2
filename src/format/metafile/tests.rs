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

/// Records of a letter that is drawn as a path of curves, at a place.
fn letter(across: u16) -> Vec<u8> {
    let at = |x: u16, y: u16| [x + across, y];
    let curve = |points: &[[u16; 2]]| {
        let count = u32::try_from(points.len()).expect("short");
        emf_record(88, &[vec![0; 16], long(&[count]), word(&points.concat())].concat())
    };
    let start = emf_record(27, &long(&[u32::from(across), 0]));
    let round = [at(0, 55), at(45, 100), at(50, 100), at(55, 100), at(100, 55), at(100, 50)];
    let back = [at(100, 30), at(80, 0), at(70, 0), at(50, 0), at(20, 10), at(0, 0)];
    let path = [emf_record(59, &[]), start, curve(&round), curve(&back), emf_record(61, &[]), emf_record(60, &[])];
    [path.concat(), emf_record(62, &[0; 16])].concat()
}

fn dark(picture: &[u8]) -> usize {
    image::load_from_memory(picture).expect("a picture").to_luma8().pixels().filter(|pixel| pixel.0[0] < 128).count()
}

#[test]
fn outlines_that_may_be_letters_are_put_on_paper() {
    let settings = settings();
    let drawn = |bytes: &[u8]| {
        let document = open(bytes, &settings).expect("opens");
        assert_eq!(document.faults(), []);
        members(&*document)
    };
    let letters: Vec<Vec<u8>> = (0..9).map(|number| letter(number * 120)).collect();
    let found = drawn(&emf(&letters));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, "drawn shapes.png");
    let picture = found[0].1.as_ref().expect("drawn");
    let pixels = image::load_from_memory(picture).expect("a picture");
    let share = dark(picture) * 100 / (pixels.width() * pixels.height()) as usize;
    assert!((30..80).contains(&share), "{share}");
    // The axis downwards and upwards: the same picture, upside down.
    let turned = emf(&[&[emf_record(17, &long(&[2]))], letters.as_slice()].concat());
    let turned = drawn(&turned)[0].1.clone().expect("drawn");
    let flipped = image::load_from_memory(&turned).expect("a picture").flipv();
    let same = flipped
        .to_luma8()
        .pixels()
        .zip(pixels.to_luma8().pixels())
        .filter(|(a, b)| a.0[0].abs_diff(b.0[0]) < 64)
        .count();
    assert!(same * 100 > 97 * (pixels.width() * pixels.height()) as usize);
    assert_eq!(drawn(&emf(&letters[..1])), [], "one may be an ornament");
    let box_of = |x: u16| word(&[4, x, 0, x + 5, 0, x + 5, 9, x, 9]);
    let boxes: Vec<Vec<u8>> = (0..50).map(|number| wmf_record(0x0324, &box_of(number * 10))).collect();
    assert_eq!(drawn(&wmf(&boxes)), [], "a chart of bars");
    let bent = |x: u16| word(&[6, x, 0, x + 8, 0, x + 8, 10, x, 10, x, 30, x + 8, 30]);
    let letters: Vec<Vec<u8>> = (0..10).map(|number| wmf_record(0x0325, &bent(number * 12))).collect();
    assert!(dark(drawn(&wmf(&letters))[0].1.as_ref().expect("drawn")) > 100);
}

#[test]
fn a_cut_file_is_a_fault() {
    let settings = settings();
    let whole = emf(&[emf_text("TOP SECRET", 20)]);
    let document = open(&whole[..whole.len() - 30], &settings).expect("opens");
    assert_eq!(document.faults().iter().map(|fault| fault.reason).collect::<Vec<_>>(), [FaultReason::Damaged]);
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
        let limits = Settings::defaults().limits;
        drop(emf::read(&bytes, &limits));
        drop(wmf::read(&bytes, &limits));
        let records: Vec<Vec<u8>> = (0..100).map(|kind| emf_record(kind, &bytes)).collect();
        drop(emf::read(&emf(&records), &limits).pen.drawing.picture(&limits));
        let records: Vec<Vec<u8>> = [0x324, 0x325, 0x538, 0x213, 0x20c, 0x103].map(|kind| wmf_record(kind, &bytes)).to_vec();
        drop(wmf::read(&wmf(&records), &limits).pen.drawing.picture(&limits));
    }
}

#[test]
fn a_zero_in_a_word_does_not_cut_it() {
    let settings = settings();
    let font = wmf_record(0x02fb, &[word(&[0, 0, 0, 0, 0, 0]), vec![0, 0], vec![0; 8]].concat());
    let text = wmf_record(0x0521, &[word(&[11]), b"TOP SEC\0RET\0".to_vec(), word(&[7, 9])].concat());
    for bytes in [wmf(&[font, wmf_record(0x012d, &word(&[0])), text]), emf(&[emf_text("TOP SEC\0RET", 1)])] {
        let document = open(&bytes, &settings).expect("opens");
        assert_eq!(document.faults(), []);
        assert_eq!(texts(&*document)[0].1.lines().collect::<Vec<_>>(), ["TOP SECRET", "TOP SEC RET"]);
    }
}

#[test]
fn texts_that_were_zeroed_are_a_fault() {
    let settings = settings();
    let faults = |bytes: &[u8]| {
        let faults = open(bytes, &settings).expect("opens").faults();
        faults.into_iter().map(|fault| fault.reason).collect::<Vec<_>>()
    };
    assert_eq!(faults(&emf(&[emf_text("机密\0", 1)])), []);
    for text in ["\0\0\0\0\0\0", "SECRET\0\0\0\0 plan"] {
        assert_eq!(faults(&emf(&[emf_text(text, 1), emf_text("more", 20)])), [FaultReason::Damaged]);
    }
    let text = |text: &[u8]| wmf_record(0x0521, &[word(&[6]), text.to_vec(), word(&[1, 1])].concat());
    assert_eq!(faults(&wmf(&[text(b"SECRET")])), []);
    assert_eq!(faults(&wmf(&[text(&[0; 6])])), [FaultReason::Damaged]);
}

#[test]
fn what_lies_behind_a_metafile_is_a_fault() {
    let settings = settings();
    for file in [emf(&[emf_text("plan", 1)]), wmf(&[])] {
        let faults = |behind: &[u8]| open(&[&file, behind].concat(), &settings).expect("opens").faults().len();
        assert_eq!(faults(&[0; 64]), 0);
        assert_eq!(faults(b"Subject: offer\nFrom: a@example.org\n\nTOP SECRET\n"), 1);
    }
}

#[test]
fn a_zero_in_a_piece_of_a_line_does_not_cut_the_line() {
    let settings = settings();
    let read = |bytes: &[u8]| texts(&*open(bytes, &settings).expect("opens"))[0].1.clone();
    let expected = "TOP SECRET //NOFORN\nTOP SEC RET //NOFORN\n";
    assert_eq!(read(&emf(&[emf_text("TOP SEC\0RET", 1), emf_text(" //NOFORN\0", 1)])), expected);
    let text = |text: &[u8]| {
        let count = u16::try_from(text.len()).expect("short");
        let fill = vec![0; text.len() % 2];
        wmf_record(0x0521, &[word(&[count]), text.to_vec(), fill, word(&[7, 9])].concat())
    };
    assert_eq!(read(&wmf(&[text(b"TOP SEC\0RET"), text(b" //NOFORN")])), expected);
    // Letter by letter, each with its end; and ends alone.
    let letters = ["S\0", "E\0", "\0", "T\0"].map(|letter| emf_text(letter, 1));
    assert_eq!(read(&emf(&letters)), "SET\n");
}
