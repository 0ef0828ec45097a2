//! Word documents made field by field, with a marking in each place a person could put one.

use super::*;
use crate::format::ole::object::compound;
use crate::format::ole::records::made;
use crate::format::test_support::{members, open, settings, texts};

fn number(value: usize) -> [u8; 4] {
    u32::try_from(value).expect("short").to_le_bytes()
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Where the text begins in the main stream.
const TEXT: usize = 2048;

/// A document of stories: body, notes, headers, (none), comments, endnotes, boxes, boxes of headers. The headers are those
/// of one section: even and odd header, even and odd footer, first header and footer.
struct Made {
    stories: [String; 8],
    headers: [&'static str; 6],
    deleted: Option<std::ops::Range<usize>>,
    flags: u16,
    /// The number of a table that is zeros.
    zeroed: Option<usize>,
}

impl Made {
    fn bytes(&self, more: &[(&str, &[u8])]) -> Vec<u8> {
        let mut header = vec![0; TEXT];
        header[..4].copy_from_slice(&[0xec, 0xa5, 0xc1, 0]);
        header[10..12].copy_from_slice(&(self.flags | 0x200).to_le_bytes());
        let text = self.stories.concat();
        for (index, story) in self.stories.iter().enumerate() {
            header[76 + 4 * index..80 + 4 * index].copy_from_slice(&number(length(story)));
        }
        let mut table = Vec::new();
        let mut put = |place: usize, bytes: &[u8]| {
            let at = 154 + 8 * place;
            header[at..at + 4].copy_from_slice(&number(table.len()));
            header[at + 4..at + 8].copy_from_slice(&number(bytes.len()));
            table.extend(bytes.iter().map(|byte| if self.zeroed == Some(place) { 0 } else { *byte }));
        };
        let pieces = [number(0), number(length(&text)), [0, 0, 0, 8], number(0)].concat();
        let pieces = [&pieces[..8], &[0, 0], &number(TEXT), &[0, 0]].concat();
        put(33, &[&[2], number(pieces.len()).as_slice(), &pieces].concat());
        let mut places = vec![0; 7];
        self.headers.iter().for_each(|text| places.push(places.last().expect("there is one") + length(text)));
        places.push(*places.last().expect("there is one"));
        put(11, &places.into_iter().flat_map(number).collect::<Vec<u8>>());
        let art = wide("WATERMARK\0");
        let art = [&[0xc0, 0xc0], number(art.len()).as_slice(), &art].concat();
        put(50, &made(0xf000, 15, &made(0xf00b, 0x13, &art)));
        let mut main = Vec::new();
        if let Some(deleted) = &self.deleted {
            put(12, &[number(TEXT), number(TEXT + 2 * length(&text)), number(16)].concat());
            let places = [TEXT, TEXT + 2 * deleted.start, TEXT + 2 * deleted.end, TEXT + 2 * length(&text)];
            let mut page = [places.map(number).concat(), vec![0, 200, 0]].concat();
            page.resize(400, 0);
            page.extend([3, 0, 8, 1]);
            page.resize(511, 0);
            page.push(3);
            main = page;
        }
        let mut stream = header;
        stream.extend(wide(&text));
        if !main.is_empty() {
            stream.resize(16 * 512, 0);
            stream.extend(main);
        }
        let picture = made(0xf01e, 0x6e00, &[&[0; 17], b"\x89PNG\r\n\x1a\n".as_slice()].concat());
        let mut data = [number(68 + picture.len()), [68, 0, 0x64, 0]].concat();
        data.resize(68, 0);
        data.extend(picture);
        let streams = [("WordDocument", stream.as_slice()), ("1Table", &table), ("Data", &data)];
        compound(&[&streams, more].concat())
    }
}

fn document() -> Made {
    let headers = ["", "head 绝密\r", "", "foot 秘密\r", "first 机密\r", ""];
    let stories = [
        "body\rgone\rlast\r\u{c}second\r",
        "note\r",
        &headers.concat(),
        "",
        "comment\r",
        "endnote\r",
        "box\r",
        "stamp\r",
    ];
    Made { stories: stories.map(str::to_owned), headers, deleted: None, flags: 0, zeroed: None }
}

#[test]
fn a_marking_is_read_wherever_it_stands() {
    let settings = settings();
    let title = properties::made(false, &[("", 2, "title 内部")]);
    let object = b"%PDF-1.4\n".as_slice();
    let bytes = document().bytes(&[("\u{5}SummaryInformation", &title), ("ObjectPool/_1/Package", object)]);
    let document = open(&bytes, &settings).expect("opens");
    assert_eq!(document.faults(), []);
    let pages: Vec<(String, String)> =
        texts(&*document).into_iter().map(|(label, text)| (label.unwrap_or_default(), text)).collect();
    assert_eq!(pages[0].1, "WATERMARK\nstamp\nfirst 机密\nhead 绝密\nbody\ngone\nlast\nfoot 秘密\n");
    assert_eq!(pages[1].1, "head 绝密\nsecond\nfoot 秘密\n");
    for (label, text) in [
        ("text boxes", "box\n"),
        ("footnotes", "note\n"),
        ("endnotes", "endnote\n"),
        ("comments", "comment\n"),
        ("properties", "title: title 内部\n"),
    ] {
        assert!(pages.iter().any(|page| (page.0.as_str(), page.1.as_str()) == (label, text)), "{label}: {pages:?}");
    }
    let names: Vec<String> = members(&*document).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["picture 1.png", "object 1"]);
}

#[test]
fn deleted_text_is_marked_and_an_encrypted_document_is_not_damaged() {
    let settings = settings();
    let bytes = Made { deleted: Some(5..9), ..document() }.bytes(&[]);
    let document_read = open(&bytes, &settings).expect("opens");
    assert!(texts(&*document_read)[0].1.contains("body\n[deleted: gone]\nlast"), "{:?}", texts(&*document_read));
    let closed = Made { flags: 0x100, ..document() }.bytes(&[]);
    assert_eq!(open(&closed, &settings).map(|_| ()).expect_err("closed").reason, FaultReason::Encrypted);
}

#[test]
fn missing_text_and_text_over_the_limit_are_faults() {
    let mut short = document().bytes(&[]);
    let at = short.windows(4).position(|bytes| bytes == [0xec, 0xa5, 0xc1, 0]).expect("there");
    short[at + 76..at + 80].copy_from_slice(&number(90_000));
    let mut settings = settings();
    let reasons = |settings: &Settings| -> Vec<FaultReason> {
        open(&short, settings).expect("opens").faults().into_iter().map(|fault| fault.reason).collect()
    };
    assert!(reasons(&settings).contains(&FaultReason::Damaged));
    settings.limits.content_text_bytes = 10;
    assert!(reasons(&settings).contains(&FaultReason::Limit));
}

#[test]
fn a_document_whose_header_is_none_is_damaged_and_what_can_be_read_of_it_is_read() {
    let settings = settings();
    let reasons = |bytes: &[u8]| -> Vec<FaultReason> {
        open(bytes, &settings).expect("opens").faults().into_iter().map(|fault| fault.reason).collect()
    };
    let zeros = [0; 4096];
    for streams in [&[("WordDocument", zeros.as_slice())][..], &[("WordDocument", &zeros), ("0Table", &zeros)]] {
        assert_eq!(reasons(&compound(streams)), [FaultReason::Damaged]);
    }
    let whole = document().bytes(&[]);
    let at = whole.windows(4).position(|bytes| bytes == [0xec, 0xa5, 0xc1, 0]).expect("there");
    // Of Word 6 and 95, and of one for East Asia.
    for mark in [0xa5dc_u16, 0xa699] {
        let mut other = whole.clone();
        other[at..at + 2].copy_from_slice(&mark.to_le_bytes());
        assert_eq!(reasons(&other), [], "{mark:x}");
    }
    let mut flipped = whole.clone();
    flipped[at] ^= 1;
    let document = open(&flipped, &settings).expect("opens");
    assert_eq!(document.faults()[0].reason, FaultReason::Damaged);
    assert!(texts(&*document)[0].1.contains("head 绝密"), "{:?}", texts(&*document));
    let mut uncounted = whole;
    uncounted[at + 76..at + 80].fill(0);
    assert!(reasons(&uncounted).contains(&FaultReason::Damaged));
}

#[test]
fn text_that_was_zeroed_is_a_fault_and_the_rest_is_read() {
    let settings = settings();
    let whole = document().bytes(&[]);
    let zeroed = |text: &str, count: usize| {
        let mut bytes = whole.clone();
        let text = wide(text);
        let at = bytes.windows(text.len()).position(|window| window == text).expect("there");
        bytes[at..at + 2 * count].fill(0);
        let document = open(&bytes, &settings).expect("opens");
        let all: String = texts(&*document).into_iter().map(|(_, text)| text).collect();
        (document.faults().into_iter().map(|fault| fault.reason).collect::<Vec<_>>(), all)
    };
    for (text, count) in [("body", 4), ("body", 1), ("gone", 2), ("note", 5), ("head", 4), ("comment", 3), ("box", 3)] {
        let (faults, all) = zeroed(text, count);
        assert_eq!(faults, [FaultReason::Damaged], "{count} of {text}");
        assert!(all.contains("second") && all.contains("foot 秘密"), "{count} of {text}: {all}");
    }
    // The number of the page, as the oldest programs wrote it.
    assert_eq!(zeroed("head", 1).0, []);
}

#[test]
fn narrow_text_that_was_zeroed_is_a_fault() {
    let settings = settings();
    let faults = |text: &[u8]| {
        let mut main = vec![0; 4096];
        main[..8].copy_from_slice(&[0xdc, 0xa5, 0x65, 0, 0, 0, 9, 4]);
        main[24..28].copy_from_slice(&number(4096));
        main[28..32].copy_from_slice(&number(4096 + text.len()));
        main[0x34..0x38].copy_from_slice(&number(text.len()));
        main.extend(text);
        let bytes = compound(&[("WordDocument", main.as_slice())]);
        let document = open(&bytes, &settings).expect("opens");
        assert!(texts(&*document)[0].1.contains("plan"));
        document.faults().into_iter().map(|fault| fault.reason).collect::<Vec<_>>()
    };
    assert_eq!(faults(b"TOP SECRET plan\r"), []);
    assert_eq!(faults(b"\0\0\0\0\0\0\0\0\0\0 plan\r"), [FaultReason::Damaged]);
}

#[test]
fn tables_that_were_zeroed_are_a_fault_or_hide_nothing() {
    let settings = settings();
    let read = |place: usize| {
        let bytes = Made { deleted: Some(5..9), zeroed: Some(place), ..document() }.bytes(&[]);
        let document = open(&bytes, &settings).expect("opens");
        let all: String = texts(&*document).into_iter().map(|(_, text)| text).collect();
        (document.faults().iter().any(|fault| fault.reason == FaultReason::Damaged), all)
    };
    // Formatting with what is deleted, pieces of text, drawings.
    for place in [12, 33, 50] {
        assert!(read(place).0, "{place}");
    }
    let (_, all) = read(11);
    assert!(all.contains("head 绝密") && all.contains("foot 秘密") && all.contains("first 机密"), "{all}");
}
