//! Presentations made record by record, with a marking in each place a person could put one.

use super::*;
use crate::format::ole::object::compound;
use crate::format::ole::records::made;
use crate::format::test_support::{members, open, settings, texts};

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn number(value: usize) -> [u8; 4] {
    u32::try_from(value).expect("short").to_le_bytes()
}

/// A shape with a text, which may be a placeholder.
fn shape(text: &str, placeholder: Option<u8>) -> Vec<u8> {
    let place = placeholder.map(|kind| made(0xf011, 15, &made(0x0bc3, 0, &[0, 0, 0, 0, kind, 0, 0, 0])));
    let text = made(0xf00d, 15, &made(0x0fa0, 0, &wide(text)));
    made(0xf004, 15, &[place.unwrap_or_default(), text].concat())
}

fn drawn(shapes: &[Vec<u8>]) -> Vec<u8> {
    made(0x040c, 15, &made(0xf002, 15, &shapes.concat()))
}

fn footer(text: &str) -> Vec<u8> {
    made(0x0fd9, 0x3f, &made(0x0fba, 0x20, &wide(text)))
}

fn entry(persist: usize, id: usize) -> Vec<u8> {
    made(0x03f3, 0, &[number(persist), [0; 4], [0; 4], number(id), [0; 4]].concat())
}

/// Parts with numbers from 1, of which the first is the document.
fn presentation(parts: &[Vec<u8>], more: &[u8], encrypted: bool) -> Vec<u8> {
    let mut stream = more.to_vec();
    let mut places = number(1 | parts.len() << 20).to_vec();
    for part in parts {
        places.extend(number(stream.len()));
        stream.extend(part);
    }
    let table = stream.len();
    stream.extend(made(0x1772, 0, &places));
    let edit = stream.len();
    stream.extend(made(0x0ff5, 0, &[[0; 4], [0; 4], [0; 4], number(table), number(1), [0; 4], [0; 4]].concat()));
    let sign = if encrypted { 0xf3d1_c4df_u32 } else { 0xe391_c05f };
    let user = [[0; 4], [0; 4], number(20), sign.to_le_bytes(), number(edit)].concat();
    let picture = made(0xf01e, 0x6e00, &[&[0; 17], b"\x89PNG\r\n\x1a\n".as_slice()].concat());
    compound(&[("PowerPoint Document", stream.as_slice()), ("Current User", &user), ("Pictures", &picture)])
}

#[test]
fn a_marking_is_read_wherever_it_stands() {
    let outline = [made(0x0f9f, 0, &[0; 4]), made(0x0fa0, 0, &wide("title 机密"))].concat();
    let slides = made(0x0ff0, 15, &[entry(2, 256), outline, entry(5, 257)].concat());
    let masters = made(0x0ff0, 31, &entry(3, 9));
    let notes = made(0x0ff0, 47, &entry(4, 256));
    let document = made(0x03e8, 15, &[footer("footer 绝密"), masters, slides, notes].concat());
    let comment = [made(0x0fba, 0, &wide("author")), made(0x0fba, 16, &wide("comment SECRET"))].concat();
    let reference = made(0xf00d, 15, &made(0x0f9e, 0, &[0; 4]));
    let slide = [drawn(&[reference, shape("box 秘密", None)]), made(0x2ee0, 15, &comment)].concat();
    let master = drawn(&[shape("Click to edit", Some(1)), shape("stamp TOP SECRET", None)]);
    let page = [made(0x03f1, 0, &[0, 1, 0, 0]), drawn(&[shape("notes 内部", None)])].concat();
    let hidden =
        [made(0x03f9, 0, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0]), drawn(&[shape("unseen", None)])].concat();
    let parts = [
        document,
        made(0x03ee, 15, &slide),
        made(0x03f8, 15, &master),
        made(0x03f0, 15, &page),
        made(0x03ee, 15, &hidden),
    ];
    let inner = compound(&[("Package", b"%PDF-1.4\n".as_slice())]);
    let settings = settings();
    let document = open(&presentation(&parts, &made(0x1011, 0, &inner), false), &settings).expect("opens");
    assert_eq!(document.faults(), []);
    let pages: Vec<(String, String)> =
        texts(&*document).into_iter().map(|(label, text)| (label.unwrap_or_default(), text)).collect();
    let page = |label: &str| pages.iter().find(|page| page.0 == label).map_or("", |page| page.1.as_str());
    assert_eq!(page("slide 1"), "title 机密\nbox 秘密\ncomment (author): comment SECRET\nfooter 绝密\n");
    assert_eq!(page("slide 1, notes"), "notes 内部\n");
    assert_eq!(page("slide 2 (hidden)"), "unseen\nfooter 绝密\n");
    assert_eq!(page("slide master"), "stamp TOP SECRET\n");
    let names: Vec<String> = members(&*document).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["picture 1.png", "object 1"]);
}

#[test]
fn an_encrypted_presentation_is_encrypted_and_one_without_order_keeps_its_text() {
    let settings = settings();
    let slide = made(0x03ee, 15, &drawn(&[shape("SECRET", None)]));
    let closed =
        open(&presentation(std::slice::from_ref(&slide), &[], true), &settings).map(|_| ()).expect_err("closed");
    assert_eq!(closed.reason, FaultReason::Encrypted);
    let lost = open(&compound(&[("PowerPoint Document", slide.as_slice())]), &settings).expect("opens");
    assert!(texts(&*lost)[0].1.contains("SECRET"));
    assert_eq!(lost.faults()[0].reason, FaultReason::Damaged);
}

#[test]
fn a_presentation_of_zeros_is_damaged() {
    let settings = settings();
    let zeros = [0; 4096];
    for streams in [
        &[("PowerPoint Document", zeros.as_slice())][..],
        &[("PowerPoint Document", &zeros), ("Current User", &zeros), ("Pictures", &zeros)],
    ] {
        let document = open(&compound(streams), &settings).expect("opens");
        assert!(document.faults().iter().any(|fault| fault.reason == FaultReason::Damaged));
    }
}

#[test]
fn texts_and_records_that_were_zeroed_are_a_fault_and_the_rest_is_read() {
    let settings = settings();
    let read = |shapes: &[Vec<u8>], foot: &str| {
        let slides = made(0x0ff0, 15, &entry(2, 256));
        let parts = [made(0x03e8, 15, &[footer(foot), slides].concat()), made(0x03ee, 15, &drawn(shapes))];
        let document = open(&presentation(&parts, &[], false), &settings).expect("opens");
        let all: String = texts(&*document).into_iter().map(|(_, text)| text).collect();
        assert!(all.contains("last"), "{all}");
        document.faults().into_iter().map(|fault| fault.reason).collect::<Vec<_>>()
    };
    let narrow = |text: &[u8]| made(0xf004, 15, &made(0xf00d, 15, &made(0x0fa8, 0, text)));
    let last = shape("last", None);
    assert_eq!(read(&[shape("机密", None), narrow(b"SECRET"), last.clone()], "foot"), []);
    for lost in [shape("a\0b", None), shape("\0\0\0\0\0\0\0\0", None), narrow(&[0; 6]), vec![0; 80]] {
        assert_eq!(read(&[lost.clone(), last.clone()], "foot"), [FaultReason::Damaged], "{lost:?}");
    }
    assert_eq!(read(std::slice::from_ref(&last), "\0\0\0\0\0\0\0\0"), [FaultReason::Damaged]);
}
