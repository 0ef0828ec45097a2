//! Workbooks made record by record, with a marking in each place a person could put one.

use super::*;
use crate::finding::FaultReason;
use crate::format::ole::object::compound;
use crate::format::ole::records::made;
use crate::format::test_support::{members, open, settings, texts};

fn record(id: u16, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).expect("short");
    [&id.to_le_bytes(), length.to_le_bytes().as_slice(), body].concat()
}

fn words(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Characters with their flags.
fn characters(text: &str) -> Vec<u8> {
    [vec![1], words(&text.encode_utf16().collect::<Vec<u16>>())].concat()
}

fn count(text: &str) -> u16 {
    u16::try_from(text.encode_utf16().count()).expect("short")
}

fn long(text: &str) -> Vec<u8> {
    [words(&[count(text)]), characters(text)].concat()
}

fn short(text: &str) -> Vec<u8> {
    [vec![u8::try_from(count(text)).expect("short")], characters(text)].concat()
}

fn begin(kind: u16) -> Vec<u8> {
    record(biff::BEGIN, &words(&[0x600, kind, 0, 0, 0, 0, 0, 0]))
}

/// Boxes and comments: the object, its text and what continues it.
fn text_object(kind: u16, id: u16, text: &str) -> Vec<u8> {
    let object = record(biff::OBJECT, &words(&[0x15, 0x12, kind, id, 0, 0, 0]));
    let head = record(biff::TEXT, &words(&[0, 0, 0, 0, 0, count(text), 16, 0, 0]));
    [object, head, record(biff::CONTINUE, &characters(text)), record(biff::CONTINUE, &[0; 16])].concat()
}

/// A workbook of one hidden sheet.
fn workbook(globals: &[Vec<u8>], sheet: &[Vec<u8>]) -> Vec<u8> {
    let end = record(biff::EOF, &[]);
    let bound = |at: usize| {
        let at = u32::try_from(at).expect("short").to_le_bytes();
        record(biff::SHEET, &[at.as_slice(), &[1, 0], &short("预算")].concat())
    };
    let lead = [begin(5), globals.concat()].concat();
    let at = lead.len() + bound(0).len() + end.len();
    let stream = [lead, bound(at), end.clone(), begin(0x10), sheet.concat(), end].concat();
    compound(&[("Workbook", stream.as_slice())])
}

#[test]
fn a_marking_is_read_wherever_it_stands() {
    let shared = [words(&[1, 0, 1, 0]), long("cell 机密")].concat();
    let png = made(0xf01e, 0x6e00, &[&[0; 17], b"\x89PNG\r\n\x1a\n".as_slice()].concat());
    let name = [&words(&[0]), [0, 6].as_slice(), &[0; 10], &characters("Secret")].concat();
    let globals = [record(biff::STRINGS, &shared), record(biff::STORE, &png), record(biff::NAME, &name)];
    let identifier = 110_105_194_912_310.0_f64.to_le_bytes();
    let note = [words(&[2, 1, 0, 7]), long("author")].concat();
    let sheet = [
        record(biff::FOOTER, &long("&Rfooter 秘密")),
        record(biff::HEADER, &long("&C&\"SimSun\"header 绝密")),
        record(biff::SHARED_LABEL, &words(&[1, 0, 0, 0, 0])),
        record(biff::NUMBER, &[words(&[0, 0, 0]), identifier.to_vec()].concat()),
        text_object(6, 3, "box TOP SECRET"),
        text_object(25, 7, "comment SECRET"),
        record(biff::NOTE, &note),
        begin(0x20),
        record(biff::CHART_TEXT, &[words(&[0]), short("chart CONFIDENTIAL")].concat()),
        record(biff::EOF, &[]),
    ];
    let settings = settings();
    let document = open(&workbook(&globals, &sheet), &settings).expect("opens");
    assert_eq!(document.faults(), []);
    let pages = texts(&*document);
    assert_eq!(pages[0].0.as_deref(), Some("sheet \"预算\" (hidden)"));
    assert_eq!(
        pages[0].1,
        "header 绝密\n110105194912310\ncell 机密\nbox TOP SECRET\nchart CONFIDENTIAL\n\
         comment B3 (author): comment SECRET\nfooter 秘密\n"
    );
    assert!(pages.iter().any(|page| page.1.contains("Secret\t")), "{pages:?}");
    assert!(members(&*document)[0].0 == "picture 1.png");
}

#[test]
fn the_table_and_the_words_of_a_chart_of_microsoft_graph_are_read() {
    let narrow = |text: &str| [&[u8::try_from(text.len()).expect("short"), 0], text.as_bytes()].concat();
    let cell = |id: u16, row: u16, column: u16, value: &[u8]| {
        record(id, &[words(&[row, column]).as_slice(), &[0; 3], value].concat())
    };
    let begin = |kind: u16| record(biff::BEGIN, &words(&[0x680, kind, 0, 0, 0, 0, 0, 0]));
    let end = record(biff::EOF, &[]);
    let format = [words(&[5, 15]).as_slice(), &[0], b"\"SECRET\" #,##0 "].concat();
    let lead = [begin(5), record(biff::CODE_PAGE, &words(&[1200])), record(biff::FORMAT, &format)].concat();
    let bound = |at: usize| {
        let at = u32::try_from(at).expect("short").to_le_bytes();
        record(biff::SHEET, &[at.as_slice(), &[0, 2, 0, 0]].concat())
    };
    let at = lead.len() + bound(0).len() + end.len();
    let sheet = [
        cell(biff::GRAPH_LABEL, 0, 1, &narrow("1st Qtr")),
        cell(biff::GRAPH_LABEL, 1, 0, &narrow("East")),
        cell(biff::GRAPH_NUMBER, 1, 1, &20.4_f64.to_le_bytes()),
        record(biff::CHART_TEXT, &[words(&[0]), short("TOP SECRET")].concat()),
    ];
    let stream = [lead, bound(at), end.clone(), begin(0x8000), sheet.concat(), end].concat();
    let settings = settings();
    let bytes = compound(&[("Workbook", stream.as_slice())]);
    let document = open(&bytes, &settings).expect("opens");
    assert_eq!(document.faults(), []);
    let pages = texts(&*document);
    assert_eq!(pages[0].1, "1st Qtr\nEast\t20.4\nTOP SECRET\n");
    assert!(pages.iter().any(|page| page.1.contains("SECRET") && !page.1.contains("TOP")), "{pages:?}");
}

#[test]
fn pages_of_a_long_sheet_are_called_by_the_cells_on_them() {
    let cell =
        |row: u16, column: u16, text: &str| record(biff::LABEL, &[words(&[row, column, 0]), long(text)].concat());
    let sheet: Vec<Vec<u8>> =
        (0..40).flat_map(|row| [cell(row, 1, "twenty letters of it"), cell(row, 3, "x")]).collect();
    let mut settings = settings();
    settings.text.page_chars = 230;
    let labels: Vec<String> = texts(&*open(&workbook(&[], &sheet), &settings).expect("opens"))
        .into_iter()
        .filter_map(|page| page.0)
        .collect();
    let name = "sheet \"预算\" (hidden)";
    assert_eq!(labels[..4], ["B1:D10", "B11:D20", "B21:D30", "B31:D40"].map(|place| format!("{name} {place}")));
}

#[test]
fn a_workbook_with_a_password_is_encrypted_and_a_cut_one_damaged() {
    let settings = settings();
    let locked = workbook(&[record(biff::FILE_PASS, &words(&[1, 1, 1]))], &[]);
    assert_eq!(open(&locked, &settings).map(|_| ()).expect_err("closed").reason, FaultReason::Encrypted);
    let cut = record(biff::LABEL, &[words(&[0, 0, 0]), long("here")].concat());
    let stream = [begin(5), record(biff::SHEET, &[&[50, 0, 0, 0, 0, 0], short("a").as_slice()].concat())].concat();
    let bytes = compound(&[("Workbook", [stream, cut].concat().as_slice())]);
    let document = open(&bytes, &settings).expect("opens");
    assert!(document.faults().iter().any(|fault| fault.reason == FaultReason::Damaged));
}

#[test]
fn text_over_the_limit_is_a_fault() {
    let mut settings = settings();
    settings.limits.content_text_bytes = 20;
    let cell = record(biff::LABEL, &[words(&[0, 0, 0]), long("a long text of a cell")].concat());
    let bytes = workbook(&[], &[cell.clone(), cell]);
    let document = open(&bytes, &settings).expect("opens");
    assert!(document.faults().iter().any(|fault| fault.reason == FaultReason::Limit));
}

#[test]
fn a_workbook_of_zeros_or_with_zeros_in_it_is_damaged() {
    let settings = settings();
    let is_damaged = |bytes: &[u8]| {
        let document = open(bytes, &settings).expect("opens");
        document.faults().iter().any(|fault| fault.reason == FaultReason::Damaged)
    };
    assert!(is_damaged(&compound(&[("Workbook", &[0; 4096])])));
    let cell = record(biff::LABEL, &[words(&[0, 0, 0]), long("机密")].concat());
    assert!(!is_damaged(&workbook(&[], &[cell.clone(), cell.clone()])));
    // Records that are zeros as a whole: what stands behind them is read as if nothing were missing.
    let zeros = vec![0; cell.len().next_multiple_of(4)];
    assert!(is_damaged(&workbook(&[], &[cell.clone(), zeros.clone()])));
    assert!(is_damaged(&workbook(&[zeros], &[cell])));
}

/// Whether a workbook is damaged, and its texts.
fn damage(bytes: &[u8]) -> (bool, String) {
    let settings = settings();
    let document = open(bytes, &settings).expect("opens");
    let all = texts(&*document).into_iter().map(|(_, text)| text).collect();
    (document.faults().iter().any(|fault| fault.reason == FaultReason::Damaged), all)
}

#[test]
fn shared_strings_that_were_zeroed_are_a_fault_and_the_others_are_read() {
    let cells: Vec<Vec<u8>> = (0..4).map(|row| record(biff::SHARED_LABEL, &words(&[row, 0, 0, row, 0]))).collect();
    let table = [words(&[4, 0, 4, 0]), long("机密 one"), long("two"), long(""), long("last four")].concat();
    let read = |table: &[u8]| damage(&workbook(&[record(biff::STRINGS, table)], &cells));
    assert_eq!((read(&table).0, read(&table).1.contains("机密 one\ntwo\nlast four\n")), (false, true));
    let first = 8..8 + long("机密 one").len();
    let second = first.end..first.end + long("two").len();
    // Whole strings, characters of one, characters of the next, and how many there are.
    for zeroed in [first.clone(), first.start + 3..first.end, second.start + 5..second.end, 4..8] {
        let mut zeros = table.clone();
        zeros[zeroed.clone()].fill(0);
        assert!(read(&zeros).0, "{zeroed:?}");
    }
    let none = || vec![0; 3];
    // An empty string that a program keeps twice, and a zero that one counted along.
    let table_of = |strings: &[Vec<u8>]| [words(&[4, 0, 4, 0]), strings.concat()].concat();
    assert!(!read(&table_of(&[none(), long("two"), none(), long("last")])).0);
    assert!(!read(&table_of(&[none(), none(), long("two\0"), long("la\0st")])).0);
    assert!(read(&table_of(&[long("one"), none(), none(), none()])).0);
    let mut zeros = table.clone();
    zeros[second.start + 3..second.end].fill(0);
    let all = read(&zeros).1;
    assert!(all.contains("机密 one") && all.contains("last four"), "{all}");
}

#[test]
fn texts_that_were_zeroed_are_a_fault_wherever_they_stand() {
    let lost = "\0".repeat(9);
    let lead = words(&[0, 0, 0]);
    let formula = record(biff::FORMULA, &[lead.clone(), words(&[0, 0, 0, 0xffff])].concat());
    let result = |text: &str| [formula.clone(), record(biff::RESULT, &long(text))].concat();
    let cases = |text: &str| {
        [
            record(biff::LABEL, &[lead.clone(), long(text)].concat()),
            record(biff::HEADER, &long(&format!("&C{text} more"))),
            text_object(6, 3, text),
            result(text),
            record(biff::CHART_TEXT, &[words(&[0]), short(text)].concat()),
            record(
                biff::DRAWING,
                &made(0xf00b, 0x13, &{
                    let art = words(&text.encode_utf16().chain([0]).collect::<Vec<u16>>());
                    let length = u32::try_from(art.len()).expect("short").to_le_bytes();
                    [&0xc0c0_u16.to_le_bytes(), length.as_slice(), &art].concat()
                }),
            ),
        ]
    };
    for (sound, zeroed) in cases("机密").into_iter().zip(cases(&lost)) {
        assert!(!damage(&workbook(&[], std::slice::from_ref(&sound))).0, "{sound:?}");
        assert!(damage(&workbook(&[], &[zeroed.clone(), sound])).0, "{zeroed:?}");
    }
    // A string of which even the length is zeros.
    for body in [[lead.clone(), vec![0; 20]].concat(), vec![0; 20]] {
        let id = if body.len() > 20 { biff::LABEL } else { biff::RESULT };
        assert!(damage(&workbook(&[], &[record(id, &body)])).0);
    }
    // Texts of a check of what is typed in, none of which is there.
    let none = [vec![0; 4], [1, 0, 0, 0].repeat(4)].concat();
    assert!(!damage(&workbook(&[], &[record(biff::VALIDATION, &none)])).0);
}

#[test]
fn narrow_texts_that_were_zeroed_and_sheets_that_are_lost_are_a_fault() {
    let book = |text: &[u8], at: Option<u32>| {
        let begin = |kind| record(biff::BEGIN, &words(&[0x500, kind, 0, 0]));
        let bound = |at: u32| record(biff::SHEET, &[&at.to_le_bytes(), [0, 0, 1, b'a'].as_slice()].concat());
        let end = record(biff::EOF, &[]);
        let place = u32::try_from([begin(5), bound(0), end.clone()].concat().len()).expect("short");
        let length = u16::try_from(text.len()).expect("short");
        let label = record(biff::LABEL, &[words(&[0, 0, 0, length]), text.to_vec()].concat());
        let stream = [begin(5), bound(at.unwrap_or(place)), end.clone(), begin(0x10), label, end].concat();
        compound(&[("Book", stream.as_slice())])
    };
    let (damaged, all) = damage(&book(b"TOP SECRET", None));
    assert!(!damaged && all.contains("TOP SECRET"), "{all}");
    assert!(damage(&book(&[0; 10], None)).0);
    // A zero in a word is no damage, and does not cut it.
    let (damaged, all) = damage(&book(b"TOP SEC\0RET", None));
    assert!(!damaged && all.contains("TOP SECRET"), "{all}");
    for at in [0, 4] {
        assert!(damage(&book(b"TOP SECRET", Some(at))).0, "{at}");
    }
}

#[test]
fn a_zero_in_a_cell_does_not_cut_its_row() {
    let label = |column: u16, text: &str| record(biff::LABEL, &[words(&[0, column, 0]), long(text)].concat());
    let sheet = [
        label(0, "TOP SEC\0RET"),
        label(1, "plan\0"),
        label(2, "of the firm"),
        record(biff::HEADER, &long("&CSEC\0RET&Rx")),
    ];
    let settings = settings();
    let document = open(&workbook(&[], &sheet), &settings).expect("opens");
    assert_eq!(document.faults(), []);
    let text = &texts(&*document)[0].1;
    assert!(text.contains("TOP SECRET\tplan\tof the firm\nTOP SEC RET\tplan\tof the firm\n"), "{text:?}");
    assert!(text.contains("SECRET\nSEC RET\nx\n"), "{text:?}");
}
