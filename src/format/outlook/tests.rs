//! Compound files written by hand, as Outlook lays them out.

use super::*;
use crate::format::test_support::{members, open, settings, texts};

type Out = CompoundFile<Cursor<Vec<u8>>>;

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn stream(file: &mut Out, path: &str, bytes: &[u8]) {
    file.create_stream(path).expect("creates").write_all(bytes).expect("writes");
}

/// A property of fixed length.
fn number(id: u16, value: u32) -> Vec<u8> {
    [&[3, 0], id.to_le_bytes().as_slice(), &[0; 4], &value.to_le_bytes(), &[0; 4]].concat()
}

/// Properties of text and of numbers under a path.
fn item(file: &mut Out, path: &str, head: usize, texts: &[(u16, &str)], numbers: &[(u16, u32)]) {
    for (id, text) in texts {
        stream(file, &format!("{path}{STREAM}{id:04X}001F"), &utf16(text));
    }
    let numbers: Vec<u8> = numbers.iter().flat_map(|(id, value)| number(*id, *value)).collect();
    stream(file, &format!("{path}{PROPERTIES}"), &[vec![0; head], numbers].concat());
}

/// A message with a label in a named property, a file, a message in it, a reference and an object.
fn message() -> Vec<u8> {
    let mut file = CompoundFile::create(Cursor::new(Vec::new())).expect("creates");
    let subject = [(0x0037, "marked subject"), (0x1000, "marked body"), (0x8000, "Label=Secret"), (0x0e04, "Bo")];
    item(&mut file, "/", OWN_HEAD, &subject, &[(0x0036, 3), (0x3ffd, 936), (0x3fde, 936)]);
    stream(&mut file, "/__substg1.0_10130102", &encoding_rs::GBK.encode("<p>页面里的机密</p>").0);
    stream(&mut file, "/__substg1.0_0C1A001E", &encoding_rs::GBK.encode("王一些").0);
    stream(&mut file, "/__substg1.0_007D001F", &utf16("Received: x\r\nX-Classification: marked field\r\n\r\n"));
    file.create_storage("/__nameid_version1.0").expect("creates");
    stream(&mut file, "/__nameid_version1.0/__substg1.0_00030102", &[0, 0, 0, 0, 7, 0, 0, 0]);
    let name = utf16("msip_labels");
    let length = u32::try_from(name.len()).expect("short").to_le_bytes();
    stream(&mut file, "/__nameid_version1.0/__substg1.0_00040102", &[length.as_slice(), &name].concat());
    file.create_storage("/__recip_version1.0_#00000000").expect("creates");
    let who = [(0x3001, "Bo"), (0x39fe, "bo@example.org")];
    item(&mut file, "/__recip_version1.0_#00000000/", PART_HEAD, &who, &[(0x0c15, 3)]);
    for (number, (name, method)) in [("../a.txt", 1), ("inner", 5), ("far.doc", 7), ("object", 6)].iter().enumerate() {
        let path = format!("/__attach_version1.0_#{number:08}/");
        file.create_storage(&path).expect("creates");
        item(&mut file, &path, PART_HEAD, &[(0x3707, name)], &[(0x3705, *method)]);
        match method {
            1 => stream(&mut file, &format!("{path}__substg1.0_37010102"), b"marked file"),
            5 => {
                file.create_storage(format!("{path}{STORAGE}")).expect("creates");
                item(
                    &mut file,
                    &format!("{path}{STORAGE}/"),
                    INNER_HEAD,
                    &[(0x1000, "inner body"), (0x8000, "B")],
                    &[(0x0036, 2)],
                );
            }
            6 => {
                file.create_storage(format!("{path}{STORAGE}")).expect("creates");
                stream(&mut file, &format!("{path}{STORAGE}/CONTENTS"), b"drawn");
            }
            _ => {}
        }
    }
    file.flush().expect("flushes");
    file.into_inner().into_inner()
}

#[test]
fn markings_are_found_wherever_outlook_keeps_them() {
    let settings = settings();
    let document = open(&message(), &settings).expect("opens");
    let pages = texts(&*document);
    assert_eq!(pages[0].0.as_deref(), Some("message"));
    assert_eq!(
        pages[0].1,
        "Sender: 王一些\nTo: Bo\nSubject: marked subject\nSensitivity: Company-Confidential\nmsip_labels: Label=Secret\n\
         Bcc: Bo <bo@example.org>\nX-Classification: marked field\n\nmarked body\n\n页面里的机密\n\n"
    );
    assert_eq!(document.faults(), []);
    let files = members(&*document);
    let names: Vec<&str> = files.iter().map(|file| file.0.as_str()).collect();
    assert_eq!(names, [".._a.txt", "inner.msg", "far.doc", "object"]);
    assert_eq!(files[0].1.as_deref(), Ok(b"marked file".as_slice()));
    assert_eq!(files[2].1.as_ref().err().map(|fault| fault.reason), Some(FaultReason::Attachment));
    let inner = open(files[1].1.as_deref().expect("there"), &settings).expect("opens");
    // The names of properties come along from the message around it.
    assert_eq!(texts(&*inner)[0].1, "Sensitivity: Private\nmsip_labels: B\n\ninner body\n");
    let object = files[3].1.clone().expect("there");
    assert!(CompoundFile::open(Cursor::new(object)).expect("opens").is_stream("/CONTENTS"));
}

