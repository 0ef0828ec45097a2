//! Tests of packages, and the writer of packages that tests of their formats use.

use std::io::{Cursor, Write as _};

use ::zip::write::SimpleFileOptions;
use ::zip::{CompressionMethod, ZipWriter};

use super::xml::Node;
use super::*;
use crate::config::Settings;
use crate::format::test_support::{Collected, source};

/// A package of parts.
pub(in crate::format) fn package(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        writer.start_file(*name, options).expect("begins");
        writer.write_all(bytes).expect("writes");
    }
    writer.finish().expect("ends").into_inner()
}

fn limits() -> Limits {
    Settings::defaults().limits
}

fn open(bytes: &[u8]) -> Package {
    Package::open(&source(bytes), &limits()).expect("opens")
}

/// The text of XML, and the fault that ended it.
fn text(bytes: &[u8], limits: &Limits) -> (String, Option<Fault>) {
    let mut all = String::new();
    let mut xml = match Xml::of(bytes, "part a", limits) {
        Ok(xml) => xml,
        Err(fault) => return (all, Some(fault)),
    };
    loop {
        match xml.node() {
            Ok(Some(Node::Text(text))) => all.push_str(&text),
            Ok(Some(_)) => {}
            Ok(None) => return (all, None),
            Err(fault) => return (all, Some(fault)),
        }
    }
}

#[test]
fn parts_are_found_whatever_the_case_and_the_slash() {
    let package = open(&package(&[("Word\\Document.xml", b"one"), ("media/a.png", b"two")]));
    assert_eq!(package.names().collect::<Vec<_>>(), ["Word/Document.xml", "media/a.png"]);
    assert_eq!(package.part("/word/document.XML"), Ok(Some(b"one".to_vec())));
    assert_eq!(package.part("none"), Ok(None));
}

#[test]
fn a_part_over_the_limit_is_a_fault_and_no_memory() {
    let mut limits = limits();
    limits.unpacked_bytes = 1000;
    let bytes = package(&[("a.xml", &[b' '; 1001]), ("b.xml", &[b' '; 1000])]);
    let package = Package::open(&source(&bytes), &limits).expect("opens");
    assert_eq!(package.part("a.xml").expect_err("too large").reason, FaultReason::Limit);
    assert_eq!(package.part("b.xml").map(|part| part.map(|part| part.len())), Ok(Some(1000)));
    let read = |xml: &mut Xml<'_>| {
        while xml.node()?.is_some() {}
        Ok(())
    };
    assert_eq!(package.xml("a.xml", read).expect("there").expect_err("too large").reason, FaultReason::Limit);
}

#[test]
fn parts_over_the_limit_are_a_fault_that_names_it_and_those_before_it_are_there() {
    let bytes = package(&[("a.xml", b"<a/>"), ("b.xml", b"<b/>"), ("c.xml", b"<c/>")]);
    let mut limits = limits();
    limits.package_parts = 3;
    assert_eq!(Package::open(&source(&bytes), &limits).expect("opens").faults, []);
    limits.package_parts = 2;
    let package = Package::open(&source(&bytes), &limits).expect("opens");
    assert!(package.faults[0].detail.contains("limits.package_parts = 2"), "{:?}", package.faults);
    assert_eq!(package.names().count(), 2);
}

#[test]
fn a_damaged_part_leaves_the_others_readable() {
    let mut bytes = package(&[("a.xml", &b"a long text that is packed ".repeat(20)), ("b.xml", b"whole")]);
    bytes[40] ^= 0x55;
    let package = open(&bytes);
    assert_eq!(package.part("a.xml").expect_err("damaged").reason, FaultReason::Damaged);
    assert_eq!(package.part("b.xml"), Ok(Some(b"whole".to_vec())));
}

#[test]
fn an_encrypted_part_is_encrypted_and_not_damaged() {
    let mut bytes = package(&[("a.xml", b"text")]);
    let central = bytes.windows(4).position(|window| window == b"PK\x01\x02").expect("a directory");
    bytes[6] |= 1;
    bytes[central + 8] |= 1;
    let package = open(&bytes);
    assert_eq!(package.part("a.xml").expect_err("encrypted").reason, FaultReason::Encrypted);
    let mut members = Collected::default();
    let _ = package.part_to("a.xml", &mut members);
    assert_eq!(members.0[0].1.as_ref().expect_err("encrypted").reason, FaultReason::Encrypted);
}

#[test]
fn parts_of_a_package_that_lost_its_end_are_read_with_a_fault() {
    let long: Vec<u8> = (0..40_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let whole = package(&[("a.xml", b"one"), ("b.bin", &long), ("c.xml", b"three")]);
    let package = open(&whole[..whole.len() / 2]);
    assert_eq!(package.faults()[0].reason, FaultReason::Damaged);
    assert_eq!(package.part("a.xml"), Ok(Some(b"one".to_vec())));
    assert_eq!(package.part("b.bin").expect_err("cut").reason, FaultReason::Damaged);
    let nothing = Package::open(&source(b"no package"), &limits());
    assert_eq!(nothing.err().expect("nothing there").reason, FaultReason::Damaged);
}

#[test]
fn text_of_every_encoding_and_reference_is_read() {
    let cases: &[&[u8]] = &[
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a>机密 A&amp;B</a>".as_bytes(),
        b"<?xml version='1.0'?><x:a>&#26426;&#x5BC6; <![CDATA[A&B]]></x:a>",
        &encoding_rs::GBK.encode("<?xml version='1.0' encoding='gb2312'?><a>机密 A&amp;B</a>").0,
        &[b"\xff\xfe".as_slice(), &wide("<a>机密 A&amp;B</a>")].concat(),
    ];
    for (case, bytes) in cases.iter().enumerate() {
        assert_eq!(text(bytes, &limits()), ("机密 A&B".to_owned(), None), "{case}");
    }
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn declared_entities_are_refused() {
    let bomb = b"<!DOCTYPE a [<!ENTITY b \"bbbbbbbb\">]><a>&b;</a>";
    assert_eq!(text(bomb, &limits()).1.expect("refused").reason, FaultReason::Damaged);
    assert_eq!(text(b"<!DOCTYPE a SYSTEM \"a.dtd\"><a>&b;</a>", &limits()), ("&b;".to_owned(), None));
}

#[test]
fn xml_is_bounded_in_depth_and_in_the_size_of_a_piece() {
    let deep = "<a>".repeat(10_000);
    assert_eq!(text(deep.as_bytes(), &limits()).1.expect("too deep").reason, FaultReason::Limit);
    let mut limits = limits();
    limits.content_text_bytes = 100;
    let long = format!("<a>{}</a>", "b".repeat(1000));
    assert_eq!(text(long.as_bytes(), &limits).1, None, "one buffer is read in any case");
    let mut package_limits = limits.clone();
    package_limits.content_text_bytes = 100;
    let packed = package(&[("a.xml", format!("<a>{}</a>", "b".repeat(100_000)).as_bytes())]);
    let package = Package::open(&source(&packed), &package_limits).expect("opens");
    let read = package.xml("a.xml", |xml| {
        while xml.node()?.is_some() {}
        Ok(())
    });
    assert_eq!(read.expect("there").expect_err("too long").reason, FaultReason::Limit);
}

#[test]
fn xml_that_ends_too_early_keeps_its_text_and_is_damaged() {
    let (text, fault) = text(b"<a><b>one</b>two", &limits());
    assert_eq!((text.as_str(), fault.expect("cut").reason), ("onetwo", FaultReason::Damaged));
}

#[test]
fn attributes_are_told_apart_by_their_prefix() {
    let mut xml =
        Xml::of(b"<p:a id='1' r:id='x&amp;y'><b>in<c>side</c></b>after</p:a>", "a", &limits()).expect("opens");
    let Ok(Some(Node::Start(element))) = xml.node() else { panic!("an element") };
    let found = (element.name(), element.attribute("id"), element.prefixed("id"), element.attribute("none"));
    assert_eq!(found, ("a", Some("1".to_owned()), Some("x&y".to_owned()), None));
    assert!(matches!(xml.node(), Ok(Some(Node::Start(_)))));
    assert_eq!(xml.text(100).as_deref(), Ok("inside"));
    assert!(matches!(xml.node(), Ok(Some(Node::Text(text))) if text == "after"));
}