#[test]
fn recipients_and_attachments_over_the_limit_are_a_fault_that_names_it_and_those_before_it_are_read() {
    let mut settings = settings();
    settings.limits.message_parts = 5;
    assert_eq!(open(&message(), &settings).expect("opens").faults(), []);
    settings.limits.message_parts = 2;
    let document = open(&message(), &settings).expect("opens");
    let faults = document.faults();
    assert!(matches!(&faults[..], [fault] if fault.reason == FaultReason::Limit), "{faults:?}");
    assert!(faults[0].detail.contains("limits.message_parts = 2"), "{faults:?}");
    assert_eq!(members(&*document).len(), 2);
}

#[test]
fn a_message_that_was_cut_is_damaged_or_has_a_fault() {
    let whole = message();
    let settings = settings();
    for length in [2000, 8000, whole.len() - 5000] {
        let source = crate::format::test_support::source(&whole[..length]);
        match Msg.open(source, &Kind::new("msg"), &settings) {
            Ok(document) => assert!(!document.faults().is_empty(), "{length}"),
            Err(fault) => assert_eq!(fault.reason, FaultReason::Damaged, "{length}"),
        }
    }
}

#[test]
fn what_is_kept_of_a_message_in_a_store_is_read_from_the_file_made_of_it() {
    let mut props = Props::default();
    props.push(tag::SUBJECT, Value::Text("\u{1}\u{4}RE: marked subject".to_owned()));
    props.push(tag::BODY, Value::Narrow(encoding_rs::GBK.encode("正文里的机密").0.into_owned()));
    props.push(tag::CODE_PAGE, Value::Number(936));
    props.push(tag::SUBMITTED, Value::Time(133_485_408_000_000_000));
    props.push(0x8001, Value::Text("first word".to_owned()));
    props.push(0x8001, Value::Text("second word".to_owned()));
    let mut file = CompoundFile::create(Cursor::new(Vec::new())).expect("creates");
    pst::write(&mut file, "/", &props, OWN_HEAD).expect("writes");
    file.flush().expect("flushes");
    let settings = settings();
    let document = open(&file.into_inner().into_inner(), &settings).expect("opens");
    assert_eq!(
        texts(&*document)[0].1,
        "Subject: RE: marked subject\nDate: 2024-01-01 00:00 UTC\nfirst word\nsecond word\n\n正文里的机密\n"
    );
}

#[test]
fn a_store_that_cannot_be_opened_says_why() {
    let settings = settings();
    let reason = |version: u8, cipher: u8| {
        let mut bytes = [b"!BDN".as_slice(), &[0; 2000]].concat();
        (bytes[10], bytes[513]) = (version, cipher);
        open(&bytes, &settings).err().expect("is no store").reason
    };
    assert_eq!(reason(23, 0x10), FaultReason::Encrypted);
    assert_eq!(reason(36, 0), FaultReason::Unsupported);
    assert_eq!(reason(23, 0), FaultReason::Damaged);
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(40))]
    #[test]
    fn no_changed_byte_makes_the_reader_panic(changes in proptest::collection::vec((0_usize..40_000, proptest::num::u8::ANY), 1..20)) {
        let mut bytes = message();
        for (at, byte) in changes {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        let settings = settings();
        let format = Msg;
        let source = crate::format::test_support::source(&bytes);
        if let Ok(document) = format.open(source, &Kind::new("msg"), &settings) {
            let mut out = crate::format::test_support::Collected::default();
            document.members(&mut out).expect("ends");
        }
    }
}

#[test]
fn a_zero_in_a_word_does_not_cut_it() {
    let mut file = CompoundFile::create(Cursor::new(Vec::new())).expect("creates");
    stream(&mut file, "/__substg1.0_0037001F", &utf16("TOP SEC\0RET\0"));
    stream(&mut file, "/__substg1.0_0C1A001E", b"SE\0CRET\0");
    stream(&mut file, "/__substg1.0_1000001F", &utf16("body\nCONFID\0ENTIAL\0"));
    stream(&mut file, &format!("/{PROPERTIES}"), &[0; OWN_HEAD]);
    file.flush().expect("flushes");
    let settings = settings();
    let bytes = file.into_inner().into_inner();
    let document = open(&bytes, &settings).expect("opens");
    assert_eq!(document.faults(), []);
    let expected = "Sender: SECRET\nSE CRET\nSubject: TOP SECRET\nTOP SEC RET\n\nbody\nCONFIDENTIAL\nCONFID ENTIAL\n";
    assert_eq!(texts(&*document)[0].1, expected);
}

#[test]
fn texts_and_properties_that_were_zeroed_are_a_fault() {
    let settings = settings();
    let faults = |text: &str, narrow: &[u8], numbers: &[u8]| {
        let mut file = CompoundFile::create(Cursor::new(Vec::new())).expect("creates");
        stream(&mut file, "/__substg1.0_1000001F", &utf16(text));
        stream(&mut file, "/__substg1.0_0037001E", narrow);
        stream(&mut file, &format!("/{PROPERTIES}"), &[vec![0; OWN_HEAD], numbers.to_vec()].concat());
        file.flush().expect("flushes");
        let bytes = file.into_inner().into_inner();
        let faults = open(&bytes, &settings).expect("opens").faults();
        faults.into_iter().map(|fault| fault.reason).collect::<Vec<_>>()
    };
    let sensitivity = number(0x0036, 3);
    assert_eq!(faults("marked body\0", b"subject\0", &sensitivity), []);
    let lost = "\0".repeat(12);
    for faults in [
        faults(&lost, b"subject", &sensitivity),
        faults(&format!("marked {lost}"), b"subject", &sensitivity),
        faults(&format!("{lost} body"), b"subject", &sensitivity),
        faults("body", lost.as_bytes(), &sensitivity),
        faults("body", b"subject", &[0; 16]),
    ] {
        assert!(!faults.is_empty() && faults.iter().all(|reason| *reason == FaultReason::Damaged), "{faults:?}");
    }
}
